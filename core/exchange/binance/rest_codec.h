#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/domain/account.h"
#include "core/domain/instrument.h"
#include "core/domain/market_data.h"
#include "core/domain/order.h"
#include "core/exchange/binance/api_error.h"
#include "core/exchange/binance/codec_instruments.h"
#include "core/exchange/binance/messages.h"
#include "core/net/rate_budget.h"
#include "core/net/secret.h"

namespace core::exchange::binance
{

// Cold REST answers ⇄ values, by QJson. Every reader is pure, ignores unknown fields and fails with
// ParseFailed or OutOfRange naming endpoint and field ("positionRisk[2].entryPrice: …"); none throws.
// Decimals are exact. Source: reference/binance-usdm.md sections 3 and 6.

struct ExchangeInfo {
    net::BudgetLimits limits;
    std::vector<Instrument> instruments; ///< without margin tiers
    std::vector<RefusedContract> refused; ///< listed, but not usable here
};
/// Only contracts in `wanted` are read; all when it is empty.
[[nodiscard]] Result<ExchangeInfo> parseExchangeInfo(std::string_view body, std::span<const Symbol> wanted);

/// Version 3 of the position answer lacks these two.
struct SymbolConfig {
    int leverage{0};
    MarginMode marginMode{MarginMode::Cross};
};
using SymbolConfigs = std::map<Symbol, SymbolConfig>;
[[nodiscard]] Result<SymbolConfigs> parseSymbolConfigs(std::string_view body);

/// Versions 2 and 3. A contract that is not listed is flat.
[[nodiscard]] Result<std::vector<Position>>
parsePositionRisk(std::string_view body, const SymbolConfigs &configs, UtcTime receivedAt);

/// One snapshot per asset of the account (versions 2 and 3).
[[nodiscard]] Result<std::vector<AccountSnapshot>> parseAccount(std::string_view body,
                                                                const AccountId &account, UtcTime receivedAt);
struct AssetBalance {
    Asset asset;
    Money wallet;
    Money crossWallet;
    Money crossUnrealizedPnl;
    Money available;
    UtcTime venueTime;
};
[[nodiscard]] Result<std::vector<AssetBalance>> parseBalances(std::string_view body);
/// `GET accountConfig` or `positionSide/dual`: true for hedge mode.
[[nodiscard]] Result<bool> parseHedgeMode(std::string_view body);

/// An acknowledgement (with or without avgPrice) or the answer of a query.
[[nodiscard]] Result<OrderUpdate> parseOrder(std::string_view body, UtcTime receivedAt);
[[nodiscard]] Result<std::vector<OrderUpdate>> parseOrders(std::string_view body, UtcTime receivedAt);
/// Of `algoOrder` (acknowledgement or query) and `openAlgoOrders`.
[[nodiscard]] Result<AlgoEvent> parseAlgo(std::string_view body, UtcTime receivedAt);
[[nodiscard]] Result<std::vector<AlgoEvent>> parseAlgos(std::string_view body, UtcTime receivedAt);
/// Of `batchOrders`: each element an order or a refusal of its own, in the order of the request.
using BatchElement = tl::expected<OrderUpdate, ApiError>;
[[nodiscard]] Result<std::vector<BatchElement>> parseBatch(std::string_view body, UtcTime receivedAt);
/// Fills without client order id: this answer does not carry it.
[[nodiscard]] Result<std::vector<Fill>> parseUserTrades(std::string_view body, UtcTime receivedAt);

/// One row of the cash flow; identity is all of it. Profit and fees of trades are in it too.
struct IncomeRow {
    Symbol symbol; ///< empty: of no contract
    std::string type;
    Money amount; ///< positive: received
    Asset asset;
    UtcTime time;
    std::int64_t transaction{0}; ///< unique within a type
    std::string trade;
    friend auto operator<=>(const IncomeRow &, const IncomeRow &) = default;
};
[[nodiscard]] Result<std::vector<IncomeRow>> parseIncome(std::string_view body);
/// Neither a result of trading nor its cost.
[[nodiscard]] bool isTransfer(const IncomeRow &row);

/// Of `accountConfig`. `movesMoney` is the account's, not the key's.
struct AccountRights {
    bool trades{false};
    bool movesMoney{false};
    bool hedgeMode{false};
    bool multiAssets{false};
};
[[nodiscard]] Result<AccountRights> parseAccountRights(std::string_view body);
[[nodiscard]] Result<FeeRates> parseCommissionRate(std::string_view body);
/// Of `/sapi/v1/account/apiRestrictions`: the key's own.
struct ApiRestrictions {
    bool reads{false};
    bool tradesFutures{false};
    bool withdraws{false};
    bool transfers{false};
    bool restrictedToAddress{false};
    std::optional<UtcTime> expires;
};
[[nodiscard]] Result<ApiRestrictions> parseApiRestrictions(std::string_view body);

/// Object or array. The last cap is the largest money there is when the venue states more.
[[nodiscard]] Result<std::map<Symbol, std::vector<MarginTier>>> parseLeverageBrackets(std::string_view body);
[[nodiscard]] Result<std::vector<MarkPrice>> parsePremiumIndex(std::string_view body, UtcTime receivedAt);
[[nodiscard]] Result<UtcTime> parseServerTime(std::string_view body);
[[nodiscard]] Result<net::Secret> parseListenKey(std::string_view body);

} // namespace core::exchange::binance
