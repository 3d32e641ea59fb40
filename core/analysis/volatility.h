#pragma once

#include <optional>

namespace core::analysis
{

/// Wilder's average true range, methods.md 1.1. O(1) per closed bar; absent before bar n. A bar that is not a number is left out.
class AverageTrueRange
{
public:
    explicit AverageTrueRange(int bars = 14) : m_bars(bars) {}
    void update(double high, double low, double close);
    [[nodiscard]] std::optional<double> value() const;
    /// Of the newest bar; absent for the first one, which has no close before it.
    [[nodiscard]] std::optional<double> trueRange() const { return m_range; }

private:
    int m_bars;
    int m_seen{0}; ///< true ranges so far
    double m_average{0};
    std::optional<double> m_close;
    std::optional<double> m_range;
};

/// Variance of the next bar's log return, methods.md 2.6: zero mean, seeded by the mean of the first 20 squares. O(1) per close.
class EwmaVariance
{
public:
    explicit EwmaVariance(double lambda) : m_lambda(lambda) {}
    /// λ for a half-life of so many bars.
    [[nodiscard]] static double lambdaFor(double halfLifeBars);
    /// Closes not above 0 are left out.
    void update(double close);
    [[nodiscard]] std::optional<double> value() const;

private:
    static constexpr int kSeed = 20;
    double m_lambda;
    int m_seen{0}; ///< returns so far
    double m_variance{0};
    std::optional<double> m_close;
};

} // namespace core::analysis
