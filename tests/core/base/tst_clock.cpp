#include "core/base/clock.h"

#include <QtTest/QTest>

using namespace std::chrono_literals;

class TestClock : public QObject
{
    Q_OBJECT

private slots:
    void printsUtcWithMilliseconds()
    {
        QCOMPARE(core::isoMilliseconds(core::utcFromMilliseconds(1'723'161'255'030)),
                 std::string("2024-08-08T23:54:15.030Z"));
        QCOMPARE(core::isoMilliseconds(core::utcFromMilliseconds(-1)), std::string("1969-12-31T23:59:59.999Z"));
    }

    void readsWhatItPrints()
    {
        for (const std::int64_t milliseconds : {0LL, 1LL, -1LL, 1'723'161'255'030LL, 4'133'404'800'000LL}) {
            const auto time = core::utcFromMilliseconds(milliseconds);
            QVERIFY(core::parseIso8601(core::isoMilliseconds(time)).value() == time);
        }
    }

    void refusesOtherTimes_data()
    {
        QTest::addColumn<QByteArray>("text");
        for (const char *text : {"", "2024-02-30T00:00:00Z", "2024-01-01 00:00:00Z", "2024-01-01T24:00:00Z",
                                 "2024-01-01T00:00:00", "2024-01-01T00:00:00+01:00", "2024-01-01T00:00:00.Z",
                                 "2024-01-01T00:00:00.1234567890Z", "9999-01-01T00:00:00Z"})
            QTest::newRow(text) << QByteArray(text);
    }
    void refusesOtherTimes()
    {
        QFETCH(QByteArray, text);
        QVERIFY(!core::parseIso8601(text.constData()).has_value());
    }

    void wallJumpDoesNotMoveTheMonotonicClock()
    {
        core::ManualClock clock(core::utcFromMilliseconds(1'000));
        clock.advance(5s);
        clock.setWall(core::utcFromMilliseconds(0));
        QVERIFY(clock.monotonic() == core::Duration(5s));
        QVERIFY(clock.now() == core::utcFromMilliseconds(0));
    }
};

QTEST_APPLESS_MAIN(TestClock)
#include "tst_clock.moc"
