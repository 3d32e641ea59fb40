#pragma once

#include <optional>
#include <vector>

namespace core::risk
{

/// A square symmetric matrix, row-major: correlations R or covariances Σ of returns.
struct Matrix {
    std::size_t size{0};
    std::vector<double> values;
    [[nodiscard]] double at(std::size_t row, std::size_t column) const { return values[row * size + column]; }
};

/// sqrt(x' M x) of signed notionals x: with R the correlated exposure in money, with Σ the portfolio's volatility in money
/// (methods.md 8.8). Rounding noise below zero counts as 0. REQUIRES: sizes agree.
[[nodiscard]] double weighted(const std::vector<double> &notionals, const Matrix &matrix);
/// Largest y ≥ 0 that may be added to asset `index` in direction `sign` (+1, −1) so that `weighted` stays within `cap`; 0 where
/// nothing may. An addition that first takes risk away may go through the low point and up to the cap again.
[[nodiscard]] double largestAddition(const std::vector<double> &notionals, const Matrix &matrix, std::size_t index, int sign,
                                     double cap);

} // namespace core::risk
