#include "ui/shell/top_bar.h"

#include <QtGui/QPainter>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QMenu>
#include <QtWidgets/QToolButton>

#include "ui/controls/hold_button.h"
#include "ui/controls/state_chip.h"
#include "ui/format/words.h"
#include "ui/models/breaker_summary.h"
#include "ui/shell/market_strip.h"

using namespace Qt::StringLiterals;

namespace ui::shell
{

using controls::StateChip;

TopBar::TopBar(const theme::Theme &theme, QMenu *menu, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_market(new MarketStrip(theme, this)),
      m_mode(new StateChip(theme, this)), m_breakers(new StateChip(theme, this)),
      m_autoClose(new StateChip(theme, this)), m_autoCloseMenu(new QToolButton(this)),
      m_panic(new controls::HoldButton(tr("PANIC FLATTEN"), theme, this)), m_panicMenu(new QToolButton(this))
{
    setObjectName(u"topBar"_s);
    setFixedHeight(42);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(6, 0, 8, 0);
    row->setSpacing(8);

    auto *menuButton = new QToolButton(this);
    menuButton->setIcon(QIcon(u":/etrms/icons/menu.svg"_s));
    menuButton->setIconSize({16, 16});
    menuButton->setFixedSize(32, 30);
    menuButton->setMenu(menu);
    menuButton->setPopupMode(QToolButton::InstantPopup);
    menuButton->setToolTip(tr("Menu"));
    menuButton->setAccessibleName(tr("Menu"));
    row->addWidget(menuButton);
    row->addWidget(m_market, 1);
    for (StateChip *chip : {m_mode, m_breakers, m_autoClose}) {
        chip->setChipHeight(30);
        row->addWidget(chip);
    }
    m_breakers->setClickable(true);
    m_breakers->setObjectName(u"breakersPill"_s);
    m_autoClose->setClickable(true);
    m_autoClose->setObjectName(u"autoClose"_s);
    row->setSpacing(8);
    m_autoCloseMenu->setIcon(QIcon(u":/etrms/icons/chevron.svg"_s));
    m_autoCloseMenu->setFixedSize(24, 30);
    m_autoCloseMenu->setPopupMode(QToolButton::InstantPopup);
    m_autoCloseMenu->setToolTip(tr("Choose the auto-close state"));
    m_autoCloseMenu->setAccessibleName(m_autoCloseMenu->toolTip());
    row->addWidget(m_autoCloseMenu);
    m_panic->setObjectName(u"panic"_s);
    m_panic->setToolTip(
        tr("Closes every position: hold for 1.5 s, or press F12 and hold Space. Releasing cancels."));
    m_panic->setAccessibleDescription(m_panic->toolTip());
    row->addWidget(m_panic);
    m_panicMenu->setIcon(QIcon(u":/etrms/icons/chevron.svg"_s));
    m_panicMenu->setFixedSize(24, 30);
    m_panicMenu->setPopupMode(QToolButton::InstantPopup);
    m_panicMenu->setObjectName(u"panicMenu"_s);
    m_panicMenu->setToolTip(tr("Choose what to flatten: everything, one venue, one symbol"));
    m_panicMenu->setAccessibleName(m_panicMenu->toolTip());
    row->addWidget(m_panicMenu);

    connect(m_breakers, &StateChip::clicked, this, &TopBar::breakersPressed);
    connect(m_autoClose, &StateChip::clicked, this, &TopBar::autoClosePressed);
    connect(m_panic, &controls::HoldButton::held, this, &TopBar::panicHeld);
    connect(&m_theme, &theme::Theme::changed, this, qOverload<>(&QWidget::update));
}

void TopBar::setAutoCloseMenu(QMenu *menu)
{
    m_autoCloseMenu->setMenu(menu);
}

void TopBar::setPanicMenu(QMenu *menu)
{
    m_panicMenu->setMenu(menu);
}

void TopBar::showSnapshot(const core::runtime::TerminalSnapshot *snapshot)
{
    m_market->showSnapshot(snapshot);
    if (snapshot != nullptr) {
        using core::runtime::Mode;
        StateChip::Look look = StateChip::Look::Outline;
        if (snapshot->mode == Mode::Demo)
            look = StateChip::Look::Demo;
        else if (snapshot->mode == Mode::Paper)
            look = StateChip::Look::Demo;
        else if (snapshot->mode == Mode::Testnet)
            look = StateChip::Look::Testnet;
        else if (snapshot->mode == Mode::Replay)
            look = StateChip::Look::Replay;
        m_mode->show(format::Words::mode(snapshot->mode), look);
        m_panic->setEnabled(snapshot->account.connected);
        m_panicMenu->setEnabled(snapshot->account.connected);
        m_autoClose->setEnabled(snapshot->account.connected);
        m_autoCloseMenu->setEnabled(snapshot->account.connected);
    }
    showBreakers(snapshot);
    showArming(snapshot);
}

void TopBar::showBreakers(const core::runtime::TerminalSnapshot *snapshot)
{
    if (snapshot != nullptr && !snapshot->account.connected) {
        m_breakers->show({}, StateChip::Look::Outline); // nothing is guarded; "No account" stands beside it
        return;
    }
    const models::BreakerSummary summary = models::worstBreaker(snapshot);
    using Word = core::orders::BreakerView::Word;
    StateChip::Look look = StateChip::Look::Outline;
    if (summary.word == Word::Near)
        look = StateChip::Look::Warn;
    else if (summary.word == Word::Tripped)
        look = StateChip::Look::Critical;
    const bool narrow = width() < 1200;
    m_breakers->show(narrow ? summary.shortText : summary.text, look);
    m_breakers->setToolTip(summary.tooltip);
}

void TopBar::showArming(const core::runtime::TerminalSnapshot *snapshot)
{
    using core::risk::Arming;
    if (snapshot == nullptr) {
        m_autoClose->show(tr("Auto-close —"), StateChip::Look::Muted);
        return;
    }
    if (!snapshot->account.connected) {
        m_autoClose->show(tr("No account"), StateChip::Look::Muted);
        m_autoClose->setToolTip(tr("Markets are watched without an account: there is nothing to guard or close."));
        return;
    }
    const auto &guard = snapshot->guard;
    switch (guard.arming) {
    case Arming::Off:
        m_autoClose->show(tr("Auto-close OFF"), StateChip::Look::Outline);
        m_autoClose->setToolTip(tr("Nothing is watched for closing. Press to switch to alert-only."));
        break;
    case Arming::AlertOnly:
        m_autoClose->show(tr("Auto-close ALERT-ONLY"), StateChip::Look::Warn);
        m_autoClose->setToolTip(tr("Breakers raise alerts and send no orders. Press to arm."));
        break;
    case Arming::Armed:
        if (guard.blind) {
            const QString reason = QString::fromStdString(guard.blindReason);
            const bool fits = width() >= 1500 && !reason.isEmpty();
            m_autoClose->show(fits ? tr("ARMED · BLIND: %1").arg(reason) : tr("ARMED · BLIND"),
                              StateChip::Look::CriticalHatched, true);
            m_autoClose->setToolTip(
                tr("Armed, but it acts only on fresh data: %1. Press to go to alert-only.")
                    .arg(QString::fromStdString(guard.blindReason)));
        } else {
            m_autoClose->show(tr("Auto-close ARMED"), StateChip::Look::Critical, true);
            m_autoClose->setToolTip(
                tr("Breakers close positions by themselves. Press to go to alert-only at once."));
        }
        break;
    }
}

void TopBar::paintEvent(QPaintEvent *)
{
    const theme::Tokens &t = m_theme.tokens();
    QPainter painter(this);
    painter.fillRect(rect(), t.window);
    painter.fillRect(QRect(0, height() - 1, width(), 1), t.border);
}

} // namespace ui::shell
