#pragma once

#include <string_view>
#include <vector>

#include <QtCore/QString>
#include <QtCore/QVariant>

#include "core/storage/rows.h"

// What the repositories share. Internal to this room.
namespace core::storage
{

[[nodiscard]] inline QString qt(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

/// Runs `sql` and hands each row to `take`, which returns false to stop; every row's check sum is compared.
template <class Take>
[[nodiscard]] Result<void> eachRow(const Database &database, std::string_view table, const QString &sql,
                                   const QVariantList &values, Take take)
{
    QSqlQuery query(database.handle());
    query.setForwardOnly(true);
    const bool prepared = query.prepare(sql);
    for (const QVariant &value : values)
        query.addBindValue(value);
    if (!prepared || !query.exec())
        return fail(storageError(query.lastError(), table));
    while (query.next()) {
        RowReader row(query, table);
        const Result<bool> more = take(row);
        if (!more)
            return fail(more.error());
        if (!*more)
            return {};
    }
    if (query.lastError().isValid())
        return fail(storageError(query.lastError(), table));
    return {};
}

template <class Row, class Take>
[[nodiscard]] Result<std::vector<Row>> allRows(const Database &database, std::string_view table,
                                               const QString &sql, const QVariantList &values, Take take)
{
    std::vector<Row> rows;
    auto done = eachRow(database, table, sql, values, [&](RowReader &row) -> Result<bool> {
        rows.push_back(take(row));
        return row.finish().map([] { return true; });
    });
    if (!done)
        return fail(done.error());
    return rows;
}

[[nodiscard]] inline QVariant limit(std::size_t most)
{
    return QVariant::fromValue<qlonglong>(static_cast<qlonglong>(most));
}

[[nodiscard]] inline QVariant nanoseconds(UtcTime at)
{
    return QVariant::fromValue<qlonglong>(toNanoseconds(at));
}

} // namespace core::storage
