#include "core/exchange/hyperliquid/account_sync_ledger.h"

#include <algorithm>

namespace core::exchange::hyperliquid
{
namespace
{
constexpr std::size_t kFillsRemembered = 50'000;
constexpr std::size_t kOthersRemembered = 20'000;
} // namespace

void AccountLedger::start(UtcTime begin, const std::map<Symbol, LastFill> &lastFills)
{
    m_begin = m_fillsFrom = m_fundingFrom = m_transfersFrom = begin;
    m_lastFills = lastFills;
    for (const auto &[symbol, last] : lastFills)
        m_fillsFrom = std::min(m_fillsFrom, last.time);
}

bool AccountLedger::isBefore(const Fill &fill) const
{
    const auto known = m_lastFills.find(fill.instrument.symbol);
    if (known == m_lastFills.end())
        return fill.venueTime < m_begin;
    return fill.venueTime < known->second.time ||
           (fill.venueTime == known->second.time && fill.tradeId == known->second.tradeId);
}

std::vector<FillRow> AccountLedger::newFills(std::vector<FillRow> rows)
{
    std::vector<FillRow> fresh;
    for (FillRow &row : rows) {
        const Fill &fill = row.fill;
        if (isBefore(fill))
            continue;
        const Key key{fill.venueTime, fill.instrument.symbol, fill.tradeId, fill.venueOrderId.value};
        if (!m_fills.insert(key).second)
            continue;
        m_fillOrder.push_back(key);
        if (m_fillOrder.size() > kFillsRemembered) {
            m_fills.erase(m_fillOrder.front());
            m_fillOrder.pop_front();
        }
        fresh.push_back(std::move(row));
    }
    std::stable_sort(fresh.begin(), fresh.end(), [](const FillRow &a, const FillRow &b) {
        return a.fill.venueTime < b.fill.venueTime;
    });
    // One taker meets several makers in one millisecond; only the start positions tell their order.
    std::map<Symbol, SignedSize> at = m_after;
    for (std::size_t i = 0; i < fresh.size(); ++i) {
        const auto position = at.find(fresh[i].fill.instrument.symbol);
        const auto fits = [&](const FillRow &row) {
            return row.fill.instrument == fresh[i].fill.instrument && row.startPosition &&
                   *row.startPosition == position->second;
        };
        if (position != at.end() && !fits(fresh[i])) {
            for (std::size_t j = i + 1; j < fresh.size() && fresh[j].fill.venueTime == fresh[i].fill.venueTime; ++j) {
                if (fits(fresh[j])) {
                    std::rotate(fresh.begin() + static_cast<std::ptrdiff_t>(i),
                                fresh.begin() + static_cast<std::ptrdiff_t>(j),
                                fresh.begin() + static_cast<std::ptrdiff_t>(j) + 1);
                    break;
                }
            }
        }
        if (const auto after = positionAfter(fresh[i]))
            at[fresh[i].fill.instrument.symbol] = *after;
    }
    if (!fresh.empty())
        m_fillsFrom = std::max(m_fillsFrom, fresh.back().fill.venueTime);
    return fresh;
}

bool AccountLedger::follows(const FillRow &row)
{
    const Symbol &symbol = row.fill.instrument.symbol;
    const auto known = m_after.find(symbol);
    const bool fits = known == m_after.end() || !row.startPosition || *row.startPosition == known->second;
    if (const auto after = positionAfter(row))
        m_after[symbol] = *after;
    else
        m_after.erase(symbol);
    return fits;
}

bool AccountLedger::addFunding(const FundingPayment &payment)
{
    if (payment.venueTime < m_begin || !m_funding.emplace(payment.instrument.symbol, payment.venueTime).second)
        return false;
    m_fundingFrom = std::max(m_fundingFrom, payment.venueTime);
    if (m_funding.size() > kOthersRemembered)
        m_funding.erase(m_funding.begin());
    return true;
}

bool AccountLedger::addTransfer(const Transfer &transfer)
{
    if (transfer.venueTime < m_begin || !m_transfers.insert(transfer.id).second)
        return false;
    m_transfersFrom = std::max(m_transfersFrom, transfer.venueTime);
    return true;
}

} // namespace core::exchange::hyperliquid
