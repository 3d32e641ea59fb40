#pragma once

#include <cmath>

namespace core::analysis
{

/// Compensated sum: the error does not grow with the number of terms. Source: Neumaier 1974; methods.md 13.5.
class NeumaierSum
{
public:
    void add(double term)
    {
        const double sum = m_sum + term;
        m_lost += std::abs(m_sum) >= std::abs(term) ? (m_sum - sum) + term : (term - sum) + m_sum;
        m_sum = sum;
    }
    [[nodiscard]] double value() const { return m_sum + m_lost; }

private:
    double m_sum{0};
    double m_lost{0};
};

} // namespace core::analysis
