#include "core/exchange/binance/account_sync.h"

#include <algorithm>

#include "core/exchange/binance/rest_codec.h"

// Comparing with the venue: all at once after the stream was broken, and every few minutes in between.

namespace core::exchange::binance
{

void AccountSync::reconcile()
{
    m_phase = Phase::Reconciling;
    ++m_generation;
    m_pollRunning = m_pollAgain = false;
    publishStatus(Freshness::Connecting, {});
    askEverything(std::make_shared<Answers>());
}

void AccountSync::startAudit()
{
    m_auditDue = m_clock.monotonic() + m_options.timings.auditEvery;
    m_pollRunning = true; // the audit asks the same
    const auto answers = std::make_shared<Answers>();
    answers->audit = true;
    askEverything(answers);
}

void AccountSync::askEverything(const std::shared_ptr<Answers> &answers)
{
    const net::Lane lane = answers->audit ? net::Lane::Normal : net::Lane::Protective;
    const auto call = [lane](const char *path, int weight) {
        return RestCall{.path = path, .lane = lane, .cost = {.weight = weight, .orders = 0}};
    };
    // Held open until all are asked: an answer cannot come from inside a call, but nothing relies on that
    // here.
    answers->outstanding = 1;
    ask(answers, call("/fapi/v1/openOrders", 40), [answers](const RestAnswer &answer) -> Result<void> {
        auto orders = parseOrders(answer.body, answer.receivedAt);
        if (!orders)
            return fail(orders.error());
        answers->open.plain = std::move(*orders);
        answers->openAskedAt = answer.sentAt;
        return {};
    });
    ask(answers, call("/fapi/v1/openAlgoOrders", 40), [answers](const RestAnswer &answer) -> Result<void> {
        auto algos = parseAlgos(answer.body, answer.receivedAt);
        if (!algos)
            return fail(algos.error());
        answers->open.conditional = std::move(*algos);
        return {};
    });
    // No event says that it was changed elsewhere.
    ask(answers, call("/fapi/v1/accountConfig", 5), [answers](const RestAnswer &answer) -> Result<void> {
        const auto hedgeMode = parseHedgeMode(answer.body);
        if (!hedgeMode)
            return fail(hedgeMode.error());
        answers->hedgeMode = *hedgeMode;
        return {};
    });
    // Leverage and margin mode first: the position rows of version 3 do not carry them.
    ask(answers, call("/fapi/v1/symbolConfig", 5), [this, answers, lane](const RestAnswer &answer) -> Result<void> {
        auto configs = parseSymbolConfigs(answer.body);
        if (!configs)
            return fail(configs.error());
        m_positions.setConfigs(std::move(*configs));
        poll(lane, answers);
        return {};
    });
    --answers->outstanding;
}

bool AccountSync::modeFits(const Answers &answers)
{
    if (!answers.hedgeMode || *answers.hedgeMode == m_options.hedgeMode) {
        m_orders.block(std::nullopt);
        return true;
    }
    const Error why{ErrorCode::Unsupported,
                    *answers.hedgeMode ? "the account is in hedge mode, this program is set to one-way mode"
                                       : "the account is in one-way mode, this program is set to hedge mode"};
    m_orders.block(why);
    m_reconciled = false;
    m_phase = Phase::Reconciling;
    ++m_generation;
    m_pollRunning = false;
    m_listener->onReconciliationLost(why);
    if (m_listener)
        reconcileLater(why, m_options.timings.reconnectMax);
    return false;
}

void AccountSync::onAllAnswers(const std::shared_ptr<Answers> &answers)
{
    if (answers->failure) {
        if (answers->failure->disposition == Disposition::ClockOff)
            m_rest.synchroniseClock([](bool) {});
        if (answers->failure->disposition != Disposition::BadCredentials)
            reconcileLater(answers->failure->error, answers->failure->retryAfter);
        return;
    }
    if (!modeFits(*answers))
        return;
    const UtcTime before = m_everReconciled ? UtcTime::max() : UtcTime{};
    reportBalances(answers->accounts, before);
    deliverAccounts(answers->accounts, Source::Query);
    if (m_listener)
        deliverPositions(std::move(answers->positions), answers->positionsAskedAt, before);
    if (!m_listener)
        return;
    m_orders.reconcile(answers->open, m_everReconciled, [this, born = m_generation] {
        if (!m_listener || born != m_generation)
            return;
        for (auto &[symbol, cursor] : m_cursors) {
            cursor.audit = m_everReconciled;
            askFills(symbol);
        }
        finishReconciliation();
    });
}

void AccountSync::onAudited(const std::shared_ptr<Answers> &answers)
{
    m_pollRunning = false;
    if (answers->failure) { // the next one will do; what is needed now has its own ways
        m_proof.onFailure(answers->failure->error.detail);
        if (answers->failure->disposition == Disposition::ClockOff)
            m_rest.synchroniseClock([](bool) {});
        return;
    }
    if (!modeFits(*answers))
        return;
    const UtcTime before = answers->openAskedAt - m_options.timings.auditGrace;
    reportBalances(answers->accounts, before);
    deliverAccounts(answers->accounts, Source::Query);
    if (m_listener)
        deliverPositions(std::move(answers->positions), answers->positionsAskedAt, before);
    if (m_listener)
        m_orders.audit(answers->open, before);
    if (!m_listener)
        return;
    for (auto &[symbol, cursor] : m_cursors) {
        cursor.audit = true;
        askFills(symbol);
    }
    expectIncome(false);
    m_proof.prove(m_clock.monotonic());
    if (m_listener && std::exchange(m_pollAgain, false))
        startPoll(net::Lane::Protective);
}

void AccountSync::reconcileLater(const Error &why, std::optional<Duration> notBefore)
{
    publishStatus(Freshness::Connecting, why.detail);
    after(std::max(m_backoff.next(), notBefore.value_or(Duration::zero())), [this] {
        if (m_phase == Phase::Reconciling)
            reconcile();
    });
}

/// When the fills are in too: the held events, then trust.
void AccountSync::finishReconciliation()
{
    if (m_phase != Phase::Reconciling)
        return;
    const bool asking =
        std::any_of(m_cursors.begin(), m_cursors.end(), [](const auto &pair) { return pair.second.running; });
    if (asking)
        return; // onFills comes back here
    m_phase = Phase::Live;
    // The ledgers know what the answers held: older rows and fills that were booked fall out there. Of
    // several position rows of one leg only the newest is of interest, the ones between may be older than the
    // answer.
    std::map<std::pair<Symbol, PositionSide>, UtcTime> newest;
    for (const UserEvent &event : m_held) {
        if (const auto *account = std::get_if<AccountEvent>(&event)) {
            for (const Position &row : account->positions)
                newest[{row.instrument.symbol, row.positionSide}] = row.venueTime;
        }
    }
    for (UserEvent &event : std::exchange(m_held, {})) {
        if (auto *account = std::get_if<AccountEvent>(&event))
            std::erase_if(account->positions, [&](const Position &row) {
                return row.venueTime < newest[{row.instrument.symbol, row.positionSide}];
            });
        handle(event);
        if (!m_listener || m_phase != Phase::Live)
            return;
    }
    m_backoff.reset();
    m_proof.prove(m_clock.monotonic());
    m_reconciled = true;
    m_auditDue = m_clock.monotonic() + m_options.timings.auditEvery;
    expectIncome(false);
    m_everReconciled = true;
    publishStatus(Freshness::Fresh, {});
    if (m_listener)
        m_listener->onReconciled();
}

} // namespace core::exchange::binance
