// P15: the recorded peak, 593 messages in a row, of 20 contracts at once: from the first byte looked at to
// the last message applied to its book. Usage: bench_burst [RECORDING]. Prints "P15 <median ms> <worst ms>
// <messages> <rounds>" after every book of every round was found equal to the one that a single pass built.
// Orders do not stand in this queue: on the engine's thread they are handled between two frames, so none
// waits for more than one frame; the longest is printed too (bench_burst_orders proves it through the engine).
#include <cstdio>

#include <fmt/core.h>

#include "tests/bench/burst.h"

namespace
{
using namespace core::exchange::binance;

constexpr std::size_t kContracts = 20;
constexpr std::size_t kBurstRounds = 21;

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
        const auto burst = bench::loadBurst(argc > 1 ? argv[1] : bench::kRecording);
        if (!burst)
            return 1;
        const std::span<const bench::Frame> frames = burst->frames();
        const core::InstrumentKey key{core::Venue::Binance, core::Symbol::from("BTCUSDT").value()};
        MarketDecoder decoder;
        BookSync once = burst->bookAtStart(key);
        for (const bench::Frame &frame : frames)
            feed(decoder, once, frame);

        std::vector<double> milliseconds;
        double longest = 0;
        for (std::size_t round = 0; round < kBurstRounds; ++round) {
            std::vector<BookSync> books;
            for (std::size_t i = 0; i < kContracts; ++i)
                books.push_back(burst->bookAtStart(key));
            const auto begin = std::chrono::steady_clock::now();
            auto last = begin;
            for (const bench::Frame &frame : frames) {
                for (BookSync &book : books) {
                    feed(decoder, book, frame);
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
                   *std::max_element(milliseconds.begin(), milliseconds.end()), bench::kPeak * kContracts,
                   kBurstRounds);
        const auto depth = std::count_if(frames.begin(), frames.end(), [](const bench::Frame &frame) {
            return frame.payload().find("@depth") < 40;
        });
        fmt::print("P15 depth-frames {} within-us {}\n", depth,
                   (frames.back().receivedAt - frames.front().receivedAt).count() / 1000);
        fmt::print("P15 longest-frame-us {:.1f}\n", longest);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "bench_burst: %s\n", error.what());
        return 1;
    }
    return 0;
}
