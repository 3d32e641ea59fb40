#pragma once

#include <algorithm>
#include <random>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "core/risk/limits_fields.h"

namespace limits_random
{

using Random = std::mt19937_64;
using core::Duration;
using core::Ratio;
namespace risk = core::risk;

inline std::int64_t between(Random &random, std::int64_t least, std::int64_t most)
{
    return least + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most - least + 1));
}

// A value inside its walls, as eachField names them.
inline void draw(Random &random, const risk::LevelWall &wall, Ratio &value)
{
    value = Ratio::fromRaw(between(random, wall.least.raw(), wall.most.raw()));
}
inline void draw(Random &random, const risk::DurationWall &wall, Duration &value)
{
    const Duration grid = wall.most >= std::chrono::minutes{10} ? Duration{std::chrono::minutes{1}}
                                                                : Duration{std::chrono::milliseconds{1}};
    value = grid * between(random, (wall.least + grid - Duration{1}) / grid, wall.most / grid);
}
inline void draw(Random &random, const risk::OptionalDurationWall &wall, std::optional<Duration> &value)
{
    value.reset();
    if (random() % 2 == 0)
        draw(random, risk::DurationWall{wall.least, wall.most}, value.emplace());
}
inline void draw(Random &random, const risk::CountWall &wall, int &value)
{
    value = static_cast<int>(between(random, wall.least, wall.most));
}
inline void draw(Random &random, const risk::FlagWall &, bool &value) { value = random() % 2 == 0; }
inline void draw(Random &random, const risk::EnforcementWall &, risk::Enforcement &value)
{
    value = static_cast<risk::Enforcement>(random() % 3);
}

inline Ratio level(Random &random, risk::BreakerKind kind, Ratio least, Ratio most)
{
    if (risk::unitOf(kind) != risk::Unit::Count)
        return Ratio::fromRaw(between(random, least.raw(), most.raw()));
    const std::int64_t one = core::kDecimalOne;
    return risk::whole(between(random, (least.raw() + one - 1) / one, most.raw() / one));
}

inline risk::Tier tier(Random &random, risk::BreakerKind kind, std::string id)
{
    const bool counts = risk::unitOf(kind) == risk::Unit::Count;
    const Ratio step = counts ? risk::whole(1) : risk::kLeast;
    const Ratio most = risk::levelMost(kind);
    risk::Tier tier;
    tier.id = std::move(id);
    const bool low = risk::lowIsBad(kind);
    tier.trigger = level(random, kind, step, low ? Ratio::fromRaw(most.raw() - step.raw()) : most);
    tier.rearm = low ? level(random, kind, Ratio::fromRaw(tier.trigger.raw() + step.raw()), most)
                     : level(random, kind, Ratio{}, Ratio::fromRaw(tier.trigger.raw() - step.raw()));
    tier.action = static_cast<risk::TierAction>(random() % (kind == risk::BreakerKind::DataStale ? 2 : 5));
    if (tier.action == risk::TierAction::Reduce)
        tier.fraction = Ratio::fromRaw(between(random, 1, core::kDecimalOne - 1));
    tier.firesMax = static_cast<int>(between(random, 1, 100));
    if (random() % 2 == 0)
        tier.escalateAfter = std::chrono::milliseconds{between(random, 1000, 60'000)};
    const bool mustLock = tier.action == risk::TierAction::BlockNewRisk;
    if (tier.action != risk::TierAction::Alert && (mustLock || random() % 2 == 0))
        tier.coolingOff = std::chrono::minutes{between(random, 1, 720 * 60)};
    return tier;
}

inline risk::Breaker breaker(Random &random, risk::BreakerKind kind, risk::Scope scope)
{
    risk::Breaker breaker{.kind = kind, .scope = scope, .enabled = random() % 4 != 0, .tiers = {}};
    if (kind == risk::BreakerKind::TrailingStop) {
        if (random() % 2 == 0)
            breaker.atrMultiple = Ratio::fromRaw(between(random, core::kDecimalOne / 10, 20 * core::kDecimalOne));
        else
            breaker.distance = Ratio::fromRaw(between(random, core::kDecimalOne / 2000, core::kDecimalOne / 2));
    }
    if (risk::hasActivation(kind))
        breaker.activation = Ratio::fromRaw(between(random, 1, core::kDecimalOne));
    // Few names, so that two limits often share some of them.
    std::vector<std::string> ids{"alert", "block", "reduce", "close", "A-1"};
    std::shuffle(ids.begin(), ids.end(), random);
    for (std::int64_t i = between(random, 1, 4); i > 0; --i)
        breaker.tiers.push_back(tier(random, kind, ids[static_cast<std::size_t>(i)]));
    const bool low = risk::lowIsBad(kind);
    std::sort(breaker.tiers.begin(), breaker.tiers.end(), [low](const risk::Tier &a, const risk::Tier &b) {
        return low ? a.trigger > b.trigger : a.trigger < b.trigger;
    });
    return breaker;
}

/// Random valid limits of an account: every single value anywhere inside its walls, `breakersMost` breakers at most.
inline risk::Limits limits(Random &random, int breakersMost)
{
    risk::Limits limits;
    risk::eachField([&random](const risk::FieldRule &, const auto &wall, auto &value) { draw(random, wall, value); },
                    limits);
    const auto order = [](auto &a, auto &b) {
        if (b < a)
            std::swap(a, b);
    };
    order(limits.closeSlippageFirst, limits.closeSlippageSecond);
    limits.coolingOffCap = std::max(limits.coolingOffBase, limits.coolingOffCap);
    limits.behaviour.tiltWarn = std::min(limits.behaviour.tiltWarn, 99);
    limits.behaviour.tiltLock = std::max(limits.behaviour.tiltLock, limits.behaviour.tiltWarn + 1);
    limits.gate.ordersPerMinute = std::max(limits.gate.ordersPerMinute, limits.gate.ordersPerSecond);
    std::set<std::pair<risk::BreakerKind, risk::Scope>> seen;
    for (std::int64_t i = between(random, 1, breakersMost); i > 0; --i) {
        const auto kind = static_cast<risk::BreakerKind>(random() % risk::kBreakerKinds);
        auto scopes = risk::scopesOf(kind);
        std::erase(scopes, risk::Scope::AllAccounts);
        const risk::Scope scope = scopes[random() % scopes.size()];
        if (seen.emplace(kind, scope).second)
            limits.breakers.push_back(breaker(random, kind, scope));
    }
    return limits;
}

} // namespace limits_random
