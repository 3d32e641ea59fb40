#include "ui/panels/orderflow/ladder_rows.h"

#include <limits>

namespace ui::panels
{

std::vector<LadderRow> ladderRows(const std::vector<core::Level> &levels, core::Side side, core::Price step,
                                  std::size_t rowsMax)
{
    std::vector<LadderRow> rows;
    for (const core::Level &level : levels) {
        const core::Price row = side == core::Side::Buy ? core::floorToStep(level.price, step)
                                                        : core::ceilToStep(level.price, step);
        if (rows.empty() || rows.back().price != row) {
            if (rows.size() == rowsMax)
                break;
            rows.push_back({row, level.quantity});
            continue;
        }
        const auto sum = core::add(rows.back().quantity, level.quantity);
        rows.back().quantity = sum ? *sum : core::Quantity::fromRaw(std::numeric_limits<std::int64_t>::max());
    }
    return rows;
}

} // namespace ui::panels
