#include "core/net/system_clock.h"

#ifdef __linux__
#include <ctime>
#endif

namespace core::net
{

UtcTime SystemClock::now() const
{
    return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
}

Duration SystemClock::monotonic() const
{
#ifdef __linux__
    // The steady clock stands still while the machine sleeps; what was fresh before the lid was closed must not be fresh after.
    timespec at{};
    if (::clock_gettime(CLOCK_BOOTTIME, &at) == 0)
        return std::chrono::seconds{at.tv_sec} + Duration{at.tv_nsec};
#endif
    return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

} // namespace core::net
