#include <QtTest/QTest>

#include "core/exchange/binance/market_candles.h"
#include "core/exchange/binance/rest_gateway.h"
#include "tests/integration/fake_market.h"
#include "tests/integration/market_listener.h"
#include "tests/support/jumping_clock.h"
#include "tests/support/process_figures.h"

using namespace core;
using namespace core::exchange::binance;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using tests::FakeMarket;
using tests::JumpingClock;
using tests::MarketListener;
using tests::openDescriptors;
using tests::residentKilobytes;
using tests::waitFor;

/// Rows R7, R8 and R10 of the targets, as far as market data go.
class TestClientReconnect : public QObject
{
    Q_OBJECT
    using Client = BinanceClient;
    net::SystemClock m_clock;

private slots:
    /// Open, answering pings, and without data.
    void aliveAndSilentIsStaleWithinThreeSeconds()
    {
        FakeMarket venue(1);
        auto options = venue.options();
        options.timings.streamIdleLimit = 4s;
        venue.runTicks(50);
        MarketListener seen;
        Client client(std::move(options), m_clock);
        client.start(seen, venue.symbols(1));
        QVERIFY(waitFor(
            [&] { return seen.fresh() == 1 && seen.status["mark S0USDT"].freshness == Freshness::Fresh; }));
        QElapsedTimer since;
        venue.silent = true;
        since.start();
        QVERIFY(waitFor([&] { return seen.books[FakeMarket::symbol(0)] == Freshness::Stale; }));
        const qint64 book = since.elapsed();
        QVERIFY(waitFor([&] { return seen.status["mark S0USDT"].freshness == Freshness::Stale; }));
        const qint64 mark = since.elapsed();
        QVERIFY(book <= 3000 && mark <= 3000);
        QVERIFY(waitFor([&] { return seen.status["book S0USDT"].reconnects > 0; })); // given up in the end
        venue.silent = false;
        QVERIFY(waitFor([&] { return seen.fresh() == 1; }));
        qInfo("R7 silent but alive: book stale after %lld ms, mark after %lld ms",
              static_cast<long long>(book), static_cast<long long>(mark));
        client.stop({});
    }

    void aFrameOfTwentyFiveMegabytesCostsTheConnectionNotTheMemory()
    {
        FakeMarket venue(1);
        venue.runTicks(50);
        MarketListener seen;
        Client client(venue.options(), m_clock);
        client.start(seen, venue.symbols(1));
        QVERIFY(waitFor([&] { return seen.fresh() == 1; }));
        const QString huge(25 << 20, u'x');
        const qint64 before = residentKilobytes();
        for (const auto &line : std::vector(venue.lines)) {
            if (line->path.startsWith(u"/public"_s))
                line->socket->sendTextMessage(huge);
        }
        QVERIFY(waitFor([&] { return seen.status["book S0USDT"].reconnects > 0; }));
        QVERIFY(waitFor([&] { return seen.fresh() == 1; }));
        qInfo("R7 25 MB frame: reconnected and fresh; memory of both sides grew by %lld kB",
              static_cast<long long>(residentKilobytes() - before));
        client.stop({});
    }

    void everyDropIsAnswered_data()
    {
        QTest::addColumn<QString>("route");
        QTest::newRow("public") << u"/public"_s;
        QTest::newRow("market") << u"/market"_s;
    }
    void everyDropIsAnswered()
    {
        QFETCH(QString, route);
        FakeMarket venue(2);
        venue.runTicks(20);
        MarketListener seen;
        Client client(venue.options(), m_clock);
        client.start(seen, venue.symbols(2));
        QVERIFY(waitFor([&] { return seen.fresh() == 2; }));
        const std::size_t marks = seen.markTimes[FakeMarket::symbol(0)].size();
        QElapsedTimer since;
        since.start();
        venue.dropConnections(route);
        QVERIFY(waitFor([&] {
            return venue.opened == 3 && seen.fresh() == 2 &&
                   seen.markTimes[FakeMarket::symbol(0)].size() > marks + 2;
        }));
        qInfo("R7 reset on %s: data again after %lld ms with a back-off of 20 ms", qPrintable(route),
              static_cast<long long>(since.elapsed()));
        client.stop({});
    }

    void aThousandDropsLeaveNothingBehind()
    {
        FakeMarket venue(2);
        auto options = venue.options();
        options.timings.reconnectMin = 1ms;
        options.timings.reconnectMax = 2ms;
        options.timings.connectEvery = 0ms;
        options.timings.snapshotEvery = 1ms;
        MarketListener seen;
        Client client(std::move(options), m_clock);
        client.start(seen, venue.symbols(2));
        const auto complete = [&] {
            std::size_t streams = 0;
            for (const auto &line : venue.lines)
                streams += line->streams.size();
            return venue.lines.size() == 2 && streams == 13;
        };
        QVERIFY(waitFor(complete));
        const auto drop = [&](int times) {
            for (int i = 0; i < times; ++i) {
                const int before = venue.opened;
                venue.dropConnections();
                if (!waitFor([&] { return venue.opened == before + 2 && complete(); }))
                    return false;
            }
            return true;
        };
        QVERIFY(drop(100)); // what is allocated once
        const qsizetype descriptors = openDescriptors();
        const qint64 memory = residentKilobytes();
        QVERIFY(drop(std::max(400, tests::dropsWanted()))); // two connections each
        const qint64 growth = residentKilobytes() - memory;
        const qsizetype left = openDescriptors() - descriptors;
        qInfo("R8: %d connections opened, descriptors %+lld, memory %+lld kB", venue.opened,
              static_cast<long long>(left), static_cast<long long>(growth));
        QVERIFY(std::abs(left) <= 1);
        QVERIFY2(growth <= 1024, qPrintable(QString::number(growth)));
        venue.runTicks(10);
        QVERIFY(waitFor([&] { return seen.fresh() == 2; }));
        client.stop({});
    }

    void wallClockJumpsChangeNoAgeAndAreTold_data()
    {
        QTest::addColumn<qint64>("seconds");
        for (const qint64 seconds : {-86'400, -3'600, -1, 1, 3'600, 86'400})
            QTest::addRow("%+lld s", static_cast<long long>(seconds)) << seconds + (seconds > 0 ? 1 : -1);
    }
    void wallClockJumpsChangeNoAgeAndAreTold()
    {
        QFETCH(qint64, seconds);
        JumpingClock clock;
        FakeMarket venue(1);
        venue.runTicks(20);
        MarketListener seen;
        Client client(venue.options(), clock);
        client.start(seen, venue.symbols(1));
        QVERIFY(
            waitFor([&] { return seen.fresh() == 1 && seen.status["clock"].freshness == Freshness::Fresh; }));
        const Symbol symbol = FakeMarket::symbol(0);
        seen.seen[symbol].clear();
        clock.offset = std::chrono::seconds{seconds};
        QVERIFY(waitFor([&] { return seen.status["clock"].freshness == Freshness::Diverged; }));
        const std::size_t marks = seen.markTimes[symbol].size();
        QVERIFY(waitFor([&] { return seen.markTimes[symbol].size() > marks + 10; }));
        QCOMPARE(seen.books[symbol], Freshness::Fresh);
        QCOMPARE(seen.seen[symbol][Freshness::Lost], 0);
        QCOMPARE(seen.seen[symbol][Freshness::Gapped], 0);
        clock.offset = Duration{0};
        QVERIFY(waitFor([&] { return seen.status["clock"].freshness == Freshness::Fresh; }));
        client.stop({});
    }

    void bn14_aHoleInTheCandlesIsFilledBeforeNewerOnes()
    {
        FakeMarket venue(1);
        ClientOptions options = venue.options();
        RestGateway rest(options, m_clock, nullptr);
        MarketHistory history(options, m_clock, rest, nullptr);
        CandleFeed feed(history);
        rest.start();
        const InstrumentKey key{Venue::Binance, FakeMarket::symbol(0)};
        const UtcTime begin = utcFromMilliseconds(1'700'000'040'000);
        venue.answerInstead = [&](const FakeMarket::Request &request) -> std::optional<FakeMarket::Reply> {
            if (request.path != u"/fapi/v1/klines"_s)
                return std::nullopt;
            QByteArray rows;
            for (qint64 at = request.query.queryItemValue(u"startTime"_s).toLongLong();
                 at <= request.query.queryItemValue(u"endTime"_s).toLongLong(); at += 60'000)
                rows += (rows.isEmpty() ? "" : ",") + FakeMarket::klineRow(at, 9);
            return FakeMarket::Reply{200, "[" + rows + "]", {}};
        };
        std::vector<Candle> got;
        feed.start([&](const Candle &candle) { got.push_back(candle); });
        QVERIFY(feed.watch(key, 1min, "x"));
        const auto stream = [&](int minute, std::int64_t trades, bool closed) {
            Candle candle;
            candle.instrument = key;
            candle.openTime = begin + std::chrono::minutes{minute};
            candle.trades = trades;
            candle.closed = closed;
            feed.onCandle(candle);
        };
        stream(0, 3, false);
        stream(0, 3, false); // what two connections bring twice changes nothing
        stream(0, 2, false); // older: not handed on
        // The connection is lost with the end of minute 0, and minutes 1 and 2.
        stream(3, 1, false);
        stream(3, 4, true);
        stream(4, 1, false);
        QVERIFY(waitFor([&] { return got.size() >= 7; }));
        QVERIFY(!got[0].closed);
        std::vector<int> closed;
        for (const Candle &candle : got) {
            if (candle.closed)
                closed.push_back(static_cast<int>((candle.openTime - begin) / 1min));
        }
        QCOMPARE(closed, (std::vector<int>{0, 1, 2, 3}));
        QVERIFY(!got.back().closed);
        QCOMPARE(got.back().openTime, begin + 4min);
        stream(3, 4, true); // the second copy of an overlap
        QCOMPARE(got.back().openTime, begin + 4min);
        history.stop();
        rest.stop();
    }
};

QTEST_GUILESS_MAIN(TestClientReconnect)
#include "tst_client_reconnect.moc"
