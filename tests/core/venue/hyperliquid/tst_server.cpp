// The loopback Hyperliquid on real sockets of this machine: status codes, a lost reply, the WebSocket's greeting.
#include <QtTest/QtTest>

#include <QtNetwork/QTcpSocket>
#include <QtWebSockets/QWebSocket>

#include "core/venue/hyperliquid/announcement.h"
#include "tests/core/venue/hyperliquid/hyperliquid_fixture.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace
{
struct Reply {
    int status{0}; ///< 0: the connection ended without an answer
    QByteArray body;
};

/// One request on a connection of its own; runs the event loop until the answer or the end.
[[nodiscard]] Reply post(const std::string &baseUrl, const QByteArray &path, const QByteArray &body,
                         const QByteArray &type = "application/json")
{
    const QUrl url(QString::fromStdString(baseUrl));
    QTcpSocket socket;
    socket.connectToHost(url.host(), static_cast<quint16>(url.port()));
    socket.write("POST " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" +
                 (type.isEmpty() ? QByteArray() : "Content-Type: " + type + "\r\n") +
                 "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body);
    QByteArray bytes;
    const bool isOver = QTest::qWaitFor(
        [&] {
            bytes += socket.readAll();
            return socket.state() == QAbstractSocket::UnconnectedState && socket.error() != QAbstractSocket::UnknownSocketError;
        },
        10'000);
    bytes += socket.readAll();
    const qsizetype head = bytes.indexOf("\r\n\r\n");
    if (!isOver || head < 0)
        return {};
    return {bytes.mid(9, 3).toInt(), bytes.mid(head + 4)};
}

struct Served {
    explicit Served(tests::hv::HyperliquidOptions options = tests::hv::typicalOptions(7, 1))
        : server(std::move(options), clock), endpoints(server.start().value())
    {
    }
    core::ManualClock clock{core::utcFromMilliseconds(1'795'305'600'000)};
    tests::hv::HyperliquidServer server;
    tests::hv::HyperliquidEndpoints endpoints;
};
} // namespace

class TestHlServer : public QObject
{
    Q_OBJECT

private slots:
    void statusCodesAreTheVenues();
    void theWeightOfAMinuteEnds();
    void anInjectedStatusHasAnHtmlBody();
    void aLostReplyWasExecuted();
    void theSocketGreetsAndServes();
    void theAnnouncementNamesUrlsAndAccounts();
};

void TestHlServer::statusCodesAreTheVenues()
{
    Served venue;
    const std::string &url = venue.endpoints.restUrl;
    QCOMPARE(post(url, "/info", R"({"type":"exchangeStatus"})").body,
             QByteArray(R"({"time":1795305600000,"specialStatuses":null})"));
    QCOMPARE(post(url, "/info", R"({"type":"exchangeStatus"})", "").status, 415);
    QCOMPARE(post(url, "/info", "{nonsense").status, 400);
    const Reply unknown = post(url, "/info", R"({"type":"nope"})");
    QCOMPARE(unknown.status, 422);
    QCOMPARE(unknown.body, QByteArray("Failed to deserialize the JSON body into the target type"));
    QCOMPARE(post(url, "/info", R"({"type":"l2Book","coin":"BTC","nSigFigs":9})").status, 500);
    QCOMPARE(post(url, "/info", R"({"type":"l2Book","coin":"NOPE"})").body, QByteArray("null"));
    QCOMPARE(post(url, "/api/v1/account", "{}").status, 404);
    const Reply nobody = post(
        url, "/info", R"({"type":"openOrders","user":"0x00000000000000000000000000000000000000aa"})");
    QCOMPARE(nobody.status, 200);
    QCOMPARE(nobody.body, QByteArray("[]"));
}

void TestHlServer::theWeightOfAMinuteEnds()
{
    auto options = tests::hv::typicalOptions(7, 1);
    options.weightPerMinute = 60;
    Served venue(options);
    const QByteArray meta = R"({"type":"meta"})"; // 20
    for (int i = 0; i < 3; ++i)
        QCOMPARE(post(venue.endpoints.restUrl, "/info", meta).status, 200);
    QCOMPARE(post(venue.endpoints.restUrl, "/info", meta).status, 429);
    venue.clock.advance(60s);
    QCOMPARE(post(venue.endpoints.restUrl, "/info", meta).status, 200);
}

void TestHlServer::anInjectedStatusHasAnHtmlBody()
{
    Served venue;
    venue.server.faults().failInfoWith = 502;
    const Reply reply = post(venue.endpoints.restUrl, "/info", R"({"type":"meta"})");
    QCOMPARE(reply.status, 502);
    QVERIFY(reply.body.startsWith("<html>"));
}

void TestHlServer::aLostReplyWasExecuted()
{
    Served venue;
    venue.server.faults().loseActionReplies = {1};
    const auto account = tests::hv::testAccounts(7, 1).front();
    const auto signer = tests::hx::ActionSigner::fromHex(account.agentKey);
    const auto action = *tests::hx::parseActionJson(tests::orderAction(tests::limitOrder(0, true, "60000", "0.001")), "a");
    const tests::hx::ActionEnvelope envelope{.nonce = 1'795'305'600'000};
    const std::string body = tests::hx::requestJson(
        action, envelope, signer->signL1(action, envelope, tests::hx::Network::Mainnet).signature);
    QCOMPARE(post(venue.endpoints.restUrl, "/exchange", QByteArray::fromStdString(body)).status, 0);
    QCOMPARE(venue.server.desk().openOrders(0).size(), 1U);
    // The identical bytes again do no harm.
    QVERIFY(post(venue.endpoints.restUrl, "/exchange", QByteArray::fromStdString(body)).body.contains("duplicate nonce"));
    QCOMPARE(venue.server.desk().openOrders(0).size(), 1U);
}

void TestHlServer::theSocketGreetsAndServes()
{
    Served venue;
    QWebSocket socket;
    QSignalSpy frames(&socket, &QWebSocket::textMessageReceived);
    QSignalSpy ended(&socket, &QWebSocket::disconnected);
    socket.open(QUrl(QString::fromStdString(venue.endpoints.webSocketUrl)));
    QTRY_COMPARE_WITH_TIMEOUT(frames.size(), 1, 10'000);
    QCOMPARE(frames[0][0].toString(), u"Websocket connection established."_s);
    socket.sendTextMessage(u"{\"method\":\"subscribe\",\"subscription\":{\"type\":\"activeAssetCtx\",\"coin\":\"BTC\"}}"_s);
    QTRY_COMPARE_WITH_TIMEOUT(frames.size(), 3, 10'000); // ack and the present state
    QVERIFY(venue.server.setMark("BTC", tests::price("80000")));
    QTRY_VERIFY_WITH_TIMEOUT(frames.last()[0].toString().contains("\"markPx\":\"80000.0\""_L1), 10'000);
    venue.server.dropSockets();
    QTRY_COMPARE_WITH_TIMEOUT(ended.size(), 1, 10'000);
}

void TestHlServer::theAnnouncementNamesUrlsAndAccounts()
{
    const auto accounts = tests::hv::testAccounts(7, 2);
    const auto again = tests::hv::testAccounts(7, 2);
    QCOMPARE(accounts[1].agentKey, again[1].agentKey);
    QVERIFY(accounts[0].masterKey != accounts[1].masterKey);
    const QJsonObject told =
        QJsonDocument::fromJson(QByteArray::fromStdString(tests::hv::announcementText({"http://x", "ws://x/ws"}, accounts)))
            .object();
    QCOMPARE(told["webSocketUrl"_L1].toString(), u"ws://x/ws"_s);
    QCOMPARE(told["accounts"_L1].toArray().size(), 2);
}

QTEST_GUILESS_MAIN(TestHlServer)
#include "tst_server.moc"
