#include "core/exchange/binance/codec_words.h"

#include <charconv>

#include <fmt/format.h>

namespace core::exchange::binance
{

namespace
{
constexpr std::size_t kWordShownMax = 32;
}

OrderType orderType(std::string_view word)
{
    if (word == venueWord(OrderType::Limit))
        return OrderType::Limit;
    // A liquidation takes what is there.
    if (word == venueWord(OrderType::Market) || word == "LIQUIDATION")
        return OrderType::Market;
    return conditionalType(word).value_or(OrderType::Unknown);
}

std::string unknownType(std::string_view word)
{
    return fmt::format("unknown order type {}", word.substr(0, kWordShownMax));
}

std::optional<Price> triggerOf(OrderType type, std::optional<Price> stated)
{
    const bool fires = isConditional(type) ? type != OrderType::TrailingStop : type == OrderType::Unknown;
    return fires && stated && stated->isPositive() ? stated : std::nullopt;
}

std::optional<OrderType> conditionalType(std::string_view word)
{
    for (const OrderType type : {OrderType::StopMarket, OrderType::StopLimit, OrderType::TakeProfitMarket,
                                 OrderType::TakeProfitLimit, OrderType::TrailingStop}) {
        if (word == venueWord(type))
            return type;
    }
    return std::nullopt;
}

std::string_view venueWord(OrderType type)
{
    switch (type) {
    case OrderType::Market:
        return "MARKET";
    case OrderType::Limit:
        return "LIMIT";
    case OrderType::StopMarket:
        return "STOP_MARKET";
    case OrderType::StopLimit:
        return "STOP";
    case OrderType::TakeProfitMarket:
        return "TAKE_PROFIT_MARKET";
    case OrderType::TakeProfitLimit:
        return "TAKE_PROFIT";
    case OrderType::TrailingStop:
        return "TRAILING_STOP_MARKET";
    case OrderType::Unknown:
        break;
    }
    return {}; // only what the venue tells may be unknown
}

std::string_view venueWord(TimeInForce timeInForce)
{
    switch (timeInForce) {
    case TimeInForce::GoodTilCancel:
        break;
    case TimeInForce::ImmediateOrCancel:
        return "IOC";
    case TimeInForce::FillOrKill:
        return "FOK";
    case TimeInForce::PostOnly:
        return "GTX";
    case TimeInForce::GoodTilDate:
        return "GTD";
    }
    return "GTC";
}

std::string_view venueMadeOrder(std::string_view clientOrderId)
{
    if (clientOrderId.starts_with("adl_autoclose"))
        return "auto-deleveraged by the exchange";
    if (clientOrderId.starts_with("settlement_autoclose"))
        return "settled by the exchange";
    if (clientOrderId.starts_with("autoclose-"))
        return "liquidated by the exchange";
    return {};
}

Result<std::optional<VenueOrderId>> childOrderOf(std::string_view text)
{
    if (text.empty() || text == "0")
        return std::optional<VenueOrderId>{};
    std::int64_t id = 0;
    const char *const end = text.data() + text.size();
    const auto [stop, code] = std::from_chars(text.data(), end, id);
    if (code != std::errc{} || stop != end)
        return fail(ErrorCode::ParseFailed, "expects an order id");
    return std::optional(VenueOrderId{id});
}

} // namespace core::exchange::binance
