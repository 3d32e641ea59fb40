#include <QtTest/QTest>

#include "core/exchange/binance/signer.h"
#include "tests/integration/scripted_venue.h"
#include "tests/support/approved.h"

using namespace core;
using namespace std::chrono_literals;
using ports::RequestOutcome;
using tests::ScriptedFixture;
using tests::ScriptedVenue;
using tests::waitFor;
using Answer = tests::ScriptedVenue::Answer;
using Request = tests::ScriptedVenue::Request;

/// Orders whose answers are unclear, changes of orders, batches, cancels.
class TestClientChanges : public QObject
{
    Q_OBJECT

    static ClientOrderId id(std::string_view text) { return ScriptedFixture::id(text); }
    static Answer refusal(int code, int status = 400)
    {
        return {.status = status, .body = R"({"code":)" + std::to_string(code) + R"(,"msg":"no"})"};
    }
    static void place(ScriptedFixture &fixture, const std::string &name)
    {
        fixture.venue.on("POST /fapi/v1/order", [&fixture](const Request &request) -> Answer {
            return {.body = fixture.order(request.parameters.at("newClientOrderId"), 1001, "NEW")};
        });
        fixture.submit(fixture.limit(name, Side::Sell, "0.5", "60000"));
        (void)waitFor([&] { return fixture.seen.lastOrder(id(name)).has_value(); });
        fixture.seen.outcomes.clear();
    }
    static OrderChange change(const ScriptedFixture &fixture, const std::string &name, std::string_view quantity,
                              std::string_view price)
    {
        return {fixture.instrument, id(name), parseQuantity(quantity).value(), parsePrice(price).value()};
    }

private slots:
    void bn02_theBytesSentAreTheBytesSigned()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        OrderRequest foreign = fixture.limit("signed-1", Side::Buy, "0.5", "30");
        foreign.instrument.symbol = Symbol::from("\xE6\xB5\x8B\xE8\xAF\x95USDT").value();
        fixture.submit(foreign);
        fixture.client->submitBatch({tests::approved(fixture.limit("signed-2", Side::Buy, "0.5", "30")),
                                     tests::approved(fixture.limit("signed-3", Side::Buy, "0.5", "30"))});
        QVERIFY(waitFor([&] { return fixture.seen.outcomes.size() >= 3; }));
        const exchange::binance::HmacSigner signer{tests::kApiSecret};
        int checked = 0;
        for (const Request &request : fixture.venue.all()) {
            const std::size_t at = request.query.rfind("&signature=");
            if (at == std::string::npos)
                continue;
            // bn03: nothing behind it
            QCOMPARE(request.query.substr(at + 11), signer.signature(request.query.substr(0, at)));
            ++checked;
        }
        QVERIFY(checked >= 6);
        for (const std::string &text : fixture.seen.texts)
            QVERIFY(text.find(tests::kApiSecret) == std::string::npos && text.find("signature=") == std::string::npos);
    }

    void bn34_knownFailuresAreRepeatedWithTheSameIdAndBackOff_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("status");
        QTest::newRow("service unavailable") << QByteArray(R"({"code":-1,"msg":"Service Unavailable."})") << 503;
        QTest::newRow("throttled") << QByteArray(R"({"code":-1008,"msg":"Request throttled by system-level protection."})") << 503;
        QTest::newRow("internal error") << QByteArray(R"({"code":-1001,"msg":"Internal error; unable to process your request. Please try again."})") << 503;
    }
    void bn34_knownFailuresAreRepeatedWithTheSameIdAndBackOff()
    {
        QFETCH(QByteArray, body);
        QFETCH(int, status);
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        const Answer busy{.status = status, .body = body.toStdString()};
        fixture.venue.onEach("POST /fapi/v1/order", {busy, busy, {.body = fixture.order("busy-1", 1001, "NEW")}});
        fixture.submit(fixture.limit("busy-1", Side::Sell, "0.5", "60000"));
        QVERIFY(waitFor([&] { return !fixture.seen.outcomes.empty(); }));
        QCOMPARE(fixture.seen.outcomes[0].outcome, RequestOutcome::Accepted);
        const auto sent = fixture.venue.asked("POST /fapi/v1/order");
        QCOMPARE(sent.size(), std::size_t{3});
        for (const Request &request : sent)
            QCOMPARE(request.parameters.at("newClientOrderId"), std::string("busy-1"));
        // For ever: at most five times, then a plain no.
        fixture.venue.on("POST /fapi/v1/order", [&](const Request &) { return busy; });
        fixture.submit(fixture.limit("busy-2", Side::Sell, "0.5", "60000"));
        QVERIFY(waitFor([&] { return !fixture.seen.outcomesOf(id("busy-2")).empty(); }));
        QCOMPARE(fixture.seen.outcomesOf(id("busy-2"))[0].outcome, RequestOutcome::Rejected);
        QVERIFY(fixture.venue.count("POST /fapi/v1/order") <= 3 + 5);
    }

    void bn34_aReductionPassesWhileTheVenueThrottles()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.on("POST /fapi/v1/order", [&](const Request &request) -> Answer {
            if (request.parameters.contains("reduceOnly"))
                return {.body = fixture.order(request.parameters.at("newClientOrderId"), 1002, "NEW")};
            return refusal(-1008, 503);
        });
        OrderRequest reduce = fixture.limit("reduce-1", Side::Sell, "0.5", "60000");
        reduce.reduceOnly = ReduceOnly::Yes;
        fixture.submit(fixture.limit("open-1", Side::Sell, "0.5", "60000"));
        fixture.submit(reduce);
        QVERIFY(waitFor([&] { return !fixture.seen.outcomesOf(id("reduce-1")).empty(); }));
        QCOMPARE(fixture.seen.outcomesOf(id("reduce-1"))[0].outcome, RequestOutcome::Accepted);
    }

    void bn35_aDuplicateIdAfterAnUnknownOutcomeIsAdopted()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.onEach("POST /fapi/v1/order", {refusal(-1001, 500), refusal(-4116)});
        fixture.venue.on("GET /fapi/v1/order", [&](const Request &) -> Answer { return {.body = fixture.order("twin-1", 1001, "NEW")}; });
        fixture.submit(fixture.limit("twin-1", Side::Sell, "0.5", "60000"));
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder(id("twin-1")).has_value(); }));
        QCOMPARE(fixture.seen.outcomesOf(id("twin-1")).back().outcome, RequestOutcome::Accepted);
        QCOMPARE(fixture.seen.lastOrder(id("twin-1"))->venueOrderId.value, 1001);
    }

    void bn36_aCancelThatComesTooLateFindsTheFill()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        place(fixture, "late-1");
        fixture.venue.on("DELETE /fapi/v1/order", [](const Request &) { return refusal(-2011); });
        fixture.venue.on("GET /fapi/v1/order", [&](const Request &) -> Answer { return {.body = fixture.order("late-1", 1001, "FILLED", "0.5")}; });
        fixture.venue.on("GET /fapi/v1/userTrades", [&](const Request &) -> Answer {
            return {.body = R"([{"buyer":false,"commission":"0.07","commissionAsset":"USDT","id":700,"maker":true,"orderId":1001,)"
                            R"("price":"60000","qty":"0.5","quoteQty":"30000","realizedPnl":"0","side":"SELL","positionSide":"BOTH",)"
                            R"("symbol":"BTCUSDT","time":)" + fixture.now() + "}]"};
        });
        fixture.client->cancel(fixture.instrument, id("late-1"));
        QVERIFY(waitFor([&] { return fixture.seen.fills.size() == 1; }));
        QCOMPARE(fixture.seen.lastOrder(id("late-1"))->status, OrderStatus::Filled);
        QVERIFY(fixture.seen.fills[0].clientOrderId == id("late-1"));
        QCOMPARE(fixture.seen.fills[0].fee, parseMoney("0.07").value());
        QCOMPARE(fixture.seen.outcomesOf(id("late-1")).back().outcome, RequestOutcome::Accepted); // it had ended
    }

    void bn38_aChangeSaysBothFields()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        place(fixture, "mod-1");
        fixture.venue.on("PUT /fapi/v1/order", [&](const Request &) -> Answer { return {.body = fixture.order("mod-1", 1001, "NEW", "0", "0.4", "60100")}; });
        fixture.client->modify(tests::approved(change(fixture, "mod-1", "0.4", "60100")));
        QVERIFY(waitFor([&] { return !fixture.seen.outcomes.empty(); }));
        QCOMPARE(fixture.seen.outcomes[0].outcome, RequestOutcome::Accepted);
        const auto sent = fixture.venue.asked("PUT /fapi/v1/order").at(0).parameters;
        QCOMPARE(sent.at("quantity"), std::string("0.4"));
        QCOMPARE(sent.at("price"), std::string("60100"));
        QCOMPARE(sent.at("side"), std::string("SELL"));
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder(id("mod-1"))->limitPrice == parsePrice("60100").value(); }));
    }

    void bn38_aChangeThatTheVenueTurnsIntoACancelIsRecognised_data()
    {
        QTest::addColumn<bool>("byEvent");
        QTest::newRow("in the answer: not more than is filled") << false;
        QTest::newRow("by event: post-only would take") << true;
    }
    void bn38_aChangeThatTheVenueTurnsIntoACancelIsRecognised()
    {
        QFETCH(bool, byEvent);
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        place(fixture, "mod-2");
        fixture.venue.on("PUT /fapi/v1/order", [&](const Request &) -> Answer { return {.body = fixture.order("mod-2", 1001, byEvent ? "NEW" : "CANCELED", "0", "0.5", "60100")}; });
        fixture.client->modify(tests::approved(change(fixture, "mod-2", "0.5", "60100")));
        QVERIFY(waitFor([&] { return !fixture.seen.outcomes.empty(); }));
        if (byEvent)
            fixture.venue.say(fixture.orderEvent("mod-2", 1001, "EXPIRED", "EXPIRED"));
        QVERIFY(waitFor([&] { return isFinal(fixture.seen.lastOrder(id("mod-2"))->status); }));
        QCOMPARE(fixture.seen.lastOrder(id("mod-2"))->status, byEvent ? OrderStatus::Expired : OrderStatus::Canceled);
    }

    void bn37_nothingToChangeIsASuccess()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        place(fixture, "mod-3");
        fixture.venue.on("PUT /fapi/v1/order", [](const Request &) { return refusal(-5027); });
        fixture.client->modify(tests::approved(change(fixture, "mod-3", "0.5", "60000")));
        QVERIFY(waitFor([&] { return !fixture.seen.outcomes.empty(); }));
        QCOMPARE(fixture.seen.outcomes[0].outcome, RequestOutcome::Accepted);
    }

    void aPendingChangeIsRepeatedAfterItsEvent()
    {
        ScriptedFixture fixture;
        fixture.options.timings.orderRetries = {2s, 2s, 2s};
        QVERIFY(fixture.startAndReconcile());
        place(fixture, "mod-4");
        fixture.venue.onEach("PUT /fapi/v1/order", {refusal(-5043), {.body = fixture.order("mod-4", 1001, "NEW", "0", "0.4", "60100")}});
        fixture.client->modify(tests::approved(change(fixture, "mod-4", "0.4", "60100")));
        QVERIFY(waitFor([&] { return fixture.venue.count("PUT /fapi/v1/order") == 1; }));
        (void)waitFor([&] { return fixture.venue.count("PUT /fapi/v1/order") > 1; }, 200);
        fixture.venue.say(fixture.orderEvent("mod-4", 1001, "NEW", "AMENDMENT"));
        QVERIFY(waitFor([&] { return !fixture.seen.outcomes.empty(); }, 1500));
        QCOMPARE(fixture.seen.outcomes[0].outcome, RequestOutcome::Accepted);
        QCOMPARE(fixture.venue.count("PUT /fapi/v1/order"), 2);
    }

    void aChangeOfUnknownOutcomeIsCompared_data()
    {
        QTest::addColumn<QByteArray>("price"); // at the venue
        QTest::addColumn<int>("expected");
        QTest::newRow("it took place") << QByteArray("60100") << static_cast<int>(RequestOutcome::Accepted);
        QTest::newRow("it did not") << QByteArray("60000") << static_cast<int>(RequestOutcome::Rejected);
    }
    void aChangeOfUnknownOutcomeIsCompared()
    {
        QFETCH(QByteArray, price);
        QFETCH(int, expected);
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        place(fixture, "mod-5");
        fixture.venue.on("PUT /fapi/v1/order", [](const Request &) -> Answer { return {.silent = true}; });
        fixture.venue.on("GET /fapi/v1/order", [&](const Request &) -> Answer { return {.body = fixture.order("mod-5", 1001, "NEW", "0", "0.5", price.toStdString())}; });
        fixture.client->modify(tests::approved(change(fixture, "mod-5", "0.5", "60100")));
        QVERIFY(waitFor([&] { return fixture.seen.outcomes.size() == 2; }));
        QCOMPARE(fixture.seen.outcomes[0].outcome, RequestOutcome::Unknown);
        QCOMPARE(static_cast<int>(fixture.seen.outcomes[1].outcome), expected);
        QCOMPARE(fixture.venue.count("PUT /fapi/v1/order"), 1); // never sent a second time
        if (expected == static_cast<int>(RequestOutcome::Rejected))
            QCOMPARE(fixture.venue.count("GET /fapi/v1/order"), 5);
    }

    void aBatchHasAnOutcomeForEach()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.on("POST /fapi/v1/batchOrders", [&](const Request &) -> Answer {
            return {.body = "[" + fixture.order("b-0", 2000, "NEW") + R"(,{"code":-2022,"msg":"ReduceOnly Order is rejected."},)" +
                            R"({"code":-1007,"msg":"Timeout waiting for response."},)" + fixture.order("b-3", 2003, "NEW") + "," +
                            fixture.order("b-4", 2004, "NEW") + "]"};
        });
        fixture.venue.on("POST /fapi/v1/order", [&](const Request &request) -> Answer { return {.body = fixture.order(request.parameters.at("newClientOrderId"), 2005, "NEW")}; });
        fixture.venue.on("POST /fapi/v1/algoOrder", [&](const Request &) -> Answer { return {.body = fixture.algo("b-s", 7, "NEW")}; });
        fixture.venue.on("GET /fapi/v1/order", [&](const Request &) -> Answer { return {.body = fixture.order("b-2", 2002, "NEW")}; });
        std::vector<risk::Approved<OrderRequest>> orders;
        for (int i = 0; i < 6; ++i)
            orders.push_back(tests::approved(fixture.limit("b-" + std::to_string(i), Side::Sell, "0.5", "60000")));
        orders.push_back(tests::approved(fixture.stop("b-s", Side::Sell, "0.5", "59000")));
        fixture.client->submitBatch(orders);
        QVERIFY(waitFor([&] { return fixture.seen.outcomes.size() == 7 && fixture.seen.lastOrder(id("b-2")).has_value(); }));
        QCOMPARE(fixture.venue.count("POST /fapi/v1/batchOrders"), 1);
        QCOMPARE(fixture.venue.count("POST /fapi/v1/order"), 1); // the sixth
        QCOMPARE(fixture.venue.count("POST /fapi/v1/algoOrder"), 1);
        for (const char *good : {"b-0", "b-3", "b-4", "b-5", "b-s"})
            QCOMPARE(fixture.seen.outcomesOf(id(good)).at(0).outcome, RequestOutcome::Accepted);
        QCOMPARE(fixture.seen.outcomesOf(id("b-1")).at(0).outcome, RequestOutcome::Rejected);
        QCOMPARE(fixture.seen.outcomesOf(id("b-2")).at(0).outcome, RequestOutcome::Unknown);
    }

    void aBatchThatFailedAsAWholeIsAskedForOneByOne()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.on("POST /fapi/v1/batchOrders", [](const Request &) { return refusal(-4083); });
        fixture.venue.on("GET /fapi/v1/order", [&](const Request &request) -> Answer {
            const std::string name = request.parameters.at("origClientOrderId");
            return name == "w-0" ? Answer{.body = fixture.order(name, 2000, "NEW")} : refusal(-2013);
        });
        fixture.client->submitBatch({tests::approved(fixture.limit("w-0", Side::Sell, "0.5", "60000")),
                                     tests::approved(fixture.limit("w-1", Side::Sell, "0.5", "60000"))});
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder(id("w-0")).has_value() && !fixture.seen.absent.empty(); }));
        QVERIFY(fixture.seen.absent[0] == id("w-1"));
        QCOMPARE(fixture.venue.count("POST /fapi/v1/batchOrders"), 1);
        QCOMPARE(fixture.venue.count("POST /fapi/v1/order"), 0);
    }

    void cancelAllIsBelievedOnlyWhenTheListsAreEmpty()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        place(fixture, "all-1");
        fixture.venue.onEach("DELETE /fapi/v1/allOpenOrders", {{.silent = true}, {.body = R"({"code":200,"msg":"done"})"}});
        fixture.venue.on("DELETE /fapi/v1/algoOpenOrders", R"({"code":200,"msg":"done"})");
        fixture.venue.onEach("GET /fapi/v1/openOrders", {{.body = "[" + fixture.order("all-1", 1001, "NEW") + "]"}, {.body = "[]"}});
        fixture.venue.on("GET /fapi/v1/order", [&](const Request &) -> Answer { return {.body = fixture.order("all-1", 1001, "CANCELED")}; });
        std::optional<Result<void>> done;
        fixture.client->cancelAll(fixture.instrument, [&](Result<void> result) { done = std::move(result); });
        QVERIFY(waitFor([&] { return done.has_value(); }));
        QVERIFY(done->has_value());
        QCOMPARE(fixture.venue.count("DELETE /fapi/v1/allOpenOrders"), 2);
        QCOMPARE(fixture.venue.count("DELETE /fapi/v1/algoOpenOrders"), 2);
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder(id("all-1"))->status == OrderStatus::Canceled; }));
    }

    void cancelAllSaysWhenSomethingStays()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.on("DELETE /fapi/v1/allOpenOrders", R"({"code":200,"msg":"done"})");
        fixture.venue.on("DELETE /fapi/v1/algoOpenOrders", R"({"code":200,"msg":"done"})");
        fixture.venue.on("GET /fapi/v1/openAlgoOrders", [&](const Request &) -> Answer { return {.body = "[" + fixture.algo("stay-1", 7, "NEW") + "]"}; });
        std::optional<Result<void>> done;
        fixture.client->cancelAll(fixture.instrument, [&](Result<void> result) { done = std::move(result); });
        QVERIFY(waitFor([&] { return done.has_value(); }));
        QVERIFY(!done->has_value());
        QCOMPARE(done->error().code, ErrorCode::TimedOut);
    }
};

QTEST_GUILESS_MAIN(TestClientChanges)
#include "tst_client_changes.moc"
