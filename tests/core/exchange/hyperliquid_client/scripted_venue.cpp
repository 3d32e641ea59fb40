#include "tests/core/exchange/hyperliquid_client/scripted_venue.h"

#include <algorithm>
#include <bit>

#include <QtCore/QDateTime>
#include <QtCore/QJsonDocument>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QTest>

#include "tests/support/approved.h"

namespace tests::hl
{

using namespace core;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
namespace hyperliquid = core::exchange::hyperliquid;

namespace
{

QByteArray withTime(QByteArray text, std::int64_t ms)
{
    return text.replace("@NOW", QByteArray::number(static_cast<qlonglong>(ms)));
}

QByteArray bytes(std::string_view text)
{
    return {text.data(), static_cast<qsizetype>(text.size())};
}

} // namespace

QByteArray q(const char *text)
{
    return QByteArray(text).replace('\'', '"');
}

std::int64_t nowMs()
{
    return toMilliseconds(net::SystemClock().now());
}

bool waitFor(const std::function<bool()> &condition, int milliseconds)
{
    return QTest::qWaitFor(condition, milliseconds);
}

ScriptedVenue::ScriptedVenue(QObject *parent)
    : QObject(parent), m_webSockets(u"scripted"_s, QWebSocketServer::NonSecureMode)
{
    const auto fixed = [](const char *text) {
        return [text](const QJsonObject &) { return Reply{.body = text}; };
    };
    info["meta"] = fixed(R"({"universe":[{"szDecimals":5,"name":"BTC","maxLeverage":40,"marginTableId":56}],)"
                         R"("marginTables":[],"collateralToken":0})");
    info["exchangeStatus"] = [this](const QJsonObject &) {
        return Reply{.body = withTime(R"({"time":@NOW,"specialStatuses":null})", nowMs() + skewMs)};
    };
    info["userRole"] = [](const QJsonObject &request) {
        const bool agent = request.value("user"_L1).toString().toStdString() == kAgentAddress;
        return Reply{.body = agent ? R"({"role":"agent","data":{"user":")" + bytes(kAccount) + R"("}})"
                                   : QByteArray(R"({"role":"user"})")};
    };
    info["userAbstraction"] = fixed(R"("disabled")");
    info["clearinghouseState"] = [](const QJsonObject &) {
        return Reply{.body = withTime(
                         R"({"marginSummary":{"accountValue":"1000.0","totalNtlPos":"0.0","totalRawUsd":"1000.0",)"
                         R"("totalMarginUsed":"0.0"},"crossMarginSummary":{"accountValue":"1000.0",)"
                         R"("totalNtlPos":"0.0","totalRawUsd":"1000.0","totalMarginUsed":"0.0"},)"
                         R"("crossMaintenanceMarginUsed":"0.0","withdrawable":"1000.0","assetPositions":[],)"
                         R"("time":@NOW})",
                         nowMs())};
    };
    info["spotClearinghouseState"] = fixed(R"({"balances":[]})");
    for (const char *empty : {"frontendOpenOrders", "userFillsByTime", "userFunding", "userNonFundingLedgerUpdates",
                              "extraAgents", "recentTrades"})
        info[empty] = fixed("[]");
    info["orderStatus"] = fixed(R"({"status":"unknownOid"})");
    info["userRateLimit"] =
        fixed(R"({"cumVlm":"0.0","nRequestsUsed":10,"nRequestsCap":10000,"nRequestsSurplus":0})");
    exchange = [](const QJsonObject &) {
        return Reply{.body = R"({"status":"ok","response":{"type":"default"}})"};
    };
    connect(&m_http, &QTcpServer::newConnection, this, &ScriptedVenue::onConnection);
    connect(&m_webSockets, &QWebSocketServer::newConnection, this, &ScriptedVenue::onSocket);
    static_cast<void>(m_http.listen(QHostAddress::LocalHost));
    static_cast<void>(m_webSockets.listen(QHostAddress::LocalHost));
}

ScriptedVenue::~ScriptedVenue()
{
    for (QWebSocket *socket : m_sockets)
        socket->disconnect(this);
}

hyperliquid::Endpoints ScriptedVenue::endpoints() const
{
    return hyperliquid::loopbackEndpoints(m_http.serverPort(), m_webSockets.serverPort());
}

void ScriptedVenue::onConnection()
{
    while (QTcpSocket *socket = m_http.nextPendingConnection()) {
        const auto buffer = std::make_shared<QByteArray>();
        connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
        connect(socket, &QTcpSocket::readyRead, this, [this, socket, buffer] {
            *buffer += socket->readAll();
            for (;;) {
                const qsizetype head = buffer->indexOf("\r\n\r\n");
                if (head < 0)
                    return;
                const QByteArray lower = buffer->left(head).toLower();
                const qsizetype at = lower.indexOf("content-length:");
                const qsizetype length =
                    at < 0 ? 0 : lower.mid(at + 15, lower.indexOf("\r\n", at) - at - 15).trimmed().toLongLong();
                if (buffer->size() < head + 4 + length)
                    return;
                const QByteArray target = buffer->split(' ').value(1);
                const QByteArray body = buffer->mid(head + 4, length);
                buffer->remove(0, head + 4 + length);
                onRequest(socket, target, body);
            }
        });
    }
}

void ScriptedVenue::onRequest(QTcpSocket *socket, const QByteArray &target, const QByteArray &body)
{
    const QJsonObject request = QJsonDocument::fromJson(body).object();
    Reply reply{.status = 422, .body = "Failed to deserialize the JSON body into the target type"};
    if (target == "/exchange") {
        actions.push_back(request);
        reply = exchange(request);
    } else {
        asked.push_back(request);
        const auto handler = info.find(request.value("type"_L1).toString().toStdString());
        if (handler != info.end())
            reply = handler->second(request);
    }
    if (reply.drop) {
        socket->abort();
        return;
    }
    QByteArray bytesOut = "HTTP/1.1 " + QByteArray::number(reply.status) + " Whatever\r\nContent-Length: " +
                          QByteArray::number(reply.body.size()) + "\r\n";
    for (const auto &[field, value] : reply.headers)
        bytesOut += field + ": " + value + "\r\n";
    socket->write(bytesOut + "\r\n" + reply.body);
}

void ScriptedVenue::onSocket()
{
    while (QWebSocket *socket = m_webSockets.nextPendingConnection()) {
        socket->setParent(this);
        m_sockets.push_back(socket);
        if (greets)
            socket->sendTextMessage(u"Websocket connection established."_s);
        connect(socket, &QWebSocket::textMessageReceived, this, [this, socket](const QString &text) {
            frames.push_back(text.toStdString());
            if (text.contains("\"ping\""_L1) && pongs)
                socket->sendTextMessage(uR"({"channel":"pong"})"_s);
        });
        connect(socket, &QWebSocket::disconnected, this, [this, socket] {
            std::erase(m_sockets, socket);
            socket->deleteLater();
        });
    }
}

void ScriptedVenue::push(const QByteArray &frame)
{
    for (QWebSocket *socket : std::vector(m_sockets))
        socket->sendTextMessage(QString::fromUtf8(frame));
}

void ScriptedVenue::dropSockets()
{
    for (QWebSocket *socket : std::vector(m_sockets))
        socket->abort();
}

int ScriptedVenue::askedFor(std::string_view type) const
{
    return static_cast<int>(std::count_if(asked.begin(), asked.end(), [&](const QJsonObject &request) {
        return request.value("type"_L1).toString().toStdString() == type;
    }));
}

bool ScriptedVenue::subscribed(std::string_view part) const
{
    return std::any_of(frames.begin(), frames.end(), [&](const std::string &frame) {
        return frame.find("\"subscribe\"") != std::string::npos && frame.find(part) != std::string::npos;
    });
}

void ScriptedVenue::pushMarket(std::string_view bidPrice, std::string_view askPrice, std::string_view mark)
{
    const QByteArray bid = bytes(bidPrice);
    const QByteArray ask = bytes(askPrice);
    push(withTime(R"({"channel":"l2Book","data":{"coin":"BTC","time":@NOW,"levels":[[{"px":")" + bid +
                      R"(","sz":"1.0","n":1}],[{"px":")" + ask + R"(","sz":"2.0","n":1}]]}})",
                  nowMs()));
    push(R"({"channel":"activeAssetCtx","data":{"coin":"BTC","ctx":{"funding":"0.0000125","openInterest":"688.11",)"
         R"("prevDayPx":"60000.0","dayNtlVlm":"1169046.29406","premium":"0.0003","oraclePx":")" +
         bytes(mark) + R"(","markPx":")" + bytes(mark) + R"(","midPx":")" + bytes(mark) +
         R"(","impactPxs":null,"dayBaseVlm":"81000.5"}}})");
}

// ---- the client in front of it ----

risk::Approved<OrderChange> approvedChange(const OrderChange &change)
{
    static_assert(sizeof(risk::Approved<OrderChange>) == sizeof(OrderChange));
    return std::bit_cast<risk::Approved<OrderChange>>(change);
}

hyperliquid::ClientTimings quickTimings()
{
    hyperliquid::ClientTimings timings;
    timings.requestTimeout = 500ms;
    timings.orderTimeout = 400ms;
    timings.reconnectMin = 20ms;
    timings.reconnectMax = 200ms;
    timings.accountPollAfterOrder = 100ms;
    timings.expiresAfter = 500ms;
    timings.orderQueryEvery = 30ms;
    timings.absentMargin = 100ms;
    timings.exitsEvery = 200ms;
    timings.limitedPauseMin = 100ms;
    timings.limitedPauseMax = 400ms;
    return timings;
}

ScriptedClient::ScriptedClient()
{
    options.endpoints = venue.endpoints();
    options.account = AccountId::from("test").value();
    options.address = kAccount;
    options.agentKey.emplace(kAgentKey);
    options.timings = quickTimings();
}

ScriptedClient::~ScriptedClient()
{
    if (client)
        client->stop({});
}

InstrumentKey ScriptedClient::btc() const
{
    return {Venue::Hyperliquid, Symbol::from("BTC").value()};
}

void ScriptedClient::start(const std::vector<std::string> &coins)
{
    std::vector<Symbol> symbols;
    for (const std::string &coin : coins)
        symbols.push_back(Symbol::from(coin).value());
    client = std::make_unique<hyperliquid::HyperliquidClient>(std::move(options), clock);
    seen.insideClient = true;
    client->start(seen, symbols);
    seen.insideClient = false;
}

bool ScriptedClient::startAll()
{
    start();
    if (!waitFor([this] { return seen.reconciled > 0 && venue.subscribed("\"l2Book\""); }))
        return false;
    venue.pushMarket("60000", "60010", "60005");
    return waitFor([this] { return seen.freshness == Freshness::Fresh && !seen.marks.empty(); });
}

OrderRequest ScriptedClient::limit(const std::string &id, Side side, std::string_view price,
                                   std::string_view quantity) const
{
    OrderRequest request;
    request.instrument = btc();
    request.clientOrderId = ClientOrderId::from(id).value();
    request.side = side;
    request.type = OrderType::Limit;
    request.quantity = parseQuantity(quantity).value();
    request.limitPrice = parsePrice(price).value();
    return request;
}

void ScriptedClient::submit(const std::vector<OrderRequest> &requests)
{
    std::vector<risk::Approved<OrderRequest>> passports;
    for (const OrderRequest &request : requests)
        passports.push_back(approved(request));
    seen.insideClient = true;
    client->submitBatch(passports);
    seen.insideClient = false;
}

} // namespace tests::hl
