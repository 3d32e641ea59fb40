#include "core/analysis/risk_estimates.h"

#include <cmath>

#include <QtTest/QTest>
#include <rapidcheck.h>

using namespace core;
using namespace core::analysis;
using namespace std::chrono_literals;

namespace
{
const InstrumentKey kBtc{Venue::Binance, *Symbol::from("BTCUSDT")};
const InstrumentKey kEth{Venue::Hyperliquid, *Symbol::from("ETH")};
const UtcTime kStart = UtcTime{std::chrono::sys_days{std::chrono::year{2026} / 1 / 5}};

Candle candle(const InstrumentKey &instrument, UtcTime openTime, double close, Duration length = 1h)
{
    Candle result;
    result.instrument = instrument;
    result.openTime = openTime;
    result.length = length;
    result.close = Price::fromRaw(static_cast<std::int64_t>(std::llround(close * 1e8)));
    result.open = result.close;
    result.high = Price::fromRaw(result.close.raw() + result.close.raw() / 1000);
    result.low = Price::fromRaw(result.close.raw() - result.close.raw() / 1000);
    result.volume = Quantity::fromRaw(2 * kDecimalOne);
    result.closed = true;
    return result;
}

/// A path with a movement of `size` per bar whose sign follows a fixed pattern.
double wave(int i, double size) { return 100 * std::exp(size * ((i * 7919) % 13 - 6) / 6.0); }
} // namespace

class TestRiskEstimates : public QObject
{
    Q_OBJECT

private slots:
    void nothingIsKnownBeforeTheWarmUp()
    {
        RiskEstimates estimates;
        QVERIFY(!estimates.of(kBtc).atr);
        for (int i = 0; i < 14; ++i)
            estimates.onCandle(candle(kBtc, kStart + i * 1h, wave(i, 0.01)));
        QVERIFY(!estimates.of(kBtc).atr);
        QVERIFY(!estimates.of(kBtc).sigmaDay);
        estimates.onCandle(candle(kBtc, kStart + 14h, 100));
        QVERIFY(estimates.of(kBtc).atr);
        for (int i = 15; i < 22; ++i)
            estimates.onCandle(candle(kBtc, kStart + i * 1h, wave(i, 0.01)));
        QVERIFY(estimates.of(kBtc).sigmaDay);
        QVERIFY(!estimates.of(kBtc).sigmaUsual);
        QVERIFY(!estimates.of(kBtc).sigmaShort);
        QCOMPARE(estimates.of(kBtc).at, kStart + 22h);
    }

    void repeatedAndForeignCandlesChangeNothing()
    {
        RiskEstimates once;
        RiskEstimates often;
        for (int i = 0; i < 130; ++i) {
            const Candle one = candle(kBtc, kStart + i * 1h, wave(i, 0.01));
            once.onCandle(one);
            often.onCandle(one);
            often.onCandle(one);
            Candle running = candle(kBtc, kStart + (i + 1) * 1h, 5000);
            running.closed = false;
            often.onCandle(running);
            often.onCandle(candle(kBtc, kStart + (i - 1) * 1h, 7777));
            often.onCandle(candle(kBtc, kStart + i * 1h, 9000, 4h));
        }
        QCOMPARE(once.of(kBtc).sigmaDay, often.of(kBtc).sigmaDay);
        QCOMPARE(once.of(kBtc).atr, often.of(kBtc).atr);
        QCOMPARE(once.of(kBtc).sigmaUsual, often.of(kBtc).sigmaUsual);
        QVERIFY(once.of(kBtc).sigmaUsual);
    }

    void aMissingHourIsFlatAndALongHoleBeginsAnew()
    {
        RiskEstimates with;
        RiskEstimates without;
        for (int i = 0; i < 60; ++i) {
            const double close = i == 30 ? wave(29, 0.01) : wave(i, 0.01);
            Candle one = candle(kBtc, kStart + i * 1h, close);
            if (i == 30)
                one.high = one.low = one.close;
            with.onCandle(one);
            if (i != 30)
                without.onCandle(one);
        }
        QCOMPARE(with.of(kBtc).sigmaDay, without.of(kBtc).sigmaDay);
        QCOMPARE(with.of(kBtc).atr, without.of(kBtc).atr);
        with.onCandle(candle(kBtc, kStart + 200h, 250));
        QVERIFY(!with.of(kBtc).sigmaDay); // the jump while nobody watched is not one hour's
    }

    void scalingThePricesChangesNothing()
    {
        QVERIFY(rc::check("all prices times a factor", [] {
            const double factor = std::exp2(*rc::gen::inRange(-6, 7));
            RiskEstimates plain;
            RiskEstimates scaled;
            for (int i = 0; i < 120; ++i) {
                const double close = wave(*rc::gen::inRange(0, 1000), 0.03);
                plain.onCandle(candle(kBtc, kStart + i * 1h, close));
                scaled.onCandle(candle(kBtc, kStart + i * 1h, close * factor));
                plain.onCandle(candle(kBtc, kStart + i * 1min, close, 1min));
                scaled.onCandle(candle(kBtc, kStart + i * 1min, close * factor, 1min));
            }
            const RiskEstimate a = plain.of(kBtc);
            const RiskEstimate b = scaled.of(kBtc);
            const auto near = [](std::optional<double> x, std::optional<double> y) {
                return x && y && std::abs(*x - *y) <= 1e-5 * *x;
            };
            RC_ASSERT(near(a.atr, b.atr) && near(a.sigmaDay, b.sigmaDay) && near(a.sigmaUsual, b.sigmaUsual) &&
                      near(a.sigmaShort, b.sigmaShort));
        }));
    }

    void correlationNeedsSharedHours()
    {
        RiskEstimates estimates;
        for (int i = 0; i < 200; ++i) {
            estimates.onCandle(candle(kBtc, kStart + i * 1h, wave(i, 0.01)));
            if (i >= 150)
                estimates.onCandle(candle(kEth, kStart + i * 1h, 2 * wave(i, 0.02)));
        }
        QCOMPARE(estimates.correlation({kBtc, kEth}).size, std::size_t{0}); // 49 returns in common
        for (int i = 200; i < 260; ++i) {
            estimates.onCandle(candle(kBtc, kStart + i * 1h, wave(i, 0.01)));
            estimates.onCandle(candle(kEth, kStart + i * 1h, 2 * wave(i, 0.02)));
        }
        const Shrunk both = estimates.correlation({kBtc, kEth});
        QCOMPARE(both.size, std::size_t{2});
        QCOMPARE(both.values[0], 1.0);
        QVERIFY(both.values[1] > 0.9 && both.values[1] <= 1.0);
        QCOMPARE(both.values[1], both.values[2]);
    }
};

QTEST_APPLESS_MAIN(TestRiskEstimates)
#include "tst_risk_estimates.moc"
