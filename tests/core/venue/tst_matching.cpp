#include "core/venue/matching.h"

#include <algorithm>

#include <QtTest/QTest>
#include <rapidcheck.h>

using namespace core;
using namespace core::venue;
using namespace Qt::StringLiterals;

namespace
{
[[nodiscard]] Price price(const char *text)
{
    return parsePrice(text).value();
}
[[nodiscard]] Quantity quantity(const char *text)
{
    return parseQuantity(text).value();
}
[[nodiscard]] Level level(const char *at, const char *size)
{
    return {price(at), quantity(size)};
}

[[nodiscard]] QStringList said(std::initializer_list<const char *> words)
{
    QStringList result;
    for (const char *word : words)
        result << QString::fromLatin1(word);
    return result;
}

/// Writes down what happens: "7 taker 0.5@100.1", "8 expired 2".
class Diary final : public MatchListener
{
public:
    Quantity reducible(const BookOrder &) override { return m_reducible; }
    void onExecution(const BookOrder &order, Price at, Quantity size, bool maker) override
    {
        lines << QString::fromStdString(std::to_string(order.id) + (maker ? " maker " : " taker ") +
                                        size.text() + "@" + at.text());
        m_reducible = Quantity::fromRaw(std::max<std::int64_t>(0, m_reducible.raw() - size.raw()));
    }
    void onShrunk(const BookOrder &order, Quantity less) override
    {
        lines << QString::fromStdString(std::to_string(order.id) + " shrunk by " + less.text());
    }
    void onShown(Side, Price) override {}
    void onExpired(const BookOrder &order, Expiry why) override
    {
        lines << QString::fromStdString(std::to_string(order.id) + " expired " +
                                        std::to_string(static_cast<int>(why)));
    }
    QStringList lines;
    Quantity m_reducible{quantity("1000")};
};

[[nodiscard]] BookOrder limit(std::int64_t id, Side side, const char *at, const char *size,
                              TimeInForce timeInForce = TimeInForce::GoodTilCancel, std::size_t account = 0)
{
    return {.id = id,
            .account = account,
            .side = side,
            .limit = price(at),
            .remaining = quantity(size),
            .timeInForce = timeInForce};
}
[[nodiscard]] BookOrder marketOrder(std::int64_t id, Side side, const char *size)
{
    return {.id = id, .account = 0, .side = side, .limit = {}, .remaining = quantity(size)};
}

/// Bids 100.0 × 1, 99.9 × 2, 99.5 × 3; asks 100.1 × 1, 100.2 × 2, 100.5 × 3.
[[nodiscard]] MatchingBook bookOfSix()
{
    MatchingBook book(price("0.1"));
    const std::vector<Level> bids{level("100.0", "1"), level("99.9", "2"), level("99.5", "3")};
    const std::vector<Level> asks{level("100.1", "1"), level("100.2", "2"), level("100.5", "3")};
    [&] { QVERIFY(book.assign(bids, asks).has_value()); }();
    return book;
}
} // namespace

class TestMatching : public QObject
{
    Q_OBJECT

private slots:
    void executesAtTheExactLevels_data()
    {
        QTest::addColumn<QString>("order");
        QTest::addColumn<QStringList>("expected");
        QTest::newRow("market buy walks up")
            << u"market buy 2.5"_s << said({"1 taker 1@100.1", "1 taker 1.5@100.2"});
        QTest::newRow("market sell walks down")
            << u"market sell 3.5"_s << said({"1 taker 1@100", "1 taker 2@99.9", "1 taker 0.5@99.5"});
        QTest::newRow("market larger than the book expires its rest")
            << u"market buy 7"_s
            << said({"1 taker 1@100.1", "1 taker 2@100.2", "1 taker 3@100.5", "1 expired 9"});
        QTest::newRow("immediate-or-cancel stops at its limit")
            << u"ioc buy 2.5 100.1"_s << said({"1 taker 1@100.1", "1 expired 2"});
        QTest::newRow("limit takes, then rests") << u"gtc buy 2.5 100.1"_s << said({"1 taker 1@100.1"});
        QTest::newRow("limit away from the market rests") << u"gtc buy 1 99.0"_s << QStringList();
        QTest::newRow("fill-or-kill fills as a whole")
            << u"fok buy 3 100.2"_s << said({"1 taker 1@100.1", "1 taker 2@100.2"});
    }
    void executesAtTheExactLevels()
    {
        QFETCH(QString, order);
        QFETCH(QStringList, expected);
        MatchingBook book = bookOfSix();
        Diary diary;
        const QStringList words = order.split(u' ');
        BookOrder request{.id = 1,
                          .account = 0,
                          .side = words[1] == u"buy" ? Side::Buy : Side::Sell,
                          .limit = {},
                          .remaining = parseQuantity(words[2].toStdString()).value()};
        if (words.size() > 3)
            request.limit = parsePrice(words[3].toStdString()).value();
        if (words[0] == u"ioc")
            request.timeInForce = TimeInForce::ImmediateOrCancel;
        if (words[0] == u"fok")
            request.timeInForce = TimeInForce::FillOrKill;
        QCOMPARE(book.check(request), MatchRefusal::None);
        book.submit(request, diary);
        QCOMPARE(diary.lines, expected);
        QCOMPARE(book.find(1) != nullptr, words[0] == u"gtc");
    }

    void refusesBeforehand()
    {
        const MatchingBook book = bookOfSix();
        QCOMPARE(book.check(limit(1, Side::Buy, "100.2", "3.001", TimeInForce::FillOrKill)),
                 MatchRefusal::FillOrKill);
        QCOMPARE(book.check(limit(1, Side::Buy, "100.1", "1", TimeInForce::PostOnly)),
                 MatchRefusal::PostOnly);
        QCOMPARE(book.check(limit(1, Side::Buy, "100.0", "1", TimeInForce::PostOnly)), MatchRefusal::None);
        QCOMPARE(MatchingBook(price("0.1")).check(marketOrder(1, Side::Buy, "1")), MatchRefusal::NoLiquidity);
    }

    void marketOrderStopsAtItsBound()
    {
        MatchingBook book = bookOfSix();
        Diary diary;
        BookOrder order = marketOrder(1, Side::Buy, "5");
        order.takeBound = price("100.3");
        book.submit(order, diary);
        QCOMPARE(diary.lines, (said({"1 taker 1@100.1", "1 taker 2@100.2", "1 expired 9"})));
    }

    void takenQuantityStaysTakenUntilTheLevelChanges()
    {
        MatchingBook book = bookOfSix();
        Diary diary;
        book.submit(marketOrder(1, Side::Buy, "1.5"), diary);
        QVERIFY(book.available(Side::Sell, price("100.1")).isZero());
        QCOMPARE(book.available(Side::Sell, price("100.2")), quantity("1.5"));
        const std::vector<Level> other{level("100.5", "9")};
        QVERIFY(book.apply({}, other).has_value()); // not the level that was taken from
        QCOMPARE(book.available(Side::Sell, price("100.2")), quantity("1.5"));
        const std::vector<Level> same{level("100.1", "0.7"), level("100.2", "2")};
        QVERIFY(book.apply({}, same).has_value());
        QCOMPARE(book.available(Side::Sell, price("100.1")), quantity("0.7"));
        QCOMPARE(book.available(Side::Sell, price("100.2")), quantity("2"));
        QCOMPARE(book.external().quantityAt(Side::Sell, price("100.1")), quantity("0.7"));
    }

    void restingOrderFillsWhenTheBookCrossesIt()
    {
        MatchingBook book = bookOfSix();
        Diary diary;
        book.submit(limit(1, Side::Buy, "99.8", "2"), diary);
        const std::vector<Level> touching{level("99.9", "1")};
        QVERIFY(book.apply({}, touching).has_value());
        book.matchResting(diary);
        QCOMPARE(diary.lines, QStringList()); // 99.9 is above our bid
        const std::vector<Level> crossing{level("99.8", "0.5"), level("99.7", "0.9")};
        QVERIFY(book.apply({}, crossing).has_value());
        book.matchResting(diary);
        QCOMPARE(diary.lines, (said({"1 maker 0.9@99.8", "1 maker 0.5@99.8"})));
        QCOMPARE(book.find(1)->remaining, quantity("0.6"));
        book.matchResting(diary); // what was there is taken
        QCOMPARE(diary.lines.size(), 2);
    }

    void restingOrderFillsWhenATradeGoesThroughIt_data()
    {
        QTest::addColumn<QString>("print");
        QTest::addColumn<QString>("expected");
        QTest::newRow("at our price: others were first") << u"99.8"_s << QString();
        QTest::newRow("below our price") << u"99.7"_s << u"1 maker 0.5@99.8"_s;
        QTest::newRow("above our price") << u"99.9"_s << QString();
    }
    void restingOrderFillsWhenATradeGoesThroughIt()
    {
        QFETCH(QString, print);
        QFETCH(QString, expected);
        MatchingBook book = bookOfSix();
        Diary diary;
        book.submit(limit(1, Side::Buy, "99.8", "2"), diary);
        Trade trade;
        trade.price = parsePrice(print.toStdString()).value();
        trade.quantity = quantity("0.5");
        trade.aggressor = Side::Sell;
        book.onPrint(trade, diary);
        QCOMPARE(diary.lines.join(u';'), expected);
    }

    void ownOrdersGoByPriceThenTime()
    {
        MatchingBook book(price("0.1"));
        Diary diary;
        book.submit(limit(1, Side::Sell, "100.2", "1", TimeInForce::GoodTilCancel, 1), diary);
        book.submit(limit(2, Side::Sell, "100.1", "1", TimeInForce::GoodTilCancel, 1), diary);
        book.submit(limit(3, Side::Sell, "100.1", "1", TimeInForce::GoodTilCancel, 2), diary);
        book.submit(limit(4, Side::Buy, "100.2", "2.5"), diary);
        QCOMPARE(diary.lines, (said({"2 maker 1@100.1", "4 taker 1@100.1", "3 maker 1@100.1",
                                     "4 taker 1@100.1", "1 maker 0.5@100.2", "4 taker 0.5@100.2"})));
    }

    void externalSizeGoesFirstAtAnEqualPrice()
    {
        MatchingBook book = bookOfSix();
        Diary diary;
        book.submit(limit(1, Side::Sell, "100.1", "1", TimeInForce::GoodTilCancel, 1), diary);
        book.submit(marketOrder(2, Side::Buy, "1.5"), diary);
        QCOMPARE(diary.lines, (said({"2 taker 1@100.1", "1 maker 0.5@100.1", "2 taker 0.5@100.1"})));
    }

    void selfTradeFollowsItsMode_data()
    {
        QTest::addColumn<int>("mode");
        QTest::addColumn<QStringList>("expected");
        QTest::newRow("none: they trade") << int(SelfTrade::None) << said({"1 maker 1@100", "2 taker 1@100"});
        QTest::newRow("maker ends") << int(SelfTrade::ExpireMaker) << said({"1 expired 1"});
        QTest::newRow("taker ends") << int(SelfTrade::ExpireTaker) << said({"2 expired 1"});
        QTest::newRow("both end") << int(SelfTrade::ExpireBoth) << said({"1 expired 1", "2 expired 1"});
    }
    void selfTradeFollowsItsMode()
    {
        QFETCH(int, mode);
        QFETCH(QStringList, expected);
        MatchingBook book(price("0.1"));
        Diary diary;
        book.submit(limit(1, Side::Sell, "100", "1"), diary);
        BookOrder taker = limit(2, Side::Buy, "100", "1");
        taker.selfTrade = static_cast<SelfTrade>(mode);
        book.submit(taker, diary);
        QCOMPARE(diary.lines, expected);
    }

    void restingReduceOnlyIsClippedAndSwept()
    {
        MatchingBook book = bookOfSix();
        Diary diary;
        diary.m_reducible = quantity("0.3");
        BookOrder order = limit(1, Side::Sell, "100.3", "1");
        order.reduceOnly = ReduceOnly::Yes;
        book.submit(order, diary);
        const std::vector<Level> crossing{level("100.3", "5")};
        QVERIFY(book.apply(crossing, {}).has_value());
        book.matchResting(diary);
        QCOMPARE(diary.lines, (said({"1 maker 0.3@100.3", "1 expired 4"})));

        BookOrder other = limit(2, Side::Sell, "100.9", "1");
        other.reduceOnly = ReduceOnly::Yes;
        book.submit(other, diary);
        book.sweepReduceOnly(0, false, diary); // nothing left to reduce
        QCOMPARE(diary.lines.last(), u"2 expired 4"_s);
        QVERIFY(book.find(2) == nullptr);
    }

    void neverExecutesMoreThanThereIs()
    {
        QVERIFY(
            rc::check("sum of fills = min(order, what is within the limit); the rest rests or expires", [] {
                MatchingBook book(price("0.1"));
                std::vector<Level> asks;
                const auto sizes = *rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 500));
                std::int64_t reachable = 0;
                const auto limitTicks = *rc::gen::inRange<std::int64_t>(1'000, 1'060);
                for (std::size_t i = 0; i < std::min<std::size_t>(sizes.size(), 50); ++i) {
                    const auto ticks = 1'001 + static_cast<std::int64_t>(i);
                    asks.push_back(
                        {Price::fromRaw(ticks * 10'000'000), Quantity::fromRaw(sizes[i] * 100'000LL)});
                    if (ticks <= limitTicks)
                        reachable += sizes[i] * 100'000LL;
                }
                RC_ASSERT(book.assign({}, asks).has_value());
                const auto wanted = *rc::gen::inRange<std::int64_t>(1, 20'000) * 100'000;
                struct Sum final : MatchListener {
                    Quantity reducible(const BookOrder &) override { return {}; }
                    void onExecution(const BookOrder &, Price, Quantity size, bool) override
                    {
                        filled += size.raw();
                    }
                    void onExpired(const BookOrder &, Expiry) override {}
                    void onShrunk(const BookOrder &, Quantity) override {}
                    void onShown(Side, Price) override {}
                    std::int64_t filled{0};
                } sum;
                book.submit({.id = 1,
                             .side = Side::Buy,
                             .limit = Price::fromRaw(limitTicks * 10'000'000),
                             .remaining = Quantity::fromRaw(wanted)},
                            sum);
                RC_ASSERT(sum.filled == std::min(wanted, reachable));
                const BookOrder *rest = book.find(1);
                RC_ASSERT((rest == nullptr ? 0 : rest->remaining.raw()) == wanted - sum.filled);
                book.submit({.id = 2,
                             .side = Side::Buy,
                             .limit = Price::fromRaw(limitTicks * 10'000'000),
                             .remaining = Quantity::fromRaw(wanted),
                             .timeInForce = TimeInForce::ImmediateOrCancel},
                            sum);
                RC_ASSERT(sum.filled == std::min(2 * wanted, reachable)); // taken once is taken
            }));
    }
};

QTEST_APPLESS_MAIN(TestMatching)
#include "tst_matching.moc"
