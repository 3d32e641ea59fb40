// What earlier runs and the venue's history tell, and what is kept for the next run.
#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "core/risk/engine_impl.h"

namespace core::risk
{

namespace
{
/// Equity samples and flows of one account, or of several together, in order of time.
struct Moment {
    UtcTime at;
    std::size_t account{0};
    bool isFlow{false};
    Wide amount{0};
};

std::vector<Moment> momentsOf(const std::array<Account, kAccounts + 1> &accounts, std::size_t index,
                              const std::vector<EquitySample> *alone)
{
    std::vector<Moment> moments;
    for (std::size_t i = 0; i < kAccounts; ++i) {
        if (index != kGroup && i != index)
            continue;
        const std::vector<EquitySample> &samples = alone != nullptr ? *alone : accounts[i].samples;
        if (samples.empty())
            continue;
        for (const EquitySample &sample : samples)
            moments.push_back({sample.at, i, false, wide(sample.equity)});
        for (const Transfer &transfer : accounts[i].transfers)
            moments.push_back({transfer.venueTime, i, true, wide(transfer.amount)});
    }
    std::ranges::stable_sort(moments, {}, [](const Moment &m) { return std::tuple(m.at, m.account, m.isFlow); });
    return moments;
}
} // namespace

void RiskEngine::Impl::on(const HistorySet &fact)
{
    const History &history = fact.history;
    const std::size_t index = indexOf(history.account);
    Account &account = accounts[index];
    for (const EquitySample &sample : history.equity) {
        if (sample.account == history.account && sample.at <= now && std::ranges::find(account.samples, sample) == account.samples.end())
            account.samples.push_back(sample);
    }
    std::ranges::sort(account.samples, {}, &EquitySample::at);
    for (const Transfer &transfer : history.transfers) {
        const bool known = std::ranges::any_of(account.transfers, [&](const Transfer &old) { return old.id == transfer.id; });
        if (!known && account.totals && transfer.venueTime > account.firstHeardAt)
            on(TransferSet{transfer}); // of this run, and told here first
        else if (!known)
            account.transfers.push_back(transfer);
    }
    for (const Trip &trip : history.trips)
        trips.merge(trip);
    for (const FundingPayment &payment : history.funding) {
        const bool known = std::ranges::any_of(account.funding, [&](const FundingPayment &old) {
            return old.instrument == payment.instrument && old.venueTime == payment.venueTime;
        });
        if (!known)
            account.funding.push_back(payment);
    }
    pruneFunding(index);
    for (const Lockout &lockout : history.endedLockouts)
        lockouts.addPast(lockout);
    for (const Lockout &lockout : history.lockouts)
        addLockout(lockout);
    for (const Lockout &ended : lockouts.expire(now))
        out->push_back(LockoutSet{ended, true});
    account.lives.insert(account.lives.end(), history.lives.begin(), history.lives.end());
    account.restored.insert(account.restored.end(), history.tiers.begin(), history.tiers.end());
    takeOpenings(history);
    for (Slot &slot : slots) {
        if (slot.open && slot.account == index)
            restoreLife(slot, account.lives);
    }
    restoreNav(index, &history.equity);
    restoreNav(index);
    if (history.nav && history.peakNav && !account.samples.empty()) {
        // The index is that of the last sample; a peak that is higher than what the samples show is the tighter one.
        Nav told;
        told.roll(account.samples.back().at, account.limits ? account.limits->dayStartsAt : Duration{0});
        told.onEquity(wide(account.samples.back().equity), account.samples.back().at);
        told.setIndex(*history.nav, *history.peakNav);
        for (const Transfer &transfer : account.transfers) {
            if (transfer.venueTime > account.samples.back().at)
                told.onFlow(told.equity(), wide(transfer.amount));
        }
        account.nav.join(told);
    }
    restoreNav(kGroup);
    if (account.totals)
        deriveFromTrips(index);
    feedNav(index);
    restoreNewWatches();
    eachWatch(*this, [&](const Where &where, Watch &watch) { restore(where, watch, history.tiers); });
    account.replayDue = account.replayDue || !account.reconciled || !history.trips.empty();
    replayTrips(index);
    judgeAccount(index);
}

void RiskEngine::Impl::on(const VenueHistorySet &fact)
{
    const std::size_t index = indexOf(fact.account);
    accounts[index].historyMissing = fact.known ? std::nullopt : std::optional(fact.why);
    judgeAccount(index);
}

/// A period whose beginning nobody has told of yet may hold losses that the venue knows.
std::string_view RiskEngine::Impl::unknownPast(const Where &where, BreakerKind kind) const
{
    if (where.scope == Scope::Position || (kind != BreakerKind::Drawdown && !readingRestarts(kind)))
        return {};
    for (std::size_t i = 0; i < kAccounts; ++i) {
        const bool concerns = where.account == kGroup ? isMember(i) : where.account == i;
        if (concerns && accounts[i].historyMissing && accounts[where.account].nav.isPartial(periodOf(kind)))
            return "the venue's history is not in";
    }
    return {};
}

void RiskEngine::Impl::takeOpenings(const History &history)
{
    for (const Opening &opening : history.openings) {
        const auto index = slotOf(opening.position);
        if (!index || !slots[*index].open)
            continue;
        Slot &slot = slots[*index];
        if (slot.life.direction != opening.direction || slot.life.openedAt > opening.seenAt)
            continue;
        slot.heldSince = std::min(slot.heldSince, opening.openedAt);
        if (opening.isKnown)
            slot.openedAt = std::min(slot.openedAt, opening.openedAt);
    }
}

/// What is remembered of this very life: an earlier run may have known another opening time than the report now says, but none
/// before the fill that opened it.
void RiskEngine::Impl::restoreLife(Slot &slot, const std::vector<LifeMemory> &lives)
{
    for (const LifeMemory &memory : lives) {
        if (memory.position != slot.life.position || memory.direction != slot.life.direction ||
            memory.openedAt < slot.heldSince || memory.openedAt > slot.life.openedAt)
            continue;
        followBest(slot.trail, slot.life.direction, slot.position.entryPrice, memory.best);
        slot.trail.stop = slot.trail.stop ? slot.trail.stop : memory.trailStop;
        slot.watched = slot.watched || memory.watched;
    }
}

/// Runs the samples and flows of earlier runs through a NAV of their own and takes what is tighter. `alone`: of one telling, so
/// that no sample of another one comes between it and a period's start.
void RiskEngine::Impl::restoreNav(std::size_t index, const std::vector<EquitySample> *alone)
{
    Account &account = accounts[index];
    const std::vector<Moment> moments = momentsOf(accounts, index, alone);
    std::array<std::optional<Wide>, kAccounts> last;
    std::size_t needed = 0;
    for (std::size_t i = 0; i < kAccounts; ++i)
        needed += index == kGroup ? static_cast<std::size_t>(isMember(i) || !accounts[i].samples.empty()) : 0;
    if (moments.empty())
        return;
    const Duration startsAt = account.limits ? account.limits->dayStartsAt : Duration{0};
    Nav told;
    const auto joint = [&] {
        Wide sum = 0;
        for (const auto &equity : last)
            sum += equity.value_or(0);
        return sum;
    };
    for (const Moment &moment : moments) {
        told.roll(moment.at, startsAt);
        auto &own = last[moment.account];
        if (moment.isFlow) {
            const Wide before = joint();
            if (own)
                *own += moment.amount;
            if (own && told.isKnown())
                told.onFlow(before, moment.amount);
            continue;
        }
        own = moment.amount;
        const auto heard = static_cast<std::size_t>(std::ranges::count_if(last, [](const auto &equity) { return equity.has_value(); }));
        if (index != kGroup || heard >= needed)
            told.onEquity(joint(), moment.at);
    }
    told.roll(now, startsAt);
    account.nav.join(told);
    account.nav.roll(now, startsAt);
}

/// Without a sample from before a period, the trips that ended in it tell what it has cost so far: the database may have been
/// deleted, the loss was not. Only ever tighter.
void RiskEngine::Impl::deriveFromTrips(std::size_t index)
{
    Account &account = accounts[index];
    const auto equity = equityOf(index);
    if (!equity || *equity <= 0)
        return;
    if (!account.nav.isKnown())
        account.nav.onEquity(*equity, now);
    for (std::size_t i = 0; i < kPeriods; ++i) {
        const auto period = static_cast<Period>(i);
        const UtcTime start = account.nav.startedAt(period);
        if (!account.nav.isPartial(period))
            continue;
        Wide result = trips.netSince(start, {.account = venueOf(index), .instrument = {}});
        for (const Slot &slot : slots) {
            if (slot.open && slot.account == index && slot.openedAt >= start)
                result += std::min<Wide>(slot.pnl, 0);
        }
        Wide flows = 0;
        for (const Transfer &transfer : account.transfers)
            flows += transfer.venueTime >= start ? wide(transfer.amount) : 0;
        if (result >= 0)
            continue;
        // When the flows came does not matter to the tighter answer: the loss is held against the smaller capital.
        const Wide capital = *equity - result - std::max<Wide>(flows, 0);
        const Wide left = capital + result;
        account.nav.raiseStart(period, left > 0 ? mulDivWide(*equity, capital, left, Rounding::Ceil) : kWideMax);
    }
}

/// Watches that are new take what the histories tell of them: a symbol's come with the symbol.
void RiskEngine::Impl::restoreNewWatches()
{
    eachWatch(*this, [&](const Where &where, Watch &watch) {
        if (!watch.isNew)
            return;
        watch.isNew = false;
        for (std::size_t source = 0; source < kAccounts; ++source)
            restore(where, watch, accounts[source].restored);
    });
}

void RiskEngine::Impl::restore(const Where &where, Watch &watch, const std::vector<TierMemory> &memories)
{
    if (where.scope == Scope::Position || memories.empty())
        return;
    const Breaker &breaker = breakerOf(where, watch);
    const std::string subject = text(subjectOf(where, breaker));
    for (const TierMemory &memory : memories) {
        if (memory.subject != subject)
            continue;
        // Of an earlier period: what restarts with it is as new; of the others the fires do not count any more.
        const bool same = memory.period == accounts[where.account].nav.startedAt(periodOf(breaker.kind));
        if (!same && readingRestarts(breaker.kind))
            continue;
        for (std::size_t tier = 0; tier < breaker.tiers.size(); ++tier) {
            const Ladder::Rung &known = watch.armed.rungs()[tier];
            if (breaker.tiers[tier].id == memory.tier)
                watch.armed.setRung(tier, {known.armed && memory.armed, known.active || memory.active,
                                           std::max(known.fires, same ? memory.fires : 0)});
        }
    }
}

/// A cooling-off after a loss streak outlives the database: the trips that the venue still knows are counted again, and what
/// would still be running runs. Once per history, before the first reconciliation.
void RiskEngine::Impl::replayTrips(std::size_t index)
{
    Account &account = accounts[index];
    if (!account.replayDue || !account.limits || account.arming != Arming::Armed)
        return;
    account.replayDue = false;
    eachWatch(*this, [&](const Where &where, Watch &watch) {
        const Breaker &breaker = breakerOf(where, watch);
        const bool counts = breaker.kind == BreakerKind::ConsecutiveLosses || breaker.kind == BreakerKind::LosingTradesPerDay;
        if (where.account != index || !counts || !breaker.enabled)
            return;
        TripFilter filter{.account = venueOf(index), .instrument = {}};
        if (where.scope == Scope::Symbol)
            filter.instrument = markets[where.market].key;
        TripBook seen;
        Ratio before;
        for (const Trip &trip : trips.trips()) {
            if (!filter.takes(trip) || trip.closedAt > now)
                continue;
            seen.add(trip);
            const UtcTime day = periodStart(Period::Day, trip.closedAt, account.limits->dayStartsAt);
            const int count = breaker.kind == BreakerKind::ConsecutiveLosses ? seen.consecutiveLosses(filter)
                                                                             : seen.lossesSince(day, filter);
            const Ratio reading = Ratio::fromRaw(count * kDecimalOne);
            for (const Tier &tier : breaker.tiers) {
                if (tier.coolingOff && isReached(breaker.kind, tier, reading) && !isReached(breaker.kind, tier, before))
                    lockAsOf(where, breaker, *tier.coolingOff, trip.closedAt);
            }
            before = reading;
        }
    });
}

void RiskEngine::Impl::lockAsOf(const Where &where, const Breaker &breaker, Duration base, UtcTime started)
{
    // The run that saw it heard of the trip a little later.
    constexpr Duration kHeardWithin = std::chrono::minutes{10};
    const Subject subject = subjectOf(where, breaker);
    const auto isSame = [&](const Lockout &old) {
        return old.reason == name(breaker.kind) && old.scope == breaker.scope && old.account == subject.account &&
               old.instrument == subject.instrument && old.startedAt >= started && old.startedAt - started <= kHeardWithin;
    };
    const UtcTime until = started + coolingOff(base, accounts[where.account].limits->coolingOffCap, 1);
    if (until <= now || std::ranges::any_of(lockouts.running(), isSame) || std::ranges::any_of(lockouts.past(), isSame))
        return;
    addLockout({.id = fmt::format("{}/{}", text(subject), toNanoseconds(started)),
                .scope = breaker.scope,
                .account = subject.account,
                .instrument = subject.instrument,
                .reason = std::string(name(breaker.kind)),
                .startedAt = started,
                .until = until,
                .needsRelease = false});
}

History RiskEngine::Impl::historyOf(Venue venue) const
{
    const std::size_t index = indexOf(venue);
    const Account &account = accounts[index];
    History history = memoryOf(venue);
    if (account.nav.isKnown() && account.totals) {
        history.equity = account.samples;
        const auto sample = [&](const Nav::Seen &seen) {
            history.equity.push_back({venue, seen.at, moneyOfWide(seen.equity, Rounding::Ceil)});
        };
        sample(account.nav.dayBestSeen());
        if (account.atJointPeak.at != UtcTime{})
            sample(account.atJointPeak);
        sample({now, account.nav.equity()});
        std::ranges::stable_sort(history.equity, {}, &EquitySample::at);
        history.nav = account.nav.index();
        history.peakNav = account.nav.peakIndex();
    }
    for (const Trip &trip : trips.trips()) {
        if (trip.position.instrument.venue == venue)
            history.trips.push_back(trip);
    }
    history.transfers = account.transfers;
    history.funding = account.funding;
    const auto concerns = [&](const Lockout &lockout) { return !lockout.account || *lockout.account == venue; };
    std::ranges::copy_if(lockouts.running(), std::back_inserter(history.lockouts), concerns);
    std::ranges::copy_if(lockouts.past(), std::back_inserter(history.endedLockouts), concerns);
    return history;
}

History RiskEngine::Impl::memoryOf(Venue venue) const
{
    const std::size_t index = indexOf(venue);
    History history;
    history.account = venue;
    for (const Slot &slot : slots) {
        if (slot.open && slot.account == index && !slot.trail.best.isZero())
            history.lives.push_back({slot.life.position, slot.life.direction, slot.life.openedAt, slot.trail.best,
                                     slot.trail.stop, slot.watched});
    }
    eachWatch(*this, [&](const Where &where, const Watch &watch) {
        if ((where.account != index && where.account != kGroup) || where.scope == Scope::Position)
            return;
        const Breaker &breaker = breakerOf(where, watch);
        for (std::size_t tier = 0; tier < breaker.tiers.size(); ++tier) {
            const Ladder::Rung &rung = watch.armed.rungs()[tier];
            if (rung == Ladder::Rung{})
                continue;
            history.tiers.push_back({text(subjectOf(where, breaker)), breaker.tiers[tier].id,
                                     accounts[where.account].nav.startedAt(periodOf(breaker.kind)), rung.fires, rung.armed,
                                     rung.active});
        }
    });
    return history;
}

} // namespace core::risk
