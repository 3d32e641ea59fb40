// What a paper account keeps over a restart, and how it comes back.
#include <algorithm>
#include <set>

#include "core/venue/paper_account.h"
#include "core/venue/paper_words.h"

namespace core::venue
{

Result<void> PaperAccount::describe(const Instrument &contract)
{
    const PaperContract made = paperContract(contract);
    if (auto listed = m_engine.addInstrument(made.listed); !listed)
        return listed;
    m_typicalTiers = m_typicalTiers || made.typicalTiers;
    const Symbol &symbol = contract.key.symbol;
    if (m_markets.try_emplace(symbol).second)
        bringBack(symbol);
    return {};
}

void PaperAccount::bringBack(const Symbol &symbol)
{
    const auto here = [&symbol](const Symbol &other) { return other == symbol; };
    for (const PaperState::Leg &leg : m_pending.legs)
        if (here(leg.key.symbol))
            m_engine.restoreLeg(0, leg.key, leg.position);
    for (const VenueAlgo &algo : m_pending.algos)
        if (here(algo.request.symbol))
            m_engine.restoreAlgo(algo);
    for (const VenueOrder &order : m_pending.orders)
        if (here(order.request.symbol))
            m_engine.restoreOrder(order);
    for (const VenueFill &fill : m_pending.fills)
        if (here(fill.symbol))
            m_engine.restoreFill(fill);
    std::erase_if(m_pending.legs, [&](const auto &row) { return here(row.key.symbol); });
    std::erase_if(m_pending.algos, [&](const auto &row) { return here(row.request.symbol); });
    std::erase_if(m_pending.orders, [&](const auto &row) { return here(row.request.symbol); });
    std::erase_if(m_pending.fills, [&](const auto &row) { return here(row.symbol); });
    m_missing.erase(symbol);
}

PaperState PaperAccount::state() const
{
    PaperState state = m_pending; // what waits for its contract is not forgotten
    const Account &own = m_engine.account(0);
    state.wallet = own.wallet();
    state.hedge = own.isHedge();
    state.counters = m_engine.counters();
    for (const auto &[key, leg] : own.positions()) {
        AccountPosition kept = leg;
        kept.bidNotional = kept.askNotional = Money{}; // they follow from the orders
        state.legs.push_back({key, kept});
    }
    std::set<std::int64_t> wanted; // conditional orders whose child is alive
    const auto orders = m_engine.allOrders(0, nullptr);
    std::size_t ended = 0;
    std::vector<VenueOrder> newest;
    for (auto order = orders.rbegin(); order != orders.rend(); ++order) {
        if (!(*order)->isOpen() && ++ended > kEndedKept)
            continue;
        newest.push_back(**order);
        wanted.insert((*order)->algoId);
    }
    state.orders.insert(state.orders.end(), newest.rbegin(), newest.rend());
    const auto algos = m_engine.allAlgos(0, nullptr);
    ended = 0;
    std::vector<VenueAlgo> newestAlgos;
    for (auto algo = algos.rbegin(); algo != algos.rend(); ++algo)
        if ((*algo)->isOpen() || wanted.contains((*algo)->id) || ++ended <= kEndedKept)
            newestAlgos.push_back(**algo);
    state.algos.insert(state.algos.end(), newestAlgos.rbegin(), newestAlgos.rend());
    const auto &fills = m_engine.fills();
    const std::size_t from = fills.size() > kEndedKept ? fills.size() - kEndedKept : 0;
    for (std::size_t i = from; i < fills.size(); ++i)
        state.fills.push_back(*fills[i]);
    return state;
}

} // namespace core::venue
