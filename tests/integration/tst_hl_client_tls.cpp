#include <QtNetwork/QSslConfiguration>
#include <QtTest/QTest>

#include "tests/core/exchange/hyperliquid_client/scripted_venue.h"
#include "tests/support/bad_servers.h"

using namespace core;
using namespace std::chrono_literals;
using tests::loginPage;
using tests::OwnCertificate;
using tests::Portal;
using tests::hl::ScriptedClient;
using tests::hl::waitFor;

/// Row R19 of the targets with the real Hyperliquid client: nothing signed leaves for a server that is not the venue.
class TestHlClientTls : public QObject
{
    Q_OBJECT

    static void point(ScriptedClient &fixture, const std::string &port)
    {
        fixture.options.endpoints.rest = "https://127.0.0.1:" + port;
        fixture.options.endpoints.webSocket = "wss://127.0.0.1:" + port + "/ws";
        fixture.options.timings.requestTimeout = 2s;
        fixture.options.timings.connectTimeout = 2s;
    }

    /// What a frightened person tries: none of it may leave.
    static bool nothingIsAccepted(ScriptedClient &fixture)
    {
        bool isLeverageRefused = false;
        fixture.submit({fixture.limit("tls-1", Side::Buy, "60000", "0.01")});
        fixture.client->cancel(fixture.btc(), ClientOrderId::from("tls-1").value());
        fixture.client->setLeverage(fixture.btc(), 3, [&](const Result<void> &set) { isLeverageRefused = !set; });
        return waitFor([&] { return !fixture.seen.outcomes.empty() && isLeverageRefused; }, 20'000) &&
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
        ScriptedClient fixture;
        point(fixture, portal.port());
        fixture.start();
        QVERIFY(waitFor([&] { return portal.handshakes >= 3; }, 20'000));
        QVERIFY(waitFor([&] { return fixture.seen.said("certificate"); }, 20'000));
        QVERIFY(nothingIsAccepted(fixture));
        QCOMPARE(portal.received, QByteArray());
    }

    void aServerOfOldTlsGetsNoRequest()
    {
        tests::OldServer server;
        ScriptedClient fixture;
        point(fixture, server.port());
        fixture.start();
        QVERIFY(waitFor([&] { return server.hellos >= 3; }, 20'000));
        QVERIFY(nothingIsAccepted(fixture));
        QVERIFY(server.wasRefused());
    }

    void plainTextGoesToThisMachineOnly_data()
    {
        QTest::addColumn<QByteArray>("rest");
        QTest::addColumn<QByteArray>("streams");
        QTest::newRow("requests") << QByteArray("http://api.hyperliquid.xyz") << QByteArray();
        QTest::newRow("streams") << QByteArray() << QByteArray("ws://api.hyperliquid.xyz/ws");
        QTest::newRow("another machine of the same network") << QByteArray("http://192.168.1.1:8080") << QByteArray();
    }
    /// The client does not start: the address that would be good hears nothing either, and everything asked for is answered.
    void plainTextGoesToThisMachineOnly()
    {
        QFETCH(QByteArray, rest);
        QFETCH(QByteArray, streams);
        ScriptedClient fixture;
        fixture.options.endpoints.environment = exchange::hyperliquid::Environment::Mainnet;
        if (!rest.isEmpty())
            fixture.options.endpoints.rest = rest.toStdString();
        if (!streams.isEmpty())
            fixture.options.endpoints.webSocket = streams.toStdString();
        fixture.start();
        QVERIFY(waitFor([&] { return fixture.seen.said("address: "); }));
        QVERIFY(nothingIsAccepted(fixture));
        std::optional<Error> rights;
        fixture.client->keyRights([&](const auto &answer) { rights = answer ? Error{} : answer.error(); });
        QVERIFY(waitFor([&] { return rights.has_value(); }));
        QVERIFY2(rights->detail.find("address: ") != std::string::npos, rights->detail.c_str());
        QVERIFY(fixture.venue.asked.empty() && fixture.venue.actions.empty() && fixture.venue.frames.empty());
    }

    void aCaptivePortalIsNoVenue_data() { tests::addPortalRows(); }
    /// Even with a certificate that this machine trusts: public questions are all that it hears.
    void aCaptivePortalIsNoVenue()
    {
        QFETCH(QByteArray, answer);
        const OwnCertificate own;
        tests::trust(own);
        Portal portal(own, answer);
        ScriptedClient fixture;
        point(fixture, portal.port());
        fixture.start();
        QVERIFY(waitFor([&] { return portal.received.count("POST /info") >= 4; }, 20'000)); // tried on
        QVERIFY(nothingIsAccepted(fixture));
        QVERIFY(!portal.received.contains("/exchange"));
        QVERIFY(!portal.received.contains("signature"));
        QVERIFY2(!portal.received.contains("/login"), "redirects are not followed");
        QVERIFY(fixture.seen.instruments.empty());
    }

private:
    QSslConfiguration m_before = QSslConfiguration::defaultConfiguration();
};

QTEST_GUILESS_MAIN(TestHlClientTls)
#include "tst_hl_client_tls.moc"
