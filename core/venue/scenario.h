#pragma once

#include <memory>
#include <span>

#include "core/venue/market_feed.h"

namespace core::venue
{

/// A seeded order-flow process in virtual time, for each contract: about 1,000 levels a side with power-law sizes and
/// walls, clustered market orders that consume the book, limit and cancel flow, regimes. Kinds: FlashCrash falls by
/// `crashDepth` within `crashLength` with a thinning book, then recovers in part; Vacuum: the quotes leave; FundingSpike:
/// the rate rises to 0.75 % per 8 h; Outage: no frame leaves. Depth every 100 ms with ids that skip, best quotes, prints,
/// marks each second. Never crossed. It is a stress market, not a model of a real one.
[[nodiscard]] Result<std::unique_ptr<MarketSource>> makeScenario(const ScenarioOptions &options,
                                                                 std::span<const VenueInstrument> instruments);

} // namespace core::venue
