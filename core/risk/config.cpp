#include "core/risk/config.h"

#include <set>

#include <fmt/format.h>

namespace core::risk
{

namespace
{
constexpr Ratio percent(std::int64_t value, std::int64_t tenths = 0)
{
    return Ratio::fromRaw(value * (kDecimalOne / 100) + tenths * (kDecimalOne / 1000));
}

// The outer walls. They exist so that a wrong unit or a slipped digit is refused instead of becoming a limit
// that never fires.
constexpr std::size_t kTiersMax = 16;
constexpr std::size_t kTierIdLengthMax = 32;
constexpr Ratio kTriggerMax = percent(1000);
constexpr int kFiresMaxMax = 100;
constexpr Ratio kSlippageMax = percent(10);
constexpr Duration kMarkStaleMin = std::chrono::milliseconds{500};
constexpr Duration kMarkStaleMax = std::chrono::seconds{30};
constexpr Duration kAccountStaleMin = std::chrono::seconds{5};
constexpr Duration kAccountStaleMax = std::chrono::seconds{300};

bool isTierId(std::string_view id)
{
    if (id.empty() || id.size() > kTierIdLengthMax)
        return false;
    for (const char c : id) {
        const bool ok =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
        if (!ok)
            return false;
    }
    return true;
}

void checkTier(const LossTier &tier, const std::string &at, std::vector<FieldError> &errors)
{
    if (!isTierId(tier.id))
        errors.push_back({at + ".id", "must be 1 to 32 letters, digits or '-'"});
    if (!tier.trigger.isPositive() || tier.trigger > kTriggerMax)
        errors.push_back({at + ".trigger", "must be above 0 % and at most 1000 %"});
    if (tier.rearm.isNegative())
        errors.push_back({at + ".rearm", "must not be negative"});
    else if (tier.rearm >= tier.trigger)
        errors.push_back({at + ".rearm", "must be less than the trigger"});
    if (tier.firesMax < 1 || tier.firesMax > kFiresMaxMax)
        errors.push_back({at + ".fires_max", "must be 1 to 100"});
    if (tier.action == LossAction::ReducePosition) {
        if (!tier.fraction.isPositive() || tier.fraction >= percent(100))
            errors.push_back({at + ".fraction", "must be above 0 % and below 100 %"});
    } else if (!tier.fraction.isZero()) {
        errors.push_back({at + ".fraction", "belongs to the action reduce only"});
    }
}

void checkDuration(Duration value, Duration least, Duration most, const char *field, const char *rule,
                   std::vector<FieldError> &errors)
{
    if (value < least || value > most)
        errors.push_back({field, rule});
    else if (value.count() % 1'000'000 != 0)
        errors.push_back({field, "must be whole milliseconds"});
}
} // namespace

std::string_view name(Arming arming)
{
    switch (arming) {
    case Arming::Off: return "off";
    case Arming::AlertOnly: return "alert-only";
    case Arming::Armed: return "armed";
    }
    return "unknown";
}

std::string_view name(LossAction action)
{
    switch (action) {
    case LossAction::Alert: return "alert";
    case LossAction::ReducePosition: return "reduce";
    case LossAction::ClosePosition: return "close";
    }
    return "unknown";
}

RiskConfig defaultRiskConfig()
{
    RiskConfig config;
    config.positionLoss.tiers = {
        {.id = "alert",
         .trigger = percent(15),
         .rearm = percent(10, 5),
         .action = LossAction::Alert,
         .fraction = {},
         .firesMax = 20},
        {.id = "reduce",
         .trigger = percent(22, 5),
         .rearm = percent(18),
         .action = LossAction::ReducePosition,
         .fraction = percent(50),
         .firesMax = 1},
        {.id = "close",
         .trigger = percent(30),
         .rearm = percent(24),
         .action = LossAction::ClosePosition,
         .fraction = {},
         .firesMax = 1},
    };
    config.closeSlippageFirst = percent(0, 5);
    config.closeSlippageSecond = percent(1, 5);
    return config;
}

std::vector<FieldError> validate(const RiskConfig &config)
{
    std::vector<FieldError> errors;
    if (config.schema != 1)
        errors.push_back({"schema", "must be 1"});
    checkDuration(config.markStaleAfter, kMarkStaleMin, kMarkStaleMax, "mark_stale_after",
                  "must be 500 ms to 30 s", errors);
    checkDuration(config.accountStaleAfter, kAccountStaleMin, kAccountStaleMax, "account_stale_after",
                  "must be 5 s to 300 s", errors);
    if (!config.closeSlippageFirst.isPositive() || config.closeSlippageFirst > kSlippageMax)
        errors.push_back({"close_slippage_first", "must be above 0 % and at most 10 %"});
    if (config.closeSlippageSecond < config.closeSlippageFirst)
        errors.push_back({"close_slippage_second", "must not be less than close_slippage_first"});
    else if (config.closeSlippageSecond > kSlippageMax)
        errors.push_back({"close_slippage_second", "must be at most 10 %"});

    const auto &tiers = config.positionLoss.tiers;
    if (tiers.empty() || tiers.size() > kTiersMax)
        errors.push_back({"position_loss.tiers", "must have 1 to 16 entries"});
    std::set<std::string_view> ids;
    for (std::size_t i = 0; i < tiers.size() && i < kTiersMax; ++i) {
        const std::string at = fmt::format("position_loss.tiers[{}]", i);
        checkTier(tiers[i], at, errors);
        if (!ids.insert(tiers[i].id).second)
            errors.push_back({at + ".id", "must be unique within the breaker"});
        if (i > 0 && tiers[i].trigger <= tiers[i - 1].trigger)
            errors.push_back({at + ".trigger", "must be greater than the trigger of the tier before it"});
    }
    return errors;
}

} // namespace core::risk
