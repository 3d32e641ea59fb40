// Limits held against stored equity and trades.
#include <QtTest/QTest>

#include "core/risk/what_if.h"
#include "tests/core/risk/engine_desk.h"

using namespace tests;

namespace
{
const UtcTime kMonday = parseIso8601("2026-11-16T00:00:00Z").value();

/// A record that is written in words a trader can read.
struct Record {
    History history;

    Record &equity(Duration at, std::string_view money)
    {
        history.equity.push_back({Venue::Binance, kMonday + at, fixed<Money>(money)});
        return *this;
    }
    Record &trade(Duration opened, Duration closed, std::string_view net, std::string_view symbol = "BTCUSDT")
    {
        Trip trip;
        trip.position = {coin(symbol), PositionSide::Both};
        trip.openedAt = kMonday + opened;
        trip.closedAt = kMonday + closed;
        trip.net = fixed<Money>(net);
        trip.notional = fixed<Money>("1000");
        history.trips.push_back(trip);
        return *this;
    }
    Record &transfer(Duration at, std::string_view amount)
    {
        history.transfers.push_back({Venue::Binance, "t" + std::to_string(at.count()), "TRANSFER", fixed<Money>(amount),
                                     *Asset::from("USDT"), kMonday + at});
        return *this;
    }
    [[nodiscard]] std::optional<WhatIf> against(std::vector<Breaker> breakers) const
    {
        Limits limits;
        limits.breakers = std::move(breakers);
        return whatIf({history}, limits, kMonday - 24h, kMonday + 24h * 90);
    }
};

Breaker dayLoss()
{
    return only(BreakerKind::DayLoss, Scope::Account,
                {tierAt("alert", percent("2"), percent("1.4"), TierAction::Alert),
                 tierAt("flatten", percent("4"), percent("3.2"), TierAction::Flatten)});
}

int timesOf(const std::optional<WhatIf> &report, std::string_view tier)
{
    if (!report)
        return -1;
    for (const PastTier &one : report->tiers) {
        if (one.tier == tier)
            return one.times;
    }
    return -2;
}
} // namespace

class TestWhatIf : public QObject
{
    Q_OBJECT

private slots:
    void nothingOnRecordIsSaidAndNotZero()
    {
        QVERIFY(!Record().against({dayLoss()}).has_value());
    }

    void aLimitThatIsNotOnRecordHasNoCount()
    {
        const auto report = Record().equity(1h, "10000").against(
            {only(BreakerKind::MarginRatio, Scope::Account, {tierAt("a", percent("40"), percent("30"), TierAction::Alert)})});
        QVERIFY(report.has_value());
        QVERIFY(report->tiers.empty());
    }

    void aDayLossFiresOnEachDayThatReachedIt()
    {
        Record record;
        record.equity(0h, "10000").equity(12h, "9790"); // 2.1 %
        record.equity(24h, "9790").equity(36h, "9380"); // 4.2 %
        record.equity(48h, "9380").equity(60h, "9350"); // 0.3 %
        const auto report = record.against({dayLoss()});
        QCOMPARE(timesOf(report, "alert"), 1);
        QCOMPARE(timesOf(report, "flatten"), 1);
        QCOMPARE(*report->tiers[1].last, kMonday + 36h);
        QCOMPARE(report->equities, std::size_t{6});
    }

    void aTransferIsNoLoss()
    {
        Record record;
        record.equity(0h, "10000").transfer(6h, "-5000").equity(7h, "5000").equity(8h, "4990");
        QCOMPARE(timesOf(record.against({dayLoss()}), "alert"), 0);
        Record lost;
        lost.equity(0h, "10000").transfer(6h, "-5000").equity(7h, "4890"); // 110 of 5,000
        QCOMPARE(timesOf(lost.against({dayLoss()}), "alert"), 1);
    }

    void tradesStandForEquityThatWasNotRecorded()
    {
        Record record;
        record.equity(0h, "10000").trade(1h, 2h, "-150").trade(3h, 4h, "-100"); // 2.5 % in all
        QCOMPARE(timesOf(record.against({dayLoss()}), "alert"), 1);
    }

    void anOpenLossThatWasRecordedIsNotCountedTwice()
    {
        Record record;
        record.equity(0h, "10000").equity(90min, "9850").trade(1h, 2h, "-150").equity(3h, "9850"); // 1.5 %
        QCOMPARE(timesOf(record.against({dayLoss()}), "alert"), 0);
    }

    void drawdownIsFromThePeakAcrossDays()
    {
        const Breaker drawdown = only(BreakerKind::Drawdown, Scope::Account,
                                      {tierAt("alert", percent("10"), percent("7"), TierAction::Alert)});
        Record record;
        record.equity(0h, "10000").equity(30h, "9500").equity(60h, "9010");
        QCOMPARE(timesOf(record.against({drawdown}), "alert"), 0);
        record.equity(90h, "8990");
        QCOMPARE(timesOf(record.against({drawdown}), "alert"), 1);
    }

    void lossesInARowAreCountedUpToTheNextWin()
    {
        const Breaker streak = only(BreakerKind::ConsecutiveLosses, Scope::Account,
                                    {tierAt("alert", fixed<Ratio>("3"), Ratio{}, TierAction::Alert)});
        Record record;
        record.equity(0h, "10000");
        record.trade(1h, 2h, "-10").trade(3h, 4h, "-10").trade(5h, 6h, "20").trade(7h, 8h, "-10").trade(9h, 10h, "-10");
        QCOMPARE(timesOf(record.against({streak}), "alert"), 0);
        record.trade(11h, 12h, "-10");
        QCOMPARE(timesOf(record.against({streak}), "alert"), 1);
    }

    void tradesOfADayAreCountedFromTheirOpening()
    {
        const Breaker trades = only(BreakerKind::TradesPerDay, Scope::Account,
                                    {tierAt("alert", fixed<Ratio>("3"), Ratio{}, TierAction::Alert)});
        Record record;
        record.equity(0h, "10000");
        record.trade(1h, 2h, "10").trade(22h, 23h, "10").trade(23h + 30min, 25h, "10"); // the third is closed on the next day
        const auto report = record.against({trades});
        QCOMPARE(timesOf(report, "alert"), 1);
        QCOMPARE(*report->tiers[0].last, kMonday + 23h + 30min);
        Record spread;
        spread.equity(0h, "10000").trade(1h, 2h, "10").trade(25h, 26h, "10").trade(49h, 50h, "10");
        QCOMPARE(timesOf(spread.against({trades}), "alert"), 0);
    }

    void aTighterLimitNeverFiresLess()
    {
        Record record;
        record.equity(0h, "10000");
        for (int day = 0; day < 60; ++day)
            record.equity(24h * day + 12h, std::to_string(10000 - (day * 37) % 500)).equity(24h * day + 23h, "10000");
        int before = 0;
        for (const char *trigger : {"5", "4", "3", "2", "1"}) {
            const Breaker loss = only(BreakerKind::DayLoss, Scope::Account,
                                      {tierAt("alert", percent(trigger), percent("0.5"), TierAction::Alert)});
            const int times = timesOf(record.against({loss}), "alert");
            QVERIFY2(times >= before, trigger);
            before = times;
        }
        QVERIFY(before > 10);
    }

    void whatLiesOutsideTheDaysIsLeftOut()
    {
        Record record;
        record.equity(0h, "10000").equity(12h, "9000");
        Limits limits;
        limits.breakers = {dayLoss()};
        QVERIFY(!whatIf({record.history}, limits, kMonday + 24h, kMonday + 48h).has_value());
    }

    void thinningKeepsTheEndsAndTheExtremes()
    {
        Record record;
        record.equity(0min, "100").equity(1min, "90").equity(2min, "120").equity(3min, "110").equity(10min, "95");
        const auto kept = thinned(record.history.equity, 10min);
        std::vector<EquitySample> wanted = record.history.equity;
        QCOMPARE(kept, wanted);
        record.history.equity.insert(record.history.equity.begin() + 1, {Venue::Binance, kMonday + 30s, fixed<Money>("99")});
        QCOMPARE(thinned(record.history.equity, 10min), wanted);
        QVERIFY(thinned({}, 10min).empty());
    }
};

QTEST_APPLESS_MAIN(TestWhatIf)
#include "tst_what_if.moc"
