#include <array>

#include "tests/fuzz/differential.h"

namespace binance = core::exchange::binance;

namespace
{
constexpr std::array<std::string_view, 4> kHeads{
    "",
    R"({"e":"ORDER_TRADE_UPDATE","E":1568879465651,"T":1568879465650,"o":{)",
    R"({"e":"ACCOUNT_UPDATE","E":1564745798939,"T":1564745798938,"a":{)",
    R"({"e":"ALGO_UPDATE","T":1750515742297,"E":1750515742303,"o":{)",
};

/// What every consumer relies on, whatever the bytes were.
void checkOrder(const binance::OrderEvent &event)
{
    fuzz::require(!event.order.instrument.symbol.empty());
    fuzz::require(!event.order.quantity.isNegative() && !event.order.filled.isNegative());
    if (event.fill)
        fuzz::require(event.fill->quantity.isPositive() && event.fill->price.isPositive());
}

void checkAccount(const binance::AccountEvent &event)
{
    for (const core::Position &position : event.positions)
        fuzz::require(!position.quantity.isNegative() && !position.entryPrice.isNegative());
}
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    for (const std::string_view head : kHeads) {
        const std::string frame = std::string(head).append(fuzz::text(data, size));
        const auto event = binance::decodeUserEvent(frame, fuzz::kReceived);
        fuzz::require(event.has_value() || !event.error().detail.empty());
        if (!event)
            continue;
        if (const auto *const order = std::get_if<binance::OrderEvent>(&*event))
            checkOrder(*order);
        if (const auto *const account = std::get_if<binance::AccountEvent>(&*event))
            checkAccount(*account);
    }
    return 0;
}
