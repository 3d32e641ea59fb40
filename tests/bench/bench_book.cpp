// P4 of the targets: the order book against std::map over all depth levels of a recorded day.
// Usage: bench_book [RECORDING.gz]. Prints "P4 <ratio> <ours ns/level> <peer ns/level> <rounds>".
// Equality comes first: best prices after every frame, all levels and the content hash at the end.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>
#include <zlib.h>

#include "core/market/order_book.h"

using core::Level;
using core::Side;
using core::market::OrderBook;

namespace
{

constexpr std::size_t kRounds = 7;

struct Frame {
    std::size_t bidsBegin, asksBegin, asksEnd; ///< into Recording::levels: bids, then asks
};
struct Recording {
    std::vector<Level> snapshotBids, snapshotAsks;
    std::vector<Level> levels;
    std::vector<Frame> frames;
};

/// The peer: what one writes first. Absolute quantities by price; 0 removes.
class MapBook
{
public:
    void clear()
    {
        m_bids.clear();
        m_asks.clear();
    }
    void apply(std::span<const Level> bids, std::span<const Level> asks)
    {
        applySide(m_bids, bids);
        applySide(m_asks, asks);
    }
    [[nodiscard]] std::optional<Level> best(Side side) const
    {
        if (side == Side::Buy)
            return m_bids.empty() ? std::nullopt : level(*m_bids.begin());
        return m_asks.empty() ? std::nullopt : level(*m_asks.begin());
    }
    void copyLevels(Side side, std::vector<Level> &out) const
    {
        if (side == Side::Buy)
            for (const auto &entry : m_bids)
                out.push_back(*level(entry));
        else
            for (const auto &entry : m_asks)
                out.push_back(*level(entry));
    }

private:
    [[nodiscard]] static std::optional<Level> level(const std::pair<const std::int64_t, std::int64_t> &entry)
    {
        return Level{core::Price::fromRaw(entry.first), core::Quantity::fromRaw(entry.second)};
    }
    template <class Map> static void applySide(Map &map, std::span<const Level> levels)
    {
        for (const Level &change : levels) {
            if (change.quantity.isZero())
                map.erase(change.price.raw());
            else
                map[change.price.raw()] = change.quantity.raw();
        }
    }
    std::map<std::int64_t, std::int64_t, std::greater<>> m_bids;
    std::map<std::int64_t, std::int64_t> m_asks;
};

[[nodiscard]] std::optional<std::string> readGzip(const std::string &path)
{
    const gzFile file = gzopen(path.c_str(), "rb");
    if (file == nullptr)
        return std::nullopt;
    std::string text;
    std::vector<char> block(1U << 20);
    int got = 0;
    while ((got = gzread(file, block.data(), static_cast<unsigned>(block.size()))) > 0)
        text.append(block.data(), static_cast<std::size_t>(got));
    const bool complete = got == 0;
    gzclose(file);
    return complete ? std::optional(std::move(text)) : std::nullopt;
}

void appendLevels(simdjson::ondemand::array rows, std::vector<Level> &out)
{
    for (simdjson::ondemand::array row : rows) {
        std::array<std::string_view, 2> texts;
        std::size_t column = 0;
        for (const std::string_view text : row)
            texts.at(column++) = text;
        out.push_back({core::parsePrice(texts[0]).value(), core::parseQuantity(texts[1]).value()});
    }
}

/// The snapshot, and every diff that the venue's rule applies to it (u ≥ lastUpdateId).
[[nodiscard]] Recording parse(const std::string &text)
{
    Recording recording;
    simdjson::ondemand::parser parser;
    std::vector<std::string> diffs;
    std::int64_t lastUpdateId = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line = std::string_view(text).substr(begin, end - begin);
        begin = end + 1;
        const std::size_t blank = line.find(' ');
        if (blank == std::string_view::npos)
            continue;
        const std::string_view body = line.substr(blank + 1);
        if (body.find("@depth") < 60) {
            diffs.emplace_back(body);
        } else if (body.starts_with("{\"lastUpdateId\"")) {
            const simdjson::padded_string padded(body);
            auto document = parser.iterate(padded);
            lastUpdateId = document["lastUpdateId"].get_int64();
            appendLevels(document["bids"].get_array(), recording.snapshotBids);
            appendLevels(document["asks"].get_array(), recording.snapshotAsks);
        }
    }
    for (const std::string &diff : diffs) {
        const simdjson::padded_string padded(diff);
        auto document = parser.iterate(padded);
        simdjson::ondemand::object data = document["data"].get_object();
        if (std::int64_t(data["u"].get_int64()) < lastUpdateId)
            continue;
        Frame frame{recording.levels.size(), 0, 0};
        appendLevels(data["b"].get_array(), recording.levels);
        frame.asksBegin = recording.levels.size();
        appendLevels(data["a"].get_array(), recording.levels);
        frame.asksEnd = recording.levels.size();
        recording.frames.push_back(frame);
    }
    return recording;
}

[[nodiscard]] std::span<const Level> bidsOf(const Recording &recording, const Frame &frame)
{
    return std::span(recording.levels).subspan(frame.bidsBegin, frame.asksBegin - frame.bidsBegin);
}
[[nodiscard]] std::span<const Level> asksOf(const Recording &recording, const Frame &frame)
{
    return std::span(recording.levels).subspan(frame.asksBegin, frame.asksEnd - frame.asksBegin);
}

/// All frames; returns a sum over the best levels read after each.
template <class Book, class Apply>
[[nodiscard]] std::uint64_t play(const Recording &recording, const Book &book, Apply apply)
{
    std::uint64_t sum = 0;
    for (const Frame &frame : recording.frames) {
        apply(bidsOf(recording, frame), asksOf(recording, frame));
        for (const Side side : {Side::Buy, Side::Sell})
            if (const auto best = book.best(side))
                sum = sum * 31 + static_cast<std::uint64_t>(best->price.raw() ^ best->quantity.raw());
    }
    return sum;
}

[[nodiscard]] bool equalBooks(const Recording &recording)
{
    const core::Price tick = core::parsePrice("0.1").value();
    OrderBook ours(tick);
    MapBook peer;
    if (!ours.assign(recording.snapshotBids, recording.snapshotAsks))
        return false;
    peer.apply(recording.snapshotBids, recording.snapshotAsks);
    for (const Frame &frame : recording.frames) {
        if (!ours.apply(bidsOf(recording, frame), asksOf(recording, frame)))
            return false;
        peer.apply(bidsOf(recording, frame), asksOf(recording, frame));
        if (ours.best(Side::Buy) != peer.best(Side::Buy) || ours.best(Side::Sell) != peer.best(Side::Sell) ||
            ours.isCrossed())
            return false;
    }
    std::array<std::vector<Level>, 2> oursLevels, peerLevels;
    for (const Side side : {Side::Buy, Side::Sell}) {
        const auto index = static_cast<std::size_t>(side);
        ours.copyLevels(side, ours.levelCount(side), oursLevels.at(index));
        peer.copyLevels(side, peerLevels.at(index));
    }
    OrderBook rebuilt(tick);
    return oursLevels == peerLevels && rebuilt.assign(peerLevels[0], peerLevels[1]).has_value() &&
           rebuilt.contentHash() == ours.contentHash();
}

[[nodiscard]] double median(std::array<double, kRounds> values)
{
    std::ranges::sort(values);
    return values[kRounds / 2];
}

int run(const std::string &path)
{
    const auto text = readGzip(path);
    if (!text) {
        fmt::print(stderr, "bench_book: cannot read {}\n", path);
        return 1;
    }
    const Recording recording = parse(*text);
    if (recording.frames.empty() || !equalBooks(recording)) {
        fmt::print(stderr, "bench_book: the books differ, or {} holds no depth\n", path);
        return 1;
    }
    OrderBook ours(core::parsePrice("0.1").value());
    MapBook peer;
    std::array<double, kRounds> oursNs{}, peerNs{}, ratios{};
    const auto perLevel = [&recording](std::chrono::steady_clock::duration taken) {
        return std::chrono::duration<double, std::nano>(taken).count() /
               static_cast<double>(recording.levels.size());
    };
    for (std::size_t round = 0; round < kRounds; ++round) {
        if (!ours.assign(recording.snapshotBids, recording.snapshotAsks))
            return 1;
        bool applied = true;
        const auto oursStart = std::chrono::steady_clock::now();
        const std::uint64_t oursSum = play(
            recording, ours, [&](auto bids, auto asks) { applied &= ours.apply(bids, asks).has_value(); });
        oursNs.at(round) = perLevel(std::chrono::steady_clock::now() - oursStart);
        peer.clear();
        peer.apply(recording.snapshotBids, recording.snapshotAsks);
        const auto peerStart = std::chrono::steady_clock::now();
        const std::uint64_t peerSum =
            play(recording, peer, [&](auto bids, auto asks) { peer.apply(bids, asks); });
        peerNs.at(round) = perLevel(std::chrono::steady_clock::now() - peerStart);
        ratios.at(round) = oursNs.at(round) / peerNs.at(round);
        if (!applied || oursSum != peerSum) {
            fmt::print(stderr, "bench_book: best prices differ in round {}\n", round);
            return 1;
        }
    }
    fmt::print("P4 {:.3f} {:.2f} {:.2f} {}\n", median(ratios), median(oursNs), median(peerNs), kRounds);
    return 0;
}

} // namespace

int main(int argc, char **argv)
{
    const std::string path = argc > 1 ? argv[1]
                                      : ETRMS_SOURCE_DIR
                                 "/../shared/data/binance-usdm/capture-2024-08-08/btcusdt_20240808.gz";
    try {
        return run(path);
    } catch (const std::exception &error) { // simdjson throws on a line that is no JSON
        fmt::print(stderr, "bench_book: {}: {}\n", path, error.what());
        return 1;
    }
}
