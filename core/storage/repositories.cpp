#include "core/storage/repositories.h"

#include "core/storage/queries.h"
#include "core/storage/tables.h"

using namespace Qt::StringLiterals;

namespace core::storage
{

Result<std::vector<AlertRow>> recentAlerts(const Database &database, std::size_t most)
{
    return allRows<AlertRow>(database, "alerts", u"SELECT * FROM alerts ORDER BY id DESC LIMIT ?"_s,
                             {limit(most)}, takeAlert);
}

Result<std::vector<PositionRow>> openPositions(const Database &database)
{
    return allRows<PositionRow>(database, "positions",
                                u"SELECT * FROM positions WHERE quantity > 0"
                                " ORDER BY mode, account, venue, symbol, position_side"_s,
                                {}, takePosition);
}

Result<std::vector<AccountSnapshot>> latestAccounts(const Database &database, Mode mode)
{
    return allRows<AccountSnapshot>(
        database, "accounts",
        u"SELECT * FROM accounts a WHERE mode = ? AND received_at = (SELECT max(received_at)"
        " FROM accounts b WHERE b.mode = a.mode AND b.account = a.account AND b.asset = a.asset)"
        " ORDER BY account, asset"_s,
        {qt(name(mode))}, takeAccount);
}

Result<std::optional<Instrument>> instrument(const Database &database, const InstrumentKey &key)
{
    const auto rows = allRows<std::optional<Instrument>>(database, "instruments",
                                                         u"SELECT * FROM instruments WHERE venue = ? AND symbol = ?"_s,
                                                         {qt(name(key.venue)), qt(key.symbol.view())}, takeInstrument);
    if (!rows)
        return fail(rows.error());
    return rows->empty() ? std::nullopt : rows->front();
}

Result<std::map<InstrumentKey, std::int64_t>> newestTradeIds(const Database &database, Mode mode,
                                                             const AccountId &account)
{
    QSqlQuery query(database.handle());
    query.setForwardOnly(true);
    const bool prepared = query.prepare(u"SELECT venue, symbol, MAX(trade_id) FROM fills WHERE mode = ? AND account = ?"
                                        " GROUP BY venue, symbol"_s);
    query.addBindValue(qt(name(mode)));
    query.addBindValue(qt(account.view()));
    if (!prepared || !query.exec())
        return fail(storageError(query.lastError(), "fills"));
    std::map<InstrumentKey, std::int64_t> newest;
    while (query.next()) {
        const auto venue = parseVenue(query.value(0).toString().toStdString());
        const auto symbol = Symbol::from(query.value(1).toString().toStdString());
        if (!venue || !symbol)
            return fail(ErrorCode::Corrupt, "fills: a venue or symbol that this program never writes");
        newest[{*venue, *symbol}] = query.value(2).toLongLong();
    }
    return newest;
}

Result<void> eachTrade(const Database &database, const TradeFilter &filter,
                       const std::function<bool(const TradeRow &)> &visit)
{
    QStringList rules;
    QVariantList values;
    if (filter.mode) {
        rules << u"mode = ?"_s;
        values << qt(name(*filter.mode));
    }
    if (filter.from) {
        rules << u"closed_at >= ?"_s;
        values << nanoseconds(*filter.from);
    }
    if (filter.to) {
        rules << u"closed_at < ?"_s;
        values << nanoseconds(*filter.to);
    }
    const QString where = rules.isEmpty() ? QString() : u" WHERE "_s + rules.join(u" AND "_s);
    return eachRow(
        database, "trades",
        u"SELECT * FROM trades"_s + where +
            u" ORDER BY closed_at, mode, account, venue, symbol, position_side, opened_at, close_trade_id"_s,
        values, [&](RowReader &row) -> Result<bool> {
            const TradeRow trade = takeTrade(row);
            return row.finish().map([&] { return visit(trade); });
        });
}

Result<std::vector<TradeRow>> trades(const Database &database, const TradeFilter &filter)
{
    std::vector<TradeRow> rows;
    auto done = eachTrade(database, filter, [&rows](const TradeRow &trade) {
        rows.push_back(trade);
        return true;
    });
    if (!done)
        return fail(done.error());
    return rows;
}

Result<std::vector<OrderRow>> recentOrders(const Database &database, std::size_t most)
{
    return allRows<OrderRow>(database, "orders",
                             u"SELECT * FROM orders ORDER BY venue_time DESC, received_at DESC LIMIT ?"_s,
                             {limit(most)}, takeOrder);
}

Result<std::vector<FillRow>> fills(const Database &database)
{
    return allRows<FillRow>(database, "fills", u"SELECT * FROM fills ORDER BY venue_time, arrival"_s, {},
                            [](RowReader &row) { return takeFill(row).row; });
}

Result<std::vector<FundingRow>> funding(const Database &database)
{
    return allRows<FundingRow>(database, "funding", u"SELECT * FROM funding ORDER BY venue_time, mode, account, venue, symbol"_s,
                               {}, takeFunding);
}

Result<std::vector<TransferRow>> transfers(const Database &database)
{
    return allRows<TransferRow>(database, "transfers", u"SELECT * FROM transfers ORDER BY venue_time, mode, account, venue, id"_s,
                                {}, takeTransfer);
}

Result<std::vector<Candle>> candles(const Database &database, const InstrumentKey &instrument,
                                    Duration length, UtcTime from, UtcTime to)
{
    return allRows<Candle>(
        database, "candles",
        u"SELECT * FROM candles WHERE venue = ? AND symbol = ? AND length = ? AND open_time >= ?"
        " AND open_time < ? ORDER BY open_time"_s,
        {qt(name(instrument.venue)), qt(instrument.symbol.view()),
         QVariant::fromValue<qlonglong>(length.count()), nanoseconds(from), nanoseconds(to)},
        takeCandle);
}

Result<std::vector<SessionRow>> sessions(const Database &database)
{
    return allRows<SessionRow>(database, "sessions", u"SELECT * FROM sessions ORDER BY id"_s, {},
                               takeSession);
}

Result<void> eachJournalRow(const Database &database, std::optional<std::int64_t> session,
                            const std::function<bool(const JournalRow &)> &visit)
{
    QSqlQuery query(database.handle());
    query.setForwardOnly(true);
    const QString rule = session ? u"?"_s : u"(SELECT session FROM journal ORDER BY seq DESC LIMIT 1)"_s;
    const bool prepared = query.prepare(
        u"SELECT seq, session, at, kind, CAST(payload AS BLOB) FROM journal WHERE session = %1 ORDER BY seq"_s
            .arg(rule));
    if (session)
        query.addBindValue(QVariant::fromValue<qlonglong>(*session));
    if (!prepared || !query.exec())
        return fail(storageError(query.lastError(), "journal"));
    while (query.next()) {
        JournalRow row;
        row.seq = query.value(0).toLongLong();
        row.session = query.value(1).toLongLong();
        row.at = utcFromNanoseconds(query.value(2).toLongLong());
        const QString kind = query.value(3).toString();
        bool known = false;
        for (const JournalKind candidate : {JournalKind::Input, JournalKind::Decision, JournalKind::Note}) {
            if (kind == qt(name(candidate))) {
                row.kind = candidate;
                known = true;
            }
        }
        if (!known)
            return fail(ErrorCode::Corrupt,
                        "journal row " + std::to_string(row.seq) + ": its kind does not exist");
        row.payload = query.value(4).toByteArray().toStdString();
        if (!visit(row))
            return {};
    }
    if (query.lastError().isValid())
        return fail(storageError(query.lastError(), "journal"));
    return {};
}

} // namespace core::storage
