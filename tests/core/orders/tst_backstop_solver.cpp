#include "core/orders/backstop.h"

#include <algorithm>
#include <map>
#include <numeric>

#include <QtTest/QTest>
#include <rapidcheck.h>

using namespace core;
using namespace core::orders;
using BoundBy = BackstopPrice::BoundBy;

namespace
{
__extension__ using Wide = __int128;
constexpr Wide kUnit = Wide{kDecimalOne} * kDecimalOne; // 1e16

Quantity quantity(std::string_view text)
{
    return parseQuantity(text).value();
}
Price price(std::string_view text)
{
    return parsePrice(text).value();
}
Ratio ratio(std::string_view text)
{
    return parseFixed<Ratio>(text).value();
}
Money money(std::string_view text)
{
    return parseMoney(text).value();
}

const Instrument &instrument(std::string_view tick, int significantDigits = 0)
{
    static std::map<std::pair<std::string, int>, Instrument> kept;
    Instrument &made = kept[{std::string(tick), significantDigits}];
    made.key = {Venue::Binance, *Symbol::from("BTCUSDT")};
    made.tickSize = price(tick);
    made.significantDigits = significantDigits;
    made.stepSize = made.marketStepSize = quantity("0.001");
    return made;
}

BackstopPosition position(Direction direction, std::string_view size, std::string_view mark,
                          std::string_view tick = "0.1")
{
    BackstopPosition p;
    p.life = {{instrument(tick).key, PositionSide::Both}, direction, UtcTime{}};
    p.quantity = quantity(size);
    p.entry = p.mark = price(mark);
    p.feeRate = ratio("0.0005");
    p.instrument = &instrument(tick);
    return p;
}

risk::BackstopLimits limits(std::string_view slippage = "0.002", std::string_view buffer = "0.005")
{
    risk::BackstopLimits l;
    l.slippageAllowance = ratio(slippage);
    l.liquidationBuffer = ratio(buffer);
    l.repinStep = ratio("0.001");
    return l;
}

/// Loss from the mark of a stop that fills at its trigger ∓ slippage with the fee, in 1e-16 and rounded up:
/// the definition, in other steps than the solver's.
Wide loss(const BackstopPosition &p, Price trigger, const risk::BackstopLimits &l)
{
    const bool isLong = p.life.direction == Direction::Long;
    const Wide a = kDecimalOne + (isLong ? -1 : 1) * Wide{l.slippageAllowance.raw()};
    const Wide f = kDecimalOne + (isLong ? -1 : 1) * Wide{p.feeRate.raw()};
    const Wide factor = a * f; // 1e16 = 1
    const Wide raw = Wide{p.quantity.raw()} * trigger.raw();
    const Wide whole = raw / kUnit * factor;
    const Wide rest = raw % kUnit * factor;
    const Wide net = whole + rest / kUnit + (!isLong && rest % kUnit != 0 ? 1 : 0);
    const Wide value = Wide{p.quantity.raw()} * p.mark.raw();
    return isLong ? value - net : net - value;
}

Wide groupLoss(const BackstopGroup &group, const std::vector<BackstopPosition> &positions,
               const std::vector<std::optional<BackstopPrice>> &prices, const risk::BackstopLimits &l)
{
    Wide sum = 0;
    for (const std::size_t member : group.members) {
        const auto &p = positions[member];
        // A long without a price can lose its value; a short without one is not bounded by any price that
        // exists.
        const Price trigger = prices[member] ? prices[member]->trigger : Price{};
        sum += prices[member] || p.life.direction == Direction::Long ? loss(p, trigger, l) : 0;
    }
    return sum;
}

struct Portfolio {
    std::vector<BackstopPosition> positions;
    std::vector<BackstopGroup> groups;
    risk::BackstopLimits limits;
};

BackstopPosition anyPosition(bool hedge)
{
    static constexpr std::array<std::string_view, 6> kTicks{"0.00000001", "0.00001", "0.01",
                                                            "0.1",        "5",       "0.5"};
    const auto tick = kTicks[*rc::gen::inRange<std::size_t>(0, kTicks.size())];
    const int digits = *rc::gen::element(0, 0, 5);
    const bool isLong = *rc::gen::arbitrary<bool>();
    BackstopPosition p = position(isLong ? Direction::Long : Direction::Short, "1", "1", tick);
    p.instrument = &instrument(tick, digits);
    if (hedge)
        p.life.position.side = isLong ? PositionSide::Long : PositionSide::Short;
    const std::int64_t step = p.instrument->tickSize.raw();
    p.mark = Price::fromRaw(*rc::gen::inRange<std::int64_t>(2, 2'000'000) * step +
                            *rc::gen::inRange<std::int64_t>(0, step));
    const std::int64_t most = static_cast<std::int64_t>(Wide{1'000'000'000} * kUnit / p.mark.raw());
    p.quantity = Quantity::fromRaw(
        std::max<std::int64_t>(1, *rc::gen::inRange<std::int64_t>(1, 1'000'000) * (most / 1'000'000)));
    const auto share = [&](int from, int to) {
        const auto part = *rc::gen::inRange(from, to); // in 0.1 %
        return Price::fromRaw(
            static_cast<std::int64_t>(Wide{p.mark.raw()} * (isLong ? 1000 - part : 1000 + part) / 1000));
    };
    if (*rc::gen::arbitrary<bool>())
        p.ownLimit = share(-50, 600);
    if (*rc::gen::arbitrary<bool>())
        p.liquidation = share(hedge ? -300 : 1, 900);
    if (*rc::gen::inRange(0, 4) > 0)
        p.sigmaDay = Ratio::fromRaw(*rc::gen::inRange<std::int64_t>(1, 50'000'000));
    p.feeRate = Ratio::fromRaw(*rc::gen::inRange<std::int64_t>(0, 200'000));
    return p;
}

Portfolio anyPortfolio(std::size_t most = 60)
{
    Portfolio all;
    all.limits.slippageAllowance = Ratio::fromRaw(*rc::gen::inRange<std::int64_t>(0, 2'000'000));
    all.limits.liquidationBuffer = Ratio::fromRaw(*rc::gen::inRange<std::int64_t>(0, 2'000'000));
    const auto count = *rc::gen::inRange<std::size_t>(1, most + 1);
    BackstopGroup account{risk::Scope::Account, {}, {}};
    BackstopGroup other{risk::Scope::Account, {}, {}};
    BackstopGroup everything{risk::Scope::AllAccounts, {}, {}};
    Wide value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        all.positions.push_back(anyPosition(*rc::gen::arbitrary<bool>()));
        (*rc::gen::arbitrary<bool>() ? account : other).members.push_back(i);
        everything.members.push_back(i);
        value += Wide{all.positions.back().quantity.raw()} * all.positions.back().mark.raw() / kDecimalOne;
    }
    for (BackstopGroup *group : {&account, &other, &everything}) {
        if (*rc::gen::inRange(0, 5) == 4)
            continue;
        const auto part = *rc::gen::inRange<std::int64_t>(-20, 1200); // 0.1 % of all notional
        group->headroom = Money::fromRaw(static_cast<std::int64_t>(value * part / 1000));
        all.groups.push_back(*group);
    }
    return all;
}

/// Whether `a` triggers no later than `b`; absent triggers last.
bool isAsTight(Direction direction, const std::optional<BackstopPrice> &a,
               const std::optional<BackstopPrice> &b)
{
    if (!a || !b)
        return a.has_value() || !b.has_value();
    return direction == Direction::Long ? a->trigger >= b->trigger : a->trigger <= b->trigger;
}
} // namespace

class TestBackstopSolver : public QObject
{
    Q_OBJECT

private slots:
    void onePositionStandsWhereItsHeadroomEnds_data()
    {
        QTest::addColumn<bool>("isLong");
        QTest::addColumn<QByteArray>("own");
        QTest::addColumn<QByteArray>("liquidation");
        QTest::addColumn<QByteArray>("headroom");
        QTest::addColumn<QByteArray>("expected");
        QTest::addColumn<int>("by");
        QTest::addColumn<bool>("atMark");
        const auto row = [](const char *title, bool isLong, const char *own, const char *liquidation,
                            const char *headroom, const char *expected, BoundBy by, bool atMark = false) {
            QTest::newRow(title) << isLong << QByteArray(own) << QByteArray(liquidation)
                                 << QByteArray(headroom) << QByteArray(expected) << static_cast<int>(by)
                                 << atMark;
        };
        // 1 BTC at 60,000, no slippage, fee 0.05 %: a long keeps p × 0.9995, a short pays p × 1.0005.
        row("long, 1,000 of headroom: (60,000 − 1,000) ÷ 0.9995 = 59,029.51", true, "", "", "1000", "59029.6",
            BoundBy::Account);
        row("short, 1,000 of headroom: 61,000 ÷ 1.0005 = 60,969.51", false, "", "", "1000", "60969.5",
            BoundBy::Account);
        row("long, its own limit is tighter", true, "59500.03", "", "1000", "59500.1", BoundBy::Own);
        row("short, its own limit is tighter", false, "60500.07", "", "1000", "60500", BoundBy::Own);
        row("long, 0.5 % of the mark before liquidation", true, "", "59000", "5000", "59300",
            BoundBy::Liquidation);
        row("short, 0.5 % of the mark before liquidation", false, "", "61000", "5000", "60700",
            BoundBy::Liquidation);
        row("long, its limit is beyond the mark", true, "60000", "", "1000", "60000", BoundBy::Own, true);
        row("long, liquidation within the buffer", true, "", "59800", "1000", "60000", BoundBy::Liquidation,
            true);
        row("long, no headroom", true, "", "", "0", "60000", BoundBy::Account, true);
        row("short, headroom overdrawn", false, "", "", "-50", "60000", BoundBy::Account, true);
        row("long, headroom is just the fee", true, "", "", "30", "60000", BoundBy::Account, true);
        row("long, headroom is the fee and a tick", true, "", "", "30.1", "59999.9", BoundBy::Account);
        row("long, more headroom than it is worth", true, "", "", "70000", "", BoundBy::Account);
    }
    void onePositionStandsWhereItsHeadroomEnds()
    {
        QFETCH(bool, isLong);
        QFETCH(QByteArray, own);
        QFETCH(QByteArray, liquidation);
        QFETCH(QByteArray, headroom);
        QFETCH(QByteArray, expected);
        QFETCH(int, by);
        QFETCH(bool, atMark);
        BackstopPosition p = position(isLong ? Direction::Long : Direction::Short, "1", "60000");
        if (!own.isEmpty())
            p.ownLimit = price(own.toStdString());
        if (!liquidation.isEmpty())
            p.liquidation = price(liquidation.toStdString());
        const auto solved =
            solveBackstops({p}, {{risk::Scope::Account, {0}, money(headroom.toStdString())}}, limits("0"));
        QCOMPARE(solved.size(), std::size_t{1});
        QCOMPARE(solved[0].has_value(), !expected.isEmpty());
        if (!solved[0])
            return;
        QCOMPARE(QByteArray::fromStdString(solved[0]->trigger.text()), expected);
        QCOMPARE(static_cast<int>(solved[0]->boundBy), by);
        QCOMPARE(solved[0]->atMark, atMark);
    }

    void withoutAnyBoundThereIsNoPrice()
    {
        const auto solved = solveBackstops({position(Direction::Long, "1", "60000")}, {}, limits());
        QVERIFY(!solved[0]);
    }

    void whatCannotBeReckonedWithGetsNoPriceAndHarmsNobody()
    {
        BackstopPosition broken = position(Direction::Long, "1", "60000");
        broken.mark = {};
        broken.ownLimit = price("59000");
        BackstopPosition huge = position(Direction::Short, "90000000000", "90000000");
        const auto sound = position(Direction::Long, "1", "60000");
        const auto solved = solveBackstops({broken, sound, huge},
                                           {{risk::Scope::Account, {0, 1, 2}, money("1000")}}, limits("0"));
        QVERIFY(!solved[0]);
        QVERIFY(!solved[2]);
        QVERIFY(solved[1]);
        QCOMPARE(solved[1]->trigger, price("59029.6"));
    }

    void aLegIsNotStoppedByALiquidationOnItsProfitSide()
    {
        BackstopPosition leg = position(Direction::Long, "1", "60000");
        leg.life.position.side = PositionSide::Long;
        leg.liquidation = price("66000"); // the account is short on balance
        leg.ownLimit = price("58000");
        const auto solved = solveBackstops({leg}, {}, limits());
        QCOMPARE(solved[0]->trigger, price("58000"));
    }

    void whatATighterLimitLeavesOverGoesToTheOthers()
    {
        BackstopPosition careful = position(Direction::Long, "1", "60000");
        careful.ownLimit = price("59900");
        const auto other = position(Direction::Long, "1", "60000");
        auto l = limits("0");
        careful.feeRate = {};
        BackstopPosition free = other;
        free.feeRate = {};
        const auto solved =
            solveBackstops({careful, free}, {{risk::Scope::Account, {0, 1}, money("1000")}}, l);
        QCOMPARE(solved[0]->trigger, price("59900"));
        QCOMPARE(solved[1]->trigger, price("59100")); // 1,000 − 100
    }

    void theMoreVolatileOneGetsTheLargerShare()
    {
        BackstopPosition calm = position(Direction::Long, "1", "60000");
        calm.feeRate = {};
        calm.sigmaDay = ratio("0.02");
        BackstopPosition wild = calm;
        wild.sigmaDay = ratio("0.06");
        const BackstopGroup group{risk::Scope::Account, {0, 1}, money("1000")};
        auto solved = solveBackstops({calm, wild}, {group}, limits("0"));
        QCOMPARE(solved[0]->trigger, price("59750"));
        QCOMPARE(solved[1]->trigger, price("59250"));
        wild.sigmaDay.reset(); // not known of every one: by notional
        solved = solveBackstops({calm, wild}, {group}, limits("0"));
        QCOMPARE(solved[0]->trigger, price("59500"));
        QCOMPARE(solved[1]->trigger, price("59500"));
    }

    void theTightestOfTwoGroupsHolds()
    {
        auto p = position(Direction::Long, "1", "60000");
        p.feeRate = {};
        const auto solved = solveBackstops(
            {p}, {{risk::Scope::Account, {0}, money("1000")}, {risk::Scope::AllAccounts, {0}, money("400")}},
            limits("0"));
        QCOMPARE(solved[0]->trigger, price("59600"));
        QCOMPARE(static_cast<int>(solved[0]->boundBy), static_cast<int>(BoundBy::AllAccounts));
    }

    void noGroupLosesMoreThanItsHeadroom()
    {
        QVERIFY(rc::check("no group loses more than its headroom", [] {
            const Portfolio all = anyPortfolio();
            const auto prices = solveBackstops(all.positions, all.groups, all.limits);
            int exhausted = 0;
            for (const BackstopGroup &group : all.groups) {
                const Wide lost = groupLoss(group, all.positions, prices, all.limits);
                if (lost <= Wide{group.headroom.raw()} * kDecimalOne)
                    continue;
                ++exhausted; // only because leaving everything at the mark costs more
                for (const std::size_t member : group.members)
                    RC_ASSERT(prices[member] && prices[member]->atMark);
            }
            RC_CLASSIFY(exhausted > 0, "a group without headroom");
            RC_CLASSIFY(exhausted == 0 && !all.groups.empty(), "all groups hold");
        }));
    }

    void everyStopIsValidProtectiveAndNeverLooserThanItsOwnBound()
    {
        QVERIFY(rc::check("a stop is on the tick, before its own limit and before liquidation", [] {
            const Portfolio all = anyPortfolio(12);
            const auto prices = solveBackstops(all.positions, all.groups, all.limits);
            for (std::size_t i = 0; i < prices.size(); ++i) {
                const BackstopPosition &p = all.positions[i];
                const bool isLong = p.life.direction == Direction::Long;
                if (!prices[i]) {
                    RC_ASSERT(!p.ownLimit);
                    continue;
                }
                if (prices[i]->atMark) {
                    RC_ASSERT(prices[i]->trigger == p.mark);
                    continue;
                }
                const Price at = prices[i]->trigger;
                RC_ASSERT(isValidPrice(*p.instrument, at));
                RC_ASSERT((isLong ? at < p.mark : at > p.mark));
                RC_ASSERT((!p.ownLimit || (isLong ? at >= *p.ownLimit : at <= *p.ownLimit)));
                const bool lossSide =
                    p.liquidation && (isLong ? *p.liquidation < p.mark : *p.liquidation > p.mark);
                const auto buffer = scaled(p.mark, all.limits.liquidationBuffer, Rounding::Ceil).value();
                RC_ASSERT((!lossSide || (isLong ? at.raw() >= p.liquidation->raw() + buffer.raw()
                                                : at.raw() <= p.liquidation->raw() - buffer.raw())));
            }
        }));
    }

    void lessHeadroomNeverLoosensAStop()
    {
        QVERIFY(rc::check("less headroom never loosens a stop", [] {
            const Portfolio all = anyPortfolio(20);
            RC_PRE(!all.groups.empty());
            auto tighter = all.groups;
            auto &group = tighter[*rc::gen::inRange<std::size_t>(0, tighter.size())];
            group.headroom = Money::fromRaw(group.headroom.raw() -
                                            *rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000'000));
            const auto before = solveBackstops(all.positions, all.groups, all.limits);
            const auto after = solveBackstops(all.positions, tighter, all.limits);
            for (std::size_t i = 0; i < before.size(); ++i)
                RC_ASSERT(isAsTight(all.positions[i].life.direction, after[i], before[i]));
        }));
    }

    void theOrderOfPositionsChangesNothing()
    {
        QVERIFY(rc::check("the order of positions changes nothing", [] {
            Portfolio all = anyPortfolio(20);
            const auto before = solveBackstops(all.positions, all.groups, all.limits);
            std::vector<std::size_t> order(all.positions.size()); // order[new] = old
            std::iota(order.begin(), order.end(), std::size_t{0});
            for (std::size_t i = order.size(); i > 1; --i)
                std::swap(order[i - 1], order[*rc::gen::inRange<std::size_t>(0, i)]);
            Portfolio turned = all;
            for (std::size_t i = 0; i < order.size(); ++i)
                turned.positions[i] = all.positions[order[i]];
            for (BackstopGroup &group : turned.groups)
                for (std::size_t &member : group.members)
                    member = static_cast<std::size_t>(std::find(order.begin(), order.end(), member) -
                                                      order.begin());
            std::reverse(turned.groups.begin(), turned.groups.end());
            const auto after = solveBackstops(turned.positions, turned.groups, turned.limits);
            for (std::size_t i = 0; i < order.size(); ++i) {
                RC_ASSERT(after[i].has_value() == before[order[i]].has_value());
                RC_ASSERT(!after[i] || (after[i]->trigger == before[order[i]]->trigger &&
                                        after[i]->boundBy == before[order[i]]->boundBy));
            }
        }));
    }

    void tenTimesThePricesAreTenTimesTheStops()
    {
        QVERIFY(rc::check("prices and headroom × 10: stops × 10, within a tick", [] {
            const bool isLong = *rc::gen::arbitrary<bool>();
            auto p = position(isLong ? Direction::Long : Direction::Short, "0.5", "1", "0.01");
            p.mark = Price::fromRaw(*rc::gen::inRange<std::int64_t>(1'000, 10'000'000) * 1'000'000);
            const auto headroom =
                Money::fromRaw(p.mark.raw() / 1000 * *rc::gen::inRange<std::int64_t>(10, 400));
            auto big = p;
            big.mark = Price::fromRaw(p.mark.raw() * 10);
            const auto small = solveBackstops({p}, {{risk::Scope::Account, {0}, headroom}}, limits());
            const auto large = solveBackstops(
                {big}, {{risk::Scope::Account, {0}, Money::fromRaw(headroom.raw() * 10)}}, limits());
            RC_ASSERT(small[0].has_value() && large[0].has_value());
            RC_ASSERT(std::abs(small[0]->trigger.raw() * 10 - large[0]->trigger.raw()) <=
                      10 * p.instrument->tickSize.raw() + 100);
        }));
    }
};

QTEST_APPLESS_MAIN(TestBackstopSolver)
#include "tst_backstop_solver.moc"
