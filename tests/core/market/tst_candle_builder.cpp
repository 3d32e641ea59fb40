#include "core/market/candle_builder.h"

#include <chrono>

#include <QtTest/QTest>
#include <rapidcheck.h>

using core::Candle;
using core::Money;
using core::Price;
using core::Quantity;
using core::Side;
using core::Trade;
using core::TradeKind;
using core::UtcTime;
using core::market::CandleBuilder;
using core::market::TradeIds;
using namespace std::chrono_literals;

namespace
{

const UtcTime kStart = core::parseIso8601("2024-08-08T23:58:00.000Z").value();
const core::InstrumentKey kBtc{core::Venue::Binance, *core::Symbol::from("BTCUSDT")};

Trade trade(std::int64_t id, core::Duration after, const char *price, const char *quantity,
            Side side = Side::Buy)
{
    Trade result;
    result.instrument = kBtc;
    result.id = id;
    result.price = core::parsePrice(price).value();
    result.quantity = core::parseQuantity(quantity).value();
    result.aggressor = side;
    result.venueTime = kStart + after;
    return result;
}
bool isFlat(const Candle &candle, const char *priceText)
{
    const Price price = core::parsePrice(priceText).value();
    return candle.synthetic && candle.open == price && candle.high == price && candle.low == price &&
           candle.close == price && candle.volume.isZero() && candle.quoteVolume.isZero() &&
           candle.trades == 0;
}

} // namespace

class TestCandleBuilder : public QObject
{
    Q_OBJECT

private slots:
    void buildsOneBarExactly()
    {
        CandleBuilder builder(kBtc, 1min);
        QVERIFY(!builder.current());
        QVERIFY(builder.update(trade(1, 10s, "61800.1", "0.25")).empty());
        QVERIFY(builder.update(trade(2, 20s, "61810.3", "1", Side::Sell)).empty());
        QVERIFY(builder.update(trade(3, 30s, "61790", "0.125", Side::Sell)).empty());
        QVERIFY(builder.update(trade(4, 60s - 1ns, "61795", "0.5")).empty());
        QVERIFY(!builder.current()->closed);
        const auto closed = builder.update(trade(5, 60s, "61799", "1"));
        QCOMPARE(closed.size(), std::size_t{1});
        const Candle &bar = closed[0];
        QVERIFY(bar.closed && !bar.synthetic);
        QCOMPARE(bar.openTime, kStart);
        QCOMPARE(bar.open.text(), std::string("61800.1"));
        QCOMPARE(bar.high.text(), std::string("61810.3"));
        QCOMPARE(bar.low.text(), std::string("61790"));
        QCOMPARE(bar.close.text(), std::string("61795"));
        QCOMPARE(bar.volume.text(), std::string("1.875"));
        QCOMPARE(bar.takerBuyVolume.text(), std::string("0.75"));
        QCOMPARE(bar.quoteVolume.text(), std::string("115881.575")); // 15450.025+61810.3+7723.75+30897.5
        QCOMPARE(bar.trades, std::int64_t{4});
        QCOMPARE(builder.current()->openTime, kStart + 60s);
    }

    void quoteVolumeIsRoundedOnceHalfToEven()
    {
        CandleBuilder builder(kBtc, 1min);
        // each 0.0000001 × 0.05 = 5e-9 is half a unit; alone it would round to 0, three of them are 1.5 units
        for (std::int64_t id = 1; id <= 3; ++id)
            QVERIFY(builder.update(trade(id, 1s, "0.0000001", "0.05")).empty());
        QCOMPARE(builder.current()->quoteVolume, Money::fromRaw(2));
        QVERIFY(builder.update(trade(4, 1s, "0.0000001", "0.1")).empty());
        QCOMPARE(builder.current()->quoteVolume, Money::fromRaw(2)); // 2.5 units
    }

    void fillsMissingIntervalsWithFlatBars()
    {
        CandleBuilder builder(kBtc, 1min);
        QVERIFY(builder.update(trade(1, 10s, "100", "1")).empty());
        const auto closed = builder.update(trade(2, 3min + 5s, "105", "2"));
        QCOMPARE(closed.size(), std::size_t{3});
        QVERIFY(!closed[0].synthetic);
        for (const std::size_t i : {1U, 2U}) {
            QVERIFY(closed[i].closed && isFlat(closed[i], "100"));
            QCOMPARE(closed[i].openTime, kStart + 1min * static_cast<int>(i));
        }
        QCOMPARE(builder.current()->open.text(), std::string("105")); // a real bar opens at its first print
        QCOMPARE(builder.current()->low.text(), std::string("105"));
        QVERIFY(!builder.current()->synthetic);
    }

    void closesByTime()
    {
        CandleBuilder builder(kBtc, 1min);
        QVERIFY(builder.advanceTo(kStart + 1h).empty()); // nothing is known yet
        QVERIFY(builder.update(trade(1, 10s, "100", "1")).empty());
        QVERIFY(builder.advanceTo(kStart + 60s - 1ns).empty());
        auto closed = builder.advanceTo(kStart + 60s);
        QCOMPARE(closed.size(), std::size_t{1});
        QVERIFY(closed[0].closed && !closed[0].synthetic);
        QVERIFY(!builder.current()->closed && isFlat(*builder.current(), "100"));
        closed = builder.advanceTo(kStart + 2min + 30s);
        QCOMPARE(closed.size(), std::size_t{1});
        QVERIFY(closed[0].closed && isFlat(closed[0], "100"));
        QVERIFY(builder.advanceTo(kStart).empty()); // time does not go back
        QVERIFY(builder.update(trade(2, 2min + 40s, "99", "1")).empty());
        QVERIFY(!builder.current()->synthetic);
        QCOMPARE(builder.current()->open.text(), std::string("99"));
    }

    void lateAndRepeatedPrintsNeverChangeAClosedBar()
    {
        CandleBuilder builder(kBtc, 1min);
        QVERIFY(builder.update(trade(1, 10s, "100", "1")).empty());
        QCOMPARE(builder.update(trade(2, 61s, "101", "1")).size(), std::size_t{1});
        const Candle before = *builder.current();
        QVERIFY(builder.update(trade(3, 59s, "500", "9")).empty());  // late
        QVERIFY(builder.update(trade(2, 62s, "500", "9")).empty());  // again
        QVERIFY(builder.update(trade(1, 300s, "500", "9")).empty()); // old id, new time
        QCOMPARE(builder.counters(), (CandleBuilder::Counters{1, 2, 0, 0}));
        QCOMPARE(builder.current()->high, before.high);
        QCOMPARE(builder.current()->volume, before.volume);
        QVERIFY(builder.update(trade(4, 60s, "102", "1")).empty()); // older than the last print, but not late
        QCOMPARE(builder.current()->close.text(), std::string("102"));
    }

    void onlyMarketPrintsCount()
    {
        CandleBuilder builder(kBtc, 1min);
        auto insurance = trade(1, 1s, "100", "1");
        insurance.kind = TradeKind::InsuranceFund;
        QVERIFY(builder.update(insurance).empty());
        QVERIFY(!builder.current());
        QVERIFY(builder.update(trade(2, 1s, "0", "1")).empty());
        QVERIFY(builder.update(trade(3, 1s, "100", "0")).empty());
        QVERIFY(!builder.current());
        QCOMPARE(builder.counters(), (CandleBuilder::Counters{0, 0, 1, 2}));
    }

    void refusesASumBeyondTheRange()
    {
        CandleBuilder builder(kBtc, 1min);
        QVERIFY(builder.update(trade(1, 1s, "1", "90000000000")).empty());
        QVERIFY(builder.update(trade(2, 2s, "3", "90000000000")).empty());
        QCOMPARE(builder.counters().refused, std::int64_t{1});
        QCOMPARE(builder.current()->volume.text(), std::string("90000000000"));
        QCOMPARE(builder.current()->high.text(),
                 std::string("1")); // nothing of the refused print is in the bar
    }

    void unorderedIdsAreNotJudged()
    {
        CandleBuilder builder(kBtc, 1min, TradeIds::Unordered);
        QVERIFY(builder.update(trade(900, 1s, "100", "1")).empty());
        QVERIFY(builder.update(trade(5, 2s, "100", "1")).empty());
        QCOMPARE(builder.current()->volume.text(), std::string("2"));
    }

    void countsTheSinglePrintsOfAJoinedTrade()
    {
        CandleBuilder builder(kBtc, 1min);
        auto joined = trade(7, 1s, "100", "1");
        joined.firstId = 40;
        joined.lastId = 44;
        QVERIFY(builder.update(joined).empty());
        QCOMPARE(builder.current()->trades, std::int64_t{5});
    }

    void goesOnFromHistory()
    {
        CandleBuilder builder(kBtc, 1min);
        Candle last;
        last.openTime = kStart;
        last.close = core::parsePrice("100").value();
        builder.continueFrom(last);
        QVERIFY(isFlat(*builder.current(), "100"));
        QCOMPARE(builder.current()->openTime, kStart + 1min);
        QVERIFY(builder.update(trade(1, 30s, "99", "1")).empty());
        QCOMPARE(builder.counters().late, std::int64_t{1});
        QCOMPARE(builder.advanceTo(kStart + 2min).size(), std::size_t{1});
    }

    void aHoleOfWeeksIsLeftOpen()
    {
        CandleBuilder builder(kBtc, 1min);
        QVERIFY(builder.update(trade(1, 0s, "100", "1")).empty());
        QCOMPARE(builder.update(trade(2, 1min * (CandleBuilder::kSyntheticRunMax + 1), "100", "1")).size(),
                 static_cast<std::size_t>(CandleBuilder::kSyntheticRunMax + 1));
        QCOMPARE(builder.update(trade(3, 24h * 400, "101", "1")).size(), std::size_t{1});
        QCOMPARE(builder.current()->open.text(), std::string("101"));
    }

    void volumesAddUpExactly()
    {
        QVERIFY(rc::check("sum of bars = sum of prints; bars are contiguous and consistent", [] {
            const auto length = *rc::gen::element<core::Duration>(1s, 1min, 5min, 1h, 24h);
            CandleBuilder builder(kBtc, length);
            std::vector<Candle> bars;
            std::int64_t volume = 0;
            std::int64_t buys = 0;
            core::Wide quote = 0;
            core::Duration at{0};
            const auto count = *rc::gen::inRange<std::int64_t>(1, 60);
            const auto take = [&bars](const std::vector<Candle> &closed) {
                bars.insert(bars.end(), closed.begin(), closed.end());
            };
            for (std::int64_t id = 1; id <= count; ++id) {
                at += core::Duration(*rc::gen::inRange<std::int64_t>(0, 3 * length.count()));
                Trade print = trade(id, at, "1", "1", *rc::gen::element(Side::Buy, Side::Sell));
                print.price = Price::fromRaw(*rc::gen::inRange<std::int64_t>(1, 10'000'000'000'000));
                print.quantity = Quantity::fromRaw(*rc::gen::inRange<std::int64_t>(1, 100'000'000'000));
                volume += print.quantity.raw();
                buys += print.aggressor == Side::Buy ? print.quantity.raw() : 0;
                quote += static_cast<core::Wide>(print.price.raw()) * print.quantity.raw();
                take(builder.update(print));
                if (*rc::gen::inRange(0, 5) == 0)
                    take(builder.advanceTo(print.venueTime + length / 2));
                at = std::max(at, builder.current()->openTime - kStart); // no late prints in this property
            }
            RC_ASSERT(builder.counters() == CandleBuilder::Counters{});
            take({*builder.current()});
            core::Wide quoteRounded = 0;
            for (std::size_t i = 0; i < bars.size(); ++i) {
                volume -= bars[i].volume.raw();
                buys -= bars[i].takerBuyVolume.raw();
                quoteRounded += bars[i].quoteVolume.raw();
                RC_ASSERT(bars[i].high >= std::max(bars[i].open, bars[i].close));
                RC_ASSERT(bars[i].low <= std::min(bars[i].open, bars[i].close));
                RC_ASSERT(bars[i].closed == (i + 1 < bars.size()));
                RC_ASSERT(core::toNanoseconds(bars[i].openTime) % length.count() == 0);
                if (i > 0)
                    RC_ASSERT(bars[i].openTime == bars[i - 1].openTime + length);
            }
            RC_ASSERT(volume == 0 && buys == 0);
            const core::Wide error = quote - quoteRounded * core::kDecimalOne; // half a unit per bar at most
            const core::Wide allowed = static_cast<core::Wide>(bars.size()) * (core::kDecimalOne / 2);
            RC_ASSERT(error <= allowed && -error <= allowed);
        }));
    }
};

QTEST_APPLESS_MAIN(TestCandleBuilder)
#include "tst_candle_builder.moc"
