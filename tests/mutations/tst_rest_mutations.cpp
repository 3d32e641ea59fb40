#include <QtTest/QTest>

#include "core/exchange/binance/api_error.h"
#include "core/exchange/binance/rest_codec.h"
#include "tests/mutations/mutations.h"

using namespace core::exchange::binance;

namespace
{
constexpr core::UtcTime kReceived = core::utcFromMilliseconds(1'790'360'864'964);
using Check = bool (*)(std::string_view body);

bool isWhole(const core::OrderUpdate &order)
{
    return !order.instrument.symbol.empty() && !order.quantity.isNegative() && !order.filled.isNegative();
}

bool positions(std::string_view body)
{
    const auto read = parsePositionRisk(body, {}, kReceived);
    return tests::isSound(read) && (!read || std::all_of(read->begin(), read->end(), [](const core::Position &p) {
               return !p.instrument.symbol.empty() && !p.quantity.isNegative() && !p.entryPrice.isNegative();
           }));
}
bool account(std::string_view body)
{
    const auto read = parseAccount(body, *core::AccountId::from("main"), kReceived);
    return tests::isSound(read) && tests::isSound(parseBalances(body)) &&
           (!read || std::all_of(read->begin(), read->end(), [](const auto &row) { return !row.asset.empty(); }));
}
bool orders(std::string_view body)
{
    const auto list = parseOrders(body, kReceived);
    const auto one = parseOrder(body, kReceived);
    return tests::isSound(list) && tests::isSound(one) && (!one || isWhole(*one)) &&
           (!list || std::all_of(list->begin(), list->end(), isWhole));
}
bool algos(std::string_view body)
{
    const auto list = parseAlgos(body, kReceived);
    return tests::isSound(list) && tests::isSound(parseAlgo(body, kReceived)) &&
           (!list || std::all_of(list->begin(), list->end(), [](const AlgoEvent &algo) {
               return !algo.instrument.symbol.empty() && !algo.quantity.isNegative() && !algo.executed.isNegative();
           }));
}
bool batch(std::string_view body)
{
    const auto list = parseBatch(body, kReceived);
    return tests::isSound(list) && (!list || std::all_of(list->begin(), list->end(), [](const BatchElement &element) {
               return element ? isWhole(*element) : element.error().code.has_value();
           }));
}
bool fills(std::string_view body)
{
    const auto read = parseUserTrades(body, kReceived);
    return tests::isSound(read) && (!read || std::all_of(read->begin(), read->end(), [](const core::Fill &fill) {
               return !fill.instrument.symbol.empty() && fill.price.isPositive() && fill.quantity.isPositive();
           }));
}
bool income(std::string_view body)
{
    return tests::isSound(parseIncome(body));
}
bool rights(std::string_view body)
{
    return tests::isSound(parseAccountRights(body)) && tests::isSound(parseApiRestrictions(body)) &&
           tests::isSound(parseHedgeMode(body));
}
bool brackets(std::string_view body)
{
    const auto read = parseLeverageBrackets(body);
    if (!tests::isSound(read) || !read)
        return tests::isSound(read);
    for (const auto &[symbol, tiers] : *read)
        for (const core::MarginTier &tier : tiers)
            if (symbol.empty() || tier.floor.isNegative() || tier.maintenanceRate.isNegative() || tier.leverageMax < 1)
                return false;
    return true;
}
bool configs(std::string_view body)
{
    const auto read = parseSymbolConfigs(body);
    return tests::isSound(read) && (!read || !read->contains(core::Symbol{}));
}
bool marks(std::string_view body)
{
    return tests::isSound(parsePremiumIndex(body, kReceived));
}
bool small(std::string_view body)
{
    return tests::isSound(parseServerTime(body)) && tests::isSound(parseListenKey(body)) &&
           tests::isSound(parseExchangeInfo(body, {}));
}
/// Whatever the body, the status decides at least.
bool refusals(std::string_view body)
{
    for (const int status : {400, 401, 418, 429, 500, 503}) {
        const auto error = parseApiError(status, body);
        if (!error || error->status != status || !tests::isSound(error->error()))
            return false;
    }
    return true;
}
} // namespace

Q_DECLARE_METATYPE(Check)

/// Answers of the REST interface that were damaged on their way: refused in a sentence, or whole.
class TestRestMutations : public QObject
{
    Q_OBJECT

private slots:
    void aDamagedAnswerIsRefusedOrWhole_data();
    void aDamagedAnswerIsRefusedOrWhole()
    {
        QFETCH(Check, check);
        QFETCH(QByteArray, document);
        tests::Mutator mutator({document.toStdString(), R"([])", R"({"code":-1121,"msg":"Invalid symbol."})"}, 20'261'122);
        QVERIFY2(check(document.toStdString()), "the undamaged one");
        for (int i = 0; i < tests::kMutations; ++i) {
            const std::string body = mutator.next();
            if (!check(body))
                QFAIL(body.c_str());
        }
    }
};

void TestRestMutations::aDamagedAnswerIsRefusedOrWhole_data()
{
    QTest::addColumn<Check>("check");
    QTest::addColumn<QByteArray>("document");
    const auto row = [](const char *name, Check check, const char *document) {
        QTest::newRow(name) << check << QByteArray(document);
    };
    const char *const order =
        R"({"orderId":12345678,"symbol":"BTCUSDT","status":"NEW","clientOrderId":"x1","price":"50000.00","avgPrice":"0.00",)"
        R"("origQty":"0.001","executedQty":"0.000","type":"LIMIT","reduceOnly":false,"side":"BUY","positionSide":"BOTH",)"
        R"("updateTime":1625474304765})";
    const QByteArray list = QByteArray("[") + order + "]";
    row("positions", positions,
        R"([{"symbol":"ADAUSDT","positionSide":"SHORT","positionAmt":"-30","entryPrice":"0.385","markPrice":"0.41047590",)"
        R"("unRealizedProfit":"-0.76427700","liquidationPrice":"1.2","isolatedMargin":"12.5","marginType":"isolated",)"
        R"("leverage":"10","updateTime":1720736417660}])");
    row("account", account,
        R"({"assets":[{"asset":"USDT","walletBalance":"23.72469206","unrealizedProfit":"0.5","marginBalance":"24.2",)"
        R"("maintMargin":"1.1","initialMargin":"2.2","availableBalance":"20","updateTime":1625474304765}]})");
    row("balances", account,
        R"([{"asset":"USDT","balance":"122.1","crossWalletBalance":"122.1","crossUnPnl":"0","availableBalance":"122.1",)"
        R"("updateTime":1617939110373}])");
    row("one order", orders, order);
    row("orders", orders, list.constData());
    row("batch", batch, (list.chopped(1) + R"(,{"code":-2022,"msg":"ReduceOnly Order is rejected."}])").constData());
    row("conditional orders", algos,
        R"([{"algoId":123,"clientAlgoId":"a-1","orderType":"STOP_MARKET","symbol":"BTCUSDT","side":"BUY",)"
        R"("positionSide":"BOTH","quantity":"0.001","algoStatus":"NEW","triggerPrice":"45000.00","actualOrderId":"",)"
        R"("reduceOnly":false,"updateTime":1625474304765}])");
    row("fills", fills,
        R"([{"symbol":"ETHUSDT","id":82357626,"orderId":831238666,"side":"SELL","price":"2778.35","qty":"0.005",)"
        R"("realizedPnl":"-0.1","commission":"0.0055","commissionAsset":"USDT","time":1645930322371,)"
        R"("positionSide":"BOTH","maker":false}])");
    row("income", income,
        R"([{"symbol":"","incomeType":"TRANSFER","income":"-0.37500000","asset":"USDT","time":1570608000000,)"
        R"("tranId":9689322392,"tradeId":"2059192"}])");
    row("rights", rights,
        R"({"ipRestrict":false,"enableReading":true,"enableWithdrawals":false,"enableFutures":true,"canTrade":true,)"
        R"("dualSidePosition":true,"tradingAuthorityExpirationTime":1628985600000})");
    row("brackets", brackets,
        R"([{"symbol":"ETHUSDT","notionalCoef":1.5,"brackets":[{"initialLeverage":75,"notionalCap":10000,)"
        R"("notionalFloor":0,"maintMarginRatio":0.0065,"cum":0.0},{"initialLeverage":50,"notionalCap":20000,)"
        R"("notionalFloor":10000,"maintMarginRatio":0.01,"cum":35.0}]}])");
    row("leverage and margin mode", configs, R"([{"symbol":"ETHUSDT","marginType":"CROSSED","leverage":20}])");
    row("mark prices", marks,
        R"([{"symbol":"BTCUSDT","markPrice":"11793.63","indexPrice":"11781.8","lastFundingRate":"0.00038246",)"
        R"("nextFundingTime":1597392000000,"time":1597370495002}])");
    row("time, listen key, contracts", small,
        R"({"serverTime":1499827319559,"listenKey":"pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1",)"
        R"("rateLimits":[],"symbols":[{"symbol":"BTCUSDT","baseAsset":"BTC","quoteAsset":"USDT","status":"TRADING",)"
        R"("filters":[{"filterType":"PRICE_FILTER","tickSize":"0.1","minPrice":"1","maxPrice":"9"}]}]})");
    row("refusals", refusals, R"({"code":-1003,"msg":"Way too many requests; banned until 1659146400000."})");
}

QTEST_APPLESS_MAIN(TestRestMutations)
#include "tst_rest_mutations.moc"
