#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace core::exchange::binance
{

/// What an answer that is not a success means for the request behind it.
enum class Disposition {
    Refused,        ///< definitive: understood, not done
    Unknown,        ///< it may have been done
    Retry,          ///< not done; safe to repeat with the same client id
    ClockOff,       ///< not done: our timestamp was outside the window
    DuplicateId,    ///< an open order has this client id, mostly our own first attempt
    NoSuchOrder,    ///< not there, or not visible yet
    NotOpen,        ///< nothing to cancel; it may be filled
    ChangePending,  ///< an earlier change is being worked on: repeat after its event
    Misrouted,      ///< a conditional order was sent to the wrong endpoint: our defect
    AlreadySo,      ///< the wanted state was there before: a success
    Limited,        ///< request limit
    OrdersLimited,  ///< order limit
    Banned,         ///< the address is shut out
    Forbidden,      ///< refused at the edge (403)
    BadCredentials, ///< key, signature or permission: stop signed traffic
    ListenKeyGone,
};

/// A non-success answer of the REST interface. `message` is the venue's text, with everything that could be a
/// key or a signature taken out. Source: reference/binance-usdm.md sections 7.2, 8.
struct ApiError {
    int status{0};
    std::optional<int> code; ///< absent when the body was not the documented one
    std::string message;
    Disposition disposition{Disposition::Unknown};
    std::optional<UtcTime> bannedUntil;

    [[nodiscard]] Error error() const;
};

/// Decides by code; by text only for the 503 variants and the time of a ban.
[[nodiscard]] Disposition disposition(int status, std::optional<int> code, std::string_view message);

/// Reads {"code":…,"msg":…}; any other body is judged by the status alone. For a 2xx answer: nullopt unless
/// the body carries a negative code.
[[nodiscard]] std::optional<ApiError> parseApiError(int status, std::string_view body);

/// Takes out every run of 24 or more letters and digits: keys, signatures, listen keys.
[[nodiscard]] std::string redacted(std::string_view text);

} // namespace core::exchange::binance
