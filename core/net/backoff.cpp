#include "core/net/backoff.h"

#include <algorithm>

#include "core/base/assert.h"

namespace core::net
{

Duration Jitter::upTo(Duration span)
{
    m_state += 0x9E3779B97F4A7C15ULL;
    std::uint64_t mixed = m_state;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
    mixed ^= mixed >> 31;
    if (span <= Duration::zero())
        return Duration::zero();
    return Duration{static_cast<Duration::rep>(mixed % (static_cast<std::uint64_t>(span.count()) + 1))};
}

Backoff::Backoff(Duration least, Duration most, std::uint64_t seed)
    : m_least(least), m_most(most), m_step(least), m_jitter(seed)
{
    CORE_ASSERT(least > Duration::zero() && least <= most, "REQUIRES: 0 < least <= most");
}

Duration Backoff::next()
{
    const Duration step = m_step;
    m_step = step > m_most / 2 ? m_most : step * 2;
    return std::min(m_most, step + m_jitter.upTo(step / 4));
}

} // namespace core::net
