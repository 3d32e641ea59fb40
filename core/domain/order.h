#pragma once

#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/domain/fixed8.h"
#include "core/domain/ids.h"
#include "core/domain/market_data.h"

namespace core
{

/// From StopMarket to TrailingStop: conditional. They rest outside the book until the trigger price is reached.
/// Unknown is a state: the venue has not said it, or in a word we do not know. Such an order is kept and shown; it
/// protects nothing, and none is ever sent.
enum class OrderType { Market, Limit, StopMarket, StopLimit, TakeProfitMarket, TakeProfitLimit, TrailingStop, Unknown };
[[nodiscard]] constexpr bool isConditional(OrderType type)
{
    return type >= OrderType::StopMarket && type <= OrderType::TrailingStop;
}
/// A limit price belongs to it.
[[nodiscard]] constexpr bool hasLimitPrice(OrderType type)
{
    return type == OrderType::Limit || type == OrderType::StopLimit || type == OrderType::TakeProfitLimit;
}
/// GoodTilDate needs `OrderRequest::goodTill`.
enum class TimeInForce { GoodTilCancel, ImmediateOrCancel, FillOrKill, PostOnly, GoodTilDate };
/// Which price fires a conditional order. A venue without the choice (Hyperliquid: mark) refuses the other.
enum class TriggerSource { Mark, Last };
enum class ReduceOnly { No, Yes };
/// Which leg of a hedge-mode account; Both in one-way mode.
enum class PositionSide { Both, Long, Short };

/// Unknown is a state: a time-out or an unclear answer. It adds no risk and is resolved by asking the venue.
/// Triggered: a conditional order has fired and works as an ordinary one; its fills and its end follow under the same
/// client order id.
enum class OrderStatus { Pending, New, PartiallyFilled, Filled, Canceled, Rejected, Expired, Triggered, Unknown };
[[nodiscard]] constexpr bool isFinal(OrderStatus status)
{
    return status == OrderStatus::Filled || status == OrderStatus::Canceled || status == OrderStatus::Rejected ||
           status == OrderStatus::Expired;
}
[[nodiscard]] std::string_view name(OrderStatus status);
[[nodiscard]] std::string_view name(OrderType type);
[[nodiscard]] std::string_view name(TimeInForce timeInForce);
[[nodiscard]] std::string_view name(PositionSide side);
[[nodiscard]] std::string_view name(TriggerSource source);

/// What we ask the venue to do. It cannot be sent as it is: only risk::Approved<OrderRequest> can.
struct OrderRequest {
    InstrumentKey instrument;
    ClientOrderId clientOrderId;
    Side side{Side::Buy};
    PositionSide positionSide{PositionSide::Both};
    OrderType type{OrderType::Limit};
    TimeInForce timeInForce{TimeInForce::GoodTilCancel}; ///< ignored for Market
    Quantity quantity;
    std::optional<Price> limitPrice; ///< where `hasLimitPrice`; of a market order on Hyperliquid: the worst price
    ReduceOnly reduceOnly{ReduceOnly::No};
    std::optional<Price> triggerPrice{}; ///< stops and take-profits
    TriggerSource triggerBy{TriggerSource::Mark};
    std::optional<Ratio> callbackRate{};     ///< TrailingStop: 0.01 = 1 %
    std::optional<Price> activationPrice{};  ///< TrailingStop; absent: at once
    std::optional<UtcTime> goodTill{};       ///< GoodTilDate
    friend bool operator==(const OrderRequest &, const OrderRequest &) = default;
};

/// New size and price of a live limit order. Passes the gate like an order: only Approved<OrderChange> can be sent.
struct OrderChange {
    InstrumentKey instrument;
    ClientOrderId clientOrderId;
    Quantity quantity; ///< the new total, with what is filled already
    Price limitPrice;
    friend bool operator==(const OrderChange &, const OrderChange &) = default;
};

/// What became of one request of ours.
enum class RequestOutcome {
    Accepted, ///< the venue acknowledged it
    Rejected, ///< the venue refused it: it is not live
    Unknown,  ///< no answer, or one that says neither: it may be live. Resolve by query.
};

/// What the venue says of an order, from a stream or a query; absolute, not a delta.
struct OrderUpdate {
    InstrumentKey instrument;
    ClientOrderId clientOrderId;
    VenueOrderId venueOrderId;
    Side side{Side::Buy};
    PositionSide positionSide{PositionSide::Both};
    OrderType type{OrderType::Unknown};
    OrderStatus status{OrderStatus::Unknown};
    Quantity quantity;
    Quantity filled;
    std::optional<Price> averagePrice; ///< absent where the venue does not say
    std::optional<Price> limitPrice;
    ReduceOnly reduceOnly{ReduceOnly::No};
    std::optional<Price> triggerPrice{}; ///< conditional orders
    std::string reason; ///< the venue's words for a rejection or expiry, or for what we do not know; else empty
    UtcTime venueTime;
    UtcTime receivedAt;
    friend bool operator==(const OrderUpdate &, const OrderUpdate &) = default;
};

/// One execution. Identity is (instrument, tradeId); the same one may be delivered several times.
struct Fill {
    InstrumentKey instrument;
    std::int64_t tradeId{0};
    VenueOrderId venueOrderId;
    ClientOrderId clientOrderId;
    Side side{Side::Buy};
    PositionSide positionSide{PositionSide::Both};
    Price price;
    Quantity quantity;
    Money fee; ///< positive: cost; negative: rebate
    Asset feeAsset;
    Money realizedPnl; ///< of this fill, before fees, as the venue reports it
    bool maker{false};
    UtcTime venueTime;
    UtcTime receivedAt;
    friend bool operator==(const Fill &, const Fill &) = default;
};

} // namespace core
