#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace tests::soak
{

/// Memory of this process that is in RAM. 0 where the system does not say.
[[nodiscard]] std::int64_t residentKilobytes();
/// What is in use on the heap: neither what was given back nor what lies between. 0 where the C library does not say.
[[nodiscard]] std::int64_t heapKilobytes();
[[nodiscard]] int openDescriptors();
/// The least of the values whose time lies in [from, to); 0 without any. What is never given back raises it.
[[nodiscard]] double leastBetween(const std::vector<std::pair<double, double>> &points, double from, double to);

/// Slope of the straight line with the least squares through (seconds, value), per hour. 0 with fewer than three points.
[[nodiscard]] double slopePerHour(const std::vector<std::pair<double, double>> &points);

} // namespace tests::soak
