// What follows from fills, marks and time: families of orders, reduce-only, triggers, the dead man's
// switch. Reference/hyperliquid.md sections 5.2, 5.3, 5.7.
#include <algorithm>
#include <cstdlib>

#include "core/venue/hyperliquid/desk.h"

namespace core::venue::hyperliquid
{

namespace
{
[[nodiscard]] bool isReached(const OrderTerms &terms, Price mark)
{
    const bool waitsBelow = (terms.side == Side::Sell) != terms.trigger->isTakeProfit;
    return waitsBelow ? mark <= terms.trigger->price : mark >= terms.trigger->price;
}
} // namespace

/// Until nothing follows any more.
void Desk::settle()
{
    while (!m_finished.empty() || !m_touched.empty()) {
        for (const std::int64_t oid : std::exchange(m_finished, {}))
            if (const auto found = m_orders.find(oid); found != m_orders.end())
                afterFinish(found->second);
        for (const auto &[account, asset] : std::exchange(m_touched, {}))
            afterPositionChange(account, asset);
    }
}

void Desk::afterFinish(DeskOrder &order)
{
    // The engine may hold more of it than is shown (reduce-only, and an injected partial fill).
    if (order.engineId != 0)
        if (const VenueOrder *engineOrder =
                m_engine.findOrder(order.account, m_universe.symbol(order.asset()), order.engineId, {});
            engineOrder != nullptr && engineOrder->isOpen())
            (void)m_engine.cancel(order.account, m_universe.symbol(order.asset()), order.engineId, {});
    const bool activates =
        order.status == "filled" || (order.status == "marginCanceled" && order.filled.isPositive());
    for (const std::int64_t oid : order.children) {
        const auto found = m_orders.find(oid);
        if (found == m_orders.end() || found->second.stage != Stage::WaitingForFill)
            continue;
        if (!activates) {
            finish(found->second, "canceled");
            continue;
        }
        found->second.stage = Stage::WaitingForTrigger;
        tell(found->second, "open");
    }
    if (order.status != "filled")
        return;
    std::vector<std::int64_t> siblings;
    if (const auto parent = m_orders.find(order.parent); parent != m_orders.end())
        siblings = parent->second.children;
    else if (order.isPositionTpsl)
        siblings.assign(m_open.begin(), m_open.end());
    for (const std::int64_t oid : siblings) {
        const auto found = m_orders.find(oid);
        if (found == m_orders.end() || oid == order.oid || !found->second.isOpen() ||
            found->second.account != order.account || found->second.terms.asset != order.terms.asset ||
            found->second.isPositionTpsl != order.isPositionTpsl)
            continue;
        cancelOrder(found->second, "siblingFilledCanceled");
    }
}

void Desk::afterPositionChange(std::size_t account, std::size_t asset)
{
    if (position(account, asset) == 0) {
        std::vector<std::int64_t> attached;
        for (const std::int64_t oid : m_open)
            if (const DeskOrder &order = m_orders.at(oid); order.account == account && order.asset() == asset &&
                                                           order.isPositionTpsl && !order.hasTriggered)
                attached.push_back(oid);
        for (const std::int64_t oid : attached)
            cancelOrder(m_orders.at(oid), "reduceOnlyCanceled");
    }
    shrinkReduceOnly(account, asset);
}

/// Together they never exceed the position; the older ones go, the newest shrinks.
void Desk::shrinkReduceOnly(std::size_t account, std::size_t asset)
{
    const SignedQuantity held = position(account, asset);
    std::int64_t left = std::llabs(held);
    const std::vector<std::int64_t> open(m_open.rbegin(), m_open.rend());
    for (const std::int64_t oid : open) {
        DeskOrder &order = m_orders.at(oid);
        if (order.account != account || order.asset() != asset || !order.terms.reduceOnly ||
            order.stage != Stage::Working || order.engineId == 0)
            continue;
        const bool closes = order.terms.side == Side::Sell ? held > 0 : held < 0;
        const bool isNewest = left == std::llabs(held);
        if (!closes || left == 0 || (!isNewest && order.remaining.raw() > left)) {
            cancelOrder(order, "reduceOnlyCanceled");
            continue;
        }
        if (order.remaining.raw() > left) {
            order.remaining = Quantity::fromRaw(left);
            tell(order, "open");
        }
        left -= order.remaining.raw();
    }
}

void Desk::evaluateTriggers(std::size_t asset, Price mark)
{
    std::vector<std::int64_t> due;
    for (const std::int64_t oid : m_open)
        if (const DeskOrder &order = m_orders.at(oid); order.stage == Stage::WaitingForTrigger &&
                                                       order.asset() == asset && isReached(order.terms, mark))
            due.push_back(oid);
    for (const std::int64_t oid : due)
        if (const auto found = m_orders.find(oid);
            found != m_orders.end() && found->second.stage == Stage::WaitingForTrigger)
            fire(found->second);
}

void Desk::fire(DeskOrder &order)
{
    const std::int64_t oid = order.oid;
    order.hasTriggered = true;
    order.stage = Stage::Working;
    order.terms.tif = order.terms.trigger->isMarket ? OrderTif::Ioc : OrderTif::Gtc;
    const SignedQuantity held = position(order.account, order.asset());
    const bool closes = order.terms.side == Side::Sell ? held > 0 : held < 0;
    if (order.isWholePosition)
        order.remaining = Quantity::fromRaw(std::llabs(held));
    tell(order, "triggered");
    if (order.terms.reduceOnly && !closes) {
        finish(order, "reduceOnlyCanceled");
        settle();
        return;
    }
    if (order.terms.reduceOnly)
        order.remaining = Quantity::fromRaw(std::min(order.remaining.raw(), std::int64_t{std::llabs(held)}));
    if (m_options.faults.rejectTriggered) {
        finish(order, "marginCanceled");
        settle();
        return;
    }
    Objection objection;
    if (!sendToEngine(order, order.remaining, objection))
        finish(m_orders.at(oid), objection.status == "perpMarginRejected" ? "marginCanceled" : objection.status);
    else if (DeskOrder &after = m_orders.at(oid); after.isOpen() && after.terms.tif == OrderTif::Ioc)
        finish(after, "canceled"); // clipped by the position
    else if (after.isOpen() && after.filled.isZero())
        tell(after, "open");
    settle();
}

void Desk::onTimer()
{
    const UtcTime now = m_clock.now();
    for (std::size_t account = 0; account < m_books.size(); ++account) {
        AccountBook &book = m_books[account];
        if (!book.cancelAt || now < *book.cancelAt)
            continue;
        book.cancelAt.reset();
        ++book.cancelsToday;
        const std::vector<std::int64_t> open(m_open.begin(), m_open.end());
        for (const std::int64_t oid : open)
            if (const auto found = m_orders.find(oid);
                found != m_orders.end() && found->second.account == account && found->second.isOpen())
                cancelOrder(found->second, "scheduledCancel");
    }
    settle();
}

void Desk::delist(std::size_t asset)
{
    m_universe.delist(asset);
    const std::vector<std::int64_t> open(m_open.begin(), m_open.end());
    for (const std::int64_t oid : open)
        if (const auto found = m_orders.find(oid);
            found != m_orders.end() && found->second.asset() == asset && found->second.isOpen()) {
            cancelOrder(found->second, "delistedCanceled");
            m_events.nonUserCancels.push_back(m_orders.at(oid));
        }
    if (const auto &mark = m_engine.market(m_universe.symbol(asset)).mark)
        m_engine.settleContract(m_universe.symbol(asset), *mark);
    settle();
}

Refusal Desk::deleverage(std::size_t account, std::size_t asset, Quantity size, Price price)
{
    const auto done = m_engine.deleverage(account, {m_universe.symbol(asset), PositionSide::Both}, size, price);
    settle();
    return done ? Refusal() : Refusal(done.error().message);
}

void Desk::liquidate(std::size_t account)
{
    m_engine.liquidate(account);
    settle();
}

void Desk::settleFunding(std::size_t asset, Ratio rate)
{
    m_engine.settleFunding(m_universe.symbol(asset), rate);
    settle();
}

Refusal Desk::transfer(std::size_t account, Money amount)
{
    const auto done = m_engine.transfer(account, amount);
    return done ? Refusal() : Refusal("Insufficient balance for withdrawal.");
}

} // namespace core::venue::hyperliquid
