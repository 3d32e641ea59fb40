#include "core/runtime/alert_feed.h"

#include <QtTest/QTest>

using namespace std::chrono_literals;
using core::runtime::AlertFeed;
using core::runtime::AlertRow;

class TestAlertFeed : public QObject
{
    Q_OBJECT

private slots:
    void equalAlertsWithinThirtySecondsJoin()
    {
        AlertFeed feed(7);
        const AlertRow row{.at = core::utcFromMilliseconds(0), .code = "stream-stale", .text = "book is stale."};
        QCOMPARE(feed.admit(row).id, qint64{8}); // after those of earlier runs
        AlertRow again = row;
        again.at += 29s;
        QCOMPARE(feed.admit(again).id, qint64{8});
        QCOMPARE(feed.admit(again).count, 3);
    }
    void otherTextOrInstrumentOrLaterIsNew()
    {
        AlertFeed feed;
        AlertRow row{.at = core::utcFromMilliseconds(0), .code = "fill", .text = "Sold 1."};
        QCOMPARE(feed.admit(row).id, qint64{1});
        row.text = "Sold 2.";
        QCOMPARE(feed.admit(row).id, qint64{2});
        row.instrument = core::InstrumentKey{core::Venue::Binance, core::Symbol::from("BTCUSDT").value()};
        QCOMPARE(feed.admit(row).id, qint64{3});
        row.at += 31s;
        QCOMPARE(feed.admit(row).id, qint64{4});
        QCOMPARE(feed.admit(row).count, 2);
    }
};

QTEST_APPLESS_MAIN(TestAlertFeed)
#include "tst_alert_feed.moc"
