#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/risk/limits.h"

namespace core::risk
{

/// One stored version of an account's limits (or of those over all accounts). Kept for good; a newer one never changes it.
struct LimitsVersion {
    std::int64_t version{0}; ///< 1, 2, 3… per account
    UtcTime askedAt;
    UtcTime validFrom; ///< later than `askedAt`: it waits until then
    std::string by;    ///< "user", "import", "preset standard", "start"
    std::string reason;
    Limits limits;
    friend bool operator==(const LimitsVersion &, const LimitsVersion &) = default;
};

/// What the versions of one account come to at an instant.
struct LimitsNow {
    LimitsVersion holding;
    std::optional<LimitsVersion> pending; ///< looser; holds from its `validFrom` unless a newer version comes before that
};

/// The rule: a version holds from `validFrom` on; any newer one ends the wait of an older one. Only stored times and `now` count,
/// so a restart changes nothing and a clock that goes back can only prolong a wait. NotFound when there is no version.
/// REQUIRES: ascending version numbers.
[[nodiscard]] Result<LimitsNow> limitsAt(const std::vector<LimitsVersion> &versions, UtcTime now);

struct LimitsRequest {
    Limits wanted;
    std::string by;
    std::string reason;
};
/// What asking for limits comes to.
struct LimitsPlan {
    std::vector<LimitChange> changes;    ///< against what holds now
    std::vector<LimitsVersion> versions; ///< to be stored in this order, all or none; empty: nothing differs, nothing waits
    std::optional<UtcTime> looserFrom;   ///< when the looser part will hold
};
/// Tighter values become a version that holds at once, looser ones a version that waits for `loosenAfter` of the limits that hold
/// now. Asking for exactly what holds drops a waiting version. The first limits of an account hold at once. Time never goes back:
/// the wait counts from the newest instant that is on record. InvalidArgument names each wrong field.
[[nodiscard]] Result<LimitsPlan> planLimits(const std::vector<LimitsVersion> &versions, const LimitsRequest &request,
                                            UtcTime now);

} // namespace core::risk
