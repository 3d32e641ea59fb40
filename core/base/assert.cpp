#include "core/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace core
{

namespace
{
void printAndAbort(const char *condition, const char *message, const char *file, int line)
{
    std::fprintf(stderr, "%s:%d: %s (%s)\n", file, line, message, condition);
    std::abort();
}

AssertHandler g_handler = &printAndAbort;
} // namespace

AssertHandler setAssertHandler(AssertHandler handler)
{
    AssertHandler previous = g_handler;
    g_handler = handler ? handler : &printAndAbort;
    return previous;
}

void assertFailed(const char *condition, const char *message, const char *file, int line)
{
    g_handler(condition, message, file, line);
}

} // namespace core
