#include "core/venue/market_feed.h"

#include <map>
#include <set>

#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "core/exchange/binance/codec.h"
#include "core/venue/recording.h"
#include "core/venue/scenario.h"
#include "tests/core/venue/venue_fixture.h"
#include "tests/support/shared_data.h"

using namespace core;
using namespace core::venue;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace
{
using exchange::binance::DepthSnapshot;
using exchange::binance::DepthUpdate;

/// Per symbol: a plain map book that follows the feed, and what else came.
struct Followed {
    std::map<Price, Quantity, std::greater<>> bids;
    std::map<Price, Quantity> asks;
    std::int64_t lastId{0};
    int depths{0}, gaps{0}, crossed{0}, compared{0}, different{0}, starts{0}, aggregates{0}, marks{0},
        candles{0}, trades{0};
    std::int64_t volume{0}, joinedVolume{0}, lastJoined{0};
    bool joinedInOrder{true};
    std::map<std::int64_t, BestQuote> quotes; ///< by update id
};

class Follower final : public FeedListener
{
public:
    void onBookStart(const DepthSnapshot &snapshot, const Symbol &symbol) override
    {
        Followed &it = of[symbol];
        ++it.starts;
        it.bids.clear();
        it.asks.clear();
        put(it.bids, snapshot.bids);
        put(it.asks, snapshot.asks);
        it.lastId = snapshot.lastUpdateId;
        it.depths = 0;
    }
    void onDepth(const DepthUpdate &update, std::string_view data) override
    {
        Followed &it = of[update.symbol];
        if (it.starts == 0 || update.lastId < it.lastId)
            return; // older than the snapshot
        // The first one after the snapshot bridges it; from then on the chain has no hole.
        const bool bridges = update.firstId <= it.lastId && it.lastId <= update.lastId;
        if (update.previousLastId != it.lastId && !(it.depths == 0 && bridges))
            ++it.gaps;
        ++it.depths;
        it.lastId = update.lastId;
        put(it.bids, update.bids);
        put(it.asks, update.asks);
        if (it.bids.begin()->first >= it.asks.begin()->first)
            ++it.crossed;
        if (const auto quote = it.quotes.find(it.lastId); quote != it.quotes.end())
            compare(it, quote->second);
        keep(data);
    }
    void onTrade(const Trade &trade, std::string_view data) override
    {
        Followed &it = of[trade.instrument.symbol];
        ++it.trades;
        if (trade.kind == TradeKind::Market)
            it.volume += trade.quantity.raw();
        keep(data);
    }
    void onAggregateTrade(const Trade &trade, std::string_view) override
    {
        Followed &it = of[trade.instrument.symbol];
        it.joinedInOrder = it.joinedInOrder && trade.firstId > it.lastJoined && trade.lastId >= trade.firstId;
        it.lastJoined = trade.lastId;
        it.joinedVolume += trade.quantity.raw();
        ++it.aggregates;
    }
    void onBookTicker(const BestQuote &quote, std::string_view data) override
    {
        Followed &it = of[quote.instrument.symbol];
        it.quotes[quote.updateId] = quote;
        if (it.starts > 0 && quote.updateId == it.lastId)
            compare(it, quote);
        keep(data);
    }
    void onMark(const MarkPrice &mark, std::string_view data) override
    {
        ++of[mark.instrument.symbol].marks;
        lastMark = data;
    }
    void onCandle(const Symbol &symbol, std::string_view stream, std::string_view) override
    {
        ++of[symbol].candles;
        lastCandleStream = stream;
    }
    void onFeedError(const Error &error) override { errors << QString::fromStdString(error.detail); }

    template <class Side> static void put(Side &side, const std::vector<Level> &levels)
    {
        for (const Level &level : levels)
            if (level.quantity.isZero())
                side.erase(level.price);
            else
                side[level.price] = level.quantity;
    }
    static void compare(Followed &it, const BestQuote &quote)
    {
        ++it.compared;
        const Level bid{it.bids.begin()->first, it.bids.begin()->second};
        const Level ask{it.asks.begin()->first, it.asks.begin()->second};
        it.different += quote.bid == bid && quote.ask == ask ? 0 : 1;
    }
    void keep(std::string_view data)
    {
        if (frames.size() < 2'000)
            frames.emplace_back(data);
    }
    [[nodiscard]] std::optional<Price> middle(const Symbol &symbol)
    {
        const Followed &it = of[symbol];
        if (it.bids.empty() || it.asks.empty())
            return std::nullopt;
        return Price::fromRaw((it.bids.begin()->first.raw() + it.asks.begin()->first.raw()) / 2);
    }

    std::map<Symbol, Followed> of;
    std::vector<std::string> frames;
    std::string lastMark, lastCandleStream;
    QStringList errors;
};

[[nodiscard]] std::string recorded(const char *path)
{
    return (tests::sharedDir() + u"/data/binance-usdm/"_s + QString::fromLatin1(path)).toStdString();
}

struct Feed {
    explicit Feed(const RecordingOptions &recording)
    {
        options.market = recording;
        auto instruments = instrumentsOf(recording);
        if (!instruments) {
            error = instruments.error();
            return;
        }
        options.instruments = *instruments;
        auto source = openRecording(recording);
        if (!source) {
            error = source.error();
            return;
        }
        feed.emplace(std::move(*source), options, follower,
                     [this](const Symbol &symbol) { return follower.middle(symbol); });
        if (const auto started = feed->start(utcFromMilliseconds(1'800'000'000'000)); !started)
            error = started.error();
    }
    [[nodiscard]] Followed &of(const char *symbol) { return follower.of[Symbol::from(symbol).value()]; }
    [[nodiscard]] const VenueInstrument &instrument(const char *symbol) const
    {
        for (const VenueInstrument &entry : options.instruments)
            if (entry.contract.key.symbol.view() == symbol)
                return entry;
        return options.instruments.front();
    }
    Follower follower;
    VenueOptions options;
    std::optional<MarketFeed> feed;
    std::optional<Error> error;
};
} // namespace

class TestMarketFeed : public QObject
{
    Q_OBJECT

private slots:
    void playsTheBusyRecordingToItsEnd_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("symbol");
        QTest::addColumn<int>("trades");
        QTest::addColumn<QString>("tick");
        QTest::newRow("BTC") << u"capture-2024-08-08/btcusdt_20240808.gz"_s << u"BTCUSDT"_s << 21'313
                             << u"0.1"_s;
        QTest::newRow("ETH") << u"capture-2024-08-08/ethusdt_20240808.gz"_s << u"ETHUSDT"_s << 14'076
                             << u"0.01"_s;
    }
    void playsTheBusyRecordingToItsEnd()
    {
        REQUIRE_SHARED();
        QFETCH(QString, file);
        QFETCH(QString, symbol);
        QFETCH(int, trades);
        QFETCH(QString, tick);
        Feed play({{recorded(qPrintable(file))}, Ratio::fromRaw(kDecimalOne), RecordingOptions::AtEnd::Stop});
        QVERIFY2(!play.error, play.error ? play.error->detail.c_str() : "");
        QCOMPARE(play.instrument(qPrintable(symbol)).contract.tickSize.text(), tick.toStdString());
        QCOMPARE(play.instrument(qPrintable(symbol)).contract.stepSize.text(), std::string("0.001"));
        QCOMPARE(play.instrument(qPrintable(symbol)).pricePrecision, 2);
        Followed &book = play.of(qPrintable(symbol));
        QCOMPARE(book.starts, 1);
        play.feed->advance(10min);
        QVERIFY(!play.feed->nextAt());
        QCOMPARE(book.gaps, 0);
        QCOMPARE(book.crossed, 0);
        QCOMPARE(book.trades, trades);
        QVERIFY(book.compared > 400);
        QCOMPARE(book.different, 0);
        // Joined trades lose and double nothing.
        QCOMPARE(book.joinedVolume, book.volume);
        QVERIFY(book.joinedInOrder);
        QVERIFY(book.aggregates > 100 && book.aggregates < trades);
        QVERIFY(book.marks >= 343 && book.marks <= 346); // it has none of its own: one a second
        QVERIFY(play.follower.lastMark.find("\"ap\":") != std::string::npos);
        QVERIFY(play.follower.errors.isEmpty());
    }

    /// In pieces or at once: the same frames in the same order.
    void aFewStepsAtATimeIsTheSameMarket()
    {
        const auto play = [](std::size_t stepsMax) {
            VenueOptions options = tests::venueOptions();
            Follower follower;
            MarketFeed feed(makeScenario(std::get<ScenarioOptions>(options.market), options.instruments).value(), options,
                            follower, [](const Symbol &) { return std::nullopt; });
            const bool started = feed.start(utcFromMilliseconds(1'800'000'000'000)).has_value();
            std::size_t goes = 0;
            while (started && feed.nextAt() && *feed.nextAt() <= 20s) {
                feed.advance(20s, stepsMax);
                ++goes;
            }
            return std::pair{goes, follower.frames};
        };
        const auto [once, whole] = play(std::numeric_limits<std::size_t>::max());
        const auto [often, pieces] = play(7);
        QCOMPARE(once, std::size_t{1});
        QVERIFY(often > 20);
        QVERIFY(whole.size() > 200);
        QVERIFY(whole == pieces);
    }

    void bytesGoOutAsRecorded()
    {
        REQUIRE_SHARED();
        const std::string file = recorded("capture-2024-08-08/btcusdt_20240808.gz");
        Feed play({{file}, Ratio::fromRaw(kDecimalOne), RecordingOptions::AtEnd::Stop});
        play.feed->advance(3s);
        QVERIFY(play.follower.frames.size() > 100);
        std::set<std::string> payloads;
        auto reader = RecordingReader::open(file);
        QVERIFY(reader.has_value());
        for (int i = 0; i < 4'000; ++i) {
            const auto message = reader->next();
            QVERIFY(message.has_value() && message->has_value());
            payloads.emplace((*message)->payload);
        }
        const auto isRecorded = [&](const std::string &data) {
            for (const char *stream : {"btcusdt@depth@0ms", "btcusdt@trade", "btcusdt@bookTicker"})
                if (payloads.contains("{\"stream\":\"" + std::string(stream) + "\",\"data\":" + data + "}"))
                    return true;
            return false;
        };
        for (const std::string &data : play.follower.frames)
            QVERIFY2(isRecorded(data), data.c_str());
    }

    void marksOfTheRecordingAreServed()
    {
        REQUIRE_SHARED();
        Feed play({{recorded("capture-2023-04-04/btcusdt_20230404.dat.gz"),
                    recorded("capture-2023-04-04/btcusdt_20230405.dat.gz")},
                   Ratio::fromRaw(2 * kDecimalOne),
                   RecordingOptions::AtEnd::Stop});
        QVERIFY(!play.error);
        play.feed->advance(10s); // 20 s of the recording
        const int marks = play.of("BTCUSDT").marks;
        QVERIFY2(marks >= 19 && marks <= 21, qPrintable(QString::number(marks)));
        QVERIFY(play.follower.lastMark.find("\"ap\":") == std::string::npos); // as it was in 2023
        play.feed->advance(10min);
        QVERIFY(!play.feed->nextAt());
        QCOMPARE(play.of("BTCUSDT").gaps, 0); // also across the two files
        QCOMPARE(play.of("BTCUSDT").crossed, 0);
        QCOMPARE(play.of("BTCUSDT").different, 0);
        QVERIFY(play.of("BTCUSDT").compared > 1'500);
    }

    void severalSymbolsPlayTogether()
    {
        REQUIRE_SHARED();
        Feed play({{recorded("capture-2021-07-22-multi/BINANCE_FUTURES.ws.1.0.zst")},
                   Ratio::fromRaw(kDecimalOne),
                   RecordingOptions::AtEnd::Stop});
        QVERIFY2(!play.error, play.error ? play.error->detail.c_str() : "");
        QCOMPARE(play.options.instruments.size(), std::size_t{4});
        QCOMPARE(play.instrument("AKROUSDT").contract.tickSize.text(), std::string("0.00001"));
        play.feed->advance(1min);
        int aggregates = 0;
        for (const char *symbol : {"SUSHIUSDT", "AKROUSDT", "KEEPUSDT", "CTKUSDT"}) {
            Followed &book = play.of(symbol);
            QCOMPARE(book.starts, 1);
            QCOMPARE(book.gaps, 0);
            QCOMPARE(book.crossed, 0);
            QCOMPARE(book.different, 0);
            QVERIFY(book.depths > 20);
            aggregates += book.aggregates;
        }
        QVERIFY(aggregates > 60); // as recorded, not joined anew
        QVERIFY(play.follower.lastCandleStream.ends_with("@kline_1m"));
    }

    void loopsFromTheSnapshotAgain()
    {
        REQUIRE_SHARED();
        Feed play({{recorded("capture-2021-07-22-multi/BINANCE_FUTURES.ws.1.0.zst")},
                   Ratio::fromRaw(kDecimalOne),
                   RecordingOptions::AtEnd::Loop});
        QVERIFY(!play.error);
        play.feed->advance(100s);
        QVERIFY(play.feed->nextAt().has_value());
        Followed &book = play.of("SUSHIUSDT");
        QVERIFY(book.starts >= 3);
        QCOMPARE(book.gaps, 0); // a new start is a new chain
        QVERIFY(play.follower.errors.isEmpty());
    }

    void recordingWithoutSnapshotIsRefused()
    {
        REQUIRE_SHARED();
        Feed play({{recorded("capture-2023-04-04/btcusdt_20230405.dat.gz")},
                   Ratio::fromRaw(kDecimalOne),
                   RecordingOptions::AtEnd::Stop});
        QVERIFY(play.error.has_value());
        QVERIFY2(play.error->detail.find("no depth snapshot") != std::string::npos,
                 play.error->detail.c_str());
        QVERIFY(play.error->detail.find("btcusdt_20230405") != std::string::npos);
    }

    void missingFileIsNamed()
    {
        Feed play({{"/nowhere/at/all.gz"}, Ratio::fromRaw(kDecimalOne), RecordingOptions::AtEnd::Stop});
        QVERIFY(play.error.has_value());
        QVERIFY(play.error->detail.find("all.gz") != std::string::npos);
    }

    void joinerFollowsTheRule()
    {
        TradeJoiner joiner(tests::btc(), 2, 3);
        std::vector<Trade> out;
        std::string lastData;
        const auto collect = [&](const Trade &trade, std::string_view data) {
            out.push_back(trade);
            lastData = data;
        };
        std::int64_t id = 100;
        const auto print = [&](const char *at, const char *size, Side side, Duration when,
                               TradeKind kind = TradeKind::Market) {
            Trade trade;
            trade.instrument = {Venue::Binance, tests::btc()};
            trade.id = trade.firstId = trade.lastId = id++;
            trade.price = tests::price(at);
            trade.quantity = tests::quantity(size);
            trade.aggressor = side;
            trade.kind = kind;
            trade.venueTime = utcFromMilliseconds(1'000) + when;
            joiner.onTrade(trade, when, collect);
        };
        print("60000.0", "0.1", Side::Buy, 0ms);
        print("60000.0", "0.2", Side::Buy, 50ms);
        print("60000.0", "9", Side::Buy, 60ms, TradeKind::InsuranceFund);
        print("60000.0", "0.3", Side::Buy, 100ms);
        QVERIFY(out.empty());
        print("60000.0", "0.4", Side::Buy, 101ms); // beyond the window
        print("60000.0", "0.5", Side::Sell, 102ms);
        print("60000.1", "0.6", Side::Sell, 103ms);
        QCOMPARE(out.size(), std::size_t{3});
        QCOMPARE(out[0].quantity, tests::quantity("0.6"));
        QCOMPARE(out[0].firstId, 100);
        QCOMPARE(out[0].lastId, 103);
        QCOMPARE(joiner.dueAt().value(), Duration(203ms));
        joiner.flushDue(202ms, collect);
        QCOMPARE(out.size(), std::size_t{3});
        joiner.flushDue(203ms, collect);
        QCOMPARE(
            QString::fromStdString(lastData),
            u"{\"e\":\"aggTrade\",\"E\":1103,\"s\":\"BTCUSDT\",\"a\":4,\"p\":\"60000.10\",\"q\":\"0.600\","
            "\"nq\":\"0.600\",\"f\":106,\"l\":106,\"T\":1103,\"m\":true,\"st\":1}"_s);
    }
};

QTEST_APPLESS_MAIN(TestMarketFeed)
#include "tst_market_feed.moc"
