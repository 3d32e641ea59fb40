#include "core/exchange/hyperliquid/client_requests.h"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace core::exchange::hyperliquid
{
namespace
{
using namespace std::chrono_literals;

constexpr int kRowsPerWeight = 20;
constexpr int kCandlesPerWeight = 60;
constexpr int kCandlesMost = 5'000;

int weightOf(std::string_view type)
{
    if (type == "userRole")
        return 60;
    if (type == "clearinghouseState" || type == "spotClearinghouseState" || type == "orderStatus")
        return 2;
    return 20;
}

/// Names of coins and dexes come from the venue or the user: nothing may break out of the quotes.
std::string quoted(std::string_view text)
{
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            result += '\\';
        if (static_cast<unsigned char>(c) >= 0x20)
            result += c;
    }
    return result + '"';
}

} // namespace

InfoCall metaRequest(std::string_view dex)
{
    return {.body = dex.empty() ? std::string(R"({"type":"meta"})")
                                : fmt::format(R"({{"type":"meta","dex":{}}})", quoted(dex)),
            .type = "meta",
            .lane = Lane::Read,
            .weight = 20};
}

InfoCall perpDexsRequest()
{
    return {.body = R"({"type":"perpDexs"})", .type = "perpDexs", .lane = Lane::Read, .weight = 20};
}

InfoCall userRequest(std::string_view type, std::string_view user, Lane lane, std::string_view dex)
{
    std::string body = fmt::format(R"({{"type":"{}","user":"{}")", type, user);
    if (!dex.empty())
        body += R"(,"dex":)" + quoted(dex);
    return {.body = body + '}', .type = std::string(type), .lane = lane, .weight = weightOf(type)};
}

InfoCall activeAssetRequest(std::string_view user, std::string_view coin, Lane lane)
{
    return {.body = fmt::format(R"({{"type":"activeAssetData","user":"{}","coin":{}}})", user, quoted(coin)),
            .type = "activeAssetData",
            .lane = lane,
            .weight = 20};
}

InfoCall orderStatusRequest(std::string_view user, std::string_view reference)
{
    const std::string id = reference.starts_with("0x") ? quoted(reference) : std::string(reference);
    return {.body = fmt::format(R"({{"type":"orderStatus","user":"{}","oid":{}}})", user, id),
            .type = "orderStatus",
            .lane = Lane::Protective,
            .weight = weightOf("orderStatus")};
}

InfoCall userRangeRequest(std::string_view type, std::string_view user, UtcTime from, UtcTime to, Lane lane)
{
    const bool fills = type == "userFillsByTime";
    std::string body = fmt::format(R"({{"type":"{}","user":"{}","startTime":{},"endTime":{})", type, user,
                                   toMilliseconds(from), toMilliseconds(to));
    if (fills)
        body += R"(,"aggregateByTime":false)";
    return {.body = body + '}',
            .type = std::string(type),
            .lane = lane,
            .weight = 20,
            .rowsPerWeight = kRowsPerWeight,
            .rowsMost = static_cast<int>(fills ? kFillsPerPage : kRowsPerPage)};
}

InfoCall candlesRequest(std::string_view coin, std::string_view interval, UtcTime from, UtcTime to)
{
    return {.body = fmt::format(
                R"({{"type":"candleSnapshot","req":{{"coin":{},"interval":"{}","startTime":{},"endTime":{}}}}})",
                quoted(coin), interval, toMilliseconds(from), toMilliseconds(to)),
            .type = "candleSnapshot",
            .lane = Lane::History,
            .weight = 20,
            .rowsPerWeight = kCandlesPerWeight,
            .rowsMost = kCandlesMost};
}

InfoCall fundingHistoryRequest(std::string_view coin, UtcTime from, UtcTime to)
{
    return {.body = fmt::format(R"({{"type":"fundingHistory","coin":{},"startTime":{},"endTime":{}}})", quoted(coin),
                                toMilliseconds(from), toMilliseconds(to)),
            .type = "fundingHistory",
            .lane = Lane::History,
            .weight = 20,
            .rowsPerWeight = kRowsPerWeight,
            .rowsMost = static_cast<int>(kRowsPerPage)};
}

InfoCall recentTradesRequest(std::string_view coin)
{
    return {.body = fmt::format(R"({{"type":"recentTrades","coin":{}}})", quoted(coin)),
            .type = "recentTrades",
            .lane = Lane::History,
            .weight = 20,
            .rowsPerWeight = kRowsPerWeight,
            .rowsMost = static_cast<int>(kRowsPerPage)};
}

std::string_view intervalWord(Duration length)
{
    static constexpr std::array<std::pair<Duration, std::string_view>, 13> kIntervals{
        {{1min, "1m"}, {3min, "3m"}, {5min, "5m"}, {15min, "15m"}, {30min, "30m"}, {1h, "1h"}, {2h, "2h"},
         {4h, "4h"}, {8h, "8h"}, {12h, "12h"}, {24h, "1d"}, {72h, "3d"}, {168h, "1w"}}};
    for (const auto &[known, word] : kIntervals) {
        if (known == length)
            return word;
    }
    return {};
}

} // namespace core::exchange::hyperliquid
