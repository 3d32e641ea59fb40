#include "core/exchange/hyperliquid/client.h"

#include <QtCore/QTimer>

#include "core/base/assert.h"
#include "core/risk/approved.h"

namespace core::exchange::hyperliquid
{
namespace
{
template <class T> void notYet(QObject &context, ports::Done<T> done)
{
    QTimer::singleShot(0, &context, [done = std::move(done)] { done(fail(ErrorCode::Unsupported, "not yet")); });
}
} // namespace

struct HyperliquidClient::Impl {
    Impl(ClientOptions given, const Clock &time) : options(std::move(given)), clock(time) {}
    ClientOptions options;
    const Clock &clock;
    ports::ExchangeListener *listener{nullptr};
};

HyperliquidClient::HyperliquidClient(ClientOptions options, const Clock &clock, QObject *parent)
    : QObject(parent), m_impl(std::make_unique<Impl>(std::move(options), clock))
{
}
HyperliquidClient::~HyperliquidClient() = default;

void HyperliquidClient::start(ports::ExchangeListener &listener, const std::vector<Symbol> &)
{
    CORE_ASSERT(!m_impl->listener, "REQUIRES: started once");
    m_impl->listener = &listener;
}
void HyperliquidClient::stop(std::function<void()> done)
{
    m_impl->listener = nullptr;
    if (done)
        QMetaObject::invokeMethod(this, std::move(done), Qt::QueuedConnection);
}
void HyperliquidClient::submit(const risk::Approved<OrderRequest> &) {}
void HyperliquidClient::cancel(const InstrumentKey &, const ClientOrderId &) {}
void HyperliquidClient::queryOrder(const InstrumentKey &, const ClientOrderId &) {}
void HyperliquidClient::queryPositions() {}
void HyperliquidClient::queryFills(const InstrumentKey &) {}
void HyperliquidClient::submitBatch(const std::vector<risk::Approved<OrderRequest>> &) {}
void HyperliquidClient::modify(const risk::Approved<OrderChange> &) {}
void HyperliquidClient::cancelAll(const std::optional<InstrumentKey> &, ports::Done<void> done) { notYet(*this, std::move(done)); }
void HyperliquidClient::setLeverage(const InstrumentKey &, int, ports::Done<void> done) { notYet(*this, std::move(done)); }
void HyperliquidClient::setMarginMode(const InstrumentKey &, MarginMode, ports::Done<void> done) { notYet(*this, std::move(done)); }
void HyperliquidClient::setDeadMan(const InstrumentKey &, std::optional<Duration>, ports::Done<void> done) { notYet(*this, std::move(done)); }
void HyperliquidClient::keyRights(ports::Done<ports::KeyRights> done) { notYet(*this, std::move(done)); }
void HyperliquidClient::instruments(ports::Done<std::vector<Instrument>> done) { notYet(*this, std::move(done)); }
void HyperliquidClient::addSymbols(const std::vector<Symbol> &) {}
void HyperliquidClient::removeSymbols(const std::vector<Symbol> &) {}
void HyperliquidClient::watchCandles(const InstrumentKey &, Duration, bool) {}
void HyperliquidClient::candles(const InstrumentKey &, Duration, ports::TimeRange, ports::Done<std::vector<Candle>> done) { notYet(*this, std::move(done)); }
void HyperliquidClient::trades(const InstrumentKey &, ports::TimeRange, ports::Done<std::vector<Trade>> done) { notYet(*this, std::move(done)); }
void HyperliquidClient::fundingRates(const InstrumentKey &, ports::TimeRange, ports::Done<std::vector<FundingRate>> done) { notYet(*this, std::move(done)); }
void HyperliquidClient::fills(const InstrumentKey &, ports::TimeRange, ports::Done<std::vector<Fill>> done) { notYet(*this, std::move(done)); }
void HyperliquidClient::fundingPayments(ports::TimeRange, ports::Done<std::vector<FundingPayment>> done) { notYet(*this, std::move(done)); }
void HyperliquidClient::transfers(ports::TimeRange, ports::Done<std::vector<Transfer>> done) { notYet(*this, std::move(done)); }

ports::Capabilities HyperliquidClient::capabilities() const
{
    return {.nativeTrailing = false,
            .conditionalOrders = true,
            .deadManTimer = true,
            .deadManPerInstrument = false,
            .deadManKillsStops = true,
            .hedgeMode = false,
            .modifyKeepsOrderId = false,
            .triggerByLast = false,
            .batchMax = 200,
            .symbolsMax = 200};
}

} // namespace core::exchange::hyperliquid
