#pragma once

#include "core/risk/config.h"
#include "core/runtime/drill/plan.h"

namespace core::runtime::drill
{

/// The limits of the drill's account.
[[nodiscard]] risk::RiskConfig limitsOf(const DrillPlan &plan);
/// Loss on margin at which a position is closed, of the same limits.
[[nodiscard]] Ratio closesAt(const DrillPlan &plan);

} // namespace core::runtime::drill
