#include "core/storage/migrations.h"

#include <QtCore/QVariant>
#include <QtSql/QSqlQuery>

#include <fmt/format.h>

#include "core/storage/rows.h"

using namespace Qt::StringLiterals;

namespace core::storage
{

namespace
{

// Money, prices and quantities are counts of 1e-8; times are UTC nanoseconds; enums are their stable names.
// Account-bound facts carry (mode, account). An unknown account or instrument gets a bare parent row first,
// so a fill of an order placed elsewhere is never refused; fills do not refer to orders for the same reason.
QStringList parents()
{
    return {
        u"CREATE TABLE schema_info(id INTEGER PRIMARY KEY CHECK(id = 1), version INTEGER NOT NULL) STRICT"_s,
        u"CREATE TABLE sessions(id INTEGER PRIMARY KEY, started_at INTEGER NOT NULL, stopped_at INTEGER,"
        " mode TEXT NOT NULL, version TEXT NOT NULL, row_check INTEGER NOT NULL) STRICT"_s,
        u"CREATE TABLE trading_accounts(mode TEXT NOT NULL, account TEXT NOT NULL, row_check INTEGER NOT "
        u"NULL,"
        " PRIMARY KEY(mode, account)) STRICT, WITHOUT ROWID"_s,
        u"CREATE TABLE instruments(venue TEXT NOT NULL, symbol TEXT NOT NULL, base TEXT, quote TEXT,"
        " tick_size INTEGER, price_min INTEGER, price_max INTEGER, step_size INTEGER, quantity_min INTEGER,"
        " quantity_max INTEGER, market_step_size INTEGER, market_quantity_min INTEGER, market_quantity_max "
        "INTEGER,"
        " notional_min INTEGER, price_up INTEGER, price_down INTEGER, trading INTEGER, margin_tiers TEXT,"
        " updated_at INTEGER, row_check INTEGER NOT NULL, PRIMARY KEY(venue, symbol)) STRICT, WITHOUT ROWID"_s,
    };
}

QStringList accountFacts()
{
    return {
        u"CREATE TABLE accounts(mode TEXT NOT NULL, account TEXT NOT NULL, asset TEXT NOT NULL,"
        " received_at INTEGER NOT NULL, venue_time INTEGER NOT NULL, wallet_balance INTEGER NOT NULL,"
        " unrealized_pnl INTEGER NOT NULL, equity INTEGER NOT NULL, available INTEGER NOT NULL,"
        " initial_margin INTEGER NOT NULL, maintenance_margin INTEGER NOT NULL, row_check INTEGER NOT NULL,"
        " PRIMARY KEY(mode, account, asset, received_at),"
        " FOREIGN KEY(mode, account) REFERENCES trading_accounts(mode, account)) STRICT, WITHOUT ROWID"_s,
        u"CREATE TABLE positions(mode TEXT NOT NULL, account TEXT NOT NULL, venue TEXT NOT NULL, symbol TEXT "
        u"NOT NULL,"
        " position_side TEXT NOT NULL, direction TEXT NOT NULL, quantity INTEGER NOT NULL, entry_price "
        "INTEGER NOT NULL,"
        " mark_price INTEGER, unrealized_pnl INTEGER, liquidation_price INTEGER, leverage INTEGER, "
        "margin_mode TEXT,"
        " initial_margin INTEGER, maintenance_margin INTEGER, venue_time INTEGER NOT NULL, received_at "
        "INTEGER NOT NULL,"
        " row_check INTEGER NOT NULL, PRIMARY KEY(mode, account, venue, symbol, position_side),"
        " FOREIGN KEY(mode, account) REFERENCES trading_accounts(mode, account),"
        " FOREIGN KEY(venue, symbol) REFERENCES instruments(venue, symbol)) STRICT, WITHOUT ROWID"_s,
        // The position as first seen: what was open before the first fill we know.
        u"CREATE TABLE position_baselines(mode TEXT NOT NULL, account TEXT NOT NULL, venue TEXT NOT NULL,"
        " symbol TEXT NOT NULL, position_side TEXT NOT NULL, direction TEXT NOT NULL, quantity INTEGER NOT "
        "NULL,"
        " entry_price INTEGER NOT NULL, seen_at INTEGER NOT NULL, row_check INTEGER NOT NULL,"
        " PRIMARY KEY(mode, account, venue, symbol, position_side),"
        " FOREIGN KEY(mode, account) REFERENCES trading_accounts(mode, account),"
        " FOREIGN KEY(venue, symbol) REFERENCES instruments(venue, symbol)) STRICT, WITHOUT ROWID"_s,
        u"CREATE TABLE risk_configurations(mode TEXT NOT NULL, account TEXT NOT NULL, version INTEGER NOT "
        u"NULL,"
        " at INTEGER NOT NULL, changed_by TEXT NOT NULL, toml TEXT NOT NULL, row_check INTEGER NOT NULL,"
        " PRIMARY KEY(mode, account, version),"
        " FOREIGN KEY(mode, account) REFERENCES trading_accounts(mode, account)) STRICT, WITHOUT ROWID"_s,
    };
}

QStringList tradingFacts()
{
    return {
        u"CREATE TABLE orders(mode TEXT NOT NULL, account TEXT NOT NULL, venue TEXT NOT NULL, symbol TEXT "
        u"NOT NULL,"
        " client_order_id TEXT NOT NULL, venue_order_id INTEGER NOT NULL, side TEXT NOT NULL, position_side "
        "TEXT NOT NULL,"
        " type TEXT NOT NULL, status TEXT NOT NULL, quantity INTEGER NOT NULL, filled INTEGER NOT NULL,"
        " average_price INTEGER, limit_price INTEGER, reduce_only INTEGER NOT NULL, reason TEXT NOT NULL,"
        " decision_id TEXT NOT NULL, venue_time INTEGER NOT NULL, received_at INTEGER NOT NULL,"
        " row_check INTEGER NOT NULL,"
        " PRIMARY KEY(mode, account, venue, symbol, client_order_id, venue_order_id),"
        " FOREIGN KEY(mode, account) REFERENCES trading_accounts(mode, account),"
        " FOREIGN KEY(venue, symbol) REFERENCES instruments(venue, symbol)) STRICT, WITHOUT ROWID"_s,
        u"CREATE TABLE fills(mode TEXT NOT NULL, account TEXT NOT NULL, venue TEXT NOT NULL, symbol TEXT NOT "
        u"NULL,"
        " trade_id INTEGER NOT NULL, arrival INTEGER NOT NULL, venue_order_id INTEGER NOT NULL,"
        " client_order_id TEXT NOT NULL, side TEXT NOT NULL, position_side TEXT NOT NULL, price INTEGER NOT "
        "NULL,"
        " quantity INTEGER NOT NULL, fee INTEGER NOT NULL, fee_asset TEXT NOT NULL, realized_pnl INTEGER NOT "
        "NULL,"
        " maker INTEGER NOT NULL, venue_time INTEGER NOT NULL, received_at INTEGER NOT NULL, row_check "
        "INTEGER NOT NULL,"
        " PRIMARY KEY(mode, account, venue, symbol, trade_id),"
        " FOREIGN KEY(mode, account) REFERENCES trading_accounts(mode, account),"
        " FOREIGN KEY(venue, symbol) REFERENCES instruments(venue, symbol)) STRICT, WITHOUT ROWID"_s,
        u"CREATE TABLE trades(mode TEXT NOT NULL, account TEXT NOT NULL, venue TEXT NOT NULL, symbol TEXT "
        u"NOT NULL,"
        " position_side TEXT NOT NULL, open_trade_id INTEGER NOT NULL, close_trade_id INTEGER NOT NULL,"
        " side TEXT NOT NULL, opened_at INTEGER NOT NULL, closed_at INTEGER NOT NULL, size INTEGER NOT NULL,"
        " size_max INTEGER NOT NULL, entry_price INTEGER NOT NULL, exit_price INTEGER NOT NULL,"
        " gross_pnl INTEGER NOT NULL, fees INTEGER NOT NULL, funding INTEGER, net_pnl INTEGER NOT NULL,"
        " pnl_asset TEXT NOT NULL, initial_risk INTEGER, r_multiple INTEGER, mae INTEGER, mfe INTEGER,"
        " setup TEXT NOT NULL, note TEXT NOT NULL, row_check INTEGER NOT NULL,"
        " PRIMARY KEY(mode, account, venue, symbol, position_side, open_trade_id, close_trade_id),"
        " FOREIGN KEY(mode, account) REFERENCES trading_accounts(mode, account),"
        " FOREIGN KEY(venue, symbol) REFERENCES instruments(venue, symbol)) STRICT, WITHOUT ROWID"_s,
        u"CREATE INDEX trades_by_close ON trades(closed_at)"_s,
        u"CREATE TABLE candles(venue TEXT NOT NULL, symbol TEXT NOT NULL, length INTEGER NOT NULL,"
        " open_time INTEGER NOT NULL, open INTEGER NOT NULL, high INTEGER NOT NULL, low INTEGER NOT NULL,"
        " close INTEGER NOT NULL, volume INTEGER NOT NULL, taker_buy_volume INTEGER NOT NULL,"
        " quote_volume INTEGER NOT NULL, trades INTEGER NOT NULL, closed INTEGER NOT NULL, synthetic INTEGER "
        "NOT NULL,"
        " row_check INTEGER NOT NULL, PRIMARY KEY(venue, symbol, length, open_time),"
        " FOREIGN KEY(venue, symbol) REFERENCES instruments(venue, symbol)) STRICT, WITHOUT ROWID"_s,
        u"CREATE TABLE alerts(id INTEGER PRIMARY KEY, session INTEGER NOT NULL REFERENCES sessions(id),"
        " at INTEGER NOT NULL, severity TEXT NOT NULL, code TEXT NOT NULL, venue TEXT, symbol TEXT,"
        " decision_id TEXT NOT NULL, text TEXT NOT NULL, row_check INTEGER NOT NULL,"
        " FOREIGN KEY(venue, symbol) REFERENCES instruments(venue, symbol)) STRICT"_s,
    };
}

QStringList journalTables()
{
    return {
        u"CREATE TABLE journal(seq INTEGER PRIMARY KEY, session INTEGER NOT NULL REFERENCES sessions(id),"
        " at INTEGER NOT NULL, kind TEXT NOT NULL CHECK(kind IN ('input', 'decision', 'note')), payload TEXT "
        "NOT NULL,"
        " prev_hash BLOB NOT NULL CHECK(length(prev_hash) = 32), hash BLOB NOT NULL CHECK(length(hash) = 32)) STRICT"_s,
        u"CREATE INDEX journal_by_session ON journal(session)"_s,
        u"CREATE TABLE journal_head(id INTEGER PRIMARY KEY CHECK(id = 1), seq INTEGER NOT NULL, hash BLOB NOT NULL) STRICT"_s,
        u"INSERT INTO journal_head VALUES(1, 0, zeroblob(32))"_s,
        u"CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal"
        " BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"_s,
        u"CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal"
        " BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"_s,
        // INSERT OR REPLACE would delete without firing the trigger above.
        u"CREATE TRIGGER journal_no_replace BEFORE INSERT ON journal WHEN EXISTS(SELECT 1 FROM journal WHERE "
        u"seq = NEW.seq)"
        " BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"_s,
    };
}

// Version 2: what an account was paid or charged besides its trades, and where conditional orders fire.
QStringList besidesTrades()
{
    return {
        u"CREATE TABLE funding(mode TEXT NOT NULL, account TEXT NOT NULL, venue TEXT NOT NULL, symbol TEXT NOT "
        u"NULL,"
        " venue_time INTEGER NOT NULL, amount INTEGER NOT NULL, asset TEXT NOT NULL, rate INTEGER,"
        " row_check INTEGER NOT NULL, PRIMARY KEY(mode, account, venue, symbol, venue_time),"
        " FOREIGN KEY(mode, account) REFERENCES trading_accounts(mode, account),"
        " FOREIGN KEY(venue, symbol) REFERENCES instruments(venue, symbol)) STRICT, WITHOUT ROWID"_s,
        u"CREATE TABLE transfers(mode TEXT NOT NULL, account TEXT NOT NULL, venue TEXT NOT NULL, id TEXT NOT "
        u"NULL,"
        " kind TEXT NOT NULL, amount INTEGER NOT NULL, asset TEXT NOT NULL, venue_time INTEGER NOT NULL,"
        " row_check INTEGER NOT NULL, PRIMARY KEY(mode, account, venue, id),"
        " FOREIGN KEY(mode, account) REFERENCES trading_accounts(mode, account)) STRICT, WITHOUT ROWID"_s,
        u"ALTER TABLE orders RENAME TO orders_before"_s,
        u"CREATE TABLE orders(mode TEXT NOT NULL, account TEXT NOT NULL, venue TEXT NOT NULL, symbol TEXT "
        u"NOT NULL,"
        " client_order_id TEXT NOT NULL, venue_order_id INTEGER NOT NULL, side TEXT NOT NULL, position_side "
        "TEXT NOT NULL,"
        " type TEXT NOT NULL, status TEXT NOT NULL, quantity INTEGER NOT NULL, filled INTEGER NOT NULL,"
        " average_price INTEGER, limit_price INTEGER, reduce_only INTEGER NOT NULL, reason TEXT NOT NULL,"
        " decision_id TEXT NOT NULL, venue_time INTEGER NOT NULL, received_at INTEGER NOT NULL,"
        " trigger_price INTEGER, row_check INTEGER NOT NULL,"
        " PRIMARY KEY(mode, account, venue, symbol, client_order_id, venue_order_id),"
        " FOREIGN KEY(mode, account) REFERENCES trading_accounts(mode, account),"
        " FOREIGN KEY(venue, symbol) REFERENCES instruments(venue, symbol)) STRICT, WITHOUT ROWID"_s,
    };
}

/// The old rows get an empty trigger price. Their check sums are continued, not made anew: a row that was
/// damaged before stays recognisable as damaged.
Result<void> moveOrders(const Database &database)
{
    QSqlQuery from(database.handle());
    from.setForwardOnly(true);
    QSqlQuery to(database.handle());
    constexpr int kOldCells = 19; // without the check sum
    const QString marks = QStringList(kOldCells, u"?"_s).join(u',');
    if (!from.exec(u"SELECT * FROM orders_before"_s) ||
        !to.prepare(u"INSERT INTO orders VALUES("_s + marks + u", NULL, ?)"_s))
        return fail(storageError(from.lastError().isValid() ? from.lastError() : to.lastError(), "orders"));
    while (from.next()) {
        for (int cell = 0; cell < kOldCells; ++cell)
            to.bindValue(cell, from.value(cell));
        auto check = RowCheck::continued(from.value(kOldCells).toLongLong());
        check.addNull();
        to.bindValue(kOldCells, QVariant::fromValue<qlonglong>(check.value()));
        if (!to.exec())
            return fail(storageError(to.lastError(), "orders"));
    }
    if (from.lastError().isValid())
        return fail(storageError(from.lastError(), "orders"));
    from.finish();
    return database.execute(u"DROP TABLE orders_before"_s);
}

// Version 3: what the risk engine keeps, versions of limits that can wait, and two rules of instruments.
QStringList riskFacts()
{
    const QString account = u" FOREIGN KEY(mode, account) REFERENCES trading_accounts(mode, account)) STRICT, WITHOUT ROWID"_s;
    return {
        u"CREATE TABLE equity(mode TEXT NOT NULL, account TEXT NOT NULL, at INTEGER NOT NULL, venue TEXT NOT NULL,"
        " equity INTEGER NOT NULL, row_check INTEGER NOT NULL, PRIMARY KEY(mode, account, at),"_s +
            account,
        u"CREATE TABLE nav(mode TEXT NOT NULL, account TEXT NOT NULL, at INTEGER NOT NULL, nav INTEGER NOT NULL,"
        " peak INTEGER NOT NULL, row_check INTEGER NOT NULL, PRIMARY KEY(mode, account),"_s +
            account,
        u"CREATE TABLE lockouts(mode TEXT NOT NULL, account TEXT NOT NULL, id TEXT NOT NULL, scope TEXT NOT NULL,"
        " account_venue TEXT, venue TEXT, symbol TEXT, reason TEXT NOT NULL, started_at INTEGER NOT NULL,"
        " until INTEGER NOT NULL, needs_release INTEGER NOT NULL, ended_at INTEGER, row_check INTEGER NOT NULL,"
        " PRIMARY KEY(mode, account, id),"_s +
            account,
        u"CREATE TABLE naked(mode TEXT NOT NULL, account TEXT NOT NULL, day INTEGER NOT NULL,"
        " notional_seconds INTEGER NOT NULL, row_check INTEGER NOT NULL, PRIMARY KEY(mode, account, day),"_s +
            account,
        u"ALTER TABLE risk_configurations RENAME TO configurations_before"_s,
        u"CREATE TABLE risk_configurations(mode TEXT NOT NULL, account TEXT NOT NULL, version INTEGER NOT NULL,"
        " asked_at INTEGER NOT NULL, changed_by TEXT NOT NULL, toml TEXT NOT NULL, valid_from INTEGER NOT NULL,"
        " reason TEXT NOT NULL, hash TEXT NOT NULL, row_check INTEGER NOT NULL, PRIMARY KEY(mode, account, version),"_s +
            account,
        // A parent of other tables cannot be made anew; its check sum moves behind the new columns.
        u"CREATE TABLE instruments_before AS SELECT venue, symbol, row_check FROM instruments"_s,
        u"ALTER TABLE instruments DROP COLUMN row_check"_s,
        u"ALTER TABLE instruments ADD COLUMN significant_digits INTEGER"_s,
        u"ALTER TABLE instruments ADD COLUMN isolated_only INTEGER"_s,
        u"ALTER TABLE instruments ADD COLUMN row_check INTEGER NOT NULL DEFAULT 0"_s,
    };
}

/// Until now every version held at once and without a reason.
Result<void> moveConfigurations(const Database &database)
{
    QSqlQuery from(database.handle());
    from.setForwardOnly(true);
    QSqlQuery to(database.handle());
    if (!from.exec(u"SELECT * FROM configurations_before"_s) ||
        !to.prepare(u"INSERT INTO risk_configurations VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"_s))
        return fail(storageError(from.lastError().isValid() ? from.lastError() : to.lastError(), "risk_configurations"));
    constexpr int kOldCells = 6;
    while (from.next()) {
        for (int cell = 0; cell < kOldCells; ++cell)
            to.bindValue(cell, from.value(cell));
        const qlonglong askedAt = from.value(3).toLongLong();
        const std::string hash = textHash(from.value(5).toString().toStdString());
        auto check = RowCheck::continued(from.value(kOldCells).toLongLong());
        check.addInteger(askedAt);
        check.addText("");
        check.addText(hash);
        to.bindValue(kOldCells, askedAt);
        to.bindValue(kOldCells + 1, u""_s);
        to.bindValue(kOldCells + 2, QString::fromStdString(hash));
        to.bindValue(kOldCells + 3, QVariant::fromValue<qlonglong>(check.value()));
        if (!to.exec())
            return fail(storageError(to.lastError(), "risk_configurations"));
    }
    if (from.lastError().isValid())
        return fail(storageError(from.lastError(), "risk_configurations"));
    from.finish();
    return database.execute(u"DROP TABLE configurations_before"_s);
}

/// The venue has not said the two new rules of the instruments on record.
Result<void> continueInstruments(const Database &database)
{
    QSqlQuery from(database.handle());
    from.setForwardOnly(true);
    QSqlQuery to(database.handle());
    if (!from.exec(u"SELECT * FROM instruments_before"_s) ||
        !to.prepare(u"UPDATE instruments SET row_check = ? WHERE venue = ? AND symbol = ?"_s))
        return fail(storageError(from.lastError().isValid() ? from.lastError() : to.lastError(), "instruments"));
    while (from.next()) {
        auto check = RowCheck::continued(from.value(2).toLongLong());
        check.addNull();
        check.addNull();
        to.bindValue(0, QVariant::fromValue<qlonglong>(check.value()));
        to.bindValue(1, from.value(0));
        to.bindValue(2, from.value(1));
        if (!to.exec())
            return fail(storageError(to.lastError(), "instruments"));
    }
    if (from.lastError().isValid())
        return fail(storageError(from.lastError(), "instruments"));
    from.finish();
    return database.execute(u"DROP TABLE instruments_before"_s);
}

Result<void> moveToRiskFacts(const Database &database)
{
    return moveConfigurations(database).and_then([&] { return continueInstruments(database); });
}

// Version 4: what limits remember between two marks, so that a restart does not loosen a trailing stop or fire a spent tier again.
QStringList riskMemory()
{
    const QString account = u" FOREIGN KEY(mode, account) REFERENCES trading_accounts(mode, account)) STRICT, WITHOUT ROWID"_s;
    return {
        u"CREATE TABLE life_memory(mode TEXT NOT NULL, account TEXT NOT NULL, venue TEXT NOT NULL, symbol TEXT NOT NULL,"
        " position_side TEXT NOT NULL, direction TEXT NOT NULL, opened_at INTEGER NOT NULL, best INTEGER NOT NULL,"
        " trail_stop INTEGER, watched INTEGER NOT NULL, row_check INTEGER NOT NULL,"
        " PRIMARY KEY(mode, account, venue, symbol, position_side),"_s +
            account,
        u"CREATE TABLE tier_memory(mode TEXT NOT NULL, account TEXT NOT NULL, subject TEXT NOT NULL, tier TEXT NOT NULL,"
        " period INTEGER NOT NULL, fires INTEGER NOT NULL, armed INTEGER NOT NULL, active INTEGER NOT NULL,"
        " row_check INTEGER NOT NULL, PRIMARY KEY(mode, account, subject, tier),"_s +
            account,
    };
}

// Version 5: what the safeguards against one's own behaviour remember, and what was planned with an order.
QStringList behaviourFacts()
{
    const QString account = u" FOREIGN KEY(mode, account) REFERENCES trading_accounts(mode, account)) STRICT, WITHOUT ROWID"_s;
    return {
        u"CREATE TABLE findings(mode TEXT NOT NULL, account TEXT NOT NULL, at INTEGER NOT NULL, what TEXT NOT NULL,"
        " severity INTEGER NOT NULL, text TEXT NOT NULL, row_check INTEGER NOT NULL,"
        " PRIMARY KEY(mode, account, at, what),"_s +
            account,
        u"CREATE TABLE plans(mode TEXT NOT NULL, account TEXT NOT NULL, venue TEXT NOT NULL, symbol TEXT NOT NULL,"
        " position_side TEXT NOT NULL, client_order_id TEXT NOT NULL, at INTEGER NOT NULL, risk INTEGER, leverage INTEGER,"
        " setup TEXT NOT NULL, row_check INTEGER NOT NULL,"
        " PRIMARY KEY(mode, account, venue, symbol, client_order_id),"
        " FOREIGN KEY(venue, symbol) REFERENCES instruments(venue, symbol),"_s +
            account,
    };
}

Result<void> apply(const Database &database, const Migration &step)
{
    auto transaction = Transaction::begin(database);
    if (!transaction)
        return fail(transaction.error());
    for (const QString &statement : step.statements) {
        if (auto done = database.execute(statement); !done)
            return done;
    }
    if (step.rewrite) {
        if (auto done = step.rewrite(database); !done)
            return done;
    }
    for (const QString &statement : {u"INSERT OR REPLACE INTO schema_info VALUES(1, %1)"_s.arg(step.version),
                                     u"PRAGMA user_version = %1"_s.arg(step.version),
                                     u"PRAGMA application_id = %1"_s.arg(kApplicationId)}) {
        if (auto done = database.execute(statement); !done)
            return done;
    }
    return transaction->commit();
}

} // namespace

const std::vector<Migration> &migrations()
{
    static const std::vector<Migration> steps{
        {1, parents() + accountFacts() + tradingFacts() + journalTables()},
        {2, besidesTrades(), moveOrders},
        {3, riskFacts(), moveToRiskFacts},
        {4, riskMemory()},
        {5, behaviourFacts()},
    };
    return steps;
}

int currentSchemaVersion()
{
    return migrations().back().version;
}

Result<void> migrate(const Database &database, const std::vector<Migration> &steps)
{
    const auto found = database.value(u"PRAGMA user_version"_s);
    if (!found)
        return fail(found.error());
    const int version = found->toInt();
    if (version > steps.back().version) {
        return fail(ErrorCode::NewerVersion,
                    fmt::format("{}: written by a newer version (schema {}, this program knows up to {})",
                                database.path().toStdString(), version, steps.back().version));
    }
    for (const Migration &step : steps) {
        if (step.version <= version)
            continue;
        if (auto done = apply(database, step); !done)
            return fail(done.error().in(fmt::format("migration to schema {}", step.version)));
    }
    return {};
}

Result<QStringList> presentSchema(const Database &database)
{
    QSqlQuery query(database.handle());
    query.setForwardOnly(true);
    QStringList objects;
    // A table whose page number was lost reads as empty, and one whose kind became a blob of the same letters is listed by nobody who
    // asks for tables; SQLite's own check passes over both.
    if (!query.exec(u"SELECT type || ' ' || name || ' on ' || tbl_name || ': ' || coalesce(sql, '') ||"
                    " CASE WHEN type IN ('table', 'index') AND coalesce(rootpage, 0) < 1 THEN ' (without a page)' ELSE '' END ||"
                    " CASE WHEN typeof(type) = 'text' AND typeof(name) = 'text' AND typeof(tbl_name) = 'text' THEN ''"
                    " ELSE ' (not text)' END"
                    " FROM sqlite_schema"
                    " WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1"_s))
        return fail(storageError(query.lastError(), "schema"));
    while (query.next())
        objects << query.value(0).toString();
    if (query.lastError().isValid())
        return fail(storageError(query.lastError(), "schema"));
    return objects;
}

Result<QStringList> expectedSchema(int version)
{
    auto memory = Database::openMemory();
    if (!memory)
        return fail(memory.error());
    std::vector<Migration> steps;
    for (const Migration &step : migrations()) {
        if (step.version <= version)
            steps.push_back(step);
    }
    if (auto done = migrate(*memory, steps); !done)
        return fail(done.error());
    return presentSchema(*memory);
}

} // namespace core::storage
