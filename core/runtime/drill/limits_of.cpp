#include "core/runtime/drill/limits_of.h"

#include <array>

namespace core::runtime::drill
{

namespace
{
constexpr std::array kPresets{risk::Preset::Standard, risk::Preset::Conservative, risk::Preset::PropFirm};
constexpr std::size_t kScales = 3; ///< as the preset has it, or its losses 20 % and 40 % tighter

Ratio scaledBy(Ratio level, std::size_t variant)
{
    constexpr std::array<std::int64_t, kScales> kPercent{100, 80, 60};
    return Ratio::fromRaw(level.raw() / 100 * kPercent[variant / kPresets.size() % kScales]);
}

void tighten(risk::Limits &limits, std::size_t variant)
{
    using enum risk::BreakerKind;
    for (risk::Breaker &breaker : limits.breakers) {
        const bool loss = breaker.kind == LossOnMargin || breaker.kind == LossOnEquity || breaker.kind == DayLoss ||
                          breaker.kind == WeekLoss || breaker.kind == MonthLoss;
        for (risk::Tier &tier : breaker.tiers) {
            if (!loss)
                continue;
            tier.trigger = scaledBy(tier.trigger, variant);
            tier.rearm = scaledBy(tier.rearm, variant);
        }
    }
}
} // namespace

risk::Limits limitsOf(const DrillPlan &plan)
{
    risk::Limits limits = risk::presetLimits(kPresets[plan.limitsVariant % kPresets.size()]);
    tighten(limits, plan.limitsVariant);
    return limits;
}

risk::Limits groupLimitsOf(const DrillPlan &plan)
{
    risk::Limits limits = risk::defaultGroupLimits();
    tighten(limits, plan.limitsVariant);
    return limits;
}

std::optional<Ratio> closesAt(const risk::Limits &limits, risk::BreakerKind kind, risk::Scope scope)
{
    const risk::Breaker *breaker = risk::find(limits, kind, scope);
    if (breaker == nullptr || !breaker->enabled)
        return std::nullopt;
    for (const risk::Tier &tier : breaker->tiers)
        if (tier.action == risk::TierAction::Close || tier.action == risk::TierAction::Flatten)
            return tier.trigger;
    return std::nullopt;
}

} // namespace core::runtime::drill
