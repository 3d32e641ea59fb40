#include "core/orders/naked_time.h"

#include <algorithm>
#include <limits>

namespace core::orders
{

namespace
{
std::chrono::sys_days dayOf(UtcTime at)
{
    return std::chrono::floor<std::chrono::days>(at);
}
} // namespace

void NakedTime::advance(UtcTime now)
{
    if (!m_started) {
        m_started = true;
        m_last = now;
        return;
    }
    while (now > m_last) {
        const UtcTime midnight = dayOf(m_last) + std::chrono::days{1};
        const UtcTime until = std::min(now, midnight);
        m_today += static_cast<Wide>(m_notional.raw()) * (until - m_last).count();
        m_last = until;
        if (until == midnight) {
            m_before = m_today;
            m_today = 0;
        }
    }
}

Money NakedTime::of(UtcTime at) const
{
    NakedTime then = *this;
    then.advance(at);
    if (!then.m_started)
        return {};
    const auto age = dayOf(then.m_last) - dayOf(at);
    const Wide sum = age == std::chrono::days{0}   ? then.m_today
                     : age == std::chrono::days{1} ? then.m_before
                                                   : 0;
    constexpr Wide kSecond = 1'000'000'000;
    const Wide seconds = sum / kSecond + (sum % kSecond > 0 ? 1 : 0);
    return Money::fromRaw(
        static_cast<std::int64_t>(std::min<Wide>(seconds, std::numeric_limits<std::int64_t>::max())));
}

} // namespace core::orders
