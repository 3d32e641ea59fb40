// Orders beyond one at a time: modification, batches, dead-man timer, history. reference/binance-usdm.md 6.3 to 6.8.
#include <algorithm>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include "core/venue/binance_requests.h"
#include "core/venue/binance_text.h"
#include "core/venue/json_text.h"

namespace core::venue
{

VenueResult<std::string> BinanceApi::testOrder(Context &context)
{
    const auto symbol = symbolOf(context);
    if (!symbol)
        return tl::unexpected(symbol.error());
    auto order = readOrder(m_engine, context.parameters, *symbol);
    if (!order)
        return tl::unexpected(order.error());
    if (const auto fine = m_engine.checkOrder(context.account, *order); !fine)
        return tl::unexpected(fine.error());
    VenueOrder shown;
    shown.account = context.account;
    shown.request = std::move(*order);
    shown.originalType = shown.shownType = shown.request.type == OrderType::Market ? "MARKET" : "LIMIT";
    JsonText out;
    writeOrderAck(out, m_engine, shown, true);
    return out.take();
}

VenueResult<std::string> BinanceApi::modifyOrder(Context &context)
{
    const auto symbol = symbolOf(context);
    if (!symbol)
        return tl::unexpected(symbol.error());
    const auto name = readName(context.parameters, *symbol, "orderId", "origClientOrderId");
    if (!name)
        return tl::unexpected(name.error());
    const auto side = sideOf(context.parameters);
    if (!side)
        return tl::unexpected(side.error());
    const auto quantity = decimalOf<Quantity>(context.parameters, "quantity");
    if (!quantity)
        return tl::unexpected(quantity.error());
    const auto price = decimalOf<Price>(context.parameters, "price");
    if (!price)
        return tl::unexpected(price.error());
    const auto modifyId = wholeNumber(context.parameters, "modifyId");
    if (!modifyId)
        return tl::unexpected(modifyId.error());
    const auto changed = m_engine.modify(context.account, *symbol,
                                         {.orderId = name->id,
                                          .clientOrderId = name->clientId,
                                          .side = *side,
                                          .quantity = *quantity,
                                          .price = *price,
                                          .modifyId = *modifyId});
    if (!changed)
        return tl::unexpected(changed.error());
    JsonText out;
    writeOrderAck(out, m_engine, **changed, false);
    return out.take();
}

namespace
{
[[nodiscard]] std::string errorText(const VenueError &error)
{
    return JsonText().object().number("code", error.code).text("msg", error.message).endObject().take();
}

/// Values as the venue reads them: texts, whole numbers and flags alike.
[[nodiscard]] std::map<std::string, std::string, std::less<>> valuesOf(const QJsonObject &object)
{
    std::map<std::string, std::string, std::less<>> values;
    for (auto entry = object.begin(); entry != object.end(); ++entry) {
        const QJsonValue value = entry.value();
        std::string text = value.toVariant().toString().toStdString();
        if (value.isBool())
            text = value.toBool() ? "true" : "false";
        values.emplace(entry.key().toStdString(), std::move(text));
    }
    return values;
}

[[nodiscard]] VenueResult<QJsonArray> listOf(const ApiParameters &parameters, std::string_view name, qsizetype most)
{
    const auto text = parameters.mandatory(name);
    if (!text)
        return tl::unexpected(text.error());
    const QJsonDocument document =
        QJsonDocument::fromJson(QByteArray(text->data(), static_cast<qsizetype>(text->size())));
    if (!document.isArray())
        return malformed(name);
    if (document.array().isEmpty() || document.array().size() > most)
        return refuse(-4082, "Invalid number of batch place order size.");
    return document.array();
}
} // namespace

VenueResult<std::string> BinanceApi::runBatch(Context &context, Handler one)
{
    const auto list = listOf(context.parameters, "batchOrders", 5);
    if (!list)
        return tl::unexpected(list.error());
    JsonText out;
    out.array();
    for (const QJsonValue &element : *list) {
        Context single{context.request, ApiParameters::of(valuesOf(element.toObject())), context.account};
        const auto answer = (this->*one)(single);
        out.raw(answer ? *answer : errorText(answer.error()));
    }
    return out.endArray().take();
}

VenueResult<std::string> BinanceApi::newBatch(Context &context)
{
    return runBatch(context, &BinanceApi::newOrder);
}

VenueResult<std::string> BinanceApi::modifyBatch(Context &context)
{
    return runBatch(context, &BinanceApi::modifyOrder);
}

VenueResult<std::string> BinanceApi::cancelBatch(Context &context)
{
    const bool byClient = !context.parameters.has("orderIdList");
    const auto list = listOf(context.parameters, byClient ? "origClientOrderIdList" : "orderIdList", 10);
    if (!list)
        return tl::unexpected(list.error());
    JsonText out;
    out.array();
    for (const QJsonValue &element : *list) {
        Context single{context.request,
                       ApiParameters::of({{"symbol", std::string(context.parameters.get("symbol"))},
                                          {byClient ? "origClientOrderId" : "orderId",
                                           element.toVariant().toString().toStdString()}}),
                       context.account};
        const auto answer = cancelOrder(single);
        out.raw(answer ? *answer : errorText(answer.error()));
    }
    return out.endArray().take();
}

VenueResult<std::string> BinanceApi::countdown(Context &context)
{
    const auto symbol = symbolOf(context);
    if (!symbol)
        return tl::unexpected(symbol.error());
    const auto time = wholeNumber(context.parameters, "countdownTime");
    if (!time)
        return tl::unexpected(time.error());
    if (!*time || **time < 0)
        return malformed("countdownTime");
    const UtcTime at = m_engine.clock().now() + std::chrono::milliseconds(**time);
    m_engine.setCountdown(context.account, &*symbol, **time == 0 ? std::nullopt : std::optional(at));
    return JsonText()
        .object()
        .text("symbol", symbol->view())
        .text("countdownTime", fmt::format("{}", **time))
        .endObject()
        .take();
}

VenueResult<std::string> BinanceApi::allOrders(Context &context)
{
    const auto symbols = symbolsOf(context);
    if (!symbols)
        return tl::unexpected(symbols.error());
    const auto range = rangeOf(context.parameters, 500, 1000);
    if (!range)
        return tl::unexpected(range.error());
    const auto first = wholeNumber(context.parameters, "orderId");
    if (!first)
        return tl::unexpected(first.error());
    if (range->from && range->to && *range->to - *range->from > std::chrono::hours{24 * 7 + 1})
        return refuse(-1127, "More than 7 days between startTime and endTime.");
    std::vector<const VenueOrder *> rows;
    const bool one = context.parameters.has("symbol");
    for (const VenueOrder *order : m_engine.allOrders(context.account, one ? &symbols->front() : nullptr))
        if ((!*first || order->id >= **first) && range->holds(order->createdAt) && isVisible(order->updatedAt))
            rows.push_back(order);
    cut(rows, *range, range->from.has_value() || first->has_value());
    JsonText out;
    out.array();
    for (const VenueOrder *order : rows)
        writeOrder(out, m_engine, *order);
    return out.endArray().take();
}

VenueResult<std::string> BinanceApi::forceOrders(Context &context)
{
    const auto symbols = symbolsOf(context);
    if (!symbols)
        return tl::unexpected(symbols.error());
    const auto range = rangeOf(context.parameters, 50, 100);
    if (!range)
        return tl::unexpected(range.error());
    const std::string_view kind = context.parameters.get("autoCloseType");
    if (!kind.empty() && kind != "LIQUIDATION" && kind != "ADL")
        return invalidValue("autoCloseType");
    std::vector<const VenueOrder *> rows;
    const bool one = context.parameters.has("symbol");
    for (const VenueOrder *order : m_engine.allOrders(context.account, one ? &symbols->front() : nullptr)) {
        const std::string &id = order->request.clientOrderId;
        const bool liquidation = id.starts_with("autoclose-");
        const bool adl = id.starts_with("adl_autoclose");
        if (order->liquidation && range->holds(order->createdAt) &&
            ((liquidation && kind != "ADL") || (adl && kind != "LIQUIDATION")))
            rows.push_back(order);
    }
    cut(rows, *range, range->from.has_value());
    JsonText out;
    out.array();
    for (const VenueOrder *order : rows)
        writeOrder(out, m_engine, *order);
    return out.endArray().take();
}

VenueResult<std::string> BinanceApi::amendments(Context &context)
{
    const auto symbol = symbolOf(context);
    if (!symbol)
        return tl::unexpected(symbol.error());
    const auto range = rangeOf(context.parameters, 50, 100);
    if (!range)
        return tl::unexpected(range.error());
    const auto id = wholeNumber(context.parameters, "orderId");
    if (!id)
        return tl::unexpected(id.error());
    const std::string_view clientId = context.parameters.get("origClientOrderId");
    const VenueInstrument &instrument = *m_engine.instrument(*symbol);
    std::vector<const OrderAmendment *> rows;
    for (const OrderAmendment &row : m_engine.amendments()) {
        const VenueOrder *order = m_engine.findOrder(context.account, *symbol, row.orderId, {});
        if (order != nullptr && range->holds(row.at) && (!*id || row.orderId == **id) &&
            (clientId.empty() || order->request.clientOrderId == clientId))
            rows.push_back(&row);
    }
    cut(rows, *range, range->from.has_value());
    JsonText out;
    out.array();
    for (const OrderAmendment *row : rows) {
        const VenueOrder &order = *m_engine.findOrder(context.account, *symbol, row->orderId, {});
        out.object()
            .number("amendmentId", row->id)
            .text("symbol", symbol->view())
            .text("pair", symbol->view())
            .number("orderId", row->orderId)
            .text("clientOrderId", order.request.clientOrderId)
            .number("time", toMilliseconds(row->at))
            .key("amendment")
            .object()
            .key("price")
            .object()
            .fixed("before", row->priceBefore.raw(), instrument.pricePrecision)
            .fixed("after", row->priceAfter.raw(), instrument.pricePrecision)
            .endObject()
            .key("origQty")
            .object()
            .fixed("before", row->quantityBefore.raw(), instrument.quantityPrecision)
            .fixed("after", row->quantityAfter.raw(), instrument.quantityPrecision)
            .endObject()
            .number("count", row->count);
        if (row->modifyId)
            out.number("modifyId", *row->modifyId);
        out.endObject().endObject();
    }
    return out.endArray().take();
}

VenueResult<std::string> BinanceApi::allAlgos(Context &context)
{
    const auto symbol = symbolOf(context);
    if (!symbol)
        return tl::unexpected(symbol.error());
    const auto range = rangeOf(context.parameters, 500, 1000);
    if (!range)
        return tl::unexpected(range.error());
    const auto first = wholeNumber(context.parameters, "algoId");
    if (!first)
        return tl::unexpected(first.error());
    std::vector<const VenueAlgo *> rows;
    for (const VenueAlgo *algo : m_engine.allAlgos(context.account, &*symbol))
        if ((!*first || algo->id >= **first) && range->holds(algo->createdAt) && isVisible(algo->updatedAt))
            rows.push_back(algo);
    cut(rows, *range, range->from.has_value() || first->has_value());
    JsonText out;
    out.array();
    for (const VenueAlgo *algo : rows)
        writeAlgo(out, m_engine, *algo);
    return out.endArray().take();
}

} // namespace core::venue
