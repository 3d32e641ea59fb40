#include "core/risk/kelly.h"

#include <algorithm>
#include <cmath>

#include "core/base/special_functions.h"

namespace core::risk
{

std::optional<double> kellyShare(double probability, double payoff)
{
    if (!(probability >= 0 && probability <= 1 && payoff > 0) || std::isinf(payoff))
        return std::nullopt;
    return std::max(0.0, probability - (1 - probability) / payoff);
}

std::optional<double> logGrowth(double probability, double payoff, double share)
{
    if (!(probability >= 0 && probability <= 1 && payoff > 0 && share >= 0 && share < 1))
        return std::nullopt;
    return probability * std::log1p(payoff * share) + (1 - probability) * std::log1p(-share);
}

std::optional<double> continuousKelly(double drift, double rate, double sigma)
{
    const double leverage = (drift - rate) / (sigma * sigma);
    return sigma > 0 && std::isfinite(leverage) ? std::optional(std::max(0.0, leverage)) : std::nullopt;
}

std::optional<double> empiricalKelly(const std::vector<double> &results)
{
    const auto worst = std::min_element(results.begin(), results.end());
    if (worst == results.end() || !(*worst < 0) || !std::all_of(results.begin(), results.end(), [](double r) {
            return std::isfinite(r);
        }))
        return std::nullopt;
    // d/df mean ln(1 + f R): falling in f, so its one root is found by halving.
    const auto slope = [&](double share) {
        double sum = 0;
        for (const double r : results)
            sum += r / (1 + share * r);
        return sum;
    };
    if (slope(0) <= 0)
        return 0.0;
    double low = 0;
    double high = 0.999 / -*worst;
    if (slope(high) > 0)
        return high;
    while (high - low > 1e-15 * high) {
        const double middle = 0.5 * (low + high);
        if (middle == low || middle == high)
            break;
        (slope(middle) > 0 ? low : high) = middle;
    }
    return 0.5 * (low + high);
}

std::optional<double> doubtfulKelly(const KellyEvidence &evidence, double priorStrength, double quantile)
{
    if (evidence.wins < 0 || evidence.losses < 0 || !(evidence.payoff > 0) || !(priorStrength > 0))
        return std::nullopt;
    if (evidence.wins + evidence.losses == 0)
        return 0.0;
    const double breakEven = 1 / (1 + evidence.payoff);
    const auto p = betaQuantile(breakEven * priorStrength + evidence.wins,
                                (1 - breakEven) * priorStrength + evidence.losses, quantile);
    return p ? kellyShare(*p, evidence.payoff) : std::nullopt;
}

} // namespace core::risk
