#include "core/exchange/binance/market_events.h"

namespace core::exchange::binance
{

using schema::kUsdMargined;

Verdict settle(const schema::DepthFields &fields, UtcTime receivedAt)
{
    fields.value->receivedAt = receivedAt;
    return fields.universe == kUsdMargined ? Verdict::Keep : Verdict::Foreign;
}

Verdict settle(const schema::TradeFields &fields, UtcTime receivedAt)
{
    if (fields.universe != kUsdMargined)
        return Verdict::Foreign;
    Trade &trade = *fields.value;
    // Prints that are no market trades come with price 0 in places; a market trade at 0 would poison every
    // candle.
    if (trade.kind == TradeKind::Market && !trade.price.isPositive())
        return Verdict::Refuse;
    trade.receivedAt = receivedAt;
    if (!fields.aggregated)
        trade.firstId = trade.lastId = trade.id;
    return Verdict::Keep;
}

Verdict settle(const schema::QuoteFields &fields, UtcTime receivedAt)
{
    fields.value->receivedAt = receivedAt;
    return fields.universe == kUsdMargined ? Verdict::Keep : Verdict::Foreign;
}

Verdict settle(const schema::MarkFields &fields, UtcTime receivedAt)
{
    if (fields.universe != kUsdMargined)
        return Verdict::Foreign;
    fields.value->receivedAt = receivedAt;
    return fields.value->mark.isPositive() ? Verdict::Keep : Verdict::Refuse;
}

Verdict settle(const schema::CandleFields &fields, UtcTime)
{
    if (fields.universe != kUsdMargined)
        return Verdict::Foreign;
    Candle &candle = *fields.value;
    if (fields.closeTime < candle.openTime || candle.trades < 0)
        return Verdict::Refuse;
    // The interval's own times instead of its name: "1M" has no fixed length.
    candle.length = fields.closeTime - candle.openTime + std::chrono::milliseconds{1};
    candle.synthetic = candle.trades == 0;
    return Verdict::Keep;
}

Verdict settle(const schema::LiquidationFields &fields, UtcTime receivedAt)
{
    fields.value->receivedAt = receivedAt;
    return fields.universe == kUsdMargined && fields.bodyUniverse == kUsdMargined ? Verdict::Keep
                                                                                  : Verdict::Foreign;
}

Verdict settle(const schema::TickerFields &fields, UtcTime receivedAt)
{
    fields.value->receivedAt = receivedAt;
    // A contract that never traded comes with zeros: there is nothing to say of it yet.
    return fields.universe == kUsdMargined && fields.value->last.isPositive() ? Verdict::Keep
                                                                              : Verdict::Foreign;
}

Error refusal(const schema::EventFields &, std::string_view name)
{
    return {ErrorCode::OutOfRange, std::string(name) + ".p: must be above 0"};
}

Error refusal(const schema::CandleFields &fields, std::string_view name)
{
    if (fields.value->trades < 0)
        return {ErrorCode::OutOfRange, std::string(name) + ".k.n: must not be negative"};
    return {ErrorCode::OutOfRange, std::string(name) + ".k.T: lies before the open time k.t"};
}

} // namespace core::exchange::binance
