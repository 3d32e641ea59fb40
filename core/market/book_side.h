#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "core/domain/market_data.h"

namespace core::market
{

/// Quantities of one side of a book by tick index (1 … 2^31−1): a window of 65,536 ticks held as an array
/// with a bitmap, a bitmap of its words and a summary of that; everything else in an ordered overflow with
/// pooled nodes. Quantities are raw counts of 1e-8; 0 means "no level". One thread. Nothing fails: the caller
/// checks the ranges.
class BookSide
{
public:
    static constexpr std::uint32_t kWindowTicks = 65'536;

    explicit BookSide(Side side);

    [[nodiscard]] std::uint32_t base() const { return m_base; } ///< tick of the window's first slot

    void clear();
    /// Moves the window; every level is kept.
    void rebase(std::uint32_t base);

    void set(std::uint32_t tick, std::int64_t quantity)
    {
        const std::uint32_t slot = tick - m_base; // wraps to a large number below the window
        if (slot >= kWindowTicks) [[unlikely]] {
            setFar(tick, quantity);
            return;
        }
        m_quantities[slot] = quantity;
        std::uint64_t &word = m_words[slot >> 6];
        const std::uint64_t before = word;
        const std::uint64_t bit = slot & 63;
        word = (before & ~(std::uint64_t{1} << bit)) | (std::uint64_t{quantity != 0} << bit);
        if ((before == 0) != (word == 0)) [[unlikely]]
            markWord(slot >> 6, word != 0);
    }
    [[nodiscard]] std::int64_t quantityAt(std::uint32_t tick) const;
    [[nodiscard]] std::size_t levelCount() const;
    /// Buy: the highest tick, Sell: the lowest; 0 when the side is empty.
    [[nodiscard]] std::uint32_t bestTick() const;

    /// Calls visit(tick, quantity) from the best level on until it returns false.
    template <class Visit> void forEachBestFirst(Visit visit) const
    {
        if (m_side == Side::Buy)
            walkDown(visit);
        else
            walkUp(visit);
    }

private:
    static constexpr std::uint32_t kWordCount = kWindowTicks / 64;
    static constexpr std::uint32_t kGroupCount = kWordCount / 64;
    struct Free {
        void operator()(void *memory) const { std::free(memory); }
    };
    using Overflow = std::map<std::uint32_t, std::int64_t>;

    void setFar(std::uint32_t tick, std::int64_t quantity);
    void markWord(std::uint32_t word, bool used);
    [[nodiscard]] bool isInWindow(std::uint32_t tick) const { return tick - m_base < kWindowTicks; }
    [[nodiscard]] std::uint32_t lowestInWindow() const;
    [[nodiscard]] std::uint32_t highestInWindow() const;

    template <class Visit> void walkUp(Visit visit) const
    {
        const auto above = m_far.lower_bound(m_base); // nothing in the overflow lies inside the window
        for (auto it = m_far.begin(); it != above; ++it)
            if (!visit(it->first, it->second))
                return;
        for (std::uint64_t groups = m_summary; groups != 0; groups &= groups - 1) {
            const auto group = static_cast<std::uint32_t>(std::countr_zero(groups));
            for (std::uint64_t words = m_groups[group]; words != 0; words &= words - 1) {
                const std::uint32_t word = group * 64 + static_cast<std::uint32_t>(std::countr_zero(words));
                for (std::uint64_t bits = m_words[word]; bits != 0; bits &= bits - 1) {
                    const std::uint32_t slot = word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits));
                    if (!visit(m_base + slot, m_quantities[slot]))
                        return;
                }
            }
        }
        for (auto it = above; it != m_far.end(); ++it)
            if (!visit(it->first, it->second))
                return;
    }
    template <class Visit> void walkDown(Visit visit) const
    {
        const auto above = m_far.lower_bound(m_base);
        for (auto it = m_far.end(); it != above;) {
            --it;
            if (!visit(it->first, it->second))
                return;
        }
        for (std::uint64_t groups = m_summary; groups != 0;) {
            const std::uint32_t group = topBit(groups);
            groups ^= std::uint64_t{1} << group;
            for (std::uint64_t words = m_groups[group]; words != 0;) {
                const std::uint32_t inGroup = topBit(words);
                words ^= std::uint64_t{1} << inGroup;
                const std::uint32_t word = group * 64 + inGroup;
                for (std::uint64_t bits = m_words[word]; bits != 0;) {
                    const std::uint32_t inWord = topBit(bits);
                    bits ^= std::uint64_t{1} << inWord;
                    const std::uint32_t slot = word * 64 + inWord;
                    if (!visit(m_base + slot, m_quantities[slot]))
                        return;
                }
            }
        }
        for (auto it = above; it != m_far.begin();) {
            --it;
            if (!visit(it->first, it->second))
                return;
        }
    }
    [[nodiscard]] static std::uint32_t topBit(std::uint64_t bits)
    {
        return 63U - static_cast<std::uint32_t>(std::countl_zero(bits));
    }

    Side m_side;
    std::uint32_t m_base{0};
    std::uint64_t m_summary{0};
    std::array<std::uint64_t, kGroupCount> m_groups{};
    std::array<std::uint64_t, kWordCount> m_words{};
    std::unique_ptr<std::int64_t[], Free> m_quantities; // valid where the bit is set
    Overflow m_far;
    std::vector<Overflow::node_type> m_spareNodes;
};

} // namespace core::market
