#include "core/domain/instrument.h"

#include <algorithm>

#include "core/base/assert.h"

namespace core
{

namespace
{
/// The grid that a price of this size stands on: the tick, or 10^(digits − significant) where that is coarser.
std::int64_t stepAt(const Instrument &instrument, std::int64_t raw)
{
    const std::int64_t tick = instrument.tickSize.raw();
    if (instrument.significantDigits <= 0)
        return tick;
    std::int64_t step = 1;
    int digits = 0;
    for (std::int64_t rest = raw; rest != 0; rest /= 10)
        ++digits;
    for (int i = instrument.significantDigits; i < digits; ++i)
        step *= 10;
    return std::max(tick, std::min(step, kDecimalOne)); // whole prices are always valid
}
} // namespace

bool isValidPrice(const Instrument &instrument, Price price)
{
    return price.isPositive() && instrument.tickSize.isPositive() &&
           price.raw() % stepAt(instrument, price.raw()) == 0;
}

Result<Price> toValidPrice(const Instrument &instrument, Price price, Rounding rounding)
{
    CORE_ASSERT(price.isPositive() && instrument.tickSize.isPositive(), "REQUIRES: price and tick > 0");
    CORE_ASSERT(rounding == Rounding::Floor || rounding == Rounding::Ceil, "REQUIRES: Floor or Ceil");
    // Rounding up may reach the next power of ten; that is valid on the coarser grid too.
    const std::int64_t raw = roundToStep(price.raw(), stepAt(instrument, price.raw()), rounding);
    if (raw <= 0)
        return fail(ErrorCode::OutOfRange, "price " + price.text() + " is below the smallest valid one");
    return Price::fromRaw(raw);
}

int decimalPlaces(std::int64_t stepRaw)
{
    CORE_ASSERT(stepRaw > 0, "REQUIRES: step > 0");
    int places = 8;
    while (places > 0 && stepRaw % 10 == 0) {
        stepRaw /= 10;
        --places;
    }
    return places;
}

} // namespace core
