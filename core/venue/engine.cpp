#include "core/venue/engine.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "core/base/assert.h"
#include "core/venue/engine_market.h"

namespace core::venue
{

namespace
{
// Beyond 2^53, as the exchange's ids are: a client that reads them as doubles must fail here, not there.
constexpr std::int64_t kFirstOrderId = 8'389'766'079'988'521'101;
constexpr std::int64_t kFirstTradeId = 7'000'000'001;
constexpr std::int64_t kFirstAlgoId = 2'146'760;
} // namespace

VenueEngine::VenueEngine(const VenueOptions &options, const Clock &clock)
    : m_options(options), m_clock(clock), m_nextOrder(kFirstOrderId), m_nextTrade(kFirstTradeId),
      m_nextAlgo(kFirstAlgoId)
{
    CORE_ASSERT(validate(m_options).has_value(), "REQUIRES: valid options");
    for (const VenueInstrument &instrument : m_options.instruments)
        m_markets.emplace(instrument.contract.key.symbol, std::make_unique<Market>(instrument));
    for (const AccountOptions &account : m_options.accounts) {
        Account &made = m_accounts.emplace_back(account.balance, account.leverage);
        for (const VenueInstrument &instrument : m_options.instruments)
            made.addInstrument(instrument.contract.key.symbol, instrument.contract.marginTiers);
    }
}

VenueEngine::~VenueEngine() = default;

VenueEngine::Market *VenueEngine::marketOf(const Symbol &symbol)
{
    const auto found = m_markets.find(symbol);
    return found == m_markets.end() ? nullptr : found->second.get();
}

const VenueEngine::Market &VenueEngine::knownMarket(const Symbol &symbol) const
{
    const auto found = m_markets.find(symbol);
    CORE_ASSERT(found != m_markets.end(), "REQUIRES: a symbol of the venue");
    return *found->second;
}

const VenueInstrument *VenueEngine::instrument(const Symbol &symbol) const
{
    const auto found = m_markets.find(symbol);
    return found == m_markets.end() ? nullptr : &found->second->instrument;
}

const MarketState &VenueEngine::market(const Symbol &symbol) const
{
    return knownMarket(symbol).state;
}

const MatchingBook &VenueEngine::book(const Symbol &symbol) const
{
    return knownMarket(symbol).book;
}

Result<void> VenueEngine::assignBook(const Symbol &symbol, std::int64_t lastUpdateId, UtcTime eventTime,
                                     UtcTime venueTime, std::span<const Level> bids,
                                     std::span<const Level> asks)
{
    Market *market = marketOf(symbol);
    if (market == nullptr)
        return fail(ErrorCode::NotFound, "symbol " + symbol.string() + " is not listed here");
    const auto done = market->book.assign(bids, asks);
    market->setBookIds(lastUpdateId, eventTime, venueTime);
    afterExternalChange(*market);
    return done;
}

Result<void> VenueEngine::applyDiff(const Symbol &symbol, std::int64_t lastUpdateId, UtcTime eventTime,
                                    UtcTime venueTime, std::span<const Level> bids,
                                    std::span<const Level> asks)
{
    Market *market = marketOf(symbol);
    if (market == nullptr)
        return fail(ErrorCode::NotFound, "symbol " + symbol.string() + " is not listed here");
    const auto done = market->book.apply(bids, asks);
    market->setBookIds(lastUpdateId, eventTime, venueTime);
    afterExternalChange(*market);
    return done;
}

void VenueEngine::afterExternalChange(Market &market)
{
    market.book.matchResting(*this);
    settleTouched();
}

void VenueEngine::onTrade(const Symbol &symbol, const Trade &trade)
{
    Market *market = marketOf(symbol);
    if (market == nullptr || trade.kind != TradeKind::Market)
        return;
    market->state.lastPrice = trade.price;
    market->book.onPrint(trade, *this);
    settleTouched();
    evaluateTriggers(*market);
}

void VenueEngine::onMark(const Symbol &symbol, const MarkPrice &mark)
{
    Market *market = marketOf(symbol);
    if (market == nullptr || !mark.mark.isPositive())
        return;
    MarketState &state = market->state;
    state.mark = mark.mark;
    state.index = mark.index ? mark.index : state.index;
    state.fundingRate = mark.fundingRate.value_or(state.fundingRate);
    state.nextFundingTime = mark.nextFundingTime.value_or(state.nextFundingTime);
    state.markTime = mark.venueTime;
    for (Account &account : m_accounts)
        account.setMark(symbol, mark.mark);
    evaluateTriggers(*market);
    liquidateWhereDue();
}

Result<void> VenueEngine::placeInitialPositions()
{
    for (auto &[symbol, market] : m_markets) {
        const auto middle = market->book.middle();
        if (!middle || market->state.mark)
            continue;
        market->state.mark = middle;
        market->state.markTime = m_clock.now();
        for (Account &account : m_accounts)
            account.setMark(symbol, *middle);
    }
    for (std::size_t i = 0; i < m_accounts.size(); ++i) {
        for (const InitialPosition &wanted : m_options.accounts[i].positions) {
            const auto entry = wanted.entryPrice ? wanted.entryPrice : book(wanted.symbol).middle();
            if (!entry)
                return fail(
                    ErrorCode::InvalidArgument,
                    fmt::format("accounts[{}].positions: {} has no book at the start of the market, so the "
                                "entry price must be given",
                                i, wanted.symbol.view()));
            if (!notional(*entry, wanted.quantity, Rounding::HalfEven))
                return fail(ErrorCode::InvalidArgument,
                            fmt::format("accounts[{}].positions: the notional does not fit", i));
            const SignedQuantity signedQuantity =
                wanted.direction == Direction::Long ? wanted.quantity.raw() : -wanted.quantity.raw();
            m_accounts[i].setPosition(wanted.symbol, signedQuantity, *entry, m_clock.now());
        }
    }
    return {};
}

VenueOrder *VenueEngine::orderById(std::int64_t id)
{
    const auto found = m_orders.find(id);
    return found == m_orders.end() ? nullptr : &found->second;
}

VenueResult<const VenueOrder *> VenueEngine::place(std::size_t account, NewOrder request)
{
    Market *market = marketOf(request.symbol);
    if (market == nullptr)
        return tl::unexpected(VenueError{-1121, "Invalid symbol."});
    if (!request.clientOrderId.empty()) {
        const VenueOrder *same = findOrder(account, request.symbol, 0, request.clientOrderId);
        if (same != nullptr && same->isOpen())
            return tl::unexpected(VenueError{-4116, "ClientOrderId is duplicated."});
    }
    if (const auto refused = checkFilters(*market, request))
        return tl::unexpected(*refused);
    if (const auto refused = checkReduceOnly(account, request))
        return tl::unexpected(*refused);
    if (const auto refused = checkMargin(account, *market, request))
        return tl::unexpected(*refused);
    if (const auto refused = checkMatching(account, *market, request))
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
                    .reduceOnly = request.reduceOnly,
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
    m_open.insert(id);
    m_newestByClientId[{account, order.request.symbol, order.request.clientOrderId}] = id;
    if (m_listener != nullptr)
        m_listener->onOrderEvent(order, "NEW", nullptr);
    touch(account, order.request.symbol);
    market.book.submit(bookOrder(account, id, market, order.request, !order.liquidation), *this);
    settleTouched();
    return order;
}

Quantity VenueEngine::reducible(const BookOrder &order)
{
    const VenueOrder *known = orderById(order.id);
    CORE_ASSERT(known != nullptr, "Invariant: the matching knows only orders of the book of record");
    return m_accounts[order.account].reducible(known->request.symbol, order.side);
}

void VenueEngine::onExecution(const BookOrder &executed, Price price, Quantity quantity, bool maker)
{
    VenueOrder &order = *orderById(executed.id);
    const Symbol symbol = order.request.symbol;
    const UtcTime now = m_clock.now();
    const Ratio rate = order.liquidation ? instrument(symbol)->liquidationFee
                       : maker           ? m_options.makerFee
                                         : m_options.takerFee;
    const FillEffect effect =
        m_accounts[order.account].applyFill(symbol, order.request.side, price, quantity, rate, now);
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
                                                            .at = now}));
    touch(order.account, symbol);
    if (m_listener != nullptr) {
        m_listener->onOrderEvent(order, order.liquidation ? "CALCULATED" : "TRADE", m_fills.back().get());
        m_listener->onAccountEvent(order.account, "ORDER", &symbol);
    }
    if (order.status == OrderStatus::Filled)
        close(order);
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

void VenueEngine::close(const VenueOrder &order)
{
    m_open.erase(order.id);
    if (order.algoId != 0)
        m_childrenDone.push_back(order.algoId);
}

void VenueEngine::touch(std::size_t account, const Symbol &symbol)
{
    m_touched.insert({account, symbol});
}

/// What follows from executions, once the matching has let go of its book.
void VenueEngine::settleTouched()
{
    while (!m_touched.empty()) {
        const auto touched = std::exchange(m_touched, {});
        for (const auto &[account, symbol] : touched) {
            Market &market = *marketOf(symbol);
            market.book.sweepReduceOnly(account, *this);
            refreshOrderNotionals(account, symbol);
        }
    }
    for (const std::int64_t id : std::exchange(m_childrenDone, {})) {
        VenueAlgo &algo = m_algos.at(id);
        algo.status = AlgoStatus::Finished;
        algo.updatedAt = m_clock.now();
        if (m_listener != nullptr)
            m_listener->onAlgoEvent(algo);
    }
}

void VenueEngine::refreshOrderNotionals(std::size_t account, const Symbol &symbol)
{
    std::int64_t bids = 0;
    std::int64_t asks = 0;
    for (const std::int64_t id : m_open) {
        const VenueOrder &order = m_orders.at(id);
        if (order.account != account || !(order.request.symbol == symbol) || !order.request.price ||
            order.request.reduceOnly == ReduceOnly::Yes)
            continue;
        const Quantity open = Quantity::fromRaw(order.request.quantity.raw() - order.filled.raw());
        (order.request.side == Side::Buy ? bids : asks) +=
            notional(*order.request.price, open, Rounding::HalfEven).value_or(Money{}).raw();
    }
    m_accounts[account].setOrderNotionals(symbol, Money::fromRaw(bids), Money::fromRaw(asks));
}

VenueResult<const VenueOrder *> VenueEngine::cancel(std::size_t account, const Symbol &symbol,
                                                    std::int64_t orderId, std::string_view clientOrderId)
{
    const VenueOrder *found = findOrder(account, symbol, orderId, clientOrderId);
    if (found == nullptr || !found->isOpen())
        return tl::unexpected(VenueError{-2011, "Unknown order sent."});
    cancelOpen(*orderById(found->id), Expiry::None);
    settleTouched();
    return found;
}

void VenueEngine::cancelOpen(VenueOrder &order, Expiry why)
{
    const bool rested = marketOf(order.request.symbol)->book.cancel(order.id);
    CORE_ASSERT(rested, "Invariant: an open order rests in the book");
    order.status = OrderStatus::Canceled;
    order.expiry = why;
    order.updatedAt = m_clock.now();
    touch(order.account, order.request.symbol);
    if (m_listener != nullptr)
        m_listener->onOrderEvent(order, "CANCELED", nullptr);
    close(order);
}

void VenueEngine::cancelAll(std::size_t account, const Symbol &symbol)
{
    for (const VenueOrder *order : openOrders(account, &symbol))
        cancelOpen(*orderById(order->id), Expiry::None);
    settleTouched();
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
    for (const std::int64_t id : m_open) {
        const VenueOrder &order = m_orders.at(id);
        if (order.account == account && (symbol == nullptr || order.request.symbol == *symbol))
            result.push_back(&order);
    }
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

std::string VenueEngine::makeClientId(std::string_view prefix)
{
    return fmt::format("{}{}{:06}", prefix, toMilliseconds(m_clock.now()), m_nextClientId++);
}

void VenueEngine::liquidateWhereDue()
{
    for (std::size_t i = 0; i < m_accounts.size(); ++i)
        if (m_accounts[i].mustLiquidate())
            liquidate(i);
}

void VenueEngine::liquidate(std::size_t account)
{
    for (const VenueOrder *order : openOrders(account, nullptr))
        cancelOpen(*orderById(order->id), Expiry::Liquidated);
    settleTouched();
    for (auto &[symbol, market] : m_markets) {
        const AccountPosition position = m_accounts[account].position(symbol);
        if (position.isFlat())
            continue;
        const Side side = position.quantity > 0 ? Side::Sell : Side::Buy;
        NewOrder request{.symbol = symbol,
                         .side = side,
                         .type = OrderType::Market,
                         .timeInForce = TimeInForce::ImmediateOrCancel,
                         .quantity = m_accounts[account].reducible(symbol, side),
                         .price = {},
                         .reduceOnly = ReduceOnly::Yes,
                         .selfTrade = SelfTrade::ExpireMaker,
                         .clientOrderId = makeClientId("autoclose-")};
        accept(account, *market,
               {.request = std::move(request),
                .shownType = "LIQUIDATION",
                .originalType = "LIQUIDATION",
                .liquidation = true});
    }
    const auto &positions = m_accounts[account].positions();
    const bool flat = std::all_of(positions.begin(), positions.end(),
                                  [](const auto &entry) { return entry.second.isFlat(); });
    if (flat && m_accounts[account].wallet().isNegative()) {
        m_accounts[account].adjust(Money::fromRaw(-m_accounts[account].wallet().raw()));
        if (m_listener != nullptr)
            m_listener->onAccountEvent(account, "INSURANCE_CLEAR", nullptr);
    }
}

} // namespace core::venue
