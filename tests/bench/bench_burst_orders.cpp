// P15, orders in the queue overtaken by data: the recorded peak (593 messages in a row) of 20 contracts at once goes through
// decoder, book and engine; in the middle of it each contract's mark breaches its position. Between the breaching mark and
// the order given to the client no further message may have been handed over. The client is a stand-in that writes down when
// it was asked; everything before it is the real thing. Usage: bench_burst_orders [RECORDING]. Prints
// "P15-overtaken <messages between> <orders> <messages> <rounds>" and "P15-engine <median ms> <worst ms> …" for the whole burst;
// exits with status 1 when an order is missing or was overtaken.
#include <algorithm>
#include <cstdio>

#include <fmt/core.h>

#include <QtCore/QCoreApplication>

#include "core/exchange/binance/book_sync.h"
#include "core/exchange/binance/codec.h"
#include "core/risk/approved.h"
#include "core/net/system_clock.h"
#include "tests/bench/burst.h"
#include "tests/bench/null_records.h"
#include "tests/core/runtime/engine_fakes.h"

namespace
{
using namespace core;
using exchange::binance::BookSync;
using exchange::binance::DepthUpdate;
using exchange::binance::MarketDecoder;

constexpr std::size_t kContracts = 20;
constexpr std::size_t kBurstRounds = 21;

/// Counts what the engine was told, and how much of it lay between a contract's breach and its order.
struct AskedClient final : tests::FakeClient {
    using tests::FakeClient::FakeClient;
    std::uint64_t handed{0};
    std::uint64_t breachedAt{0};
    InstrumentKey breached;
    std::uint64_t orders{0};
    std::uint64_t overtaken{0};
    std::uint64_t foreign{0};

    void submit(const risk::Approved<OrderRequest> &order) override
    {
        ++orders;
        overtaken += handed - breachedAt;
        foreign += order.request().instrument == breached ? 0U : 1U;
    }
};

[[nodiscard]] InstrumentKey keyOf(std::size_t i)
{
    return {Venue::Binance, Symbol::from(fmt::format("S{}USDT", i)).value()};
}

/// An armed engine with a position of each contract.
class Desk
{
public:
    Desk()
    {
        runtime::EngineSetup setup;
        setup.mode = runtime::Mode::Live;
        setup.account = AccountId::from("bench").value();
        setup.limits = risk::defaultLimits();
        setup.arming = risk::Arming::Armed;
        setup.armedBy = "bench";
        std::vector<Symbol> symbols;
        for (std::size_t i = 0; i < kContracts; ++i)
            symbols.push_back(keyOf(i).symbol);
        setup.clients = {{.venue = Venue::Binance, .address = "none", .symbols = symbols, .account = true}};
        engine = std::make_unique<runtime::Engine>(clock, setup, channels, records, 0);
        auto owned = std::make_unique<AskedClient>(line, Venue::Binance);
        client = owned.get();
        std::vector<std::unique_ptr<ports::ExchangeClient>> clients;
        clients.push_back(std::move(owned));
        engine->start(std::move(clients));
        open();
    }
    void mark(std::size_t i, const char *price)
    {
        MarkPrice mark;
        mark.instrument = keyOf(i);
        mark.mark = parsePrice(price).value();
        mark.venueTime = mark.receivedAt = clock.now();
        ++client->handed;
        client->breachedAt = client->handed;
        client->breached = mark.instrument;
        line.listener->onMark(mark);
    }

    net::SystemClock clock;
    runtime::Channels channels;
    bench::NullRecords records;
    tests::FakeLine line;
    std::unique_ptr<runtime::Engine> engine;
    AskedClient *client{nullptr};

private:
    void open()
    {
        std::vector<Position> positions;
        for (std::size_t i = 0; i < kContracts; ++i) {
            Instrument instrument;
            instrument.key = keyOf(i);
            instrument.tickSize = parsePrice("0.1").value();
            instrument.stepSize = instrument.marketStepSize = parseQuantity("0.001").value();
            instrument.quantityMax = instrument.marketQuantityMax = parseQuantity("1000").value();
            instrument.trading = true;
            line.listener->onInstrument(instrument);
            Position position;
            position.instrument = instrument.key;
            position.quantity = parseQuantity("0.5").value();
            position.entryPrice = parsePrice("60000").value();
            position.leverage = 20;
            position.venueTime = position.receivedAt = clock.now();
            positions.push_back(position);
        }
        AccountSnapshot account;
        account.walletBalance = account.equity = account.available = parseMoney("1000000").value();
        account.venueTime = account.receivedAt = clock.now();
        line.listener->onPositions({}, Source::Query, true);
        line.listener->onAccount(account, Source::Query);
        line.listener->onReconciled();
        for (std::size_t i = 0; i < kContracts; ++i)
            mark(i, "60000");
        line.listener->onPositions(positions, Source::Stream, false);
    }
};

void feed(Desk &desk, MarketDecoder &decoder, BookSync &book, const InstrumentKey &key, const bench::Frame &frame)
{
    const auto event = decoder.decode(frame.payload(), frame.receivedAt);
    if (!event)
        throw std::runtime_error(event.error().detail);
    ports::ExchangeListener &engine = *desk.line.listener;
    ++desk.client->handed;
    if (const auto *const depth = std::get_if<const DepthUpdate *>(&*event)) {
        (void)book.onUpdate(**depth);
        engine.onBook(key, book.book(), Freshness::Fresh, (*depth)->venueTime, frame.receivedAt);
    } else if (const auto *const trade = std::get_if<Trade>(&*event)) {
        Trade own = *trade;
        own.instrument = key;
        engine.onTrade(own);
    } else if (const auto *const quote = std::get_if<BestQuote>(&*event)) {
        BestQuote own = *quote;
        own.instrument = key;
        engine.onBestQuote(own);
    }
}
} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    try {
        const auto burst = bench::loadBurst(argc > 1 ? argv[1] : bench::kRecording);
        if (!burst)
            return 1;
        std::vector<double> milliseconds;
        std::uint64_t orders = 0;
        std::uint64_t overtaken = 0;
        for (std::size_t round = 0; round < kBurstRounds; ++round) {
            Desk desk;
            MarketDecoder decoder;
            std::vector<BookSync> books;
            for (std::size_t i = 0; i < kContracts; ++i)
                books.push_back(burst->bookAtStart(keyOf(i)));
            const auto begin = std::chrono::steady_clock::now();
            for (std::size_t n = 0; n < bench::kPeak; ++n) {
                for (std::size_t i = 0; i < kContracts; ++i)
                    feed(desk, decoder, books[i], keyOf(i), burst->frames()[n]);
                if (n % 25 == 12 && n / 25 < kContracts)
                    desk.mark(n / 25, "57000");
            }
            const auto end = std::chrono::steady_clock::now();
            milliseconds.push_back(std::chrono::duration<double, std::milli>(end - begin).count());
            orders += desk.client->orders;
            overtaken += desk.client->overtaken;
            if (desk.client->orders != kContracts || desk.client->foreign != 0) {
                fmt::print(stderr, "bench_burst_orders: {} orders for {} breaches\n", desk.client->orders, kContracts);
                return 1;
            }
        }
        fmt::print("P15-overtaken {} {} {} {}\n", overtaken, orders, bench::kPeak * kContracts, kBurstRounds);
        fmt::print("P15-engine {:.2f} {:.2f} {} {}\n", bench::median(milliseconds),
                   *std::max_element(milliseconds.begin(), milliseconds.end()), bench::kPeak * kContracts, kBurstRounds);
        return overtaken == 0 ? 0 : 1;
    } catch (const std::exception &error) {
        fmt::print(stderr, "bench_burst_orders: {}\n", error.what());
        return 1;
    }
}
