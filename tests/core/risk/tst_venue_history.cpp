#include <cmath>

#include <QtTest/QTest>
#include <rapidcheck.h>

#include "core/risk/nav.h"
#include "core/risk/venue_history.h"
#include "tests/core/risk/engine_desk.h"

using namespace tests;

namespace
{
constexpr Direction kLong = Direction::Long;
const Asset kUsdt = Asset::from("USDT").value();

UtcTime at(std::string_view text) { return parseIso8601(text).value(); }
double number(Money money) { return static_cast<double>(money.raw()) / 1e8; }

/// An account as a venue would keep it, in floating point: another way to the same figures.
struct Venues {
    struct Leg {
        double size{0}; ///< signed
        double entry{0};
        UtcTime openedAt;
    };
    VenueFacts facts;
    std::map<PositionKey, Leg> legs;
    std::map<InstrumentKey, double> marks;
    std::map<UtcTime, double> worth; ///< at the starts
    std::map<PriceNeed, Price> prices;
    int trips{0};
    std::int64_t ids{0};

    Venues()
    {
        facts.asset = kUsdt;
        facts.wallet = fixed<Money>("10000");
        facts.from = at("2026-10-10T00:00:00Z");
        facts.asOf = at("2026-11-18T10:00:00Z");
        facts.starts = {at("2026-11-01T00:00:00Z"), at("2026-11-16T00:00:00Z"), at("2026-11-18T00:00:00Z")};
    }
    void fill(const PositionKey &key, UtcTime when, int signedSize, int price, std::string_view fee = "0.5")
    {
        Leg &leg = legs[key];
        const double before = leg.size;
        const bool opens = before == 0 || (before > 0) == (signedSize > 0);
        const double closing = opens ? 0 : std::min(std::abs(before), std::abs(static_cast<double>(signedSize)));
        const double result = (before > 0 ? 1 : -1) * closing * (price - leg.entry);
        Fill row;
        row.instrument = key.instrument;
        row.positionSide = key.side;
        row.tradeId = ++ids;
        row.side = signedSize > 0 ? Side::Buy : Side::Sell;
        row.price = Price::fromRaw(price * kDecimalOne);
        row.quantity = Quantity::fromRaw(std::abs(signedSize) * kDecimalOne);
        row.fee = fixed<Money>(fee);
        row.feeAsset = kUsdt;
        row.realizedPnl = Money::fromRaw(std::llround(result * 1e8));
        row.venueTime = when;
        facts.fills.push_back(row);
        facts.wallet = Money::fromRaw(facts.wallet.raw() + row.realizedPnl.raw() - row.fee.raw());
        leg.size = before + signedSize;
        if (opens && leg.size != 0)
            leg.entry = (before * leg.entry + signedSize * price) / leg.size;
        else if ((before > 0) != (leg.size > 0) && leg.size != 0)
            leg.entry = price;
        if (before == 0 || (leg.size != 0 && (before > 0) != (leg.size > 0)))
            leg.openedAt = when;
        trips += closing > 0 && closing == std::abs(before) ? 1 : 0;
        marks[key.instrument] = price;
    }
    void transfer(UtcTime when, std::string_view amount)
    {
        Transfer row;
        row.id = std::to_string(++ids);
        row.kind = "TRANSFER";
        row.amount = fixed<Money>(amount);
        row.asset = kUsdt;
        row.venueTime = when;
        facts.transfers.push_back(row);
        facts.wallet = Money::fromRaw(facts.wallet.raw() + row.amount.raw());
    }
    void funding(const InstrumentKey &key, UtcTime when, std::string_view amount)
    {
        FundingPayment row{key, fixed<Money>(amount), kUsdt, {}, when};
        facts.funding.push_back(row);
        facts.wallet = Money::fromRaw(facts.wallet.raw() + row.amount.raw());
    }
    /// What the account is worth now is what a period begins with.
    void start(UtcTime when)
    {
        double sum = number(facts.wallet);
        for (const auto &[key, leg] : legs) {
            sum += leg.size * (marks[key.instrument] - leg.entry);
            prices[{key.instrument, when}] = Price::fromRaw(std::llround(marks[key.instrument] * 1e8));
        }
        worth[when] = sum;
    }
    Result<History> history()
    {
        facts.positions.clear();
        for (const auto &[key, leg] : legs) {
            if (leg.size == 0)
                continue;
            Position position;
            position.instrument = key.instrument;
            position.positionSide = key.side;
            position.direction = leg.size > 0 ? kLong : Direction::Short;
            position.quantity = Quantity::fromRaw(std::llround(std::abs(leg.size) * 1e8));
            position.entryPrice = Price::fromRaw(std::llround(leg.entry * 1e8));
            facts.positions.push_back(position);
        }
        return venueHistory(facts, prices);
    }
};

const PositionKey kBtc{coin("BTCUSDT"), PositionSide::Both};

std::optional<Money> sampleAt(const History &history, UtcTime start)
{
    for (const EquitySample &sample : history.equity) {
        if (sample.at == start - std::chrono::nanoseconds{1})
            return sample.equity;
    }
    return std::nullopt;
}

std::vector<Breaker> losses()
{
    const auto tiers = [](std::string_view flatten) {
        Tier tier = tierAt("flat", percent(flatten), percent("1"), TierAction::Flatten);
        tier.coolingOff = 60min;
        return std::vector{tier};
    };
    Tier streak = tierAt("stop", fixed<Ratio>("3"), Ratio{}, TierAction::BlockNewRisk);
    return {only(BreakerKind::DayLoss, Scope::Account, tiers("4")),   only(BreakerKind::WeekLoss, Scope::Account, tiers("8")),
            only(BreakerKind::MonthLoss, Scope::Account, tiers("12")), only(BreakerKind::Drawdown, Scope::Account, tiers("20")),
            only(BreakerKind::ConsecutiveLosses, Scope::Account, {streak}),
            only(BreakerKind::TradesPerDay, Scope::Account, {tierAt("many", fixed<Ratio>("50"), Ratio{}, TierAction::BlockNewRisk)})};
}

/// A program that was just started beside this account, and has told nothing of its past.
EngineDesk started(std::string_view equity, Arming arming = Arming::Armed)
{
    EngineDesk desk;
    desk.limits(losses());
    desk.tell(ArmingSet{Venue::Binance, arming});
    desk.tell(FreshnessSet{Venue::Binance, {}, false, false});
    desk.tell(VenueHistorySet{Venue::Binance, false, "it has not answered yet"});
    desk.equity(equity);
    desk.mark("BTCUSDT", "100");
    desk.fresh();
    return desk;
}

Ratio readingOf(const EngineDesk &desk, BreakerKind kind)
{
    const auto standing = desk.standing(kind, Scope::Account);
    return standing && standing->reading ? *standing->reading : Ratio::fromRaw(-1);
}
} // namespace

/// What a venue tells of the past becomes what limits count from.
class TestVenueHistory : public QObject
{
    Q_OBJECT

private slots:
    void equityTripsAndOpeningsAreThoseOfTheAccount()
    {
        const bool held = rc::check("rebuilt = lived", [] {
            Venues venue;
            const bool hedge = *rc::gen::arbitrary<bool>();
            UtcTime now = venue.facts.from + 1h;
            auto start = venue.facts.starts.begin();
            while (now < venue.facts.asOf) {
                for (; start != venue.facts.starts.end() && *start <= now; ++start)
                    venue.start(*start);
                const PositionKey key{coin(*rc::gen::element("BTCUSDT", "ETHUSDT")),
                                      hedge ? *rc::gen::element(PositionSide::Long, PositionSide::Short) : PositionSide::Both};
                const int price = *rc::gen::inRange(80, 120);
                switch (*rc::gen::inRange(0, 8)) {
                case 0: venue.transfer(now, *rc::gen::element("500", "-300")); break;
                case 1: venue.funding(key.instrument, now, *rc::gen::element("-1.25", "0.75")); break;
                case 2: { // flat
                    const int size = static_cast<int>(venue.legs[key].size);
                    if (size != 0)
                        venue.fill(key, now, -size, price);
                    break;
                }
                default: {
                    int size = *rc::gen::inRange(-5, 6);
                    const int leg = static_cast<int>(venue.legs[key].size);
                    if (key.side == PositionSide::Long)
                        size = std::max(size, -leg);
                    if (key.side == PositionSide::Short)
                        size = std::min(size, -leg);
                    if (size != 0)
                        venue.fill(key, now, size, price);
                }
                }
                now += std::chrono::minutes{*rc::gen::inRange(1, 9000)};
            }
            for (; start != venue.facts.starts.end(); ++start)
                venue.start(*start);
            const auto history = venue.history();
            RC_ASSERT(history.has_value());
            for (const UtcTime when : venue.facts.starts) {
                const auto sample = sampleAt(*history, when);
                RC_ASSERT(sample.has_value());
                RC_ASSERT(std::abs(number(*sample) - venue.worth[when]) < 1e-4);
            }
            RC_ASSERT(history->trips.size() == static_cast<std::size_t>(venue.trips));
            std::size_t open = 0;
            for (const auto &[key, leg] : venue.legs)
                open += leg.size != 0 ? 1 : 0;
            RC_ASSERT(history->openings.size() == open);
            for (const Opening &opening : history->openings)
                RC_ASSERT(opening.openedAt == venue.legs[opening.position].openedAt);
        });
        QVERIFY(held);
    }

    void moneyInAnotherAssetDoesNotChangeTheWallet()
    {
        Venues venue;
        venue.fill(kBtc, at("2026-11-18T01:00:00Z"), 1, 100);
        venue.facts.fills.back().feeAsset = Asset::from("BNB").value();
        venue.facts.wallet = Money::fromRaw(venue.facts.wallet.raw() + fixed<Money>("0.5").raw());
        venue.start(venue.facts.starts.back());
        const auto history = venue.history();
        QVERIFY(history.has_value());
        QCOMPARE(sampleAt(*history, venue.facts.starts.back()), fixed<Money>("10000"));
    }

    void aPositionOpenAtAStartWithoutAPriceIsNotGuessed()
    {
        Venues venue;
        venue.fill(kBtc, at("2026-11-17T22:00:00Z"), 10, 100);
        venue.fill(kBtc, at("2026-11-18T02:00:00Z"), -10, 60);
        QCOMPARE(pricesNeeded(venue.facts).size(), std::size_t{1});
        QCOMPARE(pricesNeeded(venue.facts).front().at, venue.facts.starts.back());
        const auto history = venue.history();
        QVERIFY(history.has_value());
        for (const EquitySample &sample : history->equity)
            QVERIFY(sample.at >= venue.facts.starts.back());
        QCOMPARE(history->trips.size(), std::size_t{1});
        QCOMPARE(history->trips.front().net, fixed<Money>("-401"));
    }

    void aPositionThatWasOpenWhereTheFillsBeginHasNoKnownAge()
    {
        Venues venue;
        venue.legs[kBtc] = {5, 100, venue.facts.from};
        EngineDesk desk = started("10000");
        desk.limits({only(BreakerKind::TimeInPosition, Scope::Position, {tierAt("old", fixed<Ratio>("60"), Ratio{}, TierAction::Close)})});
        desk.hold("BTCUSDT", kLong, "5", "100");
        const History told = venue.history().value();
        QCOMPARE(told.openings.size(), std::size_t{1});
        QVERIFY(!told.openings.front().isKnown);
        desk.tell(HistorySet{told});
        QCOMPARE(desk.firings(), std::string());
        History known = told;
        known.openings.front().isKnown = true;
        desk.tell(HistorySet{known});
        QCOMPARE(desk.firings(), std::string("old close"));
    }

    void aDeletedDatabaseDoesNotDeleteTheLossOfTheDay()
    {
        Venues venue;
        venue.start(venue.facts.starts.back());
        venue.fill(kBtc, at("2026-11-18T08:00:00Z"), 10, 100);
        venue.fill(kBtc, at("2026-11-18T09:00:00Z"), -10, 50); // 501 of 10 000 with fees
        EngineDesk desk = started(venue.facts.wallet.text());
        QVERIFY(desk.fired().empty());
        desk.tell(HistorySet{venue.history().value()});
        desk.tell(VenueHistorySet{Venue::Binance, true, {}});
        QCOMPARE(readingOf(desk, BreakerKind::DayLoss), percent("5.01"));
        QCOMPARE(desk.firings(), std::string("flat flatten"));
        QCOMPARE(desk.engine.lockouts().size(), std::size_t{1});
        QCOMPARE(desk.engine.lockouts().front().reason, std::string("day-loss"));
        QVERIFY(desk.blockReasons(coin("BTCUSDT")).find("lockout") != std::string::npos);
    }

    void aWithdrawalIsNoLossAndADepositHidesNone()
    {
        Venues venue;
        venue.start(venue.facts.starts.back());
        venue.fill(kBtc, at("2026-11-18T06:00:00Z"), 10, 100, "0");
        venue.fill(kBtc, at("2026-11-18T07:00:00Z"), -10, 80, "0"); // −2 %
        venue.transfer(at("2026-11-18T07:30:00Z"), "-4900");
        venue.transfer(at("2026-11-18T08:00:00Z"), "20000");
        EngineDesk desk = started(venue.facts.wallet.text());
        desk.tell(HistorySet{venue.history().value()});
        const Ratio loss = readingOf(desk, BreakerKind::DayLoss);
        QVERIFY2(std::abs(loss.raw() - percent("2").raw()) <= 2, loss.text().c_str());
    }

    void untilThePastIsInNewRiskIsRefusedWhileArmed_data()
    {
        QTest::addColumn<int>("arming");
        QTest::addColumn<std::string>("before");
        QTest::newRow("armed") << int(Arming::Armed) << std::string("history-missing");
        QTest::newRow("alert-only") << int(Arming::AlertOnly) << std::string();
        QTest::newRow("off") << int(Arming::Off) << std::string();
    }
    void untilThePastIsInNewRiskIsRefusedWhileArmed()
    {
        QFETCH(int, arming);
        QFETCH(std::string, before);
        EngineDesk desk = started("10000", static_cast<Arming>(arming));
        QCOMPARE(desk.blockReasons(coin("BTCUSDT")), before);
        QVERIFY(!desk.standing(BreakerKind::DayLoss, Scope::Account)->reading); // nothing is known of the day's beginning
        QVERIFY(!desk.standing(BreakerKind::Drawdown, Scope::Account)->reading);
        desk.tell(VenueHistorySet{Venue::Binance, false, "502"});
        QCOMPARE(desk.blockReasons(coin("BTCUSDT")), before);
        desk.tell(HistorySet{Venues().history().value()});
        desk.tell(VenueHistorySet{Venue::Binance, true, {}});
        QCOMPARE(desk.blockReasons(coin("BTCUSDT")), std::string());
        QCOMPARE(readingOf(desk, BreakerKind::DayLoss), Ratio{});
    }

    void whatIsLostMeanwhileActsAlready()
    {
        EngineDesk desk = started("10000");
        desk.hold("BTCUSDT", kLong, "10", "100");
        desk.mark("BTCUSDT", "55");
        QCOMPARE(desk.firings(), std::string("flat flatten"));
    }

    void aWithdrawalThatThePastTellsFirstIsNoLoss()
    {
        EngineDesk desk = started("10000");
        desk.now += 1min;
        Venues venue;
        venue.facts.asOf = desk.now;
        venue.transfer(desk.now - 1s, "-3000");
        desk.tell(HistorySet{venue.history().value()});
        desk.tell(VenueHistorySet{Venue::Binance, true, {}});
        desk.equity("7000");
        desk.tell(TransferSet{venue.facts.transfers.front()});
        QVERIFY(desk.firings().empty());
        QVERIFY(readingOf(desk, BreakerKind::DayLoss).raw() <= 1);
    }

    void aTripToldTwiceCountsOnce()
    {
        EngineDesk desk = started("10000");
        desk.trip("BTCUSDT", "-10", "0.1", 5s); // seen half way: opened five seconds before its end
        History told;
        Trip whole;
        whole.position = kBtc;
        whole.openedAt = desk.now - 2h;
        whole.closedAt = desk.now;
        whole.net = fixed<Money>("-12");
        told.trips = {whole};
        desk.tell(HistorySet{told});
        QCOMPARE(readingOf(desk, BreakerKind::ConsecutiveLosses), fixed<Ratio>("1"));
        QCOMPARE(desk.engine.history(Venue::Binance).trips.front().net, fixed<Money>("-12"));
    }

    void aTrailingStopOutlivesARestartAlsoWhenTheReportKnowsAnotherOpening_data()
    {
        QTest::addColumn<Duration>("remembered"); // its opening, before now
        QTest::addColumn<bool>("restored");
        QTest::newRow("the run that kept it saw it two hours after it was opened") << Duration{1h} << true;
        QTest::newRow("it is of a life before this one") << Duration{4h} << false;
    }
    void aTrailingStopOutlivesARestartAlsoWhenTheReportKnowsAnotherOpening()
    {
        QFETCH(Duration, remembered);
        QFETCH(bool, restored);
        EngineDesk desk = started("10000");
        desk.hold("BTCUSDT", kLong, "1", "100");
        History kept;
        kept.lives = {{kBtc, kLong, desk.now - remembered, fixed<Price>("130"), fixed<Price>("120"), false}};
        desk.tell(HistorySet{kept});
        QVERIFY(!desk.engine.memory(Venue::Binance).lives.front().trailStop);
        History venues;
        venues.openings = {{kBtc, kLong, desk.now - 3h, true, desk.now}};
        desk.tell(HistorySet{venues});
        const auto stop = desk.engine.memory(Venue::Binance).lives.front().trailStop;
        QCOMPARE(stop.has_value(), restored);
        QVERIFY(!stop || *stop == fixed<Price>("120"));
    }

    void twoTellingsAreNeverLooserThanEither()
    {
        const bool held = rc::check("joined >= each", [] {
            const auto telling = [] {
                History history;
                history.transfers = {};
                UtcTime when = at("2026-10-20T00:00:00Z");
                while (when < at("2026-11-18T09:00:00Z")) {
                    when += std::chrono::minutes{*rc::gen::inRange(1, 9000)};
                    if (when < at("2026-11-18T10:00:00Z"))
                        history.equity.push_back({Venue::Binance, when, Money::fromRaw(*rc::gen::inRange(9'000, 12'000) * kDecimalOne)});
                    if (*rc::gen::arbitrary<bool>()) {
                        Trip trip;
                        trip.position = kBtc;
                        trip.closedAt = std::min(when, at("2026-11-18T09:59:00Z"));
                        trip.openedAt = trip.closedAt - 1min;
                        trip.net = Money::fromRaw(*rc::gen::inRange(-50, 20) * kDecimalOne);
                        history.trips.push_back(trip);
                    }
                }
                return history;
            };
            const History ours = telling();
            const History venues = telling();
            const auto after = [](std::vector<History> told) {
                EngineDesk desk = started("10000");
                for (const History &history : told)
                    desk.tell(HistorySet{history});
                desk.tell(VenueHistorySet{Venue::Binance, true, {}});
                return desk;
            };
            const EngineDesk both = after({ours, venues});
            for (const EngineDesk &one : {after({ours}), after({venues})}) {
                for (const BreakerKind kind : {BreakerKind::DayLoss, BreakerKind::WeekLoss, BreakerKind::MonthLoss,
                                               BreakerKind::Drawdown, BreakerKind::TradesPerDay})
                    RC_ASSERT(readingOf(both, kind) >= readingOf(one, kind));
            }
        });
        QVERIFY(held);
    }
};

QTEST_APPLESS_MAIN(TestVenueHistory)
#include "tst_venue_history.moc"
