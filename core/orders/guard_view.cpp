// What the screen sees. Built when asked for, never on the way of a tick.
#include <algorithm>
#include <limits>

#include "core/orders/guard_impl.h"

namespace core::orders
{

std::string_view name(BreakerView::Word word)
{
    switch (word) {
    case BreakerView::Word::Watching: return "watching";
    case BreakerView::Word::Near: return "near";
    case BreakerView::Word::Tripped: return "tripped";
    case BreakerView::Word::Paused: return "paused";
    case BreakerView::Word::Unknown: return "unknown";
    }
    return "unknown";
}

BreakerView Guard::Impl::viewOf(const Slot &slot, const risk::Standing *standing) const
{
    BreakerView view;
    view.instrument = slot.instrument;
    view.side = slot.side;
    const Market &market = markets[slot.market];
    const bool isOpen = slot.life && slot.ledger.live() != 0;
    if (standing != nullptr) {
        view.limit = standing->limit;
        if (isOpen && markFresh(market))
            view.metric = standing->reading;
        if (isOpen && standing->nextTier) {
            view.nextTier = *standing->nextTier;
            view.nextTrigger = standing->nextTrigger;
            view.nextAction = standing->nextAction;
            view.priceAtNext = standing->priceAtNext;
        }
    }
    if (view.priceAtNext && market.mark && market.mark->isPositive()) {
        const auto gap = checkedSub(market.mark->raw(), view.priceAtNext->raw());
        if (gap && *gap != std::numeric_limits<std::int64_t>::min()) {
            const auto away = ratioOf(Price::fromRaw(*gap < 0 ? -*gap : *gap), *market.mark, Rounding::Floor);
            if (away)
                view.distanceToNext = *away;
        }
    }
    view.trippedText = slot.trippedText;
    if (!slot.trippedText.empty())
        view.word = BreakerView::Word::Tripped;
    else if (accountOf(slot).arming == risk::Arming::Off || standing == nullptr)
        view.word = BreakerView::Word::Paused;
    else if (!view.metric)
        view.word = BreakerView::Word::Unknown;
    else {
        // Near from four fifths of the next trigger on; with every tier spent there is nothing left to be
        // near to.
        const auto near =
            view.nextTrigger
                ? mulDiv(view.nextTrigger->raw(), 4, 5, Rounding::Ceil).value_or(view.nextTrigger->raw())
                : std::numeric_limits<std::int64_t>::max();
        view.word = view.metric->raw() >= near ? BreakerView::Word::Near : BreakerView::Word::Watching;
    }
    return view;
}

ActionView Guard::Impl::viewOf(const Slot &slot, const Plan &plan) const
{
    ActionView view;
    view.decisionId = plan.decisionId;
    view.instrument = slot.instrument;
    view.attempts = plan.attempt;
    view.target = plan.target;
    view.closed = plan.closed();
    view.startedAt = plan.startedAt;
    const bool isUnknown = std::any_of(plan.orders.begin(), plan.orders.end(), [](const TrackedOrder &order) {
        return order.life.status() == OrderStatus::Unknown && !order.life.isSettled();
    });
    if (isUnknown || plan.asking)
        view.step = "unknown – asking the venue";
    else if (!plan.isSettled())
        view.step = "sent";
    else if (remaining(slot).isZero())
        view.step = "verifying";
    else
        view.step = plan.pausedTold ? "waiting for fresh data" : "between attempts";
    return view;
}

namespace
{
const risk::Standing *lossOnMarginOf(const std::vector<risk::Standing> &standings, const Slot &slot)
{
    const auto found = std::find_if(standings.begin(), standings.end(), [&](const risk::Standing &standing) {
        return standing.subject.kind == risk::BreakerKind::LossOnMargin &&
               standing.subject.scope == risk::Scope::Position && standing.subject.instrument == slot.instrument &&
               standing.subject.side == slot.side;
    });
    return found == standings.end() ? nullptr : &*found;
}
} // namespace

AccountGuardView Guard::Impl::viewOf(const Account &account) const
{
    AccountGuardView view{.account = account.venue,
                          .arming = account.arming,
                          .reconciled = account.reconciled,
                          .blind = false,
                          .blindReason = {},
                          .limits = account.limits,
                          .state = engine.accountState(account.venue),
                          .historyMissing = account.historyMissing,
                          .headroom = engine.lossHeadroom(account.venue),
                          .habits = account.habits};
    for (const Slot &slot : slots) {
        const bool isOpen = slot.life && slot.ledger.live() != 0;
        if (slot.instrument.venue != account.venue || !isOpen || account.arming != risk::Arming::Armed || view.blind)
            continue;
        const Market &market = markets[slot.market];
        if (const std::string_view doubt = distrust(account); !doubt.empty()) {
            view.blind = true;
            view.blindReason = doubt;
        } else if (!markFresh(market)) {
            view.blind = true;
            view.blindReason = std::string(whyUndefined(slot)) + " (" + market.key.symbol.string() + ")";
        }
    }
    return view;
}

GuardView Guard::Impl::view() const
{
    GuardView view;
    view.group = group;
    view.groupHeadroom = engine.lossHeadroom(std::nullopt);
    view.standings = engine.standings();
    view.lockouts = engine.lockouts();
    for (const Account &account : accounts) {
        const auto cover = account.keeper.cover();
        view.cover.insert(view.cover.end(), cover.begin(), cover.end());
        view.nakedNotionalSeconds =
            add(view.nakedNotionalSeconds, account.keeper.nakedNotionalSeconds(now)).value_or(view.nakedNotionalSeconds);
    }
    for (const Account &account : accounts) {
        if (account.present)
            view.accounts.push_back(viewOf(account));
    }
    // Before an account has spoken: what was wished for all.
    view.arming = view.accounts.empty() ? accounts.front().arming : view.accounts.front().arming;
    view.reconciled = !view.accounts.empty();
    for (const AccountGuardView &account : view.accounts) {
        view.arming = std::min(view.arming, account.arming);
        view.reconciled = view.reconciled && account.reconciled;
        if (account.blind && !view.blind)
            view.blindReason = account.blindReason;
        view.blind = view.blind || account.blind;
    }
    for (const Slot &slot : slots) {
        if (slot.plan)
            view.actions.push_back(viewOf(slot, *slot.plan));
        const bool isOpen = slot.life && slot.ledger.live() != 0;
        if (isOpen || !slot.trippedText.empty())
            view.breakers.push_back(viewOf(slot, lossOnMarginOf(view.standings, slot)));
    }
    view.actions.insert(view.actions.end(), finished.rbegin(), finished.rend());
    std::stable_sort(view.breakers.begin(), view.breakers.end(),
                     [](const BreakerView &a, const BreakerView &b) { return a.instrument < b.instrument; });
    return view;
}

} // namespace core::orders
