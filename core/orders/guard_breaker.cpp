// The position-loss breaker on one position: is it evaluable, is a tier reached, may it act.
#include <fmt/format.h>

#include "core/orders/guard_impl.h"
#include "core/domain/number_text.h"
#include "core/risk/position_math.h"

namespace core::orders
{

bool Guard::Impl::markFresh(const Market &market) const
{
    return market.mark && (!market.freshness || *market.freshness == Freshness::Fresh) &&
           now - market.markAt <= config.markStaleAfter;
}

bool Guard::Impl::accountFresh() const
{
    return (!accountFreshness || *accountFreshness == Freshness::Fresh) &&
           now - accountHeardAt <= config.accountStaleAfter;
}

std::string_view Guard::Impl::distrust() const
{
    if (!reconciled)
        return "positions and orders are not reconciled with the venue";
    if (!accountFresh())
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
    if (!market.mark->isPositive())
        return "the mark price is not positive";
    if (!risk::initialMargin(slot.ledger.base()))
        return "neither leverage nor initial margin is known";
    return "the numbers are outside the range";
}

void Guard::Impl::evaluate(Slot &slot)
{
    if (arming == risk::Arming::Off || !config.positionLoss.enabled || !slot.life || !slot.ledger.isKnown())
        return;
    const Market &market = markets[slot.market];
    const std::int64_t live = slot.ledger.live();
    if (live == 0 || (live > 0) != (slot.life->direction == Direction::Long))
        return; // fills say that it is gone; the report follows
    slot.metric = markFresh(market) ? risk::lossOnMargin(slot.ledger.base(), *market.mark) : std::nullopt;
    if (!slot.metric) {
        if (!slot.undefinedSince)
            slot.undefinedSince = now;
        if (!slot.undefinedTold && now - *slot.undefinedSince >= kUndefinedDeadline) {
            slot.undefinedTold = true;
            tell(Severity::Warning, "not-evaluable",
                 fmt::format("{}: the position-loss breaker cannot be evaluated: {}.",
                             slot.instrument.symbol.view(), whyUndefined(slot)),
                 &slot.instrument);
        }
        return;
    }
    slot.undefinedSince.reset();
    slot.undefinedTold = false;
    if (slot.plan && slot.plan->everything && !slot.plan->stopped)
        return; // it is being closed already

    if (arming == risk::Arming::AlertOnly) {
        if (const auto firing = risk::step(config.positionLoss, slot.alertState, *slot.metric))
            fire(slot, *firing, false);
        return;
    }
    const auto reached = risk::peek(config.positionLoss, slot.armedState, *slot.metric);
    if (!reached) {
        static_cast<void>(risk::step(config.positionLoss, slot.armedState, *slot.metric)); // may re-arm
        slot.breachWaits = false;
        return;
    }
    if (const std::string_view why = distrust(); !why.empty()) {
        if (!slot.blindTold)
            tell(Severity::Critical, "blind",
                 fmt::format(
                     "{}: loss {} of margin reaches tier {}, but {}. Nothing is sent until that is settled.",
                     slot.instrument.symbol.view(), percentText(*slot.metric),
                     config.positionLoss.tiers[reached->tier].id, why),
                 &slot.instrument);
        slot.blindTold = true;
        return;
    }
    slot.blindTold = false;
    if (slot.predates && !slot.asked)
        askEarlier(slot);
    if (isWaiting(slot)) {
        if (!slot.breachWaits)
            slot.breachWaitsSince = now;
        slot.breachWaits = true;
        return;
    }
    slot.breachWaits = false;
    const auto firing = risk::step(config.positionLoss, slot.armedState, *slot.metric);
    if (firing)
        fire(slot, *firing, true);
}

namespace
{
std::string actionText(risk::LossAction action, bool acts, Quantity size, Quantity closing,
                       const Instrument *rules)
{
    if (action == risk::LossAction::Alert)
        return "An alert; nothing is sent.";
    const std::string what = closing == size
                                 ? quantityText(closing, rules)
                                 : quantityText(closing, rules) + " of " + quantityText(size, rules);
    return acts ? fmt::format("Closing {} with a reduce-only order.", what)
                : fmt::format("Alert only: nothing is sent; armed, it would close {}.", what);
}

std::string_view alertCode(risk::LossAction action, bool acts)
{
    switch (action) {
    case risk::LossAction::Alert: return kAlertBreakerAlert;
    case risk::LossAction::ReducePosition:
        return acts ? "position-loss-reduce" : "position-loss-would-reduce";
    case risk::LossAction::ClosePosition: return acts ? kAlertBreakerClose : "position-loss-would-close";
    }
    return "position-loss";
}
} // namespace

Quantity Guard::Impl::closingSize(const Slot &slot, const risk::LossTier &tier, Price mark) const
{
    const Quantity size = liveSize(slot, slot.life->direction);
    if (tier.action != risk::LossAction::ReducePosition)
        return size;
    const Instrument *rules = markets[slot.market].rules();
    const LotRules lots = rules != nullptr
                              ? lotRules(*rules)
                              : LotRules{.step = Quantity::fromRaw(1), .least = {}, .notionalLeast = {}};
    const auto part = partialClose(size, tier.fraction, lots, mark);
    return part ? part->quantity : size;
}

void Guard::Impl::fire(Slot &slot, const risk::Firing &firing, bool armed)
{
    const risk::LossTier &tier = config.positionLoss.tiers[firing.tier];
    const Market &market = markets[slot.market];
    const Position &position = slot.ledger.base();
    const bool acts = armed && tier.action != risk::LossAction::Alert;
    const Quantity size = liveSize(slot, slot.life->direction);
    const Quantity closing = closingSize(slot, tier, *market.mark);

    Verdict verdict{.decisionId = decisionId(*slot.life, kPositionLoss, tier.id, firing.fireNumber),
                    .instrument = slot.instrument,
                    .breaker = std::string(kPositionLoss),
                    .tier = tier.id,
                    .action = tier.action,
                    .arming = arming,
                    .acts = acts,
                    .mark = *market.mark,
                    .markTime = market.markTime,
                    .direction = slot.life->direction,
                    .quantity = size,
                    .entryPrice = position.entryPrice,
                    .initialMargin = risk::initialMargin(position).value_or(risk::InitialMargin{}).money,
                    .metric = *slot.metric,
                    .trigger = tier.trigger,
                    .text = {}};
    const std::string decision = verdict.decisionId;
    unexplained.push_back({&slot, std::move(verdict), closing});
    if (acts) {
        Plan plan;
        plan.decisionId = decision;
        plan.tier = tier.id;
        plan.trigger = risk::priceAtLoss(position, tier.trigger);
        plan.everything = closing == size;
        plan.target = closing;
        startPlan(slot, std::move(plan));
    }
}

void Guard::Impl::explain(std::vector<GuardOutput> &outputs)
{
    out = &outputs;
    for (Unexplained &fired : unexplained) {
        Slot &slot = *fired.slot;
        Verdict &verdict = fired.verdict;
        const Instrument *rules = markets[slot.market].rules();
        verdict.text =
            fmt::format("{}: loss {} of margin ≥ {} (mark {}). {}",
                        positionText(slot.instrument, verdict.direction, verdict.quantity, rules),
                        percentText(verdict.metric), percentText(verdict.trigger), priceText(verdict.mark, rules),
                        actionText(verdict.action, verdict.acts, verdict.quantity, fired.closing, rules));
        if (verdict.action != risk::LossAction::Alert)
            slot.trippedText = fmt::format("{} · {} at {} · {}", timeOfDayText(now), name(verdict.action),
                                           percentText(verdict.trigger), percentText(verdict.metric));
        const bool acts = verdict.acts;
        const risk::LossAction action = verdict.action;
        std::string decision = verdict.decisionId;
        std::string text = verdict.text;
        out->emplace_back(std::move(verdict));
        tell(acts ? Severity::Critical : Severity::Warning, alertCode(action, acts), std::move(text),
             &slot.instrument, decision);
    }
    unexplained.clear();
    out = nullptr;
}

} // namespace core::orders
