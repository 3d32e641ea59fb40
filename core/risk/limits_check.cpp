#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "core/risk/ladder.h"
#include "core/risk/limits_fields.h"

namespace core::risk
{

namespace
{
constexpr std::size_t kTiersMax = 16;
constexpr std::size_t kTierIdLengthMax = 32;
constexpr int kFiresMaxMax = 100;
constexpr LevelWall kAtrMultipleWall{Unit::Multiple, basisPoints(1000), whole(20)};
constexpr LevelWall kDistanceWall{Unit::Share, basisPoints(5), percent(50)};
constexpr DurationWall kEscalateWall{std::chrono::seconds{1}, std::chrono::seconds{60}};
constexpr DurationWall kCoolingOffWall{std::chrono::minutes{1}, std::chrono::hours{720}};

bool isTierId(std::string_view id)
{
    return !id.empty() && id.size() <= kTierIdLengthMax && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    });
}

class Checker
{
public:
    std::vector<FieldError> errors;

    void add(const std::string &field, std::string rule) { errors.push_back({field, std::move(rule)}); }

    void inside(const std::string &field, const LevelWall &wall, Ratio value)
    {
        if (value >= wall.least && value <= wall.most)
            return;
        const std::string most = unitText(wall.unit, wall.most);
        add(field, wall.least == kLeast
                       ? fmt::format("must be above {} and at most {}", unitText(wall.unit, Ratio{}), most)
                       : fmt::format("must be {} to {}", unitText(wall.unit, wall.least), most));
    }
    void inside(const std::string &field, const DurationWall &wall, Duration value)
    {
        if (value < wall.least || value > wall.most)
            add(field, fmt::format("must be {} to {}", durationText(wall.least), durationText(wall.most)));
        else if (value.count() % 1'000'000 != 0)
            add(field, "must be whole milliseconds");
    }
    void inside(const std::string &field, const OptionalDurationWall &wall, const std::optional<Duration> &value)
    {
        if (value)
            inside(field, DurationWall{wall.least, wall.most}, *value);
    }
    void inside(const std::string &field, const CountWall &wall, int value)
    {
        if (value < wall.least || value > wall.most)
            add(field, fmt::format("must be {} to {}", wall.least, wall.most));
    }
    void inside(const std::string &, const FlagWall &, bool) {}
    void inside(const std::string &field, const EnforcementWall &, Enforcement value)
    {
        if (value < Enforcement::Off || value > Enforcement::Enforced)
            add(field, "must be off, advisory or enforced");
    }

    void levels(BreakerKind kind, const Tier &tier, const std::string &at)
    {
        const Unit unit = unitOf(kind);
        inside(at + ".trigger", LevelWall{unit, kLeast, levelMost(kind)}, tier.trigger);
        if (tier.rearm.isNegative() || tier.rearm > levelMost(kind))
            add(at + ".rearm", fmt::format("must be {} to {}", unitText(unit, Ratio{}), unitText(unit, levelMost(kind))));
        else if (lowIsBad(kind) ? tier.rearm <= tier.trigger : tier.rearm >= tier.trigger)
            add(at + ".rearm", lowIsBad(kind) ? "must be greater than the trigger" : "must be less than the trigger");
        if (unit != Unit::Count)
            return;
        if (tier.trigger.raw() % kDecimalOne != 0)
            add(at + ".trigger", "must be a whole number");
        if (tier.rearm.raw() % kDecimalOne != 0)
            add(at + ".rearm", "must be a whole number");
    }

    void action(const Breaker &breaker, const Tier &tier, const std::string &at)
    {
        if (tier.action < TierAction::Alert || tier.action > TierAction::Flatten)
            add(at + ".action", "must be alert, block-new-risk, reduce, close or flatten");
        if (tier.action > actionMax(breaker.kind))
            add(at + ".action", "must be alert or block-new-risk: nothing is closed on stale data");
        if (tier.action == TierAction::Reduce) {
            if (!tier.fraction.isPositive() || tier.fraction >= percent(100))
                add(at + ".fraction", "must be above 0 % and below 100 %");
        } else if (!tier.fraction.isZero()) {
            add(at + ".fraction", "belongs to the action reduce only");
        }
        if (tier.coolingOff) {
            inside(at + ".cooling_off", kCoolingOffWall, *tier.coolingOff);
            if (tier.action == TierAction::Alert)
                add(at + ".cooling_off", "must be none: an alert locks nothing");
        } else if (tier.action == TierAction::BlockNewRisk && endsByTradingOnly(breaker.kind)) {
            add(at + ".cooling_off", "must not be none: only new trades could end this block");
        }
        if (tier.escalateAfter != Duration{0})
            inside(at + ".escalate_after", kEscalateWall, tier.escalateAfter);
    }

    void breaker(const Breaker &breaker, const std::string &at)
    {
        const auto scopes = scopesOf(breaker.kind);
        if (std::find(scopes.begin(), scopes.end(), breaker.scope) == scopes.end()) {
            std::string words;
            for (const Scope scope : scopes)
                words += fmt::format("{}{}", words.empty() ? "" : ", ", name(scope));
            add(at + ".scope", fmt::format("of {} must be one of {}", name(breaker.kind), words));
        }
        distances(breaker, at);
        if (breaker.tiers.empty() || breaker.tiers.size() > kTiersMax)
            add(at + ".tier", "must have 1 to 16 entries");
        std::set<std::string_view> ids;
        for (std::size_t i = 0; i < breaker.tiers.size() && i < kTiersMax; ++i) {
            const Tier &tier = breaker.tiers[i];
            const std::string path = fmt::format("{}.tier[{}]", at, i);
            if (!isTierId(tier.id))
                add(path + ".id", "must be 1 to 32 letters, digits or '-'");
            else if (!ids.insert(tier.id).second)
                add(path + ".id", "must be unique within the breaker");
            levels(breaker.kind, tier, path);
            action(breaker, tier, path);
            inside(path + ".fires_max", CountWall{1, kFiresMaxMax}, tier.firesMax);
            if (i == 0)
                continue;
            const Ratio before = breaker.tiers[i - 1].trigger;
            if (lowIsBad(breaker.kind) ? tier.trigger > before : tier.trigger < before)
                add(path + ".trigger", lowIsBad(breaker.kind)
                                           ? "must not be greater than the trigger of the tier before it"
                                           : "must not be less than the trigger of the tier before it");
        }
    }

private:
    static bool endsByTradingOnly(BreakerKind kind)
    {
        return kind == BreakerKind::ConsecutiveLosses || kind == BreakerKind::Drawdown;
    }

    void distances(const Breaker &breaker, const std::string &at)
    {
        const bool trails = breaker.kind == BreakerKind::TrailingStop;
        if (!trails && breaker.atrMultiple)
            add(at + ".atr_multiple", "belongs to trailing-stop only");
        if (!trails && breaker.distance)
            add(at + ".distance", "belongs to trailing-stop only");
        if (trails && breaker.atrMultiple.has_value() == breaker.distance.has_value())
            add(at + ".distance", std::string(kOneDistance));
        if (trails && breaker.atrMultiple)
            inside(at + ".atr_multiple", kAtrMultipleWall, *breaker.atrMultiple);
        if (trails && breaker.distance)
            inside(at + ".distance", kDistanceWall, *breaker.distance);
        if (!hasActivation(breaker.kind)) {
            if (breaker.activation)
                add(at + ".activation", "belongs to trailing-stop, giveback and profit-floor only");
            return;
        }
        if (!breaker.activation)
            add(at + ".activation", "is missing");
        else if (activationUnit(breaker) == Unit::Multiple)
            inside(at + ".activation", LevelWall{Unit::Multiple, Ratio{}, whole(20)}, *breaker.activation);
        else
            inside(at + ".activation", LevelWall{Unit::Share, trails ? Ratio{} : kLeast, percent(100)},
                   *breaker.activation);
    }
};

void checkTogether(const Limits &limits, Checker &check)
{
    if (limits.closeSlippageSecond < limits.closeSlippageFirst)
        check.add("close_slippage_second", "must not be less than close_slippage_first");
    if (limits.coolingOffCap < limits.coolingOffBase)
        check.add("cooling_off_cap", "must not be less than cooling_off_base");
    if (limits.dayStartsAt.count() % Duration{std::chrono::minutes{1}}.count() != 0)
        check.add("day_starts_at", "must be whole minutes");
    if (limits.behaviour.tiltLock <= limits.behaviour.tiltWarn)
        check.add("behaviour.tilt_lock", "must be greater than tilt_warn");
    if (limits.gate.ordersPerMinute < limits.gate.ordersPerSecond)
        check.add("gate.orders_per_minute", "must not be less than orders_per_second");
}
} // namespace

std::vector<FieldError> validate(const Limits &limits)
{
    Checker check;
    if (limits.schema != 2)
        check.add("schema", "must be 2");
    eachField([&check](const FieldRule &rule, const auto &wall,
                       const auto &value) { check.inside(std::string(rule.path), wall, value); },
              limits);
    checkTogether(limits, check);
    if (limits.breakers.empty())
        check.add("breaker", "must have at least one entry");
    const bool group = isGroup(limits);
    std::set<std::tuple<BreakerKind, Scope>> seen;
    for (std::size_t i = 0; i < limits.breakers.size(); ++i) {
        const Breaker &breaker = limits.breakers[i];
        const std::string at = fmt::format("breaker[{}]", i);
        if (static_cast<std::size_t>(breaker.kind) >= kBreakerKinds) {
            check.add(at + ".kind", "is not a known breaker");
            continue;
        }
        check.breaker(breaker, at);
        if (!group && breaker.scope == Scope::AllAccounts)
            check.add(at + ".scope", "all-accounts belongs to the limits over all accounts, which have no other scope");
        if (!seen.emplace(breaker.kind, breaker.scope).second)
            check.add(at + ".kind", fmt::format("{} of this scope is given twice", name(breaker.kind)));
    }
    return std::move(check.errors);
}

} // namespace core::risk
