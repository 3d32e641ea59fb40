#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/base/clock.h"

namespace core::runtime::drill
{

/// Simulated time and everything that is going to happen in it, in order of time, then of entry. One thread.
class Timeline
{
public:
    explicit Timeline(UtcTime start) : m_clock(start) {}

    [[nodiscard]] const Clock &clock() const { return m_clock; }
    [[nodiscard]] UtcTime now() const { return m_clock.now(); }
    /// Not before now: what is late happens at once.
    void at(UtcTime when, std::function<void()> what);
    void after(Duration delay, std::function<void()> what) { at(now() + delay, std::move(what)); }
    /// Everything due up to and including `end`; then it is `end`.
    void runUntil(UtcTime end);

private:
    struct Entry {
        UtcTime when;
        std::uint64_t number{0};
        std::function<void()> what;
    };
    [[nodiscard]] static bool later(const Entry &a, const Entry &b)
    {
        return a.when != b.when ? a.when > b.when : a.number > b.number;
    }

    ManualClock m_clock;
    std::vector<Entry> m_heap; // earliest on top
    std::uint64_t m_entries{0};
};

} // namespace core::runtime::drill
