#include "core/risk/breaker.h"

#include "core/base/assert.h"

namespace core::risk
{

BreakerState freshState(const PositionLossBreaker &breaker)
{
    return {std::vector<TierState>(breaker.tiers.size())};
}

BreakerState migrated(const BreakerState &state, const PositionLossBreaker &from,
                      const PositionLossBreaker &to)
{
    BreakerState result = freshState(to);
    for (std::size_t i = 0; i < to.tiers.size(); ++i) {
        for (std::size_t k = 0; k < from.tiers.size() && k < state.tiers.size(); ++k) {
            if (from.tiers[k].id == to.tiers[i].id)
                result.tiers[i] = state.tiers[k];
        }
    }
    return result;
}

bool moreSevere(const LossTier &a, const LossTier &b)
{
    if (a.action != b.action)
        return static_cast<int>(a.action) > static_cast<int>(b.action);
    if (a.fraction != b.fraction)
        return a.fraction > b.fraction;
    return a.trigger > b.trigger;
}

namespace
{
bool rearms(const LossTier &tier, const TierState &state, Ratio metric)
{
    return !state.armed && metric <= tier.rearm && state.fires < tier.firesMax;
}
} // namespace

std::optional<Firing> peek(const PositionLossBreaker &breaker, const BreakerState &state, Ratio metric)
{
    CORE_ASSERT(state.tiers.size() == breaker.tiers.size(), "REQUIRES: state runs parallel to the tiers");
    std::optional<Firing> worst;
    for (std::size_t i = 0; i < breaker.tiers.size(); ++i) {
        const LossTier &tier = breaker.tiers[i];
        // rearm < trigger: a tier that re-arms at this metric cannot be reached by it.
        if (!state.tiers[i].armed || metric < tier.trigger)
            continue;
        if (!worst || moreSevere(tier, breaker.tiers[worst->tier]))
            worst = Firing{i, state.tiers[i].fires + 1};
    }
    return worst;
}

std::optional<Firing> step(const PositionLossBreaker &breaker, BreakerState &state, Ratio metric)
{
    const std::optional<Firing> worst = peek(breaker, state, metric);
    for (std::size_t i = 0; i < breaker.tiers.size(); ++i) {
        TierState &tier = state.tiers[i];
        if (rearms(breaker.tiers[i], tier, metric)) {
            tier.armed = true;
        } else if (tier.armed && metric >= breaker.tiers[i].trigger) {
            tier.armed = false;
            ++tier.fires;
        }
    }
    return worst;
}

} // namespace core::risk
