#pragma once

#include <array>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "core/domain/instrument.h"
#include "core/exchange/binance/client_options.h"
#include "core/exchange/binance/codec.h"
#include "core/exchange/binance/connection.h"
#include "core/exchange/binance/market_candles.h"
#include "core/exchange/binance/rest_gateway.h"
#include "core/ports/exchange_client.h"

namespace core::exchange::binance
{

/// The market side: any number of contracts spread over sockets on /public (depth, best quote) and /market
/// (trades, mark price, liquidations, 24 h, candles); a book per contract, kept in step by snapshots; a
/// freshness per stream, by age and by rule. What two overlapping connections both bring is handed on once. A
/// stream that was acknowledged and stays silent is a route error. Engine thread. Source:
/// reference/binance-usdm.md section 4.
class MarketStreams final : public QObject
{
    Q_OBJECT
public:
    MarketStreams(const ClientOptions &options, const Clock &clock, RestGateway &rest, MarketHistory &history,
                  QObject *parent);
    ~MarketStreams() override;

    /// REQUIRES: called once; instruments with tick > 0.
    void start(ports::ExchangeListener &listener, const std::vector<Instrument> &instruments);
    void stop();
    void add(const Instrument &instrument);
    void remove(const Symbol &symbol);
    /// The venue changed the tick: that book starts anew.
    void onInstrumentChanged(const Instrument &instrument);
    void watchCandles(const InstrumentKey &instrument, Duration length, bool on);

signals:
    /// `!contractInfo`: listings, states or brackets changed.
    void contractsChanged();

private:
    struct Market;

    // Connections.
    [[nodiscard]] StreamConnection &connectionFor(StreamRoute route, std::size_t streams);
    void onOpened(StreamConnection &connection);
    void onLost(StreamConnection &connection, const Error &why);
    void publishConnection(const StreamConnection &connection, Freshness freshness,
                           const std::string &problem);

    // Frames.
    void onFrame(StreamConnection &connection, std::string_view frame, UtcTime receivedAt);
    void onReply(StreamConnection &connection, const ControlReply &reply);
    void onUndecodable(StreamConnection &connection, std::string_view frame, const Error &why);
    void onTrade(const Trade &trade);
    void onMark(const MarkPrice &mark);
    void onTicker(const Ticker &ticker);
    void onLiquidation(const Liquidation &liquidation);

    // Books (market_streams_books.cpp).
    void onDepth(const DepthUpdate &update);
    void onQuote(const BestQuote &quote);
    template <class Step>
    void follow(Market &market, const Step &step, UtcTime venueTime, UtcTime receivedAt);
    void checkAgainstQuote(Market &market, const BestQuote &quote);
    void resynchronise(Market &market, Freshness because, const Error &why);
    void wantSnapshot(Market &market);
    void requestSnapshot(Market &market);
    void onSnapshot(Market &market, const RestResult &result);
    void publishBook(Market &market, UtcTime venueTime, UtcTime receivedAt);
    [[nodiscard]] Freshness bookFreshness(const Market &market) const;
    void forgetConnection(Market &market, const Error &why);

    // Time passes (market_streams_care.cpp).
    void care();
    void watchBook(Market &market, Duration now);
    void watchMark(Market &market, Duration now);
    void publishStatus(ports::StreamStatus &status, Freshness freshness);

    [[nodiscard]] Market *find(const Symbol &symbol);
    void sweep();

    const ClientOptions &m_options;
    const Clock &m_clock;
    RestGateway &m_rest;
    ports::ExchangeListener *m_listener{nullptr};
    MarketDecoder m_decoder;
    CandleFeed m_candles;
    std::shared_ptr<net::Pacer> m_connects;
    std::vector<std::unique_ptr<StreamConnection>> m_connections;
    std::vector<std::unique_ptr<Market>> m_markets; ///< only `sweep` takes away
    std::unordered_map<Symbol, Market *> m_bySymbol;
    Market *m_lastFound{nullptr};
    int m_snapshotsRunning{0};
    std::uint64_t m_epochs{0}; ///< answers to questions of an older epoch of a book are void
    QTimer m_care;
    QTimer m_sweep;
};

} // namespace core::exchange::binance
