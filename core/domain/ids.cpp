#include "core/domain/ids.h"

namespace core
{

std::string_view name(Venue venue)
{
    switch (venue) {
    case Venue::Binance: return "binance";
    case Venue::Hyperliquid: return "hyperliquid";
    }
    return "unknown";
}

Result<Venue> parseVenue(std::string_view text)
{
    if (text == "binance")
        return Venue::Binance;
    if (text == "hyperliquid")
        return Venue::Hyperliquid;
    return fail(ErrorCode::InvalidArgument, "venue: must be binance or hyperliquid");
}

std::string text(const InstrumentKey &key)
{
    return std::string(name(key.venue)) + ':' + key.symbol.string();
}

} // namespace core
