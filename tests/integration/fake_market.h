#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include <QtCore/QElapsedTimer>
#include <QtCore/QTimer>
#include <QtCore/QUrlQuery>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>
#include <QtWebSockets/QWebSocket>
#include <QtWebSockets/QWebSocketServer>

#include "core/exchange/binance/client.h"
#include "core/net/system_clock.h"
#include "tests/integration/client_fixture.h"

namespace tests
{

/// The market side of the exchange as a script: any number of contracts S0USDT, S1USDT, …, sockets that serve
/// each stream on its route only, REST answers that a test may replace, and a record of everything that was
/// asked. Every stream of a contract runs by one counter, so that what is lost or doubled shows.
class FakeMarket final : public QObject
{
public:
    struct Reply {
        int status{200};
        QByteArray body;
        QList<QByteArray> headers;
    };
    struct Line { ///< one WebSocket
        QWebSocket *socket;
        QString path;
        std::set<QString> streams;
        std::vector<qint64> framesAt; ///< ms; frames that came from the client
    };
    struct Request {
        QString path;
        QUrlQuery query;
        qint64 at;
    };

    explicit FakeMarket(int symbols);
    ~FakeMarket() override;

    [[nodiscard]] core::exchange::binance::ClientOptions options() const;
    [[nodiscard]] static core::Symbol symbol(int i);
    [[nodiscard]] std::vector<core::Symbol> symbols(int count) const;

    /// Sends the next event of every stream that somebody listens to.
    void tick();
    void runTicks(int everyMilliseconds) { m_ticks.start(everyMilliseconds); }
    void stopTicks() { m_ticks.stop(); }
    /// The next depth event of all contracts is not sent: 100 books have a hole at once.
    void skipDepth()
    {
        ++m_depthId;
        ++m_depthId;
    }
    void dropConnections(const QString &route = {});

    std::vector<std::shared_ptr<Line>> lines; ///< open ones
    int opened{0};
    std::vector<Request> requests;
    std::function<std::optional<Reply>(const Request &)> answerInstead;
    bool silent{false};            ///< no data goes out
    bool serveMarket{true};        ///< false: the market route acknowledges and stays silent
    std::set<QString> seenStreams; ///< "route name" of everything asked for
    std::set<QString> silentStreams;

    [[nodiscard]] int count(const QString &path) const;
    [[nodiscard]] core::Duration skew() const { return m_skew; }
    void setSkew(core::Duration skew) { m_skew = skew; }

    /// Rows of answers; a candle of one minute, a joined trade.
    [[nodiscard]] static QByteArray klineRow(qint64 openTime, int trades);
    [[nodiscard]] static QByteArray tradeRow(qint64 id, qint64 time);
    [[nodiscard]] static QByteArray banText(qint64 until);

private:
    void onSocket();
    void onHttp(QTcpSocket *socket);
    [[nodiscard]] Reply answer(const Request &request);
    void subscribe(Line &line, const QString &stream);
    [[nodiscard]] QByteArray event(const QString &stream) const;
    [[nodiscard]] QByteArray exchangeInfo() const;
    [[nodiscard]] qint64 now() const;

    int m_count;
    QWebSocketServer m_sockets;
    QTcpServer m_http;
    QTimer m_ticks;
    QElapsedTimer m_time;
    core::net::SystemClock m_clock;
    core::Duration m_skew{0};
    qint64 m_depthId{1000};
    qint64 m_tradeId{1};
    int m_weight{0};
    qint64 m_minute{0};
};

} // namespace tests
