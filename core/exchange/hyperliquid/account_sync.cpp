#include "core/exchange/hyperliquid/account_sync.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/exchange/hyperliquid/client_requests.h"
#include "core/exchange/hyperliquid/rest_codec.h"
#include "core/exchange/hyperliquid/user_codec.h"

// Identity, stream and reconciliation; the questions are in account_sync_queries.cpp.

namespace core::exchange::hyperliquid
{
namespace
{
using namespace std::chrono_literals;

constexpr auto kCareInterval = 100ms;
constexpr std::size_t kEventsHeldMax = 20'000;
constexpr Duration kStatusEvery = 1s;
/// Our clock and the venue's need not agree to the second before the first fill is known.
constexpr Duration kHistoryOverlap = 1min;

} // namespace

AccountSync::AccountSync(const ClientOptions &options, const Clock &clock, InfoGateway &rest,
                         ActionChannel &actions, OrderChannel &orders, const AssetTable &assets, QObject *parent)
    : QObject(parent), m_options(options), m_clock(clock), m_rest(rest), m_actions(actions), m_orders(orders),
      m_assets(assets),
      m_backoff(options.timings.reconnectMin, options.timings.reconnectMax, options.seed ^ 0xACC0UL),
      m_proof(options.timings.accountProofWithin)
{
    m_status.venue = Venue::Hyperliquid;
    m_status.name = "account";
    m_care.setInterval(kCareInterval);
    connect(&m_care, &QTimer::timeout, this, &AccountSync::care);
    connect(&m_orders, &OrderChannel::activity, this, [this] {
        m_pollDue = std::min(m_pollDue, std::max(m_clock.monotonic(),
                                                 m_lastPollAt + m_options.timings.accountPollAfterOrder));
    });
    connect(&m_orders, &OrderChannel::fillsMissing, this, &AccountSync::queryFills);
    connect(&m_actions, &ActionChannel::stateInDoubt, this, [this](const Error &why) {
        lose(why);
        if (m_listener && m_phase == Phase::Live)
            reconcile();
    });
    connect(&m_actions, &ActionChannel::keyWasRefused, this, [this](const Error &why) {
        publishStatus(m_status.freshness, why.detail);
        lose(why);
    });
    connect(&m_actions, &ActionChannel::addressBudgetUsedUp, this, [this] {
        m_rateDue = std::min(m_rateDue, m_clock.monotonic() + m_options.timings.exitsEvery);
    });
}

AccountSync::~AccountSync() = default;

void AccountSync::start(ports::ExchangeListener &listener, std::string address, std::set<std::string> dexes)
{
    m_listener = &listener;
    m_address = std::move(address);
    m_dexNames.merge(dexes);
    m_orders.block(Block::NotReconciled, Error{ErrorCode::Unavailable, "the account is not reconciled yet"});
    m_socket = std::make_unique<ClientSocket>(
        m_options, m_clock, "account stream", m_options.seed * 31,
        net::WebSocket::Callbacks{.opened =
                                      [this] {
                                          emit connected();
                                          if (m_phase == Phase::Opening)
                                              reconcile();
                                      },
                                  .lost = [this](const Error &why) { onLost(why); },
                                  .frame = [this](std::string_view frame,
                                                  UtcTime at) { onFrame(frame, at); }},
        nullptr);
    for (const std::string_view type : {"orderUpdates", "userEvents", "userFills", "userFundings",
                                        "userNonFundingLedgerUpdates", "webData3", "spotState"})
        m_socket->subscribe(fmt::format(R"({{"type":"{}","user":"{}"}})", type, m_address));
    for (const std::string &dex : m_dexNames)
        m_socket->subscribe(
            dex.empty() ? fmt::format(R"({{"type":"clearinghouseState","user":"{}"}})", m_address)
                        : fmt::format(R"({{"type":"clearinghouseState","user":"{}","dex":"{}"}})", m_address, dex));
    m_care.start();
    check();
}

void AccountSync::stop()
{
    ++m_generation;
    m_phase = Phase::Off;
    m_care.stop();
    if (m_socket)
        m_socket->stop();
    m_rightsWishes.clear();
    m_listener = nullptr;
}

void AccountSync::after(Duration delay, std::function<void()> action)
{
    QTimer::singleShot(std::chrono::ceil<std::chrono::milliseconds>(delay), this,
                       [this, born = m_generation, action = std::move(action)] {
                           if (m_listener && born == m_generation)
                               action();
                       });
}

// ---- who is who ----

void AccountSync::check()
{
    m_phase = Phase::Checking;
    ++m_generation;
    publishStatus(Freshness::Connecting, {});
    m_rest.info(userRequest("userRole", m_address, Lane::Protective),
                [this, born = m_generation](const InfoResult &result) {
                    if (m_listener && born == m_generation)
                        onRoleOfAccount(result);
                });
}

void AccountSync::again(const Error &why, std::function<void()> action)
{
    publishStatus(Freshness::Connecting, why.detail);
    after(m_backoff.next(), std::move(action));
}

void AccountSync::refuse(const Error &why)
{
    m_phase = Phase::Refused;
    ++m_generation;
    m_socket->stop();
    m_orders.block(Block::Key, why);
    publishStatus(Freshness::Lost, why.detail);
    m_reconciled = false;
    m_refusal = why;
    for (const auto &done : std::exchange(m_rightsWishes, {}))
        done(fail(why));
    if (m_listener)
        m_listener->onReconciliationLost(why);
}

/// Asked with an agent's address the venue answers "nothing there": it would look flat.
void AccountSync::onRoleOfAccount(const InfoResult &result)
{
    const auto role = result ? parseUserRole(result->body) : Result<UserRole>(fail(result.error().error));
    if (!role)
        return again(role.error(), [this] { check(); });
    std::string master = m_address;
    switch (role->kind) {
    case UserRole::Kind::Agent:
        return refuse(Error{ErrorCode::InvalidArgument,
                            "the address given as account is an agent (API wallet) of " + role->master +
                                ": give the account's own address"});
    case UserRole::Kind::Missing:
        return again(Error{ErrorCode::NotFound, "the venue does not know this account on this network yet"},
                     [this] { check(); });
    case UserRole::Kind::SubAccount:
        master = role->master;
        [[fallthrough]];
    case UserRole::Kind::Vault:
        if (const auto vault = Address::parse(m_address))
            m_actions.setVault(*vault);
        break;
    case UserRole::Kind::User:
    case UserRole::Kind::Unknown:
        break;
    }
    const std::string signer = m_actions.signerAddress();
    if (signer.empty() || signer == m_address || signer == master || role->kind == UserRole::Kind::Vault)
        return openStream();
    m_rest.info(userRequest("userRole", signer, Lane::Protective),
                [this, master, born = m_generation](const InfoResult &answer) {
                    if (m_listener && born == m_generation)
                        onRoleOfSigner(master, answer);
                });
}

void AccountSync::onRoleOfSigner(const std::string &master, const InfoResult &result)
{
    const auto role = result ? parseUserRole(result->body) : Result<UserRole>(fail(result.error().error));
    if (!role)
        return again(role.error(), [this] { check(); });
    if (role->kind != UserRole::Kind::Agent || role->master != master)
        return refuse(Error{ErrorCode::Unauthorized,
                            "the key's address " + m_actions.signerAddress() +
                                " is no agent of the account on this network: approve it there first"});
    openStream();
}

// ---- the stream ----

void AccountSync::openStream()
{
    if (m_ledger.fillsFrom() == UtcTime{})
        m_ledger.start(m_rest.venueNow() - kHistoryOverlap, m_options.lastFills);
    m_phase = Phase::Opening;
    m_socket->start();
    for (auto &done : std::exchange(m_rightsWishes, {}))
        keyRights(std::move(done));
}

void AccountSync::onLost(const Error &why)
{
    if (!m_listener || m_phase == Phase::Off || m_phase == Phase::Refused || m_phase == Phase::Checking)
        return;
    m_phase = Phase::Opening; // the socket comes back by itself
    ++m_generation;
    m_pollRunning = m_fillsRunning = false;
    m_held.clear();
    ++m_status.reconnects;
    publishStatus(Freshness::Lost, why.detail);
    lose(why);
}

void AccountSync::lose(const Error &why)
{
    m_orders.block(Block::NotReconciled, why.in("the account is not reconciled"));
    if (!std::exchange(m_reconciled, false) || !m_listener)
        return;
    m_listener->onReconciliationLost(why);
}

void AccountSync::onFrame(std::string_view frame, UtcTime receivedAt)
{
    m_status.lastMessageAt = receivedAt;
    ++m_status.messages;
    auto event = decodeUserEvent(frame, receivedAt, m_address);
    if (!event) {
        // It may have been a fill. The socket is fine; what it said is asked for again.
        ++m_status.lost;
        m_status.lastError = event.error().detail;
        if (m_phase == Phase::Live) {
            lose(event.error());
            if (m_listener)
                reconcile();
        }
        return;
    }
    if (std::holds_alternative<Ignored>(*event) || m_phase == Phase::Off || m_phase == Phase::Refused)
        return;
    m_proof.prove(m_clock.monotonic());
    if (m_phase == Phase::Live)
        handle(*event);
    else if (m_held.size() < kEventsHeldMax)
        m_held.push_back(std::move(*event));
    else
        m_socket->reconnect(Error{ErrorCode::OutOfSync, "too many events during reconciliation"});
}

void AccountSync::handle(UserEvent &event)
{
    if (auto *orders = std::get_if<OrderRows>(&event)) {
        m_orders.onStreamOrders(orders->rows);
    } else if (auto *fills = std::get_if<FillRows>(&event)) {
        takeFills(std::move(fills->rows), Source::Stream);
    } else if (auto *funding = std::get_if<FundingRows>(&event)) {
        takeFunding(funding->rows, Source::Stream);
    } else if (auto *ledger = std::get_if<LedgerRows>(&event)) {
        takeTransfers(ledger->rows, Source::Stream);
    } else if (auto *states = std::get_if<PerpAccounts>(&event)) {
        Answers answers;
        answers.dexes = std::move(states->dexes);
        if (takeState(answers, Source::Stream))
            deliverAccount(Source::Stream);
    } else if (auto *spot = std::get_if<SpotState>(&event)) {
        m_spot = spot->account;
        if (m_mode == AccountMode::Unified || m_mode == AccountMode::PortfolioMargin)
            deliverAccount(Source::Stream);
    } else if (auto *data = std::get_if<WebData>(&event)) {
        onWebData(*data);
    } else if (std::holds_alternative<LiquidationNotice>(event)) {
        m_status.lastError = "the venue liquidated a position of this account";
        queryPositions();
        queryFills();
    } else if (std::holds_alternative<VenueCancels>(event)) {
        m_pollDue = m_clock.monotonic();
    }
}

void AccountSync::onWebData(const WebData &data)
{
    if (!data.mode || *data.mode == m_mode)
        return;
    setMode(*data.mode); // the user chose another one elsewhere: the figures follow other rules now
    m_pollDue = m_clock.monotonic();
}

void AccountSync::setMode(AccountMode mode)
{
    m_mode = mode;
    if (mode == AccountMode::Unknown)
        m_orders.block(Block::AccountMode,
                       Error{ErrorCode::Unsupported,
                             "the account is in a mode that this program does not know: its equity cannot be told"});
    else
        m_orders.block(Block::AccountMode, std::nullopt);
}

// ---- reconciliation ----

void AccountSync::reconcile()
{
    m_phase = Phase::Reconciling;
    ++m_generation;
    m_pollRunning = m_pollAgain = m_fillsRunning = m_fillsAgain = false;
    m_ledger.forgetChain();
    publishStatus(m_reconciled ? m_status.freshness : Freshness::Connecting, {});
    const auto answers = std::make_shared<Answers>();
    answers->outstanding = 1; // the clock
    m_rest.checkClock([this, answers, born = m_generation](bool known) {
        if (!m_listener || born != m_generation)
            return;
        if (!known)
            answers->failure = Error{ErrorCode::Unavailable, "the venue's clock could not be asked for"};
        countDown(answers);
    });
    for (const std::string &dex : m_dexNames)
        ask(answers, userRequest("frontendOpenOrders", m_address, Lane::Protective, dex),
            [answers](const InfoAnswer &answer) -> Result<void> {
                auto rows = parseOpenOrders(answer.body, answer.receivedAt);
                if (!rows)
                    return fail(rows.error());
                answers->openOrders.insert(answers->openOrders.end(), rows->begin(), rows->end());
                return {};
            });
    ask(answers, userRequest("userAbstraction", m_address, Lane::Protective),
        [answers](const InfoAnswer &answer) -> Result<void> {
            const auto mode = parseUserAbstraction(answer.body);
            if (!mode)
                return fail(mode.error());
            answers->mode = *mode;
            return {};
        });
    askState(answers, Lane::Protective);
}

void AccountSync::onAllAnswers(const AnswersPtr &answers)
{
    if (answers->failure) {
        const Error why = *answers->failure;
        lose(why);
        if (m_listener)
            again(why, [this] {
                if (m_phase == Phase::Reconciling)
                    reconcile();
            });
        return;
    }
    if (answers->mode)
        setMode(*answers->mode);
    if (m_mode == AccountMode::Unknown || !clockIsRight()) {
        const Error why =
            m_clockWrong ? Error{ErrorCode::OutOfSync, m_status.lastError}
                         : Error{ErrorCode::Unsupported,
                                 "the account is in a mode that this program does not know: its equity cannot be told"};
        m_orders.block(Block::NotReconciled, why);
        publishStatus(Freshness::Connecting, why.detail);
        m_reconciled = false;
        m_listener->onReconciliationLost(why);
        if (m_listener)
            after(m_options.timings.reconnectMax, [this] { reconcile(); });
        return;
    }
    std::map<Symbol, SignedSize> before;
    for (const auto &[dex, state] : m_states) {
        for (const PositionRow &row : state.positions)
            before[row.position.instrument.symbol] = row.size;
    }
    static_cast<void>(takeState(*answers, Source::Query));
    deliverAccount(Source::Query);
    if (m_listener && m_everReconciled)
        reportPositionDifferences(before);
    if (!m_listener)
        return;
    m_orders.reconcile(answers->openOrders, m_everReconciled, [this, born = m_generation] {
        if (m_listener && born == m_generation)
            askHistory();
    });
}

/// Fills, payments and transfers since the newest known ones.
void AccountSync::askHistory()
{
    const auto left = std::make_shared<int>(3);
    const auto trouble = std::make_shared<std::optional<Error>>();
    const auto finished = [this, left, trouble, born = m_generation](std::optional<Error> why) {
        if (!m_listener || born != m_generation)
            return;
        if (why)
            *trouble = std::move(why);
        if (--*left > 0)
            return;
        if (*trouble)
            again(**trouble, [this] {
                if (m_phase == Phase::Reconciling)
                    askHistory();
            });
        else
            finishReconciliation();
    };
    askFills(finished);
    pageThrough(
        "userFunding", m_ledger.fundingFrom(),
        [this](const InfoAnswer &answer) -> Result<std::optional<UtcTime>> {
            const auto rows = parseUserFunding(answer.body);
            if (!rows)
                return fail(rows.error());
            takeFunding(*rows, Source::Query);
            return rows->size() < kRowsPerPage ? std::nullopt : std::optional(rows->back().payment.venueTime);
        },
        finished);
    pageThrough(
        "userNonFundingLedgerUpdates", m_ledger.transfersFrom(),
        [this](const InfoAnswer &answer) -> Result<std::optional<UtcTime>> {
            const auto rows = parseLedgerUpdates(answer.body, m_address);
            if (!rows)
                return fail(rows.error());
            takeTransfers(*rows, Source::Query);
            return rows->size() < kRowsPerPage ? std::nullopt : std::optional(rows->back().venueTime);
        },
        finished);
}

/// When everything is in: the held events, then trust.
void AccountSync::finishReconciliation()
{
    if (m_phase != Phase::Reconciling)
        return;
    m_phase = Phase::Live;
    for (UserEvent &event : std::exchange(m_held, {})) {
        handle(event);
        if (!m_listener || m_phase != Phase::Live)
            return;
    }
    m_backoff.reset();
    m_proof.prove(m_clock.monotonic());
    m_reconcileDue = m_clock.monotonic() + m_options.timings.modePollEvery;
    const bool wasTrusted = std::exchange(m_reconciled, true);
    m_everReconciled = true;
    m_orders.block(Block::NotReconciled, std::nullopt);
    publishStatus(Freshness::Fresh, {});
    if (m_listener && !wasTrusted)
        m_listener->onReconciled();
}

/// Judged by the venue's clock. The message says which way to turn it.
bool AccountSync::clockIsRight()
{
    const Duration skew = m_rest.clockSkew();
    m_clockWrong = m_rest.clockKnown() && std::chrono::abs(skew) > m_options.timings.clockSkewMax;
    if (!m_clockWrong) {
        m_orders.block(Block::Clock, std::nullopt);
        return true;
    }
    const auto seconds = std::chrono::round<std::chrono::seconds>(std::chrono::abs(skew)).count();
    const std::string text = fmt::format("this machine's clock is {} s {} the venue's: set it right", seconds,
                                         skew > Duration::zero() ? "behind" : "ahead of");
    m_status.lastError = text;
    m_orders.block(Block::Clock, Error{ErrorCode::OutOfSync, text});
    return false;
}

void AccountSync::care()
{
    const Duration now = m_clock.monotonic();
    if (m_phase == Phase::Live && !clockIsRight()) {
        lose(Error{ErrorCode::OutOfSync, m_status.lastError});
        if (m_listener)
            reconcile();
        return;
    }
    if (m_phase == Phase::Live && now >= m_clockDue) {
        m_clockDue = now + m_options.timings.clockCheckEvery;
        m_rest.checkClock([](bool) {});
    }
    if (m_phase == Phase::Live && now >= m_rateDue)
        askRateLimit();
    if (m_phase == Phase::Live && now >= m_reconcileDue) {
        reconcile(); // an audit: trust stays unless something fails
        return;
    }
    if (m_phase == Phase::Live && !m_pollRunning && now >= m_pollDue)
        startPoll(std::exchange(m_pollAgain, false) ? Lane::Protective : Lane::Read);
    if (m_phase == Phase::Live)
        watchProof(now);
    if (m_listener && m_phase != Phase::Off && now - m_statusAt >= kStatusEvery)
        publishStatus(m_status.freshness, m_status.lastError);
}

/// Pongs prove the line and not its subscriptions. Stale and not lost: what is known stays known, and a reduction may be
/// sent for it.
void AccountSync::watchProof(Duration now)
{
    std::string why;
    if (!m_socket->isAlive())
        why = "the account stream answers no ping";
    else if (m_proof.isInDoubt(now))
        why = "the account cannot be checked" + (m_proof.why().empty() ? std::string() : ": " + m_proof.why());
    const Freshness freshness = why.empty() ? Freshness::Fresh : Freshness::Stale;
    if (freshness != m_status.freshness)
        publishStatus(freshness, why);
}

void AccountSync::publishStatus(Freshness freshness, const std::string &error)
{
    m_status.freshness = freshness;
    m_status.lastError = error;
    m_statusAt = m_clock.monotonic();
    if (m_listener)
        m_listener->onStreamStatus(m_status);
}

} // namespace core::exchange::hyperliquid
