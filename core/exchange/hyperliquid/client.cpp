#include "core/exchange/hyperliquid/client.h"

#include <algorithm>
#include <set>

#include <QtCore/QTimer>

#include "core/base/assert.h"
#include "core/exchange/hyperliquid/account_sync.h"
#include "core/exchange/hyperliquid/client_history.h"
#include "core/exchange/hyperliquid/client_instruments.h"
#include "core/exchange/hyperliquid/client_settings.h"
#include "core/exchange/hyperliquid/market_streams.h"
#include "core/risk/approved.h"

namespace core::exchange::hyperliquid
{

struct HyperliquidClient::Impl {
    Impl(HyperliquidClient &owner, ClientOptions given, const Clock &time)
        : q(owner), options(std::move(given)), clock(time), rest(options, clock, nullptr),
          listing(rest, nullptr), actions(options, clock, rest, nullptr), market(options, clock, nullptr),
          orders(
              options, clock, rest, actions, listing.table(),
              [this](const Symbol &symbol) { return surroundings(symbol); }, nullptr),
          account(options, clock, rest, actions, orders, listing.table(), nullptr),
          settings(rest, actions, listing.table(), nullptr), history(rest, clock, nullptr),
          backoff(options.timings.reconnectMin, options.timings.reconnectMax, options.seed ^ 0x1157UL)
    {
        refresh.setSingleShot(true);
        QObject::connect(&refresh, &QTimer::timeout, &q, [this] { loadInstruments(); });
        QObject::connect(&rest, &InfoGateway::budgetChanged, &q, [this](const ports::RequestBudget &budget) {
            later([this, budget] { listener->onRequestBudget(budget); });
        });
        QObject::connect(&account, &AccountSync::connected, &q, [this] { loadInstruments(); });
        QObject::connect(&rest, &InfoGateway::statusChanged, &q, [this](const ports::StreamStatus &status) {
            if (listener)
                listener->onStreamStatus(status);
        });
    }

    HyperliquidClient &q;
    ClientOptions options;
    const Clock &clock;
    InfoGateway rest;
    ClientInstruments listing;
    ActionChannel actions;
    MarketStreams market;
    OrderChannel orders;
    AccountSync account;
    ClientSettings settings;
    ClientHistory history;
    net::Backoff backoff;
    QTimer refresh;
    ports::ExchangeListener *listener{nullptr};
    std::vector<Symbol> symbols;
    std::map<Symbol, Instrument> known;
    std::set<std::pair<Symbol, Duration>> candleWishes;
    bool started{false};
    bool accountStarted{false};
    std::optional<Error> unusable; ///< why nothing was started
    std::vector<ports::Done<ports::KeyRights>> rightsWishes; ///< from before the account was started

    Surroundings surroundings(const Symbol &symbol) const
    {
        Surroundings around = market.surroundings(symbol);
        around.position = account.positionSize(symbol);
        return around;
    }

    /// From the event loop: a listener is never called from inside a call into the client.
    void later(std::function<void()> action)
    {
        QMetaObject::invokeMethod(
            &q,
            [this, action = std::move(action)] {
                if (listener)
                    action();
            },
            Qt::QueuedConnection);
    }

    template <class T> void refuse(ports::Done<T> done, Error why)
    {
        later([done = std::move(done), why = std::move(why)] { done(fail(why)); });
    }

    /// What makes a start senseless; the reason is told and nothing is connected.
    [[nodiscard]] Result<void> readOptions()
    {
        if (const auto agree = check(options.endpoints); !agree)
            return agree;
        if (options.address.empty())
            return {};
        const auto address = Address::parse(options.address);
        if (!address)
            return fail(address.error().in("account address"));
        options.address = address->text();
        settings.setAddress(options.address);
        history.setAddress(options.address);
        return actions.readKey();
    }

    void report(std::string name, std::string problem)
    {
        ports::StreamStatus status;
        status.venue = Venue::Hyperliquid;
        status.name = std::move(name);
        status.freshness = Freshness::Lost;
        status.lastError = std::move(problem);
        if (listener)
            listener->onStreamStatus(status);
    }

    void begin()
    {
        if (const auto readable = readOptions(); !readable) {
            // Whoever asks for something all the same is told why not.
            unusable = readable.error();
            rest.close(readable.error());
            orders.start(*listener, options.address);
            orders.block(Block::Key, readable.error());
            later([this, why = readable.error()] {
                report("client", why.detail);
                if (listener)
                    listener->onReconciliationLost(why);
            });
            return;
        }
        for (const Symbol &symbol : symbols)
            listing.want(symbol);
        orders.start(*listener, options.address);
        market.start(*listener);
        rest.start(actions.hasKey());
        loadInstruments();
    }

    void loadInstruments()
    {
        listing.load([this](const Result<void> &loaded) {
            if (!listener)
                return;
            if (!loaded) {
                report("instruments", loaded.error().detail);
                refresh.start(std::chrono::ceil<std::chrono::milliseconds>(backoff.next()));
                return;
            }
            backoff.reset();
            refresh.start(std::chrono::ceil<std::chrono::milliseconds>(options.timings.instrumentsEvery));
            takeInstruments();
        });
    }

    void listen(const ListedAsset &asset)
    {
        market.add(asset.instrument);
        for (const auto &[symbol, length] : candleWishes) {
            if (symbol == asset.instrument.key.symbol)
                static_cast<void>(market.watchCandles(symbol, length, true));
        }
    }

    void takeInstruments()
    {
        for (const Symbol &symbol : std::vector(symbols)) {
            const ListedAsset *asset = listing.table().find(symbol);
            if (!asset || asset->delisted)
                report("book " + symbol.string(),
                       "the venue lists no contract " + symbol.string() + (asset ? " any more" : ""));
            if (!asset || !listener)
                continue;
            if (!asset->delisted)
                listen(*asset);
            const auto before = known.find(symbol);
            if (before != known.end() && before->second == asset->instrument)
                continue;
            known[symbol] = asset->instrument;
            listener->onInstrument(asset->instrument);
        }
        if (!listener || options.address.empty() || std::exchange(accountStarted, true))
            return;
        orders.dexes = listing.dexes();
        account.start(*listener, options.address, listing.dexes());
        for (auto &done : std::exchange(rightsWishes, {}))
            account.keyRights(std::move(done));
    }
};

HyperliquidClient::HyperliquidClient(ClientOptions options, const Clock &clock, QObject *parent)
    : QObject(parent), m_impl(std::make_unique<Impl>(*this, std::move(options), clock))
{
}

HyperliquidClient::~HyperliquidClient() = default;

void HyperliquidClient::start(ports::ExchangeListener &listener, const std::vector<Symbol> &symbols)
{
    CORE_ASSERT(!m_impl->started, "REQUIRES: started once");
    m_impl->started = true;
    m_impl->listener = &listener;
    m_impl->symbols = symbols;
    m_impl->begin();
}

void HyperliquidClient::stop(std::function<void()> done)
{
    m_impl->listener = nullptr;
    m_impl->refresh.stop();
    m_impl->account.stop();
    m_impl->orders.stop();
    m_impl->actions.stop();
    m_impl->market.stop();
    m_impl->rest.stop();
    if (done)
        QMetaObject::invokeMethod(this, std::move(done), Qt::QueuedConnection);
}

void HyperliquidClient::submit(const risk::Approved<OrderRequest> &order)
{
    if (m_impl->listener)
        m_impl->orders.submit({order.request()});
}

std::uint64_t HyperliquidClient::sentReady() const { return m_impl->actions.sentReady(); }

void HyperliquidClient::keepReady(const std::vector<OrderRequest> &orders)
{
    if (m_impl->listener)
        m_impl->orders.keepReady(orders);
}

void HyperliquidClient::submitBatch(const std::vector<risk::Approved<OrderRequest>> &orders)
{
    std::vector<OrderRequest> requests;
    for (const auto &order : orders)
        requests.push_back(order.request());
    if (m_impl->listener)
        m_impl->orders.submit(requests);
}

void HyperliquidClient::modify(const risk::Approved<OrderChange> &change)
{
    if (m_impl->listener)
        m_impl->orders.modify(change.request());
}

void HyperliquidClient::cancel(const InstrumentKey &instrument, const ClientOrderId &order)
{
    if (m_impl->listener)
        m_impl->orders.cancel(instrument, order);
}

void HyperliquidClient::cancelAll(const std::optional<InstrumentKey> &instrument, ports::Done<void> done)
{
    if (!m_impl->actions.hasKey())
        return m_impl->refuse(std::move(done), Error{ErrorCode::Unauthorized, "no agent key was given"});
    m_impl->orders.cancelAll(instrument, std::move(done));
}

void HyperliquidClient::queryOrder(const InstrumentKey &instrument, const ClientOrderId &order)
{
    if (m_impl->listener)
        m_impl->orders.query(instrument, order);
}

void HyperliquidClient::queryPositions()
{
    if (m_impl->listener)
        m_impl->account.queryPositions();
}

void HyperliquidClient::queryFills(const InstrumentKey &)
{
    if (m_impl->listener)
        m_impl->account.queryFills(); // the venue answers for all coins at once
}

void HyperliquidClient::setLeverage(const InstrumentKey &instrument, int leverage, ports::Done<void> done)
{
    m_impl->settings.setLeverage(instrument.symbol, leverage, std::move(done));
}

void HyperliquidClient::setMarginMode(const InstrumentKey &instrument, MarginMode mode, ports::Done<void> done)
{
    m_impl->settings.setMarginMode(instrument.symbol, mode, std::move(done));
}

void HyperliquidClient::setDeadMan(const InstrumentKey &, std::optional<Duration> after, ports::Done<void> done)
{
    m_impl->settings.setDeadMan(after, std::move(done));
}

void HyperliquidClient::keyRights(ports::Done<ports::KeyRights> done)
{
    if (m_impl->options.address.empty() || !m_impl->started)
        return m_impl->refuse(std::move(done), Error{ErrorCode::Unavailable, "no account is connected"});
    if (m_impl->unusable)
        return m_impl->refuse(std::move(done), *m_impl->unusable);
    if (!m_impl->accountStarted)
        m_impl->rightsWishes.push_back(std::move(done)); // the listing is on its way
    else
        m_impl->account.keyRights(std::move(done));
}

void HyperliquidClient::feeRates(const InstrumentKey &instrument, ports::Done<FeeRates> done)
{
    if (m_impl->options.address.empty() || !m_impl->accountStarted)
        return m_impl->refuse(std::move(done), Error{ErrorCode::Unavailable, "no account is connected"});
    m_impl->account.feeRates(instrument, std::move(done));
}

void HyperliquidClient::instruments(ports::Done<std::vector<Instrument>> done)
{
    m_impl->listing.load([this, done = std::move(done)](const Result<void> &loaded) {
        if (!m_impl->listener)
            return;
        if (!loaded)
            return done(fail(loaded.error()));
        std::vector<Instrument> all;
        for (const ListedAsset &asset : m_impl->listing.table().all())
            all.push_back(asset.instrument);
        done(std::move(all));
    });
}

void HyperliquidClient::addSymbols(const std::vector<Symbol> &symbols)
{
    for (const Symbol &symbol : symbols) {
        if (std::find(m_impl->symbols.begin(), m_impl->symbols.end(), symbol) != m_impl->symbols.end())
            continue;
        m_impl->symbols.push_back(symbol);
        m_impl->listing.want(symbol);
    }
    if (m_impl->listener)
        m_impl->loadInstruments();
}

void HyperliquidClient::removeSymbols(const std::vector<Symbol> &symbols)
{
    for (const Symbol &symbol : symbols) {
        std::erase(m_impl->symbols, symbol);
        m_impl->known.erase(symbol);
        m_impl->market.remove(symbol);
    }
}

void HyperliquidClient::watchCandles(const InstrumentKey &instrument, Duration length, bool on)
{
    const std::pair wish{instrument.symbol, length};
    if (on)
        m_impl->candleWishes.insert(wish);
    else
        m_impl->candleWishes.erase(wish);
    if (m_impl->market.watchCandles(instrument.symbol, length, on) || !on || !m_impl->known.contains(instrument.symbol))
        return;
    m_impl->later([this, name = "candles " + instrument.symbol.string()] {
        m_impl->report(name, "the venue has no candles of this length");
    });
}

void HyperliquidClient::candles(const InstrumentKey &instrument, Duration length, ports::TimeRange range,
                                ports::Done<std::vector<Candle>> done)
{
    m_impl->history.candles(instrument.symbol, length, range, std::move(done));
}

void HyperliquidClient::trades(const InstrumentKey &instrument, ports::TimeRange range,
                               ports::Done<std::vector<Trade>> done)
{
    m_impl->history.trades(instrument.symbol, range, std::move(done));
}

void HyperliquidClient::fundingRates(const InstrumentKey &instrument, ports::TimeRange range,
                                     ports::Done<std::vector<FundingRate>> done)
{
    m_impl->history.fundingRates(instrument.symbol, range, std::move(done));
}

void HyperliquidClient::fills(const InstrumentKey &instrument, ports::TimeRange range,
                              ports::Done<std::vector<Fill>> done)
{
    m_impl->history.fills(instrument.symbol, range, [this, done = std::move(done)](Result<std::vector<Fill>> fills) {
        if (!m_impl->listener)
            return;
        if (fills) {
            for (Fill &fill : *fills)
                fill.clientOrderId = m_impl->orders.nameOf(fill);
        }
        done(std::move(fills));
    });
}

void HyperliquidClient::fundingPayments(ports::TimeRange range, ports::Done<std::vector<FundingPayment>> done)
{
    m_impl->history.fundingPayments(range, std::move(done));
}

void HyperliquidClient::transfers(ports::TimeRange range, ports::Done<std::vector<Transfer>> done)
{
    m_impl->history.transfers(range, std::move(done));
}

void HyperliquidClient::accountPast(ports::TimeRange range, const std::vector<InstrumentKey> &,
                                    ports::Done<ports::AccountPast> done)
{
    m_impl->history.past(range, [this, done = std::move(done)](Result<ports::AccountPast> past) {
        if (m_impl->listener)
            done(std::move(past));
    });
}

ports::Capabilities HyperliquidClient::capabilities() const
{
    return {.nativeTrailing = false,
            .conditionalOrders = true,
            .deadManTimer = !m_impl->settings.deadManLocked(),
            .deadManPerInstrument = false,
            .deadManKillsStops = true,
            .hedgeMode = false,
            .signsAhead = m_impl->actions.hasKey(),
            .modifyKeepsOrderId = false,
            .triggerByLast = false,
            .batchMax = kActionItemsMax,
            .symbolsMax = 200};
}

} // namespace core::exchange::hyperliquid
