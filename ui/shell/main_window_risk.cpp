#include "ui/shell/main_window.h"

#include <algorithm>

#include <QtCore/QUuid>
#include <QtGui/QAction>
#include <QtWidgets/QMenu>

#include "ui/format/words.h"
#include "ui/models/lockout_lines.h"
#include "ui/panels/risk/risk_panel.h"
#include "ui/shell/limits_dialog.h"
#include "ui/shell/order_ticket.h"
#include "ui/shell/panic_dialog.h"
#include "ui/shell/release_dialog.h"
#include "ui/shell/top_bar.h"

using namespace Qt::StringLiterals;

/// The part of the window that is about limits, locks, panic and orders.
namespace ui::shell
{

using core::risk::Arming;

void MainWindow::buildRiskScreens()
{
    m_panicDialog = new PanicDialog(m_theme, this);
    m_limitsDialog = new LimitsDialog(m_theme, this);
    m_ticket = new OrderTicket(m_theme, this);
    m_panicMenu = new QMenu(this);
    m_autoCloseMenu = new QMenu(this);
    m_topBar->setPanicMenu(m_panicMenu);
    m_topBar->setAutoCloseMenu(m_autoCloseMenu);
    connect(m_panicMenu, &QMenu::aboutToShow, this, &MainWindow::fillPanicMenu);
    connect(m_autoCloseMenu, &QMenu::aboutToShow, this, &MainWindow::fillAutoCloseMenu);
    connect(m_topBar, &TopBar::panicHeld, this, [this] { panic({}); });
    connect(m_panicDialog, &PanicDialog::panicRequested, this, &MainWindow::panic);
    connect(m_risk, &panels::RiskPanel::releaseRequested, this, &MainWindow::askRelease);
    connect(m_limitsDialog, &LimitsDialog::saveRequested, this, [this](core::runtime::SetLimits wish) {
        wish.id = newWish();
        m_terminal.send(wish);
    });
    connect(m_ticket, &OrderTicket::previewRequested, this,
            [this](const core::runtime::AskPreview &question) { m_terminal.send(question); });
    connect(m_ticket, &OrderTicket::orderRequested, this, [this](core::orders::OrderIntent order) {
        order.id = newWish();
        m_ticket->sent(order.id);
        m_terminal.send(core::runtime::Ask{std::move(order)});
    });
}

std::string MainWindow::newWish() const
{
    return QUuid::createUuid().toString(QUuid::Id128).left(24).toStdString();
}

void MainWindow::panic(const PanicScope &scope)
{
    m_terminal.send(core::runtime::Flatten{
        .instrument = scope.instrument, .by = "panic", .lock = true, .account = scope.venue});
    m_panicDialog->follow(scope, m_snapshot.get());
}

void MainWindow::fillPanicMenu()
{
    m_panicMenu->clear();
    const auto add = [this](const PanicScope &scope) {
        //: %1 "every position", "every position on Hyperliquid", "BTCUSDT on Binance USD-M"
        m_panicMenu->addAction(tr("Flatten %1…").arg(panicScopeText(scope)), this,
                               [this, scope] { m_panicDialog->choose(scope, m_snapshot.get()); });
    };
    add({});
    if (m_snapshot == nullptr)
        return;
    for (const auto &account : m_snapshot->guard.accounts)
        add({.venue = account.account, .instrument = std::nullopt});
    m_panicMenu->addSeparator();
    std::vector<core::InstrumentKey> held;
    for (const auto &position : m_snapshot->account.positions) {
        if (!position.isFlat() && std::find(held.begin(), held.end(), position.instrument) == held.end())
            held.push_back(position.instrument);
    }
    for (const auto &instrument : held)
        add({.venue = instrument.venue, .instrument = instrument});
}

void MainWindow::fillAutoCloseMenu()
{
    m_autoCloseMenu->clear();
    for (const auto &name : {u"protection.arm"_s, u"protection.alertOnly"_s, u"protection.off"_s})
        m_autoCloseMenu->addAction(action(name));
    if (m_snapshot == nullptr || m_snapshot->guard.accounts.size() < 2)
        return;
    for (const auto &account : m_snapshot->guard.accounts) {
        QMenu *menu = m_autoCloseMenu->addMenu(
            tr("%1: %2").arg(format::Words::venue(account.account), format::Words::arming(account.arming)));
        const core::Venue venue = account.account;
        menu->addAction(tr("Arm…"), this, [this, venue] { openArmingDialog(venue); });
        menu->addAction(tr("Alert-only, at once"), this, [this, venue] { sendArming(Arming::AlertOnly, venue); });
        menu->addAction(tr("Off"), this, [this, venue] { sendArming(Arming::Off, venue); });
    }
}

void MainWindow::askRelease(const QString &lockout)
{
    if (m_snapshot == nullptr || findChild<ReleaseDialog *>() != nullptr)
        return;
    const auto lines = models::lockoutLines(*m_snapshot);
    const auto line = std::find_if(lines.begin(), lines.end(), [&](const auto &one) { return one.id == lockout; });
    if (line == lines.end() || !line->releasable)
        return;
    auto *dialog = new ReleaseDialog(*line, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &ReleaseDialog::releaseConfirmed, this, [this](const QString &id) {
        m_terminal.send(core::runtime::Ask{core::orders::LockoutRelease{.lockout = id.toStdString(), .by = "user"}});
    });
    dialog->open();
}

void MainWindow::openLimits()
{
    if (m_snapshot == nullptr || m_snapshot->guard.accounts.empty())
        return;
    m_terminal.readPast();
    m_limitsDialog->showPast(nullptr);
    m_limitsDialog->begin(*m_snapshot);
    m_limitsDialog->open();
}

void MainWindow::openTicket()
{
    if (m_snapshot == nullptr)
        return;
    m_ticket->begin(*m_snapshot);
    m_ticket->show();
}

void MainWindow::showRiskScreens()
{
    if (m_panicDialog->isVisible())
        m_panicDialog->showSnapshot(m_snapshot.get());
    if (m_snapshot == nullptr)
        return;
    if (m_limitsDialog->isVisible()) {
        m_limitsDialog->showSnapshot(*m_snapshot);
        m_limitsDialog->showPast(m_terminal.past());
    }
    if (m_ticket->isVisible())
        m_ticket->showSnapshot(*m_snapshot);
}

} // namespace ui::shell
