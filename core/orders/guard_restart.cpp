// After a start: which orders of an earlier run does the venue know? design.md section 7, "persist before
// acting".
//
// Client order ids derive from (position life, breaker, tier, fire number). A life that was there before this
// run began may have fired already: before a tier of it acts for the first time, the id of the first attempt of
// that firing is asked for. Tiers that are reached or half way there are asked for at the first reconciliation,
// so that the answer is there when it is needed. A close of the whole position does not wait for it: reduce-only, it cannot
// take more than there is, and it goes under an id that no earlier run has used. An order that exists means that the tier has fired: it is spent,
// and a close or reduction that is not complete goes on.
//
// The life's opening time is the time of the fill that opened it where the known fills reach back to flat,
// else the time of the venue's position report. An earlier run may have known only the other one, so both are
// asked for. When neither fits any more (no fills, and the position changed since), the ids are new ones and
// a tier may act a second time: reduce-only on what is left, never an increase. The opposite mistake, taking
// another life's order for ours, would leave a position unguarded.
#include <algorithm>

#include <fmt/format.h>

#include "core/orders/guard_impl.h"

namespace core::orders
{

namespace
{
constexpr int kFiresAsked = 100;

std::string keyOf(const Deed &deed) { return risk::text(deed.subject) + '/' + deed.tier; }

bool isSame(const Deed &a, const Deed &b) { return a.subject == b.subject && a.tier == b.tier; }
} // namespace

bool Guard::Impl::mayHaveFired(const Slot &slot, const Deed &deed)
{
    return slot.predates && !slot.cleared.contains(keyOf(deed));
}

void Guard::Impl::askEarlier(Slot &slot, const Deed &deed)
{
    if (!slot.life || !mayHaveFired(slot, deed) || !accountOf(slot).reconciled ||
        std::any_of(slot.earlier.begin(), slot.earlier.end(),
                    [&](const EarlierOrder &earlier) { return isSame(earlier.deed, deed); }))
        return;
    std::vector<UtcTime> openings{slot.ledger.openedAt().value_or(slot.life->openedAt)};
    for (const UtcTime other : {slot.life->openedAt, slot.ledger.base().venueTime}) {
        if (std::find(openings.begin(), openings.end(), other) == openings.end())
            openings.push_back(other);
    }
    if (!slot.openedForIds)
        slot.openedForIds = openings.front();
    for (const UtcTime openedAt : openings) {
        risk::Life life = *slot.life;
        life.openedAt = openedAt;
        Deed first = deed;
        first.fire = 1;
        const std::string decision = decisionId(life, risk::text(deed.subject), deed.tier, first.fire);
        slot.earlier.push_back({.id = orderId(decision, 1, 0),
                                .decision = decision,
                                .deed = std::move(first),
                                .openedAt = openedAt,
                                .askAt = now + kAnswerDeadline,
                                .answered = false,
                                .found = std::nullopt});
        out->emplace_back(QueryOrder{slot.instrument, slot.earlier.back().id});
    }
}

void Guard::Impl::askNear(Account &account)
{
    if (account.arming != risk::Arming::Armed || !account.reconciled ||
        std::none_of(slots.begin(), slots.end(), [&](const Slot &slot) {
            return slot.instrument.venue == account.venue && slot.predates && slot.life;
        }))
        return;
    for (const risk::Standing &standing : engine.standings()) {
        const risk::Subject &subject = standing.subject;
        if (subject.scope != risk::Scope::Position || subject.account != account.venue || !standing.used ||
            standing.used->raw() < kDecimalOne / 2)
            continue;
        Slot *slot = findSlot({*subject.instrument, subject.side.value_or(PositionSide::Both)});
        const risk::Breaker *breaker = risk::find(account.limits, subject.kind, subject.scope);
        for (std::size_t i = 0; slot != nullptr && breaker != nullptr && i < breaker->tiers.size(); ++i) {
            const risk::Tier &tier = breaker->tiers[i];
            if (tier.action >= risk::TierAction::Reduce)
                askEarlier(*slot, {subject, tier.id, tier.action, tier.fraction, 1});
        }
    }
}

void Guard::Impl::askAgain(Slot &slot)
{
    for (EarlierOrder &earlier : slot.earlier) {
        if (earlier.answered || now < earlier.askAt || !accountOf(slot).reconciled)
            continue;
        out->emplace_back(QueryOrder{slot.instrument, earlier.id});
        earlier.askAt = now + kAnswerDeadline;
    }
    for (const Deed &deed : slot.held)
        askEarlier(slot, deed); // it may have fired while the venue could not be asked
    if (!slot.held.empty() && !slot.heldTold && now - slot.heldSince >= kCloseDeadline) {
        slot.heldTold = true;
        tell(Severity::Critical, "breach-waits",
             fmt::format("{}: a limit is breached, but the venue has not said whether an earlier run has "
                         "closed already. "
                         "Asking again; flatten by hand does not wait.",
                         slot.instrument.symbol.view()),
             &slot.instrument);
    }
}

bool Guard::Impl::answerEarlier(const ClientOrderId &id, const OrderUpdate *found)
{
    for (Slot &slot : slots) {
        for (std::size_t i = 0; i < slot.earlier.size(); ++i) {
            EarlierOrder &earlier = slot.earlier[i];
            if (earlier.id != id || (earlier.answered && found == nullptr))
                continue;
            const bool wasAnswered = std::exchange(earlier.answered, true);
            if (found != nullptr)
                earlier.found = *found;
            if (wasAnswered)
                return true;
            if (found != nullptr && slot.life && earlier.deed.fire < kFiresAsked) {
                // It fired once; perhaps again after it had re-armed.
                risk::Life life = *slot.life;
                life.openedAt = earlier.openedAt;
                EarlierOrder next = earlier;
                ++next.deed.fire;
                next.decision = decisionId(life, risk::text(next.deed.subject), next.deed.tier, next.deed.fire);
                next.id = orderId(next.decision, 1, 0);
                next.answered = false;
                next.found.reset();
                next.askAt = now + kAnswerDeadline;
                out->emplace_back(QueryOrder{slot.instrument, next.id});
                slot.earlier.push_back(std::move(next));
            }
            const Deed deed = slot.earlier[i].deed;
            const bool waiting = std::any_of(slot.earlier.begin(), slot.earlier.end(), [&](const EarlierOrder &other) {
                return isSame(other.deed, deed) && !other.answered;
            });
            if (!waiting)
                settleEarlier(slot, deed);
            return true;
        }
    }
    return false;
}

void Guard::Impl::settleEarlier(Slot &slot, const Deed &deed)
{
    std::optional<EarlierOrder> last;
    for (const EarlierOrder &earlier : slot.earlier) {
        if (isSame(earlier.deed, deed) && earlier.found && (!last || earlier.deed.fire > last->deed.fire))
            last = earlier;
    }
    std::erase_if(slot.earlier, [&](const EarlierOrder &earlier) { return isSame(earlier.deed, deed); });
    slot.cleared.insert(keyOf(deed));
    std::vector<Deed> held;
    for (const Deed &waiting : slot.held) {
        if (isSame(waiting, deed))
            held.push_back(waiting);
    }
    std::erase_if(slot.held, [&](const Deed &waiting) { return isSame(waiting, deed); });
    if (!slot.life)
        return;
    if (!last) {
        for (const Deed &waiting : held)
            act(slot, waiting, decisionOf(slot, waiting, false));
        return;
    }
    slot.openedForIds = last->openedAt;
    slot.decisions.insert(last->decision);
    engine.restoreFires(deed.subject, *slot.life, deed.tier, last->deed.fire);
    slot.trippedText = fmt::format("{} · before this start", name(deed.action));
    tell(Severity::Warning, "earlier-order-found",
         fmt::format("{}: the venue knows order {} of an earlier run; tier {} has fired, and what is "
                     "left of it goes on.",
                     slot.instrument.symbol.view(), last->id.view(), deed.tier),
         &slot.instrument, last->decision);
    OrderRequest request;
    request.instrument = slot.instrument;
    request.clientOrderId = last->id;
    request.quantity = last->found->quantity;
    TrackedOrder order{OrderLife(request), last->found->venueOrderId, now, now + kAnswerDeadline, {}, false, true};
    order.life.onUpdate(*last->found);
    if (slot.plan && slot.plan->everything && !slot.plan->stopped) {
        if (!order.life.isSettled())
            slot.plan->inherited.push_back(std::move(order)); // it works on the same position
        return;
    }
    Plan plan;
    plan.decisionId = last->decision;
    plan.subject = deed.subject;
    plan.tier = deed.tier;
    plan.everything = deed.action != risk::TierAction::Reduce;
    plan.target = last->found->quantity;
    plan.attempt = 1;
    plan.attemptRunning = true;
    plan.resumed = true;
    plan.orders.push_back(std::move(order));
    startPlan(slot, std::move(plan));
}

} // namespace core::orders
