#include "core/analysis/candle_profile.h"

#include <algorithm>

#include "core/analysis/neumaier_sum.h"
#include "core/analysis/volume_profile.h"
#include "core/base/assert.h"
#include "core/base/decimal.h"

namespace core::analysis
{

namespace
{

struct RowSums {
    NeumaierSum volume;
    NeumaierSum takerBuy;
};

[[nodiscard]] std::int64_t rowOf(std::int64_t tick, std::int64_t ticksPerRow)
{
    return roundToStep(tick, ticksPerRow, Rounding::Floor) / ticksPerRow; // ticks below zero too
}

} // namespace

VolumeBar volumeBarOf(const Candle &candle, Price tick)
{
    return {.lowTick = tickIndex(candle.low, tick),
            .highTick = tickIndex(candle.high, tick),
            .volume = candle.volume.toDouble(),
            .takerBuyVolume = candle.takerBuyVolume.toDouble()};
}

std::vector<BarProfileRow> profileOfBars(std::span<const VolumeBar> bars, std::int64_t ticksPerRow)
{
    CORE_ASSERT(ticksPerRow > 0, "REQUIRES: ticksPerRow > 0");
    std::vector<BarProfileRow> result;
    if (bars.empty())
        return result;
    std::int64_t first = rowOf(bars.front().lowTick, ticksPerRow);
    std::int64_t last = first;
    for (const VolumeBar &bar : bars) {
        CORE_ASSERT(bar.lowTick <= bar.highTick, "REQUIRES: lowTick <= highTick");
        first = std::min(first, rowOf(bar.lowTick, ticksPerRow));
        last = std::max(last, rowOf(bar.highTick, ticksPerRow));
    }
    std::vector<RowSums> sums(static_cast<std::size_t>(last - first + 1));
    for (const VolumeBar &bar : bars) {
        const auto ticks = static_cast<double>(bar.highTick - bar.lowTick + 1);
        for (std::int64_t row = rowOf(bar.lowTick, ticksPerRow); row * ticksPerRow <= bar.highTick; ++row) {
            const std::int64_t low = std::max(bar.lowTick, row * ticksPerRow);
            const std::int64_t high = std::min(bar.highTick, (row + 1) * ticksPerRow - 1);
            const double share = static_cast<double>(high - low + 1) / ticks;
            RowSums &sum = sums[static_cast<std::size_t>(row - first)];
            sum.volume.add(bar.volume * share);
            sum.takerBuy.add(bar.takerBuyVolume * share);
        }
    }
    result.reserve(sums.size());
    for (std::int64_t row = first; row <= last; ++row) {
        const RowSums &sum = sums[static_cast<std::size_t>(row - first)];
        result.push_back({row, sum.volume.value(), sum.takerBuy.value()});
    }
    return result;
}

} // namespace core::analysis
