#include "core/exchange/hyperliquid/codec_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace core::exchange::hyperliquid
{

namespace
{
constexpr int kExponentMax = 40; ///< what goes beyond cannot be a decimal of ours anyway

[[nodiscard]] std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    return text;
}

/// "1.25e-7" as "0.000000125". False when the exponent is absurd. REQUIRES: a JSON number.
[[nodiscard]] bool withoutExponent(std::string_view number, std::string &out)
{
    const auto mark = number.find_first_of("eE");
    std::string_view power = number.substr(mark + 1);
    if (power.starts_with('+'))
        power.remove_prefix(1);
    int exponent = 0;
    const auto read = std::from_chars(power.data(), power.data() + power.size(), exponent);
    if (read.ec != std::errc{} || exponent > kExponentMax || exponent < -kExponentMax)
        return false;
    std::string_view mantissa = number.substr(0, mark);
    out.clear();
    if (mantissa.starts_with('-')) {
        out.push_back('-');
        mantissa.remove_prefix(1);
    }
    const auto point = std::min(mantissa.find('.'), mantissa.size());
    std::string figures(mantissa.substr(0, point));
    if (point < mantissa.size())
        figures += mantissa.substr(point + 1);
    auto whole = static_cast<int>(point) + exponent;
    if (whole <= 0) {
        figures.insert(0, static_cast<std::size_t>(1 - whole), '0');
        whole = 1;
    }
    const auto places = static_cast<std::size_t>(whole);
    if (figures.size() < places)
        figures.append(places - figures.size(), '0');
    out += figures.substr(0, places);
    if (figures.size() > places)
        out.append(".").append(figures.substr(places));
    return true;
}
} // namespace

std::optional<double> analysisValue(std::string_view text)
{
    double value = 0;
    const char *const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (read.ec != std::errc{} || read.ptr != end || !std::isfinite(value))
        return std::nullopt;
    return value;
}

bool Reader::digits(std::string_view &out)
{
    Kind found{};
    if (!kind(found) || !scalar(out))
        return false;
    out = trimmed(out);
    if (found == Kind::Number && out.find_first_of("eE") != std::string_view::npos) {
        if (!withoutExponent(out, m_plain))
            return refuse(ErrorCode::OutOfRange, "has an exponent that no decimal of ours has");
        out = m_plain;
    }
    return true;
}

bool Reader::exact(std::int64_t &raw)
{
    std::string_view token;
    if (!digits(token))
        return false;
    const auto value = parseDecimal(token);
    if (!value)
        return refuse(value.error().code, value.error().detail);
    raw = *value;
    return true;
}

bool Reader::rounded(std::int64_t &raw)
{
    std::string_view token;
    if (!digits(token))
        return false;
    const auto value = wire::parseRounded(token);
    if (!value)
        return refuse(value.error().code, value.error().detail);
    raw = *value;
    return true;
}

bool Reader::moneyIfItFits(std::optional<Money> &out)
{
    std::string_view token;
    if (!digits(token))
        return false;
    const auto raw = wire::parseRounded(token);
    if (raw)
        out = Money::fromRaw(*raw);
    else if (raw.error().code != ErrorCode::OutOfRange)
        return refuse(raw.error().code, raw.error().detail);
    return true;
}

bool Reader::price(Price &out)
{
    return exactValue(out) && (out.isPositive() || refuse(ErrorCode::OutOfRange, "must be above 0"));
}

bool Reader::priceOrZero(Price &out)
{
    return exactValue(out) && (!out.isNegative() || refuse(ErrorCode::OutOfRange, "must not be negative"));
}

bool Reader::computedPrice(Price &out)
{
    return roundedValue(out) && (!out.isNegative() || refuse(ErrorCode::OutOfRange, "must not be negative"));
}

bool Reader::size(Quantity &out)
{
    return exactValue(out) && (!out.isNegative() || refuse(ErrorCode::OutOfRange, "must not be negative"));
}

bool Reader::sizeAboveZero(Quantity &out)
{
    return exactValue(out) && (out.isPositive() || refuse(ErrorCode::OutOfRange, "must be above 0"));
}

bool Reader::roundedSize(Quantity &out)
{
    return roundedValue(out) && (!out.isNegative() || refuse(ErrorCode::OutOfRange, "must not be negative"));
}

bool Reader::analysis(std::optional<double> &out)
{
    std::string_view token;
    if (!scalar(token))
        return false;
    out = hyperliquid::analysisValue(trimmed(token));
    return out || refuse(ErrorCode::ParseFailed, "expects a number");
}

bool Reader::whole(std::int64_t &out)
{
    std::string_view token;
    if (!scalar(token))
        return false;
    token = trimmed(token);
    const char *const end = token.data() + token.size();
    const auto read = std::from_chars(token.data(), end, out);
    if (read.ec == std::errc::result_out_of_range)
        return refuse(ErrorCode::OutOfRange, "does not fit into 64 bits");
    return (read.ec == std::errc{} && read.ptr == end) ||
           refuse(ErrorCode::ParseFailed, "expects an integer");
}

bool Reader::whole(int &out)
{
    std::int64_t wide = 0;
    if (!whole(wide))
        return false;
    if (wide < std::numeric_limits<int>::min() || wide > std::numeric_limits<int>::max())
        return refuse(ErrorCode::OutOfRange, "does not fit into 32 bits");
    out = static_cast<int>(wide);
    return true;
}

bool Reader::moment(UtcTime &out)
{
    constexpr std::int64_t kMillisecondsMax = 9'223'372'036'854; // UtcTime counts nanoseconds
    std::int64_t milliseconds = 0;
    if (!whole(milliseconds))
        return false;
    if (milliseconds < 0 || milliseconds > kMillisecondsMax)
        return refuse(ErrorCode::OutOfRange, "is no time between 1970 and 2262 in milliseconds");
    out = utcFromMilliseconds(milliseconds);
    return true;
}

bool Reader::words(std::string &out)
{
    std::string_view content;
    if (!text(content))
        return false;
    out = content;
    return true;
}

bool Reader::coin(InstrumentKey &out)
{
    out.venue = Venue::Hyperliquid;
    return symbol(out.symbol);
}

bool Reader::bidOrAsk(Side &out)
{
    std::string_view letter;
    if (!text(letter))
        return false;
    if (letter != "B" && letter != "A")
        return refuse(ErrorCode::ParseFailed, "expects B or A");
    out = letter == "B" ? Side::Buy : Side::Sell;
    return true;
}

bool Reader::isNull(bool &out)
{
    Kind found{};
    if (!kind(found))
        return false;
    out = found == Kind::Null;
    return true;
}

} // namespace core::exchange::hyperliquid
