#include "core/base/decimal.h"

#include <array>
#include <limits>

#include "core/base/assert.h"

namespace core
{

namespace
{
__extension__ using Wide = __int128;

constexpr std::array<std::int64_t, 9> kPowersOfTen{1,         10,         100,         1'000,      10'000,
                                                   100'000,   1'000'000,  10'000'000,  100'000'000};

[[nodiscard]] constexpr bool fits(Wide value)
{
    return value >= std::numeric_limits<std::int64_t>::min() && value <= std::numeric_limits<std::int64_t>::max();
}

/// numerator ÷ denominator, denominator > 0.
[[nodiscard]] constexpr Wide divideRounded(Wide numerator, Wide denominator, Rounding rounding)
{
    Wide quotient = numerator / denominator;
    const Wide remainder = numerator % denominator; // sign of the numerator
    if (remainder == 0)
        return quotient;
    switch (rounding) {
    case Rounding::TowardZero: return quotient;
    case Rounding::Floor: return remainder < 0 ? quotient - 1 : quotient;
    case Rounding::Ceil: return remainder > 0 ? quotient + 1 : quotient;
    case Rounding::HalfEven: {
        const Wide twice = (remainder < 0 ? -remainder : remainder) * 2;
        const bool away = twice > denominator || (twice == denominator && (quotient & 1) != 0);
        if (!away)
            return quotient;
        return remainder < 0 ? quotient - 1 : quotient + 1;
    }
    }
    return quotient;
}
} // namespace

Result<std::int64_t> parseDecimal(std::string_view text)
{
    if (text.empty())
        return fail(ErrorCode::ParseFailed, "empty text is not a decimal number");
    if (text.size() > 64)
        return fail(ErrorCode::ParseFailed, "a decimal number has at most 64 characters");
    const bool negative = text.front() == '-';
    if (negative)
        text.remove_prefix(1);
    std::uint64_t value = 0;
    bool overflow = false;
    int fractionDigits = -1; // -1: before the point
    bool anyDigit = false;
    for (const char c : text) {
        if (c == '.') {
            if (fractionDigits >= 0 || !anyDigit)
                return fail(ErrorCode::ParseFailed, "a decimal number is digits, optionally '.' and digits");
            fractionDigits = 0;
            continue;
        }
        const auto digit = static_cast<unsigned>(static_cast<unsigned char>(c)) - '0';
        if (digit > 9)
            return fail(ErrorCode::ParseFailed, "a decimal number is digits, optionally '.' and digits");
        anyDigit = true;
        if (fractionDigits >= 8) {
            if (digit != 0)
                return fail(ErrorCode::ParseFailed, "more than eight decimal places");
            ++fractionDigits;
            continue;
        }
        if (value > (std::numeric_limits<std::uint64_t>::max() - digit) / 10)
            overflow = true;
        else
            value = value * 10 + digit;
        if (fractionDigits >= 0)
            ++fractionDigits;
    }
    if (!anyDigit || fractionDigits == 0)
        return fail(ErrorCode::ParseFailed, "a decimal number is digits, optionally '.' and digits");
    const int missing = fractionDigits < 0 ? 8 : (fractionDigits >= 8 ? 0 : 8 - fractionDigits);
    const Wide scaled = static_cast<Wide>(value) * kPowersOfTen[static_cast<std::size_t>(missing)];
    const Wide result = negative ? -scaled : scaled;
    if (overflow || !fits(result))
        return fail(ErrorCode::OutOfRange, "decimal number outside ±92233720368.54775807");
    return static_cast<std::int64_t>(result);
}

void appendDecimal(std::string &out, std::int64_t raw)
{
    std::array<char, 24> buffer{};
    std::size_t at = buffer.size();
    const bool negative = raw < 0;
    std::uint64_t magnitude = negative ? 0 - static_cast<std::uint64_t>(raw) : static_cast<std::uint64_t>(raw);
    std::uint64_t fraction = magnitude % static_cast<std::uint64_t>(kDecimalOne);
    std::uint64_t whole = magnitude / static_cast<std::uint64_t>(kDecimalOne);
    if (fraction != 0) {
        int places = 8;
        while (fraction % 10 == 0) {
            fraction /= 10;
            --places;
        }
        for (int i = 0; i < places; ++i) {
            buffer[--at] = static_cast<char>('0' + fraction % 10);
            fraction /= 10;
        }
        buffer[--at] = '.';
    }
    do {
        buffer[--at] = static_cast<char>('0' + whole % 10);
        whole /= 10;
    } while (whole != 0);
    if (negative)
        buffer[--at] = '-';
    out.append(buffer.data() + at, buffer.size() - at);
}

std::string decimalText(std::int64_t raw)
{
    std::string out;
    appendDecimal(out, raw);
    return out;
}

std::string decimalTextFixed(std::int64_t raw, int places)
{
    CORE_ASSERT(places >= 0 && places <= 8, "REQUIRES: 0 to 8 decimal places");
    const std::int64_t unit = kPowersOfTen[static_cast<std::size_t>(8 - places)];
    CORE_ASSERT(raw % unit == 0, "REQUIRES: the dropped digits are zero");
    std::string out = decimalText(raw);
    if (places == 0)
        return out;
    const std::size_t point = out.find('.');
    std::size_t have = 0;
    if (point == std::string::npos)
        out.push_back('.');
    else
        have = out.size() - point - 1;
    out.append(static_cast<std::size_t>(places) - have, '0');
    return out;
}

Result<std::int64_t> mulDiv(std::int64_t a, std::int64_t b, std::int64_t divisor, Rounding rounding)
{
    if (divisor == 0)
        return fail(ErrorCode::InvalidArgument, "division by zero");
    Wide numerator = static_cast<Wide>(a) * b;
    Wide denominator = divisor;
    if (denominator < 0) {
        numerator = -numerator;
        denominator = -denominator;
    }
    const Wide result = divideRounded(numerator, denominator, rounding);
    if (!fits(result))
        return fail(ErrorCode::OutOfRange, "product outside ±92233720368.54775807");
    return static_cast<std::int64_t>(result);
}

Result<std::int64_t> checkedAdd(std::int64_t a, std::int64_t b)
{
    std::int64_t result = 0;
    if (__builtin_add_overflow(a, b, &result))
        return fail(ErrorCode::OutOfRange, "sum outside ±92233720368.54775807");
    return result;
}

Result<std::int64_t> checkedSub(std::int64_t a, std::int64_t b)
{
    std::int64_t result = 0;
    if (__builtin_sub_overflow(a, b, &result))
        return fail(ErrorCode::OutOfRange, "difference outside ±92233720368.54775807");
    return result;
}

std::int64_t roundToStep(std::int64_t value, std::int64_t step, Rounding rounding)
{
    CORE_ASSERT(step > 0, "REQUIRES: step > 0");
    return static_cast<std::int64_t>(divideRounded(value, step, rounding) * step);
}

} // namespace core
