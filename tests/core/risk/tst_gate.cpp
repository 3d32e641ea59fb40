#include "core/risk/gate.h"

#include <map>
#include <type_traits>

#include <QtTest/QTest>
#include <rapidcheck.h>

using namespace core;
using namespace core::risk;

namespace
{
Price price(std::string_view text) { return parsePrice(text).value(); }
Quantity quantity(std::string_view text) { return parseQuantity(text).value(); }

Instrument btc()
{
    Instrument instrument;
    instrument.key = {Venue::Binance, *Symbol::from("BTCUSDT")};
    instrument.tickSize = price("0.10");
    instrument.priceMin = price("100");
    instrument.priceMax = price("1000000");
    instrument.stepSize = quantity("0.001");
    instrument.quantityMin = quantity("0.001");
    instrument.quantityMax = quantity("1000");
    instrument.marketStepSize = quantity("0.001");
    instrument.marketQuantityMin = quantity("0.001");
    instrument.marketQuantityMax = quantity("120");
    instrument.notionalMin = parseMoney("100").value();
    instrument.priceUp = parseFixed<Ratio>("1.05").value();
    instrument.priceDown = parseFixed<Ratio>("0.95").value();
    instrument.trading = true;
    return instrument;
}

OrderRequest closing(Direction direction)
{
    OrderRequest request;
    request.instrument = btc().key;
    request.clientOrderId = *ClientOrderId::from("etr-1-1");
    request.side = direction == Direction::Long ? Side::Sell : Side::Buy;
    request.type = OrderType::Limit;
    request.timeInForce = TimeInForce::ImmediateOrCancel;
    request.quantity = quantity("0.250");
    request.limitPrice = price("60000");
    request.reduceOnly = ReduceOnly::Yes;
    return request;
}
} // namespace

// "An order skipped the gate" does not compile.
static_assert(!std::is_constructible_v<Approved<OrderRequest>, OrderRequest>);
static_assert(!std::is_default_constructible_v<Approved<OrderRequest>>);

class TestGate : public QObject
{
    Q_OBJECT

    Instrument m_instrument = btc();

    GateFacts facts(Direction direction) const
    {
        GateFacts result;
        result.instrument = &m_instrument;
        result.direction = direction;
        result.live = quantity("0.250");
        result.mark = price("60000");
        return result;
    }
    static void refuses(const OrderRequest &request, const GateFacts &given, DenyReason reason)
    {
        const auto got = RiskGate::check(request, given);
        QVERIFY(!got.has_value());
        QCOMPARE(name(got.error().reason), name(reason));
        QVERIFY(!got.error().text().empty());
    }

private slots:
    void aReductionPassesStaleHaltedAndUnreconciled()
    {
        for (const Direction direction : {Direction::Long, Direction::Short}) {
            auto given = facts(direction);
            m_instrument.trading = false;
            auto request = closing(direction);
            QVERIFY(RiskGate::check(request, given).has_value());
            request.type = OrderType::Market;
            request.limitPrice.reset();
            given.mark.reset();
            QVERIFY(RiskGate::check(request, given).has_value());
            given.instrument = nullptr;
            QVERIFY(RiskGate::check(request, given).has_value());
            m_instrument.trading = true;
        }
    }

    void neverMoreThanThePosition()
    {
        for (const Direction direction : {Direction::Long, Direction::Short}) {
            auto given = facts(direction);
            auto request = closing(direction);
            given.closing = quantity("0.001");
            refuses(request, given, DenyReason::ExceedsPosition);
            request.quantity = quantity("0.249");
            QVERIFY(RiskGate::check(request, given).has_value());
            given.closing = {};
            request.quantity = quantity("0.251");
            refuses(request, given, DenyReason::ExceedsPosition);
            given.live = {};
            refuses(request, given, DenyReason::NoPosition);
            given.direction.reset();
            refuses(request, given, DenyReason::NoPosition);
        }
        refuses(closing(Direction::Long), facts(Direction::Short), DenyReason::WrongSide);
        refuses(closing(Direction::Short), facts(Direction::Long), DenyReason::WrongSide);
    }

    void malformedOrdersAreNamed()
    {
        const auto given = facts(Direction::Long);
        auto request = closing(Direction::Long);
        request.limitPrice = price("60000.05");
        refuses(request, given, DenyReason::OffTick);
        request.limitPrice.reset();
        refuses(request, given, DenyReason::PriceMissing);
        request.type = OrderType::Market;
        request.limitPrice = price("60000");
        refuses(request, given, DenyReason::PriceForbidden);
        request = closing(Direction::Long);
        request.quantity = quantity("0.0005");
        refuses(request, given, DenyReason::OffStep);
        request.quantity = {};
        refuses(request, given, DenyReason::BadQuantity);
        request.quantity = quantity("-1");
        refuses(request, given, DenyReason::BadQuantity);
        request = closing(Direction::Long);
        request.clientOrderId = *ClientOrderId::from("has blank");
        refuses(request, given, DenyReason::BadClientOrderId);
        request.clientOrderId = {};
        refuses(request, given, DenyReason::BadClientOrderId);
    }

    void bn29_pricesStayInsideTheVenuesBand()
    {
        auto sell = closing(Direction::Long);
        sell.limitPrice = price("57000");
        QVERIFY(RiskGate::check(sell, facts(Direction::Long)).has_value());
        sell.limitPrice = price("56999.9");
        refuses(sell, facts(Direction::Long), DenyReason::PriceOutsideBand);
        auto buy = closing(Direction::Short);
        buy.limitPrice = price("63000");
        QVERIFY(RiskGate::check(buy, facts(Direction::Short)).has_value());
        buy.limitPrice = price("63000.1");
        refuses(buy, facts(Direction::Short), DenyReason::PriceOutsideBand);
        buy.limitPrice = price("99");
        refuses(buy, facts(Direction::Short), DenyReason::PriceOutsideLimits);
    }

    void bn29_aReductionMayBeBelowTheNotionalMinimum()
    {
        auto given = facts(Direction::Long);
        auto request = closing(Direction::Long);
        request.quantity = quantity("0.001"); // 60 of 100
        QVERIFY(RiskGate::check(request, given).has_value());
        given.live = quantity("0.0004"); // less than one step: all of it may go
        request.quantity = quantity("0.0004");
        QVERIFY(RiskGate::check(request, given).has_value());
    }

    void openingNeedsReconciledAndFreshData()
    {
        auto given = facts(Direction::Long);
        auto request = closing(Direction::Long);
        request.reduceOnly = ReduceOnly::No;
        refuses(request, given, DenyReason::NotReconciled);
        given.reconciled = true;
        refuses(request, given, DenyReason::NotFresh);
        given.fresh = true;
        QVERIFY(RiskGate::check(request, given).has_value());
        request.quantity = quantity("0.001");
        refuses(request, given, DenyReason::BelowNotionalMin);
        given.instrument = nullptr;
        refuses(request, given, DenyReason::InstrumentUnknown);
    }

    void sizesOfMarketOrdersHaveTheirOwnMaximum()
    {
        auto given = facts(Direction::Long);
        given.live = quantity("500");
        auto request = closing(Direction::Long);
        request.quantity = quantity("500");
        QVERIFY(RiskGate::check(request, given).has_value());
        request.type = OrderType::Market;
        request.limitPrice.reset();
        refuses(request, given, DenyReason::AboveQuantityMax);
    }

    /// Whatever the state of account and data: a reduction in whole steps, on the tick and inside the band,
    /// goes out.
    void aWellFormedReductionIsNeverBlocked()
    {
        QVERIFY(rc::check("never blocked", [this](bool isLong, bool market, bool reconciled, bool fresh,
                                                  bool trading, bool withMark) {
            const std::int64_t step = m_instrument.stepSize.raw();
            const std::int64_t steps = *rc::gen::inRange<std::int64_t>(1, 120'000);
            auto given = facts(isLong ? Direction::Long : Direction::Short);
            Instrument instrument = m_instrument;
            instrument.trading = trading;
            given.instrument = &instrument;
            given.live = Quantity::fromRaw(steps * step);
            given.reconciled = reconciled;
            given.fresh = fresh;
            if (!withMark)
                given.mark.reset();
            auto request = closing(isLong ? Direction::Long : Direction::Short);
            request.quantity = Quantity::fromRaw(step * *rc::gen::inRange<std::int64_t>(1, steps + 1));
            request.type = market ? OrderType::Market : OrderType::Limit;
            request.limitPrice = market ? std::nullopt : std::optional(price(isLong ? "59700" : "60300"));
            RC_ASSERT(RiskGate::check(request, given).has_value());
            request.quantity = Quantity::fromRaw(given.live.raw() + step);
            RC_ASSERT(RiskGate::check(request, given).error().reason == DenyReason::ExceedsPosition);
        }));
    }

    void whateverPassesReducesAtMostThePosition()
    {
        QVERIFY(rc::check("reduce-only", [this](std::int64_t q, std::int64_t live, std::int64_t pending,
                                                bool isLong, bool sells, bool market, std::int64_t limit) {
            auto given = facts(isLong ? Direction::Long : Direction::Short);
            given.live = Quantity::fromRaw(live);
            given.closing = Quantity::fromRaw(pending);
            RC_PRE(pending >= 0);
            auto request = closing(Direction::Long);
            request.side = sells ? Side::Sell : Side::Buy;
            request.quantity = Quantity::fromRaw(q);
            request.type = market ? OrderType::Market : OrderType::Limit;
            request.limitPrice = market ? std::nullopt : std::optional(Price::fromRaw(limit));
            const auto got = RiskGate::check(request, given);
            if (got)
                RC_ASSERT(sells == isLong && q > 0 && q <= live - pending);
        }));
    }

    void anOrderOfUnknownTypeIsNeverSent()
    {
        OrderRequest request = closing(Direction::Long);
        request.type = OrderType::Unknown;
        refuses(request, facts(Direction::Long), DenyReason::TypeUnknown);
        request.limitPrice.reset();
        refuses(request, facts(Direction::Long), DenyReason::TypeUnknown);
        request.triggerPrice = price("59000");
        refuses(request, facts(Direction::Long), DenyReason::TypeUnknown);
        QVERIFY(!isConditional(OrderType::Unknown) && !hasLimitPrice(OrderType::Unknown));
    }

    void bn29_aConditionalOrderNeedsWhatFiresIt_data()
    {
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("trigger");
        QTest::addColumn<QString>("limit");
        QTest::addColumn<QString>("callback");
        QTest::addColumn<QString>("denial"); // empty: allowed
        const auto row = [](const char *name, const char *type, const char *trigger, const char *limit,
                            const char *callback, const char *denial) {
            QTest::newRow(name) << type << trigger << limit << callback << denial;
        };
        row("stop market", "stop", "59000", "", "", "");
        row("stop market without a trigger", "stop", "", "", "", "trigger-missing");
        row("stop market at zero", "stop", "0", "", "", "trigger-missing");
        row("stop market with a limit", "stop", "59000", "58900", "", "price-forbidden");
        row("stop market off the tick", "stop", "59000.05", "", "", "off-tick");
        row("stop limit", "stop-limit", "59000", "58900", "", "");
        row("stop limit without a price", "stop-limit", "59000", "", "", "price-missing");
        row("stop limit far from the mark, where it will be", "stop-limit", "40000", "39900", "", "");
        row("trailing", "trailing", "", "", "0.01", "");
        row("trailing without a distance", "trailing", "", "", "", "trigger-missing");
        row("trailing with a fixed trigger", "trailing", "59000", "", "0.01", "trigger-missing");
        row("plain order with a trigger", "limit", "59000", "60000", "", "price-forbidden");
    }
    void bn29_aConditionalOrderNeedsWhatFiresIt()
    {
        QFETCH(QString, type);
        QFETCH(QString, trigger);
        QFETCH(QString, limit);
        QFETCH(QString, callback);
        QFETCH(QString, denial);
        static const std::map<QString, OrderType> kTypes{{QStringLiteral("stop"), OrderType::StopMarket},
                                                         {QStringLiteral("stop-limit"), OrderType::StopLimit},
                                                         {QStringLiteral("trailing"), OrderType::TrailingStop},
                                                         {QStringLiteral("limit"), OrderType::Limit}};
        OrderRequest request = closing(Direction::Long);
        request.timeInForce = TimeInForce::GoodTilCancel;
        request.type = kTypes.at(type);
        request.limitPrice = limit.isEmpty() ? std::nullopt : std::optional(price(limit.toStdString()));
        request.triggerPrice = trigger.isEmpty() ? std::nullopt : std::optional(price(trigger.toStdString()));
        if (!callback.isEmpty())
            request.callbackRate = parseFixed<Ratio>(callback.toStdString()).value();
        const auto got = RiskGate::check(request, facts(Direction::Long));
        QCOMPARE(QString::fromStdString(got ? std::string{} : std::string(name(got.error().reason))), denial);
    }

    void bn29_theNotionalOfAMarketOrderIsJudgedByTheMark()
    {
        GateFacts given = facts(Direction::Long);
        given.direction.reset();
        given.live = {};
        given.reconciled = given.fresh = true;
        OrderRequest opening = closing(Direction::Short);
        opening.type = OrderType::Market;
        opening.limitPrice.reset();
        opening.reduceOnly = ReduceOnly::No;
        opening.quantity = quantity("0.002"); // 0.002 × 60000 = 120
        QVERIFY(RiskGate::check(opening, given).has_value());
        given.mark = price("49999.9"); // 99.9998: below 100
        refuses(opening, given, DenyReason::BelowNotionalMin);
    }

    void aChangeIsJudgedByWhatItAdds_data()
    {
        QTest::addColumn<QString>("status");
        QTest::addColumn<QString>("quantity");
        QTest::addColumn<QString>("price");
        QTest::addColumn<QString>("denial");
        QTest::newRow("smaller") << "new" << "0.200" << "60100" << "";
        QTest::newRow("the whole position") << "new" << "0.250" << "60100" << "";
        QTest::newRow("more than the position") << "new" << "0.251" << "60100" << "exceeds-position";
        QTest::newRow("partly filled, down to what is filled") << "partially-filled" << "0.100" << "60100" << "not-changeable";
        QTest::newRow("off the tick") << "new" << "0.200" << "60100.05" << "off-tick";
        QTest::newRow("off the step") << "new" << "0.2005" << "60100" << "off-step";
        QTest::newRow("ended") << "canceled" << "0.200" << "60100" << "not-changeable";
    }
    void aChangeIsJudgedByWhatItAdds()
    {
        QFETCH(QString, status);
        QFETCH(QString, quantity);
        QFETCH(QString, price);
        QFETCH(QString, denial);
        OrderUpdate live;
        live.instrument = m_instrument.key;
        live.clientOrderId = *ClientOrderId::from("etr-1-1");
        live.side = Side::Sell;
        live.type = OrderType::Limit;
        live.reduceOnly = ReduceOnly::Yes;
        live.status = status == u"new" ? OrderStatus::New : status == u"canceled" ? OrderStatus::Canceled : OrderStatus::PartiallyFilled;
        live.quantity = parseQuantity("0.150").value();
        live.filled = parseQuantity(live.status == OrderStatus::PartiallyFilled ? "0.100" : "0").value();
        live.limitPrice = parsePrice("60000").value();
        GateFacts given = facts(Direction::Long);
        given.closing = parseQuantity("0.150").value(); // this very order
        OrderChange change{live.instrument, live.clientOrderId, parseQuantity(quantity.toStdString()).value(),
                           parsePrice(price.toStdString()).value()};
        const auto got = RiskGate::checkChange(change, live, given);
        QCOMPARE(QString::fromStdString(got ? std::string{} : std::string(name(got.error().reason))), denial);
        change.clientOrderId = *ClientOrderId::from("another");
        QVERIFY(!RiskGate::checkChange(change, live, given).has_value());
        change.clientOrderId = live.clientOrderId;
        live.type = OrderType::Unknown; // it may be a stop: a change as a limit order could undo it
        QVERIFY(!RiskGate::checkChange(change, live, given).has_value());
    }
};

QTEST_APPLESS_MAIN(TestGate)
#include "tst_gate.moc"
