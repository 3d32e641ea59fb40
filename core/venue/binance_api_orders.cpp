// Orders and conditional orders: reference/binance-usdm.md sections 6.2 to 6.7.
#include "core/venue/api_context.h"
#include "core/venue/binance_text.h"
#include "core/venue/json_text.h"

namespace core::venue
{

namespace
{
[[nodiscard]] VenueResult<TimeInForce> timeInForceOf(const ApiParameters &parameters)
{
    const auto text = parameters.mandatory("timeInForce");
    if (!text)
        return tl::unexpected(text.error());
    for (const TimeInForce value : {TimeInForce::GoodTilCancel, TimeInForce::ImmediateOrCancel,
                                    TimeInForce::FillOrKill, TimeInForce::PostOnly})
        if (*text == venueText(value))
            return value;
    return refuse(-1115, "Invalid timeInForce.");
}

[[nodiscard]] VenueResult<SelfTrade> selfTradeOf(const ApiParameters &parameters)
{
    if (!parameters.has("selfTradePreventionMode"))
        return SelfTrade::ExpireMaker;
    for (const SelfTrade mode :
         {SelfTrade::None, SelfTrade::ExpireTaker, SelfTrade::ExpireMaker, SelfTrade::ExpireBoth})
        if (parameters.get("selfTradePreventionMode") == venueText(mode))
            return mode;
    return invalidValue("selfTradePreventionMode");
}

[[nodiscard]] VenueResult<OrderType> orderTypeOf(const ApiParameters &parameters)
{
    const auto text = parameters.mandatory("type");
    if (!text)
        return tl::unexpected(text.error());
    if (*text == "LIMIT")
        return OrderType::Limit;
    if (*text == "MARKET")
        return OrderType::Market;
    for (const std::string_view conditional :
         {"STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"})
        if (*text == conditional)
            return refuse(
                -4120, "Order type not supported for this endpoint. Please use the Algo Order API endpoints "
                       "instead.");
    return refuse(-1116, "Invalid orderType.");
}

/// Price and time in force belong to limit orders; what left this endpoint in 2025 is not accepted silently.
[[nodiscard]] VenueResult<void> readLimitPart(const ApiParameters &parameters, NewOrder &order)
{
    for (const std::string_view gone :
         {"stopPrice", "closePosition", "activationPrice", "callbackRate", "workingType", "priceProtect"})
        if (parameters.has(gone))
            return refuse(-1106, fmt::format("Parameter '{}' sent when not required.", gone));
    if (parameters.has("priceMatch") && parameters.get("priceMatch") != "NONE")
        return invalidValue("priceMatch");
    if (order.type == OrderType::Market) {
        if (parameters.has("timeInForce"))
            return refuse(-1114, "TimeInForce parameter sent when not required.");
        if (parameters.has("price"))
            return refuse(-1106, "Parameter 'price' sent when not required.");
        return {};
    }
    const auto timeInForce = timeInForceOf(parameters);
    if (!timeInForce)
        return tl::unexpected(timeInForce.error());
    const auto price = decimalOf<Price>(parameters, "price");
    if (!price)
        return tl::unexpected(price.error());
    order.timeInForce = *timeInForce;
    order.price = *price;
    return {};
}

[[nodiscard]] VenueResult<NewOrder> readOrder(const ApiParameters &parameters, const Symbol &symbol)
{
    NewOrder order;
    order.symbol = symbol;
    const auto side = sideOf(parameters);
    if (!side)
        return tl::unexpected(side.error());
    const auto type = orderTypeOf(parameters);
    if (!type)
        return tl::unexpected(type.error());
    order.side = *side;
    order.type = *type;
    if (const auto fine = checkPositionSide(parameters); !fine)
        return tl::unexpected(fine.error());
    if (const auto fine = readLimitPart(parameters, order); !fine)
        return tl::unexpected(fine.error());
    const auto quantity = decimalOf<Quantity>(parameters, "quantity");
    if (!quantity)
        return tl::unexpected(quantity.error());
    const auto reduceOnly = flag(parameters, "reduceOnly", false);
    if (!reduceOnly)
        return tl::unexpected(reduceOnly.error());
    const auto selfTrade = selfTradeOf(parameters);
    if (!selfTrade)
        return tl::unexpected(selfTrade.error());
    auto id = clientId(parameters, "newClientOrderId");
    if (!id)
        return tl::unexpected(id.error());
    order.quantity = *quantity;
    order.reduceOnly = *reduceOnly ? ReduceOnly::Yes : ReduceOnly::No;
    order.selfTrade = *selfTrade;
    order.clientOrderId = std::move(*id);
    return order;
}

/// Which one order a request names.
struct OrderName {
    Symbol symbol;
    std::int64_t id{0};
    std::string clientId;
};

[[nodiscard]] VenueResult<OrderName> readName(const ApiParameters &parameters, const Symbol &symbol,
                                              std::string_view idName, std::string_view clientIdName)
{
    const auto id = wholeNumber(parameters, idName);
    if (!id)
        return tl::unexpected(id.error());
    if (!*id && parameters.get(clientIdName).empty())
        return refuse(-1102, fmt::format("Param '{}' or '{}' must be sent, but both were empty/null!",
                                         clientIdName, idName));
    return OrderName{symbol, id->value_or(0), std::string(parameters.get(clientIdName))};
}
} // namespace

VenueResult<std::string> BinanceApi::newOrder(Context &context)
{
    const auto symbol = symbolOf(context);
    if (!symbol)
        return tl::unexpected(symbol.error());
    auto order = readOrder(context.parameters, *symbol);
    if (!order)
        return tl::unexpected(order.error());
    const std::string_view answer = context.parameters.get("newOrderRespType");
    if (!answer.empty() && answer != "ACK" && answer != "RESULT")
        return invalidValue("newOrderRespType");
    const bool waits = answer == "RESULT" && (order->type == OrderType::Market ||
                                              order->timeInForce == TimeInForce::ImmediateOrCancel ||
                                              order->timeInForce == TimeInForce::FillOrKill);
    const auto placed = m_engine.place(context.account, std::move(*order));
    if (!placed)
        return tl::unexpected(placed.error());
    JsonText out;
    writeOrderAck(out, m_engine, **placed, !waits);
    return out.take();
}

VenueResult<std::string> BinanceApi::cancelOrder(Context &context)
{
    const auto symbol = symbolOf(context);
    if (!symbol)
        return tl::unexpected(symbol.error());
    const auto name = readName(context.parameters, *symbol, "orderId", "origClientOrderId");
    if (!name)
        return tl::unexpected(name.error());
    const auto canceled = m_engine.cancel(context.account, *symbol, name->id, name->clientId);
    if (!canceled)
        return tl::unexpected(canceled.error());
    JsonText out;
    writeOrderAck(out, m_engine, **canceled, false);
    return out.take();
}

VenueResult<std::string> BinanceApi::queryOrder(Context &context)
{
    const auto symbol = symbolOf(context);
    if (!symbol)
        return tl::unexpected(symbol.error());
    const auto name = readName(context.parameters, *symbol, "orderId", "origClientOrderId");
    if (!name)
        return tl::unexpected(name.error());
    const VenueOrder *order = m_engine.findOrder(context.account, *symbol, name->id, name->clientId);
    if (order == nullptr)
        return refuse(-2013, "Order does not exist.");
    JsonText out;
    writeOrder(out, m_engine, *order);
    return out.take();
}

VenueResult<std::string> BinanceApi::queryOpenOrder(Context &context)
{
    const auto symbol = symbolOf(context);
    if (!symbol)
        return tl::unexpected(symbol.error());
    const auto name = readName(context.parameters, *symbol, "orderId", "origClientOrderId");
    if (!name)
        return tl::unexpected(name.error());
    const VenueOrder *order = m_engine.findOrder(context.account, *symbol, name->id, name->clientId);
    if (order == nullptr || !order->isOpen())
        return refuse(-2013, "Order does not exist.");
    JsonText out;
    writeOrder(out, m_engine, *order);
    return out.take();
}

VenueResult<std::string> BinanceApi::openOrders(Context &context)
{
    std::optional<Symbol> only;
    if (context.parameters.has("symbol")) {
        const auto symbol = symbolOf(context);
        if (!symbol)
            return tl::unexpected(symbol.error());
        only = *symbol;
    }
    JsonText out;
    out.array();
    for (const VenueOrder *order : m_engine.openOrders(context.account, only ? &*only : nullptr))
        writeOrder(out, m_engine, *order);
    return out.endArray().take();
}

VenueResult<std::string> BinanceApi::cancelAllOrders(Context &context)
{
    const auto symbol = symbolOf(context);
    if (!symbol)
        return tl::unexpected(symbol.error());
    m_engine.cancelAll(context.account, *symbol);
    return R"({"code":200,"msg":"The operation of cancel all open order is done."})";
}

namespace
{
[[nodiscard]] VenueResult<AlgoType> algoTypeOf(const ApiParameters &parameters)
{
    const auto algoType = parameters.mandatory("algoType");
    if (!algoType)
        return tl::unexpected(algoType.error());
    if (*algoType != "CONDITIONAL")
        return invalidValue("algoType");
    const auto text = parameters.mandatory("type");
    if (!text)
        return tl::unexpected(text.error());
    for (const AlgoType type : {AlgoType::StopMarket, AlgoType::TakeProfitMarket})
        if (*text == venueText(type))
            return type;
    return refuse(-1116, "Invalid orderType.");
}

[[nodiscard]] VenueResult<WorkingType> workingTypeOf(const ApiParameters &parameters)
{
    if (!parameters.has("workingType"))
        return WorkingType::ContractPrice;
    for (const WorkingType type : {WorkingType::ContractPrice, WorkingType::MarkPrice})
        if (parameters.get("workingType") == venueText(type))
            return type;
    return invalidValue("workingType");
}

/// quantity, closePosition and reduceOnly exclude each other in part.
[[nodiscard]] VenueResult<void> readAlgoSize(const ApiParameters &parameters, NewAlgo &algo)
{
    const auto closePosition = flag(parameters, "closePosition", false);
    if (!closePosition)
        return tl::unexpected(closePosition.error());
    const auto reduceOnly = flag(parameters, "reduceOnly", false);
    if (!reduceOnly)
        return tl::unexpected(reduceOnly.error());
    algo.closePosition = *closePosition;
    algo.reduceOnly = *reduceOnly ? ReduceOnly::Yes : ReduceOnly::No;
    if (*closePosition) {
        if (parameters.has("quantity"))
            return refuse(-4137, "Quantity must be zero with closePosition equals true");
        if (parameters.has("reduceOnly"))
            return refuse(-1106, "Parameter 'reduceOnly' sent when not required.");
        return {};
    }
    const auto quantity = decimalOf<Quantity>(parameters, "quantity");
    if (!quantity)
        return tl::unexpected(quantity.error());
    algo.quantity = *quantity;
    return {};
}

[[nodiscard]] VenueResult<NewAlgo> readAlgo(const ApiParameters &parameters, const Symbol &symbol)
{
    NewAlgo algo;
    algo.symbol = symbol;
    const auto side = sideOf(parameters);
    if (!side)
        return tl::unexpected(side.error());
    const auto type = algoTypeOf(parameters);
    if (!type)
        return tl::unexpected(type.error());
    const auto trigger = decimalOf<Price>(parameters, "triggerPrice");
    if (!trigger)
        return tl::unexpected(trigger.error());
    const auto working = workingTypeOf(parameters);
    if (!working)
        return tl::unexpected(working.error());
    const auto protect = flag(parameters, "priceProtect", false);
    if (!protect)
        return tl::unexpected(protect.error());
    auto id = clientId(parameters, "clientAlgoId");
    if (!id)
        return tl::unexpected(id.error());
    if (const auto fine = checkPositionSide(parameters); !fine)
        return tl::unexpected(fine.error());
    if (const auto fine = readAlgoSize(parameters, algo); !fine)
        return tl::unexpected(fine.error());
    if (parameters.has("timeInForce")) {
        const auto timeInForce = timeInForceOf(parameters);
        if (!timeInForce)
            return tl::unexpected(timeInForce.error());
        algo.timeInForce = venueText(*timeInForce);
    }
    algo.side = *side;
    algo.type = *type;
    algo.trigger = *trigger;
    algo.working = *working;
    algo.priceProtect = *protect;
    algo.clientAlgoId = std::move(*id);
    return algo;
}
} // namespace

VenueResult<std::string> BinanceApi::newAlgo(Context &context)
{
    const auto symbol = symbolOf(context);
    if (!symbol)
        return tl::unexpected(symbol.error());
    auto algo = readAlgo(context.parameters, *symbol);
    if (!algo)
        return tl::unexpected(algo.error());
    const auto placed = m_engine.placeAlgo(context.account, std::move(*algo));
    if (!placed)
        return tl::unexpected(placed.error());
    JsonText out;
    writeAlgoAck(out, m_engine, **placed);
    return out.take();
}

VenueResult<std::string> BinanceApi::cancelAlgo(Context &context)
{
    const auto name = readName(context.parameters, {}, "algoId", "clientAlgoId");
    if (!name)
        return tl::unexpected(name.error());
    const auto canceled = m_engine.cancelAlgo(context.account, name->id, name->clientId);
    if (!canceled)
        return tl::unexpected(canceled.error());
    return JsonText()
        .object()
        .number("algoId", (*canceled)->id)
        .text("clientAlgoId", (*canceled)->request.clientAlgoId)
        .text("code", "200")
        .text("msg", "success")
        .endObject()
        .take();
}

VenueResult<std::string> BinanceApi::queryAlgo(Context &context)
{
    const auto name = readName(context.parameters, {}, "algoId", "clientAlgoId");
    if (!name)
        return tl::unexpected(name.error());
    const VenueAlgo *algo = m_engine.findAlgo(context.account, name->id, name->clientId);
    if (algo == nullptr)
        return refuse(-2013, "Order does not exist.");
    JsonText out;
    writeAlgo(out, m_engine, *algo);
    return out.take();
}

VenueResult<std::string> BinanceApi::openAlgos(Context &context)
{
    std::optional<Symbol> only;
    if (context.parameters.has("symbol")) {
        const auto symbol = symbolOf(context);
        if (!symbol)
            return tl::unexpected(symbol.error());
        only = *symbol;
    }
    const auto id = wholeNumber(context.parameters, "algoId");
    if (!id)
        return tl::unexpected(id.error());
    JsonText out;
    out.array();
    for (const VenueAlgo *algo : m_engine.openAlgos(context.account, only ? &*only : nullptr))
        if (!*id || algo->id == **id)
            writeAlgo(out, m_engine, *algo);
    return out.endArray().take();
}

VenueResult<std::string> BinanceApi::cancelAllAlgos(Context &context)
{
    const auto symbol = symbolOf(context);
    if (!symbol)
        return tl::unexpected(symbol.error());
    m_engine.cancelAllAlgos(context.account, *symbol);
    return R"({"code":200,"msg":"The operation of cancel all open order is done."})";
}

} // namespace core::venue
