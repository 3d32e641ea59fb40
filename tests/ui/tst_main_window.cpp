#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include <QtCore/QTemporaryDir>
#include <QtWidgets/QDockWidget>
#include <QtWidgets/QPushButton>

#include "tests/ui/fake_terminal.h"
#include "ui/controls/hold_button.h"
#include "ui/controls/state_chip.h"
#include "ui/controls/state_page.h"
#include "ui/models/alerts_model.h"
#include "ui/panels/alerts/alerts_panel.h"
#include "ui/panels/orderflow/chart_view.h"
#include "ui/panels/orderflow/order_flow_panel.h"
#include "ui/panels/positions/positions_panel.h"
#include "ui/panels/risk/account_summary.h"
#include "ui/panels/risk/risk_panel.h"
#include "ui/shell/arming_dialog.h"
#include "ui/shell/layout_store.h"
#include "ui/shell/main_window.h"
#include "ui/shell/quit_dialog.h"
#include "ui/shell/status_strip.h"
#include "ui/shell/top_bar.h"

using namespace Qt::StringLiterals;
using core::risk::Arming;
using core::runtime::Flatten;
using core::runtime::SetArming;
using tests::FakeTerminal;
using ui::shell::MainWindow;
using Scenario = FakeTerminal::Scenario;

namespace
{

struct Desk {
    explicit Desk(Scenario scenario, const QString &stateDir = {}) : terminal(scenario)
    {
        window = std::make_unique<MainWindow>(
            terminal, ui::shell::WindowOptions{.stateDir = stateDir, .size = {1600, 1000}});
        window->show();
        QApplication::processEvents();
        terminal.advance(40);
        window->refreshNow();
    }
    void hold(ui::controls::HoldButton *button) const
    {
        QSignalSpy held(button, &ui::controls::HoldButton::held);
        QTest::mousePress(button, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(held.count(), 1, 5000);
        QTest::mouseRelease(button, Qt::LeftButton);
    }
    template <class Intent> [[nodiscard]] std::vector<Intent> sent() const
    {
        std::vector<Intent> found;
        for (const auto &intent : terminal.intents) {
            if (const auto *match = std::get_if<Intent>(&intent))
                found.push_back(*match);
        }
        return found;
    }
    FakeTerminal terminal;
    std::unique_ptr<MainWindow> window;
};

} // namespace

class TestMainWindow : public QObject
{
    Q_OBJECT

private slots:
    void panicIsAHoldAndFlattensEverything();
    void panicKeyFocusesAndDoesNotPress();
    void loweringTakesOnePress();
    void armingTakesADialogWithNumbersAndAHold();
    void armingNeedsFreshData();
    void barSaysArmingAndBreaker_data();
    void barSaysArmingAndBreaker();
    void docksSayTheirState_data();
    void docksSayTheirState();
    void loadingShowsSkeletonThenReason();
    void unknownIsNeverZero();
    void runningActionsAreShown();
    void trippedBreakersComeFirst();
    void layoutComesBack();
    void garbageLayoutIsKeptAside();
    void foreignDockStateFallsBackToDefault();
    void resetAndLockLayout();
    void pictureHasTheWholeWindow();
    void alertsJoinAndCountUnread();
    void silentEngineIsNamed();
    void quittingOnRealPositionsAsks();
    void keysReachEveryDock();
    void spaceFreezesTheChartAndCReturns();
    void controlsHaveNames();
    void theMenuAsksForTheAccounts();
};

void TestMainWindow::theMenuAsksForTheAccounts()
{
    Desk desk(Scenario::Live);
    QSignalSpy asked(desk.window.get(), &MainWindow::accountsRequested);
    QAction *action = desk.window->action(u"accounts.open"_s);
    QVERIFY(action != nullptr && action->isEnabled());
    action->trigger();
    QCOMPARE(asked.count(), 1);
}

void TestMainWindow::panicIsAHoldAndFlattensEverything()
{
    Desk desk(Scenario::Live);
    QTest::mouseClick(desk.window->topBar()->panic(), Qt::LeftButton);
    QVERIFY(desk.terminal.intents.empty());
    desk.hold(desk.window->topBar()->panic());
    const auto sent = desk.sent<Flatten>();
    QCOMPARE(sent.size(), std::size_t{1});
    QVERIFY(!sent.front().instrument);
    QCOMPARE(sent.front().by, std::string("panic"));
}

void TestMainWindow::panicKeyFocusesAndDoesNotPress()
{
    Desk desk(Scenario::Offline); // also without a connection
    desk.window->action(u"protection.panic"_s)->trigger();
    QCOMPARE(desk.window->focusWidget(), desk.window->topBar()->panic());
    QVERIFY(desk.window->topBar()->panic()->isEnabled());
    QVERIFY(desk.terminal.intents.empty());
}

void TestMainWindow::loweringTakesOnePress()
{
    Desk desk(Scenario::Armed);
    QTest::mouseClick(desk.window->topBar()->autoClose(), Qt::LeftButton);
    desk.window->action(u"protection.alertOnly"_s)->trigger();
    const auto sent = desk.sent<SetArming>();
    QCOMPARE(sent.size(), std::size_t{2});
    for (const SetArming &intent : sent)
        QCOMPARE(intent.arming, Arming::AlertOnly);
    QCOMPARE(desk.window->action(u"protection.alertOnly"_s)->shortcut(), QKeySequence(u"Ctrl+Shift+D"_s));
}

void TestMainWindow::armingTakesADialogWithNumbersAndAHold()
{
    Desk desk(Scenario::Live);
    QTest::mouseClick(desk.window->topBar()->autoClose(), Qt::LeftButton);
    ui::shell::ArmingDialog *dialog = desk.window->armingDialog();
    QVERIFY(dialog->isVisible());
    QVERIFY(desk.terminal.intents.empty());
    const QString text = dialog->text();
    QVERIFY2(text.contains(u"30.00\u00A0%"_s) && text.contains(u"BTCUSDT"_s) && text.contains(u"0.250"_s),
             qPrintable(text));
    QTest::keyClick(dialog, Qt::Key_Escape);
    QVERIFY(!dialog->isVisible());
    QVERIFY(desk.terminal.intents.empty()); // Esc never means yes
    desk.window->action(u"protection.arm"_s)->trigger();
    desk.hold(dialog->holdButton());
    const auto sent = desk.sent<SetArming>();
    QCOMPARE(sent.size(), std::size_t{1});
    QCOMPARE(sent.front().arming, Arming::Armed);
    QVERIFY(!dialog->isVisible());
}

void TestMainWindow::armingNeedsFreshData()
{
    for (const Scenario scenario : {Scenario::StaleOneVenue, Scenario::Offline, Scenario::Loading}) {
        Desk desk(scenario);
        desk.window->action(u"protection.arm"_s)->trigger();
        QVERIFY(!desk.window->armingDialog()->holdButton()->isEnabled());
        QVERIFY(!desk.window->armingDialog()->obstacle(desk.terminal.snapshot().get()).isEmpty());
    }
}

void TestMainWindow::barSaysArmingAndBreaker_data()
{
    QTest::addColumn<int>("scenario");
    QTest::addColumn<QString>("autoClose");
    QTest::addColumn<QString>("breakers");
    QTest::newRow("live") << int(Scenario::Live) << u"Auto-close ALERT-ONLY"_s << u"Breakers: Watching"_s;
    QTest::newRow("armed") << int(Scenario::Armed) << u"Auto-close ARMED"_s << u"Breakers: Watching"_s;
    QTest::newRow("blind") << int(Scenario::Blind) << u"ARMED · BLIND: mark price is 4 s old"_s
                           << u"Breakers: Watching"_s;
    QTest::newRow("near") << int(Scenario::Near) << u"Auto-close ALERT-ONLY"_s << u"Breakers: NEAR"_s;
    QTest::newRow("tripped") << int(Scenario::Tripped) << u"Auto-close ARMED"_s << u"Breakers: TRIPPED"_s;
    QTest::newRow("stale") << int(Scenario::StaleOneVenue) << u"Auto-close ALERT-ONLY"_s
                           << u"Breakers: Unknown"_s;
}

void TestMainWindow::barSaysArmingAndBreaker()
{
    QFETCH(int, scenario);
    QFETCH(QString, autoClose);
    QFETCH(QString, breakers);
    Desk desk(static_cast<Scenario>(scenario));
    QCOMPARE(desk.window->topBar()->autoClose()->text(), autoClose);
    QCOMPARE(desk.window->topBar()->breakers()->text(), breakers);
}

void TestMainWindow::docksSayTheirState_data()
{
    QTest::addColumn<int>("scenario");
    QTest::addColumn<QString>("tab");
    QTest::addColumn<QString>("status");
    QTest::newRow("live") << int(Scenario::Live) << u"Positions  2"_s << u"Binance USD-M live"_s;
    QTest::newRow("empty") << int(Scenario::Empty) << u"Positions  0"_s << u"Binance USD-M live"_s;
    QTest::newRow("loading") << int(Scenario::Loading) << u"Positions"_s << u"Binance USD-M connecting"_s;
    QTest::newRow("stale") << int(Scenario::StaleOneVenue) << u"Positions  2  ·  STALE 12\u00A0s"_s
                           << u"Binance USD-M degraded: book BTCUSDT stale"_s;
    QTest::newRow("offline") << int(Scenario::Offline) << u"Positions  2  ·  OFFLINE 01:34"_s
                             << u"Binance USD-M lost, reconnecting"_s;
}

void TestMainWindow::docksSayTheirState()
{
    QFETCH(int, scenario);
    QFETCH(QString, tab);
    QFETCH(QString, status);
    Desk desk(static_cast<Scenario>(scenario));
    QCOMPARE(desk.window->findChild<QDockWidget *>(u"positions"_s)->windowTitle(), tab);
    QVERIFY2(desk.window->statusStrip()->leftText().startsWith(status),
             qPrintable(desk.window->statusStrip()->leftText()));
}

void TestMainWindow::loadingShowsSkeletonThenReason()
{
    Desk desk(Scenario::Loading);
    ui::controls::StatePage *page = desk.window->positions()->page();
    page->setLoadingElapsed(0);
    QVERIFY(!page->showsSkeleton());
    page->setLoadingElapsed(250);
    QVERIFY(page->showsSkeleton());
    QVERIFY(page->visibleText().isEmpty());
    page->setLoadingElapsed(3000);
    QCOMPARE(page->visibleText(), u"Waiting for Binance USD-M: account snapshot."_s);
}

void TestMainWindow::unknownIsNeverZero()
{
    Desk desk(Scenario::Live);
    QCOMPARE(desk.window->risk()->summary()->textOf(u"Day PnL"_s), u"—"_s);
    auto snapshot = desk.terminal.copy();
    snapshot.account.totals->equity = core::Money{};
    desk.terminal.publish(snapshot);
    desk.window->refreshNow();
    const auto bars = desk.window->risk()->bars();
    QVERIFY(!bars.front().share);
    QCOMPARE(bars.front().value, u"—"_s);
    QCOMPARE(bars.front().word, u"Unknown"_s);
}

void TestMainWindow::runningActionsAreShown()
{
    Desk desk(Scenario::Tripped);
    const QStringList actions = desk.window->risk()->actionTexts();
    QCOMPARE(actions.size(), 2);
    QVERIFY2(actions[0].startsWith(u"BTCUSDT FLAT in 1.8 s"_s), qPrintable(actions[0]));
    QVERIFY2(actions[1].contains(u"verifying"_s) && actions[1].contains(u"2.6 of 4.0"_s),
             qPrintable(actions[1]));
}

void TestMainWindow::trippedBreakersComeFirst()
{
    Desk desk(Scenario::Tripped);
    const auto bars = desk.window->risk()->bars();
    QCOMPARE(bars.front().word, u"TRIPPED"_s);
    QVERIFY(bars.front().alarmed);
}

void TestMainWindow::layoutComesBack()
{
    QTemporaryDir dir;
    {
        Desk desk(Scenario::Live, dir.path());
        auto *risk = desk.window->findChild<QDockWidget *>(u"risk"_s);
        desk.window->findChild<QDockWidget *>(u"alerts"_s)->close();
        desk.window->resizeDocks({risk}, {420}, Qt::Horizontal);
        desk.window->action(u"view.lockLayout"_s)->setChecked(true);
        QApplication::processEvents();
        QCOMPARE(risk->width(), 420);
        desk.window->close();
    }
    QVERIFY(QFile::exists(dir.filePath(u"layout.bin"_s)));
    Desk desk(Scenario::Live, dir.path());
    QTRY_COMPARE(desk.window->findChild<QDockWidget *>(u"risk"_s)->width(), 420);
    QVERIFY(!desk.window->findChild<QDockWidget *>(u"alerts"_s)->isVisible());
    QVERIFY(desk.window->action(u"view.lockLayout"_s)->isChecked());
}

void TestMainWindow::garbageLayoutIsKeptAside()
{
    QTemporaryDir dir;
    const QByteArray garbage("this is no layout at all");
    QFile file(dir.filePath(u"layout.bin"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(garbage);
    file.close();
    Desk desk(Scenario::Empty, dir.path());
    QFile bad(dir.filePath(u"layout.bin.bad"_s));
    QVERIFY(bad.open(QIODevice::ReadOnly));
    QCOMPARE(bad.readAll(), garbage);
    QVERIFY(!file.exists());
    QCOMPARE(desk.window->alerts()->model()->rowCount(), 1);
    QVERIFY(desk.window->findChild<QDockWidget *>(u"risk"_s)->isVisible());
}

void TestMainWindow::foreignDockStateFallsBackToDefault()
{
    QTemporaryDir dir;
    {
        Desk first(Scenario::Empty, dir.path());
        first.window->close();
    }
    ui::shell::LayoutStore store(dir.path());
    ui::shell::LayoutStore::Layout layout;
    QCOMPARE(store.load(layout), ui::shell::LayoutStore::Outcome::Loaded);
    layout.docks = QByteArray("not a dock state");
    QVERIFY(store.save(layout));
    Desk desk(Scenario::Empty, dir.path());
    QTRY_VERIFY(QFile::exists(dir.filePath(u"layout.bin.bad"_s)));
    QCOMPARE(desk.window->alerts()->model()->rowCount(), 1);
}

void TestMainWindow::resetAndLockLayout()
{
    Desk desk(Scenario::Live);
    auto *alerts = desk.window->findChild<QDockWidget *>(u"alerts"_s);
    alerts->close();
    desk.window->action(u"view.lockLayout"_s)->setChecked(true);
    QCOMPARE(alerts->features(), QDockWidget::NoDockWidgetFeatures);
    desk.window->action(u"view.resetLayout"_s)->trigger();
    QTRY_VERIFY(alerts->isVisible());
    QTRY_COMPARE(desk.window->findChild<QDockWidget *>(u"risk"_s)->width(), 348);
}

void TestMainWindow::pictureHasTheWholeWindow()
{
    Desk desk(Scenario::Live);
    const QImage picture = desk.window->grabWindow();
    QCOMPARE(picture.size(), QSize(1600, 1000));
    // The banner is there and in its colour.
    QCOMPARE(picture.pixelColor(20, 54), ui::theme::tokensFor(ui::theme::Scheme::Dark).demo);
    // Same scenario, same pixels.
    Desk again(Scenario::Live);
    QCOMPARE(again.window->grabWindow(), picture);
}

void TestMainWindow::alertsJoinAndCountUnread()
{
    Desk desk(Scenario::Empty);
    core::runtime::AlertRow row;
    row.id = 500;
    row.severity = core::orders::Severity::Warning;
    row.text = "Loss is near its limit.";
    desk.terminal.publishAlert(row);
    row.count = 2;
    desk.terminal.publishAlert(row);
    row.id = 501;
    row.restored = true;
    desk.terminal.publishAlert(row);
    auto *model = desk.window->alerts()->model();
    QCOMPARE(model->rowCount(), 2);
    QCOMPARE(model->unread(), 1); // joined alerts count once, restored ones not at all
    QCOMPARE(model->at(1)->count, 2);
    model->markAllRead();
    QCOMPARE(model->unread(), 0);
}

void TestMainWindow::silentEngineIsNamed()
{
    Desk desk(Scenario::Live);
    auto *strip = desk.window->statusStrip();
    strip->showSilence(std::chrono::seconds{5});
    strip->showSnapshot(desk.terminal.snapshot().get());
    QVERIFY2(strip->leftText().startsWith(u"Engine silent for 5.0\u00A0s"_s), qPrintable(strip->leftText()));
}

void TestMainWindow::quittingOnRealPositionsAsks()
{
    Desk demo(Scenario::Armed);
    QVERIFY(demo.window->close()); // nothing real is lost
    Desk desk(Scenario::Armed);
    auto snapshot = desk.terminal.copy();
    snapshot.mode = core::runtime::Mode::Testnet;
    desk.terminal.publish(snapshot);
    QVERIFY(!desk.window->close());
    auto *dialog = desk.window->findChild<ui::shell::QuitDialog *>();
    QVERIFY(dialog != nullptr);
    QVERIFY2(dialog->text().contains(u"armed"_s) && dialog->text().contains(u"stay at Binance USD-M: 1."_s),
             qPrintable(dialog->text()));
    QTest::keyClick(dialog, Qt::Key_Escape);
    QVERIFY(desk.window->isVisible());
    QTRY_VERIFY(desk.window->findChild<ui::shell::QuitDialog *>() == nullptr);
    QVERIFY(!desk.window->close());
    QTest::mouseClick(desk.window->findChild<QPushButton *>(u"quitAnyway"_s), Qt::LeftButton);
    QTRY_VERIFY(!desk.window->isVisible());
}

void TestMainWindow::keysReachEveryDock()
{
    Desk desk(Scenario::Live);
    desk.window->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(desk.window.get()));
    const QStringList owners{u"positions"_s, u"orders"_s,  u"risk"_s,       u"orderflow"_s,
                             u"alerts"_s,    u"markets"_s, u"connections"_s};
    for (qsizetype i = 0; i < owners.size(); ++i) {
        QTest::keyClick(desk.window.get(), static_cast<Qt::Key>(Qt::Key_1 + static_cast<int>(i)),
                        Qt::AltModifier);
        const auto *owner = desk.window->findChild<QWidget *>(owners[i]);
        QTRY_VERIFY2(QApplication::focusWidget() != nullptr &&
                         owner->isAncestorOf(QApplication::focusWidget()),
                     qPrintable(owners[i]));
    }
    QTest::keyClick(desk.window.get(), Qt::Key_F6); // from the last one around to positions
    QTRY_VERIFY(desk.window->findChild<QWidget *>(u"positions"_s)->isAncestorOf(QApplication::focusWidget()));
}

void TestMainWindow::spaceFreezesTheChartAndCReturns()
{
    Desk desk(Scenario::Live);
    desk.window->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(desk.window.get()));
    desk.window->orderFlow()->chart()->setFocus();
    QTest::keyClick(desk.window->orderFlow()->chart(), Qt::Key_Space);
    QVERIFY(desk.window->orderFlow()->chart()->isPaused());
    QTest::keyClick(desk.window.get(), Qt::Key_C);
    QVERIFY(!desk.window->orderFlow()->chart()->isPaused());
    QVERIFY(desk.terminal.intents.empty());
}

void TestMainWindow::controlsHaveNames()
{
    Desk desk(Scenario::Live);
    for (const QAbstractButton *button : desk.window->findChildren<QAbstractButton *>()) {
        if (button->isVisible() && button->focusPolicy() != Qt::NoFocus)
            QVERIFY2(!button->accessibleName().isEmpty(), qPrintable(button->objectName()));
    }
    for (const QAction *action : desk.window->actions())
        QVERIFY(!action->text().isEmpty() && !action->objectName().isEmpty());
}

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"
