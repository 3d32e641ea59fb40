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
#include "core/risk/engine.h"

namespace core::orders
{

// A guard acts for at most one account per venue: the venue names the account.
//
// ---- what the guard hears: every one of these is journaled before it is applied ----

struct InstrumentReport {
    Instrument instrument;
    friend bool operator==(const InstrumentReport &, const InstrumentReport &) = default;
};
/// Limits that hold from here on; what is looser and still waits was settled before (risk::tightened).
struct LimitsChange {
    std::optional<Venue> account; ///< absent: the limits over all accounts together
    risk::Limits limits;
    friend bool operator==(const LimitsChange &, const LimitsChange &) = default;
};
struct ArmingChange {
    std::optional<Venue> account; ///< absent: every account, also those that appear later
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
    Venue account{Venue::Binance};
    std::optional<InstrumentKey> instrument;
    Freshness freshness{Freshness::Connecting};
    friend bool operator==(const FreshnessReport &, const FreshnessReport &) = default;
};
struct PositionsReport {
    Venue account{Venue::Binance};
    std::vector<Position> positions;
    Source source{Source::Stream};
    bool complete{false}; ///< instruments of the account that are not listed are flat
    friend bool operator==(const PositionsReport &, const PositionsReport &) = default;
};
struct AccountReport {
    Venue account{Venue::Binance};
    AccountSnapshot totals;
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
    Venue account{Venue::Binance};
    friend bool operator==(const ReconciledReport &, const ReconciledReport &) = default;
};
struct ReconciliationLostReport {
    Venue account{Venue::Binance};
    friend bool operator==(const ReconciliationLostReport &, const ReconciliationLostReport &) = default;
};
struct TransferReport {
    Transfer transfer;
    friend bool operator==(const TransferReport &, const TransferReport &) = default;
};
struct FundingReport {
    FundingPayment payment;
    friend bool operator==(const FundingReport &, const FundingReport &) = default;
};
struct EstimateReport {
    risk::Estimate estimate;
    friend bool operator==(const EstimateReport &, const EstimateReport &) = default;
};
struct DepthReport {
    risk::Depth depth;
    friend bool operator==(const DepthReport &, const DepthReport &) = default;
};
struct CorrelationReport {
    risk::Correlation correlation;
    friend bool operator==(const CorrelationReport &, const CorrelationReport &) = default;
};
/// What earlier runs know (before the account's first ReconciledReport), and what the venue's history tells (once it is in).
struct HistoryReport {
    risk::History history;
    friend bool operator==(const HistoryReport &, const HistoryReport &) = default;
};
/// Whether the venue's history is in. Until then an armed account takes no new risk; what is known acts.
struct VenueHistoryReport {
    Venue account{Venue::Binance};
    bool known{true};
    std::string why; ///< not known: why not
    friend bool operator==(const VenueHistoryReport &, const VenueHistoryReport &) = default;
};
/// What the account's venue can do; once per connection.
struct CapabilitiesReport {
    Venue account{Venue::Binance};
    bool conditionalOrders{false};
    bool deadManTimer{false};
    bool deadManPerInstrument{false};
    bool deadManKillsStops{true};
    bool hedgeMode{false};
    bool triggerByLast{false};
    friend bool operator==(const CapabilitiesReport &, const CapabilitiesReport &) = default;
};

/// What became of a SetDeadMan; a time-out is Unknown.
struct DeadManReport {
    Venue account{Venue::Binance};
    std::optional<InstrumentKey> instrument;
    std::optional<Duration> after; ///< as it was asked for
    RequestOutcome outcome{RequestOutcome::Unknown};
    ErrorCode code{ErrorCode::TimedOut};
    std::string detail;
    friend bool operator==(const DeadManReport &, const DeadManReport &) = default;
};

/// What the account itself pays on this contract, by the venue's word.
struct FeesReport {
    InstrumentKey instrument;
    FeeRates rates;
    friend bool operator==(const FeesReport &, const FeesReport &) = default;
};

/// Where the venue's clock stands, measured by asking for its time.
struct ClockReport {
    Venue account{Venue::Binance};
    Duration offset{0}; ///< venue minus ours
    friend bool operator==(const ClockReport &, const ClockReport &) = default;
};

// Intents: what a person (or the assistant, confirmed by a person) asks for. Each has one answer, IntentAccepted or
// IntentRefused with the same `id`; what follows are the facts of the orders.

/// A new order. While new risk is blocked, one that only takes from the position is sent as reduce-only. Its client id is the guard's when `order.clientOrderId` is empty ("eto-" and the intent's id).
struct OrderIntent {
    std::string id; ///< 1 to 32 letters, digits, '-'; never used twice
    OrderRequest order;
    std::optional<Money> plannedRisk{}; ///< loss at the planned stop, with fees
    std::string setup{};                ///< id of the setup or recommendation behind it; empty: none
    std::string reason{};               ///< typed by the person who overrides an advice
    std::string by{};                   ///< "order ticket", "assistant", …
    /// Trigger of a reduce-only stop-market order on the mark, which is sent for what has filled as soon as it has. Only with an
    /// order that adds risk. This run sees to it; once it rests, the venue does.
    std::optional<Price> stop{};
    friend bool operator==(const OrderIntent &, const OrderIntent &) = default;
};
struct ChangeIntent {
    std::string id;
    OrderChange change;
    std::string reason{}; ///< as in OrderIntent
    std::string by{};
    friend bool operator==(const ChangeIntent &, const ChangeIntent &) = default;
};
struct CancelIntent {
    std::string id;
    InstrumentKey instrument;
    ClientOrderId order;
    std::string by{};
    friend bool operator==(const CancelIntent &, const CancelIntent &) = default;
};
/// Orders that could open or increase; protective ones stay.
struct CancelAllIntent {
    std::string id;
    std::optional<Venue> account;            ///< absent: every account
    std::optional<InstrumentKey> instrument; ///< absent: every instrument of it
    std::string by{};
    friend bool operator==(const CancelAllIntent &, const CancelAllIntent &) = default;
};
/// The user wants out: one leg, one instrument, one account, or everything. Works in every arming state.
struct FlattenIntent {
    std::optional<Venue> account;            ///< absent: every account (or the instrument's)
    std::optional<InstrumentKey> instrument; ///< absent: every position; entry orders are cancelled first
    std::optional<PositionSide> side;        ///< with `instrument` in hedge mode: this leg only
    bool lock{false};                        ///< panic: no new risk afterwards until it is released
    std::string by;                          ///< "panic", "close dialog"
    friend bool operator==(const FlattenIntent &, const FlattenIntent &) = default;
};
/// By typed confirmation; those with needsRelease, after their end.
struct LockoutRelease {
    std::string lockout; ///< its id
    std::string by;
    friend bool operator==(const LockoutRelease &, const LockoutRelease &) = default;
};
/// At least once a second; drives deadlines.
struct TimerTick {
    friend bool operator==(const TimerTick &, const TimerTick &) = default;
};

using GuardInput = std::variant<InstrumentReport, LimitsChange, ArmingChange, MarkTick, FreshnessReport, PositionsReport,
                                AccountReport, OrderReport, FillReport, OutcomeReport, OrderAbsentReport,
                                ReconciledReport, ReconciliationLostReport, DifferenceReport, FlattenIntent, TimerTick,
                                TransferReport, FundingReport, EstimateReport, DepthReport,
                                CorrelationReport, HistoryReport, CapabilitiesReport, OrderIntent, ChangeIntent,
                                CancelIntent, CancelAllIntent, LockoutRelease, DeadManReport, FeesReport, ClockReport,
                                VenueHistoryReport>;

struct GuardInputRecord {
    UtcTime at; ///< our clock; never goes back within one journal
    GuardInput input;
    friend bool operator==(const GuardInputRecord &, const GuardInputRecord &) = default;
};

// ---- what the guard decides: journaled, then carried out by the engine ----

enum class Severity { Info, Warning, Critical };
[[nodiscard]] std::string_view name(Severity severity);

// Codes that others look for.
inline constexpr std::string_view kAlertBreakerAlert = "loss-on-margin-near";
inline constexpr std::string_view kAlertBreakerClose = "loss-on-margin-close";
inline constexpr std::string_view kAlertCloseVerified = "close-verified";

/// A sentence for the alerts dock. `code` is stable for machines; `text` is plain English with its numbers.
struct RaiseAlert {
    Severity severity{Severity::Info};
    std::string code; ///< "loss-on-margin-near", "close-verified", "stop-missing", …
    std::optional<InstrumentKey> instrument;
    std::string decisionId; ///< empty when no decision stands behind it
    std::string text;
    friend bool operator==(const RaiseAlert &, const RaiseAlert &) = default;
};
/// "Why did it close me": the tick, the rule and the numbers.
struct Verdict {
    /// One position that the decision is about, as it was at that tick.
    struct Target {
        std::string decisionId; ///< derived from (position life, breaker on its subject, tier, fire number): its orders carry it
        InstrumentKey instrument;
        PositionSide side{PositionSide::Both};
        Direction direction{Direction::Long};
        Quantity quantity;  ///< held
        Quantity closing;   ///< of it; zero: nothing is closed by this decision
        Price entryPrice;
        friend bool operator==(const Target &, const Target &) = default;
    };
    std::string decisionId; ///< of the first target; without targets of the subject alone
    risk::Subject subject;
    std::string tier;
    risk::TierAction action{risk::TierAction::Alert};
    int fireNumber{1};
    risk::Arming arming{risk::Arming::AlertOnly};
    bool acts{false};       ///< false: alert only, nothing is sent, and `text` says why
    bool escalated{false};  ///< because the action before it had no effect in time
    Ratio reading;          ///< in the breaker's unit
    Ratio trigger;
    std::optional<Price> mark;
    std::optional<UtcTime> markTime;
    std::vector<Target> targets;
    std::string text;
    friend bool operator==(const Verdict &, const Verdict &) = default;
};
struct SendOrder {
    std::string decisionId;
    risk::Approved<OrderRequest> order;
    friend bool operator==(const SendOrder &, const SendOrder &) = default;
};
struct ChangeOrder {
    risk::Approved<OrderChange> change;
    friend bool operator==(const ChangeOrder &, const ChangeOrder &) = default;
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
    Venue account{Venue::Binance};
    friend bool operator==(const QueryPositions &, const QueryPositions &) = default;
};
/// Plain and conditional orders, at the venue's own command; only where nothing there protects a position.
struct CancelAllOrders {
    std::string decisionId;
    Venue account{Venue::Binance};
    std::optional<InstrumentKey> instrument; ///< absent: every instrument
    friend bool operator==(const CancelAllOrders &, const CancelAllOrders &) = default;
};
/// Cancels entry orders when the program is gone for so long; absent: disarmed.
struct SetDeadMan {
    Venue account{Venue::Binance};
    std::optional<InstrumentKey> instrument; ///< absent where the timer is the account's
    std::optional<Duration> after;
    friend bool operator==(const SetDeadMan &, const SetDeadMan &) = default;
};
/// One thing that speaks against a wish: as a refusal, or as an advice that lets it pass.
struct IntentReason {
    std::string code; ///< DenyReason name, breaker name, "lockout", "revenge", "reason-wanted", "duplicate-intent", …
    std::string got;
    std::string limit;
    std::optional<UtcTime> until;
    std::string text; ///< plain English
    friend bool operator==(const IntentReason &, const IntentReason &) = default;
};
struct IntentAccepted {
    std::string intent;
    std::optional<ClientOrderId> order;  ///< the one that was sent, changed or cancelled; absent with several
    std::vector<IntentReason> advice{};  ///< of safeguards that are not enforced
    friend bool operator==(const IntentAccepted &, const IntentAccepted &) = default;
};
/// Nothing was sent. Every reason that holds, the first one decisive.
struct IntentRefused {
    using Reason = IntentReason;
    std::string intent;
    std::vector<Reason> reasons;
    friend bool operator==(const IntentRefused &, const IntentRefused &) = default;
};
/// To be kept across restarts.
struct LockoutRecord {
    risk::Lockout lockout;
    bool ended{false};
    friend bool operator==(const LockoutRecord &, const LockoutRecord &) = default;
};
/// To be kept for a day: what the tilt score remembers besides trips. Comes back in HistoryReport.
struct FindingRecord {
    Venue account{Venue::Binance};
    risk::Finding finding;
    friend bool operator==(const FindingRecord &, const FindingRecord &) = default;
};
/// To be kept with the trades: what was planned with an order that adds risk. The same order again replaces it.
struct PlanRecord {
    risk::TradePlan plan;
    friend bool operator==(const PlanRecord &, const PlanRecord &) = default;
};
/// Once a minute and at the end of the UTC day: what of the open positions had no resting stop.
struct CoverRecord {
    Venue account{Venue::Binance};
    UtcTime day;                ///< its beginning
    Money nakedNotionalSeconds; ///< so far
    friend bool operator==(const CoverRecord &, const CoverRecord &) = default;
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

using GuardOutput = std::variant<RaiseAlert, Verdict, SendOrder, CancelOrder, QueryOrder, QueryPositions, ActionVerified,
                                 ChangeOrder, CancelAllOrders, SetDeadMan, IntentAccepted, IntentRefused, LockoutRecord,
                                 CoverRecord, FindingRecord, PlanRecord>;

/// Canonical single-line JSON: same value, same bytes, on every machine, locale and build. Decimals as text, times as
/// integer nanoseconds, keys in fixed order. decode(encode(x)) == x. Text is UTF-8; an invalid byte is written as U+FFFD.
/// `decodeGuardInput` takes exactly what `encode` writes; anything else is ParseFailed and names the byte and the field.
[[nodiscard]] std::string encode(const GuardInputRecord &record);
[[nodiscard]] Result<GuardInputRecord> decodeGuardInput(std::string_view line);
[[nodiscard]] std::string encode(const GuardOutput &output);

} // namespace core::orders
