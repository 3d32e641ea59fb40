#include <fmt/format.h>

#include "core/risk/limits_text.h"
#include "core/risk/toml_fields.h"

namespace core::risk
{

namespace
{
Tier takeTier(TomlDocument &document, TomlFields &fields, const std::string &at, std::vector<FieldError> &errors)
{
    Tier tier;
    tier.id = fields.text(at + ".id");
    tier.trigger = fields.level(at + ".trigger", Unit::Share);
    tier.rearm = fields.level(at + ".rearm", Unit::Share);
    tier.action = fields.oneOf(at + ".action", {TierAction::Alert, TierAction::Reduce, TierAction::Close});
    if (tier.action == TierAction::Reduce || document.has(at + ".fraction")) {
        tier.fraction = fields.level(at + ".fraction", Unit::Share);
        if (tier.action != TierAction::Reduce)
            errors.push_back({at + ".fraction", "belongs to the action reduce only"});
    }
    tier.firesMax = fields.integer(at + ".fires_max");
    return tier;
}
} // namespace

Result<Schema1> parseSchema1(std::string_view toml)
{
    if (toml.size() > kTomlBytesMax)
        return fail(ErrorCode::ParseFailed, "risk settings: longer than 64 KiB");
    std::vector<FieldError> errors;
    TomlDocument document({"position_loss"}, {"position_loss.tiers"}, errors);
    document.read(toml);
    TomlFields fields(document, errors);
    Schema1 old;
    old.schema = fields.integer("schema");
    if (errors.empty() && old.schema > 1) {
        return fail(ErrorCode::NewerVersion,
                    fmt::format("schema: {} was written by a newer program; this one knows 1", old.schema));
    }
    old.markStaleAfter = fields.duration("mark_stale_after");
    old.accountStaleAfter = fields.duration("account_stale_after");
    old.closeSlippageFirst = fields.level("close_slippage_first", Unit::Share);
    old.closeSlippageSecond = fields.level("close_slippage_second", Unit::Share);
    if (!document.hasTable("position_loss"))
        errors.push_back({"position_loss", "is missing"});
    old.enabled = fields.boolean("position_loss.enabled");
    for (std::size_t i = 0; i < document.count("position_loss.tiers"); ++i)
        old.tiers.push_back(takeTier(document, fields, fmt::format("position_loss.tiers[{}]", i), errors));
    document.reportUnused();
    if (!errors.empty())
        return fail(ErrorCode::InvalidArgument, joined(errors));
    return old;
}

Result<Limits> overStandard(const Schema1 &old)
{
    if (old.schema != 1)
        return fail(ErrorCode::InvalidArgument, "schema: must be 1");
    Limits limits = defaultLimits();
    limits.markStaleAfter = old.markStaleAfter;
    limits.accountStaleAfter = old.accountStaleAfter;
    limits.closeSlippageFirst = old.closeSlippageFirst;
    limits.closeSlippageSecond = old.closeSlippageSecond;
    std::string at;
    for (std::size_t i = 0; i < limits.breakers.size(); ++i) {
        Breaker &breaker = limits.breakers[i];
        if (breaker.kind != BreakerKind::LossOnMargin)
            continue;
        breaker.enabled = old.enabled;
        breaker.tiers = old.tiers;
        at = fmt::format("breaker[{}].tier", i);
    }
    auto errors = validate(limits);
    for (FieldError &error : errors) {
        if (error.field.starts_with(at))
            error.field.replace(0, at.size(), "position_loss.tiers");
    }
    if (!errors.empty())
        return fail(ErrorCode::InvalidArgument, joined(errors));
    return limits;
}

} // namespace core::risk
