#pragma once

#include "core/exchange/hyperliquid/messages_user.h"

namespace core::exchange::hyperliquid
{

/// Where the collateral is and what shares it. Unknown: the program must not trade.
enum class AccountMode { Standard, Unified, PortfolioMargin, Default, DexAbstraction, Unknown };
/// "disabled", "unifiedAccount", … → mode; a word that is not known → Unknown.
[[nodiscard]] AccountMode accountMode(std::string_view word);
[[nodiscard]] std::string_view name(AccountMode mode);

/// `orderUpdates`; carries no user.
struct OrderRows {
    std::vector<OrderRow> rows;
};
/// `userFills`, and `user` with fills. A snapshot repeats history: drop what is known.
struct FillRows {
    std::string user; ///< empty on channel `user`
    bool snapshot{false};
    std::vector<FillRow> rows;
};
struct FundingRows {
    std::string user;
    bool snapshot{false};
    std::vector<FundingRow> rows;
};
struct LedgerRows {
    std::string user;
    bool snapshot{false};
    std::vector<LedgerRow> rows;
};
/// `userHistoricalOrders`.
struct HistoryRows {
    std::string user;
    bool snapshot{false};
    std::vector<OrderRow> rows;
};
/// The account was liquidated (`user` with liquidation). Values absent where the venue's do not fit.
struct LiquidationNotice {
    std::int64_t id{0};
    std::string liquidator, liquidatedUser;
    std::optional<Money> notional, accountValue;
};
/// Orders that the venue ended by itself.
struct VenueCancels {
    struct Row {
        InstrumentKey instrument;
        VenueOrderId order;
        friend bool operator==(const Row &, const Row &) = default;
    };
    std::vector<Row> rows;
};
/// `clearinghouseState` and `allDexsClearinghouseState`: name of the dex and its state.
struct PerpAccounts {
    std::string user;
    bool allDexes{false};
    std::vector<std::pair<std::string, PerpAccount>> dexes;
};
/// The complete list of one dex, each time.
struct OpenOrders {
    std::string dex, user;
    std::vector<OrderRow> rows;
};
struct SpotState {
    std::string user;
    SpotAccount account;
};
/// `webData3`, as far as the program uses it.
struct WebData {
    std::string user;
    std::optional<AccountMode> mode;
    std::string agentAddress; ///< empty: none
    std::optional<UtcTime> agentValidUntil;
    std::optional<UtcTime> serverTime;
    bool isVault{false};
};
struct Notification {
    std::string text;
};

/// Ignored: TWAP news and channels that are not the account's.
using UserEvent =
    std::variant<OrderRows, FillRows, FundingRows, LedgerRows, HistoryRows, LiquidationNotice, VenueCancels,
                 PerpAccounts, OpenOrders, SpotState, AssetSetting, WebData, Notification, Ignored>;

} // namespace core::exchange::hyperliquid
