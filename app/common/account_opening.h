#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/common/watch_plan.h"
#include "core/runtime/account_desk.h"

namespace app
{

/// An account whose keys were tried at its venue a moment ago.
struct OpenedAccount {
    core::secrets::AccountProfile profile;
    core::runtime::AccountKeys keys;
};

/// The desk over `folder`, its list not yet read. `addresses`: a file with addresses of this computer (`--endpoints`), or empty. The
/// error names the folder or the file.
[[nodiscard]] core::Result<std::unique_ptr<core::runtime::AccountDesk>> makeAccountDesk(const QString &folder, const QString &addresses,
                                                                                       const core::Clock &clock);

/// Asks a person for the passphrase of the sealed key file; only called when ETRMS_PASSPHRASE does not hold it.
using AskPassphrase = std::function<core::Result<core::net::Secret>()>;

/// Waits for the list, opens the key store, tries the key at the venue and hands it out. A key that may withdraw, or that the
/// venue refuses, is an error. Turns the application's event loop, as its outermost one. Main thread.
[[nodiscard]] core::Result<OpenedAccount> openAccount(core::runtime::AccountDesk &desk, const std::string &label,
                                                      core::secrets::Environment environment, const AskPassphrase &ask);

/// Another client for an account that `openAccount` opened on this desk before: no trial, no passphrase. Turns the event loop.
[[nodiscard]] core::Result<OpenedAccount> reopenAccount(core::runtime::AccountDesk &desk, const core::secrets::AccountProfile &profile);

} // namespace app
