#pragma once

#include <QtCore/QString>

#include "core/base/result.h"

namespace app
{

/// Where the program keeps its data when nothing else is said: one folder per mode, so that a demo never meets live data.
[[nodiscard]] QString defaultDataDir(const QString &mode);

/// The database file of a data directory, there or not.
[[nodiscard]] QString databaseIn(const QString &dataDir);

/// The database that a command means: `file` when given, else the one in `dataDir`, else the newest of those that the program
/// and its demo write by default (the choice is said on stderr). NotFound names the places.
[[nodiscard]] core::Result<QString> databaseFor(const QString &program, const QString &file, const QString &dataDir);

} // namespace app
