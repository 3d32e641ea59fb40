#pragma once

#include <functional>
#include <memory>

#include <QtCore/QString>

#include "core/runtime/analysis_worker.h"
#include "core/runtime/engine.h"
#include "core/runtime/limits_keeper.h"
#include "core/runtime/no_records.h"
#include "core/runtime/past_reader.h"
#include "core/runtime/storage_service.h"
#include "core/runtime/terminal.h"
#include "core/runtime/worker_thread.h"

namespace core::runtime
{

struct LocalTerminalOptions {
    QString dataDir; ///< made when missing; holds etrms.sqlite and the lease
    /// Of that directory, started. Held at the start: this terminal acts and records. Else it watches and records nothing; who
    /// starts it makes another one when that changes. Outlives the terminal.
    const Lease *lease{nullptr};
    EngineSetup engine;
    bool keepsLimits{false}; ///< versions on record hold instead of the setup's limits, and may be changed while it runs
    /// Runs on the engine thread, which the clients will live on; gets what earlier runs have stored. In the order of
    /// EngineSetup::clients.
    std::function<std::vector<std::unique_ptr<ports::ExchangeClient>>(const StorageService::Restored &)> makeClients;
};

/// The terminal of this process: owns the engine, analysis and storage threads. Lives on the gui thread. Of several on one data
/// directory the one with the lease acts, the others watch.
class LocalTerminal final : public Terminal
{
    Q_OBJECT

public:
    /// IoFailed (directory, disk), and what storage says of its file.
    [[nodiscard]] static Result<std::unique_ptr<LocalTerminal>> start(LocalTerminalOptions options, const Clock &clock);
    ~LocalTerminal() override;

    /// Sockets, engine, analysis, storage, in this order; idempotent. The error says what could not be stored.
    [[nodiscard]] Result<void> stop();
    [[nodiscard]] QString databasePath() const;

    [[nodiscard]] std::shared_ptr<const TerminalSnapshot> snapshot() const override { return m_snapshot; }
    [[nodiscard]] std::shared_ptr<const analysis::ProfileSnapshot> profile() const override;
    [[nodiscard]] std::vector<std::shared_ptr<const market::DepthColumn>> takeColumns() override;
    [[nodiscard]] std::vector<Trade> takeTrades() override;
    [[nodiscard]] std::vector<AlertRow> takeAlerts() override;
    void send(const Intent &intent) override;
    [[nodiscard]] std::shared_ptr<const Past> past() const override { return m_past; }
    void readPast() override;

private:
    LocalTerminal(LocalTerminalOptions options, const Clock &clock);
    [[nodiscard]] Result<void> open();
    void run();
    void keepLimits();
    void collect();
    [[nodiscard]] RecordKeeper &records();
    [[nodiscard]] bool isShown(const InstrumentKey &instrument) const;

    static constexpr std::chrono::seconds kSocketsDownWithin{5};

    LocalTerminalOptions m_options;
    const Clock &m_clock;
    Channels m_channels;
    std::unique_ptr<StorageService> m_storage; ///< null: this terminal watches
    NoRecords m_noRecords;
    WorkerThread<AnalysisWorker> m_analysis{QStringLiteral("analysis")};
    WorkerThread<Engine> m_engine{QStringLiteral("engine")};
    WorkerThread<LimitsKeeper> m_limits{QStringLiteral("limits")};
    WorkerThread<PastReader> m_reader{QStringLiteral("past")}; ///< from the first question on
    std::shared_ptr<const TerminalSnapshot> m_snapshot;
    std::optional<ShownProfile> m_profile;
    std::shared_ptr<const Past> m_past;
    std::vector<ShownColumn> m_early; ///< columns that came before the snapshot that names their market
    std::vector<AlertRow> m_restored;
    bool m_running{false};
};

} // namespace core::runtime
