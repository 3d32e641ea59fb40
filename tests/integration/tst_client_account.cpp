#include <QtTest/QTest>
#include <QtWebSockets/QWebSocket>
#include <QtWebSockets/QWebSocketServer>

#include "tests/integration/client_fixture.h"

using namespace core;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using tests::ClientFixture;
using tests::waitFor;

namespace
{

/// Stands where the private stream stands; says what it is told.
class FakePrivateStream
{
public:
    FakePrivateStream() : m_server(u"private"_s, QWebSocketServer::NonSecureMode)
    {
        QObject::connect(&m_server, &QWebSocketServer::newConnection, &m_server, [this] {
            while (QWebSocket *peer = m_server.nextPendingConnection()) {
                peers += peer;
                paths += peer->requestUrl().path();
            }
        });
        m_server.listen(QHostAddress::LocalHost);
    }
    ~FakePrivateStream() { qDeleteAll(peers); }
    std::string address() const { return "ws://127.0.0.1:" + std::to_string(m_server.serverPort()); }
    QList<QWebSocket *> peers;
    QStringList paths;

private:
    QWebSocketServer m_server;
};

} // namespace

class TestClientAccount : public QObject
{
    Q_OBJECT

private slots:
    void positionsThatWereThereAreFoundAtTheStart()
    {
        ClientFixture fixture;
        venue::InitialPosition position;
        position.symbol = fixture.symbol;
        position.direction = Direction::Short;
        position.quantity = parseQuantity("0.5").value();
        fixture.venueOptions.accounts[0].positions = {position};
        QVERIFY(fixture.startAll());
        QCOMPARE(fixture.seen.reconciled, 1);
        QVERIFY(!fixture.seen.positions.empty());
        const auto &first = fixture.seen.positions.front();
        QVERIFY(first.complete);
        QCOMPARE(first.source, Source::Query);
        QCOMPARE(first.rows.size(), std::size_t{1});
        QCOMPARE(first.rows[0].direction, Direction::Short);
        QCOMPARE(first.rows[0].quantity, parseQuantity("0.5").value());
        QCOMPARE(first.rows[0].leverage, std::optional<int>(20));
        QVERIFY(first.rows[0].liquidationPrice.has_value());
        QVERIFY(!fixture.seen.accounts.empty());
        QVERIFY(fixture.seen.accounts[0].equity.isPositive());
        QVERIFY(waitFor([&] { return !fixture.seen.instruments[fixture.symbol].marginTiers.empty(); }));
        QCOMPARE(fixture.seen.status["account"].freshness, Freshness::Fresh);
        QCOMPARE(fixture.seen.callsFromInside, 0);
    }

    void theClocksMayDifferByThreeSeconds_data()
    {
        QTest::addColumn<int>("seconds");
        QTest::newRow("venue ahead") << 3;
        QTest::newRow("venue behind") << -3;
        QTest::newRow("a day ahead") << 86'400;
        QTest::newRow("a day behind") << -86'400;
    }
    void theClocksMayDifferByThreeSeconds()
    {
        QFETCH(int, seconds);
        ClientFixture fixture{std::chrono::seconds{seconds}};
        QVERIFY(fixture.startAll());
        QVERIFY(fixture.seen.lost.empty());
        fixture.submit(fixture.marketOrder("skew-1", Side::Buy, "0.01"));
        QVERIFY(waitFor([&] { return !fixture.seen.fills.empty() && !fixture.seen.outcomes.empty(); }));
        QCOMPARE(fixture.seen.outcomes.size(), std::size_t{1});
        QCOMPARE(fixture.seen.outcomes[0].outcome, ports::RequestOutcome::Accepted);
    }

    void bn48_aRefusedKeyStopsSignedTraffic_data()
    {
        QTest::addColumn<bool>("wrongSecret");
        QTest::newRow("unknown key") << false;
        QTest::newRow("wrong secret") << true;
    }
    void bn48_aRefusedKeyStopsSignedTraffic()
    {
        QFETCH(bool, wrongSecret);
        ClientFixture fixture;
        std::string key(tests::kApiKey);
        std::string secret(tests::kApiSecret);
        std::string &changed = wrongSecret ? secret : key;
        changed[0] = changed[0] == 'a' ? 'b' : 'a';
        fixture.clientOptions.credentials =
            exchange::binance::Credentials{net::Secret(key), net::Secret(secret)};
        QVERIFY(fixture.openVenue());
        fixture.startClient();
        QVERIFY(waitFor(
            [&] { return !fixture.seen.lost.empty() && fixture.seen.freshness == Freshness::Fresh; }));
        (void)waitFor([&] { return fixture.seen.lost.size() > 1; }, 1000);
        QCOMPARE(fixture.seen.lost.size(), std::size_t{1});
        QCOMPARE(fixture.seen.lost[0].code, ErrorCode::Unauthorized);
        QCOMPARE(fixture.seen.reconciled, 0);
        fixture.submit(fixture.marketOrder("nokey-1", Side::Buy, "0.01"));
        QVERIFY(waitFor([&] { return !fixture.seen.outcomes.empty(); }));
        QCOMPARE(fixture.seen.outcomes[0].outcome, ports::RequestOutcome::Rejected);
        QCOMPARE(fixture.seen.outcomes[0].error.code, ErrorCode::Unauthorized);
        for (const std::string &text : fixture.seen.texts) {
            QVERIFY(text.find(key) == std::string::npos);
            QVERIFY(text.find(secret) == std::string::npos);
            QVERIFY(text.find("signature=") == std::string::npos);
        }
    }

    void bn20_anExpiredListenKeyIsReplacedOnce()
    {
        FakePrivateStream stream;
        ClientFixture fixture;
        QVERIFY(fixture.openVenue());
        fixture.clientOptions.endpoints.streamsPrivate = stream.address();
        fixture.startClient();
        QVERIFY(waitFor([&] { return fixture.seen.reconciled == 1; }));
        const QString expired =
            u"{\"e\":\"listenKeyExpired\",\"E\":1736996475556,\"listenKey\":\"WsCMN0a4KHUPTQuX\"}"_s;
        stream.peers[0]->sendTextMessage(expired);
        stream.peers[0]->sendTextMessage(expired);
        stream.peers[0]->flush();
        QVERIFY(waitFor([&] { return fixture.seen.reconciled == 2; }));
        (void)waitFor([&] { return fixture.seen.reconciled > 2 || stream.peers.size() > 2; }, 500);
        QCOMPARE(stream.peers.size(), 2);
        QCOMPARE(fixture.seen.reconciled, 2);
        QCOMPARE(fixture.seen.lost.size(), std::size_t{1});
        const std::string listenKey = stream.paths[0].section(u'/', -1).toStdString();
        QVERIFY(listenKey.size() > 20);
        for (const std::string &text : fixture.seen.texts)
            QVERIFY(text.find(listenKey) == std::string::npos);
    }

    void bn21_anAcknowledgedOrderWithoutEventRebuildsTheStream()
    {
        FakePrivateStream stream; // open, and silent for ever: what an invalid listen key looks like
        ClientFixture fixture;
        fixture.clientOptions.timings.eventAfterAckWithin = 300ms;
        QVERIFY(fixture.openVenue());
        fixture.clientOptions.endpoints.streamsPrivate = stream.address();
        fixture.startClient();
        QVERIFY(waitFor([&] { return fixture.seen.reconciled == 1; }));
        fixture.submit(fixture.marketOrder("dead-1", Side::Buy, "0.01"));
        QVERIFY(waitFor([&] { return fixture.seen.reconciled == 2; }));
        QCOMPARE(fixture.seen.lost.size(), std::size_t{1});
        // What the stream never said is there now: the fill once, and the position.
        QCOMPARE(fixture.seen.fills.size(), std::size_t{1});
        QVERIFY(fixture.seen.fills[0].clientOrderId.view() == "dead-1");
        QCOMPARE(fixture.seen.positions.back().rows.at(0).quantity, parseQuantity("0.01").value());
    }

    void bn22_aFillToldSeveralTimesIsBookedOnce()
    {
        FakePrivateStream stream;
        ClientFixture fixture;
        QVERIFY(fixture.openVenue());
        fixture.clientOptions.endpoints.streamsPrivate = stream.address();
        fixture.startClient();
        QVERIFY(waitFor([&] { return fixture.seen.reconciled == 1; }));
        const QString lite =
            uR"({"e":"TRADE_LITE","E":1721895408092,"T":1721895408214,"s":"BTCUSDT","q":"0.001","p":"0","m":false,)"
            uR"("c":"told-1","S":"BUY","L":"64089.20","l":"0.001","t":109100866,"i":8886774})"_s;
        const QString full =
            uR"({"e":"ORDER_TRADE_UPDATE","E":1721895408300,"T":1721895408214,"o":{"s":"BTCUSDT","c":"told-1","S":"BUY",)"
            uR"("o":"MARKET","f":"GTC","q":"0.001","p":"0","ap":"64089.20","sp":"0","x":"TRADE","X":"FILLED","i":8886774,)"
            uR"("l":"0.001","z":"0.001","L":"64089.20","N":"USDT","n":"0.03","T":1721895408214,"t":109100866,"b":"0","a":"0",)"
            uR"("m":false,"R":false,"wt":"CONTRACT_PRICE","ot":"MARKET","ps":"BOTH","cp":false,"pP":false,"si":0,"ss":0,)"
            uR"("rp":"0","V":"EXPIRE_MAKER","pm":"NONE","gtd":0,"er":"0"}})"_s;
        for (const QString &frame : {lite, full, full, lite})
            stream.peers[0]->sendTextMessage(frame);
        QVERIFY(waitFor([&] { return !fixture.seen.fills.empty(); }));
        (void)waitFor([&] { return fixture.seen.fills.size() > 1; }, 300);
        QCOMPARE(fixture.seen.fills.size(), std::size_t{1});
        QCOMPARE(fixture.seen.fills[0].fee, parseMoney("0.03").value());
        QCOMPARE(fixture.seen.reconciled, 1);
    }

    void aFrameThatCannotBeReadLeadsToReconciliation()
    {
        FakePrivateStream stream;
        ClientFixture fixture;
        QVERIFY(fixture.openVenue());
        fixture.clientOptions.endpoints.streamsPrivate = stream.address();
        fixture.startClient();
        QVERIFY(waitFor([&] { return fixture.seen.reconciled == 1; }));
        stream.peers[0]->sendTextMessage(u"{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":{"_s);
        QVERIFY(waitFor([&] { return fixture.seen.reconciled == 2; }));
        QCOMPARE(stream.peers.size(), 1);
    }

    void theExchangeGoesAwayWithAnOpenPosition()
    {
        ClientFixture fixture;
        QVERIFY(fixture.startAll());
        fixture.submit(fixture.marketOrder("away-1", Side::Buy, "0.01"));
        QVERIFY(waitFor([&] { return !fixture.seen.fills.empty(); }));
        fixture.venueOptions.httpPort = fixture.restPort();
        fixture.venueOptions.webSocketPort = fixture.webSocketPort();
        fixture.venue.reset();
        QVERIFY(waitFor([&] { return !fixture.seen.lost.empty(); }));
        QCOMPARE(fixture.seen.status["account"].freshness, Freshness::Lost);
        QVERIFY(fixture.openVenue()); // a new one, without that position
        QVERIFY(waitFor([&] { return fixture.seen.reconciled == 2; }, 15'000));
        // The stream spoke of it a moment ago, so the first answer may be taken for a lagging one; the next
        // is not.
        QVERIFY(waitFor([&] {
            return fixture.seen.positions.back().complete && fixture.seen.positions.back().rows.empty();
        }));
    }

    void bn50_aDifferingPositionModeBlocksOrders()
    {
        ClientFixture fixture;
        fixture.clientOptions.hedgeMode = true; // the exchange is in one-way mode
        QVERIFY(fixture.openVenue());
        fixture.startClient();
        QVERIFY(waitFor([&] { return !fixture.seen.lost.empty(); }));
        QCOMPARE(fixture.seen.lost[0].code, ErrorCode::Unsupported);
        fixture.submit(fixture.marketOrder("mode-1", Side::Buy, "0.01"));
        QVERIFY(waitFor([&] { return !fixture.seen.outcomes.empty(); }));
        QCOMPARE(fixture.seen.outcomes[0].outcome, ports::RequestOutcome::Rejected);
        QVERIFY(!fixture.orderAtVenue("mode-1"));
        QCOMPARE(fixture.seen.reconciled, 0);
    }
};

QTEST_GUILESS_MAIN(TestClientAccount)
#include "tst_client_account.moc"
