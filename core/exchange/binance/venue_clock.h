#pragma once

#include <vector>

#include "core/base/clock.h"

namespace core::exchange::binance
{

/// The venue's time: our monotonic clock plus an offset measured by asking. A jump of the wall clock does not
/// touch it. A new measurement that is behind by up to half a second slows it down instead of setting it
/// back; beyond that the venue would refuse our stamps, and it is set. Before the first measurement it is the
/// wall clock. One thread. Source: reference/binance-usdm.md section 2.5.
class VenueClock
{
public:
    static constexpr Duration kSlowedMax = std::chrono::milliseconds{500};

    explicit VenueClock(const Clock &clock) : m_clock(clock) {}

    /// One question: asked and answered at these monotonic times, the answer said `serverTime`.
    void addSample(Duration askedAt, Duration answeredAt, UtcTime serverTime);
    /// Takes over the sample with the shortest round trip; false when there is none.
    bool settle();

    [[nodiscard]] UtcTime now() const;
    [[nodiscard]] bool isSynchronised() const { return m_synchronised; }
    /// Venue minus our wall clock.
    [[nodiscard]] Duration offset() const { return now() - m_clock.now(); }
    [[nodiscard]] Duration roundTrip() const { return m_best.roundTrip; }

private:
    struct Sample {
        Duration roundTrip{0};
        Duration offset{0}; ///< venue time since 1970 minus monotonic time
    };

    const Clock &m_clock;
    std::vector<Sample> m_samples;
    Sample m_best;
    Duration m_ahead{0};   ///< of the measurement at `m_aheadAt`, worn off at half the speed of time
    Duration m_aheadAt{0}; ///< monotonic
    bool m_synchronised{false};
};

} // namespace core::exchange::binance
