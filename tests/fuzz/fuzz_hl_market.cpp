#include <array>

#include "core/exchange/hyperliquid/codec.h"
#include "tests/core/exchange/hyperliquid/hl_equality.h"
#include "tests/fuzz/differential.h"

namespace
{
/// Beginnings of every frequent frame, so that each member's reader is reached without the fuzzer having to
/// spell its name.
constexpr std::array<std::string_view, 8> kHeads{
    "",
    R"({"channel":"l2Book","data":{"coin":"BTC","time":1,"levels":[[{"px":")",
    R"({"channel":"bbo","data":{"coin":"BTC","time":1,"bbo":[)",
    R"({"channel":"trades","data":[{"coin":"BTC","side":"B",)",
    R"({"channel":"activeAssetCtx","data":{"coin":"BTC","ctx":{"markPx":"1.0",)",
    R"({"channel":"candle","data":{"t":1,"T":2,"s":"BTC",)",
    R"({"channel":"allDexsAssetCtxs","data":{"ctxs":[["",[{)",
    R"({"channel":"post","data":{"id":1,"response":{"type":"info","payload":)",
};

/// Both ways must accept with the same value or refuse with the same words.
void checkFrame(std::string_view frame)
{
    static core::exchange::hyperliquid::MarketDecoder fast;
    static core::exchange::hyperliquid::MarketDecoder general;
    const auto a = fast.decode(frame, fuzz::kReceived);
    const auto b = general.decodeGeneral(frame, fuzz::kReceived);
    fuzz::require(tests::same(a, b));
    fuzz::require(a.has_value() || !a.error().detail.empty());
}
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    for (const std::string_view head : kHeads)
        checkFrame(std::string(head).append(fuzz::text(data, size)));
    return 0;
}
