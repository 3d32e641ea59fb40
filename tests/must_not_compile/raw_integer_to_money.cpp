// An integer is not an amount: counts of 1e-8 enter through fromRaw, by name.
#include "core/domain/fixed8.h"

core::Money moneyOf(std::int64_t raw);
core::Money moneyOf(std::int64_t raw)
{
#ifdef ETRMS_FORBIDDEN
    return raw;
#else
    return core::Money::fromRaw(raw);
#endif
}
