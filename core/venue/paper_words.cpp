#include "core/venue/paper_words.h"

#include <cstdlib>

#include <fmt/format.h>

namespace core::venue
{

namespace
{
AlgoType algoType(OrderType type)
{
    switch (type) {
    case OrderType::TakeProfitMarket:
        return AlgoType::TakeProfitMarket;
    case OrderType::StopLimit:
        return AlgoType::StopLimit;
    case OrderType::TakeProfitLimit:
        return AlgoType::TakeProfitLimit;
    case OrderType::TrailingStop:
        return AlgoType::TrailingStop;
    default:
        return AlgoType::StopMarket;
    }
}

OrderType orderType(AlgoType type)
{
    switch (type) {
    case AlgoType::StopMarket:
        return OrderType::StopMarket;
    case AlgoType::TakeProfitMarket:
        return OrderType::TakeProfitMarket;
    case AlgoType::StopLimit:
        return OrderType::StopLimit;
    case AlgoType::TakeProfitLimit:
        return OrderType::TakeProfitLimit;
    case AlgoType::TrailingStop:
        break;
    }
    return OrderType::TrailingStop;
}

OrderStatus statusOf(AlgoStatus status)
{
    switch (status) {
    case AlgoStatus::New:
        return OrderStatus::New;
    case AlgoStatus::Canceled:
        return OrderStatus::Canceled;
    case AlgoStatus::Rejected:
        return OrderStatus::Rejected;
    case AlgoStatus::Expired:
        return OrderStatus::Expired;
    case AlgoStatus::Triggering:
    case AlgoStatus::Triggered:
    case AlgoStatus::Finished:
        break;
    }
    return OrderStatus::Triggered;
}

std::string reasonOf(Expiry expiry)
{
    switch (expiry) {
    case Expiry::None:
        return {};
    case Expiry::SelfTrade:
        return "it would have traded with an order of the same account";
    case Expiry::ImmediateRemainder:
        return "the rest could not be filled at once";
    case Expiry::ReduceOnly:
        return "there is nothing left to reduce";
    case Expiry::Liquidated:
        return "the account was liquidated";
    case Expiry::PositionGone:
        return "the position is gone";
    case Expiry::Delisted:
        return "the contract is no longer traded";
    case Expiry::MarketRemainder:
        return "the book shows no more within the venue's bound";
    }
    return {};
}

std::string_view wordOf(TimeInForce timeInForce)
{
    switch (timeInForce) {
    case TimeInForce::ImmediateOrCancel:
        return "IOC";
    case TimeInForce::FillOrKill:
        return "FOK";
    case TimeInForce::PostOnly:
        return "GTX";
    default:
        return "GTC";
    }
}

ClientOrderId clientId(const std::string &text)
{
    return ClientOrderId::from(text).value_or(ClientOrderId{});
}

tl::unexpected<Error> notOffered(std::string_view what)
{
    return fail(ErrorCode::Unsupported, fmt::format("this venue does not offer {}", what));
}
} // namespace

PaperContract paperContract(const Instrument &described)
{
    PaperContract made;
    Instrument &contract = made.listed.contract;
    contract = described;
    if (contract.marginTiers.empty()) {
        made.typicalTiers = true;
        contract.marginTiers =
            typicalInstrument(described.key.symbol, described.base, described.tickSize, described.stepSize).contract.marginTiers;
    }
    if (!contract.marketStepSize.isPositive())
        contract.marketStepSize = contract.stepSize;
    made.listed.pricePrecision = decimalPlaces(contract.tickSize.raw());
    made.listed.quantityPrecision = decimalPlaces(contract.stepSize.raw());
    if (described.key.venue == Venue::Hyperliquid)
        made.listed.fundingInterval = std::chrono::hours{1};
    made.listed.fundingRate = Ratio{}; // nothing is settled at a rate that nobody published
    return made;
}

Result<void> checkOffered(const OrderRequest &order, const Instrument &contract, const ports::Capabilities &capabilities)
{
    const bool conditional = isConditional(order.type);
    if (conditional && !capabilities.conditionalOrders)
        return notOffered("conditional orders");
    if (order.type == OrderType::TrailingStop && !capabilities.nativeTrailing)
        return notOffered("trailing stops");
    if (conditional && order.triggerBy == TriggerSource::Last && !capabilities.triggerByLast)
        return notOffered("triggers by the last price: only by the mark");
    if (contract.key.venue == Venue::Hyperliquid && (order.timeInForce == TimeInForce::FillOrKill ||
                                                     order.timeInForce == TimeInForce::GoodTilDate))
        return notOffered("fill-or-kill and good-till-date");
    if (hasLimitPrice(order.type) && !order.limitPrice)
        return fail(ErrorCode::InvalidArgument, "limitPrice: is missing");
    if (conditional && order.type != OrderType::TrailingStop && !order.triggerPrice)
        return fail(ErrorCode::InvalidArgument, "triggerPrice: is missing");
    if (order.type == OrderType::TrailingStop && !order.callbackRate)
        return fail(ErrorCode::InvalidArgument, "callbackRate: is missing");
    for (const auto &price : {order.limitPrice, order.triggerPrice, order.activationPrice})
        if (price && !isValidPrice(contract, *price))
            return fail(ErrorCode::Rejected, "the price is not one of the contract's: its tick and significant digits bind");
    return {};
}

NewOrder newOrder(const OrderRequest &order)
{
    NewOrder made;
    made.symbol = order.instrument.symbol;
    made.side = order.side;
    made.type = order.type;
    made.timeInForce = order.timeInForce;
    made.quantity = order.quantity;
    made.price = order.limitPrice;
    made.reduceOnly = order.reduceOnly;
    made.clientOrderId = order.clientOrderId.string();
    made.positionSide = order.positionSide;
    made.goodTill = order.goodTill;
    if (order.type == OrderType::Market) // a worst price makes it take what lies within, and no more
        made.timeInForce = order.limitPrice ? TimeInForce::ImmediateOrCancel : TimeInForce::GoodTilCancel;
    return made;
}

NewAlgo newAlgo(const OrderRequest &order)
{
    NewAlgo made;
    made.symbol = order.instrument.symbol;
    made.side = order.side;
    made.type = algoType(order.type);
    made.quantity = order.quantity;
    made.trigger = order.triggerPrice.value_or(Price{});
    made.working = order.triggerBy == TriggerSource::Mark ? WorkingType::MarkPrice : WorkingType::ContractPrice;
    made.reduceOnly = order.reduceOnly;
    made.timeInForce = wordOf(order.timeInForce);
    made.clientAlgoId = order.clientOrderId.string();
    made.positionSide = order.positionSide;
    made.price = order.limitPrice;
    made.activate = order.activationPrice;
    made.callbackRate = order.callbackRate.value_or(Ratio{});
    return made;
}

OrderUpdate orderUpdate(const VenueOrder &order, const VenueAlgo *algo, Venue venue, UtcTime now)
{
    OrderUpdate update;
    update.instrument = {venue, order.request.symbol};
    update.clientOrderId = clientId(order.request.clientOrderId);
    update.venueOrderId = {order.id};
    update.side = order.request.side;
    update.positionSide = order.request.positionSide;
    update.type = algo != nullptr ? orderType(algo->request.type) : order.request.type;
    update.status = algo != nullptr && order.status == OrderStatus::New ? OrderStatus::Triggered : order.status;
    update.quantity = order.request.quantity;
    update.filled = order.filled;
    if (order.filled.isPositive()) {
        const auto average = mulDiv(order.filledQuote.raw(), kDecimalOne, order.filled.raw(), Rounding::HalfEven);
        if (average)
            update.averagePrice = Price::fromRaw(*average);
    }
    update.limitPrice = order.request.price;
    update.reduceOnly = order.request.reduceOnly;
    update.triggerPrice = order.stopPrice;
    update.reason = reasonOf(order.expiry);
    update.venueTime = order.updatedAt;
    update.receivedAt = now;
    return update;
}

OrderUpdate orderUpdate(const VenueAlgo &algo, Venue venue, UtcTime now)
{
    OrderUpdate update;
    update.instrument = {venue, algo.request.symbol};
    update.clientOrderId = clientId(algo.request.clientAlgoId);
    update.venueOrderId = {algo.id};
    update.side = algo.request.side;
    update.positionSide = algo.request.positionSide;
    update.type = orderType(algo.request.type);
    update.status = statusOf(algo.status);
    update.quantity = algo.request.quantity;
    update.limitPrice = algo.request.price;
    update.reduceOnly = algo.request.reduceOnly;
    if (algo.request.trigger.isPositive())
        update.triggerPrice = algo.request.trigger;
    update.reason = algo.reason;
    update.venueTime = algo.updatedAt;
    update.receivedAt = now;
    return update;
}

Fill fillOf(const VenueFill &fill, const VenueOrder *order, Venue venue, const Asset &asset, UtcTime now)
{
    Fill made;
    made.instrument = {venue, fill.symbol};
    made.tradeId = fill.tradeId;
    made.venueOrderId = {fill.orderId};
    made.clientOrderId = order != nullptr ? clientId(order->request.clientOrderId) : ClientOrderId{};
    made.side = fill.side;
    made.positionSide = fill.positionSide;
    made.price = fill.price;
    made.quantity = fill.quantity;
    made.fee = fill.fee;
    made.feeAsset = asset;
    made.realizedPnl = fill.realized;
    made.maker = fill.maker;
    made.venueTime = fill.at;
    made.receivedAt = now;
    return made;
}

Position positionOf(const Account &account, const PositionKey &key, Venue venue, UtcTime now)
{
    const AccountPosition &leg = account.position(key.symbol, key.side);
    Position made;
    made.instrument = {venue, key.symbol};
    made.positionSide = key.side;
    made.direction = leg.quantity < 0 ? Direction::Short : Direction::Long;
    made.quantity = Quantity::fromRaw(std::llabs(leg.quantity));
    made.leverage = leg.leverage;
    made.marginMode = leg.isolated ? MarginMode::Isolated : MarginMode::Cross;
    made.venueTime = leg.updatedAt;
    made.receivedAt = now;
    if (leg.isFlat())
        return made;
    made.entryPrice = leg.entryPrice();
    made.liquidationPrice = account.liquidationPriceOf(key.symbol, key.side);
    if (!leg.mark.isPositive())
        return made;
    made.markPrice = leg.mark;
    made.unrealizedPnl = leg.unrealized();
    made.initialMargin = leg.initialMargin();
    made.maintenanceMargin = account.maintenance(key);
    if (leg.isolated)
        made.isolatedMargin = Money::fromRaw(leg.isolatedWallet.raw() + leg.unrealized().raw());
    return made;
}

AccountSnapshot snapshotOf(const Account &account, const AccountId &id, const Asset &asset, UtcTime now)
{
    AccountSnapshot made;
    made.account = id;
    made.asset = asset;
    made.walletBalance = account.wallet();
    made.unrealizedPnl = account.unrealized();
    made.equity = account.equity();
    made.available = account.available();
    made.initialMargin = Money::fromRaw(account.initialMargin().raw() + account.orderMargin().raw());
    made.maintenanceMargin = account.maintenance();
    made.venueTime = now;
    made.receivedAt = now;
    return made;
}

Error refusal(const VenueError &error)
{
    std::string_view sentence = error.message;
    if (sentence.ends_with('.'))
        sentence.remove_suffix(1);
    return {ErrorCode::Rejected, fmt::format("paper: {} ({})", sentence, error.code)};
}

} // namespace core::venue
