#include "core/risk/correlated.h"

#include <cmath>

namespace core::risk
{

namespace
{
constexpr Wide kGrid = 1'000'000'000'000;                // 1e-16 → 1e-4
constexpr std::int64_t kMost = 10'000'000'000'000;       // 1e9 of money
} // namespace

std::size_t CorrelatedSum::add(const std::vector<Ratio> &correlations)
{
    const std::size_t n = m_x.size();
    if (n == m_stride) {
        const std::size_t stride = std::max<std::size_t>(8, m_stride * 2);
        std::vector<std::int64_t> wider(stride * stride, 0);
        for (std::size_t a = 0; a < n; ++a) {
            for (std::size_t b = 0; b < n; ++b)
                wider[a * stride + b] = m_r[a * m_stride + b];
        }
        m_r = std::move(wider);
        m_stride = stride;
    }
    m_x.push_back(0);
    m_rx.push_back(0);
    m_isOutside.push_back(false);
    at(n, n) = kDecimalOne;
    for (std::size_t i = 0; i < n; ++i) {
        at(n, i) = at(i, n) = correlations[i].raw();
        m_rx[n] += static_cast<Wide>(correlations[i].raw()) * m_x[i];
    }
    return n;
}

void CorrelatedSum::setCorrelation(std::size_t a, std::size_t b, Ratio correlation)
{
    const Wide change = static_cast<Wide>(correlation.raw()) - at(a, b);
    if (a == b || change == 0)
        return;
    at(a, b) = at(b, a) = correlation.raw();
    m_rx[a] += change * m_x[b];
    m_rx[b] += change * m_x[a];
    m_square += 2 * change * m_x[a] * m_x[b];
}

void CorrelatedSum::set(std::size_t member, Wide notional)
{
    const Wide scaled = notional / kGrid;
    const bool outside = scaled > kMost || scaled < -kMost;
    m_outside += static_cast<int>(outside) - static_cast<int>(m_isOutside[member]);
    m_isOutside[member] = outside;
    const auto x = static_cast<std::int64_t>(std::clamp<Wide>(scaled, -kMost, kMost));
    const std::int64_t change = x - m_x[member];
    if (change == 0)
        return;
    m_square += static_cast<Wide>(change) * (2 * m_rx[member] + static_cast<Wide>(change) * kDecimalOne);
    m_x[member] = x;
    const std::int64_t *row = &m_r[member * m_stride];
    for (std::size_t i = 0; i < m_rx.size(); ++i)
        m_rx[i] += static_cast<Wide>(row[i]) * change;
}

std::optional<Money> CorrelatedSum::exposure() const
{
    if (m_outside > 0)
        return std::nullopt;
    // x in 1e-4, R in 1e-8: the square is in 1e-16, its root in 1e-8. A shrunk matrix is positive definite; the assumed pairs
    // may not be, and what they make negative is nothing.
    const double root = std::sqrt(std::max(0.0, static_cast<double>(m_square)));
    return Money::fromRaw(static_cast<std::int64_t>(std::ceil(root)));
}

} // namespace core::risk
