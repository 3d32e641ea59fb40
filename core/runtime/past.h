#pragma once

#include <string>
#include <vector>

#include "core/risk/facts.h"

namespace core::runtime
{

/// What is on record of the guarded accounts, for looking back: equity (thinned), trades, transfers. Immutable.
struct Past {
    UtcTime from;
    UtcTime to;
    std::vector<risk::History> accounts; ///< those that have anything on record
    std::string problem;                 ///< why nothing could be read; empty: nothing went wrong
};
inline constexpr Duration kPastKept = std::chrono::days{90};

} // namespace core::runtime
