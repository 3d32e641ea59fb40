#include "core/domain/instrument.h"

#include "core/base/assert.h"

namespace core
{

int decimalPlaces(std::int64_t stepRaw)
{
    CORE_ASSERT(stepRaw > 0, "REQUIRES: step > 0");
    int places = 8;
    while (places > 0 && stepRaw % 10 == 0) {
        stepRaw /= 10;
        --places;
    }
    return places;
}

} // namespace core
