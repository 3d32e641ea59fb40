#include "core/risk/safeguards.h"

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
const Ratio kBase = ratio("20");
constexpr std::array kAll{Enforcement::Off, Enforcement::Advisory, Enforcement::Enforced};

Trip trip(UtcTime closedAt, std::string_view net, std::string_view risk = "100", Duration held = 30min)
{
    Trip result;
    result.openedAt = closedAt - held;
    result.closedAt = closedAt;
    result.net = money(net);
    result.plannedRisk = money(risk);
    result.leverage = 5;
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

/// Every safeguard off but the named one.
BehaviourLimits only(Enforcement BehaviourLimits::*which, Enforcement how)
{
    BehaviourLimits result = limits(Enforcement::Off);
    result.*which = how;
    return result;
}

Intention intention(UtcTime at, std::string_view risk = "100", int leverage = 5)
{
    return {.instrument = {}, .risk = money(risk), .leverage = leverage, .exposure = ratio("1"), .hasSetup = true, .at = at};
}

const SafeguardNote *note(const SafeguardVerdict &verdict, std::string_view code)
{
    const auto found = std::find_if(verdict.notes.begin(), verdict.notes.end(),
                                    [&](const SafeguardNote &one) { return one.code == code; });
    return found == verdict.notes.end() ? nullptr : &*found;
}

/// What a safeguard that is off, advisory or enforced has to answer when its rule is met or not.
bool isRight(const SafeguardVerdict &verdict, std::string_view code, Enforcement how, bool met)
{
    const SafeguardNote *found = note(verdict, code);
    if ((found != nullptr) != (met && how != Enforcement::Off))
        return false;
    return found == nullptr || (found->refuses == (how == Enforcement::Enforced) && !found->text.empty());
}

PositionKey position(const char *symbol) { return {{Venue::Binance, *Symbol::from(symbol)}, PositionSide::Both}; }
} // namespace

class TestSafeguards : public QObject
{
    Q_OBJECT

private slots:
    void revengeIsRefusedUntilTheWindowEnds_data()
    {
        QTest::addColumn<int>("minutesAfter");
        QTest::addColumn<QByteArray>("risk");
        QTest::addColumn<int>("leverage");
        QTest::addColumn<bool>("setup");
        QTest::addColumn<bool>("met");
        QTest::newRow("same size at once") << 1 << QByteArray("100") << 5 << true << false;
        QTest::newRow("20 % larger at once") << 1 << QByteArray("120") << 5 << true << true;
        QTest::newRow("just below 20 %") << 1 << QByteArray("119.99") << 5 << true << false;
        QTest::newRow("more leverage at once") << 1 << QByteArray("100") << 6 << true << true;
        QTest::newRow("no recorded setup") << 1 << QByteArray("100") << 5 << false << true;
        QTest::newRow("larger at the end of the window") << 15 << QByteArray("120") << 5 << true << true;
        QTest::newRow("larger after the window") << 16 << QByteArray("120") << 5 << true << false;
    }
    void revengeIsRefusedUntilTheWindowEnds()
    {
        QFETCH(int, minutesAfter);
        QFETCH(QByteArray, risk);
        QFETCH(int, leverage);
        QFETCH(bool, setup);
        QFETCH(bool, met);
        for (const Enforcement how : kAll) {
            Safeguards safeguards;
            safeguards.setLimits(only(&BehaviourLimits::revenge, how));
            safeguards.onTrip(trip(kNoon, "-100"));
            Intention order = intention(kNoon + std::chrono::minutes{minutesAfter}, risk.toStdString(), leverage);
            order.hasSetup = setup;
            const auto verdict = safeguards.judge(order, kBase);
            QVERIFY(isRight(verdict, "revenge", how, met));
            QCOMPARE(verdict.findings.size(), verdict.notes.size());
            if (const SafeguardNote *found = note(verdict, "revenge"))
                QCOMPARE(found->until, std::optional(kNoon + 15min));
        }
    }

    void sizeMayNotGrowAfterALoss_data()
    {
        QTest::addColumn<QByteArray>("last");
        QTest::addColumn<QByteArray>("risk");
        QTest::addColumn<bool>("met");
        QTest::newRow("half as much again after a loss") << QByteArray("-100") << QByteArray("150") << true;
        QTest::newRow("a cent less after a loss") << QByteArray("-100") << QByteArray("149.99") << false;
        QTest::newRow("ten times as much after a loss") << QByteArray("-100") << QByteArray("1000") << true;
        QTest::newRow("ten times as much after a win") << QByteArray("100") << QByteArray("1000") << false;
        QTest::newRow("ten times as much after a scratch") << QByteArray("0") << QByteArray("1000") << false;
    }
    void sizeMayNotGrowAfterALoss()
    {
        QFETCH(QByteArray, last);
        QFETCH(QByteArray, risk);
        QFETCH(bool, met);
        for (const Enforcement how : kAll) {
            Safeguards safeguards;
            safeguards.setLimits(only(&BehaviourLimits::escalation, how));
            safeguards.onTrip(trip(kNoon, last.toStdString()));
            QVERIFY(isRight(safeguards.judge(intention(kNoon + 3h, risk.toStdString()), kBase), "escalation", how, met));
        }
    }

    void lossesInARowLowerTheLeverage_data()
    {
        QTest::addColumn<int>("losses");
        QTest::addColumn<QByteArray>("exposure");
        QTest::addColumn<bool>("met");
        QTest::newRow("two losses, all of the base") << 2 << QByteArray("20") << false;
        QTest::newRow("the third loss: half of the base") << 3 << QByteArray("10") << false;
        QTest::newRow("the third loss: a hair more") << 3 << QByteArray("10.00000001") << true;
        QTest::newRow("the fifth loss: an eighth") << 5 << QByteArray("2") << false;
        QTest::newRow("the fifth loss: more than an eighth") << 5 << QByteArray("2.1") << true;
        QTest::newRow("never below one times equity") << 12 << QByteArray("1") << false;
        QTest::newRow("not known is not passed") << 3 << QByteArray() << true;
    }
    void lossesInARowLowerTheLeverage()
    {
        QFETCH(int, losses);
        QFETCH(QByteArray, exposure);
        QFETCH(bool, met);
        for (const Enforcement how : kAll) {
            Safeguards safeguards;
            safeguards.setLimits(only(&BehaviourLimits::leverageLadder, how));
            for (int i = 0; i < losses; ++i)
                safeguards.onTrip(trip(kNoon + i * 20min, "-100"));
            Intention order = intention(kNoon + 5h);
            order.exposure = exposure.isEmpty() ? std::nullopt : std::optional(ratio(exposure.toStdString()));
            QVERIFY(isRight(safeguards.judge(order, kBase), "leverage-ladder", how, met));
        }
    }

    void overtradingIsMeasuredOnTheOwnHabit_data()
    {
        QTest::addColumn<int>("today");
        QTest::addColumn<bool>("met");
        QTest::newRow("the fifth trade: fewer than six") << 4 << false;
        QTest::newRow("the sixth against two a day: no rarity of one in a hundred") << 5 << false;
        QTest::newRow("the seventh against two a day") << 6 << true;
        QTest::newRow("the twentieth") << 19 << true;
    }
    void overtradingIsMeasuredOnTheOwnHabit()
    {
        QFETCH(int, today);
        QFETCH(bool, met);
        for (const Enforcement how : kAll) {
            Safeguards safeguards;
            safeguards.setLimits(only(&BehaviourLimits::overtrading, how));
            for (int day = 20; day >= 2; --day)
                for (int i = 0; i < 2; ++i)
                    safeguards.onTrip(trip(kNoon - day * 24h + i * 1h, "100"));
            // All but one are closed again; the one that is open counts too.
            std::map<PositionKey, UtcTime> open{{position("BTCUSDT"), kNoon}};
            for (int i = 1; i < today; ++i)
                safeguards.onTrip(trip(kNoon + i * 1min, "100", "100", 30s));
            safeguards.setOpen(open);
            const Intention order = intention(kNoon + 30min);
            QVERIFY(isRight(safeguards.judge(order, kBase), "overtrading", how, met));
            if (const SafeguardNote *found = note(safeguards.judge(order, kBase), "overtrading"))
                QVERIFY(found->until && *found->until > order.at && *found->until <= kNoon + 48h);
            Intention adds = order;
            adds.opens = false;
            QVERIFY(note(safeguards.judge(adds, kBase), "overtrading") == nullptr); // no further trade
        }
    }

    void aNewcomerHasNoHabitToMeasureOn()
    {
        Safeguards safeguards;
        safeguards.setLimits(limits(Enforcement::Enforced));
        for (int i = 0; i < 40; ++i)
            safeguards.onTrip(trip(kNoon + i * 1min, "100", "100", 30s));
        QVERIFY(note(safeguards.judge(intention(kNoon + 50min), kBase), "overtrading") == nullptr);
    }

    void holdingIsMeasuredOnTheOwnWinners()
    {
        for (const Enforcement how : {Enforcement::Off, Enforcement::Advisory}) {
            Safeguards safeguards;
            safeguards.setLimits(only(&BehaviourLimits::overholding, how));
            for (int i = 0; i < 20; ++i)
                safeguards.onTrip(trip(kNoon - 10 * 24h + i * 2h, "100", "100", 60min));
            safeguards.setOpen({{position("BTCUSDT"), kNoon}});
            QVERIFY(safeguards.overheld(kNoon + 60min).empty());
            const auto found = safeguards.overheld(kNoon + 90min);
            QCOMPARE(found.size(), std::size_t{how == Enforcement::Advisory});
            QVERIFY(found.empty() || qFuzzyCompare(found.at(position("BTCUSDT")).severity, 0.5));
        }
    }

    void tiltAsksForAReasonThenLocks_data()
    {
        QTest::addColumn<double>("severity"); // of a revenge trade, besides a stop that was removed: 50 + 25 × severity
        QTest::addColumn<bool>("warns");
        QTest::newRow("just below the warning") << 0.39 << false;
        QTest::newRow("at the warning") << 0.4 << true;
        QTest::newRow("between warning and lock") << 1.0 << true; // 75
    }
    void tiltAsksForAReasonThenLocks()
    {
        QFETCH(double, severity);
        QFETCH(bool, warns);
        for (const Enforcement how : kAll) {
            Safeguards safeguards;
            safeguards.setLimits(only(&BehaviourLimits::tilt, how));
            safeguards.onFinding({Finding::What::StopWidened, 1, kNoon, "stop removed"});
            safeguards.onFinding({Finding::What::Revenge, severity, kNoon, "2 min after a loss"});
            Intention order = intention(kNoon);
            QVERIFY(isRight(safeguards.judge(order, kBase), "reason-wanted", how, warns));
            order.hasReason = true;
            QVERIFY(!safeguards.judge(order, kBase).refuses());
            // More of them, and no reason helps.
            safeguards.onFinding({Finding::What::StopWidened, 1, kNoon - 2ns, "stop removed"});
            safeguards.onFinding({Finding::What::StopWidened, 1, kNoon - 1ns, "stop moved away"});
            const auto locked = safeguards.judge(order, kBase);
            QVERIFY(isRight(locked, "tilt", how, true));
            QCOMPARE(safeguards.coolingsOff(kNoon).empty(), how != Enforcement::Enforced);
            if (const SafeguardNote *found = note(locked, "tilt")) {
                QVERIFY(found->until && *found->until > kNoon && *found->until < kNoon + 3h); // it fades
                order.at = *found->until;
                QVERIFY(note(safeguards.judge(order, kBase), "tilt") == nullptr);
            }
        }
    }

    void coolingOffFollowsALossAndNotARungThatStays()
    {
        Safeguards safeguards;
        safeguards.setLimits(only(&BehaviourLimits::leverageLadder, Enforcement::Enforced));
        for (int i = 0; i < 5; ++i)
            safeguards.onTrip(trip(kNoon + i * 20min, "-100"));
        QVERIFY(safeguards.coolingsOff(kNoon + 2h).empty()); // the fifth loss is rung 3
        safeguards.onTrip(trip(kNoon + 100min, "-100"));
        const std::vector<CoolingOff> due{{"leverage-ladder", kNoon + 100min}};
        QCOMPARE(safeguards.ladder(kNoon + 2h).rung, kRungsToCoolOff);
        QVERIFY(safeguards.coolingsOff(kNoon + 2h) == due);
        QVERIFY(safeguards.coolingsOff(kNoon + 9h) == due); // no new one while the rung stays
        safeguards.onTrip(trip(kNoon + 9h, "100"));
        QVERIFY(safeguards.coolingsOff(kNoon + 9h) == due); // a win asks for none
    }

    void theOrderOfTellingChangesNothing()
    {
        QVERIFY(rc::check("trips and findings in any order, twice", [] {
            std::vector<Trip> trips;
            std::vector<Finding> findings;
            const int count = *rc::gen::inRange(1, 12);
            for (int i = 0; i < count; ++i) {
                trips.push_back(trip(kNoon + i * 61min + std::chrono::minutes{*rc::gen::inRange(0, 60)},
                                     *rc::gen::element<const char *>("-100", "100", "0"),
                                     *rc::gen::element<const char *>("50", "100", "300")));
                findings.push_back({*rc::gen::element(Finding::What::Revenge, Finding::What::StopWidened),
                                    *rc::gen::element(0.2, 0.5, 1.0), kNoon + i * 50min, "x"});
            }
            Safeguards inOrder;
            Safeguards shuffled;
            inOrder.setLimits(limits(Enforcement::Enforced));
            shuffled.setLimits(limits(Enforcement::Enforced));
            for (int i = 0; i < count; ++i) {
                inOrder.onTrip(trips[static_cast<std::size_t>(i)]);
                inOrder.onFinding(findings[static_cast<std::size_t>(i)]);
            }
            const UtcTime at = trips.back().closedAt + 5min;
            for (std::size_t left = trips.size(); left > 0; --left) {
                const auto pick = static_cast<std::size_t>(*rc::gen::inRange<int>(0, static_cast<int>(left)));
                for (int twice = 0; twice < 2; ++twice) {
                    shuffled.onTrip(trips[pick]);
                    shuffled.onFinding(findings[pick]);
                }
                std::swap(trips[pick], trips[left - 1]);
                std::swap(findings[pick], findings[left - 1]);
            }
            const auto a = inOrder.judge(intention(at, "150", 6), kBase);
            const auto b = shuffled.judge(intention(at, "150", 6), kBase);
            RC_ASSERT(a.leverageCap == b.leverageCap);
            RC_ASSERT(a.findings == b.findings);
            RC_ASSERT(a.tilt == b.tilt);
            RC_ASSERT(inOrder.coolingsOff(at) == shuffled.coolingsOff(at));
        }));
    }
};

QTEST_APPLESS_MAIN(TestSafeguards)
#include "tst_safeguards.moc"
