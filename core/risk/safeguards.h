#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/risk/behaviour.h"

namespace core::risk
{

/// What one safeguard says to an order that adds risk. Machine-readable, with plain English.
struct SafeguardNote {
    std::string code; ///< "revenge", "escalation", "overtrading", "leverage-ladder", "tilt", "reason-wanted"
    std::string got;
    std::string limit;
    std::optional<UtcTime> until; ///< from then on it would not speak any more, as far as that can be told
    std::string text;
    bool refuses{false};          ///< enforced; else it is an advice
};

/// The safeguards' answer to one order, before it is sent.
struct SafeguardVerdict {
    std::vector<Finding> findings;  ///< that this order would leave behind
    std::vector<SafeguardNote> notes;
    int rung{0};                    ///< of the leverage ladder
    std::optional<int> leverageCap; ///< while a rung is on
    double tilt{0};                 ///< with the findings of this order; 0 while the tilt score is off
    bool wantsReason{false};        ///< tilt at or above the warning
    [[nodiscard]] bool refuses() const;
};

/// New risk is to rest because of `reason` ("tilt", "leverage-ladder") from `since` on.
struct CoolingOff {
    std::string reason;
    UtcTime since;
    friend bool operator==(const CoolingOff &, const CoolingOff &) = default;
};

/// The safeguards of one account, methods.md section 9: round trips, open positions and earlier findings, and what they mean for
/// the next order. A value; pure: the same trips, openings and findings give the same answers, in whatever order they were told.
class Safeguards
{
public:
    /// Trips and openings count for so long, findings for a day.
    static constexpr Duration kKept = std::chrono::days{40};

    void setLimits(const BehaviourLimits &limits) { m_limits = limits; }
    /// One that was told before (same position and exit) only adds what was planned with it.
    void onTrip(const Trip &trip);
    /// One of the same kind and instant was told before: changes nothing. Its severity is kept to eight places.
    void onFinding(Finding finding);
    /// Lets go of what is too old to count at `now`.
    void forget(UtcTime now);
    /// The positions that are open, with their opening times.
    void setOpen(std::map<PositionKey, UtcTime> open) { m_open = std::move(open); }

    /// `base`: the leverage that the account allows without the ladder.
    [[nodiscard]] SafeguardVerdict judge(const Intention &intention, Ratio base) const;
    /// Open positions that are held longer than usual; none with too few winners to tell.
    [[nodiscard]] std::map<PositionKey, Finding> overheld(UtcTime now) const;
    [[nodiscard]] LadderState ladder(UtcTime now) const { return ladderOf(m_trips, now, m_limits.ladderLosses); }
    /// 0 … 100.
    [[nodiscard]] double tilt(UtcTime now) const { return tiltScore(standing(now, true), now); }
    /// Coolings-off that the last day asks for where the safeguard is enforced, oldest first. Each begins with what led to it.
    [[nodiscard]] std::vector<CoolingOff> coolingsOff(UtcTime now) const;
    /// What the tilt score is made of at `now`: remembered findings, lost streaks, positions held too long.
    [[nodiscard]] std::vector<Finding> standing(UtcTime now, bool withOpen) const;
    /// To be kept across restarts: what trips alone do not tell.
    [[nodiscard]] const std::vector<Finding> &findings() const { return m_findings; }
    [[nodiscard]] const std::vector<Trip> &trips() const { return m_trips; }

private:
    [[nodiscard]] std::vector<Finding> findingsOf(const Intention &intention, std::vector<SafeguardNote> &notes) const;
    void noteLadder(const Intention &intention, Ratio base, SafeguardVerdict &verdict) const;
    void noteTilt(const Intention &intention, SafeguardVerdict &verdict) const;
    [[nodiscard]] std::vector<UtcTime> openings() const;
    [[nodiscard]] std::optional<UtcTime> quietAt(const Intention &intention) const;
    [[nodiscard]] std::optional<UtcTime> calmAt(UtcTime now) const;

    BehaviourLimits m_limits;
    std::vector<Trip> m_trips;             ///< by exit
    std::map<PositionKey, UtcTime> m_open;
    std::vector<Finding> m_findings;       ///< by time
};

} // namespace core::risk
