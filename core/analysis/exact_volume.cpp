#include "core/analysis/exact_volume.h"

#include <algorithm>
#include <limits>

namespace core::analysis
{

double ExactVolume::toDouble() const
{
    return static_cast<double>(m_raw) / static_cast<double>(kDecimalOne);
}

std::string ExactVolume::text() const
{
    constexpr Wide kMost = std::numeric_limits<std::int64_t>::max();
    if (m_raw <= kMost && m_raw >= -kMost)
        return decimalText(static_cast<std::int64_t>(m_raw));
    const bool negative = m_raw < 0;
    Wide whole = m_raw / kDecimalOne;
    const auto fraction = static_cast<std::int64_t>(m_raw % kDecimalOne); // carries the sign
    std::string digits;
    for (; whole != 0; whole /= 10)
        digits.push_back(static_cast<char>('0' + static_cast<int>(negative ? -(whole % 10) : whole % 10)));
    if (negative)
        digits.push_back('-');
    std::ranges::reverse(digits);
    const std::string tail = decimalText(negative ? -fraction : fraction); // "0" or "0.…"
    return digits + tail.substr(1);
}

Result<Quantity> ExactVolume::quantity() const
{
    if (m_raw > std::numeric_limits<std::int64_t>::max() || m_raw < std::numeric_limits<std::int64_t>::min())
        return fail(ErrorCode::OutOfRange, "volume " + text() + " does not fit a quantity");
    return Quantity::fromRaw(static_cast<std::int64_t>(m_raw));
}

} // namespace core::analysis
