#include "core/exchange/hyperliquid/codec.h"

namespace core::exchange::hyperliquid
{

std::optional<BestQuote> toBestQuote(const Bbo &bbo)
{
    if (!bbo.bid || !bbo.ask)
        return std::nullopt;
    return BestQuote{bbo.instrument, toMilliseconds(bbo.venueTime), *bbo.bid, *bbo.ask, bbo.venueTime,
                     bbo.receivedAt};
}

UtcTime nextFullHour(UtcTime time)
{
    return std::chrono::floor<std::chrono::hours>(time) + std::chrono::hours{1};
}

MarkPrice toMarkPrice(const InstrumentKey &instrument, const AssetContext &context, UtcTime receivedAt)
{
    MarkPrice mark;
    mark.instrument = instrument;
    mark.mark = context.mark;
    mark.index = context.oracle;
    mark.fundingRate = context.funding;
    if (context.funding)
        mark.nextFundingTime = nextFullHour(receivedAt);
    mark.venueTime = receivedAt;
    mark.receivedAt = receivedAt;
    return mark;
}

std::optional<Ticker> toTicker(const ContextUpdate &update, Price last)
{
    const AssetContext &context = update.context;
    if (!context.previousDay)
        return std::nullopt;
    Ticker ticker;
    ticker.instrument = update.mark.instrument;
    ticker.last = last;
    ticker.open = *context.previousDay;
    ticker.baseVolume = context.dayBaseVolume.value_or(0);
    ticker.quoteVolume = context.dayNotional.value_or(0);
    ticker.openInterest = context.openInterest;
    ticker.venueTime = update.mark.venueTime;
    ticker.receivedAt = update.mark.receivedAt;
    return ticker;
}

} // namespace core::exchange::hyperliquid
