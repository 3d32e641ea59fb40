#pragma once

#include <cstddef>
#include <vector>

#include "core/domain/market_data.h"

namespace core::market
{

/// The most recent prints of one contract, all kinds, in order of arrival. A ring of fixed capacity: the
/// oldest print makes room for a new one; nothing is allocated after construction. One thread; nothing fails.
class Tape
{
public:
    /// REQUIRES: capacity > 0.
    explicit Tape(std::size_t capacity);

    void push(const Trade &trade);
    void clear();

    [[nodiscard]] std::size_t capacity() const { return m_capacity; }
    [[nodiscard]] std::size_t size() const { return m_ring.size(); }
    [[nodiscard]] bool empty() const { return m_ring.empty(); }
    /// 0 is the oldest print held. REQUIRES: index < size().
    [[nodiscard]] const Trade &at(std::size_t index) const;
    /// REQUIRES: !empty().
    [[nodiscard]] const Trade &newest() const { return at(size() - 1); }
    /// The last `tradesMax` prints, newest last; appended to `out`.
    void copyNewest(std::size_t tradesMax, std::vector<Trade> &out) const;

private:
    std::size_t m_capacity;
    std::size_t m_oldest{0}; ///< position of the oldest print once the ring is full
    std::vector<Trade> m_ring;
};

} // namespace core::market
