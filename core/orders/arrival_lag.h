#pragma once

#include <algorithm>
#include <optional>

#include "core/base/clock.h"

namespace core::orders
{

/// How much later than usual a venue's messages arrive. After SIGCONT, or when a line comes back to life, what had waited is
/// read in one burst: new for us, old at the venue. The clocks may differ by any constant, so the delay is measured
/// against the quickest message of the last 10 to 20 s of arrivals. One per venue; a value; one thread.
class ArrivalLag
{
public:
    /// How much later than usual; 0 for the quickest. A jump of our clock is over after two buckets.
    [[nodiscard]] Duration excess(UtcTime receivedAt, UtcTime venueTime)
    {
        const Duration lag = receivedAt - venueTime;
        if (!m_bucketAt || receivedAt - *m_bucketAt >= kBucket) {
            m_before = m_least;
            m_least = lag;
            m_bucketAt = receivedAt;
        }
        m_least = std::min(*m_least, lag);
        return lag - std::min(*m_least, m_before.value_or(*m_least));
    }

private:
    static constexpr Duration kBucket = std::chrono::seconds{10};
    std::optional<UtcTime> m_bucketAt;
    std::optional<Duration> m_least;  ///< of this bucket
    std::optional<Duration> m_before; ///< of the one before
};

} // namespace core::orders
