#include "core/risk/behaviour.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "core/base/special_functions.h"

namespace core::risk
{

namespace
{
using std::chrono::days;
using std::chrono::hours;

constexpr std::size_t kRisksCompared = 20;
constexpr days kKept{60};
constexpr hours kFindingKept{24};
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

/// The last one closed before `at`; null when there is none.
const Trip *previous(const std::vector<Trip> &trips, UtcTime at)
{
    const Trip *found = nullptr;
    for (const Trip &trip : trips) {
        if (trip.closedAt <= at)
            found = &trip;
    }
    return found;
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

int outcome(const Trip &trip)
{
    const double scratch = std::max(0.1 * trip.plannedRisk.value_or(Money{}).toDouble(), trip.fees.toDouble());
    const double net = trip.net.toDouble();
    return net > scratch ? 1 : net < -scratch ? -1 : 0;
}

int LadderState::leverageCap(int base, double factor) const
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

LadderState ladderOf(const std::vector<Trip> &trips, UtcTime now, int threshold)
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
    const Trip *last = previous(trips, intention.at);
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
    const Trip *last = previous(trips, intention.at);
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

void Behaviour::onTrip(const Trip &trip)
{
    const auto at = std::upper_bound(m_trips.begin(), m_trips.end(), trip,
                                     [](const Trip &a, const Trip &b) { return a.closedAt < b.closedAt; });
    const bool known = std::any_of(m_trips.begin(), at, [&](const Trip &other) {
        return other.closedAt == trip.closedAt && other.position == trip.position;
    });
    if (known)
        return;
    m_trips.insert(at, trip);
    std::erase_if(m_trips, [last = m_trips.back().closedAt](const Trip &old) { return last - old.closedAt > kKept; });
    const LadderState state = ladderOf(m_trips, trip.closedAt, m_limits.ladderLosses);
    if (m_limits.leverageLadder != Enforcement::Off && outcome(trip) < 0 && state.streak >= m_limits.ladderLosses)
        onFinding({Finding::What::Streak,
                   std::clamp(static_cast<double>(state.streak - m_limits.ladderLosses + 1) / m_limits.ladderLosses, 0.0, 1.0),
                   trip.closedAt, fmt::format("{} losses in a row", state.streak)});
}

void Behaviour::onOpened(UtcTime at)
{
    m_openings.insert(std::upper_bound(m_openings.begin(), m_openings.end(), at), at);
    std::erase_if(m_openings, [last = m_openings.back()](UtcTime old) { return last - old > kKept; });
}

void Behaviour::onFinding(Finding finding)
{
    std::erase_if(m_findings, [&](const Finding &old) { return finding.at - old.at > kFindingKept; });
    m_findings.push_back(std::move(finding));
}

void Behaviour::onSent(const Intention &intention)
{
    for (Finding &finding : findingsOf(intention))
        onFinding(std::move(finding));
    onOpened(intention.at);
}

Enforcement Behaviour::enforcementOf(Finding::What what) const
{
    switch (what) {
    case Finding::What::Revenge: return m_limits.revenge;
    case Finding::What::Escalation: return m_limits.escalation;
    case Finding::What::Streak: return m_limits.leverageLadder;
    case Finding::What::Overtrading: return m_limits.overtrading;
    case Finding::What::Overholding: return m_limits.overholding;
    case Finding::What::StopWidened: return m_limits.tilt;
    }
    return Enforcement::Off;
}

std::vector<Finding> Behaviour::findingsOf(const Intention &intention) const
{
    std::vector<Finding> findings;
    const auto usual = medianRisk(m_trips, intention.at);
    const auto add = [&](Finding::What what, std::optional<double> severity, std::string text) {
        if (severity && *severity > 0 && enforcementOf(what) != Enforcement::Off)
            findings.push_back({what, *severity, intention.at, std::move(text)});
    };
    const Trip *last = previous(m_trips, intention.at);
    const double ago = last != nullptr ? minutes(intention.at - last->closedAt) : 0;
    add(Finding::What::Revenge, revengeSeverity(m_trips, intention, m_limits),
        fmt::format("{:.0f} min after a loss; risk {} against a usual {:.2f}", ago, intention.risk.text(), usual.value_or(0)));
    add(Finding::What::Escalation, escalationSeverity(m_trips, intention, m_limits),
        fmt::format("risk {} after a loss, usually {:.2f}", intention.risk.text(), usual.value_or(0)));
    if (const auto rate = tradeRate(m_openings, intention.at))
        add(Finding::What::Overtrading, rate->severity,
            fmt::format("{} trades in 24 h, usually {:.1f} a day", rate->opened, rate->usual));
    return findings;
}

BehaviourVerdict Behaviour::judge(const Intention &intention, int baseLeverage) const
{
    BehaviourVerdict verdict;
    verdict.findings = findingsOf(intention);
    const auto block = [&](std::string reason, std::string number, std::string limit, std::optional<UtcTime> until) {
        verdict.blocks.push_back({std::move(reason), Scope::Account, std::move(number), std::move(limit), until});
    };
    const Trip *last = previous(m_trips, intention.at);
    for (const Finding &finding : verdict.findings) {
        if (enforcementOf(finding.what) != Enforcement::Enforced)
            continue;
        std::optional<UtcTime> until;
        if (finding.what == Finding::What::Revenge && last != nullptr)
            until = last->closedAt + m_limits.revengeWindow;
        block(std::string(name(finding.what)), fmt::format("severity {:.2f}", finding.severity), finding.text, until);
    }
    if (const LadderState state = ladder(intention.at); m_limits.leverageLadder != Enforcement::Off && state.rung > 0) {
        verdict.leverageCap = state.leverageCap(baseLeverage, m_limits.ladderFactor.toDouble());
        if (m_limits.leverageLadder == Enforcement::Enforced && intention.leverage && *intention.leverage > *verdict.leverageCap)
            block("leverage-ladder", fmt::format("{} x", *intention.leverage), fmt::format("{} x", *verdict.leverageCap), {});
    }
    if (m_limits.tilt == Enforcement::Off)
        return verdict;
    std::vector<Finding> all = m_findings;
    all.insert(all.end(), verdict.findings.begin(), verdict.findings.end());
    verdict.tilt = tiltScore(all, intention.at);
    verdict.wantsReason = verdict.tilt >= m_limits.tiltWarn;
    if (m_limits.tilt == Enforcement::Enforced && verdict.tilt >= m_limits.tiltLock)
        block("tilt", fmt::format("{:.0f}", verdict.tilt), fmt::format("{}", m_limits.tiltLock), {});
    return verdict;
}

std::string Behaviour::coolingOffReason(UtcTime now) const
{
    if (m_limits.tilt == Enforcement::Enforced && tilt(now) >= m_limits.tiltLock)
        return "tilt";
    if (m_limits.leverageLadder == Enforcement::Enforced && ladder(now).rung >= kRungsToCoolOff)
        return "leverage-ladder";
    return {};
}

} // namespace core::risk
