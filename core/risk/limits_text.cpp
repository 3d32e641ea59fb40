// Text form of Limits: schema 2, and what it takes over from schema 1. The tables of single values follow the breakers, so that a
// file that was cut off lacks required fields instead of breakers.
#include "core/risk/limits_text.h"

#include <fmt/format.h>

#include "core/risk/limits_fields.h"

namespace core::risk
{

namespace
{
constexpr std::string_view kNone = "none";
constexpr std::string_view kDefault = "default";

// A value of eachField's list, by its wall.
void take(TomlFields &fields, const std::string &path, const LevelWall &wall, Ratio &value)
{
    value = fields.level(path, wall.unit);
}
void take(TomlFields &fields, const std::string &path, const DurationWall &, Duration &value)
{
    value = fields.duration(path);
}
void take(TomlFields &fields, const std::string &path, const OptionalDurationWall &wall, std::optional<Duration> &value)
{
    value = fields.durationOr(path, wall.absent);
}
void take(TomlFields &fields, const std::string &path, const CountWall &, int &value)
{
    value = fields.integer(path);
}
void take(TomlFields &fields, const std::string &path, const FlagWall &, bool &value)
{
    value = fields.boolean(path);
}
void take(TomlFields &fields, const std::string &path, const EnforcementWall &, Enforcement &value)
{
    value = fields.oneOf(path, {Enforcement::Off, Enforcement::Advisory, Enforcement::Enforced});
}

BreakerKind takeKind(TomlFields &fields, const std::string &path, std::vector<FieldError> &errors)
{
    const std::size_t before = errors.size();
    const std::string text = fields.text(path);
    for (std::size_t i = 0; i < kBreakerKinds; ++i) {
        if (text == name(static_cast<BreakerKind>(i)))
            return static_cast<BreakerKind>(i);
    }
    if (errors.size() == before)
        errors.push_back({path, "is not a known breaker"});
    return BreakerKind::LossOnMargin;
}

Tier takeTier(TomlDocument &document, TomlFields &fields, const std::string &at, BreakerKind kind)
{
    const Unit unit = unitOf(kind);
    Tier tier;
    tier.id = fields.text(at + ".id");
    tier.trigger = fields.level(at + ".trigger", unit);
    tier.rearm = fields.level(at + ".rearm", unit);
    tier.action = fields.oneOf(at + ".action", {TierAction::Alert, TierAction::BlockNewRisk, TierAction::Reduce,
                                                TierAction::Close, TierAction::Flatten});
    if (tier.action == TierAction::Reduce || document.has(at + ".fraction"))
        tier.fraction = fields.level(at + ".fraction", Unit::Share);
    tier.firesMax = fields.integer(at + ".fires_max");
    const auto escalate = fields.durationOr(at + ".escalate_after", kDefault);
    tier.escalateAfter = escalate.value_or(Duration{0});
    tier.coolingOff = fields.durationOr(at + ".cooling_off", kNone);
    return tier;
}

Breaker takeBreaker(TomlDocument &document, TomlFields &fields, const std::string &at,
                    std::vector<FieldError> &errors)
{
    Breaker breaker;
    breaker.kind = takeKind(fields, at + ".kind", errors);
    breaker.scope =
        fields.oneOf(at + ".scope", {Scope::Position, Scope::Symbol, Scope::Account, Scope::AllAccounts});
    breaker.enabled = fields.boolean(at + ".enabled");
    if (breaker.kind == BreakerKind::TrailingStop && document.has(at + ".atr_multiple") == document.has(at + ".distance"))
        errors.push_back({at + ".distance", std::string(kOneDistance)}); // else the unit of its activation is not known
    if (document.has(at + ".atr_multiple"))
        breaker.atrMultiple = fields.level(at + ".atr_multiple", Unit::Multiple);
    if (document.has(at + ".distance"))
        breaker.distance = fields.level(at + ".distance", Unit::Share);
    if (hasActivation(breaker.kind) || document.has(at + ".activation"))
        breaker.activation = fields.level(at + ".activation", activationUnit(breaker));
    const std::size_t tiers = document.count(at + ".tier");
    for (std::size_t i = 0; i < tiers; ++i)
        breaker.tiers.push_back(takeTier(document, fields, fmt::format("{}.tier[{}]", at, i), breaker.kind));
    return breaker;
}

Limits takeLimits(TomlDocument &document, std::vector<FieldError> &errors)
{
    TomlFields fields(document, errors);
    Limits limits;
    limits.schema = fields.integer("schema");
    eachField([&fields](const FieldRule &rule, const auto &wall,
                        auto &value) { take(fields, std::string(rule.path), wall, value); },
              limits);
    for (std::size_t i = 0; i < document.count("breaker"); ++i)
        limits.breakers.push_back(takeBreaker(document, fields, fmt::format("breaker[{}]", i), errors));
    document.reportUnused();
    return limits;
}

TomlDocument documentFor(std::vector<FieldError> &errors)
{
    return {{"behaviour", "sizing", "backstop", "gate"}, {"breaker", "breaker.tier"}, errors};
}

Result<Limits> checked(Limits limits, std::vector<FieldError> errors)
{
    if (errors.empty())
        errors = validate(limits);
    if (!errors.empty())
        return fail(ErrorCode::InvalidArgument, joined(errors));
    return limits;
}

void appendTier(std::string &out, BreakerKind kind, const Tier &tier)
{
    auto to = std::back_inserter(out);
    fmt::format_to(to, "\n[[breaker.tier]]\nid = \"{}\"\n", tier.id);
    const auto level = [kind](Ratio value) {
        const std::string text = levelText(kind, value);
        return unitOf(kind) == Unit::Count ? text : '"' + text + '"';
    };
    fmt::format_to(to, "trigger = {}\nrearm = {}\n", level(tier.trigger), level(tier.rearm));
    fmt::format_to(to, "action = \"{}\"\n", name(tier.action));
    if (tier.action == TierAction::Reduce)
        fmt::format_to(to, "fraction = \"{}\"\n", unitText(Unit::Share, tier.fraction));
    fmt::format_to(to, "fires_max = {}\n", tier.firesMax);
    fmt::format_to(to, "escalate_after = \"{}\"\n",
                   tier.escalateAfter == Duration{0} ? std::string(kDefault) : durationText(tier.escalateAfter));
    fmt::format_to(to, "cooling_off = \"{}\"\n", tier.coolingOff ? durationText(*tier.coolingOff) : std::string(kNone));
}

void appendBreaker(std::string &out, const Breaker &breaker)
{
    auto to = std::back_inserter(out);
    fmt::format_to(to, "\n[[breaker]]\nkind = \"{}\"\nscope = \"{}\"\nenabled = {}\n", name(breaker.kind),
                   name(breaker.scope), breaker.enabled);
    if (breaker.atrMultiple)
        fmt::format_to(to, "atr_multiple = \"{}\"\n", unitText(Unit::Multiple, *breaker.atrMultiple));
    if (breaker.distance)
        fmt::format_to(to, "distance = \"{}\"\n", unitText(Unit::Share, *breaker.distance));
    if (breaker.activation)
        fmt::format_to(to, "activation = \"{}\"\n", unitText(activationUnit(breaker), *breaker.activation));
    for (const Tier &tier : breaker.tiers)
        appendTier(out, breaker.kind, tier);
}

/// Fields of one table ("": those at the top), with its header.
void appendTables(std::string &out, const Limits &limits, bool top)
{
    std::string_view table;
    eachField(
        [&](const FieldRule &rule, const auto &wall, const auto &value) {
            const std::size_t dot = rule.path.find('.');
            if ((dot == std::string_view::npos) != top)
                return;
            const std::string_view own = top ? std::string_view{} : rule.path.substr(0, dot);
            if (own != table)
                fmt::format_to(std::back_inserter(out), "\n[{}]\n", own);
            table = own;
            const std::string text = fieldText(wall, value);
            using Wall = std::decay_t<decltype(wall)>;
            constexpr bool kBare = std::is_same_v<Wall, CountWall> || std::is_same_v<Wall, FlagWall>;
            fmt::format_to(std::back_inserter(out), kBare ? "{} = {}\n" : "{} = \"{}\"\n",
                           top ? rule.path : rule.path.substr(dot + 1), text);
        },
        limits);
}

/// The number after "schema =", however the rest looks; 0 when there is none.
int schemaOf(std::string_view toml)
{
    std::vector<FieldError> ignored;
    TomlDocument document({}, {}, ignored);
    document.read(toml.substr(0, toml.find("\n[")));
    if (!document.has("schema"))
        return 0;
    TomlFields fields(document, ignored);
    return fields.integer("schema");
}
} // namespace

Result<Limits> parseLimits(std::string_view toml)
{
    if (toml.size() > kTomlBytesMax)
        return fail(ErrorCode::ParseFailed, "risk settings: longer than 64 KiB");
    const int schema = schemaOf(toml);
    if (schema == 1)
        return parseSchema1(toml).and_then(overStandard);
    std::vector<FieldError> errors;
    TomlDocument document = documentFor(errors);
    document.read(toml);
    if (errors.empty() && schema > 2) {
        return fail(ErrorCode::NewerVersion,
                    fmt::format("schema: {} is newer than this program, which knows up to 2", schema));
    }
    Limits limits = takeLimits(document, errors);
    return checked(std::move(limits), std::move(errors));
}

std::string toToml(const Limits &limits)
{
    std::string out = fmt::format("schema = {}\n", limits.schema);
    appendTables(out, limits, true);
    for (const Breaker &breaker : limits.breakers)
        appendBreaker(out, breaker);
    appendTables(out, limits, false);
    return out;
}

Result<Limits> withValues(const Limits &limits, const std::vector<std::pair<std::string, std::string>> &values)
{
    std::vector<FieldError> errors;
    TomlDocument document = documentFor(errors);
    document.read(toToml(limits));
    for (const auto &[path, value] : values) {
        const std::string_view key = std::string_view(path).substr(path.rfind('.') + 1);
        const bool removable =
            key == "fraction" || key == "atr_multiple" || key == "distance" || key == "activation";
        if (removable && value == kNone)
            document.remove(path);
        else
            document.set(path, value);
    }
    Limits changed = takeLimits(document, errors);
    return checked(std::move(changed), std::move(errors));
}

std::vector<std::pair<std::string, std::string>> fieldValues(const Limits &limits)
{
    std::vector<FieldError> errors;
    TomlDocument document = documentFor(errors);
    document.read(toToml(limits));
    std::vector<std::pair<std::string, std::string>> values;
    for (const auto &[path, value] : document.values())
        values.emplace_back(path, value.text);
    return values;
}

} // namespace core::risk
