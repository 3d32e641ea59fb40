#pragma once

#include <optional>
#include <string>

#include <QtCore/QString>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace core::storage
{

/// What is wrong with the file as bytes, before SQLite may touch it (it deletes a log that has lost its
/// database). nullopt: absent, empty without a log, or it looks like a SQLite file.
[[nodiscard]] std::optional<std::string> fileDamage(const QString &path);

/// Renames the database with its -wal and -shm to `<path>.damaged-<UTC>`; never overwrites. The new name.
[[nodiscard]] Result<QString> setAside(const QString &path, UtcTime now);

} // namespace core::storage
