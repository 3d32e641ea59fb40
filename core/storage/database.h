#pragma once

#include <string>

#include <QtCore/QString>
#include <QtCore/QVariant>
#include <QtSql/QSqlDatabase>
#include <QtSql/QSqlError>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace core::storage
{

enum class Access { ReadWrite, ReadOnly };

/// What `Database::open` had to do. Said to the user when `setAside` is not empty.
struct OpenReport {
    bool created{false};  ///< the file is new (also after a damaged one was set aside)
    int migratedFrom{0};  ///< schema version found; equal to the current one when nothing was to do
    QString setAside;     ///< where the damaged file is now; empty when there was none
    std::string setAsideWhy;
};

/// One SQLite connection (WAL, synchronous=FULL, foreign keys on), usable on the thread that opened it only. Move-only;
/// closing removes the connection. `open` checks application id, schema and integrity (quick_check, the chain's tail)
/// and migrates forward. Errors: IoFailed (path and rule), NewerVersion, Corrupt, NotFound (ReadOnly and no file),
/// InvalidArgument (another program's database: never touched), InUse (locked), Unsupported (ReadOnly, older schema).
class Database
{
public:
    /// ReadWrite: a damaged file is renamed to `<path>.damaged-<UTC>` (with -wal) and a new one is made; see report().
    /// ReadOnly: nothing is changed. `now` names the set-aside file.
    [[nodiscard]] static Result<Database> open(const QString &path, Access access, UtcTime now);

    /// ReadOnly, without the integrity checks of `open`: for checkDatabase, which looks at everything itself.
    [[nodiscard]] static Result<Database> openForCheck(const QString &path);
    /// An empty database in memory, not migrated: to learn what a schema looks like, and for tests.
    [[nodiscard]] static Result<Database> openMemory();

    Database(Database &&other) noexcept;
    Database &operator=(Database &&other) noexcept;
    Database(const Database &) = delete;
    Database &operator=(const Database &) = delete;
    ~Database();

    [[nodiscard]] const OpenReport &report() const { return m_report; }
    [[nodiscard]] const QString &path() const { return m_path; }
    /// For queries of this room. They must be gone before the Database is.
    [[nodiscard]] QSqlDatabase handle() const;
    [[nodiscard]] Result<void> execute(const QString &sql) const;
    /// First column of the first row; NotFound when there is no row.
    [[nodiscard]] Result<QVariant> value(const QString &sql) const;

private:
    Database(QString connection, QString path) : m_connection(std::move(connection)), m_path(std::move(path)) {}
    [[nodiscard]] static Result<Database> connect(const QString &path, Access access);
    /// What `open` does after the file itself looked sound.
    [[nodiscard]] static Result<Database> openSound(const QString &path, Access access, bool withContent);
    [[nodiscard]] Result<void> configure(Access access) const;
    [[nodiscard]] Result<void> checkOwner() const;
    [[nodiscard]] Result<void> checkVersion() const;
    [[nodiscard]] Result<void> checkSchema() const;
    [[nodiscard]] Result<void> checkContent() const;
    void close();

    QString m_connection;
    QString m_path;
    OpenReport m_report;
};

/// BEGIN IMMEDIATE … COMMIT; rolled back when it dies uncommitted.
class Transaction
{
public:
    [[nodiscard]] static Result<Transaction> begin(const Database &database);
    Transaction(Transaction &&other) noexcept;
    Transaction &operator=(Transaction &&) = delete;
    Transaction(const Transaction &) = delete;
    Transaction &operator=(const Transaction &) = delete;
    ~Transaction();
    [[nodiscard]] Result<void> commit();
    void rollback();

private:
    explicit Transaction(const Database &database) : m_database(&database) {}
    const Database *m_database;
};

/// SQLite's words → ours: Corrupt, IoFailed (disk full, read-only, I/O), InUse, InvalidArgument (constraint).
[[nodiscard]] Error storageError(const QSqlError &error, std::string_view doing);
[[nodiscard]] Error storageError(int extendedCode, std::string_view words, std::string_view doing);

} // namespace core::storage
