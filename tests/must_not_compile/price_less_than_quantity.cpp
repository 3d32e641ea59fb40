// A price and a quantity are both counts of 1e-8, and comparing them is a mistake.
#include "core/domain/fixed8.h"

bool cheaper(core::Price a, core::Price b, core::Quantity c);
bool cheaper(core::Price a, core::Price b, core::Quantity c)
{
#ifdef ETRMS_FORBIDDEN
    return a < b && a < c;
#else
    return a < b && c < c;
#endif
}
