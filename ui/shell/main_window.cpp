#include "ui/shell/main_window.h"

#include <QtGui/QAction>
#include <QtGui/QCloseEvent>
#include <QtGui/QScreen>
#include <QtWidgets/QApplication>
#include <QtWidgets/QDockWidget>
#include <QtWidgets/QMenu>
#include <QtWidgets/QStatusBar>
#include <QtWidgets/QTabBar>
#include <QtWidgets/QVBoxLayout>

#include "ui/controls/dock_title_bar.h"
#include "ui/controls/hold_button.h"
#include "ui/models/alerts_model.h"
#include "ui/panels/alerts/alerts_panel.h"
#include "ui/panels/connections/connections_panel.h"
#include "ui/panels/markets/markets_panel.h"
#include "ui/panels/orderflow/chart_view.h"
#include "ui/panels/orderflow/order_flow_panel.h"
#include "ui/panels/positions/orders_panel.h"
#include "ui/panels/positions/positions_panel.h"
#include "ui/panels/risk/risk_panel.h"
#include "ui/shell/arming_dialog.h"
#include "ui/shell/mode_banner.h"
#include "ui/shell/quit_dialog.h"
#include "ui/shell/status_strip.h"
#include "ui/shell/top_bar.h"

using namespace Qt::StringLiterals;

/// A static library's resources are not found unless the program is told; the macro must stand outside
/// namespaces.
static void loadIcons()
{
    Q_INIT_RESOURCE(icons);
}

namespace ui::shell
{

namespace
{

constexpr int kTablesMs = 250;
constexpr int kSilenceMs = 3000;
constexpr int kRightWidth = 348;
constexpr int kTabBar = 26;

} // namespace

MainWindow::MainWindow(core::runtime::Terminal &terminal, WindowOptions options, QWidget *parent)
    : QMainWindow(parent), m_terminal(terminal), m_options(std::move(options)), m_store(m_options.stateDir),
      m_theme(m_options.scheme)
{
    loadIcons();
    setObjectName(u"mainWindow"_s);
    setWindowTitle(u"ETRMS"_s);
    setWindowIcon(QIcon(u":/etrms/icons/app.svg"_s));
    setMinimumSize(1024, 640);
    setDockNestingEnabled(true);
    setAnimated(false);
    setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
    setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);
    QApplication::setStyle(u"Fusion"_s);
    applyTheme();

    buildDocks();
    buildActions();
    buildMenus();
    buildRiskScreens();
    resize(m_options.size);

    const auto outcome = m_store.load(m_layout);
    if (outcome == LayoutStore::Outcome::Loaded) {
        m_layoutPending = true;
        if (!restoreGeometry(m_layout.geometry)) {
            m_layoutPending = false;
            m_store.setAside();
        }
    }
    if (outcome == LayoutStore::Outcome::SetAside ||
        (outcome == LayoutStore::Outcome::Loaded && !m_layoutPending))
        raiseLocal(tr("The saved window layout could not be read. It was kept as layout.bin.bad; the default "
                      "is shown.")
                       .toStdString(),
                   core::orders::Severity::Warning);

    connect(&m_theme, &theme::Theme::changed, this, &MainWindow::applyTheme);
    connect(&m_terminal, &core::runtime::Terminal::changed, this, &MainWindow::onChanged);
    m_tableTimer.setSingleShot(true);
    connect(&m_tableTimer, &QTimer::timeout, this, &MainWindow::refreshTables);
    connect(&m_watch, &QTimer::timeout, this, &MainWindow::checkSilence);
    m_watch.start(1000);
    refreshNow();
}

MainWindow::~MainWindow() = default;

void MainWindow::applyTheme()
{
    QApplication::setPalette(m_theme.palette());
    setPalette(m_theme.palette());
    setFont(m_theme.textFont());
    setStyleSheet(m_theme.styleSheet());
}

MainWindow::Dock MainWindow::addDock(const QString &objectName, const QString &name, QWidget *content,
                                     bool closable)
{
    auto *dock = new QDockWidget(name, this);
    dock->setObjectName(objectName);
    dock->setAccessibleName(name);
    QDockWidget::DockWidgetFeatures features =
        QDockWidget::DockWidgetMovable | QDockWidget::DockWidgetFloatable;
    if (closable)
        features |= QDockWidget::DockWidgetClosable;
    dock->setFeatures(features);
    auto *title = new controls::DockTitleBar(name, m_theme, dock, dock);
    dock->setTitleBarWidget(title);
    dock->setWidget(content);
    connect(dock, &QDockWidget::dockLocationChanged, this, &MainWindow::updateTitleBars,
            Qt::QueuedConnection);
    connect(dock, &QDockWidget::visibilityChanged, this, &MainWindow::updateTitleBars, Qt::QueuedConnection);
    connect(dock, &QDockWidget::topLevelChanged, this, &MainWindow::updateTitleBars, Qt::QueuedConnection);
    m_docks.push_back({dock, title, name});
    return m_docks.back();
}

void MainWindow::buildDocks()
{
    m_menu = new QMenu(this);
    auto *head = new QWidget(this);
    auto *column = new QVBoxLayout(head);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_topBar = new TopBar(m_theme, m_menu, head);
    m_banner = new ModeBanner(m_theme, head);
    column->addWidget(m_topBar);
    column->addWidget(m_banner);
    setMenuWidget(head);

    m_orderFlow = new panels::OrderFlowPanel(m_theme, this);
    setCentralWidget(m_orderFlow);
    m_risk = new panels::RiskPanel(m_theme, this);
    m_positions = new panels::PositionsPanel(m_theme, this);
    m_orders = new panels::OrdersPanel(m_theme, this);
    m_alerts = new panels::AlertsPanel(m_theme, this);
    addDock(u"risk"_s, tr("Risk"), m_risk, false);
    addDock(u"positions"_s, tr("Positions"), m_positions, false);
    addDock(u"orders"_s, tr("Open orders"), m_orders, true);
    addDock(u"alerts"_s, tr("Alerts"), m_alerts, true);
    m_markets = new panels::MarketsPanel(m_theme, this);
    m_connections = new panels::ConnectionsPanel(m_theme, this);
    addDock(u"markets"_s, tr("Markets"), m_markets, true);
    addDock(u"connections"_s, tr("Connections"), m_connections, true);
    applyDefaultLayout();

    m_status = new StatusStrip(m_theme, this);
    auto *bar = new QStatusBar(this);
    bar->setSizeGripEnabled(false);
    bar->setContentsMargins(0, 0, 0, 0);
    bar->setFixedHeight(24);
    bar->setStyleSheet(u"QStatusBar { border: none; } QStatusBar::item { border: none; }"_s);
    bar->addWidget(m_status, 1);
    setStatusBar(bar);

    m_armingDialog = new ArmingDialog(m_theme, this);
    connect(m_armingDialog, &ArmingDialog::armRequested, this,
            [this] { sendArming(core::risk::Arming::Armed, m_armingDialog->account()); });
    connect(m_topBar, &TopBar::breakersPressed, this, [this] {
        showDock(RiskDock);
        m_risk->setFocus();
    });
    connect(m_status, &StatusStrip::connectionsPressed, this, [this] { showDock(ConnectionsDock); });
    connect(m_markets, &panels::MarketsPanel::marketChosen, this, [this](const core::InstrumentKey &instrument) {
        m_terminal.send(core::runtime::ShowInstrument{instrument});
    });
    connect(m_topBar, &TopBar::autoClosePressed, this, &MainWindow::pressAutoClose);
    connect(m_alerts->model(), &models::AlertsModel::unreadChanged, this, &MainWindow::showDockStates);
}

void MainWindow::applyDefaultLayout()
{
    const auto &d = m_docks;
    for (const Dock &dock : d) {
        dock.dock->setFloating(false);
        dock.dock->show();
    }
    addDockWidget(Qt::RightDockWidgetArea, d[RiskDock].dock);
    splitDockWidget(d[RiskDock].dock, d[AlertsDock].dock, Qt::Vertical);
    tabifyDockWidget(d[AlertsDock].dock, d[MarketsDock].dock);
    d[AlertsDock].dock->raise();
    addDockWidget(Qt::BottomDockWidgetArea, d[PositionsDock].dock);
    tabifyDockWidget(d[PositionsDock].dock, d[OrdersDock].dock);
    tabifyDockWidget(d[OrdersDock].dock, d[ConnectionsDock].dock);
    d[PositionsDock].dock->raise();
}

void MainWindow::resizeDocksToDefault()
{
    const bool small = height() < 900;
    resizeDocks({m_docks[RiskDock].dock}, {kRightWidth}, Qt::Horizontal);
    resizeDocks({m_docks[PositionsDock].dock}, {(small ? 152 : 226) + kTabBar}, Qt::Vertical);
    const int risk = small ? 324 : 400;
    resizeDocks({m_docks[RiskDock].dock, m_docks[AlertsDock].dock},
                {risk, std::max(120, height() - 90 - risk)}, Qt::Vertical);
}

void MainWindow::updateTitleBars()
{
    for (const Dock &dock : m_docks) {
        const bool tabbed = !dock.dock->isFloating() && !tabifiedDockWidgets(dock.dock).isEmpty();
        dock.title->setCollapsed(tabbed);
    }
    for (QTabBar *tabs : findChildren<QTabBar *>(Qt::FindDirectChildrenOnly)) {
        tabs->setExpanding(false);
        tabs->setDrawBase(false);
        tabs->setElideMode(Qt::ElideNone);
        tabs->setUsesScrollButtons(false);
        tabs->setAccessibleName(tr("Tabs"));
    }
}

void MainWindow::showEvent(QShowEvent *event)
{
    QMainWindow::showEvent(event);
    if (m_shown)
        return;
    m_shown = true;
    m_orderFlow->setFocus(); // not a control of danger
    // Qt 6.4 restores wrong dock sizes before the window is laid out: docks come one turn of the event loop
    // later.
    QTimer::singleShot(0, this, &MainWindow::restoreLayout);
}

void MainWindow::restoreLayout()
{
    if (m_layoutPending) {
        m_layoutPending = false;
        if (restoreState(m_layout.docks, kLayoutVersion)) {
            setLayoutLocked(m_layout.locked);
            updateTitleBars();
            const QScreen *where = screen();
            if (where != nullptr && !where->availableGeometry().intersects(frameGeometry()))
                move(where->availableGeometry().topLeft());
            return;
        }
        m_store.setAside();
        raiseLocal(tr("The saved window layout does not fit this version. It was kept as layout.bin.bad; the "
                      "default is "
                      "shown.")
                       .toStdString(),
                   core::orders::Severity::Warning);
    }
    resizeDocksToDefault();
    updateTitleBars();
}

void MainWindow::saveLayout()
{
    if (!m_shown)
        return;
    if (!m_store.save({saveGeometry(), saveState(kLayoutVersion), m_locked}))
        raiseLocal(tr("The window layout could not be saved to %1.").arg(m_store.path()).toStdString(),
                   core::orders::Severity::Warning);
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    saveLayout();
    if (!m_quitConfirmed && QuitDialog::isNeeded(m_snapshot.get())) {
        event->ignore();
        if (findChild<QuitDialog *>() != nullptr)
            return;
        auto *dialog = new QuitDialog(*m_snapshot, this);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        connect(dialog, &QDialog::accepted, this, [this] {
            m_quitConfirmed = true;
            close();
        });
        dialog->open();
        return;
    }
    QMainWindow::closeEvent(event);
}

void MainWindow::resizeEvent(QResizeEvent *event)
{
    QMainWindow::resizeEvent(event);
    m_topBar->showSnapshot(m_snapshot.get());
}

void MainWindow::setLayoutLocked(bool locked)
{
    m_locked = locked;
    action(u"view.lockLayout"_s)->setChecked(locked);
    for (const Dock &dock : m_docks) {
        QDockWidget::DockWidgetFeatures features = QDockWidget::NoDockWidgetFeatures;
        if (!locked) {
            features = QDockWidget::DockWidgetMovable | QDockWidget::DockWidgetFloatable;
            if (dock.dock != m_docks[RiskDock].dock && dock.dock != m_docks[PositionsDock].dock)
                features |= QDockWidget::DockWidgetClosable;
        }
        dock.dock->setFeatures(features);
    }
}

void MainWindow::onChanged()
{
    m_sinceSnapshot.start();
    const auto columns = m_terminal.takeColumns();
    const auto trades = m_terminal.takeTrades();
    m_alerts->append(m_terminal.takeAlerts());
    m_snapshot = m_terminal.snapshot();
    showLocalAlerts();
    m_status->showSilence(core::Duration::zero());
    if (m_snapshot != nullptr && !m_snapshot->markets.empty())
        m_orderFlow->follow(m_snapshot->markets.front().key);
    m_orderFlow->append(columns, trades);
    m_orderFlow->showSnapshot(m_snapshot.get(), m_terminal.profile());
    m_topBar->showSnapshot(m_snapshot.get());
    m_status->showSnapshot(m_snapshot.get());
    if (m_snapshot != nullptr)
        m_banner->showSnapshot(*m_snapshot);
    // Another run is begun only where this one guards nothing.
    const bool watching = m_snapshot != nullptr && !m_snapshot->account.connected;
    if (watching && isVisible() && !std::exchange(m_marketsRaised, true) && m_layout.docks.isEmpty())
        m_docks[MarketsDock].dock->raise(); // without an account the markets are what one came for
    action(u"session.demo"_s)->setEnabled(watching);
    action(u"session.retry"_s)->setEnabled(watching);
    if (!m_sinceTables.isValid() || m_sinceTables.elapsed() >= kTablesMs)
        refreshTables();
    else if (!m_tableTimer.isActive())
        m_tableTimer.start(static_cast<int>(kTablesMs - m_sinceTables.elapsed()));
}

void MainWindow::refreshTables()
{
    m_sinceTables.start();
    m_tableTimer.stop();
    m_positions->showSnapshot(m_snapshot.get());
    m_orders->showSnapshot(m_snapshot.get());
    m_risk->showSnapshot(m_snapshot.get());
    m_markets->showSnapshot(m_snapshot.get());
    if (m_connections->isVisible())
        m_connections->showSnapshot(m_snapshot.get());
    if (m_armingDialog->isVisible())
        m_armingDialog->showSnapshot(m_snapshot.get());
    showRiskScreens();
    showDockStates();
}

void MainWindow::showDockStates()
{
    const auto title = [](const Dock &dock, const QString &detail, const models::DockState &state) {
        dock.title->setDetail(detail);
        dock.title->showState(state);
        QString tab = dock.name;
        if (!detail.isEmpty())
            tab += u"  "_s + detail;
        if (!state.chip.isEmpty())
            tab += u"  ·  "_s + state.chip;
        if (dock.dock->windowTitle() != tab)
            dock.dock->setWindowTitle(tab);
    };
    const bool known = m_snapshot != nullptr && m_snapshot->account.positionsKnown;
    const auto count = [known](std::size_t n) { return known ? QString::number(n) : QString(); };
    title(m_docks[RiskDock],
          m_snapshot != nullptr && m_snapshot->account.connected ? QString::fromStdString(m_snapshot->account.account.string()) : QString(),
          m_risk->state());
    title(m_docks[PositionsDock], count(m_positions->model()->rows().size()), m_positions->state());
    title(m_docks[OrdersDock], count(m_snapshot != nullptr ? m_snapshot->account.openOrders.size() : 0),
          m_orders->state());
    const int unread = m_alerts->model()->unread();
    title(m_docks[AlertsDock], unread > 0 ? tr("%n unread", nullptr, unread) : QString(),
          {models::DockState::Phase::Live, {}, {}});
    const models::DockState calm{models::DockState::Phase::Live, {}, {}};
    title(m_docks[MarketsDock], m_snapshot != nullptr ? QString::number(m_snapshot->markets.size()) : QString(), calm);
    title(m_docks[ConnectionsDock], {}, calm);
    if (m_snapshot == nullptr)
        return;
    const QString mode = m_banner->text().section(u' ', 0, 0);
    const QString symbol =
        m_snapshot->markets.empty()
            ? QString()
            : QString::fromStdString(m_snapshot->markets.front().key.symbol.string()) + u" – "_s;
    setWindowTitle(symbol + u"ETRMS"_s + (mode.isEmpty() ? QString() : u" ["_s + mode + u']'));
}

void MainWindow::refreshNow()
{
    onChanged();
    refreshTables();
}

void MainWindow::checkSilence()
{
    const bool silent =
        m_snapshot != nullptr && m_sinceSnapshot.isValid() && m_sinceSnapshot.elapsed() >= kSilenceMs;
    if (!silent)
        return;
    m_status->showSilence(std::chrono::milliseconds{m_sinceSnapshot.elapsed()});
    m_status->showSnapshot(m_snapshot.get());
}

void MainWindow::raiseLocal(const std::string &text, core::orders::Severity severity)
{
    core::runtime::AlertRow row;
    row.id = m_localAlertId--;
    row.severity = severity;
    row.code = "layout";
    row.source = "window";
    row.text = text;
    m_localAlerts.push_back(std::move(row));
    showLocalAlerts();
}

/// The screen has no clock of its own: its alerts carry the engine's time and wait for the first snapshot.
void MainWindow::showLocalAlerts()
{
    if (m_snapshot == nullptr || m_localAlerts.empty())
        return;
    for (core::runtime::AlertRow &row : m_localAlerts)
        row.at = m_snapshot->at;
    m_alerts->append(std::exchange(m_localAlerts, {}));
}

QImage MainWindow::grabWindow()
{
    refreshNow();
    m_orderFlow->chart()->settle();
    QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest); // rows that came with this refresh
    return grab().toImage();
}

} // namespace ui::shell
