#include "core/venue/binance_socket_api.h"

#include <QtTest/QTest>

#include "tests/core/venue/venue_fixture.h"

using namespace core;
using namespace core::venue;
using namespace tests;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace
{
const std::string kSeed = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

[[nodiscard]] VenueOptions withEd25519()
{
    VenueOptions options = venueOptions();
    options.accounts[0].ed25519 = true;
    options.accounts[0].apiSecret = kSeed;
    return options;
}
constexpr const char *kLimit = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.1&price=59000";
} // namespace

/// What the venue serves beyond single orders and the account: see tst_binance_api for those.
class TestBinanceSurface : public QObject
{
    Q_OBJECT

private slots:
    void answersWithoutARefusal_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("query");
        QTest::addColumn<bool>("isArray");
        const auto row = [](const char *path, const char *query, bool isArray, const char *method = "GET") {
            QTest::addRow("%s %s %s", method, path, query)
                << QString::fromLatin1(method) << QString::fromLatin1(path) << QString::fromLatin1(query) << isArray;
        };
        row("/fapi/v1/ticker/24hr", "", true);
        row("/fapi/v1/ticker/24hr", "symbol=BTCUSDT", false);
        row("/fapi/v2/ticker/price", "symbol=BTCUSDT", false);
        row("/fapi/v1/ticker/bookTicker", "", true);
        row("/fapi/v1/openInterest", "symbol=BTCUSDT", false);
        row("/fapi/v1/fundingRate", "symbol=BTCUSDT", true);
        row("/fapi/v1/fundingInfo", "", true);
        row("/fapi/v1/aggTrades", "symbol=BTCUSDT", true);
        row("/fapi/v1/trades", "symbol=BTCUSDT", true);
        row("/fapi/v1/historicalTrades", "symbol=BTCUSDT", true);
        row("/fapi/v1/markPriceKlines", "symbol=BTCUSDT&interval=1m", true);
        row("/fapi/v1/indexPriceKlines", "pair=BTCUSDT&interval=1h", true);
        row("/fapi/v1/continuousKlines", "pair=BTCUSDT&contractType=PERPETUAL&interval=1M", true);
        row("/fapi/v1/allOrders", "symbol=BTCUSDT", true);
        row("/fapi/v1/allAlgoOrders", "symbol=BTCUSDT", true);
        row("/fapi/v1/orderAmendment", "symbol=BTCUSDT", true);
        row("/fapi/v1/forceOrders", "", true);
        row("/fapi/v1/income", "", true);
        row("/fapi/v1/positionMargin/history", "symbol=BTCUSDT", true);
        row("/fapi/v1/multiAssetsMargin", "", false);
        row("/fapi/v1/feeBurn", "", false);
        row("/fapi/v1/adlQuantile", "", true);
        row("/fapi/v1/apiTradingStatus", "", false);
        row("/fapi/v2/positionRisk", "", true);
        row("/sapi/v1/account/apiRestrictions", "", false);
        row("/fapi/v1/order/test", kLimit, false, "POST");
        row("/fapi/v1/countdownCancelAll", "symbol=BTCUSDT&countdownTime=1000", false, "POST");
    }
    void answersWithoutARefusal()
    {
        QFETCH(QString, method);
        QFETCH(QString, path);
        QFETCH(QString, query);
        QFETCH(bool, isArray);
        VenueFixture venue;
        const QJsonDocument answer = venue.ask(method.toStdString(), path.toStdString(), query.toStdString());
        QCOMPARE(venue.last.status, 200);
        QCOMPARE(answer.isArray(), isArray);
        QVERIFY(venue.engine.openOrders(0, nullptr).empty());
    }

    void whatIsNoTextIsAnsweredInText()
    {
        VenueFixture venue;
        const auto answer = venue.raw("POST", "/P\xff\xffT\xc3", "");
        QCOMPARE(answer.status, 404);
        QCOMPARE(QJsonDocument::fromJson(QByteArray::fromStdString(answer.body))["code"_L1].toInt(), -5000);
    }

    void aTimeBeyondTheClockIsItsEnd()
    {
        VenueFixture venue;
        const auto order = venue.ask("POST", "/fapi/v1/order",
                                     "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTD&goodTillDate=253402300798000"
                                     "&quantity=0.1&price=59000");
        QCOMPARE(order["status"_L1].toString(), u"NEW"_s);
        QCOMPARE(venue.ask("GET", "/fapi/v1/openOrders").array().size(), 1);
        const auto trades = venue.ask("GET", "/fapi/v1/userTrades",
                                      "symbol=BTCUSDT&startTime=0&endTime=9223372036854775807");
        QVERIFY(trades.isArray() || trades["code"_L1].toInt() < 0);
    }

    void aBatchAnswersInRequestOrder()
    {
        VenueFixture venue;
        const std::string batch = exchange::binance::percentEncoded(
            R"([{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":"0.1","price":"59000","newClientOrderId":"a1"},)"
            R"({"symbol":"BTCUSDT","side":"SELL","type":"MARKET","quantity":"0.1","reduceOnly":"true"},)"
            R"({"symbol":"BTCUSDT","side":"BUY","type":"STOP_MARKET","quantity":"0.1"}])");
        const QJsonArray answers = venue.ask("POST", "/fapi/v1/batchOrders", "batchOrders=" + batch).array();
        QCOMPARE(answers.size(), 3);
        QCOMPARE(answers[0]["clientOrderId"_L1].toString(), u"a1"_s);
        QCOMPARE(answers[1]["code"_L1].toInt(), -2022);
        QCOMPARE(answers[2]["code"_L1].toInt(), -4120);
        const std::string gone = exchange::binance::percentEncoded(R"(["a1","none"])");
        const QJsonArray canceled =
            venue.ask("DELETE", "/fapi/v1/batchOrders", "symbol=BTCUSDT&origClientOrderIdList=" + gone).array();
        QCOMPARE(canceled[0]["status"_L1].toString(), u"CANCELED"_s);
        QCOMPARE(canceled[1]["code"_L1].toInt(), -2011);
    }

    void aModificationNeedsPriceAndQuantity()
    {
        VenueFixture venue;
        const qint64 id = venue.ask("POST", "/fapi/v1/order", kLimit)["orderId"_L1].toInteger();
        const std::string name = "symbol=BTCUSDT&side=BUY&orderId=" + std::to_string(id);
        QCOMPARE(venue.code("PUT", "/fapi/v1/order", name + "&quantity=0.2"), -1102);
        QCOMPARE(venue.code("PUT", "/fapi/v1/order", name + "&price=58000"), -1102);
        const QJsonDocument changed = venue.ask("PUT", "/fapi/v1/order", name + "&quantity=0.2&price=58000&modifyId=7");
        QCOMPARE(changed["origQty"_L1].toString(), u"0.200"_s);
        QCOMPARE(changed["modifyId"_L1].toInt(), 7);
        QCOMPARE(venue.code("PUT", "/fapi/v1/order", name + "&quantity=0.2&price=58000"), -5027);
        const QJsonArray rows = venue.ask("GET", "/fapi/v1/orderAmendment", "symbol=BTCUSDT").array();
        QCOMPARE(rows[0]["amendment"_L1]["price"_L1]["after"_L1].toString(), u"58000.00"_s);
    }

    void aFundedBalanceHasATime()
    {
        VenueFixture venue; // ccxt skips rows of time 0
        const qint64 now = toMilliseconds(venue.clock.now());
        QCOMPARE(venue.ask("GET", "/fapi/v3/balance")[0]["updateTime"_L1].toInteger(), now);
        QCOMPARE(venue.ask("GET", "/fapi/v3/account")["assets"_L1][0]["updateTime"_L1].toInteger(), now);
    }

    void incomeHasNoPages()
    {
        VenueFixture venue;
        QVERIFY(venue.engine.transfer(0, money("5")).has_value());
        venue.engine.settleFunding(btc(), Ratio::fromRaw(10'000));
        const QJsonArray rows = venue.ask("GET", "/fapi/v1/income").array();
        QCOMPARE(rows.size(), 1);
        QCOMPARE(rows[0]["incomeType"_L1].toString(), u"TRANSFER"_s);
        QCOMPARE(rows[0]["tradeId"_L1].toString(), QString());
        QCOMPARE(venue.code("GET", "/fapi/v1/income", "page=2"), -1106);
        QCOMPARE(venue.code("GET", "/fapi/v1/income", "startTime=5&endTime=4"), -1023);
    }

    void queriesMayLagBehind()
    {
        VenueOptions options = venueOptions();
        options.rules.queryDelay = 2s;
        VenueFixture venue(options);
        const qint64 id = venue.ask("POST", "/fapi/v1/order", kLimit)["orderId"_L1].toInteger();
        const std::string name = "symbol=BTCUSDT&orderId=" + std::to_string(id);
        QCOMPARE(venue.code("GET", "/fapi/v1/order", name), -2013);
        venue.clock.advance(2s);
        QCOMPARE(venue.ask("GET", "/fapi/v1/order", name)["status"_L1].toString(), u"NEW"_s);
    }

    void ed25519RequestsAreVerified()
    {
        VenueFixture venue(withEd25519());
        const auto signer = exchange::binance::Ed25519Signer::fromKey(kSeed);
        QVERIFY(signer.has_value());
        const std::string query = "timestamp=" + std::to_string(toMilliseconds(venue.clock.now()));
        const auto ask = [&](const std::string &payload) {
            return venue.raw("GET", "/fapi/v3/balance",
                             query + "&signature=" + exchange::binance::percentEncoded(signer->signature(payload)));
        };
        QCOMPARE(ask(query).status, 200);
        QCOMPARE(ask(query + "0").status, 400);
        QCOMPARE(venue.code("GET", "/fapi/v3/balance", ""), -1022); // HMAC with the fixture's secret
    }

    void theWebSocketApiSignsPerRequestOrPerSession()
    {
        VenueFixture venue(withEd25519());
        BinanceSocketApi api(venue.api);
        BinanceSocketApi::Session session;
        const auto ask = [&](const QString &text) {
            return QJsonDocument::fromJson(QByteArray::fromStdString(api.answer(session, text.toStdString())));
        };
        const std::string time = std::to_string(toMilliseconds(venue.clock.now()));
        QCOMPARE(ask(u"nonsense"_s)["error"_L1]["code"_L1].toInt(), -1100);
        QCOMPARE(ask(uR"({"id":1,"method":"ping"})"_s)["status"_L1].toInt(), 200);
        const QString place = uR"({"id":"x","method":"order.place","params":{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT",)"
                              "\"timeInForce\":\"GTC\",\"quantity\":\"0.1\",\"price\":\"59000\",\"timestamp\":%1}}"_s
                                  .arg(QString::fromStdString(time));
        QCOMPARE(ask(place)["error"_L1]["code"_L1].toInt(), -2015); // nobody is logged on
        const std::string payload = "apiKey=" + kApiKey + "&timestamp=" + time;
        const std::string signature = exchange::binance::Ed25519Signer::fromKey(kSeed)->signature(payload);
        const QString logon = uR"({"id":2,"method":"session.logon","params":{"apiKey":"%1","timestamp":%2,"signature":"%3"}})"_s;
        QCOMPARE(ask(logon.arg(QString::fromStdString(kApiKey), QString::fromStdString(time), u"AAAA"_s))["error"_L1]["code"_L1]
                     .toInt(),
                 -1022);
        QCOMPARE(ask(logon.arg(QString::fromStdString(kApiKey), QString::fromStdString(time),
                               QString::fromStdString(signature)))["status"_L1]
                     .toInt(),
                 200);
        const QJsonDocument placed = ask(place);
        QCOMPARE(placed["id"_L1].toString(), u"x"_s);
        QCOMPARE(placed["result"_L1]["status"_L1].toString(), u"NEW"_s);
        QCOMPARE(venue.engine.openOrders(0, nullptr).size(), std::size_t{1});
    }
};

QTEST_APPLESS_MAIN(TestBinanceSurface)
#include "tst_binance_surface.moc"
