#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/venue/binance_api.h"

namespace core::venue
{

/// Binance's request-and-answer WebSocket (`/ws-fapi/v1`): the same handlers as REST, signed per request or once by
/// `session.logon` (Ed25519 only). Text in, text out; no sockets. One thread. Source: reference/binance-usdm.md 2.6, 6.13.
class BinanceSocketApi
{
public:
    /// What one connection remembers.
    struct Session {
        std::optional<std::size_t> account;
    };

    /// The api outlives it.
    explicit BinanceSocketApi(BinanceApi &api) : m_api(api) {}
    /// The answer, always one.
    [[nodiscard]] std::string answer(Session &session, std::string_view text);

private:
    [[nodiscard]] VenueResult<std::string> run(Session &session, std::string_view method, ApiParameters parameters);

    BinanceApi &m_api;
};

} // namespace core::venue
