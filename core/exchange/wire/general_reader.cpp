#include "core/exchange/wire/general_reader.h"

#include "core/exchange/wire/swar.h"

#include <limits>

#include <fmt/format.h>

#include "core/base/decimal.h"

namespace core::exchange::wire
{

namespace
{
constexpr std::int64_t kMillisecondsMax = 9'223'372'036'854; ///< what UtcTime's nanoseconds can hold

[[nodiscard]] bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// The grammar of JSON numbers; simdjson hands out the raw text unchecked.
[[nodiscard]] bool isJsonNumber(std::string_view token)
{
    std::size_t at = 0;
    const auto digits = [&] {
        const std::size_t begin = at;
        while (at < token.size() && isDigit(token[at]))
            ++at;
        return at - begin;
    };
    if (at < token.size() && token[at] == '-')
        ++at;
    const std::size_t wholeBegin = at;
    const std::size_t whole = digits();
    if (whole == 0 || (whole > 1 && token[wholeBegin] == '0'))
        return false;
    if (at < token.size() && token[at] == '.') {
        ++at;
        if (digits() == 0)
            return false;
    }
    if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
        ++at;
        if (at < token.size() && (token[at] == '+' || token[at] == '-'))
            ++at;
        if (digits() == 0)
            return false;
    }
    return at == token.size();
}

[[nodiscard]] std::string_view withoutTrailingBlanks(std::string_view token)
{
    while (!token.empty() &&
           (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' || token.back() == '\t'))
        token.remove_suffix(1);
    return token;
}
} // namespace

Result<std::int64_t> parseRounded(std::string_view text)
{
    const auto point = text.find('.');
    if (point == std::string_view::npos || text.size() - point - 1 <= 8)
        return parseDecimal(text);
    if (text.size() > 128)
        return fail(ErrorCode::ParseFailed, "a decimal number has at most 128 characters");
    const std::string_view beyond = text.substr(point + 9);
    bool anyAfterFirst = false;
    for (std::size_t i = 0; i < beyond.size(); ++i) {
        if (!isDigit(beyond[i]))
            return fail(ErrorCode::ParseFailed, "a decimal number is digits, optionally '.' and digits");
        anyAfterFirst = anyAfterFirst || (i > 0 && beyond[i] != '0');
    }
    const auto kept = parseDecimal(text.substr(0, point + 9));
    if (!kept)
        return kept;
    const bool up = beyond.front() > '5' || (beyond.front() == '5' && (anyAfterFirst || (*kept & 1) != 0));
    if (!up)
        return kept;
    return checkedAdd(*kept, text.front() == '-' ? -1 : 1);
}

bool GeneralReader::load(std::string_view bytes, std::string_view what)
{
    m_path = what;
    if (bytes.size() > kDocumentBytesMax)
        return refuse(ErrorCode::OutOfRange,
                      fmt::format("{} bytes are more than the {} accepted", bytes.size(), kDocumentBytesMax));
    m_buffer.reserve(bytes.size() + simdjson::SIMDJSON_PADDING);
    m_buffer.assign(bytes);
    const simdjson::padded_string_view padded(m_buffer.data(), m_buffer.size(), m_buffer.capacity());
    return check(m_parser.iterate(padded).get(m_document));
}

void GeneralReader::rewind(std::string_view what)
{
    m_document.rewind();
    m_path = what;
}

bool GeneralReader::finish()
{
    const char *location = nullptr;
    // simdjson reports the end of the document as an error.
    if (m_document.current_location().get(location) == simdjson::OUT_OF_BOUNDS)
        return true;
    return refuse(ErrorCode::ParseFailed, "something follows the end of the JSON value");
}

bool GeneralReader::refuse(ErrorCode code, std::string_view rule)
{
    m_error = {code, m_path + ": " + std::string(rule)};
    return false;
}

bool GeneralReader::check(simdjson::error_code code)
{
    if (code == simdjson::SUCCESS)
        return true;
    return refuse(ErrorCode::ParseFailed, fmt::format("not valid JSON ({})", simdjson::error_message(code)));
}

bool GeneralReader::rootKind(Kind &out)
{
    simdjson::ondemand::json_type type{};
    if (!check(m_document.type().get(type)))
        return false;
    out = type == simdjson::ondemand::json_type::object  ? Kind::Object
          : type == simdjson::ondemand::json_type::array ? Kind::Array
                                                         : Kind::Null;
    return true;
}

bool GeneralReader::kind(Kind &out)
{
    simdjson::ondemand::json_type type{};
    if (m_value.type().get(type) != simdjson::SUCCESS)
        return refuse(ErrorCode::ParseFailed, "is no JSON value");
    switch (type) {
    case simdjson::ondemand::json_type::object:
        out = Kind::Object;
        break;
    case simdjson::ondemand::json_type::array:
        out = Kind::Array;
        break;
    case simdjson::ondemand::json_type::string:
        out = Kind::Text;
        break;
    case simdjson::ondemand::json_type::number:
        out = Kind::Number;
        break;
    case simdjson::ondemand::json_type::boolean:
        out = Kind::Boolean;
        break;
    case simdjson::ondemand::json_type::null:
        out = Kind::Null;
        break;
    }
    return true;
}

bool GeneralReader::expect(Kind wanted, std::string_view rule)
{
    Kind found{};
    if (!kind(found))
        return false;
    return found == wanted || refuse(ErrorCode::ParseFailed, rule);
}

bool GeneralReader::skip(int depth)
{
    if (depth > kDepthMax)
        return refuse(ErrorCode::ParseFailed, fmt::format("nested deeper than {}", kDepthMax));
    Kind found{};
    if (!kind(found))
        return false;
    std::string_view token;
    switch (found) {
    case Kind::Object:
        return members([&](std::string_view) { return skip(depth + 1); });
    case Kind::Array:
        return elements([&] { return skip(depth + 1); });
    case Kind::Text:
        return text(token);
    case Kind::Number:
        return number(token);
    case Kind::Boolean: {
        bool value = false;
        return boolean(value);
    }
    case Kind::Null:
        token = withoutTrailingBlanks(m_value.raw_json_token());
        return token == "null" || refuse(ErrorCode::ParseFailed, "is no JSON value");
    }
    return false;
}

bool GeneralReader::missing(std::string_view name)
{
    m_path.append(".").append(name);
    return refuse(ErrorCode::ParseFailed, "is missing");
}

void GeneralReader::appendIndex(std::size_t index)
{
    m_path.append("[").append(std::to_string(index)).append("]");
}

bool GeneralReader::once(std::uint32_t &seen, unsigned bit)
{
    const std::uint32_t mask = 1U << bit;
    if ((seen & mask) != 0)
        return refuse(ErrorCode::ParseFailed, "stands there twice");
    seen |= mask;
    return true;
}

bool GeneralReader::number(std::string_view &token)
{
    token = withoutTrailingBlanks(m_value.raw_json_token());
    return isJsonNumber(token) || refuse(ErrorCode::ParseFailed, "is no JSON number");
}

bool GeneralReader::integer(std::int64_t &out)
{
    std::string_view token;
    if (!expect(Kind::Number, "expects an integer") || !number(token))
        return false;
    const bool negative = token.front() == '-';
    std::uint64_t magnitude = 0;
    for (const char c : token.substr(negative ? 1 : 0)) {
        if (!isDigit(c))
            return refuse(ErrorCode::ParseFailed, "expects an integer");
        const auto digit = static_cast<std::uint64_t>(c - '0');
        constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        if (magnitude > (kMax - digit) / 10)
            return refuse(ErrorCode::OutOfRange, "does not fit into 64 bits");
        magnitude = magnitude * 10 + digit;
    }
    out = negative ? -static_cast<std::int64_t>(magnitude) : static_cast<std::int64_t>(magnitude);
    return true;
}

bool GeneralReader::time(UtcTime &out)
{
    std::int64_t milliseconds = 0;
    if (!integer(milliseconds))
        return false;
    if (milliseconds < 0 || milliseconds > kMillisecondsMax)
        return refuse(ErrorCode::OutOfRange, "is no time between 1970 and 2262 in milliseconds");
    out = utcFromMilliseconds(milliseconds);
    return true;
}

bool GeneralReader::optionalTime(std::optional<UtcTime> &out)
{
    UtcTime value;
    if (!time(value))
        return false;
    out = value == UtcTime{} ? std::nullopt : std::optional(value);
    return true;
}

bool GeneralReader::text(std::string_view &out)
{
    if (!expect(Kind::Text, "expects text"))
        return false;
    return m_value.get_string().get(out) == simdjson::SUCCESS ||
           refuse(ErrorCode::ParseFailed, "is no valid JSON text");
}

bool GeneralReader::scalar(std::string_view &out)
{
    Kind found{};
    if (!kind(found))
        return false;
    if (found == Kind::Number)
        return number(out);
    return found == Kind::Text ? text(out) : refuse(ErrorCode::ParseFailed, "expects text or a number");
}

bool GeneralReader::rawJson(std::string &out)
{
    std::string_view token;
    if (!check(simdjson::to_json_string(m_value).get(token)))
        return false;
    out = withoutTrailingBlanks(token);
    return true;
}

bool GeneralReader::signedDecimal(std::int64_t &out)
{
    std::string_view token;
    if (!expect(Kind::Text, "expects a decimal number as text") || !text(token))
        return false;
    const auto raw = parseDecimal(token);
    if (!raw)
        return refuse(raw.error().code, raw.error().detail);
    out = *raw;
    return true;
}

bool GeneralReader::nonNegative(std::int64_t &raw)
{
    return signedDecimal(raw) && (raw >= 0 || refuse(ErrorCode::OutOfRange, "must not be negative"));
}

bool GeneralReader::price(Price &out)
{
    std::int64_t raw = 0;
    if (!nonNegative(raw))
        return false;
    out = Price::fromRaw(raw);
    return true;
}

bool GeneralReader::averagePrice(Price &out)
{
    Money value;
    if (!computedMoney(value))
        return false;
    if (value.isNegative())
        return refuse(ErrorCode::OutOfRange, "must not be negative");
    out = Price::fromRaw(value.raw());
    return true;
}

bool GeneralReader::quantity(Quantity &out)
{
    std::int64_t raw = 0;
    if (!nonNegative(raw))
        return false;
    out = Quantity::fromRaw(raw);
    return true;
}

bool GeneralReader::money(Money &out)
{
    std::int64_t raw = 0;
    if (!nonNegative(raw))
        return false;
    out = Money::fromRaw(raw);
    return true;
}

bool GeneralReader::signedMoney(Money &out)
{
    std::int64_t raw = 0;
    if (!signedDecimal(raw))
        return false;
    out = Money::fromRaw(raw);
    return true;
}

bool GeneralReader::computedMoney(Money &out)
{
    std::string_view token;
    if (!expect(Kind::Text, "expects a decimal number as text") || !text(token))
        return false;
    const auto raw = parseRounded(token);
    if (!raw)
        return refuse(raw.error().code, raw.error().detail);
    out = Money::fromRaw(*raw);
    return true;
}

bool GeneralReader::optionalPrice(std::optional<Price> &out)
{
    std::string_view token;
    if (!expect(Kind::Text, "expects a decimal number as text") || !text(token))
        return false;
    out = std::nullopt;
    if (token.empty())
        return true;
    const auto raw = parseDecimal(token);
    if (!raw)
        return refuse(raw.error().code, raw.error().detail);
    if (*raw < 0)
        return refuse(ErrorCode::OutOfRange, "must not be negative");
    if (*raw > 0)
        out = Price::fromRaw(*raw);
    return true;
}

bool GeneralReader::optionalRatio(std::optional<Ratio> &out)
{
    std::string_view token;
    if (!expect(Kind::Text, "expects a decimal number as text") || !text(token))
        return false;
    out = std::nullopt;
    if (token.empty())
        return true;
    const auto raw = parseDecimal(token);
    if (!raw)
        return refuse(raw.error().code, raw.error().detail);
    out = Ratio::fromRaw(*raw);
    return true;
}

bool GeneralReader::symbol(Symbol &out)
{
    std::string_view name;
    if (!text(name))
        return false;
    const auto symbol = Symbol::from(name);
    if (name.empty() || !symbol)
        return refuse(ErrorCode::ParseFailed, "expects a symbol of 1 to 40 bytes");
    out = *symbol;
    return true;
}

bool GeneralReader::optionalText(std::string_view &out)
{
    Kind found{};
    if (!kind(found))
        return false;
    out = {};
    return found == Kind::Null ? skip(0) : text(out);
}

bool GeneralReader::optionalMoney(Money &out)
{
    Kind found{};
    if (!kind(found))
        return false;
    out = {};
    return found == Kind::Null ? skip(0) : signedMoney(out);
}

bool GeneralReader::asset(Asset &out)
{
    std::string_view name;
    if (!text(name))
        return false;
    const auto asset = Asset::from(name);
    if (name.empty() || !asset)
        return refuse(ErrorCode::ParseFailed, "expects the name of a coin, 1 to 24 bytes");
    out = *asset;
    return true;
}

bool GeneralReader::analysisValue(double &out)
{
    std::string_view digits;
    return text(digits) && (parseAnalysisValue(digits, out) || refuse(ErrorCode::ParseFailed, "expects decimal text"));
}

bool GeneralReader::boolean(bool &out)
{
    if (!expect(Kind::Boolean, "expects true or false"))
        return false;
    return m_value.get_bool().get(out) == simdjson::SUCCESS ||
           refuse(ErrorCode::ParseFailed, "expects true or false");
}

bool GeneralReader::buyerIsMaker(Side &aggressor)
{
    bool maker = false;
    if (!boolean(maker))
        return false;
    aggressor = maker ? Side::Sell : Side::Buy;
    return true;
}

bool GeneralReader::side(Side &out)
{
    std::string_view name;
    if (!text(name))
        return false;
    if (name != "BUY" && name != "SELL")
        return refuse(ErrorCode::ParseFailed, "expects BUY or SELL");
    out = name == "BUY" ? Side::Buy : Side::Sell;
    return true;
}

bool GeneralReader::tradeKind(TradeKind &out)
{
    std::string_view name;
    if (!text(name))
        return false;
    out = name == "MARKET" ? TradeKind::Market
                           : (name == "INSURANCE_FUND" ? TradeKind::InsuranceFund : TradeKind::Other);
    return true;
}

bool GeneralReader::levels(std::vector<Level> &out)
{
    out.clear();
    return elements([&] {
        Level level;
        int count = 0;
        const bool read = elements([&] {
            switch (count++) {
            case 0:
                return price(level.price) &&
                       (level.price.isPositive() || refuse(ErrorCode::OutOfRange, "must be above 0"));
            case 1:
                return quantity(level.quantity);
            default:
                return refuse(ErrorCode::ParseFailed, "a level is a price and a quantity, nothing more");
            }
        });
        if (!read)
            return false;
        if (count != 2)
            return refuse(ErrorCode::ParseFailed, "a level is a price and a quantity");
        out.push_back(level);
        return true;
    });
}

} // namespace core::exchange::wire
