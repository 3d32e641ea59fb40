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
