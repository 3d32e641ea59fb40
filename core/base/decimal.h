#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace core
{

/// int64 counts of 1e-8. The one place where decimal text and 128-bit products are handled; the typed
/// values (Price, Quantity, Money) stand on top of it. No function here goes through double.
inline constexpr std::int64_t kDecimalOne = 100'000'000;

/// How a result that lies between two representable values is rounded. Every rounding is named by its caller.
enum class Rounding { Floor, Ceil, TowardZero, HalfEven };

/// Strict decimal text: optional '-', digits, optional '.' and digits. No exponent, no blank, no leading '+'.
/// Trailing zeros beyond eight places are accepted; a ninth non-zero digit is ParseFailed; a value outside
/// int64 × 1e-8 is OutOfRange. At most 64 characters.
[[nodiscard]] Result<std::int64_t> parseDecimal(std::string_view text);

/// Shortest exact text: "1234.5", "-0.00000001", "0". Reads back to the same count.
[[nodiscard]] std::string decimalText(std::int64_t raw);
void appendDecimal(std::string &out, std::int64_t raw);
/// With exactly `places` (0 to 8) digits after the point. REQUIRES: the dropped digits are zero.
[[nodiscard]] std::string decimalTextFixed(std::int64_t raw, int places);

/// a × b ÷ divisor in 128 bits. OutOfRange when the result does not fit; InvalidArgument when divisor is 0.
[[nodiscard]] Result<std::int64_t> mulDiv(std::int64_t a, std::int64_t b, std::int64_t divisor, Rounding rounding);

/// a + b; OutOfRange instead of wrapping.
[[nodiscard]] Result<std::int64_t> checkedAdd(std::int64_t a, std::int64_t b);
/// a − b; OutOfRange instead of wrapping.
[[nodiscard]] Result<std::int64_t> checkedSub(std::int64_t a, std::int64_t b);

/// The multiple of `step` next to `value` in the named direction. REQUIRES: step > 0.
[[nodiscard]] std::int64_t roundToStep(std::int64_t value, std::int64_t step, Rounding rounding);

} // namespace core
