#pragma once

#include <optional>

namespace core
{

// Distribution functions for statistics (methods.md 13.1). Plain doubles; absent where the argument is outside the domain or
// the iteration did not settle. Pure; any thread.

/// Φ(x) by erfc: accurate in both tails.
[[nodiscard]] double normalCdf(double x);
/// Φ⁻¹(p), 0 < p < 1. Source: Wichura 1988, AS 241 (PPND16).
[[nodiscard]] std::optional<double> normalQuantile(double p);
/// Regularised incomplete beta I_x(a, b), a and b > 0, 0 ≤ x ≤ 1; continued fraction (Lentz).
[[nodiscard]] std::optional<double> incompleteBeta(double a, double b, double x);
/// x with I_x(a, b) = p, 0 ≤ p ≤ 1; Newton steps kept inside a bisection.
[[nodiscard]] std::optional<double> betaQuantile(double a, double b, double p);
/// P(T ≤ t) of Student's t with `df` > 0 degrees of freedom.
[[nodiscard]] std::optional<double> studentTCdf(double t, double df);
/// Regularised lower incomplete gamma P(a, x), a > 0, x ≥ 0; series or continued fraction.
[[nodiscard]] std::optional<double> incompleteGamma(double a, double x);
/// P(N ≥ n) of a Poisson count with mean `lambda` > 0.
[[nodiscard]] std::optional<double> poissonAtLeast(int n, double lambda);

} // namespace core
