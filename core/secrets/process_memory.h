#pragma once

namespace core::secrets
{

/// From here on this process leaves no core file, and no other process of the same user may read its memory or attach to
/// it (a debugger neither, unless it was there before). Before any key is in memory. False where the system offers no such
/// thing. Source: prctl(2), PR_SET_DUMPABLE.
[[nodiscard]] bool closeProcessMemory();

} // namespace core::secrets
