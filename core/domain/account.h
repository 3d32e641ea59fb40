#pragma once

#include <optional>

#include "core/base/clock.h"
#include "core/domain/fixed8.h"
#include "core/domain/ids.h"
#include "core/domain/market_data.h"
#include "core/domain/order.h"

namespace core
{

enum class Direction { Long, Short };
enum class MarginMode { Cross, Isolated };
/// Whether a fact came from the venue's stream or from an answer to our question.
enum class Source { Stream, Query };
[[nodiscard]] std::string_view name(Direction direction);
[[nodiscard]] std::string_view name(MarginMode mode);
[[nodiscard]] std::string_view name(Source source);

/// Which of the user's accounts. The label is theirs ("main", "demo"); it is not a key.
using AccountId = ShortText<40, struct AccountIdTag>;

/// A position as the venue states it. quantity 0 is flat (direction and entry are then without meaning).
struct Position {
    InstrumentKey instrument;
    PositionSide positionSide{PositionSide::Both};
    Direction direction{Direction::Long};
    Quantity quantity;
    Price entryPrice;
    std::optional<Price> markPrice;
    std::optional<Money> unrealizedPnl;     ///< at mark, before the closing fee
    std::optional<Price> liquidationPrice;  ///< the venue's own; absent: none or not said
    std::optional<int> leverage;
    std::optional<MarginMode> marginMode;
    std::optional<Money> initialMargin;
    std::optional<Money> maintenanceMargin;
    std::optional<Money> isolatedMargin{}; ///< Isolated: what backs this position, with its unrealised result
    UtcTime venueTime;
    UtcTime receivedAt;
    [[nodiscard]] bool isFlat() const { return quantity.isZero(); }
    friend bool operator==(const Position &, const Position &) = default;
};

/// Totals of one account in one settlement asset. Equity is wallet + unrealised (never the wallet alone).
struct AccountSnapshot {
    AccountId account;
    Asset asset;
    Money walletBalance;
    Money unrealizedPnl;
    Money equity;
    Money available;
    Money initialMargin;
    Money maintenanceMargin;
    UtcTime venueTime;
    UtcTime receivedAt;
    friend bool operator==(const AccountSnapshot &, const AccountSnapshot &) = default;
};

/// What the account pays of the notional; negative: it receives. From its own schedule, never assumed.
struct FeeRates {
    Ratio maker;
    Ratio taker;
    friend bool operator==(const FeeRates &, const FeeRates &) = default;
};

/// One funding payment of one position. Identity is (instrument, time).
struct FundingPayment {
    InstrumentKey instrument;
    Money amount; ///< positive: received
    Asset asset;
    std::optional<Ratio> rate;
    UtcTime venueTime;
    friend bool operator==(const FundingPayment &, const FundingPayment &) = default;
};

/// Money that came or went without a trade. Identity is `id`.
struct Transfer {
    Venue venue{Venue::Binance};
    std::string id;   ///< the venue's, unique per account
    std::string kind; ///< the venue's word: "TRANSFER", "deposit", …
    Money amount;     ///< positive: into the account
    Asset asset;
    UtcTime venueTime;
    friend bool operator==(const Transfer &, const Transfer &) = default;
};

/// What we believed and what the venue said instead; the venue's word has been taken over.
struct Difference {
    enum class What { Order, Position, Balance, Fill, Funding, Transfer };
    What what{What::Order};
    std::optional<InstrumentKey> instrument;
    std::string id;    ///< of the order, fill or transfer; empty else
    std::string ours;  ///< "new 0.5 @ 60000"; "nothing" when we knew of none
    std::string venue; ///< "filled 0.5"; "nothing" when the venue knows of none
    friend bool operator==(const Difference &, const Difference &) = default;
};
[[nodiscard]] std::string_view name(Difference::What what);

} // namespace core
