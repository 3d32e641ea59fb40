#include "core/market/order_book.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>

#include <QtTest/QTest>
#include <rapidcheck.h>

using core::ErrorCode;
using core::Level;
using core::Price;
using core::Quantity;
using core::Side;
using core::market::OrderBook;

namespace
{

constexpr std::array kSides{Side::Buy, Side::Sell};

Price price(const char *text)
{
    return core::parsePrice(text).value();
}
Quantity quantity(const char *text)
{
    return core::parseQuantity(text).value();
}
Level level(const char *priceText, const char *quantityText)
{
    return {price(priceText), quantity(quantityText)};
}

/// The plain book that the fast one must equal.
struct PlainBook {
    std::array<std::map<std::int64_t, std::int64_t>, 2> sides;

    std::map<std::int64_t, std::int64_t> &of(Side side) { return sides.at(static_cast<std::size_t>(side)); }
    const std::map<std::int64_t, std::int64_t> &of(Side side) const
    {
        return sides.at(static_cast<std::size_t>(side));
    }
    void apply(Side side, const std::vector<Level> &levels)
    {
        for (const Level &change : levels) {
            if (change.quantity.isZero())
                of(side).erase(change.price.raw());
            else
                of(side)[change.price.raw()] = change.quantity.raw();
        }
    }
    std::vector<Level> levels(Side side) const
    {
        std::vector<Level> result;
        for (const auto &[key, value] : of(side))
            result.push_back({Price::fromRaw(key), Quantity::fromRaw(value)});
        if (side == Side::Buy)
            std::ranges::reverse(result);
        return result;
    }
    std::optional<Level> best(Side side) const
    {
        const auto all = levels(side);
        return all.empty() ? std::nullopt : std::optional(all.front());
    }
};

std::vector<Level> copied(const OrderBook &book, Side side,
                          std::size_t most = std::numeric_limits<std::size_t>::max())
{
    std::vector<Level> result;
    book.copyLevels(side, most, result);
    return result;
}

/// Ticks near a centre, on the edges of the window and of its words, and anywhere at all.
rc::Gen<std::int64_t> genTick(std::int64_t centre, std::int64_t tickMax)
{
    const auto clamped = [tickMax](std::int64_t tick) { return std::clamp<std::int64_t>(tick, 1, tickMax); };
    return rc::gen::map(
        rc::gen::weightedOneOf<std::int64_t>({
            {6, rc::gen::map(rc::gen::inRange<std::int64_t>(-40, 41), [=](auto d) { return centre + d; })},
            {3, rc::gen::map(rc::gen::inRange<std::int64_t>(-34'000, 34'001),
                             [=](auto d) { return centre + d; })},
            {2, rc::gen::map(rc::gen::pair(
                                 rc::gen::element<std::int64_t>(-65'536, -32'768, -64, 0, 64, 32'768, 65'536),
                                 rc::gen::inRange<std::int64_t>(-2, 3)),
                             [=](auto p) { return centre + p.first + p.second; })},
            {1, rc::gen::inRange<std::int64_t>(1, tickMax)},
        }),
        clamped);
}

std::vector<Level> genLevels(std::int64_t centre, std::int64_t tickRaw, std::int64_t tickMax)
{
    const auto count = *rc::gen::inRange(0, 12);
    std::vector<Level> levels;
    for (int i = 0; i < count; ++i) {
        const auto tick = *genTick(centre, tickMax);
        const auto amount = *rc::gen::weightedOneOf<std::int64_t>(
            {{2, rc::gen::just<std::int64_t>(0)}, {3, rc::gen::inRange<std::int64_t>(1, 5'000'000'000)}});
        levels.push_back({Price::fromRaw(tick * tickRaw), Quantity::fromRaw(amount)});
    }
    return levels;
}

void assertEqual(const OrderBook &book, const PlainBook &plain, std::int64_t tickRaw)
{
    for (const Side side : kSides) {
        const auto expected = plain.levels(side);
        RC_ASSERT(book.levelCount(side) == expected.size());
        RC_ASSERT(copied(book, side) == expected);
        for (const Level &each : expected)
            RC_ASSERT(book.quantityAt(side, each.price) == each.quantity);
        if (expected.empty())
            continue;
        const std::size_t some = expected.size() / 2;
        const std::vector<Level> head(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(some));
        RC_ASSERT(copied(book, side, some) == head);
        std::vector<Level> within;
        book.copyLevelsWithin(side, expected[some].price, within);
        RC_ASSERT(within.size() == some + 1 && within.back() == expected[some]);
        RC_ASSERT(book.quantityAt(side, Price::fromRaw(expected[0].price.raw() + tickRaw)).raw() ==
                  (plain.of(side).contains(expected[0].price.raw() + tickRaw)
                       ? plain.of(side).at(expected[0].price.raw() + tickRaw)
                       : 0));
    }
}

} // namespace

class TestOrderBook : public QObject
{
    Q_OBJECT

private slots:
    void equalsAPlainMapThroughJumpsAndFarPrices()
    {
        QVERIFY(rc::check("same levels, best and crossing as a std::map book", [] {
            const auto tickRaw =
                *rc::gen::element<std::int64_t>(1, 7, 100, 10'000'000, 250'000'000, 300'000'000'000);
            const std::int64_t tickMax = std::min<std::int64_t>(
                std::numeric_limits<std::int32_t>::max(), std::numeric_limits<std::int64_t>::max() / tickRaw);
            OrderBook book(Price::fromRaw(tickRaw));
            PlainBook plain;
            std::int64_t centre = *rc::gen::inRange<std::int64_t>(1, 2'000'000);
            const auto steps = *rc::gen::inRange(1, 40);
            for (int step = 0; step < steps; ++step) {
                if (*rc::gen::inRange(0, 8) == 0) // the market jumps, also close to zero and to the end
                    centre = *rc::gen::element<std::int64_t>(1, 100, 20'000, 70'000, 1'000'000, tickMax - 50);
                centre =
                    std::clamp<std::int64_t>(centre + *rc::gen::inRange<std::int64_t>(-500, 501), 1, tickMax);
                const auto bids = genLevels(centre, tickRaw, tickMax);
                const auto asks = genLevels(centre + 1, tickRaw, tickMax);
                RC_ASSERT(book.apply(bids, asks).has_value());
                plain.apply(Side::Buy, bids);
                plain.apply(Side::Sell, asks);
                const auto bid = plain.best(Side::Buy);
                const auto ask = plain.best(Side::Sell);
                RC_ASSERT(book.best(Side::Buy) == bid);
                RC_ASSERT(book.best(Side::Sell) == ask);
                RC_ASSERT(book.isCrossed() == (bid && ask && bid->price >= ask->price));
            }
            assertEqual(book, plain, tickRaw);
        }));
    }

    void aLongFallKeepsEveryLevel()
    {
        // 400,000 ticks down in steps: the window moves many times and leaves asks behind, then all the way
        // back
        OrderBook book(price("0.1"));
        PlainBook plain;
        std::vector<std::int64_t> centres;
        for (std::int64_t centre = 618'000; centre > 200'000; centre -= 7'919)
            centres.push_back(centre);
        centres.insert(centres.end(), centres.rbegin(), centres.rend());
        const std::int64_t tick = book.tickSize().raw();
        std::vector<Level> oldBids;
        std::vector<Level> oldAsks;
        for (const std::int64_t centre : centres) {
            std::vector<Level> bids{
                {Price::fromRaw((centre - 1) * tick), Quantity::fromRaw(centre)},
                {Price::fromRaw((centre - 40'000) * tick), Quantity::fromRaw(centre + 1)}};
            std::vector<Level> asks{
                {Price::fromRaw((centre + 1) * tick), Quantity::fromRaw(centre + 2)},
                {Price::fromRaw((centre + 40'000) * tick), Quantity::fromRaw(centre + 3)}};
            // the levels that the new mid crosses are taken out, as a venue does
            for (const auto &[raw, amount] : plain.of(Side::Buy))
                if (raw >= asks[0].price.raw())
                    bids.push_back({Price::fromRaw(raw), Quantity{}});
            for (const auto &[raw, amount] : plain.of(Side::Sell))
                if (raw <= bids[0].price.raw())
                    asks.push_back({Price::fromRaw(raw), Quantity{}});
            QVERIFY(book.apply(bids, asks).has_value());
            plain.apply(Side::Buy, bids);
            plain.apply(Side::Sell, asks);
            QVERIFY(!book.isCrossed());
            for (const Side side : kSides) {
                QCOMPARE(book.best(side), plain.best(side));
                QVERIFY(copied(book, side) == plain.levels(side));
            }
        }
    }

    void hashesAreEqualExactlyWhenLevelsAre()
    {
        QVERIFY(rc::check("contentHash(a) == contentHash(b) iff levels equal", [] {
            const std::int64_t tick = 10'000'000;
            const auto bids = genLevels(600'000, tick, 2'000'000);
            const auto asks = genLevels(600'000, tick, 2'000'000);
            OrderBook straight(Price::fromRaw(tick));
            RC_ASSERT(straight.assign(bids, asks).has_value());
            // the same content by another way: elsewhere first, in reverse, with a detour
            PlainBook plain;
            plain.apply(Side::Buy, bids);
            plain.apply(Side::Sell, asks);
            OrderBook detour(Price::fromRaw(tick));
            const std::vector<Level> passing{{Price::fromRaw(tick * 5), Quantity::fromRaw(9)}};
            const std::vector<Level> gone{{Price::fromRaw(tick * 5), Quantity{}}};
            RC_ASSERT(detour.apply(passing, {}).has_value());
            auto finalBids = plain.levels(Side::Buy);
            auto finalAsks = plain.levels(Side::Sell);
            std::ranges::reverse(finalBids);
            RC_ASSERT(detour.apply(finalBids, finalAsks).has_value());
            RC_ASSERT(detour.apply(gone, {}).has_value());
            if (!plain.of(Side::Buy).contains(tick * 5))
                RC_ASSERT(detour.contentHash() == straight.contentHash());
            // and any single difference shows
            const Level extra{Price::fromRaw(tick * 600'007), Quantity::fromRaw(1)};
            if (straight.quantityAt(Side::Buy, extra.price) != extra.quantity) {
                const auto before = straight.contentHash();
                RC_ASSERT(straight.apply(std::vector{extra}, {}).has_value());
                RC_ASSERT(straight.contentHash() != before);
            }
        }));
    }

    void theSideIsPartOfTheHash()
    {
        OrderBook bids(price("0.1"));
        OrderBook asks(price("0.1"));
        const std::vector levels{level("100", "1")};
        QVERIFY(bids.apply(levels, {}).has_value());
        QVERIFY(asks.apply({}, levels).has_value());
        QVERIFY(bids.contentHash() != asks.contentHash());
        QCOMPARE(OrderBook(price("0.1")).contentHash(), OrderBook(price("5")).contentHash());
    }

    void refusesWhatIsNoLevel_data()
    {
        QTest::addColumn<qint64>("tick");
        QTest::addColumn<qint64>("price");
        QTest::addColumn<qint64>("quantity");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("word");
        constexpr qint64 tenth = 10'000'000;
        constexpr qint64 most = std::numeric_limits<qint64>::max();
        const auto invalid = static_cast<int>(ErrorCode::InvalidArgument);
        const auto range = static_cast<int>(ErrorCode::OutOfRange);
        QTest::newRow("half a tick") << tenth << 61'800 * 10 * tenth + 5'000'000 << qint64{1} << invalid
                                     << "multiple";
        QTest::newRow("one unit beside the tick")
            << tenth << 10 * tenth + 1 << qint64{1} << invalid << "multiple";
        QTest::newRow("a tick ten times too large")
            << 10 * tenth << 618'003 * tenth << qint64{1} << invalid << "multiple";
        QTest::newRow("price zero") << tenth << qint64{0} << qint64{1} << invalid << "above 0";
        QTest::newRow("negative price") << tenth << -tenth << qint64{1} << invalid << "above 0";
        QTest::newRow("smallest price there is")
            << qint64{1} << std::numeric_limits<qint64>::min() << qint64{1} << invalid << "above 0";
        QTest::newRow("negative quantity") << tenth << 10 * tenth << qint64{-1} << invalid << "negative";
        QTest::newRow("too many ticks") << qint64{1} << (qint64{1} << 31) << qint64{1} << range << "ticks";
        QTest::newRow("largest price, smallest tick") << qint64{1} << most << qint64{1} << range << "ticks";
        QTest::newRow("removal of a refused price")
            << tenth << 10 * tenth + 1 << qint64{0} << invalid << "multiple";
    }
    void refusesWhatIsNoLevel()
    {
        QFETCH(qint64, tick);
        QFETCH(qint64, price);
        QFETCH(qint64, quantity);
        QFETCH(int, code);
        QFETCH(QString, word);
        const std::vector bad{Level{Price::fromRaw(price), Quantity::fromRaw(quantity)}};
        const std::vector good{Level{Price::fromRaw(tick * 40), Quantity::fromRaw(5)}};
        for (const Side side : kSides) {
            OrderBook book(Price::fromRaw(tick));
            QVERIFY(book.apply(good, good).has_value());
            const auto before = book.contentHash();
            const auto result = side == Side::Buy ? book.apply(bad, {}) : book.apply({}, bad);
            QVERIFY(!result.has_value());
            QCOMPARE(static_cast<int>(result.error().code), code);
            QVERIFY2(result.error().detail.find(word.toStdString()) != std::string::npos,
                     result.error().detail.c_str());
            QCOMPARE(book.contentHash(), before);
            QVERIFY(!(side == Side::Buy ? book.assign(bad, good) : book.assign(good, bad)).has_value());
            QCOMPARE(book.levelCount(Side::Buy) + book.levelCount(Side::Sell), std::size_t{0});
        }
    }

    void acceptsExactlyThePositiveMultiples()
    {
        QVERIFY(rc::check("accepted iff price > 0 and price % tick == 0", [] {
            const auto tick =
                *rc::gen::oneOf(rc::gen::inRange<std::int64_t>(1, 1'000),
                                rc::gen::inRange<std::int64_t>(1, std::numeric_limits<std::int64_t>::max()),
                                rc::gen::element<std::int64_t>(1, 1LL << 40, 10'000'000, 3LL << 33));
            const auto raw = *rc::gen::oneOf(
                rc::gen::arbitrary<std::int64_t>(), rc::gen::inRange<std::int64_t>(0, 100'000),
                rc::gen::map(rc::gen::inRange<std::int64_t>(0, 1'000'000), [tick](std::int64_t count) {
                    return count <= std::numeric_limits<std::int64_t>::max() / tick ? count * tick : tick;
                }));
            OrderBook book(Price::fromRaw(tick));
            const bool fits = raw / tick <= std::numeric_limits<std::int32_t>::max();
            const std::vector one{Level{Price::fromRaw(raw), Quantity::fromRaw(3)}};
            RC_ASSERT(book.apply(one, {}).has_value() == (raw > 0 && raw % tick == 0 && fits));
            RC_ASSERT(book.levelCount(Side::Buy) == (raw > 0 && raw % tick == 0 && fits ? 1U : 0U));
        }));
    }

    void assignReplacesEverythingAlsoOneSided()
    {
        OrderBook book(price("0.1"));
        QVERIFY(book.assign({}, {}).has_value());
        QVERIFY(!book.best(Side::Buy) && !book.best(Side::Sell) && !book.isCrossed());
        const std::vector bids{level("61800.2", "2.5"), level("61800.1", "0"), level("5600", "1")};
        QVERIFY(book.assign(bids, {}).has_value());
        QCOMPARE(book.best(Side::Buy), std::optional(level("61800.2", "2.5")));
        QCOMPARE(book.levelCount(Side::Buy), std::size_t{2});
        QVERIFY(!book.best(Side::Sell) && !book.isCrossed());
        const std::vector asks{level("0.1", "7")};
        QVERIFY(book.assign({}, asks).has_value());
        QVERIFY(!book.best(Side::Buy));
        QCOMPARE(book.best(Side::Sell), std::optional(level("0.1", "7")));
    }

    void saysThatItIsCrossed()
    {
        OrderBook book(price("0.1"));
        QVERIFY(book.assign(std::vector{level("100", "1")}, std::vector{level("100.1", "1")}).has_value());
        QVERIFY(!book.isCrossed());
        QVERIFY(book.apply(std::vector{level("100.1", "1")}, {}).has_value());
        QVERIFY(book.isCrossed());
        QVERIFY(book.apply({}, std::vector{level("100.1", "0"), level("100.2", "3")}).has_value());
        QVERIFY(!book.isCrossed());
        QCOMPARE(book.best(Side::Sell), std::optional(level("100.2", "3")));
    }

    void unknownRemovalsAndStrayPricesAreNormal()
    {
        OrderBook book(price("0.1"));
        QVERIFY(book.apply(std::vector{level("100", "0"), level("900000", "0")}, {}).has_value());
        QCOMPARE(book.levelCount(Side::Buy), std::size_t{0});
        QCOMPARE(book.quantityAt(Side::Buy, price("100.05")), Quantity{});
        QCOMPARE(book.quantityAt(Side::Buy, price("-1")), Quantity{});
        std::vector<Level> out{level("1", "1")};
        book.copyLevels(Side::Buy, 0, out);
        QCOMPARE(out.size(), std::size_t{1}); // appended to, never cleared
    }

    void movesWithItsContent()
    {
        OrderBook book(price("0.1"));
        QVERIFY(book.apply(std::vector{level("100", "1")}, {}).has_value());
        const auto hash = book.contentHash();
        OrderBook other(std::move(book));
        QCOMPARE(other.contentHash(), hash);
    }
};

QTEST_APPLESS_MAIN(TestOrderBook)
#include "tst_order_book.moc"
