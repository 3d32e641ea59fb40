#include <QtTest/QTest>

#include "core/net/backoff.h"

using namespace core;
using namespace std::chrono_literals;

class TestBackoff : public QObject
{
    Q_OBJECT
private slots:
    void doublesUpToTheCeiling()
    {
        net::Backoff backoff(1s, 60s, 7);
        Duration step = 1s;
        for (int i = 0; i < 12; ++i) {
            const Duration wait = backoff.next();
            QVERIFY(wait >= step);
            QVERIFY(wait <= std::min<Duration>(60s, step + step / 4));
            step = std::min<Duration>(60s, step * 2);
        }
    }

    void startsAnewAfterSuccess()
    {
        net::Backoff backoff(1s, 60s, 7);
        for (int i = 0; i < 5; ++i)
            QVERIFY(backoff.next() >= 1s);
        backoff.reset();
        QVERIFY(backoff.next() <= 1250ms);
    }

    void differentSeedsDoNotComeBackInStep()
    {
        net::Backoff one(1s, 60s, 1);
        net::Backoff other(1s, 60s, 2);
        QVERIFY(one.next() != other.next());
    }
};

QTEST_APPLESS_MAIN(TestBackoff)
#include "tst_backoff.moc"
