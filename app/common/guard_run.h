#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "app/common/account_opening.h"
#include "core/runtime/lease.h"
#include "core/runtime/local_terminal.h"

namespace app
{

/// A named account and the venue it is at.
struct GuardedAccount {
    core::secrets::AccountProfile profile;
    WatchedVenue venue;
};

/// The engine's side of `accounts` (at most one per venue): production is Live, anything else Testnet.
[[nodiscard]] core::runtime::EngineSetup engineFor(const std::vector<GuardedAccount> &accounts);

/// Its clients. The keys are taken out of `desk`, whose store is open, each time that clients are made; `clock` outlives them.
[[nodiscard]] std::function<std::vector<std::unique_ptr<core::ports::ExchangeClient>>(const core::runtime::StorageService::Restored &)>
clientsFor(std::vector<OpenedAccount> opened, const std::vector<GuardedAccount> &accounts, const core::Clock &clock);

} // namespace app
