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
    m_best = *std::min_element(m_samples.begin(), m_samples.end(),
                               [](const Sample &a, const Sample &b) { return a.roundTrip < b.roundTrip; });
    m_samples.clear();
    m_synchronised = true;
    return true;
}

UtcTime VenueClock::now() const
{
    return m_synchronised ? UtcTime{m_clock.monotonic() + m_best.offset} : m_clock.now();
}

} // namespace core::exchange::binance
