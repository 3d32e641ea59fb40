#include <QtTest/QTest>
#include <rapidcheck.h>

#include <set>

#include "tests/core/risk/engine_desk.h"

using namespace tests;

namespace
{
constexpr Direction kLong = Direction::Long;
constexpr Direction kShort = Direction::Short;

/// A walk of marks in hundredths of a percent of the start.
std::vector<std::int64_t> path(int steps = 60)
{
    const auto moves = *rc::gen::container<std::vector<int>>(static_cast<std::size_t>(steps), rc::gen::inRange(-300, 301));
    std::vector<std::int64_t> levels;
    std::int64_t level = 10'000;
    for (const int move : moves) {
        level = std::clamp<std::int64_t>(level + move, 100, 50'000);
        levels.push_back(level);
    }
    return levels;
}
std::string priceText(std::int64_t level, std::int64_t start) { return decimalText(level * start * (kDecimalOne / 10'000)); }

std::vector<Breaker> someOfAll(Ratio close, TierAction most = TierAction::Flatten)
{
    const auto ladder = [&](TierAction last) {
        const Ratio near = Ratio::fromRaw(close.raw() / 2);
        return std::vector{tierAt("near", near, Ratio::fromRaw(near.raw() / 10 * 7), TierAction::Alert),
                           tierAt("out", close, Ratio::fromRaw(close.raw() / 10 * 8), last)};
    };
    return {only(BreakerKind::LossOnMargin, Scope::Position, ladder(std::min(most, TierAction::Close))),
            only(BreakerKind::LossOnEquity, Scope::Position, ladder(std::min(most, TierAction::Close))),
            only(BreakerKind::DayLoss, Scope::Account, ladder(most)), only(BreakerKind::Drawdown, Scope::Account, ladder(most)),
            only(BreakerKind::DayLoss, Scope::Symbol, ladder(std::min(most, TierAction::Close)))};
}

/// Index of the first mark at which anything acts.
std::size_t firstAction(const std::vector<Breaker> &limits, const std::vector<std::int64_t> &levels, Direction direction,
                        std::int64_t start, std::string_view quantity, std::string_view equity)
{
    EngineDesk desk(limits);
    desk.equity(equity);
    desk.mark("BTCUSDT", priceText(10'000, start));
    desk.hold("BTCUSDT", direction, quantity, priceText(10'000, start));
    for (std::size_t i = 0; i < levels.size(); ++i) {
        desk.mark("BTCUSDT", priceText(levels[i], start));
        for (const Fired &fired : desk.fired()) {
            if (fired.acts)
                return i;
        }
    }
    return levels.size();
}
} // namespace

class TestEngineProperties : public QObject
{
    Q_OBJECT

private slots:
    void aTighterLimitNeverFiresLater();
    void theOrderOfUnrelatedSymbolsChangesNothing();
    void scalingThePricesChangesNothing();
    void nothingThatIsNotTrustworthyActs();
    void aBlockNeverVanishesWhileTheReadingIsBeyond();
    void aRestartAnywhereKeepsBlocksAndLockouts();
    void theAnnouncedPriceIsWhereItFires();
    void anyNumbersAreSurvived();
    void whatIsTriedOutLeavesNoTrace();
};

void TestEngineProperties::aTighterLimitNeverFiresLater()
{
    QVERIFY(rc::check("tighter", [] {
        const auto levels = path();
        const Ratio loose = percent(std::to_string(*rc::gen::inRange(4, 60)));
        const Ratio tight = Ratio::fromRaw(loose.raw() / 100 * *rc::gen::inRange(10, 101));
        const Direction direction = *rc::gen::element(kLong, kShort);
        const auto early = firstAction(someOfAll(tight), levels, direction, 60'000, "0.5", "100000");
        const auto late = firstAction(someOfAll(loose), levels, direction, 60'000, "0.5", "100000");
        RC_ASSERT(early <= late);
    }));
}

void TestEngineProperties::theOrderOfUnrelatedSymbolsChangesNothing()
{
    QVERIFY(rc::check("order", [] {
        auto limits = someOfAll(percent("20"));
        limits.push_back(only(BreakerKind::CorrelatedExposure, Scope::Account,
                              {tierAt("it", fixed<Ratio>("3"), fixed<Ratio>("2"), TierAction::BlockNewRisk)}));
        std::vector<std::size_t> order{0, 1, 2, 3};
        const auto keys = *rc::gen::container<std::vector<int>>(order.size(), rc::gen::arbitrary<int>());
        auto shuffled = order;
        std::ranges::stable_sort(shuffled, {}, [&](std::size_t i) { return keys[i]; });
        const auto levels = path(8);
        const auto run = [&](const std::vector<std::size_t> &sequence) {
            EngineDesk desk(limits);
            desk.equity("100000");
            for (const std::size_t i : sequence) {
                const std::string symbol = "C" + std::to_string(i);
                desk.mark(symbol, "100");
                desk.hold(symbol, i % 2 == 0 ? kLong : kShort, std::to_string(100 + 50 * i), "100");
            }
            for (const std::size_t i : sequence)
                desk.mark("C" + std::to_string(i), priceText(levels[i], 100));
            // A drawdown is of a path, and another order is another path of the account; all else is the same.
            std::set<std::string> all;
            for (const Fired &fired : desk.fired()) {
                if (fired.subject.scope == Scope::Position && fired.subject.kind == BreakerKind::LossOnMargin)
                    all.insert(desk.engine.sentence(fired));
            }
            for (const Standing &standing : desk.engine.standings()) {
                if (standing.subject.kind != BreakerKind::Drawdown)
                    all.insert(core::risk::text(standing.subject) + " " + standing.sentence);
            }
            return all;
        };
        RC_ASSERT(run(order) == run(shuffled));
    }));
}

void TestEngineProperties::scalingThePricesChangesNothing()
{
    QVERIFY(rc::check("scale", [] {
        const auto levels = path();
        const Direction direction = *rc::gen::element(kLong, kShort);
        const auto limits = someOfAll(percent(std::to_string(*rc::gen::inRange(2, 40))));
        const auto one = firstAction(limits, levels, direction, 100, "100", "100000");
        const auto thousand = firstAction(limits, levels, direction, 100'000, "0.1", "100000");
        RC_ASSERT(one == thousand);
    }));
}

void TestEngineProperties::nothingThatIsNotTrustworthyActs()
{
    QVERIFY(rc::check("trust", [] {
        EngineDesk desk(someOfAll(percent("10")));
        desk.equity("100000");
        desk.mark("BTCUSDT", "60000");
        desk.hold("BTCUSDT", kLong, "1", "60000");
        desk.out.clear();
        const int why = *rc::gen::inRange(0, 4);
        const auto levels = path(30);
        for (const std::int64_t level : levels) {
            desk.now += 1s;
            desk.tell(FreshnessSet{Venue::Binance, {}, why != 0, why != 1});
            if (why == 2)
                desk.tell(FreshnessSet{Venue::Binance, coin("BTCUSDT"), false, true});
            if (why != 3)
                desk.mark("BTCUSDT", priceText(level, 60'000));
            else
                desk.now += 5s; // silence of the mark
            desk.tell(TimePassed{});
        }
        for (const Fired &fired : desk.fired())
            RC_ASSERT(!fired.acts || why == 3);
        RC_ASSERT(!desk.engine.blocks(coin("BTCUSDT")).empty());
    }));
}

void TestEngineProperties::aBlockNeverVanishesWhileTheReadingIsBeyond()
{
    QVERIFY(rc::check("block", [] {
        auto limits = someOfAll(percent("12"), TierAction::BlockNewRisk);
        EngineDesk desk(limits);
        desk.equity("100000");
        desk.mark("BTCUSDT", "60000");
        desk.hold("BTCUSDT", kShort, "1", "60000");
        for (const std::int64_t level : path()) {
            desk.mark("BTCUSDT", priceText(level, 60'000));
            std::set<std::string> beyond;
            for (const Standing &standing : desk.engine.standings()) {
                if (standing.reading && *standing.reading >= standing.limit)
                    beyond.emplace(name(standing.subject.kind));
            }
            const std::string blocked = desk.blockReasons(coin("BTCUSDT"));
            for (const std::string &kind : beyond)
                RC_ASSERT(blocked.find(kind) != std::string::npos);
        }
    }));
}

void TestEngineProperties::aRestartAnywhereKeepsBlocksAndLockouts()
{
    QVERIFY(rc::check("restart", [] {
        auto limits = someOfAll(percent("12"), TierAction::BlockNewRisk);
        limits.erase(limits.begin(), limits.begin() + 2); // a position's own are asked of the venue
        limits[0].tiers[1].coolingOff = 60min;
        EngineDesk desk(limits);
        desk.equity("100000");
        desk.mark("BTCUSDT", "60000");
        desk.hold("BTCUSDT", *rc::gen::element(kLong, kShort), "1", "60000");
        const auto levels = path(20);
        const auto stop = static_cast<std::size_t>(*rc::gen::inRange(0, 20));
        for (std::size_t i = 0; i <= stop; ++i) {
            desk.now += 1s;
            desk.mark("BTCUSDT", priceText(levels[i], 60'000));
        }
        const Standing day = *desk.standing(BreakerKind::DayLoss, Scope::Account);
        const Position held = desk.open.begin()->second.second;
        const std::int64_t move = desk.marks.begin()->second.raw() - held.entryPrice.raw();
        EngineDesk next;
        next.now = desk.now;
        next.limits(limits);
        next.tell(FreshnessSet{Venue::Binance, {}, false, false});
        next.tell(HistorySet{desk.engine.history(Venue::Binance)});
        next.mark("BTCUSDT", desk.marks.begin()->second.text());
        next.equity(Money::fromRaw(fixed<Money>("100000").raw() + (held.direction == kLong ? move : -move)).text());
        next.tell(PositionSet{desk.open.begin()->second.first, held});
        next.fresh();
        next.tell(FreshnessSet{Venue::Binance, {}, true, true});
        RC_ASSERT(next.engine.lockouts() == desk.engine.lockouts());
        RC_ASSERT(next.standing(BreakerKind::DayLoss, Scope::Account)->reading == day.reading);
        RC_ASSERT(next.blockReasons(coin("BTCUSDT")) == desk.blockReasons(coin("BTCUSDT")));
    }));
}

void TestEngineProperties::theAnnouncedPriceIsWhereItFires()
{
    QVERIFY(rc::check("announced", [] {
        auto limits = someOfAll(percent(std::to_string(*rc::gen::inRange(1, 90))));
        limits.resize(2);
        const Direction direction = *rc::gen::element(kLong, kShort);
        EngineDesk desk(limits);
        desk.equity("100000");
        desk.mark("BTCUSDT", "60000");
        desk.hold("BTCUSDT", direction, decimalText(*rc::gen::inRange<std::int64_t>(1'000'000, 300'000'000)), "60000");
        const auto room = desk.engine.room({coin("BTCUSDT"), PositionSide::Both});
        RC_PRE(room.price.has_value());
        const std::int64_t towards = direction == kLong ? 1 : -1;
        // A hundred-millionth of a ratio is the grid of readings: one grid step of this price before it nothing acts.
        const std::int64_t grid = 2 * 60'000;
        desk.mark("BTCUSDT", Price::fromRaw(room.price->raw() + towards * grid).text());
        for (const Fired &fired : desk.fired())
            RC_ASSERT(!fired.acts);
        desk.mark("BTCUSDT", room.price->text());
        bool acted = false;
        for (const Fired &fired : desk.fired())
            acted = acted || fired.acts;
        RC_ASSERT(acted);
    }));
}

void TestEngineProperties::anyNumbersAreSurvived()
{
    QVERIFY(rc::check("extremes", [] {
        auto limits = someOfAll(percent("12"));
        for (const BreakerKind kind : {BreakerKind::GrossExposure, BreakerKind::CorrelatedExposure, BreakerKind::MarginRatio})
            limits.push_back(only(kind, Scope::Account, {tierAt("it", fixed<Ratio>("3"), fixed<Ratio>("2"), TierAction::BlockNewRisk)}));
        EngineDesk desk(limits);
        const auto any = [] { return *rc::gen::oneOf(rc::gen::arbitrary<std::int64_t>(), rc::gen::inRange<std::int64_t>(-5, 6),
                                                     rc::gen::just(std::numeric_limits<std::int64_t>::max()),
                                                     rc::gen::just(std::numeric_limits<std::int64_t>::min() + 1)); };
        for (int i = 0; i < 12; ++i) {
            desk.now += 1s;
            AccountSnapshot totals;
            totals.equity = Money::fromRaw(any());
            totals.walletBalance = Money::fromRaw(any());
            desk.tell(AccountSet{Venue::Binance, totals});
            desk.tell(MarkSet{coin("BTCUSDT"), Price::fromRaw(any()), desk.now});
            Position position = desk.position("BTCUSDT", *rc::gen::element(kLong, kShort), "1", "1");
            position.quantity = Quantity::fromRaw(std::max<std::int64_t>(any(), 0));
            position.entryPrice = Price::fromRaw(std::max<std::int64_t>(any(), 0));
            position.maintenanceMargin = Money::fromRaw(any());
            desk.put(position);
            desk.tell(TransferSet{{Venue::Binance, std::to_string(i), "x", Money::fromRaw(any()), {}, desk.now}});
            desk.tell(TimePassed{});
            static_cast<void>(desk.engine.standings());
            static_cast<void>(desk.engine.history(Venue::Binance));
            static_cast<void>(desk.engine.lossHeadroom(Venue::Binance));
            static_cast<void>(desk.engine.room({coin("BTCUSDT"), PositionSide::Both}));
        }
        for (const Fired &fired : desk.fired())
            RC_ASSERT(fired.reading >= fired.trigger);
    }));
}

void TestEngineProperties::whatIsTriedOutLeavesNoTrace()
{
    QVERIFY(rc::check("tried out", [] {
        EngineDesk desk(someOfAll(percent("12")));
        desk.equity("100000");
        desk.mark("BTCUSDT", "60000");
        desk.hold("BTCUSDT", kLong, "0.1", "60000");
        const auto sentences = [](const std::vector<Standing> &standings) {
            std::string text;
            for (const Standing &standing : standings)
                text += standing.sentence;
            return text;
        };
        const std::string before = sentences(desk.engine.standings());
        Position more = desk.position("BTCUSDT", kLong, std::to_string(*rc::gen::inRange(1, 9)), "60000");
        static_cast<void>(desk.engine.standingsAfter(desk.open.begin()->second.first, more, fixed<Money>("5000")));
        RC_ASSERT(sentences(desk.engine.standings()) == before);
        const auto after = desk.engine.standingsAfter(desk.open.begin()->second.first, more, fixed<Money>("5000"));
        for (const Standing &standing : after) {
            if (standing.subject.kind == BreakerKind::DayLoss && standing.subject.scope == Scope::Account)
                RC_ASSERT(standing.reading == std::optional(percent("5")));
        }
    }));
}

QTEST_APPLESS_MAIN(TestEngineProperties)
#include "tst_engine_properties.moc"
