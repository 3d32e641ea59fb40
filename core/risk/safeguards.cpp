#include "core/risk/safeguards.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <tuple>

#include <fmt/format.h>

namespace core::risk
{

namespace
{
using std::chrono::hours;

constexpr hours kFindingKept{24};
constexpr double kPlaces = 1e8;

double minutes(Duration duration) { return std::chrono::duration<double, std::ratio<60>>(duration).count(); }

std::string minutesText(Duration duration) { return fmt::format("{:.0f} min", minutes(duration)); }

/// Winning holding times of the trips that were closed before `at`.
std::vector<Duration> winnersBefore(const std::vector<Trip> &trips, UtcTime at)
{
    std::vector<Duration> winners;
    for (const Trip &trip : trips) {
        if (trip.closedAt < at && outcome(trip) > 0)
            winners.push_back(trip.closedAt - trip.openedAt);
    }
    return winners;
}

std::optional<Finding> overholding(const std::vector<Duration> &winners, Duration held, UtcTime at)
{
    const auto severity = overholdingSeverity(held, std::nullopt, winners);
    if (!severity || !(*severity > 0))
        return std::nullopt;
    return Finding{Finding::What::Overholding, *severity, at,
                   fmt::format("held for {}, longer than nine in ten of the own winners", minutesText(held))};
}

/// Times that a venue made up must not overflow a difference.
bool isPlausible(UtcTime time)
{
    constexpr std::int64_t kMost = std::int64_t{1} << 61;
    const std::int64_t at = toNanoseconds(time);
    return at > -kMost && at < kMost;
}

double streakSeverity(int streak, int threshold)
{
    return std::clamp(static_cast<double>(streak - threshold + 1) / threshold, 0.0, 1.0);
}
} // namespace

bool SafeguardVerdict::refuses() const
{
    return std::any_of(notes.begin(), notes.end(), [](const SafeguardNote &note) { return note.refuses; });
}

void Safeguards::onTrip(const Trip &trip)
{
    const auto before = [](const Trip &a, const Trip &b) {
        return std::tie(a.closedAt, a.position) < std::tie(b.closedAt, b.position);
    };
    const auto at = std::lower_bound(m_trips.begin(), m_trips.end(), trip, before);
    if (!isPlausible(trip.openedAt) || !isPlausible(trip.closedAt))
        return;
    if (at == m_trips.end() || before(trip, *at)) {
        m_trips.insert(at, trip);
        return;
    }
    // The venue's history knows no plans: whoever does adds them.
    at->plannedRisk = at->plannedRisk ? at->plannedRisk : trip.plannedRisk;
    at->leverage = at->leverage ? at->leverage : trip.leverage;
    at->hasSetup = at->hasSetup || trip.hasSetup;
}

void Safeguards::onFinding(Finding finding)
{
    finding.severity = std::round(std::clamp(finding.severity, 0.0, 1.0) * kPlaces) / kPlaces;
    const auto before = [](const Finding &a, const Finding &b) { return std::tie(a.at, a.what) < std::tie(b.at, b.what); };
    const auto at = std::lower_bound(m_findings.begin(), m_findings.end(), finding, before);
    const bool known = at != m_findings.end() && !before(finding, *at);
    if (known || !isPlausible(finding.at))
        return;
    m_findings.insert(at, std::move(finding));
}

void Safeguards::forget(UtcTime now)
{
    std::erase_if(m_trips, [now](const Trip &old) { return now - old.closedAt > kKept; });
    std::erase_if(m_findings, [now](const Finding &old) { return now - old.at > kFindingKept; });
}

std::vector<UtcTime> Safeguards::openings() const
{
    std::vector<UtcTime> times;
    for (const Trip &trip : m_trips)
        times.push_back(trip.openedAt);
    for (const auto &[position, openedAt] : m_open)
        times.push_back(openedAt);
    std::sort(times.begin(), times.end());
    return times;
}

std::map<PositionKey, Finding> Safeguards::overheld(UtcTime now) const
{
    std::map<PositionKey, Finding> found;
    if (m_limits.overholding == Enforcement::Off || m_open.empty())
        return found;
    const std::vector<Duration> winners = winnersBefore(m_trips, now);
    for (const auto &[position, openedAt] : m_open) {
        if (auto finding = overholding(winners, now - openedAt, now))
            found.emplace(position, std::move(*finding));
    }
    return found;
}

std::vector<Finding> Safeguards::standing(UtcTime now, bool withOpen) const
{
    std::vector<Finding> all;
    const auto counts = [now](UtcTime at) { return at <= now && now - at <= kFindingKept; };
    std::copy_if(m_findings.begin(), m_findings.end(), std::back_inserter(all),
                 [&](const Finding &finding) { return counts(finding.at); });
    std::vector<LadderState> after;
    if (m_limits.leverageLadder != Enforcement::Off)
        static_cast<void>(ladderOf(m_trips, now, m_limits.ladderLosses, &after));
    for (std::size_t i = 0; i < m_trips.size(); ++i) {
        const Trip &trip = m_trips[i];
        if (!counts(trip.closedAt))
            continue;
        if (i < after.size() && outcome(trip) < 0 && after[i].streak >= m_limits.ladderLosses)
            all.push_back({Finding::What::Streak, streakSeverity(after[i].streak, m_limits.ladderLosses), trip.closedAt,
                           fmt::format("{} losses in a row", after[i].streak)});
        if (m_limits.overholding == Enforcement::Off)
            continue;
        if (auto finding = overholding(winnersBefore(m_trips, trip.closedAt), trip.closedAt - trip.openedAt, trip.closedAt))
            all.push_back(std::move(*finding));
    }
    if (withOpen) {
        for (auto &[position, finding] : overheld(now))
            all.push_back(finding);
    }
    return all;
}

std::vector<Finding> Safeguards::findingsOf(const Intention &intention, std::vector<SafeguardNote> &notes) const
{
    std::vector<Finding> findings;
    const auto add = [&](Finding::What what, Enforcement how, double severity, SafeguardNote note) {
        note.code = name(what);
        note.refuses = how == Enforcement::Enforced;
        findings.push_back({what, severity, intention.at, note.text});
        notes.push_back(std::move(note));
    };
    const Trip *last = previousTrip(m_trips, intention.at);
    const auto usual = medianRisk(m_trips, intention.at);
    const std::string risk = usual ? fmt::format("risk {} against a usual {:.2f}", intention.risk.text(), *usual)
                                   : fmt::format("risk {}, no usual one known", intention.risk.text());
    if (const auto severity = revengeSeverity(m_trips, intention, m_limits);
        severity && m_limits.revenge != Enforcement::Off) {
        const std::string ago = minutesText(intention.at - last->closedAt);
        add(Finding::What::Revenge, m_limits.revenge, *severity,
            {{}, ago, minutesText(m_limits.revengeWindow), last->closedAt + m_limits.revengeWindow,
             fmt::format("Revenge trade: {} after a loss, {}{}.", ago, risk,
                         intention.hasSetup ? "" : ", no recorded setup"), false});
    }
    if (const auto severity = escalationSeverity(m_trips, intention, m_limits);
        severity && *severity > 0 && m_limits.escalation != Enforcement::Off)
        add(Finding::What::Escalation, m_limits.escalation, *severity,
            {{}, fmt::format("{:.2f} x", intention.risk.toDouble() / usual.value_or(1)),
             fmt::format("{} x", m_limits.escalationRisk.text()), std::nullopt,
             fmt::format("Size escalation after a loss: {}.", risk), false});
    if (const auto rate = intention.opens ? tradeRate(openings(), intention.at) : std::nullopt;
        rate && rate->severity > 0 && m_limits.overtrading != Enforcement::Off)
        add(Finding::What::Overtrading, m_limits.overtrading, rate->severity,
            {{}, fmt::format("{} trades", rate->opened), fmt::format("usually {:.1f} a day", rate->usual), quietAt(intention),
             fmt::format("Overtrading: this would be trade {} within 24 hours; usually {:.1f} a day.", rate->opened,
                         rate->usual), false});
    return findings;
}

/// When enough openings are older than a day that the same order would pass.
std::optional<UtcTime> Safeguards::quietAt(const Intention &intention) const
{
    const std::vector<UtcTime> times = openings();
    for (const UtcTime opening : times) {
        const UtcTime then = opening + kFindingKept;
        if (opening > intention.at || then <= intention.at)
            continue;
        const auto rate = tradeRate(times, then);
        if (!rate || !(rate->severity > 0))
            return then;
    }
    return std::nullopt;
}

void Safeguards::noteLadder(const Intention &intention, Ratio base, SafeguardVerdict &verdict) const
{
    if (m_limits.leverageLadder == Enforcement::Off)
        return;
    const LadderState state = ladder(intention.at);
    verdict.rung = state.rung;
    if (state.rung == 0)
        return;
    const int cap = state.leverageCap(base.toDouble(), m_limits.ladderFactor.toDouble());
    verdict.leverageCap = cap;
    if (intention.exposure && *intention.exposure <= Ratio::fromRaw(cap * kDecimalOne))
        return;
    const std::string got = intention.exposure ? fmt::format("{:.2f} x", intention.exposure->toDouble()) : "unknown";
    verdict.notes.push_back(
        {"leverage-ladder", got, fmt::format("{} x", cap), std::nullopt,
         intention.exposure
             ? fmt::format("Leverage ladder: rung {} after losses in a row allows {} x of equity; with this order it would be {}.",
                           state.rung, cap, got)
             : fmt::format("Leverage ladder: rung {} after losses in a row allows {} x of equity; what it would be with this "
                           "order is not known.", state.rung, cap),
         m_limits.leverageLadder == Enforcement::Enforced});
}

void Safeguards::noteTilt(const Intention &intention, SafeguardVerdict &verdict) const
{
    if (m_limits.tilt == Enforcement::Off)
        return;
    std::vector<Finding> all = standing(intention.at, true);
    all.insert(all.end(), verdict.findings.begin(), verdict.findings.end());
    verdict.tilt = tiltScore(all, intention.at);
    verdict.wantsReason = verdict.tilt >= m_limits.tiltWarn;
    if (!verdict.wantsReason)
        return;
    const bool enforced = m_limits.tilt == Enforcement::Enforced;
    const std::string got = fmt::format("{:.0f}", std::floor(verdict.tilt));
    if (verdict.tilt >= m_limits.tiltLock) {
        verdict.notes.push_back({"tilt", got, fmt::format("{}", m_limits.tiltLock), calmAt(intention.at),
                                 fmt::format("Tilt score {} of 100; from {} on no new risk.", got, m_limits.tiltLock), enforced});
    } else {
        verdict.notes.push_back({"reason-wanted", got, fmt::format("{}", m_limits.tiltWarn), std::nullopt,
                                 fmt::format("Tilt score {} of 100; from {} on a typed reason is wanted.", got, m_limits.tiltWarn),
                                 enforced && !intention.hasReason});
    }
}

/// When what stands without any further order has faded below the lock; absent: it is below now.
std::optional<UtcTime> Safeguards::calmAt(UtcTime now) const
{
    const std::vector<Finding> all = standing(now, true);
    if (tiltScore(all, now) < m_limits.tiltLock)
        return std::nullopt;
    for (UtcTime then = now; then <= now + kFindingKept; then += std::chrono::minutes{1}) {
        if (tiltScore(all, then) < m_limits.tiltLock)
            return then;
    }
    return std::nullopt;
}

SafeguardVerdict Safeguards::judge(const Intention &intention, Ratio base) const
{
    SafeguardVerdict verdict;
    verdict.findings = findingsOf(intention, verdict.notes);
    noteLadder(intention, base, verdict);
    noteTilt(intention, verdict);
    return verdict;
}

std::vector<CoolingOff> Safeguards::coolingsOff(UtcTime now) const
{
    std::vector<CoolingOff> due;
    if (m_limits.leverageLadder == Enforcement::Enforced) {
        std::vector<LadderState> after;
        static_cast<void>(ladderOf(m_trips, now, m_limits.ladderLosses, &after));
        for (std::size_t i = 0; i < after.size(); ++i) {
            const Trip &trip = m_trips[i];
            // A loss that adds a rung, not a rung that is still on: only trading or time could take that away.
            if (outcome(trip) < 0 && after[i].streak >= m_limits.ladderLosses && after[i].rung >= kRungsToCoolOff &&
                now - trip.closedAt <= kFindingKept)
                due.push_back({"leverage-ladder", trip.closedAt});
        }
    }
    if (m_limits.tilt == Enforcement::Enforced) {
        const std::vector<Finding> all = standing(now, false);
        for (const Finding &event : all) {
            std::vector<Finding> until;
            std::copy_if(all.begin(), all.end(), std::back_inserter(until),
                         [&](const Finding &finding) { return finding.at <= event.at; });
            if (tiltScore(until, event.at) >= m_limits.tiltLock)
                due.push_back({"tilt", event.at});
        }
    }
    std::sort(due.begin(), due.end(), [](const CoolingOff &a, const CoolingOff &b) {
        return std::tie(a.since, a.reason) < std::tie(b.since, b.reason);
    });
    due.erase(std::unique(due.begin(), due.end()), due.end());
    return due;
}

} // namespace core::risk
