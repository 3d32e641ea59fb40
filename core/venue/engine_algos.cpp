// Conditional orders: a service of its own beside the matching. Source: reference/binance-usdm.md
// sections 5.4 and 6.7.
#include <algorithm>
#include <cstdlib>

#include "core/venue/engine.h"
#include "core/venue/engine_market.h"

namespace core::venue
{

bool isTriggered(const NewAlgo &algo, Price price)
{
    const bool stop = algo.type == AlgoType::StopMarket;
    const bool rising =
        stop == (algo.side == Side::Buy); // a buy stop and a sell take-profit wait for higher prices
    return rising ? price >= algo.trigger : price <= algo.trigger;
}

VenueResult<const VenueAlgo *> VenueEngine::placeAlgo(std::size_t account, NewAlgo request)
{
    Market *market = marketOf(request.symbol);
    if (market == nullptr)
        return tl::unexpected(VenueError{-1121, "Invalid symbol."});
    if (const auto refused = checkAlgo(account, *market, request))
        return tl::unexpected(*refused);
    if (request.clientAlgoId.empty())
        request.clientAlgoId = makeClientId("a-");
    VenueAlgo &algo = m_algos[m_nextAlgo];
    algo.id = m_nextAlgo++;
    algo.account = account;
    algo.request = std::move(request);
    algo.createdAt = m_clock.now();
    algo.updatedAt = algo.createdAt;
    m_openAlgos.insert(algo.id);
    if (m_listener != nullptr)
        m_listener->onAlgoEvent(algo);
    return &algo;
}

VenueResult<const VenueAlgo *> VenueEngine::cancelAlgo(std::size_t account, std::int64_t algoId,
                                                       std::string_view clientAlgoId)
{
    const VenueAlgo *found = findAlgo(account, algoId, clientAlgoId);
    if (found == nullptr || !found->isOpen())
        return tl::unexpected(VenueError{-2011, "Unknown order sent."});
    setAlgoStatus(m_algos.at(found->id), AlgoStatus::Canceled);
    return found;
}

void VenueEngine::cancelAllAlgos(std::size_t account, const Symbol &symbol)
{
    for (const VenueAlgo *algo : openAlgos(account, &symbol))
        setAlgoStatus(m_algos.at(algo->id), AlgoStatus::Canceled);
}

const VenueAlgo *VenueEngine::findAlgo(std::size_t account, std::int64_t algoId,
                                       std::string_view clientAlgoId) const
{
    if (algoId != 0) {
        const auto found = m_algos.find(algoId);
        return found == m_algos.end() || found->second.account != account ? nullptr : &found->second;
    }
    for (auto algo = m_algos.rbegin(); algo != m_algos.rend(); ++algo)
        if (algo->second.account == account && algo->second.request.clientAlgoId == clientAlgoId)
            return &algo->second;
    return nullptr;
}

std::vector<const VenueAlgo *> VenueEngine::openAlgos(std::size_t account, const Symbol *symbol) const
{
    std::vector<const VenueAlgo *> result;
    for (const std::int64_t id : m_openAlgos)
        if (const VenueAlgo &algo = m_algos.at(id);
            algo.account == account && (symbol == nullptr || algo.request.symbol == *symbol))
            result.push_back(&algo);
    return result;
}

void VenueEngine::setAlgoStatus(VenueAlgo &algo, AlgoStatus status)
{
    algo.status = status;
    algo.updatedAt = m_clock.now();
    if (!algo.isOpen())
        m_openAlgos.erase(algo.id);
    if (m_listener != nullptr)
        m_listener->onAlgoEvent(algo);
}

void VenueEngine::evaluateTriggers(Market &market)
{
    const MarketState &state = market.state;
    std::vector<std::int64_t> due;
    for (const std::int64_t id : m_openAlgos) {
        const VenueAlgo &algo = m_algos.at(id);
        if (!(algo.request.symbol == market.instrument.contract.key.symbol))
            continue;
        const auto price = algo.request.working == WorkingType::MarkPrice ? state.mark : state.lastPrice;
        if (price && isTriggered(algo.request, *price) && !heldBack(algo.request, market))
            due.push_back(id);
    }
    for (const std::int64_t id : due)
        if (m_algos.at(id).isOpen()) // an earlier one may have changed the account
            fire(m_algos.at(id), market);
}

/// priceProtect: nothing fires while mark and last price are too far apart.
bool VenueEngine::heldBack(const NewAlgo &algo, const Market &market) const
{
    if (!algo.priceProtect || !market.state.mark || !market.state.lastPrice)
        return false;
    const std::int64_t apart = std::llabs(market.state.mark->raw() - market.state.lastPrice->raw());
    const auto most = scaled(*market.state.mark, market.instrument.triggerProtect, Rounding::HalfEven);
    return most && apart > most->raw();
}

void VenueEngine::fire(VenueAlgo &algo, Market &market)
{
    algo.triggeredAt = m_clock.now();
    setAlgoStatus(algo, AlgoStatus::Triggering);
    const NewAlgo &wanted = algo.request;
    NewOrder request{.symbol = wanted.symbol,
                     .side = wanted.side,
                     .type = OrderType::Market,
                     .timeInForce = TimeInForce::GoodTilCancel,
                     .quantity = wanted.quantity,
                     .price = {},
                     .reduceOnly = wanted.reduceOnly,
                     .selfTrade = SelfTrade::None,
                     .clientOrderId = wanted.clientAlgoId};
    if (wanted.closePosition) {
        request.reduceOnly = ReduceOnly::Yes;
        request.quantity = m_accounts[algo.account].reducible(wanted.symbol, wanted.side);
    }
    // Margin and reduce-only are looked at only now: an accepted stop may still be refused.
    auto refused = checkReduceOnly(algo.account, request);
    if (!refused)
        refused = checkMargin(algo.account, market, request);
    if (!refused)
        refused = checkMatching(algo.account, market, request);
    if (refused) {
        algo.reason = refused->code == -2022 ? "Reduce Only reject" : refused->message;
        setAlgoStatus(algo, AlgoStatus::Rejected);
        return;
    }
    algo.childOrder = m_nextOrder; // what `accept` is about to take
    setAlgoStatus(algo, AlgoStatus::Triggered);
    const std::string original = wanted.type == AlgoType::StopMarket ? "STOP_MARKET" : "TAKE_PROFIT_MARKET";
    accept(algo.account, market,
           {.request = std::move(request),
            .shownType = "MARKET",
            .originalType = original,
            .algoId = algo.id,
            .stopPrice = wanted.trigger,
            .working = wanted.working});
}

} // namespace core::venue
