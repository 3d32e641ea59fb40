#include <QtTest/QTest>

#include "core/exchange/binance/venue_clock.h"

using namespace core;
using namespace core::exchange::binance;
using namespace std::chrono_literals;

class TestVenueClock : public QObject
{
    Q_OBJECT
private slots:
    void beforeTheFirstMeasurementItIsTheWallClock()
    {
        ManualClock clock(utcFromMilliseconds(1000));
        VenueClock venue(clock);
        QCOMPARE(venue.now(), clock.now());
        QVERIFY(!venue.settle());
        QVERIFY(!venue.isSynchronised());
    }

    void theShortestRoundTripDecides()
    {
        ManualClock clock(utcFromMilliseconds(1'000'000));
        clock.advance(10s);
        VenueClock venue(clock);
        const UtcTime truth = clock.now() - 1270ms; // as in the recording: the venue is behind
        // A slow answer whose halfway guess is 400 ms off, and a quick one.
        venue.addSample(clock.monotonic() - 1s, clock.monotonic(), truth - 100ms);
        venue.addSample(clock.monotonic() - 20ms, clock.monotonic(), truth - 10ms);
        QVERIFY(venue.settle());
        QCOMPARE(venue.now(), truth);
        QCOMPARE(venue.roundTrip(), Duration{20ms});
    }

    void aJumpOfTheWallClockDoesNotMoveIt()
    {
        ManualClock clock(utcFromMilliseconds(1'000'000));
        VenueClock venue(clock);
        venue.addSample(clock.monotonic(), clock.monotonic(), utcFromMilliseconds(5'000'000));
        QVERIFY(venue.settle());
        for (const Duration jump : {Duration{24h}, Duration{-24h}, Duration{1s}, Duration{-1s}}) {
            clock.setWall(clock.now() + jump);
            QCOMPARE(venue.now(), utcFromMilliseconds(5'000'000));
        }
        clock.advance(2s);
        QCOMPARE(venue.now(), utcFromMilliseconds(5'002'000));
    }

    void aSmallCorrectionSlowsItDownAndNeverSetsItBack()
    {
        ManualClock clock(utcFromMilliseconds(1'000'000));
        VenueClock venue(clock);
        venue.addSample(clock.monotonic(), clock.monotonic(), utcFromMilliseconds(5'000'000));
        QVERIFY(venue.settle());
        venue.addSample(clock.monotonic(), clock.monotonic(), utcFromMilliseconds(4'999'700));
        QVERIFY(venue.settle());
        UtcTime last = venue.now();
        QCOMPARE(last, utcFromMilliseconds(5'000'000));
        for (int i = 0; i < 20; ++i) {
            clock.advance(50ms);
            QVERIFY(venue.now() > last);
            last = venue.now();
        }
        QCOMPARE(last, utcFromMilliseconds(5'000'700)); // caught up after 600 ms
    }

    void aLargeCorrectionIsTakenAtOnceForItWouldBeRefused()
    {
        ManualClock clock(utcFromMilliseconds(1'000'000));
        VenueClock venue(clock);
        venue.addSample(clock.monotonic(), clock.monotonic(), utcFromMilliseconds(5'000'000));
        QVERIFY(venue.settle());
        venue.addSample(clock.monotonic(), clock.monotonic(), utcFromMilliseconds(4'997'000));
        QVERIFY(venue.settle());
        QCOMPARE(venue.now(), utcFromMilliseconds(4'997'000));
    }
};

QTEST_APPLESS_MAIN(TestVenueClock)
#include "tst_venue_clock.moc"
