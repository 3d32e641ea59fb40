#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/base/result.h"
#include "core/domain/market_data.h"

namespace core::market
{

/// The resting orders of one contract, by price. An array over integer ticks around the mid with a bitmap to
/// find the next level, and an overflow structure for levels far away; it re-centres by itself.
/// One thread. Prices that are no multiple of the tick, or negative quantities, are errors: the book is then unchanged
/// by that level and must not be trusted (the caller resynchronises).
/// It may hold a crossed state between two changes; `isCrossed` says so and the caller decides.
class OrderBook
{
public:
    /// REQUIRES: tickSize > 0.
    explicit OrderBook(Price tickSize);
    OrderBook(OrderBook &&) noexcept;
    OrderBook &operator=(OrderBook &&) noexcept;
    ~OrderBook();

    void clear();
    /// Replaces everything.
    [[nodiscard]] Result<void> assign(std::span<const Level> bids, std::span<const Level> asks);
    /// Absolute quantities; 0 removes; removing an unknown level is normal.
    [[nodiscard]] Result<void> apply(std::span<const Level> bids, std::span<const Level> asks);

    [[nodiscard]] Price tickSize() const;
    [[nodiscard]] std::optional<Level> best(Side side) const; ///< Buy: highest bid; Sell: lowest ask
    [[nodiscard]] bool isCrossed() const;                     ///< best bid ≥ best ask
    [[nodiscard]] Quantity quantityAt(Side side, Price price) const;
    [[nodiscard]] std::size_t levelCount(Side side) const;
    /// Best first, at most `levelsMax`; appended to `out`.
    void copyLevels(Side side, std::size_t levelsMax, std::vector<Level> &out) const;
    /// Best first, down to and including `worst`; appended to `out`.
    void copyLevelsWithin(Side side, Price worst, std::vector<Level> &out) const;
    /// Independent of insertion history: two books with equal levels have equal hashes.
    [[nodiscard]] std::uint64_t contentHash() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace core::market
