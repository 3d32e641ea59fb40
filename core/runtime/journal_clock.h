#pragma once

#include <algorithm>
#include <optional>

#include "core/base/clock.h"

namespace core::runtime
{

/// The time of the journal: the wall clock, which never goes back. Where that one was set back by more than it is ever
/// adjusted by, time goes on by the monotonic clock: every age and deadline of the guard hangs on it. One thread.
class JournalClock
{
public:
    [[nodiscard]] UtcTime stamp(const Clock &clock)
    {
        const UtcTime wall = clock.now();
        const Duration monotonic = clock.monotonic();
        const Duration passed = m_monotonic ? std::max(monotonic - *m_monotonic, Duration::zero()) : Duration::zero();
        m_monotonic = monotonic;
        m_last = m_last - wall >= kSetBack ? m_last + passed : std::max(m_last, wall);
        return m_last;
    }
    /// The newest one that was given out.
    [[nodiscard]] UtcTime last() const { return m_last; }

private:
    static constexpr Duration kSetBack = std::chrono::seconds{1};
    UtcTime m_last;
    std::optional<Duration> m_monotonic;
};

} // namespace core::runtime
