#include "core/storage/database.h"

#include <atomic>

#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtSql/QSqlQuery>
#include <sqlite3.h>

#include <fmt/format.h>

#include "core/storage/journal.h"
#include "core/storage/migrations.h"
#include "core/storage/set_aside.h"

using namespace Qt::StringLiterals;

namespace core::storage
{

namespace
{

constexpr int kBusyTimeoutMs = 5'000;
constexpr std::int64_t kTailRows = 2'000;
/// Bounds the log file between checkpoints, so that a burst does not keep its size for ever.
constexpr int kLogSizeMax = 64 * 1024 * 1024;

[[nodiscard]] QString nextConnectionName()
{
    static std::atomic<std::uint64_t> next{1};
    return u"etrms-storage-"_s + QString::number(next.fetch_add(1));
}

[[nodiscard]] Result<void> checkPath(const QString &path, Access access)
{
    const QFileInfo file(path);
    const QFileInfo folder(file.absolutePath());
    const std::string name = path.toStdString();
    if (!folder.isDir())
        return fail(ErrorCode::IoFailed, name + ": its directory does not exist");
    if (file.isDir())
        return fail(ErrorCode::IoFailed, name + ": is a directory, must be a file");
    if (access == Access::ReadOnly) {
        if (!file.exists())
            return fail(ErrorCode::NotFound, name + ": does not exist");
        if (!file.isReadable())
            return fail(ErrorCode::IoFailed, name + ": must be readable");
        return {};
    }
    if (!folder.isWritable())
        return fail(ErrorCode::IoFailed, folder.filePath().toStdString() + ": the data directory must be writable");
    if (file.exists() && (!file.isReadable() || !file.isWritable()))
        return fail(ErrorCode::IoFailed, name + ": must be readable and writable");
    return {};
}

} // namespace

Error storageError(const QSqlError &error, std::string_view doing)
{
    bool known = false;
    const int extended = error.nativeErrorCode().toInt(&known);
    return storageError(known ? extended : SQLITE_IOERR, error.databaseText().toStdString(), doing);
}

Error storageError(int extendedCode, std::string_view words, std::string_view doing)
{
    ErrorCode code = ErrorCode::IoFailed;
    switch (extendedCode & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR: // our statements are fixed and the schema was checked: an unknown column is damage
    case SQLITE_FORMAT: code = ErrorCode::Corrupt; break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: code = ErrorCode::InUse; break;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
    case SQLITE_TOOBIG: code = ErrorCode::InvalidArgument; break;
    default: break;
    }
    return {code, fmt::format("{}: {} (SQLite {})", doing, words, extendedCode)};
}

Database::Database(Database &&other) noexcept
    : m_connection(std::exchange(other.m_connection, QString())), m_path(std::move(other.m_path)),
      m_report(std::move(other.m_report))
{
}

Database &Database::operator=(Database &&other) noexcept
{
    if (this != &other) {
        close();
        m_connection = std::exchange(other.m_connection, QString());
        m_path = std::move(other.m_path);
        m_report = std::move(other.m_report);
    }
    return *this;
}

Database::~Database()
{
    close();
}

void Database::close()
{
    if (m_connection.isEmpty())
        return;
    handle().close();
    QSqlDatabase::removeDatabase(m_connection);
    m_connection.clear();
}

QSqlDatabase Database::handle() const
{
    return QSqlDatabase::database(m_connection, false);
}

Result<void> Database::execute(const QString &sql) const
{
    QSqlQuery query(handle());
    query.setForwardOnly(true);
    if (!query.exec(sql))
        return fail(storageError(query.lastError(), m_path.toStdString()));
    return {};
}

Result<QVariant> Database::value(const QString &sql) const
{
    QSqlQuery query(handle());
    query.setForwardOnly(true);
    if (!query.exec(sql))
        return fail(storageError(query.lastError(), m_path.toStdString()));
    if (query.next())
        return query.value(0);
    if (query.lastError().isValid())
        return fail(storageError(query.lastError(), m_path.toStdString()));
    return fail(ErrorCode::NotFound, m_path.toStdString() + ": no row");
}

Result<Database> Database::connect(const QString &path, Access access)
{
    const QString connection = nextConnectionName();
    {
        QSqlDatabase handle = QSqlDatabase::addDatabase(u"QSQLITE"_s, connection);
        if (!handle.isValid()) {
            handle = QSqlDatabase();
            QSqlDatabase::removeDatabase(connection);
            return fail(ErrorCode::Unsupported, "Qt's SQLite driver is not installed (Debian: libqt6sql6-sqlite)");
        }
        handle.setDatabaseName(path);
        QString options = u"QSQLITE_BUSY_TIMEOUT=%1"_s.arg(kBusyTimeoutMs);
        if (access == Access::ReadOnly)
            options += u";QSQLITE_OPEN_READONLY"_s;
        handle.setConnectOptions(options);
    }
    Database database(connection, path);
    QSqlDatabase handle = database.handle();
    if (!handle.open())
        return fail(storageError(handle.lastError(), path.toStdString()));
    return database;
}

Result<Database> Database::openMemory()
{
    return connect(u":memory:"_s, Access::ReadWrite);
}

Result<void> Database::configure(Access access) const
{
    for (const QString &pragma : {u"PRAGMA trusted_schema = OFF"_s, u"PRAGMA cell_size_check = ON"_s,
                                  u"PRAGMA foreign_keys = ON"_s, u"PRAGMA synchronous = FULL"_s}) {
        if (auto done = execute(pragma); !done)
            return done;
    }
    if (access == Access::ReadOnly)
        return execute(u"PRAGMA query_only = ON"_s);
    const auto mode = value(u"PRAGMA journal_mode = WAL"_s);
    if (!mode)
        return fail(mode.error());
    if (mode->toString() != u"wal"_s) {
        return fail(ErrorCode::IoFailed, fmt::format("{}: the file system must allow SQLite's WAL mode (it gave '{}')",
                                                     m_path.toStdString(), mode->toString().toStdString()));
    }
    return execute(u"PRAGMA journal_size_limit = %1"_s.arg(kLogSizeMax));
}

Result<void> Database::checkOwner() const
{
    const auto id = value(u"PRAGMA application_id"_s);
    const auto objects = value(u"SELECT count(*) FROM sqlite_schema"_s);
    const auto ours = value(u"SELECT count(*) FROM sqlite_schema WHERE name = 'journal_head'"_s);
    for (const auto *answer : {&id, &objects, &ours}) {
        if (!*answer)
            return fail(answer->error());
    }
    if (id->toInt() == kApplicationId || objects->toInt() == 0)
        return {};
    if (ours->toInt() > 0) // nobody else has that table: the mark in the header was damaged
        return fail(ErrorCode::Corrupt, m_path.toStdString() + ": the application id in its header is wrong");
    return fail(ErrorCode::InvalidArgument, m_path.toStdString() + ": is the database of another program");
}

Result<void> Database::checkVersion() const
{
    const auto found = value(u"PRAGMA user_version"_s);
    if (!found)
        return fail(found.error());
    const int version = found->toInt();
    if (version == 0) {
        const auto objects = value(u"SELECT count(*) FROM sqlite_schema"_s);
        if (!objects)
            return fail(objects.error());
        if (objects->toInt() > 0)
            return fail(ErrorCode::Corrupt, m_path.toStdString() + ": has tables and no schema version");
        return {};
    }
    // The version stands in two places, so that a flipped bit is not taken for a newer program.
    const auto repeated = value(u"SELECT version FROM schema_info WHERE id = 1"_s);
    if (!repeated || repeated->toInt() != version || version < 0)
        return fail(ErrorCode::Corrupt, m_path.toStdString() + ": its two schema versions differ");
    if (version > currentSchemaVersion()) {
        return fail(ErrorCode::NewerVersion,
                    fmt::format("{}: written by a newer version (schema {}, this program knows up to {})",
                                m_path.toStdString(), version, currentSchemaVersion()));
    }
    return {};
}

Result<void> Database::checkSchema() const
{
    const auto version = value(u"PRAGMA user_version"_s);
    if (!version)
        return fail(version.error());
    const auto expected = expectedSchema(version->toInt());
    const auto present = presentSchema(*this);
    if (!expected || !present)
        return fail(expected ? present.error() : expected.error());
    for (const QString &object : *expected) {
        if (!present->contains(object)) {
            return fail(ErrorCode::Corrupt, fmt::format("{}: {} is missing or was changed", m_path.toStdString(),
                                                        object.section(u':', 0, 0).toStdString()));
        }
    }
    return {};
}

Result<void> Database::checkContent() const
{
    const auto quick = value(u"PRAGMA quick_check(1)"_s);
    if (!quick)
        return fail(quick.error());
    if (quick->toString() != u"ok"_s) {
        return fail(ErrorCode::Corrupt, fmt::format("{}: {}", m_path.toStdString(),
                                                    quick->toString().simplified().left(200).toStdString()));
    }
    const auto chain = verifyChainTail(*this, kTailRows);
    if (!chain)
        return fail(chain.error());
    if (chain->firstBadSeq) {
        return fail(ErrorCode::Corrupt, fmt::format("{}: journal row {}: {}", m_path.toStdString(),
                                                    *chain->firstBadSeq, chain->what));
    }
    return {};
}

Result<Database> Database::openSound(const QString &path, Access access, bool withContent)
{
    auto database = connect(path, access);
    if (!database)
        return database;
    // Nothing is written before the file is known to be ours and of a version we know.
    if (auto owner = database->checkOwner(); !owner)
        return fail(owner.error());
    if (auto version = database->checkVersion(); !version)
        return fail(version.error());
    if (auto configured = database->configure(access); !configured)
        return fail(configured.error());
    const auto found = database->value(u"PRAGMA user_version"_s);
    if (!found)
        return fail(found.error());
    database->m_report.migratedFrom = found->toInt();
    if (found->toInt() < currentSchemaVersion()) {
        if (access == Access::ReadOnly) {
            return fail(ErrorCode::Unsupported,
                        fmt::format("{}: has schema {}, this program reads {}: it must be migrated first",
                                    path.toStdString(), found->toInt(), currentSchemaVersion()));
        }
        // A step forward must not start from a damaged file.
        if (found->toInt() > 0) {
            if (auto schema = database->checkSchema(); !schema)
                return fail(schema.error());
        }
        if (auto migrated = migrate(*database, migrations()); !migrated)
            return fail(migrated.error());
    }
    if (auto schema = database->checkSchema(); !schema)
        return fail(schema.error());
    if (withContent) {
        if (auto content = database->checkContent(); !content)
            return fail(content.error());
    }
    return database;
}

Result<Database> Database::openForCheck(const QString &path)
{
    if (auto usable = checkPath(path, Access::ReadOnly); !usable)
        return fail(usable.error());
    if (const auto damage = fileDamage(path))
        return fail(ErrorCode::Corrupt, path.toStdString() + ": " + *damage);
    return openSound(path, Access::ReadOnly, false);
}

Result<Database> Database::open(const QString &path, Access access, UtcTime now)
{
    if (auto usable = checkPath(path, access); !usable)
        return fail(usable.error());
    const bool existed = QFileInfo::exists(path) && QFileInfo(path).size() > 0;
    std::string why;
    if (const auto damage = fileDamage(path)) {
        why = path.toStdString() + ": " + *damage;
    } else {
        auto opened = openSound(path, access, true);
        if (opened) {
            opened->m_report.created = !existed;
            return opened;
        }
        if (opened.error().code != ErrorCode::Corrupt)
            return opened;
        why = opened.error().detail;
    }
    if (access == Access::ReadOnly)
        return fail(ErrorCode::Corrupt, why);
    const auto aside = setAside(path, now);
    if (!aside)
        return fail(aside.error().in(why));
    auto fresh = openSound(path, access, true);
    if (!fresh)
        return fail(fresh.error());
    fresh->m_report.created = true;
    fresh->m_report.setAside = *aside;
    fresh->m_report.setAsideWhy = why;
    return fresh;
}

Result<Transaction> Transaction::begin(const Database &database)
{
    if (auto begun = database.execute(u"BEGIN IMMEDIATE"_s); !begun)
        return fail(begun.error());
    return Transaction(database);
}

Transaction::Transaction(Transaction &&other) noexcept : m_database(std::exchange(other.m_database, nullptr)) {}

Transaction::~Transaction()
{
    rollback();
}

Result<void> Transaction::commit()
{
    auto committed = m_database->execute(u"COMMIT"_s);
    if (committed)
        m_database = nullptr; // a failed commit leaves the transaction open: the destructor rolls it back
    return committed;
}

void Transaction::rollback()
{
    // SQLite may have rolled back by itself (full disk): then there is nothing to undo and it says so.
    if (m_database != nullptr)
        static_cast<void>(std::exchange(m_database, nullptr)->execute(u"ROLLBACK"_s));
}

} // namespace core::storage
