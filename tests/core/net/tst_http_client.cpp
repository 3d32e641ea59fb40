#include <QtNetwork/QSslConfiguration>
#include <QtNetwork/QSslServer>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QTest>

#include "core/net/http_client.h"
#include "core/net/system_clock.h"
#include "tests/support/own_certificate.h"

using namespace core;
using namespace std::chrono_literals;
using tests::OwnCertificate;

namespace
{

/// Answers each request with the next script line; counts requests and connections.
class ScriptedServer : public QTcpServer
{
public:
    enum class Then { Keep, Close, CloseWithoutAnswer, Silence };
    struct Act {
        QByteArray answer;
        Then then{Then::Keep};
    };
    QList<Act> script;
    QList<QByteArray> requests;
    int connections{0};

    ScriptedServer()
    {
        connect(this, &QTcpServer::newConnection, this, [this] {
            while (QTcpSocket *socket = nextPendingConnection()) {
                ++connections;
                connect(socket, &QTcpSocket::readyRead, this, [this, socket] { onBytes(socket); });
            }
        });
        listen(QHostAddress::LocalHost);
    }
    std::string address() const { return "http://127.0.0.1:" + std::to_string(serverPort()); }

private:
    void onBytes(QTcpSocket *socket)
    {
        QByteArray &buffer = m_buffers[socket];
        buffer += socket->readAll();
        for (qsizetype end = buffer.indexOf("\r\n\r\n"); end >= 0; end = buffer.indexOf("\r\n\r\n")) {
            requests += buffer.left(end + 4);
            buffer.remove(0, end + 4);
            const Act act = script.isEmpty() ? Act{ok("{}"), Then::Keep} : script.takeFirst();
            if (act.then == Then::Silence)
                continue;
            if (act.then != Then::CloseWithoutAnswer)
                socket->write(act.answer);
            if (act.then != Then::Keep) {
                socket->disconnectFromHost();
                return;
            }
        }
    }

public:
    static QByteArray ok(const QByteArray &body)
    {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body;
    }

private:
    QHash<QTcpSocket *, QByteArray> m_buffers;
};

/// Answers every request over TLS with `body`.
class TlsServer : public QSslServer
{
public:
    QByteArray body;
    int requests{0};

    explicit TlsServer(const OwnCertificate &own)
    {
        setSslConfiguration(own.ofServer());
        connect(this, &QTcpServer::pendingConnectionAvailable, this, [this] {
            QTcpSocket *socket = nextPendingConnection();
            connect(socket, &QTcpSocket::readyRead, this, [this, socket] {
                if (!socket->readAll().endsWith("\r\n\r\n"))
                    return;
                ++requests;
                socket->write(ScriptedServer::ok(body));
            });
        });
        listen(QHostAddress::LocalHost);
    }
};

} // namespace

class TestHttpClient : public QObject
{
    Q_OBJECT

    net::SystemClock m_clock;

    std::optional<net::HttpResult> ask(net::HttpClient &client, net::HttpRequest request)
    {
        auto result = std::make_shared<std::optional<net::HttpResult>>();
        client.send(std::move(request), [result](net::HttpResult answer) { *result = std::move(answer); });
        if (result->has_value())
            return std::nullopt; // from inside the call: never allowed
        (void)QTest::qWaitFor([&] { return result->has_value(); }, 5000);
        return *result;
    }
    net::HttpRequest request(const ScriptedServer &server, net::HttpMethod method = net::HttpMethod::Get)
    {
        return {.method = method,
                .address = server.address(),
                .target = "/x?a=%5B1%5D",
                .headers = {{"K", "v"}},
                .timeout = 2s};
    }

private slots:
    void sendsTheBytesUnchangedAndKeepsTheConnection()
    {
        ScriptedServer server;
        net::HttpClient client(m_clock);
        for (int i = 0; i < 3; ++i) {
            const auto result = ask(client, request(server, net::HttpMethod::Post));
            QVERIFY(result && *result);
            QCOMPARE((*result)->status, 200);
        }
        QCOMPARE(server.connections, 1);
        QVERIFY(server.requests[0].startsWith("POST /x?a=%5B1%5D HTTP/1.1\r\n"));
        QVERIFY(server.requests[0].contains("\r\nK: v\r\n"));
        QVERIFY(server.requests[0].contains("\r\nContent-Length: 0\r\n"));
    }

    void aPostIsNeverRepeatedWhenTheKeptConnectionEnds()
    {
        ScriptedServer server;
        net::HttpClient client(m_clock);
        QVERIFY(ask(client, request(server))->has_value());
        server.script = {{{}, ScriptedServer::Then::CloseWithoutAnswer}};
        const auto result = ask(client, request(server, net::HttpMethod::Post));
        QVERIFY(result && !*result);
        QVERIFY(result->error().maybeSent);
        QCOMPARE(server.requests.size(), 2);
    }

    void aGetIsRepeatedOnceWhenTheKeptConnectionEnds()
    {
        ScriptedServer server;
        net::HttpClient client(m_clock);
        QVERIFY(ask(client, request(server))->has_value());
        server.script = {{{}, ScriptedServer::Then::CloseWithoutAnswer}};
        const auto result = ask(client, request(server));
        QVERIFY(result && *result);
        QCOMPARE(server.requests.size(), 3);
    }

    void whatWaitsIsHeldBackWhenTheOtherSideWantsNoMore_data()
    {
        QTest::addColumn<int>("status");
        for (const int status : {403, 418, 429})
            QTest::addRow("%d", status) << status;
    }
    void whatWaitsIsHeldBackWhenTheOtherSideWantsNoMore()
    {
        QFETCH(int, status);
        ScriptedServer server;
        const QByteArray stop = "HTTP/1.1 " + QByteArray::number(status) + " Stop\r\nContent-Length: 0\r\n\r\n";
        for (int i = 0; i < 30; ++i)
            server.script += {stop, ScriptedServer::Then::Keep};
        net::HttpClient client(m_clock);
        int answered = 0;
        int notSent = 0;
        for (int i = 0; i < 30; ++i)
            client.send(request(server, net::HttpMethod::Post), [&](const net::HttpResult &result) {
                ++answered;
                notSent += !result && !result.error().maybeSent ? 1 : 0;
            });
        QVERIFY(QTest::qWaitFor([&] { return answered == 30; }));
        QVERIFY2(server.requests.size() <= 6, "only what was on the six connections already");
        QCOMPARE(notSent, 30 - static_cast<int>(server.requests.size()));
        server.script.clear();
        QVERIFY(ask(client, request(server))->has_value()); // later ones go out: whether is the caller's to know
    }

    void aCutAnswerIsAFailureThatMayHaveBeenSent()
    {
        const QByteArray whole = ScriptedServer::ok("{\"a\":1}");
        ScriptedServer server;
        net::HttpClient client(m_clock);
        for (qsizetype cut = 0; cut < whole.size(); ++cut) {
            server.script = {{whole.left(cut), ScriptedServer::Then::Close}};
            const auto result = ask(client, request(server, net::HttpMethod::Post));
            QVERIFY(result && !*result);
            QVERIFY(result->error().maybeSent);
        }
        QCOMPARE(server.requests.size(), whole.size());
    }

    void nobodyThereIsAFailureThatWasNotSent()
    {
        ScriptedServer server;
        net::HttpRequest wish = request(server, net::HttpMethod::Post);
        server.close();
        net::HttpClient client(m_clock);
        const auto result = ask(client, wish);
        QVERIFY(result && !*result);
        QVERIFY(!result->error().maybeSent);
        QCOMPARE(result->error().error.code, ErrorCode::Unavailable);
    }

    void silenceTimesOut()
    {
        ScriptedServer server;
        server.script = {{{}, ScriptedServer::Then::Silence}};
        net::HttpClient client(m_clock);
        net::HttpRequest wish = request(server, net::HttpMethod::Post);
        wish.timeout = 300ms;
        const auto result = ask(client, wish);
        QVERIFY(result && !*result);
        QVERIFY(result->error().maybeSent);
        QCOMPARE(result->error().error.code, ErrorCode::TimedOut);
    }

    void aDoubledAnswerIsNotTakenForTheNext()
    {
        ScriptedServer server;
        server.script = {{ScriptedServer::ok("1") + ScriptedServer::ok("1"), ScriptedServer::Then::Keep},
                         {ScriptedServer::ok("2"), ScriptedServer::Then::Keep}};
        net::HttpClient client(m_clock);
        const auto first = ask(client, request(server));
        QVERIFY(first && *first);
        const auto second = ask(client, request(server));
        QVERIFY(second && *second);
        QVERIFY((*second)->body == "2");
    }

    void redirectsAreNotFollowed()
    {
        ScriptedServer server;
        server.script = {{"HTTP/1.1 302 Found\r\nLocation: http://example.org/\r\nContent-Length: 0\r\n\r\n",
                          ScriptedServer::Then::Keep}};
        net::HttpClient client(m_clock);
        const auto result = ask(client, request(server));
        QVERIFY(result && *result);
        QCOMPARE((*result)->status, 302);
        QCOMPARE(server.requests.size(), 1);
    }

    void refusesPlainTextAndSmuggledLines()
    {
        ScriptedServer server;
        net::HttpClient client(m_clock);
        net::HttpRequest open = request(server);
        open.address = "http://example.org";
        QCOMPARE(ask(client, open)->error().error.code, ErrorCode::InvalidArgument);
        net::HttpRequest smuggled = request(server);
        smuggled.headers = {{"K", "v\r\nX: y"}};
        QCOMPARE(ask(client, smuggled)->error().error.code, ErrorCode::InvalidArgument);
        net::HttpRequest blank = request(server);
        blank.target = "/x HTTP/1.1";
        QCOMPARE(ask(client, blank)->error().error.code, ErrorCode::InvalidArgument);
        QCOMPARE(server.requests.size(), 0);
    }

    void noCallbackAfterDestruction()
    {
        ScriptedServer server;
        bool called = false;
        {
            net::HttpClient client(m_clock);
            client.send(request(server), [&called](const net::HttpResult &) { called = true; });
        }
        (void)QTest::qWaitFor([&] { return called; }, 100);
        QVERIFY(!called);
    }

    void warmConnectionsWaitForTheFirstRequest()
    {
        ScriptedServer server;
        net::HttpClient client(m_clock);
        client.keepWarm(server.address(), 2);
        QTRY_COMPARE(server.connections, 2);
        QVERIFY(ask(client, request(server))->has_value());
        QCOMPARE(server.connections, 2);
    }

    void onlyAnAcceptableCertificateIsSpokenTo()
    {
        const OwnCertificate own;
        QVERIFY(!own.certificate.isNull());
        QVERIFY(!own.key.isNull());
        TlsServer server(own);
        server.body = QByteArray(3 * 1024 * 1024, 'x');
        const auto wish = [&server] {
            return net::HttpRequest{.method = net::HttpMethod::Post,
                                    .address = "https://127.0.0.1:" + std::to_string(server.serverPort()),
                                    .target = "/x",
                                    .headers = {},
                                    .timeout = 4s};
        };
        {
            net::HttpClient client(m_clock);
            const auto result = ask(client, wish());
            QVERIFY(result && !*result);
            QVERIFY(!result->error().maybeSent);
            QCOMPARE(server.requests, 0);
        }
        const QSslConfiguration before = QSslConfiguration::defaultConfiguration();
        QSslConfiguration trusting = before;
        trusting.addCaCertificate(own.certificate);
        QSslConfiguration::setDefaultConfiguration(trusting);
        {
            net::HttpClient client(m_clock);
            for (int i = 0; i < 3; ++i) {
                const auto result = ask(client, wish());
                QVERIFY2(result && *result, result && !*result ? result->error().error.detail.c_str() : "");
                QCOMPARE((*result)->body.size(), static_cast<std::size_t>(server.body.size()));
            }
        }
        QSslConfiguration::setDefaultConfiguration(before);
    }

    void aServerThatSpeaksNoTlsIsRefused()
    {
        ScriptedServer server; // speaks no TLS at all
        net::HttpClient client(m_clock);
        net::HttpRequest wish = request(server);
        wish.address = "https://127.0.0.1:" + std::to_string(server.serverPort());
        const auto result = ask(client, wish);
        QVERIFY(result && !*result);
        QVERIFY(!result->error().maybeSent);
    }
};

QTEST_GUILESS_MAIN(TestHttpClient)
#include "tst_http_client.moc"
