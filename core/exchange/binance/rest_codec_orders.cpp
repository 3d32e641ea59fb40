#include "core/exchange/binance/rest_codec.h"

#include <algorithm>

#include "core/exchange/binance/codec_words.h"
#include "core/exchange/binance/rest_codec_fields.h"

// Answers about orders: plain, conditional, batches.

namespace core::exchange::binance
{
using namespace Qt::StringLiterals;

PositionSide readPositionSide(wire::JsonFields &fields)
{
    if (!fields.has("positionSide"_L1))
        return PositionSide::Both;
    const std::string text = fields.text("positionSide"_L1);
    if (text == "LONG")
        return PositionSide::Long;
    if (text == "SHORT")
        return PositionSide::Short;
    if (text != "BOTH")
        fields.fault("positionSide"_L1, "is not BOTH, LONG or SHORT");
    return PositionSide::Both;
}

Side readSide(wire::JsonFields &fields)
{
    const std::string text = fields.text("side"_L1);
    if (text != "BUY" && text != "SELL")
        fields.fault("side"_L1, "is neither BUY nor SELL");
    return text == "SELL" ? Side::Sell : Side::Buy;
}

namespace
{

OrderStatus statusOf(std::string_view text)
{
    if (text == "NEW" || text == "NEW_INSURANCE" || text == "NEW_ADL")
        return OrderStatus::New;
    if (text == "PARTIALLY_FILLED")
        return OrderStatus::PartiallyFilled;
    if (text == "FILLED")
        return OrderStatus::Filled;
    if (text == "CANCELED")
        return OrderStatus::Canceled;
    if (text == "REJECTED")
        return OrderStatus::Rejected;
    if (text == "EXPIRED" || text == "EXPIRED_IN_MATCH")
        return OrderStatus::Expired;
    return OrderStatus::Unknown;
}

std::optional<Price> presentPrice(std::optional<Price> price)
{
    return price && price->isPositive() ? price : std::nullopt;
}

/// The acknowledgement and the query differ in what they say of the child; one client's captures call the
/// type "type".
Result<AlgoEvent> readAlgo(wire::JsonFields &fields, UtcTime receivedAt)
{
    AlgoEvent algo;
    algo.instrument = {Venue::Binance, fields.identity<Symbol>("symbol"_L1)};
    algo.algoId = fields.integer("algoId"_L1);
    algo.clientAlgoId = fields.shortText<ClientOrderId>("clientAlgoId"_L1);
    algo.side = readSide(fields);
    algo.positionSide = readPositionSide(fields);
    const std::string type = fields.text(fields.has("orderType"_L1) ? "orderType"_L1 : "type"_L1);
    algo.type = conditionalType(type).value_or(OrderType::Unknown);
    algo.quantity =
        fields.notNegative("quantity"_L1, fields.optionalFixed<Quantity>("quantity"_L1).value_or(Quantity{}));
    algo.limitPrice = presentPrice(fields.optionalFixed<Price>("price"_L1));
    algo.triggerPrice = presentPrice(fields.optionalFixed<Price>("triggerPrice"_L1));
    algo.reduceOnly = fields.booleanOr("reduceOnly"_L1, false) ? ReduceOnly::Yes : ReduceOnly::No;
    algo.status = fields.text("algoStatus"_L1);
    const auto child = childOrderOf(fields.optionalText("actualOrderId"_L1));
    if (!child)
        fields.fault("actualOrderId"_L1, child.error().detail);
    else
        algo.childOrder = *child;
    algo.executed =
        fields.notNegative("actualQty"_L1, fields.optionalFixed<Quantity>("actualQty"_L1).value_or(Quantity{}));
    // A quotient needs not fit eight places; the child's fills say it exactly.
    algo.averagePrice = presentPrice(parsePrice(fields.optionalText("actualPrice"_L1)).value_or(Price{}));
    algo.reason = fields.optionalText("rejectReason"_L1);
    if (algo.type == OrderType::Unknown && algo.reason.empty())
        algo.reason = unknownType(type);
    algo.venueTime = fields.time("updateTime"_L1);
    algo.receivedAt = receivedAt;
    return fields.finish(std::move(algo));
}

} // namespace

Result<OrderUpdate> readOrder(wire::JsonFields &fields, UtcTime receivedAt)
{
    OrderUpdate order;
    order.instrument = {Venue::Binance, fields.identity<Symbol>("symbol"_L1)};
    order.clientOrderId = fields.shortText<ClientOrderId>("clientOrderId"_L1);
    order.venueOrderId = {fields.integer("orderId"_L1)};
    order.side = readSide(fields);
    order.positionSide = readPositionSide(fields);
    const std::string type = fields.text("type"_L1);
    order.type = orderType(type);
    const std::string status = fields.text("status"_L1);
    order.status = statusOf(status);
    if (order.status == OrderStatus::Unknown)
        order.reason = "unknown order state " + status;
    else if (order.type == OrderType::Unknown)
        order.reason = unknownType(type);
    if (const std::string_view maker = venueMadeOrder(order.clientOrderId.view()); !maker.empty())
        order.reason = maker;
    order.quantity = fields.notNegative("origQty"_L1, fields.fixed<Quantity>("origQty"_L1));
    order.filled = fields.notNegative("executedQty"_L1, fields.fixed<Quantity>("executedQty"_L1));
    order.averagePrice = presentPrice(fields.optionalComputed<Price>("avgPrice"_L1));
    order.limitPrice = presentPrice(fields.optionalFixed<Price>("price"_L1));
    order.triggerPrice = triggerOf(order.type, fields.optionalFixed<Price>("stopPrice"_L1));
    order.reduceOnly = fields.booleanOr("reduceOnly"_L1, false) ? ReduceOnly::Yes : ReduceOnly::No;
    order.venueTime = fields.time("updateTime"_L1);
    order.receivedAt = receivedAt;
    return fields.finish(std::move(order));
}

Result<OrderUpdate> parseOrder(std::string_view body, UtcTime receivedAt)
{
    return wire::parseObject("order", body).and_then([&](const QJsonObject &object) {
        wire::JsonFields fields(object, "order");
        return readOrder(fields, receivedAt);
    });
}

Result<std::vector<OrderUpdate>> parseOrders(std::string_view body, UtcTime receivedAt)
{
    return readArray<OrderUpdate>("openOrders", body,
                                  [&](wire::JsonFields &fields) { return readOrder(fields, receivedAt); });
}

Result<AlgoEvent> parseAlgo(std::string_view body, UtcTime receivedAt)
{
    return wire::parseObject("algoOrder", body).and_then([&](const QJsonObject &object) {
        wire::JsonFields fields(object, "algoOrder");
        return readAlgo(fields, receivedAt);
    });
}

Result<std::vector<AlgoEvent>> parseAlgos(std::string_view body, UtcTime receivedAt)
{
    return readArray<AlgoEvent>("openAlgoOrders", body,
                                [&](wire::JsonFields &fields) { return readAlgo(fields, receivedAt); });
}

Result<std::vector<BatchElement>> parseBatch(std::string_view body, UtcTime receivedAt)
{
    return readArray<BatchElement>(
        "batchOrders", body, [&](wire::JsonFields &fields) -> Result<BatchElement> {
            // An element cannot say HTTP: a refusal in it is what a 400 would be alone.
            constexpr int kBadRequest = 400;
            if (fields.has("code"_L1) && !fields.has("orderId"_L1)) {
                ApiError problem;
                problem.status = kBadRequest;
                problem.code = static_cast<int>(std::clamp<std::int64_t>(fields.integer("code"_L1), -1'000'000, 1'000'000));
                const std::string message = fields.optionalText("msg"_L1);
                problem.disposition = disposition(problem.status, problem.code, message);
                problem.message = redacted(message);
                return fields.finish(BatchElement(tl::unexpected(std::move(problem))));
            }
            auto order = readOrder(fields, receivedAt);
            if (!order)
                return fail(order.error());
            return BatchElement(std::move(*order));
        });
}

} // namespace core::exchange::binance
