#include "core/storage/check.h"

#include <QtCore/QVariant>
#include <QtSql/QSqlQuery>

#include <fmt/format.h>

#include "core/storage/database.h"
#include "core/storage/journal.h"
#include "core/storage/rows.h"

using namespace Qt::StringLiterals;

namespace core::storage
{

namespace
{

[[nodiscard]] Error damaged(const QString &path, std::string_view what)
{
    return {ErrorCode::Corrupt, fmt::format("{}: {}", path.toStdString(), what)};
}

[[nodiscard]] Result<void> checkIntegrity(const Database &database)
{
    const auto verdict = database.value(u"PRAGMA integrity_check(1)"_s);
    if (!verdict)
        return fail(verdict.error());
    if (verdict->toString() != u"ok"_s)
        return fail(damaged(database.path(), verdict->toString().simplified().left(200).toStdString()));
    return {};
}

[[nodiscard]] Result<void> checkForeignKeys(const Database &database)
{
    QSqlQuery query(database.handle());
    query.setForwardOnly(true);
    if (!query.exec(u"PRAGMA foreign_key_check"_s))
        return fail(storageError(query.lastError(), "foreign keys"));
    if (query.next()) {
        return fail(
            damaged(database.path(), fmt::format("a row of {} refers to a row of {} that does not exist",
                                                 query.value(0).toString().toStdString(),
                                                 query.value(2).toString().toStdString())));
    }
    return {};
}

[[nodiscard]] Result<std::int64_t> checkRows(const Database &database, const QString &table)
{
    QSqlQuery query(database.handle());
    query.setForwardOnly(true);
    const std::string name = table.toStdString();
    if (!query.exec(u"SELECT * FROM "_s + table))
        return fail(storageError(query.lastError(), name));
    std::int64_t rows = 0;
    for (; query.next(); ++rows) {
        RowReader row(query, name);
        row.skipToCheck();
        if (auto good = row.finish(); !good)
            return fail(damaged(database.path(), good.error().detail));
    }
    if (query.lastError().isValid())
        return fail(storageError(query.lastError(), name));
    return rows;
}

/// Tables of this schema whose last column is `row_check`; the schema itself was compared when opening.
[[nodiscard]] Result<QStringList> checkedTables(const Database &database)
{
    QSqlQuery query(database.handle());
    query.setForwardOnly(true);
    if (!query.exec(u"SELECT t.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c"
                    " WHERE t.type = 'table' AND c.name = 'row_check' ORDER BY t.name"_s))
        return fail(storageError(query.lastError(), "schema"));
    QStringList tables;
    while (query.next())
        tables << query.value(0).toString();
    return tables;
}

} // namespace

Result<CheckReport> checkDatabase(const QString &path)
{
    auto database = Database::openForCheck(path);
    if (!database)
        return fail(database.error());
    const auto version = database->value(u"PRAGMA user_version"_s);
    if (!version)
        return fail(version.error());
    CheckReport report;
    report.schemaVersion = version->toInt();
    // The chain first: it can name the row, SQLite's own check only the page.
    const auto chain = verifyChain(*database);
    if (!chain)
        return fail(chain.error().in(path.toStdString()));
    if (chain->firstBadSeq)
        return fail(damaged(path, fmt::format("journal row {}: {}", *chain->firstBadSeq, chain->what)));
    report.journalRows = chain->rows;
    const auto tables = checkedTables(*database);
    if (!tables)
        return fail(tables.error());
    for (const QString &table : *tables) {
        const auto rows = checkRows(*database, table);
        if (!rows)
            return fail(rows.error().in(path.toStdString()));
        report.tables.push_back({table.toStdString(), *rows});
    }
    auto sound = checkIntegrity(*database).and_then([&] { return checkForeignKeys(*database); });
    if (!sound)
        return fail(sound.error());
    return report;
}

} // namespace core::storage
