#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/domain/account.h"
#include "core/domain/instrument.h"
#include "core/domain/order.h"
#include "core/risk/engine.h"

namespace core::risk
{

/// `before` after an execution of `quantity` at `price`: entry size-weighted on increases (half-even in the ninth place), unchanged
/// on reductions; a flip opens the rest at `price`. Marks, margins and liquidation of `before` are left out where they no longer
/// hold. OutOfRange when the sizes do not fit. methods.md 6.10.
struct Execution {
    Position position;     ///< quantity 0: flat
    Quantity opened;       ///< part that adds risk
    Quantity closed;
    Money realised;        ///< of the closed part, before fees, floored
};
[[nodiscard]] Result<Execution> execute(const Position &before, Side side, Quantity quantity, Price price);

/// One position and the stop that rests for it.
struct StoppedPosition {
    PositionKey key;
    Direction direction{Direction::Long};
    Quantity quantity;
    Price mark;
    std::optional<Price> stop; ///< trigger; absent: none rests, or it does not cover all of it
    Ratio feeRate;
};

/// What one order would mean, as known before it is sent.
struct PreviewInput {
    OrderRequest order;
    Price fillAt;                     ///< its limit, or the mark
    std::optional<Price> stop;        ///< planned with it
    const Instrument *instrument{nullptr};
    FeeRates fees;
    bool taker{true};
    Money wallet;                     ///< cross wallet balance of the account
    Position before;                  ///< of this instrument and leg; quantity 0: none
    Money maintenanceOthers;
    Money unrealizedOthers;
    std::optional<Ratio> fundingRate; ///< predicted, per `fundingEvery`
    Duration fundingEvery{std::chrono::hours{8}};
    std::vector<StoppedPosition> others; ///< all other open positions
    Ratio slippageAllowance;
};
struct Preview {
    Execution execution;
    Money fee;                              ///< of this execution; negative: a rebate
    std::optional<Price> liquidationBefore; ///< ours, for what-if (methods.md 6.4)
    std::optional<Price> liquidationAfter;  ///< absent: cannot be liquidated, or tiers unknown (`liquidationWhy`)
    std::string liquidationWhy;
    std::optional<Money> fundingPer8h;      ///< positive: received
    std::optional<Money> worstLoss;         ///< from the present marks, every stop filled at its trigger and the allowance, with fees
    std::string worstLossWhy;               ///< which position has no stop
};
/// InvalidArgument names what is missing. Pure, a few microseconds for 60 positions.
[[nodiscard]] Result<Preview> preview(const PreviewInput &input);

/// How one limit moves with the fill; from RiskEngine::standings and standingsAfter.
struct HeadroomChange {
    Subject subject;
    std::optional<Ratio> readingBefore, readingAfter;
    std::optional<Money> before, after;
    bool breaches{false}; ///< its next acting tier would be reached
    std::string sentence; ///< of the state after
};
[[nodiscard]] std::vector<HeadroomChange> headroomChanges(const std::vector<Standing> &before,
                                                          const std::vector<Standing> &after);

} // namespace core::risk
