#pragma once

namespace core
{

/// What happens when we are wrong. The default prints and aborts; the engine thread installs one that halts
/// trading and keeps the screen alive. Not thread-safe to change while threads run.
using AssertHandler = void (*)(const char *condition, const char *message, const char *file, int line);
AssertHandler setAssertHandler(AssertHandler handler);

/// Calls the handler; when it returns, the caller goes on (release builds of the engine) at its own risk.
void assertFailed(const char *condition, const char *message, const char *file, int line);

} // namespace core

/// Kept in release builds. `message` starts with "Invariant: " or "REQUIRES: ".
#define CORE_ASSERT(condition, message)                                                                      \
    (static_cast<bool>(condition) ? static_cast<void>(0)                                                     \
                                  : ::core::assertFailed(#condition, message, __FILE__, __LINE__))
