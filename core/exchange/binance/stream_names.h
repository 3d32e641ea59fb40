#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/domain/ids.h"

namespace core::exchange::binance
{

/// The venue serves each kind of stream on one route; on another it is acknowledged and stays silent.
enum class StreamRoute { Public, Market };
/// "public", "market": as in the path.
[[nodiscard]] std::string_view name(StreamRoute route);

/// Kinds of streams that this program asks for.
enum class StreamKind {
    Depth,
    BookTicker,
    AggregateTrade,
    MarkPrice,
    ForceOrder,
    Ticker,
    Kline,
    ContractInfo
};
/// The route map. Source: reference/binance-usdm.md section 1.2.
[[nodiscard]] StreamRoute routeOf(StreamKind kind);
/// "btcusdt@depth@100ms". REQUIRES: not Kline, ContractInfo.
[[nodiscard]] std::string streamName(const Symbol &symbol, StreamKind kind);
/// "!contractInfo": of all contracts.
[[nodiscard]] std::string contractInfoStream();
[[nodiscard]] std::string klineStream(const Symbol &symbol, std::string_view interval);

/// "1m" … "1w"; absent for a length that the venue does not offer (a month has no fixed length).
[[nodiscard]] std::optional<std::string_view> intervalName(Duration length);

} // namespace core::exchange::binance
