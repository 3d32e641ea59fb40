#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/domain/order.h"
#include "core/venue/matching.h"

namespace core::venue
{

/// Which price a conditional order watches.
enum class WorkingType { ContractPrice, MarkPrice };

/// An order request after the wire was read; the texts are the venue's enums, checked.
struct NewOrder {
    Symbol symbol;
    Side side{Side::Buy};
    OrderType type{OrderType::Limit};
    TimeInForce timeInForce{TimeInForce::GoodTilCancel};
    Quantity quantity;
    std::optional<Price> price;
    ReduceOnly reduceOnly{ReduceOnly::No};
    SelfTrade selfTrade{SelfTrade::ExpireMaker};
    std::string clientOrderId; ///< empty: the venue makes one
    PositionSide positionSide{PositionSide::Both}; ///< hedge mode: the leg
    std::optional<UtcTime> goodTill{};             ///< GoodTilDate
    std::string priceMatch{"NONE"};                ///< how the price was found; shown only
};

/// One order of the book of record, alive or finished.
struct VenueOrder {
    std::int64_t id{0};
    std::size_t account{0};
    NewOrder request;
    OrderStatus status{OrderStatus::New};
    Quantity filled;
    Money filledQuote;
    std::string originalType; ///< "LIMIT", "MARKET", or the conditional type it came from
    std::string shownType;    ///< as above, or "LIQUIDATION"
    Expiry expiry{Expiry::None};
    std::optional<Price> stopPrice; ///< of the conditional order it came from
    WorkingType working{WorkingType::ContractPrice};
    UtcTime createdAt;
    UtcTime updatedAt;
    std::int64_t algoId{0}; ///< 0: not the child of a conditional order
    bool liquidation{false}; ///< made by the venue: liquidation, deleveraging, settlement
    int amendments{0};
    std::optional<std::int64_t> modifyId{}; ///< of the newest amendment
    [[nodiscard]] bool isOpen() const
    {
        return status == OrderStatus::New || status == OrderStatus::PartiallyFilled;
    }
};

/// One execution of one account.
struct VenueFill {
    std::int64_t tradeId{0};
    std::int64_t orderId{0};
    std::size_t account{0};
    Symbol symbol;
    Side side{Side::Buy};
    Price price;
    Quantity quantity;
    Money fee;
    Money realized;
    bool maker{false};
    UtcTime at;
    PositionSide positionSide{PositionSide::Both};
    std::int64_t startPosition{0}; ///< signed, of the leg, before this fill
    bool liquidation{false};
};

enum class AlgoType { StopMarket, TakeProfitMarket, StopLimit, TakeProfitLimit, TrailingStop };
/// The venue's word: "STOP_MARKET".
[[nodiscard]] std::string_view name(AlgoType type);
enum class AlgoStatus { New, Triggering, Triggered, Finished, Canceled, Rejected, Expired };

/// A conditional order: kept apart from the book; sends an order of its own when its price is reached.
struct NewAlgo {
    Symbol symbol;
    Side side{Side::Sell};
    AlgoType type{AlgoType::StopMarket};
    Quantity quantity; ///< 0 with closePosition
    Price trigger;
    WorkingType working{WorkingType::ContractPrice};
    bool closePosition{false};
    bool priceProtect{false};
    ReduceOnly reduceOnly{ReduceOnly::No};
    std::string timeInForce{"GTC"}; ///< GTC, IOC, FOK, GTX, or GTE_GTC: ends with the position
    std::string clientAlgoId;
    PositionSide positionSide{PositionSide::Both};
    std::optional<Price> price{};    ///< of the order it sends; StopMarket, TakeProfitMarket: the worst price (IOC)
    std::optional<Price> activate{}; ///< TrailingStop; absent: at once
    Ratio callbackRate;              ///< TrailingStop: 0.01 = 1 %
    SelfTrade selfTrade{SelfTrade::None};
};

/// Whether this price fires it; for all but TrailingStop.
[[nodiscard]] bool isTriggered(const NewAlgo &algo, Price price);

struct VenueAlgo {
    std::int64_t id{0};
    std::size_t account{0};
    NewAlgo request;
    AlgoStatus status{AlgoStatus::New};
    std::int64_t childOrder{0};
    bool activated{false};          ///< TrailingStop
    std::optional<Price> extreme{}; ///< TrailingStop: highest (sell) or lowest (buy) price since it was placed
    std::string reason;             ///< rm
    UtcTime createdAt;
    UtcTime updatedAt;
    UtcTime triggeredAt;
    [[nodiscard]] bool isOpen() const { return status == AlgoStatus::New; }
};

} // namespace core::venue
