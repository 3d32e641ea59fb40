#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/risk/facts.h"

namespace core::risk
{

/// How often one step of one limit would have fired on the record.
struct PastTier {
    BreakerKind kind{BreakerKind::DayLoss};
    Scope scope{Scope::Account};
    std::string tier;
    Ratio trigger;
    TierAction action{TierAction::Alert};
    int times{0};
    std::optional<UtcTime> last{};
    friend bool operator==(const PastTier &, const PastTier &) = default;
};
struct WhatIf {
    UtcTime from; ///< of the first record that was used
    UtcTime to;   ///< of the last
    std::size_t trips{0};
    std::size_t equities{0};
    std::vector<PastTier> tiers; ///< of the enabled breakers that can be judged, in their order
};
/// Whether the record can tell anything of this kind: equity, and finished trades. Positions, marks and books are not on record.
[[nodiscard]] bool isOnRecord(BreakerKind kind);
/// What `limits` would have done with what happened until `to`, by RiskEngine itself, armed: equity as recorded, moved
/// by the net result of a trade where none was recorded while it was open; transfers taken out. Of steps reached at once the most severe counts. What a limit would have prevented is not taken out: a block at noon
/// leaves the afternoon's trades in. `limits` of one account (one history), or of all together. Absent: nothing is on record since `from`.
[[nodiscard]] std::optional<WhatIf> whatIf(const std::vector<History> &histories, const Limits &limits, UtcTime from, UtcTime to);
/// Of each `step` the first, the lowest, the highest and the last.
[[nodiscard]] std::vector<EquitySample> thinned(const std::vector<EquitySample> &samples, Duration step);

} // namespace core::risk
