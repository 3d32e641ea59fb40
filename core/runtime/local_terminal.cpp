#include "core/runtime/local_terminal.h"

#include <future>

#include <QtCore/QDir>
#include <QtCore/QFileInfo>

#include <fmt/format.h>

namespace core::runtime
{

using namespace Qt::StringLiterals;

namespace
{
[[nodiscard]] storage::Mode stored(Mode mode)
{
    switch (mode) {
    case Mode::Live:
    case Mode::Watching: return storage::Mode::Live; // no account: nothing but candles, alerts and the journal
    case Mode::Testnet: return storage::Mode::Testnet;
    case Mode::Paper: return storage::Mode::Paper;
    case Mode::Demo:
    case Mode::Replay: break;
    }
    return storage::Mode::Demo;
}
[[nodiscard]] std::vector<GuardedAccount> accountsOf(const EngineSetup &setup)
{
    std::vector<GuardedAccount> accounts;
    for (const ClientSetup &client : setup.clients) {
        if (client.account)
            accounts.push_back({client.venue, client.label.empty() ? setup.account : client.label});
    }
    return accounts;
}
} // namespace

Result<std::unique_ptr<LocalTerminal>> LocalTerminal::start(LocalTerminalOptions options, const Clock &clock)
{
    auto terminal = std::unique_ptr<LocalTerminal>(new LocalTerminal(std::move(options), clock));
    if (const auto opened = terminal->open(); !opened)
        return fail(opened.error());
    terminal->run();
    return terminal;
}

LocalTerminal::LocalTerminal(LocalTerminalOptions options, const Clock &clock)
    : m_options(std::move(options)), m_clock(clock)
{
}

LocalTerminal::~LocalTerminal()
{
    static_cast<void>(stop()); // who wants the outcome has called stop before
}

QString LocalTerminal::databasePath() const
{
    return QDir(m_options.dataDir).filePath(u"etrms.sqlite"_s);
}

Result<void> LocalTerminal::open()
{
    const std::string directory = m_options.dataDir.toStdString();
    if (!QDir().mkpath(m_options.dataDir))
        return fail(ErrorCode::IoFailed, fmt::format("data directory {}: cannot be made", directory));
    if (!QFileInfo(m_options.dataDir).isWritable())
        return fail(ErrorCode::IoFailed, fmt::format("data directory {}: must be writable", directory));
    const Lease *lease = m_options.lease;
    m_options.engine.lease = lease;
    m_options.engine.watches = lease != nullptr && !lease->view().ours;
    if (m_options.engine.watches) {
        m_options.engine.arming = risk::Arming::Off;
        m_options.engine.armedBy = "read-only";
        return {};
    }
    auto service = StorageService::start(databasePath(), m_clock,
                                         {stored(m_options.engine.mode), m_options.engine.version, m_clock.now()},
                                         accountsOf(m_options.engine),
                                         lease ? std::function<bool()>([lease] { return lease->mayAct(); }) : nullptr);
    if (!service)
        return fail(service.error());
    m_storage = std::move(*service);
    m_restored = m_storage->restored().alerts;
    m_options.engine.histories = m_storage->restored().histories;
    return {};
}

void LocalTerminal::run()
{
    m_channels.wakeScreen = [this] { QMetaObject::invokeMethod(this, &LocalTerminal::collect, Qt::QueuedConnection); };
    m_channels.wakeAnalysis = [this] { m_analysis.post([](AnalysisWorker &worker) { worker.work(); }); };
    m_analysis.start([this] { return std::make_unique<AnalysisWorker>(m_clock, m_channels, records(), [this](EstimateNews news) {
            m_engine.post([news = std::move(news)](Engine &engine) { engine.takeEstimates(news); });
        });
    });
    const auto lastAlert = static_cast<std::int64_t>(m_restored.size());
    static const StorageService::Restored kNothing;
    const StorageService::Restored &restored = m_storage ? m_storage->restored() : kNothing;
    const storage::OpenReport &opened = restored.open;
    m_engine.start([this, lastAlert] {
        auto engine = std::make_unique<Engine>(m_clock, m_options.engine, m_channels, records(), lastAlert);
        engine->onDescribed = [this](const Instrument &instrument) {
            m_analysis.post([instrument](AnalysisWorker &worker) { worker.describe(instrument); });
        };
        engine->onShown = [this](const InstrumentKey &shown) {
            m_analysis.post([shown](AnalysisWorker &worker) { worker.show(shown); });
        };
        if (m_options.keepsLimits && m_storage)
            engine->onSetLimits = [this](const SetLimits &wish) {
                m_limits.post([wish](LimitsKeeper &keeper) { keeper.change(wish); });
            };
        return engine;
    });
    m_engine.post([this, &restored, setAside = opened.setAside, why = opened.setAsideWhy](Engine &engine) {
        engine.start(m_options.makeClients(restored));
        if (!setAside.isEmpty()) {
            engine.say(orders::Severity::Critical, "database-set-aside", "storage",
                       fmt::format("The database was damaged ({}) and was kept as {}; a new one was made.", why,
                                   setAside.toStdString()));
        }
    });
    if (m_options.keepsLimits && m_storage)
        keepLimits();
    m_running = true;
}

void LocalTerminal::keepLimits()
{
    m_limits.start([this] {
        LimitsKeeper::Setup setup{
            .database = databasePath(),
            .mode = stored(m_options.engine.mode),
            .accounts = accountsOf(m_options.engine),
            .holds = [this](orders::LimitsChange change) {
                m_engine.post([change = std::move(change)](Engine &engine) { engine.holdLimits(change); });
            },
            .answers = [this](IntentAnswer answer, std::string text) {
                m_engine.post([answer = std::move(answer), text = std::move(text)](Engine &engine) {
                    engine.answerLimits(answer, text);
                });
            }};
        return std::make_unique<LimitsKeeper>(std::move(setup), m_clock);
    });
}

RecordKeeper &LocalTerminal::records()
{
    if (m_storage)
        return *m_storage;
    return m_noRecords;
}

void LocalTerminal::collect()
{
    if (auto newest = m_channels.snapshot.take())
        m_snapshot = std::move(*newest);
    if (auto newest = m_channels.profile.take())
        m_profile = std::move(newest);
    if (auto newest = m_channels.past.take())
        m_past = std::move(*newest);
    emit changed();
}

bool LocalTerminal::isShown(const InstrumentKey &instrument) const
{
    return m_snapshot && !m_snapshot->markets.empty() && m_snapshot->markets.front().key == instrument;
}

std::shared_ptr<const analysis::ProfileSnapshot> LocalTerminal::profile() const
{
    return m_profile && isShown(m_profile->instrument) ? m_profile->value : nullptr;
}

std::vector<std::shared_ptr<const market::DepthColumn>> LocalTerminal::takeColumns()
{
    std::vector<std::shared_ptr<const market::DepthColumn>> columns;
    for (ShownColumn &column : std::exchange(m_early, {})) {
        if (isShown(column.instrument))
            columns.push_back(std::move(column.value));
    }
    for (ShownColumn &column : m_channels.columns.takeAll()) {
        if (isShown(column.instrument))
            columns.push_back(std::move(column.value));
        else
            m_early.push_back(std::move(column)); // for one round: its snapshot is on its way, or it is of the past
    }
    return columns;
}

std::vector<Trade> LocalTerminal::takeTrades()
{
    std::vector<Trade> trades = m_channels.screenTrades.takeAll();
    std::erase_if(trades, [this](const Trade &trade) { return !isShown(trade.instrument); });
    return trades;
}

std::vector<AlertRow> LocalTerminal::takeAlerts()
{
    std::vector<AlertRow> rows = std::move(m_restored);
    m_restored.clear();
    for (AlertRow &row : m_channels.alerts.takeAll())
        rows.push_back(std::move(row));
    return rows;
}

void LocalTerminal::send(const Intent &intent)
{
    if (m_running)
        m_engine.post([intent](Engine &engine) { engine.handle(intent); });
}

void LocalTerminal::readPast()
{
    if (!m_running)
        return;
    if (!m_reader.isRunning()) {
        m_reader.start([this] {
            PastReader::Setup setup{.database = databasePath(),
                                    .mode = stored(m_options.engine.mode),
                                    .accounts = accountsOf(m_options.engine),
                                    .done = [this](std::shared_ptr<const Past> past) {
                                        if (m_channels.past.put(std::move(past)))
                                            m_channels.wakeScreen();
                                    }};
            return std::make_unique<PastReader>(std::move(setup), m_clock);
        });
    }
    m_reader.post([](PastReader &reader) { reader.read(); });
}

Result<void> LocalTerminal::stop()
{
    if (!m_running)
        return {};
    m_running = false;
    m_reader.stop();
    // Held by both sides: when the time is over, a late answer finds it alive.
    const auto down = std::make_shared<std::promise<void>>();
    auto socketsDown = down->get_future();
    m_engine.post([down](Engine &engine) { engine.stop([down] { down->set_value(); }); });
    socketsDown.wait_for(kSocketsDownWithin);
    m_limits.stop();
    m_engine.stop();
    m_analysis.call([](AnalysisWorker &worker) { worker.work(); });
    m_analysis.stop();
    const Result<void> stored = m_storage ? m_storage->stop() : Result<void>();
    collect();
    return stored;
}

} // namespace core::runtime
