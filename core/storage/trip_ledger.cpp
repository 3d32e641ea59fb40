#include "core/storage/trip_ledger.h"

#include <limits>
#include <set>

#include "core/storage/tables.h"

using namespace Qt::StringLiterals;

namespace core::storage
{

namespace
{

[[nodiscard]] QString qt(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

void bindKey(QSqlQuery &query, const PositionKey &key)
{
    query.addBindValue(qt(name(key.mode)));
    query.addBindValue(qt(key.account.view()));
    query.addBindValue(qt(name(key.instrument.venue)));
    query.addBindValue(qt(key.instrument.symbol.view()));
    query.addBindValue(qt(name(key.positionSide)));
}

constexpr auto kWhereKey =
    " WHERE mode = ? AND account = ? AND venue = ? AND symbol = ? AND position_side = ?";

[[nodiscard]] Result<QSqlQuery> queryByKey(const Database &database, const char *head, const PositionKey &key)
{
    QSqlQuery query(database.handle());
    query.setForwardOnly(true);
    const bool prepared = query.prepare(QString::fromLatin1(head) + QString::fromLatin1(kWhereKey));
    bindKey(query, key);
    if (!prepared || !query.exec())
        return fail(storageError(query.lastError(), "trades"));
    return query;
}

[[nodiscard]] Result<std::vector<Fill>> storedFills(const Database &database, const PositionKey &key,
                                                    std::int64_t before)
{
    auto query = queryByKey(database, "SELECT * FROM fills", key);
    if (!query)
        return fail(query.error());
    std::vector<StoredFill> stored;
    while (query->next()) {
        RowReader row(*query, "fills");
        stored.push_back(takeFill(row));
        if (auto good = row.finish(); !good)
            return fail(good.error());
        if (stored.back().arrival >= before)
            stored.pop_back();
    }
    if (query->lastError().isValid())
        return fail(storageError(query->lastError(), "fills"));
    std::sort(stored.begin(), stored.end(),
              [](const auto &a, const auto &b) { return a.arrival < b.arrival; });
    std::vector<Fill> fills;
    fills.reserve(stored.size());
    for (StoredFill &fill : stored)
        fills.push_back(std::move(fill.row.fill));
    sortFills(key.instrument.venue, fills);
    return fills;
}

[[nodiscard]] Result<std::optional<OpeningPosition>> baseline(const Database &database,
                                                              const PositionKey &key)
{
    auto query = queryByKey(database, "SELECT * FROM position_baselines", key);
    if (!query)
        return fail(query.error());
    if (!query->next()) {
        if (query->lastError().isValid())
            return fail(storageError(query->lastError(), "position_baselines"));
        return std::nullopt;
    }
    RowReader row(*query, "position_baselines");
    const OpeningPosition opening = takeBaseline(row);
    if (auto good = row.finish(); !good)
        return fail(good.error());
    return opening;
}

[[nodiscard]] Result<Asset> settlementAsset(const Database &database, const InstrumentKey &key)
{
    QSqlQuery query(database.handle());
    query.setForwardOnly(true);
    const bool prepared = query.prepare(u"SELECT quote FROM instruments WHERE venue = ? AND symbol = ?"_s);
    query.addBindValue(qt(name(key.venue)));
    query.addBindValue(qt(key.symbol.view()));
    if (!prepared || !query.exec())
        return fail(storageError(query.lastError(), "instruments"));
    if (!query.next() || query.value(0).isNull())
        return Asset{};
    return Asset::from(query.value(0).toString().toStdString()).value_or(Asset{});
}

/// What was open before the first fill we know: the position as first seen, minus the fills it already
/// contained.
[[nodiscard]] std::optional<OpeningPosition> openingBefore(const std::optional<OpeningPosition> &seen,
                                                           const std::vector<Fill> &fills)
{
    if (!seen)
        return std::nullopt;
    std::int64_t open = seen->direction == Direction::Long ? seen->quantity.raw() : -seen->quantity.raw();
    for (const Fill &fill : fills) {
        if (fill.venueTime > seen->seenAt)
            continue;
        const auto before = fill.side == Side::Buy ? checkedSub(open, fill.quantity.raw())
                                                   : checkedAdd(open, fill.quantity.raw());
        if (!before)
            return std::nullopt;
        open = *before;
    }
    if (open == 0 || open == std::numeric_limits<std::int64_t>::min())
        return std::nullopt;
    OpeningPosition opening = *seen;
    opening.direction = open > 0 ? Direction::Long : Direction::Short;
    opening.quantity = Quantity::fromRaw(open > 0 ? open : -open);
    return opening;
}

} // namespace

Result<TripLedger> TripLedger::prepare(const Database &database)
{
    auto trades = RowWriter::prepare(database, u"trades"_s, OnConflict::Update,
                                     {u"mode"_s, u"account"_s, u"venue"_s, u"symbol"_s, u"position_side"_s,
                                      u"open_trade_id"_s, u"close_trade_id"_s});
    if (!trades)
        return fail(trades.error());
    return TripLedger(database, std::move(*trades));
}

Result<void> TripLedger::store(std::optional<TradeRow> trade)
{
    if (!trade)
        return {};
    auto plan = planBehind(*m_database, trade->mode, trade->account, {trade->instrument, trade->positionSide}, trade->openTradeId);
    if (!plan)
        return fail(plan.error());
    if (*plan) {
        trade->initialRisk = (*plan)->risk;
        trade->setup = std::move((*plan)->setup);
    }
    put(m_trades, *trade);
    return m_trades.run().map([](int) {});
}

Result<void> TripLedger::clear(const PositionKey &key)
{
    return queryByKey(*m_database, "DELETE FROM trades", key).map([](const QSqlQuery &) {});
}

Result<TripLedger::State> TripLedger::load(const PositionKey &key, std::int64_t before, bool write,
                                           std::string &problem)
{
    const auto fills = storedFills(*m_database, key, before);
    const auto seen = baseline(*m_database, key);
    const auto asset = settlementAsset(*m_database, key.instrument);
    if (!fills || !seen || !asset)
        return fail(!fills ? fills.error() : !seen ? seen.error() : asset.error());
    State state{RoundTripBuilder(key, *asset, openingBefore(*seen, *fills)), std::nullopt, {}, 0, false};
    if (*seen)
        state.baselineAt = (*seen)->seenAt;
    for (const Fill &fill : *fills) {
        const auto trade = state.builder.apply(fill);
        state.lastTime = fill.venueTime;
        state.lastTradeId = fill.tradeId;
        state.any = true;
        if (!trade)
            problem = trade.error().detail;
        else if (auto stored = write ? store(std::move(*trade)) : Result<void>{}; !stored)
            return fail(stored.error());
    }
    return state;
}

Result<std::string> TripLedger::rebuild(const PositionKey &key)
{
    m_states.erase(key);
    if (auto cleared = clear(key); !cleared)
        return fail(cleared.error());
    std::string problem;
    auto state = load(key, std::numeric_limits<std::int64_t>::max(), true, problem);
    if (!state)
        return fail(state.error());
    m_states.insert_or_assign(key, std::move(*state));
    return problem;
}

Result<std::string> TripLedger::onFill(const PositionKey &key, const Fill &fill, std::int64_t arrival)
{
    auto found = m_states.find(key);
    if (found == m_states.end()) {
        std::string earlier; // was reported when it happened
        auto state = load(key, arrival, false, earlier);
        if (!state)
            return fail(state.error());
        found = m_states.insert_or_assign(key, std::move(*state)).first;
    }
    State &state = found->second;
    const bool numbered = key.instrument.venue == Venue::Binance;
    const bool late =
        state.any && (fill.venueTime < state.lastTime ||
                      (fill.venueTime == state.lastTime && numbered && fill.tradeId < state.lastTradeId));
    const bool insideBaseline = state.baselineAt && fill.venueTime <= *state.baselineAt;
    if (late || insideBaseline)
        return rebuild(key);
    const auto trade = state.builder.apply(fill);
    state.lastTime = fill.venueTime;
    state.lastTradeId = fill.tradeId;
    state.any = true;
    if (!trade)
        return trade.error().detail;
    if (auto stored = store(std::move(*trade)); !stored)
        return fail(stored.error());
    return std::string();
}

} // namespace core::storage
