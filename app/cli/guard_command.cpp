#include <cstdio>
#include <set>

#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTimer>

#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/guard_status.h"
#include "app/common/arguments.h"
#include "app/common/await.h"
#include "app/common/data_dirs.h"
#include "app/common/exit_status.h"
#include "app/common/guard_run.h"
#include "app/common/log.h"
#include "app/common/signals.h"
#include "app/common/version.h"
#include "core/net/system_clock.h"

using namespace Qt::StringLiterals;

namespace app::cli
{

namespace
{
using core::ErrorCode;
using core::fail;
using core::Result;

const QString kProgram = u"etrms-cli guard"_s;
constexpr qint64 kLimitsBytesMax = 65'536;

enum class OnExit { Keep, CancelEntries };

struct GuardOptions {
    std::vector<std::string> accounts;
    core::secrets::Environment environment{core::secrets::Environment::Production};
    QString dataDir;
    QString accountsDir;
    QString endpoints;
    QString coins;
    std::optional<core::risk::Limits> limits;
    core::risk::Arming arming{core::risk::Arming::AlertOnly};
    OnExit onExit{OnExit::Keep};
    std::chrono::seconds statusEvery{60};
    bool json{false};
};

void addOptions(QCommandLineParser &parser)
{
    parser.setApplicationDescription(
        u"Guards accounts without a display: the whole risk engine on the data directory of the desktop. One program acts on a "
        "data directory; a second one watches, says who holds it, and takes over when that one is gone. It does not act before "
        "positions and orders agree with the venue. SIGTERM ends it in order: resting stops stay."_s);
    parser.addOptions({
        {u"account"_s, u"Account to guard, by its name; one per venue, repeat the option for the other."_s, u"NAME"_s},
        {u"testnet"_s, u"The accounts are on the venues' test systems."_s},
        {u"arming"_s, u"armed: acts. alert-only (default): says what it would do."_s, u"STATE"_s, u"alert-only"_s},
        {u"limits"_s, u"Risk limits (TOML); else those kept for the account."_s, u"FILE"_s},
        {u"coins"_s, u"What to watch besides what is held (default BTC,ETH)."_s, u"LIST"_s, u"BTC,ETH"_s},
        {u"endpoints"_s, u"Addresses of this computer, JSON, as for the desktop."_s, u"FILE"_s},
        {u"data-dir"_s, u"Where the database, the lease and the log are kept."_s, u"DIR"_s},
        {u"on-exit"_s, u"What happens to entry orders at the end: keep (default) or cancel-entries. Stops always stay."_s,
         u"WHAT"_s, u"keep"_s},
        {u"status-every"_s, u"Seconds between two status lines (default 60)."_s, u"SECONDS"_s, u"60"_s},
        {u"json"_s, u"Status as JSON lines."_s},
    });
}

Result<core::risk::Limits> readLimits(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::IoFailed, "--limits: " + file.errorString().toStdString());
    if (file.size() > kLimitsBytesMax)
        return fail(ErrorCode::InvalidArgument, "--limits: the file is too large for limits");
    return core::risk::parseLimits(file.readAll().toStdString());
}

Result<GuardOptions> optionsFrom(const QCommandLineParser &parser)
{
    const auto bad = [](std::string rule) { return fail(ErrorCode::InvalidArgument, std::move(rule)); };
    GuardOptions options;
    if (!parser.positionalArguments().isEmpty())
        return bad("unexpected argument " + parser.positionalArguments().first().toStdString());
    for (const QString &name : parser.values(u"account"_s))
        options.accounts.push_back(name.toStdString());
    if (options.accounts.empty())
        return bad("--account is missing: the name of the account to guard");
    if (std::set<std::string>(options.accounts.begin(), options.accounts.end()).size() != options.accounts.size())
        return bad("--account: each account once");
    const QString arming = parser.value(u"arming"_s);
    if (arming != "armed"_L1 && arming != "alert-only"_L1)
        return bad("--arming: must be armed or alert-only");
    options.arming = arming == "armed"_L1 ? core::risk::Arming::Armed : core::risk::Arming::AlertOnly;
    const QString onExit = parser.value(u"on-exit"_s);
    if (onExit != "keep"_L1 && onExit != "cancel-entries"_L1)
        return bad("--on-exit: must be keep or cancel-entries");
    options.onExit = onExit == "keep"_L1 ? OnExit::Keep : OnExit::CancelEntries;
    const auto every = integerOption(parser, u"status-every"_s, 1, 86'400);
    if (!every)
        return fail(every.error());
    options.statusEvery = std::chrono::seconds{*every};
    if (parser.isSet(u"limits"_s)) {
        auto limits = readLimits(parser.value(u"limits"_s));
        if (!limits)
            return fail(limits.error());
        options.limits = std::move(*limits);
    }
    const bool testnet = parser.isSet(u"testnet"_s);
    options.environment = testnet ? core::secrets::Environment::Testnet : core::secrets::Environment::Production;
    options.endpoints = parser.value(u"endpoints"_s);
    options.coins = parser.value(u"coins"_s);
    options.json = parser.isSet(u"json"_s);
    options.dataDir = parser.isSet(u"data-dir"_s) ? parser.value(u"data-dir"_s)
                                                  : defaultDataDir(testnet ? u"testnet"_s : u"live"_s);
    options.accountsDir = parser.isSet(u"data-dir"_s) ? options.dataDir : defaultDataDir(u"accounts"_s);
    return options;
}

Result<core::net::Secret> noPassphrase()
{
    return fail(ErrorCode::Unauthorized,
                "the keys are in a sealed file: its passphrase must be in the environment variable ETRMS_PASSPHRASE");
}

/// One run of the program: opens the accounts, then guards or watches, whichever the lease says, until it is told to end.
class GuardRun
{
public:
    explicit GuardRun(GuardOptions options)
        : m_options(std::move(options)),
          m_lease(m_options.dataDir, "etrms-cli guard", m_clock,
                  [] { QMetaObject::invokeMethod(QCoreApplication::instance(), &QCoreApplication::quit, Qt::QueuedConnection); })
    {
        QObject::connect(&m_signals, &Signals::terminationRequested, &m_context, [this] {
            m_ending = true;
            QCoreApplication::quit();
        });
    }

    [[nodiscard]] Result<void> run()
    {
        auto desk = makeAccountDesk(m_options.accountsDir, m_options.endpoints, m_clock);
        if (!desk)
            return fail(desk.error());
        m_desk = std::move(*desk);
        while (!m_ending) {
            if (auto ready = openAccounts(); !ready)
                return ready;
            if (m_ending)
                break;
            if (!m_leaseStarted) {
                if (auto started = m_lease.start(); !started)
                    return started;
                m_leaseStarted = true;
            }
            if (auto done = guardOrWatch(); !done)
                return done;
        }
        m_lease.stop();
        return {};
    }

private:
    [[nodiscard]] Result<void> openAccounts()
    {
        m_opened.clear();
        for (const GuardedAccount &account : m_accounts) { // another round of this program
            auto opened = reopenAccount(*m_desk, account.profile);
            if (m_ending)
                return {};
            if (!opened)
                return fail(opened.error().in("--account " + account.profile.label));
            m_opened.push_back(std::move(*opened));
        }
        if (!m_accounts.empty())
            return {};
        for (const std::string &label : m_options.accounts) {
            auto opened = openAccount(*m_desk, label, m_options.environment, noPassphrase);
            if (m_ending)
                return {};
            if (!opened)
                return fail(opened.error().in("--account " + label));
            auto plan = watchPlan(QString::fromLatin1(name(opened->profile.venue).data()),
                                  m_options.environment == core::secrets::Environment::Testnet, m_options.coins);
            if (plan && !m_options.endpoints.isEmpty())
                if (const auto read = readAddresses(m_options.endpoints, *plan); !read)
                    return read;
            if (!plan)
                return fail(plan.error());
            for (const GuardedAccount &other : m_accounts) {
                if (other.profile.venue == opened->profile.venue)
                    return fail(ErrorCode::InvalidArgument,
                                fmt::format("--account: {} and {} are both at {}; one per venue", other.profile.label, label,
                                            name(other.profile.venue)));
            }
            m_accounts.push_back({opened->profile, plan->front()});
            m_opened.push_back(std::move(*opened));
        }
        return {};
    }

    [[nodiscard]] Result<void> guardOrWatch()
    {
        const bool acts = m_lease.view().ours;
        core::runtime::EngineSetup engine = engineFor(m_accounts);
        engine.version = version();
        engine.arming = m_options.arming;
        engine.armedBy = "etrms-cli guard";
        if (m_options.limits)
            engine.limits = *m_options.limits;
        auto terminal = core::runtime::LocalTerminal::start(
            {.dataDir = m_options.dataDir,
             .lease = &m_lease,
             .engine = std::move(engine),
             .keepsLimits = !m_options.limits,
             .makeClients = clientsFor(std::move(m_opened), m_accounts, m_clock)},
            m_clock);
        if (!terminal)
            return fail(terminal.error());
        GuardStatus status(**terminal, m_clock, m_options.statusEvery, m_options.json);
        // The lease may have changed hands before there was an event loop to hear it.
        while (!m_ending && m_lease.view().ours == acts)
            QCoreApplication::exec();
        if (m_ending && acts && m_options.onExit == OnExit::CancelEntries)
            cancelEntries(**terminal);
        status.say("ending");
        const Result<void> stored = (*terminal)->stop();
        if (!stored && acts && !m_lease.view().ours) { // what came after the loss belongs to the successor's records
            printError(kProgram, stored.error());
            return {};
        }
        return stored;
    }

    void cancelEntries(core::runtime::LocalTerminal &terminal)
    {
        constexpr std::chrono::seconds kPatience{5};
        terminal.send(core::runtime::Ask{core::orders::CancelAllIntent{
            .id = fmt::format("exit-{}", core::toMilliseconds(m_clock.now())), .account = {}, .instrument = {}, .by = "exit"}});
        QTimer::singleShot(kPatience, &m_context, [] { QCoreApplication::quit(); });
        const auto watch = QObject::connect(&terminal, &core::runtime::Terminal::changed, &m_context, [&terminal] {
            const auto snapshot = terminal.snapshot();
            if (snapshot && !hasEntryOrders(*snapshot))
                QCoreApplication::quit();
        });
        QCoreApplication::exec();
        QObject::disconnect(watch);
    }

    GuardOptions m_options;
    core::net::SystemClock m_clock;
    QObject m_context;
    Signals m_signals;
    core::runtime::Lease m_lease;
    bool m_leaseStarted{false};
    bool m_ending{false};
    std::unique_ptr<core::runtime::AccountDesk> m_desk;
    std::vector<GuardedAccount> m_accounts;
    std::vector<OpenedAccount> m_opened;
};
} // namespace

int runGuard(const QStringList &arguments)
{
    QCommandLineParser parser;
    addOptions(parser);
    if (const auto status = parseArguments(parser, kProgram, arguments))
        return *status;
    auto options = optionsFrom(parser);
    if (!options) {
        printError(kProgram, options.error());
        return options.error().code == ErrorCode::InvalidArgument ? Usage : Failed;
    }
    startLog(options->dataDir);
    GuardRun run(std::move(*options));
    if (const auto done = run.run(); !done) {
        printError(kProgram, done.error());
        return done.error().code == ErrorCode::InvalidArgument ? Usage : Failed;
    }
    return Done;
}

} // namespace app::cli
