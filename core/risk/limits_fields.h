#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/risk/limits.h"
#include "core/risk/toml_fields.h"

namespace core::risk
{

// The single values of Limits (all but its breakers): one list for text, walls and changes, so that no field can be in one of
// them and not in another. Internal to the limits files of this room.

/// Which way a field allows more. Unclear: any other value counts as looser.
enum class Looser { Up, Down, Unclear };

struct FieldRule {
    std::string_view path; ///< "table.key", or "key" at the top
    Looser looser{Looser::Unclear};
};

// The outer walls: a slipped digit is refused instead of becoming a limit that never fires. Inclusive.
struct LevelWall {
    Unit unit{Unit::Share};
    Ratio least;
    Ratio most;
};
struct DurationWall {
    Duration least{};
    Duration most{};
};
struct OptionalDurationWall {
    Duration least{};
    Duration most{};
    std::string_view absent; ///< the word for "not set"
};
struct CountWall {
    int least{0};
    int most{0};
};
struct FlagWall {
};
struct EnforcementWall {
};

/// 30 % = 3000.
[[nodiscard]] constexpr Ratio basisPoints(std::int64_t count)
{
    return Ratio::fromRaw(count * (kDecimalOne / 10'000));
}
[[nodiscard]] constexpr Ratio percent(std::int64_t count) { return basisPoints(count * 100); }
/// 3 x, 3 sigma, 3 times, 3 minutes.
[[nodiscard]] constexpr Ratio whole(std::int64_t count) { return Ratio::fromRaw(count * kDecimalOne); }
inline constexpr Ratio kLeast = Ratio::fromRaw(1); ///< above zero

[[nodiscard]] inline LevelWall upTo(Ratio most) { return {Unit::Share, kLeast, most}; }

/// f(rule, wall, field of each of `limits`…), in the order of the file; the ones at the top come first.
template <class F, class... L> void eachField(F &&f, L &...limits)
{
    using namespace std::chrono_literals;
    using enum Looser;
    f(FieldRule{"mark_stale_after", Up}, DurationWall{500ms, 30s}, limits.markStaleAfter...);
    f(FieldRule{"account_stale_after", Up}, DurationWall{5s, 300s}, limits.accountStaleAfter...);
    f(FieldRule{"close_slippage_first", Unclear}, upTo(percent(10)), limits.closeSlippageFirst...);
    f(FieldRule{"close_slippage_second", Unclear}, upTo(percent(10)), limits.closeSlippageSecond...);
    f(FieldRule{"day_starts_at", Unclear}, DurationWall{0s, 23h + 59min}, limits.dayStartsAt...);
    f(FieldRule{"loosen_after", Down}, DurationWall{1h, 720h}, limits.loosenAfter...);
    f(FieldRule{"cooling_off_base", Down}, DurationWall{1min, 24h}, limits.coolingOffBase...);
    f(FieldRule{"cooling_off_cap", Down}, DurationWall{1min, 168h}, limits.coolingOffCap...);

    f(FieldRule{"behaviour.leverage_ladder", Down}, EnforcementWall{}, limits.behaviour.leverageLadder...);
    f(FieldRule{"behaviour.ladder_losses", Up}, CountWall{1, 20}, limits.behaviour.ladderLosses...);
    f(FieldRule{"behaviour.ladder_factor", Up}, LevelWall{Unit::Share, percent(10), percent(90)},
      limits.behaviour.ladderFactor...);
    f(FieldRule{"behaviour.revenge", Down}, EnforcementWall{}, limits.behaviour.revenge...);
    f(FieldRule{"behaviour.revenge_window", Down}, DurationWall{1min, 4h}, limits.behaviour.revengeWindow...);
    f(FieldRule{"behaviour.revenge_risk", Up}, LevelWall{Unit::Multiple, whole(1), whole(10)},
      limits.behaviour.revengeRisk...);
    f(FieldRule{"behaviour.escalation", Down}, EnforcementWall{}, limits.behaviour.escalation...);
    f(FieldRule{"behaviour.escalation_risk", Up}, LevelWall{Unit::Multiple, whole(1), whole(10)},
      limits.behaviour.escalationRisk...);
    f(FieldRule{"behaviour.overtrading", Down}, EnforcementWall{}, limits.behaviour.overtrading...);
    f(FieldRule{"behaviour.overholding", Down}, EnforcementWall{}, limits.behaviour.overholding...);
    f(FieldRule{"behaviour.tilt", Down}, EnforcementWall{}, limits.behaviour.tilt...);
    f(FieldRule{"behaviour.tilt_warn", Up}, CountWall{1, 100}, limits.behaviour.tiltWarn...);
    f(FieldRule{"behaviour.tilt_lock", Up}, CountWall{1, 100}, limits.behaviour.tiltLock...);

    f(FieldRule{"sizing.risk_per_trade", Up}, upTo(percent(5)), limits.sizing.riskPerTrade...);
    f(FieldRule{"sizing.kelly_fraction", Up}, upTo(percent(50)), limits.sizing.kellyFraction...);
    f(FieldRule{"sizing.position_max", Up}, upTo(percent(12'500)), limits.sizing.positionMax...);
    f(FieldRule{"sizing.leverage_max", Up}, LevelWall{Unit::Multiple, basisPoints(1000), whole(125)},
      limits.sizing.leverageMax...);
    f(FieldRule{"sizing.correlated_max", Up}, upTo(percent(12'500)), limits.sizing.correlatedMax...);
    f(FieldRule{"sizing.volatility_target", Up}, upTo(percent(200)), limits.sizing.volatilityTarget...);
    f(FieldRule{"sizing.slippage_allowance", Down}, LevelWall{Unit::Share, Ratio{}, percent(5)},
      limits.sizing.slippageAllowance...);
    f(FieldRule{"sizing.liquidity_slippage", Up}, upTo(percent(5)), limits.sizing.liquidityBps...);
    f(FieldRule{"sizing.liquidity_hour_share", Up}, upTo(percent(20)), limits.sizing.liquidityHourShare...);

    f(FieldRule{"backstop.enabled", Down}, FlagWall{}, limits.backstop.enabled...);
    f(FieldRule{"backstop.slippage_allowance", Down}, upTo(percent(10)), limits.backstop.slippageAllowance...);
    f(FieldRule{"backstop.repin_step", Up}, upTo(percent(2)), limits.backstop.repinStep...);
    f(FieldRule{"backstop.repin_every", Up}, DurationWall{500ms, 60s}, limits.backstop.repinEvery...);
    f(FieldRule{"backstop.cover_within", Up}, DurationWall{1s, 60s}, limits.backstop.coverWithin...);
    f(FieldRule{"backstop.liquidation_buffer", Down}, upTo(percent(10)), limits.backstop.liquidationBuffer...);
    f(FieldRule{"backstop.dead_man", Up}, OptionalDurationWall{10s, 1h, "off"}, limits.backstop.deadMan...);

    f(FieldRule{"gate.order_notional_max", Up}, upTo(percent(12'500)), limits.gate.orderNotionalMax...);
    f(FieldRule{"gate.price_band", Up}, upTo(percent(50)), limits.gate.priceBand...);
    f(FieldRule{"gate.orders_per_second", Up}, CountWall{1, 50}, limits.gate.ordersPerSecond...);
    f(FieldRule{"gate.orders_per_minute", Up}, CountWall{1, 1200}, limits.gate.ordersPerMinute...);
}

// A value of the list as it stands in the file, without quotes.
[[nodiscard]] inline std::string fieldText(const LevelWall &wall, Ratio value) { return unitText(wall.unit, value); }
[[nodiscard]] inline std::string fieldText(const DurationWall &, Duration value) { return durationText(value); }
[[nodiscard]] inline std::string fieldText(const OptionalDurationWall &wall, const std::optional<Duration> &value)
{
    return value ? durationText(*value) : std::string(wall.absent);
}
[[nodiscard]] inline std::string fieldText(const CountWall &, int value) { return std::to_string(value); }
[[nodiscard]] inline std::string fieldText(const FlagWall &, bool value) { return value ? "true" : "false"; }
[[nodiscard]] inline std::string fieldText(const EnforcementWall &, Enforcement value)
{
    return std::string(name(value));
}

inline constexpr std::string_view kOneDistance = "exactly one of atr_multiple and distance must be given";

/// The walls of one kind's levels and of the values that only some kinds have.
[[nodiscard]] Ratio levelMost(BreakerKind kind);
[[nodiscard]] bool hasActivation(BreakerKind kind);
[[nodiscard]] Unit activationUnit(const Breaker &breaker);

} // namespace core::risk
