#include "core/storage/writer.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/assert.h"
#include "core/storage/recorder.h"

namespace core::storage
{

class StorageWriter::Impl
{
public:
    Impl(Database database, JobQueue<Job> &queue, const Clock &clock, WriterListener &listener,
         const WriterOptions &options)
        : m_database(std::move(database)), m_queue(queue), m_clock(clock), m_listener(listener),
          m_options(options), m_backOff(options.retryFirst)
    {
    }

    [[nodiscard]] Result<void> start(const SessionInfo &session)
    {
        auto recorder = Recorder::start(m_database, session);
        if (!recorder)
            return fail(recorder.error());
        m_recorder = std::move(*recorder);
        m_durableSeq = m_recorder->journalSeq();
        return {};
    }

    StepReport step(bool retryNow)
    {
        if (m_burst.empty()) {
            m_queue.take(m_burst, m_options.burstMax);
            m_settled.assign(m_burst.size(), false);
        }
        if (m_burst.empty() || (m_degraded && !retryNow && m_clock.monotonic() < m_retryAt))
            return {0, m_burst.size(), m_degraded};
        // Each round either ends the burst or settles one more job for good.
        for (;;) {
            m_failedAt.reset();
            auto written = writeBurst();
            if (written)
                return accept();
            m_recorder->rolledBack();
            if (written.error().code != ErrorCode::InvalidArgument || !m_failedAt)
                return refuse(written.error());
            settle(*m_failedAt, written.error());
        }
    }

    [[nodiscard]] Result<void> run(int lastTries)
    {
        constexpr std::chrono::seconds kIdle{60};
        for (;;) {
            const bool closed =
                m_queue.isClosed(); // before the step: what was pushed before it is seen by the step
            const StepReport report = step(false);
            if (report.written > 0)
                continue;
            if (report.waiting > 0) {
                if (closed)
                    break;
                m_queue.waitForClose(
                    std::max(m_retryAt - m_clock.monotonic(), Duration{std::chrono::milliseconds{1}}));
            } else if (closed) {
                return {};
            } else {
                m_queue.waitForJob(kIdle);
            }
        }
        return drain(lastTries);
    }

    [[nodiscard]] Result<void> finish()
    {
        CORE_ASSERT(m_burst.empty(), "REQUIRES: nothing is waiting");
        return m_recorder->stopSession(m_clock.now());
    }

    [[nodiscard]] Durable durable() const { return {m_durableJob.load(), m_durableSeq.load()}; }
    [[nodiscard]] bool degraded() const { return m_degraded.load(); }
    [[nodiscard]] std::int64_t session() const { return m_recorder->session(); }
    [[nodiscard]] const Database &database() const { return m_database; }

private:
    [[nodiscard]] Result<void> writeBurst()
    {
        auto transaction = Transaction::begin(m_database);
        if (!transaction)
            return fail(transaction.error());
        if (m_options.mayWrite && !m_options.mayWrite())
            return fail(ErrorCode::InUse, "another program has taken this data directory over");
        for (std::size_t i = 0; i < m_burst.size(); ++i) {
            if (m_settled[i] && !m_partly.contains(i))
                continue;
            const auto outcome = m_recorder->record(m_burst[i]);
            if (!outcome) {
                m_failedAt = i;
                return fail(outcome.error());
            }
            if (outcome->refused && !m_settled[i]) {
                m_partly.insert(i); // said once; a retry of the burst records it again in the same way
                settle(i, *outcome->refused);
            }
        }
        if (auto sealed = m_recorder->seal(); !sealed)
            return sealed;
        return transaction->commit();
    }

    void settle(std::size_t index, const Error &why)
    {
        m_settled[index] = true;
        m_listener.onRejected(m_durableJob + 1 + index, why);
    }

    StepReport accept()
    {
        m_recorder->committed();
        const std::size_t written = m_burst.size();
        m_burst.clear();
        m_partly.clear();
        m_durableJob += written;
        m_durableSeq = m_recorder->journalSeq();
        m_backOff = m_options.retryFirst;
        if (m_degraded.exchange(false))
            m_listener.onRecovered();
        m_listener.onDurable(durable());
        return {written, 0, false};
    }

    StepReport refuse(const Error &why)
    {
        m_retryAt = m_clock.monotonic() + m_backOff;
        m_backOff = std::min(m_backOff * 2, m_options.retryMax);
        if (!m_degraded.exchange(true)) {
            m_listener.onDegraded(
                why.in(fmt::format("{} records wait for the disk", m_burst.size() + m_queue.size())));
        }
        m_lastError = why;
        return {0, m_burst.size(), true};
    }

    /// The queue is closed and the disk refuses: a few more tries, then the truth.
    [[nodiscard]] Result<void> drain(int lastTries)
    {
        for (int left = lastTries; left > 0;) {
            const StepReport report = step(true);
            if (report.written == 0 && report.waiting == 0)
                return {};
            if (report.waiting > 0 && --left > 0)
                m_queue.pause(m_backOff);
        }
        return fail(
            m_lastError.in(fmt::format("{} records were not stored", m_burst.size() + m_queue.size())));
    }

    Database m_database;
    std::unique_ptr<Recorder> m_recorder; // its statements die before the database
    JobQueue<Job> &m_queue;
    const Clock &m_clock;
    WriterListener &m_listener;
    const WriterOptions m_options;
    std::vector<Job> m_burst;
    std::vector<bool> m_settled;    ///< refused for good, and said so
    std::set<std::size_t> m_partly; ///< of these: recorded all the same (a fill without its round trip)
    std::optional<std::size_t> m_failedAt;
    Duration m_backOff;
    Duration m_retryAt{0};
    Error m_lastError;
    std::atomic<std::uint64_t> m_durableJob{0};
    std::atomic<std::int64_t> m_durableSeq{0};
    std::atomic<bool> m_degraded{false};
};

StorageWriter::StorageWriter(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
StorageWriter::~StorageWriter() = default;

Result<std::unique_ptr<StorageWriter>> StorageWriter::start(Database database, JobQueue<Job> &queue,
                                                            const Clock &clock, const SessionInfo &session,
                                                            WriterListener &listener,
                                                            const WriterOptions &options)
{
    auto impl = std::make_unique<Impl>(std::move(database), queue, clock, listener, options);
    if (auto started = impl->start(session); !started)
        return fail(started.error());
    return std::unique_ptr<StorageWriter>(new StorageWriter(std::move(impl)));
}

StepReport StorageWriter::step()
{
    return m_impl->step(false);
}

Result<void> StorageWriter::run(int lastTries)
{
    return m_impl->run(lastTries);
}

Result<void> StorageWriter::finish()
{
    return m_impl->finish();
}

Durable StorageWriter::durable() const
{
    return m_impl->durable();
}

bool StorageWriter::degraded() const
{
    return m_impl->degraded();
}

std::int64_t StorageWriter::session() const
{
    return m_impl->session();
}

const Database &StorageWriter::database() const
{
    return m_impl->database();
}

} // namespace core::storage
