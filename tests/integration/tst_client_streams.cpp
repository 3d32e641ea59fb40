#include <QtTest/QTest>

#include "tests/integration/fake_market.h"
#include "tests/integration/market_listener.h"

using namespace core;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using tests::FakeMarket;
using tests::MarketListener;
using tests::waitFor;

namespace
{

[[nodiscard]] bool withoutHoleOrDouble(const std::vector<std::int64_t> &ids)
{
    for (std::size_t i = 1; i < ids.size(); ++i) {
        if (ids[i] != ids[i - 1] + 1)
            return false;
    }
    return ids.size() > 1;
}

/// The most frames that one socket received within any second.
[[nodiscard]] int framesInASecond(const std::vector<qint64> &at)
{
    int most = 0;
    for (std::size_t from = 0, to = 0; to < at.size(); ++to) {
        while (at[to] - at[from] >= 1000)
            ++from;
        most = std::max(most, static_cast<int>(to - from + 1));
    }
    return most;
}

} // namespace

class TestClientStreams : public QObject
{
    Q_OBJECT
    using Client = exchange::binance::BinanceClient;
    net::SystemClock m_clock;

private slots:
    void bn04_everyAddressIsTheOneGiven()
    {
        FakeMarket venue(1);
        FakeMarket other(1);
        auto options = venue.options();
        options.endpoints.streamsMarket = other.options().endpoints.streamsMarket;
        venue.runTicks(20);
        other.runTicks(20);
        MarketListener seen;
        Client client(std::move(options), m_clock);
        client.start(seen, venue.symbols(1));
        QVERIFY(waitFor([&] { return seen.fresh() == 1 && !seen.markTimes.empty(); }));
        for (const QString &stream : venue.seenStreams)
            QVERIFY2(stream.startsWith(u"public "_s), qPrintable(stream));
        for (const QString &stream : other.seenStreams)
            QVERIFY2(stream.startsWith(u"market "_s), qPrintable(stream));
        QCOMPARE(other.requests.size(), std::size_t{0});
        client.stop({});
    }

    void bn09_streamsGoToTheirRoutes()
    {
        FakeMarket venue(1);
        venue.runTicks(20);
        MarketListener seen;
        Client client(venue.options(), m_clock);
        client.start(seen, venue.symbols(1));
        client.watchCandles({Venue::Binance, FakeMarket::symbol(0)}, 1min, true);
        const std::set<QString> expected{u"public s0usdt@depth@100ms"_s, u"public s0usdt@bookTicker"_s,
                                         u"market s0usdt@aggTrade"_s,    u"market s0usdt@markPrice@1s"_s,
                                         u"market s0usdt@forceOrder"_s,  u"market s0usdt@ticker"_s,
                                         u"market !contractInfo"_s};
        QVERIFY(waitFor([&] { return venue.seenStreams == expected; }));
        client.watchCandles({Venue::Binance, FakeMarket::symbol(0)}, 1min, true);
        QVERIFY(waitFor([&] { return venue.seenStreams.count(u"market s0usdt@kline_1m"_s) == 1; }));
        client.stop({});
    }

    void bn08_aRouteThatAcknowledgesAndStaysSilentIsARouteError()
    {
        FakeMarket venue(2);
        venue.serveMarket = false;
        venue.runTicks(20);
        auto options = venue.options();
        QCOMPARE(Duration(options.timings.firstDataWithin), Duration(10s)); // what the client does by itself
        options.timings.firstDataWithin = 400ms;
        MarketListener seen;
        Client client(std::move(options), m_clock);
        client.start(seen, venue.symbols(2));
        QVERIFY(waitFor(
            [&] { return seen.status["mark S0USDT"].lastError.find("route error") != std::string::npos; }));
        QVERIFY(waitFor([&] { return seen.status["mark S0USDT"].freshness == Freshness::Lost; }));
        QCOMPARE(seen.fresh(), 2); // the books live on their own route
        venue.serveMarket = true;
        QVERIFY(waitFor([&] { return seen.status["mark S1USDT"].freshness == Freshness::Fresh; }));
        QVERIFY(seen.status["mark S1USDT"].lastError.empty());
        client.stop({});
    }

    void oneSilentContractIsNamedAndTheOthersLiveOn()
    {
        FakeMarket venue(3);
        venue.silentStreams = {u"s1usdt@depth@100ms"_s};
        venue.runTicks(20);
        auto options = venue.options();
        options.timings.firstDataWithin = 300ms;
        MarketListener seen;
        Client client(std::move(options), m_clock);
        client.start(seen, venue.symbols(3));
        QVERIFY(waitFor(
            [&] { return seen.status["book S1USDT"].lastError.find("route error") != std::string::npos; }));
        QCOMPARE(seen.status["book S0USDT"].reconnects, std::uint64_t{0});
        QVERIFY(waitFor([&] { return seen.fresh() == 2; }));
        venue.silentStreams.clear();
        QVERIFY(waitFor([&] { return seen.fresh() == 3; }));
        client.stop({});
    }

    void bn13_aHundredResyncsStayWithinTheBudget()
    {
        FakeMarket venue(100);
        auto options = venue.options();
        options.timings.snapshotEvery = 1s;
        MarketListener seen;
        Client client(std::move(options), m_clock);
        venue.runTicks(100);
        client.start(seen, venue.symbols(30));
        QVERIFY(waitFor([&] { return seen.fresh() == 30; }, 20'000));
        // Thirty more at once, then all have a hole at once: more than a minute's weight allows.
        client.addSymbols(venue.symbols(100));
        QVERIFY(waitFor([&] { return venue.count(u"/fapi/v1/depth"_s) >= 60; }, 20'000));
        venue.skipDepth();
        (void)waitFor([&] { return venue.count(u"/fapi/v1/depth"_s) > 96; }, 4'000);
        int weight = 0;
        std::map<QString, qint64> lastAt;
        for (const auto &request : venue.requests) {
            weight += request.path == u"/fapi/v1/depth"_s ? 20 : 1;
            if (request.path != u"/fapi/v1/depth"_s)
                continue;
            const QString symbol = request.query.queryItemValue(u"symbol"_s);
            if (lastAt.count(symbol) > 0)
                QVERIFY2(request.at - lastAt[symbol] >= 950, qPrintable(symbol)); // measured at the other end
            lastAt[symbol] = request.at;
        }
        // The run may reach over the end of a minute: two windows at most.
        QVERIFY2(weight <= 2 * 1920, qPrintable(QString::number(weight)));
        QVERIFY(seen.budget.used <= 1920);
        qInfo("bn13: %d snapshots, weight %d, fresh %d of 100", venue.count(u"/fapi/v1/depth"_s), weight,
              seen.fresh());
        client.stop({});
    }

    void bn17_theReplacementIsThereBeforeTheOldOneEnds()
    {
        FakeMarket venue(3);
        auto options = venue.options();
        options.timings.renewEvery = 2s;
        options.timings.renewJitter = 200ms;
        options.timings.renewOverlap = 1s; // a busy machine may stand still for a part of it
        options.timings.bookStaleAfter = 700ms; // the ticks come every 10 ms
        MarketListener seen;
        Client client(std::move(options), m_clock);
        venue.runTicks(10);
        client.start(seen, venue.symbols(3));
        QVERIFY(waitFor([&] { return seen.fresh() == 3; }));
        std::size_t leastLines = 9;
        std::size_t mostLines = 0;
        QVERIFY(waitFor(
            [&] {
                leastLines = std::min(leastLines, venue.lines.size());
                mostLines = std::max(mostLines, venue.lines.size());
                return venue.opened >= 8;
            },
            30'000));
        QVERIFY(leastLines >= 2); // never fewer than one per route
        QVERIFY(mostLines >= 3);
        for (int i = 0; i < 3; ++i) {
            const Symbol symbol = FakeMarket::symbol(i);
            QVERIFY2(withoutHoleOrDouble(seen.tradeIds[symbol]), "trades");
            QVERIFY2(withoutHoleOrDouble(seen.quoteIds[symbol]), "quotes");
            QCOMPARE(seen.seen[symbol][Freshness::Gapped], 0);
            QCOMPARE(seen.seen[symbol][Freshness::Lost], 0);
            QCOMPARE(seen.status["book " + symbol.string()].lost, std::uint64_t{0});
            QCOMPARE(seen.status["book " + symbol.string()].reconnects, std::uint64_t{0});
        }
        QCOMPARE(venue.count(u"/fapi/v1/depth"_s), 3);
        qInfo("bn17: %d connections, %zu trades of one contract without hole or double", venue.opened,
              seen.tradeIds[FakeMarket::symbol(0)].size());
        client.stop({});
    }

    void bn18_atMostTenFramesASecondForThreeHundredStreams()
    {
        FakeMarket venue(120);
        venue.runTicks(200);
        MarketListener seen;
        Client client(venue.options(), m_clock);
        client.start(seen, venue.symbols(10));
        QVERIFY(waitFor([&] { return seen.fresh() == 10; }));
        // One at a time, in as many turns of the event loop.
        for (int i = 10; i < 110; ++i) {
            client.addSymbols({FakeMarket::symbol(i)});
            (void)waitFor([] { return false; }, 1);
        }
        const auto wanted = [&] {
            std::size_t streams = 0;
            for (const auto &line : venue.lines)
                streams += line->streams.size();
            return streams == 110 * 6 + 1;
        };
        QVERIFY(waitFor(wanted, 30'000));
        int most = 0;
        for (const auto &line : venue.lines) {
            QVERIFY(line->streams.size() <= 200);
            most = std::max(most, framesInASecond(line->framesAt));
        }
        QVERIFY2(most <= 10, qPrintable(QString::number(most)));
        qInfo("bn18: %zu connections, at most %d frames in a second", venue.lines.size(), most);
        // And after all connections were lost at once.
        venue.dropConnections();
        QVERIFY(waitFor([&] { return venue.lines.empty(); }));
        QVERIFY(waitFor(wanted, 20'000));
        for (const auto &line : venue.lines)
            QVERIFY(framesInASecond(line->framesAt) <= 10);
        client.stop({});
    }

    void removedContractsFallSilent()
    {
        FakeMarket venue(3);
        venue.runTicks(20);
        MarketListener seen;
        Client client(venue.options(), m_clock);
        client.start(seen, venue.symbols(2));
        QVERIFY(waitFor([&] { return seen.fresh() == 2; }));
        client.addSymbols({FakeMarket::symbol(2)});
        QVERIFY(waitFor([&] { return seen.fresh() == 3; }));
        client.removeSymbols({FakeMarket::symbol(1)});
        const auto trades = seen.tradeIds[FakeMarket::symbol(1)].size();
        QVERIFY(waitFor([&] {
            for (const auto &line : venue.lines) {
                for (const QString &stream : line->streams) {
                    if (stream.startsWith(u"s1usdt"_s))
                        return false;
                }
            }
            return true;
        }));
        QCOMPARE(seen.tradeIds[FakeMarket::symbol(1)].size(), trades);
        client.addSymbols({FakeMarket::symbol(1)});
        QVERIFY(waitFor([&] { return seen.tradeIds[FakeMarket::symbol(1)].size() > trades + 5; }));
        client.stop({});
    }

    void instrumentsAnswersTheWholeList()
    {
        FakeMarket venue(40);
        MarketListener seen;
        Client client(venue.options(), m_clock);
        client.start(seen, venue.symbols(1));
        std::optional<Result<std::vector<Instrument>>> list;
        client.instruments([&](Result<std::vector<Instrument>> answer) { list = std::move(answer); });
        QVERIFY(!list);
        QVERIFY(waitFor([&] { return list.has_value(); }));
        QVERIFY(list->has_value());
        QCOMPARE((*list)->size(), std::size_t{40});
        client.stop({});
    }
};

QTEST_GUILESS_MAIN(TestClientStreams)
#include "tst_client_streams.moc"
