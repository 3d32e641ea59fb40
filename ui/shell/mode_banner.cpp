#include "ui/shell/mode_banner.h"

#include <QtGui/QPainter>

namespace ui::shell
{

using core::runtime::Mode;

ModeBanner::ModeBanner(const theme::Theme &theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setFixedHeight(24);
    hide();
    connect(&m_theme, &theme::Theme::changed, this, qOverload<>(&QWidget::update));
}

void ModeBanner::showMode(Mode mode)
{
    m_mode = mode;
    setVisible(mode != Mode::Live);
    setAccessibleName(text());
    update();
}

QString ModeBanner::text() const
{
    switch (m_mode) {
    case Mode::Live:
        return {};
    case Mode::Demo:
        return tr("DEMO — simulated market and account. No order leaves this computer.");
    case Mode::Testnet:
        return tr("TESTNET — the venue's test system. No real money.");
    case Mode::Replay:
        return tr("REPLAY — a recording. Nothing here is happening now.");
    }
    return {};
}

void ModeBanner::paintEvent(QPaintEvent *)
{
    const theme::Tokens &t = m_theme.tokens();
    const QColor back = m_mode == Mode::Testnet ? t.testnet : m_mode == Mode::Replay ? t.replay : t.demo;
    const QColor words = m_mode == Mode::Testnet  ? t.onTestnet
                         : m_mode == Mode::Replay ? t.onReplay
                                                  : t.onDemo;
    QPainter painter(this);
    painter.fillRect(rect(), back);
    painter.setPen(words);
    painter.setFont(m_theme.textFont(theme::Theme::kTextPixels, QFont::DemiBold));
    painter.drawText(rect(), Qt::AlignCenter, text());
}

} // namespace ui::shell
