#include "core/exchange/binance/codec_history.h"
#include "core/exchange/binance/codec_instruments.h"
#include "tests/fuzz/differential.h"

namespace binance = core::exchange::binance;

namespace
{
const core::InstrumentKey kInstrument{core::Venue::Binance, *core::Symbol::from("BTCUSDT")};

template <class Value> bool accepted(const core::Result<Value> &result)
{
    fuzz::require(result.has_value() || !result.error().detail.empty());
    return result.has_value();
}

/// What candles, profiles and rounding rely on, whatever the bytes were.
void check(std::string_view body)
{
    if (const auto candles = binance::parseKlines(body, kInstrument, fuzz::kReceived); accepted(candles)) {
        for (const core::Candle &candle : *candles)
            fuzz::require(candle.length > core::Duration::zero() && !candle.volume.isNegative() && candle.trades >= 0);
    }
    if (const auto trades = binance::parseAggregateTrades(body, kInstrument, fuzz::kReceived); accepted(trades)) {
        for (const core::Trade &trade : *trades)
            fuzz::require(trade.price.isPositive() && !trade.quantity.isNegative());
    }
    (void)accepted(binance::parseFundingRates(body));
    (void)accepted(binance::parseDepthSnapshot(body));
    if (const auto list = binance::parseInstrumentList(body, {}); accepted(list)) {
        for (const core::Instrument &contract : list->instruments) {
            fuzz::require(!contract.key.symbol.empty() && !contract.quote.empty());
            fuzz::require(contract.tickSize.isPositive() && contract.stepSize.isPositive());
        }
        for (const binance::RefusedContract &refused : list->refused)
            fuzz::require(!refused.detail.empty());
    }
}

/// Beginnings, so that the readers of rows are reached without the fuzzer having to spell names.
constexpr std::string_view kHeads[] = {
    "",
    R"([[1499040000000,"0.0163","0.8","0.0157","0.0158","148976.1",)",
    R"([{"a":26129,"p":"0.01","q":"4.7","f":27781,"l":27781,"T":1498793709153,)",
    R"([{"symbol":"BTCUSDT","fundingRate":")",
    R"({"lastUpdateId":1,"bids":[[")",
    R"({"rateLimits":[],"symbols":[{"symbol":"BTCUSDT","baseAsset":"BTC","quoteAsset":"USDT","filters":[{"filterType":"PRICE_FILTER",)",
};
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    for (const std::string_view head : kHeads)
        check(std::string(head).append(fuzz::text(data, size)));
    return 0;
}
