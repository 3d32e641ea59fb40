#include "core/exchange/hyperliquid/endpoints.h"

#include <optional>
#include <string_view>

#include "core/net/origin.h"

namespace core::exchange::hyperliquid
{
namespace
{

constexpr std::string_view kMainnetDomain = "hyperliquid.xyz";
constexpr std::string_view kTestnetDomain = "hyperliquid-testnet.xyz";

bool belongsTo(std::string_view host, std::string_view domain)
{
    return host == domain || (host.size() > domain.size() && host.ends_with(domain) &&
                              host[host.size() - domain.size() - 1] == '.');
}

/// Absent: a host that says nothing about its network, such as a proxy.
std::optional<Environment> networkOf(const net::Origin &origin)
{
    if (net::isLoopback(origin.host))
        return Environment::Loopback;
    if (belongsTo(origin.host, kMainnetDomain))
        return Environment::Mainnet;
    if (belongsTo(origin.host, kTestnetDomain))
        return Environment::Testnet;
    return std::nullopt;
}

std::string_view word(Environment network)
{
    switch (network) {
    case Environment::Mainnet:
        return "the mainnet";
    case Environment::Testnet:
        return "the testnet";
    case Environment::Loopback:
        return "this machine";
    }
    return "?";
}

Result<void> checkAddress(std::string_view what, const std::string &address, Environment network)
{
    const auto origin = net::parseOrigin(address);
    if (!origin)
        return fail(origin.error().in(what));
    const auto actual = networkOf(*origin);
    // A path through this machine (a recorder, a proxy) may lead anywhere.
    if (!actual || *actual == network || *actual == Environment::Loopback)
        return {};
    return fail(ErrorCode::InvalidArgument, std::string(what) + ": the address is of " +
                                                std::string(word(*actual)) + ", the client is set to " +
                                                std::string(word(network)));
}

} // namespace

Endpoints mainnetEndpoints()
{
    return {.environment = Environment::Mainnet,
            .source = SigningSource::Mainnet,
            .rest = "https://api.hyperliquid.xyz",
            .webSocket = "wss://api.hyperliquid.xyz/ws"};
}

Endpoints testnetEndpoints()
{
    return {.environment = Environment::Testnet,
            .source = SigningSource::Testnet,
            .rest = "https://api.hyperliquid-testnet.xyz",
            .webSocket = "wss://api.hyperliquid-testnet.xyz/ws"};
}

Endpoints loopbackEndpoints(std::uint16_t httpPort, std::uint16_t webSocketPort)
{
    return {.environment = Environment::Loopback,
            .source = SigningSource::Mainnet,
            .rest = "http://127.0.0.1:" + std::to_string(httpPort),
            .webSocket = "ws://127.0.0.1:" + std::to_string(webSocketPort) + "/ws"};
}

Result<void> check(const Endpoints &endpoints)
{
    if (const auto rest = checkAddress("REST address", endpoints.rest, endpoints.environment); !rest)
        return rest;
    if (const auto socket = checkAddress("WebSocket address", endpoints.webSocket, endpoints.environment); !socket)
        return socket;
    const bool mainnetSource = endpoints.source == SigningSource::Mainnet;
    if ((endpoints.environment == Environment::Mainnet && !mainnetSource) ||
        (endpoints.environment == Environment::Testnet && mainnetSource))
        return fail(ErrorCode::InvalidArgument,
                    "the signing source is that of another network than " +
                        std::string(word(endpoints.environment)) + ": every signature would be a stranger's");
    return {};
}

} // namespace core::exchange::hyperliquid
