#include "core/risk/position_math.h"

#include <limits>

#include <QtTest/QTest>
#include <rapidcheck.h>

using namespace core;
using namespace core::risk;

namespace
{
Price price(std::string_view text) { return parsePrice(text).value(); }
Quantity quantity(std::string_view text) { return parseQuantity(text).value(); }
Money money(std::string_view text) { return parseMoney(text).value(); }
Ratio ratio(std::string_view text) { return parseFixed<Ratio>(text).value(); }

Position position(Direction direction, std::string_view size, std::string_view entry, std::optional<int> leverage)
{
    Position result;
    result.direction = direction;
    result.quantity = quantity(size);
    result.entryPrice = price(entry);
    result.leverage = leverage;
    return result;
}
} // namespace

class TestPositionMath : public QObject
{
    Q_OBJECT

private slots:
    void lossIsMeasuredOnTheInitialMargin_data()
    {
        QTest::addColumn<bool>("isLong");
        QTest::addColumn<QByteArray>("entry");
        QTest::addColumn<int>("leverage");
        QTest::addColumn<QByteArray>("mark");
        QTest::addColumn<QByteArray>("loss");
        QTest::newRow("long, 1 % against, 10x") << true << QByteArray("60000") << 10 << QByteArray("59400") << QByteArray("0.1");
        QTest::newRow("short, 1 % against, 10x") << false << QByteArray("60000") << 10 << QByteArray("60600") << QByteArray("0.1");
        QTest::newRow("long in profit") << true << QByteArray("60000") << 10 << QByteArray("60600") << QByteArray("-0.1");
        QTest::newRow("short in profit") << false << QByteArray("60000") << 10 << QByteArray("59400") << QByteArray("-0.1");
        QTest::newRow("long at entry") << true << QByteArray("60000") << 10 << QByteArray("60000") << QByteArray("0");
        QTest::newRow("rounded up in the ninth place") << false << QByteArray("3000") << 5 << QByteArray("3091") << QByteArray("0.15166667");
        QTest::newRow("long, everything gone") << true << QByteArray("100") << 20 << QByteArray("0.00000001") << QByteArray("20");
        QTest::newRow("short, a jump to tenfold") << false << QByteArray("100") << 125 << QByteArray("1000") << QByteArray("1125");
    }
    void lossIsMeasuredOnTheInitialMargin()
    {
        QFETCH(bool, isLong);
        QFETCH(QByteArray, entry);
        QFETCH(int, leverage);
        QFETCH(QByteArray, mark);
        QFETCH(QByteArray, loss);
        const auto held = position(isLong ? Direction::Long : Direction::Short, "0.5", entry.toStdString(), leverage);
        const auto got = lossOnMargin(held, price(mark.toStdString()));
        QVERIFY(got.has_value());
        QCOMPARE(got->text(), loss.toStdString());
    }

    void theVenuesMarginIsUsedWhenTheLeverageIsUnknown()
    {
        for (const Direction direction : {Direction::Long, Direction::Short}) {
            auto held = position(direction, "0.5", "60000", std::nullopt);
            QVERIFY(!lossOnMargin(held, price("59400")));
            QVERIFY(!initialMargin(held));
            held.initialMargin = money("3000");
            const Price mark = price(direction == Direction::Long ? "59400" : "60600");
            QCOMPARE(lossOnMargin(held, mark)->text(), std::string("0.1"));
            QCOMPARE(initialMargin(held)->source, MarginSource::Venue);
            held.leverage = 5; // known leverage wins: q × entry ÷ L = 6000
            QCOMPARE(lossOnMargin(held, mark)->text(), std::string("0.05"));
            QCOMPARE(initialMargin(held)->money, money("6000"));
            QCOMPARE(initialMargin(held)->source, MarginSource::Leverage);
        }
    }

    void missingInputsAreUndefinedNotZero()
    {
        auto held = position(Direction::Long, "0.5", "60000", 10);
        QVERIFY(!lossOnMargin(held, Price{}));
        QVERIFY(!lossOnMargin(held, price("-1")));
        held.leverage = 0;
        QVERIFY(!lossOnMargin(held, price("59000")));
        held.initialMargin = Money{};
        QVERIFY(!lossOnMargin(held, price("59000")));
        held.initialMargin = money("-5");
        QVERIFY(!lossOnMargin(held, price("59000")));
        held = position(Direction::Short, "0.5", "0", 10);
        QVERIFY(!lossOnMargin(held, price("59000")));
        held = position(Direction::Short, "0", "60000", 10);
        QVERIFY(!lossOnMargin(held, price("59000")));
    }

    void hugeNumbersNeitherWrapNorCrash()
    {
        QVERIFY(rc::check("any raw values", [](std::int64_t q, std::int64_t e, std::int64_t m, std::int64_t im, int leverage,
                                               bool isLong, bool withLeverage, std::int64_t r) {
            Position held;
            held.direction = isLong ? Direction::Long : Direction::Short;
            held.quantity = Quantity::fromRaw(q);
            held.entryPrice = Price::fromRaw(e);
            held.initialMargin = Money::fromRaw(im);
            if (withLeverage)
                held.leverage = leverage;
            const auto loss = lossOnMargin(held, Price::fromRaw(m));
            if (loss && e > 0 && m > 0)
                RC_ASSERT((loss->raw() > 0) == (isLong ? m < e : m > e));
            static_cast<void>(initialMargin(held));
            static_cast<void>(priceAtLoss(held, Ratio::fromRaw(r)));
            static_cast<void>(unrealizedPnl(held.direction, held.quantity, held.entryPrice, Price::fromRaw(m), Rounding::Floor));
            const std::vector<MarginTier> tiers{{Money{}, Money::fromRaw(im), Ratio::fromRaw(r), Money::fromRaw(q), 1}};
            static_cast<void>(liquidation(held.direction, held.quantity, held.entryPrice, Money::fromRaw(im), tiers));
            static_cast<void>(breakEvenExit(held.direction, held.quantity, held.entryPrice, Ratio::fromRaw(r), Ratio::fromRaw(im), Money::fromRaw(m)));
        }));
    }

    /// The price on the screen is the price at which it fires, for both directions and both sources of the margin.
    void firesAtThePriceThatIsShown()
    {
        QVERIFY(rc::check("priceAtLoss", [](bool isLong, bool byLeverage) {
            Position held;
            held.direction = isLong ? Direction::Long : Direction::Short;
            held.quantity = Quantity::fromRaw(*rc::gen::inRange<std::int64_t>(1, 1'000'000'000'000));
            held.entryPrice = Price::fromRaw(*rc::gen::inRange<std::int64_t>(1'000, 10'000'000'000'000));
            if (byLeverage)
                held.leverage = *rc::gen::inRange(1, 126);
            else
                held.initialMargin = Money::fromRaw(*rc::gen::inRange<std::int64_t>(1'000, 1'000'000'000'000));
            const Ratio trigger = Ratio::fromRaw(*rc::gen::inRange<std::int64_t>(1, 300'000'000));
            const auto at = priceAtLoss(held, trigger);
            if (!at)
                return;
            const auto loss = lossOnMargin(held, *at);
            RC_ASSERT(loss.has_value());
            RC_ASSERT(*loss >= trigger);
        }));
    }

    void profitIsExact()
    {
        const auto pnl = [](Direction d, const char *q, const char *e, const char *m) {
            return unrealizedPnl(d, quantity(q), price(e), price(m), Rounding::Floor).value().text();
        };
        QCOMPARE(pnl(Direction::Long, "0.5", "60000", "58800"), std::string("-600"));
        QCOMPARE(pnl(Direction::Short, "2", "3000", "2910"), std::string("180"));
        QCOMPARE(pnl(Direction::Long, "0.00000001", "0.5", "0"), std::string("-0.00000001"));
        QCOMPARE(pnl(Direction::Short, "0.00000001", "0", "0.5"), std::string("-0.00000001"));
        QVERIFY(!unrealizedPnl(Direction::Long, Quantity::fromRaw(std::numeric_limits<std::int64_t>::max()), price("1"),
                               price("60000"), Rounding::Floor));
    }

    /// Independent check: at the answer, margin + uPnL equals the maintenance margin of the tier at that price.
    void equityMeetsMaintenanceAtTheLiquidationPrice()
    {
        const std::vector<MarginTier> tiers{{money("0"), money("50000"), ratio("0.004"), money("0"), 125},
                                            {money("50000"), money("250000"), ratio("0.005"), money("50"), 100},
                                            {money("250000"), money("1000000"), ratio("0.01"), money("1300"), 50},
                                            {money("1000000"), money("10000000"), ratio("0.025"), money("16300"), 20}};
        QVERIFY(rc::check("liquidation", [&tiers](bool isLong) {
            const Direction direction = isLong ? Direction::Long : Direction::Short;
            const Quantity size = Quantity::fromRaw(*rc::gen::inRange<std::int64_t>(100'000, 2'000'000'000));
            const Price entry = Price::fromRaw(*rc::gen::inRange<std::int64_t>(100'000'000'000, 9'000'000'000'000));
            const Money held = notional(entry, size, Rounding::Floor).value();
            const Money margin = Money::fromRaw(held.raw() / *rc::gen::inRange(2, 50));
            const auto got = liquidation(direction, size, entry, margin, tiers);
            if (!got)
                return;
            const Money value = notional(got->price, size, Rounding::HalfEven).value();
            RC_ASSERT(marginTierOf(tiers, value) == got->tier);
            const double equity =
                margin.toDouble() + unrealizedPnl(direction, size, entry, got->price, Rounding::Floor).value().toDouble();
            const double needed = maintenanceMargin(tiers, value)->toDouble();
            RC_ASSERT(std::abs(equity - needed) <= 1e-6 + 1e-9 * value.toDouble());
        }));
    }

    void noLiquidationPriceWhenNothingCanTakeIt()
    {
        const std::vector<MarginTier> tiers{{money("0"), money("50000"), ratio("0.004"), money("0"), 125}};
        QVERIFY(!liquidation(Direction::Long, quantity("0.01"), price("60000"), money("700"), tiers));
        QVERIFY(!liquidation(Direction::Long, Quantity{}, price("60000"), money("7"), tiers));
        QVERIFY(!liquidation(Direction::Short, quantity("0.01"), price("60000"), money("7"), {}));
    }

    void breakEvenDoesNotLose()
    {
        for (const Direction direction : {Direction::Long, Direction::Short}) {
            const auto exit = breakEvenExit(direction, quantity("2"), price("3000"), ratio("0.0002"), ratio("0.0005"), money("0.9"));
            QVERIFY(exit.has_value());
            const auto net = netIfClosed(direction, quantity("2"), price("3000"), *exit, ratio("0.0002"), ratio("0.0005"), money("0.9"));
            QVERIFY(net->raw() >= -2 && net->raw() <= 4);
        }
    }
};

QTEST_APPLESS_MAIN(TestPositionMath)
#include "tst_position_math.moc"
