#include <QtCore/QElapsedTimer>
#include <QtTest/QTest>

#include "tests/integration/client_fixture.h"
#include "tests/support/byte_proxy.h"

using namespace core;
using namespace std::chrono_literals;
using ports::RequestOutcome;
using tests::ByteProxy;
using tests::ClientFixture;
using tests::waitFor;

Q_DECLARE_METATYPE(tests::ByteProxy::Damage)

/// Row R4 of the targets: the request of an order, or the answer to it, is cut, held up or doubled at every
/// byte position, and the orders at the exchange are the intents, one for one. ETRMS_R4_STEP sets the
/// distance of the positions (1: every byte).
class TestOrderReplyFaults : public QObject
{
    Q_OBJECT

    static int step()
    {
        bool isNumber = false;
        const int given = qEnvironmentVariableIntValue("ETRMS_R4_STEP", &isNumber);
        return isNumber && given > 0 ? given : 47;
    }

private slots:
    void ordersAtTheVenueAreTheIntents_data()
    {
        QTest::addColumn<ByteProxy::Damage>("damage");
        QTest::addColumn<bool>("privateStream");
        QTest::newRow("request cut, stream dead") << ByteProxy::Damage::CutRequest << false;
        QTest::newRow("cut, stream alive") << ByteProxy::Damage::Cut << true;
        QTest::newRow("cut, stream dead") << ByteProxy::Damage::Cut << false;
        QTest::newRow("delayed beyond the time-out, stream dead") << ByteProxy::Damage::Delay << false;
        QTest::newRow("doubled, stream dead") << ByteProxy::Damage::Duplicate << false;
    }
    void ordersAtTheVenueAreTheIntents()
    {
        QFETCH(ByteProxy::Damage, damage);
        QFETCH(bool, privateStream);
        ClientFixture fixture;
        fixture.venueOptions.orderLimitPerTenSeconds = 1'000'000;
        fixture.venueOptions.orderLimitPerMinute = 1'000'000;
        fixture.venueOptions.weightLimitPerMinute = 1'000'000;
        exchange::binance::ClientTimings &timings = fixture.clientOptions.timings;
        timings.orderTimeout = 100ms;
        timings.orderQueries = {10ms, 20ms, 40ms, 80ms, 160ms};
        timings.orderAbsentAfter = 300ms;
        QVERIFY(fixture.openVenue());
        ByteProxy proxy(fixture.restPort());
        fixture.clientOptions.endpoints.rest = "http://127.0.0.1:" + std::to_string(proxy.serverPort());
        if (!privateStream)
            fixture.clientOptions.endpoints.streamsPrivate = "ws://127.0.0.1:9";
        fixture.startClient();
        QVERIFY(waitFor([&] {
            return fixture.seen.freshness == Freshness::Fresh &&
                   (!privateStream || fixture.seen.reconciled > 0);
        }));

        // The first, undamaged one says how long an answer is.
        int intents = 0;
        proxy.arm("POST /fapi/v1/order?", ByteProxy::Damage::Delay, 0, 0ms);
        QVERIFY(sendUntilKnown(fixture, intents++));
        const bool onRequest = damage == ByteProxy::Damage::CutRequest;
        const qsizetype length = onRequest ? proxy.requestBytes() : proxy.replyBytes();
        QVERIFY(length > 300);
        for (qsizetype at = 0;; at = std::min<qsizetype>(at + step(), length)) {
            proxy.arm("POST /fapi/v1/order?", damage, at, 150ms);
            QVERIFY2(sendUntilKnown(fixture, intents), qPrintable(QString::number(at)));
            ++intents;
            QVERIFY(!proxy.isArmed());
            if (at == length)
                break;
        }

        QCOMPARE(static_cast<int>(fixture.executedOrdersAtVenue().size()), intents);
        for (int i = 0; i < intents; ++i)
            QVERIFY(fixture.orderAtVenue(idOf(i)).has_value());
        QCOMPARE(fixture.seen.callsFromInside, 0);
        qInfo("%d intents, %d requests, %d bytes", intents, proxy.requests(), static_cast<int>(length));
    }

    /// The same for stops: they live in another store and are asked for there.
    void conditionalOrdersAtTheVenueAreTheIntents_data()
    {
        QTest::addColumn<ByteProxy::Damage>("damage");
        QTest::newRow("request cut") << ByteProxy::Damage::CutRequest;
        QTest::newRow("cut") << ByteProxy::Damage::Cut;
        QTest::newRow("delayed beyond the time-out") << ByteProxy::Damage::Delay;
        QTest::newRow("doubled") << ByteProxy::Damage::Duplicate;
    }
    void conditionalOrdersAtTheVenueAreTheIntents()
    {
        QFETCH(ByteProxy::Damage, damage);
        ClientFixture fixture;
        fixture.venueOptions.orderLimitPerTenSeconds = 1'000'000;
        fixture.venueOptions.orderLimitPerMinute = 1'000'000;
        fixture.venueOptions.weightLimitPerMinute = 1'000'000;
        exchange::binance::ClientTimings &timings = fixture.clientOptions.timings;
        timings.orderTimeout = 100ms;
        timings.orderQueries = {10ms, 20ms, 40ms, 80ms, 160ms};
        timings.orderAbsentAfter = 300ms;
        QVERIFY(fixture.openVenue());
        ByteProxy proxy(fixture.restPort());
        fixture.clientOptions.endpoints.rest = "http://127.0.0.1:" + std::to_string(proxy.serverPort());
        fixture.clientOptions.endpoints.streamsPrivate = "ws://127.0.0.1:9"; // dead: only questions help
        fixture.startClient();
        QVERIFY(waitFor([&] { return fixture.seen.freshness == Freshness::Fresh && !fixture.seen.marks.empty(); }));
        const auto stop = [&](int number) {
            OrderRequest request = fixture.marketOrder("r4a-" + std::to_string(number), Side::Sell, "0.002");
            request.type = OrderType::StopMarket;
            const Price far = scaled(fixture.seen.marks.back().mark, parseFixed<Ratio>("0.8").value(), Rounding::Floor).value();
            request.triggerPrice = floorToStep(far, parsePrice("0.1").value());
            return request;
        };
        int intents = 0;
        proxy.arm("POST /fapi/v1/algoOrder?", ByteProxy::Damage::Delay, 0, 0ms);
        QVERIFY(sendUntilKnown(fixture, stop(intents++)));
        const bool onRequest = damage == ByteProxy::Damage::CutRequest;
        const qsizetype length = onRequest ? proxy.requestBytes() : proxy.replyBytes();
        QVERIFY(length > 300);
        for (qsizetype at = 0;; at = std::min<qsizetype>(at + step(), length)) {
            proxy.arm("POST /fapi/v1/algoOrder?", damage, at, 150ms);
            const OrderRequest request = stop(intents++);
            QVERIFY2(sendUntilKnown(fixture, request), qPrintable(QString::number(at)));
            QVERIFY(!proxy.isArmed());
            const std::string open = fixture.ask(net::HttpMethod::Get, "/fapi/v1/openAlgoOrders", {}, true);
            QCOMPARE(QByteArray::fromStdString(open).count(("\"" + request.clientOrderId.string() + "\"").c_str()), 1);
            // The venue keeps 200 of them.
            QVERIFY(!fixture.ask(net::HttpMethod::Delete, "/fapi/v1/algoOpenOrders", "symbol=BTCUSDT", true).empty());
            if (at == length)
                break;
        }
        QCOMPARE(fixture.seen.callsFromInside, 0);
        qInfo("%d intents, %d requests, %d bytes", intents, proxy.requests(), static_cast<int>(length));
    }

private:
    static std::string idOf(int number) { return "r4-" + std::to_string(number); }

    /// One intent, as the flatten plan handles it: sent, and sent again only after "never existed".
    static bool sendUntilKnown(ClientFixture &fixture, int number)
    {
        const Side side = number % 2 == 0 ? Side::Buy : Side::Sell;
        return sendUntilKnown(fixture, fixture.marketOrder(idOf(number), side, "0.002"));
    }
    static bool sendUntilKnown(ClientFixture &fixture, const OrderRequest &request)
    {
        for (int attempt = 0; attempt < 3; ++attempt) {
            fixture.seen.absent.clear();
            fixture.submit(request);
            if (!waitFor([&] {
                    return fixture.seen.lastOrder(request.clientOrderId).has_value() ||
                           !fixture.seen.absent.empty();
                }))
                return false;
            if (fixture.seen.lastOrder(request.clientOrderId))
                break;
        }
        for (const auto &outcome : fixture.seen.outcomesOf(request.clientOrderId)) {
            if (outcome.outcome == RequestOutcome::Rejected)
                return false;
        }
        return fixture.seen.lastOrder(request.clientOrderId).has_value();
    }
};

QTEST_GUILESS_MAIN(TestOrderReplyFaults)
#include "tst_order_reply_faults.moc"
