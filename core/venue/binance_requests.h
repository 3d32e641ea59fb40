#pragma once

#include <string>
#include <string_view>

#include "core/venue/api_context.h"

namespace core::venue
{

/// Which one order a request names.
struct OrderName {
    Symbol symbol;
    std::int64_t id{0};
    std::string clientId;
};

/// By id or client id; -1102 when neither was sent.
[[nodiscard]] VenueResult<OrderName> readName(const ApiParameters &parameters, const Symbol &symbol,
                                              std::string_view idName, std::string_view clientIdName);
/// Codes as the venue gives them for what is missing or wrong. The engine finds the price of a priceMatch.
[[nodiscard]] VenueResult<NewOrder> readOrder(const VenueEngine &engine, const ApiParameters &parameters,
                                              const Symbol &symbol);
[[nodiscard]] VenueResult<NewAlgo> readAlgo(const ApiParameters &parameters, const Symbol &symbol);

} // namespace core::venue
