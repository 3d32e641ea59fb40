#pragma once

#include <algorithm>
#include <optional>

#include "core/base/clock.h"

namespace core::orders
{

/// How much later than usual a venue's messages arrive. After SIGCONT, or when a line comes back to life, what had waited is
/// read in one burst: new for us, old at the venue. The clocks may differ by any constant, so the delay is measured
/// against the quickest message of the last 10 to 20 s of arrivals; at first, until they come steadily, against what asking
/// for the venue's time has shown. One per venue; a value; one thread.
class ArrivalLag
{
public:
    /// The venue's clock minus ours, as asking for its time has shown: usual is what a message on its way has, or less.
    /// Another measurement than before: our clock was set, and what came until then says nothing any more.
    void expect(Duration clockOffset)
    {
        if (m_expected && std::chrono::abs(clockOffset + *m_expected) > kJitter)
            *this = {};
        m_expected = -clockOffset;
    }

    /// How much later than usual; 0 for the quickest. A jump of our clock is over after two buckets.
    [[nodiscard]] Duration excess(UtcTime receivedAt, UtcTime venueTime)
    {
        const Duration lag = receivedAt - venueTime;
        settle(receivedAt, lag);
        if (!m_bucketAt || receivedAt - *m_bucketAt >= kBucket) {
            m_before = m_least;
            m_least = lag;
            m_bucketAt = receivedAt;
        }
        m_least = std::min(*m_least, lag);
        const Duration usual = std::min(*m_least, m_before.value_or(*m_least));
        return lag - (m_steady ? usual : std::min(usual, m_expected.value_or(usual)));
    }

private:
    /// What had waited before the first message is read in a burst: its delays fall fast. Once they do not, they are usual.
    void settle(UtcTime receivedAt, Duration lag)
    {
        if (m_steady)
            return;
        if (!m_steadyFrom || lag < *m_reference - kJitter) {
            m_reference = lag;
            m_steadyFrom = receivedAt;
        }
        m_steady = receivedAt - *m_steadyFrom >= kSteadyFor;
    }

    static constexpr Duration kBucket = std::chrono::seconds{10};
    static constexpr Duration kJitter = std::chrono::milliseconds{500};
    static constexpr Duration kSteadyFor = std::chrono::seconds{2};
    std::optional<Duration> m_expected;
    std::optional<Duration> m_reference;
    std::optional<UtcTime> m_steadyFrom;
    bool m_steady{false};
    std::optional<UtcTime> m_bucketAt;
    std::optional<Duration> m_least;  ///< of this bucket
    std::optional<Duration> m_before; ///< of the one before
};

} // namespace core::orders
