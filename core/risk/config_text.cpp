// Text form of RiskConfig: schema 1, read by what takes it over into schema 2.
#include "core/risk/config.h"

#include <fmt/format.h>

#include "core/risk/limits_text.h"
#include "core/risk/toml_fields.h"

namespace core::risk
{

namespace
{
LossAction lossAction(TierAction action)
{
    switch (action) {
    case TierAction::Reduce: return LossAction::ReducePosition;
    case TierAction::Close: return LossAction::ClosePosition;
    default: return LossAction::Alert; // parseSchema1 knows no other
    }
}
} // namespace

Result<RiskConfig> parseRiskConfig(std::string_view toml)
{
    const auto old = parseSchema1(toml);
    if (!old)
        return fail(old.error());
    RiskConfig config;
    config.schema = old->schema;
    config.markStaleAfter = old->markStaleAfter;
    config.accountStaleAfter = old->accountStaleAfter;
    config.closeSlippageFirst = old->closeSlippageFirst;
    config.closeSlippageSecond = old->closeSlippageSecond;
    config.positionLoss.enabled = old->enabled;
    for (const Tier &tier : old->tiers) {
        config.positionLoss.tiers.push_back({.id = tier.id,
                                             .trigger = tier.trigger,
                                             .rearm = tier.rearm,
                                             .action = lossAction(tier.action),
                                             .fraction = tier.fraction,
                                             .firesMax = tier.firesMax});
    }
    const auto errors = validate(config);
    if (!errors.empty())
        return fail(ErrorCode::InvalidArgument, joined(errors));
    return config;
}

std::string toToml(const RiskConfig &config)
{
    const auto share = [](Ratio ratio) { return unitText(Unit::Share, ratio); };
    std::string out;
    auto to = std::back_inserter(out);
    fmt::format_to(to, "schema = {}\n", config.schema);
    fmt::format_to(to, "mark_stale_after = \"{}\"\n", durationText(config.markStaleAfter));
    fmt::format_to(to, "account_stale_after = \"{}\"\n", durationText(config.accountStaleAfter));
    fmt::format_to(to, "close_slippage_first = \"{}\"\n", share(config.closeSlippageFirst));
    fmt::format_to(to, "close_slippage_second = \"{}\"\n", share(config.closeSlippageSecond));
    fmt::format_to(to, "\n[position_loss]\nenabled = {}\n", config.positionLoss.enabled);
    for (const LossTier &tier : config.positionLoss.tiers) {
        fmt::format_to(to, "\n[[position_loss.tiers]]\nid = \"{}\"\n", tier.id);
        fmt::format_to(to, "trigger = \"{}\"\nrearm = \"{}\"\n", share(tier.trigger), share(tier.rearm));
        fmt::format_to(to, "action = \"{}\"\n", name(tier.action));
        if (tier.action == LossAction::ReducePosition)
            fmt::format_to(to, "fraction = \"{}\"\n", share(tier.fraction));
        fmt::format_to(to, "fires_max = {}\n", tier.firesMax);
    }
    return out;
}

} // namespace core::risk
