#include <map>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QMessageAuthenticationCode>
#include <QtCore/QUrlQuery>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>
#include <QtWebSockets/QWebSocket>

#include "core/exchange/hyperliquid/signer.h"
#include "core/net/system_clock.h"
#include "tests/e2e/venue_program.h"

using namespace Qt::StringLiterals;
using tests::VenueProgram;
namespace hyperliquid = core::exchange::hyperliquid;

namespace
{

[[nodiscard]] qint64 now()
{
    return core::toMilliseconds(core::net::SystemClock().now());
}

/// A number from the wire at the steps of the market.
[[nodiscard]] QString rounded(double value)
{
    return QString::number(qRound64(value));
}

[[nodiscard]] QJsonObject object(const QByteArray &answer)
{
    return QJsonDocument::fromJson(answer).object();
}
[[nodiscard]] QJsonArray array(const QByteArray &answer)
{
    return QJsonDocument::fromJson(answer).array();
}
[[nodiscard]] QJsonObject rowOf(const QJsonArray &rows, const QString &member, const QJsonValue &value)
{
    for (const QJsonValue &row : rows) {
        if (row[member] == value)
            return row.toObject();
    }
    return {};
}

} // namespace

/// A stranger's client, written from the venues' documents alone, knows nothing of ETRMS but the addresses and keys that
/// `etrms-cli venue` prints, and trades there. Third-party libraries do the same by hand: tests/peers.
class TestVenueWire : public QObject
{
    Q_OBJECT

private slots:
    void init() { QVERIFY(m_venue.begin({u"--scenario"_s, u"calm"_s})); }
    void cleanup() { QVERIFY(m_venue.end()); }

    void aStrangerTradesOnBinance()
    {
        // markets, balance, position
        const QJsonObject info = object(binance("GET", u"/fapi/v1/exchangeInfo"_s));
        QCOMPARE(rowOf(info[u"symbols"_s].toArray(), u"symbol"_s, u"BTCUSDT"_s)[u"contractType"_s].toString(), u"PERPETUAL"_s);
        const QJsonArray balances = array(binanceSigned("GET", u"/fapi/v3/balance"_s, {}));
        QVERIFY(rowOf(balances, u"asset"_s, u"USDT"_s)[u"balance"_s].toString().toDouble() > 0);
        QCOMPARE(array(binanceSigned("GET", u"/fapi/v3/positionRisk"_s, {})).size(), 0); // flat is not listed
        const double price = object(binance("GET", u"/fapi/v1/ticker/price?symbol=BTCUSDT"_s))[u"price"_s].toString().toDouble();
        QVERIFY(price > 0);

        // a plain order that rests: placed, found, listed, cancelled
        const QString low = rounded(price * 0.97), id = u"stranger-1"_s;
        const QJsonObject placed = object(binanceSigned("POST", u"/fapi/v1/order"_s,
            {{u"symbol"_s, u"BTCUSDT"_s}, {u"side"_s, u"BUY"_s}, {u"type"_s, u"LIMIT"_s}, {u"timeInForce"_s, u"GTC"_s},
             {u"quantity"_s, u"0.010"_s}, {u"price"_s, low}, {u"newClientOrderId"_s, id}}));
        QVERIFY2(placed.contains(u"orderId"_s), QJsonDocument(placed).toJson());
        const Parameters byId{{u"symbol"_s, u"BTCUSDT"_s}, {u"origClientOrderId"_s, id}};
        QCOMPARE(object(binanceSigned("GET", u"/fapi/v1/order"_s, byId))[u"status"_s].toString(), u"NEW"_s);
        QCOMPARE(array(binanceSigned("GET", u"/fapi/v1/openOrders"_s, {{u"symbol"_s, u"BTCUSDT"_s}})).size(), 1);
        QCOMPARE(object(binanceSigned("DELETE", u"/fapi/v1/order"_s, byId))[u"status"_s].toString(), u"CANCELED"_s);
        QCOMPARE(array(binanceSigned("GET", u"/fapi/v1/openOrders"_s, {{u"symbol"_s, u"BTCUSDT"_s}})).size(), 0);

        // a position, its stop in the other store, and the way back
        const Parameters market{{u"symbol"_s, u"BTCUSDT"_s}, {u"type"_s, u"MARKET"_s}, {u"quantity"_s, u"0.010"_s},
                                {u"newOrderRespType"_s, u"RESULT"_s}};
        Parameters buy = market;
        buy.append({u"side"_s, u"BUY"_s});
        QCOMPARE(object(binanceSigned("POST", u"/fapi/v1/order"_s, buy))[u"executedQty"_s].toString().toDouble(), 0.01);
        const QJsonArray positions = array(binanceSigned("GET", u"/fapi/v3/positionRisk"_s, {}));
        QCOMPARE(rowOf(positions, u"symbol"_s, u"BTCUSDT"_s)[u"positionAmt"_s].toString().toDouble(), 0.01);
        const QJsonObject stop = object(binanceSigned("POST", u"/fapi/v1/algoOrder"_s,
            {{u"algoType"_s, u"CONDITIONAL"_s}, {u"symbol"_s, u"BTCUSDT"_s}, {u"side"_s, u"SELL"_s},
             {u"type"_s, u"STOP_MARKET"_s}, {u"quantity"_s, u"0.010"_s}, {u"triggerPrice"_s, low},
             {u"reduceOnly"_s, u"true"_s}, {u"clientAlgoId"_s, u"stranger-stop"_s}}));
        QVERIFY2(stop.contains(u"algoId"_s), QJsonDocument(stop).toJson());
        const Parameters byAlgo{{u"clientAlgoId"_s, u"stranger-stop"_s}};
        QCOMPARE(object(binanceSigned("GET", u"/fapi/v1/algoOrder"_s, byAlgo))[u"algoStatus"_s].toString(), u"NEW"_s);
        QCOMPARE(array(binanceSigned("GET", u"/fapi/v1/openAlgoOrders"_s, {})).size(), 1);
        QCOMPARE(array(binanceSigned("GET", u"/fapi/v1/openOrders"_s, {{u"symbol"_s, u"BTCUSDT"_s}})).size(), 0);
        QCOMPARE(object(binanceSigned("DELETE", u"/fapi/v1/algoOrder"_s, byAlgo))[u"code"_s].toString(), u"200"_s);
        QCOMPARE(array(binanceSigned("GET", u"/fapi/v1/openAlgoOrders"_s, {})).size(), 0);
        Parameters sell = market;
        sell.append({u"side"_s, u"SELL"_s});
        sell.append({u"reduceOnly"_s, u"true"_s});
        QCOMPARE(object(binanceSigned("POST", u"/fapi/v1/order"_s, sell))[u"status"_s].toString(), u"FILLED"_s);
        QCOMPARE(array(binanceSigned("GET", u"/fapi/v3/positionRisk"_s, {})).size(), 0);
    }

    /// Snapshot, then every frame bridges to the one before it.
    void aStrangerFollowsTheBookOfBinance()
    {
        QWebSocket socket;
        QSignalSpy frames(&socket, &QWebSocket::textMessageReceived);
        socket.open(QUrl(m_venue.ready()[u"binance"_s][u"ws"_s].toString() + u"/public/ws/btcusdt@depth@100ms"_s));
        QVERIFY(QTest::qWaitFor([&] { return !frames.isEmpty(); }, 20'000));
        const QJsonObject snapshot = object(binance("GET", u"/fapi/v1/depth?symbol=BTCUSDT&limit=1000"_s));
        std::map<double, double> bids, asks;
        const auto put = [](std::map<double, double> &side, const QJsonValue &rows) {
            for (const QJsonValue &row : rows.toArray()) {
                const double quantity = row[1].toString().toDouble();
                if (quantity > 0)
                    side[row[0].toString().toDouble()] = quantity;
                else
                    side.erase(row[0].toString().toDouble());
            }
        };
        put(bids, snapshot[u"bids"_s]);
        put(asks, snapshot[u"asks"_s]);
        qint64 last = snapshot[u"lastUpdateId"_s].toInteger();
        int bridged = 0, broken = 0;
        qsizetype at = 0;
        QVERIFY(QTest::qWaitFor(
            [&] {
                for (; at < frames.size() && bridged < 20; ++at) {
                    const QJsonObject frame = object(frames[at].first().toString().toUtf8());
                    if (frame[u"u"_s].toInteger() < last)
                        continue;
                    const bool fits = bridged == 0 ? frame[u"U"_s].toInteger() <= last : frame[u"pu"_s].toInteger() == last;
                    broken += fits ? 0 : 1;
                    put(bids, frame[u"b"_s]);
                    put(asks, frame[u"a"_s]);
                    last = frame[u"u"_s].toInteger();
                    ++bridged;
                }
                return bridged >= 20;
            },
            30'000));
        QCOMPARE(broken, 0);
        QVERIFY(!bids.empty() && !asks.empty());
        QVERIFY(bids.rbegin()->first < asks.begin()->first);
    }

    void aStrangerTradesOnHyperliquid()
    {
        // markets, balance, position
        const QJsonArray universe = object(ask(uR"({"type":"meta"})"_s))[u"universe"_s].toArray();
        QCOMPARE(universe.first()[u"name"_s].toString(), u"BTC"_s);
        QVERIFY(equity() > 0);
        QCOMPARE(positions().size(), 0);
        const double price = object(ask(uR"({"type":"allMids"})"_s))[u"BTC"_s].toString().toDouble();
        QVERIFY(price > 0);

        // a plain order that rests: placed, found by its own id, listed, cancelled
        const QString low = rounded(price * 0.97), id = u"0x000000000000000000000000000057a1"_s;
        const QByteArray resting = act(uR"({"type":"order","orders":[{"a":0,"b":true,"p":"%1","s":"0.01","r":false,)"
                                       R"("t":{"limit":{"tif":"Gtc"}},"c":"%2"}],"grouping":"na"})"_s.arg(low, id));
        QVERIFY2(status(resting).contains(u"resting"_s), resting);
        QCOMPARE(orderStatus(id), u"open"_s);
        QCOMPARE(openOrders().size(), 1);
        const QByteArray cancelled =
            act(uR"({"type":"cancelByCloid","cancels":[{"asset":0,"cloid":"%1"}]})"_s.arg(id));
        QVERIFY2(cancelled.contains("success"), cancelled);
        QCOMPARE(orderStatus(id), u"canceled"_s);

        // a position, its stop, and the way back
        QVERIFY(status(act(atOnce(true, price * 1.05, false)))[u"filled"_s][u"totalSz"_s].toString().toDouble() > 0.0099);
        QCOMPARE(positions().first()[u"position"_s][u"szi"_s].toString().toDouble(), 0.01);
        const QByteArray stop = act(uR"({"type":"order","orders":[{"a":0,"b":false,"p":"%1","s":"0.01","r":true,)"
                                    R"("t":{"trigger":{"isMarket":true,"triggerPx":"%2","tpsl":"sl"}}}],"grouping":"na"})"_s
                                        .arg(rounded(price * 0.9), low));
        const qint64 number = status(stop)[u"resting"_s][u"oid"_s].toInteger();
        QVERIFY2(number > 0, stop);
        const QJsonObject listed = rowOf(openOrders(), u"oid"_s, number);
        QCOMPARE(listed[u"isTrigger"_s].toBool(), true);
        QCOMPARE(listed[u"triggerPx"_s].toString().toDouble(), low.toDouble());
        QVERIFY(act(uR"({"type":"cancel","cancels":[{"a":0,"o":%1}]})"_s.arg(number)).contains("success"));
        QCOMPARE(openOrders().size(), 0);
        QVERIFY(status(act(atOnce(false, price * 0.95, true))).contains(u"filled"_s));
        QCOMPARE(positions().size(), 0);
    }

    void aStrangerFollowsTheBookOfHyperliquid()
    {
        QWebSocket socket;
        QSignalSpy frames(&socket, &QWebSocket::textMessageReceived);
        connect(&socket, &QWebSocket::connected, &socket, [&socket] {
            socket.sendTextMessage(uR"({"method":"subscribe","subscription":{"type":"l2Book","coin":"BTC"}})"_s);
            socket.sendTextMessage(uR"({"method":"subscribe","subscription":{"type":"bbo","coin":"BTC"}})"_s);
        });
        socket.open(QUrl(m_venue.ready()[u"hyperliquid"_s][u"webSocketUrl"_s].toString()));
        const auto newest = [&](const QString &channel) {
            for (qsizetype at = frames.size(); at-- > 0;) {
                const QJsonObject frame = object(frames[at].first().toString().toUtf8());
                if (frame[u"channel"_s] == channel)
                    return frame[u"data"_s].toObject();
            }
            return QJsonObject();
        };
        QVERIFY(QTest::qWaitFor([&] { return !newest(u"l2Book"_s).isEmpty() && !newest(u"bbo"_s).isEmpty(); }, 30'000));
        for (const QJsonObject &book : {newest(u"l2Book"_s), object(ask(uR"({"type":"l2Book","coin":"BTC"})"_s))}) {
            const QJsonValue bid = book[u"levels"_s][0][0], offer = book[u"levels"_s][1][0];
            QVERIFY(bid[u"px"_s].toString().toDouble() < offer[u"px"_s].toString().toDouble());
            QVERIFY(bid[u"sz"_s].toString().toDouble() > 0 && bid[u"n"_s].toInt() > 0);
        }
        const QJsonValue best = newest(u"bbo"_s)[u"bbo"_s];
        QVERIFY(best[0][u"px"_s].toString().toDouble() < best[1][u"px"_s].toString().toDouble());
    }

private:
    using Parameters = QList<std::pair<QString, QString>>;

    [[nodiscard]] QByteArray binance(const QByteArray &method, const QString &target) const
    {
        return VenueProgram::send(method, m_venue.ready()[u"binance"_s][u"rest"_s].toString() + target,
                                  {{"X-MBX-APIKEY", account()[u"api_key"_s].toString().toLatin1()}});
    }
    /// Source: reference/binance-usdm.md section 2: HMAC-SHA256 over the query as it is sent, signature last.
    [[nodiscard]] QByteArray binanceSigned(const QByteArray &method, const QString &path, const Parameters &parameters) const
    {
        QUrlQuery query;
        for (const auto &[name, value] : parameters)
            query.addQueryItem(name, value);
        query.addQueryItem(u"timestamp"_s, QString::number(now()));
        const QString text = query.toString(QUrl::FullyEncoded);
        const QByteArray signature = QMessageAuthenticationCode::hash(
            text.toLatin1(), account()[u"api_secret"_s].toString().toLatin1(), QCryptographicHash::Sha256);
        return binance(method, path + u'?' + text + u"&signature="_s + QString::fromLatin1(signature.toHex()));
    }
    [[nodiscard]] QJsonObject account() const { return m_venue.ready()[u"accounts"_s][1].toObject(); } // flat at the start

    [[nodiscard]] QJsonObject trader() const { return m_venue.ready()[u"hyperliquid"_s][u"accounts"_s][0].toObject(); }
    [[nodiscard]] QByteArray post(const QString &path, const QByteArray &body) const
    {
        return VenueProgram::send("POST", m_venue.ready()[u"hyperliquid"_s][u"restUrl"_s].toString() + path,
                                  {{"Content-Type", "application/json"}}, body);
    }
    [[nodiscard]] QByteArray ask(const QString &question) const { return post(u"/info"_s, question.toLatin1()); }
    [[nodiscard]] QByteArray askOfUser(const QString &type, const QString &more = {}) const
    {
        return ask(uR"({"type":"%1","user":"%2"%3})"_s.arg(type, trader()[u"accountAddress"_s].toString(), more));
    }
    /// Signed by the agent. The signature is ours; that it is the venue's is proved by the published vectors.
    [[nodiscard]] QByteArray act(const QString &action) const
    {
        const auto parsed = hyperliquid::parseActionJson(action.toStdString(), "action");
        const hyperliquid::ActionEnvelope envelope{.nonce = static_cast<std::uint64_t>(now())};
        const auto signer = hyperliquid::ActionSigner::fromHex(trader()[u"agentKey"_s].toString().toStdString());
        const auto signature =
            signer.value().signL1(parsed.value(), envelope, hyperliquid::Network::Mainnet).signature;
        return post(u"/exchange"_s,
                    QByteArray::fromStdString(hyperliquid::requestJson(parsed.value(), envelope, signature)));
    }
    [[nodiscard]] static QString atOnce(bool buys, double worst, bool reduces)
    {
        return uR"({"type":"order","orders":[{"a":0,"b":%1,"p":"%2","s":"0.01","r":%3,"t":{"limit":{"tif":"Ioc"}}}],)"
               R"("grouping":"na"})"_s.arg(buys ? u"true"_s : u"false"_s, rounded(worst), reduces ? u"true"_s : u"false"_s);
    }
    [[nodiscard]] static QJsonObject status(const QByteArray &answer)
    {
        return object(answer)[u"response"_s][u"data"_s][u"statuses"_s][0].toObject();
    }
    [[nodiscard]] QString orderStatus(const QString &cloid) const
    {
        return object(askOfUser(u"orderStatus"_s, uR"(,"oid":"%1")"_s.arg(cloid)))[u"order"_s][u"status"_s].toString();
    }
    [[nodiscard]] QJsonArray openOrders() const { return array(askOfUser(u"frontendOpenOrders"_s)); }
    [[nodiscard]] QJsonArray positions() const
    {
        return object(askOfUser(u"clearinghouseState"_s))[u"assetPositions"_s].toArray();
    }
    [[nodiscard]] double equity() const
    {
        return object(askOfUser(u"clearinghouseState"_s))[u"marginSummary"_s][u"accountValue"_s].toString().toDouble();
    }

    VenueProgram m_venue;
};

QTEST_GUILESS_MAIN(TestVenueWire)
#include "tst_venue_wire.moc"
