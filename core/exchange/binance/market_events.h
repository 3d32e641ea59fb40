#pragma once

#include <optional>

#include "core/exchange/binance/schema.h"

/// The last checks on an event whose fields were read, shared by both readers.
namespace core::exchange::binance
{

enum class Verdict {
    Keep,
    Foreign, ///< a row of the venue's other universe
    Refuse   ///< `refusal` says why
};

/// Completes the event (receive time, what follows from its fields), unless it is not to be kept.
[[nodiscard]] Verdict settle(const schema::DepthFields &fields, UtcTime receivedAt);
[[nodiscard]] Verdict settle(const schema::TradeFields &fields, UtcTime receivedAt);
[[nodiscard]] Verdict settle(const schema::QuoteFields &fields, UtcTime receivedAt);
[[nodiscard]] Verdict settle(const schema::MarkFields &fields, UtcTime receivedAt);
[[nodiscard]] Verdict settle(const schema::CandleFields &fields, UtcTime receivedAt);
[[nodiscard]] Verdict settle(const schema::LiquidationFields &fields, UtcTime receivedAt);
[[nodiscard]] Verdict settle(const schema::TickerFields &fields, UtcTime receivedAt);

/// Why `settle` refused an event called `name`.
[[nodiscard]] Error refusal(const schema::EventFields &fields, std::string_view name);
[[nodiscard]] Error refusal(const schema::CandleFields &fields, std::string_view name);

/// Where the fields of a schema go: into `event`, or for depth into `scratch`, which keeps its buffers.
template <class Schema>
[[nodiscard]] auto *destination(MarketEvent &event, [[maybe_unused]] DepthUpdate &scratch)
{
    using Value = std::remove_pointer_t<decltype(Schema::Fields::value)>;
    if constexpr (std::is_same_v<Value, DepthUpdate>) {
        event.template emplace<const DepthUpdate *>(&scratch);
        return &scratch;
    } else {
        // Copied instead of built: clearing so many bytes in place is slower than the whole rest of a small event.
        static const Value blank{};
        return &event.template emplace<Value>(blank);
    }
}

/// Calls `decode.operator()<Schema>()` for the event called `name`; `otherwise` for every other name.
template <class Decode, class Otherwise>
[[nodiscard]] auto dispatchEvent(std::string_view name, Decode &&decode, Otherwise &&otherwise)
{
    if (name == schema::BookTickerSchema::event)
        return decode.template operator()<schema::BookTickerSchema>();
    if (name == schema::TradeSchema::event)
        return decode.template operator()<schema::TradeSchema>();
    if (name == schema::DepthSchema::event)
        return decode.template operator()<schema::DepthSchema>();
    if (name == schema::AggregateTradeSchema::event)
        return decode.template operator()<schema::AggregateTradeSchema>();
    if (name == schema::MarkPriceSchema::event)
        return decode.template operator()<schema::MarkPriceSchema>();
    if (name == schema::KlineSchema::event)
        return decode.template operator()<schema::KlineSchema>();
    if (name == schema::ForceOrderSchema::event)
        return decode.template operator()<schema::ForceOrderSchema>();
    if (name == schema::TickerSchema::event)
        return decode.template operator()<schema::TickerSchema>();
    return otherwise();
}

} // namespace core::exchange::binance
