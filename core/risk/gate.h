#pragma once

#include <optional>
#include <string>

#include "core/domain/account.h"
#include "core/domain/instrument.h"
#include "core/domain/order.h"
#include "core/risk/approved.h"
#include "core/risk/limits.h"

namespace core::risk
{

/// Why the gate refused. Stable names for machines; ui has a sentence for each.
enum class DenyReason {
    BadClientOrderId,
    TypeUnknown,    ///< what kind of order it is was not said
    BadQuantity,    ///< zero, negative, or above any sane size
    PriceMissing,   ///< a limit order without a price
    PriceForbidden, ///< a market order with a price, or an order without a trigger that names one
    TriggerMissing, ///< a conditional order without what fires it
    NotChangeable,  ///< a change of an order that is not a live limit order, or below what is filled
    InstrumentUnknown,
    NotTrading, ///< opening an instrument that the venue does not trade now
    OffTick,
    OffStep,
    BelowQuantityMin,
    AboveQuantityMax,
    PriceOutsideLimits, ///< the venue's absolute price range
    PriceOutsideBand,   ///< the venue's band around the mark
    BelowNotionalMin,
    NoPosition,      ///< reduce-only without anything to reduce
    WrongSide,       ///< reduce-only that would add
    ExceedsPosition, ///< with what other orders will close, more than the live position
    NotReconciled,   ///< adds risk before the venue's and our state agree
    NotFresh,        ///< adds risk on stale data
    AboveOrderNotional, ///< adds risk: one order larger than the limits allow
    PriceFarFromMark,   ///< adds risk: its price is further from the mark than the limits allow
    EquityUnknown,      ///< adds risk: its size cannot be held against the account's equity
    OrderRate,          ///< adds risk: too many such orders in a second or a minute
};
[[nodiscard]] std::string_view name(DenyReason reason);

/// A refusal: the reason and the two numbers that disagree, as decimal text where there are any.
struct Denial {
    DenyReason reason{DenyReason::BadQuantity};
    std::string got;
    std::string limit;
    [[nodiscard]] std::string text() const; ///< English, for alerts and logs
};

/// What the gate needs to know, as values. `live` is the size that the venue holds now, reduced by fills that
/// we know of.
struct GateFacts {
    const Instrument *instrument{nullptr}; ///< observer; null: not loaded
    std::optional<Direction> direction;    ///< of the live position; absent: flat
    Quantity live;
    Quantity closing; ///< what our other live orders may still close
    std::optional<Price> mark;
    bool reconciled{false};
    bool fresh{false};
    /// Closing: what the venue refuses below and fills at most to flat may be asked for up to this size.
    std::optional<Quantity> raisedTo{};
    // Adding risk, by hand: the hard walls of the account's limits; null: not one of those.
    const GateLimits *walls{nullptr};
    std::optional<Money> equity{};
    int sentLastSecond{0};
    int sentLastMinute{0};
};

/// The only place where an order gets its permission. Pure. It refuses malformed orders and everything that
/// adds risk without trustworthy data; it never refuses a reduction for being small, for stale data, or
/// because the account is halted.
class RiskGate
{
public:
    [[nodiscard]] static tl::expected<Approved<OrderRequest>, Denial> check(OrderRequest request,
                                                                            const GateFacts &facts);
    /// `live` is the order as the venue holds it. What the change adds is judged like a new order.
    [[nodiscard]] static tl::expected<Approved<OrderChange>, Denial>
    checkChange(OrderChange change, const OrderUpdate &live, const GateFacts &facts);
};

} // namespace core::risk
