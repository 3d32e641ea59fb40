#pragma once

#include <optional>
#include <string>

#include "core/domain/account.h"
#include "core/domain/instrument.h"
#include "core/domain/order.h"
#include "core/ports/exchange_client.h"
#include "core/venue/account.h"
#include "core/venue/engine_types.h"
#include "core/venue/options.h"

// Between the seam's values and the engine's. Pure.
namespace core::venue
{

/// The engine's contract of what a venue describes. Where the venue does not publish margin tiers without a key, typical
/// ones stand in: `typicalTiers` says so.
struct PaperContract {
    VenueInstrument listed;
    bool typicalTiers{false};
};
[[nodiscard]] PaperContract paperContract(const Instrument &described);

/// Unsupported names what this venue does not offer; InvalidArgument what is missing.
[[nodiscard]] Result<void> checkOffered(const OrderRequest &order, const Instrument &contract,
                                        const ports::Capabilities &capabilities);
/// REQUIRES: `checkOffered`; a plain order, then a conditional one.
[[nodiscard]] NewOrder newOrder(const OrderRequest &order);
[[nodiscard]] NewAlgo newAlgo(const OrderRequest &order);

/// `algo`: the conditional order that it came from, or nullptr.
[[nodiscard]] OrderUpdate orderUpdate(const VenueOrder &order, const VenueAlgo *algo, Venue venue, UtcTime now);
[[nodiscard]] OrderUpdate orderUpdate(const VenueAlgo &algo, Venue venue, UtcTime now);
[[nodiscard]] Fill fillOf(const VenueFill &fill, const VenueOrder *order, Venue venue, const Asset &asset, UtcTime now);
[[nodiscard]] Position positionOf(const Account &account, const PositionKey &key, Venue venue, UtcTime now);
[[nodiscard]] AccountSnapshot snapshotOf(const Account &account, const AccountId &id, const Asset &asset, UtcTime now);
/// "Margin is insufficient (-2019)".
[[nodiscard]] Error refusal(const VenueError &error);

} // namespace core::venue
