#include "core/runtime/drill/limits_of.h"

#include <array>

namespace core::runtime::drill
{

namespace
{
constexpr std::array<std::int64_t, 4> kClosePercent{30, 10, 20, 50};

Ratio percent(std::int64_t value) { return Ratio::fromRaw(value * (kDecimalOne / 100)); }
} // namespace

Ratio closesAt(const DrillPlan &plan) { return percent(kClosePercent[plan.limitsVariant % kClosePercent.size()]); }

risk::RiskConfig limitsOf(const DrillPlan &plan)
{
    risk::RiskConfig config = risk::defaultRiskConfig();
    for (risk::LossTier &tier : config.positionLoss.tiers) {
        const std::int64_t scale = kClosePercent[plan.limitsVariant % kClosePercent.size()];
        tier.trigger = Ratio::fromRaw(tier.trigger.raw() / 30 * scale);
        tier.rearm = Ratio::fromRaw(tier.rearm.raw() / 30 * scale);
    }
    return config;
}

} // namespace core::runtime::drill
