// Money that moves without an order of the trader: settings, transfers, funding, margin calls, liquidation.
#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "core/venue/engine.h"
#include "core/venue/engine_market.h"
#include "core/venue/money_math.h"

namespace core::venue
{

using namespace money;

void VenueEngine::tell(const AccountChange &change)
{
    if (m_listener != nullptr)
        m_listener->onAccountEvent(change);
}

void VenueEngine::addIncome(VenueIncome row)
{
    row.id = m_nextRow++;
    m_incomes.push_back(std::move(row));
    if (m_listener != nullptr)
        m_listener->onIncome(m_incomes.back());
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
    const AccountPosition before = own.settings(symbol);
    if (before.isolated && leverage < before.leverage && own.hasPosition(symbol))
        return tl::unexpected(
            VenueError{-4161, "Leverage reduction is not supported in Isolated Margin Mode with open positions."});
    Money held;
    for (const auto &[key, leg] : own.positions())
        if (key.symbol == symbol)
            held = std::max(held, leg.notionalAtMark());
    if (held > notionalMax(symbol, leverage))
        return tl::unexpected(
            VenueError{-2027, "Exceeded the maximum allowable position at current leverage."});
    own.setLeverage(symbol, leverage);
    if (leverage < before.leverage && plus(own.initialMargin(), own.orderMargin()) > own.equity()) {
        own.setLeverage(symbol, before.leverage);
        return tl::unexpected(VenueError{-2019, "Margin is insufficient."});
    }
    if (leverage != before.leverage && m_listener != nullptr)
        m_listener->onLeverageEvent(account, symbol, leverage);
    return notionalMax(symbol, leverage);
}

VenueResult<void> VenueEngine::setIsolated(std::size_t account, const Symbol &symbol, bool isolated)
{
    if (marketOf(symbol) == nullptr)
        return tl::unexpected(VenueError{-1121, "Invalid symbol."});
    Account &own = m_accounts[account];
    if (own.settings(symbol).isolated == isolated)
        return tl::unexpected(VenueError{-4046, "No need to change margin type."});
    if (!openOrders(account, &symbol).empty())
        return tl::unexpected(VenueError{-4047, "Margin type cannot be changed if there exists open orders."});
    if (own.hasPosition(symbol))
        return tl::unexpected(VenueError{-4048, "Margin type cannot be changed if there exists position."});
    own.setIsolated(symbol, isolated);
    AccountChange change{.account = account, .reason = "MARGIN_TYPE_CHANGE"};
    for (const auto &[key, leg] : own.positions())
        if (key.symbol == symbol)
            change.legs.push_back(key);
    tell(change);
    return {};
}

VenueResult<void> VenueEngine::setHedge(std::size_t account, bool hedge)
{
    Account &own = m_accounts[account];
    if (own.isHedge() == hedge)
        return tl::unexpected(VenueError{-4059, "No need to change position side."});
    if (!openOrders(account, nullptr).empty() || !openAlgos(account, nullptr).empty())
        return tl::unexpected(VenueError{-4067, "Position side cannot be changed if there exists open orders."});
    if (own.hasPosition())
        return tl::unexpected(VenueError{-4068, "Position side cannot be changed if there exists position."});
    own.setHedge(hedge);
    return {};
}

VenueResult<void> VenueEngine::changeMargin(std::size_t account, const PositionKey &key, Money amount)
{
    if (marketOf(key.symbol) == nullptr)
        return tl::unexpected(VenueError{-1121, "Invalid symbol."});
    if (const auto refused = checkLeg(account, key.side, ReduceOnly::No))
        return tl::unexpected(*refused);
    Account &own = m_accounts[account];
    const AccountPosition &leg = own.position(key.symbol, key.side);
    if (amount.isZero())
        return tl::unexpected(VenueError{-4055, "Amount must be positive."});
    if (leg.isFlat() || !leg.isolated)
        return tl::unexpected(VenueError{-4054, "Cannot add position margin: position is 0."});
    if (amount.isPositive() && amount > own.available())
        return tl::unexpected(VenueError{-4050, "Cross balance insufficient."});
    // What stays must cover the initial margin, with an open loss and without an open profit.
    const Money left = plus(plus(leg.isolatedWallet, amount), std::min(Money{}, leg.unrealized()));
    if (amount.isNegative() && left < leg.initialMargin())
        return tl::unexpected(VenueError{-4051, "Isolated balance insufficient."});
    own.moveIsolatedMargin(key, amount);
    m_marginChanges.push_back({.account = account, .key = key, .amount = amount, .at = m_clock.now()});
    tell({.account = account, .reason = "MARGIN_TRANSFER", .legs = {key}});
    return {};
}

VenueResult<void> VenueEngine::transfer(std::size_t account, Money amount, std::string_view reason)
{
    Account &own = m_accounts[account];
    if (amount.isNegative() && negated(amount) > std::min(own.available(), own.crossWallet()))
        return tl::unexpected(VenueError{-2018, "Balance is insufficient."});
    own.adjust(amount);
    if (reason.empty())
        reason = amount.isNegative() ? "WITHDRAW" : "DEPOSIT";
    tell({.account = account, .reason = reason, .balanceChange = amount});
    addIncome({.kind = VenueIncome::Kind::Transfer, .account = account, .symbol = std::nullopt, .amount = amount,
               .at = m_clock.now(), .reason = std::string(reason)});
    return {};
}

void VenueEngine::settleFunding(const Symbol &symbol, Ratio rate)
{
    if (Market *market = marketOf(symbol))
        settleFundingOf(*market, m_clock.now(), rate);
}

void VenueEngine::settleFundingOf(Market &market, UtcTime at, Ratio rate)
{
    const Symbol symbol = market.instrument.contract.key.symbol;
    const MarketState &state = market.state;
    const bool onIndex = m_options.rules.fundingOn == VenueRules::FundingReference::Index && state.index.has_value();
    const auto reference = onIndex ? state.index : state.mark;
    if (!reference)
        return;
    m_funding.push_back({symbol, at, rate, *reference});
    for (std::size_t account = 0; account < m_accounts.size(); ++account) {
        Account &own = m_accounts[account];
        const std::vector<PositionSide> legs = own.isHedge() ? std::vector{PositionSide::Long, PositionSide::Short}
                                                             : std::vector{PositionSide::Both};
        for (const PositionSide side : legs) {
            const SignedQuantity held = own.position(symbol, side).quantity;
            if (held == 0)
                continue;
            const Money received = own.bookFunding({symbol, side}, *reference, rate);
            AccountChange change{.account = account, .reason = "FUNDING_FEE", .balanceChange = received, .symbol = symbol};
            if (own.position(symbol, side).isolated)
                change.legs.push_back({symbol, side});
            tell(change);
            addIncome({.kind = VenueIncome::Kind::FundingFee, .account = account, .symbol = symbol, .amount = received,
                       .at = at, .rate = rate, .position = held, .leg = side, .reason = {}});
        }
    }
}

void VenueEngine::watchMargin(const Symbol &symbol)
{
    for (std::size_t i = 0; i < m_accounts.size(); ++i) {
        if (!m_accounts[i].hasPosition(symbol))
            continue;
        callMargin(i);
        for (const PositionKey &key : m_accounts[i].isolatedDue())
            liquidateIsolated(i, key);
        if (m_accounts[i].mustLiquidate())
            liquidateCross(i);
    }
}

/// Once per approach: again only after the ratio has fallen to nine tenths of the bound.
void VenueEngine::callMargin(std::size_t account)
{
    const Account &own = m_accounts[account];
    const Ratio bound = m_options.rules.marginCallAt;
    const auto judge = [&](const PositionKey &name, Money maintenance, Money equity, std::vector<PositionKey> legs) {
        const auto limit = scaled(equity, bound, Rounding::Floor);
        const bool close = !legs.empty() && limit && maintenance >= *limit;
        const auto quiet = scaled(equity, Ratio::fromRaw(bound.raw() / 10 * 9), Rounding::Floor);
        if (close && m_marginCalled.insert({account, name}).second && m_listener != nullptr)
            m_listener->onMarginCall(account, legs);
        if (legs.empty() || (quiet && maintenance < *quiet))
            m_marginCalled.erase({account, name});
    };
    std::vector<PositionKey> cross;
    for (const auto &[key, leg] : own.positions()) {
        if (leg.isFlat())
            continue;
        if (leg.isolated)
            judge(key, own.maintenance(key), plus(leg.isolatedWallet, leg.unrealized()), {key});
        else
            cross.push_back(key);
    }
    judge({}, own.crossMaintenance(), own.crossEquity(), cross);
}

void VenueEngine::sendLiquidation(std::size_t account, const PositionKey &key)
{
    const AccountPosition position = m_accounts[account].position(key.symbol, key.side);
    const Side side = position.quantity > 0 ? Side::Sell : Side::Buy;
    NewOrder request;
    request.symbol = key.symbol;
    request.side = side;
    request.type = OrderType::Market;
    request.timeInForce = TimeInForce::ImmediateOrCancel;
    request.quantity = magnitude(position.quantity);
    request.reduceOnly = ReduceOnly::Yes;
    request.clientOrderId = makeClientId("autoclose-");
    request.positionSide = key.side;
    accept(account, *marketOf(key.symbol),
           {.request = std::move(request), .shownType = "LIQUIDATION", .originalType = "LIQUIDATION", .liquidation = true});
}

void VenueEngine::clearDeficit(std::size_t account, Money deficit)
{
    if (!deficit.isPositive())
        return;
    m_accounts[account].adjust(deficit);
    tell({.account = account, .reason = "INSURANCE_CLEAR", .balanceChange = deficit});
    addIncome({.kind = VenueIncome::Kind::InsuranceClear, .account = account, .symbol = std::nullopt, .amount = deficit,
               .at = m_clock.now(), .reason = {}});
}

void VenueEngine::liquidateCross(std::size_t account)
{
    for (const VenueOrder *order : openOrders(account, nullptr))
        cancelOpen(*orderById(order->id), OrderStatus::Canceled, Expiry::Liquidated);
    settleTouched();
    const auto legs = m_accounts[account].positions(); // a copy: fills change it
    for (const auto &[key, leg] : legs)
        if (!leg.isFlat() && !leg.isolated)
            sendLiquidation(account, key);
    const auto &now = m_accounts[account].positions();
    const bool flat = std::all_of(now.begin(), now.end(),
                                  [](const auto &entry) { return entry.second.isFlat() || entry.second.isolated; });
    if (flat)
        clearDeficit(account, negated(m_accounts[account].crossWallet()));
}

/// One isolated leg alone: it may lose what it has of its own, not more.
void VenueEngine::liquidateIsolated(std::size_t account, const PositionKey &key)
{
    for (const VenueOrder *order : openOrders(account, &key.symbol))
        if (order->request.positionSide == key.side)
            cancelOpen(*orderById(order->id), OrderStatus::Canceled, Expiry::Liquidated);
    settleTouched();
    const Account &own = m_accounts[account];
    const Money backing = own.position(key.symbol, key.side).isolatedWallet;
    const Money before = own.wallet();
    sendLiquidation(account, key);
    const Money kept = own.position(key.symbol, key.side).isolatedWallet;
    clearDeficit(account, minus(minus(before, own.wallet()), minus(backing, kept)));
}

void VenueEngine::closeByVenue(std::size_t account, const PositionKey &key, Quantity quantity, Price price,
                               std::string clientOrderId)
{
    const SignedQuantity held = m_accounts[account].position(key.symbol, key.side).quantity;
    const std::int64_t id = m_nextOrder++;
    VenueOrder &order = m_orders[id];
    order.id = id;
    order.account = account;
    order.request.symbol = key.symbol;
    order.request.side = held > 0 ? Side::Sell : Side::Buy;
    order.request.type = OrderType::Limit;
    order.request.timeInForce = TimeInForce::ImmediateOrCancel;
    order.request.quantity = quantity;
    order.request.price = price;
    order.request.reduceOnly = ReduceOnly::Yes;
    order.request.clientOrderId = std::move(clientOrderId);
    order.request.positionSide = key.side;
    order.originalType = order.shownType = "LIMIT";
    order.liquidation = true;
    order.createdAt = order.updatedAt = m_clock.now();
    m_open[{account, key.symbol}].insert(id);
    m_newestByClientId[{account, key.symbol, order.request.clientOrderId}] = id;
    if (m_listener != nullptr)
        m_listener->onOrderEvent(order, "NEW", nullptr);
    static_cast<void>(bookFill(order, price, quantity, false, Ratio{}));
    settleTouched();
}

VenueResult<void> VenueEngine::deleverage(std::size_t account, const PositionKey &key, Quantity quantity, Price price)
{
    if (marketOf(key.symbol) == nullptr)
        return tl::unexpected(VenueError{-1121, "Invalid symbol."});
    if (const auto refused = checkLeg(account, key.side, ReduceOnly::No))
        return tl::unexpected(*refused);
    const Quantity held = magnitude(m_accounts[account].position(key.symbol, key.side).quantity);
    if (!quantity.isPositive() || !price.isPositive() || quantity > held)
        return tl::unexpected(VenueError{-2024, "Position is not sufficient."});
    closeByVenue(account, key, quantity, price, "adl_autoclose");
    return {};
}

void VenueEngine::settleContract(const Symbol &symbol, Price price)
{
    Market *market = marketOf(symbol);
    if (market == nullptr || !price.isPositive())
        return;
    market->instrument.contract.trading = false;
    for (VenueInstrument &listed : m_options.instruments)
        if (listed.contract.key.symbol == symbol)
            listed.contract.trading = false;
    for (std::size_t account = 0; account < m_accounts.size(); ++account) {
        for (const VenueOrder *order : openOrders(account, &symbol))
            cancelOpen(*orderById(order->id), OrderStatus::Expired, Expiry::Delisted);
        settleTouched();
        for (const VenueAlgo *algo : openAlgos(account, &symbol))
            setAlgoStatus(m_algos.at(algo->id), AlgoStatus::Expired);
        const auto legs = m_accounts[account].positions(); // a copy: fills change it
        for (const auto &[key, leg] : legs)
            if (key.symbol == symbol && !leg.isFlat())
                closeByVenue(account, key, magnitude(leg.quantity), price, makeClientId("settlement_autoclose-"));
        if (!m_accounts[account].hasPosition())
            clearDeficit(account, negated(m_accounts[account].wallet()));
    }
    if (m_listener != nullptr)
        m_listener->onContractEvent(symbol);
}

} // namespace core::venue
