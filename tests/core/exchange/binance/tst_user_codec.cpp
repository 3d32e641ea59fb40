#include "core/exchange/binance/codec.h"

#include <random>

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtTest/QTest>

#include "tests/support/shared_data.h"

namespace binance = core::exchange::binance;
using core::OrderStatus;
using core::UtcTime;

namespace
{
constexpr UtcTime kReceived = core::utcFromMilliseconds(1'700'000'000'123);

const QByteArray kOrder =
    R"({"e":"ORDER_TRADE_UPDATE","E":1568879465651,"T":1568879465650,"o":{"s":"BTCUSDT","c":"T1-000042","S":"SELL",)"
    R"("o":"LIMIT","f":"GTC","q":"0.002","p":"9910.10","ap":"9910.10","sp":"0","x":"TRADE","X":"PARTIALLY_FILLED",)"
    R"("i":8389766079988521101,"l":"0.001","z":"0.001","L":"9910.10","N":"USDT","n":"0.00396404","T":1568879465650,)"
    R"("t":1200317,"b":"0","a":"9.91","m":true,"R":false,"wt":"CONTRACT_PRICE","ot":"LIMIT","ps":"BOTH","cp":false,)"
    R"("pP":false,"si":0,"ss":0,"rp":"1.25","V":"EXPIRE_MAKER","pm":"NONE","gtd":0,"er":"0"}})";
const QByteArray kAccount =
    R"({"e":"ACCOUNT_UPDATE","E":1564745798939,"T":1564745798938,"a":{"m":"ORDER","B":[{"a":"USDT",)"
    R"("wb":"122624.12345678","cw":"100.12345678","bc":"0"}],"P":[{"s":"BTCUSDT","pa":"20","ep":"6563.66500",)"
    R"("bep":"6565.2","cr":"0","up":"2850.21200","mt":"cross","iw":"0.00000000","ps":"LONG"}]}})";
const QByteArray kAlgo =
    R"({"e":"ALGO_UPDATE","T":1750515742297,"E":1750515742303,"o":{"caid":"Q5xaq5EGKgXXa0fD7fs0Ip","aid":2148719,)"
    R"("at":"CONDITIONAL","o":"TAKE_PROFIT","s":"BNBUSDT","S":"SELL","ps":"BOTH","f":"GTC","q":"0.01","X":"CANCELED",)"
    R"("ai":"","ap":"0.00000","aq":"0.00000","act":"0","tp":"750","p":"750","rm":"Reduce Only reject","ia":false}})";

[[nodiscard]] std::string_view view(const QByteArray &bytes)
{
    return {bytes.constData(), static_cast<std::size_t>(bytes.size())};
}
[[nodiscard]] core::Result<binance::UserEvent> decoded(const QByteArray &frame)
{
    return binance::decodeUserEvent(view(frame), kReceived);
}
template <class Event> [[nodiscard]] Event expectEvent(const QByteArray &frame)
{
    const auto event = decoded(frame);
    if (!event)
        qFatal("refused: %s", event.error().detail.c_str());
    return std::get<Event>(*event);
}
[[nodiscard]] core::Price price(std::string_view digits)
{
    return core::parsePrice(digits).value();
}
[[nodiscard]] core::Quantity quantity(std::string_view digits)
{
    return core::parseQuantity(digits).value();
}
[[nodiscard]] core::Money money(std::string_view digits)
{
    return core::parseMoney(digits).value();
}
[[nodiscard]] QByteArray sample(const char *name)
{
    QFile file(tests::sharedDir() + QStringLiteral("/data/binance-usdm/message-samples/user/") +
               QString::fromLatin1(name));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("no sample %s", name);
    return file.readAll();
}
} // namespace

class TestUserCodec : public QObject
{
    Q_OBJECT

private slots:
    void orderUpdateWithItsFill()
    {
        for (const QByteArray &frame : {kOrder, R"({"stream":"listenKey","data":)" + kOrder + "}"}) {
            const auto event = expectEvent<binance::OrderEvent>(frame);
            QCOMPARE(event.execution, std::string("TRADE"));
            const core::OrderUpdate &order = event.order;
            QCOMPARE(order.instrument.symbol.string(), std::string("BTCUSDT"));
            QCOMPARE(order.clientOrderId.string(), std::string("T1-000042"));
            QCOMPARE(order.venueOrderId.value, 8389766079988521101);
            QCOMPARE(order.side, core::Side::Sell);
            QCOMPARE(order.type, core::OrderType::Limit);
            QCOMPARE(order.status, OrderStatus::PartiallyFilled);
            QCOMPARE(order.quantity, quantity("0.002"));
            QCOMPARE(order.filled, quantity("0.001"));
            QVERIFY(order.averagePrice == price("9910.1"));
            QVERIFY(order.limitPrice == price("9910.1"));
            QCOMPARE(order.reduceOnly, core::ReduceOnly::No);
            QVERIFY(order.reason.empty());
            QCOMPARE(core::toMilliseconds(order.venueTime), 1568879465650);
            QCOMPARE(order.receivedAt, kReceived);
            QVERIFY(event.fill.has_value());
            QCOMPARE(event.fill->tradeId, 1200317);
            QCOMPARE(event.fill->price, price("9910.1"));
            QCOMPARE(event.fill->quantity, quantity("0.001"));
            QCOMPARE(event.fill->fee, money("0.00396404"));
            QCOMPARE(event.fill->feeAsset.string(), std::string("USDT"));
            QCOMPARE(event.fill->realizedPnl, money("1.25"));
            QVERIFY(event.fill->maker);
            QCOMPARE(event.fill->venueOrderId.value, 8389766079988521101);
            QCOMPARE(event.fill->clientOrderId.string(), std::string("T1-000042"));
        }
    }

    void orderStatesOpenEnumerations_data()
    {
        QTest::addColumn<QByteArray>("status");
        QTest::addColumn<int>("expected");
        QTest::newRow("new") << QByteArray("NEW") << int(OrderStatus::New);
        QTest::newRow("filled") << QByteArray("FILLED") << int(OrderStatus::Filled);
        QTest::newRow("canceled") << QByteArray("CANCELED") << int(OrderStatus::Canceled);
        QTest::newRow("rejected") << QByteArray("REJECTED") << int(OrderStatus::Rejected);
        QTest::newRow("expired") << QByteArray("EXPIRED") << int(OrderStatus::Expired);
        QTest::newRow("expired in match") << QByteArray("EXPIRED_IN_MATCH") << int(OrderStatus::Expired);
        QTest::newRow("liquidation, half done")
            << QByteArray("NEW_INSURANCE") << int(OrderStatus::PartiallyFilled);
        QTest::newRow("never heard of") << QByteArray("FROZEN") << int(OrderStatus::Unknown);
        QTest::newRow("empty") << QByteArray("") << int(OrderStatus::Unknown);
    }
    void orderStatesOpenEnumerations()
    {
        QFETCH(QByteArray, status);
        QFETCH(int, expected);
        const auto event =
            expectEvent<binance::OrderEvent>(QByteArray(kOrder).replace("PARTIALLY_FILLED", status));
        QCOMPARE(int(event.order.status), expected);
        QVERIFY(event.fill.has_value()); // the fill is booked whatever the state is called
    }

    void unknownEnumerationsAreNotFatal()
    {
        const QByteArray frame =
            QByteArray(kOrder)
                .replace(R"("o":"LIMIT","f":"GTC")", R"("o":"LIQUIDATION","f":"GTE_GTC")")
                .replace(R"("ps":"BOTH")", R"("ps":"DIAGONAL")")
                .replace(R"("er":"0")", R"("er":"77")");
        const auto event = expectEvent<binance::OrderEvent>(frame);
        QCOMPARE(event.order.type, core::OrderType::Market);
        QCOMPARE(event.order.positionSide, core::PositionSide::Both);
        QCOMPARE(event.order.reason, std::string("expiry reason 77"));
    }

    void orderWithoutPricesHasNone()
    {
        const QByteArray frame = QByteArray(kOrder)
                                     .replace(R"("p":"9910.10","ap":"9910.10")", R"("p":"0","ap":"0.00000")")
                                     .replace(R"("x":"TRADE")", R"("x":"NEW")")
                                     .replace(R"("l":"0.001")", R"("l":"0")");
        const auto event = expectEvent<binance::OrderEvent>(frame);
        QVERIFY(!event.order.averagePrice);
        QVERIFY(!event.order.limitPrice);
        QVERIFY(!event.fill);
    }

    void feesMayBeAbsentNegativeOrInAnotherCoin()
    {
        const QByteArray without = QByteArray(kOrder).replace(R"("N":"USDT","n":"0.00396404",)", "");
        QVERIFY(expectEvent<binance::OrderEvent>(without).fill->feeAsset.empty());
        QVERIFY(expectEvent<binance::OrderEvent>(without).fill->fee.isZero());
        const QByteArray null =
            QByteArray(kOrder).replace(R"("N":"USDT","n":"0.00396404",)", R"("N":null,"n":null,)");
        QVERIFY(expectEvent<binance::OrderEvent>(null).fill->feeAsset.empty());
        const QByteArray rebate =
            QByteArray(kOrder).replace("0.00396404", "-0.00396404").replace(R"("N":"USDT")", R"("N":"BNB")");
        QCOMPARE(expectEvent<binance::OrderEvent>(rebate).fill->fee, money("-0.00396404"));
        QCOMPARE(expectEvent<binance::OrderEvent>(rebate).fill->feeAsset.string(), std::string("BNB"));
    }

    void averagesAreRoundedHalfToEvenAtTheEighthPlace_data()
    {
        QTest::addColumn<QByteArray>("average");
        QTest::addColumn<QByteArray>("expected");
        QTest::newRow("below half") << QByteArray("1.123456784999") << QByteArray("1.12345678");
        QTest::newRow("half to even, down") << QByteArray("1.123456785") << QByteArray("1.12345678");
        QTest::newRow("half to even, up") << QByteArray("1.123456775") << QByteArray("1.12345678");
        QTest::newRow("above half") << QByteArray("1.1234567850001") << QByteArray("1.12345679");
        QTest::newRow("carries") << QByteArray("1.999999999999") << QByteArray("2");
    }
    void averagesAreRoundedHalfToEvenAtTheEighthPlace()
    {
        QFETCH(QByteArray, average);
        QFETCH(QByteArray, expected);
        const auto event = expectEvent<binance::OrderEvent>(
            QByteArray(kOrder).replace("\"ap\":\"9910.10\"", "\"ap\":\"" + average + "\""));
        QVERIFY(event.order.averagePrice == price(expected.toStdString()));
    }

    void expiryReasonsAreWords()
    {
        const auto event =
            expectEvent<binance::OrderEvent>(QByteArray(kOrder).replace(R"("er":"0")", R"("er":"5")"));
        QCOMPARE(event.order.reason, std::string("account liquidated"));
    }

    void aLongForeignClientIdDoesNotLoseTheFill()
    {
        const QByteArray id = "settlement_autoclose-" + QByteArray(40, '7');
        const auto event = expectEvent<binance::OrderEvent>(QByteArray(kOrder).replace("T1-000042", id));
        QVERIFY(event.fill.has_value());
        QCOMPARE(event.order.clientOrderId.string(), id.left(36).toStdString());
    }

    void liquidationSamples_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<bool>("filled");
        QTest::addColumn<int>("status");
        QTest::newRow("auto-deleveraging")
            << QByteArray("order_update_adl.json") << true << int(OrderStatus::Filled);
        QTest::newRow("liquidation") << QByteArray("order_update_calculated.json") << true
                                     << int(OrderStatus::Filled);
        QTest::newRow("liquidation announced")
            << QByteArray("order_update_calculated_pending.json") << false << int(OrderStatus::New);
        QTest::newRow("insurance fund")
            << QByteArray("order_update_insurance.json") << true << int(OrderStatus::Filled);
        QTest::newRow("settlement") << QByteArray("order_update_settlement.json") << true
                                    << int(OrderStatus::Filled);
        QTest::newRow("delivery, no fee said")
            << QByteArray("order_update_delivery.json") << true << int(OrderStatus::Filled);
        QTest::newRow("trailing stop placed")
            << QByteArray("order_update_new.json") << false << int(OrderStatus::New);
        QTest::newRow("trade") << QByteArray("order_update_trade.json") << true
                               << int(OrderStatus::PartiallyFilled);
        QTest::newRow("partial trade")
            << QByteArray("order_update_trade_partial.json") << true << int(OrderStatus::PartiallyFilled);
    }
    void liquidationSamples()
    {
        REQUIRE_SHARED();
        QFETCH(QByteArray, name);
        QFETCH(bool, filled);
        QFETCH(int, status);
        const auto event = expectEvent<binance::OrderEvent>(sample(name.constData()));
        QCOMPARE(event.fill.has_value(), filled);
        QCOMPARE(int(event.order.status), status);
        if (filled) {
            QVERIFY(event.fill->quantity.isPositive());
            QVERIFY(event.fill->tradeId > 0);
            QCOMPARE(event.fill->positionSide, event.order.positionSide);
        }
    }

    void accountUpdateIsAbsolute()
    {
        const auto event = expectEvent<binance::AccountEvent>(kAccount);
        QCOMPARE(event.reason, std::string("ORDER"));
        QCOMPARE(event.balances.size(), std::size_t{1});
        QCOMPARE(event.balances.front().asset.string(), std::string("USDT"));
        QCOMPARE(event.balances.front().wallet, money("122624.12345678"));
        QCOMPARE(event.balances.front().crossWallet, money("100.12345678"));
        QCOMPARE(event.positions.size(), std::size_t{1});
        const core::Position &position = event.positions.front();
        QCOMPARE(position.direction, core::Direction::Long);
        QCOMPARE(position.quantity, quantity("20"));
        QCOMPARE(position.entryPrice, price("6563.665"));
        QVERIFY(position.unrealizedPnl == money("2850.212"));
        QVERIFY(position.marginMode == core::MarginMode::Cross);
        QCOMPARE(position.positionSide, core::PositionSide::Long);
        QCOMPARE(core::toMilliseconds(position.venueTime), 1564745798938);
        QCOMPARE(position.receivedAt, kReceived);
        QVERIFY(!position.liquidationPrice);
    }

    void hedgeLegsStayApart()
    {
        REQUIRE_SHARED();
        const auto event = expectEvent<binance::AccountEvent>(sample("account_update.json"));
        QCOMPARE(event.positions.size(), std::size_t{3});
        QVERIFY(event.positions[0].isFlat());
        QCOMPARE(event.positions[0].positionSide, core::PositionSide::Both);
        QCOMPARE(event.positions[1].direction, core::Direction::Long);
        QCOMPARE(event.positions[1].quantity, quantity("20"));
        QCOMPARE(event.positions[2].direction, core::Direction::Short);
        QCOMPARE(event.positions[2].quantity, quantity("10"));
        QVERIFY(event.positions[2].unrealizedPnl == money("-1423.156"));
        QCOMPARE(event.positions[2].positionSide, core::PositionSide::Short);
        QVERIFY(event.positions[2].marginMode == core::MarginMode::Isolated);
    }

    void marginModeSpellings_data()
    {
        QTest::addColumn<QByteArray>("spelling");
        QTest::addColumn<int>("expected");
        QTest::newRow("cross") << QByteArray("cross") << int(core::MarginMode::Cross);
        QTest::newRow("CROSSED") << QByteArray("CROSSED") << int(core::MarginMode::Cross);
        QTest::newRow("Isolated") << QByteArray("Isolated") << int(core::MarginMode::Isolated);
        QTest::newRow("unknown") << QByteArray("portfolio") << -1;
    }
    void marginModeSpellings()
    {
        QFETCH(QByteArray, spelling);
        QFETCH(int, expected);
        const auto event = expectEvent<binance::AccountEvent>(
            QByteArray(kAccount).replace("\"cross\"", "\"" + spelling + "\""));
        const auto mode = event.positions.front().marginMode;
        QCOMPARE(mode ? int(*mode) : -1, expected);
    }

    void algoUpdateNamesItsChild()
    {
        const auto waiting = expectEvent<binance::AlgoEvent>(kAlgo);
        QCOMPARE(waiting.algoId, 2148719);
        QCOMPARE(waiting.clientAlgoId.string(), std::string("Q5xaq5EGKgXXa0fD7fs0Ip"));
        QCOMPARE(waiting.status, std::string("CANCELED"));
        QCOMPARE(waiting.reason, std::string("Reduce Only reject"));
        QCOMPARE(waiting.instrument.symbol.string(), std::string("BNBUSDT"));
        QCOMPARE(core::toMilliseconds(waiting.venueTime), 1750515742297);
        QVERIFY(!waiting.childOrder);
        const auto triggered = expectEvent<binance::AlgoEvent>(
            QByteArray(kAlgo).replace(R"("ai":"")", R"("ai":"8389766079988521101")"));
        QCOMPARE(triggered.childOrder.value().value, 8389766079988521101);
        QVERIFY(!expectEvent<binance::AlgoEvent>(QByteArray(kAlgo).replace(R"("ai":"")", R"("ai":"0")"))
                     .childOrder);
    }

    void anAlgoOfAnUnknownTypeIsNoStop()
    {
        const auto odd = expectEvent<binance::AlgoEvent>(QByteArray(kAlgo)
                                                             .replace(R"("o":"TAKE_PROFIT")", R"("o":"STOP_SIDEWAYS")")
                                                             .replace("CANCELED", "NEW")
                                                             .replace("Reduce Only reject", ""));
        QCOMPARE(odd.type, core::OrderType::Unknown);
        QCOMPARE(odd.reason, std::string("unknown order type STOP_SIDEWAYS"));
        QCOMPARE(odd.status, std::string("NEW"));
        QCOMPARE(odd.triggerPrice->text(), std::string("750"));
    }

    void anOrderSaysItsTypeOrThatWeDoNotKnowIt_data()
    {
        QTest::addColumn<QByteArray>("type");
        QTest::addColumn<int>("expected");
        QTest::addColumn<QByteArray>("trigger");
        QTest::newRow("limit") << QByteArray("LIMIT") << int(core::OrderType::Limit) << QByteArray();
        QTest::newRow("market") << QByteArray("MARKET") << int(core::OrderType::Market) << QByteArray();
        QTest::newRow("stop") << QByteArray("STOP_MARKET") << int(core::OrderType::StopMarket) << QByteArray("9800");
        QTest::newRow("trailing") << QByteArray("TRAILING_STOP_MARKET") << int(core::OrderType::TrailingStop)
                                  << QByteArray();
        QTest::newRow("never heard of, though it ends like one")
            << QByteArray("SIDEWAYS_MARKET") << int(core::OrderType::Unknown) << QByteArray("9800");
        QTest::newRow("empty") << QByteArray() << int(core::OrderType::Unknown) << QByteArray("9800");
    }
    void anOrderSaysItsTypeOrThatWeDoNotKnowIt()
    {
        QFETCH(QByteArray, type);
        QFETCH(int, expected);
        QFETCH(QByteArray, trigger);
        const auto order = expectEvent<binance::OrderEvent>(QByteArray(kOrder)
                                                                .replace(R"("o":"LIMIT")", "\"o\":\"" + type + "\"")
                                                                .replace(R"("sp":"0")", R"("sp":"9800")"))
                               .order;
        QCOMPARE(int(order.type), expected);
        QCOMPARE(QByteArray::fromStdString(order.triggerPrice ? order.triggerPrice->text() : std::string{}), trigger);
        QCOMPARE(order.reason.starts_with("unknown order type"), order.type == core::OrderType::Unknown);
    }

    void everySampleDecodes()
    {
        REQUIRE_SHARED();
        const QDir folder(tests::sharedDir() + QStringLiteral("/data/binance-usdm/message-samples/user"));
        const QStringList names = folder.entryList(QDir::Files);
        QVERIFY(names.size() >= 13);
        int ignored = 0;
        for (const QString &name : names) {
            const auto event = decoded(sample(name.toLatin1().constData()));
            QVERIFY2(event.has_value(), qPrintable(name));
            ignored += std::holds_alternative<binance::Ignored>(*event) ? 1 : 0;
        }
        QCOMPARE(ignored, 1); // TRADE_LITE: a hint only, booked from ORDER_TRADE_UPDATE
    }

    void listenKeyIsNotKept()
    {
        const auto event = expectEvent<binance::ListenKeyExpired>(
            R"({"e":"listenKeyExpired","E":1736996475556,"listenKey":"WsCMN0a4KHUPTQuX6IUnqEZfB1inxmv1qR4kbf1L"})");
        QCOMPARE(core::toMilliseconds(event.venueTime), 1736996475556);
    }

    void aMarginCallNamesThePositions()
    {
        const auto call = expectEvent<binance::MarginCall>(
            R"({"e":"MARGIN_CALL","E":1587727187525,"cw":"3.16","p":[{"s":"ETHUSDT","ps":"LONG","pa":"1.327",)"
            R"("mt":"CROSSED","iw":"0","mp":"187.17127","up":"-1.1","mm":"1.6"},{"s":"BTCUSDT","ps":"SHORT","pa":"-1"}]})");
        QCOMPARE(call.positions.size(), std::size_t{2});
        QCOMPARE(call.positions[0], std::string("ETHUSDT LONG 1.327 at mark 187.17127"));
        QCOMPARE(call.positions[1], std::string("BTCUSDT SHORT -1"));
        QCOMPARE(core::toMilliseconds(call.venueTime), 1587727187525);
    }

    void aChangedSettingIsOneOfTwo()
    {
        const auto leverage = expectEvent<binance::AccountConfigEvent>(
            R"({"e":"ACCOUNT_CONFIG_UPDATE","E":1611646737479,"T":1611646737476,"ac":{"s":"BTCUSDT","l":25,"new":0}})");
        QCOMPARE(leverage.symbol.string(), std::string("BTCUSDT"));
        QVERIFY(leverage.leverage == 25 && !leverage.multiAssets);
        const auto mode = expectEvent<binance::AccountConfigEvent>(
            R"({"e":"ACCOUNT_CONFIG_UPDATE","E":1611646737479,"T":1611646737476,"ai":{"j":true}})");
        QVERIFY(mode.multiAssets == true && !mode.leverage);
        QCOMPARE(core::toMilliseconds(mode.venueTime), 1611646737479);
    }

    void otherEventsAreIgnored()
    {
        QCOMPARE(expectEvent<binance::Ignored>(R"({"e":"STRATEGY_UPDATE","su":{"si":1}})").event,
                 std::string("STRATEGY_UPDATE"));
        QCOMPARE(expectEvent<binance::Ignored>(R"({"stream":"k","data":{"e":"GRID_UPDATE","p":[]}})").event,
                 std::string("GRID_UPDATE"));
    }

    void errorsNameTheField_data()
    {
        QTest::addColumn<QByteArray>("frame");
        QTest::addColumn<QByteArray>("words");
        const auto with = [](QByteArray frame, const char *before, const char *after) {
            return frame.replace(before, after);
        };
        QTest::newRow("no event") << QByteArray(R"({"E":1})") << QByteArray("frame.e: is missing");
        QTest::newRow("missing order id") << with(kOrder, R"("i":8389766079988521101,)", "")
                                          << QByteArray("ORDER_TRADE_UPDATE.o.i: is missing");
        QTest::newRow("side") << with(kOrder, R"("S":"SELL")", R"("S":"HOLD")")
                              << QByteArray("ORDER_TRADE_UPDATE.o.S: expects BUY or SELL");
        QTest::newRow("negative fill") << with(kOrder, R"("l":"0.001")", R"("l":"-0.001")")
                                       << QByteArray("ORDER_TRADE_UPDATE.o.l: must not be negative");
        QTest::newRow("fill without price")
            << with(kOrder, R"("L":"9910.10")", R"("L":"0")") << QByteArray("ORDER_TRADE_UPDATE.o.L: ");
        QTest::newRow("quantity NaN")
            << with(kOrder, R"("q":"0.002")", R"("q":"NaN")") << QByteArray("ORDER_TRADE_UPDATE.o.q: ");
        QTest::newRow("duplicate") << with(kOrder, R"("q":"0.002")", R"("q":"0.002","q":"0.002")")
                                   << QByteArray("ORDER_TRADE_UPDATE.o.q: stands there twice");
        QTest::newRow("position without amount")
            << with(kAccount, R"("pa":"20",)", "") << QByteArray("ACCOUNT_UPDATE.a.P[0].pa: is missing");
        QTest::newRow("balance as a number")
            << with(kAccount, R"("wb":"122624.12345678")", R"("wb":122624.1)")
            << QByteArray("ACCOUNT_UPDATE.a.B[0].wb: expects a decimal number as text");
        QTest::newRow("positions as an object")
            << with(kAccount, R"("B":[)", R"("P":{},"B":[)") << QByteArray("ACCOUNT_UPDATE.a.P: ");
        QTest::newRow("margin call without its positions")
            << QByteArray(R"({"e":"MARGIN_CALL","E":1587727187525,"p":[7]})") << QByteArray("MARGIN_CALL.p[0]");
        QTest::newRow("leverage as a word")
            << QByteArray(R"({"e":"ACCOUNT_CONFIG_UPDATE","E":1,"ac":{"l":"x"}})")
            << QByteArray("ACCOUNT_CONFIG_UPDATE.ac.l: ");
        QTest::newRow("trigger is no price")
            << with(kAlgo, R"("tp":"750")", R"("tp":"x")") << QByteArray("ALGO_UPDATE.o.tp: ");
        QTest::newRow("child id") << with(kAlgo, R"("ai":"")", R"("ai":"12x")")
                                  << QByteArray("ALGO_UPDATE.o.ai: expects an order id");
        QTest::newRow("child id too large") << with(kAlgo, R"("ai":"")", R"("ai":"99999999999999999999")")
                                            << QByteArray("ALGO_UPDATE.o.ai: expects an order id");
        QTest::newRow("truncated") << kOrder.left(200) << QByteArray("");
        QTest::newRow("nothing") << QByteArray() << QByteArray("frame: ");
    }
    void errorsNameTheField()
    {
        QFETCH(QByteArray, frame);
        QFETCH(QByteArray, words);
        const auto event = decoded(frame);
        QVERIFY(!event.has_value());
        QVERIFY2(QByteArray::fromStdString(event.error().detail).contains(words),
                 event.error().detail.c_str());
        QVERIFY(
            !QByteArray::fromStdString(event.error().detail).contains("122624")); // no balance in a log line
    }

    void mutatedFramesNeverCrash()
    {
        const std::vector<QByteArray> frames{kOrder, kAccount, kAlgo};
        const QByteArray alphabet = "{}[]\",:0123456789.-eEtfnu \\\x01\xc3\xa9";
        std::mt19937_64 random(19); // NOLINT: the same frames in every run
        const auto below = [&](qsizetype limit) {
            return static_cast<qsizetype>(random() % static_cast<std::uint64_t>(limit));
        };
        int accepted = 0;
        for (int round = 0; round < 20'000; ++round) {
            QByteArray frame = frames[static_cast<std::size_t>(round % 3)];
            for (qsizetype edits = 1 + below(2); edits > 0 && !frame.isEmpty(); --edits) {
                const qsizetype at = below(frame.size());
                const char byte = alphabet[below(alphabet.size())];
                switch (below(4)) {
                case 0:
                    frame[at] = byte;
                    break;
                case 1:
                    frame.insert(at, byte);
                    break;
                case 2:
                    frame.remove(at, 1 + below(6));
                    break;
                default:
                    frame.truncate(at);
                    break;
                }
            }
            const std::vector<char> exact(frame.begin(), frame.end());
            const auto event = binance::decodeUserEvent({exact.data(), exact.size()}, kReceived);
            if (event)
                ++accepted;
            else if (event.error().detail.empty())
                QFAIL("an error without words");
        }
        QVERIFY(accepted > 1'000);
        QVERIFY(accepted < 15'000);
    }
};

QTEST_APPLESS_MAIN(TestUserCodec)
#include "tst_user_codec.moc"
