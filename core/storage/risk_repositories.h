#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/result.h"
#include "core/storage/database.h"
#include "core/storage/records.h"

namespace core::storage
{

// What the risk engine keeps across restarts. Read side as in repositories.h: any thread with a Database of its own. In every
// function here an absent account means the limits or lockouts over all accounts.

/// Oldest first. Corrupt names a version whose text is not what was written, or can no longer be read.
[[nodiscard]] Result<std::vector<risk::LimitsVersion>> limitsHistory(const Database &database, Mode mode,
                                                                     const std::optional<AccountId> &account);
/// The same as stored, with text and hash.
[[nodiscard]] Result<std::vector<ConfigRow>> configRows(const Database &database, Mode mode,
                                                        const std::optional<AccountId> &account);
/// Absent: the account has no version yet.
[[nodiscard]] Result<std::optional<risk::LimitsNow>> currentLimits(const Database &database, Mode mode,
                                                                   const std::optional<AccountId> &account, UtcTime now);
/// Grows with every version of any account, whoever wrote it: a running engine asks every few seconds whether there is news.
[[nodiscard]] Result<std::int64_t> limitsCounter(const Database &database, Mode mode);
/// Plans and stores a change in one transaction, also beside a running program. REQUIRES: ReadWrite. InvalidArgument names each
/// wrong field; InUse when the other one does not let go.
[[nodiscard]] Result<risk::LimitsPlan> changeLimits(const Database &database, Mode mode,
                                                    const std::optional<AccountId> &account,
                                                    const risk::LimitsRequest &request, UtcTime now);

struct LimitsOwner {
    Mode mode{Mode::Demo};
    std::optional<AccountId> account;
    friend bool operator==(const LimitsOwner &, const LimitsOwner &) = default;
};
/// Everyone that has limits on record.
[[nodiscard]] Result<std::vector<LimitsOwner>> limitsOwners(const Database &database);

struct NavRow {
    UtcTime at;
    Ratio nav;
    Ratio peak;
};
struct LockoutRow {
    risk::Lockout lockout;
    std::optional<UtcTime> endedAt;
};
/// Those that have not ended, and those that ended at or after `since`; oldest first.
[[nodiscard]] Result<std::vector<LockoutRow>> lockouts(const Database &database, Mode mode,
                                                       const std::optional<AccountId> &account, UtcTime since);

struct NakedRow {
    UtcTime day;
    Money notionalSeconds;
};
/// Oldest first.
[[nodiscard]] Result<std::vector<NakedRow>> nakedDays(const Database &database, Mode mode, const AccountId &account);

/// What was planned with the order whose fill `openTradeId` opened the position; absent: nothing is known of it.
[[nodiscard]] Result<std::optional<risk::TradePlan>> planBehind(const Database &database, Mode mode, const AccountId &account,
                                                                const risk::PositionKey &position, std::int64_t openTradeId);
/// Plans behind positions that are open and orders that rest; oldest first.
[[nodiscard]] Result<std::vector<risk::TradePlan>> openPlans(const Database &database, Mode mode, const AccountId &account,
                                                             UtcTime since);

/// What risk::HistorySet needs of an account: equity since `since` with the newest sample before it, round trips, transfers and
/// funding since then, lockouts that have not ended or ended since then (its own and those over all accounts), NAV and its peak,
/// what lives and tiers remember, findings and plans.
[[nodiscard]] Result<risk::History> riskHistory(const Database &database, Mode mode, const AccountId &account,
                                                Venue venue, UtcTime since);

} // namespace core::storage
