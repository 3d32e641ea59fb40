#include <QtTest/QTest>

#include "tests/integration/client_fixture.h"

using namespace core;
using namespace std::chrono_literals;
using ports::RequestOutcome;
using tests::ClientFixture;
using tests::waitFor;

class TestClientOrders : public QObject
{
    Q_OBJECT

    static ClientOrderId id(std::string_view text) { return ClientOrderId::from(text).value(); }

    /// What the flatten plan does when the exchange says that an order never existed: the same order, the
    /// same id.
    static void resendWhenAbsent(ClientFixture &fixture, const OrderRequest &request)
    {
        fixture.submit(request);
        (void)waitFor([&] {
            return fixture.seen.lastOrder(request.clientOrderId).has_value() || !fixture.seen.absent.empty();
        });
        if (fixture.seen.absent.empty())
            return;
        fixture.seen.absent.clear();
        fixture.submit(request);
        (void)waitFor([&] { return fixture.seen.lastOrder(request.clientOrderId).has_value(); });
    }

private slots:
    void openedAndClosedAgainByStreamAndByQuery()
    {
        ClientFixture fixture;
        QVERIFY(fixture.startAll());
        fixture.submit(fixture.marketOrder("life-1", Side::Buy, "0.02"));
        QVERIFY(waitFor([&] {
            return !fixture.seen.fills.empty() && fixture.seen.positions.back().rows.size() == 1 &&
                   !fixture.seen.outcomes.empty();
        }));
        QCOMPARE(fixture.seen.outcomesOf(id("life-1")).size(), std::size_t{1});
        QCOMPARE(fixture.seen.outcomesOf(id("life-1"))[0].outcome, RequestOutcome::Accepted);
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder(id("life-1"))->status == OrderStatus::Filled; }));

        fixture.seen.positions.clear();
        fixture.submit(fixture.marketOrder("life-2", Side::Sell, "0.02", ReduceOnly::Yes));
        const auto flatBy = [&](Source source) {
            for (const auto &report : fixture.seen.positions) {
                const bool flat = source == Source::Query ? report.complete && report.rows.empty()
                                                          : !report.rows.empty() && report.rows[0].isFlat();
                if (report.source == source && flat)
                    return true;
            }
            return false;
        };
        QVERIFY(waitFor([&] { return flatBy(Source::Stream); }));
        fixture.seen.insideClient = true;
        fixture.client->queryPositions();
        fixture.seen.insideClient = false;
        QVERIFY(waitFor([&] { return flatBy(Source::Query); }));
        QVERIFY(fixture.positionAtVenue().isZero());

        Quantity bought;
        Quantity sold;
        std::set<std::int64_t> ids;
        for (const Fill &fill : fixture.seen.fills) {
            QVERIFY(ids.insert(fill.tradeId).second);
            Quantity &sum = fill.side == Side::Buy ? bought : sold;
            sum = add(sum, fill.quantity).value();
            QVERIFY(fill.fee.isPositive());
        }
        QCOMPARE(bought, parseQuantity("0.02").value());
        QCOMPARE(sold, parseQuantity("0.02").value());
        QCOMPARE(fixture.seen.callsFromInside, 0);
    }

    void aRefusalIsARefusal()
    {
        ClientFixture fixture;
        QVERIFY(fixture.startAll());
        fixture.submit(fixture.marketOrder("nothing-to-reduce", Side::Sell, "0.02", ReduceOnly::Yes));
        QVERIFY(waitFor([&] { return !fixture.seen.outcomes.empty(); }));
        QCOMPARE(fixture.seen.outcomes[0].outcome, RequestOutcome::Rejected);
        QCOMPARE(fixture.seen.outcomes[0].error.code, ErrorCode::Rejected);
        QVERIFY(fixture.seen.outcomes[0].error.detail.find("-2022") != std::string::npos);
    }

    void bn33_unknownAnswersEndInExactlyOneOrder_data()
    {
        QTest::addColumn<int>("fault");
        QTest::newRow("503 unknown, executed") << 0;
        QTest::newRow("503 unknown, not executed") << 1;
        QTest::newRow("503 unavailable") << 2;
        QTest::newRow("executed, connection lost") << 3;
    }
    void bn33_unknownAnswersEndInExactlyOneOrder()
    {
        QFETCH(int, fault);
        ClientFixture fixture;
        using enum venue::FaultKind;
        const venue::FaultKind kinds[] = {UnknownExecuted, UnknownNotExecuted, Unavailable, LoseReply};
        fixture.venueOptions.faults.rules = {
            {.kind = kinds[fault], .channel = venue::FaultChannel::Order, .numbers = {1}}};
        QVERIFY(fixture.startAll());
        resendWhenAbsent(fixture, fixture.marketOrder("once-1", Side::Buy, "0.02"));
        QVERIFY(waitFor([&] { return !fixture.seen.fills.empty(); }));
        QVERIFY(fixture.orderAtVenue("once-1").has_value());
        QCOMPARE(fixture.executedOrdersAtVenue().size(), std::size_t{1});
        QCOMPARE(fixture.positionAtVenue(), parseQuantity("0.02").value());
        const auto outcomes = fixture.seen.outcomesOf(id("once-1"));
        QVERIFY(!outcomes.empty());
        for (const auto &outcome : outcomes)
            QVERIFY(outcome.outcome != RequestOutcome::Rejected);
        if (fault == 2) // known not to have happened: repeated without a word
            QCOMPARE(outcomes.size(), std::size_t{1});
    }

    void aRestingOrderIsCancelled()
    {
        ClientFixture fixture;
        QVERIFY(fixture.startAll());
        OrderRequest request = fixture.marketOrder("rest-1", Side::Buy, "0.02");
        request.type = OrderType::Limit;
        const Price far =
            scaled(fixture.seen.marks.back().mark, parseFixed<Ratio>("0.97").value(), Rounding::Floor)
                .value();
        request.limitPrice = floorToStep(far, parsePrice("0.1").value());
        fixture.submit(request);
        QVERIFY(waitFor([&] {
            const auto order = fixture.seen.lastOrder(id("rest-1"));
            return order && order->status == OrderStatus::New;
        }));
        fixture.client->cancel(fixture.instrument, id("rest-1"));
        QVERIFY(
            waitFor([&] { return fixture.seen.lastOrder(id("rest-1"))->status == OrderStatus::Canceled; }));
        // Once more: there is nothing to cancel, so its state is asked for.
        fixture.seen.orders.clear();
        fixture.client->cancel(fixture.instrument, id("rest-1"));
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder(id("rest-1")).has_value(); }));
        QCOMPARE(fixture.seen.lastOrder(id("rest-1"))->status, OrderStatus::Canceled);
    }

    void anOrderThatNeverWasIsAbsentOnlyAfterTheWaitingTime()
    {
        ClientFixture fixture;
        const Duration started = fixture.clock.monotonic();
        QVERIFY(fixture.startAll());
        fixture.client->queryOrder(fixture.instrument, id("never-1"));
        QVERIFY(waitFor([&] { return !fixture.seen.absent.empty(); }));
        // orderAbsentAfter of the fixture: only an earlier run could have sent it, and that is so long ago then
        QVERIFY(fixture.clock.monotonic() - started >= 400ms);
        QVERIFY(fixture.seen.absent[0] == id("never-1"));
    }

    /// "I do not know it" is an answer: positions and orders agree, and protection does not wait for the order's fate.
    void anOrderInDoubtDoesNotHoldTheReconciliationBack()
    {
        ClientFixture fixture;
        fixture.clientOptions.timings.orderAbsentAfter = 10min;
        QVERIFY(fixture.startAll());
        QVERIFY(fixture.venue->setFaults({1, {{.kind = venue::FaultKind::LoseRequest, .channel = venue::FaultChannel::Order}}}).has_value());
        fixture.submit(fixture.marketOrder("lost-1", Side::Buy, "0.002"));
        QVERIFY(waitFor([&] { return !fixture.seen.outcomesOf(id("lost-1")).empty(); }));
        QCOMPARE(fixture.seen.outcomesOf(id("lost-1")).front().outcome, RequestOutcome::Unknown);
        QVERIFY(fixture.venue->setFaults({1, {{.kind = venue::FaultKind::CutFrame, .channel = venue::FaultChannel::Private}}}).has_value());
        fixture.submit(fixture.marketOrder("other-1", Side::Buy, "0.002")); // its event breaks the stream
        QVERIFY(waitFor([&] { return !fixture.seen.lost.empty(); }));
        QVERIFY(fixture.venue->setFaults({}).has_value());
        QVERIFY(waitFor([&] { return fixture.seen.reconciled == 2; }));
        QVERIFY(fixture.seen.absent.empty());
    }

    void theSameOrderTwiceIsOneOrder()
    {
        ClientFixture fixture;
        fixture.venueOptions.faults.rules = {{.kind = venue::FaultKind::Delay, .length = 100ms}};
        QVERIFY(fixture.startAll());
        const OrderRequest request = fixture.marketOrder("twice-1", Side::Buy, "0.02");
        fixture.submit(request);
        fixture.submit(request);
        QVERIFY(waitFor([&] { return fixture.seen.outcomes.size() == 2 && !fixture.seen.fills.empty(); }));
        QCOMPARE(fixture.executedOrdersAtVenue().size(), std::size_t{1});
    }

    void fillsAreAskedForFromTheLastKnownOn()
    {
        ClientFixture fixture;
        QVERIFY(fixture.startAll());
        fixture.submit(fixture.marketOrder("fills-1", Side::Buy, "0.02"));
        QVERIFY(waitFor([&] { return !fixture.seen.fills.empty(); }));
        const auto before = fixture.seen.fills.size();
        fixture.client->queryFills(fixture.instrument);
        (void)waitFor([&] { return fixture.seen.fills.size() > before; }, 500);
        QCOMPARE(fixture.seen.fills.size(), before); // each once, whoever tells it
    }
};

QTEST_GUILESS_MAIN(TestClientOrders)
#include "tst_client_orders.moc"
