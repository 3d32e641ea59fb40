#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/runtime/drill/disk.h"
#include "core/runtime/drill/witness.h"

namespace core::runtime::drill
{

/// The storm of targets.md R1 and R2 in simulated time: random portfolios on the loopback exchange's engine under faults
/// and kills, guarded by the real guard, watched by a witness who trusts the exchange alone. Same seed, same journal,
/// byte for byte. Pure but for the wall time it measures; one thread.
struct Drill {
    DrillResult result;
    std::vector<ChainedRow> journal; ///< what was durable at the end
};
/// `story`: told what happens, one line each, with the time; for a person who looks for the reason of a failure.
using DrillStory = std::function<void(UtcTime, const std::string &)>;
[[nodiscard]] Drill runDrill(const DrillPlan &plan, const DrillStory &story = {});

/// Many of them.
struct DrillTotals {
    std::uint64_t seeds{0};
    std::uint64_t killed{0};
    std::uint64_t withoutGap{0};
    std::uint64_t withinLimit{0};
    std::uint64_t withinLimitNoGap{0};
    std::uint64_t withinPlainNoGap{0};   ///< within limit and 1 % of the notional
    std::uint64_t gapExcess{0};          ///< with a gap and a loss beyond limit and stated slippage
    std::uint64_t gapExcessExplained{0}; ///< of them, those whose excess is what leaving cost
    std::uint64_t orders{0};
    std::uint64_t ordersUnaccounted{0};
    std::uint64_t ordersDoubled{0};
    std::uint64_t increasedWhileLocked{0};
    std::uint64_t breaches{0};
    std::uint64_t breachesActedOn{0};
    std::uint64_t violations{0};
    std::uint64_t inputs{0};
    double nakedNotionalSeconds{0};
    Duration nakedLongest{0};
    double worstExcess{0};
    double worstExcessNoGap{0};
    double unexplained{0}; ///< largest money beyond limit, cost of leaving and stated slippage
    std::vector<std::chrono::nanoseconds> toWire;
    std::vector<Duration> toOrder;
    std::vector<Duration> toFlat;
    std::vector<Duration> toReconciled;
    std::vector<Duration> toGuarding;
    std::vector<std::uint64_t> failing; ///< seeds with a violation
    void add(const DrillResult &result);
};
/// One line, keys in fixed order.
[[nodiscard]] std::string toJson(const DrillTotals &totals);

} // namespace core::runtime::drill
