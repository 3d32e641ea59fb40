#include "core/orders/open_orders.h"

#include <algorithm>

namespace core::orders
{

namespace
{
constexpr std::size_t kEndedKept = 4096;

void addTo(Quantity &sum, Quantity part)
{
    sum = add(sum, part).value_or(sum);
}
} // namespace

Quantity unfilled(const OrderUpdate &order)
{
    return order.filled >= order.quantity ? Quantity{} : Quantity::fromRaw(order.quantity.raw() - order.filled.raw());
}

bool isBoundToReduce(ReduceOnly reduceOnly, PositionSide leg, Side side)
{
    return reduceOnly == ReduceOnly::Yes || (leg == PositionSide::Long && side == Side::Sell) ||
           (leg == PositionSide::Short && side == Side::Buy);
}

void OpenOrders::onSent(const OrderRequest &request, UtcTime now)
{
    OrderUpdate order;
    order.instrument = request.instrument;
    order.clientOrderId = request.clientOrderId;
    order.side = request.side;
    order.positionSide = request.positionSide;
    order.type = request.type;
    order.status = OrderStatus::Pending;
    order.quantity = request.quantity;
    order.limitPrice = request.limitPrice;
    order.reduceOnly = request.reduceOnly;
    order.triggerPrice = request.triggerPrice;
    order.receivedAt = now;
    m_orders.try_emplace({request.instrument.venue, request.clientOrderId}, std::move(order));
}

void OpenOrders::onUpdate(const OrderUpdate &order)
{
    const Key key{order.instrument.venue, order.clientOrderId};
    if (isFinal(order.status)) {
        onEnded(key.first, key.second);
        return;
    }
    if (m_ended.contains(key))
        return;
    const auto [it, isNew] = m_orders.try_emplace(key, order);
    if (isNew || order.venueTime < it->second.venueTime)
        return;
    const Quantity filled = std::max(it->second.filled, order.filled);
    it->second = order;
    it->second.filled = filled;
}

void OpenOrders::onEnded(Venue venue, const ClientOrderId &order)
{
    const Key key{venue, order};
    m_orders.erase(key);
    if (order.empty() || !m_ended.insert(key).second)
        return;
    m_endedInOrder.push_back(key);
    if (m_endedInOrder.size() > kEndedKept) {
        m_ended.erase(m_endedInOrder.front());
        m_endedInOrder.pop_front();
    }
}

const OrderUpdate *OpenOrders::find(Venue venue, const ClientOrderId &order) const
{
    const auto found = m_orders.find({venue, order});
    return found == m_orders.end() ? nullptr : &found->second;
}

std::vector<OrderUpdate> OpenOrders::of(const InstrumentKey &instrument) const
{
    std::vector<OrderUpdate> found;
    for (const auto &[key, order] : m_orders) {
        if (order.instrument == instrument)
            found.push_back(order);
    }
    return found;
}

Quantity OpenOrders::closing(const InstrumentKey &instrument, PositionSide side, Direction direction) const
{
    const Side away = direction == Direction::Long ? Side::Sell : Side::Buy;
    Quantity sum;
    for (const auto &[key, order] : m_orders) {
        if (order.instrument == instrument && order.positionSide == side && order.side == away &&
            !isConditional(order.type) && isBoundToReduce(order.reduceOnly, order.positionSide, order.side))
            addTo(sum, unfilled(order));
    }
    return sum;
}

Quantity OpenOrders::entering(const InstrumentKey &instrument, PositionSide leg, Side side,
                              const ClientOrderId &except) const
{
    Quantity sum;
    for (const auto &[key, order] : m_orders) {
        if (order.instrument == instrument && order.positionSide == leg && order.side == side &&
            (except.empty() || order.clientOrderId != except) &&
            !isBoundToReduce(order.reduceOnly, order.positionSide, order.side))
            addTo(sum, unfilled(order));
    }
    return sum;
}

} // namespace core::orders
