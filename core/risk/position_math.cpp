#include "core/risk/position_math.h"

#include <limits>

#include "core/risk/wide.h"

namespace core::risk
{

namespace
{
std::optional<std::int64_t> narrowed(Wide value)
{
    if (value < std::numeric_limits<std::int64_t>::min() || value > std::numeric_limits<std::int64_t>::max())
        return std::nullopt;
    return static_cast<std::int64_t>(value);
}

/// numerator ÷ denominator toward +∞ or −∞; denominator ≠ 0.
Wide quotientOf(Wide numerator, Wide denominator, Rounding rounding)
{
    return denominator < 0 ? divided(-numerator, -denominator, rounding) : divided(numerator, denominator, rounding);
}

/// a × b when it fits into 127 bits.
std::optional<Wide> product(Wide a, Wide b)
{
    Wide result = 0;
    if (__builtin_mul_overflow(a, b, &result))
        return std::nullopt;
    return result;
}

bool hasLeverage(const Position &position)
{
    return position.leverage && *position.leverage > 0 && position.entryPrice.isPositive();
}
} // namespace

Result<Money> unrealizedPnl(Direction direction, Quantity quantity, Price entry, Price mark,
                            Rounding rounding)
{
    // The difference of two int64 needs 65 bits; times 63 bits it still fits into 128.
    const Wide move = sign(direction) * (static_cast<Wide>(mark.raw()) - entry.raw());
    const auto scaledUp = product(move, quantity.raw());
    if (!scaledUp)
        return fail(ErrorCode::OutOfRange, "unrealized profit outside the range");
    Wide result = *scaledUp / kWideOne;
    const Wide rest = *scaledUp % kWideOne;
    if (rounding == Rounding::Ceil && rest > 0)
        ++result;
    else if (rounding == Rounding::Floor && rest < 0)
        --result;
    else if (rounding == Rounding::HalfEven) {
        const Wide twice = (rest < 0 ? -rest : rest) * 2;
        if (twice > kWideOne || (twice == kWideOne && (result & 1) != 0))
            result += rest < 0 ? -1 : 1;
    }
    const auto raw = narrowed(result);
    if (!raw)
        return fail(ErrorCode::OutOfRange, "unrealized profit outside the range");
    return Money::fromRaw(*raw);
}

std::optional<InitialMargin> initialMargin(const Position &position)
{
    if (hasLeverage(position)) {
        const auto value = notional(position.entryPrice, position.quantity, Rounding::Floor);
        if (!value)
            return std::nullopt;
        const Money money = Money::fromRaw(value->raw() / *position.leverage);
        if (!money.isPositive())
            return std::nullopt;
        return InitialMargin{money, MarginSource::Leverage};
    }
    if (position.initialMargin && position.initialMargin->isPositive())
        return InitialMargin{*position.initialMargin, MarginSource::Venue};
    return std::nullopt;
}

std::optional<Ratio> lossOnMargin(const Position &position, Price mark)
{
    if (!mark.isPositive() || position.isFlat() || position.entryPrice.raw() <= 0 ||
        position.quantity.isNegative())
        return std::nullopt;
    const Wide against = sign(position.direction) *
                         (static_cast<Wide>(position.entryPrice.raw()) - static_cast<Wide>(mark.raw()));
    Wide numerator = 0;
    Wide denominator = 0;
    if (hasLeverage(position)) {
        // (entry − mark) × L × 1e8 ÷ entry: 64 + 31 + 27 bits.
        const auto scaledUp = product(against * *position.leverage, kWideOne);
        if (!scaledUp)
            return std::nullopt;
        numerator = *scaledUp;
        denominator = position.entryPrice.raw();
    } else if (position.initialMargin && position.initialMargin->isPositive()) {
        // against × q is 1e-16, margin is 1e-8: their quotient is 1e-8, the grid of Ratio.
        const auto loss = product(against, position.quantity.raw());
        if (!loss)
            return std::nullopt;
        numerator = *loss;
        denominator = position.initialMargin->raw();
    } else {
        return std::nullopt;
    }
    const auto raw = narrowed(quotientOf(numerator, denominator, Rounding::Ceil));
    return raw ? std::optional(Ratio::fromRaw(*raw)) : std::nullopt;
}

double roePercent(Direction direction, Price entry, Price mark, int leverage)
{
    return 100.0 * sign(direction) * (mark.toDouble() - entry.toDouble()) / entry.toDouble() * leverage;
}

std::optional<Price> priceAtLoss(const Position &position, Ratio trigger)
{
    if (position.isFlat() || position.entryPrice.raw() <= 0)
        return std::nullopt;
    const bool isLong = position.direction == Direction::Long;
    Wide numerator = 0;
    Wide denominator = 0;
    if (hasLeverage(position)) {
        const auto value = product(trigger.raw(), position.entryPrice.raw());
        if (!value)
            return std::nullopt;
        numerator = *value;
        denominator = kWideOne * *position.leverage;
    } else if (position.initialMargin && position.initialMargin->isPositive()) {
        const auto value = product(trigger.raw(), position.initialMargin->raw());
        if (!value)
            return std::nullopt;
        numerator = *value;
        denominator = position.quantity.raw();
    } else {
        return std::nullopt;
    }
    // The move is rounded away from the entry, so the loss at the answer is not below the trigger.
    const Wide move = quotientOf(numerator, denominator, Rounding::Ceil);
    const auto raw = narrowed(static_cast<Wide>(position.entryPrice.raw()) + (isLong ? -move : move));
    if (!raw || *raw <= 0)
        return std::nullopt;
    return Price::fromRaw(*raw);
}

Result<Money> netIfClosed(Direction direction, Quantity quantity, Price entry, Price exit, Ratio feeIn,
                          Ratio feeOut, Money fundingReceived)
{
    const auto fee = [&](Price price, Ratio rate) {
        return notional(price, quantity, Rounding::Ceil).and_then([&](Money value) {
            return scaled(value, rate, Rounding::Ceil);
        });
    };
    const auto paidIn = fee(entry, feeIn);
    const auto paidOut = fee(exit, feeOut);
    auto net = unrealizedPnl(direction, quantity, entry, exit, Rounding::Floor);
    if (!paidIn)
        return fail(paidIn.error());
    if (!paidOut)
        return fail(paidOut.error());
    return net.and_then([&](Money value) { return subtract(value, *paidIn); })
        .and_then([&](Money value) { return subtract(value, *paidOut); })
        .and_then([&](Money value) { return add(value, fundingReceived); });
}

std::optional<Price> breakEvenExit(Direction direction, Quantity quantity, Price entry, Ratio feeIn,
                                   Ratio feeOut, Money fundingReceived)
{
    if (!quantity.isPositive())
        return std::nullopt;
    const int s = sign(direction);
    // P = (entry × (s + f_in) − funding ÷ q) ÷ (s − f_out), all × q so that nothing is divided twice:
    // numerator 1e-24 (q × entry × ratio, funding × 1e8 × 1e8), denominator 1e-16 (q × ratio).
    const auto held = product(static_cast<Wide>(quantity.raw()) * entry.raw(), s * kWideOne + feeIn.raw());
    const auto funding = product(static_cast<Wide>(fundingReceived.raw()) * kWideOne, kWideOne);
    const Wide denominator = static_cast<Wide>(quantity.raw()) * (s * kWideOne - feeOut.raw());
    Wide numerator = 0;
    if (!held || !funding || denominator == 0 || __builtin_sub_overflow(*held, *funding, &numerator))
        return std::nullopt;
    const auto raw = narrowed(
        divided(numerator, denominator, direction == Direction::Long ? Rounding::Ceil : Rounding::Floor));
    if (!raw || *raw <= 0)
        return std::nullopt;
    return Price::fromRaw(*raw);
}

std::optional<std::size_t> marginTierOf(const std::vector<MarginTier> &tiers, Money notionalValue)
{
    for (std::size_t i = 0; i < tiers.size(); ++i) {
        if (notionalValue > tiers[i].floor && notionalValue <= tiers[i].cap)
            return i;
    }
    return std::nullopt;
}

std::optional<Money> maintenanceMargin(const std::vector<MarginTier> &tiers, Money notionalValue)
{
    const auto tier = marginTierOf(tiers, notionalValue);
    if (!tier)
        return std::nullopt;
    const auto gross = scaled(notionalValue, tiers[*tier].maintenanceRate, Rounding::Ceil);
    if (!gross)
        return std::nullopt;
    const auto net = subtract(*gross, tiers[*tier].deduction);
    return net ? std::optional(*net) : std::nullopt;
}

std::optional<Liquidation> liquidation(Direction direction, Quantity quantity, Price entry, Money margin,
                                       const std::vector<MarginTier> &tiers)
{
    if (!quantity.isPositive() || entry.raw() <= 0)
        return std::nullopt;
    const int s = sign(direction);
    const Wide held = s * static_cast<Wide>(quantity.raw()) * entry.raw(); // 1e-16
    for (std::size_t i = 0; i < tiers.size(); ++i) {
        const Wide numerator = held - (static_cast<Wide>(margin.raw()) + tiers[i].deduction.raw()) * kWideOne;
        const Wide denominator =
            static_cast<Wide>(quantity.raw()) * (s * kWideOne - tiers[i].maintenanceRate.raw());
        const auto scaledUp = product(numerator, kWideOne);
        if (denominator == 0 || !scaledUp)
            continue;
        const auto raw = narrowed(
            quotientOf(*scaledUp, denominator, direction == Direction::Long ? Rounding::Ceil : Rounding::Floor));
        if (!raw || *raw <= 0)
            continue;
        const auto value = notional(Price::fromRaw(*raw), quantity, Rounding::HalfEven);
        if (value && *value > tiers[i].floor && *value <= tiers[i].cap)
            return Liquidation{Price::fromRaw(*raw), i};
    }
    return std::nullopt;
}

} // namespace core::risk
