#include <random>

#include <QtTest/QTest>

#include "core/base/clock.h"
#include "core/exchange/binance/codec_words.h"
#include "core/exchange/binance/order_parameters.h"
#include "core/exchange/binance/signer.h"

using namespace core;
namespace binance = core::exchange::binance;
using binance::AccountMode;

Q_DECLARE_METATYPE(core::OrderType)
Q_DECLARE_METATYPE(core::Side)
Q_DECLARE_METATYPE(core::PositionSide)
Q_DECLARE_METATYPE(core::ReduceOnly)

namespace
{

OrderRequest order(OrderType type)
{
    OrderRequest request;
    request.instrument = {Venue::Binance, Symbol::from("BTCUSDT").value()};
    request.clientOrderId = ClientOrderId::from("etr-1").value();
    request.type = type;
    request.quantity = parseQuantity("0.001").value();
    if (hasLimitPrice(type))
        request.limitPrice = parsePrice("60000.1").value();
    if (type == OrderType::TrailingStop)
        request.callbackRate = parseFixed<Ratio>("0.015").value();
    else if (isConditional(type))
        request.triggerPrice = parsePrice("59000").value();
    return request;
}

std::string query(const OrderRequest &request, AccountMode mode = AccountMode::OneWay)
{
    return binance::orderQuery(request, mode).value_or("refused");
}

bool has(const std::string &text, std::string_view part)
{
    return ("&" + text + "&").find("&" + std::string(part) + "&") != std::string::npos;
}

bool names(const std::string &text, std::string_view parameter)
{
    return ("&" + text).find("&" + std::string(parameter) + "=") != std::string::npos;
}

} // namespace

class TestOrderParameters : public QObject
{
    Q_OBJECT

private slots:
    void bn02_whatIsSignedIsEncodedOnce()
    {
        OrderRequest foreign = order(OrderType::Limit);
        foreign.instrument.symbol = Symbol::from("\xE6\xB5\x8B\xE8\xAF\x95USDT").value();
        QVERIFY(has(query(foreign), "symbol=%E6%B5%8B%E8%AF%95USDT"));
        const std::vector<OrderRequest> both{foreign, order(OrderType::Market)};
        const std::string batch = binance::batchQuery(both, AccountMode::OneWay).value();
        QVERIFY(batch.starts_with("batchOrders=%5B%7B%22symbol%22%3A%22%E6%B5%8B%E8%AF%95USDT%22%2C"));
        for (const char c : batch)
            QVERIFY(std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("-_.~%=&").find(c) != std::string_view::npos);
    }

    void bn03_theSignatureIsLast()
    {
        std::string text = query(order(OrderType::Market));
        binance::appendParameter(text, "timestamp", "1591702613943");
        const std::string before = text;
        binance::HmacSigner("secret").sign(text);
        QCOMPARE(text, before + "&signature=" + binance::HmacSigner("secret").signature(before));
    }

    void bn07_pricesKeepTheirDecimalText()
    {
        std::mt19937_64 random(7);
        for (int i = 0; i < 5000; ++i) {
            OrderRequest request = order(OrderType::Limit);
            request.quantity = Quantity::fromRaw(1 + static_cast<std::int64_t>(random() % 100'000'000'000'000ULL));
            request.limitPrice = Price::fromRaw(1 + static_cast<std::int64_t>(random() % 100'000'000'000'000ULL));
            const std::string text = query(request);
            QVERIFY(has(text, "quantity=" + request.quantity.text()));
            QVERIFY(has(text, "price=" + request.limitPrice->text()));
            const std::string price = request.limitPrice->text();
            QVERIFY(price.find_first_not_of("0123456789.") == std::string::npos); // no exponent, no locale
            QVERIFY(price.find('.') == std::string::npos || price.back() != '0');
            QCOMPARE(parsePrice(price).value(), *request.limitPrice);
        }
        OrderRequest least = order(OrderType::Limit);
        least.limitPrice = Price::fromRaw(1);
        QVERIFY(has(query(least), "price=0.00000001"));
    }

    void everyTimeInForceHasTheVenuesWord_data()
    {
        QTest::addColumn<int>("timeInForce");
        QTest::addColumn<QByteArray>("word");
        QTest::newRow("until cancelled") << int(TimeInForce::GoodTilCancel) << QByteArray("GTC");
        QTest::newRow("at once or not") << int(TimeInForce::ImmediateOrCancel) << QByteArray("IOC");
        QTest::newRow("whole or not") << int(TimeInForce::FillOrKill) << QByteArray("FOK");
        QTest::newRow("as maker only") << int(TimeInForce::PostOnly) << QByteArray("GTX");
    }
    void everyTimeInForceHasTheVenuesWord()
    {
        QFETCH(int, timeInForce);
        QFETCH(QByteArray, word);
        OrderRequest request = order(OrderType::Limit);
        request.timeInForce = TimeInForce(timeInForce);
        QVERIFY2(has(query(request), "timeInForce=" + word.toStdString()), query(request).c_str());
    }

    void anOrderTypeThatWeDoNotKnowIsNotSent()
    {
        const auto query = binance::orderQuery(order(OrderType::Unknown), AccountMode::OneWay);
        QVERIFY(!query);
        QCOMPARE(query.error().code, ErrorCode::InvalidArgument);
        QVERIFY(query.error().detail.starts_with("type: "));
        QVERIFY(binance::venueWord(OrderType::Unknown).empty());
    }

    void bn31_conditionalOrdersHaveTheirOwnEndpoint_data()
    {
        QTest::addColumn<OrderType>("type");
        QTest::addColumn<QByteArray>("word");
        QTest::newRow("stop market") << OrderType::StopMarket << QByteArray("STOP_MARKET");
        QTest::newRow("stop limit") << OrderType::StopLimit << QByteArray("STOP");
        QTest::newRow("take profit market") << OrderType::TakeProfitMarket << QByteArray("TAKE_PROFIT_MARKET");
        QTest::newRow("take profit limit") << OrderType::TakeProfitLimit << QByteArray("TAKE_PROFIT");
        QTest::newRow("trailing") << OrderType::TrailingStop << QByteArray("TRAILING_STOP_MARKET");
    }
    void bn31_conditionalOrdersHaveTheirOwnEndpoint()
    {
        QFETCH(OrderType, type);
        QFETCH(QByteArray, word);
        const std::string text = query(order(type));
        QCOMPARE(binance::orderPath(type), std::string_view("/fapi/v1/algoOrder"));
        QVERIFY(has(text, "type=" + word.toStdString()));
        QVERIFY(has(text, "algoType=CONDITIONAL"));
        QVERIFY(has(text, "clientAlgoId=etr-1"));
        QVERIFY(has(text, "workingType=MARK_PRICE"));
        QVERIFY(has(text, "selfTradePreventionMode=EXPIRE_MAKER"));
        QVERIFY(!names(text, "newClientOrderId") && !names(text, "stopPrice"));
        QCOMPARE(names(text, "triggerPrice"), type != OrderType::TrailingStop);
        QCOMPARE(binance::conditionalType(word.toStdString()), std::optional(type));
    }

    void trailingSaysPercent()
    {
        OrderRequest trailing = order(OrderType::TrailingStop);
        trailing.activationPrice = parsePrice("61000").value();
        const std::string text = query(trailing);
        QVERIFY(has(text, "callbackRate=1.5"));
        QVERIFY(has(text, "activatePrice=61000"));
        QVERIFY(!names(text, "activationPrice"));
    }

    void bn32_legsInHedgeModeAndReduceOnlyInOneWayMode_data()
    {
        QTest::addColumn<bool>("hedge");
        QTest::addColumn<Side>("side");
        QTest::addColumn<PositionSide>("leg");
        QTest::addColumn<ReduceOnly>("reduce");
        QTest::addColumn<QByteArray>("expected"); // empty: refused
        const auto row = [](const char *name, bool hedge, Side side, PositionSide leg, ReduceOnly reduce, const char *expected) {
            QTest::newRow(name) << hedge << side << leg << reduce << QByteArray(expected);
        };
        row("one way, opens", false, Side::Buy, PositionSide::Both, ReduceOnly::No, "-");
        row("one way, closes", false, Side::Sell, PositionSide::Both, ReduceOnly::Yes, "reduceOnly=true");
        row("one way, with a leg", false, Side::Sell, PositionSide::Long, ReduceOnly::Yes, "");
        row("hedge, opens long", true, Side::Buy, PositionSide::Long, ReduceOnly::No, "positionSide=LONG");
        row("hedge, closes long", true, Side::Sell, PositionSide::Long, ReduceOnly::Yes, "positionSide=LONG");
        row("hedge, opens short", true, Side::Sell, PositionSide::Short, ReduceOnly::No, "positionSide=SHORT");
        row("hedge, closes short", true, Side::Buy, PositionSide::Short, ReduceOnly::Yes, "positionSide=SHORT");
        row("hedge, closes short, leg not named", true, Side::Buy, PositionSide::Both, ReduceOnly::Yes, "positionSide=SHORT");
        row("hedge, opens short, leg not named", true, Side::Sell, PositionSide::Both, ReduceOnly::No, "positionSide=SHORT");
        row("hedge, \"reduce\" that adds", true, Side::Buy, PositionSide::Long, ReduceOnly::Yes, "");
    }
    void bn32_legsInHedgeModeAndReduceOnlyInOneWayMode()
    {
        QFETCH(bool, hedge);
        QFETCH(Side, side);
        QFETCH(PositionSide, leg);
        QFETCH(ReduceOnly, reduce);
        QFETCH(QByteArray, expected);
        for (const OrderType type : {OrderType::Market, OrderType::Limit, OrderType::StopMarket}) {
            OrderRequest request = order(type);
            request.side = side;
            request.positionSide = leg;
            request.reduceOnly = reduce;
            const auto text = binance::orderQuery(request, hedge ? AccountMode::Hedge : AccountMode::OneWay);
            QCOMPARE(text.has_value(), !expected.isEmpty());
            if (!text)
                continue;
            QVERIFY(expected == "-" || has(*text, expected.toStdString()));
            QCOMPARE(names(*text, "positionSide"), hedge);
            QCOMPARE(names(*text, "reduceOnly"), !hedge && reduce == ReduceOnly::Yes);
        }
    }

    void goodTillDateIsInWholeSecondsAndNeedsItsDate()
    {
        OrderRequest request = order(OrderType::Limit);
        request.timeInForce = TimeInForce::GoodTilDate;
        QVERIFY(!binance::orderQuery(request, AccountMode::OneWay));
        request.goodTill = utcFromMilliseconds(1'760'000'007'980);
        const std::string text = query(request);
        QVERIFY(has(text, "timeInForce=GTD"));
        QVERIFY(has(text, "goodTillDate=1760000007000"));
    }

    void marketOrdersHaveNoTimeInForce()
    {
        QVERIFY(!names(query(order(OrderType::Market)), "timeInForce"));
        QVERIFY(has(query(order(OrderType::Market)), "newOrderRespType=RESULT"));
    }
};

QTEST_APPLESS_MAIN(TestOrderParameters)
#include "tst_order_parameters.moc"
