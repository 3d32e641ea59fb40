// Starting values. Source: methods.md sections 7.1-7.5, 8, 9 and 15; what it leaves open is argued in docs/risk.md.
#include "core/risk/limits_fields.h"

namespace core::risk
{

namespace
{
using std::chrono::hours;
using std::chrono::minutes;

/// A level 1:1, or scaled to a tighter or wider preset.
constexpr Ratio part(Ratio level, std::int64_t percents)
{
    return Ratio::fromRaw(level.raw() / 100 * percents);
}

Tier alert(Ratio trigger, Ratio rearm)
{
    return {.id = "alert", .trigger = trigger, .rearm = rearm, .action = TierAction::Alert, .firesMax = 20};
}
Tier block(Ratio trigger, Ratio rearm, std::optional<Duration> coolingOff = {})
{
    return {.id = "block",
            .trigger = trigger,
            .rearm = rearm,
            .action = TierAction::BlockNewRisk,
            .firesMax = 20,
            .coolingOff = coolingOff};
}
Tier reduce(Ratio trigger, Ratio rearm, Ratio fraction = percent(50))
{
    return {.id = "reduce", .trigger = trigger, .rearm = rearm, .action = TierAction::Reduce, .fraction = fraction};
}
Tier close(Ratio trigger, Ratio rearm)
{
    return {.id = "close", .trigger = trigger, .rearm = rearm, .action = TierAction::Close};
}
Tier flatten(Ratio trigger, Ratio rearm, Duration coolingOff)
{
    return {.id = "flatten",
            .trigger = trigger,
            .rearm = rearm,
            .action = TierAction::Flatten,
            .coolingOff = coolingOff};
}

/// methods.md 7.2: 50 % of the maximum alerts, 75 % reduces by half, 100 % closes; back at 0.7 (alerts) or 0.8 of the trigger.
std::vector<Tier> positionLadder(Ratio most)
{
    const Ratio half = part(most, 50);
    const Ratio most75 = part(most, 75);
    return {alert(half, part(half, 70)), reduce(most75, part(most75, 80)), close(most, part(most, 80))};
}
/// The same for an account (7.4): 75 % blocks new risk, 100 % flattens and locks.
std::vector<Tier> accountLadder(Ratio most, Duration lock, std::optional<Duration> blockLock = {})
{
    const Ratio half = part(most, 50);
    const Ratio most75 = part(most, 75);
    return {alert(half, part(half, 70)), block(most75, part(most75, 80), blockLock),
            flatten(most, part(most, 80), lock)};
}
/// For numbers that a trader brings back by themselves: alert, then no more of it.
std::vector<Tier> ceiling(Ratio warn, Ratio most) { return {alert(warn, part(warn, 90)), block(most, part(most, 90))}; }
std::vector<Tier> countCeiling(std::int64_t warn, std::int64_t most)
{
    return {alert(whole(warn), Ratio{}), block(whole(most), Ratio{})};
}

/// What tells the presets apart.
struct Numbers {
    Ratio margin, equity;         ///< most a position may lose
    Ratio day, week, month, drawdown;
    Ratio leverage;               ///< of the account, blocked
    Ratio correlated;
    std::int64_t losses, trades, losers;
    Ratio riskPerTrade, positionMax, orderMax;
    bool trailing, guardsProfit;  ///< trailing stop and giveback act; profit floor acts
    Enforcement behaviour;
};

constexpr Numbers numbersOf(Preset preset)
{
    switch (preset) {
    case Preset::Conservative:
        return {.margin = percent(20), .equity = percent(2), .day = percent(2), .week = percent(4),
                .month = percent(6), .drawdown = percent(10), .leverage = whole(3), .correlated = percent(100),
                .losses = 3, .trades = 10, .losers = 3, .riskPerTrade = basisPoints(25), .positionMax = percent(50),
                .orderMax = percent(100), .trailing = true, .guardsProfit = true,
                .behaviour = Enforcement::Enforced};
    case Preset::PropFirm:
        return {.margin = percent(30), .equity = percent(1), .day = percent(4), .week = percent(6),
                .month = percent(8), .drawdown = percent(8), .leverage = whole(5), .correlated = percent(150),
                .losses = 4, .trades = 15, .losers = 5, .riskPerTrade = basisPoints(25), .positionMax = percent(100),
                .orderMax = percent(200), .trailing = false, .guardsProfit = true,
                .behaviour = Enforcement::Enforced};
    case Preset::Standard: break;
    }
    return {.margin = percent(30), .equity = percent(3), .day = percent(4), .week = percent(8),
            .month = percent(12), .drawdown = percent(20), .leverage = whole(5), .correlated = percent(150),
            .losses = 5, .trades = 30, .losers = 6, .riskPerTrade = basisPoints(50), .positionMax = percent(100),
            .orderMax = percent(200), .trailing = false, .guardsProfit = false,
            .behaviour = Enforcement::Advisory};
}

Breaker breaker(BreakerKind kind, Scope scope, std::vector<Tier> tiers, bool enabled = true)
{
    return {.kind = kind, .scope = scope, .enabled = enabled, .tiers = std::move(tiers)};
}

std::vector<Breaker> positionBreakers(const Numbers &n)
{
    using enum BreakerKind;
    const auto own = [](BreakerKind kind, std::vector<Tier> tiers) {
        return breaker(kind, Scope::Position, std::move(tiers));
    };
    std::vector<Breaker> list{own(LossOnMargin, positionLadder(n.margin)), own(LossOnEquity, positionLadder(n.equity))};

    Breaker trail = breaker(TrailingStop, Scope::Position, {close(percent(100), percent(80))}, n.trailing);
    trail.atrMultiple = whole(3);
    trail.activation = whole(1);
    list.push_back(trail);

    Breaker giveback = own(Giveback, {alert(percent(50), percent(35))});
    giveback.activation = percent(1);
    if (n.trailing)
        giveback.tiers.push_back(close(percent(75), percent(60)));
    list.push_back(giveback);

    list.push_back(own(TimeInPosition, {alert(whole(24 * 60), Ratio{})}));
    list.push_back(own(LiquidationDistance, {alert(percent(5), percent(6)), reduce(percent(3), percent(4)),
                                             close(basisPoints(150), percent(2))}));
    list.push_back(own(LiquidationSigma, {alert(whole(3), basisPoints(36'000)), block(whole(2), basisPoints(25'000))}));
    list.push_back(own(LiquidationMinutes, {alert(whole(240), whole(300)), close(whole(30), whole(60))}));
    list.push_back(own(VolatilityShock, {alert(whole(3), whole(2)), block(whole(4), whole(3))}));
    list.push_back(own(LiquidityVacuum, {alert(basisPoints(50), basisPoints(35)), block(percent(1), basisPoints(80))}));
    return list;
}

/// Scope::Account, and the same for all accounts together where it means something.
std::vector<Breaker> sharedBreakers(const Numbers &n, Scope scope)
{
    using enum BreakerKind;
    const auto own = [scope](BreakerKind kind, std::vector<Tier> tiers) {
        return breaker(kind, scope, std::move(tiers));
    };
    return {
        own(DayLoss, accountLadder(n.day, hours{1})),
        own(WeekLoss, accountLadder(n.week, hours{12})),
        own(MonthLoss, accountLadder(n.month, hours{24})),
        own(Drawdown, accountLadder(n.drawdown, hours{24}, hours{12})),
        own(EffectiveLeverage, ceiling(part(n.leverage, 80), n.leverage)),
        own(NetExposure, ceiling(part(n.leverage, 60), part(n.leverage, 80))),
        own(CorrelatedExposure, ceiling(part(n.correlated, 80), n.correlated)),
        own(FundingBurn, {alert(basisPoints(50), basisPoints(35)), block(percent(1), basisPoints(80))}),
    };
}

std::vector<Breaker> accountBreakers(const Numbers &n)
{
    using enum BreakerKind;
    const auto own = [](BreakerKind kind, std::vector<Tier> tiers) {
        return breaker(kind, Scope::Account, std::move(tiers));
    };
    std::vector<Breaker> list = sharedBreakers(n, Scope::Account);

    Breaker floor = breaker(ProfitFloor, Scope::Account,
                            {alert(percent(60), percent(80)), block(percent(40), percent(60))}, n.guardsProfit);
    floor.activation = percent(1);
    list.push_back(floor);

    list.push_back(own(MarginRatio, {alert(percent(40), percent(30)), block(percent(55), percent(45)),
                                     reduce(percent(70), percent(60)), flatten(percent(85), percent(70), hours{1})}));
    // Of linear contracts it is the effective leverage; there for those who limit it apart.
    list.push_back(breaker(GrossExposure, Scope::Account, ceiling(part(n.leverage, 80), n.leverage), false));
    list.push_back(own(ConsecutiveLosses,
                       {alert(whole(n.losses - 1), Ratio{}), block(whole(n.losses), Ratio{}, Duration{hours{1}})}));
    list.push_back(own(TradesPerDay, countCeiling(n.trades * 2 / 3, n.trades)));
    list.push_back(own(LosingTradesPerDay, countCeiling(n.losers - 1, n.losers)));
    // In minutes: 10 s and 30 s. The gate refuses new risk on stale data before that (mark_stale_after).
    list.push_back(own(DataStale, {alert(Ratio::fromRaw(kDecimalOne / 6 + 1), Ratio::fromRaw(kDecimalOne / 20)),
                                   block(Ratio::fromRaw(kDecimalOne / 2), Ratio::fromRaw(kDecimalOne / 20))}));
    return list;
}

BehaviourLimits behaviour(Enforcement enforcement)
{
    BehaviourLimits limits;
    limits.leverageLadder = enforcement;
    limits.ladderFactor = percent(50);
    limits.revenge = enforcement;
    limits.revengeRisk = basisPoints(12'000);
    limits.escalation = enforcement;
    limits.escalationRisk = basisPoints(15'000);
    limits.overtrading = enforcement;
    limits.tilt = enforcement;
    return limits;
}

/// Everything but the breakers.
Limits values(const Numbers &n)
{
    Limits limits;
    limits.behaviour = behaviour(n.behaviour);
    limits.sizing = {.riskPerTrade = n.riskPerTrade,
                     .kellyFraction = percent(50),
                     .positionMax = n.positionMax,
                     .leverageMax = n.leverage,
                     .correlatedMax = n.correlated,
                     .volatilityTarget = percent(15),
                     .slippageAllowance = basisPoints(2),
                     .liquidityBps = basisPoints(10),
                     .liquidityHourShare = percent(1)};
    limits.backstop.slippageAllowance = basisPoints(20);
    limits.backstop.repinStep = basisPoints(10);
    limits.backstop.liquidationBuffer = basisPoints(50);
    limits.gate.orderNotionalMax = n.orderMax;
    limits.gate.priceBand = percent(5);
    limits.closeSlippageFirst = basisPoints(50);
    limits.closeSlippageSecond = basisPoints(150);
    return limits;
}
} // namespace

Limits presetLimits(Preset preset)
{
    const Numbers numbers = numbersOf(preset);
    Limits limits = values(numbers);
    limits.breakers = positionBreakers(numbers);
    for (Breaker &shared : accountBreakers(numbers))
        limits.breakers.push_back(std::move(shared));
    return limits;
}

Limits defaultLimits() { return presetLimits(Preset::Standard); }

Limits defaultGroupLimits()
{
    const Numbers numbers = numbersOf(Preset::Standard);
    Limits limits = values(numbers);
    limits.breakers = sharedBreakers(numbers, Scope::AllAccounts);
    return limits;
}

} // namespace core::risk
