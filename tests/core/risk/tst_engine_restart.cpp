#include <QtTest/QTest>

#include "tests/core/risk/engine_desk.h"

using namespace tests;

namespace
{
constexpr Direction kLong = Direction::Long;

std::vector<Breaker> limitsOfAll()
{
    const auto tiers = [](std::string_view block, std::string_view flatten) {
        const auto back = [](std::string_view level) { return Ratio::fromRaw(percent(level).raw() / 10 * 8); };
        return std::vector{tierAt("block", percent(block), back(block), TierAction::BlockNewRisk),
                           tierAt("flat", percent(flatten), back(flatten), TierAction::Flatten)};
    };
    Tier streak = tierAt("stop", fixed<Ratio>("3"), Ratio{}, TierAction::BlockNewRisk);
    streak.coolingOff = 60min;
    return {only(BreakerKind::DayLoss, Scope::Account, tiers("3", "4")),
            only(BreakerKind::WeekLoss, Scope::Account, tiers("6", "8")),
            only(BreakerKind::MonthLoss, Scope::Account, tiers("9", "12")),
            only(BreakerKind::Drawdown, Scope::Account, tiers("15", "20")),
            only(BreakerKind::GrossExposure, Scope::Account,
                 {tierAt("much", fixed<Ratio>("3"), fixed<Ratio>("1"), TierAction::BlockNewRisk)}),
            only(BreakerKind::ConsecutiveLosses, Scope::Account, {streak}),
            only(BreakerKind::TradesPerDay, Scope::Account,
                 {tierAt("many", fixed<Ratio>("5"), Ratio{}, TierAction::BlockNewRisk)})};
}

/// The same account after a restart of the program that knew `history`.
EngineDesk restarted(const EngineDesk &old, const History &history)
{
    EngineDesk desk;
    desk.now = old.now;
    desk.limits(limitsOfAll());
    desk.tell(FreshnessSet{Venue::Binance, {}, false, false});
    desk.tell(HistorySet{history});
    desk.equity(old.equities.at(Venue::Binance).text());
    for (const auto &[key, price] : old.marks)
        desk.mark(key.symbol.view(), price.text());
    for (const auto &[key, value] : old.open) {
        desk.tell(PositionSet{value.first, value.second});
        desk.open[key] = value;
    }
    desk.fresh();
    return desk;
}

std::string readings(const EngineDesk &desk)
{
    std::string text;
    for (const Standing &standing : desk.engine.standings()) {
        if (standing.subject.scope == Scope::Account)
            text += std::string(name(standing.subject.kind)) + " " + (standing.reading ? standing.reading->text() : standing.why) + "; ";
    }
    return text;
}
} // namespace

class TestEngineRestart : public QObject
{
    Q_OBJECT

private slots:
    void aRestartChangesNeitherBlocksNorLockoutsNorReadings();
    void whatHasActedDoesNotActAgain();
    void flowsOfTheDayAreKept();
    void thePeakIsKept();
    void aTrailingStopStaysWhereItStood();
    void withoutTheDatabaseTheVenuesTripsTell();
    void aCoolingOffOutlivesTheDatabase();
    void twoTellingsJoinAndTheTighterHolds();
    void aDayThatBeganWhileNobodyWatched();
};

void TestEngineRestart::aRestartChangesNeitherBlocksNorLockoutsNorReadings()
{
    EngineDesk desk(limitsOfAll());
    desk.equity("10000");
    desk.mark("BTCUSDT", "10000");
    for (int i = 0; i < 3; ++i) {
        desk.now += 20s;
        desk.refresh();
        desk.trip("ETHUSDT", "-20");
    }
    desk.now += 10s;
    desk.refresh();
    desk.hold("BTCUSDT", kLong, "3.1", "10000");
    desk.mark("BTCUSDT", "9930"); // −2.17 %
    desk.now += 10s;
    desk.refresh();
    desk.hold("BTCUSDT", kLong, "2", "10000"); // below the limit again, not back at rearm
    desk.equity("9783");
    const std::string before = desk.blockReasons(coin("BTCUSDT"));
    QVERIFY2(before.find("gross-exposure") != std::string::npos && before.find("lockout") != std::string::npos, before.c_str());
    EngineDesk next = restarted(desk, desk.engine.history(Venue::Binance));
    QVERIFY2(next.blockReasons(coin("BTCUSDT")) == before, (next.blockReasons(coin("BTCUSDT")) + " / " + before + " / " + readings(next) + " / " + readings(desk)).c_str());
    QCOMPARE(readings(next), readings(desk));
    QCOMPARE(next.engine.lockouts(), desk.engine.lockouts());
    QVERIFY(next.fired().empty());
}

void TestEngineRestart::whatHasActedDoesNotActAgain()
{
    EngineDesk desk(limitsOfAll());
    desk.equity("10000");
    desk.mark("BTCUSDT", "10000");
    desk.hold("BTCUSDT", kLong, "1", "10000");
    desk.mark("BTCUSDT", "9500");
    QCOMPARE(desk.firings(), std::string("flat flatten"));
    desk.hold("BTCUSDT", kLong, "0", "10000");
    desk.now += 10s;
    desk.refresh();
    desk.equity("9500");
    EngineDesk next = restarted(desk, desk.engine.history(Venue::Binance));
    QCOMPARE(next.firings(), std::string());
    QVERIFY(next.blockReasons(coin("BTCUSDT")).find("day-loss") != std::string::npos);
    next.now = parseIso8601("2026-11-19T00:00:00Z").value();
    next.refresh();
    next.tell(TimePassed{});
    QVERIFY(next.blockReasons(coin("BTCUSDT")).find("day-loss") == std::string::npos);
}

void TestEngineRestart::flowsOfTheDayAreKept()
{
    EngineDesk desk(limitsOfAll());
    desk.equity("10000");
    desk.now += 10s;
    desk.fresh();
    desk.tell(TransferSet{{Venue::Binance, "1", "TRANSFER", fixed<Money>("-5000"), {}, desk.now}});
    desk.now += 10s;
    desk.fresh();
    desk.equity("5000");
    desk.now += 10s;
    desk.equity("4950");
    desk.now += 61s;
    desk.fresh();
    desk.tell(TimePassed{});
    QCOMPARE(desk.standing(BreakerKind::DayLoss, Scope::Account)->reading, std::optional(percent("1")));
    const EngineDesk next = restarted(desk, desk.engine.history(Venue::Binance));
    QCOMPARE(readings(next), readings(desk));
}

void TestEngineRestart::thePeakIsKept()
{
    EngineDesk desk(limitsOfAll());
    desk.equity("10000");
    desk.mark("BTCUSDT", "10000");
    desk.hold("BTCUSDT", kLong, "1", "10000");
    desk.mark("BTCUSDT", "12500");
    desk.mark("BTCUSDT", "11500");
    QCOMPARE(desk.standing(BreakerKind::Drawdown, Scope::Account)->reading, std::optional(percent("8")));
    desk.equity("11500");
    EngineDesk next = restarted(desk, desk.engine.history(Venue::Binance));
    QCOMPARE(next.standing(BreakerKind::Drawdown, Scope::Account)->reading, std::optional(percent("8")));
    // And through a second one, of a database that kept the index alone.
    History slim;
    slim.nav = next.engine.history(Venue::Binance).nav;
    slim.peakNav = next.engine.history(Venue::Binance).peakNav;
    slim.equity = {{Venue::Binance, next.now, fixed<Money>("11500")}};
    QCOMPARE(restarted(next, slim).standing(BreakerKind::Drawdown, Scope::Account)->reading, std::optional(percent("8")));
}

void TestEngineRestart::aTrailingStopStaysWhereItStood()
{
    Breaker trail = only(BreakerKind::TrailingStop, Scope::Position,
                         {tierAt("out", percent("100"), percent("80"), TierAction::Close)});
    trail.distance = percent("5");
    trail.activation = Ratio{};
    EngineDesk desk({trail});
    desk.equity("10000");
    desk.mark("BTCUSDT", "10000");
    desk.hold("BTCUSDT", kLong, "0.1", "10000");
    desk.mark("BTCUSDT", "12000");
    desk.mark("BTCUSDT", "11500");
    EngineDesk next({trail});
    next.tell(HistorySet{desk.engine.history(Venue::Binance)});
    next.equity("10150");
    next.mark("BTCUSDT", "11500");
    next.tell(PositionSet{desk.open.begin()->second.first, desk.open.begin()->second.second});
    QCOMPARE(next.engine.room({coin("BTCUSDT"), PositionSide::Both}).price, std::optional(fixed<Price>("11400")));
    next.mark("BTCUSDT", "11400");
    QCOMPARE(next.firings(), std::string("out close"));
}

void TestEngineRestart::withoutTheDatabaseTheVenuesTripsTell()
{
    EngineDesk desk(limitsOfAll());
    History history;
    for (int i = 0; i < 3; ++i) {
        Trip trip;
        trip.position.instrument = coin("BTCUSDT");
        trip.openedAt = desk.now - 3h + i * 10min;
        trip.closedAt = trip.openedAt + 5min;
        trip.net = fixed<Money>("-150");
        history.trips.push_back(trip);
    }
    desk.tell(HistorySet{history});
    desk.equity("9550"); // 450 of 10,000 are gone today
    QCOMPARE(desk.standing(BreakerKind::DayLoss, Scope::Account)->reading, std::optional(percent("4.5")));
    const std::string blocks = desk.blockReasons(coin("BTCUSDT"));
    QVERIFY2(blocks.find("day-loss") != std::string::npos && blocks.find("lockout") != std::string::npos, blocks.c_str());
}

void TestEngineRestart::aCoolingOffOutlivesTheDatabase()
{
    EngineDesk desk(limitsOfAll());
    desk.tell(FreshnessSet{Venue::Binance, {}, false, false});
    History history;
    for (int i = 0; i < 4; ++i) { // three losses, the last half an hour ago, then a win
        Trip trip;
        trip.position.instrument = coin("BTCUSDT");
        trip.openedAt = desk.now - 55min + i * 10min;
        trip.closedAt = trip.openedAt + 5min;
        trip.net = fixed<Money>(i < 3 ? "-5" : "30");
        history.trips.push_back(trip);
    }
    desk.tell(HistorySet{history});
    desk.equity("10000");
    desk.fresh();
    QCOMPARE(desk.engine.lockouts().size(), std::size_t{1});
    QCOMPARE(desk.engine.lockouts()[0].until, desk.now - 30min + 60min);
    desk.tell(HistorySet{history}); // told again: nothing new
    QCOMPARE(desk.engine.lockouts().size(), std::size_t{1});
}

void TestEngineRestart::twoTellingsJoinAndTheTighterHolds()
{
    EngineDesk desk(limitsOfAll());
    const UtcTime start = parseIso8601("2026-11-18T00:00:00Z").value();
    History ours;
    ours.equity = {{Venue::Binance, start - 1h, fixed<Money>("10000")}};
    const Lockout lockout{.id = "x",
                          .scope = Scope::Account,
                          .account = Venue::Binance,
                          .instrument = {},
                          .reason = "tilt",
                          .startedAt = desk.now - 1h,
                          .until = desk.now + 1h,
                          .needsRelease = false};
    ours.lockouts = {lockout};
    History venues;
    venues.equity = {{Venue::Binance, start - 2h, fixed<Money>("10500")}, {Venue::Binance, start - 1min, fixed<Money>("10400")}};
    venues.lockouts = {lockout};
    venues.lockouts[0].until = desk.now + 30min;
    desk.tell(HistorySet{ours});
    desk.tell(HistorySet{venues});
    desk.equity("10000");
    QCOMPARE(desk.standing(BreakerKind::DayLoss, Scope::Account)->reading, std::optional(Ratio::fromRaw(3'846'154))); // of 10,400
    QCOMPARE(desk.engine.lockouts().size(), std::size_t{1});
    QCOMPARE(desk.engine.lockouts()[0].until, lockout.until);
    QVERIFY(desk.blockReasons(coin("BTCUSDT")).find("lockout") != std::string::npos);
}

void TestEngineRestart::aDayThatBeganWhileNobodyWatched()
{
    EngineDesk desk(limitsOfAll());
    History history;
    history.equity = {{Venue::Binance, parseIso8601("2026-11-17T20:00:00Z").value(), fixed<Money>("10000")}};
    desk.tell(HistorySet{history});
    desk.equity("9650"); // the last sample before the day began is its start
    QCOMPARE(desk.standing(BreakerKind::DayLoss, Scope::Account)->reading, std::optional(percent("3.5")));
    QCOMPARE(desk.firings(), std::string("block block-new-risk"));
}

QTEST_APPLESS_MAIN(TestEngineRestart)
#include "tst_engine_restart.moc"
