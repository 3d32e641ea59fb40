#include <QtNetwork/QSslConfiguration>
#include <QtTest/QTest>

#include "tests/integration/scripted_venue.h"
#include "tests/support/bad_servers.h"

using namespace core;
using namespace std::chrono_literals;
using tests::loginPage;
using tests::OwnCertificate;
using tests::Portal;
using tests::ScriptedFixture;
using tests::waitFor;

/// Row R19 of the targets with the real client: whoever stands in the way learns nothing that could be used.
class TestClientTls : public QObject
{
    Q_OBJECT

    static void point(ScriptedFixture &fixture, const std::string &port)
    {
        exchange::binance::Endpoints &to = fixture.options.endpoints;
        to.rest = to.spotApi = "https://127.0.0.1:" + port;
        to.streamsPublic = to.streamsMarket = to.streamsPrivate = "wss://127.0.0.1:" + port;
        fixture.options.timings.requestTimeout = 2s;
        fixture.options.timings.connectTimeout = 2s;
    }

    /// An order that cannot go anywhere.
    static bool isNotAccepted(ScriptedFixture &fixture)
    {
        fixture.submit(fixture.limit("tls-1", Side::Buy, "0.01", "60000"));
        return waitFor([&] { return !fixture.seen.outcomes.empty(); }, 20'000) &&
               fixture.seen.outcomes.front().outcome != ports::RequestOutcome::Accepted && fixture.seen.reconciled == 0;
    }

private slots:
    void cleanup() { QSslConfiguration::setDefaultConfiguration(m_before); }

    void aServerThatDoesNotProveItselfGetsNoRequest_data() { tests::addCertificateRows(); }
    void aServerThatDoesNotProveItselfGetsNoRequest()
    {
        QFETCH(const tests::BadCertificate *, shown);
        const OwnCertificate own(shown->hosts, shown->validFrom, shown->validTo);
        if (shown->trusted)
            tests::trust(own);
        Portal portal(own, loginPage("200 OK"));
        ScriptedFixture fixture;
        point(fixture, portal.port());
        fixture.start();
        QVERIFY(waitFor([&] { return portal.handshakes >= 3; }, 20'000));
        QVERIFY2(waitFor([&] { return fixture.seen.status["rest"].lastError.find("certificate") != std::string::npos; }),
                 fixture.seen.status["rest"].lastError.c_str());
        QVERIFY(isNotAccepted(fixture));
        QCOMPARE(portal.received, QByteArray());
    }

    void aServerOfOldTlsGetsNoRequest()
    {
        tests::OldServer server;
        ScriptedFixture fixture;
        point(fixture, server.port());
        fixture.start();
        QVERIFY(waitFor([&] { return server.hellos >= 3; }, 20'000));
        QVERIFY(isNotAccepted(fixture));
        QVERIFY(server.wasRefused());
    }

    void aCaptivePortalIsNoVenue_data() { tests::addPortalRows(); }
    /// Where the company's own authority is installed even its certificate is good: what it says is not the venue's all the
    /// same, and nothing signed is sent before the venue's clock is known.
    void aCaptivePortalIsNoVenue()
    {
        QFETCH(QByteArray, answer);
        const OwnCertificate own;
        tests::trust(own);
        Portal portal(own, answer);
        ScriptedFixture fixture;
        point(fixture, portal.port());
        fixture.start();
        QVERIFY(waitFor([&] { return portal.received.count("GET /fapi/v1/time") >= 4; }, 20'000)); // tried on
        QVERIFY(!portal.received.contains("signature="));
        QVERIFY(!portal.received.contains("X-MBX-APIKEY"));
        QVERIFY2(!portal.received.contains("/login"), "redirects are not followed");
        QCOMPARE(fixture.seen.reconciled, 0);
        QVERIFY(fixture.seen.instruments.empty());
    }

private:
    QSslConfiguration m_before = QSslConfiguration::defaultConfiguration();
};

QTEST_GUILESS_MAIN(TestClientTls)
#include "tst_client_tls.moc"
