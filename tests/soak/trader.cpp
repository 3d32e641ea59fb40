#include "tests/soak/trader.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/market/order_book.h"
#include "tests/soak/truth.h"

namespace tests::soak
{

using namespace core;

namespace
{
constexpr std::size_t kShownKept = 50;
} // namespace

Trader::Trader(Venue venue, std::size_t depth, const Clock &clock) : m_venue(venue), m_depth(depth), m_clock(clock) {}

void Trader::onSent(const OrderRequest &request)
{
    orders[request.clientOrderId].symbol = request.instrument.symbol;
}

std::uint64_t Trader::reconnects() const
{
    std::uint64_t most = 0;
    for (const auto &[unused, status] : streams)
        most = std::max(most, status.reconnects);
    return most;
}

bool Trader::isSure() const
{
    const auto account = streams.find("account");
    return m_isTrusted && account != streams.end() && account->second.freshness == Freshness::Fresh;
}

std::string Trader::doubt() const
{
    const auto account = streams.find("account");
    return account == streams.end() ? std::string() : account->second.lastError;
}

void Trader::noteDoubt()
{
    const Duration now = m_clock.monotonic();
    if (!isSure()) {
        m_doubtedAt = m_doubtedAt.value_or(now);
        figures.doubtedMost = std::max(figures.doubtedMost, now - *m_doubtedAt);
    } else {
        m_doubtedAt.reset();
    }
}

void Trader::onStreamStatus(const ports::StreamStatus &status)
{
    streams[status.name] = status;
    if (status.name == "account")
        noteDoubt();
}

void Trader::heard()
{
    ++figures.messages;
    const Duration now = m_clock.monotonic();
    if (m_heardAt)
        figures.silenceMost = std::max(figures.silenceMost, now - *m_heardAt);
    m_heardAt = now;
}

/// What began before the run is not counted.
void Trader::endSilence()
{
    m_heardAt.reset();
    figures = {};
}

void Trader::onBook(const InstrumentKey &instrument, const market::OrderBook &book, Freshness freshness,
                    UtcTime venueTime, UtcTime)
{
    heard();
    const Symbol &symbol = instrument.symbol;
    if (freshness != Freshness::Fresh) {
        m_fresh.erase(symbol);
        return;
    }
    m_fresh[symbol] = true;
    if (book.isCrossed())
        ++figures.crossedWhileFresh;
    const auto bid = book.best(Side::Buy);
    const auto ask = book.best(Side::Sell);
    if (bid && ask)
        tops[symbol] = {bid->price, ask->price};
    if (!m_isWatching)
        return;
    std::vector<Level> bids;
    std::vector<Level> asks;
    book.copyLevels(Side::Buy, m_depth, bids);
    book.copyLevels(Side::Sell, m_depth, asks);
    auto &kept = shown[symbol];
    kept.push_back({toMilliseconds(venueTime), hashOf(bids, asks)});
    if (kept.size() > kShownKept)
        kept.pop_front();
}

void Trader::onMark(const MarkPrice &mark)
{
    heard();
    marks[mark.instrument.symbol] = mark.mark;
}

void Trader::onPositions(const std::vector<Position> &rows, Source, bool complete)
{
    if (complete)
        positions.clear();
    for (const Position &row : rows) {
        if (row.isFlat())
            positions.erase(row.instrument.symbol);
        else
            positions[row.instrument.symbol] = row;
    }
}

void Trader::onOrder(const OrderUpdate &order, Source)
{
    const auto found = orders.find(order.clientOrderId);
    if (found == orders.end())
        return; // the venue's own, as a liquidation: fills and positions tell of it
    OrderRecord &record = found->second;
    const auto note = [&record](std::string text) {
        if (record.trouble.empty())
            record.trouble = std::move(text);
    };
    if (order.status == OrderStatus::Unknown)
        return;
    if (record.status && isFinal(*record.status) && order.status != *record.status)
        note(fmt::format("was {} and became {}", name(*record.status), name(order.status)));
    if (order.filled < record.filled)
        note(fmt::format("was {} with {} filled, then {} with {}", name(record.status.value_or(OrderStatus::Unknown)),
                         record.filled.text(), name(order.status), order.filled.text()));
    if ((record.isAbsent || (record.isRefused && !record.status)) && order.status != OrderStatus::Rejected)
        note(fmt::format("was called {} and is {}", record.isAbsent ? "absent" : "refused", name(order.status)));
    record.status = order.status;
    record.filled = order.filled;
    if (isFinal(order.status))
        live.erase(order.clientOrderId);
    else
        live[order.clientOrderId] = order;
}

void Trader::onFill(const Fill &fill, Source)
{
    const auto [entry, isNew] = fills.try_emplace({fill.instrument.symbol, fill.tradeId}, fill.quantity);
    if (!isNew && entry->second != fill.quantity)
        fillTrouble.push_back(fmt::format("fill {} of {}: {} and {}", fill.tradeId, fill.instrument.symbol.view(),
                                          entry->second.text(), fill.quantity.text()));
}

void Trader::onRequestOutcome(const ClientOrderId &order, RequestOutcome outcome, const Error &)
{
    const auto found = orders.find(order);
    if (found == orders.end())
        return;
    OrderRecord &record = found->second;
    if (outcome == RequestOutcome::Unknown)
        ++figures.unknownOutcomes;
    if (outcome == RequestOutcome::Rejected)
        ++figures.refusedOutcomes;
    if (record.status || record.isAccepted)
        return; // of a change or a cancel
    record.isAccepted = outcome == RequestOutcome::Accepted;
    record.isRefused = outcome == RequestOutcome::Rejected;
}

void Trader::onOrderAbsent(const ClientOrderId &order)
{
    const auto found = orders.find(order);
    if (found == orders.end())
        return;
    ++figures.absent;
    if (found->second.status && found->second.trouble.empty())
        found->second.trouble = fmt::format("was {} and is called absent", name(*found->second.status));
    found->second.isAbsent = true;
    live.erase(order);
}

void Trader::onReconciled()
{
    ++figures.reconciled;
    m_isTrusted = true;
    if (m_lostAt)
        figures.untrustedMost = std::max(figures.untrustedMost, m_clock.monotonic() - *m_lostAt);
    m_lostAt.reset();
    noteDoubt();
}

void Trader::onReconciliationLost(const Error &)
{
    ++figures.lostTrust;
    m_isTrusted = false;
    if (!m_lostAt)
        m_lostAt = m_clock.monotonic();
    noteDoubt();
}

} // namespace tests::soak
