#include "core/storage/round_trips.h"

#include <set>

namespace core::storage
{

RoundTripBuilder::RoundTripBuilder(PositionKey key, Asset pnlAsset, std::optional<OpeningPosition> opening)
    : m_key(std::move(key)), m_pnlAsset(pnlAsset), m_trips(m_key.positionSide, pnlAsset, std::move(opening))
{
}

Result<std::optional<TradeRow>> RoundTripBuilder::apply(const Fill &fill)
{
    auto trip = m_trips.apply(fill);
    if (!trip)
        return fail(trip.error());
    if (!*trip)
        return std::nullopt;
    TradeRow row;
    row.mode = m_key.mode;
    row.account = m_key.account;
    row.instrument = m_key.instrument;
    row.positionSide = m_key.positionSide;
    row.openTradeId = (*trip)->openTradeId;
    row.closeTradeId = (*trip)->closeTradeId;
    row.side = (*trip)->direction;
    row.openedAt = (*trip)->openedAt;
    row.closedAt = (*trip)->closedAt;
    row.size = (*trip)->size;
    row.sizeMax = (*trip)->sizeMax;
    row.entryPrice = (*trip)->entryPrice;
    row.exitPrice = (*trip)->exitPrice;
    row.grossPnl = (*trip)->gross;
    row.fees = (*trip)->fees;
    row.netPnl = (*trip)->net;
    row.pnlAsset = m_pnlAsset;
    row.note = (*trip)->note;
    return std::optional<TradeRow>(std::move(row));
}

Result<std::vector<TradeRow>> buildRoundTrips(const PositionKey &key, const Asset &pnlAsset,
                                              std::optional<OpeningPosition> opening, std::vector<Fill> fills)
{
    sortFills(key.instrument.venue, fills);
    RoundTripBuilder builder(key, pnlAsset, std::move(opening));
    std::set<std::int64_t> seen;
    std::vector<TradeRow> rows;
    for (const Fill &fill : fills) {
        if (!seen.insert(fill.tradeId).second)
            continue;
        auto row = builder.apply(fill);
        if (!row)
            return fail(row.error());
        if (*row)
            rows.push_back(std::move(**row));
    }
    return rows;
}

} // namespace core::storage
