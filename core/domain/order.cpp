#include "core/domain/order.h"

namespace core
{

std::string_view name(OrderStatus status)
{
    switch (status) {
    case OrderStatus::Pending: return "pending";
    case OrderStatus::New: return "new";
    case OrderStatus::PartiallyFilled: return "partially-filled";
    case OrderStatus::Filled: return "filled";
    case OrderStatus::Canceled: return "canceled";
    case OrderStatus::Rejected: return "rejected";
    case OrderStatus::Expired: return "expired";
    case OrderStatus::Triggered: return "triggered";
    case OrderStatus::Unknown: return "unknown";
    }
    return "unknown";
}

std::string_view name(OrderType type)
{
    switch (type) {
    case OrderType::Market: return "market";
    case OrderType::Limit: return "limit";
    case OrderType::StopMarket: return "stop-market";
    case OrderType::StopLimit: return "stop-limit";
    case OrderType::TakeProfitMarket: return "take-profit-market";
    case OrderType::TakeProfitLimit: return "take-profit-limit";
    case OrderType::TrailingStop: return "trailing-stop";
    case OrderType::Unknown: return "unknown";
    }
    return "unknown";
}

std::string_view name(TimeInForce timeInForce)
{
    switch (timeInForce) {
    case TimeInForce::GoodTilCancel: return "gtc";
    case TimeInForce::ImmediateOrCancel: return "ioc";
    case TimeInForce::FillOrKill: return "fok";
    case TimeInForce::PostOnly: return "post-only";
    case TimeInForce::GoodTilDate: return "gtd";
    }
    return "unknown";
}

std::string_view name(TriggerSource source)
{
    return source == TriggerSource::Mark ? "mark" : "last";
}

std::string_view name(PositionSide side)
{
    switch (side) {
    case PositionSide::Both: return "both";
    case PositionSide::Long: return "long";
    case PositionSide::Short: return "short";
    }
    return "unknown";
}

} // namespace core
