#pragma once

#include "core/base/result.h"
#include "core/net/secret.h"

namespace app::desktop
{

/// Asks for the passphrase of the sealed key file in a dialog, before there is a window. Unauthorized when it was not given. Gui
/// thread; turns the application's event loop.
[[nodiscard]] core::Result<core::net::Secret> askPassphrase();

} // namespace app::desktop
