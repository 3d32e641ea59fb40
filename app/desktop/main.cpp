#include <cstdio>

#include <QtCore/QDir>
#include <QtCore/QTimer>
#include <QtWidgets/QApplication>

#include <fmt/format.h>

#include "app/common/arguments.h"
#include "app/common/exit_status.h"
#include "app/common/log.h"
#include "app/common/signals.h"
#include "app/common/version.h"
#include "app/desktop/desktop_options.h"
#include "app/desktop/headless_run.h"
#include "app/desktop/session.h"
#include "app/desktop/watch_report.h"
#include "core/net/system_clock.h"
#include "core/runtime/lease.h"
#include "core/secrets/process_memory.h"
#include "core/storage/check.h"
#include "core/storage/csv.h"
#include "ui/panels/orderflow/order_flow_panel.h"
#include "ui/shell/accounts_dialog.h"
#include "ui/shell/main_window.h"
#include "ui/shell/mode_banner.h"

using namespace Qt::StringLiterals;
using namespace app;
using namespace app::desktop;

namespace
{
const QString kProgram = u"etrms"_s;

/// Without asking: `quit` asks the window first, which asks a person when there is a position, and there may be nobody.
void leave()
{
    QCoreApplication::exit();
}

/// Before QApplication exists: a headless run needs no display, and a picture is made on whatever there is.
void choosePlatform(const DesktopOptions &options)
{
    const bool noDisplay = qEnvironmentVariableIsEmpty("DISPLAY") && qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY");
    const bool unchosen = qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM");
    if (options.headless || (unchosen && noDisplay && !options.screenshot.isEmpty()))
        qputenv("QT_QPA_PLATFORM", "offscreen");
}

/// Arguments are read before a display is needed, so that --help and errors work everywhere.
[[nodiscard]] std::optional<int> readOptions(int argc, char **argv, DesktopOptions &options)
{
    const QCoreApplication forArguments(argc, argv);
    return readDesktopOptions(QCoreApplication::arguments().mid(1), options);
}

[[nodiscard]] bool savePicture(ui::shell::MainWindow &window, const QString &path)
{
    const QImage picture = window.grabWindow();
    if (!picture.isNull() && picture.save(path, "PNG"))
        return true;
    printError(kProgram, path + u": the picture cannot be written"_s);
    return false;
}

/// The database is closed: check it, write the trades, and say what was found.
[[nodiscard]] bool writeReport(const QDir &folder, const QString &database, HeadlessReport &report)
{
    const QString csv = folder.filePath(u"demo-report.csv"_s);
    const auto opened = core::storage::Database::open(database, core::storage::Access::ReadOnly, core::UtcTime{});
    const auto trades = opened ? core::storage::writeTradesCsv(*opened, csv)
                               : core::Result<std::int64_t>(core::fail(opened.error()));
    if (!trades) {
        printError(kProgram, trades.error());
        return false;
    }
    report.say(u"report   %1 (%2 trades)"_s.arg(csv).arg(qint64{*trades}));
    const auto check = core::storage::checkDatabase(database);
    if (!check) {
        printError(kProgram, check.error());
        return false;
    }
    report.say(u"database %1 (%2 journal rows, chain intact)"_s.arg(database).arg(qint64{check->journalRows}));
    return true;
}

[[nodiscard]] int runHeadlessDemo(const DesktopOptions &options, Session &session)
{
    constexpr qint64 kDefaultSeconds = 60;
    const QDir folder(options.outDir);
    if (!QDir().mkpath(options.outDir)) {
        printError(kProgram, u"--out "_s + options.outDir + u": the folder cannot be made"_s);
        return Failed;
    }
    HeadlessReport report;
    TappedTerminal terminal(session.terminal(), [&](const core::runtime::AlertRow &alert) { report.onAlert(alert); });
    ui::shell::MainWindow window(terminal, {.stateDir = {}, .size = options.size}); // a picture never depends on a kept layout
    window.show();
    QObject::connect(&terminal, &core::runtime::Terminal::changed, &window, [&] {
        if (const auto snapshot = terminal.snapshot())
            report.onSnapshot(*snapshot);
    });
    report.say(u"venue    %1 (%2)"_s.arg(QString::fromStdString(session.venue()->endpoints().restUrl), options.market));
    QTimer::singleShot(std::chrono::seconds(options.afterSeconds.value_or(kDefaultSeconds)), &window,
                       [] { QApplication::quit(); });
    QApplication::exec();

    const QString picture = folder.filePath(u"demo.png"_s);
    bool ok = savePicture(window, picture);
    if (ok)
        report.say(u"picture  "_s + picture);
    window.close();
    if (const auto stored = session.stop(); !stored) {
        printError(kProgram, stored.error());
        report.onNotStored();
        ok = false;
    } else {
        report.onAllStored();
    }
    ok = writeReport(folder, session.terminal().databasePath(), report) && ok;
    report.say(report.verdict());
    return ok && report.succeeded() ? Done : Failed;
}

/// Watches without a display and says what came; the picture shows what a person would see.
[[nodiscard]] int runHeadlessWatch(const DesktopOptions &options, Session &session)
{
    constexpr qint64 kDefaultSeconds = 15;
    const QDir folder(options.outDir);
    if (!QDir().mkpath(options.outDir)) {
        printError(kProgram, u"--out "_s + options.outDir + u": the folder cannot be made"_s);
        return Failed;
    }
    WatchReport report;
    ui::shell::MainWindow window(session.terminal(), {.stateDir = {}, .size = options.size});
    window.show();
    QObject::connect(&session.terminal(), &core::runtime::Terminal::changed, &window, [&] {
        if (const auto snapshot = session.terminal().snapshot())
            report.onSnapshot(*snapshot);
    });
    QTimer::singleShot(std::chrono::seconds(options.afterSeconds.value_or(kDefaultSeconds)), &window,
                       [] { leave(); });
    QApplication::exec();
    bool ok = savePicture(window, folder.filePath(u"watch.png"_s));
    const QString page = window.orderFlow()->state().sentence;
    if (!page.isEmpty())
        report.say(u"screen   "_s + page);
    report.say(u"banner   "_s + window.banner()->text());
    window.close();
    if (const auto stored = session.stop(); !stored) {
        printError(kProgram, stored.error());
        ok = false;
    }
    report.say(report.verdict());
    return ok && report.succeeded() ? Done : Failed;
}

enum class Next { Leave, Demo, Retry };

/// One window over one session, until the person leaves or asks for another session.
/// `onceHeld`: takes what is to be done when the lease changes hands.
[[nodiscard]] int runDesktop(const DesktopOptions &options, Session &session, Next &next,
                             const std::function<void(const std::function<void()> &)> &onceHeld)
{
    const bool picture = !options.screenshot.isEmpty();
    ui::shell::MainWindow window(session.terminal(),
                                 {.stateDir = picture ? QString() : options.dataDir, .size = options.size});
    const auto leaveFor = [&](Next what) {
        next = what;
        window.close(); // the last window: the event loop ends
    };
    QObject::connect(&window, &ui::shell::MainWindow::demoRequested, &window, [&] { leaveFor(Next::Demo); });
    QObject::connect(&window, &ui::shell::MainWindow::retryRequested, &window, [&] { leaveFor(Next::Retry); });
    QObject::connect(&window, &ui::shell::MainWindow::accountsRequested, &window, [&] {
        auto *dialog = new ui::shell::AccountsDialog(session.accounts(), &window);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->open();
    });
    onceHeld([&] { // nobody is asked: the program goes on
        next = Next::Retry;
        leave();
    });
    window.show();
    int status = Done;
    if (picture) {
        constexpr qint64 kDefaultSeconds = 10;
        QTimer::singleShot(std::chrono::seconds(options.afterSeconds.value_or(kDefaultSeconds)), &window, [&] {
            status = savePicture(window, options.screenshot) ? Done : Failed;
            leave();
        });
    }
    QApplication::exec();
    window.close();
    if (const auto stored = session.stop(); !stored) {
        printError(kProgram, stored.error());
        if (next != Next::Retry) // a lease that was lost takes the last records with it; the program goes on watching
            next = Next::Leave;
        return Failed;
    }
    return status;
}

/// The demo beside the data of the run that it follows: in a folder of its own, never in the one with live data.
[[nodiscard]] bool becomeDemo(DesktopOptions &options)
{
    QStringList arguments{u"--demo"_s};
    if (options.ownDataDir)
        arguments << u"--data-dir"_s << QDir(options.dataDir).filePath(u"demo"_s);
    DesktopOptions demo;
    if (readDesktopOptions(arguments, demo))
        return false;
    demo.size = options.size;
    options = std::move(demo);
    return true;
}

/// Tells the event loop that the lease changed hands; the thread of the lease calls it.
class LeaseWatch final : public QObject
{
public:
    /// Runs `act` on the gui thread when `lease` is no longer what `session` began with.
    void follow(const core::runtime::Lease &lease, bool acting, std::function<void()> act)
    {
        m_check = [&lease, acting, act = std::move(act)] {
            if (lease.view().ours != acting)
                act();
        };
        onChanged();
    }
    void forget() { m_check = nullptr; }
    [[nodiscard]] std::function<void()> notice()
    {
        return [this] { QMetaObject::invokeMethod(this, [this] { onChanged(); }, Qt::QueuedConnection); };
    }

private:
    void onChanged()
    {
        if (m_check)
            m_check();
    }
    std::function<void()> m_check;
};

[[nodiscard]] int run(DesktopOptions options)
{
    const core::net::SystemClock clock;
    LeaseWatch watch;
    std::unique_ptr<core::runtime::Lease> lease;
    QString leased;
    for (;;) {
        if (!lease || leased != options.dataDir) {
            lease.reset(); // given back before the next folder's is taken
            lease = std::make_unique<core::runtime::Lease>(options.dataDir, "etrms", clock, watch.notice());
            leased = options.dataDir;
            if (const auto started = lease->start(); !started) {
                printError(kProgram, started.error());
                return Failed;
            }
        }
        const bool acting = lease->view().ours;
        auto session = Session::start(options, *lease);
        if (!session) {
            printError(kProgram, session.error());
            return Failed;
        }
        if (options.headless)
            return options.where == Where::Demo ? runHeadlessDemo(options, **session) : runHeadlessWatch(options, **session);
        Next next = Next::Leave;
        const int status = runDesktop(options, **session, next, [&](const std::function<void()> &leave) {
            watch.follow(*lease, acting, leave);
        });
        watch.forget();
        if (next == Next::Leave || (next == Next::Demo && !becomeDemo(options)))
            return status;
    }
}
} // namespace

int main(int argc, char **argv)
{
    static_cast<void>(core::secrets::closeProcessMemory()); // where the system cannot, everything works all the same
    DesktopOptions options;
    if (const auto status = readOptions(argc, argv, options))
        return *status;
    choosePlatform(options);
    startLog(options.dataDir); // before Qt has something to say
    const QApplication application(argc, argv);
    QApplication::setApplicationName(u"etrms"_s);
    QApplication::setApplicationVersion(QString::fromLatin1(version()));
    const Signals termination;
    QObject::connect(&termination, &Signals::terminationRequested, &application, [] { leave(); });
    return run(std::move(options));
}
