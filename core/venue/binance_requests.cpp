// What requests ask for, read out of their parameters: reference/binance-usdm.md sections 6.2 and 6.7.
#include "core/venue/binance_requests.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/venue/binance_text.h"
#include "core/venue/request_time.h"

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
                                    TimeInForce::FillOrKill, TimeInForce::PostOnly, TimeInForce::GoodTilDate})
        if (*text == venueText(value))
            return value;
    return refuse(-1115, "Invalid timeInForce.");
}

[[nodiscard]] VenueResult<SelfTrade> selfTradeOf(const ApiParameters &parameters, SelfTrade absent)
{
    if (!parameters.has("selfTradePreventionMode"))
        return absent;
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

/// OPPONENT, OPPONENT_5, QUEUE, …: the price of that level of the book; else the price that was sent.
[[nodiscard]] VenueResult<Price> matchedOrGivenPrice(const VenueEngine &engine, const ApiParameters &parameters,
                                                     NewOrder &order)
{
    const std::string_view match = parameters.get("priceMatch");
    if (match.empty() || match == "NONE")
        return decimalOf<Price>(parameters, "price");
    if (parameters.has("price"))
        return refuse(-5038, "Price and priceMatch cannot be sent at the same time.");
    std::size_t depth = 1;
    for (const auto &[ending, levels] : {std::pair{"_5", 5}, std::pair{"_10", 10}, std::pair{"_20", 20}})
        if (match.ends_with(ending))
            depth = static_cast<std::size_t>(levels);
    const bool opponent = match.starts_with("OPPONENT");
    if (!opponent && !match.starts_with("QUEUE"))
        return refuse(-5037, "Invalid price match");
    std::vector<Level> levels;
    engine.book(order.symbol).copyShown(opponent ? opposite(order.side) : order.side, depth, levels);
    if (levels.size() < depth)
        return refuse(-5041, "No depth matches this BBO order");
    order.priceMatch = match;
    return levels.back().price;
}

/// Price and time in force belong to limit orders; what left this endpoint in 2025 is not accepted silently.
[[nodiscard]] VenueResult<void> readLimitPart(const VenueEngine &engine, const ApiParameters &parameters, NewOrder &order)
{
    for (const std::string_view gone :
         {"stopPrice", "closePosition", "activationPrice", "callbackRate", "workingType", "priceProtect"})
        if (parameters.has(gone))
            return refuse(-1106, fmt::format("Parameter '{}' sent when not required.", gone));
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
    order.timeInForce = *timeInForce;
    if (order.timeInForce == TimeInForce::GoodTilDate) {
        const auto until = wholeNumber(parameters, "goodTillDate");
        if (!until)
            return tl::unexpected(until.error());
        if (!*until)
            return malformed("goodTillDate");
        if (**until >= 253'402'300'799'000)
            return refuse(-5040, "Invalid goodTillDate.");
        order.goodTill = requestTime(**until / 1000 * 1000); // second precision
    }
    const auto price = matchedOrGivenPrice(engine, parameters, order);
    if (!price)
        return tl::unexpected(price.error());
    order.price = *price;
    return {};
}
} // namespace

VenueResult<NewOrder> readOrder(const VenueEngine &engine, const ApiParameters &parameters, const Symbol &symbol)
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
    const auto leg = legOf(parameters);
    if (!leg)
        return tl::unexpected(leg.error());
    order.positionSide = *leg;
    if (const auto fine = readLimitPart(engine, parameters, order); !fine)
        return tl::unexpected(fine.error());
    const auto quantity = decimalOf<Quantity>(parameters, "quantity");
    if (!quantity)
        return tl::unexpected(quantity.error());
    const auto reduceOnly = flag(parameters, "reduceOnly", false);
    if (!reduceOnly)
        return tl::unexpected(reduceOnly.error());
    const auto selfTrade = selfTradeOf(parameters, SelfTrade::ExpireMaker);
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

VenueResult<OrderName> readName(const ApiParameters &parameters, const Symbol &symbol,
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
    for (const AlgoType type : {AlgoType::StopMarket, AlgoType::TakeProfitMarket, AlgoType::StopLimit,
                                AlgoType::TakeProfitLimit, AlgoType::TrailingStop})
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

/// Which prices belong to which type.
[[nodiscard]] VenueResult<void> readAlgoPrices(const ApiParameters &parameters, NewAlgo &algo)
{
    if (algo.type == AlgoType::TrailingStop) {
        const auto percent = decimalOf<Ratio>(parameters, "callbackRate");
        if (!percent)
            return tl::unexpected(percent.error());
        algo.callbackRate = Ratio::fromRaw(percent->raw() / 100);
        if (!parameters.has("activatePrice"))
            return {};
        const auto activate = decimalOf<Price>(parameters, "activatePrice");
        if (!activate)
            return tl::unexpected(activate.error());
        algo.activate = *activate;
        return {};
    }
    const auto trigger = decimalOf<Price>(parameters, "triggerPrice");
    if (!trigger)
        return tl::unexpected(trigger.error());
    algo.trigger = *trigger;
    const bool limit = algo.type == AlgoType::StopLimit || algo.type == AlgoType::TakeProfitLimit;
    if (!limit)
        return {};
    const auto price = decimalOf<Price>(parameters, "price");
    if (!price)
        return tl::unexpected(price.error());
    algo.price = *price;
    return {};
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
} // namespace

VenueResult<NewAlgo> readAlgo(const ApiParameters &parameters, const Symbol &symbol)
{
    NewAlgo algo;
    algo.symbol = symbol;
    const auto side = sideOf(parameters);
    if (!side)
        return tl::unexpected(side.error());
    const auto type = algoTypeOf(parameters);
    if (!type)
        return tl::unexpected(type.error());
    algo.type = *type;
    if (const auto fine = readAlgoPrices(parameters, algo); !fine)
        return tl::unexpected(fine.error());
    const auto working = workingTypeOf(parameters);
    if (!working)
        return tl::unexpected(working.error());
    const auto protect = flag(parameters, "priceProtect", false);
    if (!protect)
        return tl::unexpected(protect.error());
    auto id = clientId(parameters, "clientAlgoId");
    if (!id)
        return tl::unexpected(id.error());
    const auto leg = legOf(parameters);
    if (!leg)
        return tl::unexpected(leg.error());
    algo.positionSide = *leg;
    const auto selfTrade = selfTradeOf(parameters, SelfTrade::None);
    if (!selfTrade)
        return tl::unexpected(selfTrade.error());
    algo.selfTrade = *selfTrade;
    if (const auto fine = readAlgoSize(parameters, algo); !fine)
        return tl::unexpected(fine.error());
    if (parameters.get("timeInForce") == "GTE_GTC") {
        algo.timeInForce = "GTE_GTC";
    } else if (parameters.has("timeInForce")) {
        const auto timeInForce = timeInForceOf(parameters);
        if (!timeInForce)
            return tl::unexpected(timeInForce.error());
        algo.timeInForce = venueText(*timeInForce);
    }
    algo.side = *side;
    algo.working = *working;
    algo.priceProtect = *protect;
    algo.clientAlgoId = std::move(*id);
    return algo;
}

} // namespace core::venue
