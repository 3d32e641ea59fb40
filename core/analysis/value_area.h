#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "core/analysis/exact_volume.h"

namespace core::analysis
{

/// One growth of the value area: the pair of rows (fewer at the edge) that was taken.
struct ValueAreaStep {
    enum class Direction { Above, Below };
    Direction direction{Direction::Above};
    double volume{0};
};

/// Indices into the rows that were given, lowest price first; all inclusive.
template <class Volume> struct ValueArea {
    std::size_t poc{0};
    std::size_t low{0};
    std::size_t high{0};
    Volume volume{}; ///< of the rows low … high
    Volume total{};
};

/// Row with the largest volume; ties within 1e-12 relative go to the row nearest the middle, then to the
/// lower price. Absent without rows. Pure. Source: methods.md 4.3.
[[nodiscard]] std::optional<std::size_t> pointOfControl(std::span<const double> rows);
[[nodiscard]] std::optional<std::size_t> pointOfControl(std::span<const ExactVolume> rows);

/// Two-row rule: from the point of control outwards, always the larger neighbouring pair (equal: above),
/// untrimmed, until `fraction` of the total is inside. Absent without rows. Pure, O(rows). `steps`, when
/// given, receives the way there. Source: methods.md 4.4 (CBOT Market Profile handbook).
[[nodiscard]] std::optional<ValueArea<double>> valueArea(std::span<const double> rows, double fraction,
                                                         std::vector<ValueAreaStep> *steps = nullptr);
[[nodiscard]] std::optional<ValueArea<ExactVolume>> valueArea(std::span<const ExactVolume> rows,
                                                              Ratio fraction);

/// True when `volume` counts as equal to the largest row.
[[nodiscard]] bool tiesWithLargest(ExactVolume volume, ExactVolume largest);
/// Which of two tied rows is the point of control when the rows run from `first` to `last`.
[[nodiscard]] std::int64_t preferredRow(std::int64_t a, std::int64_t b, std::int64_t first,
                                        std::int64_t last);

} // namespace core::analysis
