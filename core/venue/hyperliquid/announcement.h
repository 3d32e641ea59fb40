#pragma once

#include <string>
#include <vector>

#include "core/venue/hyperliquid/server.h"

namespace core::venue::hyperliquid
{

/// One JSON object for whoever wants to trade here: base URLs, and the test accounts with their throw-away
/// keys. {"restUrl","webSocketUrl","accounts":[{"accountAddress","masterAddress","masterKey","agentAddress",
/// "agentKey"}]}
[[nodiscard]] std::string announcementText(const HyperliquidEndpoints &endpoints,
                                           const std::vector<TestAccount> &accounts);

} // namespace core::venue::hyperliquid
