#include "core/exchange/hyperliquid/action.h"

#include <algorithm>

#include <fmt/format.h>

namespace core::exchange::hyperliquid
{

namespace
{
[[nodiscard]] std::string_view nameOf(Tif tif)
{
    switch (tif) {
    case Tif::Gtc:
        return "Gtc";
    case Tif::Alo:
        return "Alo";
    case Tif::Ioc:
        break;
    }
    return "Ioc";
}

[[nodiscard]] std::string_view nameOf(Grouping grouping)
{
    switch (grouping) {
    case Grouping::None:
        return "na";
    case Grouping::NormalTpsl:
        return "normalTpsl";
    case Grouping::PositionTpsl:
        break;
    }
    return "positionTpsl";
}

[[nodiscard]] ActionValue typed(std::string_view type)
{
    ActionValue action;
    action.add("type", type);
    return action;
}

[[nodiscard]] ActionValue single(std::string_view key, ActionValue value)
{
    ActionValue map;
    map.add(key, std::move(value));
    return map;
}

[[nodiscard]] ActionValue termsOf(const WireOrder &order)
{
    if (const auto *const limit = std::get_if<LimitTerms>(&order.terms))
        return single("limit", single("tif", nameOf(limit->tif)));
    const auto &trigger = std::get<TriggerTerms>(order.terms);
    ActionValue terms;
    terms.add("isMarket", trigger.isMarket);
    terms.add("triggerPx", trigger.triggerPrice.text());
    terms.add("tpsl", trigger.purpose == TriggerPurpose::TakeProfit ? "tp" : "sl");
    return single("trigger", std::move(terms));
}

/// Empty: it may be sent.
[[nodiscard]] std::string_view faultOf(const WireOrder &order, Grouping grouping)
{
    const auto *const trigger = std::get_if<TriggerTerms>(&order.terms);
    if (!order.price.isPositive())
        return "the price must be positive";
    if (trigger != nullptr && !trigger->triggerPrice.isPositive())
        return "the trigger price must be positive";
    const bool wholePosition = grouping == Grouping::PositionTpsl && order.reduceOnly && trigger != nullptr;
    if (!order.size.isPositive() && !(wholePosition && order.size.isZero()))
        return "the size must be positive: the venue reads 0 as the whole position";
    return {};
}

[[nodiscard]] Result<ActionValue> orderValue(const WireOrder &order, Grouping grouping, std::size_t index)
{
    if (const std::string_view fault = faultOf(order, grouping); !fault.empty())
        return fail(ErrorCode::InvalidArgument, fmt::format("order {}: {}", index, fault));
    ActionValue value;
    value.add("a", order.asset);
    value.add("b", order.isBuy);
    value.add("p", order.price.text());
    value.add("s", order.size.text());
    value.add("r", order.reduceOnly);
    value.add("t", termsOf(order));
    if (order.cloid)
        value.add("c", order.cloid->text());
    return value;
}

[[nodiscard]] Result<void> checkCount(std::size_t count, std::string_view what)
{
    if (count == 0)
        return fail(ErrorCode::InvalidArgument, fmt::format("no {}", what));
    if (count > kActionItemsMax)
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("{} {}: at most {} fit into one action", count, what, kActionItemsMax));
    return {};
}

template <class Item, class ToValue>
[[nodiscard]] Result<ActionValue> cancelOf(std::string_view type, std::span<const Item> cancels,
                                           CancelSpeed speed, ToValue toValue)
{
    if (const auto count = checkCount(cancels.size(), "cancels"); !count)
        return fail(count.error());
    ActionValue::Array list;
    list.reserve(cancels.size());
    std::transform(cancels.begin(), cancels.end(), std::back_inserter(list), toValue);
    ActionValue action = typed(type);
    action.add("cancels", std::move(list));
    if (speed == CancelSpeed::Fast)
        action.add("f", true);
    return action;
}

[[nodiscard]] ActionValue referenceValue(const OrderReference &reference)
{
    if (const auto *const orderId = std::get_if<std::uint64_t>(&reference))
        return *orderId;
    return std::get<Cloid>(reference).text();
}

/// A change of one order: "oid" and "order" appended to `value`.
[[nodiscard]] Result<ActionValue> withChange(ActionValue value, const ModifyItem &item, std::size_t index)
{
    auto order = orderValue(item.order, Grouping::None, index);
    if (!order)
        return order;
    value.add("oid", referenceValue(item.reference));
    value.add("order", std::move(*order));
    return value;
}
} // namespace

Result<ActionValue> orderAction(std::span<const WireOrder> orders, Grouping grouping,
                                const std::optional<BuilderFee> &builder)
{
    if (const auto count = checkCount(orders.size(), "orders"); !count)
        return fail(count.error());
    ActionValue::Array list;
    list.reserve(orders.size());
    for (const WireOrder &order : orders) {
        auto value = orderValue(order, grouping, list.size());
        if (!value)
            return value;
        list.push_back(std::move(*value));
    }
    ActionValue action = typed("order");
    action.add("orders", std::move(list));
    action.add("grouping", nameOf(grouping));
    if (builder) {
        ActionValue fee;
        fee.add("b", builder->builder.text());
        fee.add("f", builder->tenthsOfBasisPoint);
        action.add("builder", std::move(fee));
    }
    return action;
}

Result<ActionValue> cancelAction(std::span<const CancelItem> cancels, CancelSpeed speed)
{
    return cancelOf("cancel", cancels, speed, [](const CancelItem &item) {
        ActionValue value;
        value.add("a", item.asset);
        value.add("o", item.orderId);
        return value;
    });
}

Result<ActionValue> cancelByCloidAction(std::span<const CloidCancelItem> cancels, CancelSpeed speed)
{
    return cancelOf("cancelByCloid", cancels, speed, [](const CloidCancelItem &item) {
        ActionValue value;
        value.add("asset", item.asset);
        value.add("cloid", item.cloid.text());
        return value;
    });
}

Result<ActionValue> modifyAction(const ModifyItem &item)
{
    return withChange(typed("modify"), item, 0);
}

Result<ActionValue> batchModifyAction(std::span<const ModifyItem> items)
{
    if (const auto count = checkCount(items.size(), "changes"); !count)
        return fail(count.error());
    ActionValue::Array list;
    list.reserve(items.size());
    for (const ModifyItem &item : items) {
        auto value = withChange({}, item, list.size());
        if (!value)
            return value;
        list.push_back(std::move(*value));
    }
    ActionValue action = typed("batchModify");
    action.add("modifies", std::move(list));
    return action;
}

Result<ActionValue> updateLeverageAction(std::uint32_t asset, MarginMode mode, std::uint32_t leverage)
{
    if (leverage == 0)
        return fail(ErrorCode::InvalidArgument, "the leverage must be at least 1");
    ActionValue action = typed("updateLeverage");
    action.add("asset", asset);
    action.add("isCross", mode == MarginMode::Cross);
    action.add("leverage", leverage);
    return action;
}

Result<ActionValue> updateIsolatedMarginAction(std::uint32_t asset, Money change)
{
    constexpr std::int64_t kRawPerMillionth = kDecimalOne / 1'000'000;
    if (change.isZero() || change.raw() % kRawPerMillionth != 0)
        return fail(ErrorCode::InvalidArgument, "the change of margin must be a multiple of 0.000001 and not 0");
    ActionValue action = typed("updateIsolatedMargin");
    action.add("asset", asset);
    action.add("isBuy", true);
    action.add("ntli", change.raw() / kRawPerMillionth);
    return action;
}

ActionValue scheduleCancelAction(std::optional<std::uint64_t> timeMs)
{
    ActionValue action = typed("scheduleCancel");
    if (timeMs)
        action.add("time", *timeMs);
    return action;
}

ActionValue noopAction()
{
    return typed("noop");
}

Result<ActionValue> approveAgentAction(Network network, const Address &agent, std::string_view name,
                                       std::uint64_t nonce)
{
    constexpr std::size_t kNameBytesMax = 16;
    if (name.substr(0, name.find(" valid_until ")).size() > kNameBytesMax)
        return fail(ErrorCode::InvalidArgument, "the name of an agent has at most 16 characters");
    ActionValue action = typed("approveAgent");
    action.add("signatureChainId", "0x66eee");
    action.add("hyperliquidChain", network == Network::Mainnet ? "Mainnet" : "Testnet");
    action.add("agentAddress", agent.text());
    action.add("agentName", name);
    action.add("nonce", nonce);
    return action;
}

} // namespace core::exchange::hyperliquid
