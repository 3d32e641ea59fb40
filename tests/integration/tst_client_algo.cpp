#include <algorithm>

#include <QtTest/QTest>

#include "tests/integration/scripted_venue.h"

using namespace core;
using namespace std::chrono_literals;
using ports::RequestOutcome;
using tests::ClientFixture;
using tests::ScriptedFixture;
using tests::ScriptedVenue;
using tests::waitFor;

namespace
{

constexpr std::int64_t kChild = 8389766079988521101;
const std::string kChildText = "8389766079988521101";

} // namespace

/// Conditional orders: two stores of the venue, one pair of states here.
class TestClientAlgo : public QObject
{
    Q_OBJECT

    static void armStop(ScriptedFixture &fixture, const std::string &id)
    {
        fixture.venue.on("POST /fapi/v1/algoOrder", [&fixture, id](const ScriptedVenue::Request &) -> ScriptedVenue::Answer {
            return {.body = fixture.algo(id, 77, "NEW")};
        });
        fixture.submit(fixture.stop(id, Side::Sell, "0.5", "59000"));
    }
    static std::vector<OrderStatus> statesOf(const ScriptedFixture &fixture, const std::string &id)
    {
        std::vector<OrderStatus> states;
        for (const OrderUpdate &order : fixture.seen.orders) {
            if (order.clientOrderId.view() == id && (states.empty() || states.back() != order.status))
                states.push_back(order.status);
        }
        return states;
    }

private slots:
    void bn31_conditionalOrdersNeverGoToTheOrderEndpoint()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        armStop(fixture, "stop-1");
        QVERIFY(waitFor([&] { return !fixture.seen.outcomes.empty(); }));
        QCOMPARE(fixture.seen.outcomes[0].outcome, RequestOutcome::Accepted);
        QCOMPARE(fixture.venue.count("POST /fapi/v1/order"), 0);
        const auto asked = fixture.venue.asked("POST /fapi/v1/algoOrder").at(0).parameters;
        QCOMPARE(asked.at("triggerPrice"), std::string("59000"));
        QCOMPARE(asked.at("reduceOnly"), std::string("true"));
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder(ScriptedFixture::id("stop-1")).has_value(); }));
        QCOMPARE(fixture.seen.lastOrder(ScriptedFixture::id("stop-1"))->status, OrderStatus::New);
        QCOMPARE(fixture.seen.lastOrder(ScriptedFixture::id("stop-1"))->triggerPrice.value(), parsePrice("59000").value());
    }

    void bn31_aMisroutedOrderIsNamedADefect()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.on("POST /fapi/v1/order", [](const ScriptedVenue::Request &) -> ScriptedVenue::Answer {
            return {.status = 400, .body = R"({"code":-4120,"msg":"Order type not supported for this endpoint."})"};
        });
        fixture.submit(fixture.limit("wrong-1", Side::Sell, "0.5", "60000"));
        QVERIFY(waitFor([&] { return !fixture.seen.outcomes.empty(); }));
        QCOMPARE(fixture.seen.outcomes[0].outcome, RequestOutcome::Rejected);
        QVERIFY(fixture.seen.outcomes[0].error.detail.find("defect") != std::string::npos);
    }

    void bn40_childEventsInterleavedEndInOneConsistentPair_data()
    {
        QTest::addColumn<QByteArray>("order"); // T triggering, N named, F finished, a child new, b part, c filled
        for (const char *order : {"TNabcF", "TNFabc", "abcTNF", "aTNbcF", "TabcNF", "abTcNF", "cTNF", "TNcF", "caTNF"})
            QTest::newRow(order) << QByteArray(order);
    }
    void bn40_childEventsInterleavedEndInOneConsistentPair()
    {
        QFETCH(QByteArray, order);
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        armStop(fixture, "stop-2");
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder(ScriptedFixture::id("stop-2")).has_value(); }));
        for (const char what : order) {
            switch (what) {
            case 'T': fixture.venue.say(fixture.algoEvent("stop-2", 77, "TRIGGERING")); break;
            case 'N': fixture.venue.say(fixture.algoEvent("stop-2", 77, "TRIGGERED", kChildText)); break;
            case 'F': fixture.venue.say(fixture.algoEvent("stop-2", 77, "FINISHED", kChildText, "", "0.5")); break;
            case 'a': fixture.venue.say(fixture.orderEvent("another-name", kChild, "NEW", "NEW", "0", 0, "STOP_MARKET")); break;
            case 'b': fixture.venue.say(fixture.orderEvent("another-name", kChild, "PARTIALLY_FILLED", "TRADE", "0.2", 41, "STOP_MARKET")); break;
            case 'c': fixture.venue.say(fixture.orderEvent("another-name", kChild, "FILLED", "TRADE", "0.5", 42, "STOP_MARKET")); break;
            default: QFAIL("unknown step");
            }
        }
        QVERIFY(waitFor([&] {
            const auto last = fixture.seen.lastOrder(ScriptedFixture::id("stop-2"));
            return last && last->status == OrderStatus::Filled && !fixture.seen.fills.empty();
        }));
        for (const OrderUpdate &update : fixture.seen.orders)
            QVERIFY(update.clientOrderId.view() == "stop-2"); // nothing under the child's own name
        for (const Fill &fill : fixture.seen.fills)
            QVERIFY(fill.clientOrderId.view() == "stop-2");
        const auto states = statesOf(fixture, "stop-2");
        QCOMPARE(states.front(), OrderStatus::New);
        QCOMPARE(states.at(1), OrderStatus::Triggered);
        QCOMPARE(states.back(), OrderStatus::Filled);
        QCOMPARE(std::count(states.begin(), states.end(), OrderStatus::Triggered), 1);
        QCOMPARE(fixture.seen.lastOrder(ScriptedFixture::id("stop-2"))->filled, parseQuantity("0.5").value());
    }

    void aChildThatNobodyNamesIsAnOrderOfItsOwnAfterTwoSeconds()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.say(fixture.orderEvent("elsewhere", kChild, "FILLED", "TRADE", "0.5", 9, "STOP_MARKET"));
        QVERIFY(!waitFor([&] { return !fixture.seen.fills.empty(); }, 1200));
        QVERIFY(waitFor([&] { return !fixture.seen.fills.empty(); }, 4000));
        QVERIFY(fixture.seen.lastOrder(ScriptedFixture::id("elsewhere")).has_value());
    }

    void bn41_aStopRefusedAtItsTriggerIsToldAtOnceWithItsReason()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        armStop(fixture, "stop-3");
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder(ScriptedFixture::id("stop-3")).has_value(); }));
        const Duration said = fixture.clock.monotonic();
        fixture.venue.say(fixture.algoEvent("stop-3", 77, "TRIGGERING"));
        fixture.venue.say(fixture.algoEvent("stop-3", 77, "REJECTED", "", "Margin is insufficient."));
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder(ScriptedFixture::id("stop-3"))->status == OrderStatus::Rejected; }));
        qInfo("told after %lld ms", static_cast<long long>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                        fixture.clock.monotonic() - said).count()));
        QCOMPARE(fixture.seen.lastOrder(ScriptedFixture::id("stop-3"))->reason, std::string("Margin is insufficient."));
        QCOMPARE(fixture.venue.count("GET /fapi/v1/algoOrder"), 0); // no question stands before it
    }

    void bn42_aCancelAfterTheTriggerGoesToTheChild()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        armStop(fixture, "stop-4");
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder(ScriptedFixture::id("stop-4")).has_value(); }));
        // The trigger has happened, its events are not here yet.
        fixture.venue.on("DELETE /fapi/v1/algoOrder", [](const ScriptedVenue::Request &) -> ScriptedVenue::Answer {
            return {.status = 400, .body = R"({"code":-2011,"msg":"Unknown order sent."})"};
        });
        fixture.venue.on("GET /fapi/v1/algoOrder", [&](const ScriptedVenue::Request &) -> ScriptedVenue::Answer {
            return {.body = fixture.algo("stop-4", 77, "TRIGGERED", kChildText)};
        });
        fixture.venue.on("GET /fapi/v1/order", [&](const ScriptedVenue::Request &) -> ScriptedVenue::Answer {
            return {.body = fixture.order("another-name", kChild, "NEW")};
        });
        fixture.venue.on("DELETE /fapi/v1/order", [&](const ScriptedVenue::Request &) -> ScriptedVenue::Answer {
            return {.body = fixture.order("another-name", kChild, "CANCELED")};
        });
        fixture.client->cancel(fixture.instrument, ScriptedFixture::id("stop-4"));
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder(ScriptedFixture::id("stop-4"))->status == OrderStatus::Canceled; }));
        const auto cancels = fixture.venue.asked("DELETE /fapi/v1/order");
        QCOMPARE(cancels.size(), std::size_t{1});
        QCOMPARE(cancels[0].parameters.at("orderId"), kChildText); // bn06: unchanged beyond 2^53
        QVERIFY(waitFor([&] { return fixture.seen.outcomesOf(ScriptedFixture::id("stop-4")).size() == 2; }));
        QCOMPARE(fixture.seen.outcomesOf(ScriptedFixture::id("stop-4")).back().outcome, RequestOutcome::Accepted);
    }

    void bn06_aLargeOrderIdSurvivesParseStoreAndCancel()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        armStop(fixture, "stop-5");
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder(ScriptedFixture::id("stop-5")).has_value(); }));
        fixture.venue.on("DELETE /fapi/v1/order", [&](const ScriptedVenue::Request &) -> ScriptedVenue::Answer {
            return {.body = fixture.order("another-name", kChild, "CANCELED")};
        });
        fixture.venue.say(fixture.algoEvent("stop-5", 77, "TRIGGERED", kChildText));
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder(ScriptedFixture::id("stop-5"))->status == OrderStatus::Triggered; }));
        QCOMPARE(fixture.seen.lastOrder(ScriptedFixture::id("stop-5"))->venueOrderId.value, kChild);
        fixture.client->cancel(fixture.instrument, ScriptedFixture::id("stop-5"));
        QVERIFY(waitFor([&] { return fixture.venue.count("DELETE /fapi/v1/order") == 1; }));
        QCOMPARE(fixture.venue.asked("DELETE /fapi/v1/order")[0].parameters.at("orderId"), kChildText);
        QCOMPARE(fixture.venue.count("DELETE /fapi/v1/algoOrder"), 0);
    }

    void notVisibleRightAfterTheAcknowledgementIsNotANo()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        armStop(fixture, "stop-6");
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder(ScriptedFixture::id("stop-6")).has_value(); }));
        int asked = 0;
        fixture.venue.on("GET /fapi/v1/algoOrder", [&](const ScriptedVenue::Request &) -> ScriptedVenue::Answer {
            if (++asked <= 3)
                return {.status = 400, .body = R"({"code":-2013,"msg":"Order does not exist."})"};
            return {.body = fixture.algo("stop-6", 77, "NEW")};
        });
        fixture.seen.orders.clear();
        fixture.client->queryOrder(fixture.instrument, ScriptedFixture::id("stop-6"));
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder(ScriptedFixture::id("stop-6")).has_value(); }));
        QVERIFY(fixture.seen.absent.empty());
        QCOMPARE(fixture.venue.count("GET /fapi/v1/order"), 0); // the other store has nothing to say
        QCOMPARE(fixture.venue.count("POST /fapi/v1/algoOrder"), 1);
    }

    void afterARestartBothStoresAreAsked()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.on("GET /fapi/v1/algoOrder", [&](const ScriptedVenue::Request &) -> ScriptedVenue::Answer {
            return {.body = fixture.algo("stop-7", 77, "NEW")};
        });
        fixture.client->queryOrder(fixture.instrument, ScriptedFixture::id("stop-7"));
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder(ScriptedFixture::id("stop-7")).has_value(); }));
        QCOMPARE(fixture.seen.lastOrder(ScriptedFixture::id("stop-7"))->type, OrderType::StopMarket);
        QCOMPARE(fixture.venue.count("GET /fapi/v1/order"), 1);
    }

    void aTriggerAlreadyPassedIsARefusal()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.on("POST /fapi/v1/algoOrder", [](const ScriptedVenue::Request &) -> ScriptedVenue::Answer {
            return {.status = 400, .body = R"({"code":-2021,"msg":"Order would immediately trigger."})"};
        });
        fixture.submit(fixture.stop("stop-8", Side::Sell, "0.5", "59000"));
        QVERIFY(waitFor([&] { return !fixture.seen.outcomes.empty(); }));
        QCOMPARE(fixture.seen.outcomes[0].outcome, RequestOutcome::Rejected);
        QVERIFY(fixture.seen.outcomes[0].error.detail.find("-2021") != std::string::npos);
    }

    /// The real thing: the loopback exchange triggers, makes the child, and reports both.
    void bn43_goingFlatLeavesNeitherOrdersNorStops()
    {
        ClientFixture fixture;
        QVERIFY(fixture.startAll());
        fixture.submit(fixture.marketOrder("flat-open", Side::Buy, "0.02"));
        QVERIFY(waitFor([&] { return !fixture.seen.fills.empty(); }));
        const auto part = [&](std::string_view factor) {
            const Price price = scaled(fixture.seen.marks.back().mark, parseFixed<Ratio>(factor).value(), Rounding::Floor).value();
            return floorToStep(price, parsePrice("0.1").value());
        };
        OrderRequest stop = fixture.marketOrder("flat-stop", Side::Sell, "0.02", ReduceOnly::Yes);
        stop.type = OrderType::StopMarket;
        stop.triggerPrice = part("0.9");
        fixture.submit(stop);
        OrderRequest rest = fixture.marketOrder("flat-rest", Side::Buy, "0.02");
        rest.type = OrderType::Limit;
        rest.limitPrice = part("0.97");
        fixture.submit(rest);
        QVERIFY(waitFor([&] {
            return fixture.seen.lastOrder(ScriptedFixture::id("flat-stop")) && fixture.seen.lastOrder(ScriptedFixture::id("flat-rest"));
        }));
        std::optional<Result<void>> done;
        fixture.client->cancelAll(std::nullopt, [&](Result<void> result) { done = std::move(result); });
        QVERIFY(waitFor([&] { return done.has_value(); }));
        QVERIFY2(done->has_value(), *done ? "" : done->error().detail.c_str());
        QCOMPARE(fixture.ask(net::HttpMethod::Get, "/fapi/v1/openOrders", {}, true), std::string("[]"));
        QCOMPARE(fixture.ask(net::HttpMethod::Get, "/fapi/v1/openAlgoOrders", {}, true), std::string("[]"));
        for (const char *id : {"flat-stop", "flat-rest"})
            QVERIFY(waitFor([&] { return fixture.seen.lastOrder(ScriptedFixture::id(id))->status == OrderStatus::Canceled; }));
        QCOMPARE(fixture.seen.callsFromInside, 0);
    }

    void aStopOfTheLoopbackExchangeFiresAndClosesThePosition()
    {
        ClientFixture fixture;
        auto &scenario = std::get<venue::ScenarioOptions>(fixture.venueOptions.market);
        scenario.kind = venue::ScenarioOptions::Kind::FlashCrash;
        scenario.crashAfter = 4s;
        scenario.crashLength = 3s;
        QVERIFY(fixture.startAll());
        fixture.submit(fixture.marketOrder("fire-open", Side::Buy, "0.02"));
        QVERIFY(waitFor([&] { return !fixture.seen.fills.empty(); }));
        OrderRequest stop = fixture.marketOrder("fire-stop", Side::Sell, "0.02", ReduceOnly::Yes);
        stop.type = OrderType::StopMarket;
        const Price far = scaled(fixture.seen.marks.back().mark, parseFixed<Ratio>("0.98").value(), Rounding::Floor).value();
        stop.triggerPrice = floorToStep(far, parsePrice("0.1").value());
        fixture.submit(stop);
        QVERIFY(waitFor([&] {
            const auto last = fixture.seen.lastOrder(stop.clientOrderId);
            return last && isFinal(last->status);
        }, 30'000));
        QCOMPARE(fixture.seen.lastOrder(stop.clientOrderId)->status, OrderStatus::Filled);
        QVERIFY(fixture.positionAtVenue().isZero());
        bool fired = false;
        for (const OrderUpdate &update : fixture.seen.orders) {
            if (update.clientOrderId == stop.clientOrderId && update.status == OrderStatus::Triggered)
                fired = true;
        }
        QVERIFY(fired);
        const auto mine = std::count_if(fixture.seen.fills.begin(), fixture.seen.fills.end(),
                                        [&](const Fill &fill) { return fill.clientOrderId == stop.clientOrderId; });
        QVERIFY(mine > 0);
    }
};

QTEST_GUILESS_MAIN(TestClientAlgo)
#include "tst_client_algo.moc"
