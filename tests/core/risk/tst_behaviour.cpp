#include "core/risk/behaviour.h"

#include <algorithm>

#include <QtTest/QTest>
#include <rapidcheck.h>

using namespace core;
using namespace core::risk;
using namespace std::chrono_literals;

namespace
{
Money money(std::string_view text) { return parseMoney(text).value(); }
Ratio ratio(std::string_view text) { return parseFixed<Ratio>(text).value(); }
const UtcTime kNoon = UtcTime{std::chrono::sys_days{std::chrono::year{2026} / 3 / 10} + 12h};

Trip trip(UtcTime closedAt, std::string_view net, std::string_view risk = "100", int leverage = 5)
{
    Trip result;
    result.openedAt = closedAt - 30min;
    result.closedAt = closedAt;
    result.net = money(net);
    result.plannedRisk = money(risk);
    result.leverage = leverage;
    result.hasSetup = true;
    return result;
}

BehaviourLimits limits(Enforcement all)
{
    BehaviourLimits result;
    result.leverageLadder = result.revenge = result.escalation = result.overtrading = result.overholding = result.tilt = all;
    result.ladderFactor = ratio("0.5");
    result.revengeRisk = ratio("1.2");
    result.escalationRisk = ratio("1.5");
    return result;
}

Intention intention(UtcTime at, std::string_view risk = "100", int leverage = 5)
{
    return {.instrument = {}, .risk = money(risk), .leverage = leverage, .hasSetup = true, .at = at};
}

bool blocks(const BehaviourVerdict &verdict, std::string_view reason)
{
    return std::any_of(verdict.blocks.begin(), verdict.blocks.end(), [&](const Block &b) { return b.reason == reason; });
}
} // namespace

class TestBehaviour : public QObject
{
    Q_OBJECT

private slots:
    void anOutcomeNeedsMoreThanCosts_data()
    {
        QTest::addColumn<QByteArray>("net");
        QTest::addColumn<QByteArray>("fees");
        QTest::addColumn<int>("expected");
        QTest::newRow("a tenth of the risk is a scratch") << QByteArray("10") << QByteArray("1") << 0;
        QTest::newRow("a cent more is a win") << QByteArray("10.01") << QByteArray("1") << 1;
        QTest::newRow("fees above a tenth count instead") << QByteArray("11") << QByteArray("12") << 0;
        QTest::newRow("a loss") << QByteArray("-10.01") << QByteArray("1") << -1;
        QTest::newRow("a loss of the fees alone") << QByteArray("-5") << QByteArray("5") << 0;
    }
    void anOutcomeNeedsMoreThanCosts()
    {
        QFETCH(QByteArray, net);
        QFETCH(QByteArray, fees);
        Trip one = trip(kNoon, net.toStdString());
        one.fees = money(fees.toStdString());
        QTEST(outcome(one), "expected");
    }

    void aDayWithoutALossTakesARungAway()
    {
        std::vector<Trip> trips;
        for (int i = 0; i < 5; ++i)
            trips.push_back(trip(kNoon + i * 1min, "-100"));
        QCOMPARE(ladderOf(trips, kNoon + 10min, 3).rung, 3);
        QCOMPARE(ladderOf(trips, kNoon + 24h, 3).rung, 3);       // its own day had losses
        QCOMPARE(ladderOf(trips, kNoon + 24h + 12h, 3).rung, 2); // one whole calm day
        QCOMPARE(ladderOf(trips, kNoon + 24h * 40, 3).rung, 0);
        QCOMPARE(ladderOf(trips, kNoon + 24h * 40, 3).streak, 5); // only a win ends the streak
        QCOMPARE(ladderOf(trips, kNoon + 2min + 30s, 3).rung, 1); // what is later is not known yet
    }

    void revengeIsRefusedUntilTheWindowEnds_data()
    {
        QTest::addColumn<int>("minutesAfter");
        QTest::addColumn<QByteArray>("risk");
        QTest::addColumn<int>("leverage");
        QTest::addColumn<bool>("refused");
        QTest::newRow("same size at once") << 1 << QByteArray("100") << 5 << false;
        QTest::newRow("20 % larger at once") << 1 << QByteArray("120") << 5 << true;
        QTest::newRow("just below 20 %") << 1 << QByteArray("119.99") << 5 << false;
        QTest::newRow("more leverage at once") << 1 << QByteArray("100") << 6 << true;
        QTest::newRow("larger at the end of the window") << 15 << QByteArray("120") << 5 << true;
        QTest::newRow("larger after the window") << 16 << QByteArray("120") << 5 << false;
    }
    void revengeIsRefusedUntilTheWindowEnds()
    {
        QFETCH(int, minutesAfter);
        QFETCH(QByteArray, risk);
        QFETCH(int, leverage);
        QFETCH(bool, refused);
        for (const Enforcement how : {Enforcement::Off, Enforcement::Advisory, Enforcement::Enforced}) {
            Behaviour behaviour;
            behaviour.setLimits(limits(how));
            behaviour.onTrip(trip(kNoon, "-100"));
            const auto verdict =
                behaviour.judge(intention(kNoon + std::chrono::minutes{minutesAfter}, risk.toStdString(), leverage), 10);
            QCOMPARE(!verdict.findings.empty(), refused && how != Enforcement::Off);
            QCOMPARE(blocks(verdict, "revenge"), refused && how == Enforcement::Enforced);
            if (blocks(verdict, "revenge"))
                QCOMPARE(verdict.blocks.front().until, std::optional(kNoon + 15min));
        }
    }

    void lossesInARowLowerTheLeverage()
    {
        Behaviour behaviour;
        behaviour.setLimits(limits(Enforcement::Enforced));
        for (int i = 0; i < 3; ++i)
            behaviour.onTrip(trip(kNoon + i * 20min, "-100"));
        const UtcTime later = kNoon + 2h;
        QCOMPARE(behaviour.judge(intention(later, "100", 10), 20).leverageCap, std::optional(10));
        QVERIFY(!blocks(behaviour.judge(intention(later, "100", 10), 20), "leverage-ladder"));
        QVERIFY(blocks(behaviour.judge(intention(later, "100", 11), 20), "leverage-ladder"));
        QCOMPARE(behaviour.coolingOffReason(kNoon + 10h), std::string());
        for (int i = 3; i < 6; ++i)
            behaviour.onTrip(trip(kNoon + i * 20min, "-100"));
        QCOMPARE(behaviour.ladder(later).rung, kRungsToCoolOff);
        QCOMPARE(behaviour.coolingOffReason(kNoon + 10h), std::string("leverage-ladder"));
    }

    void overtradingIsMeasuredOnTheOwnHabit()
    {
        Behaviour behaviour;
        behaviour.setLimits(limits(Enforcement::Enforced));
        for (int day = 20; day >= 2; --day)
            for (int i = 0; i < 2; ++i)
                behaviour.onOpened(kNoon - day * 24h + i * 1h);
        for (int i = 0; i < 5; ++i) {
            QVERIFY(!blocks(behaviour.judge(intention(kNoon + i * 1min), 10), "overtrading"));
            behaviour.onSent(intention(kNoon + i * 1min));
        }
        // The sixth would pass the count, but six against two a day is no rarity of one in a hundred.
        QVERIFY(!blocks(behaviour.judge(intention(kNoon + 6min), 10), "overtrading"));
        behaviour.onSent(intention(kNoon + 6min));
        QVERIFY(blocks(behaviour.judge(intention(kNoon + 7min), 10), "overtrading"));
        Behaviour newcomer;
        newcomer.setLimits(limits(Enforcement::Enforced));
        for (int i = 0; i < 40; ++i)
            newcomer.onSent(intention(kNoon + i * 1min));
        QVERIFY(!blocks(newcomer.judge(intention(kNoon + 50min), 10), "overtrading")); // no habit to measure it on
    }

    void tiltAsksForAReasonThenLocks()
    {
        Behaviour behaviour;
        BehaviourLimits how = limits(Enforcement::Advisory);
        how.tilt = Enforcement::Enforced;
        behaviour.setLimits(how);
        QVERIFY(!behaviour.judge(intention(kNoon), 10).wantsReason);
        behaviour.onFinding({Finding::What::StopWidened, 1, kNoon, "stop removed"});
        behaviour.onFinding({Finding::What::Revenge, 0.5, kNoon, {}});
        const auto warned = behaviour.judge(intention(kNoon), 10);
        QVERIFY(warned.wantsReason);
        QVERIFY(!blocks(warned, "tilt"));
        behaviour.onFinding({Finding::What::StopWidened, 1, kNoon, "stop removed"});
        QVERIFY(blocks(behaviour.judge(intention(kNoon), 10), "tilt"));
        QCOMPARE(behaviour.coolingOffReason(kNoon), std::string("tilt"));
        QVERIFY(!behaviour.judge(intention(kNoon + 3h), 10).wantsReason); // it fades
    }

    void theOrderOfTellingChangesNothing()
    {
        QVERIFY(rc::check("trips in any order, twice", [] {
            std::vector<Trip> trips;
            const int count = *rc::gen::inRange(1, 12);
            for (int i = 0; i < count; ++i)
                trips.push_back(trip(kNoon + i * std::chrono::minutes{*rc::gen::inRange(61, 600)} + i * 1s,
                                     *rc::gen::element<const char *>("-100", "100", "0"),
                                     *rc::gen::element<const char *>("50", "100", "300")));
            Behaviour inOrder;
            Behaviour shuffled;
            inOrder.setLimits(limits(Enforcement::Enforced));
            shuffled.setLimits(limits(Enforcement::Enforced));
            std::vector<Trip> sorted = trips;
            std::sort(sorted.begin(), sorted.end(), [](const Trip &a, const Trip &b) { return a.closedAt < b.closedAt; });
            for (const Trip &one : sorted)
                inOrder.onTrip(one);
            for (std::size_t left = trips.size(); left > 0; --left) {
                const auto pick = static_cast<std::size_t>(*rc::gen::inRange<int>(0, static_cast<int>(left)));
                shuffled.onTrip(trips[pick]);
                shuffled.onTrip(trips[pick]);
                std::swap(trips[pick], trips[left - 1]);
            }
            const UtcTime at = sorted.back().closedAt + 5min;
            const auto a = inOrder.judge(intention(at, "150", 6), 20);
            const auto b = shuffled.judge(intention(at, "150", 6), 20);
            RC_ASSERT(a.leverageCap == b.leverageCap);
            RC_ASSERT(a.findings.size() == b.findings.size());
            RC_ASSERT(inOrder.ladder(at).rung == shuffled.ladder(at).rung);
        }));
    }

    void holdingAsLongAsTheWinnersIsNotTooLong()
    {
        std::vector<Duration> winners(20, 60min);
        QCOMPARE(overholdingSeverity(60min, std::nullopt, winners), std::optional(0.0));
        QCOMPARE(overholdingSeverity(90min, std::nullopt, winners), std::optional(0.5));
        QCOMPARE(overholdingSeverity(90min, 60min, winners), std::optional(0.0)); // 1.5 planned horizons
        QCOMPARE(overholdingSeverity(600min, std::nullopt, winners), std::optional(1.0));
        winners.pop_back();
        QVERIFY(!overholdingSeverity(600min, std::nullopt, winners));
    }
};

QTEST_APPLESS_MAIN(TestBehaviour)
#include "tst_behaviour.moc"
