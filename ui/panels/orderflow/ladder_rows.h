#pragma once

#include <vector>

#include "core/domain/market_data.h"

namespace ui::panels
{

/// One row of the ladder: everything that rests in [price, price + step) for bids, (price − step, price] for
/// asks.
struct LadderRow {
    core::Price price;
    core::Quantity quantity;
    friend bool operator==(const LadderRow &, const LadderRow &) = default;
};

/// Levels (best first) joined into rows of `step`, best first, at most `rowsMax`. Bids round down, asks up,
/// so a row never claims a better price than its orders have. A sum beyond the range stays at the largest
/// quantity. REQUIRES: step > 0.
[[nodiscard]] std::vector<LadderRow> ladderRows(const std::vector<core::Level> &levels, core::Side side,
                                                core::Price step, std::size_t rowsMax);

} // namespace ui::panels
