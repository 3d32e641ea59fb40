#include <QtNetwork/QSslConfiguration>
#include <QtNetwork/QSslServer>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QTest>

#include "core/net/http_client.h"
#include "core/net/system_clock.h"
#include "core/net/web_socket.h"
#include "tests/support/bad_servers.h"

using namespace core;
using namespace std::chrono_literals;
using tests::OldServer;
using tests::OwnCertificate;
using tests::trust;

namespace
{
/// Keeps what arrives in the clear, and answers every request.
class TlsServer : public QSslServer
{
public:
    QByteArray received;

    explicit TlsServer(const OwnCertificate &own)
    {
        setSslConfiguration(own.ofServer());
        connect(this, &QTcpServer::pendingConnectionAvailable, this, [this] {
            QTcpSocket *socket = nextPendingConnection();
            connect(socket, &QTcpSocket::readyRead, this, [this, socket] {
                received += socket->readAll();
                if (received.contains("\r\n\r\n"))
                    socket->write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
            });
        });
        listen(QHostAddress::LocalHost);
    }
};

net::HttpRequest signedOrder(const std::string &address)
{
    return {.method = net::HttpMethod::Post,
            .address = address,
            .target = "/fapi/v1/order?symbol=BTCUSDT&signature=0123456789abcdef",
            .headers = {{"X-MBX-APIKEY", "canary-key"}},
            .timeout = 5s};
}

/// One request; the failure, or nothing when it was answered.
std::optional<net::HttpFailure> failureOf(const Clock &clock, const std::string &address)
{
    net::HttpClient client(clock);
    std::optional<net::HttpResult> answer;
    client.send(signedOrder(address), [&](net::HttpResult result) { answer = std::move(result); });
    if (!QTest::qWaitFor([&] { return answer.has_value(); }, 8'000))
        return net::HttpFailure{{ErrorCode::TimedOut, "no answer at all"}, true};
    return *answer ? std::nullopt : std::optional(answer->error());
}

/// Waits for a WebSocket's first word: why the connection failed; "open" when it did not.
std::string webSocketSays(const Clock &clock, const std::string &address)
{
    std::string said;
    net::WebSocket::Callbacks callbacks;
    callbacks.opened = [&] { said = "open"; };
    callbacks.lost = [&](const Error &why) { said = said.empty() ? "lost: " + why.detail : said; };
    callbacks.frame = [](std::string_view, UtcTime) {};
    net::WebSocketOptions options;
    options.connectTimeout = 5s;
    net::WebSocket socket(options, clock, std::move(callbacks));
    socket.start(address);
    static_cast<void>(QTest::qWaitFor([&] { return !said.empty(); }, 8'000));
    socket.stop();
    return said;
}
} // namespace

/// Nothing that could move money is said to a server that cannot prove who it is.
class TestTls : public QObject
{
    Q_OBJECT

private slots:
    void cleanup() { QSslConfiguration::setDefaultConfiguration(m_before); }

    void onlyAServerThatProvesItselfGetsTheRequest_data()
    {
        QTest::addColumn<QByteArray>("names");
        QTest::addColumn<int>("from");
        QTest::addColumn<int>("to");
        QTest::addColumn<bool>("trusted");
        QTest::addColumn<bool>("good");
        QTest::newRow("trusted, in time, right host") << QByteArray("IP:127.0.0.1") << -3600 << 3600 << true << true;
        QTest::newRow("self-signed") << QByteArray("IP:127.0.0.1") << -3600 << 3600 << false << false;
        QTest::newRow("expired") << QByteArray("IP:127.0.0.1") << -7200 << -3600 << true << false;
        QTest::newRow("not valid yet") << QByteArray("IP:127.0.0.1") << 3600 << 7200 << true << false;
        QTest::newRow("wrong host") << QByteArray("DNS:fapi.example.org") << -3600 << 3600 << true << false;
        QTest::newRow("another address") << QByteArray("IP:127.0.0.2") << -3600 << 3600 << true << false;
    }
    void onlyAServerThatProvesItselfGetsTheRequest()
    {
        QFETCH(QByteArray, names);
        QFETCH(int, from);
        QFETCH(int, to);
        QFETCH(bool, trusted);
        QFETCH(bool, good);
        const OwnCertificate own(names, from, to);
        QVERIFY(!own.certificate.isNull() && !own.key.isNull());
        if (trusted)
            trust(own);
        TlsServer server(own);
        for (int i = 0; i < 10; ++i) { // one in a hundred would be one too many
            const auto failure = failureOf(m_clock, "https://127.0.0.1:" + std::to_string(server.serverPort()));
            QCOMPARE(!failure.has_value(), good);
            if (good)
                continue;
            QVERIFY(!failure->maybeSent);
            QVERIFY(failure->error.detail.find("canary") == std::string::npos);
            QVERIFY(failure->error.detail.find("signature=") == std::string::npos);
        }
        QCOMPARE(server.received.contains("signature="), good);
        if (!good)
            QCOMPARE(server.received.size(), 0);

        TlsServer streams(own);
        const std::string said = webSocketSays(m_clock, "wss://127.0.0.1:" + std::to_string(streams.serverPort()) + "/private");
        QVERIFY2(said.starts_with("lost: "), said.c_str()); // the good one answers no upgrade
        QCOMPARE(streams.received.contains("GET /private"), good);
    }

    void oldTlsIsRefused()
    {
        OldServer server;
        const auto failure = failureOf(m_clock, "https://127.0.0.1:" + server.port());
        QVERIFY(failure.has_value());
        QVERIFY(!failure->maybeSent);
        QVERIFY(!server.received.contains("canary"));
        QVERIFY(server.wasRefused());
    }

    void plainTextGoesToThisMachineOnly_data()
    {
        QTest::addColumn<QByteArray>("host");
        for (const char *host : {"fapi.binance.com", "10.0.0.1", "192.168.1.1", "128.0.0.1", "127.0.0.1.example.org", "[2001:db8::1]"})
            QTest::newRow(host) << QByteArray(host);
    }
    void plainTextGoesToThisMachineOnly()
    {
        QFETCH(QByteArray, host);
        const auto failure = failureOf(m_clock, "http://" + host.toStdString());
        QVERIFY(failure.has_value());
        QCOMPARE(failure->error.code, ErrorCode::InvalidArgument);
        QVERIFY(!failure->maybeSent);
        const std::string said = webSocketSays(m_clock, "ws://" + host.toStdString() + "/private");
        QVERIFY2(said != "open", said.c_str());
    }

private:
    net::SystemClock m_clock;
    QSslConfiguration m_before = QSslConfiguration::defaultConfiguration();
};

QTEST_GUILESS_MAIN(TestTls)
#include "tst_tls.moc"
