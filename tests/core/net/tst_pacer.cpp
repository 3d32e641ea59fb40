#include <deque>
#include <random>

#include <QtTest/QTest>

#include "core/net/pacer.h"

using namespace core;
using namespace std::chrono_literals;

class TestPacer : public QObject
{
    Q_OBJECT

private slots:
    void aBurstGoesAtOnceThenOneEachInterval()
    {
        net::Pacer pacer(100ms, 3);
        const Duration now = 5s;
        for (int i = 0; i < 3; ++i)
            QCOMPARE(pacer.reserve(now), Duration::zero());
        QCOMPARE(pacer.reserve(now), Duration{100ms});
        QCOMPARE(pacer.reserve(now), Duration{200ms}); // a place of its own for each
        QCOMPARE(pacer.reserve(now + 200ms), Duration{100ms});
    }

    void afterARestTheBurstIsThereAgain()
    {
        net::Pacer pacer(100ms, 2);
        for (int i = 0; i < 5; ++i)
            (void)pacer.reserve(1s);
        QCOMPARE(pacer.reserve(10s), Duration::zero());
        QCOMPARE(pacer.reserve(10s), Duration::zero());
        QVERIFY(pacer.reserve(10s) > Duration::zero());
        pacer.reset();
        QCOMPARE(pacer.reserve(10s), Duration::zero());
    }

    void withoutIntervalNobodyWaits()
    {
        net::Pacer pacer(Duration::zero(), 1);
        for (int i = 0; i < 1000; ++i)
            QCOMPARE(pacer.reserve(7s), Duration::zero());
    }

    /// In no window of n intervals do more than n + burst go, whatever the callers do.
    void noWindowHoldsMoreThanItsShare()
    {
        std::mt19937_64 random(11);
        for (int round = 0; round < 200; ++round) {
            const int burst = static_cast<int>(random() % 8) + 1;
            const Duration interval = std::chrono::milliseconds{static_cast<int>(random() % 200) + 1};
            net::Pacer pacer(interval, burst);
            Duration now = 1s;
            std::vector<Duration> goes;
            for (int i = 0; i < 300; ++i) {
                now += std::chrono::milliseconds{static_cast<int>(random() % 3 == 0 ? random() % 400 : 0)};
                goes.push_back(now + pacer.reserve(now));
                QVERIFY(i == 0 || goes[goes.size() - 1] >= goes[goes.size() - 2]); // the row is kept
            }
            for (std::size_t i = 0; i + static_cast<std::size_t>(burst) < goes.size(); ++i)
                QVERIFY(goes[i + static_cast<std::size_t>(burst)] - goes[i] >= interval);
        }
    }
};

QTEST_APPLESS_MAIN(TestPacer)
#include "tst_pacer.moc"
