#pragma once

#include <QtCore/QStringList>

namespace app::cli
{

// One function per subcommand: arguments after its name in, exit status out.
[[nodiscard]] int runVenue(const QStringList &arguments);
[[nodiscard]] int runReplay(const QStringList &arguments);
[[nodiscard]] int runReport(const QStringList &arguments);
[[nodiscard]] int runDoctor(const QStringList &arguments);
[[nodiscard]] int runDatabase(const QStringList &arguments);
[[nodiscard]] int runGuard(const QStringList &arguments);
[[nodiscard]] int runDrillCommand(const QStringList &arguments);
[[nodiscard]] int runSize(const QStringList &arguments);
[[nodiscard]] int runSign(const QStringList &arguments);
[[nodiscard]] int runRisk(const QStringList &arguments);

} // namespace app::cli
