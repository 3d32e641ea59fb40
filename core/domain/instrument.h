#pragma once

#include <vector>

#include "core/domain/fixed8.h"
#include "core/domain/ids.h"

namespace core
{

/// One bracket of the venue's margin table: maintenance(N) = N × rate − deduction for floor < N ≤ cap.
struct MarginTier {
    Money floor;
    Money cap;
    Ratio maintenanceRate;
    Money deduction;
    int leverageMax{1};
    friend bool operator==(const MarginTier &, const MarginTier &) = default;
};

/// A linear perpetual contract as the venue lists it. Tick and step are > 0 (checked at load); an instrument
/// that needs more than eight decimals is refused there, never rounded.
struct Instrument {
    InstrumentKey key;
    Asset base;
    Asset quote;
    Price tickSize;
    Price priceMin, priceMax;               ///< 0 disables
    Quantity stepSize;                      ///< limit orders
    Quantity quantityMin, quantityMax;
    Quantity marketStepSize;                ///< market orders; often a far smaller maximum
    Quantity marketQuantityMin, marketQuantityMax;
    Money notionalMin;
    Ratio priceUp, priceDown;               ///< PERCENT_PRICE multipliers against the mark; 0 disables
    bool trading{false};
    std::vector<MarginTier> marginTiers;    ///< empty until loaded
    friend bool operator==(const Instrument &, const Instrument &) = default;
};

/// Digits after the point that a tick or step needs: 0.10 → 1, 0.001 → 3, 5 → 0.
[[nodiscard]] int decimalPlaces(std::int64_t stepRaw);

} // namespace core
