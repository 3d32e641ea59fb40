#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/domain/account.h"
#include "core/domain/instrument.h"
#include "core/domain/order.h"
#include "core/risk/limits.h"

namespace core::risk
{

// Values that other rooms measure and the risk engine is told; it never computes them itself. A guard acts for at most one
// account per venue, so the venue names the account.

/// One position at one venue: instrument and leg.
struct PositionKey {
    InstrumentKey instrument;
    PositionSide side{PositionSide::Both};
    friend auto operator<=>(const PositionKey &, const PositionKey &) = default;
};

/// From analysis, once per closed bar or second. Absent: not known (warm-up, gap), never zero.
struct Estimate {
    InstrumentKey instrument;
    std::optional<Ratio> atr;           ///< ATR(14) of the configured timeframe ÷ close of its last bar
    std::optional<Ratio> sigmaDay;      ///< daily volatility, 0.03 = 3 %
    std::optional<Ratio> sigmaUsual;    ///< 90-day median of the same
    std::optional<Ratio> sigmaShort;    ///< volatility of the last minutes, scaled to a day
    std::optional<Money> hourVolume;    ///< quote volume of the last hour
    UtcTime at;
    friend bool operator==(const Estimate &, const Estimate &) = default;
};

/// What can be had from the book now: cumulative quantity within each distance from the mid (bps ascending), per side.
struct Depth {
    struct Step {
        Ratio distance; ///< share of the mid
        Quantity bids;
        Quantity asks;
        friend bool operator==(const Step &, const Step &) = default;
    };
    InstrumentKey instrument;
    Price mid;
    std::vector<Step> steps;
    bool complete{false}; ///< the book was fresh and reached to the last step
    UtcTime at;
    friend bool operator==(const Depth &, const Depth &) = default;
};

/// Shrunk correlations of hourly returns (methods.md 8.7); symmetric, unit diagonal, row-major. Pairs that are not in it count
/// as 0.8.
struct Correlation {
    std::vector<InstrumentKey> instruments;
    std::vector<Ratio> values;
    UtcTime at;
    friend bool operator==(const Correlation &, const Correlation &) = default;
};

/// One finished round trip, methods.md 6.10.
struct Trip {
    PositionKey position;
    Direction direction{Direction::Long};
    UtcTime openedAt;
    UtcTime closedAt;
    Money net; ///< realised + funding − fees
    Money fees;
    Money notional; ///< of the entry
    std::optional<Money> plannedRisk;
    std::optional<int> leverage;
    bool hasSetup{false};
    friend bool operator==(const Trip &, const Trip &) = default;
};

/// One safeguard against one's own behaviour that spoke, with its severity 0 … 1 and what it was measured on. methods.md section 9.
struct Finding {
    enum class What { Revenge, Escalation, Streak, Overtrading, Overholding, StopWidened };
    What what{What::Revenge};
    double severity{0};
    UtcTime at;
    std::string text; ///< with its numbers
    friend bool operator==(const Finding &, const Finding &) = default;
};
[[nodiscard]] std::string_view name(Finding::What what);

/// What was planned with an order that could open a position. Absent: not said, not known.
struct TradePlan {
    PositionKey position;
    ClientOrderId order;
    std::optional<Money> risk;   ///< loss at the planned stop, with costs
    std::optional<int> leverage; ///< that the venue had set
    std::string setup;           ///< empty: none was recorded
    UtcTime at;
    friend bool operator==(const TradePlan &, const TradePlan &) = default;
};

/// Nothing that adds risk in its scope until `until`. Closing, cancelling and tightening stay free.
struct Lockout {
    std::string id; ///< "<breaker>/<scope>/<subject>/<started ns>"
    Scope scope{Scope::Account};
    std::optional<Venue> account;            ///< absent with AllAccounts
    std::optional<InstrumentKey> instrument; ///< Symbol, Position
    std::string reason;                      ///< breaker name, "tilt", "manual", …
    UtcTime startedAt;
    UtcTime until;
    bool needsRelease{false}; ///< LOCKED of methods.md 7.4: ends by a typed confirmation only
    friend bool operator==(const Lockout &, const Lockout &) = default;
};

/// Account equity at an instant; the rows that NAV and period losses are built from.
struct EquitySample {
    Venue account{Venue::Binance};
    UtcTime at;
    Money equity;
    friend bool operator==(const EquitySample &, const EquitySample &) = default;
};

/// What the trackers of one position life remember; lost at a restart, a trailing stop would loosen.
struct LifeMemory {
    PositionKey position;
    Direction direction{Direction::Long};
    UtcTime openedAt;
    Price best;                     ///< best mark since it was opened
    std::optional<Price> trailStop; ///< where the trailing stop stands
    bool watched{false};            ///< the giveback breaker watches it
    friend bool operator==(const LifeMemory &, const LifeMemory &) = default;
};

/// A position that is open and when it was opened, as far as the venue's fills reach.
struct Opening {
    PositionKey position;
    Direction direction{Direction::Long};
    UtcTime openedAt;
    bool isKnown{true}; ///< false: at `openedAt`, where the fills begin, it was open already; its age is not known
    UtcTime seenAt; ///< it was open then; a life that began later is another one
    friend bool operator==(const Opening &, const Opening &) = default;
};

/// What one tier of a symbol's, an account's or all accounts' breaker remembers within its period.
struct TierMemory {
    std::string subject; ///< text(Subject)
    std::string tier;
    UtcTime period;      ///< start of the period in which it was so
    int fires{0};
    bool armed{true};
    bool active{false};  ///< reached, and not yet back at rearm
    friend bool operator==(const TierMemory &, const TierMemory &) = default;
};

/// What an earlier run (journal, database) or the venue's history knows: the former is told before the first reconciliation, the
/// latter as soon as it is here. Tellings join; for lockouts and losses the tighter one holds.
struct History {
    Venue account{Venue::Binance};
    std::vector<EquitySample> equity; ///< oldest first; at least the ones at period starts and the peak
    std::vector<Trip> trips;          ///< of at least the last 31 days, oldest first
    std::vector<Transfer> transfers;
    std::vector<FundingPayment> funding;
    std::vector<Lockout> lockouts;    ///< that had not ended when they were last heard of
    std::optional<Ratio> peakNav; ///< NAV index now and at its peak, where an earlier run kept them
    std::optional<Ratio> nav;
    std::vector<LifeMemory> lives;
    std::vector<TierMemory> tiers; ///< that are not as new
    std::vector<Finding> findings{}; ///< of the last day, oldest first
    std::vector<TradePlan> plans{};  ///< behind positions that are open
    std::vector<Opening> openings;
    std::vector<Lockout> endedLockouts; ///< of the last seven days: they count as breaches
    friend bool operator==(const History &, const History &) = default;
};

} // namespace core::risk
