#include "core/runtime/journal_clock.h"

#include <QtTest/QTest>

using namespace core;
using namespace std::chrono_literals;
using core::runtime::JournalClock;

class TestJournalClock : public QObject
{
    Q_OBJECT

private slots:
    void followsTheWallClock()
    {
        ManualClock clock(m_start);
        JournalClock journal;
        QCOMPARE(journal.stamp(clock), m_start);
        clock.advance(3s);
        QCOMPARE(journal.stamp(clock), m_start + 3s);
        clock.setWall(m_start + 1h);
        QCOMPARE(journal.stamp(clock), m_start + 1h);
        QCOMPARE(journal.last(), m_start + 1h);
    }

    /// A close without an answer, a price that grows old, a stop that is missing: all of them wait for time to pass.
    void goesOnWhenTheClockIsSetBack_data()
    {
        QTest::addColumn<qint64>("seconds");
        QTest::newRow("a second") << qint64{1};
        QTest::newRow("an hour") << qint64{3'600};
        QTest::newRow("a day") << qint64{86'400};
    }
    void goesOnWhenTheClockIsSetBack()
    {
        QFETCH(qint64, seconds);
        ManualClock clock(m_start);
        JournalClock journal;
        static_cast<void>(journal.stamp(clock));
        clock.setWall(m_start - std::chrono::seconds{seconds});
        for (int i = 1; i <= 10; ++i) {
            clock.advance(250ms);
            const UtcTime stamp = journal.stamp(clock);
            QVERIFY(stamp >= m_start);
            if (seconds > 3)
                QCOMPARE(stamp, m_start + i * 250ms);
        }
    }

    void anAdjustmentOfMillisecondsIsWaitedFor()
    {
        ManualClock clock(m_start);
        JournalClock journal;
        static_cast<void>(journal.stamp(clock));
        clock.setWall(m_start - 20ms);
        clock.advance(5ms);
        QCOMPARE(journal.stamp(clock), m_start);
        clock.advance(20ms);
        QCOMPARE(journal.stamp(clock), m_start + 5ms);
    }

private:
    UtcTime m_start = utcFromMilliseconds(1'700'000'000'000);
};

QTEST_GUILESS_MAIN(TestJournalClock)
#include "tst_journal_clock.moc"
