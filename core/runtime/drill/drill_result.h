#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/runtime/drill/plan.h"

namespace core::runtime::drill
{

/// One promise that was not kept.
struct Violation {
    std::string rule; ///< "I1" … "I6", "R3", "breach", "end"
    UtcTime at;
    std::string text;
};

/// What one drill came to.
struct DrillResult {
    std::uint64_t seed{0};
    Weather weather{Weather::Calm};
    bool gap{false};
    int kills{0};
    int ordersSent{0};
    int ordersUnaccounted{0};
    int ordersDoubled{0};          ///< more than one order at the venue for one decision
    int increasedWhileLocked{0};
    int breaches{0};               ///< positions that reached a limit which closes them
    int breachesActedOn{0};
    bool withinLimit{true};        ///< every loss within its limit, what leaving cost, and the stated slippage
    bool withinPlainAllowance{true}; ///< every loss within its limit and 1 % of the notional
    bool beyondLimit{false};       ///< a loss exceeded its limit by more than the stated slippage
    double worstExcess{0};         ///< loss beyond all that ÷ the notional
    double unexplained{0};         ///< the same in money
    std::vector<std::string> misses; ///< each of them, for a person
    double nakedNotionalSeconds{0};
    Duration nakedLongest{0};      ///< of any position, while program, line and venue were well
    std::vector<std::chrono::nanoseconds> toWire;
    std::vector<Duration> toOrder; ///< from the price at the venue that breached to the first order, in simulated time
    std::vector<Duration> toFlat;  ///< from the decision to flat at the venue, likewise
    std::vector<Duration> toReconciled; ///< from a start, where nothing between program and venue was broken
    std::vector<Duration> toGuarding;   ///< likewise to the first price after it of every position
    std::uint64_t inputs{0};
    std::string digest;            ///< of the journal
    std::vector<Violation> violations;
};

} // namespace core::runtime::drill
