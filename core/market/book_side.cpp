#include "core/market/book_side.h"

#include <iterator>
#include <limits>
#include <new>
#include <utility>

namespace core::market
{

namespace
{
/// Enough for the busiest recorded side; beyond it a removed node goes back to the allocator.
constexpr std::size_t kSpareNodesMax = 4'096;
} // namespace

BookSide::BookSide(Side side)
    : m_side(side),
      // calloc: the system's zero pages cost no memory until a level touches them
      m_quantities(static_cast<std::int64_t *>(std::calloc(kWindowTicks, sizeof(std::int64_t))))
{
    if (!m_quantities)
        throw std::bad_alloc();
    m_spareNodes.reserve(kSpareNodesMax);
}

void BookSide::clear()
{
    m_summary = 0;
    m_groups.fill(0);
    m_words.fill(0); // quantities under a cleared bit are never read
    while (!m_far.empty() && m_spareNodes.size() < kSpareNodesMax)
        m_spareNodes.push_back(m_far.extract(m_far.begin()));
    m_far.clear();
}

void BookSide::rebase(std::uint32_t base)
{
    if (base == m_base)
        return;
    std::vector<std::pair<std::uint32_t, std::int64_t>> levels;
    levels.reserve(levelCount());
    walkUp([&levels](std::uint32_t tick, std::int64_t quantity) {
        levels.emplace_back(tick, quantity);
        return true;
    });
    clear();
    m_base = base;
    for (const auto &[tick, quantity] : levels)
        set(tick, quantity);
}

void BookSide::setFar(std::uint32_t tick, std::int64_t quantity)
{
    const auto it = m_far.lower_bound(tick);
    const bool known = it != m_far.end() && it->first == tick;
    if (quantity == 0) {
        if (!known)
            return;
        auto node = m_far.extract(it);
        if (m_spareNodes.size() < kSpareNodesMax)
            m_spareNodes.push_back(std::move(node));
    } else if (known) {
        it->second = quantity;
    } else if (!m_spareNodes.empty()) {
        auto node = std::move(m_spareNodes.back());
        m_spareNodes.pop_back();
        node.key() = tick;
        node.mapped() = quantity;
        m_far.insert(it, std::move(node));
    } else {
        m_far.emplace_hint(it, tick, quantity);
    }
}

void BookSide::markWord(std::uint32_t word, bool used)
{
    const std::uint32_t group = word >> 6;
    const std::uint64_t bit = std::uint64_t{1} << (word & 63);
    m_groups[group] = used ? m_groups[group] | bit : m_groups[group] & ~bit;
    const std::uint64_t groupBit = std::uint64_t{1} << group;
    m_summary = m_groups[group] != 0 ? m_summary | groupBit : m_summary & ~groupBit;
}

std::int64_t BookSide::quantityAt(std::uint32_t tick) const
{
    if (isInWindow(tick)) {
        const std::uint32_t slot = tick - m_base;
        return (m_words[slot >> 6] >> (slot & 63) & 1) != 0 ? m_quantities[slot] : 0;
    }
    const auto it = m_far.find(tick);
    return it == m_far.end() ? 0 : it->second;
}

std::size_t BookSide::levelCount() const
{
    std::size_t count = m_far.size();
    for (const std::uint64_t word : m_words)
        count += static_cast<std::size_t>(std::popcount(word));
    return count;
}

std::uint32_t BookSide::lowestInWindow() const
{
    const auto group = static_cast<std::uint32_t>(std::countr_zero(m_summary));
    const auto word = group * 64 + static_cast<std::uint32_t>(std::countr_zero(m_groups[group]));
    return m_base + word * 64 + static_cast<std::uint32_t>(std::countr_zero(m_words[word]));
}

std::uint32_t BookSide::highestInWindow() const
{
    const std::uint32_t group = topBit(m_summary);
    const std::uint32_t word = group * 64 + topBit(m_groups[group]);
    return m_base + word * 64 + topBit(m_words[word]);
}

std::uint32_t BookSide::bestTick() const
{
    if (m_far.empty()) {
        if (m_summary == 0)
            return 0;
        return m_side == Side::Buy ? highestInWindow() : lowestInWindow();
    }
    if (m_side == Side::Buy) {
        const std::uint32_t far = m_far.rbegin()->first;
        return m_summary == 0 ? far : std::max(far, highestInWindow());
    }
    const std::uint32_t far = m_far.begin()->first;
    return m_summary == 0 ? far : std::min(far, lowestInWindow());
}

} // namespace core::market
