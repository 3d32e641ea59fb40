// The dead-man timer as the guard runs it: entry orders may go, a stop never.
#include <QtTest/QTest>

#include "tests/core/orders/desk.h"

using namespace tests;
using namespace std::chrono_literals;
using core::risk::Arming;

namespace
{
struct TimerDesk : Desk {
    explicit TimerDesk(Venue at = Venue::Binance) : venue(at)
    {
        limits.backstop.enabled = true;
        limits.backstop.deadMan = 60s;
    }

    Venue venue;
    [[nodiscard]] InstrumentKey coin(std::string_view symbol = "BTCUSDT") const { return {venue, *Symbol::from(symbol)}; }
    [[nodiscard]] CapabilitiesReport can() const
    {
        return {.account = venue,
                .conditionalOrders = true,
                .deadManTimer = true,
                .deadManPerInstrument = venue == Venue::Binance,
                .deadManKillsStops = true,
                .hedgeMode = false,
                .triggerByLast = true};
    }
    void open(Arming arming = Arming::Armed)
    {
        Instrument rules = instrument();
        rules.key = coin();
        apply(InstrumentReport{rules});
        apply(LimitsChange{venue, limits});
        AccountSnapshot account;
        account.asset = *Asset::from("USDT");
        account.walletBalance = account.equity = account.available = money("100000");
        account.venueTime = account.receivedAt = now;
        apply(AccountReport{venue, account});
        apply(ArmingChange{std::nullopt, arming, "user"});
        apply(can());
        apply(MarkTick{coin(), price("60000"), now});
    }
    void reconcile(std::vector<Position> list)
    {
        apply(PositionsReport{venue, std::move(list), Source::Query, true});
        apply(ReconciledReport{venue});
    }
    [[nodiscard]] Position position(std::string_view size) const
    {
        Position p = held(size);
        p.instrument = coin();
        p.liquidationPrice = price("50000");
        return p;
    }
    void entry(OrderStatus status, const char *id = "entry-1", std::string_view symbol = "BTCUSDT")
    {
        OrderUpdate order;
        order.instrument = coin(symbol);
        order.clientOrderId = *ClientOrderId::from(id);
        order.venueOrderId = {5};
        order.side = Side::Buy;
        order.type = OrderType::Limit;
        order.status = status;
        order.quantity = quantity("0.1");
        order.limitPrice = price("59000");
        order.venueTime = now;
        apply(OrderReport{order, Source::Stream});
    }
    void answer(std::optional<Duration> after, RequestOutcome outcome = RequestOutcome::Accepted,
                ErrorCode code = ErrorCode::TimedOut)
    {
        apply(DeadManReport{venue, venue == Venue::Binance ? std::optional(coin()) : std::nullopt, after, outcome, code, "so it says"});
    }
    [[nodiscard]] std::vector<SetDeadMan> timers() const { return among<SetDeadMan>(outputs); }
    [[nodiscard]] bool placesStop() const
    {
        for (const OrderRequest &order : sent()) {
            if (order.type == OrderType::StopMarket)
                return true;
        }
        return false;
    }
};
} // namespace

class TestGuardDeadMan : public QObject
{
    Q_OBJECT

private slots:
    void anEntryOrderArmsTheTimerAndItIsRenewed()
    {
        TimerDesk desk;
        desk.open();
        desk.reconcile({});
        QVERIFY(desk.timers().empty());
        desk.entry(OrderStatus::New);
        QCOMPARE(desk.timers().size(), std::size_t{1});
        QCOMPARE(desk.timers()[0], (SetDeadMan{Venue::Binance, desk.coin(), 60s}));
        desk.answer(60s);
        desk.pass(19s);
        desk.apply(TimerTick{});
        QVERIFY(desk.timers().empty());
        desk.pass(1s);
        desk.apply(TimerTick{});
        QCOMPARE(desk.timers().at(0).after, std::optional<Duration>(60s));
        desk.entry(OrderStatus::Canceled);
        QCOMPARE(desk.timers().at(0).after, std::optional<Duration>());
    }

    void nothingIsArmed_data()
    {
        QTest::addColumn<int>("why");
        QTest::newRow("alert only sets no timer") << 0;
        QTest::newRow("without dead_man in the limits") << 1;
        QTest::newRow("where the venue has none") << 2;
    }
    void nothingIsArmed()
    {
        QFETCH(int, why);
        TimerDesk desk;
        if (why == 1)
            desk.limits.backstop.deadMan.reset();
        desk.open(why == 0 ? Arming::AlertOnly : Arming::Armed);
        if (why == 2) {
            CapabilitiesReport none = desk.can();
            none.deadManTimer = false;
            desk.apply(none);
        }
        desk.reconcile({});
        desk.entry(OrderStatus::New);
        desk.pass(1s);
        desk.apply(TimerTick{});
        QVERIFY(desk.among<SetDeadMan>(desk.all).empty());
        QCOMPARE(desk.alerts("dead-man-refused"), why == 2 ? 1 : 0);
    }

    void aFilledEntryDisarmsFirstAndThenPlacesTheStop()
    {
        TimerDesk desk;
        desk.open();
        desk.reconcile({});
        desk.entry(OrderStatus::New);
        desk.answer(60s);
        desk.pass(1s);
        desk.apply(PositionsReport{desk.venue, {desk.position("0.1")}, Source::Stream, false});
        QCOMPARE(desk.timers().at(0).after, std::optional<Duration>());
        QVERIFY(!desk.placesStop());
        desk.pass(50ms);
        desk.answer(std::nullopt);
        QVERIFY(desk.placesStop());
        desk.pass(1min);
        desk.apply(TimerTick{});
        QVERIFY(desk.timers().empty()); // beside a stop no timer runs
    }

    void aDisarmingWithoutAnswerHoldsTheStopForASecondAndIsTold()
    {
        TimerDesk desk;
        desk.open();
        desk.reconcile({});
        desk.entry(OrderStatus::New);
        desk.answer(60s);
        desk.apply(PositionsReport{desk.venue, {desk.position("0.1")}, Source::Stream, false});
        desk.pass(1s);
        desk.apply(TimerTick{});
        QVERIFY(desk.placesStop());
        desk.pass(1s);
        desk.apply(TimerTick{});
        desk.pass(1s);
        desk.apply(TimerTick{});
        QCOMPARE(desk.alerts("dead-man-threatens"), 1);
    }

    void anEarlierRunsTimerOfTheAccountIsTakenOffBeforeItTakesAStop_data()
    {
        QTest::addColumn<bool>("wanted");
        QTest::addColumn<bool>("holds");
        QTest::newRow("dead_man is set: the stop waits for it") << true << true;
        QTest::newRow("dead_man is off by now: the stop does not wait") << false << false;
    }
    void anEarlierRunsTimerOfTheAccountIsTakenOffBeforeItTakesAStop()
    {
        QFETCH(bool, wanted);
        QFETCH(bool, holds);
        TimerDesk desk(Venue::Hyperliquid);
        if (!wanted)
            desk.limits.backstop.deadMan.reset();
        desk.open();
        desk.reconcile({desk.position("0.1")});
        const auto timers = desk.among<SetDeadMan>(desk.all);
        QCOMPARE(timers.size(), std::size_t{1});
        QCOMPARE(timers[0], (SetDeadMan{Venue::Hyperliquid, std::nullopt, std::nullopt}));
        QCOMPARE(desk.requests(desk.all).empty(), holds);
        desk.answer(std::nullopt);
        QVERIFY(!desk.requests(desk.all).empty());
        desk.pass(1min);
        desk.apply(TimerTick{});
        QCOMPARE(desk.among<SetDeadMan>(desk.all).size(), std::size_t{1});
    }

    void aTimerOfTheAccountIsNotSetWhereAStopRestsOnAnotherCoin()
    {
        TimerDesk desk(Venue::Hyperliquid);
        desk.open();
        desk.reconcile({desk.position("0.1")});
        desk.answer(std::nullopt);
        desk.entry(OrderStatus::New, "entry-eth", "ETHUSDT");
        desk.pass(30s);
        desk.apply(TimerTick{});
        for (const SetDeadMan &timer : desk.among<SetDeadMan>(desk.all))
            QVERIFY(!timer.after);
    }

    void aVenueThatDoesNotOfferItIsToldOnceAndLeftAlone()
    {
        TimerDesk desk(Venue::Hyperliquid);
        desk.open();
        desk.reconcile({});
        desk.answer(std::nullopt); // an earlier run's
        desk.entry(OrderStatus::New);
        QCOMPARE(desk.timers().size(), std::size_t{1});
        desk.answer(60s, RequestOutcome::Rejected, ErrorCode::Unsupported);
        QCOMPARE(desk.alerts("dead-man-refused"), 1);
        for (int i = 0; i < 60; ++i) {
            desk.pass(1s);
            desk.apply(TimerTick{});
        }
        QCOMPARE(desk.among<SetDeadMan>(desk.all).size(), std::size_t{2});
        QCOMPARE(desk.alerts("dead-man-refused"), 1);
    }

    void disarmingTheGuardTakesTheTimerOff()
    {
        TimerDesk desk;
        desk.open();
        desk.reconcile({});
        desk.entry(OrderStatus::New);
        desk.answer(60s);
        desk.apply(ArmingChange{std::nullopt, Arming::AlertOnly, "user"});
        QCOMPARE(desk.timers().at(0).after, std::optional<Duration>());
    }
};

QTEST_APPLESS_MAIN(TestGuardDeadMan)
#include "tst_guard_dead_man.moc"
