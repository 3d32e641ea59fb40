#pragma once

#include <vector>

#include "core/risk/facts.h"

namespace core::risk
{

/// methods.md 7.5: base × 2^(breaches − 1), at most `cap` (but never below `base`). `breaches`: of the trailing 24 h, with this one.
[[nodiscard]] Duration coolingOff(Duration base, Duration cap, int breaches);

/// Running lockouts, and those of the last seven days, which count as breaches and halts. Ends are absolute and never move
/// earlier. A value.
class LockoutBook
{
public:
    static constexpr Duration kRemembered = std::chrono::hours{24 * 7};

    /// Breaches of an account (absent: of all accounts together) after `since`: instants at which a lockout started.
    [[nodiscard]] int breachesSince(UtcTime since, std::optional<Venue> account) const;
    /// One started at this very instant: the same breach.
    [[nodiscard]] bool breachAt(UtcTime instant, std::optional<Venue> account) const;
    /// A new one, or the same id with what is tighter of both. True: it was not known like this.
    bool add(const Lockout &lockout);
    /// One that an earlier run saw end. It counts, and does not run.
    void addPast(const Lockout &lockout);
    /// Latest end of what runs for the same reason on the same subject.
    [[nodiscard]] std::optional<UtcTime> latestEnd(const Lockout &like, UtcTime now) const;
    /// Those that have ended by `now` since the last call.
    [[nodiscard]] std::vector<Lockout> expire(UtcTime now);
    /// By typed confirmation, after its end. Absent: there is none that may be released.
    [[nodiscard]] std::optional<Lockout> release(std::string_view id, UtcTime now);

    [[nodiscard]] const std::vector<Lockout> &running() const { return m_running; }
    [[nodiscard]] const std::vector<Lockout> &past() const { return m_past; }

private:
    std::vector<Lockout> m_running;
    std::vector<Lockout> m_past;
};

} // namespace core::risk
