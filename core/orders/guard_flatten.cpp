// Everything out: by hand or by a decision; and what must not stay behind a flat position.
#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "core/orders/guard_impl.h"
#include "core/domain/number_text.h"
#include "core/risk/position_math.h"

namespace core::orders
{

namespace
{
constexpr Duration kCancelAgain = std::chrono::seconds{2};
constexpr int kSweeps = 30;
} // namespace

void Guard::Impl::flattenSlot(Slot &slot, const std::string &by)
{
    const Quantity size = liveSize(slot, slot.life->direction);
    const Instrument *rules = marketOf(slot).rules();
    if (slot.plan && slot.plan->lifeNumber == slot.lifeNumber && slot.plan->flatten && !slot.plan->stopped)
        return; // pressed again
    tell(Severity::Critical, "flatten",
         fmt::format("{}: closing it now with reduce-only market orders, asked for by {}.",
                     positionText(slot.instrument, slot.life->direction, size, rules), by),
         &slot.instrument);
    slot.held.clear();
    if (slot.plan && slot.plan->lifeNumber == slot.lifeNumber && slot.plan->everything &&
        !slot.plan->stopped && !slot.plan->resumed) {
        slot.plan->flatten = true;
        slot.plan->nextAttemptAt = now;
        drive(slot);
        return;
    }
    Plan plan;
    plan.decisionId = decisionId(*slot.life, "flatten", by, toNanoseconds(now));
    plan.flatten = true;
    plan.everything = true;
    plan.target = size;
    startPlan(slot, std::move(plan));
}

void Guard::Impl::runFlatten(const FlattenIntent &intent, Account &account)
{
    if (!intent.instrument)
        cancelEntries(account.venue, nullptr, {});
    std::vector<Slot *> open;
    for (Slot &slot : slots) {
        const bool named = (!intent.instrument || slot.instrument == *intent.instrument) &&
                           (!intent.side || slot.side == *intent.side);
        if (slot.instrument.venue == account.venue && named && slot.life &&
            liveSize(slot, slot.life->direction).isPositive())
            open.push_back(&slot);
    }
    if (open.empty()) {
        tell(Severity::Info, "flatten-nothing",
             fmt::format("Flatten was asked for; no position is open at {}.", name(account.venue)),
             intent.instrument ? &*intent.instrument : nullptr);
        askPositions(account.venue);
        return;
    }
    // Largest danger first: by loss on margin at the last mark, the unknown last.
    const auto danger = [this](const Slot *slot) {
        const Market &market = markets[slot->market];
        const auto loss = market.mark ? risk::lossOnMargin(slot->ledger.base(), *market.mark) : std::nullopt;
        return loss ? loss->raw() : std::numeric_limits<std::int64_t>::min();
    };
    std::stable_sort(open.begin(), open.end(),
                     [&](const Slot *a, const Slot *b) { return danger(a) > danger(b); });
    for (Slot *slot : open)
        flattenSlot(*slot, intent.by);
}

/// The manual breaker: no new risk on this account until a person releases it.
void Guard::Impl::lockByHand(const Account &account, const std::string &by)
{
    const bool locked = std::any_of(lockouts.begin(), lockouts.end(), [&](const risk::Lockout &lockout) {
        return lockout.reason == "manual" && lockout.account == account.venue;
    });
    if (locked)
        return;
    risk::Lockout lockout;
    lockout.id = fmt::format("manual/{}/{}/{}", by, name(account.venue), toNanoseconds(now));
    lockout.scope = risk::Scope::Account;
    lockout.account = account.venue;
    lockout.reason = "manual";
    lockout.startedAt = now;
    lockout.until = now;
    lockout.needsRelease = true;
    risk::History history;
    history.account = account.venue;
    history.lockouts.push_back(lockout);
    fact(risk::HistorySet{std::move(history)});
    decide();
}

void Guard::Impl::cancelEntries(Venue venue, const InstrumentKey *instrument, std::string_view decision)
{
    for (const auto &[key, order] : openOrders.all()) {
        if (key.first != venue || (instrument != nullptr && order.instrument != *instrument) ||
            isBoundToReduce(order.reduceOnly, order.positionSide, order.side))
            continue;
        const auto [sent, isNew] = taking.try_emplace(key, now);
        if (!isNew && now - sent->second < kCancelAgain)
            continue;
        sent->second = now;
        out->emplace_back(CancelOrder{std::string(decision), order.instrument, order.clientOrderId});
    }
}

void Guard::Impl::startSweep(Slot &slot)
{
    slot.sweeps = kSweeps;
    slot.sweepAt = now;
}

/// After a verified close: orders bound to reduce that stayed, ours and a person's, plain and conditional. They protect nothing
/// any more; once the position is opened again they would work against it.
void Guard::Impl::sweep(Slot &slot)
{
    if (slot.sweeps == 0 || now < slot.sweepAt)
        return;
    if (slot.life) {
        slot.sweeps = 0;
        return;
    }
    int left = 0;
    for (const OrderUpdate &order : openOrders.of(slot.instrument)) {
        if (order.positionSide != slot.side || !isBoundToReduce(order.reduceOnly, order.positionSide, order.side))
            continue;
        ++left;
        out->emplace_back(CancelOrder{{}, order.instrument, order.clientOrderId});
    }
    slot.sweepAt = now + kCancelAgain;
    slot.sweeps = left == 0 ? 0 : slot.sweeps - 1;
    if (left > 0 && slot.sweeps + 1 == kSweeps)
        tell(Severity::Info, "swept",
             fmt::format("{} is flat: {} {} that could only reduce it {} taken back.", slot.instrument.symbol.view(), left,
                         left == 1 ? "order" : "orders", left == 1 ? "is" : "are"),
             &slot.instrument);
    else if (left > 0 && slot.sweeps == 0)
        tell(Severity::Critical, "sweep-not-done",
             fmt::format("{} is flat, but {} reduce-only {} could not be taken back. Check the venue.",
                         slot.instrument.symbol.view(), left, left == 1 ? "order" : "orders"),
             &slot.instrument);
}

} // namespace core::orders
