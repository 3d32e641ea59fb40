#include <optional>

#include "core/exchange/binance/book_sync.h"
#include "tests/fuzz/differential.h"

namespace binance = core::exchange::binance;

namespace
{
/// What the fuzzer changes: it finds the members faster from inside the frame than from the first brace.
constexpr std::string_view kHead =
    R"({"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1723161256299,)"
    R"("T":1723161256298,"s":"BTCUSDT",)";

/// Whatever levels come in, a book is either Fresh and uncrossed or not Fresh.
void checkBook(const binance::DepthUpdate &update)
{
    binance::BookSync sync({core::Venue::Binance, update.symbol}, core::Price::fromRaw(1'000'000));
    binance::DepthSnapshot snapshot;
    snapshot.lastUpdateId = update.previousLastId;
    static_cast<void>(sync.onSnapshot(snapshot));
    const auto step = sync.onUpdate(update);
    if (sync.freshness(fuzz::kReceived, std::chrono::seconds{3}) != core::Freshness::Fresh)
        return;
    fuzz::require(!step.fault && !sync.book().isCrossed());
}
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view bytes = fuzz::text(data, size);
    fuzz::checkMarketFrame(bytes);
    fuzz::checkMarketFrame(std::string(kHead).append(bytes));
    static binance::MarketDecoder decoder;
    const auto event = decoder.decode(bytes, fuzz::kReceived);
    if (event && std::holds_alternative<const binance::DepthUpdate *>(*event))
        checkBook(*std::get<const binance::DepthUpdate *>(*event));
    const auto snapshot = binance::parseDepthSnapshot(bytes);
    fuzz::require(snapshot.has_value() || !snapshot.error().detail.empty());
    return 0;
}
