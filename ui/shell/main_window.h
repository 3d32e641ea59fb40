#pragma once

#include <memory>
#include <optional>

#include <QtCore/QElapsedTimer>
#include <QtCore/QTimer>
#include <QtGui/QImage>
#include <QtWidgets/QMainWindow>

#include "core/runtime/terminal.h"
#include "ui/shell/layout_store.h"
#include "ui/theme/theme.h"

class QActionGroup;
class QDockWidget;
class QMenu;

namespace ui::controls
{
class DockTitleBar;
}
namespace ui::panels
{
class AlertsPanel;
class ConnectionsPanel;
class MarketsPanel;
class OrderFlowPanel;
class OrdersPanel;
class PositionsPanel;
class RiskPanel;
} // namespace ui::panels

namespace ui::shell
{

class ArmingDialog;
class LimitsDialog;
class ModeBanner;
class OrderTicket;
class PanicDialog;
class StatusStrip;
class TopBar;
struct PanicScope;

struct WindowOptions {
    QString stateDir;       ///< layout is kept here; empty: nothing is loaded or kept
    QSize size{1600, 1000}; ///< when no layout is kept
    theme::Scheme scheme{theme::Scheme::Dark};
};

/// The whole screen over one Terminal: it draws snapshots and sends intents, and knows nothing else. The
/// terminal outlives it. Gui thread. Charts follow at most 30 times a second, tables at most 4 times.
class MainWindow final : public QMainWindow
{
    Q_OBJECT

public:
    MainWindow(core::runtime::Terminal &terminal, WindowOptions options, QWidget *parent = nullptr);
    ~MainWindow() override;

    /// The window as it stands, banner and all, in device pixels, after drawing everything that is pending.
    [[nodiscard]] QImage grabWindow();
    /// Takes what is new from the terminal and shows it, tables included.
    void refreshNow();

    [[nodiscard]] TopBar *topBar() const { return m_topBar; }
    [[nodiscard]] StatusStrip *statusStrip() const { return m_status; }
    [[nodiscard]] panels::OrderFlowPanel *orderFlow() const { return m_orderFlow; }
    [[nodiscard]] panels::PositionsPanel *positions() const { return m_positions; }
    [[nodiscard]] panels::OrdersPanel *orders() const { return m_orders; }
    [[nodiscard]] panels::RiskPanel *risk() const { return m_risk; }
    [[nodiscard]] panels::AlertsPanel *alerts() const { return m_alerts; }
    [[nodiscard]] panels::MarketsPanel *markets() const { return m_markets; }
    [[nodiscard]] panels::ConnectionsPanel *connections() const { return m_connections; }
    [[nodiscard]] ModeBanner *banner() const { return m_banner; }
    [[nodiscard]] ArmingDialog *armingDialog() const { return m_armingDialog; }
    [[nodiscard]] PanicDialog *panicDialog() const { return m_panicDialog; }
    [[nodiscard]] LimitsDialog *limitsDialog() const { return m_limitsDialog; }
    [[nodiscard]] OrderTicket *orderTicket() const { return m_ticket; }
    /// Registered actions by object name ("view.resetLayout", "protection.alertOnly", …).
    [[nodiscard]] QAction *action(const QString &name) const;

    static constexpr int kLayoutVersion = 2;

signals:
    /// From the page that says that nothing can be reached, or the menu: end this run and start the demo, or start over.
    void demoRequested();
    void retryRequested();
    /// From the menu Accounts: show the list of accounts.
    void accountsRequested();

protected:
    void showEvent(QShowEvent *event) override;
    void closeEvent(QCloseEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    enum DockIndex : std::size_t { RiskDock, PositionsDock, OrdersDock, AlertsDock, MarketsDock, ConnectionsDock };
    struct Dock {
        QDockWidget *dock{nullptr};
        controls::DockTitleBar *title{nullptr};
        QString name;
    };

    void buildDocks();
    void buildActions();
    void buildMenus();
    Dock addDock(const QString &objectName, const QString &name, QWidget *content, bool closable);
    QAction *addNamed(const QString &name, const QString &text, const QList<QKeySequence> &keys = {});
    void applyTheme();
    void applyDefaultLayout();
    void resizeDocksToDefault();
    void restoreLayout();
    void saveLayout();
    void updateTitleBars();
    void setLayoutLocked(bool locked);
    void onChanged();
    void refreshTables();
    void showDockStates();
    void checkSilence();
    void raiseLocal(const std::string &text, core::orders::Severity severity);
    void showLocalAlerts();
    void pressAutoClose();
    void openArmingDialog(std::optional<core::Venue> account = {});
    void sendArming(core::risk::Arming arming, std::optional<core::Venue> account = {});
    void buildRiskScreens();
    void fillPanicMenu();
    void fillAutoCloseMenu();
    void panic(const PanicScope &scope);
    void askRelease(const QString &lockout);
    void openLimits();
    void openTicket();
    void showRiskScreens();
    /// For a wish with an answer; never used twice, also over restarts.
    [[nodiscard]] std::string newWish() const;
    void focusDock(std::size_t number);
    void cycleDock(int step);
    void showDock(std::size_t index);
    [[nodiscard]] std::vector<QWidget *> dockOrder() const;

    core::runtime::Terminal &m_terminal;
    WindowOptions m_options;
    LayoutStore m_store;
    theme::Theme m_theme;
    std::shared_ptr<const core::runtime::TerminalSnapshot> m_snapshot;

    QMenu *m_menu{nullptr};                       // child
    TopBar *m_topBar{nullptr};                    // child
    ModeBanner *m_banner{nullptr};                // child
    StatusStrip *m_status{nullptr};               // child
    panels::OrderFlowPanel *m_orderFlow{nullptr}; // child
    panels::PositionsPanel *m_positions{nullptr}; // child
    panels::OrdersPanel *m_orders{nullptr};       // child
    panels::RiskPanel *m_risk{nullptr};           // child
    panels::AlertsPanel *m_alerts{nullptr};       // child
    panels::MarketsPanel *m_markets{nullptr};     // child
    panels::ConnectionsPanel *m_connections{nullptr}; // child
    ArmingDialog *m_armingDialog{nullptr};        // child
    PanicDialog *m_panicDialog{nullptr};          // child
    LimitsDialog *m_limitsDialog{nullptr};        // child
    OrderTicket *m_ticket{nullptr};               // child
    QMenu *m_panicMenu{nullptr};                  // child
    QMenu *m_autoCloseMenu{nullptr};              // child
    std::vector<Dock> m_docks;                    // in the order of DockIndex
    QTimer m_tableTimer;
    QTimer m_watch;
    QElapsedTimer m_sinceTables;
    QElapsedTimer m_sinceSnapshot;
    LayoutStore::Layout m_layout;
    bool m_layoutPending{false};
    bool m_shown{false};
    bool m_quitConfirmed{false};
    bool m_locked{false};
    bool m_marketsRaised{false};
    std::vector<core::runtime::AlertRow> m_localAlerts; ///< not shown yet
    std::int64_t m_localAlertId{-1}; ///< below zero: alerts of the screen itself, not of the engine
};

} // namespace ui::shell
