#pragma once

#include <cstdlib>

#include "core/base/assert.h"
#include "core/base/decimal.h"
#include "core/venue/account_position.h"

/// Arithmetic of the loopback accounts: amounts that passed the order checks fit, anything else is a broken invariant.
namespace core::venue::money
{

template <class T> [[nodiscard]] T fits(Result<T> value)
{
    CORE_ASSERT(value.has_value(), "Invariant: amounts of a loopback account fit into Money");
    return value ? *value : T{};
}
[[nodiscard]] inline Money plus(Money a, Money b)
{
    return fits(add(a, b));
}
[[nodiscard]] inline Money minus(Money a, Money b)
{
    return fits(subtract(a, b));
}
[[nodiscard]] inline Money negated(Money value)
{
    return Money::fromRaw(-value.raw());
}
[[nodiscard]] inline Money absolute(Money value)
{
    return value.isNegative() ? negated(value) : value;
}
[[nodiscard]] inline Quantity magnitude(SignedQuantity quantity)
{
    return Quantity::fromRaw(std::llabs(quantity));
}
[[nodiscard]] inline Money dividedUp(Money value, int divisor)
{
    return Money::fromRaw(fits(mulDiv(value.raw(), 1, divisor, Rounding::Ceil)));
}
/// value × part ÷ whole, half to even.
[[nodiscard]] inline Money shareOf(Money value, std::int64_t part, std::int64_t whole)
{
    return Money::fromRaw(fits(mulDiv(value.raw(), part, whole, Rounding::HalfEven)));
}

} // namespace core::venue::money
