// JSON about accounts: orders, fills, funding, positions. Reference/hyperliquid.md sections 2.3 to 2.6, 6.2.
#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "core/venue/hyperliquid/text.h"

namespace core::venue::hyperliquid
{

namespace
{
[[nodiscard]] std::string_view orderType(const DeskOrder &order)
{
    if (!order.terms.trigger)
        return order.terms.tif == OrderTif::FrontendMarket || order.terms.tif == OrderTif::LiquidationMarket
                   ? "Market"
                   : "Limit";
    const TriggerTerms &trigger = *order.terms.trigger;
    if (trigger.isTakeProfit)
        return trigger.isMarket ? "Take Profit Market" : "Take Profit Limit";
    return trigger.isMarket ? "Stop Market" : "Stop Limit";
}

[[nodiscard]] std::string triggerCondition(const DeskOrder &order)
{
    if (!order.terms.trigger)
        return "N/A";
    if (order.hasTriggered)
        return "Triggered";
    const bool waitsBelow = (order.terms.side == Side::Sell) != order.terms.trigger->isTakeProfit;
    return fmt::format("Price {} {}", waitsBelow ? "below" : "above", order.terms.trigger->price.text());
}

[[nodiscard]] std::string direction(const DeskFill &fill)
{
    const SignedQuantity change = fill.side == Side::Buy ? fill.size.raw() : -fill.size.raw();
    const SignedQuantity after = fill.startPosition + change;
    const bool wasLong = fill.startPosition > 0;
    if (fill.startPosition != 0 && after != 0 && wasLong != (after > 0))
        return wasLong ? "Long > Short" : "Short > Long";
    const bool isLong = fill.startPosition != 0 ? wasLong : after > 0;
    const bool opens = std::llabs(after) > std::llabs(fill.startPosition);
    return fmt::format("{} {}", opens ? "Open" : "Close", isLong ? "Long" : "Short");
}

/// Fees are cut at six decimals.
[[nodiscard]] std::int64_t feeRaw(Money fee)
{
    return fee.raw() / 100 * 100;
}

void writeSummary(JsonText &out, std::string_view name, Money value, Money notionals, Money cash, Money margin)
{
    out.key(name)
        .object()
        .text("accountValue", numberText(value.raw()))
        .text("totalNtlPos", numberText(notionals.raw()))
        .text("totalRawUsd", numberText(cash.raw()))
        .text("totalMarginUsed", numberText(margin.raw()))
        .endObject();
}
} // namespace

void writePlainOrder(JsonText &out, const Universe &universe, const DeskOrder &order)
{
    out.object()
        .text("coin", universe.coin(order.asset()).name)
        .text("side", sideText(order.terms.side))
        .text("limitPx", numberText(order.terms.price.raw()))
        .text("sz", numberText(order.remaining.raw()))
        .number("oid", order.oid)
        .number("timestamp", toMilliseconds(order.placedAt))
        .text("origSz", numberText(order.terms.size.raw()));
    if (!order.terms.cloid.empty())
        out.text("cloid", order.terms.cloid);
    if (order.terms.reduceOnly)
        out.flag("reduceOnly", true);
    out.endObject();
}

void writeFrontendOrder(JsonText &out, const Desk &desk, const DeskOrder &order)
{
    const auto &trigger = order.terms.trigger;
    out.object()
        .text("coin", desk.universe().coin(order.asset()).name)
        .text("side", sideText(order.terms.side))
        .text("limitPx", numberText(order.terms.price.raw()))
        .text("sz", numberText(order.remaining.raw()))
        .number("oid", order.oid)
        .number("timestamp", toMilliseconds(order.placedAt))
        .text("triggerCondition", triggerCondition(order))
        .flag("isTrigger", trigger.has_value())
        .text("triggerPx", numberText(trigger ? trigger->price.raw() : 0))
        .key("children")
        .array();
    for (const std::int64_t child : order.children)
        if (const DeskOrder *found = desk.find(order.account, child);
            found != nullptr && found->stage == Stage::WaitingForFill)
            writeFrontendOrder(out, desk, *found);
    out.endArray()
        .flag("isPositionTpsl", order.isPositionTpsl)
        .flag("reduceOnly", order.terms.reduceOnly)
        .text("orderType", orderType(order))
        .text("origSz", numberText(order.terms.size.raw()))
        .key("tif");
    if (trigger)
        out.raw("null");
    else
        out.text(wireText(order.terms.tif));
    out.key("cloid");
    if (order.terms.cloid.empty())
        out.raw("null");
    else
        out.text(order.terms.cloid);
    out.endObject();
}

void writeOrderStatus(JsonText &out, const Desk &desk, const DeskOrder &order)
{
    out.object().key("order");
    writeFrontendOrder(out, desk, order);
    out.text("status", order.status).number("statusTimestamp", toMilliseconds(order.statusAt)).endObject();
}

void writeFill(JsonText &out, const Universe &universe, const DeskFill &fill, std::string_view liquidated)
{
    out.object()
        .text("coin", universe.coin(fill.asset).name)
        .text("px", numberText(fill.price.raw()))
        .text("sz", numberText(fill.size.raw()))
        .text("side", sideText(fill.side))
        .number("time", toMilliseconds(fill.at))
        .text("startPosition", numberText(fill.startPosition))
        .text("dir", direction(fill))
        .text("closedPnl", numberText(fill.closedPnl.raw()))
        .text("hash", hashText(fill.hash))
        .number("oid", fill.oid)
        .flag("crossed", fill.crossed)
        .text("fee", numberText(feeRaw(fill.fee)))
        .number("tid", fill.tid);
    if (!fill.cloid.empty())
        out.text("cloid", fill.cloid);
    if (fill.isLiquidation)
        out.key("liquidation")
            .object()
            .text("liquidatedUser", liquidated)
            .text("markPx", numberText(fill.markPrice.raw()))
            .text("method", "market")
            .endObject();
    out.text("feeToken", "USDC").key("twapId").raw("null").endObject();
}

void writeFunding(JsonText &out, const Universe &universe, const FundingRow &row, bool isFlat)
{
    out.object().number("time", toMilliseconds(row.at));
    if (!isFlat)
        out.text("hash", hashText(row.hash)).key("delta").object().text("type", "funding");
    out.text("coin", universe.coin(row.asset).name)
        .text("usdc", numberText(row.usdc.raw()))
        .text("szi", numberText(row.position))
        .text("fundingRate", numberText(row.rate.raw()))
        .key("nSamples")
        .raw("null");
    if (!isFlat)
        out.endObject();
    out.endObject();
}

void writeLedger(JsonText &out, const LedgerRow &row)
{
    out.object()
        .number("time", toMilliseconds(row.at))
        .text("hash", hashText(row.hash))
        .key("delta")
        .raw(row.delta)
        .endObject();
}

Money equityOf(const Desk &desk, std::size_t account)
{
    return desk.engine().account(account).equity();
}

Money availableOf(const Desk &desk, std::size_t account)
{
    return desk.engine().account(account).available();
}

std::string emptyClearinghouseText(UtcTime at)
{
    JsonText out;
    out.object();
    writeSummary(out, "marginSummary", {}, {}, {}, {});
    writeSummary(out, "crossMarginSummary", {}, {}, {}, {});
    out.text("crossMaintenanceMarginUsed", "0.0").text("withdrawable", "0.0");
    out.key("assetPositions").array().endArray().number("time", toMilliseconds(at)).endObject();
    return out.take();
}

} // namespace core::venue::hyperliquid
