#include "ui/shell/main_window.h"

#include <algorithm>

#include <QtGui/QAction>
#include <QtWidgets/QApplication>
#include <QtWidgets/QDockWidget>
#include <QtWidgets/QMenu>

#include "ui/controls/hold_button.h"
#include "ui/panels/orderflow/chart_view.h"
#include "ui/panels/orderflow/order_flow_panel.h"
#include "ui/shell/arming_dialog.h"
#include "ui/shell/shortcut_sheet.h"
#include "ui/shell/top_bar.h"

using namespace Qt::StringLiterals;

/// The half of the window that is about what a person can do: actions, menus, keys.
namespace ui::shell
{

using core::risk::Arming;

QAction *MainWindow::addNamed(const QString &name, const QString &text, const QList<QKeySequence> &keys)
{
    auto *made = new QAction(text, this);
    made->setObjectName(name);
    made->setShortcuts(keys);
    addAction(made);
    return made;
}

QAction *MainWindow::action(const QString &name) const
{
    return findChild<QAction *>(name, Qt::FindDirectChildrenOnly);
}

void MainWindow::buildActions()
{
    const auto on = [this](const QString &name, const QString &text, const QList<QKeySequence> &keys,
                           auto act) { connect(addNamed(name, text, keys), &QAction::triggered, this, act); };
    on(u"protection.panic"_s, tr("Go to PANIC FLATTEN (then hold Space)"), {Qt::Key_F12},
       [this] { m_topBar->panic()->setFocus(Qt::ShortcutFocusReason); });
    on(u"protection.off"_s, tr("Auto-close off"), {}, [this] { sendArming(Arming::Off); });
    on(u"protection.alertOnly"_s, tr("Auto-close to alert-only, at once"), {Qt::CTRL | Qt::SHIFT | Qt::Key_D},
       [this] { sendArming(Arming::AlertOnly); });
    on(u"protection.arm"_s, tr("Arm auto-close…"), {}, [this] { openArmingDialog(); });
    on(u"protection.limits"_s, tr("Risk limits…"), {QKeySequence(Qt::CTRL | Qt::Key_Comma)}, [this] { openLimits(); });
    on(u"protection.cancelEntries"_s, tr("Cancel entry orders"), {}, [this] {
        m_terminal.send(core::runtime::Ask{core::orders::CancelAllIntent{
            .id = newWish(), .account = std::nullopt, .instrument = std::nullopt, .by = "menu"}});
    });
    on(u"orders.new"_s, tr("New order…"), {}, [this] { openTicket(); });

    on(u"chart.live"_s, tr("Chart and ladder: back to live"), {Qt::Key_C}, [this] { m_orderFlow->goLive(); });
    on(u"chart.freeze"_s, tr("Chart and ladder: freeze or go on"), {Qt::Key_Space},
       [this] { m_orderFlow->toggleFreeze(); });
    on(u"chart.undoZoom"_s, tr("Chart: undo zoom"), {QKeySequence::Undo},
       [this] { m_orderFlow->chart()->undoZoom(); });
    // Space also holds the panic button: here it belongs to the chart alone.
    QAction *freeze = action(u"chart.freeze"_s);
    removeAction(freeze);
    m_orderFlow->addAction(freeze);
    freeze->setShortcutContext(Qt::WidgetWithChildrenShortcut);

    QAction *lock = addNamed(u"view.lockLayout"_s, tr("Lock layout"));
    lock->setCheckable(true);
    connect(lock, &QAction::toggled, this, [this](bool locked) {
        if (locked != m_locked)
            setLayoutLocked(locked);
    });
    on(u"view.resetLayout"_s, tr("Reset layout"), {}, [this] {
        setLayoutLocked(false);
        applyDefaultLayout();
        resizeDocksToDefault();
        updateTitleBars();
    });
    QAction *safe = addNamed(u"view.colourSafe"_s, tr("Colour-safe palette"));
    safe->setCheckable(true);
    safe->setChecked(m_theme.scheme() == theme::Scheme::ColourSafe);
    connect(safe, &QAction::toggled, this, [this](bool checked) {
        m_theme.setScheme(checked ? theme::Scheme::ColourSafe : theme::Scheme::Dark);
        refreshNow();
    });
    on(u"view.nextDock"_s, tr("Next dock"), {Qt::Key_F6}, [this] { cycleDock(1); });
    on(u"view.previousDock"_s, tr("Previous dock"), {Qt::SHIFT | Qt::Key_F6}, [this] { cycleDock(-1); });
    const QStringList names{tr("Positions"), tr("Open orders"), tr("Risk"),        tr("Order flow"),
                            tr("Alerts"),    tr("Markets"),     tr("Connections")};
    for (qsizetype i = 0; i < names.size(); ++i) {
        const auto number = static_cast<std::size_t>(i);
        on(u"view.focus%1"_s.arg(i + 1), tr("Go to %1").arg(names[i]),
           {QKeySequence(Qt::ALT | static_cast<Qt::Key>(Qt::Key_1 + static_cast<int>(i)))},
           [this, number] { focusDock(number); });
    }
    on(u"help.keys"_s, tr("Keys"), {Qt::Key_F1}, [this] {
        QList<QAction *> all = actions();
        all.append(m_orderFlow->actions()); // Space belongs to the chart
        auto *sheet = new ShortcutSheet(all, this);
        sheet->setAttribute(Qt::WA_DeleteOnClose);
        sheet->open();
    });
    // Not the page's own: the menu offers them at any time, and the window is made anew afterwards.
    on(u"session.demo"_s, tr("Start the demo"), {}, [this] { emit demoRequested(); });
    on(u"session.retry"_s, tr("Try again"), {}, [this] { emit retryRequested(); });
    m_orderFlow->setRescue(action(u"session.demo"_s), action(u"session.retry"_s));
    on(u"accounts.open"_s, tr("Accounts…"), {}, [this] { emit accountsRequested(); });
    on(u"file.quit"_s, tr("Quit"), {QKeySequence::Quit}, [this] { close(); });
}

void MainWindow::buildMenus()
{
    auto *accounts = m_menu->addMenu(tr("Accounts"));
    accounts->setToolTipsVisible(true);
    accounts->addAction(action(u"accounts.open"_s));
    auto *protection = m_menu->addMenu(tr("Protection"));
    for (const auto &name :
         {u"protection.arm"_s, u"protection.alertOnly"_s, u"protection.off"_s, u"protection.panic"_s,
          u"protection.cancelEntries"_s, u"protection.limits"_s, u"orders.new"_s})
        protection->addAction(action(name));
    auto *chart = m_menu->addMenu(tr("Chart"));
    for (const auto &name : {u"chart.live"_s, u"chart.freeze"_s, u"chart.undoZoom"_s}) {
        QAction *entry = action(name);
        chart->addAction(entry);
    }
    auto *view = m_menu->addMenu(tr("View"));
    for (const Dock &dock : m_docks) {
        QAction *toggle = dock.dock->toggleViewAction();
        toggle->setObjectName(u"view.show."_s + dock.dock->objectName());
        toggle->setEnabled(dock.dock->features().testFlag(QDockWidget::DockWidgetClosable));
        view->addAction(toggle);
    }
    view->addSeparator();
    for (const auto &name : {u"view.colourSafe"_s, u"view.lockLayout"_s, u"view.resetLayout"_s})
        view->addAction(action(name));
    auto *go = m_menu->addMenu(tr("Go"));
    for (int i = 1; i <= 7; ++i)
        go->addAction(action(u"view.focus%1"_s.arg(i)));
    go->addAction(action(u"view.nextDock"_s));
    go->addAction(action(u"view.previousDock"_s));
    m_menu->addSeparator();
    m_menu->addAction(action(u"session.demo"_s));
    m_menu->addAction(action(u"help.keys"_s));
    m_menu->addAction(action(u"file.quit"_s));

}

void MainWindow::pressAutoClose()
{
    if (m_snapshot == nullptr)
        return;
    switch (m_snapshot->guard.arming) {
    case Arming::Off:
    case Arming::Armed: // lowering takes one press, at once
        sendArming(Arming::AlertOnly);
        break;
    case Arming::AlertOnly:
        openArmingDialog();
        break;
    }
}

void MainWindow::openArmingDialog(std::optional<core::Venue> account)
{
    m_armingDialog->setAccount(account);
    m_armingDialog->showSnapshot(m_snapshot.get());
    m_armingDialog->open();
}

void MainWindow::sendArming(Arming arming, std::optional<core::Venue> account)
{
    m_terminal.send(core::runtime::SetArming{arming, account});
}

/// The order of the keys.
std::vector<QWidget *> MainWindow::dockOrder() const
{
    return {m_docks[PositionsDock].dock, m_docks[OrdersDock].dock,  m_docks[RiskDock].dock,       m_orderFlow,
            m_docks[AlertsDock].dock,    m_docks[MarketsDock].dock, m_docks[ConnectionsDock].dock};
}

void MainWindow::showDock(std::size_t index)
{
    m_docks[index].dock->show();
    m_docks[index].dock->raise();
    refreshTables();
}

void MainWindow::focusDock(std::size_t number)
{
    const std::vector<QWidget *> widgets = dockOrder();
    if (number >= widgets.size())
        return;
    QWidget *target = widgets[number];
    if (auto *dock = qobject_cast<QDockWidget *>(target)) {
        dock->show();
        dock->raise();
        target = dock->widget();
    }
    const auto candidates = target->findChildren<QWidget *>();
    const auto takes = std::find_if(candidates.begin(), candidates.end(), [](const QWidget *w) {
        return w->isVisible() && w->isEnabled() && (w->focusPolicy() & Qt::TabFocus) != 0;
    });
    if (takes != candidates.end())
        (*takes)->setFocus(Qt::ShortcutFocusReason);
}

void MainWindow::cycleDock(int step)
{
    const std::vector<QWidget *> widgets = dockOrder();
    const QWidget *focused = QApplication::focusWidget();
    std::size_t current = 0;
    for (std::size_t i = 0; i < widgets.size(); ++i) {
        if (focused != nullptr && widgets[i]->isAncestorOf(focused))
            current = i;
    }
    const auto count = static_cast<int>(widgets.size());
    focusDock(static_cast<std::size_t>((static_cast<int>(current) + step + count) % count));
}

} // namespace ui::shell
