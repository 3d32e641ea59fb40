#include "core/orders/position_ledger.h"

#include <algorithm>

namespace core::orders
{

std::int64_t signedSize(const Position &position)
{
    return position.direction == Direction::Long ? position.quantity.raw() : -position.quantity.raw();
}

bool PositionLedger::onReport(const Position &report)
{
    if (report.quantity.isNegative())
        return false;
    if (m_known && report.venueTime < m_baseTime) {
        learnTerms(report);
        return false;
    }
    Position next = report;
    if (m_known)
        fillGaps(m_base, next);
    m_base = next;
    m_baseTime = report.venueTime;
    m_known = true;
    return true;
}

void PositionLedger::onOmitted()
{
    // Whatever we know happened before the venue made this list, or the next report will say so.
    m_baseTime = std::max(m_baseTime, m_lastFillTime);
    m_base.quantity = {};
    m_base.venueTime = m_baseTime;
    m_known = true;
}

void PositionLedger::rebase(const Position &report, UtcTime upTo)
{
    Position next = report;
    if (m_known)
        fillGaps(m_base, next);
    m_base = next;
    m_baseTime = std::max({m_baseTime, m_lastFillTime, upTo});
    m_known = true;
}

/// Binance's stream says neither leverage nor margin; both hold on as long as the position does.
void PositionLedger::fillGaps(const Position &before, Position &after)
{
    if (!after.leverage)
        after.leverage = before.leverage;
    if (!after.marginMode)
        after.marginMode = before.marginMode;
    const bool samePosition = !before.isFlat() && !after.isFlat() && before.direction == after.direction;
    if (after.initialMargin || !before.initialMargin || !samePosition || !before.entryPrice.isPositive())
        return;
    // The same leverage on another size: margin in proportion to the entry value, floored so that the loss is
    // not understated.
    const auto bySize =
        mulDiv(before.initialMargin->raw(), after.quantity.raw(), before.quantity.raw(), Rounding::Floor);
    if (!bySize)
        return;
    const auto byEntry = mulDiv(*bySize, after.entryPrice.raw(), before.entryPrice.raw(), Rounding::Floor);
    if (byEntry)
        after.initialMargin = Money::fromRaw(*byEntry);
}

/// An answer to a query may be a moment older than the stream and still be the only one that says leverage
/// and margin.
void PositionLedger::learnTerms(const Position &older)
{
    if (!m_base.leverage)
        m_base.leverage = older.leverage;
    if (!m_base.marginMode)
        m_base.marginMode = older.marginMode;
    if (!m_base.liquidationPrice && older.quantity == m_base.quantity)
        m_base.liquidationPrice = older.liquidationPrice;
    if (!m_base.initialMargin && older.initialMargin) {
        Position filled = m_base;
        fillGaps(older, filled);
        m_base.initialMargin = filled.initialMargin;
    }
}

bool PositionLedger::onFill(const Fill &fill)
{
    const bool known = std::any_of(m_fills.begin(), m_fills.end(),
                                   [&fill](const Delta &delta) { return delta.tradeId == fill.tradeId; });
    if (known || !fill.quantity.isPositive())
        return false;
    m_fills.push_back(
        {fill.venueTime, fill.tradeId, fill.side == Side::Buy ? fill.quantity.raw() : -fill.quantity.raw()});
    if (m_fills.size() > kFillsKept)
        m_fills.pop_front();
    m_lastFillTime = std::max(m_lastFillTime, fill.venueTime);
    return true;
}

std::int64_t PositionLedger::live() const
{
    std::int64_t size = signedSize(m_base);
    if (m_lastFillTime <= m_baseTime)
        return size;
    for (const Delta &delta : m_fills) {
        if (delta.time > m_baseTime)
            size = checkedAdd(size, delta.signedSize).value_or(size);
    }
    return size;
}

std::vector<PositionLedger::Delta> PositionLedger::newestFirst() const
{
    std::vector<Delta> fills(m_fills.begin(), m_fills.end());
    std::sort(fills.begin(), fills.end(), [](const Delta &a, const Delta &b) {
        return a.time != b.time ? a.time > b.time : a.tradeId > b.tradeId;
    });
    return fills;
}

Quantity PositionLedger::smallestSince(UtcTime from, Direction direction) const
{
    const std::int64_t sign = direction == Direction::Long ? 1 : -1;
    std::int64_t size = sign * live();
    std::int64_t smallest = size;
    for (const Delta &delta : newestFirst()) {
        if (delta.time <= from)
            break;
        size = checkedSub(size, sign * delta.signedSize).value_or(0);
        smallest = std::min(smallest, size);
    }
    return Quantity::fromRaw(std::max<std::int64_t>(smallest, 0));
}

std::optional<UtcTime> PositionLedger::openedAt() const
{
    const std::vector<Delta> fills = newestFirst();
    std::int64_t size = live();
    const bool isLong = size > 0;
    for (const Delta &delta : fills) {
        const auto before = checkedSub(size, delta.signedSize);
        if (!before)
            return std::nullopt;
        if (isLong ? *before <= 0 : *before >= 0)
            return delta.time;
        size = *before;
    }
    return std::nullopt;
}

} // namespace core::orders
