#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <QtCore/QString>

#include "core/base/clock.h"
#include "core/runtime/lease_rule.h"

namespace core::runtime
{

/// The lease of one data directory, kept on a thread of its own: files "lease-<token>.json", each made exclusively by the one who
/// takes that token. `mayAct` is read by the engine before each request that changes something (the fence); it takes no lock and
/// touches no disk. Made and stopped on one thread. Source of the rule: LeaseRule.
class Lease
{
public:
    /// `program`: for people. `changed` is called on the lease's thread when holding began or ended, or the holder is another.
    Lease(QString directory, std::string program, const Clock &clock, std::function<void()> changed);
    ~Lease();
    Lease(const Lease &) = delete;
    Lease &operator=(const Lease &) = delete;

    /// One look and, where it is free, one taking on the calling thread; then the thread begins. IoFailed: the directory.
    [[nodiscard]] Result<void> start();
    /// Gives the lease back, so that a watcher follows at once. Idempotent.
    void stop();

    /// Any thread.
    [[nodiscard]] bool mayAct() const;
    [[nodiscard]] LeaseView view() const;

private:
    void run();
    /// One step of the rule: look, take or renew.
    void turn();
    void renew();
    void take(const LeaseRule::Attempt &attempt);
    void publish(const std::optional<LeaseRecord> &newest);
    void report(std::string problem);
    [[nodiscard]] QString fileOf(std::int64_t token) const;
    [[nodiscard]] bool write(const LeaseRecord &record, bool exclusively);
    [[nodiscard]] std::optional<LeaseRecord> newest() const;
    void removeOlder(std::int64_t than) const;

    const QString m_directory;
    const Clock &m_clock;
    const std::function<void()> m_changed;
    LeaseRecord m_own;
    LeaseRule m_rule;               ///< the lease's thread only (and start, before it runs)
    std::atomic<std::int64_t> m_from{0};
    std::atomic<std::int64_t> m_until{0}; ///< 0: not ours
    mutable std::mutex m_mutex;
    LeaseView m_view;      ///< guarded by m_mutex
    bool m_stopping{false}; ///< guarded by m_mutex
    std::condition_variable m_wake;
    std::thread m_thread;
};

} // namespace core::runtime
