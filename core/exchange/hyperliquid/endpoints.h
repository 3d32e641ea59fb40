#pragma once

#include <cstdint>
#include <string>

#include "core/base/result.h"

namespace core::exchange::hyperliquid
{

/// Which chain stands behind the addresses. Keys approved on one are unknown on the other.
enum class Environment { Mainnet, Testnet, Loopback };
/// The letter inside every signature: "a" on the mainnet, "b" on the testnet.
enum class SigningSource { Mainnet, Testnet };

/// The two base addresses, each separately replaceable; no host stands anywhere else. `rest` without path and
/// trailing slash, `webSocket` with its path. Plain http/ws is accepted for loopback addresses only. Source:
/// reference/hyperliquid.md section 1.
struct Endpoints {
    Environment environment{Environment::Mainnet};
    SigningSource source{SigningSource::Mainnet};
    std::string rest{};
    std::string webSocket{};
};

[[nodiscard]] Endpoints mainnetEndpoints();
[[nodiscard]] Endpoints testnetEndpoints();
/// The loopback exchange of this program: one port for HTTP, one for WebSocket (they may be equal).
[[nodiscard]] Endpoints loopbackEndpoints(std::uint16_t httpPort, std::uint16_t webSocketPort);

/// A signature for the wrong network recovers a stranger's address: both addresses, the network and the source
/// must agree. InvalidArgument with the sentence; the client does not start then.
[[nodiscard]] Result<void> check(const Endpoints &endpoints);

} // namespace core::exchange::hyperliquid
