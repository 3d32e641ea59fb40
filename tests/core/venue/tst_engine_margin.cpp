#include "core/venue/engine.h"

#include <QtTest/QTest>

#include "tests/core/venue/venue_fixture.h"

using namespace core;
using namespace core::venue;
using namespace tests;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace
{
[[nodiscard]] NewOrder marketOrder(Side side, const char *size, PositionSide leg = PositionSide::Both)
{
    NewOrder order;
    order.symbol = btc();
    order.side = side;
    order.type = OrderType::Market;
    order.quantity = quantity(size);
    order.positionSide = leg;
    return order;
}
[[nodiscard]] NewOrder limit(Side side, const char *at, const char *size)
{
    NewOrder order = marketOrder(side, size);
    order.type = OrderType::Limit;
    order.price = price(at);
    return order;
}
[[nodiscard]] VenueOptions isolated()
{
    VenueOptions options = venueOptions();
    options.accounts[0].isolated = true;
    options.accounts[0].positions.push_back({btc(), Direction::Long, quantity("0.1"), price("60000")});
    return options;
}
} // namespace

class TestEngineMargin : public QObject
{
    Q_OBJECT

private slots:
    void legsOfAHedgeAccountAreApart()
    {
        VenueFixture venue;
        QVERIFY(venue.engine.setHedge(0, true).has_value());
        QCOMPARE(venue.engine.setHedge(0, true).error().code, -4059);
        QCOMPARE(venue.engine.place(0, marketOrder(Side::Buy, "0.1")).error().code, -4061);
        QVERIFY(venue.engine.place(0, marketOrder(Side::Buy, "0.1", PositionSide::Long)).has_value());
        QVERIFY(venue.engine.place(0, marketOrder(Side::Sell, "0.2", PositionSide::Short)).has_value());
        const Account &account = venue.engine.account(0);
        QCOMPARE(account.position(btc(), PositionSide::Long).quantity, quantity("0.1").raw());
        QCOMPARE(account.position(btc(), PositionSide::Short).quantity, -quantity("0.2").raw());
        NewOrder tooMuch = marketOrder(Side::Sell, "0.05", PositionSide::Long);
        tooMuch.reduceOnly = ReduceOnly::Yes;
        QCOMPARE(venue.engine.place(0, tooMuch).error().code, -4062);
        // Selling the long leg closes it and never turns it.
        QVERIFY(venue.engine.place(0, marketOrder(Side::Sell, "0.5", PositionSide::Long)).has_value());
        QVERIFY(account.position(btc(), PositionSide::Long).isFlat());
        QCOMPARE(venue.engine.place(0, marketOrder(Side::Sell, "0.1", PositionSide::Long)).error().code, -2022);
        QCOMPARE(venue.engine.setHedge(0, false).error().code, -4068);
        QVERIFY(venue.engine.place(0, marketOrder(Side::Buy, "0.2", PositionSide::Short)).has_value());
        QVERIFY(venue.engine.setHedge(0, false).has_value());
        QVERIFY(venue.engine.place(0, limit(Side::Buy, "59000.0", "0.01")).has_value());
        QCOMPARE(venue.engine.setHedge(0, true).error().code, -4067);
    }

    void bothHedgeLegsShareOneLiquidationPrice()
    {
        VenueOptions options = venueOptions();
        options.accounts[0].hedge = true;
        options.accounts[0].balance = money("3000");
        options.accounts[0].positions = {{btc(), Direction::Long, quantity("1"), price("60000")},
                                         {btc(), Direction::Short, quantity("0.4"), price("60000")}};
        VenueFixture venue(options);
        const Account &account = venue.engine.account(0);
        const auto at = account.liquidationPriceOf(btc(), PositionSide::Long);
        QVERIFY(at.has_value());
        QCOMPARE(account.liquidationPriceOf(btc(), PositionSide::Short), at);
        venue.setMark(Price::fromRaw(at->raw() + quantity("0.1").raw()).text());
        QVERIFY(!account.position(btc(), PositionSide::Long).isFlat());
        venue.setMark(Price::fromRaw(at->raw() - quantity("0.1").raw()).text());
        QVERIFY(account.position(btc(), PositionSide::Long).isFlat());
        QVERIFY(account.position(btc(), PositionSide::Short).isFlat());
    }

    void anIsolatedLegLosesItsOwnWalletAndNoMore()
    {
        VenueFixture venue(isolated());
        const Account &account = venue.engine.account(0);
        QCOMPARE(account.position(btc()).isolatedWallet, money("300")); // 6000 ÷ 20
        QCOMPARE(account.crossWallet(), money("9700"));
        QCOMPARE(account.available(), money("9700"));
        const auto at = account.liquidationPriceOf(btc());
        QVERIFY(at.has_value());
        QVERIFY(*at > price("57000") && *at < price("57300"));
        venue.events.lines.clear();
        venue.setMark("57000"); // the book still trades at 60000: the fill is far better than the mark
        QVERIFY(account.position(btc()).isFlat());
        QVERIFY(venue.events.lines.contains(u"ORDER CALCULATED FILLED 0.1"_s));
        QVERIFY(QString::fromStdString(venue.events.lastClientId).startsWith(u"autoclose-"_s));
        QVERIFY(account.wallet() >= money("9700"));
        QVERIFY(venue.engine.fills(0, btc()).back()->liquidation);
        QCOMPARE(venue.engine.fills(0, btc()).back()->startPosition, quantity("0.1").raw());
    }

    void theInsuranceFundPaysWhatAnIsolatedLegOwes()
    {
        VenueFixture venue(isolated());
        const std::vector<Level> bids{level("50000.0", "5")};
        const std::vector<Level> asks{level("50000.1", "5")};
        QVERIFY(venue.engine.assignBook(btc(), 2'000, venue.clock.now(), venue.clock.now(), bids, asks).has_value());
        venue.setMark("50000");
        QCOMPARE(venue.engine.account(0).wallet(), money("9700"));
        QVERIFY(venue.events.lines.contains(u"ACCOUNT INSURANCE_CLEAR"_s));
        Money sum = money("10000");
        for (const VenueIncome &row : venue.engine.incomes())
            sum = add(sum, row.amount).value();
        QCOMPARE(sum, venue.engine.account(0).wallet()); // the rows of cash tell the whole story
    }

    void marginIsAddedAndTakenBack()
    {
        VenueFixture venue(isolated());
        const PositionKey key{btc(), PositionSide::Both};
        const auto before = venue.engine.account(0).liquidationPriceOf(btc());
        QVERIFY(venue.engine.changeMargin(0, key, money("200")).has_value());
        QCOMPARE(venue.engine.account(0).position(btc()).isolatedWallet, money("500"));
        QCOMPARE(venue.engine.account(0).wallet(), money("10000"));
        QVERIFY(*venue.engine.account(0).liquidationPriceOf(btc()) < *before);
        QCOMPARE(venue.engine.changeMargin(0, key, money("-300")).error().code, -4051);
        QVERIFY(venue.engine.changeMargin(0, key, money("-150")).has_value());
        QCOMPARE(venue.engine.changeMargin(0, key, money("99999")).error().code, -4050);
        QCOMPARE(venue.engine.changeMargin(1, key, money("1")).error().code, -4054);
        QCOMPARE(venue.engine.marginChanges().size(), std::size_t{2});
    }

    void marginTypeAndLeverageAreGuarded()
    {
        VenueFixture venue;
        QCOMPARE(venue.engine.setIsolated(0, btc(), false).error().code, -4046);
        QVERIFY(venue.engine.setIsolated(0, btc(), true).has_value());
        QVERIFY(venue.engine.place(0, limit(Side::Buy, "59000.0", "0.1")).has_value());
        QCOMPARE(venue.engine.setIsolated(0, btc(), false).error().code, -4047);
        venue.engine.cancelAll(0, btc());
        QVERIFY(venue.engine.place(0, marketOrder(Side::Buy, "0.1")).has_value());
        QCOMPARE(venue.engine.setIsolated(0, btc(), false).error().code, -4048);
        QCOMPARE(venue.engine.setLeverage(0, btc(), 10).error().code, -4161);
        QVERIFY(venue.engine.setLeverage(0, btc(), 25).has_value());
    }

    void fundingIsPaidWhenItsTimeComes()
    {
        VenueFixture venue;
        QVERIFY(venue.engine.place(0, marketOrder(Side::Buy, "0.5")).has_value());
        QVERIFY(venue.engine.place(1, marketOrder(Side::Sell, "0.2")).has_value());
        const Money before = venue.engine.account(0).wallet();
        const Money other = venue.engine.account(1).wallet();
        const UtcTime due = venue.engine.market(btc()).nextFundingTime;
        QVERIFY(due > venue.clock.now() && due <= venue.clock.now() + 8h);
        venue.clock.advance(due - venue.clock.now() - 1ms);
        venue.setMark("60000");
        QCOMPARE(venue.engine.account(0).wallet(), before);
        venue.clock.advance(1ms);
        venue.events.lines.clear();
        venue.setMark("61000"); // 0.5 × 61000 × 0.0001
        QCOMPARE(venue.engine.account(0).wallet(), subtract(before, money("3.05")).value());
        QCOMPARE(venue.engine.account(1).wallet(), add(other, money("1.22")).value());
        QCOMPARE(venue.events.lines.join(u';'), u"ACCOUNT FUNDING_FEE;ACCOUNT FUNDING_FEE"_s);
        venue.setMark("61000"); // once
        QCOMPARE(venue.engine.account(0).wallet(), subtract(before, money("3.05")).value());
        QCOMPARE(venue.engine.fundingHistory().size(), std::size_t{1});
        QCOMPARE(venue.engine.fundingHistory().front().at, due);
        QCOMPARE(venue.engine.market(btc()).nextFundingTime, due + 8h);
        QCOMPARE(venue.engine.incomes().back().position, -quantity("0.2").raw());
    }

    void hourlyFundingUsesTheIndexWhereTheRulesSaySo()
    {
        VenueOptions options = isolated();
        options.instruments.front().fundingInterval = 1h;
        options.rules.fundingOn = VenueRules::FundingReference::Index;
        VenueFixture venue(options);
        venue.clock.advance(1h);
        MarkPrice mark;
        mark.mark = price("60000");
        mark.index = price("50000");
        mark.venueTime = venue.clock.now();
        venue.engine.onMark(btc(), mark);
        QCOMPARE(venue.engine.account(0).position(btc()).isolatedWallet, money("299.5")); // 0.1 × 50000 × 0.0001
        QCOMPARE(venue.engine.account(0).crossWallet(), money("9700"));
    }

    void transfersAreRowsAndEvents()
    {
        VenueFixture venue;
        QVERIFY(venue.engine.transfer(0, money("500")).has_value());
        QVERIFY(venue.engine.transfer(0, money("-1500")).has_value());
        QCOMPARE(venue.engine.transfer(0, money("-9001")).error().code, -2018);
        QCOMPARE(venue.engine.account(0).wallet(), money("9000"));
        QCOMPARE(venue.events.lines.join(u';'), u"ACCOUNT DEPOSIT;ACCOUNT WITHDRAW"_s);
        QCOMPARE(venue.engine.incomes().size(), std::size_t{2});
    }

    void aMarginCallComesOnceBeforeTheLiquidation()
    {
        struct Calls final : AccountListener {
            void onOrderEvent(const VenueOrder &, std::string_view, const VenueFill *) override {}
            void onAccountEvent(const AccountChange &) override {}
            void onAlgoEvent(const VenueAlgo &) override {}
            void onLeverageEvent(std::size_t, const Symbol &, int) override {}
            void onMarginCall(std::size_t, const std::vector<PositionKey> &legs) override { calls += int(legs.size()); }
            int calls{0};
        } calls;
        VenueOptions options = venueOptions();
        options.accounts[0].balance = money("3500");
        options.accounts[0].positions.push_back({btc(), Direction::Long, quantity("1"), price("60000")});
        VenueFixture venue(options);
        venue.engine.setListener(&calls);
        venue.setMark("58000");
        QCOMPARE(calls.calls, 0);
        venue.setMark("56780"); // equity 280, maintenance 233.9
        venue.setMark("56770");
        QCOMPARE(calls.calls, 1);
        QVERIFY(!venue.engine.account(0).position(btc()).isFlat());
        venue.setMark("60000");
        venue.setMark("56780");
        QCOMPARE(calls.calls, 2);
    }

    void deleveragingAndSettlementAreTheVenuesOwnOrders()
    {
        VenueFixture venue(isolated());
        QVERIFY(venue.engine.deleverage(0, {btc()}, quantity("0.04"), price("61000")).has_value());
        QCOMPARE(QString::fromStdString(venue.events.lastClientId), u"adl_autoclose"_s);
        QCOMPARE(venue.engine.fills(0, btc()).back()->realized, money("40"));
        QVERIFY(venue.engine.place(0, limit(Side::Buy, "59000.0", "0.01")).has_value());
        venue.engine.settleContract(btc(), price("60500"));
        QVERIFY(venue.engine.account(0).position(btc()).isFlat());
        QVERIFY(QString::fromStdString(venue.events.lastClientId).startsWith(u"settlement_autoclose-"_s));
        QVERIFY(venue.engine.openOrders(0, nullptr).empty());
        QCOMPARE(venue.engine.account(0).wallet(), money("10070")); // 40 + 0.06 × 500
        QCOMPARE(venue.engine.place(0, marketOrder(Side::Buy, "0.01")).error().code, -1122);
    }
};

QTEST_APPLESS_MAIN(TestEngineMargin)
#include "tst_engine_margin.moc"
