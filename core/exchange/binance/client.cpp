#include "core/exchange/binance/client.h"

#include <algorithm>

#include <QtCore/QTimer>

#include "core/base/assert.h"
#include "core/exchange/binance/account_sync.h"
#include "core/exchange/binance/market_streams.h"
#include "core/exchange/binance/order_channel.h"
#include "core/exchange/binance/rest_codec.h"
#include "core/exchange/binance/rest_gateway.h"
#include "core/exchange/binance/signer.h"
#include "core/risk/approved.h"

namespace core::exchange::binance
{
namespace
{

constexpr std::chrono::seconds kTiersAgain{5};

} // namespace

struct BinanceClient::Impl {
    Impl(BinanceClient &owner, ClientOptions given, const Clock &time)
        : q(owner), options(std::move(given)), clock(time), rest(options, clock, nullptr),
          orders(options, clock, rest, nullptr), market(options, clock, rest, nullptr),
          account(options, clock, rest, orders, nullptr),
          backoff(options.timings.reconnectMin, options.timings.reconnectMax, options.seed ^ 0x1157UL)
    {
        refresh.setSingleShot(true);
        QObject::connect(&refresh, &QTimer::timeout, &q, [this] { loadInstruments(); });
        QObject::connect(&rest, &RestGateway::budgetChanged, &q, [this](const ports::RequestBudget &budget) {
            if (listener)
                listener->onRequestBudget(budget);
        });
        QObject::connect(&rest, &RestGateway::statusChanged, &q, [this](const ports::StreamStatus &status) {
            if (listener)
                listener->onStreamStatus(status);
        });
        QObject::connect(&rest, &RestGateway::credentialsRefused, &q,
                         [this](const Error &why) { account.onCredentialsRefused(why); });
    }

    BinanceClient &q;
    ClientOptions options;
    const Clock &clock;
    RestGateway rest;
    OrderChannel orders;
    MarketStreams market;
    AccountSync account;
    net::Backoff backoff;
    QTimer refresh;
    ports::ExchangeListener *listener{nullptr};
    std::vector<Symbol> symbols;
    std::map<Symbol, Instrument> instruments;
    bool running{false}; ///< the streams have been started

    void synchroniseClock()
    {
        rest.synchroniseClock([this](bool synchronised) {
            if (!listener)
                return;
            if (synchronised)
                loadInstruments();
            else
                QTimer::singleShot(std::chrono::ceil<std::chrono::milliseconds>(backoff.next()), &q, [this] {
                    if (listener)
                        synchroniseClock();
                });
        });
    }

    void loadInstruments()
    {
        if (!listener)
            return;
        rest.call(RestCall{.path = "/fapi/v1/exchangeInfo", .lane = net::Lane::Normal},
                  [this](const RestResult &result) {
                      if (listener)
                          onInstruments(result);
                  });
    }

    void report(std::string name, std::string problem)
    {
        ports::StreamStatus status;
        status.name = std::move(name);
        status.freshness = Freshness::Lost;
        status.lastError = std::move(problem);
        if (listener)
            listener->onStreamStatus(status);
    }

    void retryInstruments(const Error &why, std::optional<Duration> notBefore)
    {
        report("instruments", why.detail);
        refresh.start(std::chrono::ceil<std::chrono::milliseconds>(
            std::max(backoff.next(), notBefore.value_or(Duration::zero()))));
    }

    void onInstruments(const RestResult &result)
    {
        if (!result) {
            retryInstruments(result.error().error, result.error().retryAfter);
            return;
        }
        const auto info = parseExchangeInfo(result->body, symbols);
        if (!info) {
            retryInstruments(info.error(), std::nullopt);
            return;
        }
        backoff.reset();
        refresh.start(std::chrono::ceil<std::chrono::milliseconds>(options.timings.instrumentsEvery));
        rest.setLimits(info->limits);
        for (const Error &refused : info->refused) {
            report("instruments", refused.detail);
        }
        for (const Instrument &instrument : info->instruments)
            take(instrument);
        if (!listener)
            return;
        reportUnknownSymbols(*info);
        if (!running && listener)
            startStreams();
        if (listener && rest.hasCredentials())
            loadMarginTiers();
    }

    void take(Instrument instrument)
    {
        const auto known = instruments.find(instrument.key.symbol);
        if (known != instruments.end()) {
            instrument.marginTiers = known->second.marginTiers;
            if (known->second == instrument)
                return;
        }
        instruments[instrument.key.symbol] = instrument;
        market.onInstrumentChanged(instrument);
        if (listener)
            listener->onInstrument(instrument);
    }

    void reportUnknownSymbols(const ExchangeInfo &info)
    {
        for (const Symbol &symbol : symbols) {
            if (!instruments.contains(symbol) && info.refused.empty())
                report("book " + symbol.string(), "the venue lists no contract " + symbol.string());
        }
    }

    void startStreams()
    {
        running = true;
        std::vector<Instrument> listed;
        std::vector<Symbol> names;
        std::set<Asset> assets;
        for (const Symbol &symbol : symbols) {
            const auto found = instruments.find(symbol);
            if (found == instruments.end())
                continue;
            listed.push_back(found->second);
            names.push_back(symbol);
            assets.insert(found->second.quote);
        }
        market.start(*listener, listed);
        if (!listener || !rest.hasCredentials())
            return;
        account.setAssets(std::move(assets));
        account.start(*listener, names);
    }

    void loadMarginTiers()
    {
        for (const auto &[symbol, instrument] : instruments)
            loadMarginTiers(symbol);
    }

    void loadMarginTiers(const Symbol &symbol)
    {
        RestCall call{
            .path = "/fapi/v1/leverageBracket", .security = Security::Signed, .lane = net::Lane::Normal};
        appendParameter(call.query, "symbol", symbol.view());
        rest.call(std::move(call), [this, symbol](const RestResult &result) {
            if (!listener || rest.signedTrafficStopped())
                return;
            const auto tiers =
                result
                    ? parseLeverageBrackets(result->body)
                    : Result<std::map<Symbol, std::vector<MarginTier>>>(tl::unexpected(result.error().error));
            const auto found = instruments.find(symbol);
            if (!tiers || !tiers->contains(symbol) || found == instruments.end()) {
                report("instruments",
                       tiers ? symbol.string() + ": no margin brackets" : tiers.error().detail);
                QTimer::singleShot(kTiersAgain, &q, [this, symbol] {
                    if (listener)
                        loadMarginTiers(symbol);
                });
                return;
            }
            if (found->second.marginTiers == tiers->at(symbol))
                return;
            found->second.marginTiers = tiers->at(symbol);
            listener->onInstrument(found->second);
        });
    }
};

BinanceClient::BinanceClient(ClientOptions options, const Clock &clock, QObject *parent)
    : QObject(parent), m_impl(std::make_unique<Impl>(*this, std::move(options), clock))
{
}

BinanceClient::~BinanceClient() = default;

void BinanceClient::start(ports::ExchangeListener &listener, const std::vector<Symbol> &symbols)
{
    CORE_ASSERT(!m_impl->listener && !m_impl->running, "REQUIRES: started once");
    m_impl->listener = &listener;
    m_impl->symbols = symbols;
    m_impl->rest.start();
    m_impl->orders.start(listener);
    m_impl->synchroniseClock();
}

void BinanceClient::stop(std::function<void()> done)
{
    m_impl->listener = nullptr;
    m_impl->refresh.stop();
    m_impl->account.stop();
    m_impl->orders.stop();
    m_impl->market.stop();
    m_impl->rest.stop();
    if (done)
        QMetaObject::invokeMethod(this, std::move(done), Qt::QueuedConnection);
}

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

void BinanceClient::queryPositions()
{
    if (m_impl->listener)
        m_impl->account.queryPositions();
}

void BinanceClient::queryFills(const InstrumentKey &instrument)
{
    if (m_impl->listener)
        m_impl->account.queryFills(instrument);
}

ports::Capabilities BinanceClient::capabilities() const
{
    return {};
}

// The parts that are on their way.
namespace
{
template <class T> void notYet(QObject &context, ports::Done<T> done)
{
    QTimer::singleShot(0, &context, [done = std::move(done)] { done(fail(ErrorCode::Unsupported, "not yet")); });
}
} // namespace
void BinanceClient::submitBatch(const std::vector<risk::Approved<OrderRequest>> &orders)
{
    for (const auto &order : orders)
        submit(order);
}
void BinanceClient::modify(const risk::Approved<OrderChange> &) {}
void BinanceClient::cancelAll(const std::optional<InstrumentKey> &, ports::Done<void> done) { notYet(*this, std::move(done)); }
void BinanceClient::setLeverage(const InstrumentKey &, int, ports::Done<void> done) { notYet(*this, std::move(done)); }
void BinanceClient::setMarginMode(const InstrumentKey &, MarginMode, ports::Done<void> done) { notYet(*this, std::move(done)); }
void BinanceClient::setDeadMan(const InstrumentKey &, std::optional<Duration>, ports::Done<void> done) { notYet(*this, std::move(done)); }
void BinanceClient::keyRights(ports::Done<ports::KeyRights> done) { notYet(*this, std::move(done)); }
void BinanceClient::fills(const InstrumentKey &, ports::TimeRange, ports::Done<std::vector<Fill>> done) { notYet(*this, std::move(done)); }
void BinanceClient::fundingPayments(ports::TimeRange, ports::Done<std::vector<FundingPayment>> done) { notYet(*this, std::move(done)); }
void BinanceClient::transfers(ports::TimeRange, ports::Done<std::vector<Transfer>> done) { notYet(*this, std::move(done)); }

void BinanceClient::instruments(ports::Done<std::vector<Instrument>> done) { notYet(*this, std::move(done)); }
void BinanceClient::addSymbols(const std::vector<Symbol> &) {}
void BinanceClient::removeSymbols(const std::vector<Symbol> &) {}
void BinanceClient::watchCandles(const InstrumentKey &, Duration, bool) {}
void BinanceClient::candles(const InstrumentKey &, Duration, ports::TimeRange, ports::Done<std::vector<Candle>> done) { notYet(*this, std::move(done)); }
void BinanceClient::trades(const InstrumentKey &, ports::TimeRange, ports::Done<std::vector<Trade>> done) { notYet(*this, std::move(done)); }
void BinanceClient::fundingRates(const InstrumentKey &, ports::TimeRange, ports::Done<std::vector<FundingRate>> done) { notYet(*this, std::move(done)); }

} // namespace core::exchange::binance
