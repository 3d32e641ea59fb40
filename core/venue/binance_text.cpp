#include "core/venue/binance_text.h"

#include <algorithm>
#include <cstdlib>

namespace core::venue
{

namespace
{
struct Digits {
    int price;
    int quantity;
};

[[nodiscard]] Digits digitsOf(const VenueEngine &engine, const Symbol &symbol)
{
    const VenueInstrument &instrument = *engine.instrument(symbol);
    return {instrument.pricePrecision, instrument.quantityPrecision};
}

[[nodiscard]] std::int64_t averagePrice(const VenueOrder &order)
{
    if (order.filled.isZero())
        return 0;
    return mulDiv(order.filledQuote.raw(), kDecimalOne, order.filled.raw(), Rounding::HalfEven).value_or(0);
}

[[nodiscard]] std::string actualOrderId(const VenueAlgo &algo)
{
    return algo.childOrder == 0 ? std::string() : fmt::format("{}", algo.childOrder);
}

[[nodiscard]] std::int64_t goodTill(const VenueOrder &order)
{
    return order.request.goodTill ? toMilliseconds(*order.request.goodTill) : 0;
}

/// Percent, as it was sent; "" where there is none.
[[nodiscard]] std::string callbackText(const NewAlgo &algo)
{
    return algo.type == AlgoType::TrailingStop ? Ratio::fromRaw(algo.callbackRate.raw() * 100).text() : std::string();
}

/// The child's average price, executed quantity and type; meaningful after the trigger only.
struct Actual {
    std::string price{"0.00000"};
    std::string quantity{"0.00000"};
    std::string type{"0"};
};

[[nodiscard]] Actual actualOf(const VenueEngine &engine, const VenueAlgo &algo)
{
    Actual result;
    const VenueOrder *child = algo.childOrder == 0
                                  ? nullptr
                                  : engine.findOrder(algo.account, algo.request.symbol, algo.childOrder, {});
    if (child == nullptr)
        return result;
    const Digits digits = digitsOf(engine, algo.request.symbol);
    result.price = JsonText::fixedText(averagePrice(*child), 5);
    result.quantity = JsonText::fixedText(child->filled.raw(), digits.quantity);
    result.type = child->shownType;
    return result;
}
} // namespace

std::string_view venueText(Side side)
{
    return side == Side::Buy ? "BUY" : "SELL";
}

std::string_view venueText(TimeInForce timeInForce)
{
    switch (timeInForce) {
    case TimeInForce::GoodTilCancel:
        return "GTC";
    case TimeInForce::ImmediateOrCancel:
        return "IOC";
    case TimeInForce::FillOrKill:
        return "FOK";
    case TimeInForce::PostOnly:
        return "GTX";
    case TimeInForce::GoodTilDate:
        return "GTD";
    }
    return "GTC";
}

std::string_view venueText(SelfTrade mode)
{
    switch (mode) {
    case SelfTrade::None:
        return "NONE";
    case SelfTrade::ExpireTaker:
        return "EXPIRE_TAKER";
    case SelfTrade::ExpireMaker:
        return "EXPIRE_MAKER";
    case SelfTrade::ExpireBoth:
        return "EXPIRE_BOTH";
    }
    return "NONE";
}

std::string_view venueText(PositionSide side)
{
    switch (side) {
    case PositionSide::Both:
        return "BOTH";
    case PositionSide::Long:
        return "LONG";
    case PositionSide::Short:
        return "SHORT";
    }
    return "BOTH";
}

std::string_view venueText(AlgoType type)
{
    return name(type);
}

std::string_view venueText(AlgoStatus status)
{
    switch (status) {
    case AlgoStatus::New:
        return "NEW";
    case AlgoStatus::Triggering:
        return "TRIGGERING";
    case AlgoStatus::Triggered:
        return "TRIGGERED";
    case AlgoStatus::Finished:
        return "FINISHED";
    case AlgoStatus::Canceled:
        return "CANCELED";
    case AlgoStatus::Rejected:
        return "REJECTED";
    case AlgoStatus::Expired:
        return "EXPIRED";
    }
    return "NEW";
}

std::string_view venueText(WorkingType type)
{
    return type == WorkingType::MarkPrice ? "MARK_PRICE" : "CONTRACT_PRICE";
}

std::string_view statusText(const VenueOrder &order)
{
    switch (order.status) {
    case OrderStatus::PartiallyFilled:
        return "PARTIALLY_FILLED";
    case OrderStatus::Filled:
        return "FILLED";
    case OrderStatus::Canceled:
        return "CANCELED";
    case OrderStatus::Expired:
        return order.expiry == Expiry::SelfTrade ? "EXPIRED_IN_MATCH" : "EXPIRED";
    default:
        return "NEW";
    }
}

void writeOrderAck(JsonText &out, const VenueEngine &engine, const VenueOrder &order, bool asAccepted)
{
    const Digits digits = digitsOf(engine, order.request.symbol);
    const std::int64_t filled = asAccepted ? 0 : order.filled.raw();
    out.object()
        .text("clientOrderId", order.request.clientOrderId)
        .fixed("cumQty", filled, digits.quantity)
        .fixed("executedQty", filled, digits.quantity)
        .number("orderId", order.id)
        .fixed("origQty", order.request.quantity.raw(), digits.quantity)
        .fixed("price", order.request.price.value_or(Price{}).raw(), digits.price)
        .flag("reduceOnly", order.request.reduceOnly == ReduceOnly::Yes)
        .text("side", venueText(order.request.side))
        .text("positionSide", venueText(order.request.positionSide))
        .text("status", asAccepted ? "NEW" : statusText(order))
        .fixed("stopPrice", order.stopPrice.value_or(Price{}).raw(), digits.price)
        .flag("closePosition", false)
        .text("symbol", order.request.symbol.view())
        .text("timeInForce", venueText(order.request.timeInForce))
        .text("type", order.shownType)
        .text("origType", order.originalType)
        .number("updateTime", toMilliseconds(asAccepted ? order.createdAt : order.updatedAt))
        .text("workingType", venueText(order.working))
        .flag("priceProtect", false)
        .text("priceMatch", order.request.priceMatch)
        .text("selfTradePreventionMode", venueText(order.request.selfTrade))
        .number("goodTillDate", goodTill(order));
    if (order.modifyId)
        out.number("modifyId", *order.modifyId);
    out.endObject();
}

void writeOrder(JsonText &out, const VenueEngine &engine, const VenueOrder &order)
{
    const Digits digits = digitsOf(engine, order.request.symbol);
    out.object()
        .fixed("avgPrice", averagePrice(order), 5)
        .text("clientOrderId", order.request.clientOrderId)
        .text("cumQuote", order.filledQuote.text())
        .fixed("executedQty", order.filled.raw(), digits.quantity)
        .number("orderId", order.id)
        .fixed("origQty", order.request.quantity.raw(), digits.quantity)
        .text("origType", order.originalType)
        .fixed("price", order.request.price.value_or(Price{}).raw(), digits.price)
        .flag("reduceOnly", order.request.reduceOnly == ReduceOnly::Yes)
        .text("side", venueText(order.request.side))
        .text("positionSide", venueText(order.request.positionSide))
        .text("status", statusText(order))
        .fixed("stopPrice", order.stopPrice.value_or(Price{}).raw(), digits.price)
        .flag("closePosition", false)
        .text("symbol", order.request.symbol.view())
        .number("time", toMilliseconds(order.createdAt))
        .text("timeInForce", venueText(order.request.timeInForce))
        .text("type", order.shownType)
        .number("updateTime", toMilliseconds(order.updatedAt))
        .text("workingType", venueText(order.working))
        .flag("priceProtect", false)
        .text("priceMatch", order.request.priceMatch)
        .text("selfTradePreventionMode", venueText(order.request.selfTrade))
        .number("goodTillDate", goodTill(order));
    if (order.modifyId)
        out.number("modifyId", *order.modifyId);
    out.endObject();
}

void writeFill(JsonText &out, const VenueEngine &engine, const VenueFill &fill)
{
    const Digits digits = digitsOf(engine, fill.symbol);
    const Instrument &contract = engine.instrument(fill.symbol)->contract;
    out.object()
        .flag("buyer", fill.side == Side::Buy)
        .fixed("commission", fill.fee.raw(), 8)
        .text("commissionAsset", contract.quote.view())
        .number("id", fill.tradeId)
        .flag("maker", fill.maker)
        .number("orderId", fill.orderId)
        .fixed("price", fill.price.raw(), digits.price)
        .fixed("qty", fill.quantity.raw(), digits.quantity)
        .text("quoteQty", notional(fill.price, fill.quantity, Rounding::HalfEven).value_or(Money{}).text())
        .fixed("realizedPnl", fill.realized.raw(), 8)
        .text("side", venueText(fill.side))
        .text("positionSide", venueText(fill.positionSide))
        .text("symbol", fill.symbol.view())
        .text("pair", fill.symbol.view())
        .text("baseQty", "0")
        .text("marginAsset", contract.quote.view())
        .number("time", toMilliseconds(fill.at))
        .endObject();
}

namespace
{
void writeAlgoHead(JsonText &out, const VenueEngine &engine, const VenueAlgo &algo)
{
    const NewAlgo &request = algo.request;
    const Digits digits = digitsOf(engine, request.symbol);
    out.number("algoId", algo.id)
        .text("clientAlgoId", request.clientAlgoId)
        .text("algoType", "CONDITIONAL")
        .text("orderType", venueText(request.type))
        .text("symbol", request.symbol.view())
        .text("side", venueText(request.side))
        .text("positionSide", venueText(request.positionSide))
        .text("timeInForce", request.timeInForce)
        .fixed("quantity", request.quantity.raw(), digits.quantity)
        .text("algoStatus", venueText(algo.status));
}

void writeAlgoTail(JsonText &out, const VenueAlgo &algo)
{
    const NewAlgo &request = algo.request;
    out.text("selfTradePreventionMode", venueText(request.selfTrade))
        .text("workingType", venueText(request.working))
        .text("priceMatch", "NONE")
        .flag("closePosition", request.closePosition)
        .flag("priceProtect", request.priceProtect)
        .flag("reduceOnly", request.reduceOnly == ReduceOnly::Yes);
}

void writeAlgoTimes(JsonText &out, const VenueAlgo &algo)
{
    out.number("createTime", toMilliseconds(algo.createdAt))
        .number("updateTime", toMilliseconds(algo.updatedAt))
        .number("triggerTime", toMilliseconds(algo.triggeredAt))
        .number("goodTillDate", 0);
}
} // namespace

void writeAlgoAck(JsonText &out, const VenueEngine &engine, const VenueAlgo &algo)
{
    out.object();
    writeAlgoHead(out, engine, algo);
    const int places = digitsOf(engine, algo.request.symbol).price;
    out.fixed("triggerPrice", algo.request.trigger.raw(), places)
        .fixed("price", algo.request.price.value_or(Price{}).raw(), places)
        .key("icebergQuantity")
        .raw("null");
    writeAlgoTail(out, algo);
    out.text("activatePrice", algo.request.activate ? algo.request.activate->text() : std::string())
        .text("callbackRate", callbackText(algo.request));
    writeAlgoTimes(out, algo);
    out.endObject();
}

void writeAlgo(JsonText &out, const VenueEngine &engine, const VenueAlgo &algo)
{
    const Actual actual = actualOf(engine, algo);
    out.object();
    writeAlgoHead(out, engine, algo);
    out.text("actualOrderId", actualOrderId(algo))
        .text("actualPrice", actual.price)
        .text("actualType", algo.childOrder == 0 ? "" : actual.type)
        .text("actualQty", actual.quantity)
        .fixed("triggerPrice", algo.request.trigger.raw(), digitsOf(engine, algo.request.symbol).price)
        .fixed("price", algo.request.price.value_or(Price{}).raw(), digitsOf(engine, algo.request.symbol).price)
        .key("icebergQuantity")
        .raw("null")
        .text("tpTriggerPrice", "0.000")
        .text("tpPrice", "0.000")
        .text("slTriggerPrice", "0.000")
        .text("slPrice", "0.000")
        .text("tpOrderType", "");
    writeAlgoTail(out, algo);
    if (algo.request.type == AlgoType::TrailingStop)
        out.text("activatePrice", algo.request.activate ? algo.request.activate->text() : std::string())
            .text("callbackRate", callbackText(algo.request));
    writeAlgoTimes(out, algo);
    out.endObject();
}

std::string positionAmount(const VenueInstrument &instrument, SignedQuantity quantity)
{
    return JsonText::fixedText(quantity, instrument.quantityPrecision);
}

Price breakEvenPrice(const AccountPosition &position)
{
    if (position.isFlat())
        return {};
    const std::int64_t fees = position.quantity > 0 ? position.fees.raw() : -position.fees.raw();
    return Price::fromRaw(
        mulDiv(position.cost.raw() + fees, kDecimalOne, std::llabs(position.quantity), Rounding::HalfEven)
            .value_or(0));
}

Money isolatedMargin(const AccountPosition &position)
{
    return position.isolated ? add(position.isolatedWallet, position.unrealized()).value_or(Money{}) : Money{};
}

void writePositionRiskV3(JsonText &out, const VenueEngine &engine, std::size_t account, const PositionKey &key)
{
    const VenueInstrument &instrument = *engine.instrument(key.symbol);
    const Account &own = engine.account(account);
    const AccountPosition &position = own.position(key.symbol, key.side);
    const std::int64_t value = position.notionalAtMark().raw();
    const std::int64_t initial = position.initialMargin().raw();
    out.object()
        .text("symbol", key.symbol.view())
        .text("positionSide", venueText(key.side))
        .text("positionAmt", positionAmount(instrument, position.quantity))
        .text("entryPrice", position.entryPrice().text())
        .text("breakEvenPrice", breakEvenPrice(position).text())
        .fixed("markPrice", position.mark.raw(), 8)
        .fixed("unRealizedProfit", position.unrealized().raw(), 8)
        .text("liquidationPrice", own.liquidationPriceOf(key.symbol, key.side).value_or(Price{}).text())
        .text("isolatedMargin", isolatedMargin(position).text())
        .fixed("notional", position.quantity < 0 ? -value : value, 8)
        .text("marginAsset", instrument.contract.quote.view())
        .text("isolatedWallet", position.isolatedWallet.text())
        .fixed("initialMargin", initial + position.orderMargin().raw(), 8)
        .fixed("maintMargin", own.maintenance(key).raw(), 8)
        .fixed("positionInitialMargin", initial, 8)
        .fixed("openOrderInitialMargin", position.orderMargin().raw(), 8)
        .number("adl", position.isFlat() ? 0 : 2)
        .text("bidNotional", position.bidNotional.text())
        .text("askNotional", position.askNotional.text())
        .number("updateTime", toMilliseconds(position.updatedAt))
        .endObject();
}

std::string orderTradeUpdate(const VenueEngine &engine, const VenueOrder &order, std::string_view execution,
                             const VenueFill *fill)
{
    const NewOrder &request = order.request;
    const Digits digits = digitsOf(engine, request.symbol);
    const AccountPosition &position = engine.account(order.account).position(request.symbol, request.positionSide);
    JsonText out;
    out.object()
        .text("e", "ORDER_TRADE_UPDATE")
        .number("E", toMilliseconds(engine.clock().now()))
        .number("T", toMilliseconds(order.updatedAt))
        .key("o")
        .object()
        .text("s", request.symbol.view())
        .text("c", request.clientOrderId)
        .text("S", venueText(request.side))
        .text("o", order.shownType)
        .text("f", venueText(request.timeInForce))
        .fixed("q", request.quantity.raw(), digits.quantity)
        .fixed("p", request.price.value_or(Price{}).raw(), digits.price)
        .fixed("ap", averagePrice(order), digits.price)
        .fixed("sp", order.stopPrice.value_or(Price{}).raw(), digits.price)
        .text("x", execution)
        .text("X", statusText(order))
        .number("i", order.id)
        .fixed("l", fill == nullptr ? 0 : fill->quantity.raw(), digits.quantity)
        .fixed("z", order.filled.raw(), digits.quantity)
        .fixed("L", fill == nullptr ? 0 : fill->price.raw(), digits.price);
    if (fill != nullptr)
        out.text("N", engine.instrument(request.symbol)->contract.quote.view())
            .fixed("n", fill->fee.raw(), 8);
    if (execution == "AMENDMENT" && order.modifyId)
        out.text("M", fmt::format("{}", *order.modifyId));
    out.number("T", toMilliseconds(order.updatedAt))
        .number("t", fill == nullptr ? 0 : fill->tradeId)
        .text("b", position.bidNotional.text())
        .text("a", position.askNotional.text())
        .flag("m", fill != nullptr && fill->maker)
        .flag("R", request.reduceOnly == ReduceOnly::Yes)
        .text("wt", venueText(order.working))
        .text("ot", order.originalType)
        .text("ps", venueText(request.positionSide))
        .flag("cp", false)
        .flag("pP", false)
        .number("si", 0)
        .number("ss", 0)
        .fixed("rp", fill == nullptr ? 0 : fill->realized.raw(), 8)
        .text("V", venueText(request.selfTrade))
        .text("pm", request.priceMatch)
        .number("gtd", goodTill(order))
        .text("er", fmt::format("{}", static_cast<int>(order.expiry)))
        .endObject()
        .endObject();
    return out.take();
}

std::string tradeLite(const VenueEngine &engine, const VenueOrder &order, const VenueFill &fill)
{
    const Digits digits = digitsOf(engine, fill.symbol);
    JsonText out;
    out.object()
        .text("e", "TRADE_LITE")
        .number("E", toMilliseconds(engine.clock().now()))
        .number("T", toMilliseconds(fill.at))
        .text("s", fill.symbol.view())
        .fixed("q", order.request.quantity.raw(), digits.quantity)
        .fixed("p", order.request.price.value_or(Price{}).raw(), digits.price)
        .flag("m", fill.maker)
        .text("c", order.request.clientOrderId)
        .text("S", venueText(fill.side))
        .fixed("L", fill.price.raw(), digits.price)
        .fixed("l", fill.quantity.raw(), digits.quantity)
        .number("t", fill.tradeId)
        .number("i", order.id)
        .endObject();
    return out.take();
}

std::string accountUpdate(const VenueEngine &engine, const AccountChange &change)
{
    const Account &own = engine.account(change.account);
    const std::int64_t now = toMilliseconds(engine.clock().now());
    const Instrument &first = engine.options().instruments.front().contract;
    JsonText out;
    out.object().text("e", "ACCOUNT_UPDATE").number("E", now).number("T", now).key("a").object();
    out.text("m", change.reason);
    if (change.symbol)
        out.text("S", change.symbol->view());
    out.key("B").array().object();
    out.text("a", first.quote.view())
        .fixed("wb", own.wallet().raw(), 8)
        .fixed("cw", own.crossWallet().raw(), 8)
        .text("bc", change.balanceChange.text())
        .endObject()
        .endArray()
        .key("P")
        .array();
    for (const PositionKey &key : change.legs) {
        const AccountPosition &position = own.position(key.symbol, key.side);
        out.object()
            .text("s", key.symbol.view())
            .text("pa", positionAmount(*engine.instrument(key.symbol), position.quantity))
            .text("ep", position.entryPrice().text())
            .text("bep", breakEvenPrice(position).text())
            .text("cr", position.realized.text())
            .fixed("up", position.unrealized().raw(), 8)
            .text("mt", position.isolated ? "isolated" : "cross")
            .text("iw", position.isolatedWallet.text())
            .text("ps", venueText(key.side))
            .endObject();
    }
    out.endArray().endObject().endObject();
    return out.take();
}

std::string marginCall(const VenueEngine &engine, std::size_t account, const std::vector<PositionKey> &legs)
{
    const Account &own = engine.account(account);
    const bool cross = std::any_of(legs.begin(), legs.end(), [&](const PositionKey &key) {
        return !own.position(key.symbol, key.side).isolated;
    });
    JsonText out;
    out.object().text("e", "MARGIN_CALL").number("E", toMilliseconds(engine.clock().now()));
    if (cross)
        out.text("cw", own.crossWallet().text());
    out.key("p").array();
    for (const PositionKey &key : legs) {
        const AccountPosition &position = own.position(key.symbol, key.side);
        out.object()
            .text("s", key.symbol.view())
            .text("ps", venueText(key.side))
            .text("pa", positionAmount(*engine.instrument(key.symbol), position.quantity))
            .text("mt", position.isolated ? "ISOLATED" : "CROSSED")
            .text("iw", position.isolatedWallet.text())
            .text("mp", position.mark.text())
            .text("up", position.unrealized().text())
            .text("mm", own.maintenance(key).text())
            .endObject();
    }
    return out.endArray().endObject().take();
}

std::string algoUpdate(const VenueEngine &engine, const VenueAlgo &algo)
{
    const NewAlgo &request = algo.request;
    const Digits digits = digitsOf(engine, request.symbol);
    const Actual actual = actualOf(engine, algo);
    JsonText out;
    out.object()
        .text("e", "ALGO_UPDATE")
        .number("T", toMilliseconds(algo.updatedAt))
        .number("E", toMilliseconds(engine.clock().now()))
        .key("o")
        .object()
        .text("caid", request.clientAlgoId)
        .number("aid", algo.id)
        .text("at", "CONDITIONAL")
        .text("o", venueText(request.type))
        .text("s", request.symbol.view())
        .text("S", venueText(request.side))
        .text("ps", venueText(request.positionSide))
        .text("f", request.timeInForce)
        .fixed("q", request.quantity.raw(), digits.quantity)
        .text("X", venueText(algo.status))
        .text("ai", actualOrderId(algo))
        .text("ap", actual.price)
        .text("aq", actual.quantity)
        .text("act", actual.type)
        .fixed("tp", request.trigger.raw(), digits.price)
        .fixed("p", request.price.value_or(Price{}).raw(), digits.price)
        .text("V", venueText(request.selfTrade))
        .text("wt", venueText(request.working))
        .text("pm", "NONE")
        .flag("cp", request.closePosition)
        .flag("pP", request.priceProtect)
        .flag("R", request.reduceOnly == ReduceOnly::Yes)
        .number("tt", toMilliseconds(algo.triggeredAt))
        .number("gtd", 0)
        .text("rm", algo.reason)
        .flag("ia", algo.activated)
        .endObject()
        .endObject();
    return out.take();
}

std::string accountConfigUpdate(const VenueEngine &engine, const Symbol &symbol, int leverage)
{
    const std::int64_t now = toMilliseconds(engine.clock().now());
    JsonText out;
    out.object().text("e", "ACCOUNT_CONFIG_UPDATE").number("E", now).number("T", now).key("ac").object();
    out.text("s", symbol.view()).number("l", leverage).endObject().endObject();
    return out.take();
}

std::string listenKeyExpired(const VenueEngine &engine, std::string_view listenKey)
{
    JsonText out;
    out.object()
        .text("e", "listenKeyExpired")
        .number("E", toMilliseconds(engine.clock().now()))
        .text("listenKey", listenKey)
        .endObject();
    return out.take();
}

} // namespace core::venue
