#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/risk/facts.h"

namespace core::risk
{

/// One position life: keyed by (venue, symbol, leg, direction, opening time). Partial closes do not start a new one, a flip does.
struct Life {
    PositionKey position;
    Direction direction{Direction::Long};
    UtcTime openedAt;
    friend bool operator==(const Life &, const Life &) = default;
};

// ---- what the engine is told ----
struct LimitsSet {
    std::optional<Venue> account; ///< absent: the limits over all accounts
    Limits limits;                ///< valid; what is tighter or waits was settled before
};
struct ArmingSet {
    Venue account{Venue::Binance};
    Arming arming{Arming::AlertOnly};
};
struct InstrumentSet {
    Instrument instrument;
};
struct MarkSet {
    InstrumentKey instrument;
    Price mark;
    UtcTime venueTime;
};
/// Open or changed. `position.quantity` is the live size (fills included); flat: the life has ended.
struct PositionSet {
    Life life;
    Position position;
};
struct AccountSet {
    Venue account{Venue::Binance};
    AccountSnapshot totals;
};
struct TransferSet {
    Transfer transfer;
};
struct FundingSet {
    FundingPayment payment;
};
struct TripSet {
    Trip trip;
};
struct EstimateSet {
    Estimate estimate;
};
struct DepthSet {
    Depth depth;
};
struct CorrelationSet {
    Correlation correlation;
};
/// Of the mark of one instrument, or of the account when `instrument` is absent.
struct FreshnessSet {
    Venue account{Venue::Binance};
    std::optional<InstrumentKey> instrument;
    bool fresh{false};
    bool reconciled{true}; ///< of the account
};
struct HistorySet {
    History history;
};
/// Whether what the venue tells of the past is in. While it is not, losses of day, week and month may be larger than they look:
/// what is known acts, its readings are not shown as whole, and armed accounts take no new risk.
struct VenueHistorySet {
    Venue account{Venue::Binance};
    bool known{true};
    std::string why; ///< not known: "it has not answered yet", …
};
/// A safeguard wants new risk to rest (risk::Safeguards): a lockout of the account by methods.md 7.5. One that began at this very
/// instant for this reason, or whose time is over, changes nothing.
struct CoolingOffSet {
    Venue account{Venue::Binance};
    std::string reason;
    UtcTime since;
};
struct LockoutReleased {
    std::string id; ///< by typed confirmation; only those with needsRelease, after `until`
};
struct TimePassed {};

using RiskFact = std::variant<LimitsSet, ArmingSet, InstrumentSet, MarkSet, PositionSet, AccountSet, TransferSet, FundingSet,
                              TripSet, EstimateSet, DepthSet, CorrelationSet, FreshnessSet, HistorySet, VenueHistorySet,
                              LockoutReleased, CoolingOffSet, TimePassed>;
struct RiskEvent {
    UtcTime at; ///< never goes back
    RiskFact fact;
};

// ---- what it decides ----

/// Which limit on what: a position, a symbol, an account, or all of them.
struct Subject {
    BreakerKind kind{BreakerKind::LossOnMargin};
    Scope scope{Scope::Position};
    std::optional<Venue> account;            ///< absent: all accounts
    std::optional<InstrumentKey> instrument; ///< Position, Symbol
    std::optional<PositionSide> side;        ///< Position
    friend bool operator==(const Subject &, const Subject &) = default;
    friend auto operator<=>(const Subject &, const Subject &) = default;
};
/// "loss-on-margin/position/binance/BTCUSDT/both".
[[nodiscard]] std::string text(const Subject &subject);

/// A tier was reached. All tiers reached at once are spent, the most severe is here (methods.md 7.2).
struct Fired {
    Subject subject;
    std::string tier;
    TierAction action{TierAction::Alert};
    Ratio fraction{};
    int fireNumber{1};
    bool acts{false};             ///< false: alert-only, or the action is an alert
    bool escalated{false};        ///< because the action before it had no effect in time
    Ratio reading;
    Ratio trigger;
    std::optional<Price> mark;    ///< of the tick that breached, with `markTime`; absent where none was involved
    std::optional<UtcTime> markTime;
    Quantity quantity;            ///< of a position: held then
    Direction direction{Direction::Long}; ///< of a position
    std::vector<Life> targets;    ///< positions to reduce or close, largest danger first (nearest to liquidation, then notional)
};
/// A breaker has had no reading for 10 s (0.2: undefined is not evaluable, never passed), or has one again.
struct Evaluability {
    Subject subject;
    bool evaluable{false};
    std::string why;
};
struct LockoutSet {
    Lockout lockout; ///< new, or with a later end
    bool ended{false};
};
using RiskDecision = std::variant<Fired, Evaluability, LockoutSet>;

// ---- what it can be asked ----

/// Where one limit stands. Headroom is to the next tier that acts, in money where the kind has one.
struct Standing {
    Subject subject;
    std::optional<Ratio> reading;     ///< absent: not evaluable, `why` says so
    std::string why;
    std::optional<std::string> nextTier;
    std::optional<Ratio> nextTrigger;
    TierAction nextAction{TierAction::Alert};
    Ratio limit;                      ///< trigger of the last tier
    std::optional<Ratio> used;        ///< reading as a share of `limit` (low is bad: limit ÷ reading), for bars
    std::optional<Money> headroom;    ///< further loss that reaches the next tier; never negative
    std::optional<Price> priceAtNext; ///< of position kinds: mark at which it fires
    bool tripped{false};              ///< a tier that acts has fired in this episode
    std::string trippedText;          ///< "14:35:02 UTC · close at 30 % · 31.2 %"
    std::string sentence;             ///< plain words with today's numbers
};

/// Why new risk is refused now; machine-readable.
struct Block {
    std::string reason;            ///< breaker name, "lockout", "not-reconciled", "stale", "leverage-ladder", …
    Scope scope{Scope::Account};
    std::string number;            ///< the reading that is too far
    std::string limit;
    std::optional<UtcTime> until;
};

/// methods.md 7.4, from the losses of the day, week and month against their limits (50, 75, 100 %), and from lockouts that need a
/// release. Reduced: no new symbols, risk per trade halved. Steps back only when the loss is below four fifths of its step.
enum class TradingState { Normal, Warning, Reduced, Halted, Locked };
[[nodiscard]] std::string_view name(TradingState state);
struct AccountState {
    TradingState state{TradingState::Normal};
    Ratio riskMultiplier{Ratio::fromRaw(kDecimalOne)}; ///< of the risk per trade; 0: none
};

/// All breakers, ladders and lockouts of every account as one state machine (design.md section 7). A pure function of its
/// events: no I/O, no clock but the event's time; same events, same decisions. The order of unrelated symbols changes nothing.
/// It decides; how an order becomes of it is core/orders'. On stale or unreconciled data nothing fires that acts (methods.md 7.1);
/// it fires on the first trustworthy value. Cost of one mark: its positions' breakers and the account sums, not history.
class RiskEngine
{
public:
    RiskEngine();
    ~RiskEngine();
    RiskEngine(RiskEngine &&) noexcept;
    RiskEngine &operator=(RiskEngine &&) noexcept;

    /// Appends decisions in the order in which they must be carried out: `begin`, then `finish`.
    void apply(const RiskEvent &event, std::vector<RiskDecision> &out);
    /// The same in two steps, for whoever must be quick. Of a mark the first judges the limits of its positions, ...
    void begin(const RiskEvent &event, std::vector<RiskDecision> &out);
    /// ... the second those of its symbol and of the accounts. A further event finishes the one before by itself.
    void finish(std::vector<RiskDecision> &out);

    /// Tells that an earlier run has fired this tier on this life already: it is spent.
    void restoreFires(const Subject &subject, const Life &life, std::string_view tier, int fires);
    /// The tier's action was given up without effect (disarmed, superseded): it may fire again under a new number.
    void reopen(const Subject &subject, std::string_view tier);
    /// Tiers of a position's breakers that would act at its present reading: what must be asked before the first firing of a
    /// life that is older than this run.
    struct Reached {
        Subject subject;
        std::string tier;
        int nextFire{1};
    };
    [[nodiscard]] std::vector<Reached> reached(const PositionKey &position) const;

    /// A tier that acts and may fire next, with what it would close.
    struct Coming {
        Subject subject;
        std::string tier;
        TierAction action{TierAction::Close};
        Ratio fraction{};
        int fireNumber{1};
        std::optional<Price> mark; ///< at which it fires; absent: it takes more than one position's mark
        Ratio distance;            ///< from the mark to there, as a share; of accounts: of all positions against them at once
        std::vector<Life> targets;
    };
    /// Of one armed account, and of all accounts together where it is one of them: the nearest `most`, nearest first. Decides
    /// nothing: for whoever needs time to prepare.
    [[nodiscard]] std::vector<Coming> coming(Venue account, std::size_t most) const;
    /// What fired, in a sentence: "BTCUSDT long 0.250: loss 31.2 % of margin ≥ 30 % (mark 61,234.5). Closing it." Apart from the
    /// decision, so that an order does not wait for words.
    [[nodiscard]] std::string sentence(const Fired &fired) const;
    [[nodiscard]] std::vector<Standing> standings() const;
    /// The same if `position` were as given (after a fill) and `cost` were paid; nothing is changed.
    [[nodiscard]] std::vector<Standing> standingsAfter(const Life &life, const Position &position, Money cost) const;
    /// The same for several positions at once; the cost is the account's of the last one.
    [[nodiscard]] std::vector<Standing> standingsAfter(const std::vector<PositionSet> &positions, Money cost) const;
    /// Blocks for an order that would add risk on `instrument`; empty: free.
    [[nodiscard]] std::vector<Block> blocks(const InstrumentKey &instrument) const;
    [[nodiscard]] std::vector<Lockout> lockouts() const;
    [[nodiscard]] AccountState accountState(Venue account) const;
    /// Loss that the account (absent: all accounts) may still make before the tightest of its limits that acts; absent: no such
    /// limit, or not evaluable.
    [[nodiscard]] std::optional<Money> lossHeadroom(std::optional<Venue> account) const;
    /// Loss, as money, that the position may still make before its tightest own limit that acts, and the mark at which that is.
    struct PositionRoom {
        std::optional<Price> price; ///< tightest mark at which a closing tier fires
        std::optional<Money> loss;
    };
    [[nodiscard]] PositionRoom room(const PositionKey &position) const;
    /// To be kept across restarts: NAV, peaks, period starts, lockouts.
    [[nodiscard]] History history(Venue account) const;
    /// Of it what changes with each mark, and is kept more often: lives and tiers.
    [[nodiscard]] History memory(Venue account) const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace core::risk
