#include "core/analysis/volume_profile.h"

#include <chrono>
#include <limits>

#include <QtTest/QTest>
#include <rapidcheck.h>

#include "core/analysis/value_area.h"

using core::Price;
using core::Quantity;
using core::Side;
using core::Trade;
using core::TradeKind;
using core::UtcTime;
using core::analysis::ExactVolume;
using core::analysis::ProfileConfig;
using core::analysis::profileOf;
using core::analysis::ProfileSnapshot;
using core::analysis::VolumeProfile;
using namespace std::chrono_literals;

namespace
{

const UtcTime kMidnight = core::parseIso8601("2024-08-09T00:00:00.000Z").value();

Trade trade(core::Duration after, const char *price, const char *quantity, Side side = Side::Buy)
{
    Trade result;
    result.price = core::parsePrice(price).value();
    result.quantity = core::parseQuantity(quantity).value();
    result.aggressor = side;
    result.venueTime = kMidnight + after;
    return result;
}
ProfileConfig config(const char *tick, std::int64_t levels = 200)
{
    ProfileConfig result;
    result.tickSize = core::parsePrice(tick).value();
    result.levels = levels;
    return result;
}

std::vector<Trade> genTrades(std::int64_t tickRaw)
{
    const auto count = *rc::gen::inRange(0, 80);
    const auto spread = *rc::gen::element<std::int64_t>(3, 30, 1'000, 100'000);
    // few distinct sizes give ties; 1e14 raw with small differences gives ties within 1e-12 that are not
    // equal
    const auto baseSize = *rc::gen::element<std::int64_t>(0, 100'000'000, 100'000'000'000'000);
    const auto sizes = *rc::gen::element<std::int64_t>(2, 4, 250, 1'000'000);
    std::vector<Trade> trades;
    core::Duration at = -2h;
    for (int i = 0; i < count; ++i) {
        at += core::Duration(*rc::gen::inRange<std::int64_t>(0, std::chrono::nanoseconds(20min).count()));
        Trade print;
        const bool late = *rc::gen::inRange(0, 10) == 0;
        print.venueTime = kMidnight + at - (late ? 3h : 0h);
        print.price =
            Price::fromRaw((600'000 + *rc::gen::inRange<std::int64_t>(-spread, spread + 1)) * tickRaw);
        print.quantity = Quantity::fromRaw(baseSize + *rc::gen::inRange<std::int64_t>(1, sizes));
        print.aggressor = *rc::gen::element(Side::Buy, Side::Sell);
        print.kind =
            *rc::gen::weightedElement<TradeKind>({{12, TradeKind::Market}, {1, TradeKind::InsuranceFund}});
        trades.push_back(print);
    }
    return trades;
}

ProfileConfig genConfig()
{
    ProfileConfig result;
    result.tickSize = Price::fromRaw(*rc::gen::element<std::int64_t>(1, 3, 10'000'000));
    result.levels = *rc::gen::element<std::int64_t>(1, 2, 7, 50, 200);
    if (*rc::gen::inRange(0, 3) == 0)
        result.rowTicks = *rc::gen::element<std::int64_t>(1, 4, 1'000);
    if (*rc::gen::inRange(0, 3) == 0)
        result.session.reset();
    return result;
}

} // namespace

class TestVolumeProfile : public QObject
{
    Q_OBJECT

private slots:
    void batchEqualsStreamAtEveryPrint()
    {
        QVERIFY(rc::check("profileOf(first n prints) == snapshot after n prints, and poc() agrees", [] {
            const auto settings = genConfig();
            const auto trades = genTrades(settings.tickSize.raw());
            VolumeProfile profile(settings);
            for (std::size_t n = 0; n < trades.size(); ++n) {
                profile.update(trades[n]);
                const auto batch = profileOf(settings, std::span(trades).first(n + 1));
                const auto streamed = profile.snapshot();
                RC_ASSERT(streamed == batch);
                RC_ASSERT(profile.poc().has_value() == batch.levels.has_value());
                if (batch.levels)
                    RC_ASSERT(*profile.poc() == batch.levels->poc);
            }
        }));
    }

    void rowsSumToTheTradedVolumeExactly()
    {
        QVERIFY(rc::check(
            "rows, buys and sells add up to the prints; rows are contiguous and hold their ticks", [] {
                auto settings = genConfig();
                settings.session.reset();
                const auto trades = genTrades(settings.tickSize.raw());
                VolumeProfile profile(settings);
                core::Wide volume = 0;
                core::Wide buys = 0;
                for (const Trade &print : trades) {
                    if (!profile.update(print))
                        continue;
                    volume += print.quantity.raw();
                    buys += print.aggressor == Side::Buy ? print.quantity.raw() : 0;
                }
                const auto snapshot = profile.snapshot();
                RC_ASSERT(snapshot.total.raw() == volume);
                for (std::size_t i = 0; i < snapshot.rows.size(); ++i) {
                    const auto &row = snapshot.rows[i];
                    RC_ASSERT(row.volume == row.buy + row.sell && row.delta() == row.buy - row.sell);
                    RC_ASSERT(row.lowTick % snapshot.ticksPerRow == 0);
                    RC_ASSERT(row.lowTick ==
                              snapshot.rows[0].lowTick + static_cast<std::int64_t>(i) * snapshot.ticksPerRow);
                    volume -= row.volume.raw();
                    buys -= row.buy.raw();
                }
                RC_ASSERT(volume == 0 && buys == 0);
                if (!snapshot.rows.empty()) {
                    RC_ASSERT(!snapshot.rows.front().volume.isZero() &&
                              !snapshot.rows.back().volume.isZero());
                    RC_ASSERT(settings.rowTicks ||
                              static_cast<std::int64_t>(snapshot.rows.size()) <= settings.levels + 1);
                }
            }));
    }

    void rowsLieOnTheGridOfPriceZero()
    {
        VolumeProfile profile([] {
            auto settings = config("0.5");
            settings.rowTicks = 4;
            return settings;
        }());
        QVERIFY(profile.update(trade(1s, "98.0", "1")));                // tick 196, row 49
        QVERIFY(profile.update(trade(2s, "97.5", "0.25", Side::Sell))); // tick 195, row 48
        const auto snapshot = profile.snapshot();
        QCOMPARE(snapshot.rows.size(), std::size_t{2});
        QCOMPARE(snapshot.rows[0].lowTick, std::int64_t{192});
        QCOMPARE(snapshot.rows[0].delta().text(), std::string("-0.25"));
        QCOMPARE(snapshot.levels->poc.text(), std::string("98.75")); // middle of 98.0 … 99.5
        QCOMPARE(snapshot.levels->val.text(), std::string("98"));    // the POC row alone holds 80 %
        QCOMPARE(snapshot.levels->vah.text(), std::string("99.5"));
        QCOMPARE(snapshot.levels->valueAreaVolume.text(), std::string("1"));
        QCOMPARE(snapshot.sessionStart, kMidnight);
    }

    void rowHeightFollowsTheRange()
    {
        VolumeProfile profile(config("0.1", 10));
        QVERIFY(profile.update(trade(1s, "100.0", "1")));
        QCOMPARE(profile.snapshot().ticksPerRow, std::int64_t{1}); // zero range: one row
        QCOMPARE(profile.snapshot().rows.size(), std::size_t{1});
        QVERIFY(profile.update(trade(2s, "100.9", "1")));
        QCOMPARE(profile.snapshot().ticksPerRow, std::int64_t{1}); // exactly ten ticks
        QVERIFY(profile.update(trade(3s, "101.0", "1")));
        QCOMPARE(profile.snapshot().ticksPerRow, std::int64_t{2});
        QVERIFY(profile.update(trade(4s, "150.0", "0.00000001")));
        const auto snapshot = profile.snapshot();
        QCOMPARE(snapshot.ticksPerRow, std::int64_t{51}); // 501 ticks over ten
        QCOMPARE(snapshot.rows.front().lowTick, std::int64_t{969});
        QCOMPARE(snapshot.rows.front().volume.text(), std::string("3")); // from the ticks, exactly
        QCOMPARE(snapshot.total.text(), std::string("3.00000001"));
    }

    void startsAnewAtMidnightUtc()
    {
        VolumeProfile profile(config("0.1"));
        QVERIFY(profile.update(trade(-1ns, "100", "5")));
        QCOMPARE(profile.snapshot().sessionStart, kMidnight - 24h);
        QVERIFY(profile.update(trade(0s, "101", "1")));
        QCOMPARE(profile.snapshot().sessionStart, kMidnight);
        QCOMPARE(profile.total().text(), std::string("1"));
        QVERIFY(!profile.update(trade(-1s, "100", "5"))); // of the day that is over
        QCOMPARE(profile.counters().late, std::int64_t{1});
        QCOMPARE(profile.poc()->text(), std::string("101"));
    }

    void onlyMarketPrintsCount()
    {
        VolumeProfile profile(config("0.1"));
        auto insurance = trade(1s, "100", "1");
        insurance.kind = TradeKind::InsuranceFund;
        QVERIFY(!profile.update(insurance));
        QVERIFY(!profile.update(trade(1s, "0", "1")));
        QVERIFY(!profile.update(trade(1s, "100", "0")));
        QVERIFY(!profile.update(trade(1s, "90000000000", "1"))); // 9e11 ticks: the tick cannot be right
        QCOMPARE(profile.counters(), (VolumeProfile::Counters{0, 1, 3}));
        QVERIFY(!profile.poc());
        QVERIFY(!profile.snapshot().levels);
        QVERIFY(profile.snapshot().rows.empty());
    }

    void aRowThatEndsATieMayHandThePocToAThirdRow()
    {
        // 20,000 units: two counts of 1e-8 are a tie, four are not
        auto settings = config("1");
        settings.rowTicks = 1;
        std::vector prints{trade(1s, "100", "20000"), trade(2s, "101", "19999.99999998"),
                           trade(3s, "102", "1")};
        VolumeProfile profile(settings);
        for (const Trade &print : prints)
            QVERIFY(profile.update(print));
        QCOMPARE(profile.poc()->text(), std::string("101")); // tied with 100, nearer to the middle
        prints.push_back(trade(4s, "102", "19999.00000002"));
        QVERIFY(profile.update(prints.back()));
        QCOMPARE(profile.poc()->text(),
                 std::string("100")); // 101 is out, 100 still ties with 102 and is lower
        QVERIFY(profile.snapshot() == profileOf(settings, prints));
    }

    void aFixedRowHeightCannotEatTheMemory()
    {
        auto settings = config("0.1");
        settings.rowTicks = 1;
        VolumeProfile profile(settings);
        const std::vector prints{trade(1s, "100", "1"), trade(2s, "1000000", "1"), trade(3s, "101", "2")};
        QVERIFY(profile.update(prints[0]));
        QVERIFY(!profile.update(prints[1]));
        QVERIFY(profile.update(prints[2]));
        QCOMPARE(profile.counters().refused, std::int64_t{1});
        QVERIFY(profile.snapshot() == profileOf(settings, prints));
        VolumeProfile flexible(config("0.1"));
        for (const Trade &print : prints)
            QVERIFY(flexible.update(print));
        QVERIFY(flexible.snapshot().rows.size() <= 201);
    }

    void aCheapCoinsDayDoesNotOverflow()
    {
        VolumeProfile profile(config("0.0000001"));
        for (int i = 0; i < 30; ++i)
            QVERIFY(profile.update(trade(1s * i, "0.0000011", "90000000000")));
        QCOMPARE(profile.total().text(), std::string("2700000000000"));
        QCOMPARE(profile.snapshot().levels->poc.text(), std::string("0.0000011"));
    }

    void roundsAPriceToItsTick()
    {
        const Price tick = core::parsePrice("0.5").value();
        QCOMPARE(core::analysis::tickIndex(core::parsePrice("100.5").value(), tick), std::int64_t{201});
        QCOMPARE(core::analysis::tickIndex(core::parsePrice("100.74999999").value(), tick),
                 std::int64_t{201});
        QCOMPARE(core::analysis::tickIndex(core::parsePrice("100.75").value(), tick), std::int64_t{202});
    }
};

QTEST_APPLESS_MAIN(TestVolumeProfile)
#include "tst_volume_profile.moc"
