#include "tests/integration/scripted_venue.h"

#include <QtCore/QTimer>
#include <QtCore/QUrl>
#include <QtCore/QUrlQuery>
#include <QtNetwork/QTcpSocket>

#include "tests/support/approved.h"

using namespace core;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace tests
{
namespace
{

constexpr char kExchangeInfo[] =
    R"({"timezone":"UTC","rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":100000000},)"
    R"({"rateLimitType":"ORDERS","interval":"MINUTE","intervalNum":1,"limit":100000},)"
    R"({"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":100000}],"symbols":[{"symbol":"BTCUSDT",)"
    R"("pair":"BTCUSDT","contractType":"PERPETUAL","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT",)"
    R"("marginAsset":"USDT","filters":[{"filterType":"PRICE_FILTER","minPrice":"0.1","maxPrice":"1000000","tickSize":"0.1"},)"
    R"({"filterType":"LOT_SIZE","minQty":"0.001","maxQty":"1000","stepSize":"0.001"},)"
    R"({"filterType":"MARKET_LOT_SIZE","minQty":"0.001","maxQty":"120","stepSize":"0.001"},)"
    R"({"filterType":"MIN_NOTIONAL","notional":"5"}]}]})";
constexpr char kAccount[] =
    R"({"assets":[{"asset":"USDT","walletBalance":"1000","unrealizedProfit":"0","marginBalance":"1000","maintMargin":"0",)"
    R"("initialMargin":"0","availableBalance":"1000","updateTime":1}],"positions":[]})";
constexpr char kConfig[] =
    R"({"feeTier":0,"canTrade":true,"canDeposit":true,"canWithdraw":true,"dualSidePosition":false,"multiAssetsMargin":false})";

std::string milliseconds(UtcTime time)
{
    return std::to_string(toMilliseconds(time));
}

} // namespace

ScriptedVenue::ScriptedVenue() : m_streams(u"scripted"_s, QWebSocketServer::NonSecureMode)
{
    QObject::connect(&m_http, &QTcpServer::newConnection, &m_http, [this] {
        while (QTcpSocket *socket = m_http.nextPendingConnection()) {
            QObject::connect(socket, &QTcpSocket::readyRead, &m_http, [this, socket] { onBytes(socket); });
            ++m_restConnections;
            QObject::connect(socket, &QTcpSocket::disconnected, &m_http, [this] { --m_restConnections; });
            QObject::connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
        }
    });
    QObject::connect(&m_streams, &QWebSocketServer::newConnection, &m_streams, [this] {
        while (QWebSocket *peer = m_streams.nextPendingConnection()) {
            if (peer->requestUrl().path().startsWith(u"/private"_s)) {
                m_peers += peer;
                m_paths.push_back(peer->requestUrl().path().toStdString());
                ++m_connections;
                QObject::connect(peer, &QWebSocket::disconnected, &m_streams, [this, peer] {
                    m_peers.removeOne(peer);
                    peer->deleteLater();
                });
            } else {
                peer->setParent(&m_streams);
                QObject::connect(peer, &QWebSocket::disconnected, peer, &QObject::deleteLater);
            }
        }
    });
    m_http.listen(QHostAddress::LocalHost);
    m_streams.listen(QHostAddress::LocalHost);
    on("GET /fapi/v1/time", [](const Request &) -> Answer {
        return {.body = R"({"serverTime":)" + milliseconds(net::SystemClock{}.now()) + "}"};
    });
    on("GET /fapi/v1/exchangeInfo", kExchangeInfo);
    on("POST /fapi/v1/listenKey", R"({"listenKey":"pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1"})");
    on("PUT /fapi/v1/listenKey", R"({"listenKey":"pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1"})");
    on("GET /fapi/v3/account", kAccount);
    on("GET /fapi/v1/accountConfig", kConfig);
    on("GET /fapi/v1/symbolConfig", R"([{"symbol":"BTCUSDT","marginType":"CROSSED","isAutoAddMargin":false,"leverage":20,"maxNotionalValue":"1000000"}])");
    on("GET /fapi/v1/leverageBracket", R"([{"symbol":"BTCUSDT","brackets":[{"bracket":1,"initialLeverage":125,"notionalCap":1000000,"notionalFloor":0,"maintMarginRatio":0.004,"cum":0}]}])");
    for (const char *empty : {"openOrders", "openAlgoOrders", "userTrades", "income"})
        on(std::string("GET /fapi/v1/") + empty, "[]");
    on("GET /fapi/v3/positionRisk", "[]");
    for (const char *missing : {"order", "algoOrder"})
        on(std::string("GET /fapi/v1/") + missing, [](const Request &) -> Answer {
            return {.status = 400, .body = R"({"code":-2013,"msg":"Order does not exist."})"};
        });
}

ScriptedVenue::~ScriptedVenue()
{
    qDeleteAll(std::exchange(m_peers, {}));
}

void ScriptedVenue::on(const std::string &what, std::string body)
{
    m_handlers[what] = [body = std::move(body)](const Request &) -> Answer { return {.body = body}; };
}

void ScriptedVenue::onEach(const std::string &what, std::vector<Answer> answers)
{
    m_handlers[what] = [answers = std::move(answers), next = std::size_t{0}](const Request &) mutable {
        const std::size_t at = std::min(next++, answers.size() - 1);
        return answers[at];
    };
}

std::vector<ScriptedVenue::Request> ScriptedVenue::asked(const std::string &what) const
{
    std::vector<Request> result;
    for (const Request &request : m_requests) {
        if (request.method + " " + request.path == what)
            result.push_back(request);
    }
    return result;
}

void ScriptedVenue::onBytes(QTcpSocket *socket)
{
    QByteArray bytes = socket->property("rest").toByteArray() + socket->readAll();
    for (;;) {
        const qsizetype end = bytes.indexOf("\r\n\r\n");
        if (end < 0)
            break;
        const QList<QByteArray> line = bytes.left(bytes.indexOf("\r\n")).split(' ');
        bytes.remove(0, end + 4);
        const QUrl url = QUrl::fromEncoded("http://x" + line.value(1), QUrl::StrictMode);
        Request request;
        request.method = line.value(0).toStdString();
        request.path = url.path().toStdString();
        const QByteArray target = line.value(1);
        if (const qsizetype mark = target.indexOf('?'); mark >= 0)
            request.query = target.mid(mark + 1).toStdString();
        const auto items = QUrlQuery(url).queryItems(QUrl::FullyDecoded);
        for (const auto &[name, value] : items)
            request.parameters[name.toStdString()] = value.toStdString();
        m_requests.push_back(request);
        answer(socket, request);
    }
    socket->setProperty("rest", bytes);
}

void ScriptedVenue::answer(QTcpSocket *socket, const Request &request)
{
    const auto handler = m_handlers.find(request.method + " " + request.path);
    const Answer said = handler == m_handlers.end()
                            ? Answer{.status = 404, .body = "not here"}
                            : handler->second(request);
    if (said.silent) {
        socket->abort();
        return;
    }
    const std::string bytes = "HTTP/1.1 " + std::to_string(said.status) +
                              " X\r\nContent-Type: application/json\r\nContent-Length: " +
                              std::to_string(said.body.size()) + "\r\n\r\n" + said.body;
    QTimer::singleShot(said.after, socket,
                       [socket, bytes] { socket->write(bytes.data(), static_cast<qint64>(bytes.size())); });
}

void ScriptedVenue::say(const std::string &frame)
{
    if (m_peers.isEmpty())
        return;
    m_peers.last()->sendTextMessage(QString::fromStdString(frame));
    m_peers.last()->flush();
}

void ScriptedVenue::dropPrivate()
{
    for (QWebSocket *peer : QList(m_peers))
        peer->abort();
}

std::string ScriptedVenue::restUrl() const
{
    return "http://127.0.0.1:" + std::to_string(m_http.serverPort());
}

std::string ScriptedVenue::streamUrl() const
{
    return "ws://127.0.0.1:" + std::to_string(m_streams.serverPort());
}

// ---- ScriptedFixture ----

ScriptedFixture::ScriptedFixture()
{
    ClientFixture usual;
    options = std::move(usual.clientOptions);
    symbol = usual.symbol;
    instrument = usual.instrument;
    options.endpoints.environment = exchange::binance::Environment::Loopback;
    options.endpoints.rest = options.endpoints.spotApi = venue.restUrl();
    options.endpoints.streamsPublic = options.endpoints.streamsMarket = options.endpoints.streamsPrivate =
        venue.streamUrl();
    options.timings.firstDataWithin = 10min; // nobody speaks of the market here
    options.timings.incomeAfter = 10ms;
    options.timings.orderQueries = {20ms, 40ms, 60ms, 80ms, 100ms};
}

ScriptedFixture::~ScriptedFixture()
{
    client.reset();
}

void ScriptedFixture::start()
{
    client = std::make_unique<exchange::binance::BinanceClient>(std::move(options), clock);
    client->start(seen, {symbol});
}

bool ScriptedFixture::startAndReconcile()
{
    start();
    const bool done = waitFor([this] { return seen.reconciled > 0; });
    for (const auto &[name, status] : seen.status)
        if (!done)
            qWarning("%s: %s", name.c_str(), status.lastError.c_str());
    for (const auto &request : venue.all())
        if (!done)
            qWarning("asked %s %s", request.method.c_str(), request.path.c_str());
    return done;
}

ClientOrderId ScriptedFixture::id(std::string_view text)
{
    return ClientOrderId::from(text).value();
}

std::string ScriptedFixture::now() const
{
    return milliseconds(clock.now());
}

OrderRequest ScriptedFixture::limit(const std::string &clientId, Side side, std::string_view quantity,
                                    std::string_view price) const
{
    OrderRequest request;
    request.instrument = instrument;
    request.clientOrderId = id(clientId);
    request.side = side;
    request.quantity = parseQuantity(quantity).value();
    request.limitPrice = parsePrice(price).value();
    return request;
}

OrderRequest ScriptedFixture::stop(const std::string &clientId, Side side, std::string_view quantity,
                                   std::string_view trigger) const
{
    OrderRequest request;
    request.instrument = instrument;
    request.clientOrderId = id(clientId);
    request.side = side;
    request.type = OrderType::StopMarket;
    request.quantity = parseQuantity(quantity).value();
    request.triggerPrice = parsePrice(trigger).value();
    request.reduceOnly = ReduceOnly::Yes;
    return request;
}

void ScriptedFixture::submit(const OrderRequest &request)
{
    client->submit(approved(request));
}

std::string ScriptedFixture::orderEvent(const std::string &clientId, std::int64_t venueId, const std::string &status,
                                        const std::string &execution, const std::string &filled,
                                        std::int64_t tradeId, const std::string &originalType) const
{
    const std::string time = now();
    const bool fill = tradeId != 0;
    return R"({"e":"ORDER_TRADE_UPDATE","E":)" + time + R"(,"T":)" + time + R"(,"o":{"s":"BTCUSDT","c":")" + clientId +
           R"(","S":"SELL","o":"MARKET","f":"GTC","q":"0.5","p":"0","ap":"59000","sp":"0","x":")" + execution +
           R"(","X":")" + status + R"(","i":)" + std::to_string(venueId) + R"(,"l":")" + (fill ? filled : "0") +
           R"(","z":")" + filled + R"(","L":")" + (fill ? "59000" : "0") + R"(",)" +
           (fill ? R"("N":"USDT","n":"0.01",)" : "") + R"("T":)" + time + R"(,"t":)" + std::to_string(tradeId) +
           R"(,"m":false,"R":true,"ot":")" + originalType + R"(","ps":"BOTH","rp":"0","er":"0"}})";
}

std::string ScriptedFixture::algoEvent(const std::string &clientId, std::int64_t algoId, const std::string &status,
                                       const std::string &child, const std::string &reason,
                                       const std::string &executed) const
{
    const std::string time = now();
    return R"({"e":"ALGO_UPDATE","T":)" + time + R"(,"E":)" + time + R"(,"o":{"caid":")" + clientId + R"(","aid":)" +
           std::to_string(algoId) +
           R"(,"at":"CONDITIONAL","o":"STOP_MARKET","s":"BTCUSDT","S":"SELL","ps":"BOTH","f":"GTC","q":"0.5","X":")" +
           status + R"(","ai":")" + child + R"(","ap":"0.00000","aq":")" + executed +
           R"(","act":"","tp":"59000","p":"0","R":true,"tt":0,"rm":")" + reason + R"(","ia":false}})";
}

std::string ScriptedFixture::walletEvent(const std::string &wallet) const
{
    const std::string time = now();
    return R"({"e":"ACCOUNT_UPDATE","E":)" + time + R"(,"T":)" + time +
           R"(,"a":{"m":"ORDER","B":[{"a":"USDT","wb":")" + wallet + R"(","cw":")" + wallet +
           R"(","bc":"0"}],"P":[]}})";
}

std::string ScriptedFixture::order(const std::string &clientId, std::int64_t venueId, const std::string &status,
                                   const std::string &filled, const std::string &quantity,
                                   const std::string &price) const
{
    return R"({"clientOrderId":")" + clientId + R"(","executedQty":")" + filled + R"(","orderId":)" +
           std::to_string(venueId) + R"(,"origQty":")" + quantity + R"(","price":")" + price +
           R"(","reduceOnly":false,"side":"SELL","positionSide":"BOTH","status":")" + status +
           R"(","symbol":"BTCUSDT","timeInForce":"GTC","type":"LIMIT","updateTime":)" + now() + "}";
}

std::string ScriptedFixture::position(const std::string &amount, const std::string &time)
{
    return R"([{"symbol":"BTCUSDT","positionSide":"BOTH","positionAmt":")" + amount +
           R"(","entryPrice":"60000","markPrice":"60000","unRealizedProfit":"0","liquidationPrice":"0","isolatedMargin":"0",)"
           R"("notional":"0","isolatedWallet":"0","initialMargin":"0","maintMargin":"0","positionInitialMargin":"0","updateTime":)" +
           time + "}]";
}

std::string ScriptedFixture::algo(const std::string &clientId, std::int64_t algoId, const std::string &status,
                                  const std::string &child) const
{
    const std::string time = now();
    return R"({"algoId":)" + std::to_string(algoId) + R"(,"clientAlgoId":")" + clientId +
           R"(","algoType":"CONDITIONAL","orderType":"STOP_MARKET","symbol":"BTCUSDT","side":"SELL","positionSide":"BOTH",)"
           R"("timeInForce":"GTC","quantity":"0.5","algoStatus":")" +
           status + R"(","actualOrderId":")" + child +
           R"(","actualPrice":"0.00000","actualQty":"0","triggerPrice":"59000","price":"0.000","icebergQuantity":null,)"
           R"("reduceOnly":true,"createTime":)" +
           time + R"(,"updateTime":)" + time + R"(,"triggerTime":0,"goodTillDate":0})";
}

} // namespace tests
