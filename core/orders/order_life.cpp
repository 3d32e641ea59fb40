#include "core/orders/order_life.h"

#include <algorithm>
#include <limits>

namespace core::orders
{

namespace
{
constexpr int kRankTriggered = 2;
constexpr int kRankPartiallyFilled = 3;
constexpr int kRankFirstEnd = 4;
constexpr int kRankFilled = 7;
/// How far an order has come. Among the ends a fill wins, then the one that leaves the most behind.
int rankOf(OrderStatus status)
{
    switch (status) {
    case OrderStatus::Pending:
    case OrderStatus::Unknown: return 0;
    case OrderStatus::New: return 1;
    case OrderStatus::Triggered: return kRankTriggered;
    case OrderStatus::PartiallyFilled: return kRankPartiallyFilled;
    case OrderStatus::Rejected: return kRankFirstEnd;
    case OrderStatus::Expired: return 5;
    case OrderStatus::Canceled: return 6;
    case OrderStatus::Filled: return kRankFilled;
    }
    return 0;
}

__extension__ using Wide = __int128;

constexpr OrderStatus kByRank[] = {OrderStatus::Pending,         OrderStatus::New,      OrderStatus::Triggered,
                                   OrderStatus::PartiallyFilled, OrderStatus::Rejected, OrderStatus::Expired,
                                   OrderStatus::Canceled,        OrderStatus::Filled};

} // namespace

void OrderLife::onOutcome(RequestOutcome outcome)
{
    m_accepted = m_accepted || outcome == RequestOutcome::Accepted;
    m_rejected = m_rejected || outcome == RequestOutcome::Rejected;
    m_unknown = m_unknown || outcome == RequestOutcome::Unknown;
}

void OrderLife::onUpdate(const OrderUpdate &update)
{
    const int rank = rankOf(update.status);
    if (update.filled.isPositive()) {
        // The same size may come with and without a price; the larger one is as good a choice as any, and
        // always the same.
        if (update.filled > m_reported)
            m_reportedPrice = update.averagePrice;
        else if (update.filled == m_reported)
            m_reportedPrice = std::max(m_reportedPrice, update.averagePrice);
        m_reported = std::max(m_reported, update.filled);
    }
    if (rank > m_rank || (rank == m_rank && update.reason > m_reason))
        m_reason = update.reason;
    m_rank = std::max(m_rank, rank);
    m_venueTime = std::max(m_venueTime, update.venueTime);
}

bool OrderLife::onFill(const Fill &fill)
{
    const auto at = std::lower_bound(m_fills.begin(), m_fills.end(), fill.tradeId,
                                     [](const Execution &e, std::int64_t id) { return e.tradeId < id; });
    if ((at != m_fills.end() && at->tradeId == fill.tradeId) || !fill.quantity.isPositive())
        return false;
    m_fills.insert(at, {fill.tradeId, fill.price, fill.quantity});
    m_venueTime = std::max(m_venueTime, fill.venueTime);
    return true;
}

OrderStatus OrderLife::status() const
{
    if (m_rank == kRankFilled || filled() >= m_request.quantity)
        return OrderStatus::Filled;
    if (m_rank >= kRankFirstEnd)
        return kByRank[static_cast<std::size_t>(m_rank)];
    if (m_rank == kRankPartiallyFilled || filled().isPositive())
        return OrderStatus::PartiallyFilled;
    if (m_rank == kRankTriggered)
        return OrderStatus::Triggered;
    if (m_rank == 1)
        return OrderStatus::New;
    // Only answers to the request are left. A refusal is a refusal even when an earlier try of the same
    // request timed out.
    if (m_rejected)
        return OrderStatus::Rejected;
    if (m_accepted)
        return OrderStatus::New;
    return m_unknown ? OrderStatus::Unknown : OrderStatus::Pending;
}

Quantity OrderLife::filled() const
{
    Quantity sum;
    for (const Execution &execution : m_fills)
        sum = add(sum, execution.quantity)
                  .value_or(Quantity::fromRaw(std::numeric_limits<std::int64_t>::max()));
    return std::max(sum, m_reported);
}

Quantity OrderLife::open() const
{
    if (isSettled())
        return {};
    return Quantity::fromRaw(std::max<std::int64_t>(0, m_request.quantity.raw() - filled().raw()));
}

Quantity OrderLife::filledWithoutFills() const
{
    Quantity sum;
    for (const Execution &execution : m_fills)
        sum = add(sum, execution.quantity)
                  .value_or(Quantity::fromRaw(std::numeric_limits<std::int64_t>::max()));
    return m_reported > sum ? Quantity::fromRaw(m_reported.raw() - sum.raw()) : Quantity{};
}

std::optional<Price> OrderLife::averagePrice() const
{
    if (filledWithoutFills().isPositive() || m_fills.empty())
        return m_reportedPrice;
    Wide weight = 0;
    Wide size = 0;
    for (const Execution &execution : m_fills) {
        Wide product = 0;
        if (__builtin_mul_overflow(static_cast<Wide>(execution.price.raw()),
                                   static_cast<Wide>(execution.quantity.raw()), &product) ||
            __builtin_add_overflow(weight, product, &weight))
            return std::nullopt;
        size += execution.quantity.raw();
    }
    return Price::fromRaw(static_cast<std::int64_t>(weight / size));
}

} // namespace core::orders
