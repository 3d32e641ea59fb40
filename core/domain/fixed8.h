#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/decimal.h"
#include "core/base/result.h"

namespace core
{

/// Exact decimal: value = raw / 1e8, range about ±9.2e10. The tag keeps prices, sizes and money apart:
/// price × quantity is money (`notional`), price + quantity does not compile.
template <class Tag> class Fixed8
{
public:
    constexpr Fixed8() = default;
    [[nodiscard]] static constexpr Fixed8 fromRaw(std::int64_t raw)
    {
        Fixed8 value;
        value.m_raw = raw;
        return value;
    }
    [[nodiscard]] constexpr std::int64_t raw() const { return m_raw; }
    [[nodiscard]] constexpr bool isZero() const { return m_raw == 0; }
    [[nodiscard]] constexpr bool isPositive() const { return m_raw > 0; }
    [[nodiscard]] constexpr bool isNegative() const { return m_raw < 0; }
    /// For analysis and drawing only; never on the way to an order.
    [[nodiscard]] constexpr double toDouble() const
    {
        return static_cast<double>(m_raw) / static_cast<double>(kDecimalOne);
    }
    [[nodiscard]] std::string text() const { return decimalText(m_raw); }
    friend constexpr auto operator<=>(Fixed8, Fixed8) = default;

private:
    std::int64_t m_raw{0};
};

using Price = Fixed8<struct PriceTag>;       ///< quote currency per one base unit
using Quantity = Fixed8<struct QuantityTag>; ///< base units, ≥ 0; the side is a separate enum, never a sign
using Money = Fixed8<struct MoneyTag>;       ///< quote currency; may be negative
using Ratio = Fixed8<struct RatioTag>;       ///< a pure number: 0.25 = 25 %; rates, fractions, percent ÷ 100

/// Strict decimal text ("0.00100"). ParseFailed on anything else, also on a ninth non-zero digit.
template <class Value> [[nodiscard]] Result<Value> parseFixed(std::string_view text)
{
    return parseDecimal(text).map([](std::int64_t raw) { return Value::fromRaw(raw); });
}
[[nodiscard]] inline Result<Price> parsePrice(std::string_view text) { return parseFixed<Price>(text); }
[[nodiscard]] inline Result<Quantity> parseQuantity(std::string_view text) { return parseFixed<Quantity>(text); }
[[nodiscard]] inline Result<Money> parseMoney(std::string_view text) { return parseFixed<Money>(text); }

template <class Tag> [[nodiscard]] Result<Fixed8<Tag>> add(Fixed8<Tag> a, Fixed8<Tag> b)
{
    return checkedAdd(a.raw(), b.raw()).map([](std::int64_t raw) { return Fixed8<Tag>::fromRaw(raw); });
}
template <class Tag> [[nodiscard]] Result<Fixed8<Tag>> subtract(Fixed8<Tag> a, Fixed8<Tag> b)
{
    return checkedSub(a.raw(), b.raw()).map([](std::int64_t raw) { return Fixed8<Tag>::fromRaw(raw); });
}

/// price × quantity. OutOfRange when it does not fit; never wraps, never goes through double.
[[nodiscard]] inline Result<Money> notional(Price price, Quantity quantity, Rounding rounding)
{
    return mulDiv(price.raw(), quantity.raw(), kDecimalOne, rounding).map([](std::int64_t raw) {
        return Money::fromRaw(raw);
    });
}
/// value × ratio, in the type of the value.
template <class Tag>
[[nodiscard]] Result<Fixed8<Tag>> scaled(Fixed8<Tag> value, Ratio ratio, Rounding rounding)
{
    return mulDiv(value.raw(), ratio.raw(), kDecimalOne, rounding).map([](std::int64_t raw) {
        return Fixed8<Tag>::fromRaw(raw);
    });
}
/// numerator ÷ denominator as a pure number. InvalidArgument when the denominator is zero.
template <class Tag>
[[nodiscard]] Result<Ratio> ratioOf(Fixed8<Tag> numerator, Fixed8<Tag> denominator, Rounding rounding)
{
    return mulDiv(numerator.raw(), kDecimalOne, denominator.raw(), rounding).map([](std::int64_t raw) {
        return Ratio::fromRaw(raw);
    });
}
/// The multiple of `step` at or below `value`. REQUIRES: step > 0.
template <class Tag> [[nodiscard]] Fixed8<Tag> floorToStep(Fixed8<Tag> value, Fixed8<Tag> step)
{
    return Fixed8<Tag>::fromRaw(roundToStep(value.raw(), step.raw(), Rounding::Floor));
}
/// The multiple of `step` at or above `value`. REQUIRES: step > 0.
template <class Tag> [[nodiscard]] Fixed8<Tag> ceilToStep(Fixed8<Tag> value, Fixed8<Tag> step)
{
    return Fixed8<Tag>::fromRaw(roundToStep(value.raw(), step.raw(), Rounding::Ceil));
}

} // namespace core

template <class Tag> struct std::hash<core::Fixed8<Tag>> {
    [[nodiscard]] std::size_t operator()(core::Fixed8<Tag> value) const noexcept
    {
        return std::hash<std::int64_t>{}(value.raw());
    }
};
