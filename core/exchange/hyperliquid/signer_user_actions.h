#pragma once

#include <string_view>

#include "core/base/result.h"
#include "core/exchange/hyperliquid/action_value.h"
#include "core/exchange/hyperliquid/keccak.h"

namespace core::exchange::hyperliquid
{

/// "HyperliquidTransaction:UsdSend" for an action whose type stands in table 4.7; empty for an L1 action.
[[nodiscard]] std::string_view userPrimaryType(std::string_view actionType);
[[nodiscard]] inline bool isUserSigned(const ActionValue &action)
{
    return !userPrimaryType(action.textOf("type")).empty();
}

/// Hashes of a user-signed action, for tests and for the signer.
struct UserActionHashes {
    Digest domainSeparator{};
    Digest structHash{};
    Digest digest{};
};
/// Plain EIP-712 over the action's own fields; `signatureChainId` names the domain. InvalidArgument names the field
/// that is missing or of another kind. Source: reference/hyperliquid.md section 4.7.
[[nodiscard]] Result<UserActionHashes> hashUserAction(const ActionValue &action);

} // namespace core::exchange::hyperliquid
