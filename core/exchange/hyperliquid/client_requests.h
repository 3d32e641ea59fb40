#pragma once

#include <string>
#include <string_view>

#include "core/exchange/hyperliquid/info_gateway.h"
#include "core/ports/exchange_client.h"

/// The questions of POST /info with what they cost. Source: reference/hyperliquid.md sections 2, 7.
namespace core::exchange::hyperliquid
{

/// `dex` empty: the venue's own.
[[nodiscard]] InfoCall metaRequest(std::string_view dex);
[[nodiscard]] InfoCall perpDexsRequest();
/// About one account: clearinghouseState, spotClearinghouseState, userAbstraction, userRole, userRateLimit, …
[[nodiscard]] InfoCall userRequest(std::string_view type, std::string_view user, Lane lane,
                                   std::string_view dex = {});
[[nodiscard]] InfoCall activeAssetRequest(std::string_view user, std::string_view coin, Lane lane);
/// `reference`: a cloid's text, or digits.
[[nodiscard]] InfoCall orderStatusRequest(std::string_view user, std::string_view reference);
/// userFillsByTime, userFunding, userNonFundingLedgerUpdates; both ends included.
[[nodiscard]] InfoCall userRangeRequest(std::string_view type, std::string_view user, UtcTime from, UtcTime to,
                                        Lane lane);
[[nodiscard]] InfoCall candlesRequest(std::string_view coin, std::string_view interval, UtcTime from, UtcTime to);
[[nodiscard]] InfoCall fundingHistoryRequest(std::string_view coin, UtcTime from, UtcTime to);
[[nodiscard]] InfoCall recentTradesRequest(std::string_view coin);

inline constexpr std::size_t kFillsPerPage = 2'000;
inline constexpr std::size_t kRowsPerPage = 500;

/// The venue's word of a candle length ("1m"); empty when it has none.
[[nodiscard]] std::string_view intervalWord(Duration length);

} // namespace core::exchange::hyperliquid
