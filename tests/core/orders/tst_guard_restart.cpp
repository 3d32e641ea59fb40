// A start with an open position: what an earlier run may have sent is asked for before a part of it is closed.
#include <QtTest/QTest>

#include "core/orders/flatten_plan.h"
#include "tests/core/orders/desk.h"

using namespace tests;
using namespace std::chrono_literals;
using risk::Arming;

class TestGuardRestart : public QObject
{
    Q_OBJECT

    static void restart(Desk &desk, const char *size, double loss = 31)
    {
        desk.begin(Arming::Armed, "restart");
        desk.positions({desk.held(size)}, Source::Query, true);
        desk.tick(loss);
        desk.apply(ReconciledReport{});
    }

private slots:
    void aStartAsksBeforeItReduces_data() { bothDirections(); }
    void aStartAsksBeforeItReduces()
    {
        Desk desk(direction());
        restart(desk, "0.250", 24);
        const auto asked = desk.among<QueryOrder>(desk.outputs);
        QCOMPARE(asked.size(), std::size_t{4}); // three attempts at the reduction, and the close
        desk.tick(25);
        QVERIFY(desk.everSent().empty());
        for (const std::size_t i : {3U, 2U, 1U}) {
            desk.apply(OrderAbsentReport{asked[i].order});
            QVERIFY(desk.everSent().empty());
        }
        desk.apply(OrderAbsentReport{asked[0].order});
        QCOMPARE(desk.sent().size(), std::size_t{1});
        QCOMPARE(desk.sent().at(0).clientOrderId, asked[0].order);
    }

    void aStartThatMustCloseEverythingDoesNotWait_data() { bothDirections(); }
    void aStartThatMustCloseEverythingDoesNotWait()
    {
        Desk desk(direction());
        restart(desk, "0.250");
        const auto sent = desk.everSent();
        QCOMPARE(sent.size(), std::size_t{1});
        QCOMPARE(sent[0].quantity, quantity("0.250"));
        QCOMPARE(sent[0].reduceOnly, ReduceOnly::Yes);
        const auto asked = desk.among<QueryOrder>(desk.all);
        QVERIFY(asked.size() >= 2);
        for (const auto &question : asked)
            QVERIFY(question.order != sent[0].clientOrderId); // its id is none that an earlier run could have used
        desk.tick(35);
        QCOMPARE(desk.everSent().size(), std::size_t{1});
    }

    void anEarlierCloseThatTurnsUpAliveIsAccountedFor()
    {
        Desk desk;
        restart(desk, "0.250");
        const auto ours = desk.everSent().at(0);
        const auto asked = desk.among<QueryOrder>(desk.all);
        OrderRequest other = ours;
        other.clientOrderId = asked[3].order;
        desk.orderReport(other, OrderStatus::New, {}, Source::Query); // the earlier run's, still at work
        QCOMPARE(desk.alerts("earlier-order-found"), 0);              // was there a second firing?
        desk.apply(OrderAbsentReport{desk.among<QueryOrder>(desk.outputs).at(0).order});
        QCOMPARE(desk.alerts("earlier-order-found"), 1);
        desk.apply(OutcomeReport{ours.clientOrderId, RequestOutcome::Rejected, ErrorCode::Rejected, "ReduceOnly Order is rejected."});
        desk.pass(1s);
        desk.tick(35);
        QCOMPARE(desk.everSent().size(), std::size_t{1}); // the other one takes it all
        desk.fillWhole(other, "0");
        desk.positions({}, Source::Query, true);
        QCOMPARE(desk.among<ActionVerified>(desk.all).size(), std::size_t{1});
    }

    void anEarlierCloseGoesOnInsteadOfStartingAgain_data() { bothDirections(); }
    void anEarlierCloseGoesOnInsteadOfStartingAgain()
    {
        Desk desk(direction());
        restart(desk, "0.150", 21); // the price came back: by itself nothing fires now
        const auto asked = desk.among<QueryOrder>(desk.outputs);
        for (int i = 0; i < 3; ++i)
            desk.apply(OrderAbsentReport{asked[static_cast<std::size_t>(i)].order});
        OrderUpdate earlier;
        earlier.instrument = key();
        earlier.clientOrderId = asked[3].order;
        earlier.status = OrderStatus::Expired;
        earlier.quantity = quantity("0.250");
        earlier.filled = quantity("0.100");
        earlier.venueTime = desk.now + 1ms;
        desk.apply(OrderReport{earlier, Source::Query});
        desk.apply(OrderAbsentReport{desk.among<QueryOrder>(desk.outputs).at(0).order}); // it fired once only
        QCOMPARE(desk.alerts("earlier-order-found"), 1);
        QVERIFY(desk.everSent().empty());
        const auto next = desk.among<QueryOrder>(desk.outputs); // was there a second attempt?
        QCOMPARE(next.size(), std::size_t{1});
        QVERIFY(next[0].order.view().ends_with("-2"));
        desk.apply(OrderAbsentReport{next[0].order});
        QCOMPARE(desk.sent().size(), std::size_t{1});
        QCOMPARE(desk.sent().at(0).clientOrderId, next[0].order);
        QCOMPARE(desk.sent().at(0).quantity, quantity("0.150"));
        desk.fillWhole(desk.sent().at(0), "0");
        desk.positions({}, Source::Query, true);
        QCOMPARE(desk.among<ActionVerified>(desk.outputs).size(), std::size_t{1});
    }

    void anEarlierReductionIsNotRepeated_data()
    {
        QTest::addColumn<std::size_t>("attempt");
        QTest::newRow("its first order was executed") << std::size_t{0};
        QTest::newRow("the venue had refused the first order, the second was executed") << std::size_t{1};
        QTest::newRow("the third was executed") << std::size_t{2};
    }
    void anEarlierReductionIsNotRepeated()
    {
        QFETCH(std::size_t, attempt);
        Desk desk;
        desk.begin(Arming::Armed, "restart");
        desk.positions({desk.held("0.125")}, Source::Query, true);
        desk.tick(24);
        desk.apply(ReconciledReport{});
        const auto asked = desk.among<QueryOrder>(desk.outputs);
        QCOMPARE(asked.size(), std::size_t{4});
        OrderUpdate earlier;
        earlier.instrument = key();
        earlier.clientOrderId = asked[attempt].order;
        earlier.status = OrderStatus::Filled;
        earlier.quantity = earlier.filled = quantity("0.125");
        earlier.venueTime = desk.now - 1s;
        desk.apply(OrderReport{earlier, Source::Query});
        const auto further = desk.among<QueryOrder>(desk.outputs); // of a second firing
        QCOMPARE(further.size(), std::size_t{3});
        for (std::size_t i = 0; i < 4; ++i)
            if (i != attempt)
                desk.apply(OrderAbsentReport{asked[i].order});
        for (const QueryOrder &query : further)
            desk.apply(OrderAbsentReport{query.order});
        desk.pass(10ms);
        desk.positions({desk.held("0.125")}, Source::Query, true);
        desk.tick(24);
        QVERIFY(desk.everSent().empty());
        desk.tick(30); // the close is another tier
        QCOMPARE(desk.sent().size(), std::size_t{1});
    }

    void theIdIsTheSameAfterARestart()
    {
        Desk before;
        before.ready();
        before.tick(30);
        const auto sent = before.sent().at(0);
        Desk after; // the position report bears the same time as when it was opened
        after.begin(Arming::Armed, "restart");
        Position same = after.held("0.250");
        same.venueTime = utcFromMilliseconds(1'700'000'000'100);
        after.positions({same}, Source::Query, true);
        after.tick(20);
        after.apply(ReconciledReport{});
        QCOMPARE(after.among<QueryOrder>(after.outputs).at(3).order, sent.clientOrderId);

        Desk changed; // it was reduced since, but the fills reach back to the opening
        changed.begin(Arming::Armed, "restart");
        Fill opening;
        opening.instrument = key();
        opening.tradeId = 1;
        opening.side = Side::Buy;
        opening.quantity = quantity("0.250");
        opening.price = price("60000");
        opening.venueTime = utcFromMilliseconds(1'700'000'000'100);
        Fill reducing = opening;
        reducing.tradeId = 2;
        reducing.side = Side::Sell;
        reducing.quantity = quantity("0.100");
        reducing.venueTime += 5s;
        Position left = same;
        left.quantity = quantity("0.150");
        left.venueTime = reducing.venueTime;
        changed.pass(10s);
        changed.positions({left}, Source::Query, true);
        changed.apply(FillReport{reducing, Source::Query});
        changed.apply(FillReport{opening, Source::Query});
        changed.tick(20);
        changed.apply(ReconciledReport{});
        const auto asked = changed.among<QueryOrder>(changed.outputs);
        QCOMPARE(asked.size(), std::size_t{8}); // both openings are asked for
        QVERIFY(std::any_of(asked.begin(), asked.end(), [&](const auto &a) { return a.order == sent.clientOrderId; }));
    }

    void aVenueThatNeverAnswersIsAskedAgainAndTold()
    {
        Desk desk;
        restart(desk, "0.250", 24);
        for (int i = 0; i < 10; ++i) {
            desk.pass(1s);
            desk.tick(24);
            desk.apply(TimerTick{});
        }
        QVERIFY(desk.everSent().empty());
        QCOMPARE(desk.alerts("breach-waits"), 1);
        QVERIFY(desk.among<QueryOrder>(desk.all).size() >= 8);
        desk.apply(FlattenIntent{std::nullopt, std::nullopt, std::nullopt, false, "panic"}); // the user's hand does not wait
        QCOMPARE(desk.sent().size(), std::size_t{1});
    }

    void aLateWordOnAnEarlierCloseSendsNothingMore_data() { bothDirections(); }
    void aLateWordOnAnEarlierCloseSendsNothingMore()
    {
        Desk desk(direction());
        restart(desk, "0.250");
        const auto asked = desk.among<QueryOrder>(desk.outputs);
        const auto close = desk.everSent().at(0);
        desk.pass(1s);
        // An earlier run had closed a part. Nothing is sent twice for it.
        OrderUpdate earlier;
        earlier.instrument = key();
        earlier.clientOrderId = asked[3].order;
        earlier.status = OrderStatus::Expired;
        earlier.quantity = quantity("0.250");
        earlier.filled = quantity("0.100");
        earlier.venueTime = desk.now - 2s;
        desk.apply(OrderReport{earlier, Source::Query});
        desk.pass(100ms);
        desk.tick(31);
        QCOMPARE(desk.everSent().size(), std::size_t{1});
        desk.fillWhole(close, "0");
        desk.positions({}, Source::Query, true);
        QCOMPARE(desk.among<ActionVerified>(desk.outputs).size(), std::size_t{1});
    }
};

QTEST_APPLESS_MAIN(TestGuardRestart)
#include "tst_guard_restart.moc"
