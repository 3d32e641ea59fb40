#include "core/analysis/candle_profile.h"

#include <cmath>
#include <map>

#include <QtTest/QTest>
#include <rapidcheck.h>

using core::analysis::profileOfBars;
using core::analysis::VolumeBar;

class TestCandleProfile : public QObject
{
    Q_OBJECT

private slots:
    void spreadsEquallyOverTheTicks()
    {
        const std::vector bars{VolumeBar{3, 6, 8, 2}, VolumeBar{9, 9, 5, 5}};
        const auto rows = profileOfBars(bars, 2); // ticks 3 | 4 5 | 6 7 | 8 9
        QCOMPARE(rows.size(), std::size_t{4});
        QCOMPARE(rows[0].row, std::int64_t{1});
        QCOMPARE(rows[0].volume, 2.0);
        QCOMPARE(rows[1].volume, 4.0);
        QCOMPARE(rows[1].takerBuyVolume, 1.0);
        QCOMPARE(rows[1].delta(), -2.0);
        QCOMPARE(rows[2].volume, 2.0);
        QCOMPARE(rows[3].volume, 5.0);
        QCOMPARE(rows[3].delta(), 5.0);
        QVERIFY(profileOfBars({}, 2).empty());
    }
    void readsACandle()
    {
        core::Candle candle;
        candle.low = core::parsePrice("97.5").value();
        candle.high = core::parsePrice("99").value();
        candle.volume = core::parseQuantity("12.5").value();
        candle.takerBuyVolume = core::parseQuantity("4").value();
        const auto bar = core::analysis::volumeBarOf(candle, core::parsePrice("0.5").value());
        QCOMPARE(bar.lowTick, std::int64_t{195});
        QCOMPARE(bar.highTick, std::int64_t{198});
        QCOMPARE(bar.volume, 12.5);
        QCOMPARE(bar.takerBuyVolume, 4.0);
    }
    void rowsSumToTheBars()
    {
        QVERIFY(rc::check("sum of rows = sum of volumes to 1e-9, as a loop over every tick", [] {
            const auto height = *rc::gen::inRange<std::int64_t>(1, 12);
            const auto count = *rc::gen::inRange(1, 20);
            std::vector<VolumeBar> bars;
            std::map<std::int64_t, double> byRow;
            double total = 0;
            for (int i = 0; i < count; ++i) {
                const auto low = *rc::gen::inRange<std::int64_t>(-20, 200);
                const auto ticks = *rc::gen::inRange<std::int64_t>(1, 40);
                const double volume = *rc::gen::inRange(0, 1'000'000) / 1000.0;
                bars.push_back({low, low + ticks - 1, volume, volume / 3});
                total += volume;
                for (std::int64_t tick = low; tick < low + ticks; ++tick)
                    byRow[static_cast<std::int64_t>(
                        std::floor(static_cast<double>(tick) / static_cast<double>(height)))] +=
                        volume / static_cast<double>(ticks);
            }
            double sum = 0;
            for (const auto &row : profileOfBars(bars, height)) {
                RC_ASSERT(std::abs(row.volume - byRow[row.row]) <= 1e-9 * (1 + total));
                RC_ASSERT(std::abs(row.takerBuyVolume * 3 - row.volume) <= 1e-9 * (1 + total));
                sum += row.volume;
            }
            RC_ASSERT(std::abs(sum - total) <= 1e-9 * (1 + total));
        }));
    }
};

QTEST_APPLESS_MAIN(TestCandleProfile)
#include "tst_candle_profile.moc"
