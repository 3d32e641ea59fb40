#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

namespace core::runtime
{

/// What a full queue does: market data lets the oldest go, facts are refused and the writer raises an alarm.
enum class WhenFull { DropOldest, Refuse };

/// Bounded hand-over of many values at once. Any thread writes, one reader takes everything. Qt-free.
template <class T> class BatchQueue
{
public:
    BatchQueue(std::size_t capacity, WhenFull whenFull) : m_capacity(capacity), m_whenFull(whenFull) {}

    struct Pushed {
        bool accepted{true};
        bool wake{false}; ///< the queue was empty: wake the reader
    };
    [[nodiscard]] Pushed push(T value)
    {
        const std::scoped_lock lock(m_mutex);
        if (m_values.size() >= m_capacity) {
            if (m_whenFull == WhenFull::Refuse)
                return {.accepted = false, .wake = false};
            m_values.pop_front();
            ++m_dropped;
        }
        m_values.push_back(std::move(value));
        return {.accepted = true, .wake = m_values.size() == 1};
    }
    [[nodiscard]] std::vector<T> takeAll()
    {
        std::deque<T> taken;
        {
            const std::scoped_lock lock(m_mutex);
            taken.swap(m_values);
        }
        return {std::make_move_iterator(taken.begin()), std::make_move_iterator(taken.end())};
    }
    [[nodiscard]] std::uint64_t dropped() const
    {
        const std::scoped_lock lock(m_mutex);
        return m_dropped;
    }

private:
    mutable std::mutex m_mutex;
    std::deque<T> m_values;
    std::size_t m_capacity;
    WhenFull m_whenFull;
    std::uint64_t m_dropped{0};
};

} // namespace core::runtime
