#include "core/analysis/value_area.h"

#include <algorithm>
#include <cstdlib>

#include "core/analysis/neumaier_sum.h"

namespace core::analysis
{

namespace
{

constexpr std::int64_t kTieInverse = 1'000'000'000'000; // 1 ÷ 1e-12

[[nodiscard]] bool tiesWithLargest(double volume, double largest)
{
    return largest - volume <= largest / static_cast<double>(kTieInverse);
}

template <class Volume> [[nodiscard]] std::optional<std::size_t> controlOf(std::span<const Volume> rows)
{
    if (rows.empty())
        return std::nullopt;
    const Volume largest = *std::ranges::max_element(rows);
    const auto last = static_cast<std::int64_t>(rows.size()) - 1;
    std::int64_t best = -1;
    for (std::int64_t row = 0; row <= last; ++row)
        if (tiesWithLargest(rows[static_cast<std::size_t>(row)], largest))
            best = best < 0 ? row : preferredRow(best, row, 0, last);
    return static_cast<std::size_t>(best);
}

/// `isBelowTarget(volume, total)` says whether the area must still grow; `onStep(above, volume)` hears of
/// each pair.
template <class Volume, class IsBelowTarget, class OnStep>
[[nodiscard]] std::optional<ValueArea<Volume>> grow(std::span<const Volume> rows, Volume total,
                                                    IsBelowTarget isBelowTarget, OnStep onStep)
{
    const auto poc = controlOf(rows);
    if (!poc)
        return std::nullopt;
    ValueArea<Volume> area{*poc, *poc, *poc, rows[*poc], total};
    const std::size_t last = rows.size() - 1;
    while (isBelowTarget(area.volume, total) && (area.low > 0 || area.high < last)) {
        const std::size_t highNext = std::min(area.high + 2, last);
        const std::size_t lowNext = area.low - std::min<std::size_t>(area.low, 2);
        Volume up{};
        for (std::size_t row = area.high + 1; row <= highNext; ++row)
            up += rows[row];
        Volume down{};
        for (std::size_t row = lowNext; row < area.low; ++row)
            down += rows[row];
        const bool above = area.high < last && (area.low == 0 || up >= down);
        (above ? area.high : area.low) = above ? highNext : lowNext;
        area.volume += above ? up : down;
        onStep(above, above ? up : down);
    }
    return area;
}

} // namespace

bool tiesWithLargest(ExactVolume volume, ExactVolume largest)
{
    return largest.raw() - volume.raw() <= largest.raw() / kTieInverse; // the left side is a whole number
}

std::int64_t preferredRow(std::int64_t a, std::int64_t b, std::int64_t first, std::int64_t last)
{
    const std::int64_t distanceA = std::abs(2 * a - (first + last));
    const std::int64_t distanceB = std::abs(2 * b - (first + last));
    if (distanceA != distanceB)
        return distanceA < distanceB ? a : b;
    return std::min(a, b);
}

std::optional<std::size_t> pointOfControl(std::span<const double> rows)
{
    return controlOf(rows);
}

std::optional<std::size_t> pointOfControl(std::span<const ExactVolume> rows)
{
    return controlOf(rows);
}

std::optional<ValueArea<double>> valueArea(std::span<const double> rows, double fraction,
                                           std::vector<ValueAreaStep> *steps)
{
    NeumaierSum total;
    for (const double row : rows)
        total.add(row);
    const auto isBelowTarget = [fraction](double volume, double all) {
        return volume < fraction * all - 1e-9 * all;
    };
    return grow(rows, total.value(), isBelowTarget, [steps](bool above, double volume) {
        using Direction = ValueAreaStep::Direction;
        if (steps != nullptr)
            steps->push_back({above ? Direction::Above : Direction::Below, volume});
    });
}

std::optional<ValueArea<ExactVolume>> valueArea(std::span<const ExactVolume> rows, Ratio fraction)
{
    ExactVolume total;
    for (const ExactVolume row : rows)
        total += row;
    // volume < (fraction − 1e-9) × total, both sides × 1e9
    const auto isBelowTarget = [fraction](ExactVolume volume, ExactVolume all) {
        return volume.raw() * 1'000'000'000 < all.raw() * (Wide{fraction.raw()} * 10 - 1);
    };
    return grow(rows, total, isBelowTarget, [](bool, ExactVolume) {});
}

} // namespace core::analysis
