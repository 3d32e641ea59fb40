#pragma once

#include <memory>
#include <vector>

#include "core/orders/backstop.h"
#include "core/orders/guard_io.h"
#include "core/risk/safeguards.h"

namespace core::orders
{

/// The loss-on-margin breaker of one position, for its row: where it stands and how far away it is. Every limit is in
/// GuardView::standings.
struct BreakerView {
    enum class Word { Watching, Near, Tripped, Paused, Unknown };
    InstrumentKey instrument;
    PositionSide side{PositionSide::Both};
    Word word{Word::Unknown};
    std::optional<Ratio> metric;           ///< absent: not evaluable (stale or missing data)
    std::optional<Ratio> nextTrigger;      ///< of the nearest tier that has not fired
    std::string nextTier;
    risk::TierAction nextAction{risk::TierAction::Alert};
    std::optional<Ratio> limit;            ///< the last tier's trigger
    std::optional<Price> priceAtNext;      ///< mark at which the next tier fires
    std::optional<Ratio> distanceToNext;   ///< |mark − priceAtNext| ÷ mark
    std::string trippedText;               ///< "14:35:02 UTC · close at 30 % · 31.2 %" when Tripped
};
[[nodiscard]] std::string_view name(BreakerView::Word word);

/// A running close or reduction, step by step.
struct ActionView {
    std::string decisionId;
    InstrumentKey instrument;
    std::string step;  ///< "sent", "unknown – asking the venue", "verifying", "flat"
    int attempts{0};
    Quantity target;
    Quantity closed;
    UtcTime startedAt;
    bool done{false};
};

/// What the safeguards against one's own behaviour make of the present moment.
struct HabitsView {
    std::optional<double> tilt;     ///< 0 … 100; absent: switched off
    int rung{0};                    ///< of the leverage ladder
    std::optional<int> leverageCap; ///< that this rung leaves, times equity
    friend bool operator==(const HabitsView &, const HabitsView &) = default;
};

/// One guarded account.
struct AccountGuardView {
    Venue account{Venue::Binance};
    risk::Arming arming{risk::Arming::AlertOnly};
    bool reconciled{false};
    bool blind{false};       ///< armed, but data is not trustworthy: acts only on a fresh snapshot
    std::string blindReason;
    risk::Limits limits;
    risk::AccountState state;
    std::string historyMissing; ///< why the venue's history is not in: armed, no new risk is taken; empty: it is
    std::optional<Money> headroom; ///< further loss before the tightest limit of the account that closes; absent: none, or not known
    HabitsView habits{};
};

struct GuardView {
    /// Of all accounts together: the weakest arming, reconciled when all are, blind when one is.
    risk::Arming arming{risk::Arming::AlertOnly};
    bool reconciled{false};
    bool blind{false};
    std::string blindReason;
    std::vector<AccountGuardView> accounts; ///< that have reported something
    std::optional<risk::Limits> group; ///< over all accounts together
    std::optional<Money> groupHeadroom;
    std::vector<risk::Standing> standings;
    std::vector<risk::Lockout> lockouts;
    std::vector<BreakerView> breakers; ///< by instrument
    std::vector<BackstopKeeper::Cover> cover; ///< resting stops of each open position
    Money nakedNotionalSeconds;               ///< of the present UTC day: Σ notional without a resting stop × seconds
    std::vector<ActionView> actions;   ///< running and the last finished ones
};

/// The pure heart: risk engine, order gate, flatten plans and order life cycle as one state machine. Same inputs in the same
/// order give the same outputs, byte for byte (`encode`); no clock but the record's time, no I/O, no randomness. One thread.
/// Before the first ReconciledReport, and after ReconciliationLostReport, it sends nothing; a flatten intent waits until then. A position
/// whose first report comes with the first complete list may have been closed in part by an earlier run: the orders that such a
/// run could have sent are asked for (QueryOrder) before a tier of it fires.
class Guard
{
public:
    Guard();
    ~Guard();
    Guard(Guard &&) noexcept;
    Guard &operator=(Guard &&) noexcept;

    /// Appends the decisions in the order in which they must be carried out: `decide`, then `finish`.
    void apply(const GuardInputRecord &record, std::vector<GuardOutput> &out);
    /// The same in two steps, for whoever sends first: what the record means for its own positions comes at once, ...
    void decide(const GuardInputRecord &record, std::vector<GuardOutput> &out);
    /// ... what a mark means for symbol and accounts, and why all this is done (verdicts and their alerts, whose words take
    /// longest), while that is on its way. REQUIRES: after each `decide`, before the next.
    void finish(std::vector<GuardOutput> &out);
    [[nodiscard]] GuardView view() const;
    /// Orders that a breach near its trigger would lead to as things stand now, the nearest first, at most `kForeseenMost`: for
    /// whoever needs time to prepare one. Nothing is decided by it: what is sent comes from records alone.
    [[nodiscard]] std::vector<OrderRequest> foreseen(Venue account);
    static constexpr std::size_t kForeseenMost = 32;
    /// To be kept across restarts and told again as HistoryReport.
    [[nodiscard]] risk::History history(Venue account) const;
    /// Of it lives and tiers only.
    [[nodiscard]] risk::History memory(Venue account) const;
    /// Every limit as if `position` were as given; nothing is changed. For previews.
    [[nodiscard]] std::vector<risk::Standing> standingsAfter(const risk::Life &life, const Position &position,
                                                             Money cost) const;
    /// What the safeguards would say to this order now; nothing is changed. Empty for one that takes risk away.
    [[nodiscard]] risk::SafeguardVerdict habits(const OrderIntent &intent) const;
    /// Why an order that adds risk on `instrument` would be refused now; empty: free.
    [[nodiscard]] std::vector<risk::Block> blocks(const InstrumentKey &instrument) const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace core::orders
