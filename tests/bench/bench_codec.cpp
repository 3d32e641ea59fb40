// P1: decode of all depth frames of a capture ÷ simdjson on-demand. P2: the same for its trades and
// bookTickers. P6: heap allocations per message of our decoder over the last 80 % of the capture. Usage:
// bench_codec [RECORDING]. Prints "P1 <ratio> <ours ns/frame> <peer ns/frame> <rounds>" after both sides
// decoded every frame to the same values; P6 lines carry allocations per message and no peer. One message
// of each kind: bench_messages.
#include <cstdio>

#include <fmt/core.h>

#include "core/exchange/binance/codec.h"
#include "tests/bench/count_allocations.h"
#include "tests/bench/ingest_peer.h"
#include "tests/core/exchange/binance/event_equality.h"

namespace
{
using core::exchange::binance::DepthUpdate;
using core::exchange::binance::MarketDecoder;

/// Keeps the compiler from dropping work whose result nobody reads.
template <class Value> void use(const Value &value)
{
    asm volatile("" : : "r"(&value) : "memory");
}

[[nodiscard]] bool sameResults(const bench::Capture &capture)
{
    MarketDecoder decoder;
    bench::SimdjsonPeer peer;
    for (const bench::Frame &frame : capture.depth) {
        const auto event = decoder.decode(frame.payload(), frame.receivedAt);
        if (!event || !std::holds_alternative<const DepthUpdate *>(*event) ||
            !tests::same(std::get<const DepthUpdate *>(*event), &peer.depth(frame)))
            return false;
    }
    for (const bench::Frame &frame : capture.quotes) {
        const auto event = decoder.decode(frame.payload(), frame.receivedAt);
        if (!event || !tests::same(*event, peer.quote(frame)))
            return false;
    }
    return decoder.generalFrames() == 0;
}

template <class Rounds> void print(const char *row, const Rounds &rounds)
{
    fmt::print("{} {:.3f} {:.1f} {:.1f} {}\n", row, bench::median(rounds.ratios), bench::median(rounds.ours),
               bench::median(rounds.peer), bench::kRounds);
}

void measureSpeed(const bench::Capture &capture)
{
    MarketDecoder decoder;
    bench::SimdjsonPeer peer;
    const auto ours = [&](const std::vector<bench::Frame> &frames) {
        return [&] {
            for (const bench::Frame &frame : frames)
                use(decoder.decode(frame.payload(), frame.receivedAt));
        };
    };
    print("P1", bench::Rounds(capture.depth.size(), ours(capture.depth), [&] {
              for (const bench::Frame &frame : capture.depth)
                  use(peer.depth(frame));
          }));
    print("P2", bench::Rounds(capture.quotes.size(), ours(capture.quotes), [&] {
              for (const bench::Frame &frame : capture.quotes)
                  use(peer.quote(frame));
          }));
}

void measureAllocations(const bench::Capture &capture)
{
    MarketDecoder decoder;
    std::uint64_t depthCount = 0;
    std::uint64_t depthAllocations = 0;
    std::uint64_t quoteCount = 0;
    std::uint64_t quoteAllocations = 0;
    for (std::size_t i = 0; i < capture.all.size(); ++i) {
        const bench::Frame &frame = capture.all[i];
        const std::uint64_t before = allocations;
        bool depth = false;
        {
            const auto event = decoder.decode(frame.payload(), frame.receivedAt);
            depth = event && std::holds_alternative<const DepthUpdate *>(*event);
        }
        if (i < capture.all.size() / 5)
            continue;
        (depth ? depthCount : quoteCount) += 1;
        (depth ? depthAllocations : quoteAllocations) += allocations - before;
    }
    const auto perMessage = [](std::uint64_t count, std::uint64_t messages) {
        return static_cast<double>(count) / static_cast<double>(messages);
    };
    fmt::print("P6 quotes {:.6f} allocations/message over {}\n", perMessage(quoteAllocations, quoteCount),
               quoteCount);
    fmt::print("P6 depth {:.6f} allocations/message over {}\n", perMessage(depthAllocations, depthCount),
               depthCount);
}
} // namespace

int main(int argc, char **argv)
{
    try {
        const auto capture = bench::load(argc > 1 ? argv[1] : bench::kRecording);
        if (!capture)
            return 1;
        if (!sameResults(*capture)) {
            std::fprintf(stderr, "bench_codec: the two decoders disagree\n");
            return 1;
        }
        measureSpeed(*capture);
        measureAllocations(*capture);
    } catch (const std::exception &error) { // simdjson's on-demand interface throws
        std::fprintf(stderr, "bench_codec: %s\n", error.what());
        return 1;
    }
    return 0;
}
