#include <array>

#include "core/risk/limits.h"

namespace core::risk
{

std::string_view name(BreakerKind kind)
{
    static constexpr std::array<std::string_view, kBreakerKinds> kNames{
        "loss-on-margin",      "loss-on-equity",      "trailing-stop",     "giveback",
        "time-in-position",    "liquidation-distance", "liquidation-sigma", "liquidation-minutes",
        "volatility-shock",    "liquidity-vacuum",    "day-loss",          "week-loss",
        "month-loss",          "drawdown",            "profit-floor",      "margin-ratio",
        "effective-leverage",  "gross-exposure",      "net-exposure",      "correlated-exposure",
        "funding-burn",        "consecutive-losses",  "trades-per-day",    "losing-trades-per-day",
        "data-stale"};
    return kNames[static_cast<std::size_t>(kind)];
}

std::string_view name(Scope scope)
{
    switch (scope) {
    case Scope::Position: return "position";
    case Scope::Symbol: return "symbol";
    case Scope::Account: return "account";
    case Scope::AllAccounts: return "all-accounts";
    }
    return "unknown";
}

std::string_view name(TierAction action)
{
    switch (action) {
    case TierAction::Alert: return "alert";
    case TierAction::BlockNewRisk: return "block-new-risk";
    case TierAction::Reduce: return "reduce";
    case TierAction::Close: return "close";
    case TierAction::Flatten: return "flatten";
    }
    return "unknown";
}

std::string_view name(Enforcement enforcement)
{
    switch (enforcement) {
    case Enforcement::Off: return "off";
    case Enforcement::Advisory: return "advisory";
    case Enforcement::Enforced: return "enforced";
    }
    return "unknown";
}

} // namespace core::risk
