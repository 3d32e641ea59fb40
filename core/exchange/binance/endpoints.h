#pragma once

#include <cstdint>
#include <string>

namespace core::exchange::binance
{

/// Which venue stands behind the addresses. Keys of one environment are refused by another.
enum class Environment { Production, Testnet, Loopback };

/// The base addresses, each separately replaceable; no host stands anywhere else. Without a trailing
/// slash, without path except for the WebSocket API. Plain http/ws is accepted for loopback addresses only.
/// Source: reference/binance-usdm.md section 1.1.
struct Endpoints {
    Environment environment{Environment::Production};
    std::string rest;
    std::string streamsPublic; ///< host part only: the route "/public" is added by the client
    std::string streamsMarket;
    std::string streamsPrivate;
    std::string webSocketApi; ///< not used yet: orders go over REST
    std::string spotApi{};    ///< only asked what the key may do; empty: not asked
};

[[nodiscard]] inline Endpoints productionEndpoints()
{
    return {.environment = Environment::Production,
            .rest = "https://fapi.binance.com",
            .streamsPublic = "wss://fstream.binance.com",
            .streamsMarket = "wss://fstream.binance.com",
            .streamsPrivate = "wss://fstream.binance.com",
            .webSocketApi = "wss://ws-fapi.binance.com/ws-fapi/v1",
            .spotApi = "https://api.binance.com"};
}

[[nodiscard]] inline Endpoints testnetEndpoints()
{
    return {.environment = Environment::Testnet,
            .rest = "https://demo-fapi.binance.com",
            .streamsPublic = "wss://fstream.binancefuture.com",
            .streamsMarket = "wss://fstream.binancefuture.com",
            .streamsPrivate = "wss://fstream.binancefuture.com",
            .webSocketApi = "wss://testnet.binancefuture.com/ws-fapi/v1",
            .spotApi = {}};
}

/// The loopback exchange of this program: one port for HTTP, one for WebSocket (they may be equal).
[[nodiscard]] inline Endpoints loopbackEndpoints(std::uint16_t httpPort, std::uint16_t webSocketPort)
{
    const std::string http = "http://127.0.0.1:" + std::to_string(httpPort);
    const std::string streams = "ws://127.0.0.1:" + std::to_string(webSocketPort);
    return {.environment = Environment::Loopback,
            .rest = http,
            .streamsPublic = streams,
            .streamsMarket = streams,
            .streamsPrivate = streams,
            .webSocketApi = streams + "/ws-fapi/v1",
            .spotApi = http};
}

} // namespace core::exchange::binance
