#include "ui/controls/state_chip.h"

#include <QtGui/QPainter>
#include <QtGui/QPainterPath>

namespace ui::controls
{

StateChip::StateChip(const theme::Theme &theme, QWidget *parent) : QAbstractButton(parent), m_theme(theme)
{
    setClickable(false);
    connect(&m_theme, &theme::Theme::changed, this, qOverload<>(&QWidget::update));
}

void StateChip::setClickable(bool clickable)
{
    setFocusPolicy(clickable ? Qt::StrongFocus : Qt::NoFocus);
    setAttribute(Qt::WA_TransparentForMouseEvents, !clickable);
    setCursor(clickable ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

void StateChip::setChipHeight(int height)
{
    m_height = height;
    updateGeometry();
}

void StateChip::show(const QString &words, Look look, bool withLock)
{
    if (words == text() && look == m_look && withLock == m_withLock)
        return;
    m_look = look;
    m_withLock = withLock;
    setText(words);
    setAccessibleName(words);
    setVisible(!words.isEmpty());
    updateGeometry();
    update();
}

QSize StateChip::sizeHint() const
{
    if (text().isEmpty())
        return {0, m_height};
    const QFontMetrics metrics(m_theme.textFont(m_height > 24 ? 12 : 11, QFont::DemiBold));
    const int padding = m_height > 24 ? 22 : 14;
    return {metrics.horizontalAdvance(text()) + padding + (m_withLock ? 16 : 0), m_height};
}

void StateChip::paintEvent(QPaintEvent *)
{
    const theme::Tokens &t = m_theme.tokens();
    QColor back = Qt::transparent;
    QColor words = t.textSecondary;
    switch (m_look) {
    case Look::Outline:
        break;
    case Look::Muted:
        words = t.textMuted;
        break;
    case Look::Warn:
        back = t.warnBlock;
        words = t.onWarnBlock;
        break;
    case Look::Critical:
    case Look::CriticalHatched:
        back = t.critical;
        words = t.onCritical;
        break;
    case Look::Demo:
        back = t.demo;
        words = t.onDemo;
        break;
    case Look::Testnet:
        back = t.testnet;
        words = t.onTestnet;
        break;
    case Look::Replay:
        back = t.replay;
        words = t.onReplay;
        break;
    }
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF box = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    const double radius = m_height > 24 ? 4 : 3;
    const bool outlined = m_look == Look::Outline || m_look == Look::Muted;
    painter.setPen(outlined ? QPen(t.borderStrong, 1) : QPen(Qt::NoPen));
    painter.setBrush(outlined ? QBrush(t.raised) : QBrush(back));
    painter.drawRoundedRect(box, radius, radius);
    if (m_look == Look::CriticalHatched) {
        QPainterPath clip;
        clip.addRoundedRect(box, radius, radius);
        painter.save();
        painter.setClipPath(clip);
        painter.setPen(QPen(theme::mixed(back, t.window, 0.35), 3));
        for (int x = -height(); x < width(); x += 9)
            painter.drawLine(x, height(), x + height(), 0);
        painter.restore();
    }
    if (hasFocus()) {
        painter.setPen(QPen(t.accent, 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
    }
    QRectF inner = box;
    if (m_withLock) {
        const double x = box.left() + 10;
        const double y = box.center().y();
        painter.setPen(QPen(words, 1.4));
        painter.setBrush(Qt::NoBrush);
        painter.drawArc(QRectF(x + 2, y - 6.5, 6, 8), 0, 180 * 16);
        painter.setPen(Qt::NoPen);
        painter.setBrush(words);
        painter.drawRoundedRect(QRectF(x, y - 2, 10, 7.5), 1, 1);
        inner.setLeft(inner.left() + 16);
    }
    painter.setPen(words);
    painter.setFont(m_theme.textFont(m_height > 24 ? 12 : 11, QFont::DemiBold));
    painter.drawText(inner, Qt::AlignCenter, text());
}

} // namespace ui::controls
