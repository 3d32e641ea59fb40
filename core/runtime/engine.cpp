#include "core/runtime/engine.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/assert.h"
#include "core/base/overloaded.h"
#include "core/runtime/engine_link.h"

using namespace std::chrono_literals;

namespace core::runtime
{

namespace
{
constexpr auto kPublishEvery = 33ms;
constexpr auto kDepthEvery = 250ms;
constexpr auto kPrepareAfter = 1ms; ///< after a fact: many come together
constexpr Duration kHistoryEvery = std::chrono::minutes{1};
orders::DeadManReport deadManReport(const orders::SetDeadMan &timer, const Result<void> &result)
{
    orders::DeadManReport report{.account = timer.account,
                                 .instrument = timer.instrument,
                                 .after = timer.after,
                                 .outcome = RequestOutcome::Accepted,
                                 .code = ErrorCode::TimedOut,
                                 .detail = {}};
    if (result)
        return report;
    const bool refused = result.error().code == ErrorCode::Rejected || result.error().code == ErrorCode::Unsupported ||
                         result.error().code == ErrorCode::InvalidArgument || result.error().code == ErrorCode::Unauthorized;
    report.outcome = refused ? RequestOutcome::Rejected : RequestOutcome::Unknown;
    report.code = result.error().code;
    report.detail = result.error().detail;
    return report;
}
} // namespace

Engine::Engine(const Clock &clock, EngineSetup setup, Channels &channels, RecordKeeper &records,
               std::int64_t lastAlertId)
    : m_clock(clock), m_setup(std::move(setup)), m_channels(channels), m_records(records), m_alerts(lastAlertId)
{
    for (const ClientSetup &client : m_setup.clients) {
        for (const Symbol &symbol : client.symbols)
            m_markets.expect({client.venue, symbol});
        m_streams.expect({.venue = client.venue,
                          .place = client.place,
                          .account = client.account,
                          .address = client.address,
                          .reach = VenueView::Reach::Trying,
                          .why = {},
                          .budget = {}});
        if (client.account) {
            const risk::Limits &limits = client.limits ? *client.limits : m_setup.limits;
            const auto shorter = [](Duration &patience, Duration asked) {
                patience = patience == Duration{0} ? asked : std::min(patience, asked);
            };
            shorter(m_markStaleAfter, limits.markStaleAfter);
            shorter(m_accountStaleAfter, limits.accountStaleAfter);
            m_accounts.emplace(client.venue, AccountBoard(client.label.empty() ? m_setup.account : client.label));
        }
    }
    if (m_accounts.empty())
        m_markStaleAfter = m_setup.limits.markStaleAfter;
    m_publishTimer.setInterval(kPublishEvery);
    m_depthTimer.setInterval(kDepthEvery);
    m_depthTimer.setTimerType(Qt::PreciseTimer);
    m_secondTimer.setInterval(1s);
    connect(&m_publishTimer, &QTimer::timeout, this, &Engine::publish);
    connect(&m_depthTimer, &QTimer::timeout, this, &Engine::sampleDepth);
    connect(&m_secondTimer, &QTimer::timeout, this, &Engine::everySecond);
    m_prepareTimer.setSingleShot(true);
    m_prepareTimer.setInterval(kPrepareAfter);
    connect(&m_prepareTimer, &QTimer::timeout, this, &Engine::prepareOrders);
}

Engine::~Engine() = default;

void Engine::start(std::vector<std::unique_ptr<ports::ExchangeClient>> clients)
{
    CORE_ASSERT(m_links.empty(), "REQUIRES: start is called once");
    CORE_ASSERT(clients.size() == m_setup.clients.size(), "REQUIRES: one client for each setup");
    m_startedAt = m_clock.now();
    m_streams.started(m_startedAt);
    for (const ClientSetup &client : m_setup.clients) {
        if (!client.account)
            continue;
        const risk::Limits &limits = client.limits ? *client.limits : m_setup.limits;
        noteRecord(m_records.config(client.label.empty() ? m_setup.account : client.label, m_startedAt, risk::toToml(limits)));
        feed(orders::LimitsChange{client.venue, limits});
        feed(orders::VenueHistoryReport{client.venue, false, "the venue has not been asked yet"});
    }
    if (m_setup.group)
        feed(orders::LimitsChange{std::nullopt, *m_setup.group});
    for (const risk::History &history : m_setup.histories)
        feed(orders::HistoryReport{history});
    feed(orders::ArmingChange{std::nullopt, m_setup.arming, m_setup.armedBy});
    for (std::size_t i = 0; i < clients.size(); ++i) {
        const ClientSetup &setup = m_setup.clients[i];
        CORE_ASSERT(clients[i]->venue() == setup.venue, "REQUIRES: clients in the order of their setups");
        for (const auto &other : m_links) {
            CORE_ASSERT(other->client().venue() != setup.venue, "REQUIRES: one client per venue");
        }
        m_links.push_back(std::make_unique<Link>(*this, setup, std::move(clients[i])));
    }
    m_clientsUp = m_links.size();
    if (const auto shown = m_markets.shown(); shown && onShown)
        onShown(*shown);
    for (const auto &link : m_links)
        link->start();
    m_publishTimer.start();
    m_depthTimer.start();
    m_secondTimer.start();
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
    m_prepareTimer.stop();
    m_secondTimer.stop();
    m_depthTimer.stop();
    if (m_links.empty()) {
        done();
        return;
    }
    for (const auto &link : m_links) {
        link->client().stop([this, done] {
            if (--m_clientsUp > 0)
                return;
            m_publishTimer.stop();
            m_dirty = true;
            m_markets.forgetBooks();
            publish();
            done();
        });
    }
}

UtcTime Engine::stamp()
{
    // The journal's time never goes back, also when the wall clock does.
    m_lastStamp = std::max(m_lastStamp, m_clock.now());
    return m_lastStamp;
}

void Engine::feed(orders::GuardInput input)
{
    if (m_feeding) {
        // Heard while a decision was carried out: after it, so that the journal holds each input with all its decisions.
        m_inputs.push_back(std::move(input));
        return;
    }
    m_feeding = true;
    take({stamp(), std::move(input)});
    for (; !m_inputs.empty(); m_inputs.pop_front())
        take({stamp(), std::move(m_inputs.front())});
    m_feeding = false;
}

void Engine::take(const orders::GuardInputRecord &record)
{
    bool stored = m_records.journal(JournalKind::Input, record.at, orders::encode(record));
    m_decisions.clear();
    std::size_t done = 0;
    const auto carryOutRest = [&] {
        // Each record goes to the storage thread before its request goes to the socket; nobody waits for the disk.
        for (; done < m_decisions.size(); ++done) {
            stored = m_records.journal(JournalKind::Decision, record.at, orders::encode(m_decisions[done])) && stored;
            if (mayLeave(m_decisions[done]))
                carryOut(m_decisions[done]);
            else
                turnBack(m_decisions[done]);
        }
    };
    m_guard.decide(record, m_decisions);
    carryOutRest();
    m_guard.finish(m_decisions); // and the words, when the orders are on their way
    carryOutRest();
    noteRecord(stored);
    m_dirty = m_dirty || !m_decisions.empty();
    const bool isTick = std::holds_alternative<orders::MarkTick>(record.input);
    if ((!isTick || !m_decisions.empty()) && !m_stopping && !m_prepareTimer.isActive())
        m_prepareTimer.start();
}

/// What may have to be sent next is signed while nothing else is to be done.
void Engine::prepareOrders()
{
    for (const auto &link : m_links) {
        if (link->hasAccount() && link->client().capabilities().signsAhead)
            link->client().keepReady(m_guard.foreseen(link->client().venue()));
    }
}

ports::ExchangeClient *Engine::accountClient(Venue venue) const
{
    const auto found = std::find_if(m_links.begin(), m_links.end(), [venue](const auto &link) {
        return link->hasAccount() && link->client().venue() == venue;
    });
    return found == m_links.end() ? nullptr : &(*found)->client();
}

bool Engine::hasAccount() const { return !m_accounts.empty(); }

void Engine::carryOut(const orders::GuardOutput &output)
{
    // Only reports of an account lead to requests, and they need its client.
    const auto with = [this](Venue venue, auto act) {
        ports::ExchangeClient *client = accountClient(venue);
        CORE_ASSERT(client != nullptr, "Invariant: no request without an account");
        act(*client);
    };
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
                   [&](const orders::SendOrder &send) { with(send.order.request().instrument.venue, [&](auto &to) { to.submit(send.order); }); },
                   [&](const orders::CancelOrder &cancel) {
                       with(cancel.instrument.venue, [&](auto &to) { to.cancel(cancel.instrument, cancel.order); });
                   },
                   [&](const orders::QueryOrder &query) {
                       with(query.instrument.venue, [&](auto &to) { to.queryOrder(query.instrument, query.order); });
                   },
                   [&](const orders::QueryPositions &query) { with(query.account, [](auto &to) { to.queryPositions(); }); },
                   [](const orders::ActionVerified &) {},
                   [&](const orders::ChangeOrder &change) {
                       with(change.change.request().instrument.venue, [&](auto &to) { to.modify(change.change); });
                   },
                   [&](const orders::CancelAllOrders &cancel) {
                       with(cancel.account, [&](auto &to) { to.cancelAll(cancel.instrument, [](const Result<void> &) {}); });
                   },
                   [&](const orders::SetDeadMan &timer) {
                       with(timer.account, [&](auto &to) {
                           to.setDeadMan(timer.instrument.value_or(InstrumentKey{timer.account, {}}), timer.after,
                                         [this, timer](const Result<void> &result) { feed(deadManReport(timer, result)); });
                       });
                   },
                   [this](const orders::IntentAccepted &answer) { answered({.id = answer.intent, .accepted = true, .advice = answer.advice}); },
                   [this](const orders::IntentRefused &refusal) {
                       refused(refusal);
                       answered({.id = refusal.intent, .accepted = false, .reasons = refusal.reasons});
                   },
                   [this](const orders::LockoutRecord &record) {
                       const auto &account = record.lockout.account;
                       noteRecord(m_records.lockout(account ? std::optional(labelOf(*account)) : std::nullopt,
                                                    record.lockout,
                                                    record.ended ? std::optional(m_lastStamp) : std::nullopt));
                   },
                   [this](const orders::FindingRecord &record) {
                       noteRecord(m_records.finding(labelOf(record.account), record.finding));
                   },
                   [this](const orders::PlanRecord &record) {
                       noteRecord(m_records.plan(labelOf(record.plan.position.instrument.venue), record.plan));
                   },
                   [this](const orders::CoverRecord &record) {
                       noteRecord(m_records.naked(labelOf(record.account), record.day, record.nakedNotionalSeconds));
                   },
               },
               output);
}

const AccountId &Engine::labelOf(Venue venue) const
{
    for (const ClientSetup &client : m_setup.clients) {
        if (client.venue == venue && !client.label.empty())
            return client.label;
    }
    return m_setup.account;
}

void Engine::refused(const orders::IntentRefused &refusal)
{
    std::string text = "The order was refused.";
    for (const orders::IntentRefused::Reason &reason : refusal.reasons)
        text += ' ' + reason.text;
    say(orders::Severity::Warning, "order-refused", "risk", std::move(text));
}

void Engine::keepHistory()
{
    const UtcTime now = stamp();
    if (now < m_historyAt)
        return;
    m_historyAt = now + kHistoryEvery;
    for (auto &[venue, board] : m_accounts) {
        const AccountView view = board.view(now);
        if (view.freshness != Freshness::Fresh || !view.totals)
            continue;
        noteRecord(m_records.equity(labelOf(venue), {venue, now, view.totals->equity}));
        const risk::History history = m_guard.history(venue);
        if (history.nav && history.peakNav)
            noteRecord(m_records.nav(labelOf(venue), now, *history.nav, *history.peakNav));
    }
}

/// Each second what has changed: a trailing stop may stand a second of the market lower after a crash, not more.
void Engine::keepMemory()
{
    for (const auto &[venue, board] : m_accounts) {
        risk::History memory = m_guard.memory(venue);
        risk::History &kept = m_memories[venue];
        if (memory == kept)
            continue;
        kept = std::move(memory);
        noteRecord(m_records.memory(labelOf(venue), kept));
    }
}

void Engine::alert(AlertRow row)
{
    row = m_alerts.admit(std::move(row));
    row.record = m_records.alert(row);
    // A feed that nobody empties is full: the alert is on disk, and the screen reads it from there at the next start.
    static_cast<void>(m_channels.alerts.push(row).accepted);
    m_dirty = true;
}

void Engine::noteRecord(bool stored)
{
    if (stored || m_storageTrouble)
        return; // said already in this episode
    m_storageTrouble = true;
    say(orders::Severity::Critical, "record-refused", "storage",
        "The queue to the disk is full: guarding goes on, but what happens now is not recorded.");
}

void Engine::everySecond()
{
    judgeFreshness();
    static_cast<void>(m_streams.judge(m_clock.now()));
    for (AlertRow &row : m_streams.takeUnreached()) {
        row.at = stamp();
        alert(std::move(row));
    }
    for (const auto &link : m_links)
        link->askFees(m_clock.now());
    fallBackToLive();
    for (const auto &link : m_links)
        link->askPast();
    if (m_records.state().pendingJobs == 0)
        m_storageTrouble = false; // the next refusal is a new episode
    if (hasAccount())
        feed(orders::TimerTick{});
    keepHistory();
    keepMemory();
    for (const auto &[venue, board] : m_accounts)
        m_sizing.onHistory(m_guard.history(venue));
    m_dirty = true; // ages grow
}

void Engine::judgeFreshness()
{
    const UtcTime now = m_clock.now();
    // The venues' marks age alike: the shortest patience of any account.
    for (const auto &[instrument, state] : m_markets.judgeMarks(now, m_markStaleAfter)) {
        if (m_accounts.contains(instrument.venue))
            feed(orders::FreshnessReport{instrument.venue, instrument, state});
    }
    for (auto &[venue, board] : m_accounts) {
        if (const auto state = board.judge(now, m_accountStaleAfter))
            feed(orders::FreshnessReport{venue, std::nullopt, *state});
    }
}

void Engine::refreshAccountView()
{
    for (auto &[venue, board] : m_accounts)
        board.refresh(m_markets);
    m_dirty = true;
}

void Engine::show(const InstrumentKey &instrument)
{
    if (m_markets.isShown(instrument) || !m_markets.show(instrument))
        return;
    // What waits for the screen belongs to the market that was left.
    static_cast<void>(m_channels.columns.takeAll());
    static_cast<void>(m_channels.screenTrades.takeAll());
    if (onShown)
        onShown(instrument);
    m_dirty = true;
    publish(); // first, so that the screen knows whose columns these are
    m_markets.replay(m_channels.columns);
}

/// One venue answers and the other does not: the one that does is shown, until a person chooses.
void Engine::fallBackToLive()
{
    const auto shown = m_markets.shown();
    if (m_marketChosen || !shown || m_clock.now() - m_startedAt < kFallBackAfter)
        return;
    const MarketSnapshot *market = m_markets.find(*shown);
    if (market->bookAge || market->book == Freshness::Fresh) {
        m_marketChosen = true; // it came to life: from here on it stays, also when it is lost
        return;
    }
    if (const auto live = m_markets.firstLive()) {
        m_marketChosen = true;
        show(*live);
    }
}

void Engine::sampleDepth()
{
    if (m_markets.sample(m_clock.now(), m_channels.columns))
        m_dirty = true;
}

/// All accounts as one: with a single one, that one.
AccountView Engine::accountView(UtcTime now)
{
    if (m_accounts.empty())
        return AccountBoard::unconnected(m_setup.account);
    AccountView all = m_accounts.begin()->second.view(now);
    for (auto it = std::next(m_accounts.begin()); it != m_accounts.end(); ++it)
        all = joined(std::move(all), it->second.view(now));
    return all;
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
    m_markets.fill(snapshot->markets, now);
    snapshot->account = accountView(now);
    snapshot->guard = m_guard.view();
    snapshot->lease = m_setup.lease ? m_setup.lease->view() : LeaseView{.ours = true, .holder = {}, .problem = {}};
    snapshot->venues = m_streams.venues();
    snapshot->streams = m_streams.streams();
    if (hasAccount())
        snapshot->venue = m_accounts.begin()->first;
    else if (!snapshot->markets.empty())
        snapshot->venue = snapshot->markets.front().key.venue;
    snapshot->storage = m_records.state();
    snapshot->answers = m_answers;
    snapshot->preview = m_preview;
    snapshot->sizing = m_sizing.view();
    if (m_channels.snapshot.put(std::move(snapshot)) && m_channels.wakeScreen)
        m_channels.wakeScreen();
}

} // namespace core::runtime
