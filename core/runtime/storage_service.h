#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <QtCore/QString>

#include "core/runtime/record_keeper.h"
#include "core/storage/database.h"
#include "core/storage/writer.h"

namespace core::runtime
{

/// The storage thread and its queue: the one SQLite connection that writes. Made and stopped on one thread (the owner's);
/// the RecordKeeper side may be called from any.
/// One account of a run, as its records are kept.
struct GuardedAccount {
    Venue venue{Venue::Binance};
    AccountId account;
};

class StorageService final : public RecordKeeper, private storage::WriterListener
{
public:
    /// What was there before: for the alerts dock and the client's fill catch-up.
    struct Restored {
        storage::OpenReport open;
        std::vector<AlertRow> alerts; ///< oldest first, with ids 1…n
        std::map<InstrumentKey, std::int64_t> newestTradeIds; ///< of the accounts
        std::vector<risk::History> histories;                 ///< of each account, for its limits
    };
    static constexpr std::size_t kQueueCapacity = 100'000;
    static constexpr std::size_t kRestoredAlerts = 200;

    /// Opens (or makes) the database on the new thread and returns when it is writable; `mayWrite` as in WriterOptions. Errors as
    /// storage::Database::open.
    [[nodiscard]] static Result<std::unique_ptr<StorageService>> start(const QString &path, const Clock &clock,
                                                                       const storage::SessionInfo &session,
                                                                       const std::vector<GuardedAccount> &accounts,
                                                                       std::function<bool()> mayWrite = {});
    ~StorageService() override;

    /// Writes what is queued, ends the session, closes the file. The error says how many records were not stored.
    [[nodiscard]] Result<void> stop();
    [[nodiscard]] const Restored &restored() const { return m_restored; }

    [[nodiscard]] bool journal(JournalKind kind, UtcTime at, std::string payload) override;
    [[nodiscard]] bool instrument(const Instrument &instrument) override;
    [[nodiscard]] bool account(const AccountSnapshot &account) override;
    [[nodiscard]] bool position(const AccountId &account, const Position &position) override;
    [[nodiscard]] bool order(const AccountId &account, const OrderUpdate &order) override;
    [[nodiscard]] bool fill(const AccountId &account, const Fill &fill) override;
    [[nodiscard]] bool funding(const AccountId &account, const FundingPayment &payment) override;
    [[nodiscard]] bool transfer(const AccountId &account, const Transfer &transfer) override;
    [[nodiscard]] std::optional<std::uint64_t> alert(const AlertRow &alert) override;
    [[nodiscard]] bool candle(const Candle &candle) override;
    [[nodiscard]] bool config(const AccountId &account, UtcTime at, std::string toml) override;
    [[nodiscard]] bool equity(const AccountId &account, const risk::EquitySample &sample) override;
    [[nodiscard]] bool nav(const AccountId &account, UtcTime at, Ratio nav, Ratio peak) override;
    [[nodiscard]] bool lockout(const std::optional<AccountId> &account, const risk::Lockout &lockout,
                               std::optional<UtcTime> endedAt) override;
    [[nodiscard]] bool memory(const AccountId &account, const risk::History &memory) override;
    [[nodiscard]] bool finding(const AccountId &account, const risk::Finding &finding) override;
    [[nodiscard]] bool plan(const AccountId &account, const risk::TradePlan &plan) override;
    [[nodiscard]] bool naked(const AccountId &account, UtcTime day, Money notionalSeconds) override;
    [[nodiscard]] StorageView state() const override;

private:
    explicit StorageService(const Clock &clock) : m_clock(clock), m_queue(kQueueCapacity) {}
    [[nodiscard]] std::optional<std::uint64_t> push(storage::Job job);
    void report(std::string problem);

    // storage::WriterListener, on the storage thread
    void onDurable(const storage::Durable &durable) override;
    void onDegraded(const Error &why) override;
    void onRecovered() override;
    void onRejected(std::uint64_t job, const Error &why) override;

    const Clock &m_clock;
    storage::JobQueue<storage::Job> m_queue;
    std::thread m_thread;
    Restored m_restored;
    Result<void> m_outcome; ///< of the thread's run; read after join
    std::atomic<std::uint64_t> m_lastPushed{0};
    std::atomic<std::uint64_t> m_lastDurable{0};
    std::atomic<std::int64_t> m_savedAtNs{0};
    mutable std::mutex m_problemMutex;
    std::string m_problem; ///< guarded by m_problemMutex; empty when healthy
};

} // namespace core::runtime
