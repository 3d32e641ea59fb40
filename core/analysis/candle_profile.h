#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/domain/market_data.h"

namespace core::analysis
{

/// A bar as the profile sees it: its range in tick indices and what was traded in it (base units).
struct VolumeBar {
    std::int64_t lowTick{0};
    std::int64_t highTick{0};
    double volume{0};
    double takerBuyVolume{0};
};

/// One row of a profile made from bars: row k covers the ticks k·g … (k+1)·g − 1. Analysis values.
struct BarProfileRow {
    std::int64_t row{0};
    double volume{0};
    double takerBuyVolume{0};
    [[nodiscard]] double delta() const { return 2 * takerBuyVolume - volume; } ///< methods.md 4.8
};

[[nodiscard]] VolumeBar volumeBarOf(const Candle &candle, Price tick);

/// Spreads each bar's volumes equally over its ticks low … high inclusive. Rows are contiguous, lowest first;
/// their sum is the sum of the volumes to 1e-9. For history without prints; use bars of a minute or finer.
/// REQUIRES: ticksPerRow > 0, lowTick ≤ highTick. Pure. Source: methods.md 4.2.
[[nodiscard]] std::vector<BarProfileRow> profileOfBars(std::span<const VolumeBar> bars,
                                                       std::int64_t ticksPerRow);

} // namespace core::analysis
