#include "core/venue/account.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "core/base/assert.h"
#include "core/base/decimal.h"

namespace core::venue
{

namespace
{
__extension__ using Wide = __int128;

template <class T> [[nodiscard]] T fits(Result<T> value)
{
    CORE_ASSERT(value.has_value(), "Invariant: amounts of a loopback account fit into Money");
    return value ? *value : T{};
}

[[nodiscard]] Money plus(Money a, Money b)
{
    return fits(add(a, b));
}
[[nodiscard]] Money minus(Money a, Money b)
{
    return fits(subtract(a, b));
}
[[nodiscard]] Money absolute(Money value)
{
    return value.isNegative() ? Money::fromRaw(-value.raw()) : value;
}
[[nodiscard]] Quantity magnitude(SignedQuantity quantity)
{
    return Quantity::fromRaw(std::llabs(quantity));
}
[[nodiscard]] Money dividedUp(Money value, int divisor)
{
    return Money::fromRaw(fits(mulDiv(value.raw(), 1, divisor, Rounding::Ceil)));
}

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
    return position.quantity < 0 ? Money::fromRaw(-value.raw()) : value;
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
    const Money worst = worstNotional(signedNotional(*this), bidNotional, askNotional);
    return minus(dividedUp(worst, leverage), initialMargin());
}

void Account::addInstrument(const Symbol &symbol, std::span<const MarginTier> tiers)
{
    m_tiers[symbol] = tiers;
    m_positions[symbol].leverage = m_defaultLeverage;
}

AccountPosition &Account::at(const Symbol &symbol)
{
    const auto found = m_positions.find(symbol);
    CORE_ASSERT(found != m_positions.end(), "REQUIRES: an instrument of the account");
    return found->second;
}

const AccountPosition &Account::position(const Symbol &symbol) const
{
    const auto found = m_positions.find(symbol);
    CORE_ASSERT(found != m_positions.end(), "REQUIRES: an instrument of the account");
    return found->second;
}

void Account::setPosition(const Symbol &symbol, SignedQuantity quantity, Price entry, UtcTime now)
{
    AccountPosition &position = at(symbol);
    position.quantity = quantity;
    position.cost = fits(notional(entry, magnitude(quantity), Rounding::HalfEven));
    position.realized = {};
    position.fees = {};
    position.updatedAt = now;
}

FillEffect Account::applyFill(const Symbol &symbol, Side side, Price price, Quantity quantity, Ratio feeRate,
                              UtcTime now)
{
    AccountPosition &position = at(symbol);
    const Money value = fits(notional(price, quantity, Rounding::HalfEven));
    FillEffect effect;
    effect.fee = fits(scaled(value, feeRate, Rounding::HalfEven));
    std::int64_t opening = quantity.raw();
    const bool closes = position.quantity != 0 && (position.quantity > 0) == (side == Side::Sell);
    if (closes) {
        const std::int64_t open = std::llabs(position.quantity);
        const std::int64_t closing = std::min(open, quantity.raw());
        const Money costPart =
            Money::fromRaw(fits(mulDiv(position.cost.raw(), closing, open, Rounding::HalfEven)));
        const Money proceeds = fits(notional(price, Quantity::fromRaw(closing), Rounding::HalfEven));
        const Money gain = minus(proceeds, costPart);
        effect.realized = position.quantity > 0 ? gain : Money::fromRaw(-gain.raw());
        position.cost = minus(position.cost, costPart);
        position.quantity += position.quantity > 0 ? -closing : closing;
        position.realized = plus(position.realized, effect.realized);
        opening -= closing;
    }
    if (position.quantity == 0)
        position.fees = {};
    if (opening > 0) {
        position.quantity += side == Side::Buy ? opening : -opening;
        position.cost =
            plus(position.cost, fits(notional(price, Quantity::fromRaw(opening), Rounding::HalfEven)));
    }
    if (position.quantity != 0)
        position.fees = plus(position.fees, effect.fee);
    position.updatedAt = now;
    m_wallet = minus(plus(m_wallet, effect.realized), effect.fee);
    return effect;
}

void Account::setMark(const Symbol &symbol, Price mark)
{
    at(symbol).mark = mark;
}

void Account::setLeverage(const Symbol &symbol, int leverage)
{
    at(symbol).leverage = leverage;
}

void Account::setOrderNotionals(const Symbol &symbol, Money bids, Money asks)
{
    AccountPosition &position = at(symbol);
    position.bidNotional = bids;
    position.askNotional = asks;
}

void Account::adjust(Money amount)
{
    m_wallet = plus(m_wallet, amount);
}

Quantity Account::reducible(const Symbol &symbol, Side side) const
{
    const SignedQuantity quantity = position(symbol).quantity;
    const bool reduces = side == Side::Sell ? quantity > 0 : quantity < 0;
    return reduces ? magnitude(quantity) : Quantity{};
}

Money Account::unrealized() const
{
    Money sum;
    for (const auto &[symbol, position] : m_positions)
        sum = plus(sum, position.unrealized());
    return sum;
}

Money Account::equity() const
{
    return plus(m_wallet, unrealized());
}

Money Account::initialMargin() const
{
    Money sum;
    for (const auto &[symbol, position] : m_positions)
        sum = plus(sum, position.initialMargin());
    return sum;
}

Money Account::orderMargin() const
{
    Money sum;
    for (const auto &[symbol, position] : m_positions)
        sum = plus(sum, position.orderMargin());
    return sum;
}

Money Account::maintenance(const Symbol &symbol) const
{
    return fits(maintenanceOf(position(symbol).notionalAtMark(), m_tiers.at(symbol)));
}

Money Account::maintenance() const
{
    Money sum;
    for (const auto &[symbol, tiers] : m_tiers)
        sum = plus(sum, maintenance(symbol));
    return sum;
}

Money Account::available() const
{
    return std::max(Money{}, minus(equity(), plus(initialMargin(), orderMargin())));
}

std::optional<Price> Account::liquidationPriceOf(const Symbol &symbol) const
{
    const AccountPosition &own = position(symbol);
    Money backing = m_wallet;
    for (const auto &[other, entry] : m_positions)
        if (!(other == symbol))
            backing = plus(backing, minus(entry.unrealized(), maintenance(other)));
    return liquidationPrice(own.quantity, own.cost, backing, m_tiers.at(symbol));
}

bool Account::mustLiquidate() const
{
    const bool open = std::any_of(m_positions.begin(), m_positions.end(),
                                  [](const auto &entry) { return !entry.second.isFlat(); });
    return open && equity() < maintenance();
}

Money Account::marginIncrease(const Symbol &symbol, Side side, Money orderNotional) const
{
    const AccountPosition &own = position(symbol);
    const Money held = signedNotional(own);
    const Money before = worstNotional(held, own.bidNotional, own.askNotional);
    const Money bids = side == Side::Buy ? plus(own.bidNotional, orderNotional) : own.bidNotional;
    const Money asks = side == Side::Sell ? plus(own.askNotional, orderNotional) : own.askNotional;
    return minus(dividedUp(worstNotional(held, bids, asks), own.leverage), dividedUp(before, own.leverage));
}

} // namespace core::venue
