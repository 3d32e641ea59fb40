#include "core/venue/recording_line.h"

#include <limits>

namespace core::venue
{

namespace
{
[[nodiscard]] bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// Takes digits off the front; nullopt when there is none or they do not fit.
[[nodiscard]] std::optional<std::int64_t> takeInteger(std::string_view &text)
{
    std::int64_t value = 0;
    std::size_t at = 0;
    for (; at < text.size() && isDigit(text[at]); ++at) {
        const int digit = text[at] - '0';
        if (value > (std::numeric_limits<std::int64_t>::max() - digit) / 10)
            return std::nullopt;
        value = value * 10 + digit;
    }
    if (at == 0)
        return std::nullopt;
    text.remove_prefix(at);
    return value;
}

/// Milliseconds, microseconds or nanoseconds since 1970, told apart by magnitude (years 1973 to 2262).
[[nodiscard]] std::optional<UtcTime> timeOfInteger(std::int64_t value)
{
    if (value >= 100'000'000'000'000'000)
        return UtcTime{std::chrono::nanoseconds{value}};
    if (value >= 100'000'000'000'000 && value <= 9'223'372'036'854'775)
        return UtcTime{std::chrono::microseconds{value}};
    if (value >= 100'000'000'000 && value <= 9'223'372'036'854)
        return UtcTime{std::chrono::milliseconds{value}};
    return std::nullopt;
}

/// "1618677448.40599" off the front: seconds with 0 to 9 fraction digits.
[[nodiscard]] std::optional<UtcTime> takeSeconds(std::string_view &text)
{
    constexpr std::int64_t kSecondsMax = 9'223'372'035;
    const auto seconds = takeInteger(text);
    if (!seconds || *seconds > kSecondsMax)
        return std::nullopt;
    std::int64_t nanoseconds = 0;
    if (!text.empty() && text.front() == '.') {
        text.remove_prefix(1);
        const std::size_t before = text.size();
        const auto fraction = takeInteger(text);
        const std::size_t digits = before - text.size();
        if (!fraction || digits > 9)
            return std::nullopt;
        nanoseconds = *fraction;
        for (std::size_t i = digits; i < 9; ++i)
            nanoseconds *= 10;
    }
    return UtcTime{std::chrono::seconds{*seconds} + std::chrono::nanoseconds{nanoseconds}};
}

[[nodiscard]] bool looksLikeJson(std::string_view text)
{
    return text.size() >= 2 &&
           ((text.front() == '{' && text.back() == '}') || (text.front() == '[' && text.back() == ']'));
}

/// "btcusdt" → BTCUSDT; the venue writes names in lower case in stream names only.
[[nodiscard]] Symbol upperCase(std::string_view name)
{
    std::string text(name);
    for (char &c : text)
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return Symbol::from(text).value_or(Symbol{});
}

[[nodiscard]] Symbol symbolOfStream(std::string_view payload)
{
    constexpr std::string_view kEnvelope = R"({"stream":")";
    if (!payload.starts_with(kEnvelope))
        return {};
    payload.remove_prefix(kEnvelope.size());
    const auto end = payload.find_first_of("@\"");
    if (end == std::string_view::npos || payload[end] != '@' || payload.front() == '!')
        return {};
    return upperCase(payload.substr(0, end));
}

[[nodiscard]] RecordedLine::Kind kindOf(std::string_view payload)
{
    const std::string_view head = payload.substr(0, 64);
    if (head.find("\"stream\"") != std::string_view::npos || head.find("\"e\"") != std::string_view::npos)
        return RecordedLine::Kind::Stream;
    if (head.find("\"lastUpdateId\"") != std::string_view::npos)
        return RecordedLine::Kind::DepthSnapshot;
    if (head.find("\"timezone\"") != std::string_view::npos ||
        head.find("\"exchangeFilters\"") != std::string_view::npos)
        return RecordedLine::Kind::ExchangeInfo;
    return RecordedLine::Kind::Stream;
}

[[nodiscard]] tl::unexpected<Error> garbled(const char *rule)
{
    return fail(ErrorCode::ParseFailed, rule);
}

/// `<url> -> <seconds>: <json>`: an answer to a request of the recorder.
[[nodiscard]] Result<RecordedLine> parseAnswer(std::string_view line)
{
    constexpr std::string_view kArrow = " -> ";
    const auto arrow = line.find(kArrow);
    if (arrow == std::string_view::npos)
        return garbled("an address without ' -> <seconds>: <json>'");
    const std::string_view url = line.substr(0, arrow);
    line.remove_prefix(arrow + kArrow.size());
    RecordedLine out;
    const auto at = takeSeconds(line);
    if (!at || !line.starts_with(": "))
        return garbled("an address without ' -> <seconds>: <json>'");
    out.receivedAt = *at;
    out.payload = line.substr(2);
    if (!looksLikeJson(out.payload))
        return garbled("the answer is no complete JSON value");
    if (url.find("/exchangeInfo") != std::string_view::npos) {
        out.kind = RecordedLine::Kind::ExchangeInfo;
        return out;
    }
    constexpr std::string_view kParameter = "symbol=";
    const auto parameter = url.find(kParameter);
    if (url.find("/depth?") == std::string_view::npos || parameter == std::string_view::npos)
        return RecordedLine{};
    const std::string_view name = url.substr(parameter + kParameter.size());
    out.kind = RecordedLine::Kind::DepthSnapshot;
    out.symbol = Symbol::from(name.substr(0, name.find('&'))).value_or(Symbol{});
    if (out.symbol.empty())
        return garbled("the address names no symbol");
    return out;
}
} // namespace

Result<RecordedLine> parseRecordedLine(std::string_view line)
{
    if (!line.empty() && line.back() == '\r')
        line.remove_suffix(1);
    if (line.empty() || line.starts_with("wss://") || line.starts_with("ws://") ||
        line.starts_with("configuration: "))
        return RecordedLine{};
    if (line.starts_with("http"))
        return parseAnswer(line);
    RecordedLine out;
    std::string_view rest = line;
    const auto integer = takeInteger(rest);
    if (!integer || rest.empty())
        return garbled("does not begin with a receive time");
    std::optional<UtcTime> at;
    if (rest.front() == ' ') {
        at = timeOfInteger(*integer);
        rest.remove_prefix(1);
    } else {
        rest = line;
        at = takeSeconds(rest);
        if (at && rest.starts_with(": "))
            rest.remove_prefix(2);
        else
            at.reset();
    }
    if (!at)
        return garbled("does not begin with a receive time");
    if (!looksLikeJson(rest))
        return garbled("holds no complete JSON value after the receive time");
    out.receivedAt = *at;
    out.payload = rest;
    out.kind = kindOf(rest);
    if (out.kind == RecordedLine::Kind::Stream)
        out.symbol = symbolOfStream(rest);
    return out;
}

} // namespace core::venue
