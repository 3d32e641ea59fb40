// Raw strings live here: moc 6.4 loses its way in them.
#include "tests/core/venue/hyperliquid/hyperliquid_fixture.h"

#include <fmt/format.h>

namespace tests
{

QString HyperliquidFixture::order(std::string_view orderJson, std::string_view grouping)
{
    return first(post(orderAction(orderJson, grouping)));
}

QJsonValue HyperliquidFixture::mine(std::string_view type, std::string_view more)
{
    return ask(fmt::format(R"({{"type":"{}","user":"{}"{}}})", type, tests[0].accountAddress, more));
}

std::string orderAction(std::string_view orders, std::string_view grouping)
{
    return fmt::format(R"({{"type":"order","orders":[{}],"grouping":"{}"}})", orders, grouping);
}

std::string limitOrder(int asset, bool isBuy, std::string_view at, std::string_view size, std::string_view tif,
                       bool reduceOnly, std::string_view cloid)
{
    const std::string named = cloid.empty() ? std::string() : fmt::format(R"(,"c":"{}")", cloid);
    return fmt::format(R"({{"a":{},"b":{},"p":"{}","s":"{}","r":{},"t":{{"limit":{{"tif":"{}"}}}}{}}})", asset, isBuy,
                       at, size, reduceOnly, tif, named);
}

std::string triggerOrder(int asset, bool isBuy, std::string_view worst, std::string_view size,
                         std::string_view trigger, std::string_view tpsl, bool reduceOnly)
{
    return fmt::format(R"({{"a":{},"b":{},"p":"{}","s":"{}","r":{},)"
                       R"("t":{{"trigger":{{"isMarket":true,"triggerPx":"{}","tpsl":"{}"}}}}}})",
                       asset, isBuy, worst, size, reduceOnly, trigger, tpsl);
}

std::string groupAction(std::string_view tif, std::string_view size)
{
    return orderAction(limitOrder(0, true, "60001", size, tif) + ',' +
                           triggerOrder(0, false, "57000", size, "59000", "sl") + ',' +
                           triggerOrder(0, false, "58000", size, "61000", "tp"),
                       "normalTpsl");
}

} // namespace tests
