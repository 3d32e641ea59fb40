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
    decide(record, out);
    explain(out);
}

void Guard::decide(const GuardInputRecord &record, std::vector<GuardOutput> &out)
{
    m_impl->apply(record, out);
}

void Guard::explain(std::vector<GuardOutput> &out)
{
    m_impl->explain(out);
}

GuardView Guard::view() const { return m_impl->view(); }

void Guard::Impl::apply(const GuardInputRecord &record, std::vector<GuardOutput> &outputs)
{
    CORE_ASSERT(unexplained.empty(), "REQUIRES: explain after each decide");
    // Time does not go back; far beyond any date, so that adding a deadline cannot overflow.
    static constexpr UtcTime kLatest = utcFromNanoseconds(std::int64_t{1} << 62);
    now = std::max(now, std::min(record.at, kLatest));
    out = &outputs;
    std::visit([this](const auto &input) { on(input); }, record.input);
    if (positionsWanted)
        outputs.emplace_back(QueryPositions{});
    positionsWanted = false;
    out = nullptr;
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
    slot.armedState = slot.alertState = risk::freshState(config.positionLoss);
    return slot;
}

void Guard::Impl::everySlot()
{
    for (Slot &slot : slots) {
        askAgain(slot);
        evaluate(slot);
        drive(slot);
    }
    updateBlind();
}

void Guard::Impl::on(const InstrumentReport &report)
{
    marketOf(report.instrument.key).instrument = report.instrument;
}

void Guard::Impl::on(const ConfigChange &change)
{
    const auto errors = risk::validate(change.config);
    if (!errors.empty()) {
        tell(Severity::Critical, "config-refused",
             fmt::format("The new limits were refused, the old ones stay: {}: {}.", errors.front().field,
                         errors.front().rule));
        return;
    }
    for (Slot &slot : slots) {
        slot.armedState = risk::migrated(slot.armedState, config.positionLoss, change.config.positionLoss);
        slot.alertState = risk::migrated(slot.alertState, config.positionLoss, change.config.positionLoss);
    }
    config = change.config;
    everySlot();
}

void Guard::Impl::on(const ArmingChange &change)
{
    if (change.arming == arming)
        return;
    arming = change.arming;
    for (Slot &slot : slots) {
        if (arming == risk::Arming::AlertOnly)
            slot.alertState = slot.armedState;
        if (arming != risk::Arming::Armed && slot.plan && !slot.plan->flatten)
            stopPlan(slot, "auto-close is no longer armed");
        if (arming == risk::Arming::Armed && reconciled)
            askEarlier(slot);
        slot.blindTold = false;
    }
    everySlot();
}

void Guard::Impl::on(const MarkTick &tick)
{
    Market &market = marketOf(tick.instrument);
    if (market.mark && tick.venueTime < market.markTime)
        return; // overtaken on the way
    market.mark = tick.mark;
    market.markTime = tick.venueTime;
    market.markAt = now;
    for (const std::size_t index : market.slots) {
        evaluate(slots[index]);
        if (slots[index].plan)
            drive(slots[index]);
    }
}

void Guard::Impl::on(const FreshnessReport &report)
{
    if (report.instrument)
        marketOf(*report.instrument).freshness = report.freshness;
    else
        accountFreshness = report.freshness;
    everySlot();
}

void Guard::Impl::on(const PositionsReport &report)
{
    accountHeardAt = now;
    std::vector<const Slot *> listed;
    for (const Position &position : report.positions) {
        Slot &slot = slotOf(position.instrument, position.positionSide);
        listed.push_back(&slot);
        applyPosition(slot, position, report.source);
    }
    if (report.complete) {
        for (Slot &slot : slots) {
            if (std::find(listed.begin(), listed.end(), &slot) == listed.end())
                applyOmission(slot, report.source);
        }
        completeSeen = completeSeen || report.source == Source::Query;
    }
    for (Slot &slot : slots) {
        if (slot.plan && report.source == Source::Query)
            slot.plan->positionsAwaited = false;
        evaluate(slot);
        if (slot.plan)
            drive(slot);
    }
    updateBlind();
}

void Guard::Impl::on(const AccountReport &)
{
    accountHeardAt =
        now; // equity breakers are not part of this ladder; the report proves that the account answers
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
    accountHeardAt = now;
    Slot *slot = nullptr;
    if (TrackedOrder *order = orderOf(report.order.clientOrderId, slot)) {
        order->life.onUpdate(report.order);
        order->venueId = report.order.venueOrderId;
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
    accountHeardAt = now;
    const Fill &fill = report.fill;
    Slot &slot = slotOf(fill.instrument, fill.positionSide);
    if (slot.ledger.onFill(fill))
        slot.flatByQueryOnly = false;
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

void Guard::Impl::on(const ReconciledReport &)
{
    accountHeardAt = now;
    reconciled = true;
    everReconciled = true;
    for (Slot &slot : slots) {
        if (slot.plan) {
            for (TrackedOrder &order : slot.plan->orders)
                order.askAt = std::min(order.askAt, now);
        }
        if (arming == risk::Arming::Armed)
            askEarlier(slot);
    }
    for (const FlattenIntent &intent : std::exchange(waitingIntents, {}))
        runFlatten(intent);
    everySlot();
}

void Guard::Impl::on(const ReconciliationLostReport &)
{
    reconciled = false;
    everySlot();
}

void Guard::Impl::on(const FlattenIntent &intent)
{
    if (reconciled) {
        runFlatten(intent);
        return;
    }
    waitingIntents.push_back(intent);
    tell(Severity::Critical, "flatten-waiting",
         "Flatten was asked for, but positions and orders are not reconciled with the venue. It is done the "
         "moment they are.",
         intent.instrument ? &*intent.instrument : nullptr);
    askPositions();
}

void Guard::Impl::on(const TimerTick &)
{
    // A quiet account is asked before its silence counts as stale.
    if (reconciled && now - accountHeardAt > config.accountStaleAfter / 2 && now >= accountAskAt) {
        accountAskAt = now + config.accountStaleAfter / 4;
        askPositions();
    }
    for (const Slot &slot : slots)
        positionsWanted = positionsWanted || (reconciled && slot.disagreesSince);
    everySlot();
}

void Guard::Impl::updateBlind()
{
    bool isBlind = false;
    std::string reason;
    if (arming == risk::Arming::Armed && everReconciled) {
        for (const Slot &slot : slots) {
            const Market &market = markets[slot.market];
            if (!slot.life || slot.ledger.live() == 0)
                continue;
            if (!distrust().empty())
                reason = distrust();
            else if (market.mark && !markFresh(market))
                reason = fmt::format("the mark price of {} is stale", market.key.symbol.view());
            else
                continue;
            isBlind = true;
            break;
        }
    }
    if (isBlind && !blind)
        tell(Severity::Critical, "blind",
             fmt::format("Armed but blind: {}. Nothing is sent until fresh data is back.", reason));
    else if (blind && !isBlind && arming == risk::Arming::Armed)
        tell(Severity::Info, "blind-over", "Data is fresh again; armed breakers act.");
    blind = isBlind;
}

} // namespace core::orders
