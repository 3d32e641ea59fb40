#include "core/risk/behaviour.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "core/base/special_functions.h"

namespace core::risk
{

namespace
{
using std::chrono::days;
using std::chrono::hours;

constexpr std::size_t kRisksCompared = 20;
constexpr int kTradesToOvertrade = 6;
constexpr double kRareEnough = 0.01;
constexpr std::size_t kWinnersNeeded = 20;
constexpr double kHalfLifeMinutes = 60;

double minutes(Duration duration) { return std::chrono::duration<double, std::ratio<60>>(duration).count(); }

std::int64_t dayOf(UtcTime time) { return std::chrono::floor<days>(time).time_since_epoch().count(); }

double weightOf(Finding::What what)
{
    switch (what) {
    case Finding::What::Revenge: return 0.5;
    case Finding::What::Escalation: return 0.4;
    case Finding::What::Streak: return 0.4;
    case Finding::What::Overtrading: return 0.3;
    case Finding::What::Overholding: return 0.25;
    case Finding::What::StopWidened: return 0.5;
    }
    return 0;
}

double quantile(std::vector<double> values, double q)
{
    std::sort(values.begin(), values.end());
    const double h = static_cast<double>(values.size() - 1) * q; // type 7
    const auto low = static_cast<std::size_t>(h);
    const std::size_t high = std::min(low + 1, values.size() - 1);
    return values[low] + (h - static_cast<double>(low)) * (values[high] - values[low]);
}

/// Risk of the intention against the usual one; absent without a usual one.
std::optional<double> riskRatio(const std::vector<Trip> &trips, const Intention &intention)
{
    const auto usual = medianRisk(trips, intention.at);
    if (!usual || !(*usual > 0))
        return std::nullopt;
    return intention.risk.toDouble() / *usual;
}
} // namespace

std::string_view name(Finding::What what)
{
    switch (what) {
    case Finding::What::Revenge: return "revenge";
    case Finding::What::Escalation: return "escalation";
    case Finding::What::Streak: return "streak";
    case Finding::What::Overtrading: return "overtrading";
    case Finding::What::Overholding: return "overholding";
    case Finding::What::StopWidened: return "stop-widened";
    }
    return "unknown";
}

const Trip *previousTrip(const std::vector<Trip> &trips, UtcTime at)
{
    const Trip *found = nullptr;
    for (const Trip &trip : trips) {
        if (trip.closedAt <= at)
            found = &trip;
    }
    return found;
}

int outcome(const Trip &trip)
{
    const double scratch = std::max(0.1 * trip.plannedRisk.value_or(Money{}).toDouble(), trip.fees.toDouble());
    const double net = trip.net.toDouble();
    return net > scratch ? 1 : net < -scratch ? -1 : 0;
}

int LadderState::leverageCap(double base, double factor) const
{
    return std::max(1, static_cast<int>(std::floor(base * std::pow(factor, rung))));
}

LadderState nextState(LadderState state, int outcome, int threshold)
{
    if (outcome > 0) {
        state.streak = 0;
        state.rung = std::max(0, state.rung - 1);
    } else if (outcome < 0 && ++state.streak >= threshold) {
        ++state.rung;
    }
    return state;
}

LadderState ladderOf(const std::vector<Trip> &trips, UtcTime now, int threshold, std::vector<LadderState> *after)
{
    LadderState state;
    if (trips.empty())
        return state;
    std::int64_t day = dayOf(trips.front().closedAt);
    bool lost = false;
    const auto advanceTo = [&](std::int64_t to) {
        for (; day < to && state.rung > 0; ++day)
            state.rung -= std::exchange(lost, false) ? 0 : 1;
        if (day < to)
            lost = false;
        day = std::max(day, to);
    };
    for (const Trip &trip : trips) {
        if (trip.closedAt > now)
            break;
        advanceTo(dayOf(trip.closedAt));
        const int result = outcome(trip);
        lost = lost || result < 0;
        state = nextState(state, result, threshold);
        if (after != nullptr)
            after->push_back(state);
    }
    advanceTo(dayOf(now));
    return state;
}

std::optional<double> medianRisk(const std::vector<Trip> &trips, UtcTime at)
{
    std::vector<double> risks;
    for (auto it = trips.rbegin(); it != trips.rend() && risks.size() < kRisksCompared; ++it) {
        if (it->openedAt < at && it->plannedRisk)
            risks.push_back(it->plannedRisk->toDouble());
    }
    return risks.empty() ? std::nullopt : std::optional(quantile(std::move(risks), 0.5));
}

std::optional<double> revengeSeverity(const std::vector<Trip> &trips, const Intention &intention, const BehaviourLimits &limits)
{
    const Trip *last = previousTrip(trips, intention.at);
    if (last == nullptr || outcome(*last) >= 0 || intention.at - last->closedAt > limits.revengeWindow)
        return std::nullopt;
    const auto ratio = riskRatio(trips, intention);
    const bool larger = ratio && *ratio >= limits.revengeRisk.toDouble();
    const bool bolder = intention.leverage && last->leverage && *intention.leverage > *last->leverage;
    const double severity = (larger ? 0.5 : 0.0) + (bolder ? 0.3 : 0.0) + (intention.hasSetup ? 0.0 : 0.2);
    return severity > 0 ? std::optional(severity) : std::nullopt;
}

std::optional<double> escalationSeverity(const std::vector<Trip> &trips, const Intention &intention,
                                         const BehaviourLimits &limits)
{
    const Trip *last = previousTrip(trips, intention.at);
    const auto ratio = riskRatio(trips, intention);
    if (last == nullptr || outcome(*last) >= 0 || !ratio || *ratio < limits.escalationRisk.toDouble())
        return std::nullopt;
    return std::clamp(std::log(*ratio) / std::log(3.0), 0.0, 1.0);
}

std::optional<TradeRate> tradeRate(const std::vector<UtcTime> &openings, UtcTime at)
{
    // Whole days before the last 24 hours, so that today's rush is not its own yardstick.
    std::vector<std::int64_t> active;
    std::size_t counted = 0;
    TradeRate rate;
    rate.opened = 1;
    UtcTime first = at;
    for (const UtcTime opening : openings) {
        if (opening > at)
            continue;
        first = std::min(first, opening);
        if (at - opening < hours{24})
            ++rate.opened;
    }
    for (auto it = openings.rbegin(); it != openings.rend(); ++it) {
        if (*it > at || at - *it < hours{24})
            continue;
        const std::int64_t day = (at - *it) / days{1};
        if (active.empty() || active.back() != day) {
            if (active.size() == 30)
                break;
            active.push_back(day);
        }
        ++counted;
    }
    if (at - first < days{10} || active.empty())
        return std::nullopt;
    rate.usual = std::max(1.0, static_cast<double>(counted) / static_cast<double>(active.size()));
    const auto probability = poissonAtLeast(rate.opened, rate.usual);
    if (!probability)
        return std::nullopt;
    rate.probability = *probability;
    if (rate.opened >= kTradesToOvertrade && rate.probability < kRareEnough)
        rate.severity = std::clamp((rate.opened / rate.usual - 1) / 3, 0.0, 1.0);
    return rate;
}

std::optional<double> overholdingSeverity(Duration held, std::optional<Duration> planned, const std::vector<Duration> &winners)
{
    if (winners.size() < kWinnersNeeded)
        return std::nullopt;
    std::vector<double> times;
    for (const Duration winner : winners)
        times.push_back(minutes(winner));
    const double usual = std::max(planned ? 1.5 * minutes(*planned) : 0.0, quantile(std::move(times), 0.9));
    return usual > 0 ? std::optional(std::clamp(minutes(held) / usual - 1, 0.0, 1.0)) : std::nullopt;
}

double tiltScore(const std::vector<Finding> &findings, UtcTime now)
{
    double calm = 1;
    for (const Finding &finding : findings) {
        const double age = std::max(0.0, minutes(now - finding.at));
        calm *= 1 - weightOf(finding.what) * std::clamp(finding.severity, 0.0, 1.0) * std::exp2(-age / kHalfLifeMinutes);
    }
    return 100 * (1 - calm);
}

Disposition disposition(const std::vector<ClosingEvent> &events, int least)
{
    Disposition result;
    const auto count = [](const std::vector<double> &values, int &gains, int &losses) {
        for (const double value : values) {
            gains += value > 0 ? 1 : 0;
            losses += value < 0 ? 1 : 0;
        }
    };
    for (const ClosingEvent &event : events) {
        count(event.realised, result.realisedGains, result.realisedLosses);
        count(event.open, result.paperGains, result.paperLosses);
    }
    const int gains = result.realisedGains + result.paperGains;
    const int losses = result.realisedLosses + result.paperLosses;
    if (gains > 0)
        result.gainsRealised = static_cast<double>(result.realisedGains) / gains;
    if (losses > 0)
        result.lossesRealised = static_cast<double>(result.realisedLosses) / losses;
    if (gains == 0 || losses == 0 || gains < least || losses < least)
        return result;
    const double pgr = *result.gainsRealised;
    const double plr = *result.lossesRealised;
    result.effect = pgr - plr;
    result.standardError = std::sqrt(pgr * (1 - pgr) / gains + plr * (1 - plr) / losses);
    return result;
}

} // namespace core::risk
