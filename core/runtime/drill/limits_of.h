#pragma once

#include <optional>

#include "core/risk/limits.h"
#include "core/runtime/drill/plan.h"

namespace core::runtime::drill
{

/// The limits of each account of the drill, and of all of them together.
[[nodiscard]] risk::Limits limitsOf(const DrillPlan &plan);
[[nodiscard]] risk::Limits groupLimitsOf(const DrillPlan &plan);

/// Level at which a limit closes what it measures; absent: it never does.
[[nodiscard]] std::optional<Ratio> closesAt(const risk::Limits &limits, risk::BreakerKind kind, risk::Scope scope);

} // namespace core::runtime::drill
