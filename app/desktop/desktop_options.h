#pragma once

#include <optional>
#include <variant>

#include <QtCore/QSize>
#include <QtCore/QString>
#include <QtCore/QStringList>

#include "app/common/watch_plan.h"
#include "core/base/result.h"
#include "core/domain/fixed8.h"
#include "core/runtime/venue_host.h"

namespace app::desktop
{

/// Which market the desktop stands in.
enum class Where { Watch, Testnet, Demo, Paper, Account };

/// The desktop's command line, checked.
struct DesktopOptions {
    Where where{Where::Watch};
    std::vector<WatchedVenue> watch;              ///< with Where::Watch and Where::Paper
    QString account;                              ///< with Where::Account: its label
    core::secrets::Environment environment{core::secrets::Environment::Production}; ///< of the accounts that are meant
    QString coins;                                ///< what a named account watches
    QString endpointsFile;                        ///< addresses of this computer; empty: the venues' own
    QString accountsDir;                          ///< accounts.json and the sealed keys
    core::Money paperBalance;                     ///< of a new paper account
    std::optional<core::runtime::DemoVenue> demo; ///< set with Where::Demo
    QString market;                               ///< of the demo, for people: "flash-crash", a file name
    core::Symbol symbol;
    core::risk::Limits limits;
    bool limitsNamed{false}; ///< by --config: they hold instead of those on record
    QString dataDir;
    bool ownDataDir{false}; ///< it was named, not chosen by the mode
    QString screenshot; ///< empty: none
    std::optional<qint64> afterSeconds;
    bool headless{false};
    QString outDir;
    QSize size{1600, 1000};
};

/// Fills `options` from the arguments without the program's name. An exit status when the program ends here (help, version,
/// wrong usage, a file that cannot be read).
[[nodiscard]] std::optional<int> readDesktopOptions(const QStringList &arguments, DesktopOptions &options);

} // namespace app::desktop
