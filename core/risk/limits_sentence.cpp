#include <fmt/format.h>

#include "core/risk/limits_fields.h"

namespace core::risk
{

namespace
{
std::string_view whose(Scope scope)
{
    switch (scope) {
    case Scope::Position: return "of a position";
    case Scope::Symbol: return "of a symbol";
    case Scope::Account: return "of the account";
    case Scope::AllAccounts: return "of all accounts together";
    }
    return {};
}

std::string_view equityOf(Scope scope)
{
    return scope == Scope::AllAccounts ? "their equity" : "the account's equity";
}

std::string_view period(BreakerKind kind)
{
    switch (kind) {
    case BreakerKind::WeekLoss: return "week";
    case BreakerKind::MonthLoss: return "month";
    default: return "day";
    }
}

std::string trailingCondition(const Breaker &breaker, const std::string &level)
{
    const bool byAtr = breaker.atrMultiple.has_value();
    const std::string behind = byAtr ? unitText(Unit::Multiple, *breaker.atrMultiple) + " ATR"
                                     : unitText(Unit::Share, breaker.distance.value_or(Ratio{}));
    std::string armed;
    if (const Ratio activation = breaker.activation.value_or(Ratio{}); activation.isPositive()) {
        armed = byAtr ? fmt::format(", armed once it was {} ATR in profit", unitText(Unit::Multiple, activation))
                      : fmt::format(", armed once it was {} in profit", unitText(Unit::Share, activation));
    }
    const bool whole = level == unitText(Unit::Share, percent(100));
    return fmt::format("the mark of a position has come back {}to its trailing stop ({} behind the best mark{})",
                       whole ? "" : level + " of the way ", behind, armed);
}

std::string positionCondition(const Breaker &breaker, const std::string &level)
{
    switch (breaker.kind) {
    case BreakerKind::LossOnMargin: return fmt::format("the loss of a position reaches {} of its margin", level);
    case BreakerKind::LossOnEquity:
        return fmt::format("the loss of a position reaches {} of the account's equity", level);
    case BreakerKind::TrailingStop: return trailingCondition(breaker, level);
    case BreakerKind::Giveback:
        return fmt::format("a position has given back {} of its best open profit (once that was {} of equity)", level,
                           unitText(Unit::Share, breaker.activation.value_or(Ratio{})));
    case BreakerKind::TimeInPosition: return fmt::format("a position has been open for {}", level);
    case BreakerKind::LiquidationDistance:
        return fmt::format("the mark is {} or less away from the liquidation price of a position", level);
    case BreakerKind::LiquidationSigma:
        return fmt::format("the liquidation price of a position is {} of daily volatility away or nearer", level);
    case BreakerKind::LiquidationMinutes:
        return fmt::format("a position could drift to its liquidation price within {} at its volatility", level);
    case BreakerKind::VolatilityShock:
        return fmt::format("the volatility of a position's market reaches {} its usual value", level);
    case BreakerKind::LiquidityVacuum:
        return fmt::format("leaving a position at once would cost {} or more against the mid price", level);
    default: return {};
    }
}

std::string sharedCondition(const Breaker &breaker, const std::string &level)
{
    const std::string_view of = whose(breaker.scope);
    const std::string_view equity = equityOf(breaker.scope);
    switch (breaker.kind) {
    case BreakerKind::DayLoss:
    case BreakerKind::WeekLoss:
    case BreakerKind::MonthLoss: {
        const std::string_view span = period(breaker.kind);
        return fmt::format("the loss {} in this {} reaches {} of {} at the start of the {}", of, span, level, equity,
                           span);
    }
    case BreakerKind::Drawdown: return fmt::format("the drawdown {} from its peak reaches {}", of, level);
    case BreakerKind::ProfitFloor:
        return fmt::format("only {} of the day's best profit {} is left (once that was {} of equity)", level, of,
                           unitText(Unit::Share, breaker.activation.value_or(Ratio{})));
    case BreakerKind::MarginRatio:
        return fmt::format("the maintenance margin {} reaches {} of its margin balance", of, level);
    case BreakerKind::EffectiveLeverage: return fmt::format("the leverage {} reaches {}", of, level);
    case BreakerKind::GrossExposure: return fmt::format("the gross exposure {} reaches {} of {}", of, level, equity);
    case BreakerKind::NetExposure: return fmt::format("the net exposure {} reaches {} of {}", of, level, equity);
    case BreakerKind::CorrelatedExposure:
        return fmt::format("the correlated exposure {} reaches {} of {}", of, level, equity);
    case BreakerKind::FundingBurn:
        return fmt::format("the funding {} paid in 24 hours reaches {} of {}", of, level, equity);
    case BreakerKind::ConsecutiveLosses: return fmt::format("the trades {} lost in a row reach {}", of, level);
    case BreakerKind::TradesPerDay: return fmt::format("the trades {} of this day reach {}", of, level);
    case BreakerKind::LosingTradesPerDay: return fmt::format("the losing trades {} of this day reach {}", of, level);
    case BreakerKind::DataStale:
        return fmt::format("the newest mark of an open position or word {} is {} old", of, level);
    default: return {};
    }
}

std::string_view subject(Scope scope)
{
    switch (scope) {
    case Scope::Position: return "it";
    case Scope::Symbol: return "each of its positions";
    case Scope::Account: return "each of its positions";
    case Scope::AllAccounts: return "each position of every account";
    }
    return {};
}

std::string consequence(const Breaker &breaker, const Tier &tier)
{
    const Scope scope = breaker.scope;
    switch (tier.action) {
    case TierAction::Alert: return "an alert is raised";
    case TierAction::BlockNewRisk: {
        const std::string_view where = scope == Scope::AllAccounts                          ? "in any account"
                                       : scope == Scope::Account                            ? "in the account"
                                                                                            : "in its symbol";
        return fmt::format("nothing that adds risk {} is let through until that has passed", where);
    }
    case TierAction::Reduce:
        return fmt::format("{} is reduced by {}", subject(scope), unitText(Unit::Share, tier.fraction));
    case TierAction::Close: return fmt::format("{} is closed", subject(scope));
    case TierAction::Flatten:
        return scope == Scope::AllAccounts
                   ? "entry orders are cancelled and every position of every account is closed"
                   : "entry orders are cancelled and every position of the account is closed";
    }
    return {};
}
} // namespace

std::string sentence(const Breaker &breaker, const Tier &tier)
{
    const std::string level = levelText(breaker.kind, tier.trigger);
    const std::string condition =
        breaker.scope == Scope::Position ? positionCondition(breaker, level) : sharedCondition(breaker, level);
    std::string lock;
    if (tier.coolingOff && tier.action == TierAction::BlockNewRisk)
        return fmt::format("When {}, nothing that adds risk is let through for at least {}.", condition,
                           durationText(*tier.coolingOff));
    if (tier.coolingOff)
        lock = fmt::format(", and new risk is locked for at least {}", durationText(*tier.coolingOff));
    return fmt::format("When {}, {}{}.", condition, consequence(breaker, tier), lock);
}

} // namespace core::risk
