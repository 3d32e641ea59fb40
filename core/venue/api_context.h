#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "core/venue/binance_api.h"

namespace core::venue
{

/// What a handler works with: the parameters, and the account once the request was authenticated.
struct BinanceApi::Context {
    const ApiRequest &request;
    ApiParameters parameters;
    std::size_t account{0};
};

[[nodiscard]] inline tl::unexpected<VenueError> refuse(int code, std::string message, int httpStatus = 400)
{
    return tl::unexpected(VenueError{code, std::move(message), httpStatus});
}
[[nodiscard]] inline tl::unexpected<VenueError> malformed(std::string_view name)
{
    return refuse(-1102,
                  fmt::format("Mandatory parameter '{}' was not sent, was empty/null, or malformed.", name));
}
[[nodiscard]] inline tl::unexpected<VenueError> invalidValue(std::string_view name)
{
    return refuse(-1130, fmt::format("Data sent for parameter '{}' is not valid.", name));
}

/// Whole number parameter; nullopt when absent, -1102 when it is no number.
[[nodiscard]] VenueResult<std::optional<std::int64_t>> wholeNumber(const ApiParameters &parameters,
                                                                   std::string_view name);
/// "true" or "false"; `absent` when absent; -1130 otherwise.
[[nodiscard]] VenueResult<bool> flag(const ApiParameters &parameters, std::string_view name, bool absent);
/// 1 to 36 characters of the venue's set; empty when absent; -4015 otherwise.
[[nodiscard]] VenueResult<std::string> clientId(const ApiParameters &parameters, std::string_view name);
/// -1117.
[[nodiscard]] VenueResult<Side> sideOf(const ApiParameters &parameters);
/// One-way mode: absent or BOTH; else -4061.
[[nodiscard]] VenueResult<void> checkPositionSide(const ApiParameters &parameters);
/// Mandatory decimal; -1102.
template <class Value>
[[nodiscard]] VenueResult<Value> decimalOf(const ApiParameters &parameters, std::string_view name)
{
    const auto text = parameters.mandatory(name);
    if (!text)
        return tl::unexpected(text.error());
    const auto value = parseFixed<Value>(*text);
    if (value)
        return *value;
    // Digits beyond ours are too fine for every instrument here; everything else is no number.
    const std::size_t point = text->find('.');
    const bool tooFine = point != std::string_view::npos && text->size() - point > 9 &&
                         text->find_first_not_of("0123456789.") == std::string_view::npos;
    if (tooFine)
        return refuse(-1111, "Precision is over the maximum defined for this asset.");
    return malformed(name);
}

} // namespace core::venue
