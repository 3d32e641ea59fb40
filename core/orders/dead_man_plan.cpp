#include "core/orders/dead_man_plan.h"

#include <algorithm>

namespace core::orders
{

namespace
{
constexpr Duration kAfterLeast = std::chrono::seconds{5}; ///< hyperliquid.md 5.7
constexpr Duration kAnswerWithin = std::chrono::seconds{5};
constexpr Duration kRetryDisarm = std::chrono::milliseconds{500};
constexpr Duration kRetryArm = std::chrono::seconds{10};
constexpr Duration kHoldMost = std::chrono::seconds{1};
constexpr int kChances = 3; ///< renewals within one run of the timer
constexpr int kDoublings = 6; ///< of the pause between refused disarmings: 32 s
/// The limits allow no longer one, so an earlier run's has ended by then.
constexpr Duration kInheritedMost = std::chrono::hours{1};
} // namespace

const DeadManPlan::Terms &DeadManPlan::termsOf(Venue venue) const
{
    static const Terms kNone;
    const auto found = m_terms.find(venue);
    return found == m_terms.end() ? kNone : found->second;
}

InstrumentKey DeadManPlan::reachOf(const InstrumentKey &instrument) const
{
    return termsOf(instrument.venue).perInstrument ? instrument : InstrumentKey{instrument.venue, {}};
}

const DeadManPlan::Timer *DeadManPlan::timerOf(const InstrumentKey &instrument) const
{
    const auto found = m_timers.find(reachOf(instrument));
    return found == m_timers.end() ? nullptr : &found->second;
}

void DeadManPlan::setTerms(UtcTime now, Venue venue, const Terms &terms)
{
    const bool first = !m_terms.contains(venue);
    Terms held = terms;
    if (held.after)
        held.after = std::max(*held.after, kAfterLeast);
    held.inherited = first ? terms.inherited : m_terms.at(venue).inherited;
    m_terms[venue] = held;
    if (!held.hasTimer) // then none can run
        for (auto &[reach, timer] : m_timers)
            if (reach.venue == venue)
                timer = {};
    if (first && held.inherited && held.hasTimer && !held.perInstrument)
        inherit(now, {venue, {}});
    for (const auto &[instrument, standing] : std::map(m_standings))
        if (instrument.venue == venue)
            onStanding(now, instrument, standing);
}

void DeadManPlan::onStanding(UtcTime now, const InstrumentKey &instrument, const Standing &standing)
{
    m_standings[instrument] = standing;
    const InstrumentKey reach = reachOf(instrument);
    if (!m_timers.contains(reach) && termsOf(instrument.venue).inherited && termsOf(instrument.venue).hasTimer)
        inherit(now, reach);
    judge(now, reach, m_timers[reach]);
}

void DeadManPlan::inherit(UtcTime now, const InstrumentKey &reach)
{
    Timer &timer = m_timers[reach];
    timer.mayRun = true;
    timer.mayRunUntil = now + kInheritedMost;
}

/// Since when a stop in this reach would stand under a timer that kills it.
void DeadManPlan::judge(UtcTime now, const InstrumentKey &reach, Timer &timer)
{
    bool isUnsafe = false;
    if (termsOf(reach.venue).killsStops)
        for (const auto &[instrument, standing] : m_standings)
            isUnsafe =
                isUnsafe || (reachOf(instrument) == reach && (standing.hasPosition || standing.hasStops));
    if (!isUnsafe)
        timer.unsafeSince.reset();
    else if (!timer.unsafeSince)
        timer.unsafeSince = now;
}

void DeadManPlan::onDone(UtcTime now, const InstrumentKey &instrument, const std::optional<Duration> &after,
                         bool done)
{
    const auto found = m_timers.find(reachOf(instrument));
    if (found == m_timers.end())
        return;
    Timer &timer = found->second;
    if (timer.askedToRun !=
        after.has_value()) // of an older command; what it armed is disarmed by the newer one
        return;
    timer.askedAt.reset();
    if (after) {
        // Refused or not: it may have arrived.
        timer.mayRunUntil = now + *after;
        timer.retryAt = done ? now : now + kRetryArm;
        return;
    }
    if (done) {
        timer.mayRun = false;
        timer.mayRunUntil.reset();
        timer.refusals = 0;
        timer.retryAt = now;
        return;
    }
    timer.retryAt = now + kRetryDisarm * (1 << std::min(timer.refusals, kDoublings));
    ++timer.refusals;
}

void DeadManPlan::arm(UtcTime now, const InstrumentKey &reach, Timer &timer, std::vector<Command> &out)
{
    const Duration after = *termsOf(reach.venue).after;
    const bool isWaiting = timer.askedAt && timer.askedToRun && now - *timer.askedAt < kAnswerWithin;
    if (isWaiting || now < timer.retryAt || (timer.mayRun && timer.askedToRun && now < timer.renewAt))
        return;
    timer.mayRun = timer.isOurs = true;
    timer.mayRunUntil.reset();
    timer.refusals = 0;
    timer.askedAt = now;
    timer.askedToRun = true;
    timer.renewAt = now + after / kChances;
    out.push_back({.instrument = reach, .after = after});
}

void DeadManPlan::disarm(UtcTime now, const InstrumentKey &reach, Timer &timer, std::vector<Command> &out)
{
    // It has fired, or never ran. After an asking it is called off all the same: a client may renew what it was told.
    if (timer.mayRunUntil && now >= *timer.mayRunUntil && !timer.askedToRun) {
        timer.mayRun = false;
        timer.mayRunUntil.reset();
        return;
    }
    const bool isWaiting = !timer.askedToRun && timer.askedAt && now - *timer.askedAt < kAnswerWithin;
    const bool isPausing = !timer.askedToRun && !timer.askedAt && now < timer.retryAt;
    if (isWaiting || isPausing)
        return;
    timer.askedAt = now;
    timer.askedToRun = false;
    timer.retryAt = {};
    out.push_back({.instrument = reach, .after = std::nullopt});
}

void DeadManPlan::drive(UtcTime now, std::vector<Command> &out)
{
    for (auto &[reach, timer] : m_timers) {
        const Terms &terms = termsOf(reach.venue);
        bool hasEntries = false;
        for (const auto &[instrument, standing] : m_standings)
            hasEntries = hasEntries || (reachOf(instrument) == reach && standing.hasEntries);
        const bool runs = terms.hasTimer && terms.after && hasEntries && !timer.unsafeSince;
        if (runs)
            arm(now, reach, timer, out);
        else if (timer.mayRun && terms.hasTimer && (timer.isOurs || timer.unsafeSince || terms.after))
            disarm(now, reach, timer, out);
    }
}

bool DeadManPlan::isIdle() const
{
    return std::none_of(m_terms.begin(), m_terms.end(), [](const auto &terms) { return terms.second.after.has_value(); }) &&
           std::none_of(m_timers.begin(), m_timers.end(), [](const auto &timer) { return timer.second.mayRun; });
}

bool DeadManPlan::holdsStops(UtcTime now, const InstrumentKey &instrument) const
{
    const Timer *timer = timerOf(instrument);
    const Terms &terms = termsOf(instrument.venue);
    // Where nobody has asked for a timer, one that a stop would have to wait for is not likely enough.
    return timer != nullptr && timer->mayRun && terms.killsStops && (timer->isOurs || terms.after) &&
           (!timer->unsafeSince || now - *timer->unsafeSince < kHoldMost);
}

bool DeadManPlan::threatensStops(UtcTime now, const InstrumentKey &instrument) const
{
    const Timer *timer = timerOf(instrument);
    return timer != nullptr && timer->mayRun && timer->unsafeSince &&
           (!timer->mayRunUntil || now < *timer->mayRunUntil);
}

} // namespace core::orders
