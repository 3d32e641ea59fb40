#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/domain/market_data.h"
#include "core/domain/order.h"
#include "core/market/order_book.h"

namespace core::venue
{

/// What happens when an account would trade with itself.
enum class SelfTrade { None, ExpireTaker, ExpireMaker, ExpireBoth };

/// Why an order ended without being filled; the numbers are the venue's `er`.
enum class Expiry {
    None = 0,
    SelfTrade = 1,
    ImmediateRemainder = 2,
    ReduceOnly = 4,
    Liquidated = 5,
    PositionGone = 6,
    Delisted = 7,
    MarketRemainder = 9
};

/// An order as the matching sees it. `limit` absent: market order.
struct BookOrder {
    std::int64_t id{0};
    std::size_t account{0};
    Side side{Side::Buy};
    std::optional<Price> limit{};
    Quantity remaining;
    TimeInForce timeInForce{TimeInForce::GoodTilCancel};
    ReduceOnly reduceOnly{ReduceOnly::No};
    SelfTrade selfTrade{SelfTrade::ExpireMaker};
    std::optional<Price> takeBound{}; ///< market orders: no execution beyond this price
};

/// What the matching tells while it works, in the order in which it happens.
class MatchListener
{
public:
    virtual ~MatchListener() = default;
    /// How much of a reduce-only order may trade at this moment; 0 ends it.
    virtual Quantity reducible(const BookOrder &order) = 0;
    virtual void onExecution(const BookOrder &order, Price price, Quantity quantity, bool maker) = 0;
    virtual void onExpired(const BookOrder &order, Expiry why) = 0;
    /// Quantity that can no longer reduce was taken off a resting order.
    virtual void onShrunk(const BookOrder &order, Quantity less) = 0;
    /// What `MatchingBook::shown` says of this price changed because of our orders.
    virtual void onShown(Side side, Price price) = 0;
};

/// Why an order cannot be accepted at this moment.
enum class MatchRefusal { None, FillOrKill, PostOnly, NoLiquidity };

/// One contract: the external book (recorded or generated) and the resting orders of our accounts. Executes
/// at the exact external levels; what was taken from a level stays taken until the next external change of
/// that level. A resting order fills when the external book crosses it or a trade prints strictly through it;
/// at an equal price external size goes first; own orders go by price, then time. Pure; one thread.
class MatchingBook
{
public:
    explicit MatchingBook(Price tickSize);

    /// External market. `assign` forgets what was taken.
    [[nodiscard]] Result<void> assign(std::span<const Level> bids, std::span<const Level> asks);
    [[nodiscard]] Result<void> apply(std::span<const Level> bids, std::span<const Level> asks);
    /// Fills resting orders that the external book now crosses.
    void matchResting(MatchListener &listener);
    /// Fills resting orders that a print goes through, at most by its quantity.
    void onPrint(const Trade &trade, MatchListener &listener);

    [[nodiscard]] MatchRefusal check(const BookOrder &order) const;
    /// Takes what it may; the rest of a limit order rests (good-til-cancel, post-only) or expires.
    void submit(BookOrder order, MatchListener &listener);
    /// Where it rested, or nullopt.
    std::optional<std::pair<Side, Price>> cancel(std::int64_t orderId);
    /// A resting order, or nullptr.
    [[nodiscard]] const BookOrder *find(std::int64_t orderId) const;
    /// Reduce-only orders of one account that can no longer reduce are ended (er 4); with `shrink` the others lose what
    /// the position cannot cover.
    void sweepReduceOnly(std::size_t account, bool shrink, MatchListener &listener);
    /// Remaining quantity of the reduce-only orders of one account that rest on `side` and pass `counts`.
    template <class Counts> [[nodiscard]] Quantity restingReduceOnly(std::size_t account, Side side, Counts counts) const
    {
        std::int64_t sum = 0;
        for (const auto &[price, queue] : resting(side))
            for (const Resting &entry : queue)
                if (entry.order.account == account && entry.order.reduceOnly == ReduceOnly::Yes && counts(entry.order))
                    sum += entry.order.remaining.raw();
        return Quantity::fromRaw(sum);
    }

    [[nodiscard]] const market::OrderBook &external() const { return m_external; }
    /// External quantity minus what was taken.
    [[nodiscard]] Quantity available(Side side, Price price) const;
    /// What the public sees: what is left of the external quantity, and our resting orders.
    [[nodiscard]] Quantity shown(Side side, Price price) const;
    /// Best levels of what the public sees, at most `countMax`.
    void copyShown(Side side, std::size_t countMax, std::vector<Level> &out) const;
    /// The public sees something else than the external book.
    [[nodiscard]] bool isChanged() const
    {
        return !m_where.empty() || !m_takenBids.empty() || !m_takenAsks.empty();
    }
    /// Best external price with something left.
    [[nodiscard]] std::optional<Level> bestAvailable(Side side) const;
    /// Average of best bid and ask, rounded half to even at 1e-8.
    [[nodiscard]] std::optional<Price> middle() const;

private:
    struct Resting {
        std::uint64_t arrival{0};
        BookOrder order;
    };
    using RestingSide = std::map<std::int64_t, std::vector<Resting>>; // price → by arrival

    [[nodiscard]] RestingSide &resting(Side side) { return side == Side::Buy ? m_bids : m_asks; }
    [[nodiscard]] const RestingSide &resting(Side side) const { return side == Side::Buy ? m_bids : m_asks; }
    [[nodiscard]] std::map<std::int64_t, std::int64_t> &taken(Side side)
    {
        return side == Side::Buy ? m_takenBids : m_takenAsks;
    }
    [[nodiscard]] const std::map<std::int64_t, std::int64_t> &taken(Side side) const
    {
        return side == Side::Buy ? m_takenBids : m_takenAsks;
    }
    class ExternalCursor;

    [[nodiscard]] std::optional<Price> bestResting(Side side) const;
    [[nodiscard]] Quantity reachable(const BookOrder &order) const;
    void takeExternal(BookOrder &order, Side side, const Level &level, MatchListener &listener);
    /// False when the taker has to end (self-trade).
    [[nodiscard]] bool takeResting(BookOrder &order, Side side, Price price, MatchListener &listener);
    [[nodiscard]] bool fillFront(Side side, std::int64_t price, Quantity &quantity, MatchListener &listener);
    void dropFront(Side side, std::int64_t price);
    void rest(const BookOrder &order, MatchListener &listener);
    void forget(Side side, std::span<const Level> changed);

    market::OrderBook m_external;
    std::map<std::int64_t, std::int64_t> m_takenBids; // price → quantity taken since the level last changed
    std::map<std::int64_t, std::int64_t> m_takenAsks;
    RestingSide m_bids;
    RestingSide m_asks;
    std::map<std::int64_t, std::pair<Side, std::int64_t>> m_where; // id → side, price
    std::uint64_t m_arrivals{0};
};

} // namespace core::venue
