#include "core/runtime/analysis_worker.h"

#include <cmath>

#include <QtTest/QTest>

#include "core/runtime/no_records.h"

using namespace core;
using namespace core::runtime;
using namespace std::chrono_literals;

namespace
{
const InstrumentKey kBtc{Venue::Binance, *Symbol::from("BTCUSDT")};
const InstrumentKey kEth{Venue::Hyperliquid, *Symbol::from("ETH")};

Candle hour(const InstrumentKey &instrument, int index)
{
    Candle candle;
    candle.instrument = instrument;
    candle.openTime = UtcTime{} + index * 1h;
    candle.length = 1h;
    candle.close = Price::fromRaw(std::llround((100 + (index * 7) % 5) * 1e8));
    candle.open = candle.high = candle.low = candle.close;
    candle.closed = true;
    return candle;
}
} // namespace

class TestAnalysisWorker : public QObject
{
    Q_OBJECT

private slots:
    void hoursBecomeEstimatesAndCorrelations()
    {
        const ManualClock clock;
        Channels channels;
        NoRecords records;
        std::vector<EstimateNews> told;
        AnalysisWorker worker(clock, channels, records, [&](EstimateNews news) { told.push_back(std::move(news)); });
        worker.work();
        QVERIFY(told.empty()); // nothing is known, nothing is said
        for (int i = 0; i < 80; ++i) {
            static_cast<void>(channels.analysisHours.push(hour(kBtc, i)));
            static_cast<void>(channels.analysisHours.push(hour(kEth, i)));
        }
        worker.work();
        QCOMPARE(told.size(), std::size_t{1}); // one telling for all that came at once
        QCOMPARE(told.front().estimates.size(), std::size_t{2});
        for (const risk::Estimate &estimate : told.front().estimates) {
            QVERIFY(estimate.atr && estimate.atr->isPositive());
            QVERIFY(estimate.sigmaDay && estimate.sigmaDay->isPositive());
            QVERIFY(!estimate.sigmaUsual); // 100 values are needed
            QVERIFY(!estimate.sigmaShort); // no minutes yet
            QCOMPARE(estimate.at, UtcTime{} + 80h);
        }
        QVERIFY(told.front().correlation);
        QCOMPARE(told.front().correlation->instruments.size(), std::size_t{2});
        QCOMPARE(told.front().correlation->values[0], Ratio::fromRaw(kDecimalOne));
        QVERIFY(told.front().correlation->values[1] > Ratio::fromRaw(kDecimalOne * 9 / 10));
        worker.work();
        QCOMPARE(told.size(), std::size_t{1}); // no news
    }

    void withoutAListenerNothingIsKeptWaiting()
    {
        const ManualClock clock;
        Channels channels;
        NoRecords records;
        AnalysisWorker worker(clock, channels, records);
        static_cast<void>(channels.analysisHours.push(hour(kBtc, 1)));
        worker.work();
        QVERIFY(channels.analysisHours.takeAll().empty());
    }
};

QTEST_GUILESS_MAIN(TestAnalysisWorker)
#include "tst_analysis_worker.moc"
