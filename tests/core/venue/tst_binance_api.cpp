#include "core/venue/binance_api.h"

#include <QtTest/QTest>

#include "core/exchange/binance/codec.h"
#include "tests/core/venue/venue_fixture.h"

using namespace core;
using namespace core::venue;
using namespace tests;
using namespace Qt::StringLiterals;

namespace
{
const std::string kOrder = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=59000";

[[nodiscard]] QStringList keysOf(const QJsonDocument &document)
{
    return document.isArray() ? document.array().at(0).toObject().keys() : document.object().keys();
}
[[nodiscard]] QStringList sorted(const char *words)
{
    QStringList list = QString::fromLatin1(words).split(u' ');
    list.sort();
    return list;
}
[[nodiscard]] VenueOptions withLong(const char *size)
{
    VenueOptions options = venueOptions();
    options.accounts[0].positions.push_back({btc(), Direction::Long, quantity(size), price("60000")});
    return options;
}
} // namespace

class TestBinanceApi : public QObject
{
    Q_OBJECT

private slots:
    void publishedSignatureVerifies()
    {
        // Vector V1 of the reference.
        VenueOptions options = venueOptions();
        options.accounts[0].apiKey = "dbefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83";
        options.accounts[0].apiSecret = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9";
        VenueFixture venue(options);
        venue.clock.setWall(utcFromMilliseconds(1'591'702'613'943));
        const std::string query = "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&"
                                  "recvWindow=5000&timestamp=1591702613943&signature="
                                  "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9";
        const auto answer = venue.raw("POST", "/fapi/v1/order", query, options.accounts[0].apiKey);
        QCOMPARE(answer.status, 200);
        // V3: query and body are glued together without a separator.
        const auto mixed =
            venue.api.handle({"POST", "/fapi/v1/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC",
                              "quantity=1&price=9000&recvWindow=5000&timestamp=1591702613943&signature="
                              "30baaf0fab549bbeda7f5ef201898b34122da25fd23c646cac2c529aebe670a4",
                              options.accounts[0].apiKey});
        QVERIFY2(mixed.status == 200 || mixed.body.find("-2019") != std::string::npos, mixed.body.c_str());
    }

    void refusesBadCredentials_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("message");
        QTest::newRow("no key") << u"nokey"_s << -2014 << u"API-key format invalid."_s;
        QTest::newRow("key with a blank") << u"badkey"_s << -2014 << u"API-key format invalid."_s;
        QTest::newRow("unknown key") << u"unknown"_s << -2015
                                     << u"Invalid API-key, IP, or permissions for action."_s;
        QTest::newRow("one signature digit changed")
            << u"digit"_s << -1022 << u"Signature for this request is not valid."_s;
        QTest::newRow("key of another account")
            << u"otherkey"_s << -1022 << u"Signature for this request is not valid."_s;
        QTest::newRow("bytes changed, value equal")
            << u"bytes"_s << -1022 << u"Signature for this request is not valid."_s;
        QTest::newRow("signature not last")
            << u"notlast"_s << -1022 << u"Signature for this request is not valid."_s;
        QTest::newRow("no signature")
            << u"nosignature"_s << -1102
            << u"Mandatory parameter 'signature' was not sent, was empty/null, or malformed."_s;
        QTest::newRow("no timestamp")
            << u"notime"_s << -1102
            << u"Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed."_s;
        QTest::newRow("too old") << u"old"_s << -1021
                                 << u"Timestamp for this request is outside of the recvWindow."_s;
        QTest::newRow("1000 ms ahead")
            << u"ahead"_s << -1021 << u"Timestamp for this request was 1000ms ahead of the server's time."_s;
        QTest::newRow("exactly at the window") << u"edge"_s << 0 << QString();
        QTest::newRow("upper-case signature") << u"upper"_s << 0 << QString();
    }
    void refusesBadCredentials()
    {
        QFETCH(QString, what);
        QFETCH(int, code);
        QFETCH(QString, message);
        VenueFixture venue;
        std::string query = venue.signedQuery("symbol=BTCUSDT");
        std::string key = kApiKey;
        if (what == "nokey"_L1)
            key.clear();
        else if (what == "badkey"_L1)
            key = "with blank";
        else if (what == "unknown"_L1)
            key = std::string(64, 'u');
        else if (what == "digit"_L1)
            query.back() = query.back() == '0' ? '1' : '0';
        else if (what == "otherkey"_L1)
            key = kOtherKey;
        else if (what == "bytes"_L1)
            query.replace(query.find("BTC"), 3, "%42TC");
        else if (what == "notlast"_L1)
            query += "&x=1";
        else if (what == "nosignature"_L1)
            query.resize(query.find("&signature"));
        else if (what == "notime"_L1) {
            query = "symbol=BTCUSDT";
            exchange::binance::HmacSigner(kSecret).sign(query);
        } else if (what == "old"_L1)
            venue.clock.advance(std::chrono::milliseconds{5'001});
        else if (what == "edge"_L1)
            venue.clock.advance(std::chrono::milliseconds{5'000});
        else if (what == "ahead"_L1)
            venue.clock.setWall(venue.clock.now() - std::chrono::milliseconds{1'000});
        else if (what == "upper"_L1)
            for (std::size_t i = query.find("signature=") + 10; i < query.size(); ++i)
                query[i] = static_cast<char>(std::toupper(static_cast<unsigned char>(query[i])));
        const auto answer = venue.raw("GET", "/fapi/v3/positionRisk", query, key);
        const auto json = QJsonDocument::fromJson(QByteArray::fromStdString(answer.body));
        QCOMPARE(json[u"code"].toInt(), code);
        QCOMPARE(json[u"msg"].toString(), message);
        QCOMPARE(answer.status == 200, code == 0);
    }

    void percentEncodedValuesAreReadAfterVerifying()
    {
        VenueFixture venue;
        std::string query;
        exchange::binance::appendParameter(query, "symbol", "BTCUSDT");
        exchange::binance::appendParameter(query, "origClientOrderId", "a:b/c");
        QVERIFY(query.find("%3A") != std::string::npos);
        QCOMPARE(venue.code("GET", "/fapi/v1/order", query), -2013);
        QVERIFY(!venue.ask("POST", "/fapi/v1/order", kOrder + "&newClientOrderId=a%3Ab%2fc").isEmpty());
        QCOMPARE(venue.last.status, 200);
        QCOMPARE(venue.ask("GET", "/fapi/v1/order", query)[u"clientOrderId"].toString(), u"a:b/c"_s);
    }

    void refusesBadOrders_data()
    {
        QTest::addColumn<QString>("query");
        QTest::addColumn<int>("code");
        const auto row = [](const char *name, const char *query, int code) {
            QTest::newRow(name) << QString::fromLatin1(query) << code;
        };
        row("no symbol", "side=BUY&type=MARKET&quantity=1", -1102);
        row("unknown symbol", "symbol=NOPE&side=BUY&type=MARKET&quantity=1", -1121);
        row("no side", "symbol=BTCUSDT&type=MARKET&quantity=1", -1102);
        row("bad side", "symbol=BTCUSDT&side=buy&type=MARKET&quantity=1", -1117);
        row("bad type", "symbol=BTCUSDT&side=BUY&type=STOPP&quantity=1", -1116);
        row("stop on the order endpoint", "symbol=BTCUSDT&side=SELL&type=STOP_MARKET&stopPrice=1&quantity=1",
            -4120);
        row("trailing on the order endpoint", "symbol=BTCUSDT&side=SELL&type=TRAILING_STOP_MARKET&quantity=1",
            -4120);
        row("stop price on a market order", "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=1&stopPrice=1",
            -1106);
        row("no quantity", "symbol=BTCUSDT&side=BUY&type=MARKET", -1102);
        row("quantity is no number", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=NaN", -1102);
        row("quantity with exponent", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1e-3", -1102);
        row("quantity zero", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0", -4003);
        row("quantity too fine", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.0101", -1111);
        row("quantity with ten digits", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.0100000001", -1111);
        row("quantity too large", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=126", -4005);
        row("time in force on a market order",
            "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&timeInForce=GTC", -1114);
        row("limit without time in force", "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=59000",
            -1102);
        row("unknown time in force",
            "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=X&quantity=1&price=59000", -1115);
        row("limit without price", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1", -1102);
        row("price off the tick",
            "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=59000.05", -4014);
        row("price too fine",
            "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=59000.123", -1111);
        row("price zero", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=0", -4001);
        row("buy far above the mark",
            "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=63000.1", -4016);
        row("sell far below the mark",
            "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.01&price=56999.9", -4024);
        row("notional too small",
            "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=4000", -4164);
        row("too large for the balance", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=4", -2019);
        row("beyond the bracket",
            "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1000&price=63000", -2019);
        row("reduce-only without position", "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=1&reduceOnly=true",
            -2022);
        row("reduce-only is no flag", "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=1&reduceOnly=1", -1130);
        row("post-only that would take",
            "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTX&quantity=0.01&price=60000.1", -5022);
        row("fill-or-kill that cannot",
            "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=FOK&quantity=1.1&price=60000.1", -5021);
        row("client id with a blank", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&newClientOrderId=a%20b",
            -4015);
        row("client id too long",
            "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&newClientOrderId="
            "1234567890123456789012345678901234567",
            -4015);
        row("hedge leg in one-way mode", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&positionSide=LONG",
            -4061);
    }
    void refusesBadOrders()
    {
        QFETCH(QString, query);
        QFETCH(int, code);
        VenueFixture venue;
        QCOMPARE(venue.code("POST", "/fapi/v1/order", query.toStdString()), code);
        QCOMPARE(venue.last.status, 400);
        QVERIFY(venue.engine.openOrders(0, nullptr).empty());
        QVERIFY(venue.engine.account(0).position(btc()).isFlat());
    }

    void acknowledgesWithTheFieldsOfToday()
    {
        VenueFixture venue;
        const auto ack = venue.ask("POST", "/fapi/v1/order", kOrder + "&newClientOrderId=mine-1");
        QCOMPARE(
            keysOf(ack),
            sorted(
                "clientOrderId cumQty executedQty orderId origQty price reduceOnly side positionSide status "
                "stopPrice closePosition symbol timeInForce type origType updateTime workingType "
                "priceProtect "
                "priceMatch selfTradePreventionMode goodTillDate"));
        QCOMPARE(ack[u"status"].toString(), u"NEW"_s);
        QCOMPARE(ack[u"price"].toString(), u"59000.00"_s);
        QVERIFY(ack[u"orderId"].toInteger() > (qint64{1} << 53));
        QCOMPARE(venue.header("X-MBX-ORDER-COUNT-10S"), std::string("1"));
        QCOMPARE(venue.header("X-MBX-ORDER-COUNT-1M"), std::string("1"));
        QCOMPARE(venue.header("X-MBX-USED-WEIGHT-1M"), std::string("0"));
        QCOMPARE(venue.code("POST", "/fapi/v1/order", kOrder + "&newClientOrderId=mine-1"), -4116);

        const auto found = venue.ask("GET", "/fapi/v1/openOrder", "symbol=BTCUSDT&origClientOrderId=mine-1");
        QCOMPARE(
            keysOf(found),
            sorted(
                "avgPrice clientOrderId cumQuote executedQty orderId origQty origType price reduceOnly side "
                "positionSide status stopPrice closePosition symbol time timeInForce type updateTime "
                "workingType priceProtect priceMatch selfTradePreventionMode goodTillDate"));
        QCOMPARE(found[u"orderId"].toInteger(), ack[u"orderId"].toInteger());
        QCOMPARE(venue.ask("GET", "/fapi/v1/openOrders").array().size(), 1);
        QCOMPARE(venue.ask("DELETE", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=mine-1")[u"status"]
                     .toString(),
                 u"CANCELED"_s);
        QCOMPARE(venue.code("DELETE", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=mine-1"), -2011);
        QCOMPARE(venue.code("GET", "/fapi/v1/openOrder", "symbol=BTCUSDT&origClientOrderId=mine-1"), -2013);
        QCOMPARE(venue.ask("GET", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=mine-1")[u"status"]
                     .toString(),
                 u"CANCELED"_s);
        QCOMPARE(venue.code("GET", "/fapi/v1/order", "symbol=BTCUSDT&orderId=1"), -2013);
        QCOMPARE(venue.code("GET", "/fapi/v1/order", "symbol=BTCUSDT"), -1102);
    }

    void resultWaitsForTheFill()
    {
        VenueFixture venue;
        const std::string market = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.5";
        QCOMPARE(venue.ask("POST", "/fapi/v1/order", market)[u"status"].toString(), u"NEW"_s);
        const auto result = venue.ask("POST", "/fapi/v1/order", market + "&newOrderRespType=RESULT");
        QCOMPARE(result[u"status"].toString(), u"FILLED"_s);
        QCOMPARE(result[u"executedQty"].toString(), u"0.500"_s);
        QVERIFY(!result.object().contains("avgPrice"_L1));
        const auto trades = venue.ask("GET", "/fapi/v1/userTrades", "symbol=BTCUSDT").array();
        QCOMPARE(trades.size(), 2);
        QCOMPARE(trades[0][u"commission"].toString(), u"15.00002500"_s);
        const std::string next = std::to_string(trades[0][u"id"].toInteger() + 1);
        QCOMPARE(venue.ask("GET", "/fapi/v1/userTrades", "symbol=BTCUSDT&fromId=" + next).array().size(), 1);
        QCOMPARE(venue.code("GET", "/fapi/v1/userTrades", "symbol=BTCUSDT&startTime=1&fromId=" + next),
                 -1128);
    }

    void positionsAndBalancesHaveTheirFields()
    {
        VenueFixture venue(withLong("0.5"));
        venue.setMark("59000");
        const auto risk = venue.ask("GET", "/fapi/v3/positionRisk");
        QCOMPARE(
            keysOf(risk),
            sorted("symbol positionSide positionAmt entryPrice breakEvenPrice markPrice unRealizedProfit "
                   "liquidationPrice isolatedMargin notional marginAsset isolatedWallet initialMargin "
                   "maintMargin "
                   "positionInitialMargin openOrderInitialMargin adl bidNotional askNotional updateTime"));
        QCOMPARE(risk[0][u"positionAmt"].toString(), u"0.500"_s);
        QCOMPARE(risk[0][u"unRealizedProfit"].toString(), u"-500.00000000"_s);
        QCOMPARE(risk[0][u"initialMargin"].toString(), u"1475.00000000"_s);
        QCOMPARE(risk[0][u"maintMargin"].toString(), u"118.00000000"_s); // 29,500 × 0.4 %
        const auto account = venue.ask("GET", "/fapi/v3/account");
        QCOMPARE(keysOf(account),
                 sorted("totalInitialMargin totalMaintMargin totalWalletBalance totalUnrealizedProfit "
                        "totalMarginBalance totalPositionInitialMargin totalOpenOrderInitialMargin "
                        "totalCrossWalletBalance totalCrossUnPnl availableBalance maxWithdrawAmount assets "
                        "positions"));
        QCOMPARE(account[u"totalMarginBalance"].toString(), u"9500.00000000"_s);
        QCOMPARE(account[u"availableBalance"].toString(), u"8025.00000000"_s);
        QVERIFY(!account[u"positions"][0].toObject().contains("leverage"_L1));
        const auto old = venue.ask("GET", "/fapi/v2/account");
        QCOMPARE(old[u"positions"][0][u"leverage"].toString(), u"20"_s);
        QVERIFY(old.object().contains("feeTier"_L1));
        QCOMPARE(venue.ask("GET", "/fapi/v3/balance")[0][u"balance"].toString(), u"10000.00000000"_s);
        QCOMPARE(venue.ask("GET", "/fapi/v1/symbolConfig")[0][u"leverage"].toInt(), 20);
        QCOMPARE(venue.ask("GET", "/fapi/v1/accountConfig")[u"dualSidePosition"].toBool(true), false);
        QCOMPARE(venue.ask("GET", "/fapi/v1/positionSide/dual")[u"dualSidePosition"].toBool(true), false);
        QCOMPARE(venue.code("POST", "/fapi/v1/positionSide/dual", "dualSidePosition=false"), -4059);
        QCOMPARE(venue.code("POST", "/fapi/v1/positionSide/dual", "dualSidePosition=true"), -4068);
        QCOMPARE(venue.ask("POST", "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=21")[u"leverage"].toInt(),
                 21);
        QCOMPARE(venue.code("POST", "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=200"), -4028);
        QCOMPARE(
            venue.ask("GET", "/fapi/v1/commissionRate", "symbol=BTCUSDT")[u"takerCommissionRate"].toString(),
            u"0.0005"_s);
        const auto brackets = venue.ask("GET", "/fapi/v1/leverageBracket", "symbol=BTCUSDT");
        QCOMPARE(brackets[0][u"brackets"][1][u"maintMarginRatio"].toDouble(), 0.005);
        QCOMPARE(brackets[0][u"brackets"][1][u"cum"].toDouble(), 50.0);
    }

    void flatPositionsAreNotListed()
    {
        VenueFixture venue;
        QCOMPARE(venue.ask("GET", "/fapi/v3/positionRisk").array().size(), 0);
        QVERIFY(!venue.ask("POST", "/fapi/v1/order", kOrder).isEmpty());
        QCOMPARE(venue.ask("GET", "/fapi/v3/positionRisk").array().size(), 1); // an open order is enough
    }

    void conditionalOrdersHaveTheirOwnStore()
    {
        VenueFixture venue(withLong("0.5"));
        const std::string stop =
            "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&triggerPrice=59500&"
            "workingType=MARK_PRICE&closePosition=true&clientAlgoId=stop-1";
        const auto ack = venue.ask("POST", "/fapi/v1/algoOrder", stop);
        QCOMPARE(ack[u"algoStatus"].toString(), u"NEW"_s);
        QCOMPARE(ack[u"orderType"].toString(), u"STOP_MARKET"_s);
        QCOMPARE(venue.code("POST", "/fapi/v1/algoOrder", stop), -4116);
        QCOMPARE(venue.code("POST", "/fapi/v1/algoOrder", stop + "&quantity=1"), -4137);
        QCOMPARE(venue.code("GET", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=stop-1"), -2013);
        QCOMPARE(venue.code("DELETE", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=stop-1"), -2011);
        QCOMPARE(venue.ask("GET", "/fapi/v1/openOrders").array().size(), 0);
        QVERIFY(!venue.ask("DELETE", "/fapi/v1/allOpenOrders", "symbol=BTCUSDT").isEmpty());
        const auto open = venue.ask("GET", "/fapi/v1/openAlgoOrders");
        QCOMPARE(open.array().size(), 1);
        QCOMPARE(open[0][u"actualOrderId"].toString(), QString());
        venue.setMark("59500");
        const auto done = venue.ask("GET", "/fapi/v1/algoOrder", "clientAlgoId=stop-1");
        QCOMPARE(done[u"algoStatus"].toString(), u"FINISHED"_s);
        const std::string child = done[u"actualOrderId"].toString().toStdString();
        QCOMPARE(venue.ask("GET", "/fapi/v1/order", "symbol=BTCUSDT&orderId=" + child)[u"status"].toString(),
                 u"FILLED"_s);
        QCOMPARE(venue.code("DELETE", "/fapi/v1/algoOrder", "clientAlgoId=stop-1"), -2011);
        QCOMPARE(venue.ask("GET", "/fapi/v1/openAlgoOrders").array().size(), 0);

        const std::string second =
            "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&triggerPrice=59000&quantity=1";
        const auto again = venue.ask("POST", "/fapi/v1/algoOrder", second);
        const std::string id = std::to_string(again[u"algoId"].toInteger());
        QCOMPARE(venue.ask("DELETE", "/fapi/v1/algoOrder", "algoId=" + id)[u"code"].toString(), u"200"_s);
    }

    void depthAndMarkAreTheServedOnes()
    {
        VenueFixture venue;
        const auto depth = venue.raw("GET", "/fapi/v1/depth", "symbol=BTCUSDT&limit=1000", {});
        const auto snapshot = exchange::binance::parseDepthSnapshot(depth.body);
        QVERIFY(snapshot.has_value());
        QCOMPARE(snapshot->lastUpdateId, 1'000);
        QCOMPARE(snapshot->bids.size(), std::size_t{3});
        QCOMPARE(snapshot->asks.front().price, price("60000.1"));
        QVERIFY(depth.body.find(R"(["60000.10","1.000"])") != std::string::npos);
        venue.last = venue.raw("GET", "/fapi/v1/depth", "symbol=BTCUSDT&limit=7", {});
        QCOMPARE(venue.last.status, 400);
        QVERIFY(venue.last.body.find("-4021") != std::string::npos);
        QCOMPARE(venue.header("X-MBX-USED-WEIGHT-1M"), std::string("22"));
        venue.last = venue.raw("GET", "/fapi/v1/premiumIndex", "symbol=BTCUSDT", {});
        QVERIFY(venue.last.body.find(R"("markPrice":"60000.00000000")") != std::string::npos);
        venue.last = venue.raw("GET", "/fapi/v1/exchangeInfo", {}, {});
        const auto info = QJsonDocument::fromJson(QByteArray::fromStdString(venue.last.body));
        QCOMPARE(info[u"symbols"][0][u"filters"][0][u"tickSize"].toString(), u"0.10"_s);
        QCOMPARE(info[u"rateLimits"][0][u"limit"].toInt(), 2400);
    }

    void klinesComeFromWhatWasTraded()
    {
        VenueFixture venue;
        for (const auto &[at, size, minute] :
             {std::tuple{"60000", "1", 0}, std::tuple{"60010", "0.5", 0}, std::tuple{"59990", "2", 1}}) {
            Trade trade;
            trade.price = price(at);
            trade.quantity = quantity(size);
            trade.venueTime = utcFromMilliseconds(1'800'000'000'000) + std::chrono::minutes{minute};
            venue.candles.onTrade(btc(), trade);
        }
        venue.last = venue.raw("GET", "/fapi/v1/klines", "symbol=BTCUSDT&interval=1m", {});
        QCOMPARE(QString::fromStdString(venue.last.body),
                 u"[[1800000000000,\"60000.00\",\"60010.00\",\"60000.00\",\"60010.00\",\"1.500\","
                 u"1800000059999,\"90005\",2,"
                 "\"1.500\",\"90005\",\"0\"],[1800000060000,\"59990.00\",\"59990.00\",\"59990.00\",\"59990."
                 "00\",\"2.000\","
                 "1800000119999,\"119980\",1,\"2.000\",\"119980\",\"0\"]]"_s);
        venue.last = venue.raw("GET", "/fapi/v1/klines", "symbol=BTCUSDT&interval=5m", {});
        QVERIFY(venue.last.body.starts_with(
            "[[1800000000000,\"60000.00\",\"60010.00\",\"59990.00\",\"59990.00\",\"3.500\""));
        venue.last = venue.raw("GET", "/fapi/v1/klines", "symbol=BTCUSDT&interval=7m", {});
        QVERIFY(venue.last.body.find("-1120") != std::string::npos);
    }

    void listenKeyIsSharedAndExpires()
    {
        VenueFixture venue;
        const auto ask = [&](const char *method) {
            venue.last = venue.raw(method, "/fapi/v1/listenKey", {});
            return QJsonDocument::fromJson(QByteArray::fromStdString(venue.last.body));
        };
        QCOMPARE(ask("PUT")[u"code"].toInt(), -1125);
        const QString key = ask("POST")[u"listenKey"].toString();
        QCOMPARE(key.size(), 64);
        QCOMPARE(ask("POST")[u"listenKey"].toString(), key);
        venue.clock.advance(std::chrono::minutes{59});
        QCOMPARE(ask("PUT")[u"listenKey"].toString(), key);
        venue.clock.advance(std::chrono::minutes{60});
        QCOMPARE(ask("PUT")[u"code"].toInt(), -1125);
        QVERIFY(ask("POST")[u"listenKey"].toString() != key);
        QCOMPARE(venue.raw("POST", "/fapi/v1/listenKey", {}, {}).status, 401);
    }

    void limitsAreEnforced()
    {
        VenueOptions options = venueOptions();
        options.weightLimitPerMinute = 50;
        options.orderLimitPerTenSeconds = 2;
        VenueFixture venue(options);
        for (int i = 0; i < 2; ++i)
            QCOMPARE(venue.raw("POST", "/fapi/v1/order", venue.signedQuery(kOrder)).status, 200);
        QCOMPARE(venue.code("POST", "/fapi/v1/order", kOrder), -1015);
        QCOMPARE(venue.last.status, 429);
        venue.clock.advance(std::chrono::seconds{10});
        QCOMPARE(venue.raw("POST", "/fapi/v1/order", venue.signedQuery(kOrder)).status, 200);
        const auto depth = [&] {
            return venue.raw("GET", "/fapi/v1/depth", "symbol=BTCUSDT&limit=1000", {});
        };
        QCOMPARE(depth().status, 200);
        QCOMPARE(depth().status, 200);
        QCOMPARE(depth().status, 429);
        for (int i = 0; i < 20; ++i)
            venue.last = depth();
        QCOMPARE(venue.last.status, 418);
        QVERIFY(venue.last.body.find("banned until") != std::string::npos);
        venue.clock.advance(std::chrono::minutes{1});
        QCOMPARE(depth().status, 418); // the ban outlasts the window
        venue.clock.advance(std::chrono::minutes{1});
        QCOMPARE(depth().status, 200);
    }

    void unknownPathsAreNamed()
    {
        VenueFixture venue;
        venue.last = venue.raw("GET", "/fapi/v9/nothing", {}, {});
        QCOMPARE(venue.last.status, 404);
        QVERIFY(venue.last.body.find("Path /fapi/v9/nothing, Method GET is invalid") != std::string::npos);
        QCOMPARE(venue.raw("DELETE", "/fapi/v1/ping", {}, {}).status, 404);
        QCOMPARE(venue.raw("GET", "/fapi/v1/depth", "symbol=%zz", {}).status, 400);
    }

    void userEventsAreWhatTheClientReads()
    {
        VenueFixture venue(withLong("0.5"));
        QVERIFY(venue.engine
                    .place(0, {.symbol = btc(),
                               .side = Side::Sell,
                               .type = OrderType::Market,
                               .timeInForce = TimeInForce::GoodTilCancel,
                               .quantity = quantity("0.2"),
                               .price = {},
                               .reduceOnly = ReduceOnly::Yes,
                               .selfTrade = SelfTrade::None,
                               .clientOrderId = "close-1"})
                    .has_value());
        const VenueFill &fill = *venue.engine.fills(0, btc()).back();
        const VenueOrder &order = *venue.engine.findOrder(0, btc(), fill.orderId, {});
        const auto event = exchange::binance::decodeUserEvent(
            orderTradeUpdate(venue.engine, order, "TRADE", &fill), venue.clock.now());
        QVERIFY(event.has_value());
        const auto &update = std::get<exchange::binance::OrderEvent>(*event);
        QCOMPARE(update.order.venueOrderId.value, order.id);
        QCOMPARE(update.order.status, OrderStatus::Filled);
        QCOMPARE(update.fill->quantity, quantity("0.2"));
        QCOMPARE(update.fill->fee, fill.fee);
        QCOMPARE(update.fill->tradeId, fill.tradeId);
        const auto account = exchange::binance::decodeUserEvent(
            accountUpdate(venue.engine, {.account = 0, .reason = "ORDER", .legs = {{btc()}}}), venue.clock.now());
        QVERIFY(account.has_value());
        const auto &change = std::get<exchange::binance::AccountEvent>(*account);
        QCOMPARE(change.positions.front().quantity, quantity("0.3"));
        QCOMPARE(change.balances.front().wallet, venue.engine.account(0).wallet());
    }
};

QTEST_APPLESS_MAIN(TestBinanceApi)
#include "tst_binance_api.moc"
