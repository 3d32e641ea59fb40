#pragma once

#include <memory>
#include <vector>

#include "core/orders/guard_io.h"

namespace core::orders
{

/// One breaker on one position, for the screen: where it stands and how far away it is.
struct BreakerView {
    enum class Word { Watching, Near, Tripped, Paused, Unknown };
    InstrumentKey instrument;
    std::string breaker; ///< "position-loss"
    Word word{Word::Unknown};
    std::optional<Ratio> metric;           ///< absent: not evaluable (stale or missing data)
    std::optional<Ratio> nextTrigger;      ///< of the nearest tier that has not fired
    std::string nextTier;
    risk::LossAction nextAction{risk::LossAction::Alert};
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

struct GuardView {
    risk::Arming arming{risk::Arming::AlertOnly};
    bool reconciled{false};
    bool blind{false};            ///< armed, but data is not trustworthy: acts only on a fresh snapshot
    std::string blindReason;
    risk::RiskConfig config;
    std::vector<BreakerView> breakers; ///< by instrument
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

    /// Appends the decisions in the order in which they must be carried out: `decide`, then `explain`.
    void apply(const GuardInputRecord &record, std::vector<GuardOutput> &out);
    /// The same in two steps, for whoever sends first: what has to be done comes at once, ...
    void decide(const GuardInputRecord &record, std::vector<GuardOutput> &out);
    /// ... and why it is done (verdicts and their alerts, whose texts take longer) while the order is on its way.
    /// REQUIRES: after each `decide`.
    void explain(std::vector<GuardOutput> &out);
    [[nodiscard]] GuardView view() const;
    /// Orders that a breach near its trigger would lead to as things stand now, the nearest first, at most `kForeseenMost`: for
    /// whoever needs time to prepare one. Nothing is decided by it; what is sent comes from `decide` alone.
    [[nodiscard]] std::vector<OrderRequest> foreseen() const;
    static constexpr std::size_t kForeseenMost = 32;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace core::orders
