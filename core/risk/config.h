#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/domain/account.h"
#include "core/domain/fixed8.h"
#include "core/risk/limits.h"

namespace core::risk
{

enum class LossAction { Alert, ReducePosition, ClosePosition };
[[nodiscard]] std::string_view name(LossAction action);

/// One step of a breaker's ladder. Ratios of the measured thing (0.25 = 25 % of initial margin).
struct LossTier {
    std::string id;        ///< unique within the breaker: letters, digits, '-'
    Ratio trigger;         ///< fires when the metric ≥ trigger
    Ratio rearm;           ///< arms again when the metric ≤ rearm (< trigger)
    LossAction action{LossAction::Alert};
    Ratio fraction{};      ///< ReducePosition only: share of the position, 0 < fraction < 1
    int firesMax{1};       ///< per position life
    friend bool operator==(const LossTier &, const LossTier &) = default;
};

/// "Position loss ≥ X % of margin": loss at mark ÷ initial margin (methods.md 6.2, loss_on_margin_pct).
struct PositionLossBreaker {
    bool enabled{true};
    std::vector<LossTier> tiers; ///< ascending triggers, at least one
    friend bool operator==(const PositionLossBreaker &, const PositionLossBreaker &) = default;
};

/// The limits of one account. A value; validated as a whole, with one error per field.
struct RiskConfig {
    int schema{1};
    PositionLossBreaker positionLoss;
    Duration markStaleAfter{std::chrono::seconds{3}};
    Duration accountStaleAfter{std::chrono::seconds{60}};
    Ratio closeSlippageFirst;  ///< IOC limit at mark ∓ this (default 0.005)
    Ratio closeSlippageSecond; ///< next attempt (default 0.015); after that market
    friend bool operator==(const RiskConfig &, const RiskConfig &) = default;
};

/// 50 % alert, 75 % reduce half, 100 % close, of a maximum loss of 30 % of margin (methods.md 7.2, 15).
[[nodiscard]] RiskConfig defaultRiskConfig();

/// Empty when valid.
[[nodiscard]] std::vector<FieldError> validate(const RiskConfig &config);

/// TOML text → config. Every missing, malformed, unknown or duplicate field is an entry of the error's detail; nothing
/// is guessed and nothing is loosened.
[[nodiscard]] Result<RiskConfig> parseRiskConfig(std::string_view toml);
[[nodiscard]] std::string toToml(const RiskConfig &config);

} // namespace core::risk
