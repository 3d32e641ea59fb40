// Every market-data message of both venues by itself, from memory that is warm: median and 99th percentile of single decodes
// (a score of them per reading of the clock) and what is allocated. Recorded frames where the captures hold the type, else
// the words of the reference. "general" frames took the slower way that accepts any JSON. Prints
// "<venue> <type> <median ns> <p99 ns> <allocations> <general> <bytes>". Usage: bench_messages
#include <algorithm>
#include <cstdio>
#include <string>

#include <fmt/core.h>

#include "core/exchange/binance/codec.h"
#include "core/exchange/hyperliquid/codec.h"
#include "tests/bench/capture_lines.h"
#include "tests/bench/count_allocations.h"
#include "tests/bench/ingest_peer.h"

namespace
{
namespace binance = core::exchange::binance;
namespace hyperliquid = core::exchange::hyperliquid;

constexpr std::size_t kReadings = 2'000;
constexpr std::size_t kPerReading = 20;
constexpr core::UtcTime kReceived = core::utcFromMilliseconds(1'790'360'864'964);
constexpr const char *kHyperliquidCapture =
    ETRMS_SOURCE_DIR "/../shared/data/hyperliquid/capture-2025-01-26/btcusd_20250126.gz";

constexpr std::array<std::pair<const char *, std::string_view>, 7> kBinance{{
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

constexpr std::array<std::pair<const char *, std::string_view>, 5> kHyperliquid{{
    {"bbo",
     R"({"channel":"bbo","data":{"coin":"BTC","time":1790358575700,"bbo":[{"px":"83767.0","sz":"6.87634",)"
     R"("n":45},{"px":"83768.0","sz":"0.30543","n":3}]}})"},
    {"activeAssetCtx",
     R"({"channel":"activeAssetCtx","data":{"coin":"BTC","ctx":{"funding":"-0.0000015186","openInterest":"27353.17682",)"
     R"("prevDayPx":"76317.0","dayNtlVlm":"1516669192.1953897476","premium":"-0.0005927453","oraclePx":"77605.0",)"
     R"("markPx":"77562.0","midPx":"77558.5","impactPxs":["77558.0","77559.0"],"dayBaseVlm":"19707.77457"}}})"},
    {"candle",
     R"({"channel":"candle","data":{"t":1790344800000,"T":1790348399999,"s":"BTC","i":"1h","o":"83912.0",)"
     R"("c":"84010.0","h":"84039.0","l":"83133.0","v":"3997.94344","n":35095}})"},
    {"allMids",
     R"({"channel":"allMids","data":{"mids":{"@142":"80907.5","BTC":"80868.5","ETH":"2296.45","SOL":"94.8775"}}})"},
    {"pong",
     R"({"channel":"pong"})"},
}};

/// Keeps the compiler from dropping work whose result nobody reads.
template <class Value> void use(const Value &value)
{
    asm volatile("" : : "r"(&value) : "memory");
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

template <class Decoder> void measure(const char *venue, std::string_view type, std::string_view frame)
{
    Decoder decoder;
    if (!decoder.decode(frame, kReceived))
        throw std::runtime_error(std::string(type) + " is refused");
    std::vector<double> taken;
    taken.reserve(kReadings);
    const std::uint64_t before = allocations;
    for (std::size_t reading = 0; reading < kReadings; ++reading) {
        const auto begin = std::chrono::steady_clock::now();
        for (std::size_t i = 0; i < kPerReading; ++i)
            use(decoder.decode(frame, kReceived));
        const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - begin;
        taken.push_back(spent.count() / kPerReading);
    }
    const auto allocated = static_cast<double>(allocations - before) / (kReadings * kPerReading);
    std::sort(taken.begin(), taken.end());
    fmt::print("{} {} {:.0f} {:.0f} {:.3f} {} {}\n", venue, type, taken[kReadings / 2], taken[kReadings * 99 / 100],
               allocated, decoder.generalFrames() > 0 ? "general" : "fast", frame.size());
}

/// The frame in the middle of what is given, by length.
[[nodiscard]] std::string_view typical(std::vector<std::string_view> frames)
{
    std::sort(frames.begin(), frames.end(), [](auto a, auto b) { return a.size() < b.size(); });
    if (frames.empty())
        throw std::runtime_error("the recording holds no frame of a type");
    return frames[frames.size() / 2];
}

void ofBinance()
{
    using Decoder = binance::MarketDecoder;
    const auto capture = bench::load(bench::kRecording);
    if (!capture)
        throw std::runtime_error("the recording is not there");
    std::vector<std::string_view> depth;
    for (const bench::Frame &frame : capture->depth)
        depth.push_back(frame.payload());
    measure<Decoder>("binance", "depthUpdate", typical(std::move(depth)));
    for (const auto &[type, frame] : kBinance)
        measure<Decoder>("binance", type, frame);
}

void ofHyperliquid()
{
    using Decoder = hyperliquid::MarketDecoder;
    const std::vector<std::string> frames = bench::linesOf(kHyperliquidCapture);
    std::vector<std::string_view> books;
    std::vector<std::string_view> trades;
    for (const std::string &frame : frames)
        (frame.find("l2Book") < 20 ? books : trades).push_back(frame);
    measure<Decoder>("hyperliquid", "l2Book-20+20", typical(std::move(books)));
    measure<Decoder>("hyperliquid", "l2Book-10+10", bookOfTen());
    measure<Decoder>("hyperliquid", "trades", typical(std::move(trades)));
    for (const auto &[type, frame] : kHyperliquid)
        measure<Decoder>("hyperliquid", type, frame);
}
} // namespace

int main()
{
    try {
        ofBinance();
        ofHyperliquid();
    } catch (const std::exception &error) {
        fmt::print(stderr, "bench_messages: {}\n", error.what());
        return 1;
    }
    return 0;
}
