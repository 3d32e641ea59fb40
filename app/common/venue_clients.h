#pragma once

#include <memory>

#include "app/common/watch_plan.h"
#include "core/base/clock.h"
#include "core/ports/exchange_client.h"
#include "core/runtime/engine.h"

namespace app
{

/// The engine's side of one watched venue: markets only.
[[nodiscard]] core::runtime::ClientSetup watcherSetup(const WatchedVenue &venue);
/// Its client, without credentials. Made on the thread that it will live on; `clock` outlives it.
[[nodiscard]] std::unique_ptr<core::ports::ExchangeClient> makeWatcher(const WatchedVenue &venue, const core::Clock &clock);

} // namespace app
