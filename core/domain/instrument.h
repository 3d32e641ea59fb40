#pragma once

#include <vector>

#include "core/base/result.h"
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
    int significantDigits{0};               ///< > 0: prices that are not whole have at most so many of them (Hyperliquid: 5)
    Price priceMin, priceMax;               ///< 0 disables
    Quantity stepSize;                      ///< limit orders
    Quantity quantityMin, quantityMax;
    Quantity marketStepSize;                ///< market orders; often a far smaller maximum
    Quantity marketQuantityMin, marketQuantityMax;
    Money notionalMin;
    Ratio priceUp, priceDown;               ///< PERCENT_PRICE multipliers against the mark; 0 disables
    bool trading{false};
    bool isolatedOnly{false};
    std::vector<MarginTier> marginTiers;    ///< empty until loaded
    friend bool operator==(const Instrument &, const Instrument &) = default;
};

/// On the tick and, where the venue counts them, within the significant digits. Source: reference/hyperliquid.md 3.2.
[[nodiscard]] bool isValidPrice(const Instrument &instrument, Price price);
/// The nearest valid price at or below (Floor) or at or above (Ceil). REQUIRES: price > 0, tick > 0; Floor or Ceil.
/// OutOfRange when there is none above zero.
[[nodiscard]] Result<Price> toValidPrice(const Instrument &instrument, Price price, Rounding rounding);

/// Digits after the point that a tick or step needs: 0.10 → 1, 0.001 → 3, 5 → 0.
[[nodiscard]] int decimalPlaces(std::int64_t stepRaw);

} // namespace core
