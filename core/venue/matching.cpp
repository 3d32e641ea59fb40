#include "core/venue/matching.h"

#include <algorithm>

namespace core::venue
{

namespace
{
/// True when a taker on `taker` with this limit may trade at `price`.
[[nodiscard]] bool within(Side taker, const std::optional<Price> &limit, Price price)
{
    if (!limit)
        return true;
    return taker == Side::Buy ? price <= *limit : price >= *limit;
}

/// For a taker on `taker`: is `a` the better price?
[[nodiscard]] bool better(Side taker, Price a, Price b)
{
    return taker == Side::Buy ? a < b : a > b;
}
} // namespace

/// Walks one side of the external book best first, without what was taken. The book must not change
/// meanwhile.
class MatchingBook::ExternalCursor
{
public:
    ExternalCursor(const MatchingBook &book, Side side) : m_book(book), m_side(side) {}

    [[nodiscard]] std::optional<Level> current()
    {
        for (;;) {
            if (m_next == m_levels.size() && !more())
                return std::nullopt;
            const Level &level = m_levels[m_next];
            const Quantity left = m_book.available(m_side, level.price);
            if (left.isPositive())
                return Level{level.price, left};
            ++m_next;
        }
    }

private:
    [[nodiscard]] bool more()
    {
        if (m_complete)
            return false;
        const std::size_t before = m_levels.size();
        m_wanted *= 8;
        m_levels.clear();
        m_book.m_external.copyLevels(m_side, m_wanted, m_levels);
        m_complete = m_levels.size() < m_wanted;
        return m_levels.size() > before;
    }

    const MatchingBook &m_book;
    Side m_side;
    std::vector<Level> m_levels;
    std::size_t m_next{0};
    std::size_t m_wanted{4};
    bool m_complete{false};
};

MatchingBook::MatchingBook(Price tickSize) : m_external(tickSize) {}

Result<void> MatchingBook::assign(std::span<const Level> bids, std::span<const Level> asks)
{
    m_takenBids.clear();
    m_takenAsks.clear();
    return m_external.assign(bids, asks);
}

Result<void> MatchingBook::apply(std::span<const Level> bids, std::span<const Level> asks)
{
    forget(Side::Buy, bids);
    forget(Side::Sell, asks);
    return m_external.apply(bids, asks);
}

void MatchingBook::forget(Side side, std::span<const Level> changed)
{
    auto &gone = taken(side);
    if (gone.empty())
        return;
    for (const Level &level : changed)
        gone.erase(level.price.raw());
}

Quantity MatchingBook::available(Side side, Price price) const
{
    const Quantity shown = m_external.quantityAt(side, price);
    const auto &gone = taken(side);
    const auto found = gone.find(price.raw());
    if (found == gone.end())
        return shown;
    return Quantity::fromRaw(std::max<std::int64_t>(0, shown.raw() - found->second));
}

Quantity MatchingBook::shown(Side side, Price price) const
{
    std::int64_t sum = available(side, price).raw();
    const RestingSide &orders = resting(side);
    if (const auto queue = orders.find(price.raw()); queue != orders.end())
        for (const Resting &entry : queue->second)
            sum += entry.order.remaining.raw();
    return Quantity::fromRaw(sum);
}

void MatchingBook::copyShown(Side side, std::size_t countMax, std::vector<Level> &out) const
{
    if (!isChanged()) {
        m_external.copyLevels(side, countMax, out);
        return;
    }
    std::vector<Level> external;
    m_external.copyLevels(side, countMax + taken(side).size(), external);
    std::vector<Price> own;
    for (const auto &[price, queue] : resting(side))
        own.push_back(Price::fromRaw(price));
    if (side == Side::Buy)
        std::reverse(own.begin(), own.end());
    const Side taker = opposite(side); // whose "better" is this side's order
    auto next = own.begin();
    const auto put = [&](Price price) {
        if (const Quantity there = shown(side, price); there.isPositive() && out.size() < countMax)
            out.push_back({price, there});
    };
    for (const Level &level : external) {
        for (; next != own.end() && better(taker, *next, level.price); ++next)
            put(*next);
        if (next != own.end() && *next == level.price)
            ++next;
        put(level.price);
    }
    for (; next != own.end(); ++next)
        put(*next);
}

std::optional<Level> MatchingBook::bestAvailable(Side side) const
{
    return ExternalCursor(*this, side).current();
}

std::optional<Price> MatchingBook::middle() const
{
    const auto bid = m_external.best(Side::Buy);
    const auto ask = m_external.best(Side::Sell);
    if (!bid || !ask)
        return std::nullopt;
    const auto sum = checkedAdd(bid->price.raw(), ask->price.raw());
    if (!sum)
        return std::nullopt;
    return mulDiv(*sum, 1, 2, Rounding::HalfEven)
        .map([](std::int64_t raw) { return Price::fromRaw(raw); })
        .value();
}

std::optional<Price> MatchingBook::bestResting(Side side) const
{
    const RestingSide &orders = resting(side);
    if (orders.empty())
        return std::nullopt;
    return Price::fromRaw(side == Side::Buy ? orders.rbegin()->first : orders.begin()->first);
}

Quantity MatchingBook::reachable(const BookOrder &order) const
{
    const Side side = opposite(order.side);
    std::int64_t sum = 0;
    std::vector<Level> levels;
    if (order.limit)
        m_external.copyLevelsWithin(side, *order.limit, levels);
    else
        m_external.copyLevels(side, m_external.levelCount(side), levels);
    for (const Level &level : levels) {
        sum += available(side, level.price).raw();
        if (sum >= order.remaining.raw())
            return order.remaining;
    }
    for (const auto &[price, queue] : resting(side)) {
        if (!within(order.side, order.limit, Price::fromRaw(price)))
            continue;
        for (const Resting &entry : queue)
            if (entry.order.account != order.account || order.selfTrade == SelfTrade::None)
                sum = std::min(order.remaining.raw(), sum + entry.order.remaining.raw());
    }
    return Quantity::fromRaw(std::min(sum, order.remaining.raw()));
}

MatchRefusal MatchingBook::check(const BookOrder &order) const
{
    const Side side = opposite(order.side);
    if (!order.limit)
        return bestAvailable(side) || bestResting(side) ? MatchRefusal::None : MatchRefusal::NoLiquidity;
    if (order.timeInForce == TimeInForce::FillOrKill)
        return reachable(order) == order.remaining ? MatchRefusal::None : MatchRefusal::FillOrKill;
    if (order.timeInForce == TimeInForce::PostOnly) {
        const auto external = bestAvailable(side);
        const auto own = bestResting(side);
        if ((external && within(order.side, order.limit, external->price)) ||
            (own && within(order.side, order.limit, *own)))
            return MatchRefusal::PostOnly;
    }
    return MatchRefusal::None;
}

void MatchingBook::takeExternal(BookOrder &order, Side side, const Level &level, MatchListener &listener)
{
    const Quantity quantity = std::min(order.remaining, level.quantity);
    taken(side)[level.price.raw()] += quantity.raw();
    order.remaining = Quantity::fromRaw(order.remaining.raw() - quantity.raw());
    listener.onShown(side, level.price);
    listener.onExecution(order, level.price, quantity, false);
}

void MatchingBook::dropFront(Side side, std::int64_t price)
{
    RestingSide &orders = resting(side);
    const auto found = orders.find(price);
    m_where.erase(found->second.front().order.id);
    found->second.erase(found->second.begin());
    if (found->second.empty())
        orders.erase(found);
}

bool MatchingBook::fillFront(Side side, std::int64_t price, Quantity &quantity, MatchListener &listener)
{
    BookOrder &maker = resting(side).at(price).front().order;
    Quantity most = std::min(maker.remaining, quantity);
    if (maker.reduceOnly == ReduceOnly::Yes)
        most = std::min(most, listener.reducible(maker));
    if (!most.isPositive()) {
        const BookOrder ended = maker;
        dropFront(side, price);
        listener.onShown(side, Price::fromRaw(price));
        listener.onExpired(ended, Expiry::ReduceOnly);
        return false;
    }
    maker.remaining = Quantity::fromRaw(maker.remaining.raw() - most.raw());
    quantity = Quantity::fromRaw(quantity.raw() - most.raw());
    const BookOrder filled = maker;
    if (filled.remaining.isZero())
        dropFront(side, price);
    listener.onShown(side, Price::fromRaw(price));
    listener.onExecution(filled, Price::fromRaw(price), most, true);
    return true;
}

bool MatchingBook::takeResting(BookOrder &order, Side side, Price price, MatchListener &listener)
{
    const BookOrder maker = resting(side).at(price.raw()).front().order;
    if (maker.account == order.account && order.selfTrade != SelfTrade::None) {
        if (order.selfTrade != SelfTrade::ExpireTaker) {
            dropFront(side, price.raw());
            listener.onShown(side, price);
            listener.onExpired(maker, Expiry::SelfTrade);
        }
        return order.selfTrade == SelfTrade::ExpireMaker;
    }
    Quantity wanted = order.remaining;
    if (fillFront(side, price.raw(), wanted, listener)) {
        const Quantity quantity = Quantity::fromRaw(order.remaining.raw() - wanted.raw());
        order.remaining = wanted;
        listener.onExecution(order, price, quantity, false);
    }
    return true;
}

void MatchingBook::submit(BookOrder order, MatchListener &listener)
{
    const Side side = opposite(order.side);
    const std::optional<Price> worst = order.limit ? order.limit : order.takeBound;
    ExternalCursor cursor(*this, side);
    while (order.remaining.isPositive()) {
        const auto external = cursor.current();
        const auto own = bestResting(side);
        if (!external && !own)
            break;
        // At an equal price external size was there first.
        const bool takeOwn = own && (!external || better(order.side, *own, external->price));
        const Price price = takeOwn ? *own : external->price;
        if (!within(order.side, worst, price))
            break;
        if (!takeOwn) {
            takeExternal(order, side, *external, listener);
        } else if (!takeResting(order, side, price, listener)) {
            listener.onExpired(order, Expiry::SelfTrade);
            return;
        }
    }
    if (order.remaining.isZero())
        return;
    if (!order.limit)
        listener.onExpired(order, Expiry::MarketRemainder);
    else if (order.timeInForce == TimeInForce::ImmediateOrCancel ||
             order.timeInForce == TimeInForce::FillOrKill)
        listener.onExpired(order, Expiry::ImmediateRemainder);
    else
        rest(order, listener);
}

void MatchingBook::rest(const BookOrder &order, MatchListener &listener)
{
    const std::int64_t price = order.limit->raw();
    resting(order.side)[price].push_back({m_arrivals++, order});
    m_where[order.id] = {order.side, price};
    listener.onShown(order.side, *order.limit);
}

std::optional<std::pair<Side, Price>> MatchingBook::cancel(std::int64_t orderId)
{
    const auto place = m_where.find(orderId);
    if (place == m_where.end())
        return std::nullopt;
    const auto [side, price] = place->second;
    RestingSide &orders = resting(side);
    const auto level = orders.find(price);
    std::erase_if(level->second, [orderId](const Resting &entry) { return entry.order.id == orderId; });
    if (level->second.empty())
        orders.erase(level);
    m_where.erase(place);
    return std::pair{side, Price::fromRaw(price)};
}

const BookOrder *MatchingBook::find(std::int64_t orderId) const
{
    const auto place = m_where.find(orderId);
    if (place == m_where.end())
        return nullptr;
    for (const Resting &entry : resting(place->second.first).at(place->second.second))
        if (entry.order.id == orderId)
            return &entry.order;
    return nullptr;
}

void MatchingBook::sweepReduceOnly(std::size_t account, bool shrink, MatchListener &listener)
{
    std::vector<BookOrder> ended;
    std::vector<std::pair<BookOrder, Quantity>> shrunk;
    for (RestingSide *orders : {&m_bids, &m_asks})
        for (auto &[price, queue] : *orders)
            for (Resting &entry : queue) {
                BookOrder &order = entry.order;
                if (order.account != account || order.reduceOnly != ReduceOnly::Yes)
                    continue;
                const Quantity most = listener.reducible(order);
                if (!most.isPositive()) {
                    ended.push_back(order);
                } else if (shrink && order.remaining > most) {
                    shrunk.emplace_back(order, Quantity::fromRaw(order.remaining.raw() - most.raw()));
                    order.remaining = most;
                }
            }
    for (const auto &[order, less] : shrunk) {
        listener.onShown(order.side, *order.limit);
        listener.onShrunk(order, less);
    }
    for (const BookOrder &order : ended) {
        cancel(order.id);
        listener.onShown(order.side, *order.limit);
        listener.onExpired(order, Expiry::ReduceOnly);
    }
}

void MatchingBook::matchResting(MatchListener &listener)
{
    for (const Side side : {Side::Buy, Side::Sell}) {
        while (const auto own = bestResting(side)) {
            const auto external = bestAvailable(opposite(side));
            if (!external || !within(side, own, external->price))
                break;
            Quantity left = external->quantity;
            if (fillFront(side, own->raw(), left, listener)) {
                taken(opposite(side))[external->price.raw()] += external->quantity.raw() - left.raw();
                listener.onShown(opposite(side), external->price);
            }
        }
    }
}

void MatchingBook::onPrint(const Trade &trade, MatchListener &listener)
{
    const Side side = opposite(trade.aggressor); // a seller's print goes through bids above it
    Quantity left = trade.quantity;
    while (left.isPositive()) {
        const auto own = bestResting(side);
        if (!own || !better(trade.aggressor, *own, trade.price))
            break;
        static_cast<void>(fillFront(side, own->raw(), left, listener));
    }
}

} // namespace core::venue
