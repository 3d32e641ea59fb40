#include <algorithm>
#include <array>

#include "core/risk/limits_fields.h"

namespace core::risk
{

namespace
{
constexpr unsigned kPosition = 1;
constexpr unsigned kSymbol = 2;
constexpr unsigned kAccount = 4;
constexpr unsigned kAll = 8;

struct Kind {
    BreakerKind kind;
    std::string_view name;
    Unit unit;
    Ratio most; ///< largest level: beyond it lies a slipped digit
    unsigned scopes;
    bool lowIsBad{false};
};

constexpr std::array<Kind, kBreakerKinds> kKinds{{
    {BreakerKind::LossOnMargin, "loss-on-margin", Unit::Share, percent(1000), kPosition},
    {BreakerKind::LossOnEquity, "loss-on-equity", Unit::Share, percent(100), kPosition},
    {BreakerKind::TrailingStop, "trailing-stop", Unit::Share, percent(100), kPosition},
    {BreakerKind::Giveback, "giveback", Unit::Share, percent(100), kPosition},
    {BreakerKind::TimeInPosition, "time-in-position", Unit::Time, whole(90 * 24 * 60), kPosition},
    {BreakerKind::LiquidationDistance, "liquidation-distance", Unit::Share, percent(100), kPosition, true},
    {BreakerKind::LiquidationSigma, "liquidation-sigma", Unit::Sigma, whole(100), kPosition, true},
    {BreakerKind::LiquidationMinutes, "liquidation-minutes", Unit::Time, whole(90 * 24 * 60), kPosition, true},
    {BreakerKind::VolatilityShock, "volatility-shock", Unit::Multiple, whole(100), kPosition},
    {BreakerKind::LiquidityVacuum, "liquidity-vacuum", Unit::Share, percent(50), kPosition},
    {BreakerKind::DayLoss, "day-loss", Unit::Share, percent(100), kSymbol | kAccount | kAll},
    {BreakerKind::WeekLoss, "week-loss", Unit::Share, percent(100), kAccount | kAll},
    {BreakerKind::MonthLoss, "month-loss", Unit::Share, percent(100), kAccount | kAll},
    {BreakerKind::Drawdown, "drawdown", Unit::Share, percent(100), kAccount | kAll},
    {BreakerKind::ProfitFloor, "profit-floor", Unit::Share, percent(100), kAccount | kAll, true},
    {BreakerKind::MarginRatio, "margin-ratio", Unit::Share, percent(100), kAccount},
    {BreakerKind::EffectiveLeverage, "effective-leverage", Unit::Multiple, whole(125), kAccount | kAll},
    {BreakerKind::GrossExposure, "gross-exposure", Unit::Share, percent(12'500), kSymbol | kAccount | kAll},
    {BreakerKind::NetExposure, "net-exposure", Unit::Share, percent(12'500), kSymbol | kAccount | kAll},
    {BreakerKind::CorrelatedExposure, "correlated-exposure", Unit::Share, percent(12'500), kAccount | kAll},
    {BreakerKind::FundingBurn, "funding-burn", Unit::Share, percent(100), kSymbol | kAccount | kAll},
    {BreakerKind::ConsecutiveLosses, "consecutive-losses", Unit::Count, whole(1000), kSymbol | kAccount | kAll},
    {BreakerKind::TradesPerDay, "trades-per-day", Unit::Count, whole(1000), kSymbol | kAccount | kAll},
    {BreakerKind::LosingTradesPerDay, "losing-trades-per-day", Unit::Count, whole(1000),
     kSymbol | kAccount | kAll},
    {BreakerKind::DataStale, "data-stale", Unit::Time, whole(60), kAccount},
}};

const Kind &rowOf(BreakerKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

constexpr bool inOrder()
{
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
        if (static_cast<std::size_t>(kKinds[i].kind) != i)
            return false;
    }
    return true;
}
static_assert(inOrder(), "the table is indexed by the kind");
} // namespace

std::string_view name(BreakerKind kind) { return rowOf(kind).name; }

Unit unitOf(BreakerKind kind) { return rowOf(kind).unit; }

bool lowIsBad(BreakerKind kind) { return rowOf(kind).lowIsBad; }

Ratio levelMost(BreakerKind kind) { return rowOf(kind).most; }

std::vector<Scope> scopesOf(BreakerKind kind)
{
    std::vector<Scope> scopes;
    for (const Scope scope : {Scope::Position, Scope::Symbol, Scope::Account, Scope::AllAccounts}) {
        if ((rowOf(kind).scopes >> static_cast<unsigned>(scope) & 1U) != 0)
            scopes.push_back(scope);
    }
    return scopes;
}

bool hasActivation(BreakerKind kind)
{
    return kind == BreakerKind::TrailingStop || kind == BreakerKind::Giveback || kind == BreakerKind::ProfitFloor;
}

Unit activationUnit(const Breaker &breaker)
{
    return breaker.kind == BreakerKind::TrailingStop && breaker.atrMultiple ? Unit::Multiple : Unit::Share;
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

std::string_view name(Arming arming)
{
    switch (arming) {
    case Arming::Off: return "off";
    case Arming::AlertOnly: return "alert-only";
    case Arming::Armed: return "armed";
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

std::string_view name(Preset preset)
{
    switch (preset) {
    case Preset::Conservative: return "conservative";
    case Preset::Standard: return "standard";
    case Preset::PropFirm: return "prop-firm";
    }
    return "unknown";
}

std::string levelText(BreakerKind kind, Ratio level) { return unitText(unitOf(kind), level); }

std::string readingText(BreakerKind kind, Ratio reading)
{
    constexpr std::int64_t kShareGrain = kDecimalOne / 10'000; // a hundredth of a percent
    constexpr std::int64_t kGrain = kDecimalOne / 100;
    const std::int64_t grain = unitOf(kind) == Unit::Share ? kShareGrain : kGrain;
    return levelText(kind, Ratio::fromRaw(reading.raw() - reading.raw() % grain));
}

const Breaker *find(const Limits &limits, BreakerKind kind, Scope scope)
{
    const auto it = std::find_if(limits.breakers.begin(), limits.breakers.end(), [&](const Breaker &breaker) {
        return breaker.kind == kind && breaker.scope == scope;
    });
    return it == limits.breakers.end() ? nullptr : &*it;
}

bool isGroup(const Limits &limits)
{
    return !limits.breakers.empty() &&
           std::all_of(limits.breakers.begin(), limits.breakers.end(),
                       [](const Breaker &breaker) { return breaker.scope == Scope::AllAccounts; });
}

} // namespace core::risk
