#pragma once

#include <optional>

#include "core/domain/account.h"
#include "core/risk/limits.h"

namespace core::risk
{

/// Trailing stop of one position life (chandelier), methods.md 7.3: best mark since entry, armed once the profit is large enough,
/// a stop that only tightens. A value; restarts keep `best` and `stop`.
struct Trail {
    Price best;                ///< 0 until the first mark
    std::optional<Price> stop; ///< absent until armed
    friend bool operator==(const Trail &, const Trail &) = default;
};

/// Follows the best mark from `entry` on.
void followBest(Trail &trail, Direction direction, Price entry, Price mark);
/// How far the stop lies from the best mark, and which profit per unit arms it.
struct TrailDistance {
    Price distance;
    Price activation;
};
/// Of a breaker with `distance` from the best mark, or with `atrMultiple` of `atr` (a price); absent: the ATR is not known. Rounded so
/// that the stop lies nearer.
[[nodiscard]] std::optional<TrailDistance> trailDistance(const Breaker &breaker, Price entry, Price best, std::optional<Price> atr);
/// Arms and ratchets; without a distance the old stop stays. REQUIRES: followBest was called with the mark.
void ratchet(Trail &trail, Direction direction, Price entry, const std::optional<TrailDistance> &distance);
/// Way back from the best mark ÷ distance of the stop from it; at 1 the mark is at the stop. Absent: not armed yet.
[[nodiscard]] std::optional<Ratio> trailReading(const Trail &trail, Direction direction, Price mark);
/// Way back from the best mark ÷ best profit per unit: the share of the open profit that was given back. Absent: never in profit.
[[nodiscard]] std::optional<Ratio> giveback(const Trail &trail, Direction direction, Price entry, Price mark);

} // namespace core::risk
