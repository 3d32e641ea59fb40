#pragma once

#include "core/base/clock.h"
#include "core/domain/fixed8.h"

namespace core::orders
{

/// Integral of the naked notional over time, in money × seconds, per UTC day; today's and the day before's
/// are kept. Exact: counts of 1e-8 × nanoseconds in 128 bits; only what is read is rounded (up). Time that
/// goes back adds nothing.
class NakedTime
{
public:
    /// The notional that was set last has held until `now`.
    void advance(UtcTime now);
    /// From the last `advance` on.
    void set(Money notional) { m_notional = notional; }
    /// Of the UTC day of `at`, up to `at` when that is the present one.
    [[nodiscard]] Money of(UtcTime at) const;

private:
    __extension__ using Wide = __int128;
    bool m_started{false};
    UtcTime m_last;
    Money m_notional;
    Wide m_today{0};
    Wide m_before{0};
};

} // namespace core::orders
