#pragma once

#include <memory>

#include <QtCore/QObject>

#include "core/base/clock.h"
#include "core/exchange/binance/client_options.h"
#include "core/ports/exchange_client.h"

namespace core::exchange::binance
{

/// One Binance USDⓈ-M account with its market streams, over REST and WebSocket. Lives on the engine thread
/// with an event loop; the listener is only ever called from that loop, never from inside a call into the
/// client. `clock` must outlive it. Errors reach the listener as stream states, request outcomes and
/// onReconciliationLost; no text that leaves here holds a key, a signature or a listen key. Source:
/// reference/binance-usdm.md.
class BinanceClient final : public QObject, public ports::ExchangeClient
{
    Q_OBJECT
public:
    BinanceClient(ClientOptions options, const Clock &clock, QObject *parent = nullptr);
    ~BinanceClient() override;

    void start(ports::ExchangeListener &listener, const std::vector<Symbol> &symbols) override;
    void stop(std::function<void()> done) override;
    void submit(const risk::Approved<OrderRequest> &order) override;
    void cancel(const InstrumentKey &instrument, const ClientOrderId &order) override;
    void queryOrder(const InstrumentKey &instrument, const ClientOrderId &order) override;
    void queryPositions() override;
    void queryFills(const InstrumentKey &instrument) override;
    [[nodiscard]] ports::Capabilities capabilities() const override;
    [[nodiscard]] Venue venue() const override { return Venue::Binance; }

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace core::exchange::binance
