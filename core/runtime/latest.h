#pragma once

#include <mutex>
#include <optional>
#include <utility>

namespace core::runtime
{

/// One slot for the newest value and one pending wake-up, so that a frozen reader cannot grow a queue (market data and
/// snapshots only). Any thread writes, any thread reads; the lock is held for a move.
template <class T> class Latest
{
public:
    /// True when the reader has to be woken.
    [[nodiscard]] bool put(T value)
    {
        const std::scoped_lock lock(m_mutex);
        const bool wake = !m_slot.has_value();
        m_slot = std::move(value);
        return wake;
    }
    [[nodiscard]] std::optional<T> take()
    {
        const std::scoped_lock lock(m_mutex);
        return std::exchange(m_slot, std::nullopt);
    }

private:
    std::mutex m_mutex;
    std::optional<T> m_slot;
};

} // namespace core::runtime
