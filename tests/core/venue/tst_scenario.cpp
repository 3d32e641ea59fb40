#include "core/venue/scenario.h"

#include <algorithm>
#include <map>
#include <set>

#include <QtCore/QCryptographicHash>
#include <QtTest/QTest>

#include "core/exchange/binance/codec.h"
#include "core/venue/listed_markets.h"
#include "tests/core/venue/venue_fixture.h"

using namespace core;
using namespace core::venue;
using namespace std::chrono_literals;
using tests::btc;

namespace
{
/// Follows a source with a plain map book and checks every promise of it on the way.
class Watcher final : public FeedListener
{
public:
    void onBookStart(const exchange::binance::DepthSnapshot &snapshot, const Symbol &) override
    {
        for (const Level &level : snapshot.bids)
            bids[level.price] = level.quantity;
        for (const Level &level : snapshot.asks)
            asks[level.price] = level.quantity;
        lastId = snapshot.lastUpdateId;
        levelsAtStart = {bids.size(), asks.size()};
        firstMiddle = middle();
    }
    void onDepth(const exchange::binance::DepthUpdate &update, std::string_view data) override
    {
        digest(data);
        ++depths;
        chained = chained && update.previousLastId == lastId && update.firstId > lastId &&
                  update.firstId <= update.lastId;
        skipping = skipping || update.firstId > lastId + 1;
        lastId = update.lastId;
        put(bids, update.bids);
        put(asks, update.asks);
        crossed = crossed || bids.begin()->first >= asks.begin()->first;
        lowest = std::min(lowest, middle());
        fewestLevels = std::min({fewestLevels, bids.size(), asks.size()});
        const auto decoded = decoder.decode(data, {});
        readable =
            readable && decoded && std::holds_alternative<const exchange::binance::DepthUpdate *>(*decoded);
    }
    void onTrade(const Trade &trade, std::string_view data) override
    {
        digest(data);
        ++trades;
        idsRise = idsRise && trade.id > lastTrade;
        lastTrade = trade.id;
    }
    void onAggregateTrade(const Trade &, std::string_view) override {}
    void onBookTicker(const BestQuote &quote, std::string_view data) override
    {
        digest(data);
        ++tickers;
        crossed = crossed || quote.bid.price >= quote.ask.price;
        if (quote.updateId == lastId)
            tickerAgrees = tickerAgrees && quote.bid == best(bids) && quote.ask == best(asks);
    }
    void onMark(const MarkPrice &mark, std::string_view data) override
    {
        digest(data);
        ++marks;
        lowestMark = std::min(lowestMark, mark.mark.toDouble());
        const auto decoded = decoder.decode(data, {});
        readable = readable && decoded && std::get<MarkPrice>(*decoded).mark == mark.mark;
    }
    void onCandle(const Symbol &, std::string_view, std::string_view) override {}
    void onFeedError(const Error &) override { readable = false; }

    template <class Side> static void put(Side &side, const std::vector<Level> &levels)
    {
        for (const Level &level : levels)
            if (level.quantity.isZero())
                side.erase(level.price);
            else
                side[level.price] = level.quantity;
    }
    template <class Side> static Level best(const Side &side)
    {
        return {side.begin()->first, side.begin()->second};
    }
    [[nodiscard]] double middle() const
    {
        return 0.5 * (bids.begin()->first.toDouble() + asks.begin()->first.toDouble());
    }
    void digest(std::string_view data)
    {
        hash.addData(QByteArrayView(data.data(), static_cast<qsizetype>(data.size())));
    }

    std::map<Price, Quantity, std::greater<>> bids;
    std::map<Price, Quantity> asks;
    exchange::binance::MarketDecoder decoder;
    QCryptographicHash hash{QCryptographicHash::Sha256};
    std::pair<std::size_t, std::size_t> levelsAtStart;
    std::size_t fewestLevels{100'000};
    std::int64_t lastId{0}, lastTrade{0};
    int depths{0}, trades{0}, tickers{0}, marks{0};
    double firstMiddle{0}, lowest{1e12}, lowestMark{1e12};
    bool chained{true}, skipping{false}, crossed{false}, readable{true}, idsRise{true}, tickerAgrees{true};
};

[[nodiscard]] std::unique_ptr<MarketSource> scenario(ScenarioOptions::Kind kind, std::uint64_t seed)
{
    ScenarioOptions options;
    options.kind = kind;
    options.seed = seed;
    options.symbol = btc();
    return makeScenario(options, tests::venueOptions().instruments).value();
}

void play(MarketSource &source, Watcher &watcher, Duration until)
{
    QVERIFY(source.start(utcFromMilliseconds(1'800'000'000'000), watcher).has_value());
    while (source.nextAt().value() <= until)
        source.step(watcher);
}
} // namespace

class TestScenario : public QObject
{
    Q_OBJECT

private slots:
    void staysSound_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<quint64>("seed");
        for (const quint64 seed : {1ULL, 2ULL, 3ULL}) {
            const auto row = [&](const char *name, ScenarioOptions::Kind kind) {
                QTest::addRow("%s, seed %d", name, static_cast<int>(seed)) << static_cast<int>(kind) << seed;
            };
            row("calm", ScenarioOptions::Kind::Calm);
            row("trend", ScenarioOptions::Kind::Trend);
            row("range", ScenarioOptions::Kind::Range);
            row("flash crash", ScenarioOptions::Kind::FlashCrash);
        }
    }
    void staysSound()
    {
        QFETCH(int, kind);
        QFETCH(quint64, seed);
        const auto source = scenario(static_cast<ScenarioOptions::Kind>(kind), seed);
        Watcher watcher;
        play(*source, watcher, 60s);
        QVERIFY(!watcher.crossed);
        QVERIFY(watcher.chained);
        QVERIFY(watcher.skipping);
        QVERIFY(watcher.readable);
        QVERIFY(watcher.idsRise);
        QVERIFY(watcher.tickerAgrees);
        QCOMPARE(watcher.marks, 60);
        QVERIFY(watcher.depths > 590 && watcher.depths <= 600);
        QVERIFY2(watcher.trades > 100, qPrintable(QString::number(watcher.trades)));
        QVERIFY(watcher.tickers > 100);
        QVERIFY(watcher.levelsAtStart.first >= 1'000 && watcher.levelsAtStart.second >= 1'000);
    }

    void quotesLeaveInAVacuum()
    {
        const auto source = scenario(ScenarioOptions::Kind::Vacuum, 3);
        Watcher watcher;
        play(*source, watcher, 27s);
        QVERIFY2(watcher.fewestLevels < 100, qPrintable(QString::number(watcher.fewestLevels)));
        QVERIFY(!watcher.crossed && watcher.chained && watcher.readable);
        while (source->nextAt().value() <= 60s)
            source->step(watcher);
        QVERIFY(watcher.bids.size() > 900 && watcher.asks.size() > 900); // and they come back
    }

    void nothingLeavesTheVenueInAnOutage()
    {
        const auto source = scenario(ScenarioOptions::Kind::Outage, 3);
        Watcher watcher;
        play(*source, watcher, 20s);
        const int before = watcher.depths + watcher.trades + watcher.marks;
        while (source->nextAt().value() < 28s)
            source->step(watcher);
        QVERIFY(watcher.depths + watcher.trades + watcher.marks - before <= 1);
        while (source->nextAt().value() <= 30s)
            source->step(watcher);
        QVERIFY(watcher.depths + watcher.trades + watcher.marks > before + 10);
        QVERIFY(!watcher.crossed && watcher.chained);
    }

    void fundingRisesToItsSpike()
    {
        class Rates final : public FeedListener
        {
        public:
            void onBookStart(const exchange::binance::DepthSnapshot &, const Symbol &) override {}
            void onDepth(const exchange::binance::DepthUpdate &, std::string_view) override {}
            void onTrade(const Trade &, std::string_view) override {}
            void onAggregateTrade(const Trade &, std::string_view) override {}
            void onBookTicker(const BestQuote &, std::string_view) override {}
            void onMark(const MarkPrice &mark, std::string_view) override { last = *mark.fundingRate; }
            void onCandle(const Symbol &, std::string_view, std::string_view) override {}
            void onFeedError(const Error &) override {}
            Ratio last;
        } rates;
        const auto source = scenario(ScenarioOptions::Kind::FundingSpike, 3);
        QVERIFY(source->start({}, rates).has_value());
        while (source->nextAt().value() <= 19s)
            source->step(rates);
        QCOMPARE(rates.last, Ratio::fromRaw(10'000));
        while (source->nextAt().value() <= 29s)
            source->step(rates);
        QCOMPARE(rates.last, Ratio::fromRaw(750'000));
    }

    void fiftyContractsMoveTogetherInPart()
    {
        VenueOptions options;
        ScenarioOptions wanted;
        wanted.kind = ScenarioOptions::Kind::Range;
        wanted.seed = 11;
        listMarkets(options, wanted, 50);
        QCOMPARE(options.instruments.size(), std::size_t{50});
        options.accounts = tests::venueOptions().accounts;
        QVERIFY(validate(options).has_value());
        struct Marks final : public FeedListener {
            void onBookStart(const exchange::binance::DepthSnapshot &snapshot, const Symbol &) override
            {
                sound = sound && snapshot.bids.size() >= 80 && snapshot.asks.size() >= 80;
            }
            void onDepth(const exchange::binance::DepthUpdate &, std::string_view) override {}
            void onTrade(const Trade &trade, std::string_view) override { traded.insert(trade.instrument.symbol); }
            void onAggregateTrade(const Trade &, std::string_view) override {}
            void onBookTicker(const BestQuote &, std::string_view) override {}
            void onMark(const MarkPrice &mark, std::string_view) override
            {
                marks[mark.instrument.symbol].push_back(mark.mark.toDouble());
            }
            void onCandle(const Symbol &, std::string_view, std::string_view) override {}
            void onFeedError(const Error &) override {}
            std::map<Symbol, std::vector<double>> marks;
            std::set<Symbol> traded;
            bool sound{true};
        } seen;
        const auto source = makeScenario(std::get<ScenarioOptions>(options.market), options.instruments).value();
        QVERIFY(source->start({}, seen).has_value());
        while (source->nextAt().value() <= 40s)
            source->step(seen);
        QVERIFY(seen.sound);
        QCOMPARE(seen.traded.size(), std::size_t{50});
        QCOMPARE(seen.marks.size(), std::size_t{50});
        int together = 0, all = 0; // seconds in which BTC and ETH went the same way
        const auto &btcMarks = seen.marks[btc()];
        const auto &ethMarks = seen.marks[Symbol::from("ETHUSDT").value()];
        for (std::size_t i = 1; i < btcMarks.size(); ++i, ++all)
            together += (btcMarks[i] > btcMarks[i - 1]) == (ethMarks[i] > ethMarks[i - 1]) ? 1 : 0;
        QVERIFY2(together * 10 > all * 6, qPrintable(QString::number(together)));
    }

    void sameSeedGivesTheSameBytes()
    {
        const auto bytes = [](std::uint64_t seed) {
            const auto source = scenario(ScenarioOptions::Kind::FlashCrash, seed);
            Watcher watcher;
            play(*source, watcher, 35s);
            return watcher.hash.result().toHex();
        };
        QCOMPARE(bytes(7), bytes(7));
        QVERIFY(bytes(7) != bytes(8));
    }

    void flashCrashFallsAsDeepAsPromised_data()
    {
        QTest::addColumn<quint64>("seed");
        for (const quint64 seed : {1ULL, 2ULL, 3ULL, 4ULL, 5ULL})
            QTest::addRow("seed %d", static_cast<int>(seed)) << seed;
    }
    void flashCrashFallsAsDeepAsPromised()
    {
        QFETCH(quint64, seed);
        const auto source = scenario(ScenarioOptions::Kind::FlashCrash, seed);
        Watcher watcher;
        play(*source, watcher, 20s);
        const double calm = watcher.lowest / watcher.firstMiddle;
        QVERIFY2(calm > 0.997, qPrintable(QString::number(calm)));
        const std::size_t levelsCalm = watcher.fewestLevels;
        while (source->nextAt().value() <= 29s)
            source->step(watcher);
        const double deepest = watcher.lowest / watcher.firstMiddle;
        QVERIFY2(deepest < 0.945 && deepest > 0.93, qPrintable(QString::number(deepest)));
        QVERIFY(watcher.fewestLevels < levelsCalm * 7 / 10); // the book thins out
        QVERIFY(watcher.lowestMark / watcher.firstMiddle < 0.95);
        while (source->nextAt().value() <= 80s)
            source->step(watcher);
        QVERIFY(watcher.middle() / watcher.firstMiddle > 0.955); // part of it comes back
        QVERIFY(watcher.middle() / watcher.firstMiddle < 0.99);
        QVERIFY(!watcher.crossed && watcher.chained && watcher.readable);
    }
};

QTEST_APPLESS_MAIN(TestScenario)
#include "tst_scenario.moc"
