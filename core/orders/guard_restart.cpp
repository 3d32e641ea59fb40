// After a start: which orders of an earlier run does the venue know? design.md section 7, "persist before
// acting".
//
// Client order ids derive from (position life, breaker, tier, fire number). A life that was there before this
// run began may have fired already; for each tier that acts, the id of its first attempt is asked for before
// any tier of that position may fire. An order that exists means that the tier has fired: it is disarmed, and
// a close or reduction that is not complete goes on.
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

bool Guard::Impl::isWaiting(const Slot &slot)
{
    return std::any_of(slot.earlier.begin(), slot.earlier.end(),
                       [](const EarlierOrder &e) { return !e.answered; });
}

void Guard::Impl::askEarlier(Slot &slot)
{
    if (!slot.life || !slot.predates || slot.asked || !reconciled)
        return;
    slot.asked = true;
    std::vector<UtcTime> openings{slot.ledger.openedAt().value_or(slot.life->openedAt)};
    for (const UtcTime other : {slot.life->openedAt, slot.ledger.base().venueTime}) {
        if (std::find(openings.begin(), openings.end(), other) == openings.end())
            openings.push_back(other);
    }
    slot.life->openedAt = openings.front();
    slot.lastLife = slot.life;
    for (const UtcTime openedAt : openings) {
        PositionLife life = *slot.life;
        life.openedAt = openedAt;
        for (const risk::LossTier &tier : config.positionLoss.tiers) {
            if (tier.action == risk::LossAction::Alert)
                continue;
            const std::string decision = decisionId(life, kPositionLoss, tier.id, 1);
            slot.earlier.push_back({.id = orderId(decision, 1, 0),
                                    .decision = decision,
                                    .tier = tier.id,
                                    .fire = 1,
                                    .openedAt = openedAt,
                                    .askAt = now + kAnswerDeadline,
                                    .answered = false,
                                    .found = std::nullopt});
            out->emplace_back(QueryOrder{slot.instrument, slot.earlier.back().id});
        }
    }
}

void Guard::Impl::askAgain(Slot &slot)
{
    for (EarlierOrder &earlier : slot.earlier) {
        if (earlier.answered || now < earlier.askAt || !reconciled)
            continue;
        out->emplace_back(QueryOrder{slot.instrument, earlier.id});
        earlier.askAt = now + kAnswerDeadline;
    }
    if (slot.breachWaits && !slot.breachTold && now - slot.breachWaitsSince >= kCloseDeadline) {
        slot.breachTold = true;
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
            for (const risk::LossTier &tier : config.positionLoss.tiers) {
                if (found == nullptr || tier.id != earlier.tier || earlier.fire >= tier.firesMax ||
                    !slot.life)
                    continue;
                // It fired once; perhaps again after it had re-armed.
                PositionLife life = *slot.life;
                life.openedAt = earlier.openedAt;
                EarlierOrder next = earlier;
                ++next.fire;
                next.decision = decisionId(life, kPositionLoss, tier.id, next.fire);
                next.id = orderId(next.decision, 1, 0);
                next.answered = false;
                next.found.reset();
                next.askAt = now + kAnswerDeadline;
                out->emplace_back(QueryOrder{slot.instrument, next.id});
                slot.earlier.push_back(std::move(next));
                break;
            }
            if (!isWaiting(slot))
                settleEarlier(slot);
            return true;
        }
    }
    return false;
}

void Guard::Impl::settleEarlier(Slot &slot)
{
    const EarlierOrder *worst = nullptr;
    std::size_t worstTier = 0;
    const auto &tiers = config.positionLoss.tiers;
    for (const EarlierOrder &earlier : slot.earlier) {
        for (std::size_t i = 0; i < tiers.size() && earlier.found; ++i) {
            if (tiers[i].id != earlier.tier)
                continue;
            slot.armedState.tiers[i].armed = false;
            slot.armedState.tiers[i].fires = std::max(slot.armedState.tiers[i].fires, earlier.fire);
            const bool worse = worst == nullptr || risk::moreSevere(tiers[i], tiers[worstTier]) ||
                               (i == worstTier && earlier.fire > worst->fire);
            if (worse) {
                worst = &earlier;
                worstTier = i;
            }
        }
    }
    if (worst != nullptr && slot.life) {
        const risk::LossTier &tier = tiers[worstTier];
        slot.life->openedAt = worst->openedAt;
        slot.lastLife = slot.life;
        slot.trippedText = fmt::format("{} · before this start", name(tier.action));
        tell(Severity::Warning, "earlier-order-found",
             fmt::format("{}: the venue knows order {} of an earlier run; tier {} has fired, and what is "
                         "left of it goes on.",
                         slot.instrument.symbol.view(), worst->id.view(), tier.id),
             &slot.instrument, worst->decision);
        OrderRequest request;
        request.instrument = slot.instrument;
        request.clientOrderId = worst->id;
        request.quantity = worst->found->quantity;
        TrackedOrder order{
            OrderLife(request), worst->found->venueOrderId, now, now + kAnswerDeadline, false, true};
        order.life.onUpdate(*worst->found);
        Plan plan;
        plan.decisionId = worst->decision;
        plan.tier = tier.id;
        plan.everything = tier.action == risk::LossAction::ClosePosition;
        plan.target = worst->found->quantity;
        plan.attempt = 1;
        plan.attemptRunning = true;
        plan.resumed = true;
        plan.orders.push_back(std::move(order));
        slot.earlier.clear();
        if (!slot.plan)
            startPlan(slot, std::move(plan));
        return;
    }
    slot.earlier.clear();
    evaluate(slot);
}

} // namespace core::orders
