#pragma once

#include <memory>
#include <string>

#include "app/desktop/desktop_options.h"
#include "core/runtime/account_desk.h"

namespace app::desktop
{

/// An account whose keys were tried at its venue a moment ago.
struct OpenedAccount {
    core::secrets::AccountProfile profile;
    core::runtime::AccountKeys keys;
};

/// The desk over the options' folder and addresses, its list being read. The error names the folder or the file.
[[nodiscard]] core::Result<std::unique_ptr<core::runtime::AccountDesk>> makeAccountDesk(const DesktopOptions &options,
                                                                                       const core::Clock &clock);

/// Before there is a window: waits for the list, opens the key store (passphrase from ETRMS_PASSPHRASE, else a dialog),
/// tries the key at the venue and hands it out. A key that may withdraw, or that the venue refuses, is an error. Turns the
/// application's event loop. Gui thread.
[[nodiscard]] core::Result<OpenedAccount> openAccount(core::runtime::AccountDesk &desk, const std::string &label,
                                                      core::secrets::Environment environment);

} // namespace app::desktop
