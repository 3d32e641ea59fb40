#include "tests/integration/fake_market.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QUrl>

namespace tests
{

using namespace core;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

FakeMarket::FakeMarket(int symbols) : m_count(symbols), m_sockets(u"fake"_s, QWebSocketServer::NonSecureMode)
{
    if (!m_sockets.listen(QHostAddress::LocalHost) || !m_http.listen(QHostAddress::LocalHost))
        qFatal("no port");
    connect(&m_sockets, &QWebSocketServer::newConnection, this, &FakeMarket::onSocket);
    connect(&m_http, &QTcpServer::newConnection, this, [this] {
        while (QTcpSocket *socket = m_http.nextPendingConnection())
            connect(socket, &QTcpSocket::readyRead, this, [this, socket] { onHttp(socket); });
    });
    connect(&m_ticks, &QTimer::timeout, this, &FakeMarket::tick);
    m_time.start();
}

FakeMarket::~FakeMarket()
{
    dropConnections();
}

qint64 FakeMarket::now() const
{
    return toMilliseconds(m_clock.now() + m_skew);
}

Symbol FakeMarket::symbol(int i)
{
    return Symbol::from(std::string("S").append(std::to_string(i)).append("USDT")).value();
}

std::vector<Symbol> FakeMarket::symbols(int count) const
{
    std::vector<Symbol> all;
    for (int i = 0; i < count; ++i)
        all.push_back(symbol(i));
    return all;
}

exchange::binance::ClientOptions FakeMarket::options() const
{
    exchange::binance::ClientOptions options;
    options.account = AccountId::from("test").value();
    options.endpoints = exchange::binance::loopbackEndpoints(m_http.serverPort(), m_sockets.serverPort());
    options.timings.reconnectMin = 20ms;
    options.timings.reconnectMax = 200ms;
    options.timings.connectEvery = 5ms;
    options.timings.snapshotEvery = 100ms;
    return options;
}

int FakeMarket::count(const QString &path) const
{
    return static_cast<int>(std::count_if(requests.begin(), requests.end(),
                                          [&](const Request &one) { return one.path == path; }));
}

void FakeMarket::dropConnections(const QString &route)
{
    for (const auto &line : std::vector(lines)) {
        if (line->path.startsWith(route))
            line->socket->abort();
    }
}

void FakeMarket::onSocket()
{
    while (QWebSocket *socket = m_sockets.nextPendingConnection()) {
        ++opened;
        const auto line = std::make_shared<Line>(Line{socket, socket->requestUrl().path(), {}, {}});
        const QString streams =
            QUrlQuery(socket->requestUrl()).queryItemValue(u"streams"_s, QUrl::FullyDecoded);
        for (const QString &stream : streams.split(u'/', Qt::SkipEmptyParts))
            subscribe(*line, stream);
        lines.push_back(line);
        connect(socket, &QWebSocket::textMessageReceived, this, [this, line](const QString &text) {
            line->framesAt.push_back(m_time.elapsed());
            const QJsonObject request = QJsonDocument::fromJson(text.toUtf8()).object();
            const QJsonArray streams_ = request["params"_L1].toArray();
            for (const QJsonValue &stream : streams_) {
                if (request["method"_L1].toString() == u"SUBSCRIBE"_s)
                    subscribe(*line, stream.toString());
                else
                    line->streams.erase(stream.toString());
            }
            line->socket->sendTextMessage(u"{\"result\":null,\"id\":%1}"_s.arg(request["id"_L1].toInteger()));
        });
        connect(socket, &QWebSocket::pong, this, [] {});
        connect(socket, &QWebSocket::disconnected, this, [this, socket] {
            std::erase_if(lines, [&](const auto &other) { return other->socket == socket; });
            socket->deleteLater();
        });
    }
}

void FakeMarket::subscribe(Line &line, const QString &stream)
{
    line.streams.insert(stream);
    seenStreams.insert(line.path.section(u'/', 1, 1) + u' ' + stream);
}

void FakeMarket::tick()
{
    m_depthId += 1;
    m_tradeId += 1;
    if (silent)
        return;
    for (const auto &line : std::vector(lines)) {
        const bool isPublic = line->path.startsWith(u"/public"_s);
        if (!isPublic && !serveMarket)
            continue;
        for (const QString &stream : std::set(line->streams)) {
            const bool belongs = stream.contains(u"@depth"_s) || stream.contains(u"@bookTicker"_s);
            if (belongs != isPublic || silentStreams.count(stream) > 0)
                continue;
            const QByteArray data = event(stream);
            if (!data.isEmpty())
                line->socket->sendTextMessage(
                    u"{\"stream\":\"%1\",\"data\":%2}"_s.arg(stream, QString::fromUtf8(data)));
        }
    }
}

/// Best prices follow the id, so that every event is another one.
QByteArray FakeMarket::event(const QString &stream) const
{
    const QByteArray name = stream.section(u'@', 0, 0).toUpper().toUtf8();
    const QByteArray time = QByteArray::number(now());
    const QByteArray id = QByteArray::number(m_depthId);
    const QByteArray quantity = id + ".5";
    if (stream.contains(u"@depth"_s))
        return R"({"e":"depthUpdate","E":)" + time + R"(,"T":)" + time + R"(,"s":")" + name + R"(","U":)" +
               id + R"(,"u":)" + id + R"(,"pu":)" + QByteArray::number(m_depthId - 1) +
               R"(,"b":[["100.0",")" + quantity + R"("]],"a":[["100.1",")" + quantity + R"("]]})";
    if (stream.contains(u"@bookTicker"_s))
        return R"({"e":"bookTicker","u":)" + id + R"(,"E":)" + time + R"(,"T":)" + time + R"(,"s":")" + name +
               R"(","b":"100.0","B":")" + quantity + R"(","a":"100.1","A":")" + quantity + R"("})";
    if (stream.contains(u"@aggTrade"_s))
        return R"({"e":"aggTrade","E":)" + time + R"(,"s":")" + name + R"(","a":)" +
               QByteArray::number(m_tradeId) + R"(,"p":"100.0","q":"1","f":1,"l":1,"T":)" + time +
               R"(,"m":true})";
    if (stream.contains(u"@markPrice"_s))
        return R"({"e":"markPriceUpdate","E":)" + time + R"(,"s":")" + name +
               R"(","p":"100.05","i":"100","P":"0","r":"0.0001","T":0})";
    return {};
}

QByteArray FakeMarket::exchangeInfo() const
{
    QByteArray text =
        R"({"rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":2400}],"symbols":[)";
    for (int i = 0; i < m_count; ++i) {
        const QByteArray base = "S" + QByteArray::number(i);
        text +=
            (i == 0 ? "" : ",") + QByteArray(R"({"symbol":")") + base +
            R"(USDT","status":"TRADING","baseAsset":")" + base +
            R"(","quoteAsset":"USDT","marginAsset":"USDT","filters":[{"filterType":"PRICE_FILTER","tickSize":"0.1","minPrice":"0","maxPrice":"0"},{"filterType":"LOT_SIZE","stepSize":"0.001","minQty":"0.001","maxQty":"1000"}]})";
    }
    return text + "]}";
}

QByteArray FakeMarket::klineRow(qint64 openTime, int trades)
{
    return "[" + QByteArray::number(openTime) + R"(,"1","2","0.5","1.5","10",)" +
           QByteArray::number(openTime + 59'999) + R"(,"15",)" + QByteArray::number(trades) +
           R"(,"4","6","0"])";
}

QByteArray FakeMarket::tradeRow(qint64 id, qint64 time)
{
    return R"({"a":)" + QByteArray::number(id) + R"(,"p":"1","q":"1","f":1,"l":1,"T":)" +
           QByteArray::number(time) + R"(,"m":true})";
}

QByteArray FakeMarket::banText(qint64 until)
{
    return R"({"code":-1003,"msg":"Way too many requests; IP banned until )" + QByteArray::number(until) +
           R"(."})";
}

FakeMarket::Reply FakeMarket::answer(const Request &request)
{
    if (request.path == u"/fapi/v1/time"_s)
        return {200, R"({"serverTime":)" + QByteArray::number(now()) + "}", {}};
    if (request.path == u"/fapi/v1/exchangeInfo"_s)
        return {200, exchangeInfo(), {}};
    if (request.path == u"/fapi/v1/depth"_s)
        return {200,
                R"({"lastUpdateId":)" + QByteArray::number(m_depthId) + R"(,"E":)" +
                    QByteArray::number(now()) + R"(,"T":)" + QByteArray::number(now()) +
                    R"(,"bids":[["100.0","1"]],"asks":[["100.1","1"]]})",
                {}};
    return {200, "[]", {}};
}

void FakeMarket::onHttp(QTcpSocket *socket)
{
    while (socket->canReadLine()) {
        const QByteArray start = socket->readLine();
        while (socket->canReadLine() && socket->readLine() != "\r\n") {
        }
        const QUrl url(QString::fromUtf8(start.split(' ').value(1)));
        const Request request{url.path(), QUrlQuery(url.query()), m_time.elapsed()};
        requests.push_back(request);
        if (now() / 60'000 != m_minute) {
            m_minute = now() / 60'000;
            m_weight = 0;
        }
        m_weight += request.path == u"/fapi/v1/depth"_s ? 20 : 1;
        std::optional<Reply> reply;
        if (answerInstead)
            reply = answerInstead(request);
        if (!reply)
            reply = answer(request);
        QByteArray text = "HTTP/1.1 " + QByteArray::number(reply->status) +
                          " X\r\nContent-Type: application/json\r\n" +
                          "Content-Length: " + QByteArray::number(reply->body.size()) + "\r\n";
        if (reply->headers.isEmpty())
            text += "X-MBX-USED-WEIGHT-1M: " + QByteArray::number(m_weight) + "\r\n";
        for (const QByteArray &header : reply->headers)
            text += header + "\r\n";
        socket->write(text + "\r\n" + reply->body);
    }
}

} // namespace tests
