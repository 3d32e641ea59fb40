// Contracts and accounts that become known while the engine runs, and what an earlier run left.
#include <algorithm>

#include "core/base/assert.h"
#include "core/venue/engine.h"
#include "core/venue/engine_market.h"

namespace core::venue
{

VenueEngine::VenueEngine(const VenueRules &rules, Ratio makerFee, Ratio takerFee, const Clock &clock)
    : m_clock(clock), m_nextOrder(1), m_nextTrade(1), m_nextAlgo(1)
{
    m_options.rules = rules;
    m_options.makerFee = makerFee;
    m_options.takerFee = takerFee;
}

Result<void> VenueEngine::addInstrument(const VenueInstrument &listed)
{
    if (auto valid = validate(listed); !valid)
        return valid;
    const Symbol symbol = listed.contract.key.symbol;
    if (Market *market = marketOf(symbol)) {
        if (market->instrument.contract.tickSize != listed.contract.tickSize)
            return fail(ErrorCode::Unsupported, symbol.string() + ": its tick size changed while it was traded here");
        market->instrument = listed;
        for (Account &account : m_accounts)
            account.setTiers(symbol, market->instrument.contract.marginTiers);
        return {};
    }
    const Market &made = *m_markets.emplace(symbol, std::make_unique<Market>(listed)).first->second;
    for (std::size_t i = 0; i < m_accounts.size(); ++i) {
        const Instrument &contract = made.instrument.contract;
        m_accounts[i].addInstrument(symbol, contract.marginTiers);
        m_accounts[i].setLeverage(symbol, std::min(m_options.accounts[i].leverage, contract.marginTiers.front().leverageMax));
        m_accounts[i].setIsolated(symbol, contract.isolatedOnly);
    }
    return {};
}

std::size_t VenueEngine::addAccount(Money balance, int leverage, bool hedge)
{
    CORE_ASSERT(m_markets.empty(), "REQUIRES: accounts come before contracts");
    Account &made = m_accounts.emplace_back(balance, leverage);
    made.setHedge(hedge);
    AccountOptions options;
    options.balance = balance;
    options.leverage = leverage;
    options.hedge = hedge;
    m_options.accounts.push_back(options);
    return m_accounts.size() - 1;
}

void VenueEngine::restoreLeg(std::size_t account, const PositionKey &key, const AccountPosition &leg)
{
    m_accounts[account].restore(key, leg);
}

void VenueEngine::restoreAlgo(const VenueAlgo &algo)
{
    Market *market = marketOf(algo.request.symbol);
    CORE_ASSERT(market != nullptr, "REQUIRES: a listed contract");
    m_algos[algo.id] = algo;
    if (!algo.isOpen())
        return;
    m_openAlgos[algo.account].insert(algo.id);
    market->openAlgos.insert(algo.id);
}

void VenueEngine::restoreOrder(const VenueOrder &order)
{
    Market *market = marketOf(order.request.symbol);
    CORE_ASSERT(market != nullptr, "REQUIRES: a listed contract");
    VenueOrder &kept = m_orders[order.id];
    kept = order;
    if (kept.algoId != 0 && !m_algos.contains(kept.algoId))
        kept.algoId = 0; // its conditional order was forgotten
    std::int64_t &newest = m_newestByClientId[{kept.account, kept.request.symbol, kept.request.clientOrderId}];
    newest = std::max(newest, kept.id);
    if (!kept.isOpen())
        return;
    m_open[{kept.account, kept.request.symbol}].insert(kept.id);
    if (kept.request.goodTill)
        m_goodTill.emplace(*kept.request.goodTill, kept.id);
    BookOrder what = bookOrder(kept.account, kept.id, *market, kept.request, false);
    what.remaining = Quantity::fromRaw(kept.request.quantity.raw() - kept.filled.raw());
    AccountListener *const listener = std::exchange(m_listener, nullptr);
    m_matching = market;
    market->book.submit(what, *this); // the book is empty: it rests
    m_listener = listener;
    refreshOrderNotionals(kept.account, kept.request.symbol);
}

void VenueEngine::restoreFill(const VenueFill &fill)
{
    m_fills.push_back(std::make_unique<VenueFill>(fill));
}

void VenueEngine::continueAt(const Counters &counters)
{
    m_nextOrder = counters.order;
    m_nextTrade = counters.trade;
    m_nextAlgo = counters.algo;
    m_nextRow = counters.row;
}

} // namespace core::venue
