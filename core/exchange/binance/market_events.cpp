#include "core/exchange/binance/market_events.h"

namespace core::exchange::binance
{

namespace
{
[[nodiscard]] Result<MarketEvent> ignored(std::string_view name)
{
    return MarketEvent(Ignored{std::string(name)});
}

[[nodiscard]] tl::unexpected<Error> notPositive(std::string_view name, std::string_view field)
{
    return fail(ErrorCode::OutOfRange,
                std::string(name).append(".").append(field).append(": must be above 0"));
}
} // namespace

Result<MarketEvent> toEvent(const schema::DepthFields &fields, std::string_view name, UtcTime receivedAt)
{
    if (fields.universe != schema::kUsdMargined)
        return ignored(name);
    fields.update->receivedAt = receivedAt;
    return MarketEvent(static_cast<const DepthUpdate *>(fields.update));
}

Result<MarketEvent> toEvent(const schema::TradeFields &fields, std::string_view name, UtcTime receivedAt)
{
    if (fields.universe != schema::kUsdMargined)
        return ignored(name);
    // Prints that are no market trades come with price 0 in places; a market trade at 0 would poison every
    // candle.
    if (fields.trade.kind == TradeKind::Market && !fields.trade.price.isPositive())
        return notPositive(name, "p");
    Result<MarketEvent> event(tl::in_place, std::in_place_type<Trade>, fields.trade);
    auto &trade = std::get<Trade>(*event);
    trade.receivedAt = receivedAt;
    if (name == schema::TradeSchema::event)
        trade.firstId = trade.lastId = trade.id;
    return event;
}

Result<MarketEvent> toEvent(const schema::QuoteFields &fields, std::string_view name, UtcTime receivedAt)
{
    if (fields.universe != schema::kUsdMargined)
        return ignored(name);
    Result<MarketEvent> event(tl::in_place, std::in_place_type<BestQuote>, fields.quote);
    std::get<BestQuote>(*event).receivedAt = receivedAt;
    return event;
}

Result<MarketEvent> toEvent(const schema::MarkFields &fields, std::string_view name, UtcTime receivedAt)
{
    if (fields.universe != schema::kUsdMargined)
        return ignored(name);
    if (!fields.mark.mark.isPositive())
        return notPositive(name, "p");
    Result<MarketEvent> event(tl::in_place, std::in_place_type<MarkPrice>, fields.mark);
    std::get<MarkPrice>(*event).receivedAt = receivedAt;
    return event;
}

Result<MarketEvent> toEvent(const schema::CandleFields &fields, std::string_view name, UtcTime)
{
    if (fields.universe != schema::kUsdMargined)
        return ignored(name);
    // The interval's own times instead of its name: "1M" has no fixed length.
    if (fields.closeTime < fields.candle.openTime)
        return fail(ErrorCode::OutOfRange, std::string(name).append(".k.T: lies before the open time k.t"));
    if (fields.candle.trades < 0)
        return fail(ErrorCode::OutOfRange, std::string(name).append(".k.n: must not be negative"));
    Result<MarketEvent> event(tl::in_place, std::in_place_type<Candle>, fields.candle);
    auto &candle = std::get<Candle>(*event);
    candle.length = fields.closeTime - candle.openTime + std::chrono::milliseconds{1};
    candle.synthetic = candle.trades == 0;
    return event;
}

Result<MarketEvent> toEvent(const schema::LiquidationFields &fields, std::string_view name,
                            UtcTime receivedAt)
{
    if (fields.universe != schema::kUsdMargined || fields.bodyUniverse != schema::kUsdMargined)
        return ignored(name);
    Result<MarketEvent> event(tl::in_place, std::in_place_type<Liquidation>, fields.liquidation);
    std::get<Liquidation>(*event).receivedAt = receivedAt;
    return event;
}

} // namespace core::exchange::binance
