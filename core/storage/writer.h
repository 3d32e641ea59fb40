#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/storage/database.h"
#include "core/storage/job_queue.h"
#include "core/storage/records.h"

namespace core::storage
{

/// Everything up to these numbers is on disk: only now may it be called stored.
struct Durable {
    std::uint64_t job{0};       ///< number that JobQueue::push gave
    std::int64_t journalSeq{0}; ///< last row of the journal
};

/// Called on the storage thread.
class WriterListener
{
public:
    virtual ~WriterListener() = default;
    virtual void onDurable(const Durable &durable) = 0;
    /// The disk refuses (full, read-only, I/O): the jobs are kept and tried again with back-off. Once per
    /// episode.
    virtual void onDegraded(const Error &why) = 0;
    virtual void onRecovered() = 0;
    /// One job breaks a rule of the database (or is a different fill under a known trade id) and was not
    /// stored.
    virtual void onRejected(std::uint64_t job, const Error &why) = 0;
};

struct WriterOptions {
    std::size_t burstMax{512};                          ///< jobs per transaction
    Duration retryFirst{std::chrono::milliseconds{50}}; ///< doubles up to retryMax
    Duration retryMax{std::chrono::seconds{2}};
    /// Asked inside each transaction, when the file is locked for others: false keeps the burst waiting, so that a program that
    /// lost the data directory while it was frozen writes nothing over its successor's records. Empty: always.
    std::function<bool()> mayWrite{};
};

/// What one call of step() did.
struct StepReport {
    std::size_t written{0}; ///< jobs that became durable
    std::size_t waiting{0}; ///< jobs taken from the queue and not yet durable
    bool degraded{false};
};

/// The one writer of the file: takes bursts of jobs, one transaction each, acknowledges after the commit.
/// Lives on the thread that created `database`; durable() and degraded() may be read anywhere. Never throws,
/// never drops a job.
class StorageWriter
{
public:
    /// Writes the session row and reads the chain's head. `queue`, `clock` and `listener` must outlive the
    /// writer.
    [[nodiscard]] static Result<std::unique_ptr<StorageWriter>>
    start(Database database, JobQueue<Job> &queue, const Clock &clock, const SessionInfo &session,
          WriterListener &listener, const WriterOptions &options = {});
    ~StorageWriter();
    StorageWriter(const StorageWriter &) = delete;
    StorageWriter &operator=(const StorageWriter &) = delete;

    /// One burst: what is there (up to burstMax), or a retry when one is due. Does not wait.
    StepReport step();
    /// step() until the queue is closed and empty, waiting in between. When the disk still refuses then, it
    /// gives up after `lastTries` more attempts with an error that says how many jobs were not stored.
    [[nodiscard]] Result<void> run(int lastTries = 3);
    /// Marks the session as ended at clock.now(). REQUIRES: nothing is waiting.
    [[nodiscard]] Result<void> finish();

    [[nodiscard]] Durable durable() const;
    [[nodiscard]] bool degraded() const;
    [[nodiscard]] std::int64_t session() const;
    [[nodiscard]] const Database &database() const;

private:
    class Impl;
    explicit StorageWriter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace core::storage
