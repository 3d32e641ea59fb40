#include "tests/e2e/recorded_lines.h"

namespace tests
{

namespace
{
/// A trade with the given price and quantity members.
[[nodiscard]] QByteArray trade(const QByteArray &members)
{
    return R"(1723161255030314667 {"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256322,"T":1723161256322,"s":"BTCUSDT","t":1,)" +
           members + R"("X":"MARKET","m":false}})";
}
} // namespace

QByteArray goodRecordedLine()
{
    return R"(1723161255030314660 {"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256322,"T":1723161256322,"s":"BTCUSDT","t":5266583935,"p":"61800.30","q":"0.006","X":"MARKET","m":false,"fresh":"field"}})";
}

std::vector<NamedLine> badRecordedLines()
{
    return {{"garbage", "what is this"},
            {"cut off", trade({}).left(70)},
            {"a 400-digit price", trade(R"("p":")" + QByteArray(400, '9') + R"(","q":"0.006",)")},
            {"NaN", trade(R"("p":"NaN","q":"0.006",)")},
            {"no quantity", trade(R"("p":"1",)")}};
}

} // namespace tests
