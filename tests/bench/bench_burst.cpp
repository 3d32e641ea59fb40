// P15: the recorded peak, 593 messages in a row, of 20 contracts at once: from the first byte looked at to
// the last message applied to its book. Usage: bench_burst [RECORDING]. Prints "P15 <median ms> <worst ms>
// <messages> <rounds>" after every book of every round was found equal to the one that a single pass built.
// Orders do not stand in this queue: on the engine's thread they are handled between two frames, so none
// waits for more than one frame; the longest is printed too.
#include <cstdio>

#include <fmt/core.h>

#include "core/exchange/binance/book_sync.h"
#include "core/exchange/binance/codec.h"
#include "tests/bench/ingest_peer.h"

namespace
{
using namespace core::exchange::binance;

constexpr std::size_t kPeak = 593;
constexpr std::size_t kContracts = 20;
constexpr std::size_t kBurstRounds = 21;
constexpr std::size_t kLevelsMax = 1'000'000;

/// The 593 neighbours that came in the shortest time.
[[nodiscard]] std::size_t busiest(const std::vector<bench::Frame> &all)
{
    std::size_t best = 0;
    for (std::size_t i = 0; i + kPeak <= all.size(); ++i) {
        if (all[i + kPeak - 1].receivedAt - all[i].receivedAt <
            all[best + kPeak - 1].receivedAt - all[best].receivedAt)
            best = i;
    }
    return best;
}

void feed(MarketDecoder &decoder, BookSync &book, const bench::Frame &frame)
{
    const auto event = decoder.decode(frame.payload(), frame.receivedAt);
    if (!event)
        throw std::runtime_error(event.error().detail);
    if (const auto *const depth = std::get_if<const DepthUpdate *>(&*event))
        (void)book.onUpdate(**depth);
}
} // namespace

int main(int argc, char **argv)
{
    try {
        const auto capture = bench::load(argc > 1 ? argv[1] : bench::kRecording);
        if (!capture || capture->all.size() < kPeak)
            return 1;
        const std::size_t from = busiest(capture->all);
        const auto snapshot = parseDepthSnapshot(capture->snapshot);
        if (!snapshot)
            return 1;
        MarketDecoder decoder;
        const core::InstrumentKey key{core::Venue::Binance, core::Symbol::from("BTCUSDT").value()};
        BookSync before(key, core::parsePrice("0.1").value());
        (void)before.onSnapshot(*snapshot);
        for (std::size_t i = 0; i < from; ++i)
            feed(decoder, before, capture->all[i]);
        DepthSnapshot start; // where every book begins
        start.lastUpdateId = before.lastUpdateId();
        before.book().copyLevels(core::Side::Buy, kLevelsMax, start.bids);
        before.book().copyLevels(core::Side::Sell, kLevelsMax, start.asks);
        const auto fresh = [&] {
            BookSync book(key, core::parsePrice("0.1").value());
            (void)book.onSnapshot(start);
            return book;
        };
        BookSync once = fresh();
        for (std::size_t i = from; i < from + kPeak; ++i)
            feed(decoder, once, capture->all[i]);

        std::vector<double> milliseconds;
        double longest = 0;
        for (std::size_t round = 0; round < kBurstRounds; ++round) {
            std::vector<BookSync> books;
            for (std::size_t i = 0; i < kContracts; ++i)
                books.push_back(fresh());
            const auto begin = std::chrono::steady_clock::now();
            auto last = begin;
            for (std::size_t i = from; i < from + kPeak; ++i) {
                for (BookSync &book : books) {
                    feed(decoder, book, capture->all[i]);
                    const auto now = std::chrono::steady_clock::now();
                    longest =
                        std::max(longest, std::chrono::duration<double, std::micro>(now - last).count());
                    last = now;
                }
            }
            milliseconds.push_back(std::chrono::duration<double, std::milli>(last - begin).count());
            for (const BookSync &book : books) {
                if (book.lastUpdateId() != once.lastUpdateId() || book.isSynchronised() != once.isSynchronised() ||
                    book.book().best(core::Side::Buy) != once.book().best(core::Side::Buy) ||
                    book.book().best(core::Side::Sell) != once.book().best(core::Side::Sell)) {
                    std::fprintf(stderr, "bench_burst: the books disagree\n");
                    return 1;
                }
            }
        }
        fmt::print("P15 {:.2f} {:.2f} {} {}\n", bench::median(milliseconds),
                   *std::max_element(milliseconds.begin(), milliseconds.end()), kPeak * kContracts,
                   kBurstRounds);
        const auto depth = std::count_if(
            capture->all.begin() + static_cast<std::ptrdiff_t>(from),
            capture->all.begin() + static_cast<std::ptrdiff_t>(from + kPeak),
            [](const bench::Frame &frame) { return frame.payload().find("@depth") < 40; });
        fmt::print("P15 depth-frames {} within-us {}\n", depth,
                   (capture->all[from + kPeak - 1].receivedAt - capture->all[from].receivedAt).count() / 1000);
        fmt::print("P15 longest-frame-us {:.1f}\n", longest);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "bench_burst: %s\n", error.what());
        return 1;
    }
    return 0;
}
