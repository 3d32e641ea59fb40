#include "core/runtime/engine.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/assert.h"
#include "core/market/order_book.h"

using namespace std::chrono_literals;

namespace core::runtime
{

namespace
{
constexpr auto kPublishEvery = 33ms;
constexpr auto kDepthEvery = 250ms;

template <class... Visitors> struct Overloaded : Visitors... {
    using Visitors::operator()...;
};
template <class... Visitors> Overloaded(Visitors...) -> Overloaded<Visitors...>;

[[nodiscard]] std::optional<Duration> ageAt(UtcTime now, const std::optional<UtcTime> &then)
{
    if (!then)
        return std::nullopt;
    return std::max(Duration{0}, now - *then);
}
} // namespace

Engine::Engine(const Clock &clock, EngineSetup setup, Channels &channels, RecordKeeper &records,
               std::int64_t lastAlertId)
    : m_clock(clock), m_setup(std::move(setup)), m_channels(channels), m_records(records), m_alerts(lastAlertId)
{
    m_account.account = m_setup.account;
    for (const Symbol &symbol : m_setup.symbols) {
        const InstrumentKey key{Venue::Binance, symbol};
        m_order.push_back(key);
        m_markets[key].view.key = key;
    }
    m_publishTimer.setInterval(kPublishEvery);
    m_depthTimer.setInterval(kDepthEvery);
    m_depthTimer.setTimerType(Qt::PreciseTimer);
    m_secondTimer.setInterval(1s);
    connect(&m_publishTimer, &QTimer::timeout, this, &Engine::publish);
    connect(&m_depthTimer, &QTimer::timeout, this, &Engine::sampleDepth);
    connect(&m_secondTimer, &QTimer::timeout, this, [this] {
        reportFreshness();
        if (m_records.state().pendingJobs == 0)
            m_storageTrouble = false; // the next refusal is a new episode
        feed(orders::TimerTick{});
        m_dirty = true; // ages grow
    });
}

Engine::~Engine() = default;

void Engine::start(std::unique_ptr<ports::ExchangeClient> client)
{
    CORE_ASSERT(!m_client, "REQUIRES: start is called once");
    m_client = std::move(client);
    if (!m_records.config(m_setup.account, m_clock.now(), risk::toToml(m_setup.config)))
        recordRefused();
    feed(orders::ConfigChange{m_setup.config});
    feed(orders::ArmingChange{m_setup.arming, m_setup.armedBy});
    m_client->start(*this, m_setup.symbols);
    m_publishTimer.start();
    m_depthTimer.start();
    m_secondTimer.start();
}

void Engine::handle(const Intent &intent)
{
    if (m_stopping)
        return;
    std::visit(Overloaded{[this](const SetArming &wish) {
                              feed(orders::ArmingChange{wish.arming, "user"});
                          },
                          [this](const Flatten &wish) {
                              feed(orders::FlattenIntent{wish.instrument, wish.by});
                          }},
               intent);
    m_dirty = true;
}

void Engine::say(orders::Severity severity, std::string code, std::string source, std::string text)
{
    alert({.at = stamp(),
           .severity = severity,
           .code = std::move(code),
           .source = std::move(source),
           .text = std::move(text)});
}

void Engine::stop(std::function<void()> done)
{
    m_stopping = true;
    m_secondTimer.stop();
    m_depthTimer.stop();
    if (!m_client) {
        done();
        return;
    }
    m_client->stop([this, done = std::move(done)] {
        m_publishTimer.stop();
        m_dirty = true;
        for (auto &[key, market] : m_markets)
            market.book = nullptr;
        publish();
        done();
    });
}

UtcTime Engine::stamp()
{
    // The journal's time never goes back, also when the wall clock does.
    m_lastStamp = std::max(m_lastStamp, m_clock.now());
    return m_lastStamp;
}

void Engine::feed(orders::GuardInput input)
{
    const orders::GuardInputRecord record{stamp(), std::move(input)};
    bool stored = m_records.journal(JournalKind::Input, record.at, orders::encode(record));
    std::vector<orders::GuardOutput> decisions;
    m_guard.apply(record, decisions);
    // Every record goes to the storage thread before its request goes to the socket; nobody waits for the disk.
    for (const orders::GuardOutput &decision : decisions)
        stored = m_records.journal(JournalKind::Decision, record.at, orders::encode(decision)) && stored;
    for (const orders::GuardOutput &decision : decisions)
        carryOut(decision);
    if (!stored)
        recordRefused();
    m_dirty = m_dirty || !decisions.empty();
}

void Engine::carryOut(const orders::GuardOutput &output)
{
    std::visit(Overloaded{
                   [this](const orders::RaiseAlert &raised) {
                       alert({.at = m_lastStamp,
                              .severity = raised.severity,
                              .code = raised.code,
                              .source = "risk",
                              .instrument = raised.instrument,
                              .decisionId = raised.decisionId,
                              .text = raised.text});
                   },
                   [](const orders::Verdict &) {}, // a journal record; its alert comes by itself
                   [this](const orders::SendOrder &send) { m_client->submit(send.order); },
                   [this](const orders::CancelOrder &cancel) { m_client->cancel(cancel.instrument, cancel.order); },
                   [this](const orders::QueryOrder &query) { m_client->queryOrder(query.instrument, query.order); },
                   [this](const orders::QueryPositions &) { m_client->queryPositions(); },
                   [](const orders::ActionVerified &) {},
               },
               output);
}

void Engine::alert(AlertRow row)
{
    row = m_alerts.admit(std::move(row));
    row.record = m_records.alert(row);
    // A feed that nobody empties is full: the alert is on disk, and the screen reads it from there at the next start.
    static_cast<void>(m_channels.alerts.push(row).accepted);
    m_dirty = true;
}

void Engine::recordRefused()
{
    if (m_storageTrouble)
        return; // said already in this episode
    m_storageTrouble = true;
    alert({.at = stamp(),
           .severity = orders::Severity::Critical,
           .code = "record-refused",
           .source = "storage",
           .text = "The queue to the disk is full: guarding goes on, but what happens now is not recorded."});
}

Engine::Market &Engine::marketOf(const InstrumentKey &instrument)
{
    auto [found, isNew] = m_markets.try_emplace(instrument);
    if (isNew) {
        found->second.view.key = instrument;
        m_order.push_back(instrument);
    }
    return found->second;
}

void Engine::onStreamStatus(const ports::StreamStatus &status)
{
    ports::StreamStatus &known = m_streams[status.name];
    const bool was = known.freshness == Freshness::Fresh;
    const bool is = status.freshness == Freshness::Fresh;
    const bool wasEverLive = m_everLive.contains(status.name);
    if (is)
        m_everLive.insert(status.name);
    if (wasEverLive && was != is) {
        alert({.at = stamp(),
               .severity = is ? orders::Severity::Info : orders::Severity::Warning,
               .code = is ? "stream-live" : "stream-" + std::string(name(status.freshness)),
               .source = "connection",
               .text = is ? fmt::format("{} is live again.", status.name)
                          : fmt::format("{} is {}{}{}.", status.name, name(status.freshness),
                                        status.lastError.empty() ? "" : ": ", status.lastError)});
    }
    known = status;
    m_dirty = true;
}

void Engine::onRequestBudget(const ports::RequestBudget &budget)
{
    m_budget = budget;
    m_dirty = true;
}

void Engine::onInstrument(const Instrument &instrument)
{
    Market &market = marketOf(instrument.key);
    market.view.instrument = instrument;
    if (!market.history)
        market.history = std::make_unique<market::DepthHistory>(market::DepthHistory::Config{});
    if (!m_records.instrument(instrument))
        recordRefused();
    feed(orders::InstrumentReport{instrument});
    if (onDescribed)
        onDescribed(instrument, m_order.front() == instrument.key);
    m_dirty = true;
}

void Engine::onBook(const InstrumentKey &instrument, const market::OrderBook &book, Freshness freshness, UtcTime,
                    UtcTime receivedAt)
{
    Market &market = marketOf(instrument);
    market.book = &book;
    market.view.book = freshness;
    market.bookChangedAt = receivedAt;
    m_dirty = true;
}

void Engine::onTrade(const Trade &trade)
{
    Market &market = marketOf(trade.instrument);
    market.view.lastTrade = trade;
    market.view.trades = Freshness::Fresh;
    const bool shown = !m_order.empty() && m_order.front() == trade.instrument;
    if (shown)
        static_cast<void>(m_channels.screenTrades.push(trade).wake); // the screen wakes with the next snapshot
    if (m_channels.analysisTrades.push(trade).wake && m_channels.wakeAnalysis)
        m_channels.wakeAnalysis();
    m_dirty = true;
}

void Engine::onBestQuote(const BestQuote &)
{
    // The book carries the same prices; the client compares the two and reports Diverged.
}

void Engine::onMark(const MarkPrice &mark)
{
    Market &market = marketOf(mark.instrument);
    market.view.markPrice = mark;
    market.markReceivedAt = mark.receivedAt;
    reportFreshness();
    feed(orders::MarkTick{mark.instrument, mark.mark, mark.venueTime});
    refreshAccountView();
}

void Engine::onAccount(const AccountSnapshot &account, Source)
{
    m_venueTotals = account;
    m_venueTotals->account = m_setup.account;
    m_accountHeardAt = account.receivedAt;
    reportFreshness();
    if (!m_records.account(*m_venueTotals))
        recordRefused();
    feed(orders::AccountReport{*m_venueTotals});
    refreshAccountView();
}

void Engine::onPositions(const std::vector<Position> &positions, Source source, bool complete)
{
    const auto keyOf = [](const Position &position) { return std::pair{position.instrument, position.positionSide}; };
    if (complete) {
        for (auto &[key, known] : m_positions) {
            const bool listed = std::any_of(positions.begin(), positions.end(),
                                            [&, &id = key](const Position &position) { return keyOf(position) == id; });
            if (listed || known.isFlat())
                continue;
            known.quantity = Quantity{};
            if (!m_records.position(m_setup.account, known))
                recordRefused();
        }
        m_account.positionsKnown = true;
        m_account.positionsAnsweredAt = m_clock.now();
    }
    for (const Position &position : positions) {
        m_positions[keyOf(position)] = position;
        if (!m_records.position(m_setup.account, position))
            recordRefused();
        m_accountHeardAt = position.receivedAt;
    }
    if (complete && positions.empty())
        m_accountHeardAt = m_clock.now();
    reportFreshness();
    feed(orders::PositionsReport{positions, source, complete});
    refreshAccountView();
}

void Engine::onOrder(const OrderUpdate &order, Source source)
{
    if (isFinal(order.status))
        m_openOrders.erase(order.clientOrderId);
    else
        m_openOrders[order.clientOrderId] = order;
    if (!m_records.order(m_setup.account, order))
        recordRefused();
    feed(orders::OrderReport{order, source});
    refreshAccountView();
}

void Engine::onFill(const Fill &fill, Source source)
{
    if (!m_records.fill(m_setup.account, fill))
        recordRefused();
    feed(orders::FillReport{fill, source});
    if (source == Source::Stream) {
        const auto &instrument = marketOf(fill.instrument).view.instrument;
        const int places = instrument ? decimalPlaces(instrument->tickSize.raw()) : 8;
        const bool printable = fill.price.raw() % (instrument ? instrument->tickSize.raw() : 1) == 0;
        alert({.at = stamp(),
               .severity = orders::Severity::Info,
               .code = "fill",
               .source = "account",
               .instrument = fill.instrument,
               .text = fmt::format("{} {} {} at {}, fee {} {}.", fill.side == Side::Buy ? "Bought" : "Sold",
                                   fill.quantity.text(), fill.instrument.symbol.view(),
                                   printable ? decimalTextFixed(fill.price.raw(), places) : fill.price.text(),
                                   fill.fee.text(), fill.feeAsset.view())});
    }
}

void Engine::onRequestOutcome(const ClientOrderId &order, ports::RequestOutcome outcome, const Error &error)
{
    feed(orders::OutcomeReport{order, outcome, error.code, error.detail});
}

void Engine::onOrderAbsent(const ClientOrderId &order)
{
    m_openOrders.erase(order);
    feed(orders::OrderAbsentReport{order});
    refreshAccountView();
}

void Engine::onReconciled()
{
    reportFreshness();
    feed(orders::ReconciledReport{});
    alert({.at = stamp(),
           .severity = orders::Severity::Info,
           .code = "reconciled",
           .source = "connection",
           .text = "Orders, positions and balances agree with the venue."});
}

void Engine::onReconciliationLost(const Error &why)
{
    feed(orders::ReconciliationLostReport{});
    alert({.at = stamp(),
           .severity = orders::Severity::Warning,
           .code = "reconciliation-lost",
           .source = "connection",
           .text = fmt::format("The account view is not trustworthy until the venue was asked again: {}.", why.detail)});
}

void Engine::reportFreshness()
{
    const UtcTime now = m_clock.now();
    for (auto &[key, market] : m_markets) {
        Freshness state = Freshness::Connecting;
        if (const auto age = ageAt(now, market.markReceivedAt))
            state = *age <= m_setup.config.markStaleAfter ? Freshness::Fresh : Freshness::Stale;
        market.view.mark = state;
        if (state != market.reportedMark) {
            market.reportedMark = state;
            feed(orders::FreshnessReport{key, state});
        }
    }
    Freshness account = Freshness::Connecting;
    if (const auto age = ageAt(now, m_accountHeardAt))
        account = *age <= m_setup.config.accountStaleAfter ? Freshness::Fresh : Freshness::Stale;
    m_account.freshness = account;
    if (account != m_reportedAccount) {
        m_reportedAccount = account;
        feed(orders::FreshnessReport{std::nullopt, account});
    }
}

void Engine::sampleDepth()
{
    if (m_order.empty())
        return;
    Market &market = m_markets[m_order.front()];
    if (!market.book || !market.history)
        return;
    if (auto column = market.history->sample(*market.book, market.view.book, m_clock.now())) {
        static_cast<void>(m_channels.columns.push(std::move(column)).wake); // the screen wakes with the next snapshot
        m_dirty = true;
    }
}

void Engine::refreshAccountView()
{
    m_account.positions.clear();
    Money unrealized;
    bool allKnown = true;
    for (auto &[key, position] : m_positions) {
        if (position.isFlat())
            continue;
        const Market &market = marketOf(position.instrument);
        if (market.view.mark == Freshness::Fresh && market.view.markPrice)
            position.markPrice = market.view.markPrice->mark;
        if (position.markPrice) {
            const std::int64_t move = position.direction == Direction::Long
                                          ? position.markPrice->raw() - position.entryPrice.raw()
                                          : position.entryPrice.raw() - position.markPrice->raw();
            if (const auto pnl = notional(Price::fromRaw(move), position.quantity, Rounding::HalfEven))
                position.unrealizedPnl = *pnl;
        }
        const auto sum = position.unrealizedPnl ? add(unrealized, *position.unrealizedPnl)
                                                : Result<Money>(fail(ErrorCode::NotFound, "no mark yet"));
        allKnown = allKnown && sum.has_value();
        if (sum)
            unrealized = *sum;
        m_account.positions.push_back(position);
    }
    m_account.totals = m_venueTotals;
    if (m_account.totals && allKnown) {
        m_account.totals->unrealizedPnl = unrealized;
        if (const auto equity = add(m_account.totals->walletBalance, unrealized))
            m_account.totals->equity = *equity;
    }
    m_account.openOrders.clear();
    for (const auto &[id, order] : m_openOrders)
        m_account.openOrders.push_back(order);
    m_dirty = true;
}

void Engine::publish()
{
    if (!m_dirty)
        return;
    m_dirty = false;
    const UtcTime now = m_clock.now();
    auto snapshot = std::make_shared<TerminalSnapshot>();
    snapshot->sequence = ++m_sequence;
    snapshot->at = now;
    snapshot->mode = m_setup.mode;
    snapshot->version = m_setup.version;
    for (const InstrumentKey &key : m_order) {
        Market &market = m_markets[key];
        market.view.bookAge = ageAt(now, market.bookChangedAt);
        market.view.markAge = ageAt(now, market.markReceivedAt);
        market.view.bids.clear();
        market.view.asks.clear();
        if (market.book) {
            market.book->copyLevels(Side::Buy, kLadderLevels, market.view.bids);
            market.book->copyLevels(Side::Sell, kLadderLevels, market.view.asks);
        }
        snapshot->markets.push_back(market.view);
    }
    m_account.age = ageAt(now, m_accountHeardAt);
    snapshot->account = m_account;
    snapshot->guard = m_guard.view();
    for (const auto &[streamName, status] : m_streams)
        snapshot->streams.push_back(status);
    snapshot->budget = m_budget;
    snapshot->storage = m_records.state();
    if (m_channels.snapshot.put(std::move(snapshot)) && m_channels.wakeScreen)
        m_channels.wakeScreen();
}

} // namespace core::runtime
