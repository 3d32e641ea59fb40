#include "core/risk/sizing_facts.h"

#include <algorithm>
#include <cmath>

#include "core/risk/behaviour.h"
#include "core/risk/position_math.h"

namespace core::risk
{

namespace
{
constexpr double kDaysOfYear = 365;
constexpr double kCorrelationUnknown = 0.8; ///< methods.md 8.7: a pair that nobody measured counts as this

std::optional<double> yearly(std::optional<Ratio> day)
{
    return day && day->isPositive() ? std::optional(day->toDouble() * std::sqrt(kDaysOfYear)) : std::nullopt;
}

double correlationOf(const std::optional<Correlation> &known, const InstrumentKey &a, const InstrumentKey &b)
{
    if (a == b)
        return 1;
    if (!known)
        return kCorrelationUnknown;
    const auto indexOf = [&](const InstrumentKey &key) {
        return static_cast<std::size_t>(std::ranges::find(known->instruments, key) - known->instruments.begin());
    };
    const std::size_t size = known->instruments.size();
    const std::size_t row = indexOf(a);
    const std::size_t column = indexOf(b);
    const std::size_t at = row * size + column;
    return row < size && column < size && at < known->values.size() ? known->values[at].toDouble() : kCorrelationUnknown;
}

/// Signed notionals by instrument, the one that is sized first; absent: a mark is missing.
std::optional<std::map<InstrumentKey, double>> notionalsOf(const std::vector<Position> &positions, const InstrumentKey &own)
{
    std::map<InstrumentKey, double> notionals{{own, 0}};
    for (const Position &position : positions) {
        if (position.isFlat())
            continue;
        if (!position.markPrice)
            return std::nullopt;
        notionals[position.instrument] +=
            sign(position.direction) * position.markPrice->toDouble() * position.quantity.toDouble();
    }
    return notionals;
}

/// Without a single measured correlation, several instruments have no matrix: only one's own is certain.
std::optional<SizingInput::Portfolio> portfolioOf(const SizingFacts &facts, const std::vector<Position> &positions,
                                                  const InstrumentKey &own)
{
    const auto notionals = notionalsOf(positions, own);
    if (!notionals || (notionals->size() > 1 && !facts.correlation))
        return std::nullopt;
    SizingInput::Portfolio portfolio;
    const std::size_t size = notionals->size();
    portfolio.correlation.size = size;
    Matrix covariance{.size = size, .values = {}};
    bool complete = true;
    for (const auto &[row, notional] : *notionals) {
        if (row == own)
            portfolio.index = portfolio.notionals.size();
        portfolio.notionals.push_back(notional);
        for (const auto &[column, unused] : *notionals) {
            const double correlation = correlationOf(facts.correlation, row, column);
            const auto sigma = [&](const InstrumentKey &key) {
                const auto found = facts.estimates.find(key);
                return found == facts.estimates.end() ? std::nullopt : yearly(found->second.sigmaDay);
            };
            const auto a = sigma(row);
            const auto b = sigma(column);
            complete = complete && a && b;
            portfolio.correlation.values.push_back(correlation);
            covariance.values.push_back(correlation * a.value_or(0) * b.value_or(0));
        }
    }
    if (complete)
        portfolio.covariance = std::move(covariance);
    return portfolio;
}

/// What the book gives within the slippage bound; absent: it does not reach that far, or is not known.
std::optional<Quantity> depthWithin(const Depth &depth, Ratio most, Direction direction)
{
    std::optional<Quantity> found;
    for (const Depth::Step &step : depth.steps) {
        if (step.distance <= most)
            found = direction == Direction::Long ? step.asks : step.bids;
    }
    return depth.complete ? found : std::nullopt;
}
} // namespace

ResultFacts resultFacts(const History &history)
{
    ResultFacts facts;
    if (history.nav && history.peakNav && history.peakNav->isPositive())
        facts.drawdown = std::max(0.0, 1 - history.nav->toDouble() / history.peakNav->toDouble());
    std::vector<int> outcomes;
    double won = 0;
    double lost = 0;
    for (const Trip &trip : history.trips) {
        const int result = outcome(trip);
        outcomes.push_back(result);
        if (result == 0 || !trip.plannedRisk || !trip.plannedRisk->isPositive())
            continue;
        const double multiple = std::abs(trip.net.toDouble() / trip.plannedRisk->toDouble());
        (result > 0 ? facts.evidence.wins : facts.evidence.losses) += 1;
        (result > 0 ? won : lost) += multiple;
    }
    if (facts.evidence.wins > 0 && facts.evidence.losses > 0)
        facts.evidence.payoff = won / facts.evidence.wins / (lost / facts.evidence.losses);
    facts.streak = streakMultiplier(outcomes);
    return facts;
}

void feed(SizingInput &input, const SizingFacts &facts, const Limits &limits, const std::vector<Position> &positions)
{
    const InstrumentKey &own = input.instrument->key;
    if (const auto estimate = facts.estimates.find(own); estimate != facts.estimates.end()) {
        input.sigmaYear = yearly(estimate->second.sigmaDay);
        input.sigmaUsualYear = yearly(estimate->second.sigmaUsual);
        if (estimate->second.sigmaDay && estimate->second.sigmaDay->isPositive())
            input.sigmaDay = estimate->second.sigmaDay->toDouble();
        input.hourVolume = estimate->second.hourVolume;
    }
    if (const auto depth = facts.depths.find(own); depth != facts.depths.end())
        input.depth = depthWithin(depth->second, limits.sizing.liquidityBps, input.direction);
    if (const auto results = facts.results.find(own.venue); results != facts.results.end()) {
        input.drawdown = results->second.drawdown;
        input.evidence = results->second.evidence;
        input.streak = results->second.streak;
    }
    const Breaker *drawdown = find(limits, BreakerKind::Drawdown, Scope::Account);
    if (drawdown != nullptr && drawdown->enabled && !drawdown->tiers.empty())
        input.drawdownMax = drawdown->tiers.back().trigger.toDouble();
    input.portfolio = portfolioOf(facts, positions, own);
}

} // namespace core::risk
