#include "app/common/venue_clients.h"

#include "core/exchange/binance/client.h"
#include "core/exchange/hyperliquid/client.h"

namespace app
{

namespace binance = core::exchange::binance;
namespace hyperliquid = core::exchange::hyperliquid;
using core::Venue;

core::runtime::ClientSetup watcherSetup(const WatchedVenue &venue)
{
    return {.venue = venue.venue,
            .place = venue.place,
            .address = venue.venue == Venue::Binance ? venue.addresses.binance.rest : venue.addresses.hyperliquid.rest,
            .symbols = venue.symbols,
            .account = false};
}

std::unique_ptr<core::ports::ExchangeClient> makeWatcher(const WatchedVenue &venue, const core::Clock &clock)
{
    if (venue.venue == Venue::Hyperliquid) {
        hyperliquid::ClientOptions options;
        options.endpoints = venue.addresses.hyperliquid;
        return std::make_unique<hyperliquid::HyperliquidClient>(std::move(options), clock);
    }
    binance::ClientOptions options;
    options.endpoints = venue.addresses.binance;
    return std::make_unique<binance::BinanceClient>(std::move(options), clock);
}

} // namespace app
