#pragma once

#include <algorithm>
#include <cstdint>

#include "core/base/clock.h"

namespace core::venue
{

/// Milliseconds that a request names, whatever they are; beyond our clock (years 1684 to 2255) they count as its end.
[[nodiscard]] constexpr UtcTime requestTime(std::int64_t milliseconds)
{
    constexpr std::int64_t kFar = 9'000'000'000'000;
    return utcFromMilliseconds(std::clamp(milliseconds, -kFar, kFar));
}

} // namespace core::venue
