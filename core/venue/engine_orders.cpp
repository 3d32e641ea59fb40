// Plain orders: their way in, what the matching does to them, and their way out.
#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "core/base/assert.h"
#include "core/venue/engine.h"
#include "core/venue/engine_market.h"

namespace core::venue
{

VenueOrder *VenueEngine::orderById(std::int64_t id)
{
    const auto found = m_orders.find(id);
    return found == m_orders.end() ? nullptr : &found->second;
}

std::optional<VenueError> VenueEngine::checkRequest(std::size_t account, const Market &market, NewOrder &request) const
{
    if (auto refused = checkLeg(account, request.positionSide, request.reduceOnly))
        return refused;
    if (!request.clientOrderId.empty()) {
        const VenueOrder *same = findOrder(account, request.symbol, 0, request.clientOrderId);
        if (same != nullptr && same->isOpen())
            return VenueError{-4116, "ClientOrderId is duplicated."};
    }
    if (auto refused = checkFilters(market, request))
        return refused;
    if (openOrders(account, &request.symbol).size() >= m_options.rules.openOrdersMax)
        return VenueError{-2025, "Reach max open order limit."};
    if (request.timeInForce == TimeInForce::GoodTilDate &&
        (!request.goodTill || *request.goodTill <= m_clock.now() + m_options.rules.goodTillMin))
        return VenueError{-5040, "Invalid goodTillDate."};
    if (auto refused = checkReduceOnly(account, request))
        return refused;
    if (auto refused = checkMargin(account, market, request))
        return refused;
    return checkMatching(account, market, request);
}

VenueResult<void> VenueEngine::checkOrder(std::size_t account, NewOrder request) const
{
    const auto market = m_markets.find(request.symbol);
    if (market == m_markets.end())
        return tl::unexpected(VenueError{-1121, "Invalid symbol."});
    if (const auto refused = checkRequest(account, *market->second, request))
        return tl::unexpected(*refused);
    return {};
}

VenueResult<const VenueOrder *> VenueEngine::place(std::size_t account, NewOrder request)
{
    Market *market = marketOf(request.symbol);
    if (market == nullptr)
        return tl::unexpected(VenueError{-1121, "Invalid symbol."});
    if (const auto refused = checkRequest(account, *market, request))
        return tl::unexpected(*refused);
    if (request.clientOrderId.empty())
        request.clientOrderId = makeClientId("v-");
    const std::string type = request.type == OrderType::Market ? "MARKET" : "LIMIT";
    return &accept(account, *market,
                   {.request = std::move(request), .shownType = type, .originalType = type});
}

BookOrder VenueEngine::bookOrder(std::size_t account, std::int64_t id, const Market &market,
                                 const NewOrder &request, bool bounded)
{
    BookOrder order{.id = id,
                    .account = account,
                    .side = request.side,
                    .limit = request.price,
                    .remaining = request.quantity,
                    .timeInForce = request.timeInForce,
                    .reduceOnly = reduces(request) ? ReduceOnly::Yes : ReduceOnly::No,
                    .selfTrade = request.selfTrade,
                    .takeBound = {}};
    if (!order.limit && bounded && market.state.mark) {
        const std::int64_t away = market.instrument.marketTakeBound.raw();
        const Ratio factor = Ratio::fromRaw(kDecimalOne + (request.side == Side::Buy ? away : -away));
        if (const auto bound = scaled(*market.state.mark, factor, Rounding::HalfEven))
            order.takeBound = *bound;
    }
    return order;
}

VenueOrder &VenueEngine::accept(std::size_t account, Market &market, Acceptance what)
{
    const std::int64_t id = m_nextOrder++;
    const UtcTime now = m_clock.now();
    VenueOrder &order = m_orders[id];
    order.id = id;
    order.account = account;
    order.request = std::move(what.request);
    order.originalType = std::move(what.originalType);
    order.shownType = std::move(what.shownType);
    order.createdAt = now;
    order.updatedAt = now;
    order.algoId = what.algoId;
    order.liquidation = what.liquidation;
    order.stopPrice = what.stopPrice;
    order.working = what.working;
    m_open[{account, order.request.symbol}].insert(id);
    m_newestByClientId[{account, order.request.symbol, order.request.clientOrderId}] = id;
    if (order.request.goodTill)
        m_goodTill.emplace(*order.request.goodTill, id);
    if (m_listener != nullptr)
        m_listener->onOrderEvent(order, "NEW", nullptr);
    submit(order, market);
    return order;
}

void VenueEngine::submit(VenueOrder &order, Market &market)
{
    touch(order.account, order.request.symbol);
    BookOrder what = bookOrder(order.account, order.id, market, order.request, !order.liquidation);
    what.remaining = Quantity::fromRaw(what.remaining.raw() - order.filled.raw());
    const bool isCut = cutByFault(order, what, market);
    m_matching = &market;
    if (what.remaining.isPositive())
        market.book.submit(what, *this);
    if (isCut && order.isOpen())
        onExpired(what, what.limit ? Expiry::ImmediateRemainder : Expiry::MarketRemainder);
    settleTouched();
}

/// EngineFaults::fillMost: true when a part of the order may not fill.
bool VenueEngine::cutByFault(const VenueOrder &order, BookOrder &what, const Market &market) const
{
    const bool isImmediate = !what.limit || what.timeInForce == TimeInForce::ImmediateOrCancel;
    if (m_faults.fillMost.raw() >= kDecimalOne || !isImmediate || order.liquidation)
        return false;
    const Quantity most = scaled(what.remaining, m_faults.fillMost, Rounding::Floor).value_or(what.remaining);
    what.remaining = floorToStep(most, market.instrument.contract.stepSize);
    return true;
}

Quantity VenueEngine::reducible(const BookOrder &order)
{
    const VenueOrder *known = orderById(order.id);
    CORE_ASSERT(known != nullptr, "Invariant: the matching knows only orders of the book of record");
    return m_accounts[order.account].reducible(known->request.symbol, order.side, known->request.positionSide);
}

VenueFill &VenueEngine::bookFill(VenueOrder &order, Price price, Quantity quantity, bool maker, Ratio feeRate)
{
    const Symbol symbol = order.request.symbol;
    const PositionSide leg = order.request.positionSide;
    const UtcTime now = m_clock.now();
    const FillEffect effect =
        m_accounts[order.account].applyFill(symbol, order.request.side, price, quantity, feeRate, now, leg);
    const Money value = notional(price, quantity, Rounding::HalfEven).value_or(Money{});
    order.filled = Quantity::fromRaw(order.filled.raw() + quantity.raw());
    order.filledQuote = Money::fromRaw(order.filledQuote.raw() + value.raw());
    order.status =
        order.filled == order.request.quantity ? OrderStatus::Filled : OrderStatus::PartiallyFilled;
    order.updatedAt = now;
    m_fills.push_back(std::make_unique<VenueFill>(VenueFill{.tradeId = m_nextTrade++,
                                                            .orderId = order.id,
                                                            .account = order.account,
                                                            .symbol = symbol,
                                                            .side = order.request.side,
                                                            .price = price,
                                                            .quantity = quantity,
                                                            .fee = effect.fee,
                                                            .realized = effect.realized,
                                                            .maker = maker,
                                                            .at = now,
                                                            .positionSide = leg,
                                                            .startPosition = effect.start,
                                                            .liquidation = order.liquidation}));
    VenueFill &fill = *m_fills.back();
    touch(order.account, symbol);
    if (m_listener != nullptr)
        m_listener->onOrderEvent(order, order.liquidation ? "CALCULATED" : "TRADE", &fill);
    tell({.account = order.account, .reason = "ORDER", .legs = {{symbol, leg}}});
    if (!effect.realized.isZero())
        addIncome({.kind = VenueIncome::Kind::RealizedPnl, .account = order.account, .symbol = symbol,
                   .amount = effect.realized, .at = now, .tradeId = fill.tradeId, .reason = {}});
    addIncome({.kind = VenueIncome::Kind::Commission, .account = order.account, .symbol = symbol,
               .amount = Money::fromRaw(-effect.fee.raw()), .at = now, .tradeId = fill.tradeId, .reason = {}});
    if (order.status == OrderStatus::Filled)
        close(order);
    return fill;
}

void VenueEngine::onExecution(const BookOrder &executed, Price price, Quantity quantity, bool maker)
{
    VenueOrder &order = *orderById(executed.id);
    const Ratio rate = order.liquidation ? m_matching->instrument.liquidationFee
                       : maker           ? m_options.makerFee
                                         : m_options.takerFee;
    const VenueFill &fill = bookFill(order, price, quantity, maker, rate);
    // A print is public already, and of two own orders the taker's execution is the one that is printed.
    if (!maker || m_printsMakers)
        printOwn(*m_matching, price, quantity, maker ? opposite(order.request.side) : order.request.side, fill.tradeId);
}

void VenueEngine::printOwn(Market &market, Price price, Quantity quantity, Side aggressor, std::int64_t tradeId)
{
    market.state.lastPrice = price;
    market.state.hasPrint = true;
    m_printed.insert(market.instrument.contract.key.symbol);
    if (m_listener == nullptr)
        return;
    Trade trade;
    trade.instrument = market.instrument.contract.key;
    trade.id = trade.firstId = trade.lastId = tradeId;
    trade.price = price;
    trade.quantity = quantity;
    trade.aggressor = aggressor;
    trade.venueTime = trade.receivedAt = m_clock.now();
    m_listener->onOwnTrade(market.instrument.contract.key.symbol, trade);
}

void VenueEngine::onExpired(const BookOrder &expired, Expiry why)
{
    VenueOrder &order = *orderById(expired.id);
    order.status = OrderStatus::Expired;
    order.expiry = why;
    order.updatedAt = m_clock.now();
    touch(order.account, order.request.symbol);
    if (m_listener != nullptr)
        m_listener->onOrderEvent(order, "EXPIRED", nullptr);
    close(order);
}

void VenueEngine::onShrunk(const BookOrder &shrunk, Quantity less)
{
    VenueOrder &order = *orderById(shrunk.id);
    order.request.quantity = Quantity::fromRaw(order.request.quantity.raw() - less.raw());
    order.updatedAt = m_clock.now();
    if (m_listener != nullptr)
        m_listener->onOrderEvent(order, "REDUCED", nullptr);
}

void VenueEngine::onShown(Side side, Price price)
{
    if (m_listener != nullptr)
        m_listener->onShownLevel(m_matching->instrument.contract.key.symbol, side, price);
}

void VenueEngine::close(const VenueOrder &order)
{
    const Owner owner{order.account, order.request.symbol};
    m_open[owner].erase(order.id);
    if (order.algoId != 0)
        m_childrenDone.push_back(order.algoId);
}

VenueResult<const VenueOrder *> VenueEngine::cancel(std::size_t account, const Symbol &symbol,
                                                    std::int64_t orderId, std::string_view clientOrderId)
{
    const VenueOrder *found = findOrder(account, symbol, orderId, clientOrderId);
    if (found == nullptr || !found->isOpen())
        return tl::unexpected(VenueError{-2011, "Unknown order sent."});
    cancelOpen(*orderById(found->id), OrderStatus::Canceled, Expiry::None);
    settleTouched();
    return found;
}

void VenueEngine::cancelOpen(VenueOrder &order, OrderStatus end, Expiry why)
{
    m_matching = marketOf(order.request.symbol);
    const auto rested = m_matching->book.cancel(order.id);
    CORE_ASSERT(rested.has_value(), "Invariant: an open order rests in the book");
    if (rested)
        onShown(rested->first, rested->second);
    order.status = end;
    order.expiry = why;
    order.updatedAt = m_clock.now();
    touch(order.account, order.request.symbol);
    if (m_listener != nullptr)
        m_listener->onOrderEvent(order, end == OrderStatus::Expired ? "EXPIRED" : "CANCELED", nullptr);
    close(order);
}

void VenueEngine::cancelAll(std::size_t account, const Symbol &symbol)
{
    for (const VenueOrder *order : openOrders(account, &symbol))
        cancelOpen(*orderById(order->id), OrderStatus::Canceled, Expiry::None);
    settleTouched();
}

VenueResult<const VenueOrder *> VenueEngine::modify(std::size_t account, const Symbol &symbol,
                                                    const OrderChangeRequest &change)
{
    Market *market = marketOf(symbol);
    if (market == nullptr)
        return tl::unexpected(VenueError{-1121, "Invalid symbol."});
    const VenueOrder *found = findOrder(account, symbol, change.orderId, change.clientOrderId);
    if (found == nullptr || !found->isOpen())
        return tl::unexpected(VenueError{-2013, "Order does not exist."});
    if (const auto refused = checkChange(account, *market, *found, change))
        return tl::unexpected(*refused);
    VenueOrder &order = *orderById(found->id);
    NewOrder wanted = order.request;
    wanted.price = change.price;
    wanted.quantity = change.quantity;
    const bool wouldTake = wanted.timeInForce == TimeInForce::PostOnly && checkMatching(account, *market, wanted);
    if (change.quantity <= order.filled || wouldTake) {
        cancelOpen(order, OrderStatus::Canceled, Expiry::None);
        settleTouched();
        return &order;
    }
    const UtcTime now = m_clock.now();
    ++order.amendments;
    m_amendments.push_back({.id = static_cast<std::int64_t>(m_amendments.size()) + 5'363,
                            .orderId = order.id,
                            .account = account,
                            .at = now,
                            .priceBefore = order.request.price.value_or(Price{}),
                            .priceAfter = change.price,
                            .quantityBefore = order.request.quantity,
                            .quantityAfter = change.quantity,
                            .count = order.amendments,
                            .modifyId = change.modifyId});
    m_matching = market;
    if (const auto rested = market->book.cancel(order.id))
        onShown(rested->first, rested->second);
    order.request = std::move(wanted);
    order.request.selfTrade = SelfTrade::None; // what a modification does there
    order.modifyId = change.modifyId;
    order.updatedAt = now;
    if (m_listener != nullptr)
        m_listener->onOrderEvent(order, "AMENDMENT", nullptr);
    submit(order, *market);
    return &order;
}

const VenueOrder *VenueEngine::findOrder(std::size_t account, const Symbol &symbol, std::int64_t orderId,
                                         std::string_view clientOrderId) const
{
    if (orderId == 0) {
        const auto newest = m_newestByClientId.find({account, symbol, std::string(clientOrderId)});
        if (newest == m_newestByClientId.end())
            return nullptr;
        orderId = newest->second;
    }
    const auto found = m_orders.find(orderId);
    if (found == m_orders.end() || found->second.account != account ||
        !(found->second.request.symbol == symbol))
        return nullptr;
    return &found->second;
}

std::vector<const VenueOrder *> VenueEngine::openOrders(std::size_t account, const Symbol *symbol) const
{
    std::vector<const VenueOrder *> result;
    const auto first = m_open.lower_bound({account, symbol == nullptr ? Symbol{} : *symbol});
    for (auto entry = first; entry != m_open.end() && entry->first.first == account; ++entry) {
        if (symbol != nullptr && !(entry->first.second == *symbol))
            break;
        for (const std::int64_t id : entry->second)
            result.push_back(&m_orders.at(id));
    }
    return result;
}

std::vector<const VenueOrder *> VenueEngine::allOrders(std::size_t account, const Symbol *symbol) const
{
    std::vector<const VenueOrder *> result;
    for (const auto &[id, order] : m_orders)
        if (order.account == account && (symbol == nullptr || order.request.symbol == *symbol))
            result.push_back(&order);
    return result;
}

std::vector<const VenueFill *> VenueEngine::fills(std::size_t account, const Symbol &symbol) const
{
    std::vector<const VenueFill *> result;
    for (const auto &fill : m_fills)
        if (fill->account == account && fill->symbol == symbol)
            result.push_back(fill.get());
    return result;
}

} // namespace core::venue
