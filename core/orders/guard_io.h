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
};
struct ConfigChange {
    risk::RiskConfig config;
};
struct ArmingChange {
    risk::Arming arming{risk::Arming::AlertOnly};
    std::string by; ///< "user", "restart", "key change"
};
struct MarkTick {
    InstrumentKey instrument;
    Price mark;
    UtcTime venueTime;
};
/// Freshness of the mark price of one instrument, or of the account stream when `instrument` is absent.
struct FreshnessReport {
    std::optional<InstrumentKey> instrument;
    Freshness freshness{Freshness::Connecting};
};
struct PositionsReport {
    std::vector<Position> positions;
    Source source{Source::Stream};
    bool complete{false}; ///< instruments that are not listed are flat
};
struct AccountReport {
    AccountSnapshot account;
};
struct OrderReport {
    OrderUpdate order;
    Source source{Source::Stream};
};
struct FillReport {
    Fill fill;
    Source source{Source::Stream};
};
struct OutcomeReport {
    ClientOrderId order;
    RequestOutcome outcome{RequestOutcome::Unknown};
    ErrorCode code{ErrorCode::TimedOut};
    std::string detail;
};
struct OrderAbsentReport {
    ClientOrderId order;
};
/// Orders, positions and balances agree with the venue; acting is allowed from here on (again).
struct ReconciledReport {
};
struct ReconciliationLostReport {
};
/// The user wants out: one instrument, or everything when absent. Works in every arming state.
struct FlattenIntent {
    std::optional<InstrumentKey> instrument;
    std::string by; ///< "panic", "close dialog"
};
/// At least once a second; drives deadlines.
struct TimerTick {
};

using GuardInput = std::variant<InstrumentReport, ConfigChange, ArmingChange, MarkTick, FreshnessReport, PositionsReport,
                                AccountReport, OrderReport, FillReport, OutcomeReport, OrderAbsentReport,
                                ReconciledReport, ReconciliationLostReport, FlattenIntent, TimerTick>;

struct GuardInputRecord {
    UtcTime at; ///< our clock; never goes back within one journal
    GuardInput input;
};

// ---- what the guard decides: journaled, then carried out by the engine ----

enum class Severity { Info, Warning, Critical };
[[nodiscard]] std::string_view name(Severity severity);

/// A sentence for the alerts dock. `code` is stable for machines; `text` is plain English with its numbers.
struct RaiseAlert {
    Severity severity{Severity::Info};
    std::string code; ///< "position-loss-near", "close-verified", "stop-missing", …
    std::optional<InstrumentKey> instrument;
    std::string decisionId; ///< empty when no decision stands behind it
    std::string text;
};
/// "Why did it close me": the tick, the rule and the numbers.
struct Verdict {
    std::string decisionId; ///< derived from (position life, breaker, tier, fire number)
    InstrumentKey instrument;
    std::string breaker;    ///< "position-loss"
    std::string tier;
    risk::TierAction action{risk::TierAction::Alert};
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
};
struct SendOrder {
    std::string decisionId;
    risk::Approved<OrderRequest> order;
};
struct CancelOrder {
    std::string decisionId;
    InstrumentKey instrument;
    ClientOrderId order;
};
struct QueryOrder {
    InstrumentKey instrument;
    ClientOrderId order;
};
struct QueryPositions {
};
/// The venue reports the position flat (or reduced as decided), by query and by stream.
struct ActionVerified {
    std::string decisionId;
    InstrumentKey instrument;
    Duration took{0}; ///< from the tick that breached (or the intent) to the proof
    Quantity closed;
    std::optional<Price> averagePrice;
    int attempts{0};
};

using GuardOutput = std::variant<RaiseAlert, Verdict, SendOrder, CancelOrder, QueryOrder, QueryPositions, ActionVerified>;

/// Canonical single-line JSON: same value, same bytes, on every machine, locale and build. Decimals as text, times as
/// integer nanoseconds, keys in fixed order. decode(encode(x)) == x.
[[nodiscard]] std::string encode(const GuardInputRecord &record);
[[nodiscard]] Result<GuardInputRecord> decodeGuardInput(std::string_view line);
[[nodiscard]] std::string encode(const GuardOutput &output);

} // namespace core::orders
