#pragma once

#include <compare>
#include <string>

#include "core/domain/fixed8.h"
#include "core/market/wide.h"

namespace core::analysis
{

/// An exact sum of quantities: a 128-bit count of 1e-8 base units. A day of a coin that costs a millionth
/// passes the range of Quantity; a sum here does not. Differences (delta) may be negative. Nothing rounds,
/// nothing wraps below 10^30 units.
class ExactVolume
{
public:
    constexpr ExactVolume() = default;
    [[nodiscard]] static constexpr ExactVolume fromRaw(Wide raw)
    {
        ExactVolume volume;
        volume.m_raw = raw;
        return volume;
    }
    [[nodiscard]] static constexpr ExactVolume from(Quantity quantity) { return fromRaw(quantity.raw()); }

    [[nodiscard]] constexpr Wide raw() const { return m_raw; }
    [[nodiscard]] constexpr bool isZero() const { return m_raw == 0; }
    /// For drawing and statistics.
    [[nodiscard]] double toDouble() const;
    /// Shortest exact decimal text.
    [[nodiscard]] std::string text() const;
    /// OutOfRange when it does not fit.
    [[nodiscard]] Result<Quantity> quantity() const;

    constexpr ExactVolume &operator+=(ExactVolume other)
    {
        m_raw += other.m_raw;
        return *this;
    }
    friend constexpr ExactVolume operator+(ExactVolume a, ExactVolume b)
    {
        return fromRaw(a.m_raw + b.m_raw);
    }
    friend constexpr ExactVolume operator-(ExactVolume a, ExactVolume b)
    {
        return fromRaw(a.m_raw - b.m_raw);
    }
    friend constexpr auto operator<=>(ExactVolume a, ExactVolume b) = default;

private:
    Wide m_raw{0};
};

} // namespace core::analysis
