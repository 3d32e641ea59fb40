#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/account.h"
#include "core/domain/instrument.h"
#include "core/domain/order.h"
#include "core/risk/config.h"

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

/// Prices near a trigger that the limit of a close is reckoned from, so that it is known before the tick comes and the order
/// can be signed ahead: the trigger, then steps of a fifth of `slippage` further.
inline constexpr int kForeseenSteps = 4;
[[nodiscard]] std::optional<Price> foreseenReference(Price trigger, Side side, Ratio slippage, int step);
/// The nearest of them on the side of `mark` that keeps the bound; the mark itself when it is not that near.
[[nodiscard]] Price limitReference(Price trigger, Price mark, Side side, Ratio slippage);

/// Key of one position life: venue, symbol, leg, direction and the time it was opened.
struct PositionLife {
    InstrumentKey instrument;
    PositionSide positionSide{PositionSide::Both};
    Direction direction{Direction::Long};
    UtcTime openedAt;
    friend bool operator==(const PositionLife &, const PositionLife &) = default;
};
/// "etr-" and 24 hex digits of a 128-bit FNV-1a over life, rule, tier and number: the same facts give the
/// same id, always.
[[nodiscard]] std::string decisionId(const PositionLife &life, std::string_view breaker,
                                     std::string_view tier, std::int64_t number);
/// decision id + "-" + attempt, and "." + piece from the second piece on; at most 36 characters.
[[nodiscard]] ClientOrderId orderId(std::string_view decision, int attempt, std::size_t piece);

/// 1: IOC limit at the first slippage, 2: IOC limit at the second, 3 and later: market.
[[nodiscard]] std::optional<Ratio> slippageOf(int attempt, const risk::RiskConfig &config);
/// No pause before attempts 1 to 3, then 250 ms doubling up to 4 s.
[[nodiscard]] Duration pauseBefore(int attempt);

[[nodiscard]] constexpr Side closingSide(Direction direction)
{
    return direction == Direction::Long ? Side::Sell : Side::Buy;
}

} // namespace core::orders
