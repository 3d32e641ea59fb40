#include "core/storage/statement.h"

#include <utility>

#include <QtCore/QVariant>
#include <QtSql/QSqlDriver>
#include <sqlite3.h>

namespace core::storage
{

namespace
{

[[nodiscard]] sqlite3 *connectionOf(const Database &database)
{
    const QVariant handle = database.handle().driver()->handle();
    if (!handle.isValid() || qstrcmp(handle.typeName(), "sqlite3*") != 0)
        return nullptr;
    return *static_cast<sqlite3 *const *>(handle.constData());
}

/// SQLITE_TRANSIENT is a C cast of −1 to a function pointer.
[[nodiscard]] sqlite3_destructor_type copied()
{
    return reinterpret_cast<sqlite3_destructor_type>(-1);
}

[[nodiscard]] Error lastError(sqlite3 *connection, const std::string &what)
{
    return storageError(sqlite3_extended_errcode(connection), sqlite3_errmsg(connection), what);
}

} // namespace

Result<Statement> Statement::prepare(const Database &database, const QString &sql, std::string what)
{
    sqlite3 *connection = connectionOf(database);
    if (connection == nullptr)
        return fail(ErrorCode::Unsupported, what + ": the connection is not one of SQLite's");
    const QByteArray text = sql.toUtf8();
    sqlite3_stmt *statement = nullptr;
    if (sqlite3_prepare_v3(connection, text.constData(), static_cast<int>(text.size()), SQLITE_PREPARE_PERSISTENT,
                           &statement, nullptr) != SQLITE_OK)
        return fail(lastError(connection, what));
    return Statement(connection, statement, std::move(what));
}

Statement::Statement(Statement &&other) noexcept
    : m_connection(other.m_connection), m_statement(std::exchange(other.m_statement, nullptr)),
      m_what(std::move(other.m_what))
{
}

Statement &Statement::operator=(Statement &&other) noexcept
{
    std::swap(m_connection, other.m_connection);
    std::swap(m_statement, other.m_statement);
    std::swap(m_what, other.m_what);
    return *this;
}

Statement::~Statement()
{
    sqlite3_finalize(m_statement);
}

void Statement::bindInteger(int column, std::int64_t value)
{
    sqlite3_bind_int64(m_statement, column + 1, value);
}

void Statement::bindText(int column, std::string_view bytes)
{
    // A null pointer would bind NULL, and an empty view may have one.
    sqlite3_bind_text64(m_statement, column + 1, bytes.empty() ? "" : bytes.data(), bytes.size(), copied(), SQLITE_UTF8);
}

void Statement::bindBlob(int column, std::string_view bytes)
{
    sqlite3_bind_blob64(m_statement, column + 1, bytes.empty() ? "" : bytes.data(), bytes.size(), copied());
}

void Statement::bindNull(int column)
{
    sqlite3_bind_null(m_statement, column + 1);
}

Result<int> Statement::run()
{
    const int code = sqlite3_step(m_statement);
    if (code != SQLITE_DONE && code != SQLITE_ROW) {
        const Error error = lastError(m_connection, m_what);
        sqlite3_reset(m_statement);
        return fail(error);
    }
    sqlite3_reset(m_statement);
    return sqlite3_changes(m_connection);
}

} // namespace core::storage
