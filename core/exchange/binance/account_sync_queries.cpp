#include "core/exchange/binance/account_sync.h"

#include <algorithm>

#include "core/exchange/binance/rest_codec.h"
#include "core/exchange/binance/signer.h"

// The questions of AccountSync: balances, positions, fills.

namespace core::exchange::binance
{
namespace
{
using namespace std::chrono_literals;

constexpr std::size_t kTradesPerPage = 1000;
constexpr Duration kPollAgainAfter = 500ms;
constexpr Duration kPollAfterLag = 1500ms; ///< longer than the lag that the ledger grants
constexpr Duration kWalletLag = 1s;
/// Our clock and the venue's need not agree to the second before the first fill is known.
constexpr Duration kFillsOverlap = 1min;

} // namespace

void AccountSync::ask(const std::shared_ptr<Answers> &answers, RestCall call,
                      std::function<Result<void>(const RestAnswer &)> read)
{
    ++answers->outstanding;
    call.security = Security::Signed;
    m_rest.call(std::move(call), [this, born = m_generation, answers,
                                  read = std::move(read)](const RestResult &result) {
        if (!m_listener || born != m_generation)
            return;
        if (!result) {
            if (!answers->failure || result.error().disposition == Disposition::BadCredentials)
                answers->failure = result.error();
        } else if (const auto understood = read(*result); !understood && !answers->failure) {
            answers->failure = RestFailure{understood.error(), Disposition::Unknown, std::nullopt};
        }
        if (--answers->outstanding == 0) {
            if (answers->audit)
                onAudited(answers);
            else if (m_phase == Phase::Reconciling)
                onAllAnswers(answers);
            else
                onPolled(answers);
        }
    });
}

void AccountSync::poll(net::Lane lane, const std::shared_ptr<Answers> &answers)
{
    m_lastPollAt = m_clock.monotonic();
    m_pollDue = m_lastPollAt + m_options.timings.accountPollEvery;
    ask(answers, RestCall{.path = "/fapi/v3/positionRisk", .lane = lane, .cost = {.weight = 5, .orders = 0}},
        [this, answers](const RestAnswer &answer) -> Result<void> {
            auto rows = parsePositionRisk(answer.body, m_positions.configs(), answer.receivedAt);
            if (!rows)
                return fail(rows.error());
            answers->positions = std::move(*rows);
            answers->positionsAskedAt = answer.sentAt;
            return {};
        });
    ask(answers, RestCall{.path = "/fapi/v3/account", .lane = lane, .cost = {.weight = 5, .orders = 0}},
        [this, answers](const RestAnswer &answer) -> Result<void> {
            auto accounts = parseAccount(answer.body, m_options.account, answer.receivedAt);
            if (!accounts)
                return fail(accounts.error());
            answers->accounts = std::move(*accounts);
            return {};
        });
}

void AccountSync::startPoll(net::Lane lane)
{
    // During reconciliation the same questions are being asked; their answers are complete too.
    if (m_phase != Phase::Live)
        return;
    m_pollRunning = true;
    poll(lane, std::make_shared<Answers>());
}

void AccountSync::queryPositions()
{
    // An answer that is on its way may be older than this wish.
    if (m_pollRunning) {
        m_pollAgain = true;
        return;
    }
    startPoll(net::Lane::Protective);
}

void AccountSync::onPolled(const std::shared_ptr<Answers> &answers)
{
    m_pollRunning = false;
    if (answers->failure) {
        if (answers->failure->disposition == Disposition::ClockOff)
            m_rest.synchroniseClock([](bool) {});
        if (answers->failure->disposition == Disposition::BadCredentials)
            return;
        m_status.lastError = answers->failure->error.detail;
        m_proof.onFailure(answers->failure->error.detail);
        const Duration wait =
            std::max(kPollAgainAfter, answers->failure->retryAfter.value_or(Duration::zero()));
        m_pollDue = std::min(m_pollDue, m_clock.monotonic() + wait);
        return;
    }
    deliverAccounts(answers->accounts, Source::Query);
    if (m_listener)
        deliverPositions(std::move(answers->positions), answers->positionsAskedAt);
    // A size that changed some time ago and of which no event told.
    const UtcTime settled = answers->positionsAskedAt - m_options.timings.auditGrace;
    const auto &corrections = m_positions.corrections();
    const bool missed = std::any_of(corrections.begin(), corrections.end(),
                                    [settled](const auto &correction) { return correction.changedAt < settled; });
    if (!m_proof.onAnswer(m_clock.monotonic()) || missed)
        compareSoon();
    if (m_listener && std::exchange(m_pollAgain, false))
        startPoll(net::Lane::Protective);
}

void AccountSync::deliverPositions(std::vector<Position> rows, UtcTime askedAt,
                                   std::optional<UtcTime> differencesBefore)
{
    const std::vector<Position> open = m_positions.onQuery(std::move(rows), askedAt);
    if (m_positions.answerLagged())
        m_pollDue = std::min(m_pollDue, m_clock.monotonic() + kPollAfterLag);
    if (differencesBefore) {
        for (const PositionLedger::Correction &correction : m_positions.corrections()) {
            if (m_listener && correction.changedAt < *differencesBefore)
                m_listener->onDifference({Difference::What::Position, correction.instrument, {}, correction.ours,
                                          correction.venue});
        }
    }
    if (m_listener)
        m_listener->onPositions(open, Source::Query, true);
}

void AccountSync::reportBalances(const std::vector<AccountSnapshot> &accounts, UtcTime before)
{
    for (const AccountSnapshot &account : accounts) {
        const auto known = m_accounts.find(account.asset);
        if (known == m_accounts.end() || !m_listener || known->second.walletBalance == account.walletBalance ||
            account.venueTime >= before || known->second.venueTime >= before)
            continue;
        // Full balances do not go into logs: the change is what matters.
        const auto change = subtract(account.walletBalance, known->second.walletBalance);
        m_listener->onDifference({Difference::What::Balance, std::nullopt, account.asset.string(), "the last one told",
                                  "changed by " + (change ? change->text() : std::string("more than fits"))});
    }
}

void AccountSync::deliverAccounts(const std::vector<AccountSnapshot> &accounts, Source source)
{
    for (AccountSnapshot account : accounts) {
        if (!m_assets.contains(account.asset))
            continue;
        // An answer may lag behind the stream: the newer wallet stays.
        const auto known = m_accounts.find(account.asset);
        if (source == Source::Query && known != m_accounts.end() && known->second.venueTime > account.venueTime &&
            account.venueTime != UtcTime{} &&
            known->second.venueTime > m_rest.venueClock().now() - kWalletLag) {
            account.walletBalance = known->second.walletBalance;
            account.equity = add(account.walletBalance, account.unrealizedPnl).value_or(account.equity);
            account.venueTime = known->second.venueTime;
            m_pollDue = std::min(m_pollDue, m_clock.monotonic() + kPollAfterLag);
        }
        m_accounts[account.asset] = account;
        if (m_listener)
            m_listener->onAccount(account, source);
    }
}

void AccountSync::queryFills(const InstrumentKey &instrument)
{
    if (m_listener)
        askFills(instrument.symbol);
}

void AccountSync::askFills(const Symbol &symbol)
{
    FillCursor &cursor = m_cursors[symbol];
    if (cursor.running) {
        cursor.again = true;
        return;
    }
    cursor.running = true;
    if (cursor.since == UtcTime{})
        cursor.since = m_rest.venueClock().now() - kFillsOverlap;
    RestCall call{.path = "/fapi/v1/userTrades",
                  .security = Security::Signed,
                  .lane = net::Lane::Protective,
                  .cost = {.weight = 5, .orders = 0}};
    appendParameter(call.query, "symbol", symbol.view());
    if (cursor.completeThrough)
        appendParameter(call.query, "fromId", std::to_string(*cursor.completeThrough + 1));
    else
        appendParameter(call.query, "startTime", std::to_string(toMilliseconds(cursor.since)));
    appendParameter(call.query, "limit", std::to_string(kTradesPerPage));
    const UtcTime askedAt = m_rest.venueClock().now();
    m_rest.call(std::move(call), [this, symbol, askedAt](const RestResult &result) {
        if (m_listener)
            onFills(symbol, askedAt, result);
    });
}

void AccountSync::onFills(const Symbol &symbol, UtcTime askedAt, const RestResult &result)
{
    FillCursor &cursor = m_cursors[symbol];
    cursor.running = false;
    const auto retry = [&](std::optional<Duration> notBefore) {
        cursor.running = true;
        QTimer::singleShot(std::chrono::ceil<std::chrono::milliseconds>(std::max(
                               m_options.timings.reconnectMin, notBefore.value_or(Duration::zero()))),
                           this, [this, symbol] {
                               m_cursors[symbol].running = false;
                               if (m_listener)
                                   askFills(symbol);
                           });
    };
    if (!result) {
        if (result.error().disposition == Disposition::ClockOff)
            m_rest.synchroniseClock([](bool) {});
        if (result.error().disposition != Disposition::BadCredentials)
            retry(result.error().retryAfter);
        return;
    }
    const auto fills = parseUserTrades(result->body, result->receivedAt);
    if (!fills) {
        m_status.lastError = fills.error().detail;
        retry(std::nullopt);
        return;
    }
    const bool audit = std::exchange(cursor.audit, fills->size() >= kTradesPerPage && cursor.audit);
    const UtcTime before = m_phase == Phase::Live ? askedAt - m_options.timings.auditGrace : UtcTime::max();
    for (const Fill &fill : *fills) {
        if (audit && fill.venueTime < before && !m_fills.contains(fill))
            m_listener->onDifference({Difference::What::Fill, fill.instrument, std::to_string(fill.tradeId), "nothing",
                                      std::string(name(fill.side)) + " " + fill.quantity.text() + " @ " +
                                          fill.price.text()});
        if (!m_listener)
            return;
        handFill(fill, Source::Query);
        if (!m_listener)
            return;
        cursor.completeThrough = std::max(cursor.completeThrough.value_or(fill.tradeId), fill.tradeId);
    }
    if (fills->empty() && !cursor.completeThrough)
        cursor.since = askedAt - kFillsOverlap; // the venue answers at most seven days from there on
    if (std::exchange(cursor.again, false) || fills->size() >= kTradesPerPage) {
        askFills(symbol);
        return;
    }
    finishReconciliation();
}

void AccountSync::handFill(Fill fill, Source source)
{
    if (!m_listener || !m_fills.add(fill))
        return;
    if (fill.clientOrderId.empty()) {
        if (const auto id = m_orders.clientIdOf(fill.instrument, fill.venueOrderId))
            fill.clientOrderId = *id;
    }
    m_listener->onFill(fill, source);
}

} // namespace core::exchange::binance
