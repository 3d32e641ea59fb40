#include "core/runtime/market_board.h"

#include <algorithm>

#include "core/market/order_book.h"

namespace core::runtime
{

std::optional<Duration> ageAt(UtcTime now, const std::optional<UtcTime> &then)
{
    if (!then)
        return std::nullopt;
    return std::max(Duration{0}, now - *then);
}

MarketBoard::Market &MarketBoard::at(const InstrumentKey &instrument)
{
    auto [found, isNew] = m_markets.try_emplace(instrument);
    if (isNew) {
        found->second.view.key = instrument;
        found->second.view.rank = m_order.size();
        m_order.push_back(instrument);
    }
    return found->second;
}

void MarketBoard::expect(const InstrumentKey &instrument)
{
    static_cast<void>(at(instrument));
}

void MarketBoard::describe(const Instrument &instrument)
{
    Market &market = at(instrument.key);
    market.view.instrument = instrument;
    if (!market.history)
        market.history = std::make_unique<market::DepthHistory>(market::DepthHistory::Config{});
}

void MarketBoard::onBook(const InstrumentKey &instrument, const market::OrderBook &book, Freshness freshness,
                         UtcTime receivedAt)
{
    Market &market = at(instrument);
    market.book = &book;
    market.view.book = freshness;
    market.bookChangedAt = receivedAt;
}

void MarketBoard::onTrade(const Trade &trade)
{
    Market &market = at(trade.instrument);
    market.view.lastTrade = trade;
    market.view.trades = Freshness::Fresh;
}

void MarketBoard::onMark(const MarkPrice &mark)
{
    Market &market = at(mark.instrument);
    market.view.markPrice = mark;
    market.markReceivedAt = mark.receivedAt;
}

void MarketBoard::onTicker(const Ticker &ticker)
{
    at(ticker.instrument).view.ticker = ticker;
}

void MarketBoard::onLiquidation(const Liquidation &liquidation)
{
    at(liquidation.instrument).view.lastLiquidation = liquidation;
}

void MarketBoard::onFees(const InstrumentKey &instrument, const FeeRates &fees)
{
    if (const auto known = m_markets.find(instrument); known != m_markets.end())
        known->second.view.fees = fees;
}

void MarketBoard::onTradesFreshness(const InstrumentKey &instrument, Freshness freshness)
{
    if (const auto known = m_markets.find(instrument); known != m_markets.end() && known->second.view.lastTrade)
        known->second.view.trades = freshness;
}

bool MarketBoard::show(const InstrumentKey &instrument)
{
    if (!m_markets.contains(instrument))
        return false;
    m_shown = instrument;
    return true;
}

std::optional<InstrumentKey> MarketBoard::shown() const
{
    if (m_shown || m_order.empty())
        return m_shown;
    return m_order.front();
}

std::optional<InstrumentKey> MarketBoard::firstLive() const
{
    const auto live = std::find_if(m_order.begin(), m_order.end(), [this](const InstrumentKey &key) {
        return m_markets.at(key).view.book == Freshness::Fresh;
    });
    return live == m_order.end() ? std::nullopt : std::optional(*live);
}

std::vector<std::pair<InstrumentKey, Freshness>> MarketBoard::judgeMarks(UtcTime now, Duration staleAfter)
{
    std::vector<std::pair<InstrumentKey, Freshness>> changed;
    for (auto &[key, market] : m_markets) {
        Freshness state = Freshness::Connecting;
        if (const auto age = ageAt(now, market.markReceivedAt))
            state = *age <= staleAfter ? Freshness::Fresh : Freshness::Stale;
        market.view.mark = state;
        if (state != market.reportedMark) {
            market.reportedMark = state;
            changed.emplace_back(key, state);
        }
    }
    return changed;
}

const MarketSnapshot *MarketBoard::find(const InstrumentKey &instrument) const
{
    const auto known = m_markets.find(instrument);
    return known == m_markets.end() ? nullptr : &known->second.view;
}

bool MarketBoard::sample(UtcTime now, BatchQueue<ShownColumn> &columns) const
{
    bool isNew = false;
    for (const auto &[key, market] : m_markets) {
        if (!market.book || !market.history)
            continue;
        auto column = market.history->sample(*market.book, market.view.book, now);
        if (!column || !isShown(key))
            continue;
        static_cast<void>(columns.push({key, std::move(column)}).wake); // the screen wakes with the next snapshot
        isNew = true;
    }
    return isNew;
}

void MarketBoard::replay(BatchQueue<ShownColumn> &columns) const
{
    const auto key = shown();
    if (!key || !m_markets.at(*key).history)
        return;
    std::vector<std::shared_ptr<const market::DepthColumn>> held;
    m_markets.at(*key).history->copyAll(held);
    for (auto &column : held)
        static_cast<void>(columns.push({*key, std::move(column)}).wake);
}

void MarketBoard::fill(std::vector<MarketSnapshot> &markets, UtcTime now)
{
    const auto shownKey = shown();
    std::vector<InstrumentKey> order = m_order;
    const auto shownAt = std::find(order.begin(), order.end(), shownKey);
    if (shownAt != order.end())
        std::rotate(order.begin(), shownAt, shownAt + 1);
    for (const InstrumentKey &key : order) {
        Market &market = m_markets.at(key);
        market.view.bookAge = ageAt(now, market.bookChangedAt);
        market.view.markAge = ageAt(now, market.markReceivedAt);
        market.view.bids.clear();
        market.view.asks.clear();
        if (market.book) {
            const std::size_t levels = key == shownKey ? kLadderLevels : 1;
            market.book->copyLevels(Side::Buy, levels, market.view.bids);
            market.book->copyLevels(Side::Sell, levels, market.view.asks);
        }
        markets.push_back(market.view);
    }
}

void MarketBoard::forgetBooks()
{
    for (auto &[key, market] : m_markets)
        market.book = nullptr;
}

} // namespace core::runtime
