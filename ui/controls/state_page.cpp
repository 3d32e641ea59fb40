#include "ui/controls/state_page.h"

#include <QtGui/QAction>
#include <QtGui/QPainter>
#include <QtWidgets/QPushButton>

namespace ui::controls
{

using Phase = models::DockState::Phase;

StatePage::StatePage(const theme::Theme &theme, QWidget *parent)
    : QWidget(parent), m_theme(theme)
{
    m_since.start();
    m_next.setSingleShot(true);
    connect(&m_next, &QTimer::timeout, this, [this] {
        if (elapsed() < kReasonAfterMs)
            m_next.start(static_cast<int>(kReasonAfterMs - elapsed()));
        update();
    });
    for (Offer &offer : m_offers) {
        offer.button = new QPushButton(this);
        offer.button->hide();
        connect(offer.button, &QPushButton::clicked, this, [&offer] {
            if (offer.action != nullptr)
                offer.action->trigger();
        });
    }
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

void StatePage::showState(const models::DockState &state, QAction *action, QAction *second)
{
    if (state.phase == Phase::Loading && m_state.phase != Phase::Loading) {
        m_head = 0;
        m_since.restart();
        m_next.start(kSkeletonAfterMs);
    }
    if (state == m_state && action == m_offers[0].action && second == m_offers[1].action)
        return;
    m_state = state;
    m_offers[0].action = action;
    m_offers[1].action = second;
    for (const Offer &offer : m_offers) {
        offer.button->setVisible(offer.action != nullptr && state.phase != Phase::Loading);
        if (offer.action == nullptr)
            continue;
        offer.button->setText(offer.action->text());
        offer.button->setAccessibleName(offer.action->text());
    }
    setAccessibleName(state.sentence);
    layoutButtons();
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

void StatePage::layoutButtons()
{
    constexpr int kGap = 12;
    int total = -kGap;
    for (const Offer &offer : m_offers)
        total += offer.action != nullptr ? offer.button->sizeHint().width() + kGap : 0;
    int x = (width() - total) / 2;
    for (const Offer &offer : m_offers) {
        if (offer.action == nullptr)
            continue;
        const QSize hint = offer.button->sizeHint();
        offer.button->setGeometry(x, height() / 2 + 8, hint.width(), hint.height());
        x += hint.width() + kGap;
    }
}

void StatePage::resizeEvent(QResizeEvent *)
{
    layoutButtons();
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
    const bool hasButton = m_offers[0].button->isVisibleTo(this);
    const QRect area =
        hasButton ? QRect(16, 4, width() - 32, half - 6) : rect().adjusted(16, 4, -16, -4);
    const Qt::Alignment align =
        hasButton ? Qt::AlignHCenter | Qt::AlignBottom : Qt::AlignCenter;
    painter.drawText(area, static_cast<int>(align) | Qt::TextWordWrap, sentence);
}

} // namespace ui::controls
