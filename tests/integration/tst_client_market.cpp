#include <QtTest/QTest>
#include <QtWebSockets/QWebSocket>
#include <QtWebSockets/QWebSocketServer>

#include "core/exchange/binance/codec.h"
#include "tests/integration/client_fixture.h"
#include "tests/support/shared_data.h"

using namespace core;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using tests::ClientFixture;
using tests::waitFor;

class TestClientMarket : public QObject
{
    Q_OBJECT

private slots:
    void theBookEqualsTheExchangesInAScenario()
    {
        ClientFixture fixture;
        fixture.clientOptions.credentials.reset();
        QVERIFY(fixture.openVenue());
        fixture.startClient();
        QVERIFY(waitFor([&] { return fixture.seen.freshness == Freshness::Fresh; }));
        QVERIFY(waitFor([&] {
            return fixture.seen.trades.size() > 5 && fixture.seen.quotes > 5 && fixture.seen.marks.size() > 1;
        }));
        for (int i = 0; i < 3; ++i)
            QVERIFY(fixture.booksAgree());
        QCOMPARE(fixture.seen.crossedWhileFresh, 0);
        QCOMPARE(fixture.seen.callsFromInside, 0);
        QCOMPARE(fixture.seen.status["book BTCUSDT"].freshness, Freshness::Fresh);
        QCOMPARE(fixture.seen.status["book BTCUSDT"].lost, std::uint64_t{0});
        QVERIFY(fixture.seen.instruments[fixture.symbol].tickSize == parsePrice("0.1").value());
        QVERIFY(fixture.seen.budget.used > 0);
    }

    void theBookEqualsTheExchangesInARecording()
    {
        REQUIRE_SHARED();
        ClientFixture fixture;
        fixture.clientOptions.credentials.reset();
        venue::RecordingOptions recording;
        recording.files = {recordingFile()};
        recording.speed = Ratio::fromRaw(5 * kDecimalOne);
        recording.atEnd = venue::RecordingOptions::AtEnd::Loop;
        fixture.venueOptions.market = recording;
        QVERIFY(fixture.openVenue());
        fixture.startClient();
        QVERIFY(waitFor([&] { return fixture.seen.freshness == Freshness::Fresh; }));
        for (int i = 0; i < 3; ++i)
            QVERIFY(fixture.booksAgree());
        QCOMPARE(fixture.seen.crossedWhileFresh, 0);
    }

    void lostAndDoubledFramesAreRepaired_data()
    {
        QTest::addColumn<bool>("drop");
        QTest::newRow("dropped") << true;
        QTest::newRow("doubled") << false;
    }
    void lostAndDoubledFramesAreRepaired()
    {
        QFETCH(bool, drop);
        ClientFixture fixture;
        fixture.clientOptions.credentials.reset();
        const std::vector<std::uint64_t> frames{30, 31, 45};
        fixture.venueOptions.faults.rules = {
            {.kind = drop ? venue::FaultKind::DropFrames : venue::FaultKind::DuplicateFrames,
             .channel = venue::FaultChannel::Public,
             .stream = "depthUpdate",
             .numbers = frames}};
        QVERIFY(fixture.openVenue());
        fixture.startClient();
        if (drop) {
            QVERIFY(waitFor([&] { return fixture.seen.freshnessSeen[Freshness::Gapped] > 0; }));
            QVERIFY(fixture.seen.status["book BTCUSDT"].lost > 0);
        }
        QVERIFY(waitFor(
            [&] {
                return fixture.seen.status["book BTCUSDT"].messages > 60 &&
                       fixture.seen.freshness == Freshness::Fresh;
            },
            20'000));
        QVERIFY(fixture.booksAgree());
        QCOMPARE(fixture.seen.crossedWhileFresh, 0);
        if (!drop)
            QCOMPARE(fixture.seen.freshnessSeen[Freshness::Gapped], 0);
    }

    void marksThatStopAreStaleInThreeSeconds()
    {
        ClientFixture fixture;
        fixture.clientOptions.credentials.reset();
        fixture.venueOptions.faults.rules = {{.kind = venue::FaultKind::DropFrames,
                                              .channel = venue::FaultChannel::Market,
                                              .stream = "markPriceUpdate",
                                              .from = 2s}};
        QVERIFY(fixture.openVenue());
        fixture.startClient();
        QVERIFY(waitFor([&] { return fixture.seen.status["mark BTCUSDT"].freshness == Freshness::Fresh; }));
        QVERIFY(waitFor([&] { return fixture.seen.status["mark BTCUSDT"].freshness == Freshness::Stale; }));
        const Duration age = fixture.clock.now() - fixture.seen.marks.back().receivedAt;
        QVERIFY(age > 2s);
        QVERIFY(age < 3s);
        QCOMPARE(fixture.seen.freshness, Freshness::Fresh); // the other route lives
    }

    void aSilentRouteIsAnErrorNotAQuietMarket()
    {
        QWebSocketServer silent(u"silent"_s, QWebSocketServer::NonSecureMode);
        QVERIFY(silent.listen(QHostAddress::LocalHost));
        ClientFixture fixture;
        fixture.clientOptions.credentials.reset();
        fixture.clientOptions.timings.firstDataWithin = 500ms;
        QVERIFY(fixture.openVenue());
        fixture.clientOptions.endpoints.streamsMarket =
            "ws://127.0.0.1:" + std::to_string(silent.serverPort());
        fixture.startClient();
        QVERIFY(waitFor([&] {
            return fixture.seen.status["mark BTCUSDT"].lastError.find("route error") != std::string::npos;
        }));
        QCOMPARE(fixture.seen.status["mark BTCUSDT"].freshness, Freshness::Lost);
        QVERIFY(waitFor([&] { return fixture.seen.freshness == Freshness::Fresh; }));
    }

    void theExchangeGoesAwayAndComesBack()
    {
        ClientFixture fixture;
        fixture.clientOptions.credentials.reset();
        QVERIFY(fixture.openVenue());
        fixture.startClient();
        QVERIFY(waitFor([&] { return fixture.seen.freshness == Freshness::Fresh; }));
        fixture.venueOptions.httpPort = fixture.restPort();
        fixture.venueOptions.webSocketPort = fixture.webSocketPort();
        fixture.venue.reset();
        QVERIFY(waitFor([&] { return fixture.seen.freshness == Freshness::Lost; }));
        QVERIFY(fixture.openVenue());
        QVERIFY(waitFor([&] { return fixture.seen.freshness == Freshness::Fresh; }, 15'000));
        QVERIFY(fixture.booksAgree());
        QVERIFY(fixture.seen.status["book BTCUSDT"].reconnects > 0);
    }

    void anUnknownContractIsNamed()
    {
        ClientFixture fixture;
        fixture.clientOptions.credentials.reset();
        QVERIFY(fixture.openVenue());
        fixture.symbol = Symbol::from("NOPEUSDT").value();
        fixture.startClient();
        QVERIFY(waitFor([&] { return fixture.seen.status["book NOPEUSDT"].freshness == Freshness::Lost; }));
        QVERIFY(fixture.seen.status["book NOPEUSDT"].lastError.find("NOPEUSDT") != std::string::npos);
    }

    void nothingIsSaidAfterStop()
    {
        ClientFixture fixture;
        fixture.clientOptions.credentials.reset();
        QVERIFY(fixture.openVenue());
        fixture.startClient();
        QVERIFY(waitFor([&] { return fixture.seen.freshness == Freshness::Fresh; }));
        bool done = false;
        fixture.client->stop([&done] { done = true; });
        QVERIFY(!done);
        const auto trades = fixture.seen.trades.size();
        const int quotes = fixture.seen.quotes;
        QVERIFY(waitFor([&] { return done; }));
        (void)waitFor([] { return false; }, 300);
        QCOMPARE(fixture.seen.trades.size(), trades);
        QCOMPARE(fixture.seen.quotes, quotes);
    }

private:
    static std::string recordingFile()
    {
        return (tests::sharedDir() + u"/data/binance-usdm/capture-2024-08-08/btcusdt_20240808.gz"_s)
            .toStdString();
    }
};

QTEST_GUILESS_MAIN(TestClientMarket)
#include "tst_client_market.moc"
