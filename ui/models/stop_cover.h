#pragma once

#include <optional>
#include <vector>

#include <QtCore/QString>

#include "core/runtime/snapshots.h"

namespace ui::models
{

/// What of one position has a protective stop resting at its venue, from the open orders of the snapshot.
struct StopCover {
    core::Quantity covered;             ///< at most what is held
    std::optional<core::Price> nearest; ///< trigger that fires first; absent: no stop rests
    std::optional<core::Money> loss;    ///< from the entry, every unit stopped at its own trigger; only when all of it is covered
    bool whole{false};
};
/// Reduce-only stops on the closing side of the leg; orders in an unknown state protect nothing.
[[nodiscard]] StopCover stopCover(const core::Position &position, const std::vector<core::OrderUpdate> &orders);

/// "Every unit has a resting stop." or "Naked: BTCUSDT 0.100 of 0.250, ETHUSDT". Empty while orders or positions are not known.
struct CoverLine {
    QString text;
    bool naked{false};
};
[[nodiscard]] CoverLine coverLine(const core::runtime::TerminalSnapshot &snapshot);

} // namespace ui::models
