#include <QtTest/QTest>

#include "core/exchange/hyperliquid/rest_codec.h"

using namespace core::exchange::hyperliquid;
using core::UtcTime;

namespace
{
constexpr UtcTime kReceived = core::utcFromMilliseconds(1'790'360'864'964);

template <class Value> [[nodiscard]] Value good(core::Result<Value> result)
{
    if (!result)
        qFatal("refused: %s", result.error().detail.c_str());
    return std::move(*result);
}
} // namespace

class TestHlInfo : public QObject
{
    Q_OBJECT

private slots:
    void contextsBelongToTheirContracts()
    {
        const auto both = good(parseMetaAndAssetCtxs(
            R"([{"universe":[{"szDecimals":5,"name":"BTC","maxLeverage":40}]},[{"markPx":"14.3161","funding":"0.0000125"}]])"));
        QCOMPARE(both.contexts.at(0).mark.text(), std::string("14.3161"));
        QVERIFY(!parseMetaAndAssetCtxs(R"([{"universe":[]},[{"markPx":"1.0"}]])"));
        QVERIFY(!parseMetaAndAssetCtxs(R"([{"universe":[]}])"));
    }
    void theFirstDexIsTheVenuesOwn()
    {
        const auto dexes = good(parsePerpDexs(
            R"([null,{"name":"xyz","fullName":"XYZ","deployer":"0x1","oracleUpdater":null,"assetToStreamingOiCap":[["xyz:A","1.0"]]}])"));
        QCOMPARE(dexes.size(), std::size_t{2});
        QCOMPARE(dexes.at(0).name, std::string());
        QCOMPARE(dexes.at(1).name, std::string("xyz"));
    }
    void allPerpMetasComeInEitherShape()
    {
        const auto plain =
            good(parseAllPerpMetas(R"([{"universe":[{"szDecimals":5,"name":"BTC","maxLeverage":40}]}])"));
        const auto paired = good(
            parseAllPerpMetas(R"([[{"universe":[{"szDecimals":5,"name":"BTC","maxLeverage":40}]},[]]])"));
        QCOMPARE(plain, paired);
    }
    void anUnknownCoinHasNoBook()
    {
        QCOMPARE(parseL2Book("null", kReceived).error().code, core::ErrorCode::NotFound);
        QCOMPARE(parseL2Book(" null\n", kReceived).error().code, core::ErrorCode::NotFound);
        QCOMPARE(parseL2Book("nullx", kReceived).error().code, core::ErrorCode::ParseFailed);
    }
    void onlyFinishedCandlesAreClosed()
    {
        const auto candles = good(parseCandleSnapshot(
            R"([{"t":1790344800000,"T":1790348399999,"s":"BTC","i":"1h","o":"1.0","c":"2.0","h":"3.0","l":"1.0","v":"5.5","n":3},)"
            R"({"t":1790348400000,"T":1790351999999,"s":"BTC","i":"1h","o":"1.0","c":"2.0","h":"3.0","l":"1.0","v":"0.0","n":0}])",
            core::utcFromMilliseconds(1'790'348'400'000)));
        QVERIFY(candles.at(0).closed);
        QVERIFY(!candles.at(1).closed);
    }
    void anOrderIsFoundOrForgotten()
    {
        const auto found = good(parseOrderStatus(
            R"({"status":"order","order":{"order":{"coin":"BTC","side":"B","limitPx":"2.0","sz":"0.0","oid":5,"timestamp":7,)"
            R"("origSz":"3.0","triggerCondition":"N/A","isTrigger":false,"triggerPx":"0.0","children":[],"isPositionTpsl":false,)"
            R"("reduceOnly":false,"orderType":"Limit","tif":"Gtc","cloid":null},"status":"filled","statusTimestamp":1724361546645}})",
            kReceived));
        QCOMPARE(found->update.status, core::OrderStatus::Filled);
        QCOMPARE(found->update.filled.text(), std::string("3"));
        QVERIFY(!found->update.averagePrice); // the venue does not say
        QVERIFY(!found->update.triggerPrice);
        QVERIFY(!good(parseOrderStatus(R"({"status":"unknownOid"})", kReceived)));
        QVERIFY(!parseOrderStatus(R"({"status":"order"})", kReceived));
        QVERIFY(!parseOrderStatus(R"({"status":"maybe"})", kReceived));
    }
    void theModeIsABareWord()
    {
        QCOMPARE(good(parseUserAbstraction("\"unifiedAccount\"")), AccountMode::Unified);
        QCOMPARE(good(parseUserAbstraction(" \"disabled\"\n")), AccountMode::Standard);
        QCOMPARE(good(parseUserAbstraction("\"new\"")), AccountMode::Unknown);
        QVERIFY(!parseUserAbstraction(""));
        QVERIFY(!parseUserAbstraction("null"));
        QVERIFY(!parseUserAbstraction("\"a\",\"b\""));
        QVERIFY(!parseUserAbstraction("5"));
    }
    void ratesLimitsAgentsAndRoles()
    {
        const auto fees = good(parseUserFees(
            R"({"userCrossRate":"0.00045","userAddRate":"0.00015","userSpotCrossRate":"0.0007","feeSchedule":{"cross":"0.00045"},)"
            R"("activeStakingDiscount":{"bpsOfMaxSupply":"0","discount":"0.1"},"trial":null})"));
        QCOMPARE(fees.taker.text(), std::string("0.00045"));
        QCOMPARE(fees.stakingDiscount->text(), std::string("0.1"));
        const auto limit = good(parseUserRateLimit(
            R"({"cumVlm":"170043721737.450012207","nRequestsUsed":36589831368,"nRequestsCap":170043731737})"));
        QCOMPARE(limit.cap, std::int64_t{170'043'731'737});
        QVERIFY(!limit.surplus);
        QCOMPARE(good(parseUserRole(R"({"role":"agent","data":{"user":"0xm"}})")),
                 (UserRole{UserRole::Kind::Agent, "0xm"}));
        QCOMPARE(good(parseUserRole(R"({"role":"subAccount","data":{"master":"0xm"}})")),
                 (UserRole{UserRole::Kind::SubAccount, "0xm"}));
        QCOMPARE(good(parseUserRole(R"({"role":"missing"})")).kind, UserRole::Kind::Missing);
        QCOMPARE(good(parseUserRole(R"({"role":"emperor"})")).kind, UserRole::Kind::Unknown);
        const auto status = good(parseExchangeStatus(R"({"time":1790358575700,"specialStatuses":null})"));
        QVERIFY(!status.special);
        QVERIFY(good(parseExchangeStatus(R"({"time":1,"specialStatuses":["halt"]})")).special);
    }
    void portfolioIsReadBySpan()
    {
        const auto spans = good(parsePortfolio(
            R"([["day",{"accountValueHistory":[[1790358575700,"1.5"]],"pnlHistory":[[1790358575700,"-0.5"]],"vlm":"0.0"}]])"));
        QCOMPARE(spans.at(0).span, std::string("day"));
        QCOMPARE(spans.at(0).pnl.at(0).second.text(), std::string("-0.5"));
    }
    void whatACoinAllowsIsReadForBothSides()
    {
        const auto setting = good(parseActiveAssetData(
            R"({"user":"u","coin":"BTC","leverage":{"type":"isolated","value":3,"rawUsd":"-7.5"},)"
            R"("maxTradeSzs":["1.5","2.5"],"availableToTrade":["100.1","200.2"]})"));
        QCOMPARE(setting.marginMode, core::MarginMode::Isolated);
        QCOMPARE(setting.buyMax.text(), std::string("1.5"));
        QCOMPARE(setting.availableToSell.text(), std::string("200.2"));
        const auto three = parseActiveAssetData(
            R"({"coin":"BTC","leverage":{"type":"cross","value":3},"maxTradeSzs":["1","2","3"],"availableToTrade":["1","2"]})");
        QVERIFY(!three);
        QVERIFY2(three.error().detail.starts_with("activeAssetData.maxTradeSzs[2]: expects two numbers"),
                 three.error().detail.c_str());
        QVERIFY(!parseActiveAssetData(
            R"({"coin":"BTC","leverage":{"type":"cross","value":3},"maxTradeSzs":["1"],"availableToTrade":["1","2"]})"));
    }
    void aFillOfATwapCarriesItsNumber()
    {
        const std::string fill =
            R"({"coin":"BTC","px":"2.0","sz":"0.5","side":"B","time":7,"startPosition":"0.0","dir":"Open Long","closedPnl":"0.0",)"
            R"("hash":"0x00","oid":5,"crossed":true,"fee":"0.1","tid":9,"feeToken":"USDC"})";
        const auto rows = good(parseTwapSliceFills(R"([{"fill":)" + fill + R"(,"twapId":3156},{"fill":)" + fill + "}]", kReceived));
        QCOMPARE(rows.at(0).twapId, std::optional<std::int64_t>(3156));
        QVERIFY(!rows.at(1).twapId);
        QCOMPARE(rows.at(1).fill.tradeId, std::int64_t{9});
        QVERIFY(!parseTwapSliceFills(R"([{"twapId":3156}])", kReceived));
    }
    void whatATableDoesNotTellIsRefused_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("words");
        const auto row = [](const char *name, const char *body, const char *words) {
            QTest::newRow(name) << QByteArray(body) << QByteArray(words);
        };
        row("a margin table without tiers", R"([{"universe":[],"marginTables":[[56]]},[]])",
            "metaAndAssetCtxs[0].marginTables[0]: expects an id and a table");
        row("a third part", R"([{"universe":[]},[],{}])", "metaAndAssetCtxs[2]: expects the list and its contexts");
        row("delisted, said as a text", R"([{"universe":[{"name":"A","szDecimals":1,"maxLeverage":3,"isDelisted":"no"}]},[]])",
            "metaAndAssetCtxs[0].universe[0].isDelisted: ");
        row("a list that is no JSON", "[@]", "metaAndAssetCtxs");
    }
    void whatATableDoesNotTellIsRefused()
    {
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, words);
        const auto both = parseMetaAndAssetCtxs(body.toStdString());
        QVERIFY(!both);
        QVERIFY2(both.error().detail.starts_with(words.toStdString()), both.error().detail.c_str());
    }
    void whatNobodyKnowsOfATableIsPassedOver()
    {
        const auto meta = good(parseMeta(
            R"({"universe":[{"szDecimals":2,"name":"OLD","maxLeverage":3,"isDelisted":true,"onlyIsolated":true}],)"
            R"("marginTables":[[56,{"description":"x","marginTiers":[{"lowerBound":"0.0","maxLeverage":40}]},"more"]]})"));
        QVERIFY(meta.universe.at(0).delisted);
        QVERIFY(meta.universe.at(0).isolatedOnly);
        QCOMPARE(meta.marginTables.at(0).tiers.at(0).leverageMax, 40);
        QVERIFY(!parseAllPerpMetas("[@]"));
        QVERIFY(!parsePerpDexs("[@]"));
        QVERIFY(!parsePortfolio(R"([["day"]])"));
        QVERIFY(!parsePortfolio(R"([["day",{"pnlHistory":[[1]]}]])"));
        QCOMPARE(good(parsePortfolio(R"([["day",{"pnlHistory":[[1,"2","3"]]},"more"]])")).at(0).pnl.size(), std::size_t{1});
    }
    void discountsAndWhatIsLeftOfTheRequests()
    {
        const auto fees = good(parseUserFees(
            R"({"userCrossRate":"0.00045","userAddRate":"-0.00001","userSpotAddRate":"0.0004","activeReferralDiscount":"0.04"})"));
        QVERIFY(fees.maker.isNegative());
        QCOMPARE(fees.spotMaker->text(), std::string("0.0004"));
        QCOMPARE(fees.referralDiscount->text(), std::string("0.04"));
        QVERIFY(!fees.stakingDiscount && !fees.spotTaker);
        QCOMPARE(good(parseUserRateLimit(R"({"cumVlm":"1.0","nRequestsUsed":1,"nRequestsCap":2,"nRequestsSurplus":-3})")).surplus,
                 std::optional<std::int64_t>(-3));
        QVERIFY(!parseUserRateLimit(R"({"cumVlm":"much","nRequestsUsed":1,"nRequestsCap":2})"));
        QVERIFY(!parseUserRateLimit(R"({"cumVlm":[],"nRequestsUsed":1,"nRequestsCap":2})"));
    }
    void whatIsNotJsonIsAnErrorThatNamesTheEndpoint_data()
    {
        QTest::addColumn<QByteArray>("body");
        for (const char *body : {"", "<html><body>502 Bad Gateway</body></html>", "null", "{", "7",
                                 "Failed to deserialize the JSON body into the target type"})
            QTest::newRow(*body == '\0' ? "empty" : body) << QByteArray(body);
    }
    void whatIsNotJsonIsAnErrorThatNamesTheEndpoint()
    {
        QFETCH(QByteArray, body);
        const std::string text = body.toStdString();
        const auto refusedBy = [](const auto &result, std::string_view endpoint) {
            return !result && result.error().detail.starts_with(endpoint);
        };
        QVERIFY(refusedBy(parseMeta(text), "meta"));
        QVERIFY(refusedBy(parseUserFills(text, kReceived), "userFills"));
        QVERIFY(refusedBy(parseClearinghouseState(text, kReceived), "clearinghouseState"));
        QVERIFY(refusedBy(parseOrderStatus(text, kReceived), "orderStatus"));
        QVERIFY(refusedBy(parseOpenOrders(text, kReceived), "openOrders"));
        QVERIFY(refusedBy(parseUserRole(text), "userRole"));
    }
};

QTEST_APPLESS_MAIN(TestHlInfo)
#include "tst_hl_info.moc"
