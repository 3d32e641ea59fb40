#pragma once

#include <map>
#include <memory>
#include <vector>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "core/domain/instrument.h"
#include "core/exchange/binance/client_options.h"
#include "core/exchange/binance/codec.h"
#include "core/exchange/binance/rest_gateway.h"
#include "core/net/web_socket.h"
#include "core/ports/exchange_client.h"

namespace core::exchange::binance
{

/// The market side: one socket on /public (depth, best quote), one on /market (trades, mark price); a book
/// per contract, kept in step by snapshots; a freshness per stream, by age and by rule. A silent stream is a
/// route error. Engine thread. Source: reference/binance-usdm.md section 4.
class MarketStreams final : public QObject
{
    Q_OBJECT
public:
    MarketStreams(const ClientOptions &options, const Clock &clock, RestGateway &rest, QObject *parent);
    ~MarketStreams() override;

    /// REQUIRES: called once; instruments with tick > 0.
    void start(ports::ExchangeListener &listener, const std::vector<Instrument> &instruments);
    void stop();
    /// The venue changed the tick: that book starts anew.
    void onInstrumentChanged(const Instrument &instrument);

private:
    struct Market;
    enum class Route { Public, Market };

    void openSockets();
    void onOpened(Route route);
    void onLost(Route route, const Error &why);
    void onFrame(Route route, std::string_view frame, UtcTime receivedAt);
    void onUndecodable(Route route, std::string_view frame, const Error &why);
    void onDepth(const DepthUpdate &update);
    void onQuote(const BestQuote &quote);
    void onTrade(const Trade &trade);
    void onMark(const MarkPrice &mark);
    template <class Step>
    void follow(Market &market, const Step &step, UtcTime venueTime, UtcTime receivedAt);
    void checkAgainstQuote(Market &market, const BestQuote &quote);
    void resynchronise(Market &market, Freshness because, const Error &why);
    void wantSnapshot(Market &market);
    void requestSnapshot(Market &market);
    void onSnapshot(Market &market, const RestResult &result);
    void publishBook(Market &market, UtcTime venueTime, UtcTime receivedAt);
    [[nodiscard]] Freshness bookFreshness(const Market &market) const;
    void care();
    void watchSilence(Market &market, Duration now);
    void publishStatus(ports::StreamStatus &status, Freshness freshness);
    [[nodiscard]] Market *find(const Symbol &symbol);
    [[nodiscard]] bool isOpen(Route route) const;
    [[nodiscard]] net::WebSocket &socket(Route route);

    const ClientOptions &m_options;
    const Clock &m_clock;
    RestGateway &m_rest;
    ports::ExchangeListener *m_listener{nullptr};
    MarketDecoder m_decoder;
    std::vector<std::unique_ptr<Market>> m_markets;
    std::unique_ptr<net::WebSocket> m_public;
    std::unique_ptr<net::WebSocket> m_market;
    QTimer m_care;
};

} // namespace core::exchange::binance
