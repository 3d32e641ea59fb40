#pragma once

#include <memory>

#include <QtCore/QObject>

#include "core/base/clock.h"
#include "core/exchange/hyperliquid/client_options.h"
#include "core/ports/exchange_client.h"

namespace core::exchange::hyperliquid
{

/// One Hyperliquid account with its market streams, over REST and WebSocket. Lives on the engine thread with an
/// event loop; the listener is only ever called from that loop, never from inside a call into the client. `clock`
/// must outlive it. Errors reach the listener as stream states, request outcomes and onReconciliationLost; no
/// text that leaves here holds a key or a signature. An order of ours from an earlier run shows under its cloid
/// until `submit` or `queryOrder` names it. Source: reference/hyperliquid.md.
class HyperliquidClient final : public QObject, public ports::ExchangeClient
{
    Q_OBJECT
public:
    HyperliquidClient(ClientOptions options, const Clock &clock, QObject *parent = nullptr);
    ~HyperliquidClient() override;

    void start(ports::ExchangeListener &listener, const std::vector<Symbol> &symbols) override;
    void stop(std::function<void()> done) override;
    void submit(const risk::Approved<OrderRequest> &order) override;
    void keepReady(const std::vector<OrderRequest> &orders) override;
    void cancel(const InstrumentKey &instrument, const ClientOrderId &order) override;
    void queryOrder(const InstrumentKey &instrument, const ClientOrderId &order) override;
    void queryPositions() override;
    void queryFills(const InstrumentKey &instrument) override;
    void submitBatch(const std::vector<risk::Approved<OrderRequest>> &orders) override;
    void modify(const risk::Approved<OrderChange> &change) override;
    void cancelAll(const std::optional<InstrumentKey> &instrument, ports::Done<void> done) override;
    void setLeverage(const InstrumentKey &instrument, int leverage, ports::Done<void> done) override;
    void setMarginMode(const InstrumentKey &instrument, MarginMode mode, ports::Done<void> done) override;
    void setDeadMan(const InstrumentKey &instrument, std::optional<Duration> after,
                    ports::Done<void> done) override;
    void keyRights(ports::Done<ports::KeyRights> done) override;
    void feeRates(const InstrumentKey &instrument, ports::Done<FeeRates> done) override;
    void instruments(ports::Done<std::vector<Instrument>> done) override;
    void addSymbols(const std::vector<Symbol> &symbols) override;
    void removeSymbols(const std::vector<Symbol> &symbols) override;
    void watchCandles(const InstrumentKey &instrument, Duration length, bool on) override;
    void candles(const InstrumentKey &instrument, Duration length, ports::TimeRange range,
                 ports::Done<std::vector<Candle>> done) override;
    void trades(const InstrumentKey &instrument, ports::TimeRange range,
                ports::Done<std::vector<Trade>> done) override;
    void fundingRates(const InstrumentKey &instrument, ports::TimeRange range,
                      ports::Done<std::vector<FundingRate>> done) override;
    void fills(const InstrumentKey &instrument, ports::TimeRange range,
               ports::Done<std::vector<Fill>> done) override;
    void fundingPayments(ports::TimeRange range, ports::Done<std::vector<FundingPayment>> done) override;
    void transfers(ports::TimeRange range, ports::Done<std::vector<Transfer>> done) override;
    void accountPast(ports::TimeRange range, const std::vector<InstrumentKey> &held,
                     ports::Done<ports::AccountPast> done) override;
    [[nodiscard]] ports::Capabilities capabilities() const override;
    [[nodiscard]] Venue venue() const override { return Venue::Hyperliquid; }
    /// Orders that left with a signature from `keepReady`, since the start.
    [[nodiscard]] std::uint64_t sentReady() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace core::exchange::hyperliquid
