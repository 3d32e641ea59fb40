#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace core::net
{

/// Where a connection goes: scheme, host and port of an address.
struct Origin {
    bool secure{true};
    std::string host; ///< without the brackets of an IPv6 address
    std::uint16_t port{443};
    [[nodiscard]] std::string text() const; ///< "host:port", for messages and the Host header
    friend bool operator==(const Origin &, const Origin &) = default;
};

/// True for 127.0.0.0/8, ::1 and the name "localhost" (which is then never looked up, but taken as
/// 127.0.0.1).
[[nodiscard]] bool isLoopback(std::string_view host);

/// Reads "https://host[:port]" (also http, ws, wss); what follows the port is ignored. InvalidArgument for
/// anything else, for user names in it, and for an unencrypted address that is not loopback.
[[nodiscard]] Result<Origin> parseOrigin(std::string_view address);

} // namespace core::net
