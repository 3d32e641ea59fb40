#include "core/exchange/binance/account_sync.h"

#include <algorithm>

// Funding and transfers. The event says that there was one and changes the balance at once; what it was, for
// which contract and when, is taken from the cash flow, so that it is recorded once.

namespace core::exchange::binance
{
namespace
{
using namespace std::chrono_literals;

constexpr int kTriesForCertain = 7;
constexpr Duration kRetryFirst = 1s;
constexpr Duration kRetryAfterFailure = 30s;
constexpr Duration kOverlap = 1min;
constexpr std::size_t kRowsRemembered = 50'000;

} // namespace

void AccountSync::expectIncome(bool certain)
{
    if (certain)
        m_incomeTriesLeft = kTriesForCertain;
    else
        m_incomeMissed = m_everReconciled;
    m_incomeDue = std::min(m_incomeDue, m_clock.monotonic() + m_options.timings.incomeAfter);
}

void AccountSync::askIncome()
{
    m_incomeDue = Duration::max();
    m_incomeRunning = true;
    const UtcTime now = m_rest.venueClock().now();
    if (m_incomeSince == UtcTime{})
        m_incomeSince = m_options.incomeSince.value_or(now - kOverlap);
    m_history.income({}, {m_incomeSince - kOverlap, UtcTime{}}, net::Lane::Normal,
                     [this, now](const Result<std::vector<IncomeRow>> &rows) {
                         m_incomeRunning = false;
                         if (!m_listener)
                             return;
                         if (!rows) {
                             m_status.lastError = rows.error().detail;
                             m_incomeDue = m_clock.monotonic() + kRetryAfterFailure;
                             return;
                         }
                         onIncome(*rows);
                         if (m_incomeTriesLeft == 0)
                             m_incomeSince = std::max(m_incomeSince, now - kOverlap);
                     });
}

void AccountSync::onIncome(const std::vector<IncomeRow> &rows)
{
    std::vector<IncomeRow> fresh;
    for (const IncomeRow &row : rows) {
        if (row.time >= m_options.incomeSince.value_or(UtcTime{}) && m_incomeSeen.insert(row).second)
            fresh.push_back(row);
    }
    if (m_incomeSeen.size() > kRowsRemembered)
        std::erase_if(m_incomeSeen, [this](const IncomeRow &row) { return row.time < m_incomeSince - kOverlap; });
    const bool missed = std::exchange(m_incomeMissed, false) && m_incomeTriesLeft == 0;
    const auto payments = fundingOf(fresh);
    const auto transfers = transfersOf(fresh);
    for (const FundingPayment &payment : payments) {
        if (m_listener && missed)
            m_listener->onDifference({Difference::What::Funding, payment.instrument, {}, "nothing", payment.amount.text()});
        if (m_listener)
            m_listener->onFunding(payment, Source::Query);
    }
    for (const Transfer &transfer : transfers) {
        if (m_listener && missed)
            m_listener->onDifference({Difference::What::Transfer, std::nullopt, transfer.id, "nothing", transfer.amount.text()});
        if (m_listener)
            m_listener->onTransfer(transfer, Source::Query);
    }
    if (!payments.empty() || !transfers.empty()) {
        m_incomeTriesLeft = 0;
    } else if (m_incomeTriesLeft > 0) {
        // The cash flow may be seconds behind the event.
        const int tried = kTriesForCertain - m_incomeTriesLeft--;
        m_incomeDue = m_clock.monotonic() + kRetryFirst * (1 << tried);
    }
}

} // namespace core::exchange::binance
