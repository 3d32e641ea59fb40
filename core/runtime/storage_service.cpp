#include "core/runtime/storage_service.h"

#include <future>

#include <fmt/format.h>

#include "core/storage/risk_repositories.h"
#include "core/storage/repositories.h"

namespace core::runtime
{

namespace
{
[[nodiscard]] storage::JournalKind stored(JournalKind kind)
{
    switch (kind) {
    case JournalKind::Input: return storage::JournalKind::Input;
    case JournalKind::Decision: return storage::JournalKind::Decision;
    case JournalKind::Note: break;
    }
    return storage::JournalKind::Note;
}

[[nodiscard]] std::vector<AlertRow> restoredAlerts(const storage::Database &database)
{
    std::vector<AlertRow> rows;
    const auto stored = storage::recentAlerts(database, StorageService::kRestoredAlerts);
    if (!stored)
        return rows; // the check sums say so when the file is checked; the program can run without old alerts
    for (auto row = stored->rbegin(); row != stored->rend(); ++row) {
        rows.push_back({.id = static_cast<std::int64_t>(rows.size()) + 1,
                        .at = row->at,
                        .severity = row->alert.severity,
                        .code = row->alert.code,
                        .source = "earlier run",
                        .instrument = row->alert.instrument,
                        .decisionId = row->alert.decisionId,
                        .text = row->alert.text,
                        .count = 1,
                        .restored = true});
    }
    return rows;
}
/// A month's limits, and the cooling-offs of a week.
constexpr Duration kHistoryNeeded = std::chrono::days{40};
} // namespace

Result<std::unique_ptr<StorageService>> StorageService::start(const QString &path, const Clock &clock,
                                                              const storage::SessionInfo &session,
                                                              const std::vector<GuardedAccount> &accounts,
                                                              std::function<bool()> mayWrite)
{
    auto service = std::unique_ptr<StorageService>(new StorageService(clock));
    std::promise<Result<void>> opened;
    auto whenOpened = opened.get_future();
    service->m_thread = std::thread([self = service.get(), &opened, path, session, accounts, mayWrite = std::move(mayWrite)] {
        auto database = storage::Database::open(path, storage::Access::ReadWrite, self->m_clock.now());
        if (!database) {
            opened.set_value(fail(database.error()));
            return;
        }
        self->m_restored.open = database->report();
        self->m_restored.alerts = restoredAlerts(*database);
        for (const GuardedAccount &guarded : accounts) {
            auto newest = storage::newestTradeIds(*database, session.mode, guarded.account);
            auto history = storage::riskHistory(*database, session.mode, guarded.account, guarded.venue,
                                                self->m_clock.now() - kHistoryNeeded);
            if (!newest || !history) {
                opened.set_value(fail(newest ? history.error() : newest.error()));
                return;
            }
            self->m_restored.newestTradeIds.merge(*newest);
            self->m_restored.histories.push_back(std::move(*history));
        }
        auto writer = storage::StorageWriter::start(std::move(*database), self->m_queue, self->m_clock, session, *self,
                                                   {.mayWrite = mayWrite});
        if (!writer) {
            opened.set_value(fail(writer.error()));
            return;
        }
        opened.set_value({});
        self->m_outcome = (*writer)->run();
        if (self->m_outcome)
            self->m_outcome = (*writer)->finish();
    });
    const Result<void> result = whenOpened.get();
    if (!result) {
        service->m_thread.join();
        return fail(result.error());
    }
    return service;
}

StorageService::~StorageService()
{
    m_queue.close();
    if (m_thread.joinable())
        m_thread.join();
}

Result<void> StorageService::stop()
{
    m_queue.close();
    if (m_thread.joinable())
        m_thread.join();
    return m_outcome;
}

std::optional<std::uint64_t> StorageService::push(storage::Job job)
{
    const auto number = m_queue.push(std::move(job));
    if (!number) {
        report("The queue to the disk is full: records are refused.");
        return std::nullopt;
    }
    std::uint64_t seen = m_lastPushed.load(std::memory_order_relaxed);
    while (seen < *number && !m_lastPushed.compare_exchange_weak(seen, *number, std::memory_order_relaxed)) {
    }
    return number;
}

bool StorageService::journal(JournalKind kind, UtcTime at, std::string payload)
{
    return push(storage::AppendJournal{stored(kind), at, std::move(payload)}).has_value();
}

bool StorageService::instrument(const Instrument &instrument)
{
    return push(storage::UpsertInstrument{instrument, m_clock.now()}).has_value();
}

bool StorageService::account(const AccountSnapshot &account)
{
    return push(storage::RecordAccount{account}).has_value();
}

bool StorageService::position(const AccountId &account, const Position &position)
{
    return push(storage::RecordPosition{account, position}).has_value();
}

bool StorageService::order(const AccountId &account, const OrderUpdate &order)
{
    return push(storage::RecordOrder{account, order, {}}).has_value();
}

bool StorageService::fill(const AccountId &account, const Fill &fill)
{
    return push(storage::RecordFill{account, fill}).has_value();
}

bool StorageService::funding(const AccountId &account, const FundingPayment &payment)
{
    return push(storage::RecordFunding{account, payment}).has_value();
}

bool StorageService::transfer(const AccountId &account, const Transfer &transfer)
{
    return push(storage::RecordTransfer{account, transfer}).has_value();
}

std::optional<std::uint64_t> StorageService::alert(const AlertRow &alert)
{
    return push(storage::RecordAlert{
        alert.at, {alert.severity, alert.code, alert.instrument, alert.decisionId, alert.text}});
}

bool StorageService::candle(const Candle &candle)
{
    return push(storage::RecordCandle{candle}).has_value();
}

bool StorageService::config(const AccountId &account, UtcTime at, std::string toml)
{
    return push(storage::RecordConfig{account, at, std::move(toml)}).has_value();
}

bool StorageService::equity(const AccountId &account, const risk::EquitySample &sample)
{
    return push(storage::RecordEquity{account, sample}).has_value();
}

bool StorageService::nav(const AccountId &account, UtcTime at, Ratio nav, Ratio peak)
{
    return push(storage::RecordNav{account, at, nav, peak}).has_value();
}

bool StorageService::lockout(const std::optional<AccountId> &account, const risk::Lockout &lockout,
                             std::optional<UtcTime> endedAt)
{
    return push(storage::RecordLockout{account, lockout, endedAt}).has_value();
}

bool StorageService::memory(const AccountId &account, const risk::History &memory)
{
    return push(storage::RecordMemory{account, memory.lives, memory.tiers}).has_value();
}

bool StorageService::finding(const AccountId &account, const risk::Finding &finding)
{
    return push(storage::RecordFinding{account, finding}).has_value();
}

bool StorageService::plan(const AccountId &account, const risk::TradePlan &plan)
{
    return push(storage::RecordPlan{account, plan}).has_value();
}

bool StorageService::naked(const AccountId &account, UtcTime day, Money notionalSeconds)
{
    return push(storage::RecordNaked{account, day, notionalSeconds}).has_value();
}

StorageView StorageService::state() const
{
    StorageView view;
    const std::uint64_t pushed = m_lastPushed.load(std::memory_order_relaxed);
    const std::uint64_t durable = m_lastDurable.load(std::memory_order_acquire);
    view.durableJob = durable;
    view.pendingJobs = pushed > durable ? pushed - durable : 0;
    if (const std::int64_t savedAt = m_savedAtNs.load(std::memory_order_acquire); savedAt != 0)
        view.journalSavedAt = utcFromNanoseconds(savedAt);
    const std::scoped_lock lock(m_problemMutex);
    view.problem = m_problem;
    view.healthy = m_problem.empty();
    return view;
}

void StorageService::report(std::string problem)
{
    const std::scoped_lock lock(m_problemMutex);
    m_problem = std::move(problem);
}

void StorageService::onDurable(const storage::Durable &durable)
{
    m_lastDurable.store(durable.job, std::memory_order_release);
    m_savedAtNs.store(toNanoseconds(m_clock.now()), std::memory_order_release);
}

void StorageService::onDegraded(const Error &why)
{
    report(fmt::format("The database cannot be written: {}", why.detail));
}

void StorageService::onRecovered()
{
    report({});
}

void StorageService::onRejected(std::uint64_t job, const Error &why)
{
    report(fmt::format("Record {} was refused by the database: {}", job, why.detail));
}

} // namespace core::runtime
