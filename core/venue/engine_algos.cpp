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
    const bool stop = algo.type == AlgoType::StopMarket || algo.type == AlgoType::StopLimit;
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
    m_openAlgos[account].insert(algo.id);
    market->openAlgos.insert(algo.id);
    if (m_listener != nullptr)
        m_listener->onAlgoEvent(algo);
    if (algo.request.type == AlgoType::TrailingStop) {
        const MarketState &state = market->state;
        const auto price = algo.request.working == WorkingType::MarkPrice ? state.mark : state.lastPrice;
        if (price)
            static_cast<void>(followTrail(algo, *price));
    }
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
    const auto open = m_openAlgos.find(account);
    if (open == m_openAlgos.end())
        return result;
    for (const std::int64_t id : open->second)
        if (const VenueAlgo &algo = m_algos.at(id); symbol == nullptr || algo.request.symbol == *symbol)
            result.push_back(&algo);
    return result;
}

std::vector<const VenueAlgo *> VenueEngine::allAlgos(std::size_t account, const Symbol *symbol) const
{
    std::vector<const VenueAlgo *> result;
    for (const auto &[id, algo] : m_algos)
        if (algo.account == account && (symbol == nullptr || algo.request.symbol == *symbol))
            result.push_back(&algo);
    return result;
}

void VenueEngine::setAlgoStatus(VenueAlgo &algo, AlgoStatus status)
{
    algo.status = status;
    algo.updatedAt = m_clock.now();
    if (!algo.isOpen()) {
        m_openAlgos[algo.account].erase(algo.id);
        marketOf(algo.request.symbol)->openAlgos.erase(algo.id);
    }
    if (m_listener != nullptr)
        m_listener->onAlgoEvent(algo);
}

/// What is bound to a position ends with it.
void VenueEngine::expireBoundAlgos(std::size_t account, const Symbol &symbol)
{
    for (const VenueAlgo *algo : openAlgos(account, &symbol)) {
        if (algo->request.timeInForce != "GTE_GTC" ||
            !m_accounts[account].position(symbol, algo->request.positionSide).isFlat())
            continue;
        VenueAlgo &ended = m_algos.at(algo->id);
        ended.reason = "Position is closed";
        setAlgoStatus(ended, AlgoStatus::Expired);
    }
}

void VenueEngine::evaluateTriggers(Market &market)
{
    if (m_evaluating || market.openAlgos.empty())
        return;
    m_evaluating = true;
    // Firing moves the last price, which may fire more: until nothing is due. Each algo fires once, so it ends.
    for (bool again = true; again;) {
        std::vector<std::int64_t> due;
        for (const std::int64_t id : market.openAlgos)
            if (isDue(m_algos.at(id), market))
                due.push_back(id);
        for (const std::int64_t id : due)
            if (m_algos.at(id).isOpen()) // an earlier one may have changed the account
                fire(m_algos.at(id), market);
        again = !due.empty() && m_printed.erase(market.instrument.contract.key.symbol) > 0;
    }
    m_evaluating = false;
}

bool VenueEngine::isDue(VenueAlgo &algo, const Market &market)
{
    const MarketState &state = market.state;
    const auto price = algo.request.working == WorkingType::MarkPrice ? state.mark : state.lastPrice;
    if (!price)
        return false;
    const bool reached =
        algo.request.type == AlgoType::TrailingStop ? followTrail(algo, *price) : isTriggered(algo.request, *price);
    return reached && !heldBack(algo.request, market);
}

/// Moves the extreme; true when the price has come back from it by the callback rate.
bool VenueEngine::followTrail(VenueAlgo &algo, Price price)
{
    const NewAlgo &request = algo.request;
    const bool sells = request.side == Side::Sell;
    if (!algo.extreme || (sells ? price > *algo.extreme : price < *algo.extreme))
        algo.extreme = price;
    if (!algo.activated) {
        if (request.activate && (sells ? *algo.extreme < *request.activate : *algo.extreme > *request.activate))
            return false;
        algo.activated = true;
        algo.updatedAt = m_clock.now();
        if (m_listener != nullptr)
            m_listener->onAlgoEvent(algo);
    }
    const std::int64_t rate = request.callbackRate.raw();
    const Ratio factor = Ratio::fromRaw(kDecimalOne + (sells ? -rate : rate));
    const auto bound = scaled(*algo.extreme, factor, Rounding::HalfEven);
    return bound && (sells ? price <= *bound : price >= *bound);
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

NewOrder VenueEngine::childOf(const VenueAlgo &algo)
{
    const NewAlgo &wanted = algo.request;
    NewOrder request;
    request.symbol = wanted.symbol;
    request.side = wanted.side;
    request.quantity = wanted.quantity;
    request.reduceOnly = wanted.reduceOnly;
    request.selfTrade = wanted.selfTrade;
    request.clientOrderId = wanted.clientAlgoId;
    request.positionSide = wanted.positionSide;
    const bool limit = wanted.type == AlgoType::StopLimit || wanted.type == AlgoType::TakeProfitLimit;
    request.type = limit ? OrderType::Limit : OrderType::Market;
    request.price = wanted.price;
    if (!limit) // a worst price makes it take what lies within, and no more
        request.timeInForce = wanted.price ? TimeInForce::ImmediateOrCancel : TimeInForce::GoodTilCancel;
    else if (wanted.timeInForce == "IOC")
        request.timeInForce = TimeInForce::ImmediateOrCancel;
    else if (wanted.timeInForce == "FOK")
        request.timeInForce = TimeInForce::FillOrKill;
    else if (wanted.timeInForce == "GTX")
        request.timeInForce = TimeInForce::PostOnly;
    return request;
}

void VenueEngine::fire(VenueAlgo &algo, Market &market)
{
    algo.triggeredAt = m_clock.now();
    setAlgoStatus(algo, AlgoStatus::Triggering);
    const NewAlgo &wanted = algo.request;
    NewOrder request = childOf(algo);
    if (wanted.closePosition) {
        request.reduceOnly = wanted.positionSide == PositionSide::Both ? ReduceOnly::Yes : ReduceOnly::No;
        request.quantity = m_accounts[algo.account].reducible(wanted.symbol, wanted.side, wanted.positionSide);
    }
    // Margin and reduce-only are looked at only now: an accepted stop may still be refused.
    auto refused = checkReduceOnly(algo.account, request);
    if (!refused)
        refused = checkMargin(algo.account, market, request);
    if (!refused)
        refused = checkMatching(algo.account, market, request);
    if (!refused && m_faults.rejectsTriggered)
        refused = VenueError{-2019, "Margin is insufficient."};
    if (refused) {
        algo.reason = refused->code == -2022 ? "Reduce Only reject" : refused->message;
        setAlgoStatus(algo, AlgoStatus::Rejected);
        return;
    }
    algo.childOrder = m_nextOrder; // what `accept` is about to take
    setAlgoStatus(algo, AlgoStatus::Triggered);
    const std::string shown = request.type == OrderType::Limit ? "LIMIT" : "MARKET";
    accept(algo.account, market,
           {.request = std::move(request),
            .shownType = shown,
            .originalType = std::string(name(wanted.type)),
            .algoId = algo.id,
            .stopPrice = wanted.type == AlgoType::TrailingStop ? std::nullopt : std::optional(wanted.trigger),
            .working = wanted.working});
}

std::string_view name(AlgoType type)
{
    switch (type) {
    case AlgoType::StopMarket:
        return "STOP_MARKET";
    case AlgoType::TakeProfitMarket:
        return "TAKE_PROFIT_MARKET";
    case AlgoType::StopLimit:
        return "STOP";
    case AlgoType::TakeProfitLimit:
        return "TAKE_PROFIT";
    case AlgoType::TrailingStop:
        return "TRAILING_STOP_MARKET";
    }
    return "STOP_MARKET";
}

} // namespace core::venue
