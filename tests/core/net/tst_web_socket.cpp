#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QTest>
#include <QtWebSockets/QWebSocket>
#include <QtWebSockets/QWebSocketServer>

#include "core/net/system_clock.h"
#include "core/net/web_socket.h"

using namespace core;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace
{

struct Seen {
    int opened{0};
    QList<QByteArray> frames;
    std::vector<Error> lost;
    net::WebSocket::Callbacks callbacks()
    {
        return {[this] { ++opened; }, [this](const Error &why) { lost.push_back(why); },
                [this](std::string_view frame, UtcTime) {
                    frames += QByteArray(frame.data(), static_cast<qsizetype>(frame.size()));
                }};
    }
};

net::WebSocketOptions quick()
{
    net::WebSocketOptions options;
    options.name = "test stream";
    options.reconnectMin = 20ms;
    options.reconnectMax = 100ms;
    options.connectTimeout = 500ms;
    return options;
}

} // namespace

class TestWebSocket : public QObject
{
    Q_OBJECT

    net::SystemClock m_clock;
    std::unique_ptr<QWebSocketServer> m_server;
    QList<QWebSocket *> m_peers;

    std::string address() const
    {
        return "ws://127.0.0.1:" + std::to_string(m_server->serverPort()) + "/private/ws/SECRETSECRET";
    }

private slots:
    void init()
    {
        m_peers.clear();
        m_server = std::make_unique<QWebSocketServer>(u"venue"_s, QWebSocketServer::NonSecureMode);
        connect(m_server.get(), &QWebSocketServer::newConnection, this, [this] {
            while (QWebSocket *peer = m_server->nextPendingConnection())
                m_peers += peer;
        });
        QVERIFY(m_server->listen(QHostAddress::LocalHost));
    }
    void cleanup()
    {
        qDeleteAll(m_peers);
        m_server.reset();
    }

    void deliversFramesInOrder()
    {
        Seen seen;
        net::WebSocket socket(quick(), m_clock, seen.callbacks());
        socket.start(address());
        QTRY_COMPARE(seen.opened, 1);
        for (int i = 0; i < 100; ++i)
            m_peers[0]->sendTextMessage(QString::number(i));
        QTRY_COMPARE(seen.frames.size(), 100);
        for (int i = 0; i < 100; ++i)
            QCOMPARE(seen.frames[i], QByteArray::number(i));
    }

    void comesBackAfterTheOtherSideClosed()
    {
        Seen seen;
        net::WebSocket socket(quick(), m_clock, seen.callbacks());
        socket.start(address());
        QTRY_COMPARE(seen.opened, 1);
        m_peers[0]->close();
        QTRY_COMPARE(seen.opened, 2);
        QCOMPARE(seen.lost.size(), std::size_t{1});
        QCOMPARE(socket.connections(), std::uint64_t{2});
    }

    void sayNothingAfterStop()
    {
        Seen seen;
        net::WebSocket socket(quick(), m_clock, seen.callbacks());
        socket.start(address());
        QTRY_COMPARE(seen.opened, 1);
        m_peers[0]->sendTextMessage(u"late"_s);
        m_peers[0]->flush();
        socket.stop();
        (void)QTest::qWaitFor([&] { return !seen.frames.isEmpty() || !seen.lost.empty(); }, 150);
        QVERIFY(seen.frames.isEmpty());
        QVERIFY(seen.lost.empty());
        QCOMPARE(socket.state(), net::WebSocket::State::Stopped);
    }

    void silenceIsALoss()
    {
        Seen seen;
        net::WebSocketOptions options = quick();
        options.idleLimit = 300ms;
        net::WebSocket socket(options, m_clock, seen.callbacks());
        socket.start(address());
        QTRY_VERIFY(!seen.lost.empty());
        QCOMPARE(seen.lost[0].code, ErrorCode::TimedOut);
        QTRY_COMPARE(seen.opened, 2);
    }

    void aPeerThatAnswersNoPingIsALoss()
    {
        // Speaks the handshake and nothing else: alive for TCP, dead for us.
        QTcpServer mute;
        QVERIFY(mute.listen(QHostAddress::LocalHost));
        connect(&mute, &QTcpServer::newConnection, this, [&mute] {
            QTcpSocket *peer = mute.nextPendingConnection();
            QObject::connect(peer, &QTcpSocket::readyRead, peer, [peer] {
                const QByteArray request = peer->readAll();
                const qsizetype at = request.indexOf("Sec-WebSocket-Key: ");
                if (at < 0)
                    return;
                const QByteArray key = request.mid(at + 19, 24);
                const QByteArray accept =
                    QCryptographicHash::hash(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
                                             QCryptographicHash::Sha1)
                        .toBase64();
                peer->write(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Accept: " +
                    accept + "\r\n\r\n");
            });
        });
        Seen seen;
        net::WebSocketOptions options = quick();
        options.idleLimit = 0ms;
        options.pingEvery = 100ms;
        options.pongWithin = 200ms;
        net::WebSocket socket(options, m_clock, seen.callbacks());
        socket.start("ws://127.0.0.1:" + std::to_string(mute.serverPort()));
        QTRY_COMPARE(seen.opened, 1);
        QTRY_VERIFY(!seen.lost.empty());
        QVERIFY(seen.lost[0].detail.find("pong") != std::string::npos);
    }

    void aStalledHandshakeTimesOut()
    {
        QTcpServer silent;
        QVERIFY(silent.listen(QHostAddress::LocalHost));
        Seen seen;
        net::WebSocket socket(quick(), m_clock, seen.callbacks());
        socket.start("ws://127.0.0.1:" + std::to_string(silent.serverPort()));
        QTRY_VERIFY(!seen.lost.empty());
        QCOMPARE(seen.lost[0].code, ErrorCode::TimedOut);
        QCOMPARE(seen.opened, 0);
    }

    void aHugeFrameEndsTheConnection()
    {
        Seen seen;
        net::WebSocketOptions options = quick();
        options.frameBytesMax = 1000;
        net::WebSocket socket(options, m_clock, seen.callbacks());
        socket.start(address());
        QTRY_COMPARE(seen.opened, 1);
        m_peers[0]->sendTextMessage(QString(2000, u'x'));
        QTRY_VERIFY(!seen.lost.empty());
        QVERIFY(seen.frames.isEmpty());
    }

    void messagesHoldNoAddress()
    {
        Seen seen;
        net::WebSocket socket(quick(), m_clock, seen.callbacks());
        const std::string there = address();
        cleanup();
        socket.start(there);
        QTRY_VERIFY(!seen.lost.empty());
        QVERIFY(seen.lost[0].detail.find("SECRET") == std::string::npos);
        QVERIFY(seen.lost[0].detail.find("test stream") != std::string::npos);
    }

    void aConnectionThatFailsSaysWhy_data()
    {
        QTest::addColumn<QByteArray>("address");
        QTest::addColumn<QByteArray>("answer"); ///< of a server that listens there; empty: nobody does
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("nobody listens") << QByteArray("ws://127.0.0.1:PORT/SECRET") << QByteArray()
                                        << QByteArray("Connection refused");
        QTest::newRow("no such name") << QByteArray("wss://no-such-name.invalid/SECRET") << QByteArray()
                                      << QByteArray("Host not found");
        QTest::newRow("an HTTP answer") << QByteArray("ws://127.0.0.1:PORT/SECRET")
                                        << QByteArray("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
                                        << QByteArray("refused the WebSocket handshake with HTTP 403");
        QTest::newRow("plain text where TLS is due") << QByteArray("wss://127.0.0.1:PORT/SECRET")
                                                     << QByteArray("HTTP/1.1 400 Bad Request\r\n\r\n")
                                                     << QByteArray("TLS handshake failed");
    }
    void aConnectionThatFailsSaysWhy()
    {
        QFETCH(QByteArray, address);
        QFETCH(QByteArray, answer);
        QFETCH(QByteArray, words);
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        address.replace("PORT", QByteArray::number(server.serverPort()));
        if (answer.isEmpty())
            server.close();
        connect(&server, &QTcpServer::newConnection, this, [&] {
            QTcpSocket *peer = server.nextPendingConnection();
            connect(peer, &QTcpSocket::readyRead, peer, [peer, answer] {
                peer->readAll();
                peer->write(answer);
            });
        });
        Seen seen;
        net::WebSocketOptions options = quick();
        options.connectTimeout = 10s;
        net::WebSocket socket(options, m_clock, seen.callbacks());
        socket.start(address.toStdString());
        QTRY_VERIFY_WITH_TIMEOUT(!seen.lost.empty(), 15'000);
        QVERIFY2(seen.lost[0].detail.find(words.toStdString()) != std::string::npos, seen.lost[0].detail.c_str());
        QVERIFY(seen.lost[0].detail.find("SECRET") == std::string::npos);
        QVERIFY(seen.lost[0].detail.find("code 1000") == std::string::npos);
    }

    void aTlsHandshakeThatStallsIsGivenUpAndTriedAgain()
    {
        QTcpServer silent; // accepts, and says nothing
        QVERIFY(silent.listen(QHostAddress::LocalHost));
        Seen seen;
        net::WebSocketOptions options = quick();
        options.connectTimeout = 300ms;
        net::WebSocket socket(options, m_clock, seen.callbacks());
        socket.start("wss://127.0.0.1:" + std::to_string(silent.serverPort()));
        QTRY_VERIFY(seen.lost.size() >= 2);
        QCOMPARE(seen.lost[0].code, ErrorCode::TimedOut);
        QCOMPARE(seen.opened, 0);
    }

    void plainTextGoesToLoopbackOnly()
    {
        Seen seen;
        net::WebSocket socket(quick(), m_clock, seen.callbacks());
        socket.start("ws://example.org/x");
        QTRY_VERIFY(!seen.lost.empty());
        QCOMPARE(seen.lost[0].code, ErrorCode::InvalidArgument);
    }
};

QTEST_GUILESS_MAIN(TestWebSocket)
#include "tst_web_socket.moc"
