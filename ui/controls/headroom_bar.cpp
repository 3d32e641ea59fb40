#include "ui/controls/headroom_bar.h"

#include <algorithm>

#include <QtGui/QPainter>

#include "ui/controls/table_delegate.h"

namespace ui::controls
{

HeadroomBar::HeadroomBar(const theme::Theme &theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&m_theme, &theme::Theme::changed, this, qOverload<>(&QWidget::update));
}

QSize HeadroomBar::sizeHint() const
{
    return {300, 53};
}

void HeadroomBar::showContent(const Content &content)
{
    if (content == m_content)
        return;
    m_content = content;
    setAccessibleName(m_content.name);
    setToolTip(m_content.explanation);
    //: spoken: %1 what is measured, %2 the value, %3 the state word
    setAccessibleDescription(tr("%1: %2, %3").arg(m_content.name, m_content.value, m_content.word));
    update();
}

void HeadroomBar::paintEvent(QPaintEvent *)
{
    const theme::Tokens &t = m_theme.tokens();
    QPainter painter(this);
    const QColor words = m_content.trusted ? t.textPrimary : t.textMuted;
    const double share = m_content.share.value_or(0.0);
    const QRect line(0, 2, width(), 18);

    const QFont wordFont = m_theme.textFont(11, QFont::DemiBold);
    const int wordWidth = QFontMetrics(wordFont).horizontalAdvance(m_content.word);
    painter.setFont(wordFont);
    const QRect wordBox(line.right() - wordWidth - (m_content.alarmed ? 10 : 0), line.top() + 1,
                        wordWidth + (m_content.alarmed ? 10 : 1), 16);
    if (m_content.alarmed) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(t.critical);
        painter.drawRoundedRect(wordBox, 3, 3);
        painter.setRenderHint(QPainter::Antialiasing, false);
        painter.setPen(t.onCritical);
    } else {
        const bool near = m_content.trusted && m_content.share && share >= 0.5;
        painter.setPen(near ? gaugeColour(t, share) : t.textMuted);
    }
    painter.drawText(wordBox, Qt::AlignCenter, m_content.word);

    const QFont nameFont = m_theme.textFont(12);
    painter.setFont(nameFont);
    painter.setPen(t.textSecondary);
    const QRect nameBox(0, line.top(), wordBox.left() - 8, line.height());
    painter.drawText(nameBox, Qt::AlignLeft | Qt::AlignVCenter,
                     QFontMetrics(nameFont).elidedText(m_content.name, Qt::ElideRight, nameBox.width()));

    const QRect track(0, 23, width(), 6);
    painter.fillRect(track, t.input);
    if (m_content.share) {
        const int filled = static_cast<int>(std::clamp(share, 0.0, 1.0) * track.width() + 0.5);
        painter.fillRect(QRect(track.left(), track.top(), filled, track.height()),
                         m_content.trusted ? gaugeColour(t, share) : t.border);
    } else {
        painter.setPen(t.border);
        for (int x = -6; x < width(); x += 6)
            painter.drawLine(x, track.bottom(), x + 6, track.top());
    }
    for (const double tick : {0.5, 0.8}) {
        const int x = static_cast<int>(track.width() * tick);
        painter.fillRect(QRect(x, track.top() - 2, 1, track.height() + 4), t.borderStrong);
    }
    const QRect below(0, 33, width(), 16);
    const QFont valueFont = m_theme.numericFont(12);
    painter.setFont(valueFont);
    painter.setPen(words);
    painter.drawText(below, Qt::AlignRight | Qt::AlignVCenter, m_content.value);
    const int room = below.width() - QFontMetrics(valueFont).horizontalAdvance(m_content.value) - 8;
    const QFont detailFont = m_theme.textFont(11);
    painter.setFont(detailFont);
    painter.setPen(t.textMuted);
    painter.drawText(below, Qt::AlignLeft | Qt::AlignVCenter,
                     QFontMetrics(detailFont).elidedText(m_content.detail, Qt::ElideRight, room));
}

} // namespace ui::controls
