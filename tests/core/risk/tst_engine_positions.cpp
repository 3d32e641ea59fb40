#include <QtTest/QTest>

#include "tests/core/risk/engine_desk.h"

using namespace tests;

namespace
{
constexpr Direction kLong = Direction::Long;
constexpr Direction kShort = Direction::Short;

std::vector<Tier> ladder(std::string_view alert, std::string_view reduce, std::string_view close)
{
    const auto back = [](std::string_view level) { return Ratio::fromRaw(percent(level).raw() / 10 * 8); };
    return {tierAt("near", percent(alert), back(alert), TierAction::Alert),
            tierAt("half", percent(reduce), back(reduce), TierAction::Reduce),
            tierAt("out", percent(close), back(close), TierAction::Close)};
}
/// Low is bad: levels go down.
std::vector<Tier> lowLadder(std::string_view alert, std::string_view close)
{
    const auto back = [](std::string_view level) { return Ratio::fromRaw(fixed<Ratio>(level).raw() / 10 * 12); };
    return {tierAt("near", fixed<Ratio>(alert), back(alert), TierAction::Alert),
            tierAt("out", fixed<Ratio>(close), back(close), TierAction::Close)};
}
} // namespace

class TestEnginePositions : public QObject
{
    Q_OBJECT

private slots:
    void lossOnMargin_data();
    void lossOnMargin();
    void lossOnEquity_data();
    void lossOnEquity();
    void liquidationDistance_data();
    void liquidationDistance();
    void liquidationInSigmaAndMinutes();
    void ourOwnLiquidationPriceWhereTheVenueSaysNone();
    void trailingStopGoesWithThePriceAndNeverBack();
    void givebackLooksAtPricesNotAtSizes();
    void timeInPosition();
    void volatilityShock();
    void liquidityVacuum();
    void roomIsTheTightestClosingPrice();
    void undefinedIsToldAfterTenSecondsAndTakenBack();
};

void TestEnginePositions::lossOnMargin_data()
{
    QTest::addColumn<bool>("isLong");
    QTest::addColumn<QString>("mark");
    QTest::addColumn<QString>("firings");
    // entry 60,000, leverage 10: 1 % of the price is 10 % of margin
    QTest::newRow("long: one cent before the alert") << true << "59100.01" << "";
    QTest::newRow("long: at the alert") << true << "59100" << "near alert";
    QTest::newRow("long: at the reduction") << true << "58650" << "half reduce";
    QTest::newRow("long: one cent before the close") << true << "58200.01" << "half reduce";
    QTest::newRow("long: at the close") << true << "58200" << "out close";
    QTest::newRow("long: far through everything") << true << "30000" << "out close";
    QTest::newRow("long: in profit") << true << "90000" << "";
    QTest::newRow("short: one cent before the alert") << false << "60899.99" << "";
    QTest::newRow("short: at the alert") << false << "60900" << "near alert";
    QTest::newRow("short: at the close") << false << "61800" << "out close";
    QTest::newRow("short: far through everything") << false << "200000" << "out close";
    QTest::newRow("short: in profit") << false << "30000" << "";
}

void TestEnginePositions::lossOnMargin()
{
    QFETCH(bool, isLong);
    QFETCH(QString, mark);
    QFETCH(QString, firings);
    EngineDesk desk({only(BreakerKind::LossOnMargin, Scope::Position, ladder("15", "22.5", "30"))});
    desk.equity("100000");
    desk.mark("BTCUSDT", "60000");
    desk.hold("BTCUSDT", isLong ? kLong : kShort, "0.5", "60000");
    QCOMPARE(desk.firings(), std::string());
    desk.mark("BTCUSDT", mark.toStdString());
    const auto out = desk.out;
    QCOMPARE(desk.firings(), firings.toStdString());
    desk.mark("BTCUSDT", mark.toStdString());
    QCOMPARE(desk.firings(), std::string()); // once
    desk.out = out;
    for (const Fired &fired : desk.fired()) {
        QCOMPARE(fired.mark, std::optional(fixed<Price>(mark.toStdString())));
        if (fired.action > TierAction::BlockNewRisk)
            QCOMPARE(fired.targets.size(), std::size_t{1});
    }
}

void TestEnginePositions::lossOnEquity_data()
{
    QTest::addColumn<bool>("isLong");
    QTest::addColumn<QString>("mark");
    QTest::addColumn<QString>("firings");
    // 1 BTC, equity 10,000 before: a loss of x is x ÷ (10,000 − x) of equity. 3 % at x = 291.2621…
    QTest::newRow("long: just below") << true << "59708.74" << "half reduce";
    QTest::newRow("long: just beyond") << true << "59708.73" << "out close";
    QTest::newRow("short: just below") << false << "60291.26" << "half reduce";
    QTest::newRow("short: just beyond") << false << "60291.27" << "out close";
    QTest::newRow("more than there is") << true << "49000" << "out close";
    QTest::newRow("exactly all there is") << true << "50000" << "out close";
}

void TestEnginePositions::lossOnEquity()
{
    QFETCH(bool, isLong);
    QFETCH(QString, mark);
    QFETCH(QString, firings);
    EngineDesk desk({only(BreakerKind::LossOnEquity, Scope::Position, ladder("1", "2", "3"))});
    desk.equity("10000");
    desk.mark("BTCUSDT", "60000");
    desk.hold("BTCUSDT", isLong ? kLong : kShort, "1", "60000");
    const auto expected = desk.engine.room({coin("BTCUSDT"), PositionSide::Both}).price;
    QVERIFY(expected.has_value());
    desk.mark("BTCUSDT", mark.toStdString());
    QCOMPARE(desk.firings(), firings.toStdString());
    // The price that was announced is the one at which it fires.
    const Price now = fixed<Price>(mark.toStdString());
    QCOMPARE(isLong ? now <= *expected : now >= *expected, firings == QStringLiteral("out close"));
}

void TestEnginePositions::liquidationDistance_data()
{
    QTest::addColumn<bool>("isLong");
    QTest::addColumn<QString>("liquidation");
    QTest::addColumn<QString>("mark");
    QTest::addColumn<QString>("firings");
    QTest::newRow("long: just above 10 %") << true << "54000" << "60000.01" << "";
    QTest::newRow("long: at 10 %") << true << "54000" << "60000" << "near alert";
    QTest::newRow("long: at 5 %") << true << "57000" << "60000" << "out close";
    QTest::newRow("long: through the price") << true << "61000" << "60000" << "out close";
    QTest::newRow("short: at 10 %") << false << "66000" << "60000" << "near alert";
    QTest::newRow("short: just above 5 %") << false << "63000.01" << "60000" << "near alert";
    QTest::newRow("short: at 5 %") << false << "63000" << "60000" << "out close";
}

void TestEnginePositions::liquidationDistance()
{
    QFETCH(bool, isLong);
    QFETCH(QString, liquidation);
    QFETCH(QString, mark);
    QFETCH(QString, firings);
    EngineDesk desk({only(BreakerKind::LiquidationDistance, Scope::Position, lowLadder("0.1", "0.05"))});
    desk.equity("100000");
    desk.mark("BTCUSDT", mark.toStdString());
    Position position = desk.position("BTCUSDT", isLong ? kLong : kShort, "0.5", "60000");
    position.liquidationPrice = fixed<Price>(liquidation.toStdString());
    desk.put(position);
    QCOMPARE(desk.firings(), firings.toStdString());
}

void TestEnginePositions::liquidationInSigmaAndMinutes()
{
    EngineDesk desk({only(BreakerKind::LiquidationSigma, Scope::Position, lowLadder("4", "2")),
                     only(BreakerKind::LiquidationMinutes, Scope::Position, lowLadder("1440", "360"))});
    desk.equity("100000");
    desk.mark("BTCUSDT", "60000");
    Position position = desk.position("BTCUSDT", kLong, "0.5", "60000");
    position.liquidationPrice = fixed<Price>("54000"); // 10 %
    desk.put(position);
    const auto sigma = desk.standing(BreakerKind::LiquidationSigma, Scope::Position);
    QVERIFY(sigma && !sigma->reading && !sigma->why.empty());
    Estimate estimate;
    estimate.instrument = coin("BTCUSDT");
    estimate.sigmaDay = percent("2.5"); // 4 σ; (4 σ)² days to drift
    estimate.at = desk.now;
    desk.tell(EstimateSet{estimate});
    QCOMPARE(desk.standing(BreakerKind::LiquidationSigma, Scope::Position)->reading, std::optional(fixed<Ratio>("4")));
    QCOMPARE(desk.standing(BreakerKind::LiquidationMinutes, Scope::Position)->reading, std::optional(fixed<Ratio>("23040")));
    QCOMPARE(desk.firings(), std::string("near alert"));
    estimate.sigmaDay = percent("20"); // half a day's σ: a quarter of a day
    desk.tell(EstimateSet{estimate});
    QCOMPARE(desk.standing(BreakerKind::LiquidationMinutes, Scope::Position)->reading, std::optional(fixed<Ratio>("360")));
    QCOMPARE(desk.firings(), std::string("out close, out close"));
}

void TestEnginePositions::ourOwnLiquidationPriceWhereTheVenueSaysNone()
{
    EngineDesk desk({only(BreakerKind::LiquidationDistance, Scope::Position, lowLadder("0.1", "0.05"))});
    desk.equity("1000");
    Instrument rules;
    rules.key = coin("BTCUSDT");
    rules.tickSize = fixed<Price>("0.1");
    rules.stepSize = fixed<Quantity>("0.001");
    rules.marginTiers = {{Money{}, fixed<Money>("1000000"), percent("1"), Money{}, 100}};
    desk.tell(InstrumentSet{rules});
    desk.mark("BTCUSDT", "10000");
    desk.hold("BTCUSDT", kLong, "1", "10000");
    // 1,000 + (P − 10,000) = 1 % × P: P = 9,000 ÷ 0.99 = 9,090.91, 9.09 % away
    const auto standing = desk.standing(BreakerKind::LiquidationDistance, Scope::Position);
    QVERIFY(standing && standing->reading);
    QVERIFY(std::abs(standing->reading->toDouble() - (1.0 - 9000.0 / 0.99 / 10000.0)) < 1e-7);
    QCOMPARE(desk.firings(), std::string("near alert"));
    // With more equity than the position is worth nothing liquidates a long.
    desk.equity("20000");
    QVERIFY(!desk.standing(BreakerKind::LiquidationDistance, Scope::Position)->reading);
    desk.pass(15s);
    QVERIFY(desk.take<Evaluability>().empty());
}

void TestEnginePositions::trailingStopGoesWithThePriceAndNeverBack()
{
    Breaker breaker = only(BreakerKind::TrailingStop, Scope::Position,
                           {tierAt("out", percent("100"), percent("80"), TierAction::Close)});
    breaker.distance = percent("5");
    breaker.activation = percent("2");
    EngineDesk desk({breaker});
    desk.equity("100000");
    desk.mark("ETHUSDT", "3000");
    desk.hold("ETHUSDT", kShort, "10", "3000");
    desk.mark("ETHUSDT", "2950"); // 1.7 % is too little to arm
    desk.mark("ETHUSDT", "3200");
    QCOMPARE(desk.firings(), std::string());
    desk.mark("ETHUSDT", "2800"); // stop 2,940
    QCOMPARE(desk.engine.room({coin("ETHUSDT"), PositionSide::Both}).price, std::optional(fixed<Price>("2940")));
    desk.mark("ETHUSDT", "2939.99");
    QCOMPARE(desk.firings(), std::string());
    desk.mark("ETHUSDT", "2940");
    QCOMPARE(desk.firings(), std::string("out close"));
}

void TestEnginePositions::givebackLooksAtPricesNotAtSizes()
{
    Breaker breaker = only(BreakerKind::Giveback, Scope::Position,
                           {tierAt("out", percent("50"), percent("35"), TierAction::Close)});
    breaker.activation = percent("1");
    EngineDesk desk({breaker});
    desk.equity("100000");
    desk.mark("ETHUSDT", "3000");
    desk.hold("ETHUSDT", kLong, "10", "3000");
    desk.mark("ETHUSDT", "3090"); // 900: 0.9 % of equity
    desk.mark("ETHUSDT", "3000");
    QCOMPARE(desk.firings(), std::string());
    desk.mark("ETHUSDT", "3200"); // 2,000
    desk.hold("ETHUSDT", kLong, "4", "3000"); // takes profit: nothing is given back
    QCOMPARE(desk.firings(), std::string());
    desk.mark("ETHUSDT", "3100.01");
    QCOMPARE(desk.firings(), std::string());
    desk.mark("ETHUSDT", "3100");
    QCOMPARE(desk.firings(), std::string("out close"));
}

void TestEnginePositions::timeInPosition()
{
    EngineDesk desk({only(BreakerKind::TimeInPosition, Scope::Position,
                          {tierAt("long", fixed<Ratio>("90"), fixed<Ratio>("0"), TierAction::Close)})});
    desk.equity("100000");
    desk.mark("ETHUSDT", "3000");
    desk.hold("ETHUSDT", kLong, "10", "3000");
    desk.now += 90min - 1s;
    desk.refresh();
    desk.tell(TimePassed{});
    QCOMPARE(desk.firings(), std::string());
    desk.now += 1s;
    desk.tell(TimePassed{});
    QCOMPARE(desk.firings(), std::string("long close"));
}

void TestEnginePositions::volatilityShock()
{
    EngineDesk desk({only(BreakerKind::VolatilityShock, Scope::Position,
                          {tierAt("shock", fixed<Ratio>("3"), fixed<Ratio>("2"), TierAction::Reduce)})});
    desk.equity("100000");
    desk.mark("ETHUSDT", "3000");
    desk.hold("ETHUSDT", kLong, "10", "3000");
    Estimate estimate;
    estimate.instrument = coin("ETHUSDT");
    estimate.sigmaUsual = percent("3");
    estimate.sigmaShort = percent("8.99");
    estimate.at = desk.now;
    desk.tell(EstimateSet{estimate});
    QCOMPARE(desk.firings(), std::string());
    estimate.sigmaShort = percent("9");
    desk.tell(EstimateSet{estimate});
    QCOMPARE(desk.firings(), std::string("shock reduce"));
}

void TestEnginePositions::liquidityVacuum()
{
    EngineDesk desk({only(BreakerKind::LiquidityVacuum, Scope::Position,
                          {tierAt("thin", percent("1"), percent("0.8"), TierAction::Reduce)})});
    desk.equity("100000");
    desk.mark("ETHUSDT", "3000");
    desk.hold("ETHUSDT", kLong, "10", "3000");
    Depth depth{coin("ETHUSDT"), fixed<Price>("3000"), {}, true, desk.now};
    depth.steps = {{percent("0.5"), fixed<Quantity>("5"), fixed<Quantity>("1")},
                   {percent("1"), fixed<Quantity>("10"), fixed<Quantity>("1")}};
    desk.tell(DepthSet{depth});
    QCOMPARE(desk.standing(BreakerKind::LiquidityVacuum, Scope::Position)->reading, std::optional(percent("0.75")));
    QCOMPARE(desk.firings(), std::string());
    depth.steps[1].bids = fixed<Quantity>("9"); // the last unit finds nothing: 0.25 % + 0.4 % + 10 %
    desk.tell(DepthSet{depth});
    QCOMPARE(desk.firings(), std::string("thin reduce"));
    depth.complete = false;
    desk.tell(DepthSet{depth});
    QVERIFY(!desk.standing(BreakerKind::LiquidityVacuum, Scope::Position)->reading);
}

void TestEnginePositions::roomIsTheTightestClosingPrice()
{
    EngineDesk desk({only(BreakerKind::LossOnMargin, Scope::Position, ladder("15", "22.5", "30")),
                     only(BreakerKind::LossOnEquity, Scope::Position, ladder("0.5", "0.7", "1"))});
    desk.equity("100000");
    desk.mark("BTCUSDT", "60000");
    desk.hold("BTCUSDT", kLong, "1", "60000");
    const auto room = desk.engine.room({coin("BTCUSDT"), PositionSide::Both});
    // 1 % of equity: 100,000 × 1 % ÷ 1.01 = 990.10; 30 % of margin: 1,800
    QVERIFY(room.price && room.loss);
    QCOMPARE(room.price->raw() / 1'000'000, 5'900'990); // floored to cents here
    QVERIFY(room.loss->toDouble() > 990.09 && room.loss->toDouble() < 990.11);
}

void TestEnginePositions::undefinedIsToldAfterTenSecondsAndTakenBack()
{
    EngineDesk desk({only(BreakerKind::LossOnMargin, Scope::Position, ladder("15", "22.5", "30"))});
    desk.equity("100000");
    desk.hold("BTCUSDT", kLong, "1", "60000");
    desk.pass(9s);
    QVERIFY(desk.take<Evaluability>().empty());
    desk.pass(1s);
    auto told = desk.take<Evaluability>();
    QCOMPARE(told.size(), std::size_t{1});
    QVERIFY(!told[0].evaluable && !told[0].why.empty());
    desk.pass(30s);
    QVERIFY(desk.take<Evaluability>().empty()); // once
    desk.mark("BTCUSDT", "60000");
    told = desk.take<Evaluability>();
    QCOMPARE(told.size(), std::size_t{1});
    QVERIFY(told[0].evaluable);
}

QTEST_APPLESS_MAIN(TestEnginePositions)
#include "tst_engine_positions.moc"
