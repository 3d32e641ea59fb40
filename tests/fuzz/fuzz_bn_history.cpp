#include "core/exchange/binance/codec_history.h"
#include "core/exchange/binance/codec_instruments.h"
#include "tests/fuzz/differential.h"

namespace binance = core::exchange::binance;
using fuzz::accepted;

namespace
{
const core::InstrumentKey kInstrument{core::Venue::Binance, *core::Symbol::from("BTCUSDT")};

// What candles, profiles and rounding rely on, whatever the bytes were.
void klines(std::string_view body)
{
    const auto candles = binance::parseKlines(body, kInstrument, fuzz::kReceived);
    if (!accepted(candles))
        return;
    for (const core::Candle &candle : *candles)
        fuzz::require(candle.length > core::Duration::zero() && !candle.volume.isNegative() && candle.trades >= 0);
}
void trades(std::string_view body)
{
    const auto trades = binance::parseAggregateTrades(body, kInstrument, fuzz::kReceived);
    if (!accepted(trades))
        return;
    for (const core::Trade &trade : *trades)
        fuzz::require(trade.price.isPositive() && !trade.quantity.isNegative());
}
void fundings(std::string_view body)
{
    static_cast<void>(accepted(binance::parseFundingRates(body)));
}
void depth(std::string_view body)
{
    static_cast<void>(accepted(binance::parseDepthSnapshot(body)));
}
void instruments(std::string_view body)
{
    const auto list = binance::parseInstrumentList(body, {});
    if (!accepted(list))
        return;
    for (const core::Instrument &contract : list->instruments) {
        fuzz::require(!contract.key.symbol.empty() && !contract.quote.empty());
        fuzz::require(contract.tickSize.isPositive() && contract.stepSize.isPositive());
    }
    for (const binance::RefusedContract &refused : list->refused)
        fuzz::require(!refused.detail.empty());
}

/// With a beginning each, so that the readers of rows are reached without the fuzzer having to spell names.
struct Answer {
    void (*check)(std::string_view body);
    std::string_view head;
};
constexpr Answer kAnswers[] = {
    {klines, R"([[1499040000000,"0.0163","0.8","0.0157","0.0158","148976.1",)"},
    {trades, R"([{"a":26129,"p":"0.01","q":"4.7","f":27781,"l":27781,"T":1498793709153,)"},
    {fundings, R"([{"symbol":"BTCUSDT","fundingRate":")"},
    {depth, R"({"lastUpdateId":1,"bids":[[")"},
    {instruments,
     R"({"rateLimits":[],"symbols":[{"symbol":"BTCUSDT","baseAsset":"BTC","quoteAsset":"USDT","filters":[{"filterType":"PRICE_FILTER",)"},
};
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    for (const Answer &answer : kAnswers) {
        answer.check(fuzz::text(data, size));
        answer.check(std::string(answer.head).append(fuzz::text(data, size)));
    }
    return 0;
}
