#include "ui/controls/state_page.h"

#include <QtGui/QAction>
#include <QtGui/QPainter>
#include <QtWidgets/QPushButton>

namespace ui::controls
{

using Phase = models::DockState::Phase;

StatePage::StatePage(const theme::Theme &theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_button(new QPushButton(this))
{
    m_since.start();
    m_next.setSingleShot(true);
    m_button->hide();
    connect(&m_next, &QTimer::timeout, this, [this] {
        if (elapsed() < kReasonAfterMs)
            m_next.start(static_cast<int>(kReasonAfterMs - elapsed()));
        update();
    });
    connect(m_button, &QPushButton::clicked, this, [this] {
        if (m_action != nullptr)
            m_action->trigger();
    });
    connect(&m_theme, &theme::Theme::changed, this, qOverload<>(&QWidget::update));
    m_next.start(kSkeletonAfterMs);
}

qint64 StatePage::elapsed() const
{
    return m_head + m_since.elapsed();
}

void StatePage::setLoadingElapsed(int milliseconds)
{
    m_head = milliseconds;
    m_since.restart();
    update();
}

void StatePage::showState(const models::DockState &state, QAction *action)
{
    if (state.phase == Phase::Loading && m_state.phase != Phase::Loading) {
        m_head = 0;
        m_since.restart();
        m_next.start(kSkeletonAfterMs);
    }
    if (state == m_state && action == m_action)
        return;
    m_state = state;
    m_action = action;
    m_button->setVisible(action != nullptr && state.phase != Phase::Loading);
    if (action != nullptr) {
        m_button->setText(action->text());
        m_button->setAccessibleName(action->text());
    }
    setAccessibleName(state.sentence);
    layoutButton();
    update();
}

bool StatePage::showsSkeleton() const
{
    return m_state.phase == Phase::Loading && elapsed() >= kSkeletonAfterMs;
}

QString StatePage::visibleText() const
{
    return m_state.phase == Phase::Loading && elapsed() < kReasonAfterMs ? QString() : m_state.sentence;
}

void StatePage::layoutButton()
{
    const QSize hint = m_button->sizeHint();
    m_button->setGeometry((width() - hint.width()) / 2, height() / 2 + 8, hint.width(), hint.height());
}

void StatePage::resizeEvent(QResizeEvent *)
{
    layoutButton();
}

void StatePage::paintEvent(QPaintEvent *)
{
    const theme::Tokens &t = m_theme.tokens();
    QPainter painter(this);
    painter.fillRect(rect(), t.panel);
    const QString sentence = visibleText();
    if (showsSkeleton()) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(t.raised);
        constexpr int kRow = theme::Theme::kRowHeight;
        static constexpr int kWidths[] = {82, 64, 74, 90, 58, 78};
        const int reserved = sentence.isEmpty() ? 0 : 40;
        int row = 0;
        for (int y = 12; y + 10 < height() - reserved; y += kRow, ++row) {
            int x = 12;
            for (int column = 0; x < width() - 60; ++column) {
                const int w = kWidths[(row + column) % 6];
                painter.drawRoundedRect(QRect(x, y, std::min(w, width() - 12 - x), 8), 4, 4);
                x += 104;
            }
        }
    }
    if (sentence.isEmpty())
        return;
    painter.setFont(m_theme.textFont());
    painter.setPen(m_state.phase == Phase::Error ? t.warn : t.textSecondary);
    if (m_state.phase == Phase::Loading) {
        const QRect strip(12, height() - 38, width() - 24, 34);
        painter.fillRect(strip, t.panel);
        painter.drawText(strip, Qt::AlignCenter | Qt::TextWordWrap, sentence);
        return;
    }
    const int half = height() / 2;
    const QRect area =
        m_button->isVisibleTo(this) ? QRect(16, 4, width() - 32, half - 6) : rect().adjusted(16, 4, -16, -4);
    const Qt::Alignment align =
        m_button->isVisibleTo(this) ? Qt::AlignHCenter | Qt::AlignBottom : Qt::AlignCenter;
    painter.drawText(area, static_cast<int>(align) | Qt::TextWordWrap, sentence);
}

} // namespace ui::controls
