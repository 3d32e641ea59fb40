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

std::optional<VenueError> VenueEngine::checkReduceOnly(std::size_t account, NewOrder &request) const
{
    if (request.reduceOnly == ReduceOnly::No)
        return std::nullopt;
    const Quantity most = m_accounts[account].reducible(request.symbol, request.side);
    if (!most.isPositive())
        return VenueError{-2022, "ReduceOnly Order is rejected."};
    request.quantity = std::min(request.quantity, most);
    return std::nullopt;
}

std::optional<VenueError> VenueEngine::checkMargin(std::size_t account, const Market &market,
                                                   const NewOrder &request) const
{
    if (request.reduceOnly == ReduceOnly::Yes)
        return std::nullopt;
    const Account &own = m_accounts[account];
    // A sell far below the market fills at the market: its margin is that of the mark.
    Price price = request.price.value_or(market.state.mark.value_or(Price{}));
    if (request.side == Side::Sell && market.state.mark)
        price = std::max(price, *market.state.mark);
    const auto value = notional(price, request.quantity, Rounding::HalfEven);
    if (!value)
        return VenueError{-4005, "Quantity greater than max quantity."};
    const Money increase = own.marginIncrease(request.symbol, request.side, *value);
    if (!increase.isPositive())
        return std::nullopt;
    const AccountPosition &position = own.position(request.symbol);
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

VenueResult<Money> VenueEngine::setLeverage(std::size_t account, const Symbol &symbol, int leverage)
{
    const Market *market = marketOf(symbol);
    if (market == nullptr)
        return tl::unexpected(VenueError{-1121, "Invalid symbol."});
    const auto &tiers = market->instrument.contract.marginTiers;
    if (leverage < 1 || leverage > tiers.front().leverageMax)
        return tl::unexpected(VenueError{-4028, fmt::format("Leverage {} is not valid", leverage)});
    Account &own = m_accounts[account];
    const AccountPosition before = own.position(symbol);
    if (before.notionalAtMark() > notionalMax(symbol, leverage))
        return tl::unexpected(
            VenueError{-2027, "Exceeded the maximum allowable position at current leverage."});
    own.setLeverage(symbol, leverage);
    const auto bound = add(own.initialMargin(), own.orderMargin());
    if (leverage < before.leverage && (!bound || *bound > own.equity())) {
        own.setLeverage(symbol, before.leverage);
        return tl::unexpected(VenueError{-2019, "Margin is insufficient."});
    }
    if (leverage != before.leverage && m_listener != nullptr)
        m_listener->onLeverageEvent(account, symbol, leverage);
    return notionalMax(symbol, leverage);
}

// Conditional orders use the same price and quantity rules.
std::optional<VenueError> VenueEngine::checkAlgo(std::size_t account, const Market &market,
                                                 const NewAlgo &request) const
{
    if (!request.closePosition)
        if (const auto refused = checkQuantity(market.instrument, OrderType::Market, request.quantity))
            return refused;
    MarketState unbound; // a trigger may lie anywhere: no PERCENT_PRICE
    if (const auto refused = checkPrice(market.instrument, unbound, request.side, request.trigger))
        return refused;
    if (!request.clientAlgoId.empty()) {
        const VenueAlgo *same = findAlgo(account, 0, request.clientAlgoId);
        if (same != nullptr && same->isOpen())
            return VenueError{-4116, "ClientOrderId is duplicated."};
    }
    if (openAlgos(account, nullptr).size() >= 200)
        return VenueError{-4045, "Reach max stop order limit."};
    const auto price = request.working == WorkingType::MarkPrice ? market.state.mark : market.state.lastPrice;
    if (price && isTriggered(request, *price))
        return VenueError{-2021, "Order would immediately trigger."};
    return std::nullopt;
}

} // namespace core::venue
