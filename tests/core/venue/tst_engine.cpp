#include "core/venue/engine.h"

#include <QtTest/QTest>

#include "tests/core/venue/venue_fixture.h"

using namespace core;
using namespace core::venue;
using namespace tests;
using namespace Qt::StringLiterals;

namespace
{
[[nodiscard]] NewOrder marketOrder(Side side, const char *size, ReduceOnly reduceOnly = ReduceOnly::No)
{
    NewOrder order;
    order.symbol = btc();
    order.side = side;
    order.type = OrderType::Market;
    order.quantity = quantity(size);
    order.reduceOnly = reduceOnly;
    return order;
}
[[nodiscard]] NewOrder limitOrder(Side side, const char *at, const char *size,
                                  ReduceOnly reduceOnly = ReduceOnly::No)
{
    NewOrder order = marketOrder(side, size, reduceOnly);
    order.type = OrderType::Limit;
    order.price = price(at);
    return order;
}
[[nodiscard]] NewAlgo stop(Side side, const char *trigger, const char *size)
{
    NewAlgo algo;
    algo.symbol = btc();
    algo.side = side;
    algo.trigger = price(trigger);
    algo.quantity = quantity(size);
    algo.working = WorkingType::MarkPrice;
    algo.reduceOnly = ReduceOnly::Yes;
    return algo;
}
[[nodiscard]] VenueOptions withPosition(Direction direction, const char *size, const char *entry,
                                        const char *balance)
{
    VenueOptions options = venueOptions();
    options.accounts[0].balance = money(balance);
    options.accounts[0].leverage = 25;
    options.accounts[0].positions.push_back({btc(), direction, quantity(size), price(entry)});
    return options;
}
} // namespace

class TestEngine : public QObject
{
    Q_OBJECT

private slots:
    void marketOrderFillsAndTellsInOrder()
    {
        VenueFixture venue;
        QVERIFY(venue.ok);
        const auto placed = venue.engine.place(0, marketOrder(Side::Buy, "1.5"));
        QVERIFY(placed.has_value());
        QCOMPARE((*placed)->status, OrderStatus::Filled);
        QVERIFY((*placed)->id > (std::int64_t{1} << 53));
        QCOMPARE(
            venue.events.lines.join(u';'),
            u"ORDER NEW NEW 0;ORDER TRADE PARTIALLY_FILLED 1;ACCOUNT ORDER;ORDER TRADE FILLED 0.5;ACCOUNT ORDER"_s);
        const AccountPosition &position = venue.engine.account(0).position(btc());
        QCOMPARE(position.quantity, quantity("1.5").raw());
        QCOMPARE(position.entryPrice(), price("60000.4"));
        // 0.0005 of 60000.1 and of 30000.5
        QCOMPARE(venue.engine.account(0).wallet(), money("9954.9997"));
        QCOMPARE(venue.engine.fills(0, btc()).size(), std::size_t{2});
    }

    void reduceOnlyIsClippedOrRefused_data()
    {
        QTest::addColumn<int>("direction");
        QTest::addColumn<int>("side");
        QTest::addColumn<int>("code");
        const auto number = [](auto value) { return static_cast<int>(value); };
        QTest::newRow("long, sell") << number(Direction::Long) << number(Side::Sell) << 0;
        QTest::newRow("short, buy") << number(Direction::Short) << number(Side::Buy) << 0;
        QTest::newRow("long, buy") << number(Direction::Long) << number(Side::Buy) << -2022;
        QTest::newRow("short, sell") << number(Direction::Short) << number(Side::Sell) << -2022;
    }
    void reduceOnlyIsClippedOrRefused()
    {
        QFETCH(int, direction);
        QFETCH(int, side);
        QFETCH(int, code);
        VenueFixture venue(withPosition(static_cast<Direction>(direction), "0.4", "60000", "10000"));
        const auto placed = venue.engine.place(0, marketOrder(static_cast<Side>(side), "1", ReduceOnly::Yes));
        QCOMPARE(placed ? 0 : placed.error().code, code);
        if (!placed)
            return;
        QCOMPARE((*placed)->filled, quantity("0.4"));
        QVERIFY(venue.engine.account(0).position(btc()).isFlat());
        const auto again = venue.engine.place(0, marketOrder(static_cast<Side>(side), "1", ReduceOnly::Yes));
        QCOMPARE(again.error().code, -2022);
        QCOMPARE(QString::fromStdString(again.error().message), u"ReduceOnly Order is rejected."_s);
    }

    void restingReduceOnlyEndsWhenThePositionIsGone()
    {
        VenueFixture venue(withPosition(Direction::Long, "0.4", "60000", "10000"));
        const auto rests = venue.engine.place(0, limitOrder(Side::Sell, "60500.0", "0.4", ReduceOnly::Yes));
        QVERIFY(rests.has_value());
        QVERIFY(venue.engine.place(0, marketOrder(Side::Sell, "0.4", ReduceOnly::Yes)).has_value());
        QCOMPARE((*rests)->status, OrderStatus::Expired);
        QCOMPARE((*rests)->expiry, Expiry::ReduceOnly);
        QVERIFY(venue.engine.openOrders(0, nullptr).empty());
    }

    void openOrdersBindMargin()
    {
        VenueFixture venue;
        QVERIFY(venue.engine.place(0, limitOrder(Side::Buy, "59000.0", "3")).has_value());
        QCOMPARE(venue.engine.account(0).available(), money("1150")); // 10000 − 177000 / 20
        QCOMPARE(venue.engine.place(0, limitOrder(Side::Buy, "59000.0", "1")).error().code, -2019);
        venue.engine.cancelAll(0, btc());
        QCOMPARE(venue.engine.account(0).available(), money("10000"));
        QCOMPARE(venue.events.lines.last(), u"ORDER CANCELED CANCELED 0"_s);
    }

    void accountsTradeWithEachOther()
    {
        VenueFixture venue;
        QVERIFY(venue.engine.place(1, limitOrder(Side::Sell, "60000.0", "0.1")).has_value()); // takes the bid
        QCOMPARE(venue.engine.account(1).position(btc()).quantity, -quantity("0.1").raw());
        QVERIFY(venue.engine.place(1, limitOrder(Side::Sell, "60000.1", "0.5")).has_value());
        QVERIFY(venue.engine.place(0, limitOrder(Side::Buy, "60000.1", "1.2")).has_value());
        // External size at the price first, then the other account.
        QCOMPARE(venue.engine.account(0).position(btc()).quantity, quantity("1.2").raw());
        QCOMPARE(venue.engine.account(1).position(btc()).quantity, -quantity("0.3").raw());
        QVERIFY(venue.engine.fills(1, btc()).back()->maker);
        QCOMPARE(venue.engine.fills(1, btc()).back()->fee, money("2.400004")); // 0.0002
    }

    void stopRunsThroughItsStates()
    {
        VenueFixture venue(withPosition(Direction::Long, "0.4", "60000", "10000"));
        const auto placed = venue.engine.placeAlgo(0, stop(Side::Sell, "59500.0", "0.4"));
        QVERIFY(placed.has_value());
        venue.setMark("59500.1");
        QCOMPARE((*placed)->status, AlgoStatus::New);
        venue.events.lines.clear();
        venue.setMark("59500");
        QCOMPARE(venue.events.lines.join(u';'),
                 u"ALGO TRIGGERING;ALGO TRIGGERED;ORDER NEW NEW 0;ORDER TRADE FILLED 0.4;"
                 "ACCOUNT ORDER;ALGO FINISHED"_s);
        QVERIFY((*placed)->childOrder > (std::int64_t{1} << 53));
        const VenueOrder *child = venue.engine.findOrder(0, btc(), (*placed)->childOrder, {});
        QVERIFY(child != nullptr);
        QCOMPARE(child->originalType, std::string("STOP_MARKET"));
        QCOMPARE(child->shownType, std::string("MARKET"));
        QVERIFY(venue.engine.account(0).position(btc()).isFlat());
    }

    void acceptedStopMayBeRefusedWhenItFires()
    {
        VenueFixture venue;
        const auto placed = venue.engine.placeAlgo(0, stop(Side::Sell, "59500.0", "0.4")); // no position
        QVERIFY(placed.has_value());
        venue.setMark("59400");
        QCOMPARE((*placed)->status, AlgoStatus::Rejected);
        QCOMPARE(QString::fromStdString((*placed)->reason), u"Reduce Only reject"_s);
    }

    void triggersFollowTheirTable_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<int>("side");
        QTest::addColumn<bool>("firesAbove");
        const auto number = [](auto value) { return static_cast<int>(value); };
        QTest::newRow("stop, buy") << number(AlgoType::StopMarket) << number(Side::Buy) << true;
        QTest::newRow("stop, sell") << number(AlgoType::StopMarket) << number(Side::Sell) << false;
        QTest::newRow("take profit, buy") << number(AlgoType::TakeProfitMarket) << number(Side::Buy) << false;
        QTest::newRow("take profit, sell")
            << number(AlgoType::TakeProfitMarket) << number(Side::Sell) << true;
    }
    void triggersFollowTheirTable()
    {
        QFETCH(int, type);
        QFETCH(int, side);
        QFETCH(bool, firesAbove);
        NewAlgo algo = stop(static_cast<Side>(side), "60000", "1");
        algo.type = static_cast<AlgoType>(type);
        QCOMPARE(isTriggered(algo, price("60000.1")), firesAbove);
        QCOMPARE(isTriggered(algo, price("59999.9")), !firesAbove);
        QVERIFY(isTriggered(algo, price("60000")));
    }

    void lastPriceTriggersContractPriceStops()
    {
        VenueFixture venue(withPosition(Direction::Short, "0.4", "60000", "10000"));
        NewAlgo algo = stop(Side::Buy, "60500.0", "0");
        algo.working = WorkingType::ContractPrice;
        algo.closePosition = true;
        algo.reduceOnly = ReduceOnly::No;
        QVERIFY(venue.engine.placeAlgo(0, algo).has_value());
        venue.setMark("60600"); // not what it watches
        QVERIFY(!venue.engine.account(0).position(btc()).isFlat());
        venue.print("60500", "0.1", Side::Buy);
        QVERIFY(venue.engine.account(0).position(btc()).isFlat());
        QCOMPARE(venue.engine.market(btc()).lastPrice, std::optional(price("60000.1"))); // our own trade is a trade
        venue.print("60500", "0.1", Side::Buy);
        QCOMPARE(venue.engine.placeAlgo(0, algo).error().code, -2021);
    }

    void liquidatesWhenEquityIsBelowMaintenance_data()
    {
        QTest::addColumn<int>("direction");
        QTest::addColumn<QString>("alive");
        QTest::addColumn<QString>("due");
        // Maintenance of 1 BTC near here is N × 0.5 % − 50 beyond a notional of 50,000; equity starts at
        // 3,000.
        QTest::newRow("long") << static_cast<int>(Direction::Long) << u"57237"_s << u"57236"_s;
        QTest::newRow("short") << static_cast<int>(Direction::Short) << u"62736"_s << u"62737"_s;
    }
    void liquidatesWhenEquityIsBelowMaintenance()
    {
        QFETCH(int, direction);
        QFETCH(QString, alive);
        QFETCH(QString, due);
        VenueFixture venue(withPosition(static_cast<Direction>(direction), "1", "60000", "3000"));
        QVERIFY(venue.engine.place(0, limitOrder(Side::Buy, "59000.0", "0.001")).has_value());
        venue.setMark(alive.toStdString());
        QVERIFY(!venue.engine.account(0).position(btc()).isFlat());
        venue.events.lines.clear();
        venue.setMark(due.toStdString());
        QVERIFY(venue.engine.account(0).position(btc()).isFlat());
        QCOMPARE(venue.events.lines.join(u';'),
                 u"ORDER CANCELED CANCELED 0;ORDER NEW NEW 0;ORDER CALCULATED FILLED 1;ACCOUNT ORDER"_s);
        QVERIFY(venue.events.lastClientId.starts_with("autoclose-"));
        // Executed against the book, at its best price, with the liquidation fee.
        QCOMPARE(venue.engine.fills(0, btc()).back()->fee,
                 direction == static_cast<int>(Direction::Long) ? money("750") : money("750.00125"));
        QVERIFY(venue.engine.account(0).wallet() < money("3000"));
    }

    void negativeWalletIsClearedByTheFund()
    {
        VenueFixture venue(withPosition(Direction::Long, "1", "60000", "3000"));
        const std::vector<Level> gone{level("60000.0", "0"), level("59999.0", "0"), level("59900.0", "0"),
                                      level("55000.0", "5")};
        QVERIFY(venue.engine.applyDiff(btc(), 1'001, {}, {}, gone, {}).has_value());
        venue.setMark("55000");
        QVERIFY(venue.engine.account(0).position(btc()).isFlat());
        QCOMPARE(venue.engine.account(0).wallet(), Money{});
        QCOMPARE(venue.events.lines.last(), u"ACCOUNT INSURANCE_CLEAR"_s);
    }

    void leverageIsCheckedAgainstBracketsAndMargin()
    {
        VenueFixture venue(withPosition(Direction::Long, "1", "60000", "3100"));
        QCOMPARE(venue.engine.setLeverage(0, btc(), 126).error().code, -4028);
        QCOMPARE(venue.engine.setLeverage(0, btc(), 0).error().code, -4028);
        QCOMPARE(venue.engine.setLeverage(0, btc(), 125).error().code, -2027); // 60,000 is beyond its bracket
        QCOMPARE(venue.engine.setLeverage(0, btc(), 19).error().code, -2019);  // 60,000 / 19 is above 3,100
        QCOMPARE(venue.engine.setLeverage(0, btc(), 50).value(), money("12000000"));
        QCOMPARE(venue.events.lines.last(), u"LEVERAGE 50"_s);
    }
};

QTEST_APPLESS_MAIN(TestEngine)
#include "tst_engine.moc"
