#pragma once

#include <vector>

#include <QtCore/QString>

#include "core/base/result.h"
#include "core/domain/ids.h"
#include "core/runtime/snapshots.h"
#include "core/runtime/venue_addresses.h"

namespace app
{

/// One venue whose public markets are watched, without keys.
struct WatchedVenue {
    core::Venue venue{core::Venue::Binance};
    core::runtime::Place place{core::runtime::Place::Production};
    core::runtime::VenueAddresses addresses{};
    std::vector<core::Symbol> symbols; ///< in the venue's own spelling
};

/// `venues`: "both", or names by comma, each with an optional "-testnet"; `allTestnet` puts it on all of them.
/// `coins`: "BTC,ETH". InvalidArgument names the option and the rule.
[[nodiscard]] core::Result<std::vector<WatchedVenue>> watchPlan(const QString &venues, bool allTestnet,
                                                                const QString &coins);
/// Reads addresses of this computer from JSON (runtime::withLoopback) into the plan. The error names the file and the member.
[[nodiscard]] core::Result<void> readAddresses(const QString &file, std::vector<WatchedVenue> &plan);

} // namespace app
