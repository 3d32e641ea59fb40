#pragma once

#include <optional>
#include <vector>

#include "core/runtime/snapshots.h"
#include "ui/format/format.h"
#include "ui/models/stop_cover.h"

namespace ui::models
{

/// One open position with what its row derives from it. Absent values are unknown and shown as such.
struct PositionRow {
    core::Position position;
    format::Places places;
    std::optional<core::Money> notional;              ///< at mark
    std::optional<core::Ratio> liquidationDistance;   ///< |mark − liquidation| ÷ mark
    std::optional<core::Ratio> roe;                   ///< uPnL ÷ initial margin
    std::optional<core::orders::BreakerView> breaker; ///< the one nearest to its next tier
    StopCover cover;
    bool trusted{true};                               ///< account and mark are fresh
};

[[nodiscard]] std::vector<PositionRow> positionRows(const core::runtime::TerminalSnapshot &snapshot);

/// Sums of the rows; a sum over a row that lacks the value is unknown.
struct PositionTotals {
    std::size_t count{0};
    std::optional<core::Money> longNotional;
    std::optional<core::Money> shortNotional;
    std::optional<core::Money> unrealizedPnl;
    std::optional<core::Money> initialMargin;
    bool trusted{true};
};
[[nodiscard]] PositionTotals totalsOf(const std::vector<PositionRow> &rows);

} // namespace ui::models
