#include "core/exchange/hyperliquid/wire_number.h"

#include <algorithm>

namespace core::exchange::hyperliquid
{

namespace
{
constexpr std::size_t kTextMax = 64;
constexpr std::size_t kDecimalsMax = 8;

bool areDigits(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}
} // namespace

Result<std::string> wireNumberText(std::string_view text)
{
    if (text.size() > kTextMax)
        return fail(ErrorCode::ParseFailed, "longer than 64 characters");
    const bool negative = text.starts_with('-');
    if (negative)
        text.remove_prefix(1);
    const std::size_t point = std::min(text.find('.'), text.size());
    std::string_view whole = text.substr(0, point);
    std::string_view decimals = point == text.size() ? std::string_view() : text.substr(point + 1);
    if (!areDigits(whole) || !areDigits(decimals) || (whole.empty() && decimals.empty()))
        return fail(ErrorCode::ParseFailed, "expects a plain decimal number");
    whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
    decimals = decimals.substr(0, decimals.find_last_not_of('0') + 1);
    if (decimals.size() > kDecimalsMax)
        return fail(ErrorCode::ParseFailed, "has more than 8 decimals");
    std::string result;
    if (negative && !(whole.empty() && decimals.empty()))
        result.push_back('-');
    result.append(whole.empty() ? std::string_view("0") : whole);
    if (!decimals.empty())
        result.append(1, '.').append(decimals);
    return result;
}

} // namespace core::exchange::hyperliquid
