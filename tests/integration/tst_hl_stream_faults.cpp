#include <cstdlib>

#include <QtCore/QElapsedTimer>
#include <QtCore/QTimer>
#include <QtTest/QTest>

#include "tests/integration/hl_fixture.h"
#include "tests/support/event_wait.h"
#include "tests/support/jumping_clock.h"
#include "tests/support/line_proxy.h"
#include "tests/support/process_figures.h"
#include "tests/support/stream_thread.h"

using namespace core;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using tests::JumpingClock;
using tests::LineProxy;
using tests::residentKilobytes;
using tests::hl::ScriptedClient;
using tests::hl::waitFor;

namespace
{

/// A venue that speaks of the market all the time.
struct Talking : ScriptedClient {
    Talking()
    {
        QObject::connect(&market, &QTimer::timeout, &market, [this] { venue.pushMarket("60000", "60010", "60005"); });
        market.start(100);
    }
    /// The streams go through it.
    void put(const LineProxy &proxy)
    {
        options.endpoints.webSocket = "ws://127.0.0.1:" + std::to_string(proxy.serverPort()) + "/ws";
    }
    [[nodiscard]] quint16 streamPort() const
    {
        return static_cast<quint16>(QUrl(QString::fromStdString(venue.endpoints().webSocket)).port());
    }
    [[nodiscard]] bool ready(int times)
    {
        return waitFor([&] { return seen.reconciled >= times && seen.freshness == Freshness::Fresh; }, 20'000);
    }
    QTimer market;
};

} // namespace

/// Rows R7, R8 and R10 of the targets for Hyperliquid.
class TestHlStreamFaults : public QObject
{
    Q_OBJECT

private slots:
    /// The waits are those of earnest use.
    void aHalfOpenLineIsStaleAndGivenUp()
    {
        Talking fixture;
        LineProxy proxy(fixture.streamPort());
        fixture.put(proxy);
        fixture.start();
        QVERIFY(fixture.ready(1));
        const qint64 memory = residentKilobytes();
        QElapsedTimer since;
        since.start();
        proxy.setMode(LineProxy::Mode::Hole);
        QVERIFY(waitFor([&] { return fixture.seen.freshness == Freshness::Stale; }));
        const qint64 book = since.elapsed();
        QVERIFY(waitFor([&] { return fixture.seen.status["account"].freshness == Freshness::Stale; }));
        const qint64 account = since.elapsed();
        QVERIFY2(fixture.seen.lost.empty(), "flagged before the line is given up");
        QVERIFY(waitFor([&] { return fixture.seen.lost.size() == 1; }, 30'000));
        proxy.setMode(LineProxy::Mode::Pass);
        QVERIFY(fixture.ready(2));
        const qint64 growth = residentKilobytes() - memory;
        qInfo("R7 half-open: book stale after %lld ms, account after %lld ms, given up, reconciled after %lld ms, "
              "memory %+lld kB",
              static_cast<long long>(book), static_cast<long long>(account), static_cast<long long>(since.elapsed()),
              static_cast<long long>(growth));
        QVERIFY(book <= 3000);
        QVERIFY(growth <= 50 * 1024);
    }

    void silentButAliveIsStaleAndTheConnectionIsKept()
    {
        Talking fixture;
        fixture.options.timings.markStaleAfter = 2s;
        fixture.options.timings.pingEvery = 500ms;
        fixture.start();
        QVERIFY(fixture.ready(1));
        QElapsedTimer since;
        since.start();
        fixture.market.stop();
        QVERIFY(waitFor([&] { return fixture.seen.freshness == Freshness::Stale; }));
        const qint64 book = since.elapsed();
        QVERIFY(book <= 3000);
        QVERIFY(fixture.seen.lost.empty()); // the account's stream may be quiet
        fixture.market.start(100);
        QVERIFY(fixture.ready(1));
        qInfo("R7 silent but alive: book stale after %lld ms (markStaleAfter 2 s)", static_cast<long long>(book));
    }

    void aLineThatNeverOpensIsTriedAgainUntilItDoes_data()
    {
        QTest::addColumn<int>("mode");
        QTest::newRow("accepted, never answered") << int(LineProxy::Mode::Mute);
        QTest::newRow("one byte a second") << int(LineProxy::Mode::Trickle);
    }
    void aLineThatNeverOpensIsTriedAgainUntilItDoes()
    {
        QFETCH(int, mode);
        Talking fixture;
        LineProxy proxy(fixture.streamPort());
        proxy.setMode(LineProxy::Mode(mode));
        fixture.put(proxy);
        fixture.options.timings.connectTimeout = 400ms;
        const qint64 memory = residentKilobytes();
        fixture.start();
        QVERIFY(waitFor([&] { return proxy.accepted() >= 5; }, 20'000));
        QCOMPARE(fixture.seen.reconciled, 0);
        proxy.setMode(LineProxy::Mode::Pass);
        QVERIFY(fixture.ready(1));
        const qint64 growth = residentKilobytes() - memory;
        qInfo("R7 %s: %d attempts of both sockets, memory %+lld kB", QTest::currentDataTag(), proxy.accepted(),
              static_cast<long long>(growth));
        QVERIFY(growth <= 50 * 1024);
    }

    void aFrameOfTwentyFiveMegabytesCostsTheConnectionNotTheMemory()
    {
        Talking fixture;
        fixture.start();
        QVERIFY(fixture.ready(1));
        const qint64 before = residentKilobytes();
        fixture.venue.push(QByteArray(25 << 20, 'x'));
        QVERIFY(waitFor([&] { return fixture.seen.lost.size() == 1; }, 20'000));
        QVERIFY(fixture.ready(2));
        const qint64 growth = residentKilobytes() - before;
        qInfo("R7 25 MB frame: reconciled again, memory %+lld kB", static_cast<long long>(growth));
        QVERIFY(growth <= 50 * 1024);
    }

    /// The line goes on while nobody reads.
    void aThreadThatStandsStillLosesNothing()
    {
        tests::StreamThread stream(
            [](int number) {
                const std::string user(40, '1');
                return "{\"channel\":\"trades\",\"data\":[{\"coin\":\"BTC\",\"side\":\"B\",\"px\":\"60000\",\"sz\":\"0.1\","
                       "\"hash\":\"0x00\",\"time\":" +
                       std::to_string(tests::hl::nowMs()) + ",\"tid\":" + std::to_string(number) +
                       ",\"users\":[\"0x" + user + "\",\"0x" + user + "\"]}]}";
            },
            1ms);
        ScriptedClient fixture;
        fixture.options.endpoints.webSocket = stream.url() + "/ws";
        fixture.start();
        QVERIFY(waitFor([&] { return fixture.seen.reconciled == 1 && stream.connections() == 2; }));
        stream.run(true);
        QVERIFY(waitFor([&] { return fixture.seen.trades.size() > 50; }));
        const qint64 before = residentKilobytes();
        const std::size_t had = fixture.seen.trades.size();
        const Duration until = fixture.clock.monotonic() + 3s;
        while (fixture.clock.monotonic() < until) { // the thread does something else
        }
        stream.run(false);
        QVERIFY(waitFor([&] { return fixture.seen.trades.size() == static_cast<std::size_t>(stream.sent()); }, 20'000));
        for (std::size_t i = 0; i < fixture.seen.trades.size(); ++i)
            QCOMPARE(fixture.seen.trades[i].id, static_cast<std::int64_t>(i) + 1);
        const qint64 growth = residentKilobytes() - before;
        qInfo("R7 slow consumer: %zu prints came while nothing read for 3 s, all in order; memory %+lld kB",
              fixture.seen.trades.size() - had, static_cast<long long>(growth));
        QVERIFY(growth <= 50 * 1024);
        QVERIFY(fixture.seen.lost.empty());
        QCOMPARE(stream.connections(), 2);
        fixture.client->stop({});
    }

    void aStormOfDropsLeavesNothingBehind()
    {
        Talking fixture;
        fixture.options.weightPerMinute = 100'000'000; // the budget has tests of its own
        fixture.options.timings.reconnectMin = 1ms;
        fixture.options.timings.reconnectMax = 2ms;
        fixture.start();
        QVERIFY(fixture.ready(1));
        const auto subscriptions = [&] {
            return std::count_if(fixture.venue.frames.begin(), fixture.venue.frames.end(), [](const std::string &frame) {
                return frame.find("\"subscribe\"") != std::string::npos;
            });
        };
        const auto complete = subscriptions();
        const auto drop = [&](int times) {
            for (int i = 0; i < times; ++i) {
                const int before = fixture.seen.reconciled;
                fixture.venue.frames.clear();
                fixture.venue.dropSockets();
                if (!tests::waitAwake([&] { return fixture.seen.reconciled > before && subscriptions() == complete; }))
                    return false;
                fixture.venue.asked.clear();
                fixture.seen.accounts.clear();
                fixture.seen.marks.clear();
                fixture.seen.tickers.clear();
                fixture.seen.texts.clear();
                fixture.seen.lost.clear();
            }
            return true;
        };
        QVERIFY(drop(60)); // what is allocated once
        const qsizetype descriptors = tests::openDescriptors();
        const qint64 memory = residentKilobytes();
        const int drops = tests::dropsWanted();
        QVERIFY(drop(drops));
        // What the last drop left behind is on its way out.
        (void)waitFor([&] { return std::abs(tests::openDescriptors() - descriptors) <= 1; }, 3000);
        const qint64 growth = residentKilobytes() - memory;
        const qsizetype left = tests::openDescriptors() - descriptors;
        qInfo("R8: %d drops of every socket, each with all %lld subscriptions and reconciled; descriptors %+lld, "
              "memory %+lld kB",
              drops, static_cast<long long>(complete), static_cast<long long>(left), static_cast<long long>(growth));
        QVERIFY(std::abs(left) <= 1);
        QVERIFY2(growth <= 1024, qPrintable(QString::number(growth)));
    }

    void aJumpOfTheWallClockBlocksOrdersAndChangesNoAge_data()
    {
        QTest::addColumn<qint64>("seconds");
        QTest::addColumn<bool>("blocks");
        for (const qint64 seconds : {-86'400, -3'600, -1, 1, 3'600, 86'400})
            QTest::addRow("%+lld s", static_cast<long long>(seconds)) << seconds << (std::abs(seconds) > 5);
    }
    void aJumpOfTheWallClockBlocksOrdersAndChangesNoAge()
    {
        QFETCH(qint64, seconds);
        QFETCH(bool, blocks);
        Talking fixture;
        JumpingClock clock;
        fixture.client =
            std::make_unique<exchange::hyperliquid::HyperliquidClient>(std::move(fixture.options), clock);
        fixture.client->start(fixture.seen, {fixture.btc().symbol});
        QVERIFY(fixture.ready(1));
        clock.offset = std::chrono::seconds{seconds};
        const std::size_t marks = fixture.seen.marks.size();
        QVERIFY(waitFor([&] { return fixture.seen.marks.size() > marks + 10; }));
        QCOMPARE(fixture.seen.freshness, Freshness::Fresh); // ages are measured by the monotonic clock
        QCOMPARE(!fixture.seen.lost.empty(), blocks);
        if (blocks) {
            QVERIFY(fixture.seen.said("clock is"));
            fixture.submit({fixture.limit("while-off", Side::Buy, "50000", "0.01")});
            QVERIFY(waitFor([&] { return !fixture.seen.outcomes.empty(); }));
            QCOMPARE(fixture.seen.outcomes.front().outcome, ports::RequestOutcome::Rejected);
            QVERIFY(fixture.venue.actions.empty()); // a nonce of tomorrow would lock the key until then
        }
        clock.offset = Duration{0};
        QVERIFY(fixture.ready(blocks ? 2 : 1));
        fixture.client->stop({});
        fixture.client.reset(); // before its clock
    }
};

QTEST_GUILESS_MAIN(TestHlStreamFaults)
#include "tst_hl_stream_faults.moc"
