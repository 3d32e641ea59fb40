#include <cmath>

#include <QtTest/QTest>

#include "core/exchange/hyperliquid/instruments.h"
#include "core/exchange/hyperliquid/margin.h"

using namespace core::exchange::hyperliquid;
using core::Money;
using core::UtcTime;

namespace
{
[[nodiscard]] Money money(std::string_view digits)
{
    return core::parseMoney(digits).value();
}
[[nodiscard]] std::vector<core::MarginTier> tiers(std::initializer_list<std::pair<const char *, int>> rungs,
                                                  int leverageMax = 40)
{
    std::vector<MetaMarginTier> rows;
    for (const auto &[bound, leverage] : rungs)
        rows.push_back({money(bound), leverage});
    return marginTiers(rows, leverageMax).value();
}
[[nodiscard]] PerpAccount perp(std::string_view equity, std::string_view used, std::string_view unrealized)
{
    PerpAccount account;
    account.all = MarginSummary{money(equity), {}, {}, money(used)};
    account.cross = account.all;
    account.crossMaintenance = money("5");
    PositionRow row;
    row.position.unrealizedPnl = money(unrealized);
    account.positions.push_back(row);
    return account;
}
[[nodiscard]] SpotAccount spot(std::string_view total)
{
    SpotAccount account;
    account.balances.push_back({*core::Symbol::from("PURR"), 1, money("7"), money("0")});
    account.balances.push_back({*core::Symbol::from("USDC"), 0, money(total), money("0")});
    return account;
}
[[nodiscard]] FillRow fill(std::int64_t id, core::Side side, std::string_view size, std::string_view start,
                           std::string_view closed = "0", std::string_view fee = "0", std::int64_t at = 0)
{
    FillRow row;
    row.fill.instrument = {core::Venue::Hyperliquid, *core::Symbol::from("BTC")};
    row.fill.tradeId = id;
    row.fill.side = side;
    row.fill.quantity = core::parseQuantity(size).value();
    row.fill.realizedPnl = money(closed);
    row.fill.fee = money(fee);
    row.fill.feeAsset = *core::Asset::from("USDC");
    row.fill.venueTime = core::utcFromMilliseconds(at);
    row.startPosition = core::parseFixed<SignedSize>(start).value();
    return row;
}
[[nodiscard]] FundingRow funding(std::string_view amount, std::int64_t at)
{
    FundingRow row;
    row.payment.instrument = {core::Venue::Hyperliquid, *core::Symbol::from("BTC")};
    row.payment.amount = money(amount);
    row.payment.asset = *core::Asset::from("USDC");
    row.payment.venueTime = core::utcFromMilliseconds(at);
    return row;
}
const core::Asset kUsdc = *core::Asset::from("USDC");
constexpr UtcTime kFrom = core::utcFromMilliseconds(1'000);
constexpr UtcTime kTo = core::utcFromMilliseconds(2'000);
} // namespace

class TestHlMargin : public QObject
{
    Q_OBJECT

private slots:
    void hl35_theIsolatedExampleOfTheVenueIsReproduced()
    {
        const LiquidationInput input{.direction = core::Direction::Long,
                                     .quantity = core::parseQuantity("0.0335").value(),
                                     .mark = core::parsePrice("2985.9").value(),
                                     .equity = money("4.967826"),
                                     .maintenanceOfOthers = {}};
        const auto price = liquidationPrice(input, tiers({{"0", 50}}));
        QVERIFY(price.has_value() && price->has_value());
        constexpr double kServer = 2866.26936529;
        QVERIFY2(std::abs((*price)->toDouble() - kServer) / kServer < 1e-6, (*price)->text().c_str());
    }
    void hl35_aPriceThatWouldNotBePositiveIsNone()
    {
        const LiquidationInput input{.direction = core::Direction::Long,
                                     .quantity = core::parseQuantity("1").value(),
                                     .mark = core::parsePrice("100").value(),
                                     .equity = money("100000"),
                                     .maintenanceOfOthers = {}};
        const auto price = liquidationPrice(input, tiers({{"0", 50}}));
        QVERIFY(price.has_value() && !price->has_value());
        QVERIFY(!liquidationPrice(input, {}));
    }
    void hl35_aCrossPositionAnswersForTheOthersToo()
    {
        LiquidationInput input{.direction = core::Direction::Short,
                               .quantity = core::parseQuantity("2").value(),
                               .mark = core::parsePrice("100").value(),
                               .equity = money("60"),
                               .maintenanceOfOthers = {}};
        const auto alone = liquidationPrice(input, tiers({{"0", 10}}));
        input.maintenanceOfOthers = money("20");
        const auto shared = liquidationPrice(input, tiers({{"0", 10}}));
        // 100 + (60 − 10) ÷ 2 ÷ 1.05 and 100 + (40 − 10) ÷ 2 ÷ 1.05, down: the side that comes first
        QCOMPARE((*alone)->text(), std::string("123.8095238"));
        QCOMPARE((*shared)->text(), std::string("114.28571428"));
    }
    void hl35_tieredMaintenanceEqualsBothWorkedExamples()
    {
        const auto mainnet = tiers({{"0", 40}, {"150000000", 20}});
        QCOMPARE(mainnet.at(1).deduction.text(), std::string("1875000"));
        QCOMPARE(maintenanceMargin(mainnet, money("200000000")).value().text(), std::string("3125000"));
        const auto testnet = tiers({{"0", 40}, {"10000", 25}, {"50000", 10}});
        QCOMPARE(testnet.at(1).deduction.text(), std::string("75"));
        QCOMPARE(maintenanceMargin(testnet, money("12073.655")).value().text(), std::string("166.4731"));
        QVERIFY(maintenanceMargin(mainnet, Money{}).value().isZero());
    }
    void hl35_aMissingTableFallsBackToTheContractsLeverage()
    {
        const auto single = tiers({}, 20);
        QCOMPARE(single.size(), std::size_t{1});
        QCOMPARE(maintenanceMargin(single, money("1000")).value().text(), std::string("25"));
        // 3x: one sixth is no decimal, so it is rounded up
        QVERIFY(maintenanceMargin(tiers({}, 3), money("600")).value() >= money("100"));
        QVERIFY(maintenanceMargin(tiers({}, 3), money("600")).value() < money("100.00001"));
    }
    void hl35_maintenanceIsContinuousAtTheBounds()
    {
        const auto ladder = tiers({{"0", 40}, {"10000", 25}, {"50000", 7}, {"60000", 3}});
        for (const char *bound : {"10000", "50000", "60000"}) {
            const Money at = money(bound);
            const Money below = maintenanceMargin(ladder, at).value();
            const Money above = maintenanceMargin(ladder, Money::fromRaw(at.raw() + 1)).value();
            // rates like 1 ÷ 14 are rounded up at the eighth place: that much of the notional, no more
            QVERIFY2(std::abs(above.raw() - below.raw()) < 100'000, bound);
        }
    }

    void hl33_standardModeReadsThePerpAccount()
    {
        for (const AccountMode mode :
             {AccountMode::Standard, AccountMode::Default, AccountMode::DexAbstraction}) {
            const auto figures = accountFigures({.mode = mode,
                                                 .dexes = {perp("1000", "300", "-50")},
                                                 .spot = spot("9999"),
                                                 .collateralToken = 0,
                                                 .availableToTrade = {}});
            QVERIFY(figures.has_value());
            QCOMPARE(figures->equity.text(), std::string("1000"));
            QCOMPARE(figures->available->text(), std::string("700"));
            QCOMPARE(figures->wallet.text(), std::string("1050"));
            QCOMPARE(figures->remarks.empty(), mode != AccountMode::DexAbstraction);
        }
    }
    void hl33_unifiedModeReadsTheSpotBalance()
    {
        // measured on a unified account: the perp value says 25.93, the equity is 977.58
        AccountView view{.mode = AccountMode::Unified,
                         .dexes = {perp("25.93", "25.92", "0")},
                         .spot = spot("977.58"),
                         .collateralToken = 0,
                         .availableToTrade = {}};
        QCOMPARE(accountFigures(view)->equity.text(), std::string("977.58"));
        QCOMPARE(accountFigures(view)->available->text(), std::string("951.66"));
        view.spot.reset();
        QVERIFY(!accountFigures(view));
    }
    void hl33_theVenuesFreeMarginProvesWhetherTheBalanceHoldsTheUnrealisedResult()
    {
        AccountView view{.mode = AccountMode::Unified,
                         .dexes = {perp("0", "100", "40")},
                         .spot = spot("1000"),
                         .collateralToken = 0,
                         .availableToTrade = money("940")};
        QCOMPARE(accountFigures(view)->equity.text(), std::string("1040"));
        view.availableToTrade = money("900.01");
        QCOMPARE(accountFigures(view)->equity.text(), std::string("1000"));
        QVERIFY(accountFigures(view)->remarks.empty());
        view.availableToTrade = money("555"); // proves nothing: the smaller one, and it is said
        QCOMPARE(accountFigures(view)->equity.text(), std::string("1000"));
        QCOMPARE(accountFigures(view)->remarks.size(), std::size_t{1});
        view.dexes = {perp("0", "100", "-40")};
        view.availableToTrade.reset();
        QCOMPARE(accountFigures(view)->equity.text(), std::string("960"));
    }
    void hl33_portfolioMarginTakesTheVenuesFreeFigure()
    {
        AccountView view{.mode = AccountMode::PortfolioMargin,
                         .dexes = {perp("0", "100", "0"), perp("0", "50", "0")},
                         .spot = spot("1000"),
                         .collateralToken = 0,
                         .availableToTrade = {}};
        QVERIFY(!accountFigures(view)->available);
        view.spot->availableAfterMaintenance = {{150, money("3")}, {0, money("812.5")}};
        QCOMPARE(accountFigures(view)->available->text(), std::string("812.5"));
        QCOMPARE(accountFigures(view)->marginUsed.text(), std::string("150"));
    }
    void hl33_whatCannotBeClassifiedIsRefused()
    {
        QCOMPARE(accountMode("somethingNew"), AccountMode::Unknown);
        AccountView view{.mode = AccountMode::Unknown,
                         .dexes = {perp("1000", "0", "0")},
                         .spot = spot("1000"),
                         .collateralToken = 0,
                         .availableToTrade = {}};
        QCOMPARE(accountFigures(view).error().code, core::ErrorCode::Unsupported);
        view.mode = AccountMode::Default; // everything in spot: nobody knows which rules hold
        view.dexes = {perp("0", "0", "0")};
        QCOMPARE(accountFigures(view).error().code, core::ErrorCode::Unsupported);
        view.mode = AccountMode::Standard;
        view.dexes.push_back(perp("0", "0", "0"));
        QVERIFY(!accountFigures(view));
    }
    void hl33_everyWordOfTheVenueHasItsMode()
    {
        QCOMPARE(accountMode("disabled"), AccountMode::Standard);
        QCOMPARE(accountMode("unifiedAccount"), AccountMode::Unified);
        QCOMPARE(accountMode("portfolioMargin"), AccountMode::PortfolioMargin);
        QCOMPARE(accountMode("default"), AccountMode::Default);
        QCOMPARE(accountMode("dexAbstraction"), AccountMode::DexAbstraction);
        QCOMPARE(name(AccountMode::Unknown), std::string_view("unknown"));
    }

    void hl36_aMissedFillBreaksTheChain()
    {
        const std::vector<FillRow> whole{fill(1, core::Side::Buy, "2", "0"),
                                         fill(2, core::Side::Sell, "3", "2"),
                                         fill(3, core::Side::Buy, "1", "-1")};
        QVERIFY(!firstBrokenLink(whole));
        QCOMPARE(firstBrokenLink({whole.at(0), whole.at(2)}), std::optional<std::size_t>(1));
    }
    void hl36_fillsOfOneMillisecondMayComeInAnyOrder()
    {
        const FillRow first = fill(1, core::Side::Buy, "2", "0", "0", "0", 1);
        const FillRow second = fill(2, core::Side::Buy, "1", "2", "0", "0", 2);
        const FillRow third = fill(3, core::Side::Buy, "1", "3", "0", "0", 2);
        QVERIFY(!firstBrokenLink({first, third, second}));
        QCOMPARE(firstBrokenLink({first, third}), std::optional<std::size_t>(1));
    }
    void hl37_fundingEntersTheDayWithItsSign()
    {
        const auto day =
            dayResult({}, {funding("-3.625312", 1'500), funding("1.5", 1'600)}, kUsdc, kFrom, kTo);
        QCOMPARE(day->funding.text(), std::string("-2.125312"));
        QCOMPARE(day->total.text(), std::string("-2.125312"));
    }
    void hl38_theDayCountsEachFeeOnce()
    {
        const std::vector<FillRow> fills{
            fill(1, core::Side::Buy, "1", "0", "0", "0.5", 1'000),
            fill(2, core::Side::Sell, "1", "1", "-20", "0.4", 1'999),
            fill(2, core::Side::Sell, "1", "1", "-20", "0.4", 1'999), // a repeated snapshot
            fill(3, core::Side::Buy, "1", "0", "7", "-0.1", 1'500),   // a rebate
            fill(4, core::Side::Buy, "1", "0", "1000", "1", 2'000),   // tomorrow
            fill(5, core::Side::Buy, "1", "0", "1000", "1", 999)};    // yesterday
        const auto day = dayResult(fills, {funding("-1", 1'500), funding("-1", 1'500)}, kUsdc, kFrom, kTo);
        QCOMPARE(day->closed.text(), std::string("-13"));
        QCOMPARE(day->fees.text(), std::string("0.8"));
        QCOMPARE(day->total.text(), std::string("-14.8"));
    }
    void hl38_aFeeInAnotherCoinIsNotSummed()
    {
        FillRow odd = fill(1, core::Side::Buy, "1", "0", "0", "0.5", 1'500);
        odd.fill.feeAsset = *core::Asset::from("HYPE");
        QVERIFY(!dayResult({odd}, {}, kUsdc, kFrom, kTo));
    }
};

QTEST_APPLESS_MAIN(TestHlMargin)
#include "tst_hl_margin.moc"
