#include "core/exchange/hyperliquid/codec_rows.h"

#include <limits>

namespace core::exchange::hyperliquid
{

namespace
{
[[nodiscard]] bool readLevel(Reader &reader, Level &level, std::int32_t &orders)
{
    return reader.object(must("px", [&] { return reader.price(level.price); }),
                         must("sz", [&] { return reader.size(level.quantity); }), may("n", [&] {
                             int count = 0;
                             if (!reader.whole(count))
                                 return false;
                             orders = count;
                             return count >= 0 ||
                                    reader.refuse(ErrorCode::OutOfRange, "must not be negative");
                         }));
}

[[nodiscard]] bool readSide(Reader &reader, std::vector<Level> &levels, std::vector<std::int32_t> &orders)
{
    return reader.elements([&] {
        return readLevel(reader, levels.emplace_back(), orders.emplace_back(BookSnapshot::kOrdersUnknown));
    });
}

[[nodiscard]] bool readSides(Reader &reader, BookSnapshot &out)
{
    std::size_t sides = 0;
    const bool read = reader.indexed([&](std::size_t index) {
        sides = index + 1;
        if (index > 1)
            return reader.refuse(ErrorCode::ParseFailed, "a book has two sides");
        return index == 0 ? readSide(reader, out.bids, out.bidOrders)
                          : readSide(reader, out.asks, out.askOrders);
    });
    return read && (sides == 2 || reader.refuse(ErrorCode::ParseFailed, "a book has two sides"));
}

[[nodiscard]] bool readImpacts(Reader &reader, AssetContext &out)
{
    std::size_t count = 0;
    const bool read = reader.indexed([&](std::size_t index) {
        count = index + 1;
        if (index > 1)
            return reader.refuse(ErrorCode::ParseFailed, "expects two prices");
        return reader.computedPrice(index == 0 ? out.impactBid : out.impactAsk);
    });
    return read && (count == 2 || reader.refuse(ErrorCode::ParseFailed, "expects two prices"));
}
} // namespace

bool readBook(Reader &reader, Reader::At at, BookSnapshot &out)
{
    out.fast = false;
    out.bids.clear();
    out.asks.clear();
    out.bidOrders.clear();
    out.askOrders.clear();
    return reader.object(at, must("coin", [&] { return reader.coin(out.instrument); }),
                         must("time", [&] { return reader.moment(out.venueTime); }),
                         must("levels", [&] { return readSides(reader, out); }),
                         may("fast", [&] { return reader.boolean(out.fast); }));
}

bool readTrade(Reader &reader, Trade &out)
{
    out = Trade{};
    const bool read = reader.object(must("coin", [&] { return reader.coin(out.instrument); }),
                                    must("side", [&] { return reader.bidOrAsk(out.aggressor); }),
                                    must("px", [&] { return reader.price(out.price); }),
                                    must("sz", [&] { return reader.sizeAboveZero(out.quantity); }),
                                    must("time", [&] { return reader.moment(out.venueTime); }),
                                    must("tid", [&] { return reader.whole(out.id); }));
    out.firstId = out.lastId = out.id;
    return read;
}

bool readCandle(Reader &reader, Candle &out, UtcTime &lastMoment)
{
    out = Candle{};
    const bool read = reader.object(
        must("s", [&] { return reader.coin(out.instrument); }),
        must("t", [&] { return reader.moment(out.openTime); }),
        must("T", [&] { return reader.moment(lastMoment); }),
        must("o", [&] { return reader.price(out.open); }), must("c", [&] { return reader.price(out.close); }),
        must("h", [&] { return reader.price(out.high); }), must("l", [&] { return reader.price(out.low); }),
        must("v", [&] { return reader.roundedSize(out.volume); }),
        must("n", [&] { return reader.whole(out.trades); }));
    if (!read)
        return false;
    out.length = lastMoment - out.openTime + std::chrono::milliseconds{1};
    return out.length > std::chrono::milliseconds{1} ||
           reader.refuse(ErrorCode::OutOfRange, "ends before it begins");
}

bool readContext(Reader &reader, AssetContext &out)
{
    out = AssetContext{};
    return reader.object(must("markPx", [&] { return reader.computedPrice(out.mark); }),
                         may("oraclePx", [&] { return reader.computedPrice(out.oracle); }),
                         may("funding", [&] { return reader.roundedValue(out.funding); }),
                         may("premium", [&] { return reader.roundedValue(out.premium); }),
                         may("midPx", [&] { return reader.computedPrice(out.mid); }),
                         may("impactPxs", [&] { return readImpacts(reader, out); }),
                         may("prevDayPx", [&] { return reader.computedPrice(out.previousDay); }),
                         may("openInterest", [&] { return reader.analysis(out.openInterest); }),
                         may("dayNtlVlm", [&] { return reader.analysis(out.dayNotional); }),
                         may("dayBaseVlm", [&] { return reader.analysis(out.dayBaseVolume); }));
}

bool readContexts(Reader &reader, std::vector<AssetContext> &out)
{
    out.clear();
    return reader.rows(out, [&](AssetContext &row) { return readContext(reader, row); });
}

bool readMids(Reader &reader, Reader::At at, std::vector<Mids::Row> &out)
{
    out.clear();
    const auto visit = [&](std::string_view name) {
        Price mid;
        const auto symbol = Symbol::from(name); // before reading on: the name lives in the reader's buffer
        if (!reader.computedPrice(mid))
            return false;
        if (symbol && !symbol->empty())
            out.push_back({*symbol, mid});
        return true;
    };
    return at == Reader::At::Root ? reader.rootMembers(visit) : reader.members(visit);
}

} // namespace core::exchange::hyperliquid
