#include "core/venue/account_position.h"

#include <algorithm>
#include <limits>

#include "core/venue/money_math.h"

namespace core::venue
{

using namespace money;

namespace
{
__extension__ using Wide = __int128;

[[nodiscard]] Wide divideHalfEven(Wide numerator, Wide denominator)
{
    if (denominator < 0) {
        numerator = -numerator;
        denominator = -denominator;
    }
    Wide quotient = numerator / denominator;
    const Wide remainder = numerator % denominator;
    const Wide twice = (remainder < 0 ? -remainder : remainder) * 2;
    if (twice > denominator || (twice == denominator && (quotient & 1) != 0))
        quotient += numerator < 0 ? -1 : 1;
    return quotient;
}

/// The larger of both ways in which all orders of one side could fill.
[[nodiscard]] Money worstNotional(Money position, Money bids, Money asks)
{
    return std::max({absolute(position), absolute(plus(position, bids)), absolute(minus(position, asks))});
}

[[nodiscard]] Money signedNotional(const AccountPosition &position)
{
    const Money value = position.notionalAtMark();
    return position.quantity < 0 ? negated(value) : value;
}
} // namespace

Result<Money> maintenanceOf(Money notionalAtMark, std::span<const MarginTier> tiers)
{
    if (notionalAtMark.isZero() || tiers.empty())
        return Money{};
    auto tier = std::find_if(tiers.begin(), tiers.end(),
                             [&](const MarginTier &entry) { return notionalAtMark <= entry.cap; });
    if (tier == tiers.end())
        tier = tiers.end() - 1;
    return scaled(notionalAtMark, tier->maintenanceRate, Rounding::Ceil).and_then([&](Money gross) {
        return subtract(gross, tier->deduction);
    });
}

std::optional<Price> liquidationPrice(SignedQuantity quantity, Money cost, Money backing,
                                      std::span<const MarginTier> tiers)
{
    if (quantity == 0)
        return std::nullopt;
    const int sign = quantity > 0 ? 1 : -1;
    const Wide size = quantity > 0 ? Wide{quantity} : -Wide{quantity};
    for (const MarginTier &tier : tiers) {
        const Wide rest = Wide{sign} * cost.raw() - backing.raw() - tier.deduction.raw();
        const Wide slope = Wide{sign} * kDecimalOne - tier.maintenanceRate.raw();
        if (slope == 0)
            continue;
        // 1e-8 money over 1e-16 slope, back to a price in 1e-8.
        const Wide raw = divideHalfEven(rest * kDecimalOne * kDecimalOne, size * slope);
        if (raw <= 0 || raw > std::numeric_limits<std::int64_t>::max())
            continue;
        const Price price = Price::fromRaw(static_cast<std::int64_t>(raw));
        const auto value = notional(price, magnitude(quantity), Rounding::HalfEven);
        if (value && *value > tier.floor && *value <= tier.cap)
            return price;
    }
    return std::nullopt;
}

Price AccountPosition::entryPrice() const
{
    if (quantity == 0)
        return {};
    return Price::fromRaw(fits(mulDiv(cost.raw(), kDecimalOne, std::llabs(quantity), Rounding::HalfEven)));
}

Money AccountPosition::notionalAtMark() const
{
    return fits(notional(mark, magnitude(quantity), Rounding::HalfEven));
}

Money AccountPosition::unrealized() const
{
    if (quantity == 0 || mark.isZero())
        return {};
    const Money gain = minus(notionalAtMark(), cost);
    return quantity > 0 ? gain : Money::fromRaw(-gain.raw());
}

Money AccountPosition::initialMargin() const
{
    return dividedUp(notionalAtMark(), leverage);
}

Money AccountPosition::orderMargin() const
{
    return orderMarginWith(Side::Buy, {});
}

Money AccountPosition::orderMarginWith(Side side, Money orderNotional) const
{
    const Money bids = side == Side::Buy ? plus(bidNotional, orderNotional) : bidNotional;
    const Money asks = side == Side::Sell ? plus(askNotional, orderNotional) : askNotional;
    return minus(dividedUp(worstNotional(signedNotional(*this), bids, asks), leverage), initialMargin());
}

} // namespace core::venue
