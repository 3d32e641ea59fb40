// What the market and our own orders become on the public and market streams.
#include <algorithm>

#include <fmt/format.h>

#include "core/venue/binance_text.h"
#include "core/venue/server_impl.h"

namespace core::venue
{

namespace
{
[[nodiscard]] std::string lowerCase(std::string_view text)
{
    std::string out(text);
    for (char &c : out)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return out;
}
constexpr std::uint64_t kFeedErrorsTold = 20;

void writeLevels(JsonText &out, std::string_view name, const std::vector<Level> &levels,
                 const VenueInstrument &instrument)
{
    out.key(name).array();
    for (const Level &level : levels)
        out.array()
            .fixed(level.price.raw(), instrument.pricePrecision)
            .fixed(level.quantity.raw(), instrument.quantityPrecision)
            .endArray();
    out.endArray();
}

[[nodiscard]] std::string depthText(const exchange::binance::DepthUpdate &update, const std::vector<Level> &bids,
                                    const std::vector<Level> &asks, const VenueInstrument &instrument)
{
    JsonText out;
    out.object()
        .text("e", "depthUpdate")
        .number("E", toMilliseconds(update.eventTime))
        .number("T", toMilliseconds(update.venueTime))
        .text("s", update.symbol.view())
        .text("ps", update.symbol.view())
        .number("U", update.firstId)
        .number("u", update.lastId)
        .number("pu", update.previousLastId);
    writeLevels(out, "b", bids, instrument);
    writeLevels(out, "a", asks, instrument);
    return out.number("st", 1).endObject().take();
}
} // namespace

VenueServer::Impl::Names &VenueServer::Impl::namesOf(const Symbol &symbol)
{
    Names &names = m_names[symbol];
    if (names.depth.empty()) {
        names.lower = lowerCase(symbol.view());
        const std::string &lower = names.lower;
        for (const std::string_view speed : {"@depth", "@depth@500ms", "@depth@100ms", "@depth@0ms"})
            names.depth.push_back(lower + std::string(speed));
        names.bookTicker = lower + "@bookTicker";
        names.trade = lower + "@trade";
        names.aggTrade = lower + "@aggTrade";
        names.mark = lower + "@markPrice";
        names.markFast = lower + "@markPrice@1s";
    }
    return names;
}

void VenueServer::Impl::onBookStart(const exchange::binance::DepthSnapshot &snapshot, const Symbol &symbol)
{
    if (const auto done = m_engine->assignBook(symbol, snapshot.lastUpdateId, snapshot.eventTime,
                                               snapshot.venueTime, snapshot.bids, snapshot.asks);
        !done)
        onFeedError(done.error().in("snapshot"));
}

void VenueServer::Impl::onDepth(const exchange::binance::DepthUpdate &update, std::string_view data)
{
    if (m_engine->instrument(update.symbol) == nullptr)
        return;
    const MarketState &state = m_engine->market(update.symbol);
    if (state.hasBook &&
        update.lastId >= state.lastUpdateId) // a recorded snapshot may be ahead of its stream
        if (const auto done = m_engine->applyDiff(update.symbol, update.lastId, update.eventTime,
                                                  update.venueTime, update.bids, update.asks);
            !done)
            onFeedError(done.error().in("depth"));
    Names &names = namesOf(update.symbol);
    if (names.changed.empty() && !m_engine->book(update.symbol).isChanged())
        publishDepth(names, data);
    else
        publishDepth(names, shownDepth(names, update));
    publishPartialDepth(names, update);
}

void VenueServer::Impl::publishDepth(const Names &names, std::string_view data)
{
    if (!m_live)
        return;
    for (const std::string &stream : names.depth)
        m_hub.publish(stream, data);
}

void VenueServer::Impl::onTrade(const Trade &trade, std::string_view data)
{
    const Symbol &symbol = trade.instrument.symbol;
    Names &names = namesOf(symbol);
    names.hasPrints = true;
    m_hub.publish(names.trade, data);
    m_candles.onTrade(symbol, trade);
    m_engine->onTrade(symbol, trade);
}

void VenueServer::Impl::onAggregateTrade(const Trade &trade, std::string_view data)
{
    const Symbol &symbol = trade.instrument.symbol;
    Names &names = namesOf(symbol);
    m_hub.publish(names.aggTrade, data);
    m_candles.onJoinedTrade(symbol, trade);
    if (names.hasPrints)
        return; // its prints came one by one
    m_candles.onTrade(symbol, trade);
    m_engine->onTrade(symbol, trade);
}

void VenueServer::Impl::onBookTicker(const BestQuote &quote, std::string_view data)
{
    const Symbol &symbol = quote.instrument.symbol;
    Names &names = namesOf(symbol);
    // What an order of ours changed leaves with the next depth frame; a best price that has it already would bear the
    // id of the frame before, and every reader's book would disagree with it.
    if (!names.changed.empty())
        return;
    const bool changed = m_engine->instrument(symbol) != nullptr && m_engine->book(symbol).isChanged();
    publishQuote(names, changed ? shownQuote(symbol) : std::string(data));
}

void VenueServer::Impl::onMark(const MarkPrice &mark, std::string_view data)
{
    const Symbol &symbol = mark.instrument.symbol;
    Names &names = namesOf(symbol);
    m_hub.publish(names.markFast, data);
    if (names.marks++ % 3 == 0)
        m_hub.publish(names.mark, data);
    names.lastMark = data;
    m_candles.onMark(symbol, mark);
    m_engine->onMark(symbol, mark);
}

void VenueServer::Impl::onCandle(const Symbol &, std::string_view stream, std::string_view data)
{
    m_hub.publish(stream, data);
}

void VenueServer::Impl::onFeedError(const Error &error)
{
    if (++m_feedErrors <= kFeedErrorsTold)
        emit m_server.noticed(QString::fromStdString(error.in("market").detail));
}

/// The frame with what the public sees of each level: what is left of the external quantity, and our own orders.
std::string VenueServer::Impl::shownDepth(Names &names, const exchange::binance::DepthUpdate &update) const
{
    const MatchingBook &book = m_engine->book(update.symbol);
    for (const Level &level : update.bids)
        names.changed.emplace(Side::Buy, level.price);
    for (const Level &level : update.asks)
        names.changed.emplace(Side::Sell, level.price);
    std::vector<Level> bids;
    std::vector<Level> asks;
    for (const auto &[side, price] : names.changed)
        (side == Side::Buy ? bids : asks).push_back({price, book.shown(side, price)});
    names.changed.clear();
    return depthText(update, bids, asks, *m_engine->instrument(update.symbol));
}

void VenueServer::Impl::publishPartialDepth(const Names &names, const exchange::binance::DepthUpdate &update)
{
    for (const std::size_t count : {5U, 10U, 20U}) {
        const std::string stream = fmt::format("{}@depth{}", names.lower, count);
        const std::string fast = stream + "@100ms";
        const std::string slow = stream + "@500ms";
        if (!m_hub.hasSubscriber(stream) && !m_hub.hasSubscriber(fast) && !m_hub.hasSubscriber(slow))
            continue;
        std::vector<Level> bids;
        std::vector<Level> asks;
        m_engine->book(update.symbol).copyShown(Side::Buy, count, bids);
        m_engine->book(update.symbol).copyShown(Side::Sell, count, asks);
        const std::string data = depthText(update, bids, asks, *m_engine->instrument(update.symbol));
        for (const std::string &name : {stream, fast, slow})
            m_hub.publish(name, data);
    }
}

std::string VenueServer::Impl::shownQuote(const Symbol &symbol) const
{
    const VenueInstrument &instrument = *m_engine->instrument(symbol);
    const MarketState &state = m_engine->market(symbol);
    JsonText out;
    out.object().text("e", "bookTicker").number("u", state.lastUpdateId).text("s", symbol.view());
    out.text("ps", symbol.view());
    for (const Side side : {Side::Buy, Side::Sell}) {
        std::vector<Level> best;
        m_engine->book(symbol).copyShown(side, 1, best);
        const Level level = best.empty() ? Level{} : best.front();
        out.fixed(side == Side::Buy ? "b" : "a", level.price.raw(), instrument.pricePrecision)
            .fixed(side == Side::Buy ? "B" : "A", level.quantity.raw(), instrument.quantityPrecision);
    }
    const std::int64_t now = toMilliseconds(m_clock.now());
    return out.number("T", now).number("E", now).number("st", 1).endObject().take();
}

void VenueServer::Impl::publishQuote(Names &names, std::string_view data)
{
    names.lastQuote = data;
    m_hub.publish(names.bookTicker, data);
}

void VenueServer::Impl::onShownLevel(const Symbol &symbol, Side side, Price price)
{
    namesOf(symbol).changed.emplace(side, price); // leaves with the next depth frame
}

void VenueServer::Impl::onOwnTrade(const Symbol &symbol, const Trade &trade)
{
    Names &names = namesOf(symbol);
    const VenueInstrument &instrument = *m_engine->instrument(symbol);
    const std::int64_t time = toMilliseconds(trade.venueTime);
    m_candles.onTrade(symbol, trade);
    const std::string price = JsonText::fixedText(trade.price.raw(), instrument.pricePrecision);
    const std::string quantity = JsonText::fixedText(trade.quantity.raw(), instrument.quantityPrecision);
    const bool sells = trade.aggressor == Side::Sell;
    m_hub.publish(names.trade,
                  fmt::format(R"({{"e":"trade","E":{},"T":{},"s":"{}","t":{},"p":"{}","q":"{}","X":"MARKET","m":{}}})",
                              time, time, symbol.view(), trade.id, price, quantity, sells));
    if (m_feed->joinOwn(trade)) {
        names.hasPrints = true;
        return;
    }
    m_candles.onJoinedTrade(symbol, trade);
    m_hub.publish(
        names.aggTrade,
        fmt::format(
            R"({{"e":"aggTrade","E":{},"s":"{}","a":{},"p":"{}","q":"{}","nq":"{}","f":{},"l":{},"T":{},"m":{},"st":1}})",
            time, symbol.view(), trade.id, price, quantity, quantity, trade.id, trade.id, time, sells));
}

void VenueServer::Impl::onContractEvent(const Symbol &symbol)
{
    const bool trading = m_engine->instrument(symbol)->contract.trading;
    JsonText out;
    out.object()
        .text("e", "contractInfo")
        .number("E", toMilliseconds(m_clock.now()))
        .text("s", symbol.view())
        .text("ct", "PERPETUAL")
        .number("dt", trading ? 4'133'404'800'000 : toMilliseconds(m_clock.now()))
        .number("ot", 1'569'398'400'000)
        .text("cs", trading ? "TRADING" : "SETTLING")
        .number("st", 1)
        .endObject();
    m_hub.publish("!contractInfo", out.take());
}

void VenueServer::Impl::publishCandles()
{
    for (const std::string &stream : m_hub.activeStreams()) {
        const std::size_t at = stream.find("@kline_");
        const std::size_t continuous = stream.find("_perpetual@continuousKline_");
        const std::size_t end = std::min(at, continuous);
        if (end == std::string::npos)
            continue;
        const bool plain = at != std::string::npos;
        const std::string interval = stream.substr(end + (plain ? 7 : 27));
        std::string upper = stream.substr(0, end);
        for (char &c : upper)
            if (c >= 'a' && c <= 'z')
                c = static_cast<char>(c - 'a' + 'A');
        const auto symbol = Symbol::from(upper);
        if (!symbol || m_engine->instrument(*symbol) == nullptr)
            continue;
        const auto candles = m_candles.candles(*symbol, interval, std::nullopt, std::nullopt, 2);
        if (!candles || candles->empty())
            continue;
        const auto sent = m_sentCandles.find(stream);
        const bool unchanged = sent != m_sentCandles.end() && sent->second.openTime == candles->back().openTime &&
                               sent->second.trades == candles->back().trades;
        const bool ended = sent != m_sentCandles.end() && sent->second.openTime < candles->back().openTime;
        if (ended && candles->size() == 2)
            m_hub.publish(stream, klineText(*m_engine, *symbol, interval, candles->front(), true, plain));
        if (!unchanged)
            m_hub.publish(stream, klineText(*m_engine, *symbol, interval, candles->back(), false, plain));
        m_sentCandles[stream] = candles->back();
    }
}

void VenueServer::Impl::publishMarks(std::string_view stream)
{
    if (!m_hub.hasSubscriber(stream))
        return;
    JsonText out;
    out.array();
    for (const auto &[symbol, names] : m_names)
        if (!names.lastMark.empty())
            out.raw(names.lastMark);
    // The other universe comes along since 2026-06-30; a client must drop it.
    MarkPrice coin;
    coin.mark = Price::fromRaw(60'000 * kDecimalOne);
    coin.venueTime = m_clock.now();
    std::string row = markPriceText(Symbol::from("BTCUSD_PERP").value_or(Symbol{}), coin);
    if (const std::size_t at = row.rfind(R"("st":1)"); at != std::string::npos)
        row.replace(at, 6, R"("st":2)");
    m_hub.publish(stream, out.raw(row).endArray().take());
}

void VenueServer::Impl::publishTickers(bool mini, bool each)
{
    const std::string_view all = mini ? "!miniTicker@arr" : "!ticker@arr";
    const std::string_view kind = mini ? "@miniTicker" : "@ticker";
    const bool wantsAll = m_hub.hasSubscriber(all);
    JsonText out;
    out.array();
    for (const auto &[symbol, names] : m_names) {
        const std::string stream = names.lower + std::string(kind);
        const bool wants = each && m_hub.hasSubscriber(stream);
        if (!wants && !wantsAll)
            continue;
        const std::string row = tickerText(*m_engine, m_candles, symbol, mini, 1);
        if (wants)
            m_hub.publish(stream, row);
        out.raw(row);
    }
    if (!wantsAll)
        return;
    if (!m_names.empty())
        out.raw(tickerText(*m_engine, m_candles, m_names.begin()->first, mini, 2));
    m_hub.publish(all, out.endArray().take());
}

/// What goes out once a second, or every few of them.
void VenueServer::Impl::publishSecond()
{
    publishMarks("!markPrice@arr@1s");
    if (m_seconds % 3 == 0)
        publishMarks("!markPrice@arr");
    publishTickers(true, m_seconds % 2 == 0);
    publishTickers(false, m_seconds % 2 == 0);
    for (auto &[symbol, names] : m_names) {
        if (m_seconds % 5 == 0 && !names.lastQuote.empty())
            m_hub.publish("!bookTicker", names.lastQuote);
        if (!names.liquidation)
            continue;
        m_hub.publish(names.lower + "@forceOrder", names.liquidation->second);
        m_hub.publish("!forceOrder@arr", names.liquidation->second);
        names.liquidation.reset();
    }
}

} // namespace core::venue
