// P5: frame → book → best prices through the decoder and the synchronised book ÷ (simdjson on-demand +
// std::map). Usage: bench_ingest [RECORDING [TICK]]. Prints "P5 <ratio> <ours> <peer> <rounds>" for the mean
// nanoseconds per frame and "P5p99 …" for the 99th percentile of single frames, after the best prices of both
// agreed at every frame.
#include <cstdio>
#include <stdexcept>

#include <fmt/core.h>

#include "core/exchange/binance/book_sync.h"
#include "core/exchange/binance/codec.h"
#include "tests/bench/ingest_peer.h"

namespace
{
using core::Level;
using core::Side;
using core::exchange::binance::BookSync;
using core::exchange::binance::DepthSnapshot;
using core::exchange::binance::DepthUpdate;
using core::exchange::binance::MarketDecoder;
using Best = std::pair<Level, Level>;

/// The frames that the snapshot bridges and everything after them.
struct Input {
    core::InstrumentKey instrument;
    core::Price tick;
    DepthSnapshot snapshot;
    std::vector<bench::Frame> frames;
};

class Ours
{
public:
    explicit Ours(const Input &input) : m_sync(input.instrument, input.tick)
    {
        if (m_sync.onSnapshot(input.snapshot).fault)
            throw std::runtime_error("the snapshot does not fit the tick size");
    }
    [[nodiscard]] Best step(const bench::Frame &frame)
    {
        const auto event = m_decoder.decode(frame.payload(), frame.receivedAt);
        if (!event || m_sync.onUpdate(*std::get<const DepthUpdate *>(*event)).fault)
            throw std::runtime_error("a frame was refused");
        return {m_sync.book().best(Side::Buy).value_or(Level{}),
                m_sync.book().best(Side::Sell).value_or(Level{})};
    }

private:
    MarketDecoder m_decoder;
    BookSync m_sync;
};

class Peer
{
public:
    explicit Peer(const Input &input) { m_book.apply(input.snapshot.bids, input.snapshot.asks); }
    [[nodiscard]] Best step(const bench::Frame &frame)
    {
        const DepthUpdate &update = m_decoder.depth(frame);
        m_book.apply(update.bids, update.asks);
        return m_book.best();
    }

private:
    bench::SimdjsonPeer m_decoder;
    bench::MapBook m_book;
};

[[nodiscard]] Input prepare(const bench::Capture &capture, const char *tick)
{
    Input input;
    input.tick = core::parsePrice(tick).value();
    auto snapshot = core::exchange::binance::parseDepthSnapshot(capture.snapshot);
    input.snapshot = *std::move(snapshot);
    bench::SimdjsonPeer decoder;
    for (const bench::Frame &frame : capture.depth) {
        const DepthUpdate &update = decoder.depth(frame);
        input.instrument = {core::Venue::Binance, update.symbol};
        if (update.lastId >= input.snapshot.lastUpdateId)
            input.frames.push_back(frame);
    }
    return input;
}

[[nodiscard]] bool sameResults(const Input &input)
{
    Ours ours(input);
    Peer peer(input);
    return std::all_of(input.frames.begin(), input.frames.end(),
                       [&](const bench::Frame &frame) { return ours.step(frame) == peer.step(frame); });
}

/// Nanoseconds of every frame; the sum of best prices keeps the work alive.
template <class Side_> [[nodiscard]] std::vector<double> timed(const Input &input, std::int64_t &sum)
{
    Side_ side(input);
    std::vector<double> out;
    out.reserve(input.frames.size());
    for (const bench::Frame &frame : input.frames) {
        const auto begin = std::chrono::steady_clock::now();
        const Best best = side.step(frame);
        const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - begin;
        out.push_back(taken.count());
        sum += best.first.price.raw() ^ best.second.quantity.raw();
    }
    return out;
}

[[nodiscard]] double mean(const std::vector<double> &values)
{
    double sum = 0;
    for (const double value : values)
        sum += value;
    return sum / static_cast<double>(values.size());
}

[[nodiscard]] double percentile99(std::vector<double> values)
{
    const auto at = static_cast<std::ptrdiff_t>(values.size() * 99 / 100);
    std::nth_element(values.begin(), values.begin() + at, values.end());
    return values[static_cast<std::size_t>(at)];
}

int measure(const Input &input)
{
    std::vector<double> meanOurs, meanPeer, meanRatio, tailOurs, tailPeer, tailRatio;
    for (std::size_t round = 0; round < bench::kRounds; ++round) {
        std::int64_t sumOurs = 0;
        std::int64_t sumPeer = 0;
        std::vector<double> ours;
        std::vector<double> peer;
        if (round % 2 == 0) {
            ours = timed<Ours>(input, sumOurs);
            peer = timed<Peer>(input, sumPeer);
        } else {
            peer = timed<Peer>(input, sumPeer);
            ours = timed<Ours>(input, sumOurs);
        }
        if (sumOurs != sumPeer)
            return 1;
        meanOurs.push_back(mean(ours));
        meanPeer.push_back(mean(peer));
        meanRatio.push_back(meanOurs.back() / meanPeer.back());
        tailOurs.push_back(percentile99(std::move(ours)));
        tailPeer.push_back(percentile99(std::move(peer)));
        tailRatio.push_back(tailOurs.back() / tailPeer.back());
    }
    fmt::print("P5 {:.3f} {:.1f} {:.1f} {}\n", bench::median(meanRatio), bench::median(meanOurs),
                bench::median(meanPeer), bench::kRounds);
    fmt::print("P5p99 {:.3f} {:.1f} {:.1f} {}\n", bench::median(tailRatio), bench::median(tailOurs),
                bench::median(tailPeer), bench::kRounds);
    return 0;
}
} // namespace

int main(int argc, char **argv)
{
    try {
        const auto capture = bench::load(argc > 1 ? argv[1] : bench::kRecording);
        if (!capture)
            return 1;
        const Input input = prepare(*capture, argc > 2 ? argv[2] : "0.1");
        if (!sameResults(input)) {
            std::fprintf(stderr, "bench_ingest: the two books disagree\n");
            return 1;
        }
        return measure(input);
    } catch (const std::exception &error) { // simdjson's on-demand interface throws
        std::fprintf(stderr, "bench_ingest: %s\n", error.what());
        return 1;
    }
}
