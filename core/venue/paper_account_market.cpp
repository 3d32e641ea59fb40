// The market as a paper account sees it, and what can be read of the account.
#include <algorithm>

#include "core/venue/paper_account.h"
#include "core/venue/paper_words.h"

namespace core::venue
{

namespace
{
/// What turns `before` into `after`, both best first; a level that went has quantity 0.
void differences(Side side, const std::vector<Level> &before, const std::vector<Level> &after, std::vector<Level> &out)
{
    const auto better = [side](Price a, Price b) { return side == Side::Buy ? a > b : a < b; };
    auto old = before.begin();
    for (const Level &level : after) {
        for (; old != before.end() && better(old->price, level.price); ++old)
            out.push_back({old->price, Quantity{}});
        const bool same = old != before.end() && old->price == level.price;
        if (!same || !(old->quantity == level.quantity))
            out.push_back(level);
        if (same)
            ++old;
    }
    for (; old != before.end(); ++old)
        out.push_back({old->price, Quantity{}});
}
} // namespace

void PaperAccount::onBook(const Symbol &symbol, const market::OrderBook &book, Freshness freshness, UtcTime venueTime)
{
    const auto found = m_markets.find(symbol);
    if (found == m_markets.end())
        return;
    Market &market = found->second;
    market.freshness = freshness == Freshness::Fresh && book.isCrossed() ? Freshness::Crossed : freshness;
    if (market.freshness != Freshness::Fresh || !feedBook(symbol, market, book, venueTime)) {
        dropBook(symbol, market);
        return;
    }
    release(symbol, market);
    settle();
}

bool PaperAccount::feedBook(const Symbol &symbol, Market &market, const market::OrderBook &book, UtcTime venueTime)
{
    std::vector<Level> bids;
    std::vector<Level> asks;
    book.copyLevels(Side::Buy, kLevelsMax, bids);
    book.copyLevels(Side::Sell, kLevelsMax, asks);
    ++market.updates;
    Result<void> fed;
    if (market.live) {
        // Only what changed: what this account took from the other levels stays taken.
        std::vector<Level> changedBids;
        std::vector<Level> changedAsks;
        differences(Side::Buy, market.bids, bids, changedBids);
        differences(Side::Sell, market.asks, asks, changedAsks);
        fed = m_engine.applyDiff(symbol, market.updates, venueTime, venueTime, changedBids, changedAsks);
    } else {
        fed = m_engine.assignBook(symbol, market.updates, venueTime, venueTime, bids, asks);
    }
    if (!fed)
        return false;
    market.live = true;
    market.bids = std::move(bids);
    market.asks = std::move(asks);
    return true;
}

void PaperAccount::dropBook(const Symbol &symbol, Market &market)
{
    if (!std::exchange(market.live, false))
        return;
    if (market.freshness == Freshness::Fresh)
        market.freshness = Freshness::Diverged; // the engine refused it
    market.bids.clear();
    market.asks.clear();
    static_cast<void>(m_engine.assignBook(symbol, ++market.updates, m_clock.now(), m_clock.now(), {}, {}));
    settle();
}

/// Prints and marks that waited for a book to act upon.
void PaperAccount::release(const Symbol &symbol, Market &market)
{
    for (const Trade &trade : std::exchange(market.heldTrades, {}))
        m_engine.onTrade(symbol, trade);
    if (const auto mark = std::exchange(market.heldMark, std::nullopt))
        m_engine.onMark(symbol, *mark);
}

void PaperAccount::onTrade(const Trade &trade)
{
    const auto found = m_markets.find(trade.instrument.symbol);
    if (found == m_markets.end())
        return;
    Market &market = found->second;
    if (market.live) {
        m_engine.onTrade(trade.instrument.symbol, trade);
        settle();
        return;
    }
    if (market.heldTrades.size() == kHeldTradesMax)
        market.heldTrades.pop_front();
    market.heldTrades.push_back(trade);
}

void PaperAccount::onMark(const MarkPrice &mark)
{
    const auto found = m_markets.find(mark.instrument.symbol);
    if (found == m_markets.end())
        return;
    if (!found->second.live) {
        found->second.heldMark = mark;
        return;
    }
    m_engine.onMark(mark.instrument.symbol, mark);
    settle();
}

void PaperAccount::onTimer()
{
    m_engine.onTimer();
    settle();
}

void PaperAccount::settleFunding(const Symbol &symbol, Ratio rate)
{
    m_engine.settleFunding(symbol, rate);
    settle();
}

std::vector<OrderUpdate> PaperAccount::findOrder(const InstrumentKey &instrument, const ClientOrderId &id) const
{
    std::vector<OrderUpdate> result;
    const VenueAlgo *algo = m_engine.findAlgo(0, 0, id.view());
    if (algo != nullptr && algo->request.symbol == instrument.symbol)
        result.push_back(orderUpdate(*algo, m_terms.venue, m_clock.now()));
    if (const VenueOrder *order = m_engine.findOrder(0, instrument.symbol, 0, id.view()))
        result.push_back(orderUpdate(*order, algoOf(*order), m_terms.venue, m_clock.now()));
    return result;
}

std::vector<OrderUpdate> PaperAccount::openOrders() const
{
    std::vector<OrderUpdate> result;
    for (const VenueAlgo *algo : m_engine.openAlgos(0, nullptr))
        result.push_back(orderUpdate(*algo, m_terms.venue, m_clock.now()));
    for (const VenueOrder *order : m_engine.openOrders(0, nullptr))
        result.push_back(orderUpdate(*order, algoOf(*order), m_terms.venue, m_clock.now()));
    return result;
}

std::vector<Position> PaperAccount::positions() const
{
    std::vector<Position> result;
    for (const auto &[key, leg] : m_engine.account(0).positions())
        if (!leg.isFlat())
            result.push_back(positionOf(m_engine.account(0), key, m_terms.venue, m_clock.now()));
    return result;
}

AccountSnapshot PaperAccount::snapshot() const
{
    return snapshotOf(m_engine.account(0), m_terms.account, m_terms.asset, m_clock.now());
}

std::vector<Fill> PaperAccount::fills() const
{
    std::vector<Fill> result;
    for (const auto &fill : m_engine.fills())
        result.push_back(fillOf(*fill, m_engine.findOrder(0, fill->symbol, fill->orderId, {}), m_terms.venue, m_terms.asset,
                                m_clock.now()));
    return result;
}

std::vector<Fill> PaperAccount::fills(const Symbol &symbol) const
{
    std::vector<Fill> result;
    for (const VenueFill *fill : m_engine.fills(0, symbol))
        result.push_back(fillOf(*fill, m_engine.findOrder(0, symbol, fill->orderId, {}), m_terms.venue, m_terms.asset,
                                m_clock.now()));
    return result;
}

} // namespace core::venue
