#include <QtTest/QTest>

#include "core/exchange/hyperliquid/cloids.h"
#include "core/venue/hyperliquid/desk.h"
#include "tests/integration/hl_fixture.h"

using namespace core;
using namespace std::chrono_literals;
using ports::RequestOutcome;
using tests::hl::LoopbackFixture;
using tests::hl::waitFor;

/// The real client against the loopback exchange, which checks signatures, nonces, ticks and the rest as the venue does.
class TestHlClient : public QObject
{
    Q_OBJECT

private slots:
    void signsTradesAndAgreesWithTheVenue()
    {
        LoopbackFixture fixture;
        QVERIFY(fixture.startAll());
        fixture.submit(fixture.market("buy", Side::Buy, "0.01"));
        QVERIFY(waitFor([&] { return fixture.seen.filled("buy").text() == "0.01"; }));
        QCOMPARE(fixture.seen.outcomesOf("buy").front().outcome, RequestOutcome::Accepted);
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder("buy")->status == OrderStatus::Filled; }));
        QVERIFY(waitFor([&] {
            return fixture.seen.positions.size() == 1 && fixture.seen.positions.front().quantity.text() == "0.01";
        }));
        QVERIFY(fixture.seen.positions.front().maintenanceMargin.has_value());
        QCOMPARE(fixture.position(), std::int64_t{1'000'000});
        QCOMPARE(fixture.seen.callsFromInside, 0);
        QCOMPARE(fixture.seen.crossedWhileFresh, 0);
        QVERIFY(fixture.seen.lost.empty());
    }

    void hl23_lostRepliesNeverDoubleAnOrder()
    {
        LoopbackFixture fixture;
        QVERIFY(fixture.startAll());
        fixture.venue->faults().loseActionReplies = {1, 2, 3, 4};
        for (const char *id : {"lost-1", "lost-2", "lost-3"}) {
            fixture.submit(fixture.market(id, Side::Buy, "0.002"));
            QVERIFY(waitFor([&] { return fixture.seen.lastOrder(id).has_value(); }));
            QVERIFY(waitFor([&] { return fixture.seen.filled(id).text() == "0.002"; }));
            QCOMPARE(fixture.ordersWithCloid(id), std::size_t{1});
        }
        QVERIFY(fixture.seen.absent.empty());
        QCOMPARE(fixture.position(), std::int64_t{600'000});
    }

    void hl24_aDroppedOrderIsAbsentOnlyAfterItsExpiry()
    {
        LoopbackFixture fixture;
        QVERIFY(fixture.startAll());
        fixture.venue->faults().dropActions = {1};
        fixture.submit(fixture.market("dropped", Side::Buy, "0.002"));
        QVERIFY(waitFor([&] { return fixture.seen.absent.size() == 1; }));
        QCOMPARE(fixture.seen.outcomes.front().outcome, RequestOutcome::Unknown);
        QCOMPARE(fixture.ordersWithCloid("dropped"), std::size_t{0});
        fixture.submit(fixture.market("dropped", Side::Buy, "0.002"));
        QVERIFY(waitFor([&] { return fixture.seen.filled("dropped").text() == "0.002"; }));
        QCOMPARE(fixture.ordersWithCloid("dropped"), std::size_t{1});
    }

    /// "I do not know it" is an answer: positions and orders agree, and protection does not wait for the order's fate.
    void anOrderInDoubtDoesNotHoldTheReconciliationBack()
    {
        LoopbackFixture fixture;
        fixture.options.timings.absentMargin = 10min;
        QVERIFY(fixture.startAll());
        fixture.venue->faults().dropActions = {1};
        fixture.submit(fixture.market("dropped", Side::Buy, "0.002"));
        QVERIFY(waitFor([&] { return !fixture.seen.outcomes.empty(); }));
        QCOMPARE(fixture.seen.outcomes.front().outcome, RequestOutcome::Unknown);
        fixture.venue->dropSockets();
        QVERIFY(waitFor([&] { return fixture.seen.reconciled == 2; }));
        QVERIFY(fixture.seen.absent.empty());
    }

    void hl21_aPartialImmediateOrderIsCancelledRemainder()
    {
        LoopbackFixture fixture;
        QVERIFY(fixture.startAll());
        fixture.venue->faults().iocFillMost = Ratio::fromRaw(40'000'000);
        fixture.submit(fixture.market("part", Side::Buy, "0.01"));
        QVERIFY(waitFor([&] { return fixture.seen.filled("part").text() == "0.004"; }));
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder("part")->status == OrderStatus::Canceled; }));
        QCOMPARE(fixture.seen.lastOrder("part")->filled.text(), std::string("0.004"));
    }

    void aCloseThatWasSignedAheadIsTakenByTheVenue()
    {
        LoopbackFixture fixture;
        QVERIFY(fixture.startAll());
        fixture.submit(fixture.market("open", Side::Buy, "0.01"));
        QVERIFY(waitFor([&] { return fixture.seen.filled("open").text() == "0.01"; }));
        OrderRequest close = fixture.market("close", Side::Sell, "0.01", ReduceOnly::Yes);
        close.type = OrderType::Limit;
        close.timeInForce = TimeInForce::ImmediateOrCancel;
        close.limitPrice = fixture.resting("x", Side::Buy, "0.01", 5).limitPrice;
        fixture.client->keepReady({close});
        int turns = 0;
        QVERIFY(waitFor([&] { return ++turns > 20; }));
        fixture.submit(close);
        QVERIFY(waitFor([&] { return fixture.seen.filled("close").text() == "0.01"; }));
        QCOMPARE(fixture.ordersWithCloid("close"), std::size_t{1});
        QCOMPARE(fixture.position(), std::int64_t{0});
    }

    void hl26_changesKeepOneOrderUnderOneName()
    {
        LoopbackFixture fixture;
        QVERIFY(fixture.startAll());
        const OrderRequest request = fixture.resting("moved", Side::Buy, "0.01", 5);
        fixture.submit(request);
        QVERIFY(waitFor([&] { return fixture.openOrders() == 1 && fixture.seen.lastOrder("moved"); }));
        const Price lower = fixture.resting("x", Side::Buy, "0.01", 6).limitPrice.value();
        fixture.client->modify(tests::hl::approvedChange(
            {fixture.btc, request.clientOrderId, parseQuantity("0.02").value(), lower}));
        QVERIFY(waitFor([&] { return fixture.seen.outcomesOf("moved").size() == 2; }));
        QCOMPARE(fixture.seen.outcomesOf("moved").back().outcome, RequestOutcome::Accepted);
        QCOMPARE(fixture.openOrders(), std::size_t{1});
        QCOMPARE(fixture.venue->desk().openOrders(0).front()->terms.size.text(), std::string("0.02"));
        for (const OrderUpdate &order : fixture.seen.orders)
            QVERIFY(order.status != OrderStatus::Canceled);
        fixture.client->cancel(fixture.btc, request.clientOrderId);
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder("moved")->status == OrderStatus::Canceled; }));
        QCOMPARE(fixture.openOrders(), std::size_t{0});
    }

    void hl27_aBrokenChangeIsToldAsTheEndOfTheOrder()
    {
        LoopbackFixture fixture;
        QVERIFY(fixture.startAll());
        const OrderRequest request = fixture.resting("gone", Side::Buy, "0.01", 5);
        fixture.submit(request);
        QVERIFY(waitFor([&] { return fixture.openOrders() == 1 && fixture.seen.lastOrder("gone"); }));
        fixture.venue->faults().breakModifies = {1};
        fixture.client->modify(tests::hl::approvedChange(
            {fixture.btc, request.clientOrderId, parseQuantity("0.02").value(), *request.limitPrice}));
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder("gone")->status == OrderStatus::Canceled; }));
        QCOMPARE(fixture.seen.outcomesOf("gone").back().outcome, RequestOutcome::Rejected);
    }

    void hl28_aStopRestsWhenThePositionIsThere()
    {
        LoopbackFixture fixture;
        QVERIFY(fixture.startAll());
        fixture.submit(fixture.market("open", Side::Buy, "0.01"));
        QVERIFY(waitFor([&] { return fixture.seen.filled("open").text() == "0.01"; }));
        // Standalone, not a child of the order: it does not vanish with it.
        OrderRequest stop = fixture.resting("stop", Side::Buy, "0.01", 5);
        stop.side = Side::Sell;
        stop.type = OrderType::StopMarket;
        stop.reduceOnly = ReduceOnly::Yes;
        stop.triggerPrice = stop.limitPrice;
        stop.limitPrice.reset();
        fixture.venue->faults().bareTriggerStatus = true;
        fixture.submit(stop);
        QVERIFY(waitFor([&] { return fixture.openOrders() == 1; }));
        QVERIFY(waitFor([&] {
            const auto order = fixture.seen.lastOrder("stop");
            return order && order->status == OrderStatus::New && order->venueOrderId.value != 0;
        }));
        QCOMPARE(fixture.seen.lastOrder("stop")->type, OrderType::StopMarket);
        QCOMPARE(*fixture.seen.lastOrder("stop")->triggerPrice, *stop.triggerPrice);
    }

    void hl30_flattenTakesTheVenuesStateAndNeverFlips()
    {
        LoopbackFixture fixture;
        QVERIFY(fixture.startAll());
        fixture.submit(fixture.market("open", Side::Buy, "0.01"));
        QVERIFY(waitFor([&] { return fixture.seen.filled("open").text() == "0.01"; }));
        fixture.venue->faults().iocFillMost = Ratio::fromRaw(60'000'000);
        // Twice what is there: clipped. Repeated until the venue says flat.
        for (int i = 0; i < 20 && fixture.position() != 0; ++i) {
            const std::string id = "flat-" + std::to_string(i);
            if (i == 3)
                fixture.venue->faults().iocFillMost = Ratio::fromRaw(kDecimalOne);
            fixture.submit(fixture.market(id, Side::Sell, "0.02", ReduceOnly::Yes));
            QVERIFY(waitFor([&] { return !fixture.seen.outcomesOf(id).empty(); }));
            QVERIFY(fixture.position() >= 0);
        }
        QCOMPARE(fixture.position(), std::int64_t{0});
        fixture.client->queryPositions();
        QVERIFY(waitFor([&] { return fixture.seen.positions.empty(); }));
        // Flat: another one is refused, and nothing turns short.
        fixture.submit(fixture.market("again", Side::Sell, "0.01", ReduceOnly::Yes));
        QVERIFY(waitFor([&] { return !fixture.seen.outcomesOf("again").empty(); }));
        QCOMPARE(fixture.seen.outcomesOf("again").front().outcome, RequestOutcome::Rejected);
        QCOMPARE(fixture.position(), std::int64_t{0});
    }

    void hl31_cancelAllLeavesNothing()
    {
        LoopbackFixture fixture;
        QVERIFY(fixture.startAll());
        std::vector<OrderRequest> requests;
        for (int i = 0; i < 230; ++i)
            requests.push_back(fixture.resting("many-" + std::to_string(i), Side::Buy, "0.001", 5 + i % 20));
        fixture.submit(requests); // 200 and 30
        QVERIFY(waitFor([&] { return fixture.openOrders() == 230; }, 15'000));
        std::optional<Result<void>> done;
        fixture.client->cancelAll(std::nullopt, [&](Result<void> result) { done = result; });
        QVERIFY(waitFor([&] { return done.has_value(); }, 15'000));
        QVERIFY2(done->has_value(), done->has_value() ? "" : done->error().detail.c_str());
        QCOMPARE(fixture.openOrders(), std::size_t{0});
    }

    void hl32_withoutVolumeTheDeadManIsRefusedInWords()
    {
        LoopbackFixture fixture;
        QVERIFY(fixture.startAll());
        std::optional<Result<void>> done;
        fixture.client->setDeadMan(fixture.btc, 20s, [&](Result<void> result) { done = result; });
        QVERIFY(waitFor([&] { return done.has_value(); }));
        QVERIFY(!done->has_value());
        QVERIFY(!fixture.client->capabilities().deadManTimer);
    }

    void hl40_aBreakMeansEverythingAnew()
    {
        LoopbackFixture fixture;
        QVERIFY(fixture.startAll());
        fixture.submit(fixture.resting("stays", Side::Buy, "0.01", 5));
        QVERIFY(waitFor([&] { return fixture.openOrders() == 1; }));
        fixture.venue->dropSockets();
        QVERIFY(waitFor([&] { return fixture.seen.lost.size() == 1; }));
        QVERIFY(waitFor([&] { return fixture.seen.reconciled == 2 && fixture.seen.freshness == Freshness::Fresh; },
                        15'000));
        QCOMPARE(fixture.seen.lastOrder("stays")->status, OrderStatus::New);
        fixture.submit(fixture.market("after", Side::Buy, "0.002"));
        QVERIFY(waitFor([&] { return fixture.seen.filled("after").text() == "0.002"; }));
    }

    void hl42_doubledAndReversedEventsEndTheSame()
    {
        LoopbackFixture fixture;
        fixture.venueOptions.faults.duplicateUserMessages = true;
        fixture.venueOptions.faults.reverseUserMessages = true;
        fixture.venueOptions.faults.eventsBeforeReply = true;
        QVERIFY(fixture.startAll());
        for (int i = 0; i < 6; ++i) {
            const std::string id = "twice-" + std::to_string(i);
            fixture.submit(fixture.market(id, i % 2 == 0 ? Side::Buy : Side::Sell, "0.003"));
            QVERIFY(waitFor([&] { return fixture.seen.filled(id).text() == "0.003"; }));
            QVERIFY(waitFor([&] { return fixture.seen.lastOrder(id)->status == OrderStatus::Filled; }));
            QCOMPARE(fixture.executed(id).text(), std::string("0.003"));
        }
        QCOMPARE(fixture.position(), std::int64_t{0});
    }

    void leverageAndModeAreSetAndRead()
    {
        LoopbackFixture fixture;
        QVERIFY(fixture.startAll());
        std::optional<Result<void>> done;
        fixture.client->setLeverage(fixture.btc, 5, [&](Result<void> result) { done = result; });
        QVERIFY(waitFor([&] { return done.has_value(); }));
        QVERIFY2(done->has_value(), done->has_value() ? "" : done->error().detail.c_str());
        QCOMPARE(fixture.venue->desk().setting(0, 0).leverage, 5);
        done.reset();
        fixture.client->setMarginMode(fixture.btc, MarginMode::Isolated, [&](Result<void> result) { done = result; });
        QVERIFY(waitFor([&] { return done.has_value() && done->has_value(); }));
        QVERIFY(!fixture.venue->desk().setting(0, 0).isCross);
        QCOMPARE(fixture.venue->desk().setting(0, 0).leverage, 5);
    }

    void anOrderOfAnEarlierRunIsFoundAndNamed()
    {
        LoopbackFixture fixture;
        QVERIFY(fixture.startAll());
        fixture.submit(fixture.resting("earlier", Side::Buy, "0.01", 5));
        QVERIFY(waitFor([&] { return fixture.openOrders() == 1; }));
        LoopbackFixture later;
        later.options.endpoints = exchange::hyperliquid::loopbackEndpoints(fixture.restPort(), 1);
        fixture.client->stop({});
        // The same account from a program that has never heard of it.
        later.venue = std::move(fixture.venue);
        later.options.endpoints.webSocket = fixture.webSocketUrl;
        later.startClient();
        const std::string cloid =
            exchange::hyperliquid::Cloids::cloidOf(ClientOrderId::from("earlier").value()).text();
        QVERIFY(waitFor([&] { return later.seen.reconciled == 1; }));
        QVERIFY(later.seen.lastOrder(cloid).has_value());
        later.client->queryOrder(later.btc, ClientOrderId::from("earlier").value());
        QVERIFY(waitFor([&] { return later.seen.lastOrder("earlier").has_value(); }));
        QCOMPARE(later.seen.lastOrder("earlier")->status, OrderStatus::New);
    }

    void historyIsReadInPages()
    {
        LoopbackFixture fixture;
        QVERIFY(fixture.startAll());
        fixture.submit(fixture.market("hist", Side::Buy, "0.01"));
        QVERIFY(waitFor([&] { return fixture.seen.filled("hist").text() == "0.01"; }));
        const ports::TimeRange range{fixture.clock.now() - 1h, fixture.clock.now() + 1min};
        std::optional<Result<std::vector<Fill>>> fills;
        std::optional<Result<std::vector<Candle>>> candles;
        std::optional<Result<std::vector<Trade>>> trades;
        fixture.client->fills(fixture.btc, range, [&](auto result) { fills = std::move(result); });
        fixture.client->candles(fixture.btc, 1min, range, [&](auto result) { candles = std::move(result); });
        fixture.client->trades(fixture.btc, range, [&](auto result) { trades = std::move(result); });
        QVERIFY(waitFor([&] { return fills && candles && trades; }));
        QVERIFY(fills->has_value() && candles->has_value() && trades->has_value());
        QVERIFY(!(*fills)->empty());
        QCOMPARE((*fills)->front().clientOrderId.string(), std::string("hist"));
        QVERIFY(std::is_sorted((*candles)->begin(), (*candles)->end(),
                               [](const Candle &a, const Candle &b) { return a.openTime < b.openTime; }));
    }
};

QTEST_GUILESS_MAIN(TestHlClient)
#include "tst_hl_client.moc"
