#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace tests::soak
{

/// Memory of this process that is in RAM. 0 where the system does not say.
[[nodiscard]] std::int64_t residentKilobytes();
[[nodiscard]] int openDescriptors();

/// Slope of the straight line with the least squares through (seconds, value), per hour. 0 with fewer than three points.
[[nodiscard]] double slopePerHour(const std::vector<std::pair<double, double>> &points);

} // namespace tests::soak
