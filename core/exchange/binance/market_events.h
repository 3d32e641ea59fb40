#pragma once

#include "core/exchange/binance/schema.h"

/// From the fields of a schema to the event that the rest of the program sees: the last checks, shared by
/// both readers.
namespace core::exchange::binance
{

[[nodiscard]] Result<MarketEvent> toEvent(const schema::DepthFields &fields, std::string_view name,
                                          UtcTime receivedAt);
[[nodiscard]] Result<MarketEvent> toEvent(const schema::TradeFields &fields, std::string_view name,
                                          UtcTime receivedAt);
[[nodiscard]] Result<MarketEvent> toEvent(const schema::QuoteFields &fields, std::string_view name,
                                          UtcTime receivedAt);
[[nodiscard]] Result<MarketEvent> toEvent(const schema::MarkFields &fields, std::string_view name,
                                          UtcTime receivedAt);
[[nodiscard]] Result<MarketEvent> toEvent(const schema::CandleFields &fields, std::string_view name,
                                          UtcTime receivedAt);
[[nodiscard]] Result<MarketEvent> toEvent(const schema::LiquidationFields &fields, std::string_view name,
                                          UtcTime receivedAt);

/// Calls `decode.operator()<Schema>()` for the event called `name`; `otherwise` for every other name.
template <class Decode, class Otherwise>
[[nodiscard]] auto dispatchEvent(std::string_view name, Decode &&decode, Otherwise &&otherwise)
{
    if (name == schema::DepthSchema::event)
        return decode.template operator()<schema::DepthSchema>();
    if (name == schema::BookTickerSchema::event)
        return decode.template operator()<schema::BookTickerSchema>();
    if (name == schema::TradeSchema::event)
        return decode.template operator()<schema::TradeSchema>();
    if (name == schema::AggregateTradeSchema::event)
        return decode.template operator()<schema::AggregateTradeSchema>();
    if (name == schema::MarkPriceSchema::event)
        return decode.template operator()<schema::MarkPriceSchema>();
    if (name == schema::KlineSchema::event)
        return decode.template operator()<schema::KlineSchema>();
    if (name == schema::ForceOrderSchema::event)
        return decode.template operator()<schema::ForceOrderSchema>();
    return otherwise();
}

} // namespace core::exchange::binance
