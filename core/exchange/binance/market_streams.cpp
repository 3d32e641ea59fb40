#include "core/exchange/binance/market_streams.h"

#include "core/exchange/binance/market_streams_impl.h"

namespace core::exchange::binance
{
namespace
{
using namespace std::chrono_literals;

constexpr auto kCareInterval = 100ms;
constexpr int kConnectBurst = 3; ///< public, market and one more at the start

} // namespace

MarketStreams::MarketStreams(const ClientOptions &options, const Clock &clock, RestGateway &rest,
                             MarketHistory &history, QObject *parent)
    : QObject(parent), m_options(options), m_clock(clock), m_rest(rest), m_candles(history),
      m_connects(std::make_shared<net::Pacer>(options.timings.connectEvery, kConnectBurst))
{
    m_care.setInterval(kCareInterval);
    connect(&m_care, &QTimer::timeout, this, &MarketStreams::care);
    m_sweep.setSingleShot(true);
    connect(&m_sweep, &QTimer::timeout, this, &MarketStreams::sweep);
}

MarketStreams::~MarketStreams() = default;

void MarketStreams::start(ports::ExchangeListener &listener, const std::vector<Instrument> &instruments)
{
    m_listener = &listener;
    m_candles.start([this](const Candle &candle) {
        if (m_listener)
            m_listener->onCandle(candle);
    });
    for (const Instrument &instrument : instruments)
        add(instrument);
    connectionFor(StreamRoute::Market, 1).add({contractInfoStream()});
    m_care.start();
}

void MarketStreams::stop()
{
    m_care.stop();
    m_candles.stop();
    for (const auto &connection : m_connections)
        connection->stop();
    m_listener = nullptr;
}

void MarketStreams::add(const Instrument &instrument)
{
    if (!m_listener || find(instrument.key.symbol))
        return;
    sweep(); // a contract that was taken away a moment ago
    auto &market = *m_markets.emplace_back(std::make_unique<Market>(instrument));
    m_bySymbol[instrument.key.symbol] = &market;
    market.epoch = ++m_epochs;
    const Duration now = m_clock.monotonic();
    market.publicLine = &connectionFor(StreamRoute::Public, market.publicStreams.size());
    market.publicLine->add(market.publicStreams);
    if (market.publicLine->isOpen())
        market.publicSince = now;
    market.marketLine = &connectionFor(StreamRoute::Market, market.marketStreams.size());
    market.marketLine->add(market.marketStreams);
    if (market.marketLine->isOpen())
        market.marketSince = now;
}

void MarketStreams::remove(const Symbol &symbol)
{
    Market *market = find(symbol);
    if (!market)
        return;
    market->publicLine->remove(market->publicStreams);
    std::vector<std::string> streams = market->marketStreams;
    for (std::string &candles : m_candles.drop(symbol))
        streams.push_back(std::move(candles));
    market->marketLine->remove(streams);
    market->removed = true;
    m_bySymbol.erase(symbol);
    m_lastFound = nullptr;
    m_sweep.start(0); // we may stand inside a loop over the markets
}

void MarketStreams::sweep()
{
    std::erase_if(m_markets, [](const auto &market) { return market->removed; });
}

void MarketStreams::watchCandles(const InstrumentKey &instrument, Duration length, bool on)
{
    Market *market = find(instrument.symbol);
    if (!market)
        return;
    const auto interval = intervalName(length);
    if (!interval) {
        ports::StreamStatus status;
        status.name = "candles " + market->name;
        status.freshness = Freshness::Lost;
        status.lastError = "the venue has no candles of this length";
        return publishStatus(status, Freshness::Lost);
    }
    const std::string stream = klineStream(instrument.symbol, *interval);
    if (on ? !m_candles.watch(instrument, length, stream) : !m_candles.leave(instrument, length))
        return;
    if (on)
        market->marketLine->add({stream});
    else
        market->marketLine->remove({stream});
}

StreamConnection &MarketStreams::connectionFor(StreamRoute route, std::size_t streams)
{
    int number = 1;
    for (const auto &connection : m_connections) {
        if (connection->route() != route)
            continue;
        if (connection->size() + streams <= StreamConnection::kStreamsMax)
            return *connection;
        ++number;
    }
    StreamConnection **self = new StreamConnection *(nullptr);
    const std::shared_ptr<StreamConnection *> line(self);
    StreamConnection::Callbacks callbacks;
    callbacks.opened = [this, line] { onOpened(**line); };
    callbacks.lost = [this, line](const Error &why) { onLost(**line, why); };
    callbacks.frame = [this, line](std::string_view frame, UtcTime at) { onFrame(**line, frame, at); };
    m_connections.push_back(std::make_unique<StreamConnection>(route, number, m_options, m_connects, m_clock,
                                                               std::move(callbacks)));
    *line = m_connections.back().get();
    return *m_connections.back();
}

MarketStreams::Market *MarketStreams::find(const Symbol &symbol)
{
    if (m_lastFound && m_lastFound->instrument.symbol == symbol)
        return m_lastFound;
    const auto found = m_bySymbol.find(symbol);
    if (found == m_bySymbol.end())
        return nullptr;
    return m_lastFound = found->second;
}

void MarketStreams::onOpened(StreamConnection &connection)
{
    const Duration now = m_clock.monotonic();
    for (const auto &market : m_markets) {
        if (market->publicLine == &connection) {
            market->publicSince = now;
            market->lastDepthAt = market->lastQuoteAt = Duration::zero();
            market->forgetPublicIds();
        }
        if (market->marketLine == &connection) {
            market->marketSince = now;
            market->lastMarkAt = Duration::zero();
            market->forgetMarketIds();
        }
    }
    publishConnection(connection, Freshness::Fresh, {});
}

void MarketStreams::onLost(StreamConnection &connection, const Error &why)
{
    publishConnection(connection, Freshness::Lost, why.detail);
    for (std::size_t i = 0; i < m_markets.size(); ++i) {
        Market &market = *m_markets[i];
        if (market.removed)
            continue;
        if (m_listener && market.publicLine == &connection)
            forgetConnection(market, why);
        if (!m_listener || market.marketLine != &connection)
            continue;
        market.marketSince = Duration::zero();
        for (ports::StreamStatus *status : {&market.trades, &market.mark}) {
            ++status->reconnects;
            status->lastError = why.detail;
            publishStatus(*status, Freshness::Lost);
        }
    }
}

void MarketStreams::publishConnection(const StreamConnection &connection, Freshness freshness,
                                      const std::string &problem)
{
    ports::StreamStatus status;
    status.name = connection.title();
    status.messages = connection.dataFrames;
    status.reconnects = connection.renewals();
    status.lastError = problem;
    publishStatus(status, freshness);
}

void MarketStreams::onFrame(StreamConnection &connection, std::string_view frame, UtcTime receivedAt)
{
    if (!m_listener)
        return;
    const auto event = m_decoder.decode(frame, receivedAt);
    if (!event) {
        onUndecodable(connection, frame, event.error());
        return;
    }
    if (const auto *reply = std::get_if<ControlReply>(&*event)) {
        onReply(connection, *reply);
        return;
    }
    ++connection.dataFrames;
    if (const auto *depth = std::get_if<const DepthUpdate *>(&*event))
        onDepth(**depth);
    else if (const auto *quote = std::get_if<BestQuote>(&*event))
        onQuote(*quote);
    else if (const auto *trade = std::get_if<Trade>(&*event))
        onTrade(*trade);
    else if (const auto *mark = std::get_if<MarkPrice>(&*event))
        onMark(*mark);
    else if (const auto *candle = std::get_if<Candle>(&*event))
        m_candles.onCandle(*candle);
    else if (const auto *ticker = std::get_if<Ticker>(&*event))
        onTicker(*ticker);
    else if (const auto *liquidation = std::get_if<Liquidation>(&*event))
        onLiquidation(*liquidation);
    else if (const auto *ignored = std::get_if<Ignored>(&*event)) {
        if (ignored->event == "serverShutdown")
            connection.renew();
        else if (ignored->event == "contractInfo")
            emit contractsChanged();
    }
}

/// An acknowledgement proves nothing; a refusal is worth telling.
void MarketStreams::onReply(StreamConnection &connection, const ControlReply &reply)
{
    if (reply.code)
        publishConnection(connection, Freshness::Diverged,
                          "subscription refused: " + std::to_string(*reply.code) + " " +
                              reply.message.substr(0, 200));
}

/// A frame of the depth stream that cannot be read is a hole in it; of any other, one print or price is
/// missing.
void MarketStreams::onUndecodable(StreamConnection &connection, std::string_view frame, const Error &why)
{
    const auto names = [&](const Market &market) {
        return frame.find(market.name) != std::string_view::npos ||
               frame.find(market.lowerName) != std::string_view::npos;
    };
    const bool named =
        std::any_of(m_markets.begin(), m_markets.end(), [&](const auto &m) { return names(*m); });
    for (std::size_t i = 0; i < m_markets.size() && m_listener; ++i) {
        Market &market = *m_markets[i];
        const bool here = connection.route() == StreamRoute::Public ? market.publicLine == &connection
                                                                    : market.marketLine == &connection;
        if (market.removed || !here || (named && !names(market)))
            continue;
        if (connection.route() == StreamRoute::Public) {
            ++market.book.lost;
            market.book.lastError = why.detail;
            follow(market, market.sync.onDecodeError(why), {}, m_clock.now());
        } else {
            ports::StreamStatus &status =
                frame.find("arkPrice") != std::string_view::npos ? market.mark : market.trades;
            ++status.lost;
            status.lastError = why.detail;
        }
    }
}

void MarketStreams::onTrade(const Trade &trade)
{
    Market *market = find(trade.instrument.symbol);
    if (!market || (trade.id <= market->tradeId && trade.venueTime <= market->tradeTime))
        return;
    // Joined trades are numbered without holes: one that is left out was lost on the way.
    if (market->tradeId > 0 && trade.id > market->tradeId + 1)
        market->trades.lost += static_cast<std::uint64_t>(trade.id - market->tradeId - 1);
    market->tradeId = trade.id;
    market->tradeTime = trade.venueTime;
    ++market->trades.messages;
    market->trades.lastMessageAt = trade.receivedAt;
    m_listener->onTrade(trade);
}

void MarketStreams::onMark(const MarkPrice &mark)
{
    Market *market = find(mark.instrument.symbol);
    if (!market || mark.venueTime <= market->markTime)
        return;
    market->markTime = mark.venueTime;
    ++market->mark.messages;
    market->mark.lastMessageAt = mark.receivedAt;
    market->lastMarkAt = m_clock.monotonic();
    m_listener->onMark(mark);
    if (!m_listener || market->removed || market->mark.freshness == Freshness::Fresh)
        return;
    market->mark.lastError.clear();
    publishStatus(market->mark, Freshness::Fresh);
}

void MarketStreams::onTicker(const Ticker &ticker)
{
    Market *market = find(ticker.instrument.symbol);
    if (!market || ticker.venueTime <= market->tickerTime)
        return;
    market->tickerTime = ticker.venueTime;
    m_listener->onTicker(ticker);
}

void MarketStreams::onLiquidation(const Liquidation &liquidation)
{
    Market *market = find(liquidation.instrument.symbol);
    if (!market)
        return;
    const Liquidation &last = market->liquidation;
    if (liquidation.venueTime < last.venueTime ||
        (liquidation.venueTime == last.venueTime && liquidation.side == last.side &&
         liquidation.price == last.price && liquidation.quantity == last.quantity))
        return;
    market->liquidation = liquidation;
    core::Liquidation plain = liquidation;
    if (liquidation.averagePrice.isPositive())
        plain.price = liquidation.averagePrice; // what it traded at, not what it was bound by
    m_listener->onLiquidation(plain);
}

} // namespace core::exchange::binance
