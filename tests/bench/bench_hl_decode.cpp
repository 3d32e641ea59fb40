// P3: decode of the recorded l2Book frames (20 + 20 levels) ÷ simdjson on-demand doing the same work;
// prints "name ratio ours peer rounds" (ns) after both sides decoded every frame to the same values. One message of
// each kind, and a book of 10 + 10: bench_messages. Usage: bench_hl_decode [gz file]
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <simdjson.h>

#include "core/exchange/hyperliquid/codec.h"
#include "tests/bench/capture_lines.h"
#include "tests/core/exchange/hyperliquid/hl_equality.h"

namespace
{
using namespace core::exchange::hyperliquid;
constexpr std::size_t kRounds = 9;
constexpr core::UtcTime kReceived = core::utcFromMilliseconds(1'790'360'864'964);
constexpr const char *kCapture =
    ETRMS_SOURCE_DIR "/../shared/data/hyperliquid/capture-2025-01-26/btcusd_20250126.gz";

/// Keeps the compiler from dropping work whose result nobody reads.
template <class Value> void use(const Value &value)
{
    asm volatile("" : : "r"(&value) : "memory");
}

[[nodiscard]] std::vector<std::string> framesOf(const char *path)
{
    std::vector<std::string> frames = bench::linesOf(path);
    for (std::string &frame : frames)
        frame.reserve(frame.size() + simdjson::SIMDJSON_PADDING);
    return frames;
}

/// Decimal text to counts of 1e-8, the same arithmetic as ours: the two measure JSON, not digits.
[[nodiscard]] std::int64_t counts(std::string_view text)
{
    std::uint64_t value = 0;
    int places = -1;
    for (const char c : text) {
        if (c == '.' && places < 0) {
            places = 0;
            continue;
        }
        const auto digit = static_cast<unsigned>(static_cast<unsigned char>(c)) - '0';
        if (digit > 9 || places >= 8)
            throw std::runtime_error("no decimal number");
        value = value * 10 + digit;
        places += places >= 0 ? 1 : 0;
    }
    for (int i = std::max(places, 0); i < 8; ++i)
        value *= 10;
    return static_cast<std::int64_t>(value);
}

class Peer
{
public:
    [[nodiscard]] const BookSnapshot &book(const std::string &frame)
    {
        auto document = m_parser.iterate(simdjson::padded_string_view(
            frame.data(), frame.size(), frame.size() + simdjson::SIMDJSON_PADDING));
        simdjson::ondemand::object data = document["data"].get_object();
        const std::string_view coin = data["coin"].get_string();
        m_book.instrument = {core::Venue::Hyperliquid, *core::Symbol::from(coin)};
        auto sides = data["levels"].get_array();
        bool bids = true;
        for (auto side : sides) {
            read(side, bids ? m_book.bids : m_book.asks, bids ? m_book.bidOrders : m_book.askOrders);
            bids = false;
        }
        m_book.venueTime = core::utcFromMilliseconds(data["time"].get_int64());
        m_book.receivedAt = kReceived;
        return m_book;
    }

private:
    static void read(simdjson::simdjson_result<simdjson::ondemand::value> &side,
                     std::vector<core::Level> &levels, std::vector<std::int32_t> &orders)
    {
        levels.clear();
        orders.clear();
        for (simdjson::ondemand::object level : side.get_array()) {
            orders.push_back(static_cast<std::int32_t>(std::int64_t(level["n"].get_int64())));
            const std::int64_t price = counts(level["px"].get_string());
            const std::int64_t size = counts(level["sz"].get_string());
            levels.push_back({core::Price::fromRaw(price), core::Quantity::fromRaw(size)});
        }
    }
    simdjson::ondemand::parser m_parser;
    BookSnapshot m_book;
};

template <class Work> [[nodiscard]] double nanoseconds(std::size_t times, Work &&work)
{
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < times; ++i)
        work();
    const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - begin;
    return spent.count() / static_cast<double>(times);
}
[[nodiscard]] double quantile(std::vector<double> values, double share)
{
    std::sort(values.begin(), values.end());
    return values.at(static_cast<std::size_t>(share * static_cast<double>(values.size() - 1)));
}

void againstPeer(const std::vector<std::string> &books)
{
    MarketDecoder decoder;
    Peer peer;
    for (const std::string &frame : books) {
        const auto event = decoder.decode(frame, kReceived);
        if (!event || !tests::same(std::get<const BookSnapshot *>(*event), &peer.book(frame)))
            throw std::runtime_error("the two decoders disagree");
    }
    if (decoder.generalFrames() != 0)
        throw std::runtime_error("a recorded frame took the general path");
    std::vector<double> ratios;
    std::vector<double> ours;
    std::vector<double> theirs;
    const auto count = static_cast<double>(books.size());
    for (std::size_t round = 0; round < kRounds; ++round) {
        ours.push_back(nanoseconds(200,
                                   [&] {
                                       for (const std::string &frame : books)
                                           use(decoder.decode(frame, kReceived));
                                   }) /
                       count);
        theirs.push_back(nanoseconds(200,
                                     [&] {
                                         for (const std::string &frame : books)
                                             use(peer.book(frame));
                                     }) /
                         count);
        ratios.push_back(ours.back() / theirs.back());
    }
    fmt::print("P3 {:.3f} {:.1f} {:.1f} {}\n", quantile(ratios, 0.5), quantile(ours, 0.5),
               quantile(theirs, 0.5), kRounds);
}

} // namespace

int main(int argc, char **argv)
{
    try {
        std::vector<std::string> books;
        for (std::string &frame : framesOf(argc > 1 ? argv[1] : kCapture)) {
            if (frame.find("l2Book") < 20)
                books.push_back(std::move(frame));
        }
        if (books.empty())
            throw std::runtime_error("the capture is not there or holds no books");
        againstPeer(books);
    } catch (const std::exception &error) { // simdjson's on-demand interface throws
        std::fprintf(stderr, "bench_hl_decode: %s\n", error.what());
        return 1;
    }
    return 0;
}
