#include "core/analysis/volatility.h"

#include <algorithm>
#include <cmath>

namespace core::analysis
{

void AverageTrueRange::update(double high, double low, double close)
{
    if (!std::isfinite(high) || !std::isfinite(low) || !std::isfinite(close))
        return;
    m_range.reset();
    if (m_close) {
        const double range = std::max({high - low, std::abs(high - *m_close), std::abs(low - *m_close)});
        m_range = range;
        ++m_seen;
        m_average += m_seen <= m_bars ? (range - m_average) / m_seen : (range - m_average) / m_bars;
    }
    m_close = close;
}

std::optional<double> AverageTrueRange::value() const
{
    return m_seen >= m_bars ? std::optional(m_average) : std::nullopt;
}

double EwmaVariance::lambdaFor(double halfLifeBars) { return std::exp2(-1 / halfLifeBars); }

void EwmaVariance::update(double close)
{
    if (!std::isfinite(close) || close <= 0)
        return;
    if (m_close) {
        const double r = std::log(close / *m_close);
        ++m_seen;
        m_variance = m_seen <= kSeed ? m_variance + (r * r - m_variance) / m_seen
                                     : m_lambda * m_variance + (1 - m_lambda) * r * r;
    }
    m_close = close;
}

std::optional<double> EwmaVariance::value() const
{
    return m_seen >= kSeed ? std::optional(m_variance) : std::nullopt;
}

} // namespace core::analysis
