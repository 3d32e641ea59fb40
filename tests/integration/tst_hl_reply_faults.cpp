#include <QtTest/QTest>

#include "tests/integration/hl_fixture.h"
#include "tests/support/byte_proxy.h"

using namespace core;
using namespace std::chrono_literals;
using ports::RequestOutcome;
using tests::ByteProxy;
using tests::hl::LoopbackFixture;
using tests::hl::waitFor;

Q_DECLARE_METATYPE(tests::ByteProxy::Damage)

/// Row R4 of the targets for Hyperliquid: an order's request, or the answer to it, is cut, held up or doubled at byte
/// positions, and the orders at the exchange are the intents, one for one. ETRMS_R4_STEP sets the distance of the
/// positions (1: every byte).
class TestHlReplyFaults : public QObject
{
    Q_OBJECT

    static int step()
    {
        bool isNumber = false;
        const int given = qEnvironmentVariableIntValue("ETRMS_R4_STEP", &isNumber);
        return isNumber && given > 0 ? given : 31;
    }

private slots:
    void hl23_ordersAtTheVenueAreTheIntents_data()
    {
        QTest::addColumn<ByteProxy::Damage>("damage");
        QTest::newRow("request cut") << ByteProxy::Damage::CutRequest;
        QTest::newRow("reply cut") << ByteProxy::Damage::Cut;
        QTest::newRow("reply delayed beyond the time-out") << ByteProxy::Damage::Delay;
        QTest::newRow("reply doubled") << ByteProxy::Damage::Duplicate;
    }
    void hl23_ordersAtTheVenueAreTheIntents()
    {
        QFETCH(ByteProxy::Damage, damage);
        LoopbackFixture fixture;
        fixture.options.timings.orderTimeout = 150ms;
        fixture.options.timings.expiresAfter = 250ms;
        fixture.options.timings.absentMargin = 50ms;
        fixture.options.timings.orderQueryEvery = 15ms;
        fixture.options.weightPerMinute = 1'000'000;
        QVERIFY(fixture.openVenue());
        ByteProxy proxy(fixture.restPort());
        fixture.options.endpoints.rest = "http://127.0.0.1:" + std::to_string(proxy.serverPort());
        fixture.startClient();
        QVERIFY(waitFor([&] { return fixture.seen.reconciled > 0 && !fixture.seen.marks.empty(); }, 15'000));

        // The first, undamaged one says how long request and answer are.
        int intents = 0;
        proxy.arm("POST /exchange", ByteProxy::Damage::Delay, 0, 0ms);
        QVERIFY(sendUntilKnown(fixture, intents++));
        const bool onRequest = damage == ByteProxy::Damage::CutRequest;
        const qsizetype length = onRequest ? proxy.requestBytes() : proxy.replyBytes();
        QVERIFY(length > 100);
        for (qsizetype at = 0;; at = std::min<qsizetype>(at + step(), length)) {
            proxy.arm("POST /exchange", damage, at, 200ms);
            QVERIFY2(sendUntilKnown(fixture, intents), qPrintable(QString::number(at)));
            ++intents;
            QVERIFY(!proxy.isArmed());
            if (at == length)
                break;
        }
        for (int i = 0; i < intents; ++i) {
            QCOMPARE(fixture.ordersWithCloid(idOf(i)), std::size_t{1});
            QCOMPARE(fixture.executed(idOf(i)).text(), std::string("0.002"));
            QVERIFY(waitFor([&] { return fixture.seen.filled(idOf(i)).text() == "0.002"; }));
        }
        QCOMPARE(fixture.seen.callsFromInside, 0);
        qInfo("%d intents, %d requests, %d bytes", intents, proxy.requests(), static_cast<int>(length));
    }

private:
    static std::string idOf(int number) { return "r4-" + std::to_string(number); }

    /// One intent, as the flatten plan handles it: sent, and sent again only after "never existed".
    static bool sendUntilKnown(LoopbackFixture &fixture, int number)
    {
        const OrderRequest request =
            fixture.market(idOf(number), number % 2 == 0 ? Side::Buy : Side::Sell, "0.002");
        for (int attempt = 0; attempt < 3; ++attempt) {
            fixture.seen.absent.clear();
            fixture.submit(request);
            if (!waitFor([&] {
                    return fixture.seen.lastOrder(idOf(number)).has_value() || !fixture.seen.absent.empty();
                }))
                return false;
            if (fixture.seen.lastOrder(idOf(number)))
                break;
        }
        for (const auto &outcome : fixture.seen.outcomesOf(idOf(number))) {
            if (outcome.outcome == RequestOutcome::Rejected) {
                qWarning("rejected: %s", outcome.error.detail.c_str());
                return false;
            }
        }
        return fixture.seen.lastOrder(idOf(number)).has_value();
    }
};

QTEST_GUILESS_MAIN(TestHlReplyFaults)
#include "tst_hl_reply_faults.moc"
