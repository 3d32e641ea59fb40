#pragma once

#include <map>
#include <optional>
#include <vector>

#include "core/base/clock.h"
#include "core/domain/ids.h"

namespace core::orders
{

/// When to arm, renew and disarm the venue's dead-man timer: it may remove entry orders, never the stops.
/// Where the timer kills stops too (or the venue does not say that it spares them), it runs only while
/// nothing in its reach has a position or a stop. A pure state machine; commands go to
/// ExchangeClient::setDeadMan, in their order and before the keeper's wishes.
class DeadManPlan
{
public:
    /// From the venue's capabilities and the account's limits.
    struct Terms {
        bool hasTimer{false};
        bool perInstrument{false};
        bool killsStops{true};
        std::optional<Duration> after{}; ///< absent: never armed. Below 5 s counts as 5 s
        bool inherited{false}; ///< an earlier run may have left one running: disarmed where it would take stops
    };
    /// What there is of one instrument now.
    struct Standing {
        bool hasEntries{false}; ///< live orders that add risk
        bool hasPosition{false};
        bool hasStops{false}; ///< conditional orders, ours or a person's, known or on their way
        friend bool operator==(const Standing &, const Standing &) = default;
    };
    struct Command {
        InstrumentKey instrument;      ///< without meaning where the timer is the account's
        std::optional<Duration> after; ///< absent: disarm
        friend bool operator==(const Command &, const Command &) = default;
    };

    void setTerms(UtcTime now, Venue venue, const Terms &terms);
    void onStanding(UtcTime now, const InstrumentKey &instrument, const Standing &standing);
    /// The answer to the last command of that kind for this instrument.
    void onDone(UtcTime now, const InstrumentKey &instrument, const std::optional<Duration> &after,
                bool done);
    /// Appends what must be sent now. REQUIRES: called after every event and at least once a second.
    void drive(UtcTime now, std::vector<Command> &out);

    /// Nothing to arm and nothing that may run: standings need not be told.
    [[nodiscard]] bool isIdle() const;
    /// A stop placed now could be killed: it waits for the disarming, at most a second (a stop that may go is
    /// better than none).
    [[nodiscard]] bool holdsStops(UtcTime now, const InstrumentKey &instrument) const;
    /// A timer that kills stops may still fire where one rests; ends with the venue's word or when it can run
    /// no longer.
    [[nodiscard]] bool threatensStops(UtcTime now, const InstrumentKey &instrument) const;

private:
    struct Timer {
        bool mayRun{false};                   ///< armed, or we do not know
        bool isOurs{false};                   ///< this run has asked for it
        std::optional<UtcTime> mayRunUntil{}; ///< absent while a request to arm is unanswered
        std::optional<UtcTime> askedAt{};     ///< of a command without answer
        bool askedToRun{false};               ///< the last command
        UtcTime renewAt{};
        UtcTime retryAt{};
        int refusals{0}; ///< of the disarming, in a row
        std::optional<UtcTime> unsafeSince{};
    };

    void inherit(UtcTime now, const InstrumentKey &reach);
    [[nodiscard]] InstrumentKey reachOf(const InstrumentKey &instrument) const;
    [[nodiscard]] const Timer *timerOf(const InstrumentKey &instrument) const;
    [[nodiscard]] const Terms &termsOf(Venue venue) const;
    void judge(UtcTime now, const InstrumentKey &reach, Timer &timer);
    void disarm(UtcTime now, const InstrumentKey &reach, Timer &timer, std::vector<Command> &out);
    void arm(UtcTime now, const InstrumentKey &reach, Timer &timer, std::vector<Command> &out);

    std::map<Venue, Terms> m_terms;
    std::map<InstrumentKey, Standing> m_standings;
    std::map<InstrumentKey, Timer> m_timers; ///< by reach: the instrument, or the venue with an empty symbol
};

} // namespace core::orders
