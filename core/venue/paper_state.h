#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/venue/engine.h"

namespace core::venue
{

/// A paper account between two runs: money, legs, what rests, the newest of what ended, and where the ids go on.
/// A value; any thread.
struct PaperState {
    struct Leg {
        PositionKey key;
        AccountPosition position;
    };
    Money wallet;
    bool hedge{false};
    VenueEngine::Counters counters;
    std::vector<Leg> legs;
    std::vector<VenueAlgo> algos;   ///< by id
    std::vector<VenueOrder> orders; ///< by id
    std::vector<VenueFill> fills;   ///< by trade id
};

/// JSON with a version and a check sum; numbers are text, so that none loses digits.
[[nodiscard]] std::string paperStateText(const PaperState &state);
/// Corrupt names the rule that is broken; NewerVersion: written by a newer program.
[[nodiscard]] Result<PaperState> parsePaperState(std::string_view text);

} // namespace core::venue
