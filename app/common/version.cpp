#include "app/common/version.h"

namespace app
{
const char *version()
{
    return ETRMS_VERSION;
}
} // namespace app
