#pragma once

#include <string_view>

#include "core/base/result.h"
#include "core/exchange/hyperliquid/messages_info.h"

/// Answers of `POST /info` (HTTP 200 bodies, or the payload of PostAnswer::Kind::Info). Pure, any thread.
/// Each fails with ParseFailed or OutOfRange naming endpoint and field; never throws. Source:
/// reference/hyperliquid.md section 2.
namespace core::exchange::hyperliquid
{

[[nodiscard]] Result<Meta> parseMeta(std::string_view body);
/// `allPerpMetas`, in either shape that is reported (metas, or pairs of meta and contexts); position is the
/// dex index.
[[nodiscard]] Result<std::vector<Meta>> parseAllPerpMetas(std::string_view body);
[[nodiscard]] Result<MetaAndContexts> parseMetaAndAssetCtxs(std::string_view body);
[[nodiscard]] Result<std::vector<PerpDex>> parsePerpDexs(std::string_view body);
[[nodiscard]] Result<std::vector<TokenRow>> parseSpotTokens(std::string_view body); ///< `spotMeta`
[[nodiscard]] Result<Mids> parseAllMids(std::string_view body, UtcTime receivedAt);
/// NotFound for `null`: the venue does not know the coin.
[[nodiscard]] Result<BookSnapshot> parseL2Book(std::string_view body, UtcTime receivedAt);
/// `closed` where the interval's last millisecond lies before `venueNow`; taker and quote volume are not said
/// (0).
[[nodiscard]] Result<std::vector<Candle>> parseCandleSnapshot(std::string_view body, UtcTime venueNow);
[[nodiscard]] Result<std::vector<Trade>> parseRecentTrades(std::string_view body, UtcTime receivedAt);
[[nodiscard]] Result<std::vector<FundingRate>> parseFundingHistory(std::string_view body);

[[nodiscard]] Result<PerpAccount> parseClearinghouseState(std::string_view body, UtcTime receivedAt);
[[nodiscard]] Result<SpotAccount> parseSpotClearinghouseState(std::string_view body);
/// A word that is not known is AccountMode::Unknown, not an error.
[[nodiscard]] Result<AccountMode> parseUserAbstraction(std::string_view body);
[[nodiscard]] Result<AssetSetting> parseActiveAssetData(std::string_view body);

/// `openOrders` and `frontendOpenOrders`; of the former triggers look like limits: ask for the latter.
[[nodiscard]] Result<std::vector<OrderRow>> parseOpenOrders(std::string_view body, UtcTime receivedAt);
[[nodiscard]] Result<FoundOrder> parseOrderStatus(std::string_view body, UtcTime receivedAt);
[[nodiscard]] Result<std::vector<OrderRow>> parseHistoricalOrders(std::string_view body, UtcTime receivedAt);
[[nodiscard]] Result<std::vector<FillRow>> parseUserFills(std::string_view body, UtcTime receivedAt);
[[nodiscard]] Result<std::vector<FillRow>> parseTwapSliceFills(std::string_view body, UtcTime receivedAt);
[[nodiscard]] Result<std::vector<FundingRow>> parseUserFunding(std::string_view body);
/// `account`: see decodeUserEvent.
[[nodiscard]] Result<std::vector<LedgerRow>> parseLedgerUpdates(std::string_view body,
                                                                std::string_view account);

[[nodiscard]] Result<UserFees> parseUserFees(std::string_view body);
[[nodiscard]] Result<UserRateLimit> parseUserRateLimit(std::string_view body);
[[nodiscard]] Result<std::vector<Agent>> parseExtraAgents(std::string_view body);
[[nodiscard]] Result<UserRole> parseUserRole(std::string_view body);
[[nodiscard]] Result<ExchangeStatus> parseExchangeStatus(std::string_view body);
[[nodiscard]] Result<std::vector<PortfolioSpan>> parsePortfolio(std::string_view body);

} // namespace core::exchange::hyperliquid
