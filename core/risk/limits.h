#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/domain/fixed8.h"

namespace core::risk
{

/// What a breaker measures; design.md section 7. The texts of `name` are stable: limits files, journal, ids.
enum class BreakerKind {
    // of one position
    LossOnMargin,        ///< loss at mark ÷ initial margin
    LossOnEquity,        ///< loss at mark ÷ account equity
    TrailingStop,        ///< way back from the best mark ÷ distance of the stop from it; 1 = reached
    Giveback,            ///< share of the best open profit that was given back
    TimeInPosition,      ///< since it was opened
    LiquidationDistance, ///< |mark − liquidation| ÷ mark; low is bad
    LiquidationSigma,    ///< the same in daily σ; low is bad
    LiquidationMinutes,  ///< (distance ÷ σ per minute)²: minutes to drift there at one σ; low is bad
    VolatilityShock,     ///< short-term σ ÷ its usual value
    LiquidityVacuum,     ///< slippage of leaving the whole position now, against the mid
    // of a symbol, an account, or all accounts together
    DayLoss,   ///< realised + open since the reset, net of transfers ÷ equity at the reset
    WeekLoss,
    MonthLoss,
    Drawdown,           ///< from peak NAV, methods.md 6.11
    ProfitFloor,        ///< share of the day's best profit that is left; low is bad
    MarginRatio,        ///< maintenance ÷ margin balance
    EffectiveLeverage,  ///< gross notional ÷ equity
    GrossExposure,      ///< Σ|notional| ÷ equity
    NetExposure,        ///< |Σ notional| ÷ equity
    CorrelatedExposure, ///< methods.md 8.8 ÷ equity
    FundingBurn,        ///< funding paid in the last 24 h, net ÷ equity
    ConsecutiveLosses,
    TradesPerDay,
    LosingTradesPerDay,
    DataStale, ///< age of the newest mark of an open position or word of the account; venue unreachable counts on
};
inline constexpr std::size_t kBreakerKinds = static_cast<std::size_t>(BreakerKind::DataStale) + 1;
[[nodiscard]] std::string_view name(BreakerKind kind);

/// Over what it is summed. Position kinds have Position only; see `scopesOf`.
enum class Scope { Position, Symbol, Account, AllAccounts };
[[nodiscard]] std::string_view name(Scope scope);
[[nodiscard]] std::vector<Scope> scopesOf(BreakerKind kind);

/// How a level is written and shown. Share: 0.25 = "25 %". Multiple: "3 x". Sigma: "3 sigma". Count: "4". Time: minutes, "90 min".
enum class Unit { Share, Multiple, Sigma, Count, Time };
[[nodiscard]] Unit unitOf(BreakerKind kind);
/// A breach is a reading at or below the trigger (liquidation distance, profit floor) instead of at or above it.
[[nodiscard]] bool lowIsBad(BreakerKind kind);

/// Whether the engine may act. Off: silent. AlertOnly: says what it would do, sends nothing. Armed: acts.
enum class Arming { Off, AlertOnly, Armed };
[[nodiscard]] std::string_view name(Arming arming);

/// In order of severity. BlockNewRisk: nothing that adds risk in the scope until the episode ends (or the lockout, where one is
/// named). Reduce: each position of the scope by `fraction`. Close: each position of the scope. Flatten: every position of the
/// account (Scope::AllAccounts: of every account), entry orders first.
enum class TierAction { Alert, BlockNewRisk, Reduce, Close, Flatten };
[[nodiscard]] std::string_view name(TierAction action);

/// One step of a breaker's ladder. Levels are in the breaker's unit.
struct Tier {
    std::string id; ///< unique within the breaker: 1–32 letters, digits, '-'
    Ratio trigger;  ///< fires when the reading reaches it (inclusive)
    Ratio rearm;    ///< arms again when the reading is back at it; on the good side of the trigger
    TierAction action{TierAction::Alert};
    Ratio fraction{};                    ///< Reduce only: 0 < fraction < 1
    int firesMax{1};                     ///< per position life, or per period for the other scopes (day, week, month; else day)
    Duration escalateAfter{0};           ///< an action without effect by then becomes the next one up; 0: the default of 5 s
    std::optional<Duration> coolingOff{};///< locks new risk in the scope for at least this long (methods.md 7.5 doubles it)
    friend bool operator==(const Tier &, const Tier &) = default;
};

/// One limit. `kind` and `scope` together are unique within the limits. A tier that blocks new risk on consecutive losses or on
/// a drawdown names a cooling-off: what ends those episodes is trading. DataStale alerts or blocks only (methods.md 7.1).
struct Breaker {
    BreakerKind kind{BreakerKind::LossOnMargin};
    Scope scope{Scope::Position};
    bool enabled{true};
    std::vector<Tier> tiers; ///< 1 to 16, from the level that is reached first to the last; equal levels may follow each other
    // TrailingStop: exactly one of the two distances
    std::optional<Ratio> atrMultiple{}; ///< of ATR(14)
    std::optional<Ratio> distance{};    ///< share of the best mark
    std::optional<Ratio> activation{};  ///< always given for TrailingStop, Giveback and ProfitFloor, never for others.
                                        ///< TrailingStop: profit that arms it, in ATR with `atrMultiple`, else share of the
                                        ///< entry; 0: from the start. Giveback, ProfitFloor: best open profit (of the day:
                                        ///< best profit) ÷ equity (at the reset) from which it watches
    friend bool operator==(const Breaker &, const Breaker &) = default;
};

/// Each of them can be off, advisory (says so, lets pass) or enforced (caps, delays or refuses).
enum class Enforcement { Off, Advisory, Enforced };
[[nodiscard]] std::string_view name(Enforcement enforcement);

/// methods.md section 9; defaults from its section 15.
struct BehaviourLimits {
    Enforcement leverageLadder{Enforcement::Advisory};
    int ladderLosses{3};  ///< N0
    Ratio ladderFactor;   ///< 0.5
    Enforcement revenge{Enforcement::Advisory};
    Duration revengeWindow{std::chrono::minutes{15}};
    Ratio revengeRisk;    ///< 1.2 × median
    Enforcement escalation{Enforcement::Advisory};
    Ratio escalationRisk; ///< 1.5 × median
    Enforcement overtrading{Enforcement::Advisory};
    Enforcement overholding{Enforcement::Advisory};
    Enforcement tilt{Enforcement::Advisory};
    int tiltWarn{60};
    int tiltLock{80};
    friend bool operator==(const BehaviourLimits &, const BehaviourLimits &) = default;
};

/// methods.md section 8; shares of equity unless said otherwise.
struct SizingLimits {
    Ratio riskPerTrade;        ///< 0.005
    Ratio kellyFraction;       ///< 0.5; never more
    Ratio positionMax;         ///< notional ÷ equity of one position
    Ratio leverageMax;         ///< of the account, 5 x
    Ratio correlatedMax;       ///< 1.5
    Ratio volatilityTarget;    ///< annual, of one position: 0.15
    Ratio slippageAllowance;   ///< of the stop price: 0.0002
    Ratio liquidityBps;        ///< largest slippage of an entry: 10 bps = 0.001
    Ratio liquidityHourShare;  ///< of one hour's volume: 0.01
    friend bool operator==(const SizingLimits &, const SizingLimits &) = default;
};

/// Resting stops at the venue: where they stand and how often they may move.
struct BackstopLimits {
    bool enabled{true};
    Ratio slippageAllowance;                         ///< added to each stop's loss: 0.002
    Ratio repinStep;                                 ///< moved only when the price changes by more: 0.001 of the mark
    Duration repinEvery{std::chrono::seconds{2}};    ///< per position; a missing or wrong-sized stop does not wait
    Duration coverWithin{std::chrono::seconds{5}};   ///< an uncovered position is closed after that
    Ratio liquidationBuffer;                         ///< stop at least this share of the mark before the liquidation price: 0.005
    std::optional<Duration> deadMan{};               ///< cancels entry orders when the program is gone; absent: off
    friend bool operator==(const BackstopLimits &, const BackstopLimits &) = default;
};

/// The hard walls of the order gate; nothing clicks them away.
struct GateLimits {
    Ratio orderNotionalMax;   ///< of one order ÷ equity: 2
    Ratio priceBand;          ///< |limit − mark| ÷ mark of an order that adds risk: 0.05
    int ordersPerSecond{5};   ///< that add risk
    int ordersPerMinute{60};
    friend bool operator==(const GateLimits &, const GateLimits &) = default;
};

/// The limits of one account, or of all accounts together (then only breakers of Scope::AllAccounts are in it).
/// A value; validated as a whole, with one error per field.
struct Limits {
    int schema{2};
    std::vector<Breaker> breakers;
    BehaviourLimits behaviour;
    SizingLimits sizing;
    BackstopLimits backstop;
    GateLimits gate;
    Duration markStaleAfter{std::chrono::seconds{3}};
    Duration accountStaleAfter{std::chrono::seconds{60}};
    Ratio closeSlippageFirst;  ///< IOC limit at mark ∓ this (0.005)
    Ratio closeSlippageSecond; ///< next attempt (0.015); after that market
    Duration dayStartsAt{0};   ///< after 00:00 UTC; weeks start on Monday, months on the 1st, at the same time of day
    Duration loosenAfter{std::chrono::hours{24}}; ///< a looser value waits so long; a tighter one holds at once
    Duration coolingOffBase{std::chrono::minutes{60}};
    Duration coolingOffCap{std::chrono::minutes{720}};
    friend bool operator==(const Limits &, const Limits &) = default;
};

enum class Preset { Conservative, Standard, PropFirm };
[[nodiscard]] std::string_view name(Preset preset);
[[nodiscard]] Limits presetLimits(Preset preset);
/// The Standard preset's values: methods.md section 15.
[[nodiscard]] Limits defaultLimits();
/// For all accounts together.
[[nodiscard]] Limits defaultGroupLimits();

struct FieldError {
    std::string field; ///< "breaker[1].tier[0].trigger"
    std::string rule;  ///< "must be greater than rearm"
};
/// Empty when valid.
[[nodiscard]] std::vector<FieldError> validate(const Limits &limits);
/// Limits over all accounts together; limits without a breaker are valid for neither.
[[nodiscard]] bool isGroup(const Limits &limits);

/// One difference between two limits, and whether the new value allows more.
struct LimitChange {
    std::string field; ///< as in FieldError
    std::string from;
    std::string to;
    bool loosens{false}; ///< when in doubt (unknown field, removed breaker, milder action): true
};
[[nodiscard]] std::vector<LimitChange> changes(const Limits &from, const Limits &to);
/// What holds at once when `to` is asked for while `from` holds: every tightening taken over, every loosening not yet.
/// Property: changes(from, tightened(from, to)) has no loosening; tightened(from, to) == to when nothing loosens.
[[nodiscard]] Limits tightened(const Limits &from, const Limits &to);

/// TOML text ⇄ limits; numbers carry their unit ("30 %", "3 s", "3 x", "3 sigma"); a bare number where a unit belongs, an
/// unknown, missing or duplicate field is an entry of the error's detail. Nothing is guessed, nothing is loosened. Schema 1
/// (position loss only) is taken over into schema 2 with the Standard preset for what it did not have.
[[nodiscard]] Result<Limits> parseLimits(std::string_view toml);
[[nodiscard]] std::string toToml(const Limits &limits);
/// `limits` with single values replaced: path as in FieldError, value as in the file, without quotes ("30 %", "armed"); "none"
/// takes a field away that not every breaker has. InvalidArgument names each field and rule.
[[nodiscard]] Result<Limits> withValues(const Limits &limits, const std::vector<std::pair<std::string, std::string>> &values);

/// Every value of the text form as (path, value without quotes): what `withValues` takes.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> fieldValues(const Limits &limits);

/// A reading for people, in at most two places and cut toward zero, so that nothing looks reached that is not.
[[nodiscard]] std::string readingText(BreakerKind kind, Ratio reading);
/// "25 %", "3 x", "90 min" in the unit of the kind; all digits.
[[nodiscard]] std::string levelText(BreakerKind kind, Ratio level);
/// Plain English of one tier without numbers of today: "When the loss of a position reaches 30 % of its margin, it is closed."
[[nodiscard]] std::string sentence(const Breaker &breaker, const Tier &tier);

[[nodiscard]] const Breaker *find(const Limits &limits, BreakerKind kind, Scope scope);

} // namespace core::risk
