#include "core/risk/behaviour.h"

#include <QtTest/QTest>

using namespace core;
using namespace core::risk;
using namespace std::chrono_literals;

namespace
{
Money money(std::string_view text) { return parseMoney(text).value(); }
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
