#include <algorithm>
#include <unordered_map>

#include <QtTest/QTest>

#include "core/exchange/binance/book_sync.h"
#include "tests/core/exchange/binance/event_equality.h"
#include "tests/recordings/recorded.h"
#include "tests/support/shared_data.h"

namespace binance = core::exchange::binance;
using Kind = core::venue::RecordedMessage::Kind;

namespace
{
/// What a recording holds, by data/README.md. `comparable` are update ids that depth and bookTicker share,
/// `known` those of them whose ticker had arrived before the depth frame (the README counts 503 and 471 of
/// these for 2024).
struct Expected {
    const char *name;
    std::vector<const char *> files;
    std::map<std::string, const char *> ticks; ///< symbol → tick size
    int messages{0};
    int depth{0};
    int trades{0};
    int aggTrades{0};
    int tickers{0};
    int marks{0};
    int candles{0};
    int comparable{0};
    int known{0};
};

const std::vector<Expected> &recordings()
{
    static const std::vector<Expected> all{
        {.name = "BTC 2024",
         .files = {"capture-2024-08-08/btcusdt_20240808.gz"},
         .ticks = {{"BTCUSDT", "0.1"}},
         .messages = 93'954,
         .depth = 6'551,
         .trades = 21'313,
         .tickers = 66'089,
         .comparable = 629,
         .known = 503},
        {.name = "ETH 2024",
         .files = {"capture-2024-08-08/ethusdt_20240808.gz"},
         .ticks = {{"ETHUSDT", "0.01"}},
         .messages = 74'655,
         .depth = 6'586,
         .trades = 14'076,
         .tickers = 53'992,
         .comparable = 551,
         .known = 471},
        {.name = "BTC 2023",
         .files = {"capture-2023-04-04/btcusdt_20230404.dat.gz",
                   "capture-2023-04-04/btcusdt_20230405.dat.gz"},
         .ticks = {{"BTCUSDT", "0.1"}},
         .messages = 73'765,
         .depth = 16'110,
         .trades = 12'935,
         .tickers = 44'205,
         .marks = 514,
         .comparable = 1'565,
         .known = 1'565},
        {.name = "July 2021",
         .files = {"capture-2021-07-22-multi"},
         .ticks = {{"SUSHIUSDT", "0.001"},
                   {"AKROUSDT", "0.00001"},
                   {"KEEPUSDT", "0.0001"},
                   {"CTKUSDT", "0.00001"}},
         .messages = 1'535,
         .depth = 764,
         .aggTrades = 91,
         .tickers = 613,
         .candles = 67,
         .comparable = 50,
         .known = 50},
        {.name = "April 2021",
         .files = {"capture-2021-04-17-multi"},
         .ticks = {{"DENTUSDT", "0.000001"}, {"KSMUSDT", "0.001"}, {"XMRUSDT", "0.01"}, {"YFIUSDT", "0.1"}},
         .messages = 3'259,
         .depth = 1'016,
         .aggTrades = 185,
         .tickers = 1'959,
         .candles = 99,
         .comparable = 86,
         .known = 86},
    };
    return all;
}

[[nodiscard]] std::vector<std::filesystem::path> paths(const Expected &expected)
{
    std::vector<std::filesystem::path> out;
    for (const char *file : expected.files)
        out.push_back(tests::recordingsDir() / file);
    return out;
}

/// The book of one symbol twice, and the best quotes that the venue published for it.
struct Followed {
    struct Quote {
        core::BestQuote quote;
        std::size_t position{0}; ///< in the recording
    };
    binance::BookSync sync;
    tests::ReferenceBook reference;
    std::unordered_map<std::int64_t, Quote> quotes;
    int compared{0};
    int known{0};
};

/// Applies one depth frame to both books; the reference knows nothing of ids and is told when to follow.
void follow(Followed &book, const binance::DepthUpdate &update, std::size_t position)
{
    const bool before = book.sync.isSynchronised();
    const auto applied = book.sync.counters().applied;
    const auto step = book.sync.onUpdate(update);
    QVERIFY2(!step.fault, step.fault ? step.fault->detail.c_str() : "");
    if (book.sync.counters().applied > applied)
        book.reference.apply(update);
    QVERIFY(!before || book.sync.isSynchronised());
    if (!book.sync.isSynchronised())
        return;
    QCOMPARE(book.sync.freshness(update.receivedAt, std::chrono::seconds{3}), core::Freshness::Fresh);
    if (book.sync.counters().applied % 1'000 == 0)
        QVERIFY(tests::sameLevels(book.sync.book(), book.reference));
    const auto quote = book.quotes.find(book.sync.lastUpdateId());
    if (quote == book.quotes.end())
        return;
    ++book.compared;
    book.known += quote->second.position < position ? 1 : 0;
    QVERIFY(book.sync.book().best(core::Side::Buy) == quote->second.quote.bid);
    QVERIFY(book.sync.book().best(core::Side::Sell) == quote->second.quote.ask);
}
} // namespace

class TestRecordings : public QObject
{
    Q_OBJECT

    static void rows()
    {
        QTest::addColumn<int>("index");
        int index = 0;
        for (const Expected &expected : recordings())
            QTest::newRow(expected.name) << index++;
    }

private slots:
    void everyFrameDecodesTheSameBothWays_data() { rows(); }
    void everyFrameDecodesTheSameBothWays()
    {
        REQUIRE_SHARED();
        QFETCH(int, index);
        const Expected &expected = recordings().at(static_cast<std::size_t>(index));
        binance::MarketDecoder fast;
        binance::MarketDecoder general;
        std::map<std::size_t, int> kinds; // by alternative of MarketEvent
        int aggregated = 0;
        int messages = 0;
        for (const tests::RecordedFrame &frame : tests::loadRecording(paths(expected))) {
            messages += frame.companion ? 0 : 1;
            if (frame.kind != Kind::Stream)
                continue;
            const auto a = fast.decode(frame.payload, frame.receivedAt);
            QVERIFY2(a.has_value(), a ? "" : a.error().detail.c_str());
            const auto b = general.decodeGeneral(frame.payload, frame.receivedAt);
            if (!tests::same(a, b))
                QFAIL(("the two ways disagree on " + frame.payload).c_str());
            ++kinds[a->index()];
            const auto *const trade = std::get_if<core::Trade>(&*a);
            aggregated += trade != nullptr && frame.payload.find("aggTrade") != std::string::npos ? 1 : 0;
        }
        QCOMPARE(messages, expected.messages);
        QCOMPARE(kinds[0], expected.depth);
        QCOMPARE(kinds[1] - aggregated, expected.trades);
        QCOMPARE(aggregated, expected.aggTrades);
        QCOMPARE(kinds[2], expected.tickers);
        QCOMPARE(kinds[3], expected.marks);
        QCOMPARE(kinds[4], expected.candles);
        QCOMPARE(kinds[5] + kinds[6] + kinds[7], 0);
        QCOMPARE(fast.generalFrames(), std::uint64_t{0}); // all of them are what the scanner was made for
    }

    void tradesAreCompleteAndOneCameFromTheInsuranceFund()
    {
        REQUIRE_SHARED();
        binance::MarketDecoder decoder;
        std::int64_t last = 0;
        int insurance = 0;
        for (const tests::RecordedFrame &frame : tests::loadRecording(paths(recordings().at(2)))) {
            if (frame.kind != Kind::Stream)
                continue;
            const auto event = decoder.decode(frame.payload, frame.receivedAt);
            const auto *const trade = std::get_if<core::Trade>(&event.value());
            if (trade == nullptr)
                continue;
            if (last != 0)
                QCOMPARE(trade->id, last + 1);
            last = trade->id;
            insurance += trade->kind == core::TradeKind::InsuranceFund ? 1 : 0;
        }
        QCOMPARE(insurance, 1);
    }

    void theBookFollowsTheVenue_data() { rows(); }
    void theBookFollowsTheVenue()
    {
        REQUIRE_SHARED();
        QFETCH(int, index);
        const Expected &expected = recordings().at(static_cast<std::size_t>(index));
        std::map<std::string, Followed> books;
        for (const auto &[symbol, tick] : expected.ticks)
            books.emplace(
                symbol, Followed{binance::BookSync({core::Venue::Binance, core::Symbol::from(symbol).value()},
                                                   core::parsePrice(tick).value()),
                                 {},
                                 {}});
        const auto frames = tests::loadRecording(paths(expected));
        binance::MarketDecoder decoder;
        for (std::size_t position = 0; position < frames.size(); ++position) {
            const tests::RecordedFrame &frame = frames[position];
            if (frame.kind != Kind::Stream)
                continue;
            const auto event = decoder.decode(frame.payload, frame.receivedAt);
            if (const auto *const quote = std::get_if<core::BestQuote>(&event.value()))
                books.at(quote->instrument.symbol.string())
                    .quotes.emplace(quote->updateId, Followed::Quote{*quote, position});
        }
        std::map<std::string, std::vector<binance::DepthUpdate>> early; // diffs before their snapshot
        for (std::size_t position = 0; position < frames.size(); ++position) {
            const tests::RecordedFrame &frame = frames[position];
            if (frame.kind == Kind::DepthSnapshot) {
                Followed &book = books.at(frame.symbol.string());
                const auto snapshot = binance::parseDepthSnapshot(frame.payload);
                QVERIFY2(snapshot.has_value(), snapshot ? "" : snapshot.error().detail.c_str());
                const auto step = book.sync.onSnapshot(*snapshot);
                QVERIFY2(!step.fault && !step.requestSnapshot, step.fault ? step.fault->detail.c_str() : "");
                book.reference.assign(*snapshot);
                for (const binance::DepthUpdate &update : early[frame.symbol.string()]) {
                    if (update.lastId >= snapshot->lastUpdateId)
                        book.reference.apply(update);
                }
                continue;
            }
            if (frame.kind != Kind::Stream)
                continue;
            const auto event = decoder.decode(frame.payload, frame.receivedAt);
            const auto *const update = std::get_if<const binance::DepthUpdate *>(&event.value());
            if (update == nullptr)
                continue;
            Followed &book = books.at((*update)->symbol.string());
            if (book.sync.counters().snapshots == 0)
                early[(*update)->symbol.string()].push_back(**update);
            follow(book, **update, position);
            if (QTest::currentTestFailed())
                return;
        }
        int compared = 0;
        int known = 0;
        std::uint64_t diffs = 0;
        for (auto &[symbol, book] : books) {
            QVERIFY2(book.sync.isSynchronised(), symbol.c_str());
            QVERIFY2(tests::sameLevels(book.sync.book(), book.reference), symbol.c_str());
            QCOMPARE(book.sync.counters().gaps, std::uint64_t{0});
            QCOMPARE(book.sync.counters().resyncs, std::uint64_t{0});
            QCOMPARE(book.sync.counters().crossed, std::uint64_t{0});
            QCOMPARE(book.sync.counters().snapshots, std::uint64_t{1});
            compared += book.compared;
            known += book.known;
            diffs += book.sync.counters().diffs;
        }
        QCOMPARE(compared, expected.comparable);
        QCOMPARE(known, expected.known);
        QCOMPARE(diffs, static_cast<std::uint64_t>(expected.depth));
        if (index == 0) { // the README's figure for the end of the recording
            QCOMPARE(books.begin()->second.sync.book().levelCount(core::Side::Buy), std::size_t{5'018});
            QCOMPARE(books.begin()->second.sync.book().levelCount(core::Side::Sell), std::size_t{4'578});
        }
    }
};

QTEST_APPLESS_MAIN(TestRecordings)
#include "tst_recordings.moc"
