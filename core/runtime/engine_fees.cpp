// The account's own fees: what closing costs is part of where a stop must stand.
#include "core/runtime/engine_link.h"

namespace core::runtime
{

namespace
{
constexpr Duration kFeesLast = std::chrono::hours{24}; ///< they follow the volume of weeks
constexpr Duration kFeesRetry = std::chrono::minutes{5};
} // namespace

std::set<InstrumentKey> Engine::Link::marketsInUse() const
{
    std::set<InstrumentKey> used;
    if (const auto shown = m_engine.m_markets.shown(); shown && shown->venue == m_setup.venue)
        used.insert(*shown);
    const AccountView account = m_engine.m_accounts.at(m_setup.venue).view(m_engine.m_clock.now());
    for (const Position &position : account.positions)
        used.insert(position.instrument);
    for (const OrderUpdate &order : account.openOrders)
        used.insert(order.instrument);
    return used;
}

void Engine::Link::askFees(UtcTime now)
{
    if (!hasAccount() || m_feesAsked || !m_reconciled)
        return;
    for (const InstrumentKey &instrument : marketsInUse()) {
        UtcTime &askAt = m_feesAskAt[instrument];
        if (now < askAt)
            continue;
        m_feesAsked = true;
        askAt = now + kFeesRetry;
        m_client->feeRates(instrument, [this, instrument](const Result<FeeRates> &rates) {
            m_feesAsked = false;
            if (!rates)
                return;
            m_feesAskAt[instrument] = m_engine.m_clock.now() + kFeesLast;
            m_engine.m_markets.onFees(instrument, *rates);
            m_engine.feed(orders::FeesReport{instrument, *rates});
            m_engine.m_dirty = true;
        });
        return;
    }
}

} // namespace core::runtime
