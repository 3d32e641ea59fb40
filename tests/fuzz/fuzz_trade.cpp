#include <array>

#include "tests/fuzz/differential.h"

namespace
{
/// Beginnings of every small event, so that each member's reader is reached without the fuzzer having to
/// spell its name.
constexpr std::array<std::string_view, 9> kHeads{
    "",
    R"({"e":"trade","E":1723161256322,"s":"BTCUSDT",)",
    R"({"e":"aggTrade","E":1767139200123,"s":"BTCUSDT",)",
    R"({"e":"bookTicker","u":400900217,"s":"BTCUSDT",)",
    R"({"e":"markPriceUpdate","E":1562305380000,"s":"BTCUSDT",)",
    R"({"e":"kline","E":1638747660000,"s":"BTCUSDT","k":{)",
    R"({"e":"forceOrder","E":1568014460893,"o":{)",
    R"({"e":"24hrTicker","E":1568014460893,"s":"BTCUSDT",)",
    R"([{"e":"markPriceUpdate","E":1562305380000,"s":"BTCUSDT","p":"1"},{"e":"markPriceUpdate",)",
};
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    for (const std::string_view head : kHeads)
        fuzz::checkMarketFrame(std::string(head).append(fuzz::text(data, size)));
    return 0;
}
