#include "core/risk/sizing.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/risk/position_math.h"

namespace core::risk
{

namespace
{
constexpr double kMultiplierLeast = 0.1;
constexpr int kTripsForKelly = 20;
constexpr double kStopDistances = 2; ///< liquidation at least so many stop distances away,
constexpr double kDaySigmas = 3;     ///< and so many daily σ

struct Numbers {
    double entry;
    double stop;
    double equity;
    int sign;
};

Result<void> check(const SizingInput &input)
{
    if (input.instrument == nullptr || !input.instrument->stepSize.isPositive())
        return fail(ErrorCode::InvalidArgument, "symbol: its lot step is not known");
    if (!input.entry.isPositive())
        return fail(ErrorCode::InvalidArgument, "entry: must be above 0");
    if (!input.stop.isPositive())
        return fail(ErrorCode::InvalidArgument, "stop: must be above 0");
    if (!input.equity.isPositive())
        return fail(ErrorCode::InvalidArgument, "equity: must be above 0");
    if (input.stop == input.entry || (input.stop > input.entry) == (input.direction == Direction::Long))
        return fail(ErrorCode::InvalidArgument, input.direction == Direction::Long
                                                    ? "stop: must be below the entry of a long"
                                                    : "stop: must be above the entry of a short");
    if (input.feeOut.isNegative() || input.limits.slippageAllowance.isNegative())
        return fail(ErrorCode::InvalidArgument, "fee_out: must not be negative");
    return {};
}

SizeCap unknown(std::string name, std::string why)
{
    return {std::move(name), std::nullopt, "not evaluable: " + std::move(why)};
}

void capByKelly(const SizingInput &in, const Numbers &n, double lossPerUnit, SizeAnswer &answer)
{
    if (!in.evidence || in.evidence->wins + in.evidence->losses < kTripsForKelly) {
        const int trips = in.evidence ? in.evidence->wins + in.evidence->losses : 0;
        // Without evidence the share is zero (8.3); as a cap it would forbid every first trade, so it abstains and says so.
        answer.caps.push_back(unknown("kelly", fmt::format("{} own trades of this kind, {} are needed", trips, kTripsForKelly)));
        return;
    }
    const auto share = doubtfulKelly(*in.evidence);
    if (!share) {
        answer.caps.push_back(unknown("kelly", "the payoff of the own trades is not positive"));
        return;
    }
    const double lambda = std::min(0.5, in.limits.kellyFraction.toDouble());
    answer.caps.push_back({"kelly", n.equity * lambda * *share / lossPerUnit,
                           fmt::format("{:.2f} of the cautious Kelly share {:.2f} % of equity", lambda, *share * 100)});
}

void capByVolatility(const SizingInput &in, const Numbers &n, SizeAnswer &answer)
{
    if (!in.sigmaYear || !(*in.sigmaYear > 0)) {
        answer.caps.push_back(unknown("volatility", "the volatility is not known yet"));
        return;
    }
    const double target = in.limits.volatilityTarget.toDouble();
    answer.caps.push_back({"volatility", n.equity * target / *in.sigmaYear / n.entry,
                           fmt::format("target {:.1f} % a year at a volatility of {:.1f} %", target * 100, *in.sigmaYear * 100)});
}

void capByPortfolio(const SizingInput &in, const Numbers &n, SizeAnswer &answer)
{
    if (!in.portfolio) {
        answer.caps.push_back(unknown("correlation", "correlations are not known yet"));
        answer.caps.push_back(unknown("portfolio", "covariances are not known yet"));
        return;
    }
    const SizingInput::Portfolio &p = *in.portfolio;
    const double most = in.limits.correlatedMax.toDouble() * n.equity;
    answer.caps.push_back({"correlation", largestAddition(p.notionals, p.correlation, p.index, n.sign, most) / n.entry,
                           fmt::format("correlated exposure at most {:.0f} % of equity", in.limits.correlatedMax.toDouble() * 100)});
    if (p.covariance)
        answer.caps.push_back(
            {"portfolio", largestAddition(p.notionals, *p.covariance, p.index, n.sign, in.portfolioSigmaMax * n.equity) / n.entry,
             fmt::format("volatility of the whole book at most {:.0f} % a year", in.portfolioSigmaMax * 100)});
    else
        answer.caps.push_back(unknown("portfolio", "the volatility of a position is not known yet"));
}

void capByLiquidity(const SizingInput &in, const Numbers &n, SizeAnswer &answer)
{
    if (!in.depth && !in.hourVolume) {
        answer.caps.push_back(unknown("liquidity", "neither book depth nor volume is known"));
        return;
    }
    double most = in.depth ? in.depth->toDouble() : HUGE_VAL;
    std::string text = in.depth ? fmt::format("{} within {:.0f} bps", in.depth->text(), in.limits.liquidityBps.toDouble() * 1e4)
                                : std::string("book depth unknown");
    if (in.hourVolume) {
        most = std::min(most, in.hourVolume->toDouble() * in.limits.liquidityHourShare.toDouble() / n.entry);
        text += fmt::format(", {:.1f} % of an hour's volume", in.limits.liquidityHourShare.toDouble() * 100);
    }
    answer.caps.push_back({"liquidity", most, std::move(text)});
}

void capByLiquidation(const SizingInput &in, const Numbers &n, SizeAnswer &answer)
{
    if (in.instrument->marginTiers.empty()) {
        answer.caps.push_back(unknown("liq_distance", "the margin tiers are not known"));
        return;
    }
    const double stopDistance = std::abs(n.entry - n.stop) / n.entry;
    double distance = kStopDistances * stopDistance;
    if (in.sigmaDay)
        distance = std::max(distance, kDaySigmas * *in.sigmaDay);
    if (!in.sigmaDay)
        answer.complete = false;
    if (n.sign > 0 && distance >= 1) {
        answer.caps.push_back(unknown("liq_distance", "the wanted distance is the whole price"));
        return;
    }
    const double backing = in.isolatedMargin ? in.isolatedMargin->toDouble()
                                             : n.equity - in.maintenanceOthers.value_or(Money{}).toDouble();
    // The rate grows with the tier, so the first tier whose own answer lies inside it (or below it) holds.
    double most = 0;
    for (const MarginTier &tier : in.instrument->marginTiers) {
        const double price = n.entry * (1 - n.sign * distance);
        const double rate = tier.maintenanceRate.toDouble();
        // backing + s q (P − entry) = q P rate − deduction
        const double perUnit = n.sign * (n.entry - price) + price * rate;
        const double quantity = perUnit > 0 ? (backing + tier.deduction.toDouble()) / perUnit : HUGE_VAL;
        const double inside = std::min(quantity, tier.cap.toDouble() / price);
        if (inside * price > tier.floor.toDouble())
            most = std::max(most, inside);
        if (quantity * price <= tier.cap.toDouble())
            break;
    }
    answer.caps.push_back({"liq_distance", std::max(0.0, most),
                           fmt::format("liquidation at least {:.2f} % away{}", distance * 100,
                                       in.sigmaDay ? "" : " (two stop distances; daily volatility not known)")});
}

/// Loss of `quantity` at the stop with fees and slippage, rounded up.
Result<Money> lossAtStop(const SizingInput &in, Quantity quantity)
{
    const auto move = in.direction == Direction::Long ? subtract(in.entry, in.stop) : subtract(in.stop, in.entry);
    Result<Money> sum = move.and_then([&](Price m) { return notional(m, quantity, Rounding::Ceil); });
    const auto plus = [&](Price price, Ratio rate) {
        const auto value = notional(price, quantity, Rounding::Ceil).and_then([&](Money m) {
            return scaled(m, rate, Rounding::Ceil);
        });
        if (!sum || !value)
            return;
        sum = add(*sum, *value);
    };
    plus(in.entry, in.feeIn);
    plus(in.stop, in.feeOut);
    plus(in.stop, in.limits.slippageAllowance);
    return sum;
}

/// `wanted` down to the step; then down by steps until the exact loss is within `most` (doubles may be a hair above).
Quantity settled(const SizingInput &in, double wanted, double most)
{
    const Quantity step = in.instrument->stepSize;
    const double units = std::floor(wanted / step.toDouble() * (1 + 1e-12));
    if (!(units > 0))
        return {};
    const double raw = std::min(units * static_cast<double>(step.raw()), 9.0e18);
    Quantity quantity = floorToStep(Quantity::fromRaw(static_cast<std::int64_t>(raw)), step);
    while (quantity.isPositive()) {
        const auto loss = lossAtStop(in, quantity);
        if (loss && loss->toDouble() <= most * (1 + 1e-12))
            break;
        quantity = Quantity::fromRaw(quantity.raw() - step.raw());
    }
    return quantity;
}

double multiplierOf(const SizingInput &in, SizeAnswer &answer)
{
    double product = 1;
    if (in.drawdown)
        product *= drawdownMultiplier(*in.drawdown, in.drawdownMax);
    product *= in.streak.value_or(1.0) * in.state.value_or(1.0);
    if (in.volatilityExponent > 0) {
        if (in.sigmaYear && in.sigmaUsualYear && *in.sigmaYear > 0 && *in.sigmaUsualYear > 0)
            product *= volatilityMultiplier(*in.sigmaUsualYear, *in.sigmaYear, in.volatilityExponent);
        else
            answer.complete = false;
    }
    return std::clamp(product, kMultiplierLeast, 1.0);
}

void conclude(const SizingInput &in, const Numbers &n, SizeAnswer &answer)
{
    const SizeCap *smallest = nullptr;
    for (const SizeCap &cap : answer.caps) {
        answer.complete = answer.complete && cap.quantity.has_value();
        if (cap.quantity && (smallest == nullptr || *cap.quantity < *smallest->quantity))
            smallest = &cap;
    }
    answer.binding = smallest->name; // "risk" is always there
    answer.quantity = settled(in, *smallest->quantity, answer.riskMoney);
    const Instrument &rules = *in.instrument;
    const Money value = notional(in.entry, answer.quantity, Rounding::Floor).value_or(Money{});
    if (!(*smallest->quantity > 0))
        answer.reason = answer.binding == "kelly" ? "no_edge" : "no_room";
    else if (!answer.quantity.isPositive() || answer.quantity < rules.quantityMin)
        answer.reason = "below_min_qty";
    else if (value < rules.notionalMin)
        answer.reason = "below_min_notional";
    if (!answer.reason.empty()) {
        answer.quantity = {};
        return;
    }
    if (rules.quantityMax.isPositive() && answer.quantity > rules.quantityMax)
        answer.quantity = floorToStep(rules.quantityMax, rules.stepSize); // one order; more needs another one
    answer.moneyAtRisk = answer.quantity.toDouble() * answer.lossPerUnit;
    answer.notional = notional(in.entry, answer.quantity, Rounding::Ceil).value_or(Money{});
    answer.leverage = answer.notional.toDouble() / n.equity;
}
} // namespace

double drawdownMultiplier(double drawdown, double largest, double floor)
{
    if (!(largest > 0) || std::isnan(drawdown))
        return floor;
    return std::clamp(1 - drawdown / largest, floor, 1.0);
}

double streakMultiplier(const std::vector<int> &outcomes)
{
    double result = 1;
    for (const int outcome : outcomes) {
        if (outcome != 0)
            result = std::clamp(result * (outcome < 0 ? 0.8 : 1.1), 0.25, 1.0);
    }
    return result;
}

double volatilityMultiplier(double usual, double now, double exponent)
{
    return std::pow(std::clamp(usual / now, 0.25, 1.5), exponent);
}

double leverageForDistance(Direction direction, double distance, double maintenanceRate)
{
    return direction == Direction::Long ? 1 / (1 - (1 - distance) * (1 - maintenanceRate))
                                        : 1 / ((1 + distance) * (1 + maintenanceRate) - 1);
}

Result<SizeAnswer> size(const SizingInput &input)
{
    if (auto checked = check(input); !checked)
        return tl::unexpected(checked.error());
    const Numbers n{.entry = input.entry.toDouble(),
                    .stop = input.stop.toDouble(),
                    .equity = input.equity.toDouble(),
                    .sign = sign(input.direction)};
    SizeAnswer answer;
    answer.lossPerUnit = std::abs(n.entry - n.stop) + input.feeIn.toDouble() * n.entry + input.feeOut.toDouble() * n.stop +
                         input.limits.slippageAllowance.toDouble() * n.stop;
    answer.multiplier = multiplierOf(input, answer);
    answer.riskMoney = n.equity * input.limits.riskPerTrade.toDouble() * answer.multiplier;
    answer.caps.push_back({"risk", answer.riskMoney / answer.lossPerUnit,
                           fmt::format("{:.2f} at risk, {:.8g} per unit at the stop with costs", answer.riskMoney,
                                       answer.lossPerUnit)});
    answer.caps.push_back({"max_position_pct", n.equity * input.limits.positionMax.toDouble() / n.entry,
                           fmt::format("one position at most {:.0f} % of equity", input.limits.positionMax.toDouble() * 100)});
    const double room = n.equity * input.limits.leverageMax.toDouble() - input.grossOthers.toDouble();
    answer.caps.push_back({"max_leverage", std::max(0.0, room) / n.entry,
                           fmt::format("all positions at most {:.1f} x equity; {:.2f} is taken",
                                       input.limits.leverageMax.toDouble(), input.grossOthers.toDouble())});
    capByKelly(input, n, answer.lossPerUnit, answer);
    capByVolatility(input, n, answer);
    capByPortfolio(input, n, answer);
    capByLiquidity(input, n, answer);
    capByLiquidation(input, n, answer);
    answer.caps.insert(answer.caps.end(), input.others.begin(), input.others.end());
    conclude(input, n, answer);
    return answer;
}

} // namespace core::risk
