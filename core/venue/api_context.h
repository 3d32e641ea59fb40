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
/// Absent: Both. -4060 for a word that is none; whether it fits the account's mode is the engine's to say.
[[nodiscard]] VenueResult<PositionSide> legOf(const ApiParameters &parameters);
/// startTime, endTime, limit of a history request. -1023, -1130.
struct TimeRange {
    std::optional<UtcTime> from;
    std::optional<UtcTime> to;
    std::size_t limit{0};
    [[nodiscard]] bool holds(UtcTime at) const { return (!from || at >= *from) && (!to || at <= *to); }
};
[[nodiscard]] VenueResult<TimeRange> rangeOf(const ApiParameters &parameters, std::int64_t limitAbsent,
                                             std::int64_t limitMax);
/// With a beginning the oldest rows are asked for, without one the newest.
template <class Row> void cut(std::vector<Row> &rows, const TimeRange &range, bool fromBeginning)
{
    if (rows.size() > range.limit && !fromBeginning)
        rows.erase(rows.begin(), rows.end() - static_cast<std::ptrdiff_t>(range.limit));
    if (rows.size() > range.limit)
        rows.resize(range.limit);
}
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
