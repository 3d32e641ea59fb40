#include <cstdlib>

#include <QtCore/QElapsedTimer>
#include <QtTest/QTest>

#include "tests/integration/scripted_venue.h"
#include "tests/support/event_wait.h"
#include "tests/support/line_proxy.h"
#include "tests/support/process_figures.h"
#include "tests/support/stream_thread.h"

using namespace core;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using tests::ClientFixture;
using tests::LineProxy;
using tests::residentKilobytes;
using tests::ScriptedFixture;
using tests::waitFor;

/// Rows R7 and R8 of the targets for the private stream, and for lines that die without a word.
class TestClientStreamFaults : public QObject
{
    Q_OBJECT

    static std::string through(const LineProxy &proxy)
    {
        return "ws://127.0.0.1:" + std::to_string(proxy.serverPort());
    }
    /// The client's thread does something else.
    static void block(Duration howLong)
    {
        const net::SystemClock clock;
        const Duration until = clock.monotonic() + howLong;
        while (clock.monotonic() < until) {
        }
    }

private slots:
    /// Nothing comes, nothing ends: the peer is gone and nobody said so.
    void aHalfOpenLineIsStaleWithinThreeSeconds()
    {
        ClientFixture fixture;
        QVERIFY(fixture.openVenue());
        LineProxy proxy(fixture.webSocketPort());
        auto &endpoints = fixture.clientOptions.endpoints;
        endpoints.streamsPublic = endpoints.streamsMarket = endpoints.streamsPrivate = through(proxy);
        fixture.clientOptions.timings.streamIdleLimit = 4s;
        fixture.clientOptions.timings.privatePongWithin = 3s;
        fixture.startClient();
        QVERIFY(waitFor([&] {
            return fixture.seen.reconciled == 1 && fixture.seen.freshness == Freshness::Fresh &&
                   !fixture.seen.marks.empty();
        }));
        auto &status = fixture.seen.status;
        const qint64 memory = residentKilobytes();
        QElapsedTimer since;
        qint64 book = -1;
        qint64 mark = -1;
        qint64 account = -1;
        since.start();
        proxy.setMode(LineProxy::Mode::Hole);
        QVERIFY(waitFor([&] {
            const auto note = [&](qint64 &when, bool happened) { when = when < 0 && happened ? since.elapsed() : when; };
            note(book, fixture.seen.freshness == Freshness::Stale);
            note(mark, status["mark BTCUSDT"].freshness == Freshness::Stale);
            note(account, status["account"].freshness == Freshness::Stale);
            return book >= 0 && mark >= 0 && account >= 0;
        }));
        qInfo("R7 half-open: book stale after %lld ms, mark %lld ms, account %lld ms", static_cast<long long>(book),
              static_cast<long long>(mark), static_cast<long long>(account));
        QVERIFY(book <= 3000 && mark <= 3000 && account <= 3000);
        QVERIFY(waitFor([&] { return fixture.seen.lost.size() == 1; })); // given up
        proxy.setMode(LineProxy::Mode::Pass);
        QVERIFY(waitFor([&] {
            return fixture.seen.reconciled == 2 && fixture.seen.freshness == Freshness::Fresh &&
                   status["account"].freshness == Freshness::Fresh;
        }, 15'000));
        const qint64 growth = residentKilobytes() - memory;
        qInfo("R7 half-open: given up, reconnected and reconciled after %lld ms, memory %+lld kB",
              static_cast<long long>(since.elapsed()), static_cast<long long>(growth));
        QVERIFY(growth <= 50 * 1024);
    }

    void aLineThatNeverOpensIsTriedAgainUntilItDoes_data()
    {
        QTest::addColumn<int>("mode");
        QTest::addColumn<bool>("streams"); ///< else the REST side
        QTest::newRow("stream: accepted, never answered") << int(LineProxy::Mode::Mute) << true;
        QTest::newRow("stream: one byte a second") << int(LineProxy::Mode::Trickle) << true;
        QTest::newRow("REST: accepted, never answered") << int(LineProxy::Mode::Mute) << false;
        QTest::newRow("REST: one byte a second") << int(LineProxy::Mode::Trickle) << false;
    }
    void aLineThatNeverOpensIsTriedAgainUntilItDoes()
    {
        QFETCH(int, mode);
        QFETCH(bool, streams);
        ScriptedFixture fixture;
        LineProxy proxy(streams ? fixture.venue.streamPort() : fixture.venue.restPort());
        proxy.setMode(LineProxy::Mode(mode));
        auto &endpoints = fixture.options.endpoints;
        if (streams)
            endpoints.streamsPrivate = through(proxy);
        else
            endpoints.rest = "http://127.0.0.1:" + std::to_string(proxy.serverPort());
        fixture.options.timings.connectTimeout = 400ms;
        fixture.options.timings.requestTimeout = 400ms;
        const qint64 memory = residentKilobytes();
        fixture.start();
        QVERIFY(waitFor([&] { return proxy.accepted() >= 3; }, 20'000));
        QCOMPARE(fixture.seen.reconciled, 0);
        QVERIFY(fixture.seen.status["account"].freshness != Freshness::Fresh);
        proxy.setMode(LineProxy::Mode::Pass);
        QVERIFY(waitFor([&] { return fixture.seen.reconciled == 1; }, 20'000));
        const qint64 growth = residentKilobytes() - memory;
        qInfo("R7 %s: %d attempts, reconciled as soon as it passed, memory %+lld kB", QTest::currentDataTag(),
              proxy.accepted(), static_cast<long long>(growth));
        QVERIFY(growth <= 50 * 1024);
    }

    void aFrameOfTwentyFiveMegabytesCostsTheConnectionNotTheMemory()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        const qint64 before = residentKilobytes();
        fixture.venue.privatePeers().last()->sendTextMessage(QString(25 << 20, u'x'));
        QVERIFY(waitFor([&] { return fixture.seen.reconciled == 2; }));
        QCOMPARE(fixture.venue.privateConnections(), 2);
        QCOMPARE(fixture.seen.lost.size(), std::size_t{1});
        const qint64 growth = residentKilobytes() - before;
        qInfo("R7 25 MB frame on the private stream: reconciled again, memory %+lld kB",
              static_cast<long long>(growth));
        QVERIFY(growth <= 50 * 1024);
    }

    /// The line goes on while nobody reads: what came is handed on in order, and the stream is not given up for it.
    void aThreadThatStandsStillLosesNothing()
    {
        ScriptedFixture fixture;
        tests::StreamThread stream(
            [&fixture](int number) {
                return fixture.orderEvent("f" + std::to_string(number), 1000 + number, "FILLED", "TRADE", "0.5", number);
            },
            1ms);
        fixture.options.endpoints.streamsPrivate = stream.url();
        fixture.options.timings.accountPollAfterOrder = 10min;
        QVERIFY(fixture.startAndReconcile());
        stream.run(true);
        QVERIFY(waitFor([&] { return fixture.seen.fills.size() > 50; }));
        const qint64 before = residentKilobytes();
        const std::size_t fills = fixture.seen.fills.size();
        block(3s);
        stream.run(false);
        QVERIFY(waitFor([&] { return fixture.seen.fills.size() == static_cast<std::size_t>(stream.sent()); }, 20'000));
        for (std::size_t i = 0; i < fixture.seen.fills.size(); ++i)
            QCOMPARE(fixture.seen.fills[i].tradeId, static_cast<std::int64_t>(i) + 1);
        const qint64 growth = residentKilobytes() - before;
        qInfo("R7 slow consumer: %zu fills came while nothing read for 3 s, all in order; memory %+lld kB",
              fixture.seen.fills.size() - fills, static_cast<long long>(growth));
        QVERIFY(growth <= 50 * 1024);
        QVERIFY(fixture.seen.lost.empty());
        QCOMPARE(stream.connections(), 1);
        fixture.client.reset(); // before the thread that serves it
    }

    void aStormOfDropsOfThePrivateStreamLeavesNothingBehind()
    {
        ScriptedFixture fixture;
        fixture.options.timings.reconnectMin = 1ms;
        fixture.options.timings.reconnectMax = 2ms;
        QVERIFY(fixture.startAndReconcile());
        const auto drop = [&](int times) {
            for (int i = 0; i < times; ++i) {
                const int before = fixture.seen.reconciled;
                fixture.venue.dropPrivate();
                if (!tests::waitAwake([&] { return fixture.seen.reconciled == before + 1; }))
                    return false;
                fixture.venue.forgetRequests();
                fixture.seen.accounts.clear();
                fixture.seen.positions.clear();
                fixture.seen.texts.clear();
                fixture.seen.lost.clear();
            }
            return true;
        };
        QVERIFY(drop(100)); // what is allocated once
        // REST connections are kept for the next request, as many as were ever needed at once: both their ends are ours.
        const auto ownDescriptors = [&] { return tests::openDescriptors() - 2 * fixture.venue.restConnections(); };
        const qsizetype descriptors = ownDescriptors();
        const qint64 memory = residentKilobytes();
        const int drops = tests::dropsWanted();
        QVERIFY(drop(drops));
        // What the last drop left behind is on its way out.
        (void)waitFor([&] { return std::abs(ownDescriptors() - descriptors) <= 1; }, 3000);
        const qint64 growth = residentKilobytes() - memory;
        const qsizetype left = ownDescriptors() - descriptors;
        qInfo("R8 private stream: %d drops, each reconciled; descriptors %+lld and %d REST connections, memory %+lld kB",
              drops, static_cast<long long>(left), fixture.venue.restConnections(), static_cast<long long>(growth));
        QVERIFY(std::abs(left) <= 1);
        QVERIFY(fixture.venue.restConnections() <= 12); // six for orders, six for the rest
        QVERIFY2(growth <= 1024, qPrintable(QString::number(growth)));
        QVERIFY(fixture.seen.differences.empty());
    }
};

QTEST_GUILESS_MAIN(TestClientStreamFaults)
#include "tst_client_stream_faults.moc"
