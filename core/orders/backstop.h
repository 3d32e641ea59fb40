#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/domain/instrument.h"
#include "core/domain/order.h"
#include "core/risk/engine.h"

namespace core::orders
{

// Resting reduce-only stops at the venue, one (or its pieces) for every open unit of position. design.md section 7.

/// What the solver needs of one position.
struct BackstopPosition {
    risk::Life life;
    Quantity quantity;                 ///< open now
    Price entry;
    Price mark;
    std::optional<Price> liquidation;
    std::optional<Price> ownLimit;     ///< tightest mark at which a limit of its own closes it
    Ratio feeRate;                     ///< taker
    const Instrument *instrument{nullptr};
    std::optional<Ratio> sigmaDay{};   ///< daily volatility; weighs the shares where every member's is known
};
/// One group of positions that shares a loss headroom (an account; all accounts).
struct BackstopGroup {
    risk::Scope scope{risk::Scope::Account}; ///< Account or AllAccounts
    std::vector<std::size_t> members; ///< indices of positions
    Money headroom;                   ///< further loss from the present mark, all together
};
struct BackstopPrice {
    Price trigger;
    enum class BoundBy { Own, Account, AllAccounts, Liquidation } boundBy{BoundBy::Own};
    bool atMark{false}; ///< no headroom left: the stop would trigger at once, the position must be closed instead
};
/// One price per position (parallel to `positions`): the side that triggers first of its own limit, of its share of each group's
/// headroom and of liquidation ∓ buffer; rounded to the tick on the protective side. Invariant: with every stop filled at trigger ∓
/// slippage allowance and fees paid (atMark: at the mark), no group loses more than its headroom, as far as that is more than
/// leaving everything at the mark costs; else all its members are atMark. Shares: notional × σ; what a tighter own limit leaves
/// over goes to the others. Absent: nothing bounds it, or a number (mark, notional above 23 billion) cannot be reckoned with.
[[nodiscard]] std::vector<std::optional<BackstopPrice>> solveBackstops(const std::vector<BackstopPosition> &positions,
                                                                        const std::vector<BackstopGroup> &groups,
                                                                        const risk::BackstopLimits &limits);

/// Keeps the resting stops in step. A pure state machine: it is told what is open, what the venue says of its stop orders, and
/// time; it answers with wishes that the guard sends through the gate. A stop is replaced by placing the new one first; the old
/// one is cancelled when the new one is known to rest. Client ids are deterministic: "ebs-", 16 hex digits of the life's hash,
/// 12 of a number that only rises (the time of the decision in ms at least), so none is used twice, also after a restart. Stops
/// found with that prefix are adopted. What is not ours (a person's stop) is never cancelled; it counts as cover when it is a
/// StopMarket that reduces this leg (quantity 0: closes the position) before the liquidation price.
class BackstopKeeper
{
public:
    struct Wish {
        enum class What { Place, Cancel, Query, ClosePosition, Alarm } what{What::Place};
        risk::PositionKey position;
        OrderRequest order{};       ///< Place
        ClientOrderId stop{};       ///< Cancel, Query
        std::string text{};         ///< Alarm, ClosePosition: why
    };
    struct Cover {
        risk::PositionKey position;
        Quantity open;
        Quantity covered;
        std::optional<Price> trigger; ///< the one that triggers first
        std::string state;            ///< "covered", "placing", "naked", "replacing", "closing", "unknown", "off"
    };

    BackstopKeeper();
    ~BackstopKeeper();
    BackstopKeeper(BackstopKeeper &&) noexcept;
    BackstopKeeper &operator=(BackstopKeeper &&) noexcept;

    void setLimits(const risk::BackstopLimits &limits);
    /// The position as it is and the price its stop should have; quantity 0: gone, its stops are swept after `verifiedFlat`.
    void onTarget(UtcTime now, const BackstopPosition &position, std::optional<BackstopPrice> price);
    void onVerifiedFlat(UtcTime now, const risk::PositionKey &position);
    void onOrder(UtcTime now, const OrderUpdate &order);
    void onOutcome(UtcTime now, const ClientOrderId &order, RequestOutcome outcome, const std::string &detail);
    void onAbsent(UtcTime now, const ClientOrderId &order);
    /// False: the venue cannot be asked or told now; deadlines run on, nothing is sent.
    void onReachable(UtcTime now, Venue venue, bool reachable);
    /// Nothing new is placed there while a dead-man timer that would kill it may still run (DeadManPlan::holdsStops).
    void onHold(UtcTime now, const InstrumentKey &instrument, bool held);
    /// Appends what must be done now. REQUIRES: called after every event and at least once a second.
    void drive(UtcTime now, std::vector<Wish> &out);

    [[nodiscard]] std::vector<Cover> cover() const;
    /// Where stops of ours may live without an open position: each waits for onTarget or onVerifiedFlat.
    [[nodiscard]] std::vector<risk::PositionKey> orphans() const;
    /// Σ open notional without a resting stop × seconds, of the UTC day of `at`: today up to `at`, or the day before. Rounded up.
    [[nodiscard]] Money nakedNotionalSeconds(UtcTime at) const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace core::orders
