#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/domain/instrument.h"

namespace core::exchange::binance
{

/// Why a contract cannot be used here; the text names it too.
struct RefusedContract : Error {
    Symbol symbol;
};

/// Answer of `GET /fapi/v1/exchangeInfo` (about 1 MB, some 900 contracts).
struct InstrumentList {
    struct Limit {
        std::string type;     ///< REQUEST_WEIGHT, ORDERS
        std::string interval; ///< SECOND, MINUTE
        std::int64_t intervalNumber{0};
        std::int64_t limit{0};
    };
    std::vector<Limit> limits;
    std::vector<Instrument> instruments; ///< without margin tiers
    std::vector<RefusedContract> refused; ///< listed, but not usable here
};

/// Only contracts in `wanted` are kept; all when it is empty. One that cannot be used (more than eight
/// decimals, no tick) is refused by name and takes none of the others away. Pure. Fails with ParseFailed
/// naming the field. Source: reference/binance-usdm.md section 3.2.
[[nodiscard]] Result<InstrumentList> parseInstrumentList(std::string_view body,
                                                         std::span<const Symbol> wanted);

} // namespace core::exchange::binance
