#include <cstdio>

#include <QtCore/QCommandLineParser>
#include <QtCore/QDir>
#include <QtWidgets/QApplication>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QTableWidget>

#include "tests/ui/fake_accounts.h"
#include "tests/ui/fake_terminal.h"
#include "ui/controls/state_page.h"
#include "ui/panels/orderflow/order_flow_panel.h"
#include "ui/panels/positions/orders_panel.h"
#include "ui/panels/positions/positions_panel.h"
#include "ui/panels/risk/risk_panel.h"
#include "ui/shell/accounts_dialog.h"
#include "ui/shell/arming_dialog.h"
#include "ui/shell/limits_dialog.h"
#include "ui/shell/main_window.h"
#include "ui/shell/order_ticket.h"
#include "ui/shell/panic_dialog.h"

using namespace Qt::StringLiterals;

namespace
{

/// Lets queued layout work run; nothing here waits for time to pass.
void settle()
{
    for (int i = 0; i < 5; ++i)
        QApplication::processEvents(QEventLoop::AllEvents);
}

bool shoot(const QDir &folder, tests::FakeTerminal::Scenario scenario, const QString &name, QSize size,
           ui::theme::Scheme scheme)
{
    tests::FakeTerminal terminal(scenario);
    ui::shell::MainWindow window(terminal, {.stateDir = {}, .size = size, .scheme = scheme});
    window.show();
    settle();
    for (int i = 0; i < 90; ++i)
        terminal.advance(4);
    settle();
    for (ui::controls::StatePage *page : {window.orderFlow()->page(), window.positions()->page(),
                                          window.orders()->page(), window.risk()->page()})
        page->setLoadingElapsed(4000);
    const QString file = folder.filePath(u"%1-%2x%3.png"_s.arg(name).arg(size.width()).arg(size.height()));
    const bool saved = window.grabWindow().save(file);
    std::printf("%s %s\n", saved ? "wrote" : "FAILED", qPrintable(file));
    return saved;
}

bool shootArmingDialog(const QDir &folder)
{
    tests::FakeTerminal terminal(tests::FakeTerminal::Scenario::Live);
    ui::shell::MainWindow window(terminal, {});
    window.show();
    for (int i = 0; i < 90; ++i)
        terminal.advance(4);
    window.refreshNow();
    window.action(u"protection.arm"_s)->trigger();
    settle();
    const QString file = folder.filePath(u"arming-dialog.png"_s);
    const bool saved = window.armingDialog()->grab().save(file);
    std::printf("%s %s\n", saved ? "wrote" : "FAILED", qPrintable(file));
    return saved;
}

/// Two months with a bad week.
core::runtime::Past somePast(core::UtcTime now)
{
    using std::chrono::hours;
    core::runtime::Past past{.from = now - core::runtime::kPastKept, .to = now, .accounts = {}, .problem = {}};
    core::risk::History history;
    for (int day = 60; day > 0; --day) {
        const int lost = day > 30 && day < 38 ? 350 : 40;
        const core::UtcTime at = now - hours{24 * day};
        history.equity.push_back({core::Venue::Binance, at, core::Money::fromRaw(1'200'000'000'000)});
        history.equity.push_back({core::Venue::Binance, at + hours{4}, core::Money::fromRaw((12'000LL - lost) * 100'000'000)});
    }
    past.accounts.push_back(history);
    return past;
}

bool shootRiskScreens(const QDir &folder)
{
    tests::FakeTerminal terminal(tests::FakeTerminal::Scenario::Live);
    ui::shell::MainWindow window(terminal, {});
    window.show();
    for (int i = 0; i < 90; ++i)
        terminal.advance(4);
    auto snapshot = terminal.copy();
    snapshot.guard.accounts.front().limits = core::risk::defaultLimits();
    terminal.publish(snapshot);
    terminal.publishPast(somePast(snapshot.at));
    window.refreshNow();
    window.action(u"protection.limits"_s)->trigger();
    window.refreshNow();
    window.action(u"orders.new"_s)->trigger();
    for (const auto &[name, text] : {std::pair(u"ticketPrice"_s, u"67000"_s), std::pair(u"ticketStop"_s, u"66000"_s),
                                     std::pair(u"ticketFee"_s, u"0.05"_s), std::pair(u"ticketSize"_s, u"0.05"_s)})
        window.orderTicket()->findChild<QLineEdit *>(name)->setText(text);
    window.panicDialog()->follow({}, terminal.snapshot().get());
    terminal.advance(4);
    window.refreshNow();
    settle();
    bool ok = true;
    for (const auto &[dialog, name] : {std::pair<QWidget *, QString>(window.limitsDialog(), u"limits"_s),
                                       std::pair<QWidget *, QString>(window.orderTicket(), u"ticket"_s),
                                       std::pair<QWidget *, QString>(window.panicDialog(), u"panic"_s)}) {
        const QString file = folder.filePath(name + u".png"_s);
        const bool saved = dialog->grab().save(file);
        std::printf("%s %s\n", saved ? "wrote" : "FAILED", qPrintable(file));
        ok = ok && saved;
    }
    return ok;
}

bool shootAccountsDialog(const QDir &folder, core::runtime::KeyPlace place, const QString &name)
{
    using core::secrets::AccountProfile;
    tests::FakeTerminal terminal(tests::FakeTerminal::Scenario::Live);
    ui::shell::MainWindow window(terminal, {});
    window.show();
    tests::FakeAccounts accounts;
    accounts.place = place;
    accounts.list = {AccountProfile{.label = "main", .address = {}, .vaultAddress = {}},
                     AccountProfile{.label = "play",
                                    .venue = core::Venue::Hyperliquid,
                                    .environment = core::secrets::Environment::Testnet,
                                    .keyType = core::secrets::KeyType::Agent,
                                    .address = {},
                                    .vaultAddress = {}}};
    accounts.rights = core::ports::KeyRights{.reads = true,
                                             .trades = true,
                                             .withdraws = false,
                                             .restrictedToAddress = true,
                                             .expires = {},
                                             .signer = {},
                                             .remarks = {"one-way mode"}};
    ui::shell::AccountsDialog dialog(accounts, &window);
    dialog.show();
    settle();
    dialog.findChild<QTableWidget *>()->selectRow(0);
    if (place == core::runtime::KeyPlace::SystemStore)
        dialog.findChild<QPushButton *>(u"testStored"_s)->click();
    settle();
    const QString file = folder.filePath(name);
    const bool saved = dialog.grab().save(file);
    std::printf("%s %s\n", saved ? "wrote" : "FAILED", qPrintable(file));
    return saved;
}

} // namespace

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    if (argc < 2) {
        std::fprintf(stderr, "usage: etrms_shots FOLDER [SCENARIO …]\n");
        return 2;
    }
    const QDir folder(QString::fromLocal8Bit(argv[1]));
    if (!folder.mkpath(u"."_s))
        return 1;
    const QStringList wanted = QApplication::arguments().mid(2);
    bool ok = true;
    for (const auto &[scenario, name] : tests::FakeTerminal::scenarios()) {
        if (!wanted.isEmpty() && !wanted.contains(name))
            continue;
        for (const QSize size : {QSize(1600, 1000), QSize(1280, 720)})
            ok = shoot(folder, scenario, name, size, ui::theme::Scheme::Dark) && ok;
    }
    if (wanted.isEmpty() || wanted.contains(u"colour-safe"_s))
        ok = shoot(folder, tests::FakeTerminal::Scenario::Near, u"colour-safe"_s, {1600, 1000},
                   ui::theme::Scheme::ColourSafe) &&
             ok;
    if (wanted.isEmpty() || wanted.contains(u"arming"_s))
        ok = shootArmingDialog(folder) && ok;
    if (wanted.isEmpty() || wanted.contains(u"risk"_s))
        ok = shootRiskScreens(folder) && ok;
    if (wanted.isEmpty() || wanted.contains(u"accounts"_s))
        ok = shootAccountsDialog(folder, core::runtime::KeyPlace::SystemStore, u"accounts.png"_s) &&
             shootAccountsDialog(folder, core::runtime::KeyPlace::NewSealedFile, u"accounts-sealed.png"_s) && ok;
    return ok ? 0 : 1;
}
