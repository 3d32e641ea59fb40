#pragma once

#include <optional>
#include <string>
#include <vector>

#include <QtCore/QString>

#include "core/runtime/snapshots.h"

namespace ui::models
{

/// What of one position has a protective stop resting at its venue, from the open orders of the snapshot.
struct StopCover {
    core::Quantity covered;             ///< at most what is held
    std::optional<core::Price> nearest; ///< trigger that fires first; absent: no stop rests
    std::optional<core::Price> farthest; ///< of those that cover it, the last one
    std::optional<core::Money> loss;    ///< from the entry, every unit stopped at its own trigger; only when all of it is covered
    bool whole{false};
    std::string state; ///< the guard's word ("covered", "placing", "naked", "replacing", "closing", "unknown", "off"); empty: it has none
};
/// Reduce-only stops on the closing side of the leg; orders in an unknown state protect nothing.
[[nodiscard]] StopCover stopCover(const core::Position &position, const std::vector<core::OrderUpdate> &orders);
/// The same by the guard's own book of resting stops, where it keeps one of this position: a stop beyond the liquidation price
/// and one that is being cancelled protect nothing there.
[[nodiscard]] StopCover stopCover(const core::runtime::TerminalSnapshot &snapshot, const core::Position &position);
/// Why a position is not covered, in one sentence; empty when it is.
[[nodiscard]] QString coverReason(const StopCover &cover);

/// "Every unit has a resting stop." or "Naked: BTCUSDT 0.100 of 0.250, ETHUSDT". Empty while orders or positions are not known.
struct CoverLine {
    QString text;
    bool naked{false};
};
[[nodiscard]] CoverLine coverLine(const core::runtime::TerminalSnapshot &snapshot);

} // namespace ui::models
