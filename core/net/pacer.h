#pragma once

#include "core/base/clock.h"

namespace core::net
{

/// Spaces events out: at most `burst` at once and from then on one per `interval`. Every caller gets a place
/// of its own in the row. Pure; monotonic time comes in; one thread. REQUIRES: burst ≥ 1, interval ≥ 0 (0: no
/// limit).
class Pacer
{
public:
    Pacer(Duration interval, int burst) : m_interval(interval), m_tolerance(interval * (burst - 1)) {}

    /// Takes the next place and says how long it is until then.
    [[nodiscard]] Duration reserve(Duration now)
    {
        const Duration due = m_next > now ? m_next : now;
        m_next = due + m_interval;
        return due - now > m_tolerance ? due - now - m_tolerance : Duration::zero();
    }
    /// Nobody has taken a place yet.
    void reset() { m_next = Duration::min(); }

private:
    Duration m_interval;
    Duration m_tolerance;
    Duration m_next{Duration::min()};
};

} // namespace core::net
