// Order checks: filters, reduce-only, margin, matching. Codes and texts: reference/binance-usdm.md
// sections 3.3 and 8.3.
#include <algorithm>

#include <fmt/format.h>

#include "core/venue/engine.h"
#include "core/venue/engine_market.h"

namespace core::venue
{

namespace
{
[[nodiscard]] std::optional<VenueError> checkPrice(const VenueInstrument &instrument,
                                                   const MarketState &state, Side side, Price price)
{
    const Instrument &contract = instrument.contract;
    if (!price.isPositive())
        return VenueError{-4001, "Price less than 0."};
    if (decimalPlaces(price.raw()) > instrument.pricePrecision)
        return VenueError{-1111, "Precision is over the maximum defined for this asset."};
    if (contract.priceMin.isPositive() && price < contract.priceMin)
        return VenueError{-4013, "Price less than min price."};
    if (contract.priceMax.isPositive() && price > contract.priceMax)
        return VenueError{-4002, "Price greater than max price."};
    if ((price.raw() - contract.priceMin.raw()) % contract.tickSize.raw() != 0)
        return VenueError{-4014, "Price not increased by tick size."};
    if (!state.mark)
        return std::nullopt;
    if (side == Side::Buy && contract.priceUp.isPositive()) {
        const auto most = scaled(*state.mark, contract.priceUp, Rounding::HalfEven);
        if (most && price > *most)
            return VenueError{-4016, fmt::format("Limit price can't be higher than {}.", most->text())};
    }
    if (side == Side::Sell && contract.priceDown.isPositive()) {
        const auto least = scaled(*state.mark, contract.priceDown, Rounding::HalfEven);
        if (least && price < *least)
            return VenueError{-4024, fmt::format("Limit price can't be lower than {}.", least->text())};
    }
    return std::nullopt;
}

[[nodiscard]] std::optional<VenueError> checkQuantity(const VenueInstrument &instrument, OrderType type,
                                                      Quantity quantity)
{
    const Instrument &contract = instrument.contract;
    const bool market = type == OrderType::Market;
    const Quantity least = market ? contract.marketQuantityMin : contract.quantityMin;
    const Quantity most = market ? contract.marketQuantityMax : contract.quantityMax;
    const Quantity step = market ? contract.marketStepSize : contract.stepSize;
    if (!quantity.isPositive())
        return VenueError{-4003, "Quantity less than or equal to zero."};
    if (decimalPlaces(quantity.raw()) > instrument.quantityPrecision)
        return VenueError{-1111, "Precision is over the maximum defined for this asset."};
    if (least.isPositive() && quantity < least)
        return VenueError{-4004, "Quantity less than min quantity."};
    if (most.isPositive() && quantity > most)
        return VenueError{-4005, "Quantity greater than max quantity."};
    if ((quantity.raw() - least.raw()) % step.raw() != 0)
        return VenueError{-4023, "Qty not increased by step size."};
    return std::nullopt;
}
} // namespace

std::optional<VenueError> VenueEngine::checkFilters(const Market &market, const NewOrder &request) const
{
    const VenueInstrument &instrument = market.instrument;
    if (!instrument.contract.trading)
        return VenueError{-1122, "Invalid symbol status."};
    if (const auto refused = checkQuantity(instrument, request.type, request.quantity))
        return refused;
    if (request.price)
        if (const auto refused = checkPrice(instrument, market.state, request.side, *request.price))
            return refused;
    const auto reference = request.price ? request.price : market.state.mark;
    if (!reference)
        return VenueError{-1112, "No orders on book for symbol."};
    const auto value = notional(*reference, request.quantity, Rounding::HalfEven);
    if (!value)
        return VenueError{-4005, "Quantity greater than max quantity."};
    if (request.reduceOnly == ReduceOnly::No && *value < instrument.contract.notionalMin)
        return VenueError{-4164,
                          fmt::format("Order's notional must be no smaller than {} (unless you choose reduce "
                                      "only).",
                                      instrument.contract.notionalMin.text())};
    return std::nullopt;
}

bool VenueEngine::reduces(const NewOrder &request)
{
    return request.reduceOnly == ReduceOnly::Yes ||
           (request.positionSide == PositionSide::Long && request.side == Side::Sell) ||
           (request.positionSide == PositionSide::Short && request.side == Side::Buy);
}

std::optional<VenueError> VenueEngine::checkLeg(std::size_t account, PositionSide leg, ReduceOnly reduceOnly) const
{
    const bool hedge = m_accounts[account].isHedge();
    if (hedge != (leg != PositionSide::Both))
        return VenueError{-4061, "Order's position side does not match user's setting."};
    if (hedge && reduceOnly == ReduceOnly::Yes)
        return VenueError{-4062, "Invalid or improper reduceOnly value."};
    return std::nullopt;
}

std::optional<VenueError> VenueEngine::checkReduceOnly(std::size_t account, NewOrder &request) const
{
    if (!reduces(request))
        return std::nullopt;
    const Quantity most = m_accounts[account].reducible(request.symbol, request.side, request.positionSide);
    if (!most.isPositive())
        return VenueError{-2022, "ReduceOnly Order is rejected."};
    request.quantity = std::min(request.quantity, most);
    const bool rests = request.type == OrderType::Limit && request.timeInForce != TimeInForce::ImmediateOrCancel &&
                       request.timeInForce != TimeInForce::FillOrKill;
    if (!rests || m_options.rules.reduceOnly == VenueRules::ReduceOnlyRule::Shrink)
        return std::nullopt;
    const Quantity resting = knownMarket(request.symbol)
                                 .book.restingReduceOnly(account, request.side, [&](const BookOrder &order) {
                                     return m_orders.at(order.id).request.positionSide == request.positionSide;
                                 });
    if (resting.raw() + request.quantity.raw() > most.raw())
        return VenueError{-4118, "ReduceOnly Order Failed. Please check your existing position and open orders"};
    return std::nullopt;
}

std::optional<VenueError> VenueEngine::checkMargin(std::size_t account, const Market &market,
                                                   const NewOrder &request) const
{
    if (reduces(request))
        return std::nullopt;
    const Account &own = m_accounts[account];
    // A sell far below the market fills at the market: its margin is that of the mark.
    Price price = request.price.value_or(market.state.mark.value_or(Price{}));
    if (request.side == Side::Sell && market.state.mark)
        price = std::max(price, *market.state.mark);
    const auto value = notional(price, request.quantity, Rounding::HalfEven);
    if (!value)
        return VenueError{-4005, "Quantity greater than max quantity."};
    const Money increase = own.marginIncrease(request.symbol, request.side, *value, request.positionSide);
    if (!increase.isPositive())
        return std::nullopt;
    const AccountPosition &position = own.position(request.symbol, request.positionSide);
    const Money held = position.notionalAtMark();
    const bool adds = position.isFlat() || (position.quantity > 0) == (request.side == Side::Buy);
    const Money resting = request.side == Side::Buy ? position.bidNotional : position.askNotional;
    const auto after =
        add(*value, resting).and_then([&](Money sum) { return adds ? add(sum, held) : subtract(sum, held); });
    if (!after || *after > notionalMax(request.symbol, position.leverage))
        return VenueError{-2027, "Exceeded the maximum allowable position at current leverage."};
    // The fee has to be payable as well.
    const auto fee = scaled(*value, std::max(m_options.takerFee, Ratio{}), Rounding::Ceil);
    const auto need = fee ? add(increase, *fee) : Result<Money>(increase);
    if (!need || *need > own.available())
        return VenueError{-2019, "Margin is insufficient."};
    return std::nullopt;
}

std::optional<VenueError> VenueEngine::checkChange(std::size_t account, const Market &market, const VenueOrder &order,
                                                   const OrderChangeRequest &change) const
{
    if (order.request.type != OrderType::Limit || !order.request.price)
        return VenueError{-5025, "Only limit order is supported."};
    if (order.request.side != change.side)
        return VenueError{-1130, "Data sent for parameter 'side' is not valid."};
    if (static_cast<std::size_t>(order.amendments) >= m_options.rules.amendmentsMax)
        return VenueError{-5026, "Exceed maximum modify order limit."};
    if (order.request.quantity == change.quantity && order.request.price == change.price)
        return VenueError{-5027, "No need to modify the order."};
    NewOrder wanted = order.request;
    wanted.price = change.price;
    wanted.quantity = change.quantity;
    if (auto refused = checkFilters(market, wanted))
        return refused->code == -4164 ? VenueError{-5029, "Order's notional must be no smaller than the minimum."}
                                      : refused;
    if (change.quantity <= order.filled)
        return std::nullopt; // ends it
    if (reduces(wanted)) {
        const Quantity open = Quantity::fromRaw(change.quantity.raw() - order.filled.raw());
        if (open > m_accounts[account].reducible(wanted.symbol, wanted.side, wanted.positionSide))
            return VenueError{-2022, "ReduceOnly Order is rejected."};
        return std::nullopt;
    }
    // What rests already is bound already: only the rest has to be paid for.
    const auto before = notional(*order.request.price, order.request.quantity, Rounding::HalfEven);
    const auto after = notional(change.price, change.quantity, Rounding::HalfEven);
    if (!before || !after)
        return VenueError{-4005, "Quantity greater than max quantity."};
    const Money more = Money::fromRaw(std::max<std::int64_t>(0, after->raw() - before->raw()));
    const Account &own = m_accounts[account];
    if (own.marginIncrease(wanted.symbol, wanted.side, more, wanted.positionSide) > own.available())
        return VenueError{-2019, "Margin is insufficient."};
    return std::nullopt;
}

std::optional<VenueError> VenueEngine::checkMatching(std::size_t account, const Market &market,
                                                     const NewOrder &request) const
{
    switch (market.book.check(bookOrder(account, 0, market, request, true))) {
    case MatchRefusal::None:
        return std::nullopt;
    case MatchRefusal::FillOrKill:
        return VenueError{
            -5021, "Due to the order could not be filled immediately, the FOK order has been rejected. "
                   "The order will not be recorded in the order history."};
    case MatchRefusal::PostOnly:
        return VenueError{-5022,
                          "Due to the order could not be executed as maker, the Post Only order will be "
                          "rejected. The order will not be recorded in the order history."};
    case MatchRefusal::NoLiquidity:
        return VenueError{-1112, "No orders on book for symbol."};
    }
    return std::nullopt;
}

Money VenueEngine::notionalMax(const Symbol &symbol, int leverage) const
{
    Money most;
    for (const MarginTier &tier : knownMarket(symbol).instrument.contract.marginTiers)
        if (tier.leverageMax >= leverage)
            most = std::max(most, tier.cap);
    return most;
}

// Conditional orders use the same price and quantity rules.
namespace
{
[[nodiscard]] std::optional<VenueError> checkAlgoPrices(const VenueInstrument &instrument, const NewAlgo &request)
{
    const MarketState unbound{}; // a trigger may lie anywhere: no PERCENT_PRICE
    if (request.type == AlgoType::TrailingStop) {
        // 0.1 to 20 percent
        if (request.callbackRate.raw() < kDecimalOne / 1000 || request.callbackRate.raw() > kDecimalOne / 5)
            return VenueError{-2007, "Invalid callBack rate."};
        if (request.activate)
            return checkPrice(instrument, unbound, request.side, *request.activate);
        return std::nullopt;
    }
    if (const auto refused = checkPrice(instrument, unbound, request.side, request.trigger))
        return refused;
    return request.price ? checkPrice(instrument, unbound, request.side, *request.price) : std::nullopt;
}
} // namespace

std::optional<VenueError> VenueEngine::checkAlgo(std::size_t account, const Market &market,
                                                 const NewAlgo &request) const
{
    if (!market.instrument.contract.trading)
        return VenueError{-1122, "Invalid symbol status."};
    if (const auto refused = checkLeg(account, request.positionSide, request.reduceOnly))
        return refused;
    const bool limit = request.type == AlgoType::StopLimit || request.type == AlgoType::TakeProfitLimit;
    if (!request.closePosition)
        if (const auto refused =
                checkQuantity(market.instrument, limit ? OrderType::Limit : OrderType::Market, request.quantity))
            return refused;
    if (request.closePosition && request.positionSide != PositionSide::Both &&
        (request.positionSide == PositionSide::Long) == (request.side == Side::Buy))
        return VenueError{-4061, "Order's position side does not match user's setting."};
    if (const auto refused = checkAlgoPrices(market.instrument, request))
        return refused;
    if (!request.clientAlgoId.empty()) {
        const VenueAlgo *same = findAlgo(account, 0, request.clientAlgoId);
        if (same != nullptr && same->isOpen())
            return VenueError{-4116, "ClientOrderId is duplicated."};
    }
    if (const auto open = m_openAlgos.find(account);
        open != m_openAlgos.end() && open->second.size() >= m_options.rules.conditionalMax)
        return VenueError{-4045, "Reach max stop order limit."};
    const auto price = request.working == WorkingType::MarkPrice ? market.state.mark : market.state.lastPrice;
    if (!price)
        return std::nullopt;
    if (request.type != AlgoType::TrailingStop && isTriggered(request, *price))
        return VenueError{-2021, "Order would immediately trigger."};
    if (request.activate &&
        (request.side == Side::Buy ? *request.activate >= *price : *request.activate <= *price))
        return VenueError{-2021, "Order would immediately trigger."};
    return std::nullopt;
}

} // namespace core::venue
