// A double becomes a price only by a named rounding.
#include "core/domain/fixed8.h"

core::Price priceOf(double level, std::int64_t raw);
core::Price priceOf(double level, std::int64_t raw)
{
#ifdef ETRMS_FORBIDDEN
    static_cast<void>(raw);
    return level;
#else
    static_cast<void>(level);
    return core::Price::fromRaw(raw);
#endif
}
