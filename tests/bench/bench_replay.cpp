// P11 of the targets: a recorded day through decoder, book, analysis, risk and journal.
// Usage: bench_replay [RECORDING]. Prints "P11 <capture s / wall s> <wall s> <capture s> <rounds>", the median of the rounds.
// Equality comes first: exact volume of the profile's prints, best prices and every level against a std::map book that is
// fed by the general decoder; every round must give the same decisions and the same journal chain length.
#include <algorithm>
#include <cstdio>
#include <map>
#include <vector>

#include <QtCore/QTemporaryDir>

#include <fmt/format.h>

#include "core/analysis/volume_profile.h"
#include "core/market/candle_builder.h"
#include "core/market/depth_history.h"
#include "core/net/system_clock.h"
#include "core/orders/guard.h"
#include "core/runtime/recording_replay.h"
#include "core/storage/writer.h"

using namespace core;

namespace
{
constexpr int kRounds = 7;

struct Message {
    UtcTime receivedAt;
    std::string payload;
    venue::RecordedMessage::Kind kind;
    Symbol symbol;
};

[[nodiscard]] std::vector<Message> load(const std::string &path)
{
    std::vector<Message> messages;
    auto reader = venue::RecordingReader::open(path);
    if (!reader) {
        std::fprintf(stderr, "%s\n", reader.error().detail.c_str());
        std::exit(1);
    }
    for (;;) {
        const auto message = reader->next();
        if (!message || !message->has_value())
            break;
        messages.push_back({(*message)->receivedAt, std::string((*message)->payload), (*message)->kind, (*message)->symbol});
    }
    return messages;
}

struct NullListener final : storage::WriterListener {
    void onDurable(const storage::Durable &) override {}
    void onDegraded(const Error &why) override { std::fprintf(stderr, "%s\n", why.detail.c_str()); }
    void onRecovered() override {}
    void onRejected(std::uint64_t, const Error &why) override { std::fprintf(stderr, "%s\n", why.detail.c_str()); }
};

/// A long position that the recording moves; marks come from the middle of the book once a second, as the venue sends them.
class Pipeline
{
public:
    Pipeline(const Symbol &symbol, const runtime::RecordedSteps &steps, storage::JobQueue<storage::Job> &journal)
        : m_key{Venue::Binance, symbol}, m_profile(config(steps)), m_candles(m_key, std::chrono::minutes{1}),
          m_history(market::DepthHistory::Config{}), m_journal(journal)
    {
    }

    [[nodiscard]] runtime::ReplayObserver observer()
    {
        runtime::ReplayObserver observer;
        observer.trade = [this](const Trade &trade) {
            m_profile.update(trade);
            m_candlesClosed += m_candles.update(trade).size();
        };
        observer.depth = [this](const InstrumentKey &, const exchange::binance::BookSync &book, UtcTime at) { depth(book, at); };
        return observer;
    }
    [[nodiscard]] const analysis::VolumeProfile &profile() const { return m_profile; }
    [[nodiscard]] std::uint64_t decisions() const { return m_decisions; }
    [[nodiscard]] std::uint64_t records() const { return m_records; }
    [[nodiscard]] std::uint64_t orders() const { return m_orders; }

private:
    [[nodiscard]] static analysis::ProfileConfig config(const runtime::RecordedSteps &steps)
    {
        analysis::ProfileConfig config;
        config.tickSize = steps.tick;
        return config;
    }
    void depth(const exchange::binance::BookSync &book, UtcTime at)
    {
        const Freshness freshness = book.freshness(at, std::chrono::seconds{2});
        m_columns += m_history.sample(book.book(), freshness, at) ? 1U : 0U;
        if (freshness != Freshness::Fresh || at < m_nextMark)
            return;
        const auto bid = book.book().best(Side::Buy);
        const auto ask = book.book().best(Side::Sell);
        if (!bid || !ask)
            return;
        const auto mark = Price::fromRaw((bid->price.raw() + ask->price.raw()) / 2);
        if (m_nextMark == UtcTime{})
            open(mark, at);
        m_nextMark = at + std::chrono::seconds{1};
        feed(at, orders::MarkTick{m_key, mark, at});
        feed(at, orders::TimerTick{});
    }
    void open(Price mark, UtcTime at)
    {
        Instrument instrument;
        instrument.key = m_key;
        instrument.tickSize = parsePrice("0.1").value();
        instrument.stepSize = instrument.marketStepSize = parseQuantity("0.001").value();
        instrument.quantityMin = instrument.marketQuantityMin = instrument.stepSize;
        instrument.quantityMax = instrument.marketQuantityMax = parseQuantity("1000").value();
        instrument.trading = true;
        Position position;
        position.instrument = m_key;
        position.quantity = parseQuantity("0.5").value();
        position.entryPrice = mark;
        position.leverage = 100;
        position.venueTime = position.receivedAt = at;
        AccountSnapshot account;
        account.walletBalance = account.equity = account.available = parseMoney("10000").value();
        account.venueTime = account.receivedAt = at;
        feed(at, orders::InstrumentReport{instrument});
        feed(at, orders::LimitsChange{Venue::Binance, risk::defaultLimits()});
        feed(at, orders::ArmingChange{std::nullopt, risk::Arming::Armed, "bench"});
        feed(at, orders::FreshnessReport{Venue::Binance, m_key, Freshness::Fresh});
        feed(at, orders::FreshnessReport{Venue::Binance, std::nullopt, Freshness::Fresh});
        feed(at, orders::AccountReport{Venue::Binance, account});
        feed(at, orders::PositionsReport{Venue::Binance, {position}, Source::Query, true});
        feed(at, orders::ReconciledReport{});
    }
    void feed(UtcTime at, orders::GuardInput input)
    {
        const orders::GuardInputRecord record{at, std::move(input)};
        std::vector<orders::GuardOutput> outputs;
        m_guard.apply(record, outputs);
        keep(storage::JournalKind::Input, at, orders::encode(record));
        for (const auto &output : outputs) {
            keep(storage::JournalKind::Decision, at, orders::encode(output));
            m_orders += std::holds_alternative<orders::SendOrder>(output) ? 1U : 0U;
        }
        m_decisions += outputs.size();
    }
    void keep(storage::JournalKind kind, UtcTime at, std::string payload)
    {
        if (!m_journal.push(storage::AppendJournal{kind, at, std::move(payload)})) {
            std::fprintf(stderr, "the journal queue is full\n");
            std::exit(1);
        }
        ++m_records;
    }

    InstrumentKey m_key;
    analysis::VolumeProfile m_profile;
    market::CandleBuilder m_candles;
    market::DepthHistory m_history;
    orders::Guard m_guard;
    storage::JobQueue<storage::Job> &m_journal;
    UtcTime m_nextMark;
    std::uint64_t m_decisions{0};
    std::uint64_t m_orders{0};
    std::uint64_t m_records{0};
    std::size_t m_candlesClosed{0};
    std::size_t m_columns{0};
};

/// The plain reading: general decoder, two std::map.
struct PlainBook {
    std::map<Price, Quantity, std::greater<>> bids;
    std::map<Price, Quantity> asks;
    Quantity volume; // fits: one recorded hour

    static void apply(auto &side, const std::vector<Level> &levels)
    {
        for (const Level &level : levels) {
            if (level.quantity.isZero())
                side.erase(level.price);
            else
                side[level.price] = level.quantity;
        }
    }
    void read(const std::vector<Message> &messages)
    {
        exchange::binance::MarketDecoder decoder;
        std::vector<exchange::binance::DepthUpdate> early;
        std::int64_t snapshotId = 0;
        for (const Message &message : messages) {
            if (message.kind == venue::RecordedMessage::Kind::DepthSnapshot) {
                const auto snapshot = exchange::binance::parseDepthSnapshot(message.payload).value();
                snapshotId = snapshot.lastUpdateId;
                apply(bids, snapshot.bids);
                apply(asks, snapshot.asks);
                for (const auto &update : early)
                    take(update, snapshotId);
                continue;
            }
            const auto event = decoder.decodeGeneral(message.payload, message.receivedAt).value();
            if (const auto *update = std::get_if<const exchange::binance::DepthUpdate *>(&event)) {
                if (snapshotId == 0)
                    early.push_back(**update);
                else
                    take(**update, snapshotId);
            } else if (const auto *trade = std::get_if<Trade>(&event)) {
                if (trade->kind == TradeKind::Market)
                    volume = add(volume, trade->quantity).value();
            }
        }
    }
    void take(const exchange::binance::DepthUpdate &update, std::int64_t snapshotId)
    {
        if (update.lastId < snapshotId)
            return;
        apply(bids, update.bids);
        apply(asks, update.asks);
    }
};

struct Outcome {
    double seconds{0};
    double captured{0};
    std::uint64_t decisions{0};
    std::uint64_t orders{0};
    std::uint64_t records{0};
    bool equal{false};
};

[[nodiscard]] Outcome round(const std::vector<Message> &messages, const Symbol &symbol, const runtime::RecordedSteps &steps,
                            const PlainBook &plain)
{
    const net::SystemClock clock;
    const QTemporaryDir folder;
    storage::JobQueue<storage::Job> queue(100'000);
    NullListener listener;
    auto database = storage::Database::open(folder.filePath(QStringLiteral("bench.sqlite")), storage::Access::ReadWrite,
                                            clock.now());
    auto writer = storage::StorageWriter::start(std::move(database.value()), queue, clock, {}, listener).value();
    Pipeline pipeline(symbol, steps, queue);
    bool levelsEqual = false;
    auto observer = pipeline.observer();
    const exchange::binance::BookSync *lastBook = nullptr;
    const auto inner = observer.depth;
    observer.depth = [&](const InstrumentKey &key, const exchange::binance::BookSync &book, UtcTime at) {
        lastBook = &book;
        inner(key, book, at);
    };
    runtime::RecordingPlayer player({{symbol, steps}}, observer);
    const Duration begin = clock.monotonic();
    for (const Message &message : messages) {
        player.play({message.receivedAt, message.payload, message.kind, message.symbol, false});
        if (queue.size() >= 256)
            static_cast<void>(writer->step());
    }
    while (queue.size() > 0 && !writer->degraded())
        static_cast<void>(writer->step());
    const Duration took = clock.monotonic() - begin;
    if (lastBook) {
        std::vector<Level> bids;
        std::vector<Level> asks;
        lastBook->book().copyLevels(Side::Buy, 1'000'000, bids);
        lastBook->book().copyLevels(Side::Sell, 1'000'000, asks);
        const auto same = [](const std::vector<Level> &ours, const auto &theirs) {
            return ours.size() == theirs.size() &&
                   std::equal(ours.begin(), ours.end(), theirs.begin(), [](const Level &level, const auto &entry) {
                       return level.price == entry.first && level.quantity == entry.second;
                   });
        };
        levelsEqual = same(bids, plain.bids) && same(asks, plain.asks);
    }
    const auto report = player.finish();
    Outcome outcome;
    outcome.seconds = std::chrono::duration<double>(took).count();
    outcome.captured = std::chrono::duration<double>(report.recorded).count();
    outcome.decisions = pipeline.decisions();
    outcome.orders = pipeline.orders();
    outcome.records = pipeline.records();
    outcome.equal = levelsEqual && pipeline.profile().total().quantity() == Result<Quantity>(plain.volume) &&
                    static_cast<std::uint64_t>(writer->durable().journalSeq) == outcome.records;
    return outcome;
}
} // namespace

int main(int argc, char **argv)
{
    const std::string path =
        argc > 1 ? argv[1]
                 : std::string(ETRMS_SOURCE_DIR "/../shared/data/binance-usdm/capture-2024-08-08/btcusdt_20240808.gz");
    const auto messages = load(path);
    const auto steps = runtime::scanSteps({path});
    if (!steps || steps->size() != 1) {
        std::fprintf(stderr, "bench_replay: expected a recording of one symbol\n");
        return 1;
    }
    const auto &[symbol, recorded] = *steps->begin();
    PlainBook plain;
    plain.read(messages);
    std::vector<Outcome> outcomes;
    for (int i = 0; i < kRounds; ++i) {
        outcomes.push_back(round(messages, symbol, recorded, plain));
        const Outcome &newest = outcomes.back();
        if (!newest.equal || newest.decisions != outcomes.front().decisions) {
            std::fprintf(stderr, "P11: results differ from the plain reading in round %d\n", i + 1);
            return 1;
        }
    }
    std::sort(outcomes.begin(), outcomes.end(), [](const Outcome &a, const Outcome &b) { return a.seconds < b.seconds; });
    const Outcome &median = outcomes[outcomes.size() / 2];
    fmt::print("P11 {:.0f} {:.4f} {:.1f} {}\n", median.captured / median.seconds, median.seconds, median.captured, kRounds);
    fmt::print("# {} messages, {} journal records, {} decisions, {} orders sent\n", messages.size(), median.records,
               median.decisions, median.orders);
    return 0;
}
