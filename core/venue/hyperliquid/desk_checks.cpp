// Order checks in the venue's order and words: reference/hyperliquid.md sections 3.2, 3.3, 5.1 to 5.3, 8.
#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "core/venue/hyperliquid/desk.h"

namespace core::venue::hyperliquid
{

namespace
{
constexpr Money kOrderValueMin = Money::fromRaw(10 * kDecimalOne);
constexpr std::size_t kProtectiveOrdersMax = 1000; ///< open orders from which on no reduce-only or trigger is taken

[[nodiscard]] bool reduces(SignedQuantity position, Side side)
{
    return side == Side::Sell ? position > 0 : position < 0;
}
} // namespace

std::optional<std::string> Desk::checkBatch(const std::vector<OrderTerms> &orders, Grouping grouping) const
{
    for (const OrderTerms &terms : orders) {
        if (!m_universe.has(terms.asset))
            return fmt::format("Invalid asset. asset={}", terms.asset);
        const auto &mark = m_engine.market(m_universe.symbol(static_cast<std::size_t>(terms.asset))).mark;
        if (!mark || !terms.price.isPositive() || terms.trigger)
            continue;
        const std::int64_t away = std::llabs(terms.price.raw() - mark->raw());
        const auto most = scaled(*mark, m_options.priceBand, Rounding::Floor);
        if (most && away > most->raw())
            return fmt::format("Order price cannot be more than {}% away from the reference price",
                               m_options.priceBand.raw() * 100 / kDecimalOne);
    }
    if (grouping == Grouping::None)
        return std::nullopt;
    const std::size_t first = grouping == Grouping::Parent ? 1 : 0;
    const std::size_t triggers = orders.size() - std::min(first, orders.size());
    if (triggers < 1 || triggers > 2)
        return "Unexpected number of trigger orders";
    for (std::size_t i = first; i < orders.size(); ++i)
        if (!orders[i].trigger || !orders[i].reduceOnly ||
            (first == 1 && orders[i].side == orders.front().side))
            return "Invalid TP/SL price.";
    if (triggers == 2 && orders[first].trigger->isTakeProfit == orders[first + 1].trigger->isTakeProfit)
        return "Unexpected number of trigger orders";
    return std::nullopt;
}

std::optional<Desk::Objection> Desk::objectionTo(std::size_t account, const OrderTerms &terms, Grouping grouping,
                                                 bool isChild) const
{
    if (auto objection = checkVenueState(account, terms))
        return objection;
    if (auto objection = checkNumbers(terms, terms.reduceOnly || grouping == Grouping::Position))
        return objection;
    if (terms.trigger) {
        if (auto objection = checkTrigger(terms))
            return objection;
    }
    if (isChild)
        return std::nullopt; // looked at when its parent is filled
    if (auto objection = checkAgainstPosition(account, terms))
        return objection;
    return terms.trigger ? std::nullopt : checkMatching(account, terms);
}

std::optional<Desk::Objection> Desk::checkVenueState(std::size_t account, const OrderTerms &terms) const
{
    const DeskFaults &faults = m_options.faults;
    const CoinOptions &coin = m_universe.coin(static_cast<std::size_t>(terms.asset));
    if (coin.isDelisted || faults.isHalted)
        return Objection{"Trading is halted"};
    if (faults.postOnlyWindow && (terms.trigger || terms.tif != OrderTif::Alo))
        return Objection{"Only post-only orders allowed immediately after a network upgrade"};
    const std::size_t open = openOrders(account).size();
    if (open >= m_options.openOrdersMax || (open >= kProtectiveOrdersMax && (terms.reduceOnly || terms.trigger)))
        return Objection{"Too many open orders.", "tooManyOpenOrdersRejected"};
    return std::nullopt;
}

std::optional<Desk::Objection> Desk::checkNumbers(const OrderTerms &terms, bool sizeMayBeZero) const
{
    const auto asset = static_cast<std::size_t>(terms.asset);
    if (!terms.price.isPositive() || (terms.trigger && !terms.trigger->price.isPositive()))
        return Objection{"Order has invalid price.", "tickRejected"};
    if (!m_universe.isValidPrice(asset, terms.price) ||
        (terms.trigger && !m_universe.isValidPrice(asset, terms.trigger->price)))
        return Objection{"Price must be divisible by tick size.", "tickRejected"};
    if (terms.size.isNegative() || !m_universe.isValidSize(asset, terms.size))
        return Objection{"Order has invalid size."};
    if (terms.size.isZero() && !sizeMayBeZero)
        return Objection{"Order has zero size."};
    return std::nullopt;
}

std::optional<Desk::Objection> Desk::checkTrigger(const OrderTerms &terms) const
{
    const TriggerTerms &trigger = *terms.trigger;
    const bool isSell = terms.side == Side::Sell;
    // A stop's limit must lie behind its trigger, or it could never trade.
    if (!trigger.isTakeProfit && (isSell ? terms.price > trigger.price : terms.price < trigger.price))
        return Objection{"Invalid TP/SL price.", "badTriggerPxRejected"};
    const auto &mark = m_engine.market(m_universe.symbol(static_cast<std::size_t>(terms.asset))).mark;
    if (!mark)
        return std::nullopt;
    const bool waitsBelow = isSell != trigger.isTakeProfit;
    if (waitsBelow ? trigger.price >= *mark : trigger.price <= *mark)
        return Objection{"Invalid TP/SL price.", "badTriggerPxRejected"};
    return std::nullopt;
}

std::optional<Desk::Objection> Desk::checkAgainstPosition(std::size_t account, const OrderTerms &terms) const
{
    const auto asset = static_cast<std::size_t>(terms.asset);
    const SignedQuantity held = position(account, asset);
    const bool closes = reduces(held, terms.side);
    const Quantity size = terms.size.isZero() ? Quantity::fromRaw(std::llabs(held)) : terms.size;
    if (terms.reduceOnly && !closes && !terms.trigger)
        return Objection{"Reduce only order would increase position.", "reduceOnlyRejected"};
    const bool closesAll = closes && size.raw() >= std::llabs(held);
    const auto value = notional(terms.price, size, Rounding::HalfEven);
    if (!value)
        return Objection{"Order has invalid size."};
    const bool tracksPosition = terms.trigger && terms.size.isZero();
    if (*value < kOrderValueMin && !closesAll && !tracksPosition)
        return Objection{"Order must have minimum value of $10.", "minTradeNtlRejected"};
    const bool adds = !terms.reduceOnly && (!closes || size.raw() > std::llabs(held));
    if (adds && m_options.faults.openInterestCapped.contains(m_universe.coin(asset).name))
        return Objection{"Order would increase open interest while open interest is capped",
                         "openInterestIncreaseRejected"};
    return std::nullopt;
}

std::optional<Desk::Objection> Desk::checkMatching(std::size_t account, const OrderTerms &terms) const
{
    const auto asset = static_cast<std::size_t>(terms.asset);
    BookOrder probe{.id = 0,
                    .account = account,
                    .side = terms.side,
                    .limit = terms.price,
                    .remaining = terms.size,
                    .timeInForce = TimeInForce::PostOnly};
    const bool crosses = m_engine.book(m_universe.symbol(asset)).check(probe) == MatchRefusal::PostOnly;
    if (terms.tif == OrderTif::Alo && crosses)
        return Objection{fmt::format("Post only order would have immediately matched, bbo was {}.", quoteText(asset)),
                         "badAloPxRejected"};
    if ((terms.tif == OrderTif::Ioc || terms.tif == OrderTif::FrontendMarket) && !crosses)
        return Objection{"Order could not immediately match against any resting orders.", "iocCancelRejected"};
    return std::nullopt;
}

std::string Desk::quoteText(std::size_t asset) const
{
    const auto text = [&](Side side) {
        const auto best = levels(asset, side, 1);
        return best.empty() ? std::string("0") : best.front().price.text();
    };
    return fmt::format("{}@{}", text(Side::Buy), text(Side::Sell));
}

Desk::Objection Desk::translated(const VenueError &error, const OrderTerms &terms) const
{
    switch (error.code) {
    case -2019:
        return {"Insufficient margin to place order.", "perpMarginRejected"};
    case -2027:
        return {"Order would cause position to exceed margin tier limit at current leverage", "perpMaxPositionRejected"};
    case -2022:
        return {"Reduce only order would increase position.", "reduceOnlyRejected"};
    case -5022:
        return {fmt::format("Post only order would have immediately matched, bbo was {}.",
                            quoteText(static_cast<std::size_t>(terms.asset))),
                "badAloPxRejected"};
    case -1112:
        return {"No liquidity available for market order.", "marketOrderNoLiquidityRejected"};
    case -4005:
        return {"Order has invalid size."};
    default:
        return {"Order has invalid price."};
    }
}

} // namespace core::venue::hyperliquid
