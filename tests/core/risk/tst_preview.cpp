#include "core/risk/preview.h"

#include <QtTest/QTest>
#include <rapidcheck.h>

#include "core/risk/position_math.h"

using namespace core;
using namespace core::risk;

namespace
{
Price price(std::string_view text) { return parsePrice(text).value(); }
Quantity quantity(std::string_view text) { return parseQuantity(text).value(); }
Money money(std::string_view text) { return parseMoney(text).value(); }
Ratio ratio(std::string_view text) { return parseFixed<Ratio>(text).value(); }
const InstrumentKey kBtc{Venue::Binance, *Symbol::from("BTCUSDT")};

Instrument btc()
{
    Instrument rules;
    rules.key = kBtc;
    rules.marginTiers = {{money("0"), money("50000"), ratio("0.004"), money("0"), 125},
                         {money("50000"), money("90000000"), ratio("0.005"), money("50"), 100}};
    return rules;
}

Position position(Direction direction, std::string_view size, std::string_view entry)
{
    Position result;
    result.instrument = kBtc;
    result.direction = direction;
    result.quantity = quantity(size);
    result.entryPrice = price(entry);
    result.leverage = 10;
    result.marginMode = MarginMode::Cross;
    return result;
}

PreviewInput sample(const Instrument &rules)
{
    PreviewInput in{.order = {},
                    .fillAt = price("60000"),
                    .stop = price("59000"),
                    .instrument = &rules,
                    .fees = {ratio("0.0002"), ratio("0.0005")},
                    .wallet = money("10000"),
                    .before = {},
                    .maintenanceOthers = {},
                    .unrealizedOthers = {},
                    .fundingRate = ratio("0.0001"),
                    .others = {},
                    .slippageAllowance = ratio("0.002")};
    in.order.instrument = kBtc;
    in.order.side = Side::Buy;
    in.order.quantity = quantity("0.5");
    in.before.leverage = 10;
    in.before.marginMode = MarginMode::Cross;
    return in;
}
} // namespace

class TestPreview : public QObject
{
    Q_OBJECT

private slots:
    void anExecutionMovesThePosition_data()
    {
        QTest::addColumn<QByteArray>("before"); // signed size
        QTest::addColumn<bool>("buys");
        QTest::addColumn<QByteArray>("size");
        QTest::addColumn<QByteArray>("after");
        QTest::addColumn<QByteArray>("entry");
        QTest::addColumn<QByteArray>("realised");
        const auto row = [](const char *name, const char *before, bool buys, const char *size, const char *after,
                            const char *entry, const char *realised) {
            QTest::newRow(name) << QByteArray(before) << buys << QByteArray(size) << QByteArray(after) << QByteArray(entry)
                                << QByteArray(realised);
        };
        row("opens a long", "0", true, "1", "1", "110", "0");
        row("adds to a long", "1", true, "1", "2", "105", "0");
        row("adds a third", "1", true, "2", "3", "106.66666667", "0");
        row("reduces a long in profit", "2", false, "0.5", "1.5", "100", "5");
        row("closes a short in loss", "-2", true, "2", "0", "", "-20");
        row("flips a long into a short", "1", false, "3", "-2", "110", "10");
        row("flips a short into a long", "-1", true, "1.5", "0.5", "110", "-10");
    }
    void anExecutionMovesThePosition()
    {
        QFETCH(QByteArray, before);
        QFETCH(bool, buys);
        QFETCH(QByteArray, size);
        QFETCH(QByteArray, after);
        QFETCH(QByteArray, entry);
        QFETCH(QByteArray, realised);
        const auto held = [](QByteArray text) {
            const bool isShort = text.startsWith('-');
            return position(isShort ? Direction::Short : Direction::Long,
                            isShort ? text.mid(1).toStdString() : text.toStdString(), "100");
        };
        const auto done = execute(held(before), buys ? Side::Buy : Side::Sell, quantity(size.toStdString()), price("110"));
        QVERIFY(done);
        QCOMPARE(done->position.quantity, held(after).quantity);
        QCOMPARE(done->realised, money(realised.toStdString()));
        if (done->position.isFlat())
            return;
        QCOMPARE(done->position.direction, held(after).direction);
        QCOMPARE(done->position.entryPrice, price(entry.toStdString()));
    }

    void moneyIsNeitherMadeNorLost()
    {
        QVERIFY(rc::check("realised + open = sum of the single results", [] {
            Position held = position(Direction::Long, "0", "100");
            __extension__ using Wide = __int128;
            Wide cash = 0; // 1e-16
            Wide size = 0;
            Wide realised = 0;
            const int steps = *rc::gen::inRange(1, 10);
            for (int i = 0; i < steps; ++i) {
                const bool buys = *rc::gen::arbitrary<bool>();
                const std::int64_t q = *rc::gen::inRange<std::int64_t>(1, 1'000) * 1'000'000;
                const std::int64_t p = *rc::gen::inRange<std::int64_t>(1, 100'000) * 10'000'000;
                const auto done = execute(held, buys ? Side::Buy : Side::Sell, Quantity::fromRaw(q), Price::fromRaw(p));
                RC_ASSERT(done.has_value());
                cash += (buys ? -1 : 1) * static_cast<Wide>(q) * p;
                size += buys ? q : -q;
                realised += done->realised.raw();
                held = done->position;
                RC_ASSERT((held.direction == Direction::Long ? 1 : -1) * Wide{held.quantity.raw()} == size);
            }
            const Wide open = size * held.entryPrice.raw();
            const double made = static_cast<double>(cash + open) / 1e16;
            // Each step may round the entry by half a unit of 1e-8 per base unit, and its result by one.
            RC_ASSERT(std::abs(made - static_cast<double>(realised) / 1e8) < 1e-8 * steps * 12'000);
        }));
    }

    void saysWhatTheOrderMeans()
    {
        const Instrument rules = btc();
        const auto seen = preview(sample(rules));
        QVERIFY(seen);
        QCOMPARE(seen->fee, money("15"));
        QCOMPARE(seen->fundingPer8h, std::optional(money("-3")));
        // 0.5 × 1000 on the way, 0.25 % of 29,500 for fee and slippage, and the fee of the entry.
        QCOMPARE(seen->worstLoss, std::optional(money("588.75")));
        const auto where = liquidation(Direction::Long, quantity("0.5"), price("60000"), money("9985"), rules.marginTiers);
        QVERIFY(where);
        QCOMPARE(seen->liquidationAfter, std::optional(where->price));
        QVERIFY(!seen->liquidationBefore);
    }

    void aShortIsPaidPositiveFunding()
    {
        const Instrument rules = btc();
        PreviewInput in = sample(rules);
        in.order.side = Side::Sell;
        in.stop = price("61000");
        in.fundingEvery = std::chrono::hours{1};
        const auto seen = preview(in);
        QVERIFY(seen);
        QCOMPARE(seen->fundingPer8h, std::optional(money("24")));
        QVERIFY(seen->liquidationAfter && *seen->liquidationAfter > in.fillAt);
    }

    void withoutEveryStopTheLossHasNoBound()
    {
        const Instrument rules = btc();
        PreviewInput in = sample(rules);
        in.others.push_back({{kBtc, PositionSide::Short}, Direction::Short, quantity("1"), price("60000"), std::nullopt, {}});
        const auto seen = preview(in);
        QVERIFY(seen);
        QVERIFY(!seen->worstLoss);
        QCOMPARE(seen->worstLossWhy, std::string("BTCUSDT has no stop"));
        in.others.front().stop = price("60100");
        QCOMPARE(preview(in)->worstLoss, std::optional(money("808.95"))); // 100 and 0.2 % of 60,100 more
    }

    void aReductionNeverOpens()
    {
        const Instrument rules = btc();
        PreviewInput in = sample(rules);
        in.before = position(Direction::Short, "0.2", "61000");
        in.order.reduceOnly = ReduceOnly::Yes;
        const auto seen = preview(in);
        QVERIFY(seen);
        QVERIFY(seen->execution.position.isFlat());
        QCOMPARE(seen->execution.opened, Quantity{});
        QCOMPARE(seen->execution.realised, money("200"));
        QVERIFY(!seen->liquidationAfter);
        QVERIFY(seen->liquidationBefore);
    }

    void addedIsolatedMarginMovesLiquidationAway()
    {
        const Instrument rules = btc();
        PreviewInput in = sample(rules);
        in.before = position(Direction::Long, "0.5", "60000");
        in.before.marginMode = MarginMode::Isolated;
        in.before.isolatedMargin = money("3000");
        in.before.unrealizedPnl = money("0");
        const auto plain = preview(in);
        in.before.isolatedMargin = money("5000");
        const auto backed = preview(in);
        QVERIFY(plain && backed && plain->liquidationAfter && backed->liquidationAfter);
        QVERIFY(*backed->liquidationAfter < *plain->liquidationAfter);
        QVERIFY(*backed->liquidationAfter > *backed->liquidationBefore); // a larger position stands closer to it
    }

    void unknownTiersAreSaid()
    {
        Instrument rules = btc();
        rules.marginTiers.clear();
        const auto seen = preview(sample(rules));
        QVERIFY(seen);
        QVERIFY(!seen->liquidationAfter);
        QVERIFY(!seen->liquidationWhy.empty());
    }

    void aBreachIsSeenBeforeItHappens()
    {
        Standing before;
        before.subject = {BreakerKind::GrossExposure, Scope::Account, Venue::Binance, {}, {}};
        before.reading = ratio("2.9");
        before.nextTrigger = ratio("3");
        before.nextAction = TierAction::BlockNewRisk;
        Standing after = before;
        after.reading = ratio("3");
        QVERIFY(headroomChanges({before}, {after}).front().breaches);
        after.reading = ratio("2.99");
        QVERIFY(!headroomChanges({before}, {after}).front().breaches);
        before.nextAction = after.nextAction = TierAction::Alert;
        after.reading = ratio("4");
        QVERIFY(!headroomChanges({before}, {after}).front().breaches);
        before.subject.kind = after.subject.kind = BreakerKind::LiquidationDistance;
        before.nextAction = after.nextAction = TierAction::Reduce;
        after.nextTrigger = before.nextTrigger = ratio("0.05");
        after.reading = ratio("0.04"); // low is bad
        QVERIFY(headroomChanges({before}, {after}).front().breaches);
    }
};

QTEST_APPLESS_MAIN(TestPreview)
#include "tst_preview.moc"
