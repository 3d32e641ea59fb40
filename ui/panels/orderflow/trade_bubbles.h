#pragma once

#include <deque>
#include <vector>

#include <QtGui/QPixmap>

#include "core/domain/market_data.h"
#include "ui/panels/orderflow/heat_ring.h"

class QPainter;

namespace ui::panels
{

/// Prints as bubbles: area ∝ quote value (clipped at the 99th percentile), colour by aggressor, merged per
/// interval and side. Drawn from a few prepared stamps, so a thousand of them cost no more than a thousand
/// small blits.
class TradeBubbles
{
public:
    explicit TradeBubbles(const theme::Theme &theme);

    void append(const core::Trade &trade, HeatRing::Slot slot);
    void clear();
    void themeChanged() { m_stamps.clear(); }
    void dropBefore(HeatRing::Slot slot);

    struct Traded {
        double buy{0.0}; ///< base units
        double sell{0.0};
    };
    [[nodiscard]] Traded tradedAt(HeatRing::Slot slot) const;

    /// x of the middle of a slot, y of a price.
    template <class SlotToX, class PriceToY>
    void paint(QPainter &painter, HeatRing::Slot left, HeatRing::Slot right, double pixelRatio, SlotToX x,
               PriceToY y)
    {
        prepare(pixelRatio);
        for (const Bubble &bubble : m_bubbles) {
            if (bubble.slot < left || bubble.slot > right)
                continue;
            for (const bool buy : {false, true})
                stamp(painter, bubble.side[buy ? 1U : 0U], buy, x(bubble.slot), y);
        }
    }

private:
    struct SideSum {
        double value{0.0}; ///< quote
        double base{0.0};
        [[nodiscard]] double price() const { return value / base; }
    };
    struct Bubble {
        HeatRing::Slot slot{0};
        SideSum side[2]; ///< sell, buy aggressor
    };

    void prepare(double pixelRatio);
    [[nodiscard]] int radiusOf(double value) const;
    [[nodiscard]] const QPixmap &stampOf(int radius, bool buy) const;
    template <class PriceToY>
    void stamp(QPainter &painter, const SideSum &sum, bool buy, double x, PriceToY y) const
    {
        if (sum.base > 0.0)
            draw(painter, radiusOf(sum.value), buy, x, y(sum.price()));
    }
    void draw(QPainter &painter, int radius, bool buy, double x, double y) const;

    static constexpr int kRadiusMin = 2;
    static constexpr int kRadiusMax = 11;

    const theme::Theme &m_theme;
    std::deque<Bubble> m_bubbles; ///< ascending slots
    std::vector<QPixmap> m_stamps;
    double m_pixelRatio{0.0};
    double m_fullValue{1.0}; ///< quote value of the largest radius
    std::size_t m_sinceScale{0};
};

} // namespace ui::panels
