#pragma once

#include <optional>
#include <vector>

namespace core::risk
{

// Share of equity to put at risk, methods.md 8.1–8.4. Statistics: plain doubles; absent where the question has no answer
// (payoff not positive, probability outside 0 … 1, not a number). Never negative: without an edge the share is 0.

/// p − (1 − p) ÷ b, not below 0. `payoff` b: net win per unit lost. Source: Kelly 1956.
[[nodiscard]] std::optional<double> kellyShare(double probability, double payoff);
/// Expected log growth per trade at share f: p ln(1 + b f) + (1 − p) ln(1 − f). Absent for f ≥ 1.
[[nodiscard]] std::optional<double> logGrowth(double probability, double payoff, double share);
/// (μ − r) ÷ σ², as leverage. Source: Thorp 2006.
[[nodiscard]] std::optional<double> continuousKelly(double drift, double rate, double sigma);
/// The share that maximises mean ln(1 + f R) of net results in R, on (0, 0.999 ÷ |worst R|). Absent without a losing result.
[[nodiscard]] std::optional<double> empiricalKelly(const std::vector<double> &results);

/// What a trader's own results say of one kind of trade; b is net of costs.
struct KellyEvidence {
    int wins{0};
    int losses{0};
    double payoff{0};
    friend bool operator==(const KellyEvidence &, const KellyEvidence &) = default;
};
/// The share after doubt: Beta prior of strength 20 at the break-even probability 1 ÷ (1 + b), and of the posterior the 25 %
/// quantile in place of p. Zero until there is evidence. methods.md 8.3.
[[nodiscard]] std::optional<double> doubtfulKelly(const KellyEvidence &evidence, double priorStrength = 20,
                                                  double quantile = 0.25);

} // namespace core::risk
