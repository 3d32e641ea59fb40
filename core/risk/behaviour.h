#pragma once

#include <optional>
#include <vector>

#include "core/base/clock.h"
#include "core/domain/fixed8.h"
#include "core/risk/facts.h"
#include "core/risk/limits.h"

namespace core::risk
{

/// +1 win, −1 loss, 0 scratch: net result beyond max(0.1 × planned risk, fees). methods.md section 9.
[[nodiscard]] int outcome(const Trip &trip);

/// The last one that was closed at or before `at`; null: none. REQUIRES: in order of exit.
[[nodiscard]] const Trip *previousTrip(const std::vector<Trip> &trips, UtcTime at);

/// What the ladder allows after a row of outcomes. methods.md 9.1, 9.2.
struct LadderState {
    int streak{0}; ///< losses since the last win; scratches neither add nor reset
    int rung{0};
    /// max(1, floor(base × factor^rung)).
    [[nodiscard]] int leverageCap(double base, double factor) const;
};
[[nodiscard]] LadderState nextState(LadderState state, int outcome, int threshold);
/// Over `trips` in order of exit; each whole UTC day without a loss before `now` takes one rung away.
/// `after`: gets the state after each of them.
[[nodiscard]] LadderState ladderOf(const std::vector<Trip> &trips, UtcTime now, int threshold,
                                   std::vector<LadderState> *after = nullptr);
inline constexpr int kRungsToCoolOff = 4;

/// An order that adds risk, as the safeguards see it before it is sent.
struct Intention {
    InstrumentKey instrument;
    Money risk;                      ///< planned loss at the stop with costs; without a stop: the whole notional
    std::optional<int> leverage;     ///< that the venue has set for the instrument; absent: not known
    std::optional<Ratio> exposure{}; ///< of the account, Σ|notional| ÷ equity with all that could fill; absent: not known
    bool hasSetup{false};
    bool opens{true};                ///< a new trade; false: it adds to one that is open
    bool hasReason{false};           ///< a person has typed why
    UtcTime at;
};

/// Median of the risks of the last 20 trips that opened before `at`; trips without a planned risk do not count. Absent: none.
[[nodiscard]] std::optional<double> medianRisk(const std::vector<Trip> &trips, UtcTime at);

/// methods.md 9.3 and 9.4 for an intention after `trips` (oldest exit first). Severities; absent where they do not apply.
[[nodiscard]] std::optional<double> revengeSeverity(const std::vector<Trip> &trips, const Intention &intention,
                                                    const BehaviourLimits &limits);
[[nodiscard]] std::optional<double> escalationSeverity(const std::vector<Trip> &trips, const Intention &intention,
                                                       const BehaviourLimits &limits);
/// methods.md 9.5. Trades opened within 24 h before `at` (the intention counts), against the mean of the trailing 30 active days.
struct TradeRate {
    int opened{0};
    double usual{0};          ///< λ, at least 1
    double probability{1};    ///< P(Poisson(λ) ≥ opened)
    double severity{0};       ///< 0: not overtrading
};
/// Absent with less than 10 days of history.
[[nodiscard]] std::optional<TradeRate> tradeRate(const std::vector<UtcTime> &openings, UtcTime at);
/// methods.md 9.6: how far the holding time is past 1.5 planned horizons and the usual winner's; absent with fewer than 20 winners.
[[nodiscard]] std::optional<double> overholdingSeverity(Duration held, std::optional<Duration> planned,
                                                        const std::vector<Duration> &winners);

/// 0 … 100, methods.md 9.8.
[[nodiscard]] double tiltScore(const std::vector<Finding> &findings, UtcTime now);

/// methods.md 9.7 over closing events.
struct ClosingEvent {
    std::vector<double> realised; ///< results of what was closed
    std::vector<double> open;     ///< paper results of what stayed open
};
struct Disposition {
    int realisedGains{0};
    int realisedLosses{0};
    int paperGains{0};
    int paperLosses{0};
    std::optional<double> gainsRealised;  ///< PGR
    std::optional<double> lossesRealised; ///< PLR
    std::optional<double> effect;         ///< PGR − PLR; absent below 20 in a denominator unless `least` says otherwise
    std::optional<double> standardError;
};
[[nodiscard]] Disposition disposition(const std::vector<ClosingEvent> &events, int least = 20);

} // namespace core::risk
