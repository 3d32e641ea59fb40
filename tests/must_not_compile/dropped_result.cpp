// An answer that may be an error is looked at (the warning is an error in every build).
#include "core/domain/fixed8.h"

bool isPrice(std::string_view text);
bool isPrice(std::string_view text)
{
#ifdef ETRMS_FORBIDDEN
    core::parsePrice(text);
    return true;
#else
    return core::parsePrice(text).has_value();
#endif
}
