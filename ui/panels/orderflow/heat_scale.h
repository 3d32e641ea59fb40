#pragma once

#include <array>
#include <vector>

#include <QtCore/QList>
#include <QtGui/QColor>
#include <QtGui/QRgb>

namespace ui::panels
{

/// Resting size → colour. Sizes at or below `low` are background, at or above `high` the brightest stop;
/// between them a power below one of the share, so that walls stand out and the rest keeps its texture.
class HeatScale
{
public:
    explicit HeatScale(const QList<QColor> &stops);

    void setStops(const QList<QColor> &stops);
    /// REQUIRES: high > low ≥ 0.
    void setLimits(float low, float high);
    [[nodiscard]] float low() const { return m_low; }
    [[nodiscard]] float high() const { return m_high; }
    [[nodiscard]] QRgb background() const { return m_background; }
    [[nodiscard]] QRgb colour(float size) const
    {
        const float position = size * m_toIndex;
        const int index = position >= kLast ? kEntries - 1 : static_cast<int>(position);
        return m_table[static_cast<std::size_t>(index)];
    }
    /// `share` 0 to 1 along the stops, for the legend.
    [[nodiscard]] QColor stopAt(double share) const;

    /// The 5th and 98th percentile of `sizes` (its order is changed); false when there are too few to tell.
    [[nodiscard]] static bool limitsOf(std::vector<float> &sizes, float &low, float &high);

private:
    void rebuild();

    static constexpr int kEntries = 1024;
    static constexpr float kLast = kEntries - 1;
    QList<QColor> m_stops;
    float m_low{0.0F};
    float m_high{1.0F};
    float m_toIndex{kLast};
    QRgb m_background{0};
    std::array<QRgb, kEntries> m_table{};
};

} // namespace ui::panels
