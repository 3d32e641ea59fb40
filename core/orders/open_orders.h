#pragma once

#include <deque>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "core/domain/account.h"
#include "core/domain/order.h"

namespace core::orders
{

/// Orders that live at the venues by all that they and we said: ours and those of others. A final state or "never existed"
/// forgets them; an older word changes nothing. One thread.
class OpenOrders
{
public:
    using Key = std::pair<Venue, ClientOrderId>;

    /// What was sent counts at once: until the venue answers it may live.
    void onSent(const OrderRequest &request, UtcTime now);
    void onUpdate(const OrderUpdate &order);
    void onEnded(Venue venue, const ClientOrderId &order);
    /// The venue knows of none; should it show up after all, it counts again.
    void onAbsent(Venue venue, const ClientOrderId &order) { m_orders.erase({venue, order}); }

    /// Absent: not open. Valid until the next call that is not const.
    [[nodiscard]] const OrderUpdate *find(Venue venue, const ClientOrderId &order) const;
    /// By venue and client id.
    [[nodiscard]] const std::map<Key, OrderUpdate> &all() const { return m_orders; }
    [[nodiscard]] std::vector<OrderUpdate> of(const InstrumentKey &instrument) const;

    /// What plain (not conditional) orders may still take from a position in `direction`.
    [[nodiscard]] Quantity closing(const InstrumentKey &instrument, PositionSide side, Direction direction) const;
    /// What orders on `side` that are not bound to reduce may still fill, conditional ones included; without `except`.
    [[nodiscard]] Quantity entering(const InstrumentKey &instrument, PositionSide leg, Side side,
                                    const ClientOrderId &except = {}) const;

private:
    std::map<Key, OrderUpdate> m_orders;
    /// Ended ids, so that a late "new" does not bring one back; bounded, oldest forgotten first.
    std::set<Key> m_ended;
    std::deque<Key> m_endedInOrder;
};

[[nodiscard]] Quantity unfilled(const OrderUpdate &order);
/// Bound to reduce: the flag, or the closing side of a hedge-mode leg.
[[nodiscard]] bool isBoundToReduce(ReduceOnly reduceOnly, PositionSide leg, Side side);

} // namespace core::orders
