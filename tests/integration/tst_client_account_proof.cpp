#include <QtTest/QTest>

#include "tests/integration/scripted_venue.h"
#include "tests/support/jumping_clock.h"

using namespace core;
using namespace std::chrono_literals;
using tests::ScriptedFixture;
using tests::ScriptedVenue;
using tests::waitFor;

namespace
{

constexpr const char *kBusy = R"({"code":-1001,"msg":"Internal error; unable to process your request."})";
constexpr const char *kForbidden = "<html><head><title>403 Forbidden</title></head></html>";

} // namespace

/// A private stream that answers pings and says nothing may have ended: what the account's status says then, and what is
/// done as soon as the venue can be asked. Source: reference/binance-usdm.md section 5.5.
class TestClientAccountProof : public QObject
{
    Q_OBJECT

    static void hurry(ScriptedFixture &fixture)
    {
        fixture.options.timings.accountPollEvery = 50ms;
        fixture.options.timings.accountProofWithin = 400ms;
        fixture.options.timings.auditGrace = 20ms;
    }
    static void failQuestions(ScriptedFixture &fixture, int status, const std::string &body)
    {
        for (const char *path : {"/fapi/v3/positionRisk", "/fapi/v3/account"})
            fixture.venue.on(std::string("GET ") + path, [status, body](const ScriptedVenue::Request &) {
                return ScriptedVenue::Answer{.status = status, .body = body};
            });
    }
    static Freshness freshnessOf(ScriptedFixture &fixture)
    {
        return fixture.seen.status["account"].freshness;
    }

private slots:
    void anAccountThatCannotBeCheckedSaysSo_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("told");
        QTest::newRow("shut out by the edge: five minutes of silence")
            << 403 << QByteArray(kForbidden) << QByteArray("403");
        QTest::newRow("the account's questions fail") << 500 << QByteArray(kBusy) << QByteArray("/fapi/v3/");
    }
    void anAccountThatCannotBeCheckedSaysSo()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, told);
        ScriptedFixture fixture;
        hurry(fixture);
        QVERIFY(fixture.startAndReconcile());
        QVERIFY(waitFor([&] { return freshnessOf(fixture) == Freshness::Fresh; }));
        failQuestions(fixture, status, body.toStdString());
        QVERIFY(waitFor([&] { return freshnessOf(fixture) == Freshness::Stale; }));
        const std::string why = fixture.seen.status["account"].lastError;
        QVERIFY2(why.find("cannot be checked") != std::string::npos, why.c_str());
        QVERIFY2(why.find(told.toStdString()) != std::string::npos, why.c_str());
        QVERIFY2(fixture.seen.lost.empty(), "what is known stays known, so that it can be closed");
        QCOMPARE(fixture.seen.reconciled, 1);
    }

    void eventsOfTheStreamAreProofEnough()
    {
        ScriptedFixture fixture;
        hurry(fixture);
        QVERIFY(fixture.startAndReconcile());
        failQuestions(fixture, 500, kBusy);
        QVERIFY(waitFor([&] { return freshnessOf(fixture) == Freshness::Stale; }));
        fixture.venue.say(fixture.walletEvent("990"));
        QVERIFY(waitFor([&] { return freshnessOf(fixture) == Freshness::Fresh; }));
    }

    void whatEndedInSilenceIsFoundAsSoonAsTheVenueAnswers()
    {
        ScriptedFixture fixture;
        hurry(fixture);
        QVERIFY(fixture.startAndReconcile());
        failQuestions(fixture, 500, kBusy);
        QVERIFY(waitFor([&] { return freshnessOf(fixture) == Freshness::Stale; }));
        QCOMPARE(fixture.venue.count("PUT /fapi/v1/listenKey"), 0);
        // Meanwhile the key is gone without its event, and a fill made a position.
        fixture.venue.onEach("PUT /fapi/v1/listenKey",
                             {{.status = 400, .body = R"({"code":-1125,"msg":"This listenKey does not exist."})"}});
        const std::string time = fixture.now();
        fixture.venue.on("GET /fapi/v1/userTrades",
                         R"([{"buyer":true,"commission":"0.01","commissionAsset":"USDT","id":77,"maker":false,"orderId":9,)"
                         R"("price":"60000","qty":"0.5","quoteQty":"30000","realizedPnl":"0","side":"BUY","positionSide":"BOTH",)"
                         R"("symbol":"BTCUSDT","time":)" +
                             time + "}]");
        fixture.venue.on("GET /fapi/v3/positionRisk", ScriptedFixture::position("0.5", time));
        fixture.venue.on("GET /fapi/v3/account",
                         R"({"assets":[{"asset":"USDT","walletBalance":"999","unrealizedProfit":"0","marginBalance":"999",)"
                         R"("maintMargin":"0","initialMargin":"0","availableBalance":"900","updateTime":1}],"positions":[]})");
        QVERIFY(waitFor([&] { return fixture.seen.reconciled == 2; }));
        QCOMPARE(fixture.seen.lost.size(), std::size_t{1});
        QVERIFY(waitFor([&] { return freshnessOf(fixture) == Freshness::Fresh; }));
        QCOMPARE(fixture.seen.fills.size(), std::size_t{1});
        QCOMPARE(fixture.seen.positions.back().rows.at(0).quantity, parseQuantity("0.5").value());
    }

    void aLivingStreamIsComparedOnceAndGoesOn()
    {
        ScriptedFixture fixture;
        hurry(fixture);
        QVERIFY(fixture.startAndReconcile());
        failQuestions(fixture, 500, kBusy);
        QVERIFY(waitFor([&] { return freshnessOf(fixture) == Freshness::Stale; }));
        const int compared = fixture.venue.count("GET /fapi/v1/openOrders");
        fixture.venue.on("GET /fapi/v3/positionRisk", "[]");
        fixture.venue.on("GET /fapi/v3/account",
                         R"({"assets":[{"asset":"USDT","walletBalance":"1000","unrealizedProfit":"0","marginBalance":"1000",)"
                         R"("maintMargin":"0","initialMargin":"0","availableBalance":"1000","updateTime":1}],"positions":[]})");
        QVERIFY(waitFor([&] { return freshnessOf(fixture) == Freshness::Fresh; }));
        QCOMPARE(fixture.venue.count("GET /fapi/v1/openOrders"), compared + 1);
        QVERIFY(waitFor([&] { return fixture.venue.count("PUT /fapi/v1/listenKey") == 1; }));
        QCOMPARE(fixture.seen.reconciled, 1);
        QVERIFY(fixture.seen.lost.empty());
    }

    void aSizeOfWhichNoEventToldIsLookedInto()
    {
        ScriptedFixture fixture;
        hurry(fixture);
        QVERIFY(fixture.startAndReconcile());
        QVERIFY(waitFor([&] { return freshnessOf(fixture) == Freshness::Fresh; }));
        const int compared = fixture.venue.count("GET /fapi/v1/openOrders");
        fixture.venue.on("GET /fapi/v3/positionRisk",
                         ScriptedFixture::position("0.5", std::to_string(toMilliseconds(fixture.clock.now() - 5s))));
        QVERIFY(waitFor([&] {
            return fixture.venue.count("GET /fapi/v1/openOrders") == compared + 1 &&
                   fixture.venue.count("PUT /fapi/v1/listenKey") == 1;
        }));
        QCOMPARE(fixture.seen.positions.back().rows.at(0).quantity, parseQuantity("0.5").value());
    }

    /// Row R10 on the private side: signatures go by the venue's clock, ages by one that does not jump.
    void aJumpOfTheWallClockInTheMiddleSpoilsNothing_data()
    {
        QTest::addColumn<qint64>("seconds");
        for (const qint64 seconds : {-86'400, -3'600, -1, 1, 3'600, 86'400})
            QTest::addRow("%+lld s", static_cast<long long>(seconds)) << seconds;
    }
    void aJumpOfTheWallClockInTheMiddleSpoilsNothing()
    {
        QFETCH(qint64, seconds);
        tests::JumpingClock clock;
        ScriptedFixture fixture;
        hurry(fixture);
        exchange::binance::BinanceClient client(std::move(fixture.options), clock);
        client.start(fixture.seen, {fixture.symbol});
        QVERIFY(waitFor([&] { return fixture.seen.reconciled == 1; }));
        std::vector<qint64> off; // of each signed question, in ms
        fixture.venue.on("GET /fapi/v3/positionRisk", [&](const ScriptedVenue::Request &request) {
            const qint64 stamp = QByteArray::fromStdString(request.parameters.at("timestamp")).toLongLong();
            off.push_back(stamp - static_cast<qint64>(toMilliseconds(fixture.clock.now())));
            return ScriptedVenue::Answer{.body = "[]"};
        });
        clock.offset = std::chrono::seconds{seconds};
        QVERIFY(waitFor([&] { return off.size() >= 4; }));
        for (const qint64 one : off)
            QVERIFY2(std::abs(one) < 5'000, qPrintable(QString::number(one))); // the venue's receive window
        QCOMPARE(freshnessOf(fixture), Freshness::Fresh);
        QVERIFY(fixture.seen.lost.empty());
        QCOMPARE(fixture.seen.reconciled, 1);
        client.stop({});
    }

    void aKeyThatIsNotExtendedIsNoProof()
    {
        ScriptedFixture fixture;
        hurry(fixture);
        fixture.options.timings.listenKeyEvery = 2s;
        fixture.options.timings.listenKeyGrace = 200ms;
        fixture.options.timings.listenKeyRetry = 100ms;
        fixture.venue.onEach("PUT /fapi/v1/listenKey", {{.status = 500, .body = kBusy}});
        QVERIFY(fixture.startAndReconcile());
        QVERIFY(waitFor([&] {
            return freshnessOf(fixture) == Freshness::Stale &&
                   fixture.seen.status["account"].lastError.find("listen key") != std::string::npos;
        }));
    }
};

QTEST_GUILESS_MAIN(TestClientAccountProof)
#include "tst_client_account_proof.moc"
