#include <QtTest/QTest>

#include "core/storage/check.h"
#include "core/storage/migrations.h"
#include "core/storage/rows.h"
#include "tests/core/storage/desk.h"

using namespace Qt::StringLiterals;
using namespace tests;

namespace
{
[[nodiscard]] FundingPayment payment(int second, const char *amount)
{
    FundingPayment result;
    result.instrument = btc();
    result.amount = money(amount);
    result.asset = Asset::from("USDT").value();
    result.venueTime = at(second);
    return result;
}

[[nodiscard]] Transfer transfer(const char *id, const char *amount)
{
    Transfer result;
    result.id = id;
    result.kind = "TRANSFER";
    result.amount = money(amount);
    result.asset = Asset::from("USDT").value();
    result.venueTime = at(5);
    return result;
}

/// One order as version 1 stored it; the last cell is the check sum.
void putOldOrder(const Database &database)
{
    const auto write = [&](const char *table, auto fill) {
        auto row = RowWriter::prepare(database, QString::fromLatin1(table), OnConflict::Fail);
        if (!row)
            qFatal("%s", row.error().detail.c_str());
        fill(*row);
        if (!row->run())
            qFatal("the row was refused");
    };
    write("trading_accounts", [](RowWriter &row) { row.text("live").text("main"); });
    write("instruments", [](RowWriter &row) {
        row.text("binance").text("BTCUSDT");
        for (int i = 0; i < 17; ++i)
            row.null();
    });
    write("orders", [](RowWriter &row) {
        row.text("live").text("main").text("binance").text("BTCUSDT").text("c1").integer(17);
        row.text(name(Side::Sell)).text(name(PositionSide::Both)).text(name(OrderType::StopMarket));
        row.text(name(OrderStatus::New)).fixed(quantity("0.5")).fixed(Quantity{}).null().null().integer(1);
        row.text("").text("d-1").time(at(1)).time(at(2));
    });
}
} // namespace

/// What an account was paid or charged besides its trades, and the step of the schema that brought it.
class TestBesidesTrades : public QObject
{
    Q_OBJECT

private slots:
    void fundingToldTwiceIsStoredOnce()
    {
        Desk desk;
        desk.open(Mode::Live);
        desk.push(RecordFunding{account(), payment(0, "-1.25")});
        FundingPayment again = payment(0, "-1.25");
        again.rate = Ratio::fromRaw(10'000); // the answer to a query says more than the stream did
        desk.push(RecordFunding{account(), again});
        desk.push(RecordFunding{account(), payment(28'800, "0.75")});
        desk.drain();
        desk.close();
        const Database database = desk.reader();
        const auto rows = funding(database);
        QVERIFY_RESULT(rows);
        QCOMPARE(rows->size(), std::size_t{2});
        QCOMPARE(rows->front().mode, Mode::Live);
        QCOMPARE(rows->front().payment, again);
        QCOMPARE(rows->back().payment, payment(28'800, "0.75"));
        QVERIFY_RESULT(checkDatabase(desk.path()));
    }

    void transfersAreKnownByTheirId()
    {
        Desk desk;
        desk.open();
        for (const char *id : {"7", "8", "7"})
            desk.push(RecordTransfer{account(), transfer(id, "500")});
        desk.push(RecordTransfer{account("other"), transfer("7", "-20")});
        desk.drain();
        desk.close();
        const Database database = desk.reader();
        const auto rows = transfers(database);
        QVERIFY_RESULT(rows);
        QCOMPARE(rows->size(), std::size_t{3});
        QCOMPARE(rows->front().transfer, transfer("7", "500"));
    }

    void conditionalOrdersKeepTheirTrigger()
    {
        Desk desk;
        desk.open();
        OrderUpdate order;
        order.instrument = btc();
        order.clientOrderId = ClientOrderId::from("stop-1").value();
        order.venueOrderId = {5};
        order.type = OrderType::StopMarket;
        order.status = OrderStatus::New;
        order.quantity = quantity("0.5");
        order.triggerPrice = price("58000.1");
        order.venueTime = order.receivedAt = at(1);
        desk.push(RecordOrder{account(), order, "d-1"});
        desk.drain();
        desk.close();
        const auto rows = recentOrders(desk.reader(), 10);
        QVERIFY_RESULT(rows);
        QCOMPARE(rows->front().order, order);
    }

    void ordersOfVersionOneComeAlong()
    {
        const auto database = Database::openMemory();
        QVERIFY_RESULT(database);
        QVERIFY_RESULT(migrate(*database, {migrations().front()}));
        putOldOrder(*database);
        QVERIFY_RESULT(migrate(*database, migrations()));
        const auto rows = recentOrders(*database, 10);
        QVERIFY_RESULT(rows);
        QCOMPARE(rows->size(), std::size_t{1});
        const OrderUpdate &order = rows->front().order;
        QCOMPARE(order.type, OrderType::StopMarket);
        QCOMPARE(order.quantity, quantity("0.5"));
        QCOMPARE(rows->front().decisionId, std::string("d-1"));
        QVERIFY(!order.triggerPrice);
    }

    /// The step must not make a damaged row look sound.
    void aRowThatWasDamagedBeforeStaysDamaged()
    {
        const auto database = Database::openMemory();
        QVERIFY_RESULT(database);
        QVERIFY_RESULT(migrate(*database, {migrations().front()}));
        putOldOrder(*database);
        QVERIFY_RESULT(database->execute(u"UPDATE orders SET quantity = quantity + 1"_s));
        QVERIFY_RESULT(migrate(*database, migrations()));
        const auto rows = recentOrders(*database, 10);
        QVERIFY(!rows);
        QCOMPARE(rows.error().code, ErrorCode::Corrupt);
    }
};

QTEST_GUILESS_MAIN(TestBesidesTrades)
#include "tst_besides_trades.moc"
