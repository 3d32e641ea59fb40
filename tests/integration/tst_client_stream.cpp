#include <algorithm>

#include <QtTest/QTest>

#include "tests/integration/scripted_venue.h"

using namespace core;
using namespace std::chrono_literals;
using ports::RequestOutcome;
using tests::ScriptedFixture;
using tests::waitFor;
using Answer = tests::ScriptedVenue::Answer;
using Request = tests::ScriptedVenue::Request;

/// The private stream against the answers: what is lost, late, doubled, or done by the exchange itself.
class TestClientStream : public QObject
{
    Q_OBJECT

    static ClientOrderId id(std::string_view text) { return ScriptedFixture::id(text); }
private slots:
    void bn19_theListenKeyIsKeptAndReplacedWhenGone()
    {
        ScriptedFixture fixture;
        fixture.options.timings.listenKeyEvery = 300ms; // 30 min in earnest
        fixture.options.timings.listenKeyRetry = 100ms;
        QVERIFY(fixture.startAndReconcile());
        QVERIFY(waitFor([&] { return fixture.venue.count("PUT /fapi/v1/listenKey") >= 2; }));
        QCOMPARE(fixture.seen.reconciled, 1);
        fixture.venue.onEach("PUT /fapi/v1/listenKey", {{.status = 400, .body = R"({"code":-1125,"msg":"This listenKey does not exist."})"},
                                                        {.body = R"({"listenKey":"x"})"}});
        QVERIFY(waitFor([&] { return fixture.seen.reconciled == 2; }));
        QCOMPARE(fixture.venue.count("POST /fapi/v1/listenKey"), 2);
        QCOMPARE(fixture.venue.privateConnections(), 2);
        QCOMPARE(fixture.seen.lost.size(), std::size_t{1});
        QCOMPARE(fixture.venue.count("DELETE /fapi/v1/listenKey"), 0); // it is the account's, not ours
    }

    void bn22_oneFillFromThreeSourcesIsBookedOnceWithItsFee()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.on("GET /fapi/v1/userTrades", [&](const Request &) -> Answer {
            return {.body = R"([{"commission":"0.01","commissionAsset":"USDT","id":41,"maker":false,"orderId":1001,"price":"59000","qty":"0.5",)"
                            R"("realizedPnl":"0","side":"SELL","positionSide":"BOTH","symbol":"BTCUSDT","time":)" + fixture.now() + "}]"};
        });
        fixture.venue.say(R"({"e":"TRADE_LITE","E":1,"T":1,"s":"BTCUSDT","q":"0.5","p":"0","m":false,"c":"lite-1","S":"SELL","L":"59000","l":"0.5","t":41,"i":1001})");
        const std::string event = fixture.orderEvent("lite-1", 1001, "FILLED", "TRADE", "0.5", 41);
        fixture.venue.say(event);
        fixture.venue.say(event);
        QVERIFY(waitFor([&] { return !fixture.seen.fills.empty(); }));
        fixture.client->queryFills(fixture.instrument);
        (void)waitFor([&] { return fixture.seen.fills.size() > 1; }, 400);
        QCOMPARE(fixture.seen.fills.size(), std::size_t{1});
        QCOMPARE(fixture.seen.fills[0].fee, parseMoney("0.01").value());
    }

    void bn23_eventBeforeOrAfterTheAnswerIsTheSame_data()
    {
        QTest::addColumn<bool>("eventFirst");
        QTest::newRow("event first") << true;
        QTest::newRow("answer first") << false;
    }
    void bn23_eventBeforeOrAfterTheAnswerIsTheSame()
    {
        QFETCH(bool, eventFirst);
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.on("POST /fapi/v1/order", [&](const Request &) -> Answer {
            return {.body = fixture.order("race-1", 1001, "NEW"), .after = eventFirst ? 150ms : 0ms};
        });
        fixture.submit(fixture.limit("race-1", Side::Sell, "0.5", "60000"));
        QVERIFY(waitFor([&] { return eventFirst ? fixture.venue.count("POST /fapi/v1/order") == 1 : !fixture.seen.outcomes.empty(); }));
        fixture.venue.say(fixture.orderEvent("race-1", 1001, "NEW", "NEW"));
        fixture.venue.say(fixture.orderEvent("race-1", 1001, "FILLED", "TRADE", "0.5", 41));
        QVERIFY(waitFor([&] { return !fixture.seen.outcomes.empty() && !fixture.seen.fills.empty(); }));
        (void)waitFor([&] { return fixture.seen.fills.size() > 1; }, 100);
        QCOMPARE(fixture.seen.outcomes.size(), std::size_t{1});
        QCOMPARE(fixture.seen.outcomes[0].outcome, RequestOutcome::Accepted);
        QCOMPARE(fixture.seen.lastOrder(id("race-1"))->status, OrderStatus::Filled);
        QCOMPARE(fixture.seen.lastOrder(id("race-1"))->filled, parseQuantity("0.5").value());
        QCOMPARE(fixture.seen.fills.size(), std::size_t{1});
    }

    void bn24_whatHappenedWithoutEventsIsFoundAndSaid()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.say(fixture.orderEvent("gone-1", 1001, "NEW", "NEW"));
        fixture.venue.say(fixture.algoEvent("gone-2", 77, "NEW"));
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder(id("gone-2")).has_value(); }));
        // While nobody listened: one was filled, the stop was cancelled, another stop came, a position with it.
        fixture.venue.on("GET /fapi/v1/order", [&](const Request &) -> Answer { return {.body = fixture.order("gone-1", 1001, "FILLED", "0.5")}; });
        fixture.venue.on("GET /fapi/v1/algoOrder", [&](const Request &) -> Answer { return {.body = fixture.algo("gone-2", 77, "CANCELED")}; });
        fixture.venue.on("GET /fapi/v1/openAlgoOrders", [&](const Request &) -> Answer { return {.body = "[" + fixture.algo("new-1", 78, "NEW") + "]"}; });
        fixture.venue.on("GET /fapi/v3/positionRisk", [&](const Request &) -> Answer { return {.body = ScriptedFixture::position("-0.5", fixture.now())}; });
        fixture.venue.on("GET /fapi/v1/userTrades", [&](const Request &) -> Answer {
            return {.body = R"([{"commission":"0.01","commissionAsset":"USDT","id":41,"maker":true,"orderId":1001,"price":"60000","qty":"0.5",)"
                            R"("realizedPnl":"0","side":"SELL","positionSide":"BOTH","symbol":"BTCUSDT","time":)" + fixture.now() + "}]"};
        });
        fixture.venue.say(R"({"e":"listenKeyExpired","E":1736996475556,"listenKey":"x"})");
        QVERIFY(waitFor([&] { return fixture.seen.reconciled == 2; }));
        QCOMPARE(fixture.seen.lastOrder(id("gone-1"))->status, OrderStatus::Filled);
        QCOMPARE(fixture.seen.lastOrder(id("gone-2"))->status, OrderStatus::Canceled);
        QCOMPARE(fixture.seen.lastOrder(id("new-1"))->status, OrderStatus::New);
        QCOMPARE(fixture.seen.fills.size(), std::size_t{1});
        QVERIFY(fixture.seen.fills[0].clientOrderId == id("gone-1"));
        QCOMPARE(fixture.seen.positions.back().rows.at(0).quantity, parseQuantity("0.5").value());
        const auto said = [&](Difference::What what) {
            return std::count_if(fixture.seen.differences.begin(), fixture.seen.differences.end(),
                                 [&](const Difference &difference) { return difference.what == what; });
        };
        QCOMPARE(said(Difference::What::Order), 3);
        QCOMPARE(said(Difference::What::Position), 1);
        QCOMPARE(said(Difference::What::Fill), 1);
    }

    void theComparisonInBetweenFindsWhatNoEventSaid()
    {
        ScriptedFixture fixture;
        fixture.options.timings.auditEvery = 300ms;
        fixture.options.timings.auditGrace = 100ms;
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.say(fixture.orderEvent("lost-1", 1001, "NEW", "NEW"));
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder(id("lost-1")).has_value(); }));
        const std::string then = fixture.order("lost-1", 1001, "CANCELED");
        fixture.venue.on("GET /fapi/v1/order", [then](const Request &) -> Answer { return {.body = then}; });
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder(id("lost-1"))->status == OrderStatus::Canceled; }));
        QVERIFY(waitFor([&] { return !fixture.seen.differences.empty(); }));
        QCOMPARE(fixture.seen.differences[0].id, std::string("lost-1"));
        QVERIFY(fixture.seen.differences[0].venue.starts_with("canceled"));
        QCOMPARE(fixture.seen.reconciled, 1);
        QVERIFY(fixture.seen.lost.empty()); // trust was not lost for it
        const std::size_t before = fixture.seen.differences.size();
        (void)waitFor([&] { return fixture.seen.differences.size() > before; }, 800);
        QCOMPARE(fixture.seen.differences.size(), before); // said once
    }

    void agreementIsNoDifference()
    {
        ScriptedFixture fixture;
        fixture.options.timings.auditEvery = 200ms;
        fixture.options.timings.auditGrace = 0ms;
        fixture.venue.on("GET /fapi/v1/openOrders", [&](const Request &) -> Answer { return {.body = "[" + fixture.order("same-1", 1001, "NEW") + "]"}; });
        fixture.venue.on("GET /fapi/v1/openAlgoOrders", [&](const Request &) -> Answer { return {.body = "[" + fixture.algo("same-2", 77, "NEW") + "]"}; });
        fixture.venue.on("GET /fapi/v3/positionRisk", [&](const Request &) -> Answer { return {.body = ScriptedFixture::position("0.5", "1720736417660")}; });
        QVERIFY(fixture.startAndReconcile());
        QVERIFY(waitFor([&] { return fixture.venue.count("GET /fapi/v1/openOrders") >= 4; }));
        for (const Difference &difference : fixture.seen.differences)
            QFAIL((std::string(name(difference.what)) + " " + difference.ours + " / " + difference.venue).c_str());
    }

    void bn26_ordersOfTheExchangeItselfAreBookedAndNamed_data()
    {
        QTest::addColumn<QByteArray>("client");
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("liquidation") << QByteArray("autoclose-1596107620040000020") << QByteArray("liquidated by the exchange");
        QTest::newRow("ADL") << QByteArray("adl_autoclose") << QByteArray("auto-deleveraged by the exchange");
        QTest::newRow("settlement") << QByteArray("settlement_autoclose-1") << QByteArray("settled by the exchange");
    }
    void bn26_ordersOfTheExchangeItselfAreBookedAndNamed()
    {
        QFETCH(QByteArray, client);
        QFETCH(QByteArray, words);
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        const std::string name = client.toStdString();
        fixture.venue.say(fixture.orderEvent(name, 5001, "NEW", "CALCULATED")); // l = 0: not a fill
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder(id(name)).has_value(); }));
        QVERIFY(fixture.seen.fills.empty());
        fixture.venue.say(fixture.orderEvent(name, 5001, "FILLED", "CALCULATED", "0.5", 88));
        QVERIFY(waitFor([&] { return fixture.seen.fills.size() == 1; }));
        QVERIFY(fixture.seen.lastOrder(id(name))->reason.find(words.toStdString()) != std::string::npos);
        QCOMPARE(fixture.seen.fills[0].quantity, parseQuantity("0.5").value());
    }

    void bn26_aFillWithoutItsFeeIsTakenFromTheHistory()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.on("GET /fapi/v1/userTrades", [&](const Request &) -> Answer {
            return {.body = R"([{"commission":"1.25","commissionAsset":"USDT","id":88,"maker":false,"orderId":5001,"price":"59000","qty":"0.5",)"
                            R"("realizedPnl":"-3","side":"SELL","positionSide":"BOTH","symbol":"BTCUSDT","time":)" + fixture.now() + "}]"};
        });
        std::string event = fixture.orderEvent("autoclose-2", 5001, "FILLED", "CALCULATED", "0.5", 88);
        const std::string fee = R"("N":"USDT","n":"0.01",)";
        event.erase(event.find(fee), fee.size());
        fixture.venue.say(event);
        QVERIFY(waitFor([&] { return fixture.seen.fills.size() == 1; }));
        QCOMPARE(fixture.seen.fills[0].fee, parseMoney("1.25").value()); // nothing estimated
    }

    void bn27_afterPlacingTheBalanceIsAskedFor()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.on("GET /fapi/v3/account",
                         R"({"assets":[{"asset":"USDT","walletBalance":"1000","unrealizedProfit":"0","marginBalance":"1000","maintMargin":"0",)"
                         R"("initialMargin":"0","availableBalance":"850","updateTime":1}],"positions":[]})");
        fixture.venue.on("POST /fapi/v1/order", [&](const Request &) -> Answer { return {.body = fixture.order("bal-1", 1001, "NEW")}; });
        fixture.submit(fixture.limit("bal-1", Side::Sell, "0.5", "60000")); // the venue sends no ACCOUNT_UPDATE for it
        QVERIFY(waitFor([&] { return fixture.seen.accounts.back().available == parseMoney("850").value(); }));
    }

    void aMarginCallIsSaidAndThePositionsAreAskedFor()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        const int asked = fixture.venue.count("GET /fapi/v3/positionRisk");
        fixture.venue.say(R"({"e":"MARGIN_CALL","E":1587727187525,"cw":"3.1","p":[{"s":"ETHUSDT","ps":"LONG","pa":"1.327","mt":"CROSSED","iw":"0","mp":"187.17127","up":"-1.16","mm":"1.6"}]})");
        QVERIFY(waitFor([&] { return fixture.seen.status.contains("margin"); }));
        QCOMPARE(fixture.seen.status["margin"].lastError, std::string("MARGIN CALL: ETHUSDT LONG 1.327 at mark 187.17127"));
        QVERIFY(waitFor([&] { return fixture.venue.count("GET /fapi/v3/positionRisk") > asked; }));
    }

    void leverageChangedElsewhereIsTakenOver()
    {
        ScriptedFixture fixture;
        fixture.venue.on("GET /fapi/v3/positionRisk", [&](const Request &) -> Answer { return {.body = ScriptedFixture::position("0.5", "1720736417660")}; });
        QVERIFY(fixture.startAndReconcile());
        QCOMPARE(fixture.seen.positions.back().rows.at(0).leverage, std::optional(20));
        fixture.venue.say(R"({"e":"ACCOUNT_CONFIG_UPDATE","E":1611646737479,"T":1611646737476,"ac":{"s":"BTCUSDT","l":25}})");
        QVERIFY(waitFor([&] { return fixture.seen.positions.back().rows.at(0).leverage == 25; }));
    }
};

QTEST_GUILESS_MAIN(TestClientStream)
#include "tst_client_stream.moc"
