#pragma once

#include <vector>

namespace core::analysis
{

/// A shrunk estimate: `values` row-major, size × size.
struct Shrunk {
    std::size_t size{0};
    std::vector<double> values;
    double shrinkage{0}; ///< share of the target, 0 … 1
};

/// Ledoit and Wolf 2004 toward μ·I of a T × N matrix of returns (rows are times), columns demeaned, divisor T. Without rows:
/// empty. methods.md 8.7.
[[nodiscard]] Shrunk ledoitWolf(const std::vector<std::vector<double>> &returns);
/// Correlations: columns demeaned and divided by their population sd first, shrunk, then brought back to a unit diagonal. A column
/// without any movement is uncorrelated to the others.
[[nodiscard]] Shrunk shrunkCorrelation(const std::vector<std::vector<double>> &returns);

} // namespace core::analysis
