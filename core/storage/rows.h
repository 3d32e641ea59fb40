#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <QtCore/QString>
#include <QtCore/QStringList>
#include <QtSql/QSqlQuery>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/domain/fixed8.h"
#include "core/storage/database.h"
#include "core/storage/statement.h"

namespace core::storage
{

/// FNV-1a (64 bits) over the typed cells of a row, in column order. SQLite has no page check sums: without
/// this a flipped bit in a price would read as another price. Any single changed byte changes it. Kept in the
/// last column, `row_check`.
class RowCheck
{
public:
    RowCheck() = default;
    /// Goes on where the check sum of a stored row ended: for a column that a migration appends.
    [[nodiscard]] static RowCheck continued(std::int64_t stored)
    {
        RowCheck check;
        check.m_hash = static_cast<std::uint64_t>(stored);
        return check;
    }
    void addInteger(std::int64_t value);
    void addText(std::string_view bytes);
    void addNull();
    [[nodiscard]] std::int64_t value() const { return static_cast<std::int64_t>(m_hash); }

private:
    void addByte(unsigned char byte)
    {
        m_hash ^= byte;
        m_hash *= 0x100000001B3ULL;
    }
    void addCount(char tag, std::uint64_t value);
    std::uint64_t m_hash{0xCBF29CE484222325ULL};
};

/// What an INSERT does when the key is there already.
enum class OnConflict { Fail, Ignore, Update };

/// A prepared INSERT over all columns of one table. Cells are added in column order; run() adds the check
/// sum.
class RowWriter
{
public:
    /// `keys`: the conflict columns; needed for Ignore and Update.
    [[nodiscard]] static Result<RowWriter> prepare(const Database &database, const QString &table,
                                                   OnConflict onConflict, const QStringList &keys = {});

    RowWriter &integer(std::int64_t value);
    RowWriter &text(std::string_view text);
    RowWriter &null();
    RowWriter &optionalInteger(std::optional<std::int64_t> value);
    RowWriter &time(UtcTime at) { return integer(toNanoseconds(at)); }
    template <class Tag> RowWriter &fixed(Fixed8<Tag> value) { return integer(value.raw()); }
    template <class Tag> RowWriter &optionalFixed(const std::optional<Fixed8<Tag>> &value)
    {
        return value ? integer(value->raw()) : null();
    }
    /// How many rows changed (0: ignored as known). The writer is ready for the next row afterwards.
    [[nodiscard]] Result<int> run();

private:
    RowWriter(Statement insert, int columns) : m_insert(std::move(insert)), m_columns(columns) {}
    Statement m_insert;
    int m_columns;
    int m_next{0};
    RowCheck m_check;
};

/// Takes the cells of the current row of a `SELECT *` in column order and compares the check sum at the end.
/// A cell of another type than asked for yields an empty value and makes finish() fail.
class RowReader
{
public:
    RowReader(const QSqlQuery &query, std::string_view table) : m_query(query), m_table(table) {}

    [[nodiscard]] std::int64_t integer();
    [[nodiscard]] std::optional<std::int64_t> optionalInteger();
    [[nodiscard]] std::string text();
    [[nodiscard]] std::optional<std::string> optionalText();
    [[nodiscard]] UtcTime time() { return utcFromNanoseconds(integer()); }
    template <class Value> [[nodiscard]] Value fixed() { return Value::fromRaw(integer()); }
    template <class Value> [[nodiscard]] std::optional<Value> optionalFixed()
    {
        const auto raw = optionalInteger();
        return raw ? std::optional<Value>(Value::fromRaw(*raw)) : std::nullopt;
    }
    template <class Short> [[nodiscard]] Short shortText()
    {
        const auto value = Short::from(text());
        m_good = m_good && value.has_value();
        return value.value_or(Short{});
    }
    /// One of `values` by its name().
    template <class Enum, std::size_t Count> [[nodiscard]] Enum oneOf(const Enum (&values)[Count])
    {
        const std::string word = text();
        for (const Enum value : values) {
            if (name(value) == word)
                return value;
        }
        m_good = false;
        return values[0];
    }
    void reject() { m_good = false; }
    /// Adds all cells that are left, whatever they are, except the last one.
    void skipToCheck();
    /// Corrupt, naming table and key, when the row is not what was written.
    [[nodiscard]] Result<void> finish();

private:
    [[nodiscard]] QVariant next();
    const QSqlQuery &m_query;
    std::string_view m_table;
    int m_column{0};
    bool m_good{true};
    RowCheck m_check;
};

/// SHA-256 in hex: the name by which a stored text can be told apart from every other.
[[nodiscard]] std::string textHash(std::string_view text);

/// "name" of the first cells of the current row, for messages: "fills row (demo, main, binance, BTCUSDT,
/// 17)".
[[nodiscard]] std::string rowLabel(const QSqlQuery &query, std::string_view table);

} // namespace core::storage
