#include "app/desktop/venue_clients.h"

#include "core/exchange/binance/client.h"
#include "core/net/origin.h"

namespace app::desktop
{

namespace binance = core::exchange::binance;
using core::Venue;
using core::runtime::Place;

namespace
{
/// Of the addresses that will be used: a line into this computer is no production market, whatever it is called.
[[nodiscard]] Place placeOf(const WatchedVenue &venue)
{
    const auto own = core::net::parseOrigin(venue.addresses.rest);
    return own && core::net::isLoopback(own->host) ? Place::Loopback : venue.place;
}
} // namespace

binance::Endpoints binanceEndpoints(const WatchedVenue &venue)
{
    auto endpoints = venue.place == Place::Testnet ? binance::testnetEndpoints() : binance::productionEndpoints();
    if (venue.addresses.rest.empty())
        return endpoints;
    const std::string &streams = venue.addresses.webSocket;
    return {.environment = placeOf(venue) == Place::Loopback ? binance::Environment::Loopback : endpoints.environment,
            .rest = venue.addresses.rest,
            .streamsPublic = streams,
            .streamsMarket = streams,
            .streamsPrivate = streams,
            .webSocketApi = streams + "/ws-fapi/v1"};
}

core::runtime::ClientSetup watcherSetup(const WatchedVenue &venue)
{
    return {.venue = venue.venue,
            .place = placeOf(venue),
            .address = binanceEndpoints(venue).rest,
            .symbols = venue.symbols,
            .account = false};
}

std::unique_ptr<core::ports::ExchangeClient> makeWatcher(const WatchedVenue &venue, const core::Clock &clock)
{
    binance::ClientOptions options;
    options.endpoints = binanceEndpoints(venue);
    return std::make_unique<binance::BinanceClient>(std::move(options), clock);
}

} // namespace app::desktop
