#include "core/risk/portfolio.h"

#include <algorithm>
#include <cmath>

#include "core/base/assert.h"

namespace core::risk
{

namespace
{
double rowProduct(const std::vector<double> &x, const Matrix &matrix, std::size_t row)
{
    double sum = 0;
    for (std::size_t k = 0; k < x.size(); ++k)
        sum += matrix.at(row, k) * x[k];
    return sum;
}

double quadratic(const std::vector<double> &x, const Matrix &matrix)
{
    CORE_ASSERT(x.size() == matrix.size && matrix.values.size() == matrix.size * matrix.size,
                "REQUIRES: sizes agree");
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
        sum += x[i] * rowProduct(x, matrix, i);
    return sum;
}
} // namespace

double weighted(const std::vector<double> &notionals, const Matrix &matrix)
{
    return std::sqrt(std::max(0.0, quadratic(notionals, matrix)));
}

double largestAddition(const std::vector<double> &notionals, const Matrix &matrix, std::size_t index, int sign, double cap)
{
    const double now = quadratic(notionals, matrix);
    const double cross = rowProduct(notionals, matrix, index);
    const double own = matrix.at(index, index);
    const double root = cross * cross - own * (now - cap * cap);
    if (!(own > 0) || !(root >= 0) || !(cap >= 0))
        return 0;
    return std::max(0.0, (-sign * cross + std::sqrt(root)) / own);
}

} // namespace core::risk
