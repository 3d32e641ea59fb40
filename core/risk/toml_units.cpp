// Numbers with their units inside a text ("30 %", "3 s"), so that a value in the wrong unit is refused by name and never becomes
// a hundred times looser limit.
#include <charconv>

#include <fmt/format.h>

#include "core/risk/toml_fields.h"

namespace core::risk
{

namespace
{
/// A suffix and what one of it is, as a fraction of the stored unit.
struct Suffix {
    std::string_view text;
    std::int64_t times;
    std::int64_t over;
};

constexpr Suffix kShare[] = {{" %", 1, 100}};
constexpr Suffix kMultiple[] = {{" x", 1, 1}};
constexpr Suffix kSigma[] = {{" sigma", 1, 1}};
constexpr Suffix kTime[] = {{" min", 1, 1}, {" s", 1, 60}, {" h", 60, 1}};

std::string_view levelRule(Unit unit)
{
    switch (unit) {
    case Unit::Share: return "must be a text with its unit, such as \"30 %\"";
    case Unit::Multiple: return "must be a text with its unit, such as \"3 x\"";
    case Unit::Sigma: return "must be a text with its unit, such as \"3 sigma\"";
    case Unit::Count: return "must be a whole number that is not negative";
    case Unit::Time: return "must be a text with its unit, such as \"90 min\", \"30 s\" or \"48 h\"";
    }
    return {};
}

/// nullopt: no such suffix, no decimal, or more decimals than can be kept. Seconds are the one rounded case: 10 s is no
/// terminating number of minutes, and prints as "10 s" again.
std::optional<Ratio> readLevel(std::string_view text, const Suffix &suffix)
{
    if (!text.ends_with(suffix.text))
        return std::nullopt;
    const auto raw = parseDecimal(text.substr(0, text.size() - suffix.text.size()));
    if (!raw || (suffix.over == 100 && *raw % suffix.over != 0) || (suffix.over == 60 && *raw % kDecimalOne != 0))
        return std::nullopt;
    const auto level = mulDiv(*raw, suffix.times, suffix.over, Rounding::HalfEven);
    if (!level)
        return std::nullopt;
    return Ratio::fromRaw(*level);
}

std::optional<Ratio> readLevel(std::string_view text, Unit unit)
{
    const auto any = [text](const auto &suffixes) -> std::optional<Ratio> {
        for (const Suffix &suffix : suffixes) {
            if (auto level = readLevel(text, suffix))
                return level;
        }
        return std::nullopt;
    };
    switch (unit) {
    case Unit::Share: return any(kShare);
    case Unit::Multiple: return any(kMultiple);
    case Unit::Sigma: return any(kSigma);
    case Unit::Time: return any(kTime);
    case Unit::Count: break;
    }
    return std::nullopt;
}

std::string minutesText(Ratio level)
{
    constexpr std::int64_t kHour = 60 * kDecimalOne;
    const std::int64_t raw = level.raw();
    if (raw >= 2 * kHour && raw % kHour == 0)
        return fmt::format("{} h", raw / kHour);
    if (raw % kDecimalOne == 0)
        return fmt::format("{} min", raw / kDecimalOne);
    const auto seconds = mulDiv(raw, 60, kDecimalOne, Rounding::HalfEven);
    if (seconds) {
        const auto back = mulDiv(*seconds, kDecimalOne, 60, Rounding::HalfEven);
        if (back && *back == raw)
            return fmt::format("{} s", *seconds);
    }
    return decimalText(raw) + " min";
}
} // namespace

Ratio TomlFields::level(const std::string &path, Unit unit)
{
    const TomlValue *value = m_document.find(path);
    if (value == nullptr)
        return {};
    if (unit == Unit::Count && value->kind == TomlValue::Kind::Integer) {
        std::int64_t count = 0;
        std::from_chars(value->text.data(), value->text.data() + value->text.size(), count);
        if (count >= 0)
            return Ratio::fromRaw(count * kDecimalOne); // at most nine digits
    } else if (value->kind == TomlValue::Kind::Text) {
        if (const auto level = readLevel(value->text, unit))
            return *level;
    }
    m_errors.push_back({path, std::string(levelRule(unit))});
    return {};
}

Duration TomlFields::duration(const std::string &path)
{
    struct Step {
        std::string_view suffix;
        Duration unit;
    };
    constexpr Step kSteps[] = {{" ms", std::chrono::milliseconds{1}},
                               {" s", std::chrono::seconds{1}},
                               {" min", std::chrono::minutes{1}},
                               {" h", std::chrono::hours{1}}};
    const TomlValue *value = m_document.find(path);
    if (value == nullptr)
        return Duration{0};
    for (const Step &step : kSteps) {
        std::string_view text = value->text;
        if (value->kind != TomlValue::Kind::Text || !text.ends_with(step.suffix))
            continue;
        text.remove_suffix(step.suffix.size());
        int count = 0;
        const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), count);
        if (code == std::errc{} && end == text.data() + text.size() && count >= 0 && count <= 999'999 &&
            text.front() != '-' && (text.front() != '0' || text.size() == 1))
            return step.unit * count;
    }
    m_errors.push_back({path, "must be a text with its unit, such as \"3 s\", \"3000 ms\", \"15 min\" or \"24 h\""});
    return Duration{0};
}

std::optional<Duration> TomlFields::durationOr(const std::string &path, std::string_view word)
{
    const TomlValue *value = m_document.find(path);
    if (value == nullptr || (value->kind == TomlValue::Kind::Text && value->text == word))
        return std::nullopt;
    return duration(path);
}

std::string unitText(Unit unit, Ratio level)
{
    switch (unit) {
    case Unit::Share: {
        const auto raw = mulDiv(level.raw(), 100, 1, Rounding::HalfEven);
        return raw ? decimalText(*raw) + " %" : "out of range";
    }
    case Unit::Multiple: return level.text() + " x";
    case Unit::Sigma: return level.text() + " sigma";
    case Unit::Count: return level.text();
    case Unit::Time: return minutesText(level);
    }
    return {};
}

std::string durationText(Duration duration)
{
    using std::chrono::duration_cast;
    using std::chrono::milliseconds;
    const std::int64_t ms = duration_cast<milliseconds>(duration).count();
    constexpr std::int64_t kSecond = 1000;
    constexpr std::int64_t kMinute = 60 * kSecond;
    constexpr std::int64_t kHour = 60 * kMinute;
    if (ms % kHour == 0 && ms >= 2 * kHour)
        return fmt::format("{} h", ms / kHour);
    if (ms % kMinute == 0 && ms >= 2 * kMinute)
        return fmt::format("{} min", ms / kMinute);
    return ms % kSecond == 0 ? fmt::format("{} s", ms / kSecond) : fmt::format("{} ms", ms);
}

std::string joined(const std::vector<FieldError> &errors)
{
    constexpr std::size_t kShown = 40;
    std::string out;
    for (std::size_t i = 0; i < errors.size() && i < kShown; ++i)
        fmt::format_to(std::back_inserter(out), "{}{}: {}", out.empty() ? "" : "; ", errors[i].field, errors[i].rule);
    if (errors.size() > kShown)
        fmt::format_to(std::back_inserter(out), "; and {} more", errors.size() - kShown);
    return out;
}

} // namespace core::risk
