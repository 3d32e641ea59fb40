// From decision to fact: attempts, questions about orders without answer, alarms, and the end of a plan.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/domain/number_text.h"
#include "core/orders/guard_impl.h"

namespace core::orders
{

namespace
{
constexpr Duration kRefusalPause = std::chrono::seconds{1};
constexpr Duration kPositionsPause = std::chrono::milliseconds{500};
constexpr Duration kSlicePause = std::chrono::milliseconds{200};
constexpr std::size_t kFinishedShown = 8;
__extension__ using Wide = __int128;
} // namespace

Quantity Plan::closed() const
{
    Quantity sum;
    for (const TrackedOrder &order : orders)
        sum = add(sum, order.life.filled()).value_or(sum);
    return sum;
}

std::optional<Price> Plan::averagePrice() const
{
    Wide weight = 0;
    Wide size = 0;
    for (const TrackedOrder &order : orders) {
        const auto price = order.life.averagePrice();
        Wide product = 0;
        if (order.life.filled().isZero())
            continue;
        if (!price ||
            __builtin_mul_overflow(static_cast<Wide>(price->raw()),
                                   static_cast<Wide>(order.life.filled().raw()), &product) ||
            __builtin_add_overflow(weight, product, &weight))
            return std::nullopt;
        size += order.life.filled().raw();
    }
    return size > 0 ? std::optional(Price::fromRaw(static_cast<std::int64_t>(weight / size))) : std::nullopt;
}

bool Plan::isSettled() const
{
    const auto settled = [](const TrackedOrder &order) { return order.life.isSettled(); };
    return std::all_of(orders.begin(), orders.end(), settled) &&
           std::all_of(inherited.begin(), inherited.end(), settled);
}

void Guard::Impl::startPlan(Slot &slot, Plan plan)
{
    plan.lifeNumber = slot.lifeNumber;
    plan.life = *slot.life;
    plan.startedAt = now;
    plan.nextAttemptAt = now;
    if (slot.plan) {
        // One plan per position: what the old one still has in the market goes on counting.
        for (auto *orders : {&slot.plan->orders, &slot.plan->inherited}) {
            for (TrackedOrder &order : *orders) {
                if (!order.life.isSettled())
                    plan.inherited.push_back(std::move(order));
            }
        }
        const std::string next = plan.decisionId;
        finish(slot, "taken over by " + next);
    }
    slot.streamFlatAt.reset();
    slot.plan = std::move(plan);
    slot.plan->sizeAtStart = liveSize(slot, slot.life->direction);
    drive(slot);
}

Quantity Guard::Impl::remaining(const Slot &slot) const
{
    const Plan &plan = *slot.plan;
    std::int64_t wanted = liveSize(slot, plan.life.direction).raw();
    if (!plan.everything)
        wanted = std::min(wanted, plan.target.raw() - plan.closed().raw());
    for (const auto *tracked : {&plan.orders, &plan.inherited}) {
        for (const TrackedOrder &order : *tracked)
            wanted -= isGivenUp(slot, order) ? 0 : order.life.open().raw();
    }
    return Quantity::fromRaw(std::max<std::int64_t>(wanted, 0));
}

/// What was sent into the dark does not hold back the way out: where everything is to be closed, an order of which the venue
/// has said nothing for so long is asked about on, and followed by another one under an id of its own. Both are reduce-only:
/// together they close no more than there is. A part that is to be closed waits for certainty.
bool Guard::Impl::isGivenUp(const Slot &slot, const TrackedOrder &order) const
{
    const Plan &plan = *slot.plan;
    if (!plan.everything || now - order.sentAt < kAnswerDeadline)
        return false;
    const OrderStatus status = order.life.status();
    const bool silent = status == OrderStatus::Pending || status == OrderStatus::Unknown;
    return silent || (plan.flatten && !accountOf(slot).reconciled);
}

/// Nothing more is sent until its fate is known.
bool Guard::Impl::holdsBack(const Slot &slot) const
{
    const auto holds = [&](const TrackedOrder &order) { return !order.life.isSettled() && !isGivenUp(slot, order); };
    const Plan &plan = *slot.plan;
    // Of a plan that was taken over only what it may still fill counts, where everything is to go.
    return std::any_of(plan.orders.begin(), plan.orders.end(), holds) ||
           (!plan.everything && std::any_of(plan.inherited.begin(), plan.inherited.end(), holds));
}

void Guard::Impl::askUnsettled(Slot &slot, std::vector<TrackedOrder> &orders)
{
    for (TrackedOrder &order : orders) {
        if (order.life.isSettled() || now < order.askAt)
            continue;
        const ClientOrderId &id = order.life.request().clientOrderId;
        const OrderStatus status = order.life.status();
        // Neither kind that we send rests at the venue; one that is still alive after two deadlines is taken
        // back.
        if ((status == OrderStatus::New || status == OrderStatus::PartiallyFilled) &&
            now - order.sentAt >= 2 * kAnswerDeadline)
            out->emplace_back(CancelOrder{slot.plan->decisionId, slot.instrument, id});
        out->emplace_back(QueryOrder{slot.instrument, id});
        order.askAt = now + kAnswerDeadline;
    }
}

void Guard::Impl::alarmIfSlow(Slot &slot)
{
    Plan &plan = *slot.plan;
    if (plan.alarmed || (plan.failures < kFailuresToAlarm && now - plan.startedAt < kCloseDeadline))
        return;
    plan.alarmed = true;
    tell(Severity::Critical, "close-not-done",
         fmt::format("{} {} is not closed after {} and {} {}: {} still open. Trying on; check the venue.",
                     slot.instrument.symbol.view(), name(plan.life.direction),
                     secondsText(now - plan.startedAt), plan.attempt,
                     plan.attempt == 1 ? "attempt" : "attempts",
                     quantityText(remaining(slot), markets[slot.market].rules())),
         &slot.instrument, plan.decisionId);
}

void Guard::Impl::countFailure(Plan &plan)
{
    ++plan.failures;
    ++plan.level;
    plan.nextAttemptAt = now + pauseBefore(plan.level);
    if (plan.orders.empty() || !plan.orders.back().life.isRejected())
        return;
    // A refusal often means that the position is not what we think.
    lookFirst(plan);
}

/// A slice that was filled whole leaves the rest for the next one at the same price bound; anything else escalates.
void Guard::Impl::endAttempt(Slot &slot, Quantity rest)
{
    Plan &plan = *slot.plan;
    bool whole = plan.attemptFrom < plan.orders.size();
    for (std::size_t i = plan.attemptFrom; i < plan.orders.size(); ++i)
        whole = whole && plan.orders[i].life.status() == OrderStatus::Filled;
    if (whole) {
        plan.nextAttemptAt = now + kSlicePause;
        return;
    }
    countFailure(plan);
    const Market &market = markets[slot.market];
    if (!plan.everything || plan.orders.empty() || !plan.orders.back().life.isRejected() || !market.instrument ||
        !market.mark || lotRules(*market.instrument).reduceOnlyExempt)
        return;
    const auto value = notional(*market.mark, rest, Rounding::Floor);
    plan.raise = value && *value < market.instrument->notionalMin;
}

void Guard::Impl::lookFirst(Plan &plan)
{
    plan.positionsAwaited = true;
    plan.positionsAwaitedUntil = now + kPositionsPause; // look before the next attempt, but not for long
    askPositions(plan.life.position.instrument.venue);
}

std::string_view Guard::Impl::whyPaused(const Slot &slot) const
{
    if (slot.plan->flatten)
        return {};
    if (const std::string_view why = distrust(accountOf(slot)); !why.empty())
        return why;
    return markFresh(markets[slot.market]) ? std::string_view{} : "the mark price is stale";
}

void Guard::Impl::drive(Slot &slot)
{
    if (!slot.plan)
        return;
    Plan &plan = *slot.plan;
    if (slot.life && slot.lifeNumber != plan.lifeNumber) {
        tell(Severity::Warning, "close-ended",
             fmt::format("{} was closed and opened again before the close could be verified; the new "
                         "position is watched.",
                         slot.instrument.symbol.view()),
             &slot.instrument, plan.decisionId);
        finish(slot, "opened again");
        return;
    }
    askUnsettled(slot, plan.orders);
    askUnsettled(slot, plan.inherited);
    if (plan.asking) {
        if (now >= plan.askingAt) {
            out->emplace_back(QueryOrder{slot.instrument, *plan.asking});
            plan.askingAt = now + kAnswerDeadline;
        }
        alarmIfSlow(slot);
        return;
    }
    if (holdsBack(slot)) {
        alarmIfSlow(slot);
        return;
    }
    const Quantity rest = remaining(slot);
    // A fill and the position after it share the venue's millisecond and come in either order: where our own orders account
    // for more than the position shows, it is most likely late, and the venue is asked before anything more is sent.
    std::int64_t expected = plan.sizeAtStart.raw();
    bool ownOrders = false;
    for (const TrackedOrder &order : plan.orders) {
        if (order.earlier)
            continue; // what it filled is not in the size at the start
        expected -= order.life.filled().raw();
        ownOrders = true;
    }
    const bool surprising = ownOrders && rest.raw() > std::max<std::int64_t>(expected, 0);
    if (std::exchange(plan.attemptRunning, false) && rest.isPositive() && !surprising)
        endAttempt(slot, rest);
    if (surprising && !plan.looked) {
        plan.looked = true;
        lookFirst(plan);
    }
    alarmIfSlow(slot);
    if (rest.isZero()) {
        if (now >= plan.positionsAskAt) {
            plan.positionsAskAt = now + std::chrono::seconds{1};
            askPositions(slot.instrument.venue);
        }
        return;
    }
    if (plan.stopped) {
        if (plan.isSettled())
            finish(slot, "stopped");
        return;
    }
    if (now < plan.nextAttemptAt || (plan.positionsAwaited && now < plan.positionsAwaitedUntil))
        return;
    const std::string_view why = whyPaused(slot);
    if (!why.empty()) {
        if (!plan.pausedTold)
            tell(Severity::Critical, "close-paused",
                 fmt::format("The close of {} waits: {}.", slot.instrument.symbol.view(), why),
                 &slot.instrument, plan.decisionId);
        plan.pausedTold = true;
        return;
    }
    plan.pausedTold = false;
    sendAttempt(slot);
}

/// What a close sends at this mark, without quantity and id. `slippage`: absent for a market order.
OrderRequest Guard::Impl::closeRequest(const Slot &slot, Direction direction, Price mark, std::optional<Ratio> slippage) const
{
    const Market &market = markets[slot.market];
    OrderRequest request;
    request.instrument = slot.instrument;
    request.side = closingSide(direction);
    request.positionSide = slot.side;
    request.type = OrderType::Market;
    request.timeInForce = TimeInForce::ImmediateOrCancel;
    request.reduceOnly = ReduceOnly::Yes;
    if (!slippage || !market.instrument)
        return request;
    const bool isSell = request.side == Side::Sell;
    const Price from = limitReference(mark, request.side, *slippage, slot.instrument.venue);
    request.limitPrice = closeLimit(from, request.side, *slippage, *market.instrument);
    if (from != mark && (!request.limitPrice || (isSell ? *request.limitPrice > mark : *request.limitPrice < mark)))
        request.limitPrice = closeLimit(mark, request.side, *slippage, *market.instrument); // a tick coarser than the slippage
    if (request.limitPrice)
        request.type = OrderType::Limit;
    return request;
}

void Guard::Impl::sendAttempt(Slot &slot)
{
    Plan &plan = *slot.plan;
    const Market &market = markets[slot.market];
    if (plan.resumed) {
        plan.asking = orderId(plan.decisionId, plan.attempt + 1, 0);
        plan.askingAt = now + kAnswerDeadline;
        out->emplace_back(QueryOrder{slot.instrument, *plan.asking});
        return;
    }
    ++plan.attempt;
    plan.attemptFrom = plan.orders.size();
    plan.positionsAwaited = false;
    plan.looked = false;
    const Side side = closingSide(plan.life.direction);
    const auto slippage = plan.flatten || !market.mark ? std::nullopt : slippageOf(plan.level, accountOf(slot).limits);
    OrderRequest request = closeRequest(slot, plan.life.direction, market.mark.value_or(Price{}), slippage);
    Quantity rest = remaining(slot);
    if (slippage && market.instrument && market.depth && now - plan.startedAt < kCloseDeadline)
        rest = sliceByDepth(rest, takenWithin(*market.depth, side, *market.mark, *slippage, now),
                            lotRules(*market.instrument), *market.mark);
    std::vector<Quantity> pieces =
        market.instrument ? slices(rest, *market.instrument, request.type) : std::vector<Quantity>{rest};
    risk::GateFacts facts{.instrument = market.rules(),
                          .direction = plan.life.direction,
                          .live = liveSize(slot, plan.life.direction),
                          .closing = {},
                          .mark = market.mark,
                          .reconciled = accountOf(slot).reconciled,
                          .fresh = isFresh(accountOf(slot)) && markFresh(market)};
    if (plan.raise && market.instrument && market.mark) {
        // Refused as too small although it is all of the position: asked for at the minimum, which the venue cuts to flat.
        const auto enough = mulDiv(market.instrument->notionalMin.raw(), kDecimalOne, market.mark->raw(), Rounding::Ceil);
        const Quantity raised = enough ? ceilToStep(Quantity::fromRaw(*enough), market.instrument->stepSize) : rest;
        facts.raisedTo = std::max(raised, rest);
        pieces = {*facts.raisedTo};
    }
    std::string refusal;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        request.clientOrderId = orderId(plan.decisionId, plan.attempt, i);
        request.quantity = pieces[i];
        auto approved = risk::RiskGate::check(request, facts);
        if (!approved) {
            refusal = approved.error().text();
            continue;
        }
        facts.closing = add(facts.closing, pieces[i]).value_or(facts.closing);
        plan.orders.push_back({OrderLife(request), {}, now, now + kAnswerDeadline, false, false});
        plan.attemptRunning = true;
        out->emplace_back(SendOrder{plan.decisionId, std::move(*approved)});
    }
    if (refusal.empty())
        return;
    if (!plan.attemptRunning) {
        ++plan.failures;
        plan.nextAttemptAt = now + kRefusalPause;
    }
    tell(Severity::Critical, "gate-refused",
         fmt::format("{}: a closing order did not pass our own gate: {}.", slot.instrument.symbol.view(),
                     refusal),
         &slot.instrument, plan.decisionId);
    alarmIfSlow(slot);
}

void Guard::Impl::finish(Slot &slot, std::string_view step)
{
    ActionView action = viewOf(slot, *slot.plan);
    action.step = step;
    action.done = true;
    finished.push_back(std::move(action));
    if (finished.size() > kFinishedShown)
        finished.pop_front();
    slot.plan.reset();
    slot.flatByQueryOnly = false;
}

void Guard::Impl::stopPlan(Slot &slot, std::string_view why)
{
    Plan &plan = *slot.plan;
    plan.stopped = true;
    plan.asking.reset();
    // The tier has not done its work: it fires again, under a new number, when auto-close is armed again.
    if (plan.subject && slot.lifeNumber == plan.lifeNumber)
        engine.reopen(*plan.subject, plan.tier);
    tell(Severity::Warning, "close-stopped",
         fmt::format("The close of {} sends nothing more: {}.", slot.instrument.symbol.view(), why),
         &slot.instrument, plan.decisionId);
}

} // namespace core::orders
