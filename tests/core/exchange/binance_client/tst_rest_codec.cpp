#include <QtCore/QFile>
#include <QtTest/QTest>

#include "core/exchange/wire/json_fields.h"
#include "core/exchange/binance/algo_life.h"
#include "core/exchange/binance/rest_codec.h"
#include "tests/support/shared_data.h"

using namespace core;
using namespace core::exchange::binance;
using namespace Qt::StringLiterals;

namespace
{

const UtcTime kNow = utcFromMilliseconds(1'700'000'000'000);

std::string sample(const QString &name)
{
    QFile file(tests::sharedDir() + u"/data/binance-usdm/message-samples/http/"_s + name);
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string{};
}

Symbol symbol(std::string_view text)
{
    return Symbol::from(text).value();
}

constexpr std::string_view kAck =
    R"({"clientOrderId":"T1-000042","cumQty":"0","executedQty":"0","orderId":8389766079988521101,"origQty":"10","price":"9000",)"
    R"("reduceOnly":true,"side":"SELL","positionSide":"BOTH","status":"NEW","stopPrice":"0","closePosition":false,"symbol":"BTCUSDT",)"
    R"("timeInForce":"GTC","type":"LIMIT","origType":"LIMIT","updateTime":1566818724722,"future":{"x":[1]}})";

} // namespace

class TestRestCodec : public QObject
{
    Q_OBJECT
private slots:
    void exchangeInfoSample()
    {
        REQUIRE_SHARED();
        const std::string body = sample(u"http_futures_market_exchange_info.json"_s);
        const auto all = parseExchangeInfo(body, {});
        QVERIFY2(all.has_value(), all ? "" : all.error().detail.c_str());
        QCOMPARE(all->instruments.size() + all->refused.size(), std::size_t{3});
        QCOMPARE(all->limits.weightPerMinute, 6000);
        const std::vector<Symbol> wanted{symbol("BTCUSDT")};
        const auto one = parseExchangeInfo(body, wanted);
        QCOMPARE(one->instruments.size(), std::size_t{1});
        const Instrument &btc = one->instruments[0];
        QCOMPARE(btc.tickSize, parsePrice("0.1").value());
        QCOMPARE(btc.stepSize, parseQuantity("0.001").value());
        QCOMPARE(btc.notionalMin, parseMoney("10").value());
        QCOMPARE(btc.priceUp, parseFixed<Ratio>("1.1").value());
        QCOMPARE(btc.priceDown, parseFixed<Ratio>("0.5454").value());
        QVERIFY(btc.trading);
        QVERIFY(btc.quote.view() == "USDT");
    }

    void anInstrumentWithNineDecimalsIsRefusedAlone()
    {
        const std::string body =
            R"({"symbols":[{"symbol":"AUSDT","status":"TRADING","baseAsset":"A","quoteAsset":"USDT","filters":[)"
            R"({"filterType":"PRICE_FILTER","tickSize":"0.000000001","minPrice":"0","maxPrice":"0"}]},)"
            R"({"symbol":"BUSDT","status":"TRADING_HALT","baseAsset":"B","quoteAsset":"USDT","filters":[)"
            R"({"filterType":"PRICE_FILTER","tickSize":"0.01","minPrice":"0","maxPrice":"0"},)"
            R"({"filterType":"LOT_SIZE","stepSize":"1","minQty":"1","maxQty":"9"},{"filterType":"NEW_ONE"}]}]})";
        const auto info = parseExchangeInfo(body, {});
        QVERIFY(info.has_value());
        QCOMPARE(info->refused.size(), std::size_t{1});
        QVERIFY(info->refused[0].detail.find("symbols[0].filters") != std::string::npos);
        QVERIFY(info->refused[0].detail.find("AUSDT") != std::string::npos);
        QCOMPARE(info->refused[0].symbol, symbol("AUSDT"));
        QCOMPARE(info->instruments.size(), std::size_t{1});
        QVERIFY(!info->instruments[0].trading);
        QCOMPARE(info->instruments[0].marketStepSize, parseQuantity("1").value());
    }

    void positionsVersion3TakeLeverageFromTheConfig()
    {
        const auto configs = parseSymbolConfigs(
            R"([{"symbol":"ADAUSDT","marginType":"CROSSED","isAutoAddMargin":false,"leverage":21,"maxNotionalValue":"1000000"}])");
        QVERIFY(configs.has_value());
        const auto rows = parsePositionRisk(
            R"([{"symbol":"ADAUSDT","positionSide":"BOTH","positionAmt":"-30","entryPrice":"0.385","breakEvenPrice":"0.385077",)"
            R"("markPrice":"0.41047590","unRealizedProfit":"-0.76427700","liquidationPrice":"0","isolatedMargin":"0",)"
            R"("notional":"-12.31427700","marginAsset":"USDT","initialMargin":"0.7","maintMargin":"0.08004280",)"
            R"("positionInitialMargin":"0.61571385","adl":2,"updateTime":1720736417660}])",
            *configs, kNow);
        QVERIFY2(rows.has_value(), rows ? "" : rows.error().detail.c_str());
        const Position &position = rows->front();
        QCOMPARE(position.direction, Direction::Short);
        QCOMPARE(position.quantity, parseQuantity("30").value());
        QCOMPARE(position.leverage, std::optional<int>(21));
        QCOMPARE(position.marginMode, std::optional(MarginMode::Cross));
        QVERIFY(!position.liquidationPrice);
        QCOMPARE(position.initialMargin, std::optional(parseMoney("0.61571385").value()));
        QCOMPARE(position.unrealizedPnl, std::optional(parseMoney("-0.764277").value()));
        QCOMPARE(position.venueTime, utcFromMilliseconds(1'720'736'417'660));
    }

    void positionsVersion2Samples()
    {
        REQUIRE_SHARED();
        const auto hedge =
            parsePositionRisk(sample(u"http_futures_account_positions_hedge.json"_s), {}, kNow);
        QVERIFY2(hedge.has_value(), hedge ? "" : hedge.error().detail.c_str());
        QCOMPARE(hedge->at(0).positionSide, PositionSide::Long);
        QCOMPARE(hedge->at(0).leverage, std::optional<int>(10));
        QCOMPARE(hedge->at(0).marginMode, std::optional(MarginMode::Isolated));
        QVERIFY(parsePositionRisk(sample(u"http_futures_account_positions_one_way.json"_s), {}, kNow)
                    ->at(0)
                    .isFlat());
        QVERIFY(parsePositionRisk(sample(u"position_risk.json"_s), {}, kNow).has_value());
        QCOMPARE(parseSymbolConfigs(sample(u"http_futures_account_symbol_config.json"_s))->size(),
                 std::size_t{2});
        QVERIFY(parseHedgeMode(sample(u"http_futures_account_position_side_dual.json"_s)).value());
    }

    void accountAndBalanceSamples()
    {
        REQUIRE_SHARED();
        const auto account = AccountId::from("main").value();
        const auto snapshots = parseAccount(sample(u"account_info_v2.json"_s), account, kNow);
        QVERIFY2(snapshots.has_value(), snapshots ? "" : snapshots.error().detail.c_str());
        QCOMPARE(snapshots->front().walletBalance, parseMoney("23.72469206").value());
        QCOMPARE(snapshots->front().equity, parseMoney("23.72469206").value());
        const auto balances = parseBalances(sample(u"balance.json"_s));
        QVERIFY(balances.has_value());
        QCOMPARE(balances->front().available, parseMoney("122.12345678").value());
    }

    void bn39_orderAcknowledgementWithAndWithoutAverage()
    {
        const auto ack = parseOrder(kAck, kNow);
        QVERIFY2(ack.has_value(), ack ? "" : ack.error().detail.c_str());
        QCOMPARE(ack->venueOrderId.value, std::int64_t{8'389'766'079'988'521'101});
        QCOMPARE(ack->status, OrderStatus::New);
        QCOMPARE(ack->side, Side::Sell);
        QCOMPARE(ack->reduceOnly, ReduceOnly::Yes);
        QVERIFY(!ack->averagePrice);
        std::string filled(kAck);
        filled.replace(filled.find("NEW"), 3, "FILLED");
        filled.insert(1, R"("avgPrice":"9000.5",)");
        QCOMPARE(parseOrder(filled, kNow)->averagePrice, std::optional(parsePrice("9000.5").value()));
        QCOMPARE(parseOrder(filled, kNow)->status, OrderStatus::Filled);
    }

    void orderSamples()
    {
        REQUIRE_SHARED();
        QVERIFY(parseOrder(sample(u"order_response.json"_s), kNow).has_value());
        const auto orders = parseOrders(sample(u"http_futures_account_orders.json"_s), kNow);
        QVERIFY2(orders.has_value(), orders ? "" : orders.error().detail.c_str());
        QCOMPARE(orders->front().positionSide, PositionSide::Short);
        const auto fills = parseUserTrades(sample(u"http_futures_account_trades.json"_s), kNow);
        QVERIFY2(fills.has_value(), fills ? "" : fills.error().detail.c_str());
        QCOMPARE(fills->front().tradeId, std::int64_t{82'357'626});
        QCOMPARE(fills->front().fee, parseMoney("0.0055567").value());
    }

    void anUnknownOrderStateIsAState()
    {
        std::string odd(kAck);
        odd.replace(odd.find("NEW"), 3, "HELD");
        const auto order = parseOrder(odd, kNow);
        QVERIFY(order.has_value());
        QCOMPARE(order->status, OrderStatus::Unknown);
        QVERIFY(order->reason.find("HELD") != std::string::npos);
    }

    void everyStatusWordHasItsStatus_data()
    {
        QTest::addColumn<QByteArray>("word");
        QTest::addColumn<int>("expected");
        const auto row = [](const char *word, OrderStatus status) { QTest::newRow(word) << QByteArray(word) << int(status); };
        row("NEW_INSURANCE", OrderStatus::New);
        row("NEW_ADL", OrderStatus::New);
        row("PARTIALLY_FILLED", OrderStatus::PartiallyFilled);
        row("CANCELED", OrderStatus::Canceled);
        row("REJECTED", OrderStatus::Rejected);
        row("EXPIRED", OrderStatus::Expired);
        row("EXPIRED_IN_MATCH", OrderStatus::Expired);
    }
    void everyStatusWordHasItsStatus()
    {
        QFETCH(QByteArray, word);
        QFETCH(int, expected);
        std::string row(kAck);
        row.replace(row.find("NEW"), 3, word.toStdString());
        const auto order = parseOrder(row, kNow);
        QVERIFY(order.has_value());
        QCOMPARE(int(order->status), expected);
        QVERIFY(order->reason.empty());
    }

    void anOrderThatTheVenueMadeSaysWhy()
    {
        std::string row(kAck);
        row.replace(row.find("T1-000042"), 9, "adl_autoclose");
        QCOMPARE(parseOrder(row, kNow)->reason, std::string("auto-deleveraged by the exchange"));
    }

    void whatIsNoResultOfATradeIsATransfer_data()
    {
        QTest::addColumn<QByteArray>("type");
        QTest::addColumn<bool>("transfer");
        for (const char *result : {"REALIZED_PNL", "FUNDING_FEE", "COMMISSION", "INSURANCE_CLEAR", "DELIVERED_SETTELMENT"})
            QTest::newRow(result) << QByteArray(result) << false;
        for (const char *moved : {"TRANSFER", "WELCOME_BONUS", "COIN_SWAP_DEPOSIT", "A_KIND_OF_TOMORROW"})
            QTest::newRow(moved) << QByteArray(moved) << true;
    }
    void whatIsNoResultOfATradeIsATransfer()
    {
        QFETCH(QByteArray, type);
        QFETCH(bool, transfer);
        QByteArray body =
            R"([{"symbol":"","incomeType":"KIND","income":"-0.375","asset":"USDT","time":1570608000000,"tranId":9689322392}])";
        const auto rows = parseIncome(body.replace("KIND", type).toStdString());
        QVERIFY2(rows.has_value(), rows ? "" : rows.error().detail.c_str());
        QCOMPARE(isTransfer(rows->front()), transfer);
        QVERIFY(rows->front().symbol.empty());
        QCOMPARE(rows->front().amount, parseMoney("-0.375").value());
        QCOMPARE(rows->front().transaction, std::int64_t{9'689'322'392});
    }

    void aFillOfNothingIsRefused_data()
    {
        QTest::addColumn<QByteArray>("price");
        QTest::addColumn<QByteArray>("quantity");
        QTest::addColumn<QByteArray>("field");
        QTest::newRow("no price") << QByteArray("0") << QByteArray("1") << QByteArray("userTrades[0].price: ");
        QTest::newRow("no size") << QByteArray("1") << QByteArray("0") << QByteArray("userTrades[0].qty: ");
    }
    void aFillOfNothingIsRefused()
    {
        QFETCH(QByteArray, price);
        QFETCH(QByteArray, quantity);
        QFETCH(QByteArray, field);
        QByteArray body = R"([{"symbol":"BTCUSDT","id":1,"orderId":2,"side":"BUY","positionSide":"BOTH","price":"@P","qty":"@Q",)"
                          R"("commission":"0.1","commissionAsset":"USDT","realizedPnl":"0","maker":false,"time":1570608000000}])";
        const auto fills = parseUserTrades(body.replace("@P", price).replace("@Q", quantity).toStdString(), kNow);
        QVERIFY(!fills);
        QVERIFY2(fills.error().detail.starts_with(field.toStdString()), fills.error().detail.c_str());
    }

    void feesAreThoseOfMakerAndTaker()
    {
        const auto rates = parseCommissionRate(
            R"({"symbol":"BTCUSDT","makerCommissionRate":"-0.0002","takerCommissionRate":"0.0004"})");
        QVERIFY2(rates.has_value(), rates ? "" : rates.error().detail.c_str());
        QCOMPARE(rates->maker, parseFixed<Ratio>("-0.0002").value()); // a rebate
        QCOMPARE(rates->taker, parseFixed<Ratio>("0.0004").value());
        const auto half = parseCommissionRate(R"({"symbol":"BTCUSDT","makerCommissionRate":"0.0002"})");
        QVERIFY(!half);
        QVERIFY(half.error().detail.starts_with("commissionRate.takerCommissionRate"));
    }

    void anOrderTypeThatWeDoNotKnowIsAState()
    {
        std::string odd(kAck);
        odd.replace(odd.find("LIMIT"), 5, "ICEBERG");
        const auto order = parseOrder(odd, kNow);
        QVERIFY(order.has_value());
        QCOMPARE(order->type, OrderType::Unknown);
        QCOMPARE(order->status, OrderStatus::New);
        QCOMPARE(order->reason, std::string("unknown order type ICEBERG"));
    }

    void aConditionalOrderAmongThePlainOnesKeepsItsTypeAndTrigger_data()
    {
        QTest::addColumn<QByteArray>("type");
        QTest::addColumn<int>("expected");
        QTest::addColumn<QByteArray>("trigger");
        QTest::newRow("stop") << QByteArray("STOP_MARKET") << int(OrderType::StopMarket) << QByteArray("8800.5");
        QTest::newRow("stop limit") << QByteArray("STOP") << int(OrderType::StopLimit) << QByteArray("8800.5");
        QTest::newRow("target") << QByteArray("TAKE_PROFIT") << int(OrderType::TakeProfitLimit) << QByteArray("8800.5");
        QTest::newRow("never heard of") << QByteArray("STOP_SIDEWAYS") << int(OrderType::Unknown)
                                        << QByteArray("8800.5");
        QTest::newRow("trailing: what stands there is no trigger")
            << QByteArray("TRAILING_STOP_MARKET") << int(OrderType::TrailingStop) << QByteArray();
        QTest::newRow("market, after its stop fired") << QByteArray("MARKET") << int(OrderType::Market) << QByteArray();
    }
    void aConditionalOrderAmongThePlainOnesKeepsItsTypeAndTrigger()
    {
        QFETCH(QByteArray, type);
        QFETCH(int, expected);
        QFETCH(QByteArray, trigger);
        std::string row(kAck);
        row.replace(row.find("\"LIMIT\""), 7, "\"" + type.toStdString() + "\"");
        row.replace(row.find(R"("stopPrice":"0")"), 15, R"("stopPrice":"8800.50")");
        const auto orders = parseOrders("[" + row + "]", kNow);
        QVERIFY(orders.has_value());
        QCOMPARE(int(orders->front().type), expected);
        const auto &got = orders->front().triggerPrice;
        QCOMPARE(QByteArray::fromStdString(got ? got->text() : std::string{}), trigger);
    }

    void aConditionalOrderOfAnUnknownTypeIsNoStop()
    {
        const std::string row =
            R"({"algoId":123,"clientAlgoId":"a-1","orderType":"STOP_SIDEWAYS","symbol":"BTCUSDT","side":"SELL",)"
            R"("positionSide":"BOTH","quantity":"0.001","algoStatus":"NEW","triggerPrice":"45000.00","actualOrderId":"",)"
            R"("reduceOnly":true,"updateTime":1625474304765})";
        const auto algos = parseAlgos("[" + row + "]", kNow);
        QVERIFY(algos.has_value());
        QCOMPARE(algos->front().type, OrderType::Unknown);
        QCOMPARE(algos->front().reason, std::string("unknown order type STOP_SIDEWAYS"));
        QCOMPARE(algos->front().triggerPrice->text(), std::string("45000"));
        AlgoLife life;
        life.onAlgo(algos->front());
        QCOMPARE(life.state().type, OrderType::Unknown); // what the trader and the guard are told
        QCOMPARE(life.state().status, OrderStatus::New);
    }

    void leverageBracketsAsObjectOrArrayWithoutRounding()
    {
        const std::string row =
            R"({"symbol":"ETHUSDT","brackets":[{"bracket":2,"initialLeverage":50,"notionalCap":9223372036854775807,)"
            R"("notionalFloor":10000,"maintMarginRatio":0.01,"cum":35.1},{"bracket":1,"initialLeverage":75,"notionalCap":10000,)"
            R"("notionalFloor":0,"maintMarginRatio":0.0065,"cum":0.0}]})";
        for (const std::string &body : {row, "[" + row + "]"}) {
            const auto brackets = parseLeverageBrackets(body);
            QVERIFY2(brackets.has_value(), brackets ? "" : brackets.error().detail.c_str());
            const std::vector<MarginTier> &tiers = brackets->at(symbol("ETHUSDT"));
            QCOMPARE(tiers[0].maintenanceRate, parseFixed<Ratio>("0.0065").value());
            QCOMPARE(tiers[0].leverageMax, 75);
            QCOMPARE(tiers[1].deduction, parseMoney("35.1").value());
            QCOMPARE(tiers[1].cap.raw(), std::numeric_limits<std::int64_t>::max());
        }
    }

    void adjustedBracketsAreScaled()
    {
        const auto brackets = parseLeverageBrackets(
            R"([{"symbol":"E","notionalCoef":1.50,"brackets":[{"initialLeverage":75,"notionalCap":10000,"notionalFloor":100,)"
            R"("maintMarginRatio":0.0065,"cum":0}]}])");
        QCOMPARE(brackets->at(symbol("E"))[0].cap, parseMoney("15000").value());
        QCOMPARE(brackets->at(symbol("E"))[0].floor, parseMoney("150").value());
    }

    void numbersBecomeTheirShortestDecimal_data()
    {
        QTest::addColumn<double>("number");
        QTest::addColumn<QByteArray>("expected");
        QTest::newRow("0.1") << 0.1 << QByteArray("0.1");
        QTest::newRow("0.0065") << 0.0065 << QByteArray("0.0065");
        QTest::newRow("1e-8") << 1e-8 << QByteArray("0.00000001");
        QTest::newRow("large") << 50'000'000.01 << QByteArray("50000000.01");
        QTest::newRow("negative") << -35.1 << QByteArray("-35.1");
    }
    void numbersBecomeTheirShortestDecimal()
    {
        QFETCH(double, number);
        const auto raw = core::exchange::wire::decimalOf(QJsonValue(number));
        QVERIFY(raw.has_value());
        QTEST(QByteArray::fromStdString(decimalText(*raw)), "expected");
    }

    void premiumIndexTimeAndListenKey()
    {
        const auto marks = parsePremiumIndex(
            R"({"symbol":"BTCUSDT","markPrice":"11793.63104562","indexPrice":"","lastFundingRate":"","nextFundingTime":0,"time":1597370495002})",
            kNow);
        QVERIFY2(marks.has_value(), marks ? "" : marks.error().detail.c_str());
        QCOMPARE(marks->front().mark, parsePrice("11793.63104562").value());
        QVERIFY(!marks->front().fundingRate && !marks->front().nextFundingTime && !marks->front().index);
        QCOMPARE(parseServerTime(R"({"serverTime":1499827319559})").value(),
                 utcFromMilliseconds(1'499'827'319'559));
        QVERIFY(parseListenKey(R"({"listenKey":"pqia91ma"})")->expose() == "pqia91ma");
        QVERIFY(!parseListenKey(R"({"listenKey":"a/../b"})"));
        QVERIFY(!parseListenKey("{}"));
    }

    /// R11: HTML, nothing, cut off, the wrong type, a number as text: an error that names the place, never a
    /// crash.
    void everyCutOfEveryAnswerIsAnErrorOrAValue()
    {
        const std::string body(kAck);
        for (std::size_t cut = 0; cut < body.size(); ++cut) {
            const auto order = parseOrder(body.substr(0, cut), kNow);
            QVERIFY(!order);
            QVERIFY(order.error().detail.starts_with("order: "));
        }
    }

    void badBodiesNameTheEndpoint_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("HTML") << QByteArray("<html><body>502</body></html>");
        QTest::newRow("null") << QByteArray("null");
        QTest::newRow("number") << QByteArray("1");
        QTest::newRow("wrong container") << QByteArray(R"([{"a":1},2])");
        QTest::newRow("empty object") << QByteArray("{}");
        QTest::newRow("row is no object") << QByteArray("[1]");
        QTest::newRow("row is empty") << QByteArray("[{}]");
        QTest::newRow("NaN") << QByteArray("[{\"symbol\":NaN}]");
    }
    void badBodiesNameTheEndpoint()
    {
        QFETCH(QByteArray, body);
        const std::string text = body.toStdString();
        const auto names = [](const auto &result, std::string_view endpoint) {
            return !result && result.error().code == ErrorCode::ParseFailed &&
                   result.error().detail.starts_with(endpoint);
        };
        QVERIFY(names(parseExchangeInfo(text, {}), "exchangeInfo"));
        QVERIFY(names(parsePositionRisk(text, {}, kNow), "positionRisk"));
        QVERIFY(names(parseSymbolConfigs(text), "symbolConfig"));
        QVERIFY(names(parseAccount(text, {}, kNow), "account"));
        QVERIFY(names(parseBalances(text), "balance"));
        QVERIFY(names(parseOrder(text, kNow), "order"));
        QVERIFY(names(parseOrders(text, kNow), "openOrders"));
        QVERIFY(names(parseUserTrades(text, kNow), "userTrades"));
        QVERIFY(names(parseLeverageBrackets(text), "leverageBracket"));
        QVERIFY(names(parsePremiumIndex(text, kNow), "premiumIndex"));
        QVERIFY(names(parseServerTime(text), "time"));
        QVERIFY(names(parseListenKey(text), "listenKey"));
        QVERIFY(names(parseHedgeMode(text), "positionMode"));
    }

    void fieldFaultsNameTheField_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<QByteArray>("field");
        QTest::newRow("missing") << QByteArray(R"("origQty":"10",)") << QByteArray()
                                 << QByteArray("order.origQty");
        QTest::newRow("not a decimal")
            << QByteArray(R"("10")") << QByteArray(R"("1e1")") << QByteArray("order.origQty");
        QTest::newRow("400 digits") << QByteArray("9000") << QByteArray(400, '9')
                                    << QByteArray("order.price");
        QTest::newRow("id is fractional")
            << QByteArray("8389766079988521101") << QByteArray("1.5") << QByteArray("order.orderId");
        QTest::newRow("side") << QByteArray("SELL") << QByteArray("BOTH") << QByteArray("order.side");
        QTest::newRow("id too long") << QByteArray("T1-000042") << QByteArray(60, 'x')
                                     << QByteArray("order.clientOrderId");
        QTest::newRow("time in the far future")
            << QByteArray("1566818724722") << QByteArray("99999999999999") << QByteArray("order.updateTime");
    }
    void fieldFaultsNameTheField()
    {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(QByteArray, field);
        QByteArray body(kAck.data(), static_cast<qsizetype>(kAck.size()));
        QVERIFY(body.contains(from));
        body.replace(from, to);
        const auto order = parseOrder(body.toStdString(), kNow);
        QVERIFY(!order);
        QVERIFY2(order.error().detail.starts_with(field.toStdString()), order.error().detail.c_str());
    }
};

QTEST_APPLESS_MAIN(TestRestCodec)
#include "tst_rest_codec.moc"
