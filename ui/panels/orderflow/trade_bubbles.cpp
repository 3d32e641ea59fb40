#include "ui/panels/orderflow/trade_bubbles.h"

#include <algorithm>
#include <cmath>

#include <QtGui/QPainter>

namespace ui::panels
{

TradeBubbles::TradeBubbles(const theme::Theme &theme) : m_theme(theme) {}

void TradeBubbles::clear()
{
    m_bubbles.clear();
    m_sinceScale = 0;
}

void TradeBubbles::append(const core::Trade &trade, HeatRing::Slot slot)
{
    const double base = trade.quantity.toDouble();
    if (!(base > 0.0))
        return;
    auto place = std::find_if(m_bubbles.rbegin(), m_bubbles.rend(),
                              [slot](const Bubble &b) { return b.slot <= slot; });
    if (place == m_bubbles.rend() || place->slot != slot) {
        m_bubbles.insert(place.base(), Bubble{slot, {}});
        place = std::find_if(m_bubbles.rbegin(), m_bubbles.rend(),
                             [slot](const Bubble &b) { return b.slot == slot; });
    }
    SideSum &sum = place->side[trade.aggressor == core::Side::Buy ? 1U : 0U];
    sum.value += base * trade.price.toDouble();
    sum.base += base;
    ++m_sinceScale;
}

void TradeBubbles::dropBefore(HeatRing::Slot slot)
{
    while (!m_bubbles.empty() && m_bubbles.front().slot < slot)
        m_bubbles.pop_front();
}

TradeBubbles::Traded TradeBubbles::tradedAt(HeatRing::Slot slot) const
{
    const auto found = std::lower_bound(m_bubbles.begin(), m_bubbles.end(), slot,
                                        [](const Bubble &b, HeatRing::Slot s) { return b.slot < s; });
    if (found == m_bubbles.end() || found->slot != slot)
        return {};
    return {found->side[1].base, found->side[0].base};
}

int TradeBubbles::radiusOf(double value) const
{
    const double share = std::min(1.0, value / m_fullValue);
    return std::max(kRadiusMin, static_cast<int>(std::lround(std::sqrt(share) * kRadiusMax)));
}

const QPixmap &TradeBubbles::stampOf(int radius, bool buy) const
{
    return m_stamps[static_cast<std::size_t>(radius * 2 + (buy ? 1 : 0))];
}

void TradeBubbles::draw(QPainter &painter, int radius, bool buy, double x, double y) const
{
    const double half = radius + 1.5;
    painter.drawPixmap(QPointF(x - half, y - half), stampOf(radius, buy));
}

void TradeBubbles::prepare(double pixelRatio)
{
    if (m_sinceScale > 400 || m_fullValue <= 1.0) {
        std::vector<double> values;
        for (const Bubble &bubble : m_bubbles) {
            for (const SideSum &sum : bubble.side) {
                if (sum.base > 0.0)
                    values.push_back(sum.value);
            }
        }
        if (!values.empty()) {
            const auto at = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) * 99 / 100);
            std::nth_element(values.begin(), at, values.end());
            m_fullValue = std::max(1.0001, *at);
            m_sinceScale = 0;
        }
    }
    if (!m_stamps.empty() && pixelRatio == m_pixelRatio)
        return;
    m_pixelRatio = pixelRatio;
    m_stamps.clear();
    const theme::Tokens &t = m_theme.tokens();
    for (int radius = 0; radius <= kRadiusMax; ++radius) {
        for (const bool buy : {false, true}) {
            const double side = 2.0 * (radius + 1.5);
            QPixmap pixmap((QSizeF(side, side) * pixelRatio).toSize());
            pixmap.setDevicePixelRatio(pixelRatio);
            pixmap.fill(Qt::transparent);
            QPainter painter(&pixmap);
            painter.setRenderHint(QPainter::Antialiasing);
            QColor fill = buy ? t.longSide : t.shortSide;
            fill.setAlphaF(radius > 4 ? 0.80F : 0.95F);
            painter.setBrush(fill);
            painter.setPen(QPen(t.window, 1));
            painter.drawEllipse(QPointF(side / 2, side / 2), radius + 0.5, radius + 0.5);
            m_stamps.push_back(pixmap);
        }
    }
}

} // namespace ui::panels
