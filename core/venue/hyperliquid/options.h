#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/venue/hyperliquid/faults.h"
#include "core/venue/options.h"

namespace core::venue::hyperliquid
{

/// One row of the universe. Its place in the list is its asset id, delisted rows included.
struct CoinOptions {
    struct Tier {
        Money lowerBound;
        int maxLeverage{1};
    };
    std::string name; ///< "BTC"
    int szDecimals{0};
    int maxLeverage{1};
    int marginTableId{1};    ///< below 50: one tier, and the table is not listed
    std::vector<Tier> tiers; ///< empty: one tier at maxLeverage
    Price startPrice;
    Ratio fundingRate{Ratio::fromRaw(1'250)}; ///< hourly: 0.0000125
    bool isDelisted{false};
    bool onlyIsolated{false};
};

/// Where an account keeps its dollars; the words of `userAbstraction`.
enum class AccountMode { Standard, Unified, PortfolioMargin, Default, DexAbstraction };
[[nodiscard]] std::string_view wireText(AccountMode mode);

struct AgentOptions {
    std::string address;
    std::string name;                  ///< empty: the unnamed one
    std::optional<UtcTime> validUntil; ///< absent: for ever
};

struct HyperliquidAccount {
    std::string address;           ///< "0x" and 40 lower-case digits
    std::string master;            ///< empty: is a master itself
    Money balance;                 ///< USDC
    AccountMode mode{AccountMode::Standard};
    int leverage{20};              ///< of coins that nobody has set
    Money tradedVolume;            ///< before the start; opens scheduleCancel and adds to the request budget
    std::vector<InitialPosition> positions;
    std::vector<AgentOptions> agents;
};

/// Everything that a test or a demo may want to know of one account. Keys are throw-away keys of the loopback.
struct TestAccount {
    std::string accountAddress;
    std::string masterAddress;
    std::string masterKey; ///< 64 hex digits after "0x"
    std::string agentAddress;
    std::string agentKey;
};
/// The same for the same seed.
[[nodiscard]] std::vector<TestAccount> testAccounts(std::uint64_t seed, std::size_t count);

struct HyperliquidOptions {
    std::vector<CoinOptions> coins;
    std::vector<HyperliquidAccount> accounts;
    ScenarioOptions::Kind scenario{ScenarioOptions::Kind::FlashCrash};
    std::uint64_t seed{1};
    bool isMainnet{true}; ///< which signing source is right
    Ratio takerFee{Ratio::fromRaw(45'000)};
    Ratio makerFee{Ratio::fromRaw(15'000)};
    int weightPerMinute{1200};
    std::int64_t requestBudget{10'000};    ///< of an address, before one per dollar traded
    Money scheduleCancelVolume{Money::fromRaw(1'000'000 * kDecimalOne)};
    Ratio priceBand{Ratio::fromRaw(80'000'000)}; ///< limit prices lie this far from the mark at most
    std::size_t openOrdersMax{5000};
    std::size_t retainedOrdersMax{2000};   ///< orderStatus forgets older ones
    Duration slowBookInterval{std::chrono::seconds{5}};
    Duration fastBookInterval{std::chrono::milliseconds{500}};
    std::uint16_t httpPort{0};      ///< 0: any free one
    std::uint16_t webSocketPort{0}; ///< 0: any free one
    std::size_t socketBacklogMax{8U << 20U};
    DeskFaults faults;
    FaultPlan faultPlan{}; ///< counted and timed from the start; may be replaced while it runs
    bool control{false};   ///< opens the control endpoint on a port of its own
};

/// BTC, ETH, MATIC (delisted), SOL, DOGE, HYPE at their places, with margin tables.
[[nodiscard]] std::vector<CoinOptions> typicalCoins();
/// Those coins, `accountCount` funded test accounts of `seed`, each with one agent.
[[nodiscard]] HyperliquidOptions typicalOptions(std::uint64_t seed, std::size_t accountCount);
/// InvalidArgument naming the field.
[[nodiscard]] Result<void> validate(const HyperliquidOptions &options);

} // namespace core::venue::hyperliquid
