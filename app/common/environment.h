#pragma once

#include "core/net/secret.h"

namespace app
{

/// What the variable holds; empty when it is not set. It is overwritten where it stands, so that no child process, no crash
/// report and no reader of /proc/self/environ sees it afterwards. Before other threads run.
[[nodiscard]] core::net::Secret takeFromEnvironment(const char *name);

} // namespace app
