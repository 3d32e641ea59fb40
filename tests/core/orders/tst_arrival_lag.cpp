#include "core/orders/arrival_lag.h"

#include <QtTest/QTest>

using namespace std::chrono_literals;
using core::Duration;
using core::UtcTime;
using core::orders::ArrivalLag;

class TestArrivalLag : public QObject
{
    Q_OBJECT

private slots:
    void clocksThatDifferAreNotLateness_data()
    {
        QTest::addColumn<qint64>("offsetMs");
        QTest::newRow("the venue is 1.27 s ahead") << qint64{-1'270};
        QTest::newRow("the venue is a day behind") << qint64{86'400'000};
        QTest::newRow("equal clocks") << qint64{0};
    }
    void clocksThatDifferAreNotLateness()
    {
        QFETCH(qint64, offsetMs);
        ArrivalLag lag;
        for (int i = 0; i < 100; ++i) {
            const UtcTime at = m_start + i * 1s;
            QCOMPARE(lag.excess(at, at - std::chrono::milliseconds{offsetMs} - 40ms), Duration::zero());
        }
    }

    void aBurstAfterAStopIsLateByItsAge()
    {
        ArrivalLag lag;
        for (int i = 0; i < 30; ++i)
            static_cast<void>(lag.excess(m_start + i * 1s + 50ms, m_start + i * 1s));
        const UtcTime thawed = m_start + 49s;
        QCOMPARE(lag.excess(thawed, m_start + 31s), Duration{18s - 50ms});
        QCOMPARE(lag.excess(thawed, m_start + 40s), Duration{9s - 50ms});
        QCOMPARE(lag.excess(thawed + 1ms, m_start + 49s - 49ms), Duration::zero());
    }

    /// SIGSTOP just after a start: the first prices that are read had waited for seconds.
    void theFirstBurstIsHeldAgainstTheVenuesClock_data()
    {
        QTest::addColumn<qint64>("offsetMs");
        QTest::newRow("equal clocks") << qint64{0};
        QTest::newRow("the venue is 1.27 s ahead") << qint64{1'270};
        QTest::newRow("the venue is a day behind") << qint64{-86'400'000};
    }
    void theFirstBurstIsHeldAgainstTheVenuesClock()
    {
        QFETCH(qint64, offsetMs);
        const Duration offset = std::chrono::milliseconds{offsetMs};
        ArrivalLag lag;
        lag.expect(offset);
        const UtcTime thawed = m_start + 8s;
        QCOMPARE(lag.excess(thawed, m_start + 500ms + offset), Duration{7'500ms});
        QCOMPARE(lag.excess(thawed + 1ms, m_start + 6s + offset), Duration{2'001ms});
        QCOMPARE(lag.excess(thawed + 2ms, m_start + 7'962ms + offset), Duration{40ms});
    }

    void aWrongMeasurementIsForgottenOnceMessagesComeSteadily()
    {
        ArrivalLag lag;
        lag.expect(-5s); // messages would have to come from the future
        Duration last{};
        for (int i = 0; i <= 9; ++i) {
            const UtcTime at = m_start + i * 250ms;
            last = lag.excess(at, at - 8s);
            QCOMPARE(last, i < 8 ? Duration{3s} : Duration::zero());
        }
    }

    void ourClockSetAheadIsForgottenWithTheNextMeasurement()
    {
        ArrivalLag lag;
        lag.expect(0s);
        for (int i = 0; i < 30; ++i)
            static_cast<void>(lag.excess(m_start + i * 1s + 40ms, m_start + i * 1s));
        const Duration jump = 1h;
        QCOMPARE(lag.excess(m_start + 30s + 40ms + jump, m_start + 30s), jump);
        lag.expect(-jump);
        QCOMPARE(lag.excess(m_start + 31s + 40ms + jump, m_start + 31s), Duration{40ms});
    }

    void ourClockJumpingAheadIsOverAfterTwoBuckets()
    {
        ArrivalLag lag;
        for (int i = 0; i < 30; ++i)
            static_cast<void>(lag.excess(m_start + i * 1s, m_start + i * 1s));
        const Duration jump = 60s;
        QCOMPARE(lag.excess(m_start + 30s + jump, m_start + 30s), jump);
        Duration last{};
        for (int i = 31; i <= 52; ++i)
            last = lag.excess(m_start + i * 1s + jump, m_start + i * 1s);
        QCOMPARE(last, Duration::zero());
    }

private:
    UtcTime m_start = core::utcFromMilliseconds(1'700'000'000'000);
};

QTEST_GUILESS_MAIN(TestArrivalLag)
#include "tst_arrival_lag.moc"
