// Which tiers could fire next: where the mark, or the whole account, would have to go.
#include <algorithm>

#include "core/risk/engine_impl.h"

namespace core::risk
{

void RiskEngine::Impl::addSteps(const Where &where, const Watch &watch, std::vector<Step> &steps) const
{
    const Breaker &breaker = breakerOf(where, watch);
    if (!breaker.enabled || actionOf(breaker.kind, breaker.tiers.back()) <= TierAction::BlockNewRisk ||
        !read(where, breaker).isValue())
        return;
    const bool ofPosition = where.scope == Scope::Position;
    for (std::size_t i = 0; i < breaker.tiers.size(); ++i) {
        const Tier &tier = breaker.tiers[i];
        const auto hit = watch.armed.peek(breaker, tier.trigger);
        if (actionOf(breaker.kind, tier) <= TierAction::BlockNewRisk || !hit || hit->tier != i)
            continue;
        Step step{.where = where, .watch = &watch, .tier = i, .fireNumber = hit->fireNumber, .mark = {}, .distance = {}};
        if (ofPosition) {
            const auto &mark = markets[where.market].mark;
            step.mark = priceAt(slots[where.slot], breaker, tier.trigger);
            if (!mark || !step.mark)
                continue;
            const Wide gap = static_cast<Wide>(mark->raw()) - step.mark->raw();
            step.distance = ratioOfWide(gap < 0 ? -gap : gap, mark->raw(), Rounding::Floor);
        } else {
            const bool ofSymbol = where.scope == Scope::Symbol;
            const Wide gross = ofSymbol ? markets[where.market].gross : accounts[where.account].sums.gross;
            const auto loss = lossTo(where, breaker, tier.trigger);
            if (!loss || gross <= 0)
                continue;
            step.distance = ratioOfWide(std::max<Wide>(*loss, 0), gross, Rounding::Floor);
        }
        steps.push_back(step);
    }
}

std::vector<RiskEngine::Coming> RiskEngine::Impl::coming(std::size_t account, std::size_t most) const
{
    std::vector<Coming> result;
    if (accounts[account].arming != Arming::Armed)
        return result;
    std::vector<Step> steps;
    eachWatch(*this, [&](const Where &where, const Watch &watch) {
        const bool joint = where.account == kGroup && armingOf(kGroup) == Arming::Armed;
        if (where.account == account || joint)
            addSteps(where, watch, steps);
    });
    std::ranges::stable_sort(steps, {}, &Step::distance);
    steps.resize(std::min(steps.size(), most));
    for (const Step &step : steps) {
        const Breaker &breaker = breakerOf(step.where, *step.watch);
        const Tier &tier = breaker.tiers[step.tier];
        Coming next{.subject = subjectOf(step.where, breaker),
                    .tier = tier.id,
                    .action = actionOf(breaker.kind, tier),
                    .fraction = tier.fraction,
                    .fireNumber = step.fireNumber,
                    .mark = step.mark,
                    .distance = step.distance,
                    .targets = {}};
        for (const std::size_t slot : targetsOf(step.where, next.action))
            next.targets.push_back(slots[slot].life);
        result.push_back(std::move(next));
    }
    return result;
}

} // namespace core::risk
