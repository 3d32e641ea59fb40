#include <QtTest/QTest>
#include <QtWebSockets/QWebSocket>
#include <QtWebSockets/QWebSocketServer>

#include "core/net/renewing_socket.h"
#include "core/net/system_clock.h"

using namespace core;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

/// A connection that is replaced before it ends, against a server on loopback.
class TestRenewingSocket : public QObject
{
    Q_OBJECT

    net::SystemClock m_clock;
    std::unique_ptr<QWebSocketServer> m_server;
    QList<QWebSocket *> m_peers; ///< open ones
    QStringList m_paths;
    QList<QByteArray> m_frames;
    std::vector<Error> m_lost;
    int m_opened{0};
    int m_subscribed{0};
    int m_addresses{0};

    net::RenewalOptions quick() const
    {
        net::RenewalOptions options;
        options.socket.name = "test stream";
        options.socket.reconnectMin = 20ms;
        options.socket.reconnectMax = 60ms;
        options.every = 300ms;
        options.jitter = 20ms;
        options.overlap = 80ms;
        return options;
    }
    std::unique_ptr<net::RenewingSocket> make(net::RenewalOptions options)
    {
        net::RenewingSocket::Callbacks callbacks;
        callbacks.address = [this] {
            return "ws://127.0.0.1:" + std::to_string(m_server->serverPort()) + "/" + std::to_string(++m_addresses);
        };
        callbacks.subscribe = [this](net::WebSocket &) { ++m_subscribed; };
        callbacks.opened = [this] { ++m_opened; };
        callbacks.lost = [this](const Error &why) { m_lost.push_back(why); };
        callbacks.frame = [this](std::string_view frame, UtcTime) {
            m_frames += QByteArray(frame.data(), static_cast<qsizetype>(frame.size()));
        };
        auto socket = std::make_unique<net::RenewingSocket>(std::move(options), m_clock, std::move(callbacks));
        socket->start();
        return socket;
    }
    void say(const QString &text)
    {
        for (QWebSocket *peer : std::as_const(m_peers))
            peer->sendTextMessage(text);
    }

private slots:
    void init()
    {
        m_peers.clear();
        m_paths.clear();
        m_frames.clear();
        m_lost.clear();
        m_opened = m_subscribed = m_addresses = 0;
        m_server = std::make_unique<QWebSocketServer>(u"venue"_s, QWebSocketServer::NonSecureMode);
        connect(m_server.get(), &QWebSocketServer::newConnection, this, [this] {
            while (QWebSocket *peer = m_server->nextPendingConnection()) {
                m_peers += peer;
                m_paths += peer->requestUrl().path();
                connect(peer, &QWebSocket::disconnected, this, [this, peer] { m_peers.removeOne(peer); });
            }
        });
        QVERIFY(m_server->listen(QHostAddress::LocalHost));
    }
    void cleanup() { m_server.reset(); }

    void theNewOneStandsBeforeTheOldOneGoes()
    {
        const auto socket = make(quick());
        qsizetype least = 9;
        int sent = 0;
        QTRY_COMPARE(m_peers.size(), 1);
        QVERIFY(QTest::qWaitFor(
            [&] {
                least = std::min(least, m_peers.size());
                say(QString::number(sent++));
                return socket->renewals() >= 3;
            },
            10'000));
        QVERIFY(least >= 1);
        QCOMPARE(m_opened, 1);
        QVERIFY(m_lost.empty());
        QVERIFY(m_subscribed >= 4); // on each connection anew
        QCOMPARE(m_paths.first(), u"/1"_s);
        QCOMPARE(m_paths.value(1), u"/2"_s); // its address was asked for anew
        // Nothing is missing; what came twice came as a run of copies, in order.
        QTRY_VERIFY(m_frames.contains(QByteArray::number(sent - 1)));
        int next = 0;
        for (const QByteArray &frame : std::as_const(m_frames)) {
            QVERIFY2(frame.toInt() <= next, frame.constData());
            next = std::max(next, frame.toInt() + 1);
        }
        QCOMPARE(next, sent);
    }

    void aQuietStreamIsReplacedOnlyWhereThatIsSaid_data()
    {
        QTest::addColumn<bool>("mayBeQuiet");
        QTest::newRow("a market stream waits for the first frame") << false;
        QTest::newRow("a private stream does not") << true;
    }
    void aQuietStreamIsReplacedOnlyWhereThatIsSaid()
    {
        QFETCH(bool, mayBeQuiet);
        net::RenewalOptions options = quick();
        options.mayBeQuiet = mayBeQuiet;
        const auto socket = make(options);
        QTRY_COMPARE(m_peers.size(), 2); // both are open
        (void)QTest::qWaitFor([&] { return socket->renewals() > 0; }, 400);
        QCOMPARE(socket->renewals() > 0, mayBeQuiet);
        if (!mayBeQuiet) {
            say(u"word"_s);
            QTRY_VERIFY(socket->renewals() > 0);
        }
        QVERIFY(m_lost.empty());
    }

    void aReplacementThatCannotComeLeavesTheOldOneInPlace()
    {
        const auto socket = make(quick());
        QTRY_COMPARE(m_peers.size(), 1);
        m_server->close(); // nobody new gets in
        (void)QTest::qWaitFor([&] { return !m_lost.empty(); }, 700);
        QVERIFY(m_lost.empty());
        QCOMPARE(socket->renewals(), std::uint64_t{0});
        say(u"still here"_s);
        QTRY_COMPARE(m_frames.size(), 1);
    }

    void theOldOneEndingWithoutReplacementIsALoss()
    {
        net::RenewalOptions options = quick();
        options.every = 10min;
        const auto socket = make(options);
        QTRY_COMPARE(m_opened, 1);
        m_peers.first()->close();
        QTRY_COMPARE(m_lost.size(), std::size_t{1});
        QTRY_COMPARE(m_opened, 2);
        QCOMPARE(socket->connections(), std::uint64_t{2});
        QCOMPARE(socket->renewals(), std::uint64_t{0});
    }

    void whatIsHeldIsBounded()
    {
        net::RenewalOptions options = quick();
        options.overlap = 10min; // it would hold for as long
        options.heldBytesMax = 20'000;
        const auto socket = make(options);
        QTRY_COMPARE(m_peers.size(), 2);
        for (int i = 0; i < 40; ++i)
            say(QString::number(i) + QString(1000, u'x'));
        QTRY_COMPARE(socket->renewals(), std::uint64_t{1}); // changed at once
        QTRY_VERIFY(!m_frames.isEmpty() && m_frames.last().startsWith("39x"));
        QVERIFY(m_lost.empty());
    }

    void renewingOnDemandSaysWhetherItBegan()
    {
        net::RenewalOptions options = quick();
        options.every = 0ms; // never by itself
        options.mayBeQuiet = true;
        const auto socket = make(options);
        QVERIFY(!socket->renew()); // not open yet
        QVERIFY(!socket->quietFor().has_value());
        QTRY_COMPARE(m_opened, 1);
        QVERIFY(socket->quietFor().has_value());
        QVERIFY(socket->renew());
        QVERIFY(!socket->renew()); // on its way
        QTRY_COMPARE(socket->renewals(), std::uint64_t{1});
        QTRY_COMPARE(m_peers.size(), 1);
    }

    void stopEndsBoth()
    {
        const auto socket = make(quick());
        QTRY_COMPARE(m_peers.size(), 2);
        socket->stop();
        QTRY_COMPARE(m_peers.size(), 0);
        QCOMPARE(socket->state(), net::WebSocket::State::Stopped);
        QVERIFY(m_lost.empty());
    }
};

QTEST_GUILESS_MAIN(TestRenewingSocket)
#include "tst_renewing_socket.moc"
