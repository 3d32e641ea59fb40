#include "ui/panels/orderflow/heat_scale.h"

#include <algorithm>
#include <cmath>

#include "core/base/assert.h"
#include "ui/theme/tokens.h"

namespace ui::panels
{

namespace
{
constexpr double kGamma = 0.75; ///< chosen on recorded books: below it the calm levels drown the walls
}

HeatScale::HeatScale(const QList<QColor> &stops)
{
    setStops(stops);
}

void HeatScale::setStops(const QList<QColor> &stops)
{
    CORE_ASSERT(stops.size() >= 2, "Invariant: a colour scale has at least two stops");
    m_stops = stops;
    m_background = stops.front().rgb();
    rebuild();
}

void HeatScale::setLimits(float low, float high)
{
    CORE_ASSERT(low >= 0.0F && high > low, "Invariant: colour limits ascend from zero");
    m_low = low;
    m_high = high;
    m_toIndex = kLast / high;
    rebuild();
}

QColor HeatScale::stopAt(double share) const
{
    const double position = std::clamp(share, 0.0, 1.0) * static_cast<double>(m_stops.size() - 1);
    const auto below = std::min(static_cast<qsizetype>(position), m_stops.size() - 2);
    return theme::mixed(m_stops[below], m_stops[below + 1], position - static_cast<double>(below));
}

void HeatScale::rebuild()
{
    for (int i = 0; i < kEntries; ++i) {
        const float size = static_cast<float>(i) / m_toIndex;
        const float share = (size - m_low) / (m_high - m_low);
        m_table[static_cast<std::size_t>(i)] =
            share <= 0.0F ? m_background : stopAt(std::pow(static_cast<double>(share), kGamma)).rgb();
    }
}

bool HeatScale::limitsOf(std::vector<float> &sizes, float &low, float &high)
{
    constexpr std::size_t kFewest = 20;
    if (sizes.size() < kFewest)
        return false;
    const auto percentile = [&sizes](std::size_t hundredths) {
        const auto at = sizes.begin() + static_cast<std::ptrdiff_t>((sizes.size() - 1) * hundredths / 100);
        std::nth_element(sizes.begin(), at, sizes.end());
        return *at;
    };
    high = percentile(98);
    low = percentile(5);
    if (!(high > low))
        low = 0.0F;
    return high > low;
}

} // namespace ui::panels
