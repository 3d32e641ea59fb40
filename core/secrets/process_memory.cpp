#include "core/secrets/process_memory.h"

#if defined(__linux__)
#include <sys/prctl.h>
#endif

namespace core::secrets
{

bool closeProcessMemory()
{
#if defined(__linux__)
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
#else
    return false;
#endif
}

} // namespace core::secrets
