#pragma once

#include <QtCore/QString>

namespace app
{

/// Sends the program's log (spdlog) to `<dataDir>/etrms.log`, 5 MB × 3, and warnings of Qt with it; an empty folder: stderr.
/// Nothing that is logged may hold a key, a signature or a listen key: the rooms below never hand one out.
void startLog(const QString &dataDir);

} // namespace app
