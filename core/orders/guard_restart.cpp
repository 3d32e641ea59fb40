// After a start: which orders of an earlier run does the venue know? design.md section 7, "persist before
// acting".
//
// Client order ids derive from (position life, breaker, tier, fire number). A life that was there before this
// run began may have fired already: before a tier of it acts for the first time, the id of the first attempt of
// that firing is asked for. Tiers that are reached or half way there are asked for at the first reconciliation,
// so that the answer is there when it is needed. An order that exists means that the tier has fired: it is spent,
// and a close or reduction that is not complete goes on.
//
// The life's opening time is the time of the fill that opened it where the known fills reach back to flat,
// else the time of the venue's position report. An earlier run may have known only the other one, so both are
// asked for. When neither fits any more (no fills, and the position changed since), the ids are new ones and
// a tier may act a second time: reduce-only on what is left, never an increase. The opposite mistake, taking
// another life's order for ours, would leave a position unguarded.
//
// A venue believes "there is no such order" only after 10 to 13 s. A reduction waits for that, since a second one would
// close too much. A close of the whole position does not wait: it goes under an id that no run has used, and whatever an
// earlier run still has on its way, both are reduce-only.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/orders/guard_impl.h"

namespace core::orders
{

namespace
{
constexpr int kFiresAsked = 100;
constexpr int kAttemptsAsked = 3; ///< the first ones may have been refused, and then the venue does not know them

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
        Deed first = deed;
        first.fire = 1;
        askOfFiring(slot, first, openedAt);
    }
}

void Guard::Impl::askOfFiring(Slot &slot, const Deed &deed, UtcTime openedAt)
{
    risk::Life life = *slot.life;
    life.openedAt = openedAt;
    const std::string decision = decisionId(life, risk::text(deed.subject), deed.tier, deed.fire);
    const int attempts = deed.action == risk::TierAction::Reduce ? kAttemptsAsked : 1;
    for (int attempt = 1; attempt <= attempts; ++attempt) {
        slot.earlier.push_back({.id = orderId(decision, attempt, 0),
                                .decision = decision,
                                .deed = deed,
                                .openedAt = openedAt,
                                .attempt = attempt,
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
            Deed next = earlier.deed;
            ++next.fire;
            const auto asksNext = [&](const EarlierOrder &other) {
                return isSame(other.deed, next) && other.openedAt == earlier.openedAt && other.deed.fire >= next.fire;
            };
            // It fired once; perhaps again after it had re-armed.
            if (found != nullptr && slot.life && next.fire <= kFiresAsked &&
                std::none_of(slot.earlier.begin(), slot.earlier.end(), asksNext))
                askOfFiring(slot, next, UtcTime{earlier.openedAt});
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
        if (isSame(earlier.deed, deed) && earlier.found &&
            (!last || std::pair(earlier.deed.fire, earlier.attempt) > std::pair(last->deed.fire, last->attempt)))
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
    TrackedOrder order{OrderLife(request), last->found->venueOrderId, now, now + kAnswerDeadline, false, true};
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
    plan.attempt = last->attempt;
    plan.attemptRunning = true;
    plan.resumed = true;
    plan.orders.push_back(std::move(order));
    startPlan(slot, std::move(plan));
}

} // namespace core::orders
