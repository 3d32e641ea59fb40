#include <QtTest/QTest>

#include "tests/core/risk/engine_desk.h"

using namespace tests;

namespace
{
constexpr Direction kLong = Direction::Long;

std::vector<Tier> steps()
{
    Tier near = tierAt("near", percent("10"), percent("7"), TierAction::Alert);
    near.firesMax = 3;
    return {near, tierAt("half", percent("15"), percent("12"), TierAction::Reduce),
            tierAt("out", percent("20"), percent("16"), TierAction::Close)};
}
std::vector<Breaker> marginLadder() { return {only(BreakerKind::LossOnMargin, Scope::Position, steps())}; }

/// Entry 10,000, leverage 10: the loss on margin in whole percents as a mark.
std::string markAt(int percents) { return std::to_string(10'000 - percents * 10); }

EngineDesk holding(Arming arming = Arming::Armed, std::vector<Breaker> breakers = marginLadder())
{
    EngineDesk desk(std::move(breakers), arming);
    desk.equity("100000");
    desk.mark("BTCUSDT", "10000");
    desk.hold("BTCUSDT", kLong, "1", "10000");
    return desk;
}
PositionKey btc() { return {coin("BTCUSDT"), PositionSide::Both}; }
} // namespace

class TestEngineLadder : public QObject
{
    Q_OBJECT

private slots:
    void armsAgainOnlyBelowRearm();
    void aGapSpendsEverythingItPasses();
    void aNewLifeStartsANewLadder();
    void alertOnlySendsNothingAndSpendsNothing();
    void offSaysNothing();
    void actsOnTheFirstTrustworthyValue();
    void anActionWithoutEffectGoesUp();
    void anActionWithEffectDoesNot();
    void aReductionThatRecoversDoesNotGoUp();
    void aBlockStaysWhileTheReadingIsBeyond();
    void whatAnEarlierRunFiredIsSpent();
    void whatWasGivenUpMayFireAgain();
    void limitsThatChangeKeepWhatTiersRemember();
    void theLargestDangerComesFirst();
    void coolingOffDoublesAndNeverShortens();
    void aCountThatStaysHighIsFreeAfterItsLockout();
    void aLossOfTheMonthNeedsARelease();
    void threeHaltsInAWeekLock();
    void accountStates();
    void nothingActsBeforeThereAreLimits();
    void textsAreSentencesWithNumbers();
};

void TestEngineLadder::armsAgainOnlyBelowRearm()
{
    EngineDesk desk = holding();
    for (const int percents : {10, 8, 11})
        desk.mark("BTCUSDT", markAt(percents));
    QCOMPARE(desk.firings(), std::string("near alert"));
    desk.mark("BTCUSDT", markAt(7));
    for (int i = 0; i < 5; ++i) {
        desk.mark("BTCUSDT", markAt(11));
        desk.mark("BTCUSDT", markAt(7));
    }
    QCOMPARE(desk.firings(), std::string("near alert, near alert")); // three times at most
}

void TestEngineLadder::aGapSpendsEverythingItPasses()
{
    EngineDesk desk = holding();
    desk.mark("BTCUSDT", markAt(90));
    QCOMPARE(desk.firings(), std::string("out close"));
    desk.mark("BTCUSDT", markAt(17));
    desk.mark("BTCUSDT", markAt(95));
    QCOMPARE(desk.firings(), std::string());
}

void TestEngineLadder::aNewLifeStartsANewLadder()
{
    EngineDesk desk = holding();
    desk.mark("BTCUSDT", markAt(20));
    QCOMPARE(desk.firings(), std::string("out close"));
    desk.hold("BTCUSDT", kLong, "0", "10000");
    desk.now += 1s;
    desk.mark("BTCUSDT", "10000");
    desk.hold("BTCUSDT", kLong, "1", "10000");
    desk.mark("BTCUSDT", markAt(20));
    QCOMPARE(desk.firings(), std::string("out close"));
}

void TestEngineLadder::alertOnlySendsNothingAndSpendsNothing()
{
    EngineDesk desk = holding(Arming::AlertOnly);
    desk.mark("BTCUSDT", markAt(20));
    const auto said = desk.fired();
    QCOMPARE(said.size(), std::size_t{1});
    QVERIFY(!said[0].acts && said[0].action == TierAction::Close);
    QCOMPARE(desk.blockReasons(coin("BTCUSDT")), std::string());
    desk.tell(ArmingSet{Venue::Binance, Arming::Armed});
    QCOMPARE(desk.firings(), std::string("out close"));
    desk.tell(ArmingSet{Venue::Binance, Arming::AlertOnly});
    desk.mark("BTCUSDT", markAt(21));
    QCOMPARE(desk.firings(), std::string()); // said already
}

void TestEngineLadder::offSaysNothing()
{
    EngineDesk desk = holding(Arming::Off);
    desk.mark("BTCUSDT", markAt(50));
    QVERIFY(desk.out.empty());
}

void TestEngineLadder::actsOnTheFirstTrustworthyValue()
{
    EngineDesk desk = holding();
    desk.tell(FreshnessSet{Venue::Binance, {}, true, false});
    desk.mark("BTCUSDT", markAt(12));
    QCOMPARE(desk.firings(), std::string("near alert"));
    desk.mark("BTCUSDT", markAt(25));
    QCOMPARE(desk.firings(), std::string());
    QCOMPARE(desk.engine.reached(btc()).size(), std::size_t{1});
    QCOMPARE(desk.engine.reached(btc())[0].tier, std::string("out"));
    QVERIFY(desk.blockReasons(coin("BTCUSDT")).find("loss-on-margin") != std::string::npos);
    desk.fresh();
    QCOMPARE(desk.firings(), std::string("out close"));
    QVERIFY(desk.engine.reached(btc()).empty());
}

void TestEngineLadder::anActionWithoutEffectGoesUp()
{
    EngineDesk desk = holding();
    desk.mark("ETHUSDT", "1000");
    desk.hold("ETHUSDT", kLong, "1", "1000");
    desk.mark("BTCUSDT", markAt(15));
    QCOMPARE(desk.firings(), std::string("half reduce"));
    desk.pass(4s);
    QCOMPARE(desk.firings(), std::string());
    desk.pass(1s);
    auto fired = desk.fired();
    QCOMPARE(fired.size(), std::size_t{1});
    QVERIFY(fired[0].escalated && fired[0].acts && fired[0].tier == "half");
    QCOMPARE(fired[0].action, TierAction::Close);
    QCOMPARE(fired[0].fireNumber, 2);
    desk.pass(5s);
    fired = desk.fired();
    QCOMPARE(fired.size(), std::size_t{1});
    QCOMPARE(fired[0].action, TierAction::Flatten);
    QCOMPARE(fired[0].targets.size(), std::size_t{2}); // the whole account
    desk.pass(1min);
    QCOMPARE(desk.firings(), std::string());
}

void TestEngineLadder::anActionWithEffectDoesNot()
{
    EngineDesk desk = holding();
    desk.mark("BTCUSDT", markAt(15));
    desk.pass(3s);
    desk.hold("BTCUSDT", kLong, "0.5", "10000");
    desk.pass(1min);
    QCOMPARE(desk.firings(), std::string("half reduce"));
    desk.mark("BTCUSDT", markAt(20));
    desk.pass(4s);
    desk.hold("BTCUSDT", kLong, "0.2", "10000"); // under way: the clock starts again
    desk.pass(4s);
    desk.hold("BTCUSDT", kLong, "0", "10000");
    desk.pass(1min);
    QCOMPARE(desk.firings(), std::string("out close"));
}

void TestEngineLadder::aReductionThatRecoversDoesNotGoUp()
{
    EngineDesk desk = holding();
    desk.mark("BTCUSDT", markAt(15));
    desk.mark("BTCUSDT", markAt(5));
    desk.pass(1min);
    QCOMPARE(desk.firings(), std::string("half reduce"));
}

void TestEngineLadder::aBlockStaysWhileTheReadingIsBeyond()
{
    Tier block = tierAt("block", percent("10"), percent("7"), TierAction::BlockNewRisk);
    EngineDesk desk = holding(Arming::Armed, {only(BreakerKind::LossOnMargin, Scope::Position, {block})});
    const auto isBlocked = [&] { return desk.blockReasons(coin("BTCUSDT")) == "loss-on-margin"; };
    desk.mark("BTCUSDT", markAt(10));
    QVERIFY(isBlocked());
    desk.mark("BTCUSDT", markAt(8));
    QVERIFY(isBlocked());
    desk.mark("BTCUSDT", markAt(7));
    QVERIFY(!isBlocked());
    desk.mark("BTCUSDT", markAt(10)); // its one fire is spent, the reading is beyond all the same
    QVERIFY(isBlocked());
    QCOMPARE(desk.firings(), std::string("block block-new-risk"));
}

void TestEngineLadder::whatAnEarlierRunFiredIsSpent()
{
    EngineDesk desk = holding();
    const Life life = desk.open.begin()->second.first;
    desk.engine.restoreFires({BreakerKind::LossOnMargin, Scope::Position, Venue::Binance, coin("BTCUSDT"), PositionSide::Both},
                             life, "half", 1);
    desk.mark("BTCUSDT", markAt(15));
    QCOMPARE(desk.firings(), std::string());
    desk.mark("BTCUSDT", markAt(20));
    QCOMPARE(desk.firings(), std::string("out close"));
}

void TestEngineLadder::whatWasGivenUpMayFireAgain()
{
    EngineDesk desk = holding();
    desk.mark("BTCUSDT", markAt(20));
    const auto first = desk.fired();
    desk.engine.reopen(first[0].subject, "out");
    desk.mark("BTCUSDT", markAt(20));
    const auto second = desk.fired();
    QCOMPARE(second.size(), std::size_t{1});
    QCOMPARE(second[0].fireNumber, 2);
}

void TestEngineLadder::limitsThatChangeKeepWhatTiersRemember()
{
    EngineDesk desk = holding();
    desk.mark("BTCUSDT", markAt(15));
    QCOMPARE(desk.firings(), std::string("half reduce"));
    auto tighter = marginLadder();
    tighter[0].tiers[1].trigger = percent("13");
    tighter[0].tiers[2].trigger = percent("17");
    tighter[0].tiers[2].id = "sooner";
    desk.limits(tighter);
    QCOMPARE(desk.firings(), std::string());
    desk.mark("BTCUSDT", markAt(17));
    QCOMPARE(desk.firings(), std::string("sooner close"));
}

void TestEngineLadder::theLargestDangerComesFirst()
{
    EngineDesk desk({only(BreakerKind::DayLoss, Scope::Account, {tierAt("flat", percent("4"), percent("3"), TierAction::Flatten)})});
    desk.equity("10000");
    const auto hold = [&](std::string_view symbol, std::string_view quantity, std::string_view liquidation) {
        desk.mark(symbol, "100");
        Position position = desk.position(symbol, kLong, quantity, "100");
        if (!liquidation.empty())
            position.liquidationPrice = fixed<Price>(liquidation);
        desk.put(position);
    };
    hold("SMALLUSDT", "1", "");
    hold("FARUSDT", "50", "20");
    hold("LARGEUSDT", "20", "");
    hold("NEARUSDT", "1", "95");
    desk.now += 10s;
    desk.refresh();
    desk.mark("FARUSDT", "90");
    const auto fired = desk.fired();
    QCOMPARE(fired.size(), std::size_t{1});
    QString order;
    for (const Life &life : fired[0].targets)
        order += QString::fromStdString(life.position.instrument.symbol.string()) + QLatin1Char(' ');
    QCOMPARE(order, QStringLiteral("NEARUSDT FARUSDT LARGEUSDT SMALLUSDT "));
}

void TestEngineLadder::coolingOffDoublesAndNeverShortens()
{
    Tier close = tierAt("out", percent("20"), percent("16"), TierAction::Close);
    close.coolingOff = 60min;
    EngineDesk desk = holding(Arming::Armed, {only(BreakerKind::LossOnMargin, Scope::Position, {close})});
    const auto lose = [&] {
        desk.mark("BTCUSDT", markAt(20));
        desk.hold("BTCUSDT", kLong, "0", "10000");
        const auto locked = desk.take<LockoutSet>();
        desk.now += 1s;
        desk.refresh();
        desk.mark("BTCUSDT", "10000");
        desk.hold("BTCUSDT", kLong, "1", "10000");
        return locked.size() == 1 && !locked[0].ended ? locked[0].lockout.until - locked[0].lockout.startedAt : Duration{0};
    };
    QCOMPARE(lose(), Duration{60min});
    QCOMPARE(desk.blockReasons(coin("BTCUSDT")), std::string("lockout"));
    QCOMPARE(lose(), Duration{120min});
    desk.tell(ArmingSet{Venue::Binance, Arming::Off}); // no way out
    QVERIFY(desk.blockReasons(coin("BTCUSDT")).find("lockout") != std::string::npos);
    desk.tell(ArmingSet{Venue::Binance, Arming::Armed});
    desk.pass(121min);
    std::size_t ended = 0;
    for (const LockoutSet &lockout : desk.take<LockoutSet>())
        ended += lockout.ended ? 1 : 0;
    QCOMPARE(ended, std::size_t{2});
    QCOMPARE(desk.blockReasons(coin("BTCUSDT")), std::string());
    QCOMPARE(lose(), Duration{240min});
}

void TestEngineLadder::aCountThatStaysHighIsFreeAfterItsLockout()
{
    Tier stop = tierAt("stop", fixed<Ratio>("3"), Ratio{}, TierAction::BlockNewRisk);
    stop.coolingOff = 60min;
    EngineDesk desk({only(BreakerKind::ConsecutiveLosses, Scope::Account, {stop})});
    desk.equity("10000");
    desk.mark("BTCUSDT", "10000");
    for (int i = 0; i < 3; ++i) {
        desk.now += 20s;
        desk.refresh();
        desk.trip("BTCUSDT", "-10");
    }
    QCOMPARE(desk.blockReasons(coin("BTCUSDT")), std::string("lockout"));
    desk.pass(61min);
    // Only a win can end the episode, and nobody wins who may not trade.
    QCOMPARE(desk.blockReasons(coin("BTCUSDT")), std::string());
}

void TestEngineLadder::aLossOfTheMonthNeedsARelease()
{
    EngineDesk desk({only(BreakerKind::MonthLoss, Scope::Account, {tierAt("flat", percent("10"), percent("8"), TierAction::Flatten)})});
    desk.equity("10000");
    desk.mark("BTCUSDT", "10000");
    desk.hold("BTCUSDT", kLong, "1", "10000");
    desk.mark("BTCUSDT", "9000");
    const auto locked = desk.take<LockoutSet>();
    QCOMPARE(locked.size(), std::size_t{1});
    QVERIFY(locked[0].lockout.needsRelease);
    QCOMPARE(desk.engine.accountState(Venue::Binance).state, TradingState::Locked);
    desk.tell(LockoutReleased{locked[0].lockout.id}); // too early
    QCOMPARE(desk.engine.lockouts().size(), std::size_t{1});
    desk.pass(61min);
    QCOMPARE(desk.engine.lockouts().size(), std::size_t{1}); // it does not end by itself
    desk.tell(LockoutReleased{locked[0].lockout.id});
    QVERIFY(desk.engine.lockouts().empty());
    QCOMPARE(desk.blockReasons(coin("BTCUSDT")), std::string("month-loss")); // the loss is still there
}

void TestEngineLadder::threeHaltsInAWeekLock()
{
    EngineDesk desk({only(BreakerKind::DayLoss, Scope::Account, {tierAt("flat", percent("4"), percent("3"), TierAction::Flatten)})});
    desk.equity("10000");
    double equity = 10000;
    for (int day = 0; day < 3; ++day) {
        desk.fresh();
        desk.tell(TimePassed{});
        equity *= 0.95;
        desk.equity(decimalText(static_cast<std::int64_t>(equity) * kDecimalOne));
        desk.now += 61s;
        desk.fresh();
        desk.tell(TimePassed{});
        QCOMPARE(desk.firings(), std::string("flat flatten"));
        const bool locked = desk.engine.accountState(Venue::Binance).state == TradingState::Locked;
        QCOMPARE(locked, day == 2);
        desk.now += 24h;
    }
}

void TestEngineLadder::accountStates()
{
    EngineDesk desk({only(BreakerKind::DayLoss, Scope::Account, {tierAt("flat", percent("4"), percent("3.2"), TierAction::BlockNewRisk)})});
    desk.equity("10000");
    desk.mark("BTCUSDT", "10000");
    desk.mark("ETHUSDT", "1000");
    desk.hold("BTCUSDT", kLong, "1", "10000");
    const auto stateAt = [&](std::string_view mark) {
        desk.mark("BTCUSDT", mark);
        return std::string(name(desk.engine.accountState(Venue::Binance).state));
    };
    QCOMPARE(stateAt("9801"), std::string("normal"));
    QCOMPARE(stateAt("9800"), std::string("warning"));
    QCOMPARE(stateAt("9700"), std::string("reduced"));
    QCOMPARE(desk.engine.accountState(Venue::Binance).riskMultiplier, fixed<Ratio>("0.5"));
    QCOMPARE(desk.blockReasons(coin("ETHUSDT")), std::string("reduced")); // no new symbols
    QCOMPARE(desk.blockReasons(coin("BTCUSDT")), std::string());
    QCOMPARE(stateAt("9750"), std::string("reduced"));
    QCOMPARE(stateAt("9761"), std::string("warning"));
    QCOMPARE(stateAt("9600"), std::string("halted"));
    QCOMPARE(stateAt("9841"), std::string("normal"));
}

void TestEngineLadder::nothingActsBeforeThereAreLimits()
{
    RiskEngine engine;
    std::vector<RiskDecision> out;
    const UtcTime now = parseIso8601("2026-11-18T10:00:00Z").value();
    engine.apply({now, FreshnessSet{Venue::Binance, {}, true, true}}, out);
    engine.apply({now, ArmingSet{Venue::Binance, Arming::Armed}}, out);
    engine.apply({now, MarkSet{coin("BTCUSDT"), fixed<Price>("10000"), now}}, out);
    QVERIFY(out.empty());
    QCOMPARE(engine.blocks(coin("BTCUSDT")).front().reason, std::string("no-limits"));
}

void TestEngineLadder::textsAreSentencesWithNumbers()
{
    EngineDesk desk = holding();
    desk.mark("BTCUSDT", markAt(20));
    QCOMPARE(desk.engine.sentence(desk.fired()[0]), std::string("BTCUSDT long 1: loss 20 % of margin ≥ 20 % (mark 9,800). Closing it."));
    QCOMPARE(desk.engine.standings()[0].trippedText, std::string("10:00:00 UTC · close at 20 % · 20 %"));
    desk.hold("BTCUSDT", kLong, "0", "10000");
    desk.now += 1s;
    desk.mark("BTCUSDT", "10000");
    desk.hold("BTCUSDT", kLong, "1", "10000");
    desk.mark("BTCUSDT", markAt(5));
    const Standing standing = desk.engine.standings()[0];
    QCOMPARE(standing.sentence, std::string("BTCUSDT long 1: loss 5 % of margin; at 15 % (mark 9,850), 100 of loss away: Closing 50 % of it."));
    QCOMPARE(standing.headroom, std::optional(fixed<Money>("100")));
    QCOMPARE(standing.used, std::optional(fixed<Ratio>("0.25")));
}

QTEST_APPLESS_MAIN(TestEngineLadder)
#include "tst_engine_ladder.moc"
