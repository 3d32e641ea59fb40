#include "core/exchange/binance/client_impl.h"

#include "core/risk/approved.h"

namespace core::exchange::binance
{

void BinanceClient::submit(const risk::Approved<OrderRequest> &order)
{
    if (m_impl->listener)
        m_impl->orders.submit(order.request());
}

void BinanceClient::cancel(const InstrumentKey &instrument, const ClientOrderId &order)
{
    if (m_impl->listener)
        m_impl->orders.cancel(instrument, order);
}

void BinanceClient::queryOrder(const InstrumentKey &instrument, const ClientOrderId &order)
{
    if (m_impl->listener)
        m_impl->orders.query(instrument, order);
}

void BinanceClient::submitBatch(const std::vector<risk::Approved<OrderRequest>> &orders)
{
    for (const auto &order : orders)
        submit(order);
}

void BinanceClient::modify(const risk::Approved<OrderChange> &) {}

void BinanceClient::cancelAll(const std::optional<InstrumentKey> &, ports::Done<void> done)
{
    m_impl->answer<void>(std::move(done), fail(ErrorCode::Unsupported, "not yet"));
}

} // namespace core::exchange::binance
