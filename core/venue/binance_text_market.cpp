// Texts of the market streams: reference/binance-usdm.md sections 3.7 and 4.3.
#include "core/venue/binance_text.h"

namespace core::venue
{

namespace
{
/// A contract's last 24 hours; without a trade the book's middle and zeros.
struct Day {
    Price open, high, low, last;
    std::int64_t change{0};
    std::int64_t percent{0};
    std::int64_t average{0};
    Quantity volume, lastQuantity;
    Money quoteVolume;
    std::int64_t firstId{0}, lastId{0}, count{0};
};

[[nodiscard]] Day dayOf(const VenueEngine &engine, const CandleStore &candles, const Symbol &symbol)
{
    Day result;
    const auto &trades = candles.trades(symbol);
    const auto day = candles.day(symbol);
    result.open = result.high = result.low = result.last = engine.book(symbol).middle().value_or(Price{});
    if (day) {
        result.open = day->open;
        result.high = day->high;
        result.low = day->low;
        result.last = day->close;
        result.volume = day->volume;
        result.quoteVolume = day->quoteVolume;
        result.count = day->trades;
    }
    result.average = result.last.raw();
    if (result.volume.isPositive())
        result.average =
            mulDiv(result.quoteVolume.raw(), kDecimalOne, result.volume.raw(), Rounding::HalfEven).value_or(0);
    result.change = result.last.raw() - result.open.raw();
    if (result.open.isPositive()) // to a thousandth of a percent
        result.percent =
            mulDiv(result.change, 100'000, result.open.raw(), Rounding::HalfEven).value_or(0) * (kDecimalOne / 1'000);
    if (!trades.empty()) {
        result.lastQuantity = trades.back().quantity;
        result.firstId = trades.front().id;
        result.lastId = trades.back().id;
    }
    return result;
}
} // namespace

void writeDayTicker(JsonText &out, const VenueEngine &engine, const CandleStore &candles, const Symbol &symbol)
{
    const VenueInstrument &instrument = *engine.instrument(symbol);
    const Day day = dayOf(engine, candles, symbol);
    const int places = instrument.pricePrecision;
    const std::int64_t now = toMilliseconds(engine.clock().now());
    out.object()
        .text("symbol", symbol.view())
        .fixed("priceChange", day.change, places)
        .fixed("priceChangePercent", day.percent, 3)
        .fixed("weightedAvgPrice", day.average, places)
        .fixed("lastPrice", day.last.raw(), places)
        .fixed("lastQty", day.lastQuantity.raw(), instrument.quantityPrecision)
        .fixed("openPrice", day.open.raw(), places)
        .fixed("highPrice", day.high.raw(), places)
        .fixed("lowPrice", day.low.raw(), places)
        .fixed("volume", day.volume.raw(), instrument.quantityPrecision)
        .text("quoteVolume", day.quoteVolume.text())
        .number("openTime", now - 86'400'000)
        .number("closeTime", now)
        .number("firstId", day.firstId)
        .number("lastId", day.lastId)
        .number("count", day.count)
        .endObject();
}

std::string tickerText(const VenueEngine &engine, const CandleStore &candles, const Symbol &symbol, bool mini,
                       int universe)
{
    const VenueInstrument &instrument = *engine.instrument(symbol);
    const Day day = dayOf(engine, candles, symbol);
    const int places = instrument.pricePrecision;
    const std::int64_t now = toMilliseconds(engine.clock().now());
    const std::string_view shown = universe == 1 ? symbol.view() : std::string_view("BTCUSD_PERP");
    JsonText out;
    out.object().text("e", mini ? "24hrMiniTicker" : "24hrTicker").number("E", now).text("s", shown);
    if (!mini)
        out.fixed("p", day.change, places)
            .fixed("P", day.percent, 3)
            .fixed("w", day.average, places)
            .fixed("Q", day.lastQuantity.raw(), instrument.quantityPrecision);
    out.fixed("c", day.last.raw(), places)
        .fixed("o", day.open.raw(), places)
        .fixed("h", day.high.raw(), places)
        .fixed("l", day.low.raw(), places)
        .fixed("v", day.volume.raw(), instrument.quantityPrecision)
        .text("q", day.quoteVolume.text());
    if (!mini)
        out.number("O", now - 86'400'000)
            .number("C", now)
            .number("F", day.firstId)
            .number("L", day.lastId)
            .number("n", day.count);
    return out.text("ps", shown).number("st", universe).endObject().take();
}

std::string klineText(const VenueEngine &engine, const Symbol &symbol, std::string_view interval,
                      const Candle &candle, bool closed, bool plain)
{
    const VenueInstrument &instrument = *engine.instrument(symbol);
    const int places = instrument.pricePrecision;
    const Money takerQuote =
        candle.volume.isZero()
            ? Money{}
            : Money::fromRaw(mulDiv(candle.quoteVolume.raw(), candle.takerBuyVolume.raw(), candle.volume.raw(),
                                    Rounding::HalfEven)
                                 .value_or(0));
    JsonText out;
    out.object().text("e", plain ? "kline" : "continuous_kline").number("E", toMilliseconds(engine.clock().now()));
    if (plain)
        out.text("s", symbol.view());
    else
        out.text("ps", symbol.view()).text("ct", "PERPETUAL");
    out.key("k").object();
    out.number("t", toMilliseconds(candle.openTime)).number("T", toMilliseconds(candle.openTime + candle.length) - 1);
    if (plain)
        out.text("s", symbol.view());
    out.text("i", interval)
        .number("f", -1)
        .number("L", -1)
        .fixed("o", candle.open.raw(), places)
        .fixed("c", candle.close.raw(), places)
        .fixed("h", candle.high.raw(), places)
        .fixed("l", candle.low.raw(), places)
        .fixed("v", candle.volume.raw(), instrument.quantityPrecision)
        .number("n", candle.trades)
        .flag("x", closed)
        .text("q", candle.quoteVolume.text())
        .fixed("V", candle.takerBuyVolume.raw(), instrument.quantityPrecision)
        .text("Q", takerQuote.text())
        .text("B", "0")
        .endObject()
        .endObject();
    return out.take();
}

std::string forceOrder(const VenueEngine &engine, const VenueOrder &order, const VenueFill &fill)
{
    const VenueInstrument &instrument = *engine.instrument(fill.symbol);
    const std::int64_t now = toMilliseconds(engine.clock().now());
    JsonText out;
    out.object().text("e", "forceOrder").number("E", now).key("o").object();
    out.text("s", fill.symbol.view())
        .text("S", venueText(fill.side))
        .text("o", "LIMIT")
        .text("f", "IOC")
        .fixed("q", order.request.quantity.raw(), instrument.quantityPrecision)
        .fixed("p", fill.price.raw(), instrument.pricePrecision)
        .fixed("ap", fill.price.raw(), instrument.pricePrecision)
        .text("X", statusText(order))
        .fixed("l", fill.quantity.raw(), instrument.quantityPrecision)
        .fixed("z", order.filled.raw(), instrument.quantityPrecision)
        .number("T", toMilliseconds(fill.at))
        .endObject()
        .number("st", 1)
        .endObject();
    return out.take();
}

} // namespace core::venue
