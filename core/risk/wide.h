#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

#include "core/domain/fixed8.h"

namespace core::risk
{

/// 128-bit intermediates of the risk engine. Money that is summed over positions is held in units of 1e-16 (price × quantity
/// without rounding), so that sums do not depend on their order. Outside the range of Money nothing is a value.
__extension__ using Wide = __int128;

inline constexpr Wide kWideOne = kDecimalOne;
inline constexpr Wide kWideMax = static_cast<Wide>(std::numeric_limits<std::int64_t>::max()) * kWideOne;

[[nodiscard]] constexpr Wide wide(Money money) { return static_cast<Wide>(money.raw()) * kWideOne; }

[[nodiscard]] inline double approximately(Wide value)
{
    constexpr double kHigh = 18446744073709551616.0; // 2^64
    return static_cast<double>(static_cast<std::int64_t>(value >> 64)) * kHigh +
           static_cast<double>(static_cast<std::uint64_t>(value));
}

/// a ÷ b, b > 0, rounded as named (Floor or Ceil). Exact: a quotient that double can guess to one or two is put right by its rest,
/// which costs a fifth of a 128-bit division; it is taken some forty times for each mark.
[[nodiscard]] inline Wide divided(Wide a, Wide b, Rounding rounding)
{
    constexpr double kGuessable = 1125899906842624.0; // 2^50
    const double guess = approximately(a) / approximately(b);
    Wide quotient = 0;
    if (guess < kGuessable && guess > -kGuessable) {
        quotient = static_cast<std::int64_t>(guess);
        Wide rest = a - quotient * b;
        for (; rest < 0; rest += b)
            --quotient;
        for (; rest >= b; rest -= b)
            ++quotient;
        return rounding == Rounding::Ceil && rest != 0 ? quotient + 1 : quotient;
    }
    quotient = a / b;
    const Wide rest = a - quotient * b;
    if (rounding == Rounding::Ceil)
        return rest > 0 ? quotient + 1 : quotient;
    return rest < 0 ? quotient - 1 : quotient;
}

/// a × b ÷ c, c > 0. When a × b does not fit, a and c lose low bits together (relative error below 1e-8), a toward the side of
/// the rounding.
[[nodiscard]] inline Wide mulDivWide(Wide a, Wide b, Wide c, Rounding rounding)
{
    Wide product = 0;
    while (__builtin_mul_overflow(a, b, &product)) {
        Wide &longer = (a < 0 ? -a : a) > (b < 0 ? -b : b) ? a : b;
        longer = divided(longer, 256, rounding);
        c = std::max<Wide>(c / 256, 1);
    }
    return divided(product, c, rounding);
}

[[nodiscard]] constexpr std::int64_t saturated(Wide value)
{
    constexpr Wide low = std::numeric_limits<std::int64_t>::min();
    constexpr Wide high = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::clamp(value, low, high));
}
/// a ÷ b as a ratio that never leaves its range; b > 0.
[[nodiscard]] inline Ratio ratioOfWide(Wide a, Wide b, Rounding rounding)
{
    constexpr Wide kPlain = static_cast<Wide>(1) << 100; // × 1e8 still fits
    if (a < kPlain && a > -kPlain)
        return Ratio::fromRaw(saturated(divided(a * kWideOne, b, rounding)));
    return Ratio::fromRaw(saturated(mulDivWide(a, kWideOne, b, rounding)));
}
[[nodiscard]] inline Money moneyOfWide(Wide value, Rounding rounding)
{
    return Money::fromRaw(saturated(divided(value, kWideOne, rounding)));
}
/// The product of two 1e-8 numbers in 1e-16 when it lies within the range of Money.
[[nodiscard]] constexpr std::optional<Wide> productWide(Wide a, std::int64_t b)
{
    constexpr Wide kHalf = static_cast<Wide>(1) << 63;
    if (a >= kHalf || a < -kHalf)
        return std::nullopt;
    const Wide result = a * b; // 64 × 64 bits
    return result > kWideMax || result < -kWideMax ? std::nullopt : std::optional(result);
}

/// A statistical figure back to a ratio, rounded as named; saturates. REQUIRES: not NaN.
[[nodiscard]] inline Ratio ratioOfDouble(double value, Rounding rounding)
{
    const double raw = value * static_cast<double>(kDecimalOne);
    if (raw >= 9.2e18)
        return Ratio::fromRaw(std::numeric_limits<std::int64_t>::max());
    if (raw <= -9.2e18)
        return Ratio::fromRaw(std::numeric_limits<std::int64_t>::min());
    const auto whole = static_cast<std::int64_t>(raw); // toward zero
    const double rest = raw - static_cast<double>(whole);
    if (rounding == Rounding::Ceil)
        return Ratio::fromRaw(rest > 0 ? whole + 1 : whole);
    return Ratio::fromRaw(rest < 0 ? whole - 1 : whole);
}

} // namespace core::risk
