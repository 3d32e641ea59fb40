#include <QtNetwork/QSslConfiguration>
#include <QtNetwork/QSslServer>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QTest>

#include "tests/integration/scripted_venue.h"
#include "tests/support/own_certificate.h"

using namespace core;
using namespace std::chrono_literals;
using tests::OwnCertificate;
using tests::ScriptedFixture;
using tests::waitFor;

namespace
{

constexpr const char *kLogin = "<html><head><title>Welcome to our network</title></head><body>Log in</body></html>";

/// Stands between the client and the venue and says the same to every request.
class Portal : public QSslServer
{
public:
    explicit Portal(const OwnCertificate &own, QByteArray answer) : m_answer(std::move(answer))
    {
        setSslConfiguration(own.ofServer());
        connect(this, &QTcpServer::newConnection, this, [this] { ++callers; });
        connect(this, &QSslServer::sslErrors, this, [](QSslSocket *socket, const auto &) { socket->ignoreSslErrors(); });
        connect(this, &QTcpServer::pendingConnectionAvailable, this, [this] {
            QTcpSocket *socket = nextPendingConnection();
            connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
            connect(socket, &QTcpSocket::readyRead, this, [this, socket] {
                const QByteArray bytes = socket->readAll();
                received += bytes;
                if (bytes.endsWith("\r\n\r\n"))
                    socket->write(m_answer);
            });
        });
        connect(this, &QSslServer::startedEncryptionHandshake, this, [this] { ++handshakes; });
        listen(QHostAddress::LocalHost);
    }
    [[nodiscard]] std::string port() const { return std::to_string(serverPort()); }
    QByteArray received; ///< in the clear
    int callers{0};
    int handshakes{0};

private:
    QByteArray m_answer;
};

[[nodiscard]] QByteArray page(const QByteArray &status, const QByteArray &headers)
{
    return "HTTP/1.1 " + status + "\r\nContent-Type: text/html\r\n" + headers +
           "Content-Length: " + QByteArray::number(qstrlen(kLogin)) + "\r\n\r\n" + kLogin;
}

} // namespace

/// Row R19 of the targets with the real client: whoever stands in the way learns nothing that could be used.
class TestClientTls : public QObject
{
    Q_OBJECT

    static void point(ScriptedFixture &fixture, const Portal &portal)
    {
        exchange::binance::Endpoints &to = fixture.options.endpoints;
        to.rest = to.spotApi = "https://127.0.0.1:" + portal.port();
        to.streamsPublic = to.streamsMarket = to.streamsPrivate = "wss://127.0.0.1:" + portal.port();
        fixture.options.timings.requestTimeout = 2s;
        fixture.options.timings.connectTimeout = 2s;
    }

private slots:
    void cleanup() { QSslConfiguration::setDefaultConfiguration(m_before); }

    void aProxyThatSignsAnewGetsNoRequest()
    {
        const OwnCertificate own; // signed by nobody whom this machine trusts
        Portal portal(own, page("200 OK", {}));
        ScriptedFixture fixture;
        point(fixture, portal);
        fixture.start();
        QVERIFY(waitFor([&] { return portal.handshakes >= 3; }, 20'000));
        QVERIFY2(waitFor([&] { return fixture.seen.status["rest"].lastError.find("certificate") != std::string::npos; }),
                 fixture.seen.status["rest"].lastError.c_str());
        fixture.submit(fixture.limit("tls-1", Side::Buy, "0.01", "60000"));
        QVERIFY(waitFor([&] { return !fixture.seen.outcomes.empty(); }, 20'000));
        QVERIFY(fixture.seen.outcomes.front().outcome != ports::RequestOutcome::Accepted);
        QCOMPARE(portal.received, QByteArray());
        QCOMPARE(fixture.seen.reconciled, 0);
    }

    void aCaptivePortalIsNoVenue_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::newRow("its page with status 200") << page("200 OK", {});
        QTest::newRow("sent elsewhere") << page("302 Found", "Location: http://portal.example.org/login\r\n");
        QTest::newRow("sent elsewhere on the same machine") << page("307 Temporary Redirect", "Location: /login\r\n");
        QTest::newRow("authentication of the network") << page("511 Network Authentication Required", {});
    }
    /// Where the company's own authority is installed even its certificate is good: what it says is not the venue's all the
    /// same, and nothing signed is sent before the venue's clock is known.
    void aCaptivePortalIsNoVenue()
    {
        QFETCH(QByteArray, answer);
        const OwnCertificate own;
        QSslConfiguration trusting = QSslConfiguration::defaultConfiguration();
        trusting.addCaCertificate(own.certificate);
        QSslConfiguration::setDefaultConfiguration(trusting);
        Portal portal(own, answer);
        ScriptedFixture fixture;
        point(fixture, portal);
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
