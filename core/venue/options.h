#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/domain/account.h"
#include "core/domain/instrument.h"
#include "core/venue/faults.h"

namespace core::venue
{

/// One contract of the loopback exchange: what exchangeInfo and leverageBracket will say of it, exactly.
struct VenueInstrument {
    Instrument contract;      ///< tick, steps, bounds, notionalMin, margin tiers (REQUIRES: at least one)
    int pricePrecision{2};    ///< digits after the point in price texts; more of them in a request is -1111
    int quantityPrecision{3}; ///< the same for quantities
    Ratio marketTakeBound{Ratio::fromRaw(5'000'000)}; ///< a market order goes this far from the mark at most
    Ratio triggerProtect{
        Ratio::fromRaw(5'000'000)}; ///< with priceProtect: mark and last may differ by this much
    Ratio liquidationFee{Ratio::fromRaw(1'250'000)}; ///< charged instead of the taker fee on a liquidation
    Ratio fundingRate{Ratio::fromRaw(10'000)}; ///< what premiumIndex states (0.0001); longs pay when positive
    Duration fundingInterval{std::chrono::hours{8}}; ///< settles at its multiples since 1970 UTC
};

/// Where venues differ. The defaults are Binance's.
struct VenueRules {
    /// Reject: a reduce-only limit order that resting ones leave nothing for is refused (-4118). Shrink: it is accepted,
    /// and resting ones lose what the position can no longer cover (Hyperliquid).
    enum class ReduceOnlyRule { Reject, Shrink };
    enum class FundingReference { Mark, Index };
    ReduceOnlyRule reduceOnly{ReduceOnlyRule::Reject};
    FundingReference fundingOn{FundingReference::Mark}; ///< Hyperliquid: the oracle price, which is `index` here
    Duration goodTillMin{std::chrono::seconds{600}};    ///< GoodTilDate lies further away than this
    std::size_t conditionalMax{200};                    ///< open conditional orders per account
    std::size_t openOrdersMax{200};                     ///< resting orders per account and symbol
    Ratio marginCallAt{Ratio::fromRaw(80'000'000)};     ///< maintenance ÷ equity that is announced
    std::size_t amendmentsMax{10'000};                  ///< modifications of one order
    Duration queryDelay{0};                             ///< what happened less long ago is not seen by queries yet
};

/// BTCUSDT-like filters and brackets for any symbol: tick and step as given, the rest typical.
[[nodiscard]] VenueInstrument typicalInstrument(const Symbol &symbol, const Asset &base, Price tickSize,
                                                Quantity stepSize);

/// One more contract of a generated market.
struct ScenarioMarket {
    Symbol symbol; ///< must be among the instruments
    Price startPrice;
};

/// A seeded order-flow process. Same seed and epoch: same bytes.
struct ScenarioOptions {
    enum class Kind { Calm, Trend, Range, FlashCrash, Vacuum, FundingSpike, Outage };
    Kind kind{Kind::FlashCrash};
    std::uint64_t seed{1};
    Symbol symbol;    ///< must be among the instruments
    Price startPrice; ///< 0: 60000 in whole ticks
    Duration crashAfter{std::chrono::seconds{20}}; ///< when the event of the scenario begins, whatever its kind
    Duration crashLength{std::chrono::seconds{8}};
    Ratio crashDepth{Ratio::fromRaw(6'000'000)}; ///< 0.06 = −6 %
    std::vector<ScenarioMarket> more;            ///< further contracts; they move with the first one in part
};

/// Recorded files, one after the other, played from the first snapshot on.
struct RecordingOptions {
    enum class AtEnd { Stop, Loop };
    std::vector<std::string> files;
    Ratio speed{Ratio::fromRaw(kDecimalOne)}; ///< 2 = twice as fast
    AtEnd atEnd{AtEnd::Stop};
};

/// Put on the account when the market starts.
struct InitialPosition {
    Symbol symbol;
    Direction direction{Direction::Long};
    Quantity quantity;
    std::optional<Price> entryPrice; ///< absent: the middle of the book at the start
};

struct AccountOptions {
    std::string apiKey;    ///< letters and digits; the exchange issues 64 of them
    std::string apiSecret; ///< never printed
    Money balance;         ///< in the quote asset
    int leverage{20};
    std::vector<InitialPosition> positions; ///< a hedge account's go to the leg of their direction
    bool hedge{false};
    bool isolated{false}; ///< margin type of every symbol at the start
    bool ed25519{false};            ///< `apiSecret` is a private key: PEM, or its seed in hex
    bool canWithdraw{false};        ///< what apiRestrictions says of the key
};

struct VenueOptions {
    std::vector<VenueInstrument> instruments; ///< empty with a recording: the server finds them in it
    std::variant<ScenarioOptions, RecordingOptions> market;
    std::vector<AccountOptions> accounts;
    VenueRules rules;
    Ratio makerFee{Ratio::fromRaw(20'000)};         ///< 0.0002
    Ratio takerFee{Ratio::fromRaw(50'000)};         ///< 0.0005
    Duration markInterval{std::chrono::seconds{1}}; ///< where the source has no mark prices of its own
    Duration recvWindowMax{std::chrono::seconds{60}};
    int weightLimitPerMinute{2400};
    int orderLimitPerTenSeconds{300};
    int orderLimitPerMinute{1200};
    std::uint16_t httpPort{0};               ///< 0: any free one
    std::uint16_t webSocketPort{0};          ///< 0: any free one
    std::size_t socketBacklogMax{8U << 20U}; ///< a reader that leaves more unread is disconnected
    FaultPlan faults{};  ///< counted and timed from the start; may be replaced while it runs
    bool control{false}; ///< opens the control endpoint on a port of its own
};

/// InvalidArgument naming the field ("contract.tickSize: …").
[[nodiscard]] Result<void> validate(const VenueInstrument &instrument);
/// InvalidArgument naming the field ("accounts[0].leverage: …"). What needs the files is checked when they
/// are opened.
[[nodiscard]] Result<void> validate(const VenueOptions &options);

} // namespace core::venue
