#pragma once

#include "core/base/result.h"
#include "core/exchange/hyperliquid/action_value.h"

namespace core::exchange::hyperliquid
{

/// The action as the venue hashes it after reading `posted`: members in the venue's order whatever order was posted,
/// decimals without trailing zeros, addresses and cloids in lower case, null and false options absent, unknown members
/// dropped. ParseFailed names the member that is missing or of another kind. An action type that is not in section 5
/// comes back unchanged. For the loopback exchange; the client never needs it.
[[nodiscard]] Result<ActionValue> canonicalAction(const ActionValue &posted);

} // namespace core::exchange::hyperliquid
