#include <algorithm>
#include <type_traits>

#include <fmt/format.h>

#include "core/risk/limits_fields.h"

namespace core::risk
{

namespace
{
constexpr Duration kDefaultEscalation = std::chrono::seconds{5};

// ---- what is looser ----

template <class Value> bool isLooser(Looser direction, const Value &from, const Value &to)
{
    switch (direction) {
    case Looser::Up: return to > from;
    case Looser::Down: return to < from;
    case Looser::Unclear: break;
    }
    return !(to == from);
}
/// A timer that is not set never ends.
bool isLooser(Looser direction, const std::optional<Duration> &from, const std::optional<Duration> &to)
{
    return isLooser(direction, from.value_or(Duration::max()), to.value_or(Duration::max()));
}

bool triggerLoosens(bool low, Ratio from, Ratio to) { return low ? to < from : to > from; }

/// A block that became something more severe lets new risk in again: in doubt, so it counts as looser.
bool actionLoosens(TierAction from, TierAction to)
{
    return to < from || (from == TierAction::BlockNewRisk && to != from);
}
TierAction tighterAction(TierAction from, TierAction to) { return actionLoosens(from, to) ? from : to; }

std::int64_t gap(const Tier &tier)
{
    const std::int64_t distance = tier.trigger.raw() - tier.rearm.raw(); // both within the walls
    return distance < 0 ? -distance : distance;
}

/// A block ends at the re-arming level: nearer to the trigger is looser. Any other tier can act again from there: farther from
/// the trigger is looser.
bool rearmLoosens(bool low, const Tier &from, const Tier &to)
{
    if (from.rearm == to.rearm)
        return false;
    if (tighterAction(from.action, to.action) == TierAction::BlockNewRisk)
        return low ? to.rearm < from.rearm : to.rearm > from.rearm;
    return gap(to) > gap(from);
}

Duration escalation(const Tier &tier)
{
    return tier.escalateAfter == Duration{0} ? kDefaultEscalation : tier.escalateAfter;
}

bool sameTrail(const Breaker &from, const Breaker &to)
{
    return from.atrMultiple.has_value() == to.atrMultiple.has_value() &&
           from.distance.has_value() == to.distance.has_value();
}

// ---- words ----

std::string actionText(const Tier &tier)
{
    return tier.action == TierAction::Reduce
               ? fmt::format("{} {}", name(tier.action), unitText(Unit::Share, tier.fraction))
               : std::string(name(tier.action));
}
std::string coolingOffText(const Tier &tier) { return tier.coolingOff ? durationText(*tier.coolingOff) : "none"; }

std::string trailText(const Breaker &breaker)
{
    return breaker.atrMultiple ? unitText(Unit::Multiple, *breaker.atrMultiple) + " ATR"
                               : unitText(Unit::Share, breaker.distance.value_or(Ratio{}));
}

std::string summary(const Breaker &breaker)
{
    return fmt::format("{} of {}, {} tiers", name(breaker.kind), name(breaker.scope), breaker.tiers.size());
}
std::string summary(BreakerKind kind, const Tier &tier)
{
    return fmt::format("{} at {}", actionText(tier), levelText(kind, tier.trigger));
}

const Tier *tierOf(const Breaker &breaker, std::string_view id)
{
    const auto it = std::find_if(breaker.tiers.begin(), breaker.tiers.end(),
                                 [id](const Tier &tier) { return tier.id == id; });
    return it == breaker.tiers.end() ? nullptr : &*it;
}

// ---- differences ----

class Differences
{
public:
    std::vector<LimitChange> list;

    void add(std::string field, std::string from, std::string to, bool loosens)
    {
        list.push_back({std::move(field), std::move(from), std::move(to), loosens});
    }

    void tier(BreakerKind kind, const Tier &from, const Tier &to, const std::string &at)
    {
        const bool low = lowIsBad(kind);
        if (from.trigger != to.trigger)
            add(at + ".trigger", levelText(kind, from.trigger), levelText(kind, to.trigger),
                triggerLoosens(low, from.trigger, to.trigger));
        if (from.rearm != to.rearm)
            add(at + ".rearm", levelText(kind, from.rearm), levelText(kind, to.rearm), rearmLoosens(low, from, to));
        if (from.action != to.action)
            add(at + ".action", actionText(from), actionText(to), actionLoosens(from.action, to.action));
        else if (from.fraction != to.fraction)
            add(at + ".fraction", unitText(Unit::Share, from.fraction), unitText(Unit::Share, to.fraction),
                to.fraction < from.fraction);
        if (from.firesMax != to.firesMax)
            add(at + ".fires_max", std::to_string(from.firesMax), std::to_string(to.firesMax),
                to.firesMax < from.firesMax);
        if (from.escalateAfter != to.escalateAfter)
            add(at + ".escalate_after", durationText(escalation(from)), durationText(escalation(to)),
                escalation(to) > escalation(from));
        if (from.coolingOff != to.coolingOff)
            add(at + ".cooling_off", coolingOffText(from), coolingOffText(to),
                to.coolingOff.value_or(Duration{0}) < from.coolingOff.value_or(Duration{0}));
    }

    void distances(const Breaker &from, const Breaker &to, const std::string &at)
    {
        if (!sameTrail(from, to)) {
            add(at + ".distance", trailText(from), trailText(to), true);
            return;
        }
        if (from.atrMultiple != to.atrMultiple || from.distance != to.distance)
            add(at + (to.atrMultiple ? ".atr_multiple" : ".distance"), trailText(from), trailText(to),
                to.atrMultiple > from.atrMultiple || to.distance > from.distance);
        if (from.activation != to.activation)
            add(at + ".activation", unitText(activationUnit(from), from.activation.value_or(Ratio{})),
                unitText(activationUnit(to), to.activation.value_or(Ratio{})), to.activation > from.activation);
    }

    void breaker(const Breaker &from, const Breaker &to, const std::string &at)
    {
        if (from.enabled != to.enabled)
            add(at + ".enabled", from.enabled ? "true" : "false", to.enabled ? "true" : "false", from.enabled);
        distances(from, to, at);
        for (std::size_t i = 0; i < to.tiers.size(); ++i) {
            const std::string path = fmt::format("{}.tier[{}]", at, i);
            if (const Tier *before = tierOf(from, to.tiers[i].id))
                tier(from.kind, *before, to.tiers[i], path);
            else
                add(path, "none", summary(to.kind, to.tiers[i]), false);
        }
        for (const Tier &before : from.tiers) {
            if (tierOf(to, before.id) == nullptr)
                add(fmt::format("{}.tier '{}'", at, before.id), summary(from.kind, before), "none", true);
        }
    }
};

// ---- what holds at once ----

Tier tightenedTier(BreakerKind kind, const Tier &from, const Tier &to)
{
    const bool low = lowIsBad(kind);
    Tier held = to;
    held.trigger = low ? std::max(from.trigger, to.trigger) : std::min(from.trigger, to.trigger);
    held.action = tighterAction(from.action, to.action);
    if (held.action == TierAction::BlockNewRisk) {
        held.rearm = low ? std::max(from.rearm, to.rearm) : std::min(from.rearm, to.rearm);
    } else {
        const std::int64_t distance = std::min(gap(from), gap(to));
        held.rearm = low ? std::min(Ratio::fromRaw(held.trigger.raw() + distance), levelMost(kind))
                         : std::max(Ratio::fromRaw(held.trigger.raw() - distance), Ratio{});
    }
    held.fraction = held.action == TierAction::Reduce ? std::max(from.fraction, to.fraction) : Ratio{};
    held.firesMax = std::max(from.firesMax, to.firesMax);
    if (escalation(to) > escalation(from))
        held.escalateAfter = from.escalateAfter;
    if (from.coolingOff.value_or(Duration{0}) > to.coolingOff.value_or(Duration{0}))
        held.coolingOff = from.coolingOff;
    return held;
}

Breaker tightenedBreaker(const Breaker &from, const Breaker &to)
{
    constexpr std::size_t kTiersMax = 16;
    Breaker held = to;
    held.enabled = from.enabled || to.enabled;
    if (sameTrail(from, to)) {
        held.atrMultiple = std::min(from.atrMultiple, to.atrMultiple);
        held.distance = std::min(from.distance, to.distance);
        held.activation = std::min(from.activation, to.activation);
    } else {
        held.atrMultiple = from.atrMultiple;
        held.distance = from.distance;
        held.activation = from.activation;
    }
    for (Tier &tier : held.tiers) {
        if (const Tier *before = tierOf(from, tier.id))
            tier = tightenedTier(from.kind, *before, tier);
    }
    for (const Tier &before : from.tiers) {
        if (tierOf(to, before.id) == nullptr)
            held.tiers.push_back(before);
    }
    // Tiers that are kept go before tiers that are new.
    for (std::size_t i = held.tiers.size(); i-- > 0 && held.tiers.size() > kTiersMax;) {
        if (tierOf(from, held.tiers[i].id) == nullptr)
            held.tiers.erase(held.tiers.begin() + static_cast<std::ptrdiff_t>(i));
    }
    const bool low = lowIsBad(held.kind);
    std::stable_sort(held.tiers.begin(), held.tiers.end(), [low](const Tier &a, const Tier &b) {
        return low ? a.trigger > b.trigger : a.trigger < b.trigger;
    });
    return held;
}
} // namespace

std::vector<LimitChange> changes(const Limits &from, const Limits &to)
{
    Differences differences;
    eachField(
        [&differences](const FieldRule &rule, const auto &wall, const auto &before, const auto &after) {
            if (!(before == after))
                differences.add(std::string(rule.path), fieldText(wall, before), fieldText(wall, after),
                                isLooser(rule.looser, before, after));
        },
        from, to);
    for (std::size_t i = 0; i < to.breakers.size(); ++i) {
        const Breaker &after = to.breakers[i];
        const std::string at = fmt::format("breaker[{}]", i);
        if (const Breaker *before = find(from, after.kind, after.scope))
            differences.breaker(*before, after, at);
        else
            differences.add(at, "none", summary(after), false);
    }
    for (const Breaker &before : from.breakers) {
        if (find(to, before.kind, before.scope) == nullptr)
            differences.add(fmt::format("breaker '{}/{}'", name(before.kind), name(before.scope)), summary(before),
                            "none", true);
    }
    return std::move(differences.list);
}

Limits tightened(const Limits &from, const Limits &to)
{
    Limits held = to;
    eachField(
        [](const FieldRule &rule, const auto &, const auto &before, auto &after) {
            if (isLooser(rule.looser, before, after))
                after = before;
        },
        from, held);
    for (Breaker &breaker : held.breakers) {
        if (const Breaker *before = find(from, breaker.kind, breaker.scope))
            breaker = tightenedBreaker(*before, breaker);
    }
    for (const Breaker &before : from.breakers) {
        if (find(to, before.kind, before.scope) == nullptr)
            held.breakers.push_back(before);
    }
    return held;
}

} // namespace core::risk
