#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/domain/account.h"
#include "core/domain/instrument.h"
#include "core/risk/kelly.h"
#include "core/risk/limits.h"
#include "core/risk/portfolio.h"

namespace core::risk
{

/// One constraint: the quantity that it allows, or why it says nothing.
struct SizeCap {
    std::string name; ///< "risk", "max_position_pct", "max_leverage", "kelly", "volatility", "correlation", "portfolio", "liquidity", "liq_distance"
    std::optional<double> quantity;
    std::string text; ///< with its numbers, or why it cannot be evaluated
};

/// Everything one size depends on. What is absent is not known: its constraint is then listed as not evaluable, with the reason,
/// and the answer says that it is incomplete; it is never taken as passed.
struct SizingInput {
    Direction direction{Direction::Long};
    Price entry;
    Price stop;
    Money equity;
    Ratio feeIn;
    Ratio feeOut;
    const Instrument *instrument{nullptr}; ///< step, minima, margin tiers
    SizingLimits limits;

    Money grossOthers;                        ///< Σ|notional| of what is open and resting, fresh orders as filled
    std::optional<Money> maintenanceOthers{}; ///< of the other positions; for the liquidation distance
    std::optional<Money> isolatedMargin{};    ///< what will back it; absent: cross
    std::optional<double> drawdown{};         ///< from peak NAV, a fraction
    double drawdownMax{0.20};
    std::optional<double> streak{};           ///< methods.md 8.10, `streakMultiplier`
    std::optional<double> state{};            ///< of the account's state (7.4): 0.5 when REDUCED
    std::optional<double> sigmaYear{};        ///< annual volatility of the instrument
    std::optional<double> sigmaUsualYear{};   ///< its 90-day median
    double volatilityExponent{0};             ///< volatility_adjustment_factor; 0: no multiplier
    std::optional<double> sigmaDay{};
    std::optional<KellyEvidence> evidence{};
    struct Portfolio {
        std::vector<double> notionals; ///< signed, in the order of the matrices
        Matrix correlation;
        std::optional<Matrix> covariance{}; ///< annual
        std::size_t index{0};          ///< of this instrument
    };
    std::optional<Portfolio> portfolio{};
    double portfolioSigmaMax{0.40};
    std::optional<Quantity> depth{};    ///< what the book gives within `limits.liquidityBps`
    std::optional<Money> hourVolume{};
    std::vector<SizeCap> others{};   ///< constraints that the caller measured itself
};

struct SizeAnswer {
    Quantity quantity;       ///< 0 with a reason
    std::string binding;     ///< name of the smallest cap
    std::string reason;      ///< "below_min_qty", "below_min_notional", "no_edge", …; empty when there is a size
    bool complete{true};     ///< false: a constraint is not evaluable
    double lossPerUnit{0};   ///< at the stop, with fees and slippage
    double riskMoney{0};     ///< what may be lost
    double multiplier{1};    ///< product of the multipliers, within 0.1 … 1
    double moneyAtRisk{0};   ///< of `quantity`; its exact figure never exceeds `riskMoney`
    Money notional;
    double leverage{0};      ///< notional ÷ equity
    std::vector<SizeCap> caps;
};

/// methods.md 8.5–8.13: the smallest of all constraints, floored to the step. InvalidArgument names the field: stop at or on the
/// wrong side of the entry, equity or prices not positive, no instrument. Money at risk never rounds up above what is allowed.
[[nodiscard]] Result<SizeAnswer> size(const SizingInput &input);

/// methods.md 8.9: 1 − drawdown ÷ largest, not below `floor`.
[[nodiscard]] double drawdownMultiplier(double drawdown, double largest, double floor = 0.25);
/// methods.md 8.10 over the outcomes (+1 win, −1 loss, 0 scratch), oldest first; within 0.25 … 1.
[[nodiscard]] double streakMultiplier(const std::vector<int> &outcomes);
/// methods.md 8.6: clamp(usual ÷ now, 0.25, 1.5) to the power of `exponent`.
[[nodiscard]] double volatilityMultiplier(double usual, double now, double exponent);
/// methods.md 8.11: largest leverage of an isolated position that keeps liquidation at least `distance` away; first tier.
[[nodiscard]] double leverageForDistance(Direction direction, double distance, double maintenanceRate);

} // namespace core::risk
