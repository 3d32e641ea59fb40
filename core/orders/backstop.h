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
};
/// One group of positions that shares a loss headroom (an account; all accounts).
struct BackstopGroup {
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
/// slippage allowance and fees paid, no group loses more than its headroom. Shares: headroom in proportion to notional × σ where
/// known; what a tighter own limit leaves over is given to the others. Absent: no limit bounds it and no liquidation price is known.
[[nodiscard]] std::vector<std::optional<BackstopPrice>> solveBackstops(const std::vector<BackstopPosition> &positions,
                                                                        const std::vector<BackstopGroup> &groups,
                                                                        const risk::BackstopLimits &limits);

/// Keeps the resting stops in step. A pure state machine: it is told what is open, what the venue says of its stop orders, and
/// time; it answers with wishes that the guard sends through the gate. A stop is replaced by placing the new one first; the old
/// one is cancelled when the new one is known to rest. Client ids are deterministic ("ebs-" + hash of life and number); after a
/// restart stops found at the venue with that prefix are adopted. What is not ours (a person's stop) is never cancelled; it counts
/// as cover when it is reduce-only (or closes the position), of a known type, on mark or last, for this leg.
class BackstopKeeper
{
public:
    struct Wish {
        enum class What { Place, Cancel, ClosePosition, Alarm } what{What::Place};
        risk::PositionKey position;
        OrderRequest order{};       ///< Place
        ClientOrderId cancel{};     ///< Cancel
        std::string text{};         ///< Alarm, ClosePosition: why
    };
    struct Cover {
        risk::PositionKey position;
        Quantity open;
        Quantity covered;
        std::optional<Price> trigger; ///< the one that triggers first
        std::string state;            ///< "covered", "placing", "naked", "replacing", "closing", "unknown"
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
    /// Appends what must be done now. REQUIRES: called after every event and at least once a second.
    void drive(UtcTime now, std::vector<Wish> &out);

    [[nodiscard]] std::vector<Cover> cover() const;
    /// Σ open notional without a resting stop × seconds, of the UTC day of `now`; and of the day before.
    [[nodiscard]] Money nakedNotionalSeconds(UtcTime now) const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace core::orders
