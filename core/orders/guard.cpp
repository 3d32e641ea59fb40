#include "core/orders/guard.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/base/assert.h"
#include "core/orders/guard_impl.h"
#include "core/domain/number_text.h"

namespace core::orders
{

Guard::Guard() : m_impl(std::make_unique<Impl>()) {}
Guard::~Guard() = default;
Guard::Guard(Guard &&) noexcept = default;
Guard &Guard::operator=(Guard &&) noexcept = default;

void Guard::apply(const GuardInputRecord &record, std::vector<GuardOutput> &out)
{
    m_impl->decide(record, out);
    m_impl->finish(out);
}

void Guard::decide(const GuardInputRecord &record, std::vector<GuardOutput> &out) { m_impl->decide(record, out); }
void Guard::finish(std::vector<GuardOutput> &out) { m_impl->finish(out); }

GuardView Guard::view() const { return m_impl->view(); }
risk::History Guard::history(Venue account) const
{
    risk::History history = m_impl->engine.history(account);
    m_impl->tellHabits(account, history);
    return history;
}
risk::History Guard::memory(Venue account) const { return m_impl->engine.memory(account); }
std::vector<risk::Standing> Guard::standingsAfter(const risk::Life &life, const Position &position, Money cost) const
{
    risk::Life held = life;
    if (const auto *slot = m_impl->findSlot(life.position); slot != nullptr && slot->life && slot->life->direction == life.direction)
        held = *slot->life; // the same life goes on: its best mark and age stay
    return m_impl->engine.standingsAfter(held, position, cost);
}
risk::SafeguardVerdict Guard::habits(const OrderIntent &intent) const
{
    const OrderRequest &request = intent.order;
    if (!request.quantity.isPositive() || !m_impl->addsRisk(request))
        return {};
    return m_impl->judgeHabits({request, {}, intent.plannedRisk, intent.setup, !intent.reason.empty()});
}
std::vector<risk::Block> Guard::blocks(const InstrumentKey &instrument) const { return m_impl->engine.blocks(instrument); }

Duration Account::askAfter() const
{
    static constexpr Duration kLeast = std::chrono::seconds{2};
    Duration soonest = limits.accountStaleAfter;
    for (const risk::Breaker &breaker : limits.breakers) {
        if (breaker.kind != risk::BreakerKind::DataStale || !breaker.enabled || breaker.tiers.empty())
            continue;
        const auto trigger = mulDiv(breaker.tiers.front().trigger.raw(), Duration{std::chrono::minutes{1}}.count(),
                                    kDecimalOne, Rounding::Floor);
        soonest = std::min(soonest, trigger ? Duration{*trigger} : soonest);
    }
    return std::max(soonest / 2, kLeast);
}

Guard::Impl::Impl()
{
    for (Account &account : accounts) {
        account.safeguards.setLimits(account.limits.behaviour);
        setStopLimits(account);
    }
}

void Guard::Impl::decide(const GuardInputRecord &record, std::vector<GuardOutput> &outputs)
{
    CORE_ASSERT(unexplained.empty(), "REQUIRES: finish after each decide");
    // Time does not go back; far beyond any date, so that adding a deadline cannot overflow.
    static constexpr UtcTime kLatest = utcFromNanoseconds(std::int64_t{1} << 62);
    now = std::max(now, std::min(record.at, kLatest));
    out = &outputs;
    std::visit([this](const auto &input) { on(input); }, record.input);
    decide();
    for (Account &account : accounts) {
        if (std::exchange(account.habitsChanged, false)) {
            followHabits(account);
            decide();
        }
    }
    // A mark moves no stop, except the first one; what others mean is looked at with the next timer tick or fact.
    if (!std::holds_alternative<MarkTick>(record.input) || std::exchange(firstMark, false)) {
        for (Account &account : accounts) {
            driveStops(account);
            driveAskedStops(account);
        }
    }
    askWanted();
    out = nullptr;
}

void Guard::Impl::askWanted()
{
    for (Account &account : accounts) {
        if (std::exchange(account.positionsWanted, false))
            out->emplace_back(QueryPositions{account.venue});
    }
}

void Guard::Impl::tell(Severity severity, std::string_view code, std::string text,
                       const InstrumentKey *instrument, std::string_view decision)
{
    RaiseAlert alert{.severity = severity,
                     .code = std::string(code),
                     .instrument = std::nullopt,
                     .decisionId = std::string(decision),
                     .text = std::move(text)};
    if (instrument != nullptr)
        alert.instrument = *instrument;
    out->emplace_back(std::move(alert));
}

Market &Guard::Impl::marketOf(const InstrumentKey &key)
{
    const auto [it, isNew] = marketIndex.try_emplace(key, markets.size());
    if (isNew)
        markets.emplace_back().key = key;
    return markets[it->second];
}

Slot &Guard::Impl::slotOf(const InstrumentKey &key, PositionSide side)
{
    Market &market = marketOf(key);
    for (const std::size_t index : market.slots) {
        if (slots[index].side == side)
            return slots[index];
    }
    market.slots.push_back(slots.size());
    Slot &slot = slots.emplace_back();
    slot.instrument = key;
    slot.side = side;
    slot.market = marketIndex.at(key);
    return slot;
}

Slot *Guard::Impl::findSlot(const risk::PositionKey &key)
{
    const auto market = marketIndex.find(key.instrument);
    if (market == marketIndex.end())
        return nullptr;
    for (const std::size_t index : markets[market->second].slots) {
        if (slots[index].side == key.side)
            return &slots[index];
    }
    return nullptr;
}

Account &Guard::Impl::heard(Venue venue)
{
    Account &account = accountOf(venue);
    account.heardAt = now;
    if (!std::exchange(account.present, true)) {
        fact(risk::LimitsSet{venue, account.limits});
        fact(risk::ArmingSet{venue, account.arming});
    }
    return account;
}

void Guard::Impl::everySlot(Venue venue)
{
    for (Slot &slot : slots) {
        if (slot.instrument.venue != venue)
            continue;
        askAgain(slot);
        warnOfBreach(slot);
        drive(slot);
        sweep(slot);
    }
    updateBlind(accountOf(venue));
}

void Guard::Impl::on(const InstrumentReport &report)
{
    marketOf(report.instrument.key).instrument = report.instrument;
    fact(risk::InstrumentSet{report.instrument});
}

void Guard::Impl::on(const LimitsChange &change)
{
    const auto errors = risk::validate(change.limits);
    if (!errors.empty() || risk::isGroup(change.limits) != !change.account) {
        tell(Severity::Critical, "limits-refused",
             errors.empty() ? std::string("The new limits were refused, the old ones stay: limits of one account and limits "
                                          "over all accounts are different files.")
                            : fmt::format("The new limits were refused, the old ones stay: {}: {}.", errors.front().field,
                                          errors.front().rule));
        return;
    }
    if (!change.account) {
        group = change.limits;
        fact(risk::LimitsSet{std::nullopt, change.limits});
        return;
    }
    Account &account = accountOf(*change.account);
    account.limits = change.limits;
    account.safeguards.setLimits(account.limits.behaviour);
    account.habitsChanged = true;
    setStopLimits(account);
    if (std::exchange(account.present, true))
        fact(risk::LimitsSet{account.venue, account.limits});
    else {
        fact(risk::LimitsSet{account.venue, account.limits});
        fact(risk::ArmingSet{account.venue, account.arming});
    }
    everySlot(account.venue);
}

void Guard::Impl::on(const ArmingChange &change)
{
    for (Account &account : accounts) {
        if ((change.account && *change.account != account.venue) || change.arming == account.arming)
            continue;
        account.arming = change.arming;
        account.habitsChanged = true;
        setStopLimits(account);
        for (Slot &slot : slots) {
            if (slot.instrument.venue != account.venue)
                continue;
            if (account.arming != risk::Arming::Armed) {
                slot.held.clear();
                if (slot.plan && !slot.plan->flatten)
                    stopPlan(slot, "auto-close is no longer armed");
            }
            slot.blindTold = false;
        }
        if (account.present)
            fact(risk::ArmingSet{account.venue, account.arming});
        askNear(account);
        everySlot(account.venue);
        enforceLocks(account);
    }
}

void Guard::Impl::on(const MarkTick &tick)
{
    Market &market = marketOf(tick.instrument);
    if (market.mark && tick.venueTime < market.markTime)
        return; // overtaken on the way
    // What waited while the program or its line stood still is no price of now, however lately it was read.
    Account &account = accountOf(tick.instrument.venue);
    if (account.markLag.excess(now, tick.venueTime) > account.limits.markStaleAfter)
        return;
    if (!market.mark) {
        firstMark = true;
        accountOf(market.key.venue).solveAt = now;
    }
    market.mark = tick.mark;
    market.markTime = tick.venueTime;
    market.markAt = now;
    engine.begin({now, risk::MarkSet{tick.instrument, tick.mark, tick.venueTime}}, decisions);
    if (firstMark)
        engine.finish(decisions); // resting stops come of it with this record
    tellMarkTrust(market); // after the mark: an old one must not count as fresh for a moment
    for (const std::size_t index : market.slots) {
        warnOfBreach(slots[index]);
        if (slots[index].plan)
            drive(slots[index]);
    }
}

void Guard::Impl::on(const FreshnessReport &report)
{
    if (report.instrument) {
        Market &market = marketOf(*report.instrument);
        market.freshness = report.freshness;
        tellMarkTrust(market);
    } else {
        accountOf(report.account).freshness = report.freshness;
        tellTrust(accountOf(report.account));
    }
    everySlot(report.instrument ? report.instrument->venue : report.account);
}

void Guard::Impl::on(const PositionsReport &report)
{
    Account &account = heard(report.account);
    std::vector<const Slot *> listed;
    for (const Position &position : report.positions) {
        if (position.instrument.venue != account.venue)
            continue; // not this account's to say
        Slot &slot = slotOf(position.instrument, position.positionSide);
        listed.push_back(&slot);
        applyPosition(slot, position, report.source);
    }
    if (report.complete) {
        for (Slot &slot : slots) {
            if (slot.instrument.venue == account.venue &&
                std::find(listed.begin(), listed.end(), &slot) == listed.end())
                applyOmission(slot, report.source);
        }
    }
    tellTrust(account);
    for (Slot &slot : slots) {
        if (slot.instrument.venue != account.venue)
            continue;
        tellPosition(slot);
        noteFlat(slot);
        noteLocks(slot);
        if (slot.plan && report.source == Source::Query)
            slot.plan->positionsAwaited = false;
        warnOfBreach(slot);
        if (slot.plan)
            drive(slot);
        sweep(slot);
    }
    account.solveAt = now;
    if (report.complete && report.source == Source::Query) {
        for (const risk::PositionKey &orphan : account.keeper.orphans()) {
            const Slot *slot = findSlot(orphan);
            if (slot == nullptr || !slot->life)
                account.keeper.onVerifiedFlat(now, orphan);
        }
    }
    account.completeSeen = account.completeSeen || (report.complete && report.source == Source::Query);
    updateBlind(account);
}

void Guard::Impl::on(const AccountReport &report)
{
    Account &account = heard(report.account);
    account.totals = report.totals;
    account.totalsAt = now;
    fact(risk::AccountSet{report.account, report.totals});
    tellTrust(account); // after the totals, as with the mark
}

TrackedOrder *Guard::Impl::orderOf(const ClientOrderId &id, Slot *&found)
{
    for (Slot &slot : slots) {
        if (!slot.plan)
            continue;
        for (auto *orders : {&slot.plan->orders, &slot.plan->inherited}) {
            for (TrackedOrder &order : *orders) {
                if (order.life.request().clientOrderId == id) {
                    found = &slot;
                    return &order;
                }
            }
        }
    }
    return nullptr;
}

void Guard::Impl::on(const OrderReport &report)
{
    Account &account = heard(report.order.instrument.venue);
    openOrders.onUpdate(report.order);
    account.keeper.onOrder(now, report.order);
    if (!isFinal(report.order.status) && addsRisk(report.order))
        enforceLocks(account);
    if (onAskedStop(report.order.clientOrderId, [&](OrderLife &life) { life.onUpdate(report.order); }))
        return;
    if (settleAsked(report.order.clientOrderId, [&](OrderLife &life) { life.onUpdate(report.order); }))
        return;
    Slot *slot = nullptr;
    if (TrackedOrder *order = orderOf(report.order.clientOrderId, slot)) {
        order->life.onUpdate(report.order);
        order->venueId = report.order.venueOrderId;
        tellPosition(*slot); // its status may run ahead of its fills
        drive(*slot);
        return;
    }
    if (answerEarlier(report.order.clientOrderId, &report.order))
        return;
    for (Slot &candidate : slots) {
        if (!candidate.plan || candidate.plan->asking != report.order.clientOrderId)
            continue;
        // A further attempt of an earlier run: it belongs to the plan as if we had sent it.
        Plan &plan = *candidate.plan;
        plan.asking.reset();
        ++plan.attempt;
        plan.attemptRunning = true;
        plan.attemptFrom = plan.orders.size();
        OrderRequest request;
        request.instrument = report.order.instrument;
        request.clientOrderId = report.order.clientOrderId;
        request.quantity = report.order.quantity;
        plan.orders.push_back(
            {OrderLife(request), report.order.venueOrderId, now, now + kAnswerDeadline, false, true});
        plan.orders.back().life.onUpdate(report.order);
        drive(candidate);
        return;
    }
}

void Guard::Impl::on(const FillReport &report)
{
    const Fill &fill = report.fill;
    heard(fill.instrument.venue);
    Slot &slot = slotOf(fill.instrument, fill.positionSide);
    const bool isNew = slot.ledger.onFill(fill);
    if (isNew)
        slot.flatByQueryOnly = false;
    static_cast<void>(onAskedStop(fill.clientOrderId, [&](OrderLife &life) { static_cast<void>(life.onFill(fill)); }));
    static_cast<void>(settleAsked(fill.clientOrderId, [&](OrderLife &life) { static_cast<void>(life.onFill(fill)); }));
    tellPosition(slot);
    if (isNew)
        countTrip(slot, fill); // after the position: what it earned is out of the open result
    noteLocks(slot);
    accountOf(slot).solveAt = now;
    if (!slot.plan)
        return;
    for (auto *orders : {&slot.plan->orders, &slot.plan->inherited}) {
        for (TrackedOrder &order : *orders) {
            const bool byClient =
                !fill.clientOrderId.empty() && order.life.request().clientOrderId == fill.clientOrderId;
            const bool byVenue = fill.clientOrderId.empty() && fill.venueOrderId.value != 0 &&
                                 order.venueId == fill.venueOrderId;
            if (byClient || byVenue)
                static_cast<void>(order.life.onFill(fill));
        }
    }
    drive(slot);
}

void Guard::Impl::on(const OutcomeReport &report)
{
    for (const Account &account : accounts) {
        const OrderUpdate *open = openOrders.find(account.venue, report.order);
        if (open != nullptr && open->status == OrderStatus::Pending && report.outcome == RequestOutcome::Rejected)
            openOrders.onEnded(account.venue, report.order);
    }
    if (isStopOfOurs(report.order)) {
        for (Account &account : accounts)
            account.keeper.onOutcome(now, report.order, report.outcome, report.detail);
        return;
    }
    if (onAskedStopOutcome(report) || onAskedOutcome(report))
        return;
    Slot *slot = nullptr;
    TrackedOrder *order = orderOf(report.order, slot);
    if (order == nullptr)
        return;
    order->life.onOutcome(report.outcome);
    const OrderStatus status = order->life.status();
    if (report.outcome == RequestOutcome::Rejected && status == OrderStatus::Rejected) {
        tell(Severity::Warning, "order-rejected",
             fmt::format("{}: the venue refused order {}: {}", slot->instrument.symbol.view(),
                         report.order.view(),
                         report.detail.empty() ? std::string(name(report.code)) : report.detail),
             &slot->instrument, slot->plan->decisionId);
    } else if (status == OrderStatus::Unknown) {
        order->askAt = now; // never sent again: the venue is asked until its fate is known
        if (!order->told)
            tell(Severity::Warning, "order-unknown",
                 fmt::format("{}: no clear answer to order {}; asking the venue what became of it.",
                             slot->instrument.symbol.view(), report.order.view()),
                 &slot->instrument, slot->plan->decisionId);
        order->told = true;
    }
    drive(*slot);
}

void Guard::Impl::on(const OrderAbsentReport &report)
{
    for (const Account &account : accounts)
        openOrders.onAbsent(account.venue, report.order);
    if (isStopOfOurs(report.order)) {
        for (Account &account : accounts)
            account.keeper.onAbsent(now, report.order);
        return;
    }
    if (onAskedStop(report.order, [](OrderLife &life) { life.onAbsent(); }))
        return;
    if (settleAsked(report.order, [](OrderLife &life) { life.onAbsent(); }))
        return;
    Slot *slot = nullptr;
    if (TrackedOrder *order = orderOf(report.order, slot)) {
        order->life.onAbsent();
        drive(*slot);
        return;
    }
    if (answerEarlier(report.order, nullptr))
        return;
    for (Slot &candidate : slots) {
        if (candidate.plan && candidate.plan->asking == report.order) {
            candidate.plan->asking.reset();
            candidate.plan->resumed = false;
            drive(candidate);
        }
    }
}

void Guard::Impl::on(const ReconciledReport &report)
{
    Account &account = heard(report.account);
    account.reconciled = true;
    account.everReconciled = true;
    account.lifeEnded = true; // what an earlier run left behind
    for (Slot &slot : slots) {
        if (slot.instrument.venue != account.venue)
            continue;
        if (slot.plan) {
            for (TrackedOrder &order : slot.plan->orders)
                order.askAt = std::min(order.askAt, now);
        }
    }
    tellTrust(account);
    askNear(account);
    for (const FlattenIntent &intent : std::exchange(account.waitingIntents, {}))
        runFlatten(intent, account);
    everySlot(account.venue);
    enforceLocks(account);
}

void Guard::Impl::on(const ReconciliationLostReport &report)
{
    Account &account = accountOf(report.account);
    account.reconciled = false;
    tellTrust(account);
    everySlot(account.venue);
}

void Guard::Impl::on(const FlattenIntent &intent)
{
    for (Account &account : accounts) {
        const std::optional<Venue> named = intent.instrument ? intent.instrument->venue : intent.account;
        if (named ? *named != account.venue : !account.present)
            continue;
        if (intent.lock)
            lockByHand(account, intent.by);
        // Reduce-only orders against what is known cannot do harm: a hand does not wait for answers.
        runFlatten(intent, account);
        if (account.reconciled)
            continue;
        account.waitingIntents.push_back(intent);
        tell(Severity::Critical, "flatten-waiting",
             fmt::format("Positions and orders at {} are not reconciled: what is known is being closed, and what turns up "
                         "the moment they are.",
                         name(account.venue)),
             intent.instrument ? &*intent.instrument : nullptr);
        askPositions(account.venue);
    }
}

void Guard::Impl::on(const TimerTick &)
{
    fact(risk::TimePassed{});
    for (Market &market : markets)
        tellMarkTrust(market);
    for (Account &account : accounts) {
        tellTrust(account);
        // A quiet account is asked before its silence counts as stale.
        const Duration patience = account.askAfter();
        if (account.reconciled && now - std::min(account.heardAt, account.totalsAt) > patience && now >= account.askAt) {
            account.askAt = now + patience / 2;
            askPositions(account.venue);
        }
        everySlot(account.venue);
        enforceLocks(account);
        watchHabits(account);
    }
    for (const Slot &slot : slots) {
        if (slot.disagreesSince && accountOf(slot).reconciled)
            askPositions(slot.instrument.venue);
    }
    askAboutAsked();
    recordCover();
}

bool Guard::Impl::markFresh(const Market &market) const
{
    return market.mark && (!market.freshness || *market.freshness == Freshness::Fresh) &&
           now - market.markAt <= accounts[static_cast<std::size_t>(market.key.venue)].limits.markStaleAfter;
}

bool Guard::Impl::isFresh(const Account &account) const
{
    return (!account.freshness || *account.freshness == Freshness::Fresh) &&
           now - account.heardAt <= account.limits.accountStaleAfter;
}

std::string_view Guard::Impl::distrust(const Account &account) const
{
    if (!account.reconciled)
        return "positions and orders are not reconciled with the venue";
    if (!isFresh(account))
        return "the account data is stale";
    return {};
}

std::string_view Guard::Impl::whyUndefined(const Slot &slot) const
{
    const Market &market = markets[slot.market];
    if (!market.mark)
        return "there is no mark price yet";
    if (!markFresh(market))
        return "the mark price is stale";
    return "the mark price is not positive";
}

void Guard::Impl::updateBlind(Account &account)
{
    bool isBlind = false;
    std::string reason;
    if (account.arming == risk::Arming::Armed && account.everReconciled) {
        const std::string_view doubt = distrust(account);
        for (const Slot &slot : slots) {
            const Market &market = markets[slot.market];
            if (slot.instrument.venue != account.venue || !slot.life || slot.ledger.live() == 0)
                continue;
            if (!doubt.empty())
                reason = fmt::format("{} of {}", doubt, name(account.venue));
            else if (market.mark && !markFresh(market))
                reason = fmt::format("the mark price of {} is stale", market.key.symbol.view());
            else
                continue;
            isBlind = true;
            break;
        }
    }
    if (isBlind && !account.blind)
        tell(Severity::Critical, "blind",
             fmt::format("Armed but blind: {}. Nothing is sent until fresh data is back.", reason));
    else if (account.blind && !isBlind && account.arming == risk::Arming::Armed)
        tell(Severity::Info, "blind-over", "Data is fresh again; armed breakers act.");
    account.blind = isBlind;
}

} // namespace core::orders
