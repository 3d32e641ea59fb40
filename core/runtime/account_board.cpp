#include "core/runtime/account_board.h"

#include <algorithm>

namespace core::runtime
{

namespace
{
template <class Fact> void keep(std::vector<Fact> &facts, const Fact &fact)
{
    if (std::find(facts.begin(), facts.end(), fact) != facts.end())
        return; // stream and query tell the same one
    if (facts.size() == kFactsKept)
        facts.erase(facts.begin());
    facts.push_back(fact);
}
} // namespace

void AccountBoard::onAccount(const AccountSnapshot &totals)
{
    m_venueTotals = totals;
    m_heardAt = totals.receivedAt;
}

std::vector<Position> AccountBoard::onPositions(const std::vector<Position> &positions, bool complete, UtcTime now)
{
    const auto keyOf = [](const Position &position) { return std::pair{position.instrument, position.positionSide}; };
    std::vector<Position> closed;
    if (complete) {
        for (auto &[key, known] : m_positions) {
            const bool listed = std::any_of(positions.begin(), positions.end(),
                                            [&, &id = key](const Position &position) { return keyOf(position) == id; });
            if (listed || known.isFlat())
                continue;
            known.quantity = Quantity{};
            closed.push_back(known);
        }
        m_view.positionsKnown = true;
        m_view.positionsAnsweredAt = now;
        m_heardAt = positions.empty() ? now : m_heardAt;
    }
    for (const Position &position : positions) {
        m_positions[keyOf(position)] = position;
        m_heardAt = position.receivedAt;
    }
    return closed;
}

std::vector<Position> AccountBoard::openPositions() const
{
    std::vector<Position> open;
    for (const auto &[key, position] : m_positions) {
        if (!position.isFlat())
            open.push_back(position);
    }
    return open;
}

bool AccountBoard::onOrder(const OrderUpdate &order)
{
    if (isFinal(order.status)) {
        onOrderAbsent(order.clientOrderId);
        return false;
    }
    m_openOrders[order.clientOrderId] = order;
    // Without the venue's word it has only not been said yet.
    const bool strange = order.type == OrderType::Unknown && !order.reason.empty();
    return strange && m_unknownTypes.insert(order.clientOrderId).second;
}

void AccountBoard::onOrderAbsent(const ClientOrderId &order)
{
    m_openOrders.erase(order);
    m_unknownTypes.erase(order);
}

void AccountBoard::onFunding(const FundingPayment &payment)
{
    keep(m_view.funding, payment);
}

void AccountBoard::onTransfer(const Transfer &transfer)
{
    keep(m_view.transfers, transfer);
}

std::optional<Freshness> AccountBoard::judge(UtcTime now, Duration staleAfter)
{
    Freshness state = Freshness::Connecting;
    if (const auto age = ageAt(now, m_heardAt))
        state = *age <= staleAfter ? Freshness::Fresh : Freshness::Stale;
    m_view.freshness = state;
    if (state == m_reported)
        return std::nullopt;
    m_reported = state;
    return state;
}

void AccountBoard::refresh(const MarketBoard &markets)
{
    m_view.positions.clear();
    Money unrealized;
    bool allKnown = true;
    for (auto &[key, position] : m_positions) {
        if (position.isFlat())
            continue;
        const MarketSnapshot *market = markets.find(position.instrument);
        if (market && market->mark == Freshness::Fresh && market->markPrice)
            position.markPrice = market->markPrice->mark;
        if (position.markPrice) {
            const std::int64_t move = position.direction == Direction::Long
                                          ? position.markPrice->raw() - position.entryPrice.raw()
                                          : position.entryPrice.raw() - position.markPrice->raw();
            if (const auto pnl = notional(Price::fromRaw(move), position.quantity, Rounding::HalfEven))
                position.unrealizedPnl = *pnl;
        }
        const auto sum = position.unrealizedPnl ? add(unrealized, *position.unrealizedPnl)
                                                : Result<Money>(fail(ErrorCode::NotFound, "no mark yet"));
        allKnown = allKnown && sum.has_value();
        if (sum)
            unrealized = *sum;
        m_view.positions.push_back(position);
    }
    m_view.totals = m_venueTotals;
    if (m_view.totals && allKnown) {
        m_view.totals->unrealizedPnl = unrealized;
        if (const auto equity = add(m_view.totals->walletBalance, unrealized))
            m_view.totals->equity = *equity;
    }
    m_view.openOrders.clear();
    for (const auto &[id, order] : m_openOrders)
        m_view.openOrders.push_back(order);
}

AccountView AccountBoard::unconnected(const AccountId &account)
{
    AccountView view;
    view.account = account;
    view.connected = false;
    return view;
}

AccountView joined(AccountView one, AccountView other)
{
    if (one.freshness == Freshness::Fresh)
        one.freshness = other.freshness;
    if (one.age && other.age)
        one.age = std::max(*one.age, *other.age);
    else
        one.age.reset();
    one.positionsKnown = one.positionsKnown && other.positionsKnown;
    if (one.positionsAnsweredAt && other.positionsAnsweredAt)
        one.positionsAnsweredAt = std::min(*one.positionsAnsweredAt, *other.positionsAnsweredAt);
    else
        one.positionsAnsweredAt.reset();
    if (one.totals && other.totals) {
        AccountSnapshot &sum = *one.totals;
        const AccountSnapshot &more = *other.totals;
        bool fits = true;
        const auto addTo = [&fits](Money &total, Money part) {
            const auto value = add(total, part);
            fits = fits && value.has_value();
            total = value.value_or(total);
        };
        addTo(sum.walletBalance, more.walletBalance);
        addTo(sum.unrealizedPnl, more.unrealizedPnl);
        addTo(sum.equity, more.equity);
        addTo(sum.available, more.available);
        addTo(sum.initialMargin, more.initialMargin);
        addTo(sum.maintenanceMargin, more.maintenanceMargin);
        sum.venueTime = std::min(sum.venueTime, more.venueTime);
        sum.receivedAt = std::min(sum.receivedAt, more.receivedAt);
        if (!fits)
            one.totals.reset();
    } else {
        one.totals.reset();
    }
    const auto append = [](auto &to, auto &from) { to.insert(to.end(), from.begin(), from.end()); };
    append(one.positions, other.positions);
    append(one.openOrders, other.openOrders);
    append(one.funding, other.funding);
    append(one.transfers, other.transfers);
    return one;
}

AccountView AccountBoard::view(UtcTime now)
{
    m_view.age = ageAt(now, m_heardAt);
    return m_view;
}

} // namespace core::runtime
