// From readings to decisions: the ladder of each watch, lockouts, escalation, blocks.
#include <algorithm>

#include <fmt/format.h>

#include "core/domain/number_text.h"
#include "core/risk/engine_impl.h"

namespace core::risk
{

namespace
{
constexpr Duration kDay = std::chrono::hours{24};
constexpr int kHaltsUntilLocked = 3;
constexpr std::string_view kLocked = "locked";

bool isPeriodLoss(BreakerKind kind)
{
    return kind == BreakerKind::DayLoss || kind == BreakerKind::WeekLoss || kind == BreakerKind::MonthLoss;
}
bool isPeriodLoss(std::string_view reason)
{
    return reason == name(BreakerKind::DayLoss) || reason == name(BreakerKind::WeekLoss) ||
           reason == name(BreakerKind::MonthLoss);
}
} // namespace

void RiskEngine::Impl::judge(const Where &where, Watch &watch, const Reading &reading)
{
    const Breaker &breaker = breakerOf(where, watch);
    const Arming arming = armingOf(where.account);
    if (arming == Arming::Off || !breaker.enabled)
        return;
    const std::string_view past = reading.isValue() ? unknownPast(where, breaker.kind) : std::string_view{};
    if (reading.state == Reading::State::Undefined || !past.empty()) {
        if (!watch.undefinedSince)
            watch.undefinedSince = now;
        if (!watch.undefinedTold && now - *watch.undefinedSince >= kUndefinedDeadline) {
            watch.undefinedTold = true;
            out->push_back(Evaluability{subjectOf(where, breaker), false, std::string(past.empty() ? reading.why : past)});
        }
        if (past.empty())
            return; // with a past that is not in, what is known is the least that was lost: it acts
    } else {
        watch.undefinedSince.reset();
        if (watch.undefinedTold) {
            watch.undefinedTold = false;
            out->push_back(Evaluability{subjectOf(where, breaker), true, {}});
        }
    }
    Ladder &ladder = arming == Arming::Armed ? watch.armed : watch.alert;
    // Before the venue's positions are known, what is not there may only not have been told yet.
    const auto takesBack = isReconciled(where.account) ? Ladder::TakesBack::Yes : Ladder::TakesBack::No;
    if (reading.state == Reading::State::Clear) {
        if (takesBack == Ladder::TakesBack::Yes)
            ladder.clear(breaker);
        return;
    }
    if (ladder.isQuiet(breaker, reading.value))
        return;
    const auto hit = ladder.peek(breaker, reading.value);
    const bool acts = arming == Arming::Armed && hit &&
                      actionOf(breaker.kind, breaker.tiers[hit->tier]) > TierAction::Alert;
    if (acts && breaker.kind != BreakerKind::DataStale && !distrust(where, breaker.kind).empty()) {
        ladder.follow(breaker, reading.value, takesBack); // it blocks at once, and acts on the first trustworthy value
        return;
    }
    ladder.spendReached(breaker, reading.value, takesBack);
    if (hit)
        fire(where, watch, *hit, reading.value, acts);
}

void RiskEngine::Impl::fire(const Where &where, Watch &watch, const Ladder::Hit &hit, Ratio reading, bool acts)
{
    const Breaker &breaker = breakerOf(where, watch);
    const Tier &tier = breaker.tiers[hit.tier];
    const TierAction action = actionOf(breaker.kind, tier);
    Fired fired{.subject = subjectOf(where, breaker),
                .tier = tier.id,
                .action = action,
                .fraction = action == TierAction::Reduce ? tier.fraction : Ratio{},
                .fireNumber = hit.fireNumber,
                .acts = acts,
                .escalated = false,
                .reading = reading,
                .trigger = tier.trigger,
                .mark = {},
                .markTime = {},
                .quantity = {},
                .direction = {},
                .targets = {}};
    describe(fired, where);
    Pending effect{.where = where, .rule = watch.rule, .tier = hit.tier, .action = action, .deadline = {}, .targets = {}};
    if (action > TierAction::BlockNewRisk) {
        for (const std::size_t i : targetsOf(where, action)) {
            fired.targets.push_back(slots[i].life);
            effect.targets.push_back({i, slots[i].life.openedAt, slots[i].position.quantity});
        }
    }
    out->push_back(std::move(fired));
    if (!acts)
        return;
    watch.tripped = true;
    watch.trip = {now, action, tier.trigger, reading};
    if (!effect.targets.empty()) {
        effect.deadline = now + (tier.escalateAfter > Duration{0} ? tier.escalateAfter : kEscalateDefault);
        pending.push_back(std::move(effect));
    }
    lock(where, breaker, hit, reading);
}

/// What the tick and the position were, for the words that come later.
void RiskEngine::Impl::describe(Fired &fired, const Where &where) const
{
    if (where.scope != Scope::Position && where.scope != Scope::Symbol)
        return;
    fired.mark = markets[where.market].mark;
    if (fired.mark)
        fired.markTime = markets[where.market].markTime;
    if (where.scope == Scope::Position) {
        fired.quantity = slots[where.slot].position.quantity;
        fired.direction = slots[where.slot].life.direction;
    }
}

void RiskEngine::Impl::lock(const Where &where, const Breaker &breaker, const Ladder::Hit &hit, Ratio reading)
{
    // Every tier that was reached with this one is spent: the longest of their coolings-off holds.
    std::optional<Duration> base;
    for (const Tier &tier : breaker.tiers) {
        if (isReached(breaker.kind, tier, reading) && tier.coolingOff)
            base = std::max(base.value_or(*tier.coolingOff), *tier.coolingOff);
    }
    const bool halts = isPeriodLoss(breaker.kind) && hit.tier + 1 == breaker.tiers.size();
    const Limits &limits = *accounts[where.account].limits;
    if (halts && !base)
        base = limits.coolingOffBase;
    if (!base)
        return;
    const Subject subject = subjectOf(where, breaker);
    const int breaches = lockouts.breachesSince(now - kDay, subject.account) +
                         (lockouts.breachAt(now, subject.account) ? 0 : 1);
    Lockout lockout{.id = fmt::format("{}/{}", text(subject), toNanoseconds(now)),
                    .scope = breaker.scope,
                    .account = subject.account,
                    .instrument = subject.instrument,
                    .reason = std::string(name(breaker.kind)),
                    .startedAt = now,
                    .until = now + coolingOff(*base, limits.coolingOffCap, breaches),
                    .needsRelease = halts && breaker.kind == BreakerKind::MonthLoss};
    if (const auto latest = lockouts.latestEnd(lockout, now))
        lockout.until = std::max(lockout.until, *latest);
    addLockout(lockout);
    if (!halts || where.scope == Scope::Symbol)
        return;
    std::set<UtcTime> haltsOfWeek;
    for (const auto *list : {&lockouts.running(), &lockouts.past()}) {
        for (const Lockout &old : *list) {
            if (old.account == subject.account && old.scope == breaker.scope && isPeriodLoss(old.reason) &&
                old.startedAt > now - LockoutBook::kRemembered)
                haltsOfWeek.insert(old.startedAt);
        }
    }
    if (haltsOfWeek.size() >= kHaltsUntilLocked) {
        lockout.id = fmt::format("{}/{}/{}", kLocked, text(subject), toNanoseconds(now));
        lockout.reason = kLocked;
        lockout.needsRelease = true;
        addLockout(lockout);
    }
}

void RiskEngine::Impl::on(const CoolingOffSet &fact)
{
    const std::size_t index = indexOf(fact.account);
    const Limits *limits = limitsOf(index);
    const std::string id =
        fmt::format("{}/{}/{}/{}", fact.reason, name(Scope::Account), name(fact.account), toNanoseconds(fact.since));
    const auto isKnown = [&](const std::vector<Lockout> &list) {
        return std::ranges::any_of(list, [&](const Lockout &old) { return old.id == id; });
    };
    if (limits == nullptr || isKnown(lockouts.running()) || isKnown(lockouts.past()))
        return;
    const int breaches = lockouts.breachesSince(now - kDay, fact.account) + (lockouts.breachAt(now, fact.account) ? 0 : 1);
    // It begins now, also where it is heard of late: what was opened in between was not forbidden.
    Lockout lockout{.id = id,
                    .scope = Scope::Account,
                    .account = fact.account,
                    .instrument = std::nullopt,
                    .reason = fact.reason,
                    .startedAt = now,
                    .until = fact.since + coolingOff(limits->coolingOffBase, limits->coolingOffCap, breaches),
                    .needsRelease = false};
    if (const auto latest = lockouts.latestEnd(lockout, now))
        lockout.until = std::max(lockout.until, *latest);
    if (lockout.until > now)
        addLockout(std::move(lockout));
}

void RiskEngine::Impl::addLockout(Lockout lockout)
{
    if (lockouts.add(lockout))
        out->push_back(LockoutSet{std::move(lockout), false});
}

std::vector<std::size_t> RiskEngine::Impl::targetsOf(const Where &where, TierAction action) const
{
    if (where.scope == Scope::Position && action < TierAction::Flatten)
        return {where.slot};
    std::vector<std::size_t> found;
    const bool wide = action == TierAction::Flatten || where.scope == Scope::Account || where.scope == Scope::AllAccounts;
    for (std::size_t i = 0; i < slots.size(); ++i) {
        const Slot &slot = slots[i];
        if (!slot.open)
            continue;
        const bool inScope = wide ? where.account == kGroup || slot.account == where.account
                                  : (where.scope == Scope::Symbol ? slot.market == where.market : i == where.slot);
        if (inScope && armingOf(slot.account) == armingOf(where.account))
            found.push_back(i);
    }
    // The nearest to liquidation first, then the largest, then by name: not by what appeared first.
    const auto danger = [&](std::size_t i) {
        const Slot &slot = slots[i];
        const Reading distance = readLiquidation(slot, markets[slot.market], BreakerKind::LiquidationDistance);
        return std::tuple(distance.isValue() ? distance.value : kWorst, -slot.notional, slot.life.position);
    };
    std::ranges::sort(found, {}, danger);
    return found;
}

void RiskEngine::Impl::driveEscalations()
{
    std::vector<Pending> again;
    for (std::size_t i = 0; i < pending.size();) {
        Pending &action = pending[i];
        const Limits &limits = *accounts[action.where.account].limits;
        const Breaker &breaker = limits.breakers[action.rule];
        const Tier &tier = breaker.tiers[action.tier];
        const Duration wait = tier.escalateAfter > Duration{0} ? tier.escalateAfter : kEscalateDefault;
        bool shrank = false;
        std::erase_if(action.targets, [&](Pending::Target &target) {
            const Slot &slot = slots[target.slot];
            if (!slot.open || slot.life.openedAt != target.openedAt)
                return true;
            if (slot.position.quantity >= target.quantity)
                return false;
            shrank = true;
            target.quantity = slot.position.quantity;
            return action.action == TierAction::Reduce;
        });
        if (shrank)
            action.deadline = now + wait;
        const Reading reading = read(action.where, breaker);
        const bool over = action.targets.empty() || action.action == TierAction::Flatten ||
                          (reading.isValue() && isBack(breaker.kind, tier, reading.value));
        if (over) {
            pending.erase(pending.begin() + static_cast<std::ptrdiff_t>(i));
            continue;
        }
        if (now < action.deadline || !reading.isValue() || !distrust(action.where, breaker.kind).empty()) {
            ++i;
            continue;
        }
        Pending next = action;
        pending.erase(pending.begin() + static_cast<std::ptrdiff_t>(i));
        next.action = static_cast<TierAction>(static_cast<int>(next.action) + 1);
        next.deadline = now + wait;
        next.targets.clear();
        Fired fired{.subject = subjectOf(next.where, breaker),
                    .tier = tier.id,
                    .action = next.action,
                    .fraction = {},
                    .fireNumber = 1,
                    .acts = true,
                    .escalated = true,
                    .reading = reading.value,
                    .trigger = tier.trigger,
                    .mark = {},
                    .markTime = {},
                    .quantity = {},
                    .direction = {},
                    .targets = {}};
        describe(fired, next.where);
        eachWatch(*this, [&](const Where &where, Watch &watch) {
            if (where.scope == next.where.scope && where.account == next.where.account && where.market == next.where.market &&
                where.slot == next.where.slot && watch.rule == next.rule)
                fired.fireNumber = watch.armed.countFire(next.tier);
        });
        for (const std::size_t slot : targetsOf(next.where, next.action)) {
            fired.targets.push_back(slots[slot].life);
            next.targets.push_back({slot, slots[slot].life.openedAt, slots[slot].position.quantity});
        }
        out->push_back(std::move(fired));
        again.push_back(std::move(next));
    }
    pending.insert(pending.end(), again.begin(), again.end());
}

Subject RiskEngine::Impl::subjectOf(const Where &where, const Breaker &breaker) const
{
    Subject subject{.kind = breaker.kind, .scope = breaker.scope, .account = {}, .instrument = {}, .side = {}};
    if (where.account != kGroup)
        subject.account = venueOf(where.account);
    if (where.scope == Scope::Position || where.scope == Scope::Symbol)
        subject.instrument = markets[where.market].key;
    if (where.scope == Scope::Position)
        subject.side = slots[where.slot].life.position.side;
    return subject;
}

bool RiskEngine::Impl::blocks(const Watch &watch, const Breaker &breaker, std::size_t tier) const
{
    const Tier &step = breaker.tiers[tier];
    if (!watch.armed.rungs()[tier].active || actionOf(breaker.kind, step) < TierAction::BlockNewRisk)
        return false;
    return !(step.coolingOff && endsByTradingOnly(breaker.kind)); // the lockout blocks
}

std::vector<Block> RiskEngine::Impl::blocksOn(const InstrumentKey &instrument) const
{
    std::vector<Block> result;
    const std::size_t account = indexOf(instrument.venue);
    const auto market = knownMarket(instrument);
    for (const Lockout &lockout : lockouts.running()) {
        const bool concerns = lockout.scope == Scope::AllAccounts || !lockout.account ||
                              (*lockout.account == instrument.venue &&
                               (lockout.scope == Scope::Account || lockout.instrument == instrument));
        if (concerns)
            result.push_back({"lockout", lockout.scope, lockout.reason, lockout.needsRelease ? "release" : "", lockout.until});
    }
    if (armingOf(account) == Arming::Off)
        return result;
    if (!accounts[account].limits)
        result.push_back({"no-limits", Scope::Account, {}, {}, {}});
    if (!accounts[account].reconciled)
        result.push_back({"not-reconciled", Scope::Account, {}, {}, {}});
    for (std::size_t i = 0; i < kAccounts; ++i) {
        const bool concerns = i == account || (isMember(i) && accounts[kGroup].limits);
        if (concerns && accounts[i].historyMissing && armingOf(account) == Arming::Armed)
            result.push_back({"history-missing", i == account ? Scope::Account : Scope::AllAccounts, *accounts[i].historyMissing, {}, {}});
    }
    bool stale = !accountFresh(account) || !market || !markFresh(markets[*market]);
    for (const Slot &slot : slots)
        stale = stale || (slot.open && slot.account == account && !markFresh(markets[slot.market]));
    if (stale)
        result.push_back({"stale", Scope::Account, {}, {}, {}});
    eachWatch(*this, [&](const Where &where, const Watch &watch) {
        const bool concerns = where.scope == Scope::AllAccounts ||
                              (where.account == account && (where.scope == Scope::Account || where.market == market));
        const Breaker &breaker = breakerOf(where, watch);
        if (!concerns || !breaker.enabled || armingOf(where.account) != Arming::Armed || armingOf(account) != Arming::Armed)
            return;
        for (std::size_t tier = breaker.tiers.size(); tier-- > 0;) {
            if (!blocks(watch, breaker, tier))
                continue;
            const Reading reading = read(where, breaker);
            result.push_back({std::string(name(breaker.kind)), where.scope,
                              reading.isValue() ? readingText(breaker.kind, reading.value) : std::string(reading.why),
                              levelText(breaker.kind, breaker.tiers[tier].trigger), {}});
            return;
        }
    });
    const bool held = market && std::ranges::any_of(markets[*market].slots, [&](std::size_t i) { return slots[i].open; });
    if (armingOf(account) == Arming::Armed && !held && stateOf(account).state == TradingState::Reduced)
        result.push_back({"reduced", Scope::Account, "no new symbols", {}, {}});
    return result;
}

void RiskEngine::Impl::followState(std::size_t index)
{
    // Steps of used shares, each left again below four fifths of it.
    static constexpr std::array<std::int64_t, 3> kSteps{50'000'000, 75'000'000, 100'000'000};
    Account &account = accounts[index];
    std::int64_t used = 0;
    for (const Watch &watch : account.watches) {
        const Where where{Scope::Account, index, 0, 0};
        const Breaker &breaker = breakerOf(where, watch);
        if (!breaker.enabled || !isPeriodLoss(breaker.kind))
            continue;
        if (watch.last && watch.last->isPositive())
            used = std::max(used, ratioOfWide(watch.last->raw(), breaker.tiers.back().trigger.raw(), Rounding::Ceil).raw());
    }
    int state = static_cast<int>(account.state);
    while (state < 3 && used >= kSteps[static_cast<std::size_t>(state)])
        ++state;
    while (state > 0 && used * 5 < kSteps[static_cast<std::size_t>(state) - 1] * 4)
        --state;
    account.state = static_cast<TradingState>(state);
}

AccountState RiskEngine::Impl::stateOf(std::size_t index) const
{
    const Venue venue = venueOf(index);
    TradingState state = accounts[index].state;
    for (const Lockout &lockout : lockouts.running()) {
        if (lockout.needsRelease && (lockout.scope == Scope::AllAccounts || (lockout.scope == Scope::Account && lockout.account == venue)))
            state = TradingState::Locked;
    }
    const std::int64_t multiplier = state >= TradingState::Halted ? 0
                                    : state == TradingState::Reduced ? kDecimalOne / 2
                                                                     : kDecimalOne;
    return {state, Ratio::fromRaw(multiplier)};
}

} // namespace core::risk
