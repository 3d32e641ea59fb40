#include "core/exchange/binance/account_sync.h"

#include <algorithm>

#include "core/exchange/binance/rest_codec.h"

namespace core::exchange::binance
{
namespace
{
using namespace std::chrono_literals;

constexpr auto kCareInterval = 250ms;
constexpr std::size_t kEventsHeldMax = 20'000;
constexpr Duration kStatusEvery = 1s;

} // namespace

AccountSync::AccountSync(const ClientOptions &options, const Clock &clock, RestGateway &rest,
                         OrderChannel &orders, AccountHistory &history, QObject *parent)
    : QObject(parent), m_options(options), m_clock(clock), m_rest(rest), m_orders(orders), m_history(history),
      m_backoff(options.timings.reconnectMin, options.timings.reconnectMax, options.seed ^ 0xACC0UL),
      m_proof(options.timings.accountProofWithin)
{
    m_status.name = "account";
    m_care.setInterval(kCareInterval);
    connect(&m_care, &QTimer::timeout, this, &AccountSync::care);
    connect(&m_orders, &OrderChannel::activity, this, [this] {
        const Duration due =
            std::max(m_clock.monotonic(), m_lastPollAt + m_options.timings.accountPollAfterOrder);
        m_pollDue = std::min(m_pollDue, due);
    });
    connect(&m_orders, &OrderChannel::eventMissing, this, [this](const ClientOrderId &order) {
        rebuild(
            Error{ErrorCode::OutOfSync, "order " + order.string() + " was acknowledged, but no event came"});
    });
    connect(&m_orders, &OrderChannel::fillsMissing, this, &AccountSync::queryFills);
    connect(&m_orders, &OrderChannel::filled, this, [this](const Fill &fill) { handFill(fill, Source::Stream); });
}

AccountSync::~AccountSync() = default;

void AccountSync::start(ports::ExchangeListener &listener, const std::vector<Symbol> &symbols)
{
    m_listener = &listener;
    m_symbols = symbols;
    if (m_assets.empty())
        m_assets.insert(Asset::from("USDT").value());
    for (const Symbol &symbol : symbols) {
        FillCursor &cursor = m_cursors[symbol];
        if (const auto known = m_options.lastTradeIds.find(symbol); known != m_options.lastTradeIds.end())
            cursor.completeThrough = known->second;
    }
    makeSocket();
    m_care.start();
    begin();
}

void AccountSync::makeSocket()
{
    const ClientTimings &timings = m_options.timings;
    net::RenewalOptions options;
    options.socket.name = "private stream";
    options.socket.connectTimeout = timings.connectTimeout;
    options.socket.reconnectMin = timings.reconnectMin;
    options.socket.reconnectMax = timings.reconnectMax;
    options.socket.idleLimit = Duration::zero(); // a quiet account sends nothing; pongs prove the line
    options.socket.pingEvery = timings.privatePingEvery;
    options.socket.pongWithin = timings.privatePongWithin;
    options.socket.seed = m_options.seed ^ 0x9147UL;
    options.every = timings.renewEvery;
    options.jitter = timings.renewJitter;
    options.overlap = timings.renewOverlap;
    options.mayBeQuiet = true;
    net::RenewingSocket::Callbacks callbacks;
    callbacks.address = [this] {
        return m_options.endpoints.streamsPrivate + "/private/ws/" + std::string(m_listenKey.expose());
    };
    callbacks.opened = [this] {
        if (m_phase == Phase::Opening)
            reconcile();
    };
    callbacks.lost = [this](const Error &why) { rebuild(why); };
    callbacks.frame = [this](std::string_view frame, UtcTime at) { onFrame(frame, at); };
    m_socket = std::make_unique<net::RenewingSocket>(std::move(options), m_clock, std::move(callbacks));
}

void AccountSync::stop()
{
    ++m_generation;
    m_phase = Phase::Off;
    m_care.stop();
    if (m_socket)
        m_socket->stop();
    m_listener = nullptr;
}

void AccountSync::setAssets(std::set<Asset> assets)
{
    if (!assets.empty())
        m_assets = std::move(assets);
}

void AccountSync::after(Duration delay, std::function<void()> action)
{
    QTimer::singleShot(std::chrono::ceil<std::chrono::milliseconds>(delay), this,
                       [this, born = m_generation, action = std::move(action)] {
                           if (m_listener && born == m_generation)
                               action();
                       });
}

// ---- the private stream ----

void AccountSync::begin()
{
    m_phase = Phase::ListenKey;
    ++m_generation;
    m_held.clear();
    m_taken.clear();
    publishStatus(m_socket->connections() == 0 ? Freshness::Connecting : Freshness::Lost, m_status.lastError);
    if (!m_rest.venueClock().isSynchronised()) {
        m_rest.synchroniseClock([this, born = m_generation](bool synchronised) {
            if (!m_listener || born != m_generation)
                return;
            if (synchronised)
                begin();
            else
                beginLater(std::nullopt);
        });
        return;
    }
    m_rest.call(RestCall{.method = net::HttpMethod::Post,
                         .path = "/fapi/v1/listenKey",
                         .security = Security::Key,
                         .lane = net::Lane::Protective},
                [this, born = m_generation](const RestResult &result) {
                    if (m_listener && born == m_generation)
                        onListenKey(result);
                });
}

void AccountSync::beginLater(std::optional<Duration> notBefore)
{
    after(std::max(m_backoff.next(), notBefore.value_or(Duration::zero())), [this] { begin(); });
}

void AccountSync::onListenKey(const RestResult &result)
{
    if (!result) {
        m_status.lastError = result.error().error.detail;
        if (result.error().disposition != Disposition::BadCredentials)
            beginLater(result.error().retryAfter);
        return;
    }
    auto key = parseListenKey(result->body);
    if (!key) {
        m_status.lastError = key.error().detail;
        beginLater(std::nullopt);
        return;
    }
    m_listenKey = std::move(*key);
    m_listenKeyDue = m_clock.monotonic() + m_options.timings.listenKeyEvery;
    m_listenKeyGoodAt = m_clock.monotonic();
    openStream();
}

void AccountSync::openStream()
{
    m_phase = Phase::Opening;
    m_socket->start();
}

void AccountSync::keepListenKey()
{
    m_listenKeyDue = m_clock.monotonic() + m_options.timings.listenKeyRetry;
    m_rest.call(RestCall{.method = net::HttpMethod::Put,
                         .path = "/fapi/v1/listenKey",
                         .security = Security::Key,
                         .lane = net::Lane::Protective},
                [this, born = m_generation](const RestResult &result) {
                    if (!m_listener || born != m_generation)
                        return;
                    onListenKeyKept(result);
                });
}

void AccountSync::onListenKeyKept(const RestResult &result)
{
    if (!result) {
        // Events may have been lost since it went: only everything anew will do.
        if (result.error().disposition == Disposition::ListenKeyGone)
            rebuild(result.error().error);
        return;
    }
    m_listenKeyGoodAt = m_clock.monotonic();
    m_listenKeyDue = m_listenKeyGoodAt + m_options.timings.listenKeyEvery;
    auto key = parseListenKey(result->body); // an answer without one keeps ours
    if (!key || key->expose() == m_listenKey.expose())
        return;
    // Another one is in force: a connection by it stands before the one by the old key goes.
    m_listenKey = std::move(*key);
    if (!m_socket->renew())
        rebuild(Error{ErrorCode::OutOfSync, "the listen key was replaced"});
}

void AccountSync::rebuild(const Error &why)
{
    if (!m_listener || m_phase == Phase::Off || m_phase == Phase::Refused || m_phase == Phase::ListenKey)
        return;
    m_phase = Phase::ListenKey;
    ++m_generation;
    m_socket->stop();
    ++m_status.reconnects;
    publishStatus(Freshness::Lost, why.detail);
    lose(why);
    if (m_listener)
        beginLater(std::nullopt);
}

void AccountSync::onCredentialsRefused(const Error &why)
{
    if (!m_listener || m_phase == Phase::Refused)
        return;
    m_phase = Phase::Refused;
    ++m_generation;
    m_socket->stop();
    publishStatus(Freshness::Lost, why.detail);
    m_reconciled = false;
    if (m_listener)
        m_listener->onReconciliationLost(why);
}

void AccountSync::lose(const Error &why)
{
    if (!std::exchange(m_reconciled, false) || !m_listener)
        return;
    m_listener->onReconciliationLost(why);
}

void AccountSync::onFrame(std::string_view frame, UtcTime receivedAt)
{
    auto event = decodeUserEvent(frame, receivedAt);
    m_status.lastMessageAt = receivedAt;
    ++m_status.messages;
    m_proof.prove(m_clock.monotonic());
    if (event && !m_taken.add(*event))
        return;
    if (!event) {
        // It may have been a fill. The socket is fine; what it said is asked for again.
        ++m_status.lost;
        if (m_phase == Phase::Live) {
            lose(event.error());
            if (m_listener)
                reconcile();
        }
        return;
    }
    if (std::holds_alternative<ListenKeyExpired>(*event)) {
        rebuild(Error{ErrorCode::Unavailable, "the listen key expired"});
        return;
    }
    if (m_phase == Phase::Live) {
        handle(*event);
    } else if (m_held.size() < kEventsHeldMax) {
        m_held.push_back(std::move(*event));
    } else {
        rebuild(Error{ErrorCode::OutOfSync, "too many events during reconciliation"});
    }
}

void AccountSync::handle(const UserEvent &event)
{
    if (const auto *order = std::get_if<OrderEvent>(&event))
        m_orders.onStreamOrder(*order);
    else if (const auto *algo = std::get_if<AlgoEvent>(&event))
        m_orders.onStreamAlgo(*algo);
    else if (const auto *account = std::get_if<AccountEvent>(&event))
        onAccountEvent(*account);
    else if (const auto *call = std::get_if<MarginCall>(&event))
        onMarginCall(*call);
    else if (const auto *config = std::get_if<AccountConfigEvent>(&event))
        onConfig(*config);
}

void AccountSync::onMarginCall(const MarginCall &call)
{
    ports::StreamStatus status;
    status.name = "margin";
    status.freshness = Freshness::Fresh;
    status.lastMessageAt = m_clock.now();
    status.lastError = "MARGIN CALL";
    for (const std::string &position : call.positions)
        status.lastError += (&position == &call.positions.front() ? ": " : ", ") + position;
    m_listener->onStreamStatus(status);
    if (m_listener)
        queryPositions();
}

void AccountSync::onSettingsChanged()
{
    if (m_phase != Phase::Live)
        return;
    m_rest.call(RestCall{.path = "/fapi/v1/symbolConfig",
                         .security = Security::Signed,
                         .cost = {.weight = 5, .orders = 0}},
                [this, born = m_generation](const RestResult &result) {
                    if (!m_listener || born != m_generation)
                        return;
                    if (const auto configs = result ? parseSymbolConfigs(result->body)
                                                    : Result<SymbolConfigs>(fail(result.error().error)))
                        m_positions.setConfigs(*configs);
                    queryPositions();
                });
}

void AccountSync::onConfig(const AccountConfigEvent &config)
{
    if (config.leverage)
        m_positions.setLeverage(config.symbol, *config.leverage);
    if (config.multiAssets && *config.multiAssets)
        m_status.lastError = "the account was switched to multi-assets margin";
    queryPositions();
}

void AccountSync::onAccountEvent(const AccountEvent &event)
{
    const std::vector<Position> positions = m_positions.onStream(event.positions);
    if (!positions.empty())
        m_listener->onPositions(positions, Source::Stream, false);
    std::vector<AccountSnapshot> changed;
    for (const AccountEvent::Balance &balance : event.balances) {
        const auto known = m_accounts.find(balance.asset);
        if (known == m_accounts.end())
            continue;
        // Wallet from the event; what it does not carry (available, margins) stays as last asked for.
        AccountSnapshot &account = known->second;
        account.walletBalance = balance.wallet;
        if (m_assets.size() == 1)
            account.unrealizedPnl = m_positions.unrealizedPnl();
        account.equity = add(account.walletBalance, account.unrealizedPnl).value_or(account.walletBalance);
        account.venueTime = event.venueTime;
        account.receivedAt = event.receivedAt;
        changed.push_back(account);
    }
    deliverAccounts(changed, Source::Stream);
    if (event.reason != "ORDER" && event.reason != "MARGIN_TYPE_CHANGE")
        expectIncome(true);
    const Duration due =
        std::max(m_clock.monotonic(), m_lastPollAt + m_options.timings.accountPollAfterOrder);
    m_pollDue = std::min(m_pollDue, due);
}

void AccountSync::care()
{
    const Duration now = m_clock.monotonic();
    if (m_phase == Phase::Opening || m_phase == Phase::Reconciling || m_phase == Phase::Live) {
        if (now >= m_listenKeyDue)
            keepListenKey();
        // It lives twice as long as the interval; a dead one leaves the socket open and silent.
        if (now - m_listenKeyGoodAt > m_options.timings.listenKeyEvery * 2)
            rebuild(Error{ErrorCode::TimedOut, "the listen key could not be extended"});
    }
    if (m_phase == Phase::Live && !m_pollRunning && now >= m_auditDue)
        startAudit();
    if (m_phase == Phase::Live && !m_pollRunning && now >= m_pollDue)
        startPoll(std::exchange(m_pollAgain, false) ? net::Lane::Protective : net::Lane::Normal);
    if (m_phase == Phase::Live && !m_incomeRunning && now >= m_incomeDue)
        askIncome();
    if (m_phase == Phase::Live)
        watchProof(now);
}

/// Stale and not lost: what is known stays known, and a reduction may be sent for it. Source:
/// reference/binance-usdm.md section 5.5, liveness.
void AccountSync::watchProof(Duration now)
{
    const ClientTimings &timings = m_options.timings;
    const auto quiet = m_socket->quietFor();
    std::string why = m_status.lastError;
    Freshness freshness = Freshness::Stale;
    if (!quiet || *quiet > timings.privateStaleAfter)
        why = "the private stream answers no ping";
    else if (m_proof.isInDoubt(now))
        why = "the account cannot be checked" + (m_proof.why().empty() ? std::string() : ": " + m_proof.why());
    else if (now - m_listenKeyGoodAt > timings.listenKeyEvery + timings.listenKeyGrace)
        why = "the listen key could not be extended";
    else
        freshness = Freshness::Fresh;
    if (freshness == Freshness::Fresh && m_status.freshness == Freshness::Stale)
        why.clear();
    if (freshness != m_status.freshness || now - m_statusAt > kStatusEvery)
        publishStatus(freshness, why);
}

/// The stream may have ended without a word: the venue is asked whether its key lives, and for everything else.
void AccountSync::compareSoon()
{
    m_listenKeyDue = m_auditDue = m_clock.monotonic();
}

void AccountSync::publishStatus(Freshness freshness, const std::string &error)
{
    m_status.freshness = freshness;
    m_status.lastError = error;
    m_statusAt = m_clock.monotonic();
    if (m_listener)
        m_listener->onStreamStatus(m_status);
}

} // namespace core::exchange::binance
