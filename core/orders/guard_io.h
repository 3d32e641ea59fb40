#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/clock.h"
#include "core/domain/account.h"
#include "core/domain/instrument.h"
#include "core/domain/order.h"
#include "core/risk/approved.h"
#include "core/risk/config.h"

namespace core::orders
{

// ---- what the guard hears: every one of these is journaled before it is applied ----

struct InstrumentReport {
    Instrument instrument;
    friend bool operator==(const InstrumentReport &, const InstrumentReport &) = default;
};
struct ConfigChange {
    risk::RiskConfig config;
    friend bool operator==(const ConfigChange &, const ConfigChange &) = default;
};
struct ArmingChange {
    risk::Arming arming{risk::Arming::AlertOnly};
    std::string by; ///< "user", "restart", "key change"
    friend bool operator==(const ArmingChange &, const ArmingChange &) = default;
};
struct MarkTick {
    InstrumentKey instrument;
    Price mark;
    UtcTime venueTime;
    friend bool operator==(const MarkTick &, const MarkTick &) = default;
};
/// Freshness of the mark price of one instrument, or of the account stream when `instrument` is absent.
struct FreshnessReport {
    std::optional<InstrumentKey> instrument;
    Freshness freshness{Freshness::Connecting};
    friend bool operator==(const FreshnessReport &, const FreshnessReport &) = default;
};
struct PositionsReport {
    std::vector<Position> positions;
    Source source{Source::Stream};
    bool complete{false}; ///< instruments that are not listed are flat
    friend bool operator==(const PositionsReport &, const PositionsReport &) = default;
};
struct AccountReport {
    AccountSnapshot account;
    friend bool operator==(const AccountReport &, const AccountReport &) = default;
};
struct OrderReport {
    OrderUpdate order;
    Source source{Source::Stream};
    friend bool operator==(const OrderReport &, const OrderReport &) = default;
};
struct FillReport {
    Fill fill;
    Source source{Source::Stream};
    friend bool operator==(const FillReport &, const FillReport &) = default;
};
struct OutcomeReport {
    ClientOrderId order;
    RequestOutcome outcome{RequestOutcome::Unknown};
    ErrorCode code{ErrorCode::TimedOut};
    std::string detail;
    friend bool operator==(const OutcomeReport &, const OutcomeReport &) = default;
};
struct OrderAbsentReport {
    ClientOrderId order;
    friend bool operator==(const OrderAbsentReport &, const OrderAbsentReport &) = default;
};
/// The venue's word has replaced ours; decides nothing by itself, it is kept in the journal.
struct DifferenceReport {
    Difference difference;
    friend bool operator==(const DifferenceReport &, const DifferenceReport &) = default;
};
/// Orders, positions and balances agree with the venue; acting is allowed from here on (again).
struct ReconciledReport {
    friend bool operator==(const ReconciledReport &, const ReconciledReport &) = default;
};
struct ReconciliationLostReport {
    friend bool operator==(const ReconciliationLostReport &, const ReconciliationLostReport &) = default;
};
/// The user wants out: one instrument, or everything when absent. Works in every arming state.
struct FlattenIntent {
    std::optional<InstrumentKey> instrument;
    std::string by; ///< "panic", "close dialog"
    friend bool operator==(const FlattenIntent &, const FlattenIntent &) = default;
};
/// At least once a second; drives deadlines.
struct TimerTick {
    friend bool operator==(const TimerTick &, const TimerTick &) = default;
};

using GuardInput = std::variant<InstrumentReport, ConfigChange, ArmingChange, MarkTick, FreshnessReport, PositionsReport,
                                AccountReport, OrderReport, FillReport, OutcomeReport, OrderAbsentReport,
                                ReconciledReport, ReconciliationLostReport, DifferenceReport, FlattenIntent, TimerTick>;

struct GuardInputRecord {
    UtcTime at; ///< our clock; never goes back within one journal
    GuardInput input;
    friend bool operator==(const GuardInputRecord &, const GuardInputRecord &) = default;
};

// ---- what the guard decides: journaled, then carried out by the engine ----

enum class Severity { Info, Warning, Critical };
[[nodiscard]] std::string_view name(Severity severity);

// Codes that others look for.
inline constexpr std::string_view kAlertBreakerAlert = "position-loss-near";
inline constexpr std::string_view kAlertBreakerClose = "position-loss-close";
inline constexpr std::string_view kAlertCloseVerified = "close-verified";

/// A sentence for the alerts dock. `code` is stable for machines; `text` is plain English with its numbers.
struct RaiseAlert {
    Severity severity{Severity::Info};
    std::string code; ///< "position-loss-near", "close-verified", "stop-missing", …
    std::optional<InstrumentKey> instrument;
    std::string decisionId; ///< empty when no decision stands behind it
    std::string text;
    friend bool operator==(const RaiseAlert &, const RaiseAlert &) = default;
};
/// "Why did it close me": the tick, the rule and the numbers.
struct Verdict {
    std::string decisionId; ///< derived from (position life, breaker, tier, fire number)
    InstrumentKey instrument;
    std::string breaker;    ///< "position-loss"
    std::string tier;
    risk::LossAction action{risk::LossAction::Alert};
    risk::Arming arming{risk::Arming::AlertOnly};
    bool acts{false};       ///< false: alert only, nothing is sent, and `text` says why
    Price mark;
    UtcTime markTime;
    Direction direction{Direction::Long};
    Quantity quantity;
    Price entryPrice;
    Money initialMargin;
    Ratio metric;           ///< loss ÷ initial margin at that tick
    Ratio trigger;
    std::string text;
    friend bool operator==(const Verdict &, const Verdict &) = default;
};
struct SendOrder {
    std::string decisionId;
    risk::Approved<OrderRequest> order;
    friend bool operator==(const SendOrder &, const SendOrder &) = default;
};
struct CancelOrder {
    std::string decisionId;
    InstrumentKey instrument;
    ClientOrderId order;
    friend bool operator==(const CancelOrder &, const CancelOrder &) = default;
};
struct QueryOrder {
    InstrumentKey instrument;
    ClientOrderId order;
    friend bool operator==(const QueryOrder &, const QueryOrder &) = default;
};
struct QueryPositions {
    friend bool operator==(const QueryPositions &, const QueryPositions &) = default;
};
/// The venue reports the position flat (or reduced as decided), by query and by stream.
struct ActionVerified {
    std::string decisionId;
    InstrumentKey instrument;
    Duration took{0}; ///< from the tick that breached (or the intent) to the proof
    Quantity closed;
    std::optional<Price> averagePrice;
    int attempts{0};
    UtcTime byQueryAt;                 ///< when the answer to our question said so
    std::optional<UtcTime> byStreamAt; ///< when the account stream said so; absent: only our fills agree so far
    friend bool operator==(const ActionVerified &, const ActionVerified &) = default;
};

using GuardOutput = std::variant<RaiseAlert, Verdict, SendOrder, CancelOrder, QueryOrder, QueryPositions, ActionVerified>;

/// Canonical single-line JSON: same value, same bytes, on every machine, locale and build. Decimals as text, times as
/// integer nanoseconds, keys in fixed order. decode(encode(x)) == x. Text is UTF-8; an invalid byte is written as U+FFFD.
/// `decodeGuardInput` takes exactly what `encode` writes; anything else is ParseFailed and names the byte and the field.
[[nodiscard]] std::string encode(const GuardInputRecord &record);
[[nodiscard]] Result<GuardInputRecord> decodeGuardInput(std::string_view line);
[[nodiscard]] std::string encode(const GuardOutput &output);

} // namespace core::orders
