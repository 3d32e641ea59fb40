// P1: decode of all depth frames of a capture ÷ simdjson on-demand. P2: the same for its trades and
// bookTickers. P6: heap allocations per message of our decoder over the last 80 % of the capture. Usage:
// bench_codec [RECORDING]. Prints "P1 <ratio> <ours ns/frame> <peer ns/frame> <rounds>" after both sides
// decoded every frame to the same values; P6 lines carry allocations per message and no peer; "kind" lines
// the time of one message of each kind.
#include <cstdio>
#include <cstdlib>
#include <new>

#include <fmt/core.h>

#include "core/exchange/binance/codec.h"
#include "tests/bench/ingest_peer.h"
#include "tests/core/exchange/binance/event_equality.h"

namespace
{
std::uint64_t allocations = 0; // one thread
}

void *operator new(std::size_t size)
{
    ++allocations;
    if (void *const block = std::malloc(size == 0 ? 1 : size))
        return block;
    throw std::bad_alloc();
}
void *operator new(std::size_t size, std::align_val_t alignment)
{
    ++allocations;
    const auto bytes = static_cast<std::size_t>(alignment);
    if (void *const block = std::aligned_alloc(bytes, (size + bytes - 1) / bytes * bytes))
        return block;
    throw std::bad_alloc();
}
void operator delete(void *block) noexcept
{
    std::free(block);
}
void operator delete(void *block, std::size_t) noexcept
{
    std::free(block);
}
void operator delete(void *block, std::align_val_t) noexcept
{
    std::free(block);
}
void operator delete(void *block, std::size_t, std::align_val_t) noexcept
{
    std::free(block);
}

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

/// Each kind of message by itself, from memory that is warm: median and 99th percentile of single decodes,
/// with the clock's own time in them.
void measureKinds()
{
    static constexpr std::array<std::pair<const char *, std::string_view>, 7> kFrames{{
        {"bookTicker",
         R"({"e":"bookTicker","u":400900217,"E":1568014460893,"T":1568014460891,"s":"BNBUSDT","ps":"BNBUSDT","b":"25.35190000","B":"31.21","a":"25.36520000","A":"40.66","st":1})"},
        {"trade",
         R"({"e":"trade","E":1723161256322,"T":1723161256321,"s":"BTCUSDT","t":5266583935,"p":"61800.30","q":"0.006","X":"MARKET","m":false})"},
        {"aggTrade",
         R"({"e":"aggTrade","E":1767139200123,"s":"BTCUSDT","a":5933014,"p":"87001.10","q":"0.120","nq":"0.100","f":100,"l":105,"T":1767139200100,"m":true,"st":1})"},
        {"markPrice",
         R"({"e":"markPriceUpdate","E":1562305380000,"s":"BTCUSDT","p":"11794.15000000","ap":"11790.02000000","i":"11784.62659091","P":"11784.25641265","r":"-0.00038167","T":1562306400000,"st":1})"},
        {"kline",
         R"({"e":"kline","E":1638747660000,"s":"BTCUSDT","k":{"t":1638747660000,"T":1638747719999,"s":"BTCUSDT","i":"1m","f":100,"L":200,"o":"0.0010","c":"0.0020","h":"0.0025","l":"0.0005","v":"1000","n":100,"x":false,"q":"1.0000","V":"500","Q":"0.500","B":"0"}})"},
        {"forceOrder",
         R"({"e":"forceOrder","E":1568014460893,"o":{"s":"BTCUSDT","S":"SELL","o":"LIMIT","f":"IOC","q":"0.014","p":"9910","ap":"9910.5","X":"FILLED","l":"0.014","z":"0.014","T":1568014460892},"st":1})"},
        {"ticker",
         R"({"e":"24hrTicker","E":123456789,"s":"BTCUSDT","p":"0.0015","P":"250.00","w":"0.0018","c":"0.0025","Q":"10","o":"0.0010","h":"0.0025","l":"0.0010","v":"98765.5","q":"18","O":0,"C":86400000,"F":0,"L":18150,"n":18151,"ps":"BTCUSDT","st":1})"},
    }};
    constexpr int kDecodes = 20'000;
    for (const auto &[name, frame] : kFrames) {
        MarketDecoder decoder;
        std::vector<double> taken;
        taken.reserve(kDecodes);
        const std::uint64_t before = allocations;
        for (int i = 0; i < kDecodes; ++i) {
            const auto begin = std::chrono::steady_clock::now();
            use(decoder.decode(frame, core::UtcTime{}));
            taken.push_back(
                std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count());
        }
        const auto allocated = static_cast<double>(allocations - before) / kDecodes;
        std::sort(taken.begin(), taken.end());
        fmt::print("kind {} median {:.0f} p99 {:.0f} ns, {:.4f} allocations, {} on the general way\n", name,
                   taken[taken.size() / 2], taken[taken.size() * 99 / 100], allocated,
                   decoder.generalFrames());
    }
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
        measureKinds();
    } catch (const std::exception &error) { // simdjson's on-demand interface throws
        std::fprintf(stderr, "bench_codec: %s\n", error.what());
        return 1;
    }
    return 0;
}
