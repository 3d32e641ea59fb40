#include "ui/controls/hold_button.h"

#include <algorithm>

#include <QtCore/QElapsedTimer>
#include <QtCore/QLocale>
#include <QtCore/QTimerEvent>
#include <QtGui/QKeyEvent>
#include <QtGui/QMouseEvent>
#include <QtGui/QPainter>

namespace ui::controls
{

namespace
{

HoldButton::MonotonicMs steadyClock()
{
    QElapsedTimer timer;
    timer.start();
    return [timer] { return timer.elapsed(); };
}

} // namespace

HoldButton::HoldButton(const QString &text, const theme::Theme &theme, QWidget *parent, MonotonicMs clock)
    : QAbstractButton(parent), m_theme(theme), m_clock(clock ? std::move(clock) : steadyClock())
{
    setText(text);
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::PointingHandCursor);
    setAccessibleName(text);
    setToolTip(tr("Hold for 1.5 s. Releasing earlier cancels."));
    connect(&m_theme, &theme::Theme::changed, this, qOverload<>(&QWidget::update));
}

double HoldButton::progress() const
{
    if (!m_startedAt)
        return 0.0;
    return std::clamp(static_cast<double>(m_clock() - *m_startedAt) / kHoldMs, 0.0, 1.0);
}

void HoldButton::begin()
{
    if (m_startedAt || !isEnabled())
        return;
    m_startedAt = m_clock();
    m_timer.start(16, Qt::PreciseTimer, this);
    update();
}

void HoldButton::cancel()
{
    if (!m_startedAt)
        return;
    m_startedAt.reset();
    m_timer.stop();
    update();
    emit holdCanceled();
}

void HoldButton::tick()
{
    if (!m_startedAt)
        return;
    update();
    if (progress() < 1.0)
        return;
    m_startedAt.reset(); // once per hold: a new one needs a new press
    m_timer.stop();
    emit held();
}

void HoldButton::timerEvent(QTimerEvent *event)
{
    if (event->timerId() == m_timer.timerId())
        tick();
    else
        QAbstractButton::timerEvent(event);
}

void HoldButton::mousePressEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton)
        begin();
}

void HoldButton::mouseReleaseEvent(QMouseEvent *)
{
    tick(); // the last stretch may have passed since the last timer
    cancel();
}

void HoldButton::mouseMoveEvent(QMouseEvent *event)
{
    if (!rect().contains(event->position().toPoint()))
        cancel();
}

void HoldButton::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Space || event->key() == Qt::Key_Select) {
        if (!event->isAutoRepeat())
            begin();
        return;
    }
    if (event->key() == Qt::Key_Escape && m_startedAt) {
        cancel();
        return;
    }
    QWidget::keyPressEvent(event); // not QAbstractButton: Enter must not click
}

void HoldButton::keyReleaseEvent(QKeyEvent *event)
{
    if (event->isAutoRepeat() || (event->key() != Qt::Key_Space && event->key() != Qt::Key_Select))
        return;
    tick();
    cancel();
}

void HoldButton::focusOutEvent(QFocusEvent *event)
{
    cancel();
    QAbstractButton::focusOutEvent(event);
    update();
}

void HoldButton::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::EnabledChange && !isEnabled())
        cancel();
    QAbstractButton::changeEvent(event);
}

QString HoldButton::shownText() const
{
    if (!m_startedAt)
        return text();
    const double left = kHoldMs / 1000.0 * (1.0 - progress());
    //: %1 is the rest of the hold in seconds, with one decimal
    return tr("HOLD %1 s").arg(QLocale().toString(left, 'f', 1));
}

QSize HoldButton::sizeHint() const
{
    const QFontMetrics metrics(m_theme.textFont(theme::Theme::kTextPixels, QFont::Bold));
    const int words =
        std::max(metrics.horizontalAdvance(text()),
                 metrics.horizontalAdvance(tr("HOLD %1 s").arg(QLocale().toString(1.5, 'f', 1))));
    return {words + 46, 30};
}

void HoldButton::paintEvent(QPaintEvent *)
{
    const theme::Tokens &t = m_theme.tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF box = QRectF(rect()).adjusted(1.5, 1.5, -1.5, -1.5);
    const bool on = isEnabled();
    const QColor back = on ? t.critical : t.raised;
    const QColor words = on ? t.onCritical : t.textMuted;
    painter.setPen(Qt::NoPen);
    painter.setBrush(on && underMouse() && !m_startedAt ? theme::mixed(back, t.onCritical, 0.06) : back);
    painter.drawRoundedRect(box, 4, 4);
    if (hasFocus()) {
        painter.setPen(QPen(t.accent, 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(box, 4, 4);
    }
    const QRectF ring(box.left() + 10, box.center().y() - 7, 14, 14);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme::mixed(back, words, 0.35), 2.5));
    painter.drawEllipse(ring);
    if (m_startedAt) {
        painter.setPen(QPen(words, 2.5, Qt::SolidLine, Qt::FlatCap));
        painter.drawArc(ring, 90 * 16, -static_cast<int>(progress() * 360 * 16));
    }
    painter.setPen(words);
    painter.setFont(m_theme.textFont(theme::Theme::kTextPixels, QFont::Bold));
    painter.drawText(box.adjusted(30, 0, -6, 0), Qt::AlignVCenter | Qt::AlignHCenter, shownText());
}

} // namespace ui::controls
