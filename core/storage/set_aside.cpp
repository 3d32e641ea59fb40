#include "core/storage/set_aside.h"

#include <QtCore/QFile>
#include <QtCore/QFileInfo>

using namespace Qt::StringLiterals;

namespace core::storage
{

namespace
{

/// Sidecars share the database's fate: its log belongs to it and to no other file.
const QString kSidecars[] = {u"-wal"_s, u"-shm"_s};

[[nodiscard]] bool anyExists(const QString &path)
{
    if (QFileInfo::exists(path))
        return true;
    for (const QString &suffix : kSidecars) {
        if (QFileInfo::exists(path + suffix))
            return true;
    }
    return false;
}

[[nodiscard]] QString stamp(UtcTime now)
{
    QString text = QString::fromStdString(isoMilliseconds(now)); // "2026-11-22T18:41:05.123Z"
    return text.remove(u'-').remove(u':').remove(u'.');
}

} // namespace

std::optional<std::string> fileDamage(const QString &path)
{
    constexpr qint64 kHeader = 100, kSmallestDatabase = 512;
    const QFileInfo info(path);
    const bool hasLog = QFileInfo(path + u"-wal"_s).size() > 0;
    if (!info.exists())
        return hasLog ? std::optional<std::string>("the database file is missing, its log is there")
                      : std::nullopt;
    if (info.size() == 0)
        return hasLog ? std::optional<std::string>("the database file is empty, its log is not")
                      : std::nullopt;
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return std::nullopt; // a matter of rights, not of damage: opening will say so
    const QByteArray header = file.read(kHeader);
    if (!header.startsWith(QByteArrayLiteral("SQLite format 3\0")))
        return "it is not a SQLite database";
    if (info.size() < kSmallestDatabase)
        return "it is cut off inside the first page";
    // Bytes 18 and 19: file format versions; above 2 SQLite would silently fall back to read-only.
    if (header[18] < 1 || header[18] > 2 || header[19] < 1 || header[19] > 2)
        return "its file format version is not one that exists";
    return std::nullopt;
}

Result<QString> setAside(const QString &path, UtcTime now)
{
    const QString base = path + u".damaged-"_s + stamp(now);
    QString target = base;
    for (int attempt = 2; anyExists(target); ++attempt)
        target = base + u'-' + QString::number(attempt);
    // The database goes last: if a rename fails half-way, the damage is still where the next start looks for
    // it.
    for (const QString &suffix : kSidecars) {
        if (QFileInfo::exists(path + suffix) && !QFile::rename(path + suffix, target + suffix))
            return fail(ErrorCode::IoFailed, (path + suffix).toStdString() + ": cannot be set aside");
    }
    if (QFileInfo::exists(path) && !QFile::rename(path, target))
        return fail(ErrorCode::IoFailed, path.toStdString() + ": cannot be set aside");
    return target;
}

} // namespace core::storage
