#include "core/market/order_book.h"

#include <algorithm>
#include <bit>
#include <limits>

#include <fmt/format.h>

#include "core/base/assert.h"
#include "core/market/book_side.h"

namespace core::market
{

namespace
{

/// Tick indices stay below 2^31: a price further from zero than that means that the tick size is wrong.
constexpr std::int64_t kTickIndexMax = std::numeric_limits<std::int32_t>::max();
constexpr std::uint32_t kHalfWindow = BookSide::kWindowTicks / 2;
constexpr std::uint32_t kQuarterWindow = BookSide::kWindowTicks / 4;

/// Price to tick index without a division. tick = odd × 2^shift; for a multiple of it, raw × odd⁻¹ (mod 2^64)
/// rotated right by shift is the quotient, and every other number lands above (2^64 − 1) ÷ tick.
/// Source: Granlund and Montgomery, "Division by Invariant Integers using Multiplication", 1994, section 9.
class TickGrid
{
public:
    explicit TickGrid(std::int64_t tick)
        : m_tick(tick), m_shift(std::countr_zero(static_cast<std::uint64_t>(tick))),
          m_indexMax(static_cast<std::uint64_t>(
              std::min(kTickIndexMax, std::numeric_limits<std::int64_t>::max() / tick)))
    {
        const std::uint64_t odd = static_cast<std::uint64_t>(tick) >> m_shift;
        m_inverse = odd; // right to three bits; each step doubles them
        for (int step = 0; step < 5; ++step)
            m_inverse *= 2 - odd * m_inverse;
    }
    [[nodiscard]] std::int64_t tick() const { return m_tick; }
    /// True, and the index, when the price is a positive multiple of the tick within the range.
    [[nodiscard]] bool index(std::int64_t price, std::uint32_t &out) const
    {
        const std::uint64_t quotient = std::rotr(static_cast<std::uint64_t>(price) * m_inverse, m_shift);
        out = static_cast<std::uint32_t>(quotient);
        return quotient - 1 < m_indexMax; // 0 wraps around
    }

private:
    std::int64_t m_tick;
    int m_shift;
    std::uint64_t m_indexMax;
    std::uint64_t m_inverse{0};
};

[[nodiscard]] constexpr std::uint64_t mixed(std::uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL; // splitmix64
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

} // namespace

struct OrderBook::Impl {
    explicit Impl(std::int64_t tick) : grid(tick), bids(Side::Buy), asks(Side::Sell) {}

    [[nodiscard]] const BookSide &sideOf(Side side) const { return side == Side::Buy ? bids : asks; }
    [[nodiscard]] Price priceOf(std::uint32_t tick) const
    {
        return Price::fromRaw(static_cast<std::int64_t>(tick) * grid.tick());
    }
    /// Why a level is refused.
    [[nodiscard]] Error refusal(Side side, const Level &level) const
    {
        const std::string what =
            fmt::format("{} level {} × {}", name(side), level.price.text(), level.quantity.text());
        if (!level.price.isPositive())
            return {ErrorCode::InvalidArgument, what + ": the price must be above 0"};
        if (level.quantity.isNegative())
            return {ErrorCode::InvalidArgument, what + ": the quantity must not be negative"};
        if (level.price.raw() % grid.tick() != 0)
            return {ErrorCode::InvalidArgument,
                    fmt::format("{}: the price is no multiple of the tick {}", what, priceOf(1).text())};
        return {ErrorCode::OutOfRange, fmt::format("{}: the price is more than {} ticks of {} from zero",
                                                   what, kTickIndexMax, priceOf(1).text())};
    }
    [[nodiscard]] const Level *applySide(Side side, std::span<const Level> levels)
    {
        BookSide &target = side == Side::Buy ? bids : asks;
        for (const Level &level : levels) {
            std::uint32_t tick = 0;
            if (!grid.index(level.price.raw(), tick) || level.quantity.isNegative()) [[unlikely]]
                return &level;
            target.set(tick, level.quantity.raw());
        }
        return nullptr;
    }
    /// Middle of the best prices, the best price of a lone side, or 0.
    [[nodiscard]] std::uint32_t midTick() const
    {
        const std::uint32_t bid = bids.bestTick();
        const std::uint32_t ask = asks.bestTick();
        return bid == 0 || ask == 0 ? bid + ask : (bid + ask) / 2; // both below 2^31
    }
    /// Both windows around `tick`; whole words, so that a bitmap word never straddles the edge.
    void centreOn(std::uint32_t tick)
    {
        const std::uint32_t base = tick <= kHalfWindow ? 0 : (tick - kHalfWindow) & ~63U;
        bids.rebase(base);
        asks.rebase(base);
    }
    void recentreIfNeeded()
    {
        const std::uint32_t mid = midTick();
        if (mid != 0 && mid - bids.base() - kQuarterWindow >= kHalfWindow)
            [[unlikely]] // left the middle half
            centreOn(mid);
    }

    TickGrid grid;
    BookSide bids;
    BookSide asks;
};

OrderBook::OrderBook(Price tickSize)
{
    CORE_ASSERT(tickSize.isPositive(), "REQUIRES: tickSize > 0");
    m_impl = std::make_unique<Impl>(std::max<std::int64_t>(tickSize.raw(), 1));
}

OrderBook::OrderBook(OrderBook &&) noexcept = default;
OrderBook &OrderBook::operator=(OrderBook &&) noexcept = default;
OrderBook::~OrderBook() = default;

void OrderBook::clear()
{
    m_impl->bids.clear();
    m_impl->asks.clear();
}

Result<void> OrderBook::assign(std::span<const Level> bids, std::span<const Level> asks)
{
    clear();
    const std::span<const Level> first = bids.empty() ? asks : bids;
    std::uint32_t tick = 0;
    if (!first.empty() && m_impl->grid.index(first.front().price.raw(), tick))
        m_impl->centreOn(tick); // only saves the way through the overflow
    auto applied = apply(bids, asks);
    if (!applied)
        clear(); // half a snapshot must not look like a book
    return applied;
}

Result<void> OrderBook::apply(std::span<const Level> bids, std::span<const Level> asks)
{
    if (const Level *bad = m_impl->applySide(Side::Buy, bids)) [[unlikely]]
        return fail(m_impl->refusal(Side::Buy, *bad));
    if (const Level *bad = m_impl->applySide(Side::Sell, asks)) [[unlikely]]
        return fail(m_impl->refusal(Side::Sell, *bad));
    m_impl->recentreIfNeeded();
    return {};
}

Price OrderBook::tickSize() const
{
    return m_impl->priceOf(1);
}

std::optional<Level> OrderBook::best(Side side) const
{
    const BookSide &levels = m_impl->sideOf(side);
    const std::uint32_t tick = levels.bestTick();
    if (tick == 0)
        return std::nullopt;
    return Level{m_impl->priceOf(tick), Quantity::fromRaw(levels.quantityAt(tick))};
}

bool OrderBook::isCrossed() const
{
    const std::uint32_t bid = m_impl->bids.bestTick();
    const std::uint32_t ask = m_impl->asks.bestTick();
    return bid != 0 && ask != 0 && bid >= ask;
}

Quantity OrderBook::quantityAt(Side side, Price price) const
{
    std::uint32_t tick = 0;
    if (!m_impl->grid.index(price.raw(), tick))
        return {};
    return Quantity::fromRaw(m_impl->sideOf(side).quantityAt(tick));
}

std::size_t OrderBook::levelCount(Side side) const
{
    return m_impl->sideOf(side).levelCount();
}

void OrderBook::copyLevels(Side side, std::size_t levelsMax, std::vector<Level> &out) const
{
    if (levelsMax == 0)
        return;
    m_impl->sideOf(side).forEachBestFirst(
        [&, left = levelsMax](std::uint32_t tick, std::int64_t quantity) mutable {
            out.push_back({m_impl->priceOf(tick), Quantity::fromRaw(quantity)});
            return --left != 0;
        });
}

void OrderBook::copyLevelsWithin(Side side, Price worst, std::vector<Level> &out) const
{
    m_impl->sideOf(side).forEachBestFirst([&](std::uint32_t tick, std::int64_t quantity) {
        const Price price = m_impl->priceOf(tick);
        if (side == Side::Buy ? price < worst : price > worst)
            return false;
        out.push_back({price, Quantity::fromRaw(quantity)});
        return true;
    });
}

std::uint64_t OrderBook::contentHash() const
{
    std::uint64_t hash = 0; // a sum: independent of the order of the walk
    for (const Side side : {Side::Buy, Side::Sell}) {
        const std::uint64_t salt = side == Side::Buy ? 0x9e3779b97f4a7c15ULL : 0xd1b54a32d192ed03ULL;
        m_impl->sideOf(side).forEachBestFirst([&](std::uint32_t tick, std::int64_t quantity) {
            const auto price = static_cast<std::uint64_t>(m_impl->priceOf(tick).raw());
            hash += mixed(mixed(price + salt) ^ static_cast<std::uint64_t>(quantity));
            return true;
        });
    }
    return hash;
}

} // namespace core::market
