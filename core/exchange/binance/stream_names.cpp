#include "core/exchange/binance/stream_names.h"

#include <array>
#include <utility>

#include "core/base/assert.h"

namespace core::exchange::binance
{
namespace
{
using namespace std::chrono_literals;

/// Stream names are lower case, as far as ASCII goes; some contracts have Chinese names.
std::string lowered(std::string_view text)
{
    std::string result(text);
    for (char &c : result) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    }
    return result;
}

constexpr std::array<std::pair<Duration, std::string_view>, 14> kIntervals{{{1min, "1m"},
                                                                            {3min, "3m"},
                                                                            {5min, "5m"},
                                                                            {15min, "15m"},
                                                                            {30min, "30m"},
                                                                            {1h, "1h"},
                                                                            {2h, "2h"},
                                                                            {4h, "4h"},
                                                                            {6h, "6h"},
                                                                            {8h, "8h"},
                                                                            {12h, "12h"},
                                                                            {24h, "1d"},
                                                                            {72h, "3d"},
                                                                            {168h, "1w"}}};

} // namespace

std::string_view name(StreamRoute route)
{
    return route == StreamRoute::Public ? "public" : "market";
}

StreamRoute routeOf(StreamKind kind)
{
    return kind == StreamKind::Depth || kind == StreamKind::BookTicker ? StreamRoute::Public
                                                                       : StreamRoute::Market;
}

std::string streamName(const Symbol &symbol, StreamKind kind)
{
    const std::string base = lowered(symbol.view());
    switch (kind) {
    case StreamKind::Depth:
        return base + "@depth@100ms";
    case StreamKind::BookTicker:
        return base + "@bookTicker";
    case StreamKind::AggregateTrade:
        return base + "@aggTrade";
    case StreamKind::MarkPrice:
        return base + "@markPrice@1s";
    case StreamKind::ForceOrder:
        return base + "@forceOrder";
    case StreamKind::Ticker:
        return base + "@ticker";
    case StreamKind::Kline:
    case StreamKind::ContractInfo:
        break;
    }
    CORE_ASSERT(false, "REQUIRES: a stream of one contract without further parts");
    return {};
}

std::string contractInfoStream()
{
    return "!contractInfo";
}

std::string klineStream(const Symbol &symbol, std::string_view interval)
{
    return lowered(symbol.view()) + "@kline_" + std::string(interval);
}

std::optional<std::string_view> intervalName(Duration length)
{
    for (const auto &[known, text] : kIntervals) {
        if (known == length)
            return text;
    }
    return std::nullopt;
}

} // namespace core::exchange::binance
