#include "core/market/tape.h"

#include <algorithm>

#include "core/base/assert.h"

namespace core::market
{

Tape::Tape(std::size_t capacity) : m_capacity(std::max<std::size_t>(capacity, 1))
{
    CORE_ASSERT(capacity > 0, "REQUIRES: capacity > 0");
    m_ring.reserve(m_capacity);
}

void Tape::push(const Trade &trade)
{
    if (m_ring.size() < m_capacity) {
        m_ring.push_back(trade);
        return;
    }
    m_ring[m_oldest] = trade;
    m_oldest = (m_oldest + 1) % m_capacity;
}

void Tape::clear()
{
    m_ring.clear();
    m_oldest = 0;
}

const Trade &Tape::at(std::size_t index) const
{
    CORE_ASSERT(index < size(), "REQUIRES: index < size()");
    return m_ring[(m_oldest + index) % m_ring.size()];
}

void Tape::copyNewest(std::size_t tradesMax, std::vector<Trade> &out) const
{
    const std::size_t count = std::min(tradesMax, size());
    out.reserve(out.size() + count);
    for (std::size_t i = size() - count; i < size(); ++i)
        out.push_back(at(i));
}

} // namespace core::market
