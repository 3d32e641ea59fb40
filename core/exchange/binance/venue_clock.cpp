#include "core/exchange/binance/venue_clock.h"

#include <algorithm>

namespace core::exchange::binance
{

void VenueClock::addSample(Duration askedAt, Duration answeredAt, UtcTime serverTime)
{
    if (answeredAt < askedAt)
        return;
    m_samples.push_back({.roundTrip = answeredAt - askedAt,
                         .offset = serverTime.time_since_epoch() - (askedAt + (answeredAt - askedAt) / 2)});
}

bool VenueClock::settle()
{
    if (m_samples.empty())
        return false;
    const UtcTime before = now();
    const bool wasSynchronised = m_synchronised;
    m_ahead = Duration::zero();
    m_best = *std::min_element(m_samples.begin(), m_samples.end(),
                               [](const Sample &a, const Sample &b) { return a.roundTrip < b.roundTrip; });
    m_samples.clear();
    m_synchronised = true;
    if (const Duration ahead = before - now();
        wasSynchronised && ahead > Duration::zero() && ahead <= kSlowedMax) {
        m_ahead = ahead;
        m_aheadAt = m_clock.monotonic();
    }
    return true;
}

UtcTime VenueClock::now() const
{
    if (!m_synchronised)
        return m_clock.now();
    const Duration monotonic = m_clock.monotonic();
    const Duration ahead = m_ahead - (monotonic - m_aheadAt) / 2;
    return UtcTime{monotonic + m_best.offset + std::max(ahead, Duration::zero())};
}

} // namespace core::exchange::binance
