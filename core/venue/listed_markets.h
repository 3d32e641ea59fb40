#pragma once

#include <vector>

#include "core/venue/options.h"

namespace core::venue
{

/// A contract of a generated market and the price it starts at.
struct ListedMarket {
    VenueInstrument instrument;
    Price startPrice;
};

inline constexpr std::size_t kListedMarketsMax = 64;

/// The first `count` of a fixed list, BTCUSDT first: ticks and steps as large and small coins have them, the leverage
/// that belongs to their size. REQUIRES: count ≤ kListedMarketsMax.
[[nodiscard]] std::vector<ListedMarket> listedMarkets(std::size_t count);
/// Puts them into the options: instruments and scenario. The first contract is the scenario's main one.
void listMarkets(VenueOptions &options, ScenarioOptions scenario, std::size_t count);

} // namespace core::venue
