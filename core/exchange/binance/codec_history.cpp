#include "core/exchange/binance/codec_history.h"

#include <fmt/format.h>

#include "core/exchange/binance/market_events.h"
#include "core/exchange/wire/general_reader.h"

namespace core::exchange::binance
{
namespace
{
using wire::GeneralReader;

/// Reads every element of the answer with `row(T &) -> bool`; `false` there means that the reader knows why.
template <class T, class Row>
Result<std::vector<T>> eachRow(GeneralReader &reader, std::string_view body, std::string_view what, Row row)
{
    std::vector<T> rows;
    if (!reader.load(body, what))
        return fail(reader.error());
    const bool read = reader.rootElements([&] {
        T value;
        if (!row(value))
            return false;
        rows.push_back(std::move(value));
        return true;
    });
    if (!read || !reader.finish())
        return fail(reader.error());
    return rows;
}

bool readKline(GeneralReader &reader, Candle &candle, UtcTime venueNow)
{
    unsigned field = 0;
    UtcTime closeTime;
    const bool read = reader.elements([&] {
        switch (field++) {
        case 0:
            return reader.time(candle.openTime);
        case 1:
            return reader.price(candle.open);
        case 2:
            return reader.price(candle.high);
        case 3:
            return reader.price(candle.low);
        case 4:
            return reader.price(candle.close);
        case 5:
            return reader.quantity(candle.volume);
        case 6:
            return reader.time(closeTime);
        case 7:
            return reader.money(candle.quoteVolume);
        case 8:
            return reader.integer(candle.trades);
        case 9:
            return reader.quantity(candle.takerBuyVolume);
        default:
            return reader.ignored();
        }
    });
    if (!read)
        return false;
    if (field < 10)
        return reader.refuse(ErrorCode::ParseFailed, "a candle has twelve fields");
    if (closeTime < candle.openTime || candle.trades < 0)
        return reader.refuse(ErrorCode::OutOfRange, "a candle ends after it began, with no negative count");
    candle.length = closeTime - candle.openTime + std::chrono::milliseconds{1};
    candle.closed = closeTime < venueNow;
    candle.synthetic = candle.trades == 0;
    return true;
}

/// A trade of the REST answer: the stream's fields without name, event and symbol.
struct TradeRowSchema {
    using Fields = schema::TradeFields;
    enum Bit : unsigned { a, p, q, nq, f_, l, T, m };
    static constexpr std::array<std::string_view, 8> keys{"a", "p", "q", "nq", "f", "l", "T", "m"};
    static constexpr std::uint32_t required = wire::bits({a, p, q, f_, l, T, m});

    template <class Reader> static bool member(Reader &r, Fields &f, wire::Key key)
    {
        using wire::keyOf;
        switch (key) {
        case keyOf("a"):
            return r.once(f.seen, a) && r.integer(f.value->id);
        case keyOf("p"):
            return r.once(f.seen, p) && r.price(f.value->price);
        case keyOf("q"):
            return r.once(f.seen, q) && r.quantity(f.value->quantity);
        case keyOf("f"):
            return r.once(f.seen, f_) && r.integer(f.value->firstId);
        case keyOf("l"):
            return r.once(f.seen, l) && r.integer(f.value->lastId);
        case keyOf("T"):
            return r.once(f.seen, T) && r.time(f.value->venueTime);
        case keyOf("m"):
            return r.once(f.seen, m) && r.buyerIsMaker(f.value->aggressor);
        default:
            return r.unknownMember();
        }
    }
};

} // namespace

Result<std::vector<Candle>> parseKlines(std::string_view body, const InstrumentKey &instrument,
                                        UtcTime venueNow)
{
    GeneralReader reader;
    return eachRow<Candle>(reader, body, "klines", [&](Candle &candle) {
        candle.instrument = instrument;
        return readKline(reader, candle, venueNow);
    });
}

Result<std::vector<Trade>> parseAggregateTrades(std::string_view body, const InstrumentKey &instrument,
                                                UtcTime receivedAt)
{
    GeneralReader reader;
    return eachRow<Trade>(reader, body, "aggTrades", [&](Trade &trade) {
        trade.instrument = instrument;
        schema::AggregateTradeFields fields;
        fields.value = &trade;
        if (!reader.object<TradeRowSchema>(fields))
            return false;
        return settle(fields, receivedAt) == Verdict::Keep ||
               reader.refuse(ErrorCode::OutOfRange, "a market trade has a price above 0");
    });
}

Result<std::vector<FundingRate>> parseFundingRates(std::string_view body)
{
    enum Bit : unsigned { Name, Rate, Time };
    GeneralReader reader;
    return eachRow<FundingRate>(reader, body, "fundingRate", [&](FundingRate &rate) {
        std::uint32_t seen = 0;
        std::optional<Ratio> value;
        rate.instrument.venue = Venue::Binance;
        const bool read = reader.members([&](std::string_view name) {
            if (name == "symbol")
                return reader.once(seen, Name) && reader.symbol(rate.instrument.symbol);
            if (name == "fundingRate")
                return reader.once(seen, Rate) && reader.optionalRatio(value);
            if (name == "fundingTime")
                return reader.once(seen, Time) && reader.time(rate.time);
            return reader.ignored();
        });
        if (!read)
            return false;
        if (seen != wire::bits({Name, Rate, Time}) || !value)
            return reader.refuse(ErrorCode::ParseFailed, "symbol, fundingRate and fundingTime are needed");
        rate.rate = *value;
        return true;
    });
}

std::vector<Candle> withoutHoles(const std::vector<Candle> &candles, Duration length)
{
    std::vector<Candle> filled;
    filled.reserve(candles.size());
    for (const Candle &candle : candles) {
        while (!filled.empty() && filled.back().openTime + length < candle.openTime) {
            Candle empty;
            empty.instrument = candle.instrument;
            empty.openTime = filled.back().openTime + length;
            empty.length = length;
            empty.open = empty.high = empty.low = empty.close = filled.back().close;
            empty.closed = empty.synthetic = true;
            filled.push_back(empty);
        }
        filled.push_back(candle);
    }
    return filled;
}

} // namespace core::exchange::binance
