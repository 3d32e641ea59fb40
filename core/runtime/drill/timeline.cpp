#include "core/runtime/drill/timeline.h"

#include <algorithm>
#include <utility>

namespace core::runtime::drill
{

void Timeline::at(UtcTime when, std::function<void()> what)
{
    m_heap.push_back({std::max(when, now()), m_entries++, std::move(what)});
    std::push_heap(m_heap.begin(), m_heap.end(), later);
}

void Timeline::runUntil(UtcTime end)
{
    while (!m_heap.empty() && m_heap.front().when <= end) {
        std::pop_heap(m_heap.begin(), m_heap.end(), later);
        const Entry next = std::move(m_heap.back());
        m_heap.pop_back();
        m_clock.advance(next.when - now());
        next.what();
    }
    m_clock.advance(end - now());
}

} // namespace core::runtime::drill
