#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/domain/account.h"
#include "core/domain/market_data.h"
#include "core/domain/order.h"

namespace core::exchange::binance
{

/// One `depthUpdate`: changed levels, absolute quantities, with the ids that chain the stream (U, u, pu).
struct DepthUpdate {
    Symbol symbol;
    std::int64_t firstId{0};
    std::int64_t lastId{0};
    std::int64_t previousLastId{0};
    UtcTime eventTime;
    UtcTime venueTime;
    UtcTime receivedAt;
    std::vector<Level> bids;
    std::vector<Level> asks;
};

/// Answer of `GET /fapi/v1/depth`.
struct DepthSnapshot {
    std::int64_t lastUpdateId{0};
    UtcTime eventTime;
    UtcTime venueTime;
    std::vector<Level> bids;
    std::vector<Level> asks;
};

/// Largest liquidation of a symbol within a second (`forceOrder`). `price` is the order's own.
struct Liquidation : core::Liquidation {
    Price averagePrice; ///< of its executions; 0 while there are none
};

/// Reply to SUBSCRIBE and the like; `code` is set for an error.
struct ControlReply {
    std::int64_t id{0};
    std::optional<int> code;
    std::string message;
};

/// A frame that is well-formed and of no interest (unknown `e`, COIN-M rows).
struct Ignored {
    std::string event;
};

/// A frame of an all-market stream, without the rows of the other universe. Rows of one kind only.
struct MarketRows {
    std::vector<MarkPrice> marks;
    std::vector<Ticker> tickers;
};

/// `const DepthUpdate *` points into the decoder and lives until its next call.
using MarketEvent = std::variant<const DepthUpdate *, Trade, BestQuote, MarkPrice, Candle, Liquidation,
                                 Ticker, MarketRows, ControlReply, Ignored>;

/// ORDER_TRADE_UPDATE: always an order state, with a fill when it carries one.
struct OrderEvent {
    OrderUpdate order;
    std::optional<Fill> fill;
    std::string execution;        ///< venue's `x`: NEW, TRADE, CANCELED, CALCULATED, EXPIRED, AMENDMENT
    bool fromConditional{false};  ///< `ot` names a stop, take-profit or trailing order
    bool feeKnown{true};          ///< false: a fill without commission; userTrades has it
};

/// ACCOUNT_UPDATE: absolute values, only what changed.
struct AccountEvent {
    struct Balance {
        Asset asset;
        Money wallet;
        Money crossWallet;
        std::optional<Money> change; ///< apart from profit and commission
    };
    std::string reason; ///< venue's `m`: ORDER, FUNDING_FEE, DEPOSIT, …
    Symbol symbol;      ///< of a funding fee, where said
    std::vector<Balance> balances;
    std::vector<Position> positions;
    UtcTime venueTime;
    UtcTime receivedAt;
};

/// A conditional order as the venue states it: ALGO_UPDATE, or an answer of the algoOrder endpoints.
/// Source: reference/binance-usdm.md sections 5.4 and 6.7.
struct AlgoEvent {
    InstrumentKey instrument;
    std::int64_t algoId{0};
    ClientOrderId clientAlgoId;
    Side side{Side::Buy};
    PositionSide positionSide{PositionSide::Both};
    OrderType type{OrderType::Unknown};
    Quantity quantity; ///< 0: the whole position at the trigger
    Quantity executed;
    std::optional<Price> averagePrice;
    std::optional<Price> limitPrice;
    std::optional<Price> triggerPrice;
    ReduceOnly reduceOnly{ReduceOnly::No};
    std::string status; ///< NEW, CANCELED, EXPIRED, TRIGGERING, TRIGGERED, FINISHED, REJECTED
    std::optional<VenueOrderId> childOrder;
    std::string reason;
    UtcTime venueTime;
    UtcTime receivedAt;
};

/// MARGIN_CALL: positions near liquidation, one line each, for the alarm.
struct MarginCall {
    std::vector<std::string> positions; ///< "ETHUSDT long 1.327 at mark 187.17"
    UtcTime venueTime;
};

/// ACCOUNT_CONFIG_UPDATE: leverage of one contract, or the margin mode of all assets.
struct AccountConfigEvent {
    Symbol symbol;
    std::optional<int> leverage;
    std::optional<bool> multiAssets;
    UtcTime venueTime;
};

struct ListenKeyExpired {
    UtcTime venueTime;
};

using UserEvent = std::variant<OrderEvent, AccountEvent, AlgoEvent, MarginCall, AccountConfigEvent,
                               ListenKeyExpired, Ignored>;

} // namespace core::exchange::binance
