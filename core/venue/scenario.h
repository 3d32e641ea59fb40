#pragma once

#include <memory>

#include "core/venue/market_feed.h"

namespace core::venue
{

/// A seeded order-flow process in virtual time: about 1,000 levels a side with power-law sizes and walls,
/// clustered market orders that consume the book, limit and cancel flow, regimes, and (FlashCrash) a fall of
/// `crashDepth` within `crashLength` with a thinning book, then a partial recovery. Depth every 100 ms with
/// ids that skip, best quotes, prints, marks each second. Never crossed. It is a stress market, not a model
/// of a real one.
[[nodiscard]] Result<std::unique_ptr<MarketSource>> makeScenario(const ScenarioOptions &options,
                                                                 const VenueInstrument &instrument);

} // namespace core::venue
