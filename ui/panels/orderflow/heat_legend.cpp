#include "ui/panels/orderflow/heat_legend.h"

#include <QtGui/QLinearGradient>
#include <QtGui/QPainter>

#include "ui/format/format.h"

namespace ui::panels
{

HeatLegend::HeatLegend(const theme::Theme &theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setFixedHeight(20);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    connect(&m_theme, &theme::Theme::changed, this, qOverload<>(&QWidget::update));
}

void HeatLegend::showScale(const HeatScale &scale, const QString &unit)
{
    const QString low = format::shortAmount(static_cast<double>(scale.low()));
    const QString high = format::shortAmount(static_cast<double>(scale.high())) + u' ' + unit;
    if (low == m_low && high == m_high)
        return;
    m_low = low;
    m_high = high;
    //: legend of the heatmap; sizes of resting orders from dark to bright
    setAccessibleName(tr("Resting size per pixel row from %1 to %2").arg(m_low, m_high));
    setToolTip(accessibleName());
    update();
}

void HeatLegend::paintEvent(QPaintEvent *)
{
    if (m_high.isEmpty())
        return;
    const theme::Tokens &t = m_theme.tokens();
    QPainter painter(this);
    painter.setFont(m_theme.numericFont(11));
    const QFontMetrics metrics(painter.font());
    painter.setPen(t.textMuted);
    const int highWidth = metrics.horizontalAdvance(m_high);
    const int right = width() - 4;
    painter.drawText(QRect(right - highWidth, 0, highWidth + 1, height()), Qt::AlignVCenter | Qt::AlignLeft,
                     m_high);
    const QRect bar(right - highWidth - 6 - 84, height() / 2 - 4, 84, 8);
    QLinearGradient gradient(bar.topLeft(), bar.topRight());
    for (qsizetype i = 0; i < t.heat.size(); ++i)
        gradient.setColorAt(static_cast<double>(i) / static_cast<double>(t.heat.size() - 1), t.heat[i]);
    painter.fillRect(bar, gradient);
    const int lowWidth = metrics.horizontalAdvance(m_low);
    painter.drawText(QRect(bar.left() - 6 - lowWidth, 0, lowWidth + 1, height()),
                     Qt::AlignVCenter | Qt::AlignLeft, m_low);
}

} // namespace ui::panels
