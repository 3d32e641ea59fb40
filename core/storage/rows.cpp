#include "core/storage/rows.h"

#include <algorithm>

#include <QtCore/QCryptographicHash>
#include <QtCore/QVariant>
#include <QtSql/QSqlRecord>

#include "core/base/assert.h"

using namespace Qt::StringLiterals;

namespace core::storage
{

void RowCheck::addCount(char tag, std::uint64_t value)
{
    addByte(static_cast<unsigned char>(tag));
    for (int shift = 0; shift < 64; shift += 8)
        addByte(static_cast<unsigned char>(value >> shift));
}

void RowCheck::addInteger(std::int64_t value)
{
    addCount('i', static_cast<std::uint64_t>(value));
}

void RowCheck::addText(std::string_view bytes)
{
    addCount('t', bytes.size());
    for (const char byte : bytes)
        addByte(static_cast<unsigned char>(byte));
}

void RowCheck::addNull()
{
    addByte('n');
}

Result<RowWriter> RowWriter::prepare(const Database &database, const QString &table, OnConflict onConflict,
                                     const QStringList &keys)
{
    const QSqlRecord record = database.handle().record(table);
    QStringList marks, updates;
    for (int i = 0; i < record.count(); ++i) {
        marks << u"?"_s;
        if (const QString column = record.fieldName(i); !keys.contains(column))
            updates << u"%1=excluded.%1"_s.arg(column);
    }
    QString sql = u"INSERT INTO "_s + table + u" VALUES("_s + marks.join(u',') + u')';
    if (onConflict != OnConflict::Fail)
        sql += u" ON CONFLICT("_s + keys.join(u',') + u") DO "_s;
    if (onConflict == OnConflict::Ignore)
        sql += u"NOTHING"_s;
    if (onConflict == OnConflict::Update)
        sql += u"UPDATE SET "_s + updates.join(u',');
    if (record.isEmpty())
        return fail(ErrorCode::Corrupt, table.toStdString() + ": the table is missing");
    auto insert = Statement::prepare(database, sql, table.toStdString());
    if (!insert)
        return fail(insert.error());
    return RowWriter(std::move(*insert), record.count());
}

RowWriter &RowWriter::integer(std::int64_t value)
{
    m_check.addInteger(value);
    m_insert.bindInteger(m_next++, value);
    return *this;
}

RowWriter &RowWriter::text(std::string_view text)
{
    const bool ascii =
        std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (ascii) {
        m_check.addText(text);
        m_insert.bindText(m_next++, text);
        return *this;
    }
    // Bytes that are not UTF-8 are stored as U+FFFD, so that they read back as what the sum is over.
    const QByteArray bytes = QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())).toUtf8();
    const std::string_view stored(bytes.constData(), static_cast<std::size_t>(bytes.size()));
    m_check.addText(stored);
    m_insert.bindText(m_next++, stored);
    return *this;
}

RowWriter &RowWriter::null()
{
    m_check.addNull();
    m_insert.bindNull(m_next++);
    return *this;
}

RowWriter &RowWriter::optionalInteger(std::optional<std::int64_t> value)
{
    return value ? integer(*value) : null();
}

Result<int> RowWriter::run()
{
    m_insert.bindInteger(m_next++, m_check.value());
    CORE_ASSERT(m_next == m_columns, "Invariant: one cell per column");
    m_next = 0;
    m_check = RowCheck{};
    return m_insert.run();
}

QVariant RowReader::next()
{
    return m_query.value(m_column++);
}

std::optional<std::int64_t> RowReader::optionalInteger()
{
    const QVariant cell = next();
    if (cell.isNull()) {
        m_check.addNull();
        return std::nullopt;
    }
    m_good = m_good && cell.typeId() == QMetaType::LongLong;
    const std::int64_t value = cell.toLongLong();
    m_check.addInteger(value);
    return value;
}

std::int64_t RowReader::integer()
{
    const auto value = optionalInteger();
    m_good = m_good && value.has_value();
    return value.value_or(0);
}

std::optional<std::string> RowReader::optionalText()
{
    const QVariant cell = next();
    if (cell.isNull()) {
        m_check.addNull();
        return std::nullopt;
    }
    m_good = m_good && cell.typeId() == QMetaType::QString;
    std::string bytes = cell.toString().toStdString();
    m_check.addText(bytes);
    return bytes;
}

std::string RowReader::text()
{
    auto value = optionalText();
    m_good = m_good && value.has_value();
    return std::move(value).value_or(std::string());
}

void RowReader::skipToCheck()
{
    const int last = m_query.record().count() - 1;
    while (m_column < last) {
        if (const QVariant cell = next(); cell.isNull())
            m_check.addNull();
        else if (cell.typeId() == QMetaType::LongLong)
            m_check.addInteger(cell.toLongLong());
        else
            m_check.addText(cell.toString().toStdString());
    }
}

Result<void> RowReader::finish()
{
    const QVariant stored = next();
    if (m_good && stored.typeId() == QMetaType::LongLong && stored.toLongLong() == m_check.value())
        return {};
    return fail(ErrorCode::Corrupt, rowLabel(m_query, m_table) + ": its check sum does not match");
}

std::string textHash(std::string_view text)
{
    const auto bytes = QByteArray::fromRawData(text.data(), static_cast<qsizetype>(text.size()));
    return QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex().toStdString();
}

std::string rowLabel(const QSqlQuery &query, std::string_view table)
{
    constexpr int kCellsShown = 5;
    std::string label = std::string(table) + " row (";
    const int shown = std::min(kCellsShown, query.record().count());
    for (int i = 0; i < shown; ++i)
        label += (i == 0 ? "" : ", ") + query.value(i).toString().left(40).toStdString();
    return label + ')';
}

} // namespace core::storage
