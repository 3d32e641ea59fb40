#include <QtTest/QTest>

#include "tests/core/risk/engine_desk.h"

using namespace tests;

namespace
{
constexpr Direction kLong = Direction::Long;
constexpr Direction kShort = Direction::Short;

std::vector<Tier> accountTiers(std::string_view alert, std::string_view block, std::string_view flatten)
{
    const auto back = [](std::string_view level) { return Ratio::fromRaw(percent(level).raw() / 10 * 8); };
    return {tierAt("near", percent(alert), back(alert), TierAction::Alert),
            tierAt("block", percent(block), back(block), TierAction::BlockNewRisk),
            tierAt("flat", percent(flatten), back(flatten), TierAction::Flatten)};
}
std::vector<Tier> oneTier(std::string_view trigger, std::string_view rearm, TierAction action)
{
    return {tierAt("it", fixed<Ratio>(trigger), fixed<Ratio>(rearm), action)};
}
EngineDesk deskWith(BreakerKind kind, Scope scope, std::vector<Tier> tiers)
{
    return EngineDesk({only(kind, scope, std::move(tiers))});
}
} // namespace

class TestEngineAccounts : public QObject
{
    Q_OBJECT

private slots:
    void dayLoss_data();
    void dayLoss();
    void aDayLossIsRealisedAndOpenTogether();
    void weekAndMonthGoOnOverMidnight();
    void transfersAreNoResult_data();
    void transfersAreNoResult();
    void aWalletThatMovesWithoutFillWaitsForItsTransfer();
    void aRealLossWithoutFillIsNotHiddenForLong();
    void drawdownFromThePeak();
    void profitFloor();
    void marginRatioOfCrossAndIsolated();
    void exposures_data();
    void exposures();
    void correlatedExposureNetsHedges();
    void fundingOfADay();
    void countsOfTrips();
    void aTradeCountsOnceFromItsOpening();
    void aSymbolHasItsOwnLimits();
    void allAccountsTogether();
    void withoutEquityOpenPositionsAreTheWorst();
    void staleDataBlocksAndClosesNothing();
    void aCloseDoesNotMoveEquityUntilTheAccountSaysSo();
    void aSnapshotThatIsOlderThanTheMark();
};

void TestEngineAccounts::dayLoss_data()
{
    QTest::addColumn<QString>("mark");
    QTest::addColumn<QString>("firings");
    QTest::addColumn<QString>("blocked");
    // 10,000 at the start of the day, long 1 at 60,000
    QTest::newRow("one cent before the alert") << "59800.01" << "" << "";
    QTest::newRow("at the alert, 2 %") << "59800" << "near alert" << "";
    QTest::newRow("one cent before the block") << "59700.01" << "near alert" << "";
    QTest::newRow("at the block, 3 %") << "59700" << "block block-new-risk" << "day-loss";
    QTest::newRow("at the limit, 4 %") << "59600" << "flat flatten" << "day-loss";
    QTest::newRow("far through it") << "51000" << "flat flatten" << "day-loss";
    QTest::newRow("all of it and more") << "40000" << "flat flatten" << "day-loss";
    QTest::newRow("in profit") << "70000" << "" << "";
}

void TestEngineAccounts::dayLoss()
{
    QFETCH(QString, mark);
    QFETCH(QString, firings);
    QFETCH(QString, blocked);
    EngineDesk desk = deskWith(BreakerKind::DayLoss, Scope::Account, accountTiers("2", "3", "4"));
    desk.equity("10000");
    desk.mark("BTCUSDT", "60000");
    desk.hold("BTCUSDT", kLong, "1", "60000");
    desk.mark("BTCUSDT", mark.toStdString());
    QCOMPARE(desk.firings(), firings.toStdString());
    std::string reasons;
    for (const Block &block : desk.engine.blocks(coin("BTCUSDT"))) {
        if (block.reason == "day-loss")
            reasons = block.reason;
    }
    QCOMPARE(reasons, blocked.toStdString());
}

void TestEngineAccounts::aDayLossIsRealisedAndOpenTogether()
{
    EngineDesk desk = deskWith(BreakerKind::DayLoss, Scope::Account, accountTiers("2", "3", "4"));
    desk.equity("10000");
    desk.mark("BTCUSDT", "60000");
    desk.hold("BTCUSDT", kLong, "1", "60000");
    desk.mark("BTCUSDT", "59850"); // −150 open
    desk.hold("BTCUSDT", kLong, "0", "60000");
    desk.equity("9850");
    desk.mark("ETHUSDT", "3000");
    desk.hold("ETHUSDT", kShort, "10", "3000");
    QCOMPARE(desk.firings(), std::string());
    desk.mark("ETHUSDT", "3004.99");
    QCOMPARE(desk.firings(), std::string());
    desk.mark("ETHUSDT", "3005"); // −50 open: 200 together
    QCOMPARE(desk.firings(), std::string("near alert"));
    QCOMPARE(desk.engine.lossHeadroom(Venue::Binance), std::optional(fixed<Money>("200")));
}

void TestEngineAccounts::weekAndMonthGoOnOverMidnight()
{
    EngineDesk desk({only(BreakerKind::DayLoss, Scope::Account, accountTiers("2", "3", "4")),
                     only(BreakerKind::WeekLoss, Scope::Account, accountTiers("2.5", "5", "8")),
                     only(BreakerKind::MonthLoss, Scope::Account, accountTiers("3.5", "9", "12"))});
    desk.equity("10000");
    desk.now += 6s;
    desk.equity("9700"); // −3 %
    desk.pass(2min);
    const std::string first = desk.firings();
    QVERIFY2(first.find("block block-new-risk") != std::string::npos, first.c_str());
    QCOMPARE(desk.blockReasons(coin("BTCUSDT")).find("day-loss") != std::string::npos, true);
    desk.now = parseIso8601("2026-11-19T00:00:00Z").value();
    desk.fresh();
    desk.tell(TimePassed{});
    QCOMPARE(desk.standing(BreakerKind::DayLoss, Scope::Account)->reading, std::optional(Ratio{}));
    QCOMPARE(desk.standing(BreakerKind::WeekLoss, Scope::Account)->reading, std::optional(percent("3")));
    QCOMPARE(desk.blockReasons(coin("BTCUSDT")).find("day-loss"), std::string::npos);
    desk.now += 10s;
    desk.equity("9603"); // −1 % of the day, 3.97 % of week and month
    desk.now += 2min;
    desk.fresh();
    desk.tell(TimePassed{});
    QCOMPARE(desk.firings(), std::string("near alert")); // the month's
    desk.now = parseIso8601("2026-11-23T00:00:00Z").value(); // a Monday
    desk.fresh();
    desk.tell(TimePassed{});
    QCOMPARE(desk.standing(BreakerKind::WeekLoss, Scope::Account)->reading, std::optional(Ratio{}));
    QCOMPARE(desk.standing(BreakerKind::MonthLoss, Scope::Account)->reading, std::optional(percent("3.97")));
}

void TestEngineAccounts::transfersAreNoResult_data()
{
    QTest::addColumn<QString>("amount");
    QTest::addColumn<bool>("toldBefore");
    QTest::newRow("deposit, told before the totals") << "5000" << true;
    QTest::newRow("deposit, told after the totals") << "5000" << false;
    QTest::newRow("withdrawal, told before the totals") << "-9000" << true;
    QTest::newRow("withdrawal, told after the totals") << "-9000" << false;
}

void TestEngineAccounts::transfersAreNoResult()
{
    QFETCH(QString, amount);
    QFETCH(bool, toldBefore);
    EngineDesk desk({only(BreakerKind::DayLoss, Scope::Account, accountTiers("2", "3", "4")),
                     only(BreakerKind::Drawdown, Scope::Account, accountTiers("5", "7", "10"))});
    desk.equity("10000");
    desk.now += 10s;
    Transfer transfer{Venue::Binance, "1", "TRANSFER", fixed<Money>(amount.toStdString()), {}, desk.now};
    const Money after = Money::fromRaw(fixed<Money>("10000").raw() + transfer.amount.raw());
    if (toldBefore)
        desk.tell(TransferSet{transfer});
    desk.equity(after.text());
    if (!toldBefore) {
        desk.now += 20s;
        desk.fresh();
        desk.tell(TransferSet{transfer});
    }
    desk.pass(3min);
    QCOMPARE(desk.firings(), std::string());
    QCOMPARE(desk.standing(BreakerKind::DayLoss, Scope::Account)->reading, std::optional(Ratio{}));
    QCOMPARE(desk.standing(BreakerKind::Drawdown, Scope::Account)->reading, std::optional(Ratio{}));
    // From here on a loss is measured against what is there now.
    desk.now += 10s;
    const Money lost = Money::fromRaw(after.raw() / 100 * 98);
    desk.equity(lost.text());
    desk.pass(2min);
    QCOMPARE(desk.standing(BreakerKind::DayLoss, Scope::Account)->reading, std::optional(percent("2")));
    QCOMPARE(desk.standing(BreakerKind::Drawdown, Scope::Account)->reading, std::optional(percent("2")));
    QCOMPARE(desk.firings(), std::string("near alert"));
}

void TestEngineAccounts::aWalletThatMovesWithoutFillWaitsForItsTransfer()
{
    EngineDesk desk = deskWith(BreakerKind::DayLoss, Scope::Account, accountTiers("2", "3", "4"));
    desk.equity("10000");
    desk.mark("BTCUSDT", "60000");
    desk.hold("BTCUSDT", kLong, "0.1", "60000");
    desk.pass(20s);
    desk.equity("5000");
    desk.pass(30s);
    QCOMPARE(desk.firings(), std::string());
    // While it waits, a loss by the mark still counts.
    desk.mark("BTCUSDT", "56000"); // −400
    QCOMPARE(desk.firings(), std::string("flat flatten"));
}

void TestEngineAccounts::aRealLossWithoutFillIsNotHiddenForLong()
{
    EngineDesk desk = deskWith(BreakerKind::DayLoss, Scope::Account, accountTiers("2", "3", "4"));
    desk.equity("10000");
    desk.pass(20s);
    desk.equity("9000");
    desk.pass(59s);
    QCOMPARE(desk.firings(), std::string());
    desk.pass(2s);
    QCOMPARE(desk.firings(), std::string("flat flatten"));
}

void TestEngineAccounts::drawdownFromThePeak()
{
    EngineDesk desk = deskWith(BreakerKind::Drawdown, Scope::Account, accountTiers("5", "7", "10"));
    desk.equity("10000");
    desk.mark("BTCUSDT", "60000");
    desk.hold("BTCUSDT", kLong, "1", "60000");
    desk.mark("BTCUSDT", "62000"); // peak 12,000
    desk.mark("BTCUSDT", "61400.01");
    QCOMPARE(desk.firings(), std::string());
    desk.mark("BTCUSDT", "61400"); // 5 % of 12,000
    QCOMPARE(desk.firings(), std::string("near alert"));
    desk.mark("BTCUSDT", "60800");
    QCOMPARE(desk.firings(), std::string("flat flatten"));
}

void TestEngineAccounts::profitFloor()
{
    Breaker breaker = only(BreakerKind::ProfitFloor, Scope::Account,
                           {tierAt("flat", percent("50"), percent("60"), TierAction::Flatten)});
    breaker.activation = percent("2");
    EngineDesk desk({breaker});
    desk.equity("10000");
    desk.mark("BTCUSDT", "60000");
    desk.hold("BTCUSDT", kLong, "1", "60000");
    desk.mark("BTCUSDT", "60199"); // 1.99 %: nothing to guard yet
    desk.mark("BTCUSDT", "60000");
    QCOMPARE(desk.firings(), std::string());
    desk.mark("BTCUSDT", "60400");
    desk.mark("BTCUSDT", "60200.01");
    QCOMPARE(desk.firings(), std::string());
    QCOMPARE(desk.standing(BreakerKind::ProfitFloor, Scope::Account)->headroom, std::optional(fixed<Money>("0.01")));
    desk.mark("BTCUSDT", "60200");
    QCOMPARE(desk.firings(), std::string("flat flatten"));
}

void TestEngineAccounts::marginRatioOfCrossAndIsolated()
{
    EngineDesk desk = deskWith(BreakerKind::MarginRatio, Scope::Account, accountTiers("50", "60", "80"));
    desk.equity("1000");
    desk.mark("BTCUSDT", "10000");
    Position cross = desk.position("BTCUSDT", kLong, "1", "10000");
    cross.maintenanceMargin = fixed<Money>("100");
    desk.put(cross);
    QCOMPARE(desk.standing(BreakerKind::MarginRatio, Scope::Account)->reading, std::optional(percent("10")));
    desk.mark("BTCUSDT", "9200"); // 100 ÷ 200
    QCOMPARE(desk.firings(), std::string("near alert"));
    desk.mark("BTCUSDT", "9900");
    // An isolated position that is about to go is worse than the cross margin, which it does not share.
    desk.mark("ETHUSDT", "1000");
    Position isolated = desk.position("ETHUSDT", kShort, "1", "1000");
    isolated.marginMode = MarginMode::Isolated;
    isolated.isolatedMargin = fixed<Money>("100");
    isolated.unrealizedPnl = Money{};
    isolated.maintenanceMargin = fixed<Money>("10");
    desk.put(isolated);
    QCOMPARE(desk.standing(BreakerKind::MarginRatio, Scope::Account)->reading, std::optional(percent("12.5"))); // 100 ÷ 800
    desk.mark("ETHUSDT", "1085"); // 10 ÷ 15
    QCOMPARE(desk.firings(), std::string("block block-new-risk"));
    desk.mark("ETHUSDT", "1200");
    QCOMPARE(desk.firings(), std::string("flat flatten"));
}

void TestEngineAccounts::exposures_data()
{
    QTest::addColumn<int>("kind");
    QTest::addColumn<QString>("reading");
    // equity 10,000; long 0.5 BTC at 60,000, short 5 ETH at 2,000
    QTest::newRow("gross") << static_cast<int>(BreakerKind::GrossExposure) << "4";
    QTest::newRow("leverage") << static_cast<int>(BreakerKind::EffectiveLeverage) << "4";
    QTest::newRow("net") << static_cast<int>(BreakerKind::NetExposure) << "2";
    // √(3² + 1² − 2 × 3 × 1 × 0.8) = √5.2 = 2.280350850…, rounded up
    QTest::newRow("correlated") << static_cast<int>(BreakerKind::CorrelatedExposure) << "2.28035086";
}

void TestEngineAccounts::exposures()
{
    QFETCH(int, kind);
    QFETCH(QString, reading);
    const auto breaker = static_cast<BreakerKind>(kind);
    const Ratio level = fixed<Ratio>(reading.toStdString());
    EngineDesk desk = deskWith(breaker, Scope::Account, {tierAt("it", level, Ratio::fromRaw(level.raw() / 2), TierAction::BlockNewRisk)});
    desk.equity("10000");
    desk.mark("BTCUSDT", "60000");
    desk.mark("ETHUSDT", "2000");
    desk.hold("ETHUSDT", kShort, "5", "2000");
    desk.hold("BTCUSDT", kLong, "0.49", "60000");
    QCOMPARE(desk.firings(), std::string());
    desk.hold("BTCUSDT", kLong, "0.5", "60000");
    QCOMPARE(desk.standing(breaker, Scope::Account)->reading, std::optional(level));
    QCOMPARE(desk.firings(), std::string("it block-new-risk"));
    QCOMPARE(desk.blockReasons(coin("BTCUSDT")), std::string(name(breaker)));
    // Smaller, but not back at rearm: still blocked. At rearm: free.
    desk.hold("BTCUSDT", kLong, "0.4", "60000");
    QCOMPARE(desk.blockReasons(coin("BTCUSDT")), std::string(name(breaker)));
    desk.hold("BTCUSDT", kLong, "0", "60000");
    desk.hold("ETHUSDT", kShort, "0", "60000");
    QCOMPARE(desk.blockReasons(coin("BTCUSDT")), std::string());
}

void TestEngineAccounts::correlatedExposureNetsHedges()
{
    EngineDesk desk = deskWith(BreakerKind::CorrelatedExposure, Scope::Account, oneTier("100", "50", TierAction::Alert));
    desk.equity("10000");
    desk.mark("BTCUSDT", "100");
    desk.mark("ETHUSDT", "100");
    desk.hold("BTCUSDT", kLong, "100", "100");
    desk.hold("ETHUSDT", kShort, "100", "100");
    const auto reading = [&] { return desk.standing(BreakerKind::CorrelatedExposure, Scope::Account)->reading->toDouble(); };
    QVERIFY(std::abs(reading() - std::sqrt(0.4)) < 1e-7); // an unknown pair counts as 0.8
    const Ratio one = fixed<Ratio>("1");
    desk.tell(CorrelationSet{{{coin("BTCUSDT"), coin("ETHUSDT")}, {one, one, one, one}, desk.now}});
    QVERIFY(reading() < 1e-7);
    const Ratio none{};
    desk.tell(CorrelationSet{{{coin("BTCUSDT"), coin("ETHUSDT")}, {one, none, none, one}, desk.now}});
    QVERIFY(std::abs(reading() - std::sqrt(2.0)) < 1e-7);
    desk.mark("ETHUSDT", "150"); // 15,000 short, and 5,000 of equity lost with it
    QVERIFY(std::abs(reading() - std::sqrt(1.0 + 2.25) * 2) < 1e-7);
}

void TestEngineAccounts::fundingOfADay()
{
    EngineDesk desk = deskWith(BreakerKind::FundingBurn, Scope::Account, oneTier("0.01", "0.005", TierAction::BlockNewRisk));
    desk.equity("10000");
    const auto pay = [&](std::string_view amount) {
        desk.tell(FundingSet{{coin("BTCUSDT"), fixed<Money>(amount), {}, {}, desk.now}});
    };
    pay("-60");
    pay("-60"); // the same payment again
    desk.now += 8h;
    desk.fresh();
    pay("10");
    QCOMPARE(desk.firings(), std::string());
    desk.now += 8h;
    desk.fresh();
    pay("-50"); // 60 − 10 + 50 = 100
    QCOMPARE(desk.firings(), std::string("it block-new-risk"));
    desk.now += 8h; // the first has left the 24 hours
    desk.fresh();
    desk.tell(TimePassed{});
    QCOMPARE(desk.standing(BreakerKind::FundingBurn, Scope::Account)->reading, std::optional(percent("0.4")));
}

void TestEngineAccounts::countsOfTrips()
{
    EngineDesk desk({only(BreakerKind::ConsecutiveLosses, Scope::Account, oneTier("3", "0", TierAction::BlockNewRisk)),
                     only(BreakerKind::LosingTradesPerDay, Scope::Account, oneTier("4", "0", TierAction::BlockNewRisk))});
    desk.equity("10000");
    const auto readings = [&] {
        return std::pair(desk.standing(BreakerKind::ConsecutiveLosses, Scope::Account)->reading->raw() / kDecimalOne,
                         desk.standing(BreakerKind::LosingTradesPerDay, Scope::Account)->reading->raw() / kDecimalOne);
    };
    const auto next = [&](std::string_view net, std::string_view fees = "1") {
        desk.now += 20s;
        desk.fresh();
        desk.trip("BTCUSDT", net, fees);
    };
    next("-10");
    next("-10");
    next("-0.5"); // less than the fees: neither won nor lost
    QCOMPARE(readings(), std::pair(std::int64_t{2}, std::int64_t{2}));
    next("30");
    QCOMPARE(readings(), std::pair(std::int64_t{0}, std::int64_t{2}));
    next("-10");
    next("-10");
    QCOMPARE(desk.firings(), std::string("it block-new-risk")); // the fourth loss of the day
    next("-10");
    QCOMPARE(desk.firings(), std::string("it block-new-risk")); // three in a row
    desk.now = parseIso8601("2026-11-19T00:00:00Z").value();
    desk.fresh();
    desk.tell(TimePassed{});
    QCOMPARE(readings(), std::pair(std::int64_t{3}, std::int64_t{0}));
}

void TestEngineAccounts::aTradeCountsOnceFromItsOpening()
{
    EngineDesk desk = deskWith(BreakerKind::TradesPerDay, Scope::Account, oneTier("2", "0", TierAction::BlockNewRisk));
    desk.equity("10000");
    desk.mark("BTCUSDT", "60000");
    const auto count = [&] { return desk.standing(BreakerKind::TradesPerDay, Scope::Account)->reading->raw() / kDecimalOne; };
    desk.hold("BTCUSDT", kLong, "1", "60000");
    QCOMPARE(count(), 1);
    desk.now += 10s;
    desk.refresh();
    desk.hold("BTCUSDT", kLong, "0", "60000");
    QCOMPARE(count(), 1); // closed, its trip not told yet
    desk.trip("BTCUSDT", "5");
    QCOMPARE(count(), 1);
    desk.now += 10s;
    desk.refresh();
    desk.hold("BTCUSDT", kShort, "1", "60000");
    QCOMPARE(count(), 2);
    QCOMPARE(desk.firings(), std::string("it block-new-risk"));
}

void TestEngineAccounts::aSymbolHasItsOwnLimits()
{
    EngineDesk desk({only(BreakerKind::DayLoss, Scope::Symbol, {tierAt("out", percent("2"), percent("1"), TierAction::Close)}),
                     only(BreakerKind::GrossExposure, Scope::Symbol, oneTier("2", "1", TierAction::BlockNewRisk)),
                     only(BreakerKind::ConsecutiveLosses, Scope::Symbol, oneTier("2", "0", TierAction::BlockNewRisk))});
    desk.equity("10000");
    desk.mark("BTCUSDT", "10000");
    desk.mark("ETHUSDT", "1000");
    desk.hold("BTCUSDT", kLong, "1", "10000");
    desk.hold("ETHUSDT", kLong, "1", "1000");
    desk.mark("BTCUSDT", "9900"); // −100
    desk.hold("BTCUSDT", kLong, "0.5", "10000"); // 50 of it realised
    desk.mark("BTCUSDT", "9801"); // −99.5 open
    QCOMPARE(desk.standing(BreakerKind::DayLoss, Scope::Symbol)->subject.instrument, std::optional(coin("BTCUSDT")));
    QCOMPARE(desk.standing(BreakerKind::DayLoss, Scope::Symbol)->reading, std::optional(percent("1.495")));
    QCOMPARE(desk.firings(), std::string());
    desk.mark("BTCUSDT", "9700");
    const auto fired = desk.fired();
    QCOMPARE(fired.size(), std::size_t{1});
    QCOMPARE(fired[0].targets.size(), std::size_t{1});
    QCOMPARE(fired[0].targets[0].position.instrument, coin("BTCUSDT"));
    QVERIFY(desk.blockReasons(coin("BTCUSDT")).find("day-loss") != std::string::npos);
    QCOMPARE(desk.blockReasons(coin("ETHUSDT")), std::string());
    desk.trip("ETHUSDT", "-5");
    desk.now += 1s;
    desk.refresh();
    desk.trip("ETHUSDT", "-5");
    QVERIFY(desk.blockReasons(coin("ETHUSDT")).find("consecutive-losses") != std::string::npos);
    QVERIFY(desk.blockReasons(coin("BTCUSDT")).find("consecutive-losses") == std::string::npos);
}

void TestEngineAccounts::allAccountsTogether()
{
    EngineDesk desk;
    desk.limits({}, Venue::Hyperliquid);
    desk.tell(ArmingSet{Venue::Hyperliquid, Arming::Armed});
    desk.fresh(Venue::Hyperliquid);
    desk.limits({only(BreakerKind::DayLoss, Scope::AllAccounts, accountTiers("2", "3", "4")),
                 only(BreakerKind::GrossExposure, Scope::AllAccounts, oneTier("3", "1", TierAction::BlockNewRisk))},
                std::nullopt);
    desk.equity("10000");
    QVERIFY(!desk.standing(BreakerKind::DayLoss, Scope::AllAccounts)->reading); // one of them is not known yet
    desk.equity("5000", Venue::Hyperliquid);
    desk.mark("BTCUSDT", "60000");
    desk.mark("BTC", "60000", Venue::Hyperliquid);
    desk.hold("BTCUSDT", kLong, "0.5", "60000");
    desk.hold("BTC", kLong, "0.2", "60000", Venue::Hyperliquid);
    QCOMPARE(desk.standing(BreakerKind::GrossExposure, Scope::AllAccounts)->reading, std::optional(fixed<Ratio>("2.8")));
    desk.mark("BTCUSDT", "59400"); // −300
    QCOMPARE(desk.firings(), std::string("near alert"));
    desk.mark("BTC", "58500", Venue::Hyperliquid); // −300 more: 4 %
    const auto fired = desk.fired();
    QCOMPARE(fired.size(), std::size_t{1});
    QCOMPARE(fired[0].action, TierAction::Flatten);
    QCOMPARE(fired[0].targets.size(), std::size_t{2});
    QVERIFY(!fired[0].subject.account);
    QVERIFY(desk.blockReasons(on(Venue::Hyperliquid, "BTC")).find("day-loss") != std::string::npos);
}

void TestEngineAccounts::withoutEquityOpenPositionsAreTheWorst()
{
    EngineDesk desk({only(BreakerKind::EffectiveLeverage, Scope::Account, {tierAt("flat", fixed<Ratio>("20"), fixed<Ratio>("10"), TierAction::Flatten)}),
                     only(BreakerKind::LossOnEquity, Scope::Position, {tierAt("out", percent("50"), percent("40"), TierAction::Close)}),
                     only(BreakerKind::MarginRatio, Scope::Account, accountTiers("50", "60", "80"))});
    desk.equity("1000");
    desk.mark("BTCUSDT", "10000");
    desk.hold("BTCUSDT", kLong, "1", "10000");
    QCOMPARE(desk.firings(), std::string());
    desk.mark("BTCUSDT", "9000"); // equity 0
    QCOMPARE(desk.firings(), std::string("out close, flat flatten, flat flatten"));
    desk.mark("BTCUSDT", "100");
    for (const Standing &standing : desk.engine.standings())
        QVERIFY(standing.reading.has_value());
}

void TestEngineAccounts::staleDataBlocksAndClosesNothing()
{
    EngineDesk desk({only(BreakerKind::DayLoss, Scope::Account, accountTiers("2", "3", "4")),
                     only(BreakerKind::LossOnMargin, Scope::Position, {tierAt("out", percent("30"), percent("20"), TierAction::Close)}),
                     only(BreakerKind::DataStale, Scope::Account, oneTier("0.5", "0.1", TierAction::Flatten))});
    desk.equity("10000");
    desk.mark("BTCUSDT", "60000");
    desk.mark("ETHUSDT", "3000");
    desk.hold("BTCUSDT", kLong, "1", "60000");
    desk.hold("ETHUSDT", kLong, "1", "3000");
    desk.now += 3s;
    desk.mark("BTCUSDT", "60000");
    QCOMPARE(desk.blockReasons(coin("BTCUSDT")), std::string());
    desk.now += 1s; // the mark of ETH is older than three seconds
    desk.mark("BTCUSDT", "57000"); // −5 % of margin × 10, −30 % of the day
    QCOMPARE(desk.firings(), std::string("out close")); // its own mark is fresh; the account's loss needs both
    QVERIFY(desk.blockReasons(coin("BTCUSDT")).find("stale") != std::string::npos);
    desk.mark("ETHUSDT", "3000");
    QCOMPARE(desk.firings(), std::string("flat flatten")); // the first trustworthy value
    desk.now += 1s;
    desk.mark("BTCUSDT", "57000");
    QCOMPARE(desk.firings(), std::string());
    // Silence: said and blocked, and nothing closed by it, whatever its tier says.
    desk.now += 40s;
    desk.tell(TimePassed{});
    QCOMPARE(desk.firings(), std::string("it block-new-risk"));
    desk.tell(FreshnessSet{Venue::Binance, {}, true, false});
    QVERIFY(desk.blockReasons(coin("BTCUSDT")).find("not-reconciled") != std::string::npos);
}

void TestEngineAccounts::aCloseDoesNotMoveEquityUntilTheAccountSaysSo()
{
    EngineDesk desk = deskWith(BreakerKind::Drawdown, Scope::Account, accountTiers("5", "7", "10"));
    desk.equity("10000");
    desk.mark("BTCUSDT", "60000");
    desk.hold("BTCUSDT", kLong, "1", "60000");
    desk.mark("BTCUSDT", "62000");
    desk.hold("BTCUSDT", kLong, "0", "60000"); // takes the profit
    QCOMPARE(desk.standing(BreakerKind::Drawdown, Scope::Account)->reading, std::optional(Ratio{}));
    desk.equity("11990");
    QVERIFY(desk.standing(BreakerKind::Drawdown, Scope::Account)->reading->toDouble() < 0.001);
    QCOMPARE(desk.firings(), std::string());
}

void TestEngineAccounts::aSnapshotThatIsOlderThanTheMark()
{
    EngineDesk desk = deskWith(BreakerKind::DayLoss, Scope::Account, accountTiers("2", "3", "4"));
    desk.equity("10000");
    desk.mark("BTCUSDT", "60000");
    desk.hold("BTCUSDT", kLong, "1", "60000");
    AccountSnapshot totals;
    totals.equity = totals.walletBalance = fixed<Money>("10000");
    totals.venueTime = desk.now + 100ms;
    desk.now += 1s;
    desk.mark("BTCUSDT", "59600"); // −4 %
    desk.firings();
    desk.tell(AccountSet{Venue::Binance, totals}); // still of the mark before
    QCOMPARE(desk.standing(BreakerKind::DayLoss, Scope::Account)->reading, std::optional(percent("4")));
}

QTEST_APPLESS_MAIN(TestEngineAccounts)
#include "tst_engine_accounts.moc"
