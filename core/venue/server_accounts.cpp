// What the accounts' events become on the private streams.
#include "core/venue/binance_text.h"
#include "core/venue/server_impl.h"

namespace core::venue
{

void VenueServer::Impl::sendPrivate(std::size_t account, std::string_view event, const std::string &data)
{
    if (const std::string *key = m_api->listenKeyOf(account))
        m_hub.publishPrivate(*key, event, data);
}

void VenueServer::Impl::onOrderEvent(const VenueOrder &order, std::string_view execution,
                                     const VenueFill *fill)
{
    if (fill != nullptr && execution == "TRADE")
        sendPrivate(order.account, "TRADE_LITE", tradeLite(*m_engine, order, *fill));
    sendPrivate(order.account, "ORDER_TRADE_UPDATE", orderTradeUpdate(*m_engine, order, execution, fill));
    if (fill == nullptr || !order.liquidation)
        return;
    // The largest of each second is published.
    auto &largest = namesOf(fill->symbol).liquidation;
    if (!largest || largest->first < fill->quantity)
        largest.emplace(fill->quantity, forceOrder(*m_engine, order, *fill));
}

void VenueServer::Impl::onAccountEvent(const AccountChange &change)
{
    sendPrivate(change.account, "ACCOUNT_UPDATE", accountUpdate(*m_engine, change));
}

void VenueServer::Impl::onAlgoEvent(const VenueAlgo &algo)
{
    sendPrivate(algo.account, "ALGO_UPDATE", algoUpdate(*m_engine, algo));
}

void VenueServer::Impl::onLeverageEvent(std::size_t account, const Symbol &symbol, int leverage)
{
    sendPrivate(account, "ACCOUNT_CONFIG_UPDATE", accountConfigUpdate(*m_engine, symbol, leverage));
}

void VenueServer::Impl::onMarginCall(std::size_t account, const std::vector<PositionKey> &legs)
{
    sendPrivate(account, "MARGIN_CALL", marginCall(*m_engine, account, legs));
}

void VenueServer::Impl::onListenKeyExpired(std::size_t, const std::string &listenKey)
{
    m_hub.publishPrivate(listenKey, "listenKeyExpired", listenKeyExpired(*m_engine, listenKey));
    m_hub.dropListenKey(listenKey);
}

void VenueServer::Impl::onListenKeyClosed(const std::string &listenKey)
{
    m_hub.dropListenKey(listenKey);
}

} // namespace core::venue
