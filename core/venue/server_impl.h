#pragma once

#include <map>
#include <memory>
#include <set>

#include <QtCore/QPointer>
#include <QtCore/QTimer>
#include <QtWebSockets/QWebSocket>
#include <QtWebSockets/QWebSocketServer>

#include "core/venue/binance_api.h"
#include "core/venue/binance_socket_api.h"
#include "core/venue/candles.h"
#include "core/venue/control.h"
#include "core/venue/engine.h"
#include "core/venue/faults_clock.h"
#include "core/venue/faults_wire.h"
#include "core/venue/http_server.h"
#include "core/venue/market_feed.h"
#include "core/venue/server.h"
#include "core/venue/stream_hub.h"

namespace core::venue
{

/// Wires feed, engine, REST and streams together; everything on the server's thread.
class VenueServer::Impl final : public QObject,
                                public AccountListener,
                                public ListenKeyListener,
                                public FeedListener,
                                public ControlTarget
{
public:
    Impl(VenueServer &server, VenueOptions options, const Clock &clock);
    ~Impl() override;

    [[nodiscard]] Result<Endpoints> start();

    // ControlTarget
    [[nodiscard]] Result<void> setFaults(FaultPlan plan) override;
    [[nodiscard]] const FaultPlan &faults() const override { return m_gate.plan(); }
    [[nodiscard]] std::string stateText() const override;
    [[nodiscard]] Result<void> control(const ControlCall &call) override;
    [[nodiscard]] const VenueEngine &engine() const { return *m_engine; }
    [[nodiscard]] const ControlCounters &counters() const { return m_counters; }

    // AccountListener
    void onOrderEvent(const VenueOrder &order, std::string_view execution, const VenueFill *fill) override;
    void onAccountEvent(const AccountChange &change) override;
    void onAlgoEvent(const VenueAlgo &algo) override;
    void onLeverageEvent(std::size_t account, const Symbol &symbol, int leverage) override;
    void onMarginCall(std::size_t account, const std::vector<PositionKey> &legs) override;
    void onOwnTrade(const Symbol &symbol, const Trade &trade) override;
    void onShownLevel(const Symbol &symbol, Side side, Price price) override;
    void onContractEvent(const Symbol &symbol) override;
    // ListenKeyListener
    void onListenKeyExpired(std::size_t account, const std::string &listenKey) override;
    void onListenKeyClosed(const std::string &listenKey) override;
    // FeedListener
    void onBookStart(const exchange::binance::DepthSnapshot &snapshot, const Symbol &symbol) override;
    void onDepth(const exchange::binance::DepthUpdate &update, std::string_view data) override;
    void onTrade(const Trade &trade, std::string_view data) override;
    void onAggregateTrade(const Trade &trade, std::string_view data) override;
    void onBookTicker(const BestQuote &quote, std::string_view data) override;
    void onMark(const MarkPrice &mark, std::string_view data) override;
    void onCandle(const Symbol &symbol, std::string_view stream, std::string_view data) override;
    void onFeedError(const Error &error) override;

private:
    struct Client {
        QWebSocket *socket{nullptr}; ///< deleted by itself after disconnected
        FaultChannel channel{FaultChannel::WebSocket};
        Duration openedAt{0};
        Duration pongAt{0};
        std::int64_t second{-1};
        int messagesInSecond{0};
        bool doomed{false};
        std::optional<BinanceSocketApi::Session> session{}; ///< of the WebSocket API
    };
    /// Stream names of one symbol, made once.
    struct Names {
        std::vector<std::string> depth;
        std::string bookTicker;
        std::string trade;
        std::string aggTrade;
        std::string mark;
        std::string markFast;
        std::string lower;
        std::uint64_t marks{0};
        bool hasPrints{false};
        std::string lastMark;  ///< newest frame of the mark
        std::string lastQuote; ///< newest frame of the best quotes
        std::set<std::pair<Side, Price>> changed; ///< levels that our own orders changed since the last depth frame
        std::optional<std::pair<Quantity, std::string>> liquidation; ///< largest of this second, its frame
    };

    [[nodiscard]] Result<void> openMarket();
    [[nodiscard]] Result<void> listen(Endpoints &endpoints);
    [[nodiscard]] HttpReply onRequest(const HttpRequest &request);
    [[nodiscard]] HttpReply serve(const HttpRequest &request);
    void applyFaults();
    [[nodiscard]] MarkPrice markAt(const Symbol &symbol, Price price) const;
    void onSocket();
    void onSocketText(StreamHub::ConnectionId id, const QString &text);
    void send(StreamHub::ConnectionId id, std::string_view frame);
    void doom(Client &client, StreamHub::ConnectionId id, const QString &why);
    void playMarket();
    void onSecond();
    void publishDepth(const Names &names, std::string_view data);
    void publishPartialDepth(const Names &names, const exchange::binance::DepthUpdate &update);
    [[nodiscard]] std::string shownDepth(Names &names, const exchange::binance::DepthUpdate &update) const;
    [[nodiscard]] std::string shownQuote(const Symbol &symbol) const;
    void publishQuote(Names &names, std::string_view data);
    void publishCandles();
    void publishSecond();
    void publishMarks(std::string_view stream);
    void publishTickers(bool mini, bool each);
    void sendPrivate(std::size_t account, std::string_view event, const std::string &data);
    [[nodiscard]] Names &namesOf(const Symbol &symbol);

    VenueServer &m_server;
    VenueOptions m_options;
    FaultsClock m_clock;
    FaultGate m_gate{Venue::Binance};
    ControlCounters m_counters;
    CandleStore m_candles;
    StreamHub m_hub;
    std::unique_ptr<VenueEngine> m_engine;
    std::unique_ptr<BinanceApi> m_api;
    std::unique_ptr<MarketFeed> m_feed;
    HttpServer m_http;
    QWebSocketServer m_webSockets;
    FaultsWire m_wire;
    std::unique_ptr<ControlServer> m_control;
    QTimer m_marketTimer;
    QTimer m_secondTimer;
    QTimer m_candleTimer;
    std::map<StreamHub::ConnectionId, Client> m_clients;
    std::map<Symbol, Names> m_names;
    StreamHub::ConnectionId m_nextClient{1};
    Duration m_startedAt{0};
    std::uint64_t m_feedErrors{0};
    std::map<std::string, Candle, std::less<>> m_sentCandles; ///< by stream
    int m_seconds{0};
    bool m_live{false};  ///< the ports are open
    bool m_ended{false}; ///< the market went quiet
};

} // namespace core::venue
