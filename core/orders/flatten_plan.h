#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/account.h"
#include "core/domain/instrument.h"
#include "core/domain/order.h"
#include "core/orders/fnv.h"
#include "core/risk/engine.h"

namespace core::orders
{

// Pure parts of closing a position: how much, in which pieces, at which price, under which id.
// methods.md 7.6, 7.7.

/// How a wish to close a share of a position becomes a quantity.
struct PartialClose {
    enum class Kind { Partial, Full, FullBecauseRestTooSmall };
    Quantity quantity;
    Kind kind{Kind::Partial};
    friend bool operator==(const PartialClose &, const PartialClose &) = default;
};
struct LotRules {
    Quantity step;
    Quantity least;
    Money notionalLeast;
    bool reduceOnlyExempt{true}; ///< from the notional minimum: Binance yes, Hyperliquid no
};
/// ceil(fraction × position) to the step, raised to the minimum, and everything when the rest would be below
/// a minimum. Never more than the position. InvalidArgument without a step, size or fraction; OutOfRange when
/// it does not fit.
[[nodiscard]] Result<PartialClose> partialClose(Quantity position, Ratio fraction, const LotRules &rules,
                                                Price price);
[[nodiscard]] LotRules lotRules(const Instrument &instrument);

/// `total` in pieces of at most the instrument's maximum for the order type (and for market orders, so that a
/// piece can be escalated as it is), each a multiple of its step. What is less than a step stays in the last
/// piece.
[[nodiscard]] std::vector<Quantity> slices(Quantity total, const Instrument &instrument, OrderType type);
inline constexpr std::size_t kSlicesMax = 20;

/// Worst price that a closing limit order may take: mark ∓ slippage, rounded to the tick toward the mark (a
/// sell up, a buy down), so the bound is kept; where the tick is coarser than the slippage, the tick at the
/// mark on the marketable side; moved into the venue's price range and band. Absent when no valid price is
/// left: then only a market order can do it.
[[nodiscard]] std::optional<Price> closeLimit(Price mark, Side side, Ratio slippage,
                                              const Instrument &instrument);

/// The mark that the limit of a first attempt is reckoned from. Where a signature takes long (Hyperliquid), the nearest step of
/// a grid of at most a tenth of `slippage` that keeps the bound, so that the order is known before the tick comes; else `mark`.
[[nodiscard]] Price limitReference(Price mark, Side side, Ratio slippage, Venue venue);
/// The step of that grid beyond `reference`; absent: there is no grid.
[[nodiscard]] std::optional<Price> nextReference(Price reference, Side side, Ratio slippage, Venue venue);

/// A life as far as it goes into the ids of its orders: made once, used at every firing.
class LifeHash
{
public:
    explicit LifeHash(const risk::Life &life);
    [[nodiscard]] bool isOf(const risk::Life &life) const { return m_life == life; }
    [[nodiscard]] const Fnv &hash() const { return m_hash; }

private:
    risk::Life m_life;
    Fnv m_hash;
};
/// "etr-" and 24 hex digits of a 128-bit FNV-1a over life, rule, tier and number: the same facts give the
/// same id, always.
[[nodiscard]] std::string decisionId(const risk::Life &life, std::string_view breaker,
                                     std::string_view tier, std::int64_t number);
[[nodiscard]] std::string decisionId(const LifeHash &life, std::string_view breaker, std::string_view tier,
                                     std::int64_t number);
/// decision id + "-" + attempt, and "." + piece from the second piece on; at most 36 characters.
[[nodiscard]] ClientOrderId orderId(std::string_view decision, int attempt, std::size_t piece);

/// 1: IOC limit at the first slippage, 2: IOC limit at the second, 3 and later: market.
[[nodiscard]] std::optional<Ratio> slippageOf(int level, const risk::Limits &limits);

/// What the book can take of a closing order within `slippage` of the mark, by the largest measured distance that stays
/// inside it. Absent: the book does not say (incomplete, older than two seconds, nothing measured so near).
[[nodiscard]] std::optional<Quantity> takenWithin(const risk::Depth &depth, Side side, Price mark, Ratio slippage,
                                                  UtcTime now);
/// The part of `rest` to send now: what the book takes, whole steps, but everything when that is nothing or would leave or
/// be less than the venue's minimum.
[[nodiscard]] Quantity sliceByDepth(Quantity rest, std::optional<Quantity> taken, const LotRules &rules, Price mark);
/// No pause before attempts 1 to 3, then 250 ms doubling up to 4 s.
[[nodiscard]] Duration pauseBefore(int attempt);

[[nodiscard]] constexpr Side closingSide(Direction direction)
{
    return direction == Direction::Long ? Side::Sell : Side::Buy;
}

} // namespace core::orders
