#pragma once

#include <memory>

#include "app/desktop/watch_plan.h"
#include "core/base/clock.h"
#include "core/exchange/binance/client_options.h"
#include "core/ports/exchange_client.h"
#include "core/runtime/engine.h"

namespace app::desktop
{

/// Where the client of a watched venue goes: the addresses named by the user, else the built-in ones of the place.
[[nodiscard]] core::exchange::binance::Endpoints binanceEndpoints(const WatchedVenue &venue);
/// The engine's side of one watched venue: markets only.
[[nodiscard]] core::runtime::ClientSetup watcherSetup(const WatchedVenue &venue);
/// Its client, without credentials. Made on the thread that it will live on; `clock` outlives it.
[[nodiscard]] std::unique_ptr<core::ports::ExchangeClient> makeWatcher(const WatchedVenue &venue, const core::Clock &clock);

} // namespace app::desktop
