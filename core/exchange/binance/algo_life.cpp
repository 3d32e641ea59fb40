#include "core/exchange/binance/algo_life.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/base/assert.h"

namespace core::exchange::binance
{
namespace
{

/// How far the algo side has come. Its three ends exclude each other; FINISHED is the end after a trigger.
int stageOf(std::string_view status)
{
    if (status == "NEW")
        return 1;
    if (status == "TRIGGERING")
        return 2;
    if (status == "TRIGGERED")
        return 3;
    if (status == "CANCELED" || status == "EXPIRED" || status == "REJECTED")
        return 4;
    return status == "FINISHED" ? 5 : 0;
}

int rankOf(OrderStatus status)
{
    switch (status) {
    case OrderStatus::Pending:
    case OrderStatus::Unknown:
        return 0;
    case OrderStatus::New:
        return 1;
    case OrderStatus::Triggered:
        return 2;
    case OrderStatus::PartiallyFilled:
        return 3;
    case OrderStatus::Rejected:
        return 4;
    case OrderStatus::Expired:
        return 5;
    case OrderStatus::Canceled:
        return 6;
    case OrderStatus::Filled:
        return 7;
    }
    return 0;
}

} // namespace

void AlgoLife::onAlgo(const AlgoEvent &event)
{
    if (event.childOrder)
        m_child = event.childOrder;
    if (!m_algo) {
        m_algo = event;
        return;
    }
    const int now = stageOf(event.status);
    const int before = stageOf(m_algo->status);
    if (now < before || (now == before && event.venueTime < m_algo->venueTime))
        return;
    const AlgoEvent earlier = std::exchange(*m_algo, event);
    // An event need not repeat what an earlier one said.
    m_algo->executed = std::max(m_algo->executed, earlier.executed);
    if (!m_algo->averagePrice)
        m_algo->averagePrice = earlier.averagePrice;
    if (m_algo->reason.empty())
        m_algo->reason = earlier.reason;
    if (m_algo->quantity.isZero())
        m_algo->quantity = earlier.quantity;
}

void AlgoLife::onChild(const OrderUpdate &child)
{
    m_child = child.venueOrderId;
    if (m_childState) {
        const OrderUpdate &known = *m_childState;
        const bool older = child.filled < known.filled || rankOf(child.status) < rankOf(known.status);
        if (older)
            return;
    }
    m_childState = child;
}

bool AlgoLife::hasFired() const
{
    if (m_child || m_childState)
        return true;
    const int stage = m_algo ? stageOf(m_algo->status) : 0;
    return stage == 2 || stage == 3 || stage == 5;
}

Quantity AlgoLife::filled() const
{
    const Quantity byAlgo = m_algo ? m_algo->executed : Quantity{};
    return std::max(byAlgo, m_childState ? m_childState->filled : Quantity{});
}

OrderStatus AlgoLife::status() const
{
    if (m_childState && isFinal(m_childState->status))
        return m_childState->status;
    const int stage = m_algo ? stageOf(m_algo->status) : 0;
    if (stage == 4 && filled().isZero()) {
        if (m_algo->status == "CANCELED")
            return OrderStatus::Canceled;
        return m_algo->status == "EXPIRED" ? OrderStatus::Expired : OrderStatus::Rejected;
    }
    if (stage == 5 && m_algo->quantity.isPositive() && m_algo->executed >= m_algo->quantity)
        return OrderStatus::Filled;
    if (filled().isPositive())
        return OrderStatus::PartiallyFilled;
    if (hasFired())
        return OrderStatus::Triggered;
    return stage == 1 ? OrderStatus::New : OrderStatus::Unknown;
}

bool AlgoLife::isOver() const
{
    return m_algo && isFinal(status());
}

bool AlgoLife::wantsChild() const
{
    return m_algo && stageOf(m_algo->status) >= 4 && !isFinal(status());
}

OrderUpdate AlgoLife::state() const
{
    CORE_ASSERT(m_algo.has_value(), "REQUIRES: the algo is known");
    const AlgoEvent &algo = *m_algo;
    OrderUpdate update;
    update.instrument = algo.instrument;
    update.clientOrderId = algo.clientAlgoId;
    update.venueOrderId = m_child.value_or(VenueOrderId{algo.algoId});
    update.side = algo.side;
    update.positionSide = algo.positionSide;
    update.type = algo.type;
    update.status = status();
    update.quantity = algo.quantity;
    update.filled = filled();
    update.averagePrice = algo.averagePrice;
    update.limitPrice = algo.limitPrice;
    update.reduceOnly = algo.reduceOnly;
    update.triggerPrice = algo.triggerPrice;
    update.reason = algo.reason;
    update.venueTime = algo.venueTime;
    update.receivedAt = algo.receivedAt;
    if (m_childState) {
        const OrderUpdate &child = *m_childState;
        if (child.averagePrice)
            update.averagePrice = child.averagePrice;
        if (update.quantity.isZero())
            update.quantity = child.quantity; // "the whole position" has become a number
        if (!child.reason.empty())
            update.reason = child.reason;
        update.venueTime = std::max(update.venueTime, child.venueTime);
        update.receivedAt = std::max(update.receivedAt, child.receivedAt);
    }
    return update;
}

std::vector<OrderUpdate> AlgoLife::takeNews()
{
    std::vector<OrderUpdate> news;
    if (!m_algo)
        return news;
    const OrderUpdate now = state();
    const bool advanced = !m_told || rankOf(now.status) > rankOf(m_told->status) || now.filled > m_told->filled ||
                          (now.status == m_told->status && now.reason != m_told->reason);
    if (!advanced)
        return news;
    if (hasFired() && !m_triggerTold) {
        m_triggerTold = true;
        if (now.status != OrderStatus::Triggered) {
            OrderUpdate fired = now;
            fired.status = OrderStatus::Triggered;
            fired.filled = {};
            fired.averagePrice.reset();
            fired.reason.clear();
            news.push_back(std::move(fired));
        }
    }
    m_told = now;
    news.push_back(now);
    return news;
}

} // namespace core::exchange::binance
