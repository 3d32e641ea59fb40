#include "core/venue/engine.h"

#include <QtTest/QTest>

#include "tests/core/venue/venue_fixture.h"

using namespace core;
using namespace core::venue;
using namespace tests;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace
{
[[nodiscard]] NewOrder limit(Side side, const char *at, const char *size, ReduceOnly reduceOnly = ReduceOnly::No)
{
    NewOrder order;
    order.symbol = btc();
    order.side = side;
    order.quantity = quantity(size);
    order.price = price(at);
    order.reduceOnly = reduceOnly;
    return order;
}
[[nodiscard]] NewAlgo trailing(const char *rate)
{
    NewAlgo algo;
    algo.symbol = btc();
    algo.side = Side::Sell;
    algo.type = AlgoType::TrailingStop;
    algo.quantity = quantity("0.1");
    algo.callbackRate = parseFixed<Ratio>(rate).value();
    algo.working = WorkingType::MarkPrice;
    algo.reduceOnly = ReduceOnly::Yes;
    return algo;
}
[[nodiscard]] VenueOptions withLong()
{
    VenueOptions options = venueOptions();
    options.accounts[0].positions.push_back({btc(), Direction::Long, quantity("0.1"), price("60000")});
    return options;
}
[[nodiscard]] VenueEngine::OrderChangeRequest change(std::int64_t id, Side side, const char *size, const char *at)
{
    return {.orderId = id, .side = side, .quantity = quantity(size), .price = price(at)};
}
} // namespace

class TestEngineOrders : public QObject
{
    Q_OBJECT

private slots:
    void aModifiedOrderGoesToTheEndOfTheQueue()
    {
        VenueFixture venue;
        const std::int64_t first = (*venue.engine.place(0, limit(Side::Buy, "59000.0", "0.1")))->id;
        const std::int64_t second = (*venue.engine.place(1, limit(Side::Buy, "59000.0", "0.1")))->id;
        venue.events.lines.clear();
        QVERIFY(venue.engine.modify(0, btc(), change(first, Side::Buy, "0.2", "59000.0")).has_value());
        QCOMPARE(venue.events.lines.join(u';'), u"ORDER AMENDMENT NEW 0"_s);
        venue.print("58999", "0.1", Side::Sell);
        QCOMPARE(venue.engine.findOrder(1, btc(), second, {})->status, OrderStatus::Filled);
        QCOMPARE(venue.engine.findOrder(0, btc(), first, {})->status, OrderStatus::New);
        QCOMPARE(venue.engine.amendments().size(), std::size_t{1});
        QCOMPARE(venue.engine.amendments().front().quantityBefore, quantity("0.1"));
        QCOMPARE(venue.engine.modify(0, btc(), change(first, Side::Buy, "0.2", "59000.0")).error().code, -5027);
        QCOMPARE(venue.engine.modify(0, btc(), change(42, Side::Buy, "0.2", "59000.0")).error().code, -2013);
    }

    void aModificationBelowWhatIsFilledCancels()
    {
        VenueFixture venue;
        const std::int64_t id = (*venue.engine.place(0, limit(Side::Buy, "59000.0", "0.3")))->id;
        venue.print("58999", "0.2", Side::Sell);
        QVERIFY(venue.engine.modify(0, btc(), change(id, Side::Buy, "0.2", "59000.0")).has_value());
        QCOMPARE(venue.engine.findOrder(0, btc(), id, {})->status, OrderStatus::Canceled);
    }

    void aPostOnlyOrderThatWouldTakeAfterAModificationIsCanceled()
    {
        VenueFixture venue;
        NewOrder order = limit(Side::Buy, "59000.0", "0.1");
        order.timeInForce = TimeInForce::PostOnly;
        const std::int64_t id = (*venue.engine.place(0, order))->id;
        QVERIFY(venue.engine.modify(0, btc(), change(id, Side::Buy, "0.1", "60001.0")).has_value());
        QCOMPARE(venue.engine.findOrder(0, btc(), id, {})->status, OrderStatus::Canceled);
        QVERIFY(venue.engine.account(0).position(btc()).isFlat());
    }

    void goodTillDateEndsTheOrder()
    {
        VenueFixture venue;
        NewOrder order = limit(Side::Buy, "59000.0", "0.1");
        order.timeInForce = TimeInForce::GoodTilDate;
        order.goodTill = venue.clock.now() + 600s;
        QCOMPARE(venue.engine.place(0, order).error().code, -5040);
        order.goodTill = venue.clock.now() + 601s;
        const std::int64_t id = (*venue.engine.place(0, order))->id;
        venue.clock.advance(600s);
        venue.engine.onTimer();
        QVERIFY(venue.engine.findOrder(0, btc(), id, {})->isOpen());
        venue.clock.advance(1s);
        venue.engine.onTimer();
        QCOMPARE(venue.engine.findOrder(0, btc(), id, {})->status, OrderStatus::Expired);
    }

    void theDeadManTimerOfASymbolLeavesTheStops()
    {
        VenueFixture venue(withLong());
        QVERIFY(venue.engine.place(0, limit(Side::Buy, "59000.0", "0.1")).has_value());
        QVERIFY(venue.engine.placeAlgo(0, trailing("0.01")).has_value());
        const Symbol symbol = btc();
        venue.engine.setCountdown(0, &symbol, venue.clock.now() + 2s);
        venue.clock.advance(1s);
        venue.engine.setCountdown(0, &symbol, venue.clock.now() + 2s); // a heartbeat
        venue.clock.advance(1s);
        venue.engine.onTimer();
        QCOMPARE(venue.engine.openOrders(0, nullptr).size(), std::size_t{1});
        venue.clock.advance(1s);
        venue.engine.onTimer();
        QVERIFY(venue.engine.openOrders(0, nullptr).empty());
        QCOMPARE(venue.engine.openAlgos(0, nullptr).size(), std::size_t{1});
        venue.engine.setCountdown(0, nullptr, venue.clock.now() + 1s); // of the whole account: those as well
        venue.clock.advance(1s);
        venue.engine.onTimer();
        QVERIFY(venue.engine.openAlgos(0, nullptr).empty());
    }

    void restingReduceOnlyOrdersAreRefusedOrShrink()
    {
        VenueFixture binance(withLong());
        QVERIFY(binance.engine.place(0, limit(Side::Sell, "61000.0", "0.1", ReduceOnly::Yes)).has_value());
        QCOMPARE(binance.engine.place(0, limit(Side::Sell, "62000.0", "0.1", ReduceOnly::Yes)).error().code, -4118);

        VenueOptions options = withLong();
        options.rules.reduceOnly = VenueRules::ReduceOnlyRule::Shrink;
        VenueFixture other(options);
        QVERIFY(other.engine.place(0, limit(Side::Sell, "61000.0", "0.1", ReduceOnly::Yes)).has_value());
        const std::int64_t id = (*other.engine.place(0, limit(Side::Sell, "62000.0", "0.1", ReduceOnly::Yes)))->id;
        other.print("61500", "0.04", Side::Buy); // the lower one gives up 0.04
        QCOMPARE(other.engine.account(0).position(btc()).quantity, quantity("0.06").raw());
        QCOMPARE(other.engine.findOrder(0, btc(), id, {})->request.quantity, quantity("0.06"));
        QVERIFY(other.events.lines.contains(u"ORDER REDUCED NEW 0"_s));
    }

    void aTrailingStopFollowsAndFires()
    {
        VenueFixture venue(withLong());
        NewAlgo algo = trailing("0.01");
        algo.activate = price("60500.0");
        const std::int64_t id = (*venue.engine.placeAlgo(0, algo))->id;
        venue.setMark("59000"); // not activated yet: a fall does nothing
        QVERIFY(venue.engine.findAlgo(0, id, {})->isOpen());
        QVERIFY(!venue.engine.findAlgo(0, id, {})->activated);
        venue.setMark("60500");
        QVERIFY(venue.engine.findAlgo(0, id, {})->activated);
        venue.setMark("61000");
        venue.setMark("60390.1"); // 61000 × 0.99 = 60390
        QVERIFY(venue.engine.findAlgo(0, id, {})->isOpen());
        venue.setMark("60390");
        QCOMPARE(venue.engine.findAlgo(0, id, {})->status, AlgoStatus::Finished);
        QVERIFY(venue.engine.account(0).position(btc()).isFlat());
        algo.activate = price("59000.0"); // passed already
        QCOMPARE(venue.engine.placeAlgo(0, algo).error().code, -2021);
        QCOMPARE(venue.engine.placeAlgo(0, trailing("0.21")).error().code, -2007);
    }

    void aStopLimitRestsAtItsPrice()
    {
        VenueFixture venue(withLong());
        NewAlgo algo = trailing("0.01");
        algo.type = AlgoType::StopLimit;
        algo.trigger = price("59500.0");
        algo.price = price("60500.0");
        const std::int64_t id = (*venue.engine.placeAlgo(0, algo))->id;
        venue.setMark("59500");
        const VenueAlgo *fired = venue.engine.findAlgo(0, id, {});
        QCOMPARE(fired->status, AlgoStatus::Triggered);
        const VenueOrder *child = venue.engine.findOrder(0, btc(), fired->childOrder, {});
        QCOMPARE(child->request.price, std::optional(price("60500")));
        QVERIFY(child->isOpen());
        QVERIFY(venue.engine.cancel(0, btc(), child->id, {}).has_value());
        QCOMPARE(fired->status, AlgoStatus::Finished);
    }

    void aStopBoundToThePositionEndsWithIt()
    {
        VenueFixture venue(withLong());
        NewAlgo algo = trailing("0.01");
        algo.timeInForce = "GTE_GTC";
        const std::int64_t id = (*venue.engine.placeAlgo(0, algo))->id;
        NewOrder close = limit(Side::Sell, "60000.0", "0.1", ReduceOnly::Yes);
        close.type = OrderType::Market;
        close.price.reset();
        QVERIFY(venue.engine.place(0, close).has_value());
        QCOMPARE(venue.engine.findAlgo(0, id, {})->status, AlgoStatus::Expired);
    }

    void ownOrdersAreSeenAndOwnTradesPrinted()
    {
        struct Public final : AccountListener {
            void onOrderEvent(const VenueOrder &, std::string_view, const VenueFill *) override {}
            void onAccountEvent(const AccountChange &) override {}
            void onAlgoEvent(const VenueAlgo &) override {}
            void onLeverageEvent(std::size_t, const Symbol &, int) override {}
            void onOwnTrade(const Symbol &, const Trade &trade) override { trades.push_back(trade); }
            void onShownLevel(const Symbol &, Side, Price at) override { levels.push_back(at); }
            std::vector<Trade> trades;
            std::vector<Price> levels;
        } seen;
        VenueFixture venue;
        venue.engine.setListener(&seen);
        QVERIFY(venue.engine.place(0, limit(Side::Buy, "59999.0", "0.5")).has_value());
        QVERIFY(seen.levels == std::vector{price("59999")});
        QCOMPARE(venue.engine.book(btc()).shown(Side::Buy, price("59999")), quantity("2.5"));
        QVERIFY(venue.engine.place(0, limit(Side::Buy, "60000.05", "0.5")).error().code < 0); // off the tick
        QVERIFY(venue.engine.place(1, limit(Side::Buy, "60000.1", "0.4")).has_value());       // takes
        QCOMPARE(seen.trades.size(), std::size_t{1});
        QCOMPARE(seen.trades.front().aggressor, Side::Buy);
        QCOMPARE(venue.engine.book(btc()).shown(Side::Sell, price("60000.1")), quantity("0.6"));
        std::vector<Level> bids;
        venue.engine.book(btc()).copyShown(Side::Buy, 3, bids);
        QCOMPARE(bids.size(), std::size_t{3});
        QCOMPARE(bids[1].quantity, quantity("2.5"));
        venue.engine.cancelAll(0, btc());
        QCOMPARE(venue.engine.book(btc()).shown(Side::Buy, price("59999")), quantity("2"));
    }
};

QTEST_APPLESS_MAIN(TestEngineOrders)
#include "tst_engine_orders.moc"
