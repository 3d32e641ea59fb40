// What each fact changes, and what has to be looked at again because of it.
#include <algorithm>

#include "core/risk/engine_impl.h"
#include "core/risk/position_math.h"

namespace core::risk
{

namespace
{
constexpr Duration kTripsKept = std::chrono::days{40};
/// A change of the wallet below this share of it is fees, funding and rounding, never held back as a flow.
constexpr std::int64_t kFlowShare = 200;
/// Fills and balances of one event reach us within this time of each other.
constexpr Duration kSameMoment = std::chrono::seconds{5};

constexpr Wide magnitude(Wide value) { return value < 0 ? -value : value; }

Price atrPrice(Ratio atr, Price mark)
{
    return Price::fromRaw(saturated(mulDivWide(mark.raw(), atr.raw(), kWideOne, Rounding::Floor)));
}
} // namespace

void RiskEngine::Impl::on(const LimitsSet &fact)
{
    const std::size_t index = fact.account ? indexOf(*fact.account) : kGroup;
    Account &account = accounts[index];
    const std::optional<Limits> before = account.limits;
    const Limits *from = before ? &*before : nullptr;
    // A running escalation keeps its rule only when the ladder is still the same.
    std::erase_if(pending, [&](Pending &action) {
        if (action.where.account != index)
            return false;
        const auto at = std::ranges::find(fact.limits.breakers, from->breakers[action.rule]);
        action.rule = static_cast<std::size_t>(at - fact.limits.breakers.begin());
        return at == fact.limits.breakers.end();
    });
    account.limits = fact.limits;
    buildWatches(account.watches, from, &fact.limits, index == kGroup ? Scope::AllAccounts : Scope::Account);
    for (Market &market : markets) {
        if (indexOf(market.key.venue) == index)
            buildWatches(market.watches, from, &fact.limits, Scope::Symbol);
    }
    for (Slot &slot : slots) {
        if (slot.account == index)
            buildWatches(slot.watches, from, &fact.limits, Scope::Position);
    }
    account.marksValidUntil = UtcTime{};
    rollAccount(index);
    restoreNewWatches();
    replayTrips(index);
    judgeAccount(index);
}

void RiskEngine::Impl::on(const ArmingSet &fact)
{
    Account &account = accounts[indexOf(fact.account)];
    if (account.arming == fact.arming)
        return;
    const Arming group = armingOf(kGroup);
    account.arming = fact.arming;
    eachWatch(*this, [&](const Where &where, Watch &watch) {
        const bool own = where.account == indexOf(fact.account) && fact.arming == Arming::AlertOnly;
        const bool joint = where.account == kGroup && group != armingOf(kGroup) && armingOf(kGroup) == Arming::AlertOnly;
        if (own || joint)
            watch.alert = watch.armed;
    });
    if (fact.arming != Arming::Armed)
        std::erase_if(pending, [&](const Pending &action) { return action.where.account == indexOf(fact.account); });
    replayTrips(indexOf(fact.account));
    judgeAccount(indexOf(fact.account));
}

void RiskEngine::Impl::on(const InstrumentSet &fact)
{
    const std::size_t index = marketOf(fact.instrument.key);
    markets[index].rules = fact.instrument;
    for (const std::size_t slot : markets[index].slots) {
        if (slots[slot].open) {
            value(slots[slot], false);
            value(slots[slot], true);
            judgeSlot(slot);
        }
    }
}

void RiskEngine::Impl::on(const MarkSet &fact)
{
    if (!fact.mark.isPositive())
        return; // a mark that is no price: the last one ages
    const std::size_t index = marketOf(fact.instrument);
    Market &market = markets[index];
    const std::size_t account = indexOf(fact.instrument.venue);
    market.earlierMark = market.mark;
    market.mark = fact.mark;
    market.markTime = fact.venueTime;
    market.heardAt = now;
    if (market.estimate && market.estimate->atr && !market.atr)
        market.atr = atrPrice(*market.estimate->atr, fact.mark);
    bool open = false;
    for (const std::size_t i : market.slots) {
        Slot &slot = slots[i];
        if (!slot.open)
            continue;
        open = true;
        const bool first = !slot.priced;
        const Wide said = slot.pnl;
        value(slot, false);
        value(slot, true);
        // The first mark of a position whose result nobody told: it is in the account's equity already.
        if (first && !slot.position.unrealizedPnl)
            accounts[account].base -= slot.pnl - said;
        followBest(slot.trail, slot.life.direction, slot.position.entryPrice, fact.mark);
    }
    if (!open)
        return;
    for (const std::size_t i : market.slots)
        judgeSlot(i, Because::Mark);
    marked = index;
}

void RiskEngine::Impl::finishMark(std::size_t index)
{
    const std::size_t account = indexOf(markets[index].key.venue);
    setCorrelated(index);
    feedNav(account);
    judgeMarket(index, Because::Mark);
    judgeTotals(account, Because::Mark);
    judgeTotals(kGroup, Because::Mark);
}

/// Takes the slot's figures out of every sum, or computes them at the present mark and adds them.
void RiskEngine::Impl::value(Slot &slot, bool count)
{
    Market &market = markets[slot.market];
    const int by = count ? 1 : -1;
    const int s = sign(slot.life.direction);
    if (count) {
        const Position &position = slot.position;
        slot.priced = false;
        slot.notional = 0;
        slot.pnl = position.unrealizedPnl ? wide(*position.unrealizedPnl) : 0;
        const std::optional<Price> mark = market.mark ? market.mark : position.markPrice;
        if (mark && mark->isPositive()) {
            const auto pnl = productWide(s * (static_cast<Wide>(mark->raw()) - position.entryPrice.raw()),
                                         position.quantity.raw());
            const auto notional = productWide(mark->raw(), position.quantity.raw());
            if (pnl && notional) {
                slot.priced = true;
                slot.pnl = *pnl;
                slot.notional = *notional;
            }
        }
        valueMaintenance(slot);
    }
    for (Sums *sums : {&accounts[slot.account].sums, &accounts[kGroup].sums}) {
        sums->open += by;
        sums->unpriced += slot.priced ? 0 : by;
        sums->unknownMaintenance += slot.maintenanceKnown ? 0 : by;
        sums->pnl += by * slot.pnl;
        sums->gross += by * slot.notional;
        sums->net += by * s * slot.notional;
        sums->maintenance += by * slot.maintenance;
        if (slot.isolated) {
            sums->isolated += by;
            sums->isolatedMargin += by * slot.isolatedMargin;
            sums->isolatedMaintenance += by * slot.maintenance;
        }
    }
    market.gross += by * slot.notional;
    market.net += by * s * slot.notional;
}

void RiskEngine::Impl::valueMaintenance(Slot &slot)
{
    const Market &market = markets[slot.market];
    slot.maintenanceKnown = false;
    slot.maintenance = 0;
    if (slot.priced && market.rules && !market.rules->marginTiers.empty()) {
        const auto own = maintenanceMargin(market.rules->marginTiers, moneyOfWide(slot.notional, Rounding::Ceil));
        if (own) {
            slot.maintenance = wide(*own);
            slot.maintenanceKnown = true;
        }
    }
    if (!slot.maintenanceKnown && slot.position.maintenanceMargin) {
        slot.maintenance = wide(*slot.position.maintenanceMargin);
        slot.maintenanceKnown = true;
    }
    slot.isolated = slot.position.marginMode == MarginMode::Isolated && slot.position.isolatedMargin.has_value();
    slot.isolatedMargin = slot.isolated ? slot.isolatedBase + slot.pnl : 0;
}

void RiskEngine::Impl::on(const PositionSet &fact)
{
    setPosition(fact.life, fact.position);
    const std::size_t account = indexOf(fact.life.position.instrument.venue);
    const auto index = slotOf(fact.life.position);
    accounts[account].marksValidUntil = UtcTime{};
    feedNav(account);
    if (index) {
        judgeSlot(*index);
        judgeMarket(slots[*index].market);
    }
    judgeTotals(account);
    judgeTotals(kGroup);
}

void RiskEngine::Impl::setPosition(const Life &life, const Position &position)
{
    const std::size_t marketAt = marketOf(life.position.instrument);
    const bool isHeld = position.quantity.isPositive();
    const std::size_t account = indexOf(life.position.instrument.venue);
    auto index = slotOf(life.position);
    if (!index) {
        if (!isHeld)
            return;
        index = slots.size();
        slots.push_back({.life = life, .position = position, .market = marketAt, .account = account});
        markets[marketAt].slots.push_back(*index);
    }
    Slot &slot = slots[*index];
    const bool wasOpen = slot.open;
    const Wide before = wasOpen ? slot.pnl : 0;
    const Quantity sizeBefore = slot.position.quantity;
    if (wasOpen)
        value(slot, false);
    const bool sameLife = wasOpen && slot.life == life && isHeld;
    if (wasOpen && !sameLife) {
        markets[marketAt].awaited.push_back({slot.life.position, slot.openedAt, slot.realised + slot.pnl, slot.atStart});
        slot.open = false;
        std::erase_if(pending, [&](const Pending &action) { return action.where.scope == Scope::Position && action.where.slot == *index; });
    }
    if (isHeld) {
        if (!sameLife) {
            slot.life = life;
            slot.openedAt = slot.heldSince = life.openedAt;
            slot.trail = {};
            slot.watched = false;
            slot.realised = 0;
            slot.atStart = {};
            slot.watches.clear();
            if (const Limits *limits = limitsOf(account))
                buildWatches(slot.watches, nullptr, limits, Scope::Position);
        }
        slot.position = position;
        slot.open = true;
        slot.isolatedBase = position.isolatedMargin ? wide(*position.isolatedMargin) : 0;
        if (position.isolatedMargin) {
            const auto reported = position.unrealizedPnl;
            // What backs it holds its open result: taken out here, added again at each mark.
            value(slot, true);
            value(slot, false);
            slot.isolatedBase -= reported ? wide(*reported) : slot.pnl;
        }
        value(slot, true);
        joinCorrelated(marketAt);
        if (markets[marketAt].mark)
            followBest(slot.trail, life.direction, position.entryPrice, *markets[marketAt].mark);
        restoreLife(slot, accounts[account].lives);
        if (sameLife && position.quantity < sizeBefore)
            slot.realised += before - slot.pnl;
    }
    // The venue's totals say what was earned; until then a change of size does not change equity.
    accounts[account].base += before - (slot.open ? slot.pnl : 0);
    setCorrelated(marketAt);
    if (slot.open != wasOpen || !sameLife || position.quantity != sizeBefore) {
        accounts[account].sizesChangedAt = now;
        // The fill behind a change of the wallet, told after it.
        if (accounts[account].suspected && now - accounts[account].suspected->since <= kSameMoment)
            settleSuspicion(account);
    }
}

void RiskEngine::Impl::joinCorrelated(std::size_t index)
{
    Market &market = markets[index];
    if (market.member[0])
        return;
    const auto pair = [&](std::size_t other) {
        if (!correlation)
            return kUnknownCorrelation;
        const auto a = correlationIndex.find(market.key);
        const auto b = correlationIndex.find(markets[other].key);
        if (a == correlationIndex.end() || b == correlationIndex.end())
            return kUnknownCorrelation;
        return correlation->values[a->second * correlation->instruments.size() + b->second];
    };
    const std::size_t account = indexOf(market.key.venue);
    for (std::size_t which = 0; which < 2; ++which) {
        CorrelatedSum &sum = accounts[which == 0 ? account : kGroup].correlated;
        std::vector<Ratio> row(sum.size());
        for (std::size_t other = 0; other < markets.size(); ++other) {
            const Market &peer = markets[other];
            if (peer.member[which] && (which == 1 || peer.key.venue == market.key.venue))
                row[*peer.member[which]] = pair(other);
        }
        market.member[which] = sum.add(row);
    }
}

void RiskEngine::Impl::setCorrelated(std::size_t index)
{
    const Market &market = markets[index];
    if (!market.member[0])
        return;
    accounts[indexOf(market.key.venue)].correlated.set(*market.member[0], market.net);
    accounts[kGroup].correlated.set(*market.member[1], market.net);
}

void RiskEngine::Impl::on(const CorrelationSet &fact)
{
    const std::size_t n = fact.correlation.instruments.size();
    if (fact.correlation.values.size() != n * n)
        return; // not a matrix: the last one holds
    correlation = fact.correlation;
    for (Ratio &value : correlation->values)
        value = std::clamp(value, Ratio::fromRaw(-kDecimalOne), Ratio::fromRaw(kDecimalOne));
    correlationIndex.clear();
    for (std::size_t i = 0; i < n; ++i)
        correlationIndex.emplace(correlation->instruments[i], i);
    for (Account &account : accounts)
        account.correlated = {};
    for (Market &market : markets)
        market.member = {};
    for (std::size_t i = 0; i < markets.size(); ++i) {
        if (!markets[i].slots.empty()) {
            joinCorrelated(i);
            setCorrelated(i);
        }
    }
    everything();
}

/// Equity of a snapshot is as of the venue's time: marks that are newer than it are not in it yet.
void RiskEngine::Impl::on(const AccountSet &fact)
{
    const std::size_t index = indexOf(fact.account);
    Account &account = accounts[index];
    const std::optional<AccountSnapshot> before = account.totals;
    const Wide equityBefore = account.base + account.sums.pnl;
    account.totals = fact.totals;
    account.heardAt = now;
    Wide atSnapshot = 0;
    for (const Slot &slot : slots) {
        if (!slot.open || slot.account != index)
            continue;
        const Market &market = markets[slot.market];
        Wide pnl = slot.pnl;
        if (slot.priced && market.earlierMark && fact.totals.venueTime != UtcTime{} && fact.totals.venueTime < market.markTime) {
            const auto earlier = productWide(sign(slot.life.direction) * (static_cast<Wide>(market.earlierMark->raw()) -
                                                                         slot.position.entryPrice.raw()),
                                             slot.position.quantity.raw());
            pnl = earlier.value_or(pnl);
        }
        atSnapshot += pnl;
    }
    account.base = wide(fact.totals.equity) - atSnapshot;
    for (const Transfer &transfer : account.transfers) {
        if (transfer.venueTime > fact.totals.venueTime && fact.totals.venueTime != UtcTime{})
            account.base += wide(transfer.amount); // told before the totals that hold it
    }
    if (before && !account.suspected) {
        const Wide change = wide(fact.totals.walletBalance) - wide(before->walletBalance);
        const Wide jump = account.base + account.sums.pnl - equityBefore;
        const Wide size = magnitude(change);
        const bool moved = size * kFlowShare > std::max<Wide>(wide(before->walletBalance), 0);
        const bool sizesStood = now - account.sizesChangedAt > kSameMoment;
        if (moved && sizesStood && magnitude(change - jump) * 10 < size)
            account.suspected = SuspectedFlow{change, now};
    }
    if (!before) {
        account.firstHeardAt = std::max(fact.totals.venueTime, fact.totals.receivedAt);
        deriveFromTrips(index);
    }
    feedNav(index);
    if (!before)
        remember(index, now);
    judgeAccount(index);
}

/// Into the log of equities that a later run starts from.
void RiskEngine::Impl::remember(std::size_t index, UtcTime at)
{
    Account &account = accounts[index];
    account.samples.push_back({venueOf(index), at, moneyOfWide(account.nav.equity(), Rounding::Ceil)});
    std::erase_if(account.samples, [&](const EquitySample &sample) { return now - sample.at > kTripsKept; });
}

void RiskEngine::Impl::settleSuspicion(std::size_t index)
{
    Account &account = accounts[index];
    if (!account.suspected)
        return;
    account.suspected.reset();
    feedNav(index);
}

void RiskEngine::Impl::feedNav(std::size_t index)
{
    Account &account = accounts[index];
    if (account.totals)
        account.nav.onEquity(account.base + account.sums.pnl - (account.suspected ? account.suspected->amount : 0), now);
    Wide joint = 0;
    for (std::size_t i = 0; i < kAccounts; ++i) {
        if (!isMember(i))
            continue;
        if (!accounts[i].totals)
            return; // not every account is known yet
        joint += accounts[i].nav.equity();
    }
    if (!account.totals)
        return;
    accounts[kGroup].nav.onEquity(joint, now);
    if (accounts[kGroup].nav.peakSeen().at == now) {
        for (Account &member : accounts)
            member.atJointPeak = {now, member.nav.equity()};
    }
}

void RiskEngine::Impl::on(const TransferSet &fact)
{
    const std::size_t index = indexOf(fact.transfer.venue);
    Account &account = accounts[index];
    const bool known = std::ranges::any_of(account.transfers,
                                           [&](const Transfer &old) { return old.id == fact.transfer.id; });
    if (known)
        return;
    account.transfers.push_back(fact.transfer);
    std::erase_if(account.transfers, [&](const Transfer &old) { return now - old.venueTime > kTripsKept; });
    if (!account.totals || !account.nav.isKnown())
        return;
    const Wide flow = wide(fact.transfer.amount);
    const Wide joint = accounts[kGroup].nav.equity();
    const bool suspected = account.suspected && fact.transfer.venueTime <= account.totals->venueTime;
    const bool included = suspected || fact.transfer.venueTime <= account.totals->venueTime;
    if (suspected) {
        // The wallet has moved already and was held back for this: equity before it is what NAV holds.
        account.suspected->amount -= flow;
        if (magnitude(account.suspected->amount) * 100 <= magnitude(flow))
            account.suspected.reset();
    } else if (!included) {
        account.base += flow; // the totals that follow say the same
    }
    const bool late = included && !suspected;
    if (!late)
        remember(index, fact.transfer.venueTime);
    account.nav.onFlow(late ? account.nav.equity() - flow : account.nav.equity(), flow, late);
    if (accounts[kGroup].nav.isKnown())
        accounts[kGroup].nav.onFlow(late ? joint - flow : joint, flow, late);
    feedNav(index);
    judgeAccount(index);
}

void RiskEngine::Impl::on(const FundingSet &fact)
{
    const std::size_t index = indexOf(fact.payment.instrument.venue);
    Account &account = accounts[index];
    const bool known = std::ranges::any_of(account.funding, [&](const FundingPayment &old) {
        return old.instrument == fact.payment.instrument && old.venueTime == fact.payment.venueTime;
    });
    if (known)
        return;
    account.funding.push_back(fact.payment);
    pruneFunding(index);
    const Wide paid = wide(fact.payment.amount);
    if (account.suspected && magnitude(account.suspected->amount - paid) * 10 < magnitude(paid))
        settleSuspicion(index);
    judgeTotals(index);
    judgeTotals(kGroup);
}

void RiskEngine::Impl::pruneFunding(std::size_t index)
{
    Account &account = accounts[index];
    std::erase_if(account.funding, [&](const FundingPayment &old) { return now - old.venueTime >= std::chrono::hours{24}; });
    account.fundingNet = 0;
    for (const FundingPayment &payment : account.funding)
        account.fundingNet += wide(payment.amount);
}

void RiskEngine::Impl::on(const TripSet &fact)
{
    const std::size_t index = indexOf(fact.trip.position.instrument.venue);
    if (!trips.add(fact.trip))
        return;
    trips.forgetBefore(now - kTripsKept);
    Market &market = markets[marketOf(fact.trip.position.instrument)];
    std::erase_if(market.awaited, [&](const Awaited &life) {
        if (life.position != fact.trip.position || life.openedAt > fact.trip.closedAt)
            return false;
        for (std::size_t i = 0; i < kPeriods; ++i)
            market.carried[i] -= life.atStart[i];
        return true;
    });
    judgeAccount(index);
}

void RiskEngine::Impl::on(const EstimateSet &fact)
{
    const std::size_t index = marketOf(fact.estimate.instrument);
    Market &market = markets[index];
    // What is not known any more keeps its last ATR: the stop stays where it is (methods.md 7.3).
    if (fact.estimate.atr)
        market.atr = market.mark ? std::optional(atrPrice(*fact.estimate.atr, *market.mark)) : std::nullopt;
    market.estimate = fact.estimate;
    for (const std::size_t slot : market.slots)
        judgeSlot(slot);
}

void RiskEngine::Impl::on(const DepthSet &fact)
{
    const std::size_t index = marketOf(fact.depth.instrument);
    markets[index].depth = fact.depth;
    for (const std::size_t slot : markets[index].slots)
        judgeSlot(slot);
}

void RiskEngine::Impl::on(const FreshnessSet &fact)
{
    Account &account = accounts[indexOf(fact.account)];
    if (fact.instrument) {
        markets[marketOf(*fact.instrument)].fresh = fact.fresh;
    } else {
        account.fresh = fact.fresh;
        account.reconciled = fact.reconciled;
        account.replayDue = account.replayDue && !fact.reconciled;
        if (fact.fresh)
            account.heardAt = now;
    }
    account.marksValidUntil = UtcTime{};
    judgeAccount(indexOf(fact.account));
}

void RiskEngine::Impl::on(const LockoutReleased &fact)
{
    if (const auto released = lockouts.release(fact.id, now))
        out->push_back(LockoutSet{*released, true});
}

void RiskEngine::Impl::on(const TimePassed &)
{
    for (std::size_t i = 0; i < kAccounts; ++i) {
        pruneFunding(i);
        if (accounts[i].suspected && now - accounts[i].suspected->since >= kFlowGrace)
            settleSuspicion(i);
    }
    everything();
}

} // namespace core::risk
