#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace core::storage
{

/// Jobs on their way to the storage thread: many pushers, one taker, bounded. Each accepted job gets the next
/// number (1, 2, 3…). A full or closed queue refuses: the caller keeps the job and raises the alarm; nothing
/// is dropped here.
template <class T> class JobQueue
{
public:
    explicit JobQueue(std::size_t capacity) : m_capacity(capacity) {}
    JobQueue(const JobQueue &) = delete;
    JobQueue &operator=(const JobQueue &) = delete;

    /// Any thread; never waits for the disk. The job's number, or nullopt: refused, and `job` is untouched.
    [[nodiscard]] std::optional<std::uint64_t> push(T &&job)
    {
        std::uint64_t number = 0;
        {
            const std::scoped_lock lock(m_mutex);
            if (m_closed || m_jobs.size() >= m_capacity)
                return std::nullopt;
            m_jobs.push_back(std::move(job));
            number = ++m_lastNumber;
        }
        m_wake.notify_one();
        return number;
    }

    /// Taker: moves up to `most` jobs to the end of `out`, oldest first; returns how many. Does not wait.
    std::size_t take(std::vector<T> &out, std::size_t most)
    {
        const std::scoped_lock lock(m_mutex);
        const std::size_t count = m_jobs.size() < most ? m_jobs.size() : most;
        const auto end = m_jobs.begin() + static_cast<std::ptrdiff_t>(count);
        out.insert(out.end(), std::make_move_iterator(m_jobs.begin()), std::make_move_iterator(end));
        m_jobs.erase(m_jobs.begin(), end);
        return count;
    }

    /// Taker: returns when there is a job, the queue is closed, or the time is over.
    void waitForJob(std::chrono::nanoseconds longest)
    {
        std::unique_lock lock(m_mutex);
        m_wake.wait_for(lock, longest, [this] { return m_closed || !m_jobs.empty(); });
    }
    /// Taker: returns when the queue is closed or the time is over, jobs or not (the pause before a retry).
    void waitForClose(std::chrono::nanoseconds longest)
    {
        std::unique_lock lock(m_mutex);
        m_wake.wait_for(lock, longest, [this] { return m_closed; });
    }

    /// Taker: waits the whole time, whatever happens (the pause before a last try, when the queue is closed already).
    void pause(std::chrono::nanoseconds time)
    {
        std::unique_lock lock(m_mutex);
        m_wake.wait_for(lock, time, [] { return false; });
    }

    /// No more pushes; what is inside can still be taken. Wakes the taker.
    void close()
    {
        {
            const std::scoped_lock lock(m_mutex);
            m_closed = true;
        }
        m_wake.notify_all();
    }

    [[nodiscard]] bool isClosed() const
    {
        const std::scoped_lock lock(m_mutex);
        return m_closed;
    }
    [[nodiscard]] std::size_t size() const
    {
        const std::scoped_lock lock(m_mutex);
        return m_jobs.size();
    }
    [[nodiscard]] std::size_t capacity() const { return m_capacity; }

private:
    const std::size_t m_capacity;
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<T> m_jobs;
    std::uint64_t m_lastNumber{0};
    bool m_closed{false};
};

} // namespace core::storage
