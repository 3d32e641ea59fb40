// Safeguards against one's own behaviour, as the guard carries them out on orders that people ask for.
#include <QtTest/QTest>
#include <rapidcheck.h>

#include "tests/core/orders/desk.h"

using namespace tests;
using namespace std::chrono_literals;
using core::risk::Arming;
using core::risk::Enforcement;
using core::risk::Finding;

namespace
{
using Which = Enforcement risk::BehaviourLimits::*;

OrderRequest limitOrder(Side side, std::string_view size, ReduceOnly reduceOnly = ReduceOnly::No)
{
    OrderRequest request;
    request.instrument = key();
    request.side = side;
    request.type = OrderType::Limit;
    request.quantity = quantity(size);
    request.limitPrice = price("60000");
    request.reduceOnly = reduceOnly;
    return request;
}

OrderIntent wish(std::string id, std::string_view risk = "100", std::string_view size = "0.010")
{
    return {.id = std::move(id), .order = limitOrder(Side::Buy, size), .plannedRisk = money(risk), .setup = "pullback",
            .reason = {}, .by = "ticket"};
}

risk::Trip trip(UtcTime closedAt, std::string_view net, Duration held = 10min)
{
    risk::Trip result;
    result.position = {key(), PositionSide::Both};
    result.openedAt = closedAt - held;
    result.closedAt = closedAt;
    result.net = money(net);
    result.fees = money("1");
    result.notional = money("6000");
    result.plannedRisk = money("100");
    result.leverage = 10;
    result.hasSetup = true;
    return result;
}

OrderUpdate stopAt(const char *id, std::string_view trigger, UtcTime at, OrderStatus status = OrderStatus::New)
{
    OrderUpdate order;
    order.instrument = key();
    order.clientOrderId = *ClientOrderId::from(id);
    order.venueOrderId = {901};
    order.side = Side::Sell;
    order.type = OrderType::StopMarket;
    order.status = status;
    order.quantity = quantity("0.250");
    order.triggerPrice = price(trigger);
    order.reduceOnly = ReduceOnly::Yes;
    order.venueTime = at;
    return order;
}

/// Every safeguard off but the named one.
class Habit : public Desk
{
public:
    Habit(Which which, Enforcement how, Arming arming = Arming::Armed)
    {
        risk::BehaviourLimits &b = limits.behaviour;
        b.leverageLadder = b.revenge = b.escalation = b.overtrading = b.overholding = b.tilt = Enforcement::Off;
        b.*which = how;
        ready("0.250", arming);
    }
    void know(std::vector<risk::Trip> trips, std::vector<Finding> findings = {})
    {
        risk::History history;
        history.account = Venue::Binance;
        history.trips = std::move(trips);
        history.findings = std::move(findings);
        apply(HistoryReport{history});
    }
    [[nodiscard]] bool refused(std::string_view code) const
    {
        for (const IntentRefused &one : among<IntentRefused>(outputs)) {
            for (const IntentReason &reason : one.reasons) {
                if (reason.code == code)
                    return !reason.text.empty() && !reason.got.empty();
            }
        }
        return false;
    }
    [[nodiscard]] bool advised(std::string_view code) const
    {
        for (const IntentAccepted &one : among<IntentAccepted>(outputs)) {
            for (const IntentReason &reason : one.advice) {
                if (reason.code == code)
                    return true;
            }
        }
        return false;
    }
    /// The order was refused, advised against, or passed in silence: as it has to be when the rule is met or not.
    [[nodiscard]] bool answers(std::string_view code, Enforcement how, bool met) const
    {
        const bool refuses = met && how == Enforcement::Enforced;
        const bool advises = met && how == Enforcement::Advisory;
        const bool alerted = std::any_of(outputs.begin(), outputs.end(), [&](const GuardOutput &output) {
            const auto *alert = std::get_if<RaiseAlert>(&output);
            return alert != nullptr && alert->code == "behaviour-" + std::string(code);
        });
        return refused(code) == refuses && advised(code) == advises && alerted == advises && sent().empty() == refuses;
    }
};
constexpr std::array kAll{Enforcement::Off, Enforcement::Advisory, Enforcement::Enforced};

/// Trips of three weeks, two a day, and `today` of the last hours.
std::vector<risk::Trip> habitOfTwoADay(UtcTime now, int today)
{
    std::vector<risk::Trip> trips;
    for (int day = 21; day >= 2; --day)
        for (int i = 0; i < 2; ++i)
            trips.push_back(trip(now - day * 24h + i * 1h, "50"));
    for (int i = 0; i < today; ++i)
        trips.push_back(trip(now - 5h + i * 10min, "50", 5min));
    return trips;
}
} // namespace

class TestGuardBehaviour : public QObject
{
    Q_OBJECT

private slots:
    void revenge_data()
    {
        QTest::addColumn<int>("minutesAgo");
        QTest::addColumn<QByteArray>("net");
        QTest::addColumn<QByteArray>("risk");
        QTest::addColumn<QByteArray>("setup");
        QTest::addColumn<bool>("met");
        QTest::newRow("a cent below 1.2 times the usual risk") << 5 << QByteArray("-80") << QByteArray("119.99") << QByteArray("s") << false;
        QTest::newRow("1.2 times the usual risk") << 5 << QByteArray("-80") << QByteArray("120") << QByteArray("s") << true;
        QTest::newRow("the same after a win") << 5 << QByteArray("80") << QByteArray("120") << QByteArray("s") << false;
        QTest::newRow("no setup, usual risk") << 5 << QByteArray("-80") << QByteArray("100") << QByteArray("") << true;
        QTest::newRow("at the end of the window") << 15 << QByteArray("-80") << QByteArray("500") << QByteArray("s") << true;
        QTest::newRow("after the window") << 16 << QByteArray("-80") << QByteArray("500") << QByteArray("s") << false;
    }
    void revenge()
    {
        QFETCH(int, minutesAgo);
        QFETCH(QByteArray, net);
        QFETCH(QByteArray, risk);
        QFETCH(QByteArray, setup);
        QFETCH(bool, met);
        for (const Enforcement how : kAll) {
            Habit desk(&risk::BehaviourLimits::revenge, how);
            desk.know({trip(desk.now - std::chrono::minutes{minutesAgo}, net.toStdString())});
            OrderIntent intent = wish("x", risk.toStdString());
            intent.setup = setup.toStdString();
            desk.apply(intent);
            QVERIFY(desk.answers("revenge", how, met));
            const auto refused = desk.among<IntentRefused>(desk.outputs);
            if (!refused.empty())
                QCOMPARE(refused[0].reasons[0].until,
                         std::optional(desk.now - std::chrono::minutes{minutesAgo} + 15min)); // a delay, with its end
        }
    }

    void escalation_data()
    {
        QTest::addColumn<QByteArray>("risk"); // empty: not planned, so the whole notional of 600
        QTest::addColumn<bool>("met");
        QTest::newRow("a cent below 1.5 times the usual risk") << QByteArray("149.99") << false;
        QTest::newRow("1.5 times the usual risk") << QByteArray("150") << true;
        QTest::newRow("ten times") << QByteArray("1000") << true;
        QTest::newRow("no stop planned: all of it is at risk") << QByteArray() << true;
    }
    void escalation()
    {
        QFETCH(QByteArray, risk);
        QFETCH(bool, met);
        for (const Enforcement how : kAll) {
            Habit desk(&risk::BehaviourLimits::escalation, how);
            desk.know({trip(desk.now - 3h, "-80")});
            OrderIntent intent = wish("x");
            intent.plannedRisk = risk.isEmpty() ? std::nullopt : std::optional(money(risk.toStdString()));
            desk.apply(intent);
            QVERIFY(desk.answers("escalation", how, met));
        }
    }

    void leverageLadder_data()
    {
        QTest::addColumn<int>("losses");
        QTest::addColumn<QByteArray>("size"); // besides 0.250 × 60,000 that are open, on an equity of 100,000; base 5 x
        QTest::addColumn<bool>("met");
        QTest::newRow("two losses: no rung") << 2 << QByteArray("3.300") << false;
        QTest::newRow("three losses, 2 x: at the cap") << 3 << QByteArray("3.083") << false; // 1.9998
        QTest::newRow("three losses, above 2 x") << 3 << QByteArray("3.084") << true;
        QTest::newRow("four losses, below 1 x") << 4 << QByteArray("1.416") << false; // 0.9996
        QTest::newRow("four losses, above 1 x") << 4 << QByteArray("1.417") << true;
    }
    void leverageLadder()
    {
        QFETCH(int, losses);
        QFETCH(QByteArray, size);
        QFETCH(bool, met);
        for (const Enforcement how : kAll) {
            Habit desk(&risk::BehaviourLimits::leverageLadder, how);
            desk.limits.gate.orderNotionalMax = ratio("10");
            desk.apply(LimitsChange{Venue::Binance, desk.limits});
            std::vector<risk::Trip> trips;
            for (int i = 0; i < losses; ++i)
                trips.push_back(trip(desk.now - 2h + i * 5min, "-80", 1min));
            desk.know(trips);
            desk.apply(wish("x", "100", size.toStdString()));
            QVERIFY(desk.answers("leverage-ladder", how, met));
            if (met && how == Enforcement::Enforced)
                QCOMPARE(desk.among<IntentRefused>(desk.outputs)[0].reasons[0].limit, std::string(losses == 3 ? "2 x" : "1 x"));
        }
    }

    void whatRestsCountsForTheLadder()
    {
        Habit desk(&risk::BehaviourLimits::leverageLadder, Enforcement::Enforced);
        desk.know({trip(desk.now - 50min, "-80"), trip(desk.now - 40min, "-80"), trip(desk.now - 30min, "-80")});
        desk.apply(wish("first", "100", "2.000")); // 1.35 x of 2
        QCOMPARE(desk.sent().size(), std::size_t{1});
        desk.apply(wish("second", "100", "2.000")); // with the one that rests, 2.55 x
        QVERIFY(desk.refused("leverage-ladder"));
    }

    void overtrading_data()
    {
        QTest::addColumn<int>("today"); // closed; one more is open
        QTest::addColumn<bool>("met");
        QTest::newRow("six in a day, twice the usual") << 4 << false;
        QTest::newRow("seven in a day") << 5 << true;
        QTest::newRow("thirteen in a day") << 11 << true;
    }
    void overtrading()
    {
        QFETCH(int, today);
        QFETCH(bool, met);
        for (const Enforcement how : kAll) {
            Habit desk(&risk::BehaviourLimits::overtrading, how);
            desk.know(habitOfTwoADay(desk.now, today));
            OrderIntent other = wish("x");
            other.order.instrument = key("ETHUSDT");
            desk.apply(InstrumentReport{instrument("ETHUSDT")});
            desk.tick(0, "ETHUSDT");
            desk.apply(other);
            QVERIFY(desk.answers("overtrading", how, met));
            desk.apply(wish("adds")); // to the position that is open: no further trade
            QVERIFY(desk.answers("overtrading", how, false));
        }
    }

    void tilt_data()
    {
        QTest::addColumn<double>("severity"); // of a revenge trade, besides a stop that was taken away: 50 + 25 × severity
        QTest::addColumn<bool>("wants");
        QTest::newRow("59") << 0.36 << false;
        QTest::newRow("60") << 0.4 << true;
        QTest::newRow("75") << 1.0 << true;
    }
    void tilt()
    {
        QFETCH(double, severity);
        QFETCH(bool, wants);
        for (const Enforcement how : kAll) {
            Habit desk(&risk::BehaviourLimits::tilt, how);
            desk.know({}, {{Finding::What::StopWidened, 1, desk.now, "taken away"}, {Finding::What::Revenge, severity, desk.now, ""}});
            desk.apply(wish("x"));
            QVERIFY(desk.answers("reason-wanted", how, wants));
            OrderIntent reasoned = wish("y");
            reasoned.reason = "planned before the open";
            desk.apply(reasoned);
            QVERIFY(!desk.sent().empty());
        }
    }

    void tiltBeyondTheLockIsACoolingOff()
    {
        for (const Enforcement how : kAll) {
            Habit desk(&risk::BehaviourLimits::tilt, how);
            desk.know({}, {{Finding::What::StopWidened, 1, desk.now, "a"},
                           {Finding::What::StopWidened, 1, desk.now - 1s, "b"},
                           {Finding::What::StopWidened, 1, desk.now - 2s, "c"}}); // 87
            const auto lockouts = desk.guard.view().lockouts;
            QCOMPARE(lockouts.size(), std::size_t{how == Enforcement::Enforced});
            OrderIntent reasoned = wish("x");
            reasoned.reason = "I am sure";
            desk.apply(reasoned);
            QVERIFY(desk.answers("tilt", how, true));
            if (how != Enforcement::Enforced)
                continue;
            QCOMPARE(lockouts[0].reason, std::string("tilt"));
            QCOMPARE(lockouts[0].until - lockouts[0].startedAt, Duration{desk.limits.coolingOffBase});
            QVERIFY(desk.refused("lockout"));
            desk.pass(65min);
            desk.totals();
            desk.tick(0);
            desk.apply(TimerTick{});
            QVERIFY(desk.guard.view().lockouts.empty()); // ended by time
            desk.totals();
            desk.apply(wish("later"));
            QVERIFY(!desk.refused("tilt"));
        }
    }

    void theSixthLossInARowIsACoolingOffOnce()
    {
        for (const Enforcement how : kAll) {
            Habit desk(&risk::BehaviourLimits::leverageLadder, how);
            std::vector<risk::Trip> trips;
            for (int i = 0; i < 6; ++i)
                trips.push_back(trip(desk.now - 30min + i * 5min, "-80", 1min));
            desk.know(trips);
            QCOMPARE(desk.guard.view().lockouts.size(), std::size_t{how == Enforcement::Enforced});
            desk.know(trips); // told again
            QCOMPARE(desk.guard.view().lockouts.size(), std::size_t{how == Enforcement::Enforced});
            if (how != Enforcement::Enforced)
                continue;
            QCOMPARE(desk.guard.view().lockouts[0].reason, std::string("leverage-ladder"));
            for (int minute = 0; minute < 120; ++minute) {
                desk.pass(1min);
                desk.totals();
                desk.tick(0);
                desk.apply(TimerTick{});
            }
            QVERIFY(desk.guard.view().lockouts.empty()); // the rung is still on, and locks nothing again
            QCOMPARE(desk.guard.view().accounts[0].habits.rung, 4);
            QCOMPARE(desk.guard.view().accounts[0].habits.leverageCap, std::optional(1));
            QCOMPARE(desk.alerts("lockout"), 1);
        }
    }

    void overholdingIsSaidOncePerPosition()
    {
        for (const Enforcement how : {Enforcement::Off, Enforcement::Advisory}) {
            Habit desk(&risk::BehaviourLimits::overholding, how);
            std::vector<risk::Trip> winners;
            for (int i = 0; i < 20; ++i)
                winners.push_back(trip(desk.now - 10 * 24h + i * 2h, "80", 60min));
            desk.know(winners);
            for (int minute = 0; minute < 60; ++minute) {
                desk.pass(1min);
                desk.apply(TimerTick{});
            }
            QCOMPARE(desk.alerts("behaviour-overholding"), 0); // as long as the winners
            for (int minute = 0; minute < 30; ++minute) {
                desk.pass(1min);
                desk.apply(TimerTick{});
            }
            QCOMPARE(desk.alerts("behaviour-overholding"), how == Enforcement::Off ? 0 : 1);
        }
    }

    void aStopThatIsWidenedIsNoticed_data()
    {
        QTest::addColumn<QByteArray>("then"); // where the stop stands after 59,000; empty: nowhere
        QTest::addColumn<int>("alerts");
        QTest::newRow("taken away") << QByteArray() << 1;
        QTest::newRow("moved away from the price") << QByteArray("58900") << 1;
        QTest::newRow("moved to the same price") << QByteArray("59000") << 0;
        QTest::newRow("tightened") << QByteArray("59500") << 0;
    }
    void aStopThatIsWidenedIsNoticed()
    {
        QFETCH(QByteArray, then);
        QFETCH(int, alerts);
        for (const Enforcement how : {Enforcement::Off, Enforcement::Advisory, Enforcement::Enforced}) {
            Habit desk(&risk::BehaviourLimits::tilt, how);
            desk.apply(OrderReport{stopAt("mine", "59000", desk.now), Source::Stream});
            desk.apply(TimerTick{});
            desk.pass(1s);
            desk.apply(OrderReport{stopAt("mine", "59000", desk.now, OrderStatus::Canceled), Source::Stream});
            desk.apply(TimerTick{});
            desk.pass(2s);
            if (!then.isEmpty())
                desk.apply(OrderReport{stopAt("mine-2", then.toStdString(), desk.now), Source::Stream});
            for (int second = 0; second < 120; ++second) {
                desk.pass(1s);
                desk.apply(TimerTick{});
            }
            const int expected = how == Enforcement::Off ? 0 : alerts;
            QCOMPARE(desk.alerts("behaviour-stop-widened"), expected);
            QCOMPARE(desk.among<FindingRecord>(desk.all).size(), static_cast<std::size_t>(expected));
            const auto tilt = desk.guard.view().accounts[0].habits.tilt;
            QCOMPARE(tilt.has_value(), how != Enforcement::Off);
            QCOMPARE(tilt.value_or(0) > 45, expected == 1);
        }
    }

    void aStopThatDidItsWorkIsNotWidened()
    {
        Habit desk(&risk::BehaviourLimits::tilt, Enforcement::Enforced);
        desk.apply(OrderReport{stopAt("mine", "59000", desk.now), Source::Stream});
        desk.apply(TimerTick{});
        desk.pass(1s);
        desk.apply(OrderReport{stopAt("mine", "59000", desk.now, OrderStatus::Filled), Source::Stream});
        desk.positions({desk.held("0.100")}, Source::Stream, false); // it covered a part
        for (int second = 0; second < 120; ++second) {
            desk.pass(1s);
            desk.apply(TimerTick{});
        }
        QCOMPARE(desk.alerts("behaviour-stop-widened"), 0);
    }

    /// What a person planned comes back with the round trip, through fills of its own order.
    void aTripCarriesWhatWasPlanned()
    {
        Habit desk(&risk::BehaviourLimits::revenge, Enforcement::Advisory);
        desk.positions({desk.held("0")}, Source::Stream, false);
        OrderIntent intent = wish("plan", "75");
        desk.apply(intent);
        const OrderRequest in = desk.sent().at(0);
        desk.apply(wish("never-fills", "900")); // a later order that rests
        QCOMPARE(desk.among<PlanRecord>(desk.outputs).at(0).plan.risk, std::optional(money("900")));
        const auto fill = [&](const OrderRequest &order, std::string_view left, std::string_view realised, std::int64_t id) {
            desk.pass(1s);
            desk.positions({desk.held(left)}, Source::Stream, false);
            Fill f;
            f.instrument = key();
            f.tradeId = id;
            f.clientOrderId = order.clientOrderId;
            f.side = order.side;
            f.price = price("60000");
            f.quantity = order.quantity;
            f.realizedPnl = money(realised);
            f.venueTime = desk.now;
            desk.apply(FillReport{f, Source::Stream});
        };
        fill(in, "0.010", "0", 1);
        QCOMPARE(desk.guard.history(Venue::Binance).plans.size(), std::size_t{2}); // of the position, and of the one that rests
        fill(limitOrder(Side::Sell, "0.010", ReduceOnly::Yes), "0", "-50", 2);
        const auto trips = desk.guard.history(Venue::Binance).trips;
        QCOMPARE(trips.size(), std::size_t{1});
        QCOMPARE(trips[0].plannedRisk, std::optional(money("75")));
        QVERIFY(trips[0].hasSetup);
    }

    void alertOnlyEnforcesAndOffSaysNothing()
    {
        for (const Arming arming : {Arming::Off, Arming::AlertOnly}) {
            Habit desk(&risk::BehaviourLimits::revenge, Enforcement::Enforced, arming);
            desk.know({trip(desk.now - 5min, "-80")});
            desk.apply(wish("x", "500"));
            QCOMPARE(desk.refused("revenge"), arming == Arming::AlertOnly);
            QCOMPARE(desk.guard.view().accounts[0].habits.tilt.has_value(), false);
        }
    }

    void aChangeThatAddsIsJudgedAndOneThatReducesIsNot()
    {
        Habit desk(&risk::BehaviourLimits::escalation, Enforcement::Enforced);
        desk.apply(wish("x", "100", "0.010"));
        const OrderRequest order = desk.sent().at(0);
        desk.apply(OutcomeReport{order.clientOrderId, RequestOutcome::Accepted, ErrorCode::TimedOut, ""});
        desk.orderReport(order, OrderStatus::New, {});
        OrderUpdate live;
        desk.know({trip(desk.now - 1min, "-80")});
        const auto change = [&](const char *id, std::string_view size, std::string_view at) {
            desk.apply(ChangeIntent{id, {key(), order.clientOrderId, quantity(size), price(at)}, {}, "ticket"});
        };
        change("up", "0.015", "60000"); // planned risk in proportion: 150
        QVERIFY(desk.refused("escalation"));
        change("little", "0.014", "60000");
        QCOMPARE(desk.among<ChangeOrder>(desk.outputs).size(), std::size_t{1});
        change("down", "0.005", "60000");
        QCOMPARE(desk.among<ChangeOrder>(desk.outputs).size(), std::size_t{1});
    }

    /// Whatever is known of a person, and however strict the limits: what takes risk away goes.
    void nothingBlocksACancelAReductionOrATightening()
    {
        QVERIFY(rc::check("reductions, stops and cancels pass", [] {
            Habit desk(&risk::BehaviourLimits::tilt, Enforcement::Enforced);
            risk::BehaviourLimits &b = desk.limits.behaviour;
            b.leverageLadder = b.revenge = b.escalation = b.overtrading = b.overholding = Enforcement::Enforced;
            desk.apply(LimitsChange{Venue::Binance, desk.limits});
            std::vector<risk::Trip> trips = habitOfTwoADay(desk.now, *rc::gen::inRange(0, 15));
            std::vector<Finding> findings;
            const int bad = *rc::gen::inRange(0, 9);
            for (int i = 0; i < bad; ++i) {
                trips.push_back(trip(desk.now - 40min + i * 4min, "-90", 1min));
                findings.push_back({static_cast<Finding::What>(*rc::gen::inRange(0, 6)), 1, desk.now - i * 1min, ""});
            }
            desk.know(trips, findings);
            desk.apply(OrderReport{stopAt("mine", "58000", desk.now), Source::Stream});
            desk.apply(OrderIntent{.id = "out", .order = limitOrder(Side::Sell, "0.100", ReduceOnly::Yes)});
            RC_ASSERT(desk.sent().size() == 1U);
            desk.apply(OrderIntent{.id = "take", .order = limitOrder(Side::Sell, "0.050")}); // only takes from the position
            RC_ASSERT(desk.sent().size() == 1U);
            OrderRequest stop = limitOrder(Side::Sell, "0.250", ReduceOnly::Yes);
            stop.type = OrderType::StopMarket;
            stop.limitPrice.reset();
            stop.triggerPrice = price("59000");
            desk.apply(OrderIntent{.id = "tighter", .order = stop});
            RC_ASSERT(desk.sent().size() == 1U);
            desk.apply(CancelIntent{"cancel", key(), *ClientOrderId::from("mine"), "user"});
            RC_ASSERT(desk.among<CancelOrder>(desk.outputs).size() == 1U);
            desk.apply(FlattenIntent{std::nullopt, key(), std::nullopt, false, "close dialog"});
            RC_ASSERT(!desk.sent().empty());
        }));
    }

    /// After a restart with what was kept, the next order gets the same answer.
    void aRestartChangesNoAnswer()
    {
        QVERIFY(rc::check("same verdict after a restart", [] {
            Habit first(&risk::BehaviourLimits::tilt, Enforcement::Enforced);
            risk::BehaviourLimits &b = first.limits.behaviour;
            b.leverageLadder = b.revenge = b.escalation = b.overtrading = b.overholding = Enforcement::Advisory;
            first.apply(LimitsChange{Venue::Binance, first.limits});
            std::vector<risk::Trip> trips = habitOfTwoADay(first.now, *rc::gen::inRange(0, 9));
            const int losses = *rc::gen::inRange(0, 6);
            for (int i = 0; i < losses; ++i)
                trips.push_back(trip(first.now - 40min + i * 5min, "-90", 1min));
            first.know(trips);
            const int orders = *rc::gen::inRange(0, 4);
            for (int i = 0; i < orders; ++i) {
                first.pass(500ms);
                first.apply(wish("o" + std::to_string(i), *rc::gen::element<const char *>("90", "150", "400")));
            }
            const risk::History kept = first.guard.history(Venue::Binance);
            const std::string line = encode({first.now, HistoryReport{kept}});
            RC_ASSERT(std::get<HistoryReport>(decodeGuardInput(line).value().input).history == kept);

            Desk second;
            second.now = first.now;
            second.limits = first.limits;
            second.apply(InstrumentReport{instrument()});
            second.apply(LimitsChange{Venue::Binance, second.limits});
            second.apply(HistoryReport{kept});
            second.totals();
            second.apply(ArmingChange{std::nullopt, Arming::Armed, "user"});
            second.positions({first.held("0.250")}, Source::Query, true);
            second.apply(ReconciledReport{});
            second.tick(0);
            const OrderIntent next = wish("next", *rc::gen::element<const char *>("90", "150", "400"));
            const auto before = first.guard.habits(next);
            const auto after = second.guard.habits(next);
            RC_ASSERT(before.findings == after.findings);
            RC_ASSERT(before.rung == after.rung);
            RC_ASSERT(before.leverageCap == after.leverageCap);
            RC_ASSERT(before.tilt == after.tilt);
            RC_ASSERT(before.refuses() == after.refuses());
        }));
    }
};

QTEST_APPLESS_MAIN(TestGuardBehaviour)
#include "tst_guard_behaviour.moc"
