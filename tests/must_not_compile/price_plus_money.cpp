// Adding keeps the unit: a price is not an amount.
#include "core/domain/fixed8.h"

core::Result<core::Money> sum(core::Price price, core::Money a, core::Money b);
core::Result<core::Money> sum(core::Price price, core::Money a, core::Money b)
{
#ifdef ETRMS_FORBIDDEN
    return core::add(price, a).and_then([&](core::Money c) { return core::add(c, b); });
#else
    static_cast<void>(price);
    return core::add(a, b);
#endif
}
