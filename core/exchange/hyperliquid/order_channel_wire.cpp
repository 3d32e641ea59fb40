#include "core/exchange/hyperliquid/order_channel_wire.h"

namespace core::exchange::hyperliquid
{
namespace
{

/// Worst price of a fired stop without one of its own. It must get out; the venue's own screen uses the same.
constexpr Ratio kTriggerSlippage = Ratio::fromRaw(10'000'000);

Result<Price> moved(Price price, Side side, Ratio by)
{
    const Ratio factor = Ratio::fromRaw(kDecimalOne + (side == Side::Buy ? by.raw() : -by.raw()));
    return scaled(price, factor, Rounding::HalfEven);
}

/// A worst price is widened to the next valid one, so that the rounding cannot keep an exit from filling.
Result<Price> widened(const Instrument &instrument, Price price, Side side)
{
    return toValidPrice(instrument, price, side == Side::Buy ? Rounding::Ceil : Rounding::Floor);
}

Result<void> checkSupported(const OrderRequest &request)
{
    if (request.type == OrderType::TrailingStop)
        return fail(ErrorCode::Unsupported, "this venue has no trailing stop");
    if (request.positionSide != PositionSide::Both)
        return fail(ErrorCode::Unsupported, "this venue has no hedge mode");
    if (isConditional(request.type) && request.triggerBy != TriggerSource::Mark)
        return fail(ErrorCode::Unsupported, "this venue triggers by the mark price only");
    if (request.type == OrderType::Limit && (request.timeInForce == TimeInForce::FillOrKill ||
                                             request.timeInForce == TimeInForce::GoodTilDate))
        return fail(ErrorCode::Unsupported, "this venue has neither fill-or-kill nor good-till-date");
    if (isConditional(request.type) && !request.triggerPrice)
        return fail(ErrorCode::InvalidArgument, "a conditional order needs a trigger price");
    if (hasLimitPrice(request.type) && !request.limitPrice)
        return fail(ErrorCode::InvalidArgument, "a limit order needs a price");
    return {};
}

Tif tifOf(const OrderRequest &request)
{
    if (request.type == OrderType::Market || request.timeInForce == TimeInForce::ImmediateOrCancel)
        return Tif::Ioc;
    return request.timeInForce == TimeInForce::PostOnly ? Tif::Alo : Tif::Gtc;
}

Result<Price> priceOf(const Instrument &instrument, const OrderRequest &request, const Surroundings &around,
                      Ratio slippage)
{
    if (hasLimitPrice(request.type))
        return *request.limitPrice;
    if (request.limitPrice)
        return widened(instrument, *request.limitPrice, request.side);
    if (isConditional(request.type)) {
        const auto worst = moved(*request.triggerPrice, request.side, kTriggerSlippage);
        return worst ? widened(instrument, *worst, request.side) : worst;
    }
    const auto middle = around.mid ? around.mid : around.mark;
    if (!middle)
        return fail(ErrorCode::Unavailable, "a market order needs a worst price: no price is known here");
    const auto worst = moved(*middle, request.side, slippage);
    return worst ? widened(instrument, *worst, request.side) : worst;
}

bool isTakeProfit(OrderType type)
{
    return type == OrderType::TakeProfitMarket || type == OrderType::TakeProfitLimit;
}

} // namespace

Result<WireOrder> wireOrder(const ListedAsset &asset, const OrderRequest &request, const Surroundings &around,
                            Ratio slippage, const Cloid &cloid)
{
    if (const auto supported = checkSupported(request); !supported)
        return fail(supported.error());
    const auto price = priceOf(asset.instrument, request, around, slippage);
    if (!price)
        return fail(price.error());
    const auto size = toValidSize(asset.instrument, request.quantity);
    if (!size)
        return fail(size.error());
    OrderRequest exact = request;
    exact.quantity = *size;
    exact.limitPrice = *price;
    if (const auto valid = checkOrder(asset, exact, around.mark, around.position); !valid)
        return fail(valid.error());
    WireOrder order;
    order.asset = static_cast<std::uint32_t>(asset.id);
    order.isBuy = request.side == Side::Buy;
    order.price = WireNumber(*price);
    order.size = WireNumber(*size);
    order.reduceOnly = request.reduceOnly == ReduceOnly::Yes;
    order.cloid = cloid;
    if (isConditional(request.type))
        order.terms = TriggerTerms{.isMarket = !hasLimitPrice(request.type),
                                   .triggerPrice = WireNumber(*request.triggerPrice),
                                   .purpose = isTakeProfit(request.type) ? TriggerPurpose::TakeProfit
                                                                         : TriggerPurpose::StopLoss};
    else
        order.terms = LimitTerms{tifOf(request)};
    return order;
}

Lane laneOf(const OrderRequest &request)
{
    if (request.reduceOnly == ReduceOnly::No)
        return Lane::Entry;
    if (isConditional(request.type))
        return Lane::Protective;
    const bool atOnce =
        request.type == OrderType::Market || request.timeInForce == TimeInForce::ImmediateOrCancel;
    return atOnce ? Lane::Flatten : Lane::Protective;
}

} // namespace core::exchange::hyperliquid
