// A stop that is asked for together with an entry: from the fill to the rest, and to its end.
#include <QtTest/QTest>

#include "tests/core/orders/desk.h"

using namespace tests;
using namespace std::chrono_literals;
using core::risk::Arming;

namespace
{
class StopDesk : public Desk
{
public:
    /// Flat, reconciled, mark 60,000; nothing of the limits acts.
    explicit StopDesk(Arming arming = Arming::AlertOnly)
    {
        begin(arming, "user");
        positions({}, Source::Query, true);
        apply(ReconciledReport{});
        pass(100ms);
        tick(0);
    }
    OrderRequest entry(std::string_view size = "0.100", OrderType type = OrderType::Limit)
    {
        OrderRequest request;
        request.instrument = key();
        request.side = Side::Buy;
        request.type = type;
        request.quantity = quantity(size);
        if (type == OrderType::Limit)
            request.limitPrice = price("60000");
        return request;
    }
    /// Sent with a stop at 59,000, and resting.
    OrderRequest ask(std::string_view size = "0.100")
    {
        apply(OrderIntent{.id = "one", .order = entry(size), .by = "order ticket", .stop = price("59000")});
        const OrderRequest sentEntry = sent().at(0);
        orderReport(sentEntry, OrderStatus::New, {});
        return sentEntry;
    }
    /// The venue tells of the position, then of the fill.
    void fillEntry(const OrderRequest &request, std::int64_t trade, std::string_view size, std::string_view heldThen)
    {
        pass(10ms);
        positions({held(heldThen)}, Source::Stream, false);
        fill(request, trade, size, "60000");
    }
    void flat()
    {
        pass(10ms);
        Position none = held("0");
        positions({none}, Source::Stream, false);
    }
    [[nodiscard]] std::vector<ClientOrderId> cancelled() const
    {
        std::vector<ClientOrderId> ids;
        for (const auto &cancel : among<CancelOrder>(all))
            ids.push_back(cancel.order);
        return ids;
    }
    [[nodiscard]] OrderRequest lastSent() const { return everSent().back(); }
    [[nodiscard]] std::string refusal() const
    {
        const auto refused = among<IntentRefused>(outputs);
        return refused.empty() ? std::string() : refused.front().reasons.front().code;
    }
};
} // namespace

class TestGuardAskedStops : public QObject
{
    Q_OBJECT

private slots:
    void aFilledEntryGetsItsStopInEveryArmingState_data()
    {
        QTest::addColumn<int>("arming");
        QTest::newRow("off") << static_cast<int>(Arming::Off);
        QTest::newRow("alert-only") << static_cast<int>(Arming::AlertOnly);
        QTest::newRow("armed") << static_cast<int>(Arming::Armed);
    }
    void aFilledEntryGetsItsStopInEveryArmingState()
    {
        QFETCH(int, arming);
        StopDesk desk(static_cast<Arming>(arming));
        const OrderRequest entry = desk.ask();
        QCOMPARE(desk.everSent().size(), std::size_t{1}); // nothing to protect yet
        desk.fillEntry(entry, 1, "0.100", "0.100");
        QCOMPARE(desk.everSent().size(), std::size_t{2});
        const OrderRequest stop = desk.lastSent();
        QCOMPARE(stop.type, OrderType::StopMarket);
        QCOMPARE(stop.side, Side::Sell);
        QCOMPARE(stop.reduceOnly, ReduceOnly::Yes);
        QCOMPARE(stop.quantity, quantity("0.100"));
        QCOMPARE(*stop.triggerPrice, price("59000"));
        QCOMPARE(stop.triggerBy, TriggerSource::Mark);
        desk.orderReport(stop, OrderStatus::New, {});
        for (int second = 0; second < 20; ++second) {
            desk.pass(1s);
            desk.apply(TimerTick{});
        }
        QCOMPARE(desk.everSent().size(), std::size_t{2}); // it rests: once is enough
        QVERIFY(desk.cancelled().empty());
    }

    void anOrderWithoutAStopGetsNone()
    {
        StopDesk desk;
        desk.apply(OrderIntent{.id = "one", .order = desk.entry(), .by = "order ticket"});
        const OrderRequest entry = desk.sent().at(0);
        desk.fillEntry(entry, 1, "0.100", "0.100");
        QCOMPARE(desk.everSent().size(), std::size_t{1});
    }

    void aFurtherFillGetsALargerStopBeforeTheSmallerGoes()
    {
        StopDesk desk;
        const OrderRequest entry = desk.ask();
        desk.fillEntry(entry, 1, "0.040", "0.040");
        const OrderRequest small = desk.lastSent();
        QCOMPARE(small.quantity, quantity("0.040"));
        desk.orderReport(small, OrderStatus::New, {});
        desk.fillEntry(entry, 2, "0.060", "0.100");
        const OrderRequest whole = desk.lastSent();
        QCOMPARE(whole.quantity, quantity("0.100"));
        QVERIFY(whole.clientOrderId != small.clientOrderId);
        desk.apply(TimerTick{});
        QVERIFY(desk.cancelled().empty()); // the small one protects until the larger one rests
        desk.orderReport(whole, OrderStatus::New, {});
        QCOMPARE(desk.cancelled(), std::vector{small.clientOrderId});
        desk.orderReport(small, OrderStatus::Canceled, {});
        QCOMPARE(desk.everSent().size(), std::size_t{3});
        QCOMPARE(desk.alerts("asked-stop-cancelled"), 0);
    }

    void itGoesWithThePosition()
    {
        StopDesk desk;
        const OrderRequest entry = desk.ask();
        desk.fillEntry(entry, 1, "0.100", "0.100");
        const OrderRequest stop = desk.lastSent();
        desk.orderReport(stop, OrderStatus::New, {});
        desk.flat();
        QCOMPARE(desk.cancelled(), std::vector{stop.clientOrderId});
        desk.orderReport(stop, OrderStatus::Canceled, {});
        desk.pass(10ms);
        desk.positions({desk.held("0.300")}, Source::Stream, false); // another position is not this order's
        desk.pass(1s);
        desk.apply(TimerTick{});
        QCOMPARE(desk.everSent().size(), std::size_t{2});
    }

    void whatItHasClosedIsNotStoppedAgain()
    {
        StopDesk desk;
        const OrderRequest entry = desk.ask();
        desk.fillEntry(entry, 1, "0.100", "0.350"); // 0.250 were held before
        const OrderRequest stop = desk.lastSent();
        QCOMPARE(stop.quantity, quantity("0.100"));
        desk.orderReport(stop, OrderStatus::New, {});
        desk.pass(10ms);
        desk.positions({desk.held("0.250")}, Source::Stream, false);
        desk.orderReport(stop, OrderStatus::Filled, quantity("0.100"));
        desk.pass(5s);
        desk.apply(TimerTick{});
        QCOMPARE(desk.everSent().size(), std::size_t{2});
    }

    void beyondItsStopTheFilledPartIsClosedAtOnce()
    {
        StopDesk desk;
        const OrderRequest entry = desk.ask();
        desk.apply(MarkTick{key(), price("58900"), desk.now});
        desk.fillEntry(entry, 1, "0.100", "0.350");
        const OrderRequest close = desk.lastSent();
        QCOMPARE(close.type, OrderType::Market);
        QCOMPARE(close.side, Side::Sell);
        QCOMPARE(close.reduceOnly, ReduceOnly::Yes);
        QCOMPARE(close.quantity, quantity("0.100")); // its own units, not the 0.250 before
        QCOMPARE(desk.alerts("asked-stop-passed"), 1);
    }

    void aStopThatWouldTriggerAtOnceBecomesAClose()
    {
        StopDesk desk;
        const OrderRequest entry = desk.ask();
        desk.fillEntry(entry, 1, "0.100", "0.100");
        const OrderRequest stop = desk.lastSent();
        desk.apply(OutcomeReport{stop.clientOrderId, RequestOutcome::Rejected, ErrorCode::Rejected,
                                 "code -2021: Order would immediately trigger."});
        desk.pass(1s);
        desk.apply(TimerTick{});
        QCOMPARE(desk.lastSent().type, OrderType::Market);
        QCOMPARE(desk.lastSent().quantity, quantity("0.100"));
        QCOMPARE(desk.alerts("asked-stop-refused"), 1);
    }

    void aRefusedStopIsTriedAgain()
    {
        StopDesk desk;
        const OrderRequest entry = desk.ask();
        desk.fillEntry(entry, 1, "0.100", "0.100");
        const OrderRequest stop = desk.lastSent();
        desk.apply(OutcomeReport{stop.clientOrderId, RequestOutcome::Rejected, ErrorCode::Rejected, "code -4045"});
        desk.pass(1s);
        desk.apply(TimerTick{});
        QCOMPARE(desk.lastSent().type, OrderType::StopMarket);
        QVERIFY(desk.lastSent().clientOrderId != stop.clientOrderId);
    }

    void withoutAnAnswerTheVenueIsAskedAndNothingIsDoubled()
    {
        StopDesk desk;
        const OrderRequest entry = desk.ask();
        desk.fillEntry(entry, 1, "0.100", "0.100");
        const OrderRequest stop = desk.lastSent();
        desk.apply(OutcomeReport{stop.clientOrderId, RequestOutcome::Unknown, ErrorCode::TimedOut, {}});
        const auto queries = desk.among<QueryOrder>(desk.outputs);
        QCOMPARE(queries.size(), std::size_t{1});
        QCOMPARE(queries.front().order, stop.clientOrderId);
        for (int second = 0; second < 6; ++second) {
            desk.pass(1s);
            desk.apply(TimerTick{});
        }
        QCOMPARE(desk.everSent().size(), std::size_t{2});
        QCOMPARE(desk.alerts("asked-stop-missing"), 1);
        desk.apply(OrderAbsentReport{stop.clientOrderId}); // it never arrived
        desk.pass(1s);
        desk.apply(TimerTick{});
        QCOMPARE(desk.everSent().size(), std::size_t{3});
        QVERIFY(desk.lastSent().clientOrderId != stop.clientOrderId);
    }

    void aStopThatAPersonCancelsStaysCancelled()
    {
        StopDesk desk;
        const OrderRequest entry = desk.ask();
        desk.fillEntry(entry, 1, "0.100", "0.100");
        const OrderRequest stop = desk.lastSent();
        desk.orderReport(stop, OrderStatus::New, {});
        desk.orderReport(stop, OrderStatus::Canceled, {});
        desk.pass(5s);
        desk.apply(TimerTick{});
        QCOMPARE(desk.everSent().size(), std::size_t{2});
        QCOMPARE(desk.alerts("asked-stop-cancelled"), 1);
    }

    void aStopThatFiredAndWasRefusedBecomesAClose()
    {
        StopDesk desk;
        const OrderRequest entry = desk.ask();
        desk.fillEntry(entry, 1, "0.100", "0.100");
        const OrderRequest stop = desk.lastSent();
        desk.orderReport(stop, OrderStatus::New, {});
        desk.orderReport(stop, OrderStatus::Triggered, {});
        desk.orderReport(stop, OrderStatus::Expired, {});
        desk.pass(1s);
        desk.apply(TimerTick{});
        QCOMPARE(desk.lastSent().type, OrderType::Market);
    }

    void aLostLineSendsNothingUntilItIsBack()
    {
        StopDesk desk;
        const OrderRequest entry = desk.ask();
        desk.apply(ReconciliationLostReport{});
        desk.fillEntry(entry, 1, "0.100", "0.100");
        QCOMPARE(desk.everSent().size(), std::size_t{1});
        desk.positions({desk.held("0.100")}, Source::Query, true);
        desk.apply(ReconciledReport{});
        QCOMPARE(desk.everSent().size(), std::size_t{2});
    }

    void aSenselessStopIsRefusedWithItsOrder_data()
    {
        QTest::addColumn<QString>("side");
        QTest::addColumn<QString>("limit");
        QTest::addColumn<QString>("stop");
        QTest::addColumn<QString>("code");
        QTest::newRow("stop of a buy above its entry") << "buy" << "60000" << "60100" << "stop-wrong-side";
        QTest::newRow("stop of a buy at its entry") << "buy" << "60000" << "60000" << "stop-wrong-side";
        QTest::newRow("buy that fills at the market, stop above it") << "buy" << "61000" << "60500" << "stop-wrong-side";
        QTest::newRow("stop of a sell below its entry") << "sell" << "60000" << "59900" << "stop-wrong-side";
        QTest::newRow("between two steps of the price") << "buy" << "60000" << "59000.05" << "stop-off-tick";
        QTest::newRow("a good one below") << "buy" << "60000" << "59999.9" << "";
        QTest::newRow("a good one above") << "sell" << "60000" << "60000.1" << "";
    }
    void aSenselessStopIsRefusedWithItsOrder()
    {
        QFETCH(QString, side);
        QFETCH(QString, limit);
        QFETCH(QString, stop);
        QFETCH(QString, code);
        StopDesk desk;
        OrderRequest request = desk.entry();
        request.side = side == QLatin1String("buy") ? Side::Buy : Side::Sell;
        request.limitPrice = price(limit.toStdString());
        desk.apply(OrderIntent{.id = "one", .order = request, .by = "order ticket", .stop = price(stop.toStdString())});
        QCOMPARE(QString::fromStdString(desk.refusal()), code);
        QCOMPARE(desk.sent().size(), std::size_t(code.isEmpty() ? 1 : 0));
    }

    void aStopWithAnOrderThatOnlyReducesIsRefused()
    {
        StopDesk desk;
        desk.positions({desk.held("0.250")}, Source::Stream, false);
        OrderRequest request = desk.entry();
        request.side = Side::Sell;
        request.reduceOnly = ReduceOnly::Yes;
        desk.apply(OrderIntent{.id = "out", .order = request, .by = "order ticket", .stop = price("61000")});
        QCOMPARE(desk.refusal(), std::string("stop-without-entry"));
    }

    void whatAnEarlierRunLeftGoesOnlyWhenNothingIsOpen_data()
    {
        QTest::addColumn<QString>("held");
        QTest::addColumn<int>("cancels");
        QTest::newRow("its position is gone") << "0" << 1;
        QTest::newRow("its position is open") << "0.100" << 0;
    }
    void whatAnEarlierRunLeftGoesOnlyWhenNothingIsOpen()
    {
        QFETCH(QString, held);
        QFETCH(int, cancels);
        Desk desk;
        desk.begin(Arming::AlertOnly, "user");
        OrderRequest stop;
        stop.instrument = key();
        stop.clientOrderId = *ClientOrderId::from("ets-0123456789abcdef0001");
        stop.side = Side::Sell;
        stop.type = OrderType::StopMarket;
        stop.quantity = quantity("0.100");
        desk.orderReport(stop, OrderStatus::New, {}, Source::Query);
        desk.positions(held == QLatin1String("0") ? std::vector<Position>{} : std::vector{desk.held(held.toStdString())},
                       Source::Query, true);
        desk.apply(ReconciledReport{});
        QCOMPARE(static_cast<int>(desk.among<CancelOrder>(desk.all).size()), cancels);
    }
};

QTEST_APPLESS_MAIN(TestGuardAskedStops)
#include "tst_guard_asked_stops.moc"
