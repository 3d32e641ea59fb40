#pragma once

#include <string_view>

#include "core/base/result.h"
#include "core/exchange/hyperliquid/messages_account.h"

namespace core::exchange::hyperliquid
{

/// One frame of an account channel. Pure, any thread. `account` (lower-case address) tells the sign of
/// transfers between people; empty: those carry no amount. Fails with ParseFailed or OutOfRange naming the
/// field; never throws. Source: reference/hyperliquid.md sections 2.3 to 2.6, 6.2.
[[nodiscard]] Result<UserEvent> decodeUserEvent(std::string_view frame, UtcTime receivedAt,
                                                std::string_view account = {});

/// The venue's status word → ours. Words that nobody knows go by their ending; Unknown: ask the venue.
/// `open` is New here: whether part is filled the quantities tell.
[[nodiscard]] OrderStatus orderStatus(std::string_view word);

} // namespace core::exchange::hyperliquid
