#include "core/exchange/binance/client_impl.h"

#include <algorithm>

#include "core/base/assert.h"

namespace core::exchange::binance
{
namespace
{

constexpr std::chrono::seconds kTiersAgain{5};
constexpr std::chrono::milliseconds kContractsSettle{5'000};

} // namespace

BinanceClient::Impl::Impl(BinanceClient &owner, ClientOptions given, const Clock &time)
    : q(owner), options(std::move(given)), clock(time), rest(options, clock, nullptr),
      orders(options, clock, rest, nullptr), sweeps(options, rest, orders, nullptr), history(options, rest, nullptr),
      settings(options, clock, rest, nullptr), marketHistory(options, clock, rest, nullptr),
      market(options, clock, rest, marketHistory, nullptr), account(options, clock, rest, orders, history, nullptr),
      backoff(options.timings.reconnectMin, options.timings.reconnectMax, options.seed ^ 0x1157UL)
{
    refresh.setSingleShot(true);
    QObject::connect(&settings, &AccountSettings::changed, &q, [this] {
        if (listener)
            account.onSettingsChanged();
    });
    QObject::connect(&refresh, &QTimer::timeout, &q, [this] { loadInstruments(); });
    QObject::connect(&rest, &RestGateway::budgetChanged, &q, [this](const ports::RequestBudget &budget) {
        if (listener)
            listener->onRequestBudget(budget);
    });
    QObject::connect(&rest, &RestGateway::statusChanged, &q, [this](const ports::StreamStatus &status) {
        if (listener)
            listener->onStreamStatus(status);
    });
    QObject::connect(&market, &MarketStreams::contractsChanged, &q, [this] {
        // Several of them come together; the venue is asked once for all.
        if (!refresh.isActive() || refresh.remainingTimeAsDuration() > kContractsSettle)
            refresh.start(kContractsSettle);
    });
    QObject::connect(&rest, &RestGateway::credentialsRefused, &q,
                     [this](const Error &why) { account.onCredentialsRefused(why); });
}

void BinanceClient::Impl::synchroniseClock()
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

void BinanceClient::Impl::loadInstruments()
{
    if (!listener || isLoading)
        return;
    isLoading = true;
    rest.call(RestCall{.path = "/fapi/v1/exchangeInfo", .lane = net::Lane::Normal},
              [this](const RestResult &result) {
                  isLoading = false;
                  if (listener)
                      onInstruments(result);
              });
}

void BinanceClient::Impl::report(std::string name, std::string problem)
{
    ports::StreamStatus status;
    status.name = std::move(name);
    status.freshness = Freshness::Lost;
    status.lastError = std::move(problem);
    if (listener)
        listener->onStreamStatus(status);
}

void BinanceClient::Impl::retryInstruments(const Error &why, std::optional<Duration> notBefore)
{
    report("instruments", why.detail);
    refresh.start(std::chrono::ceil<std::chrono::milliseconds>(
        std::max(backoff.next(), notBefore.value_or(Duration::zero()))));
}

void BinanceClient::Impl::onInstruments(const RestResult &result)
{
    if (!result) {
        retryInstruments(result.error().error, result.error().retryAfter);
        answerList(fail(result.error().error));
        return;
    }
    auto info = parseExchangeInfo(result->body, {});
    if (!info) {
        retryInstruments(info.error(), std::nullopt);
        answerList(fail(info.error()));
        return;
    }
    backoff.reset();
    refresh.start(std::chrono::ceil<std::chrono::milliseconds>(options.timings.instrumentsEvery));
    rest.setLimits(info->limits);
    listed.clear();
    refused.clear();
    for (Instrument &instrument : info->instruments)
        listed.insert_or_assign(instrument.key.symbol, std::move(instrument));
    for (const RefusedContract &contract : info->refused)
        refused.insert_or_assign(contract.symbol, contract);
    listedAt = clock.monotonic();
    for (const Symbol &symbol : std::vector<Symbol>(symbols)) {
        if (const auto found = listed.find(symbol); found != listed.end())
            take(found->second);
        else
            reportUnknown(symbol);
        if (!listener)
            return;
        if (const auto known = instruments.find(symbol); running && known != instruments.end())
            market.add(known->second); // listed since it was asked for
    }
    answerList({});
    if (!running && listener)
        startStreams();
    if (listener && rest.hasCredentials())
        loadMarginTiers();
}

void BinanceClient::Impl::take(Instrument instrument)
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

void BinanceClient::Impl::reportUnknown(const Symbol &symbol)
{
    if (instruments.contains(symbol))
        return; // it was listed: what is known of it stands until it is taken away
    if (const auto why = refused.find(symbol); why != refused.end())
        report("instruments", why->second.detail);
    report("book " + symbol.string(), refused.contains(symbol)
                                          ? refused.at(symbol).detail
                                          : "the venue lists no contract " + symbol.string());
}

void BinanceClient::Impl::startStreams()
{
    running = true;
    std::vector<Instrument> traded;
    std::vector<Symbol> names;
    std::set<Asset> assets;
    for (const Symbol &symbol : symbols) {
        const auto found = instruments.find(symbol);
        if (found == instruments.end())
            continue;
        traded.push_back(found->second);
        names.push_back(symbol);
        assets.insert(found->second.quote);
    }
    market.start(*listener, traded);
    if (!listener || !rest.hasCredentials())
        return;
    account.setAssets(std::move(assets));
    account.start(*listener, names);
}

void BinanceClient::Impl::loadMarginTiers()
{
    for (const auto &[symbol, instrument] : instruments)
        loadMarginTiers(symbol);
}

void BinanceClient::Impl::loadMarginTiers(const Symbol &symbol)
{
    RestCall call{
        .path = "/fapi/v1/leverageBracket", .security = Security::Signed, .lane = net::Lane::Normal};
    appendParameter(call.query, "symbol", symbol.view());
    rest.call(std::move(call), [this, symbol](const RestResult &result) {
        if (!listener || rest.signedTrafficStopped())
            return;
        const auto tiers =
            result ? parseLeverageBrackets(result->body)
                   : Result<std::map<Symbol, std::vector<MarginTier>>>(tl::unexpected(result.error().error));
        const auto found = instruments.find(symbol);
        if (!tiers || !tiers->contains(symbol) || found == instruments.end()) {
            report("instruments", tiers ? symbol.string() + ": no margin brackets" : tiers.error().detail);
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
    m_impl->history.start();
    m_impl->settings.start(listener);
    m_impl->synchroniseClock();
}

void BinanceClient::stop(std::function<void()> done)
{
    m_impl->listener = nullptr;
    m_impl->refresh.stop();
    m_impl->account.stop();
    m_impl->orders.stop();
    m_impl->sweeps.stop();
    m_impl->history.stop();
    m_impl->settings.stop();
    m_impl->market.stop();
    m_impl->marketHistory.stop();
    m_impl->rest.stop();
    if (done)
        QMetaObject::invokeMethod(this, std::move(done), Qt::QueuedConnection);
}

} // namespace core::exchange::binance
