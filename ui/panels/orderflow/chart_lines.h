#pragma once

#include <vector>

#include "core/runtime/snapshots.h"
#include "ui/panels/orderflow/chart_view.h"

namespace ui::panels
{

/// Lines of the shown market: entry and liquidation of each position, the price of its next breaker tier, own
/// orders.
[[nodiscard]] std::vector<ChartLine> chartLines(const core::runtime::TerminalSnapshot &snapshot,
                                                const core::runtime::MarketSnapshot &market,
                                                format::Places places);

} // namespace ui::panels
