// Orders and conditional orders: reference/binance-usdm.md sections 6.2 to 6.7.
#include "core/venue/api_context.h"
#include "core/venue/binance_text.h"
#include "core/venue/binance_requests.h"
#include "core/venue/json_text.h"

namespace core::venue
{

VenueResult<std::string> BinanceApi::newOrder(Context &context)
{
    const auto symbol = symbolOf(context);
    if (!symbol)
        return tl::unexpected(symbol.error());
    auto order = readOrder(m_engine, context.parameters, *symbol);
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
    if (order == nullptr || !isVisible(order->updatedAt))
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
    if (order == nullptr || !order->isOpen() || !isVisible(order->updatedAt))
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
        if (isVisible(order->createdAt))
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
    if (algo == nullptr || !isVisible(algo->createdAt))
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
        if (isVisible(algo->createdAt) && (!*id || algo->id == **id))
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
