#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <QtCore/QString>

#include "core/base/result.h"
#include "core/storage/database.h"

struct sqlite3;
struct sqlite3_stmt;

namespace core::storage
{

/// A prepared statement of the writer, on the connection that Qt opened. Qt's own binding costs five times what SQLite's
/// insert does (it builds a name per cell and goes through UTF-16); reading stays with QSqlQuery. Must be gone before the
/// Database is. Columns count from 0.
class Statement
{
public:
    /// `what` names the table in errors.
    [[nodiscard]] static Result<Statement> prepare(const Database &database, const QString &sql, std::string what);
    Statement(Statement &&other) noexcept;
    Statement &operator=(Statement &&other) noexcept;
    Statement(const Statement &) = delete;
    Statement &operator=(const Statement &) = delete;
    ~Statement();

    void bindInteger(int column, std::int64_t value);
    void bindText(int column, std::string_view bytes); ///< copied; must be UTF-8 where it is read as text
    void bindBlob(int column, std::string_view bytes); ///< copied
    void bindNull(int column);
    /// Runs a statement that yields no rows; the number of changed rows. Ready for the next values afterwards.
    [[nodiscard]] Result<int> run();

private:
    Statement(sqlite3 *connection, sqlite3_stmt *statement, std::string what)
        : m_connection(connection), m_statement(statement), m_what(std::move(what))
    {
    }
    sqlite3 *m_connection;
    sqlite3_stmt *m_statement;
    std::string m_what;
};

} // namespace core::storage
