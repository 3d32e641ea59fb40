#include "core/exchange/binance/client_impl.h"

#include "core/risk/approved.h"

namespace core::exchange::binance
{

void BinanceClient::submit(const risk::Approved<OrderRequest> &order)
{
    if (m_impl->listener)
        m_impl->orders.submit(order.request());
}

void BinanceClient::submitBatch(const std::vector<risk::Approved<OrderRequest>> &orders)
{
    std::vector<OrderRequest> requests;
    requests.reserve(orders.size());
    for (const auto &order : orders)
        requests.push_back(order.request());
    if (m_impl->listener)
        m_impl->orders.submitBatch(requests);
}

void BinanceClient::modify(const risk::Approved<OrderChange> &change)
{
    if (m_impl->listener)
        m_impl->orders.modify(change.request());
}

void BinanceClient::cancel(const InstrumentKey &instrument, const ClientOrderId &order)
{
    if (m_impl->listener)
        m_impl->orders.cancel(instrument, order);
}

void BinanceClient::cancelAll(const std::optional<InstrumentKey> &instrument, ports::Done<void> done)
{
    if (m_impl->listener)
        m_impl->sweeps.cancelAll(instrument, std::move(done));
}

void BinanceClient::queryOrder(const InstrumentKey &instrument, const ClientOrderId &order)
{
    if (m_impl->listener)
        m_impl->orders.query(instrument, order);
}

ports::Capabilities BinanceClient::capabilities() const
{
    return {.nativeTrailing = true,
            .conditionalOrders = true,
            .deadManTimer = true,
            .deadManPerInstrument = true,
            .deadManKillsStops = true, // the venue does not say that it spares them
            .hedgeMode = true,
            .modifyKeepsOrderId = true,
            .triggerByLast = true,
            .batchMax = kBatchMax,
            .symbolsMax = 0};
}

} // namespace core::exchange::binance
