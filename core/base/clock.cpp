#include "core/base/clock.h"

#include <charconv>

#include <fmt/format.h>

namespace core
{

std::string isoMilliseconds(UtcTime time)
{
    const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time);
    const auto day = std::chrono::floor<std::chrono::days>(milliseconds);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{milliseconds - day};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                       clock.subseconds().count());
}

namespace
{
/// Reads exactly `digits` decimal digits at the front of `text` and removes them.
[[nodiscard]] bool takeDigits(std::string_view &text, std::size_t digits, int &out)
{
    if (text.size() < digits)
        return false;
    out = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        out = out * 10 + (text[i] - '0');
    }
    text.remove_prefix(digits);
    return true;
}

[[nodiscard]] bool takeChar(std::string_view &text, char expected)
{
    if (text.empty() || text.front() != expected)
        return false;
    text.remove_prefix(1);
    return true;
}
} // namespace

Result<UtcTime> parseIso8601(std::string_view text)
{
    const auto bad = [](const char *rule) {
        return fail(ErrorCode::ParseFailed, fmt::format("time: {} (expected 2026-11-22T18:41:05.123Z)", rule));
    };
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    std::string_view rest = text;
    if (!takeDigits(rest, 4, year) || !takeChar(rest, '-') || !takeDigits(rest, 2, month) ||
        !takeChar(rest, '-') || !takeDigits(rest, 2, day) || !takeChar(rest, 'T') ||
        !takeDigits(rest, 2, hour) || !takeChar(rest, ':') || !takeDigits(rest, 2, minute) ||
        !takeChar(rest, ':') || !takeDigits(rest, 2, second))
        return bad("not an ISO 8601 date and time");
    std::int64_t nanoseconds = 0;
    if (takeChar(rest, '.')) {
        std::int64_t unit = 100'000'000;
        std::size_t digits = 0;
        while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
            if (++digits > 9)
                return bad("more than nine fraction digits");
            nanoseconds += (rest.front() - '0') * unit;
            unit /= 10;
            rest.remove_prefix(1);
        }
        if (digits == 0)
            return bad("no digit after the point");
    }
    if (rest != "Z")
        return bad("the zone must be Z");
    const std::chrono::year_month_day date{std::chrono::year{year},
                                           std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok() || hour > 23 || minute > 59 || second > 59)
        return bad("no such date or time");
    if (year < 1678 || year > 2261)
        return bad("year outside 1678 to 2261");
    return UtcTime{std::chrono::sys_days{date}} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
           std::chrono::seconds{second} + std::chrono::nanoseconds{nanoseconds};
}

} // namespace core
