#include "core/market/depth_history.h"

#include <chrono>

#include <QtTest/QTest>

using core::Freshness;
using core::Level;
using core::UtcTime;
using core::market::DepthColumn;
using core::market::DepthHistory;
using core::market::OrderBook;
using namespace std::chrono_literals;

namespace
{

const UtcTime kStart = core::parseIso8601("2024-08-08T23:58:00.000Z").value();

Level level(const char *price, const char *quantity)
{
    return {core::parsePrice(price).value(), core::parseQuantity(quantity).value()};
}
OrderBook usualBook()
{
    OrderBook book(core::parsePrice("0.5").value());
    const std::vector bids{level("999.5", "2"), level("992.5", "3.25"), level("992", "4"), level("10", "5")};
    const std::vector asks{level("1000.5", "1"), level("1007.5", "6"), level("1008", "7")};
    if (!book.assign(bids, asks))
        qFatal("the book of the test is wrong");
    return book;
}

} // namespace

class TestDepthHistory : public QObject
{
    Q_OBJECT

private slots:
    void aColumnHoldsTheBandAroundTheMid()
    {
        const OrderBook book = usualBook();
        DepthHistory history({});
        QVERIFY(!history.sample(book, Freshness::Fresh, kStart + 10ms));
        QVERIFY(!history.sample(book, Freshness::Fresh, kStart + 249ms));
        const auto column = history.sample(book, Freshness::Fresh, kStart + 260ms);
        QVERIFY(column);
        QCOMPARE(column->at, kStart);
        QCOMPARE(column->length, core::Duration(250ms));
        QVERIFY(!column->gap);
        QCOMPARE(column->bestBidTick, 1999);
        QCOMPARE(column->bestAskTick, 2001);
        // mid 1000, band 0.75 %: 992.5 to 1007.5, both edges included
        QCOMPARE(column->bids.ticks, (std::vector<std::int32_t>{1999, 1985}));
        QCOMPARE(column->bids.quantities, (std::vector<float>{2.0F, 3.25F}));
        QCOMPARE(column->asks.ticks, (std::vector<std::int32_t>{2001, 2015}));
        QCOMPARE(column->asks.quantities, (std::vector<float>{1.0F, 6.0F}));
        QVERIFY(!history.sample(book, Freshness::Fresh, kStart + 499ms));
        QCOMPARE(history.sample(book, Freshness::Fresh, kStart + 500ms)->at, kStart + 250ms);
        QCOMPARE(history.size(), std::size_t{2});
    }

    void whatIsNotFreshIsAGap_data()
    {
        QTest::addColumn<int>("freshness");
        QTest::addColumn<bool>("gap");
        QTest::newRow("fresh") << static_cast<int>(Freshness::Fresh) << false;
        QTest::newRow("connecting") << static_cast<int>(Freshness::Connecting) << true;
        QTest::newRow("stale") << static_cast<int>(Freshness::Stale) << true;
        QTest::newRow("gapped") << static_cast<int>(Freshness::Gapped) << true;
        QTest::newRow("crossed") << static_cast<int>(Freshness::Crossed) << true;
        QTest::newRow("diverged") << static_cast<int>(Freshness::Diverged) << true;
        QTest::newRow("lost") << static_cast<int>(Freshness::Lost) << true;
    }
    void whatIsNotFreshIsAGap()
    {
        QFETCH(int, freshness);
        QFETCH(bool, gap);
        const OrderBook book = usualBook();
        DepthHistory history({});
        QVERIFY(!history.sample(book, Freshness::Fresh, kStart));
        const auto column = history.sample(book, static_cast<Freshness>(freshness), kStart + 250ms);
        QVERIFY(column);
        QCOMPARE(column->gap, gap);
        QCOMPARE(column->bids.ticks.empty(), gap);
        QCOMPARE(column->asks.quantities.empty(), gap);
        QCOMPARE(column->bestBidTick == 0, gap);
    }

    void aBookWithoutAMidOrCrossedIsAGap()
    {
        OrderBook book(core::parsePrice("0.5").value());
        DepthHistory history({});
        QVERIFY(!history.sample(book, Freshness::Fresh, kStart));
        QVERIFY(history.sample(book, Freshness::Fresh, kStart + 250ms)->gap); // empty
        QVERIFY(book.apply(std::vector{level("100", "1")}, {}).has_value());
        QVERIFY(history.sample(book, Freshness::Fresh, kStart + 500ms)->gap); // one-sided
        QVERIFY(book.apply({}, std::vector{level("99.5", "1")}).has_value());
        QVERIFY(
            history.sample(book, Freshness::Fresh, kStart + 750ms)->gap); // crossed, whatever the caller says
    }

    void aShortPauseIsALongerColumnAndALongOneAGap()
    {
        const OrderBook book = usualBook();
        DepthHistory history({});
        QVERIFY(!history.sample(book, Freshness::Fresh, kStart));
        const auto bridged = history.sample(book, Freshness::Fresh, kStart + 1s);
        QCOMPARE(bridged->length, core::Duration(1s));
        QVERIFY(!bridged->gap);
        const auto after = history.sample(book, Freshness::Fresh, kStart + 11s);
        QCOMPARE(history.size(), std::size_t{3});
        const DepthColumn &hole = *history.at(1);
        QVERIFY(hole.gap && hole.bids.ticks.empty());
        QCOMPARE(hole.at, kStart + 1s);
        QCOMPARE(hole.at + hole.length, after->at);
        QCOMPARE(after->at + after->length, kStart + 11s);
        QVERIFY(!after->gap);
    }

    void keepsTheNewestColumnsAndLeavesHandedOutOnesAlone()
    {
        OrderBook book = usualBook();
        DepthHistory history({.interval = 100ms, .band = core::Ratio::fromRaw(1'000'000), .columnsMax = 3});
        QVERIFY(!history.sample(book, Freshness::Fresh, kStart));
        const auto first = history.sample(book, Freshness::Fresh, kStart + 100ms);
        QVERIFY(book.apply(std::vector{level("999.5", "0")}, {}).has_value());
        for (int i = 2; i <= 5; ++i)
            QVERIFY(history.sample(book, Freshness::Fresh, kStart + i * 100ms));
        QCOMPARE(history.size(), std::size_t{3});
        QCOMPARE(history.at(0)->at, kStart + 200ms);
        QCOMPARE(history.at(2)->at, kStart + 400ms);
        QCOMPARE(history.at(2)->bestBidTick, 1985);
        QCOMPARE(first->bestBidTick, 1999);
        std::vector<std::shared_ptr<const DepthColumn>> all;
        history.copyAll(all);
        QCOMPARE(all.size(), std::size_t{3});
        QVERIFY(all[0] == history.at(0));
    }

    void aClockSetBackStartsAnew()
    {
        const OrderBook book = usualBook();
        DepthHistory history({});
        QVERIFY(!history.sample(book, Freshness::Fresh, kStart));
        QVERIFY(history.sample(book, Freshness::Fresh, kStart + 250ms));
        QVERIFY(!history.sample(book, Freshness::Fresh, kStart + 249ms)); // jitter across a boundary
        QCOMPARE(history.size(), std::size_t{1});
        QVERIFY(!history.sample(book, Freshness::Fresh, kStart - 1h));
        QCOMPARE(history.size(), std::size_t{0});
        QCOMPARE(history.sample(book, Freshness::Fresh, kStart - 1h + 250ms)->at, kStart - 1h);
    }
};

QTEST_APPLESS_MAIN(TestDepthHistory)
#include "tst_depth_history.moc"
