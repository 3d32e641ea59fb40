#include "core/analysis/correlation.h"

#include <algorithm>
#include <cmath>

namespace core::analysis
{

namespace
{
using Rows = std::vector<std::vector<double>>;

Rows demeaned(const Rows &returns, bool standardise)
{
    Rows rows = returns;
    const std::size_t columns = rows.empty() ? 0 : rows.front().size();
    const double count = static_cast<double>(rows.size());
    for (std::size_t k = 0; k < columns; ++k) {
        double mean = 0;
        for (const auto &row : rows)
            mean += row[k] / count;
        double square = 0;
        for (auto &row : rows) {
            row[k] -= mean;
            square += row[k] * row[k] / count;
        }
        if (!standardise)
            continue;
        const double scale = square > 0 ? 1 / std::sqrt(square) : 0;
        for (auto &row : rows)
            row[k] *= scale;
    }
    return rows;
}

/// Shrinkage of rows that have mean zero.
Shrunk shrink(const Rows &rows)
{
    Shrunk result;
    if (rows.empty() || rows.front().empty())
        return result;
    const std::size_t n = result.size = rows.front().size();
    const double count = static_cast<double>(rows.size());
    const double assets = static_cast<double>(n);
    result.values.assign(n * n, 0);
    for (const auto &row : rows) {
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t k = 0; k < n; ++k)
                result.values[i * n + k] += row[i] * row[k] / count;
        }
    }
    double mu = 0;
    for (std::size_t i = 0; i < n; ++i)
        mu += result.values[i * n + i] / assets;
    double distance = 0;
    for (std::size_t i = 0; i < n * n; ++i) {
        const double off = result.values[i] - (i % (n + 1) == 0 ? mu : 0);
        distance += off * off / assets;
    }
    double spread = 0;
    for (const auto &row : rows) {
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t k = 0; k < n; ++k) {
                const double off = row[i] * row[k] - result.values[i * n + k];
                spread += off * off / assets;
            }
        }
    }
    spread /= count * count;
    result.shrinkage = distance > 0 ? std::min(spread, distance) / distance : 0;
    for (std::size_t i = 0; i < n * n; ++i)
        result.values[i] = (1 - result.shrinkage) * result.values[i] + (i % (n + 1) == 0 ? result.shrinkage * mu : 0);
    return result;
}
} // namespace

Shrunk ledoitWolf(const std::vector<std::vector<double>> &returns) { return shrink(demeaned(returns, false)); }

Shrunk shrunkCorrelation(const std::vector<std::vector<double>> &returns)
{
    Shrunk result = shrink(demeaned(returns, true));
    const std::size_t n = result.size;
    std::vector<double> scale(n);
    for (std::size_t i = 0; i < n; ++i) {
        const double own = result.values[i * n + i];
        scale[i] = own > 0 ? 1 / std::sqrt(own) : 0;
    }
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < n; ++k)
            result.values[i * n + k] = i == k ? 1 : result.values[i * n + k] * scale[i] * scale[k];
    }
    return result;
}

} // namespace core::analysis
