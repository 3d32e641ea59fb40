#include "core/exchange/binance/account_ledger.h"

#include <algorithm>

namespace core::exchange::binance
{
namespace
{
using namespace std::chrono_literals;

/// How far an answer may lag behind the stream. Older stream rows lose against it, so that a lost event
/// cannot keep a wrong position for ever.
constexpr Duration kAnswerLag = 1s;
constexpr std::size_t kFillsRemembered = 20'000;

bool sameSize(const Position &a, const Position &b)
{
    return a.quantity == b.quantity && a.direction == b.direction && a.entryPrice == b.entryPrice;
}

std::string sizeOf(const Position &position)
{
    if (position.isFlat())
        return "flat";
    return std::string(name(position.direction)) + " " + position.quantity.text();
}

} // namespace

void PositionLedger::setLeverage(const Symbol &symbol, int leverage)
{
    if (const auto config = m_configs.find(symbol); config != m_configs.end())
        config->second.leverage = leverage;
    for (auto &[key, entry] : m_entries) {
        if (key.symbol == symbol)
            entry.position.leverage = leverage;
    }
}

void PositionLedger::correct(const Position &ours, const Position &venue, std::optional<UtcTime> streamedAt)
{
    if (sizeOf(ours) != sizeOf(venue))
        m_corrections.push_back({venue.instrument, sizeOf(ours), sizeOf(venue),
                                 std::max(venue.venueTime, streamedAt.value_or(UtcTime{}))});
}

std::vector<Position> PositionLedger::onStream(const std::vector<Position> &rows)
{
    std::vector<Position> result;
    for (const Position &row : rows) {
        Entry &entry = m_entries[{row.instrument.symbol, row.positionSide}];
        if (entry.streamedAt && row.venueTime < *entry.streamedAt)
            continue;
        Position merged = row;
        const Position &known = entry.position;
        if (!merged.leverage)
            merged.leverage = known.leverage;
        if (!merged.marginMode)
            merged.marginMode = known.marginMode;
        if (const auto config = m_configs.find(row.instrument.symbol); config != m_configs.end()) {
            if (!merged.leverage)
                merged.leverage = config->second.leverage;
            if (!merged.marginMode)
                merged.marginMode = config->second.marginMode;
        }
        if (sameSize(known, row)) {
            if (!merged.markPrice)
                merged.markPrice = known.markPrice;
            if (!merged.liquidationPrice)
                merged.liquidationPrice = known.liquidationPrice;
            if (!merged.initialMargin)
                merged.initialMargin = known.initialMargin;
            if (!merged.maintenanceMargin)
                merged.maintenanceMargin = known.maintenanceMargin;
            if (!merged.isolatedMargin)
                merged.isolatedMargin = known.isolatedMargin;
        }
        entry.position = merged;
        entry.streamedAt = row.venueTime;
        result.push_back(merged);
    }
    return result;
}

std::vector<Position> PositionLedger::onQuery(std::vector<Position> rows, UtcTime askedAt)
{
    m_answerLagged = false;
    m_corrections.clear();
    std::map<Key, Entry> entries;
    for (Position &row : rows) {
        const Key key{row.instrument.symbol, row.positionSide};
        Entry entry{row, std::nullopt};
        if (const auto known = m_entries.find(key); known != m_entries.end()) {
            entry.streamedAt = known->second.streamedAt;
            const bool newer = entry.streamedAt && *entry.streamedAt > row.venueTime &&
                               *entry.streamedAt > askedAt - kAnswerLag;
            if (newer && !sameSize(known->second.position, row)) {
                entry.position = known->second.position;
                m_answerLagged = true;
            } else {
                correct(known->second.position, row, entry.streamedAt);
            }
        } else {
            correct(Position{}, row, std::nullopt);
        }
        entries[key] = entry;
    }
    // Not listed is flat, unless the stream has just said otherwise.
    for (const auto &[key, known] : m_entries) {
        if (entries.contains(key))
            continue;
        if (known.streamedAt && *known.streamedAt > askedAt - kAnswerLag) {
            entries[key] = known;
            m_answerLagged = m_answerLagged || !known.position.isFlat();
            continue;
        }
        Position flat;
        flat.instrument = known.position.instrument;
        flat.positionSide = key.side;
        flat.leverage = known.position.leverage;
        flat.marginMode = known.position.marginMode;
        correct(known.position, flat, known.streamedAt);
        if (!known.streamedAt)
            continue;
        entries[key] = Entry{flat, known.streamedAt};
    }
    m_entries = std::move(entries);
    std::vector<Position> open;
    for (const auto &[key, entry] : m_entries) {
        if (!entry.position.isFlat())
            open.push_back(entry.position);
    }
    return open;
}

Money PositionLedger::unrealizedPnl() const
{
    Money sum;
    for (const auto &[key, entry] : m_entries) {
        if (entry.position.isFlat() || !entry.position.unrealizedPnl)
            continue;
        sum = add(sum, *entry.position.unrealizedPnl).value_or(sum);
    }
    return sum;
}

bool FillLedger::contains(const Fill &fill) const
{
    const auto seen = m_seen.find(fill.instrument.symbol);
    return seen != m_seen.end() && seen->second.ids.contains(fill.tradeId);
}

bool FillLedger::add(const Fill &fill)
{
    Seen &seen = m_seen[fill.instrument.symbol];
    if (!seen.ids.insert(fill.tradeId).second)
        return false;
    seen.order.push_back(fill.tradeId);
    if (seen.order.size() > kFillsRemembered) {
        seen.ids.erase(seen.order.front());
        seen.order.pop_front();
    }
    return true;
}

} // namespace core::exchange::binance
