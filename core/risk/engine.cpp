#include "core/risk/engine.h"

#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "core/risk/engine_impl.h"

namespace core::risk
{

std::string_view name(TradingState state)
{
    switch (state) {
    case TradingState::Normal:
        return "normal";
    case TradingState::Warning:
        return "warning";
    case TradingState::Reduced:
        return "reduced";
    case TradingState::Halted:
        return "halted";
    case TradingState::Locked:
        break;
    }
    return "locked";
}

Period periodOf(BreakerKind kind)
{
    if (kind == BreakerKind::WeekLoss)
        return Period::Week;
    return kind == BreakerKind::MonthLoss ? Period::Month : Period::Day;
}

bool followsMark(BreakerKind kind)
{
    switch (kind) {
    case BreakerKind::TimeInPosition:
    case BreakerKind::VolatilityShock:
    case BreakerKind::LiquidityVacuum:
    case BreakerKind::ConsecutiveLosses:
    case BreakerKind::TradesPerDay:
    case BreakerKind::LosingTradesPerDay:
    case BreakerKind::DataStale:
        return false;
    default:
        return true;
    }
}

bool readingRestarts(BreakerKind kind)
{
    switch (kind) {
    case BreakerKind::DayLoss:
    case BreakerKind::WeekLoss:
    case BreakerKind::MonthLoss:
    case BreakerKind::ProfitFloor:
    case BreakerKind::TradesPerDay:
    case BreakerKind::LosingTradesPerDay:
        return true;
    default:
        return false;
    }
}

bool endsByTradingOnly(BreakerKind kind)
{
    return kind == BreakerKind::ConsecutiveLosses || kind == BreakerKind::Drawdown;
}

bool isLossOfEquity(BreakerKind kind)
{
    switch (kind) {
    case BreakerKind::DayLoss:
    case BreakerKind::WeekLoss:
    case BreakerKind::MonthLoss:
    case BreakerKind::Drawdown:
    case BreakerKind::ProfitFloor:
    case BreakerKind::MarginRatio:
        return true;
    default:
        return false;
    }
}

RiskEngine::RiskEngine() : m_impl(std::make_unique<Impl>()) {}
RiskEngine::~RiskEngine() = default;
RiskEngine::RiskEngine(RiskEngine &&) noexcept = default;
RiskEngine &RiskEngine::operator=(RiskEngine &&) noexcept = default;

void RiskEngine::apply(const RiskEvent &event, std::vector<RiskDecision> &out)
{
    m_impl->begin(event, out);
    m_impl->finish(out);
}

void RiskEngine::begin(const RiskEvent &event, std::vector<RiskDecision> &out) { m_impl->begin(event, out); }
void RiskEngine::finish(std::vector<RiskDecision> &out) { m_impl->finish(out); }

void RiskEngine::restoreFires(const Subject &subject, const Life &life, std::string_view tier, int fires)
{
    const auto slot = m_impl->slotOf(life.position);
    if (!slot || m_impl->slots[*slot].life != life)
        return;
    const Where where{Scope::Position, m_impl->slots[*slot].account, m_impl->slots[*slot].market, *slot};
    for (Watch &watch : m_impl->slots[*slot].watches) {
        const Breaker &breaker = m_impl->breakerOf(where, watch);
        if (breaker.kind == subject.kind && breaker.scope == subject.scope)
            watch.armed.spend(breaker, tier, fires);
    }
}

void RiskEngine::reopen(const Subject &subject, std::string_view tier)
{
    Impl::eachWatch(*m_impl, [&](const Where &where, Watch &watch) {
        const Breaker &breaker = m_impl->breakerOf(where, watch);
        if (breaker.kind != subject.kind || m_impl->subjectOf(where, breaker) != subject)
            return;
        watch.armed.reopen(breaker, tier);
        std::erase_if(m_impl->pending, [&](const Pending &pending) {
            return pending.rule == watch.rule && pending.where.scope == where.scope &&
                   pending.where.account == where.account && pending.where.market == where.market &&
                   pending.where.slot == where.slot && breaker.tiers[pending.tier].id == tier;
        });
    });
}

std::vector<RiskEngine::Reached> RiskEngine::reached(const PositionKey &position) const
{
    std::vector<Reached> result;
    const auto index = m_impl->slotOf(position);
    if (!index || !m_impl->slots[*index].open)
        return result;
    const Slot &slot = m_impl->slots[*index];
    const Where where{Scope::Position, slot.account, slot.market, *index};
    for (const Watch &watch : slot.watches) {
        const Breaker &breaker = m_impl->breakerOf(where, watch);
        const Reading reading = m_impl->read(where, breaker);
        if (!breaker.enabled || !reading.isValue())
            continue;
        const auto hit = watch.armed.peek(breaker, reading.value);
        if (hit && actionOf(breaker.kind, breaker.tiers[hit->tier]) > TierAction::BlockNewRisk)
            result.push_back({m_impl->subjectOf(where, breaker), breaker.tiers[hit->tier].id, hit->fireNumber});
    }
    return result;
}

std::vector<RiskEngine::Coming> RiskEngine::coming(Venue account, std::size_t most) const
{
    return m_impl->coming(indexOf(account), most);
}

std::string RiskEngine::sentence(const Fired &fired) const { return m_impl->firedText(fired); }

std::vector<Standing> RiskEngine::standings() const { return m_impl->standings(); }

std::vector<Standing> RiskEngine::standingsAfter(const Life &life, const Position &position, Money cost) const
{
    return standingsAfter(std::vector{PositionSet{life, position}}, cost);
}

std::vector<Standing> RiskEngine::standingsAfter(const std::vector<PositionSet> &positions, Money cost) const
{
    Impl after = *m_impl; // a value: what is tried out leaves no trace
    std::vector<RiskDecision> unheard;
    after.out = &unheard;
    for (const PositionSet &set : positions) {
        after.setPosition(set.life, set.position);
        const std::size_t index = indexOf(set.life.position.instrument.venue);
        after.accounts[index].base -= &set == &positions.back() ? wide(cost) : 0;
        after.feedNav(index);
    }
    return after.standings();
}

std::vector<Block> RiskEngine::blocks(const InstrumentKey &instrument) const { return m_impl->blocksOn(instrument); }
std::vector<Lockout> RiskEngine::lockouts() const { return m_impl->lockouts.running(); }
AccountState RiskEngine::accountState(Venue account) const { return m_impl->stateOf(indexOf(account)); }
History RiskEngine::history(Venue account) const { return m_impl->historyOf(account); }
History RiskEngine::memory(Venue account) const { return m_impl->memoryOf(account); }

std::optional<Money> RiskEngine::lossHeadroom(std::optional<Venue> venue) const
{
    const std::size_t index = venue ? indexOf(*venue) : kGroup;
    std::optional<Wide> tightest;
    for (const Watch &watch : m_impl->accounts[index].watches) {
        const Where where{venue ? Scope::Account : Scope::AllAccounts, index, 0, 0};
        const Breaker &breaker = m_impl->breakerOf(where, watch);
        if (!breaker.enabled || !isLossOfEquity(breaker.kind) || !m_impl->read(where, breaker).isValue())
            continue;
        for (const Tier &tier : breaker.tiers) {
            if (actionOf(breaker.kind, tier) < TierAction::Close)
                continue;
            if (const auto loss = m_impl->lossTo(where, breaker, tier.trigger))
                tightest = std::min(tightest.value_or(*loss), *loss);
        }
    }
    return tightest ? std::optional(moneyOfWide(std::max<Wide>(*tightest, 0), Rounding::Floor)) : std::nullopt;
}

RiskEngine::PositionRoom RiskEngine::room(const PositionKey &position) const
{
    PositionRoom room;
    const auto index = m_impl->slotOf(position);
    if (!index || !m_impl->slots[*index].open)
        return room;
    const Slot &slot = m_impl->slots[*index];
    const bool isLong = slot.life.direction == Direction::Long;
    const auto tighten = [&](const Where &where, const Watch &watch) {
        const Breaker &breaker = m_impl->breakerOf(where, watch);
        if (!breaker.enabled || !m_impl->read(where, breaker).isValue())
            return;
        for (const Tier &tier : breaker.tiers) {
            if (actionOf(breaker.kind, tier) < TierAction::Close)
                continue;
            const auto price = where.scope == Scope::Position ? m_impl->priceAt(slot, breaker, tier.trigger) : std::nullopt;
            if (price && (!room.price || (isLong ? *price > *room.price : *price < *room.price)))
                room.price = price;
            if (const auto loss = m_impl->lossTo(where, breaker, tier.trigger)) {
                const Money money = moneyOfWide(std::max<Wide>(*loss, 0), Rounding::Floor);
                room.loss = std::min(room.loss.value_or(money), money);
            }
        }
    };
    for (const Watch &watch : slot.watches)
        tighten({Scope::Position, slot.account, slot.market, *index}, watch);
    for (const Watch &watch : m_impl->markets[slot.market].watches)
        tighten({Scope::Symbol, slot.account, slot.market, 0}, watch);
    return room;
}

void RiskEngine::Impl::begin(const RiskEvent &event, std::vector<RiskDecision> &decisions)
{
    finish(decisions);
    CORE_ASSERT(event.at >= now, "REQUIRES: the time of events never goes back");
    now = std::max(now, event.at);
    out = &decisions;
    rollPeriods();
    for (const Lockout &ended : lockouts.expire(now))
        out->push_back(LockoutSet{ended, true});
    std::visit([this](const auto &fact) { on(fact); }, event.fact);
    unfinished = true;
    out = nullptr;
}

void RiskEngine::Impl::finish(std::vector<RiskDecision> &decisions)
{
    if (!std::exchange(unfinished, false))
        return;
    out = &decisions;
    if (const auto market = std::exchange(marked, std::nullopt))
        finishMark(*market);
    if (!pending.empty())
        driveEscalations();
    out = nullptr;
}

std::size_t RiskEngine::Impl::marketOf(const InstrumentKey &key)
{
    const auto [found, isNew] = marketIndex.try_emplace(key, markets.size());
    if (isNew) {
        markets.push_back({.key = key});
        if (const Limits *limits = limitsOf(indexOf(key.venue)))
            buildWatches(markets.back().watches, nullptr, limits, Scope::Symbol);
        restoreNewWatches();
    }
    return found->second;
}

std::optional<std::size_t> RiskEngine::Impl::knownMarket(const InstrumentKey &key) const
{
    const auto found = marketIndex.find(key);
    return found == marketIndex.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::size_t> RiskEngine::Impl::slotOf(const PositionKey &key) const
{
    const auto market = knownMarket(key.instrument);
    if (!market)
        return std::nullopt;
    for (const std::size_t slot : markets[*market].slots) {
        if (slots[slot].life.position.side == key.side)
            return slot;
    }
    return std::nullopt;
}

bool RiskEngine::Impl::isMember(std::size_t account) const
{
    return account < kAccounts && (accounts[account].limits || accounts[account].totals);
}

Arming RiskEngine::Impl::armingOf(std::size_t account) const
{
    if (account != kGroup)
        return accounts[account].arming;
    Arming most = Arming::Off;
    for (std::size_t i = 0; i < kAccounts; ++i) {
        if (isMember(i))
            most = std::max(most, accounts[i].arming);
    }
    return most;
}

const Limits *RiskEngine::Impl::limitsOf(std::size_t account) const
{
    return accounts[account].limits ? &*accounts[account].limits : nullptr;
}

const Breaker &RiskEngine::Impl::breakerOf(const Where &where, const Watch &watch) const
{
    return accounts[where.account].limits->breakers[watch.rule];
}

Duration RiskEngine::Impl::markStaleAfter(std::size_t account) const
{
    const Limits *limits = limitsOf(account);
    return limits != nullptr ? limits->markStaleAfter : Limits{}.markStaleAfter;
}

bool RiskEngine::Impl::markFresh(const Market &market) const
{
    return market.mark && market.fresh && now - market.heardAt <= markStaleAfter(indexOf(market.key.venue));
}

bool RiskEngine::Impl::accountFresh(std::size_t index) const
{
    const Account &account = accounts[index];
    const Duration limit = account.limits ? account.limits->accountStaleAfter : Limits{}.accountStaleAfter;
    return account.totals && account.fresh && now - account.heardAt <= limit;
}

bool RiskEngine::Impl::marksFresh(std::size_t index)
{
    Account &account = accounts[index];
    if (account.marksFresh && now <= account.marksValidUntil)
        return true;
    account.marksFresh = true;
    account.marksValidUntil = UtcTime::max();
    const Duration limit = markStaleAfter(index);
    for (const Slot &slot : slots) {
        if (!slot.open || slot.account != index)
            continue;
        const Market &market = markets[slot.market];
        account.marksFresh = account.marksFresh && markFresh(market);
        account.marksValidUntil = std::min(account.marksValidUntil, market.heardAt + limit);
    }
    return account.marksFresh;
}

bool RiskEngine::Impl::isReconciled(std::size_t account) const
{
    if (account != kGroup)
        return accounts[account].reconciled;
    for (std::size_t i = 0; i < kAccounts; ++i) {
        if (isMember(i) && !accounts[i].reconciled)
            return false;
    }
    return true;
}

std::string_view RiskEngine::Impl::distrust(std::size_t account)
{
    if (account == kGroup) {
        for (std::size_t i = 0; i < kAccounts; ++i) {
            if (!isMember(i))
                continue;
            if (const std::string_view why = distrust(i); !why.empty())
                return why;
        }
        return {};
    }
    if (const std::string_view why = distrustOfWords(account); !why.empty())
        return why;
    if (!marksFresh(account))
        return "the mark price of an open position is stale";
    return {};
}

std::string_view RiskEngine::Impl::distrustOfWords(std::size_t account) const
{
    if (!accounts[account].reconciled)
        return "positions and orders are not reconciled with the venue";
    if (!accountFresh(account))
        return "the account data is stale";
    return {};
}

/// A limit of one position needs that position's mark; the silence of another market must not take its protection away.
std::string_view RiskEngine::Impl::distrust(const Where &where, BreakerKind kind)
{
    if (where.scope != Scope::Position || kind == BreakerKind::LossOnEquity)
        return distrust(where.account);
    if (const std::string_view why = distrustOfWords(where.account); !why.empty())
        return why;
    return markFresh(markets[where.market]) ? std::string_view{} : "the mark price is stale";
}

void RiskEngine::Impl::rollPeriods()
{
    for (std::size_t i = 0; i <= kGroup; ++i)
        rollAccount(i);
}

void RiskEngine::Impl::rollAccount(std::size_t index)
{
    Account &account = accounts[index];
    const Duration startsAt = account.limits ? account.limits->dayStartsAt : Duration{0};
    const std::array<UtcTime, kPeriods> before{account.nav.startedAt(Period::Day), account.nav.startedAt(Period::Week),
                                               account.nav.startedAt(Period::Month)};
    account.nav.roll(now, startsAt);
    if (index != kGroup && account.nav.startedAt(Period::Day) != before[0] && account.nav.isKnown())
        remember(index, account.nav.startedAt(Period::Day) - std::chrono::nanoseconds{1});
    for (std::size_t i = 0; i < kPeriods; ++i) {
        const auto period = static_cast<Period>(i);
        if (account.nav.startedAt(period) == before[i])
            continue;
        eachWatch(*this, [&](const Where &where, Watch &watch) {
            if (where.account != index || where.scope == Scope::Position)
                return;
            const BreakerKind kind = breakerOf(where, watch).kind;
            if (periodOf(kind) != period)
                return;
            watch.armed.nextPeriod(readingRestarts(kind));
            watch.alert.nextPeriod(readingRestarts(kind));
            watch.tripped = watch.tripped && !readingRestarts(kind);
        });
        for (Slot &slot : slots) {
            if (slot.account == index)
                slot.atStart[i] = slot.realised + slot.pnl;
        }
        for (Market &market : markets) {
            if (indexOf(market.key.venue) != index)
                continue;
            market.carried[i] = 0;
            for (Awaited &life : market.awaited)
                life.atStart[i] = life.realised;
        }
    }
}

void RiskEngine::Impl::buildWatches(std::vector<Watch> &watches, const Limits *from, const Limits *to, Scope scope)
{
    std::vector<Watch> built;
    for (std::size_t rule = 0; to != nullptr && rule < to->breakers.size(); ++rule) {
        const Breaker &breaker = to->breakers[rule];
        if (breaker.scope != scope)
            continue;
        Watch watch{.rule = rule, .armed = Ladder(breaker.tiers.size()), .alert = Ladder(breaker.tiers.size())};
        for (const Watch &old : watches) {
            const Breaker &was = from->breakers[old.rule];
            if (was.kind != breaker.kind)
                continue;
            watch = old;
            watch.rule = rule;
            watch.armed = carriedOver(old.armed, was, breaker);
            watch.alert = carriedOver(old.alert, was, breaker);
        }
        watch.followsMark = followsMark(breaker.kind);
        built.push_back(std::move(watch));
    }
    watches = std::move(built);
}

void RiskEngine::Impl::judgeSlot(std::size_t index, Because because)
{
    Slot &slot = slots[index];
    if (!slot.open)
        return;
    followTrail(slot);
    const Where where{Scope::Position, slot.account, slot.market, index};
    for (Watch &watch : slot.watches) {
        if (watch.followsMark || because != Because::Mark)
            judge(where, watch, read(where, breakerOf(where, watch)));
    }
}

void RiskEngine::Impl::judgeMarket(std::size_t index, Because because)
{
    const Where where{Scope::Symbol, indexOf(markets[index].key.venue), index, 0};
    for (Watch &watch : markets[index].watches) {
        if (watch.followsMark || because != Because::Mark)
            judge(where, watch, read(where, breakerOf(where, watch)));
    }
}

void RiskEngine::Impl::judgeTotals(std::size_t index, Because because)
{
    const Where where{index == kGroup ? Scope::AllAccounts : Scope::Account, index, 0, 0};
    for (Watch &watch : accounts[index].watches) {
        if (!watch.followsMark && because == Because::Mark)
            continue;
        const Reading reading = read(where, breakerOf(where, watch));
        watch.last = reading.isValue() ? std::optional(reading.value) : std::nullopt;
        judge(where, watch, reading);
    }
    if (index != kGroup)
        followState(index);
}

void RiskEngine::Impl::judgeAccount(std::size_t index)
{
    for (std::size_t i = 0; i < slots.size(); ++i) {
        if (slots[i].open && (index == kGroup || slots[i].account == index))
            judgeSlot(i);
    }
    for (std::size_t i = 0; i < markets.size(); ++i) {
        if (index == kGroup || indexOf(markets[i].key.venue) == index)
            judgeMarket(i);
    }
    for (std::size_t i = 0; i < kAccounts; ++i) {
        if (index == kGroup || index == i)
            judgeTotals(i);
    }
    judgeTotals(kGroup);
}

void RiskEngine::Impl::everything() { judgeAccount(kGroup); }

} // namespace core::risk
