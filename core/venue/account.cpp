#include "core/venue/account.h"

#include <algorithm>

#include "core/venue/money_math.h"

namespace core::venue
{

using namespace money;

void Account::addInstrument(const Symbol &symbol, std::span<const MarginTier> tiers)
{
    m_tiers[symbol] = tiers;
    if (!m_hedge) {
        m_positions[{symbol, PositionSide::Both}].leverage = m_defaultLeverage;
        return;
    }
    for (const PositionSide leg : {PositionSide::Long, PositionSide::Short})
        m_positions[{symbol, leg}].leverage = m_defaultLeverage;
}

void Account::setHedge(bool hedge)
{
    CORE_ASSERT(!hasPosition(), "REQUIRES: no open position");
    if (hedge == m_hedge)
        return;
    std::map<PositionKey, AccountPosition> legs;
    for (const auto &[symbol, tiers] : m_tiers) {
        AccountPosition made;
        made.leverage = settings(symbol).leverage;
        made.isolated = settings(symbol).isolated;
        made.mark = settings(symbol).mark;
        if (!hedge)
            legs[{symbol, PositionSide::Both}] = made;
        for (const PositionSide leg : {PositionSide::Long, PositionSide::Short})
            if (hedge)
                legs[{symbol, leg}] = made;
    }
    m_positions = std::move(legs);
    m_hedge = hedge;
}

AccountPosition &Account::at(const PositionKey &key)
{
    const auto found = m_positions.find(key);
    CORE_ASSERT(found != m_positions.end(), "REQUIRES: an instrument of the account, a leg of its mode");
    return found->second;
}

const AccountPosition &Account::position(const Symbol &symbol, PositionSide leg) const
{
    const auto found = m_positions.find({symbol, leg});
    CORE_ASSERT(found != m_positions.end(), "REQUIRES: an instrument of the account, a leg of its mode");
    return found->second;
}

const AccountPosition &Account::settings(const Symbol &symbol) const
{
    return position(symbol, m_hedge ? PositionSide::Long : PositionSide::Both);
}

bool Account::hasPosition() const
{
    return std::any_of(m_positions.begin(), m_positions.end(),
                       [](const auto &entry) { return !entry.second.isFlat(); });
}

bool Account::hasPosition(const Symbol &symbol) const
{
    for (auto leg = m_positions.lower_bound({symbol, PositionSide::Both});
         leg != m_positions.end() && leg->first.symbol == symbol; ++leg)
        if (!leg->second.isFlat())
            return true;
    return false;
}

void Account::setPosition(const Symbol &symbol, SignedQuantity quantity, Price entry, UtcTime now, PositionSide leg)
{
    AccountPosition &position = at({symbol, leg});
    position.quantity = quantity;
    position.cost = fits(notional(entry, magnitude(quantity), Rounding::HalfEven));
    position.realized = {};
    position.fees = {};
    position.funding = {};
    position.isolatedWallet = position.isolated ? dividedUp(position.cost, position.leverage) : Money{};
    position.updatedAt = now;
}

FillEffect Account::applyFill(const Symbol &symbol, Side side, Price price, Quantity quantity, Ratio feeRate,
                              UtcTime now, PositionSide leg)
{
    AccountPosition &position = at({symbol, leg});
    const Money value = fits(notional(price, quantity, Rounding::HalfEven));
    FillEffect effect;
    effect.start = position.quantity;
    effect.fee = fits(scaled(value, feeRate, Rounding::HalfEven));
    std::int64_t opening = quantity.raw();
    const bool closes = position.quantity != 0 && (position.quantity > 0) == (side == Side::Sell);
    if (closes) {
        const std::int64_t open = std::llabs(position.quantity);
        const std::int64_t closing = std::min(open, quantity.raw());
        const Money costPart = shareOf(position.cost, closing, open);
        const Money proceeds = fits(notional(price, Quantity::fromRaw(closing), Rounding::HalfEven));
        const Money gain = minus(proceeds, costPart);
        effect.realized = position.quantity > 0 ? gain : negated(gain);
        position.cost = minus(position.cost, costPart);
        position.isolatedWallet =
            minus(position.isolatedWallet, shareOf(position.isolatedWallet, closing, open));
        position.quantity += position.quantity > 0 ? -closing : closing;
        position.realized = plus(position.realized, effect.realized);
        opening -= closing;
    }
    if (position.quantity == 0) {
        position.fees = {};
        position.funding = {};
    }
    if (opening > 0) {
        const Money more = fits(notional(price, Quantity::fromRaw(opening), Rounding::HalfEven));
        position.quantity += side == Side::Buy ? opening : -opening;
        position.cost = plus(position.cost, more);
        if (position.isolated)
            position.isolatedWallet = plus(position.isolatedWallet, dividedUp(more, position.leverage));
    }
    if (position.quantity != 0)
        position.fees = plus(position.fees, effect.fee);
    position.updatedAt = now;
    m_wallet = minus(plus(m_wallet, effect.realized), effect.fee);
    return effect;
}

Money Account::bookFunding(const PositionKey &key, Price reference, Ratio rate)
{
    AccountPosition &position = at(key);
    const Money value = fits(notional(reference, magnitude(position.quantity), Rounding::HalfEven));
    const Money longPays = fits(scaled(value, rate, Rounding::HalfEven));
    const Money received = position.quantity > 0 ? negated(longPays) : longPays;
    m_wallet = plus(m_wallet, received);
    if (position.isolated)
        position.isolatedWallet = plus(position.isolatedWallet, received);
    position.funding = plus(position.funding, received);
    return received;
}

void Account::setMark(const Symbol &symbol, Price mark)
{
    for (auto leg = m_positions.lower_bound({symbol, PositionSide::Both});
         leg != m_positions.end() && leg->first.symbol == symbol; ++leg)
        leg->second.mark = mark;
}

void Account::setLeverage(const Symbol &symbol, int leverage)
{
    for (auto &[key, position] : m_positions)
        if (key.symbol == symbol)
            position.leverage = leverage;
}

void Account::setIsolated(const Symbol &symbol, bool isolated)
{
    CORE_ASSERT(!hasPosition(symbol), "REQUIRES: no open position in the symbol");
    for (auto &[key, position] : m_positions)
        if (key.symbol == symbol)
            position.isolated = isolated;
}

void Account::moveIsolatedMargin(const PositionKey &key, Money amount)
{
    AccountPosition &position = at(key);
    CORE_ASSERT(position.isolated, "REQUIRES: an isolated leg");
    position.isolatedWallet = plus(position.isolatedWallet, amount);
}

void Account::setOrderNotionals(const PositionKey &key, Money bids, Money asks)
{
    AccountPosition &position = at(key);
    position.bidNotional = bids;
    position.askNotional = asks;
}

void Account::adjust(Money amount)
{
    m_wallet = plus(m_wallet, amount);
}

Quantity Account::reducible(const Symbol &symbol, Side side, PositionSide leg) const
{
    const SignedQuantity quantity = position(symbol, leg).quantity;
    const bool reduces = side == Side::Sell ? quantity > 0 : quantity < 0;
    return reduces ? magnitude(quantity) : Quantity{};
}

template <class Value> Money Account::sum(Value value) const
{
    Money total;
    for (const auto &[key, position] : m_positions)
        total = plus(total, value(key, position));
    return total;
}

Money Account::crossWallet() const
{
    return minus(m_wallet, sum([](const auto &, const AccountPosition &leg) { return leg.isolatedWallet; }));
}

Money Account::unrealized() const
{
    return sum([](const auto &, const AccountPosition &leg) { return leg.unrealized(); });
}

Money Account::crossUnrealized() const
{
    return sum([](const auto &, const AccountPosition &leg) { return leg.isolated ? Money{} : leg.unrealized(); });
}

Money Account::equity() const
{
    return plus(m_wallet, unrealized());
}

Money Account::crossEquity() const
{
    return plus(crossWallet(), crossUnrealized());
}

Money Account::initialMargin() const
{
    return sum([](const auto &, const AccountPosition &leg) { return leg.initialMargin(); });
}

Money Account::orderMargin() const
{
    return sum([](const auto &, const AccountPosition &leg) { return leg.orderMargin(); });
}

Money Account::maintenance(const PositionKey &key) const
{
    return fits(maintenanceOf(position(key.symbol, key.side).notionalAtMark(), m_tiers.at(key.symbol)));
}

Money Account::maintenance() const
{
    return sum([this](const PositionKey &key, const AccountPosition &leg) {
        return leg.isFlat() ? Money{} : maintenance(key);
    });
}

Money Account::crossMaintenance() const
{
    return sum([this](const PositionKey &key, const AccountPosition &leg) {
        return leg.isFlat() || leg.isolated ? Money{} : maintenance(key);
    });
}

Money Account::available() const
{
    const Money bound = sum([](const auto &, const AccountPosition &leg) {
        return leg.isolated ? leg.orderMargin() : plus(leg.initialMargin(), leg.orderMargin());
    });
    return std::max(Money{}, minus(crossEquity(), bound));
}

std::optional<Price> Account::liquidationPriceOf(const Symbol &symbol, PositionSide leg) const
{
    const AccountPosition &own = position(symbol, leg);
    if (own.isFlat())
        return std::nullopt;
    if (own.isolated)
        return liquidationPrice(own.quantity, own.cost, own.isolatedWallet, m_tiers.at(symbol));
    Money backing = crossWallet();
    for (const auto &[key, other] : m_positions)
        if (!(key.symbol == symbol) && !other.isolated && !other.isFlat())
            backing = plus(backing, minus(other.unrealized(), maintenance(key)));
    if (m_hedge && !position(symbol, PositionSide::Long).isFlat() && !position(symbol, PositionSide::Short).isFlat())
        return hedgedLiquidationPrice(symbol, backing);
    return liquidationPrice(own.quantity, own.cost, backing, m_tiers.at(symbol));
}

/// Both legs move with one price: the root of backing + both unrealised − both maintenances. The function is piecewise
/// linear, so it is searched for between the marks at which it changes its sign. Source: reference/methods.md 6.4.
std::optional<Price> Account::hedgedLiquidationPrice(const Symbol &symbol, Money backing) const
{
    AccountPosition up = position(symbol, PositionSide::Long);
    AccountPosition down = position(symbol, PositionSide::Short);
    const auto &tiers = m_tiers.at(symbol);
    const auto margin = [&](std::int64_t raw) {
        up.mark = down.mark = Price::fromRaw(raw);
        Money left = plus(backing, plus(up.unrealized(), down.unrealized()));
        for (const AccountPosition *leg : {&up, &down})
            left = minus(left, fits(maintenanceOf(leg->notionalAtMark(), tiers)));
        return left.raw();
    };
    const std::int64_t now = up.mark.raw();
    if (now <= 0 || margin(now) < 0)
        return std::nullopt;
    const bool falls = up.quantity > -down.quantity; // net long: a lower price hurts
    std::int64_t alive = now;
    std::int64_t dead = falls ? 1 : now;
    for (int i = 0; !falls && i < 6 && margin(dead) >= 0; ++i)
        dead *= 2;
    if (margin(dead) >= 0)
        return std::nullopt;
    while (std::llabs(alive - dead) > 1) {
        const std::int64_t middle = alive + (dead - alive) / 2;
        (margin(middle) >= 0 ? alive : dead) = middle;
    }
    return Price::fromRaw(alive);
}

bool Account::mustLiquidate() const
{
    const bool open = std::any_of(m_positions.begin(), m_positions.end(), [](const auto &entry) {
        return !entry.second.isFlat() && !entry.second.isolated;
    });
    return open && crossEquity() < crossMaintenance();
}

std::vector<PositionKey> Account::isolatedDue() const
{
    std::vector<PositionKey> due;
    for (const auto &[key, leg] : m_positions)
        if (leg.isolated && !leg.isFlat() && plus(leg.isolatedWallet, leg.unrealized()) < maintenance(key))
            due.push_back(key);
    return due;
}

Money Account::marginIncrease(const Symbol &symbol, Side side, Money orderNotional, PositionSide leg) const
{
    const AccountPosition &own = position(symbol, leg);
    return minus(own.orderMarginWith(side, orderNotional), own.orderMargin());
}

} // namespace core::venue
