// P3: decode of the recorded l2Book frames (20 + 20 levels) ÷ simdjson on-demand doing the same work;
// absolute time of a 10 + 10 frame with its domain values; every other market message alone; P6: allocations
// per message in steady state. Prints "name ratio ours peer rounds" (ns) after both sides decoded every frame
// to the same values; messages without a peer print median and p99. Usage: bench_hl_decode [gz file]
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <simdjson.h>
#include <zlib.h>

#include "core/exchange/hyperliquid/codec.h"
#include "tests/core/exchange/hyperliquid/hl_equality.h"

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
void operator delete(void *block) noexcept
{
    std::free(block);
}
void operator delete(void *block, std::size_t) noexcept
{
    std::free(block);
}

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
    std::string bytes;
    const gzFile file = gzopen(path, "rb");
    std::array<char, 65536> chunk{};
    for (int read = 0; file != nullptr && (read = gzread(file, chunk.data(), chunk.size())) > 0;)
        bytes.append(chunk.data(), static_cast<std::size_t>(read));
    if (file != nullptr)
        gzclose(file);
    std::vector<std::string> out;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
        const std::size_t blank = bytes.find(' ', at);
        if (blank < end) {
            std::string frame = bytes.substr(blank + 1, end - blank - 1);
            frame.reserve(frame.size() + simdjson::SIMDJSON_PADDING);
            out.push_back(std::move(frame));
        }
        at = end + 1;
    }
    return out;
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

/// The current order of members; ten levels a side.
[[nodiscard]] std::string bookOfTen()
{
    std::string out = R"({"channel":"l2Book","data":{"coin":"BTC","time":1790358575700,"levels":[[)";
    for (int side = 0; side < 2; ++side) {
        for (int i = 0; i < 10; ++i)
            out += fmt::format(R"({}{{"px":"{}.0","sz":"{}.{}7634","n":{}}})", i == 0 ? "" : ",",
                               side == 0 ? 83767 - i : 83768 + i, i, i + 1, i * 5 + 1);
        out += side == 0 ? "],[" : "]]}}";
    }
    return out;
}

void alone(const char *name, const std::string &frame)
{
    MarketDecoder decoder;
    if (!decoder.decode(frame, kReceived))
        throw std::runtime_error(std::string(name) + " is refused");
    std::vector<double> times;
    for (int i = 0; i < 2'000; ++i)
        times.push_back(nanoseconds(20, [&] { use(decoder.decode(frame, kReceived)); }));
    const std::uint64_t before = allocations;
    for (int i = 0; i < 1'000; ++i)
        use(decoder.decode(frame, kReceived));
    const double each = static_cast<double>(allocations - before) / 1'000;
    fmt::print("{} - {:.1f} ns median, {:.1f} ns p99, {:.3f} allocations/message, {} general, {} bytes\n",
               name, quantile(times, 0.5), quantile(times, 0.99), each, decoder.generalFrames(),
               frame.size());
}

void eachMessage(const std::vector<std::string> &books, const std::vector<std::string> &trades)
{
    alone("l2Book-20+20", books.front());
    alone("l2Book-10+10", bookOfTen());
    alone(
        "bbo",
        R"({"channel":"bbo","data":{"coin":"BTC","time":1790358575700,"bbo":[{"px":"83767.0","sz":"6.87634",)"
        R"("n":45},{"px":"83768.0","sz":"0.30543","n":3}]}})");
    alone("trades", trades.back());
    alone(
        "activeAssetCtx",
        R"({"channel":"activeAssetCtx","data":{"coin":"BTC","ctx":{"funding":"-0.0000015186","openInterest":"27353.17682",)"
        R"("prevDayPx":"76317.0","dayNtlVlm":"1516669192.1953897476","premium":"-0.0005927453","oraclePx":"77605.0",)"
        R"("markPx":"77562.0","midPx":"77558.5","impactPxs":["77558.0","77559.0"],"dayBaseVlm":"19707.77457"}}})");
    alone(
        "candle",
        R"({"channel":"candle","data":{"t":1790344800000,"T":1790348399999,"s":"BTC","i":"1h","o":"83912.0",)"
        R"("c":"84010.0","h":"84039.0","l":"83133.0","v":"3997.94344","n":35095}})");
    alone(
        "allMids",
        R"({"channel":"allMids","data":{"mids":{"@142":"80907.5","BTC":"80868.5","ETH":"2296.45","SOL":"94.8775"}}})");
    alone("pong", R"({"channel":"pong"})");
}
} // namespace

int main(int argc, char **argv)
{
    try {
        std::vector<std::string> books;
        std::vector<std::string> trades;
        for (std::string &frame : framesOf(argc > 1 ? argv[1] : kCapture))
            (frame.find("l2Book") < 20 ? books : trades).push_back(std::move(frame));
        if (books.empty() || trades.empty())
            throw std::runtime_error("the capture is not there or holds no books and trades");
        againstPeer(books);
        eachMessage(books, trades);
    } catch (const std::exception &error) { // simdjson's on-demand interface throws
        std::fprintf(stderr, "bench_hl_decode: %s\n", error.what());
        return 1;
    }
    return 0;
}
