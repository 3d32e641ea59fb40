#include <algorithm>

#include <QtCore/QTimer>
#include <QtTest/QTest>

#include "tests/integration/scripted_venue.h"
#include "tests/support/event_wait.h"

using namespace core;
using namespace std::chrono_literals;
using ports::RequestOutcome;
using tests::ScriptedFixture;
using tests::waitFor;
using Answer = tests::ScriptedVenue::Answer;
using Request = tests::ScriptedVenue::Request;

namespace
{

/// Every connection of one account brings every event; each stamps it with its own event time, and the second one may
/// be late.
class EventStream
{
public:
    EventStream(ScriptedFixture &fixture, int count, int lateMs) : m_fixture(fixture), m_count(count), m_lateMs(lateMs)
    {
        QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { next(); });
    }
    void start() { m_timer.start(3); }
    [[nodiscard]] bool isOver() const { return m_sent == m_count; }
    int fewestPeers{9};
    int mostPeers{0};

private:
    void next()
    {
        if (isOver()) {
            m_timer.stop();
            return;
        }
        ++m_sent;
        const std::string trade =
            m_fixture.orderEvent("fill-" + std::to_string(m_sent), 1000 + m_sent, "FILLED", "TRADE", "0.5", m_sent);
        const std::string account = m_fixture.walletEvent(std::to_string(1000 + m_sent));
        const auto &peers = m_fixture.venue.privatePeers();
        fewestPeers = std::min(fewestPeers, static_cast<int>(peers.size()));
        mostPeers = std::max(mostPeers, static_cast<int>(peers.size()));
        for (QWebSocket *peer : peers) {
            const qint64 number = peer->property("number").toLongLong();
            if (number == 0)
                peer->setProperty("number", m_fixture.venue.privateConnections());
            const bool late = peer->property("number").toLongLong() % 2 == 0;
            for (const std::string &frame : {stamped(trade, late), stamped(account, late)}) {
                // The context is the peer: what is late when its connection ends is lost with it.
                QTimer::singleShot(late ? m_lateMs : 0, peer,
                                   [peer, frame] { peer->sendTextMessage(QString::fromStdString(frame)); });
            }
        }
    }
    static std::string stamped(std::string frame, bool late)
    {
        if (late)
            frame.replace(frame.find("\"E\":1"), 5, "\"E\":2");
        return frame;
    }

    ScriptedFixture &m_fixture;
    int m_count;
    int m_lateMs;
    int m_sent{0};
    QTimer m_timer;
};

} // namespace

/// The private stream is replaced before the exchange ends it, or when its key changes.
class TestClientStreamRenewal : public QObject
{
    Q_OBJECT

    static void quick(ScriptedFixture &fixture)
    {
        fixture.options.timings.renewEvery = 500ms; // 23.5 h in earnest
        fixture.options.timings.renewJitter = 50ms;
        fixture.options.timings.renewOverlap = 200ms;
        fixture.options.timings.accountPollAfterOrder = 10min; // what the stream says is looked at
    }
private slots:
    void bn17_thePrivateStreamIsReplacedWithoutAGap_data()
    {
        QTest::addColumn<int>("late");
        QTest::newRow("both bring at once") << 0;
        QTest::newRow("every second connection is 25 ms late") << 25;
    }
    void bn17_thePrivateStreamIsReplacedWithoutAGap()
    {
        QFETCH(int, late);
        constexpr int kFills = 800;
        ScriptedFixture fixture;
        quick(fixture);
        QVERIFY(fixture.startAndReconcile());
        EventStream events(fixture, kFills, late);
        events.start();
        QVERIFY(tests::waitAwake([&] { return events.isOver() && fixture.seen.fills.size() >= std::size_t{kFills}; }, 60'000));
        (void)waitFor([&] { return fixture.seen.fills.size() > std::size_t{kFills}; }, 400);
        QCOMPARE(fixture.seen.fills.size(), std::size_t{kFills});
        for (int i = 0; i < kFills; ++i)
            QCOMPARE(fixture.seen.fills[static_cast<std::size_t>(i)].tradeId, std::int64_t{i + 1});
        // A wallet that steps back would have been a copy, taken twice.
        std::vector<Money> wallets;
        for (const AccountSnapshot &account : fixture.seen.accounts)
            wallets.push_back(account.walletBalance);
        QVERIFY(std::is_sorted(wallets.begin(), wallets.end()));
        QCOMPARE(wallets.back(), parseMoney(std::to_string(1000 + kFills)).value());
        QCOMPARE(std::count(wallets.begin(), wallets.end(), wallets[wallets.size() / 2]), 1);
        QCOMPARE(fixture.seen.orders.size(), std::size_t{kFills}); // no order was told twice
        QVERIFY2(fixture.venue.privateConnections() >= 3, qPrintable(QString::number(fixture.venue.privateConnections())));
        QVERIFY(events.fewestPeers >= 1); // the new one stands before the old one goes
        QVERIFY(events.mostPeers >= 2);
        QCOMPARE(fixture.seen.reconciled, 1);
        QVERIFY(fixture.seen.lost.empty());
        QCOMPARE(fixture.venue.count("POST /fapi/v1/listenKey"), 1);
        qInfo("bn17: %d connections one after the other, %d fills, each once and in order",
              fixture.venue.privateConnections(), kFills);
    }

    void aQuietAccountIsRenewedToo()
    {
        ScriptedFixture fixture;
        quick(fixture);
        QVERIFY(fixture.startAndReconcile());
        QVERIFY(waitFor([&] { return fixture.venue.privateConnections() >= 3; }));
        QVERIFY(waitFor([&] { return fixture.venue.privatePeers().size() == 1; }));
        QCOMPARE(fixture.seen.reconciled, 1);
        QVERIFY(fixture.seen.lost.empty());
        fixture.venue.say(fixture.orderEvent("late-1", 7, "NEW", "NEW"));
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder(fixture.id("late-1")).has_value(); }));
    }

    void bn19_aListenKeyThatWasReplacedIsFollowedWithoutAGap()
    {
        ScriptedFixture fixture;
        fixture.options.timings.renewOverlap = 200ms;
        fixture.options.timings.listenKeyEvery = 300ms;
        fixture.options.timings.accountPollAfterOrder = 10min;
        fixture.venue.on("PUT /fapi/v1/listenKey", R"({"listenKey":"anotherKey1"})");
        QVERIFY(fixture.startAndReconcile());
        EventStream events(fixture, 400, 10);
        events.start();
        QVERIFY(tests::waitAwake([&] { return events.isOver() && fixture.seen.fills.size() >= 400; }, 60'000));
        (void)waitFor([&] { return fixture.seen.fills.size() > 400; }, 300);
        QCOMPARE(fixture.seen.fills.size(), std::size_t{400});
        QVERIFY(events.fewestPeers >= 1);
        QCOMPARE(fixture.venue.privateConnections(), 2); // followed once, not at each extension
        QCOMPARE(fixture.venue.privatePaths().back(), std::string("/private/ws/anotherKey1"));
        QCOMPARE(fixture.seen.reconciled, 1);
        for (const std::string &text : fixture.seen.texts)
            QVERIFY(text.find("anotherKey1") == std::string::npos);
    }

    void bn05_anOrderOutsideTheTimeWindowIsSentOnceMoreAfterOneResync_data()
    {
        QTest::addColumn<QByteArray>("refusal");
        QTest::addColumn<int>("times");
        QTest::newRow("-1021") << QByteArray(R"({"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."})") << 1;
        QTest::newRow("-1021, ahead") << QByteArray(R"({"code":-1021,"msg":"Timestamp for this request was 1000ms ahead of the server."})") << 1;
        QTest::newRow("-1021 twice is a refusal") << QByteArray(R"({"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."})") << 2;
    }
    void bn05_anOrderOutsideTheTimeWindowIsSentOnceMoreAfterOneResync()
    {
        QFETCH(QByteArray, refusal);
        QFETCH(int, times);
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        const int before = fixture.venue.count("GET /fapi/v1/time");
        int refused = 0;
        fixture.venue.on("POST /fapi/v1/order", [&](const Request &) -> Answer {
            if (refused++ < times)
                return {.status = 400, .body = refusal.toStdString()};
            return {.body = fixture.order("clock-1", 1001, "NEW")};
        });
        fixture.submit(fixture.limit("clock-1", Side::Sell, "0.5", "60000"));
        QVERIFY(waitFor([&] { return !fixture.seen.outcomes.empty(); }));
        (void)waitFor([&] { return fixture.venue.count("POST /fapi/v1/order") > 2; }, 400);
        const auto sent = fixture.venue.asked("POST /fapi/v1/order");
        QCOMPARE(sent.size(), std::size_t{2});
        for (const Request &request : sent)
            QCOMPARE(request.parameters.at("newClientOrderId"), std::string("clock-1"));
        QCOMPARE(fixture.venue.count("GET /fapi/v1/time") - before, 3); // the three questions of one resync
        QCOMPARE(fixture.seen.outcomes.size(), std::size_t{1});
        QCOMPARE(fixture.seen.outcomes[0].outcome, times == 1 ? RequestOutcome::Accepted : RequestOutcome::Rejected);
        QVERIFY(fixture.seen.lost.empty());
    }
};

QTEST_GUILESS_MAIN(TestClientStreamRenewal)
#include "tst_client_stream_renewal.moc"
