// Text form of RiskConfig: a strict subset of TOML. Every number that is not a plain count carries its unit
// inside a text
// ("30 %", "3 s"), so that a value in the wrong unit is refused by name and never becomes a hundred times
// looser limit.
#include "core/risk/config.h"

#include <charconv>
#include <map>
#include <optional>

#include <fmt/format.h>

namespace core::risk
{

namespace
{
constexpr std::size_t kTextBytesMax = 65'536;
struct Value {
    enum class Kind { Text, Integer, Boolean };
    Kind kind{Kind::Text};
    std::string text; ///< Text: without the quotes; else the literal
    bool used{false};
};

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

bool isKey(std::string_view key)
{
    if (key.empty() || key.size() > 64)
        return false;
    for (const char c : key) {
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
    }
    return true;
}

/// Lines → "table.key" or "table[3].key" → value; what is not understood is an entry of `errors`.
class Reader
{
public:
    explicit Reader(std::vector<FieldError> &errors) : m_errors(errors) {}

    void read(std::string_view toml)
    {
        int lineNumber = 0;
        while (!toml.empty()) {
            const std::size_t end = toml.find('\n');
            std::string_view line = toml.substr(0, end);
            toml.remove_prefix(end == std::string_view::npos ? toml.size() : end + 1);
            ++lineNumber;
            if (!line.empty() && line.back() == '\r')
                line.remove_suffix(1);
            readLine(trimmed(line), lineNumber);
        }
    }

    Value *find(const std::string &path)
    {
        const auto it = m_values.find(path);
        if (it == m_values.end()) {
            m_errors.push_back({path, "is missing"});
            return nullptr;
        }
        it->second.used = true;
        return &it->second;
    }
    [[nodiscard]] bool has(const std::string &path) const { return m_values.contains(path); }
    [[nodiscard]] std::size_t tierCount() const { return m_tiers; }
    [[nodiscard]] bool hasTable() const { return m_positionLoss; }

    void reportUnused()
    {
        for (const auto &[path, value] : m_values) {
            if (!value.used)
                m_errors.push_back({path, "is not a known field"});
        }
    }

private:
    void reject(int line, std::string rule)
    {
        m_errors.push_back({fmt::format("line {}", line), std::move(rule)});
    }

    void readLine(std::string_view line, int number)
    {
        if (line.empty() || line.front() == '#')
            return;
        if (line.size() > 400) {
            reject(number, "is longer than 400 characters");
            return;
        }
        if (line.front() == '[') {
            readHeader(line, number);
            return;
        }
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos) {
            reject(number, "is neither a table, a key with its value, nor a comment");
            return;
        }
        const std::string_view key = trimmed(line.substr(0, equals));
        if (!isKey(key)) {
            reject(number, "has a key that is not made of a-z, 0-9 and '_'");
            return;
        }
        const std::string path = m_prefix + std::string(key);
        auto value = readValue(trimmed(line.substr(equals + 1)));
        if (!value) {
            m_errors.push_back({path, "must be a text in quotes, a whole number, true or false"});
            value = Value{};
        }
        if (!m_values.emplace(path, *value).second)
            m_errors.push_back({path, "is given twice"});
    }

    void readHeader(std::string_view line, int number)
    {
        if (line == "[position_loss]") {
            if (m_positionLoss)
                m_errors.push_back({"position_loss", "is given twice"});
            m_positionLoss = true;
            m_prefix = "position_loss.";
        } else if (line == "[[position_loss.tiers]]") {
            m_prefix = fmt::format("position_loss.tiers[{}].", m_tiers++);
        } else {
            reject(number, fmt::format("has an unknown table '{}'", line.substr(0, 60)));
            m_prefix = fmt::format("unknown_{}.", number);
        }
    }

    [[nodiscard]] static std::optional<Value> readValue(std::string_view text)
    {
        if (text.size() >= 2 && text.front() == '"') {
            const std::size_t close = text.find('"', 1);
            if (close == std::string_view::npos || !isEnd(text.substr(close + 1)))
                return std::nullopt;
            const std::string_view inner = text.substr(1, close - 1);
            for (const char c : inner) {
                if (c == '\\' || static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e)
                    return std::nullopt;
            }
            return Value{.kind = Value::Kind::Text, .text = std::string(inner)};
        }
        const std::string_view literal = trimmed(text.substr(0, text.find('#')));
        if (literal == "true" || literal == "false")
            return Value{.kind = Value::Kind::Boolean, .text = std::string(literal)};
        const std::string_view digits = literal.starts_with('-') ? literal.substr(1) : literal;
        if (digits.empty() || digits.size() > 9 || (digits.size() > 1 && digits.front() == '0'))
            return std::nullopt;
        for (const char c : digits) {
            if (c < '0' || c > '9')
                return std::nullopt;
        }
        return Value{.kind = Value::Kind::Integer, .text = std::string(literal)};
    }
    [[nodiscard]] static bool isEnd(std::string_view rest)
    {
        rest = trimmed(rest);
        return rest.empty() || rest.front() == '#';
    }

    std::vector<FieldError> &m_errors;
    std::map<std::string, Value> m_values;
    std::string m_prefix;
    std::size_t m_tiers{0};
    bool m_positionLoss{false};
};

/// One field at a time; each failure is one entry, and the value stays empty.
class Fields
{
public:
    Fields(Reader &reader, std::vector<FieldError> &errors) : m_reader(reader), m_errors(errors) {}

    int integer(const std::string &path)
    {
        const Value *value = m_reader.find(path);
        int result = 0;
        if (value == nullptr)
            return result;
        if (value->kind != Value::Kind::Integer)
            m_errors.push_back({path, "must be a whole number"});
        else
            std::from_chars(value->text.data(), value->text.data() + value->text.size(), result);
        return result;
    }
    bool boolean(const std::string &path)
    {
        const Value *value = m_reader.find(path);
        if (value == nullptr)
            return true;
        if (value->kind != Value::Kind::Boolean)
            m_errors.push_back({path, "must be true or false"});
        return value->text != "false";
    }
    std::string text(const std::string &path)
    {
        const Value *value = m_reader.find(path);
        if (value == nullptr)
            return {};
        if (value->kind == Value::Kind::Text)
            return value->text;
        m_errors.push_back({path, "must be a text in quotes"});
        return {};
    }
    Ratio percent(const std::string &path)
    {
        static constexpr const char *kRule = "must be a text with its unit, such as \"30 %\"";
        const Value *value = m_reader.find(path);
        if (value == nullptr)
            return {};
        if (value->kind != Value::Kind::Text || !value->text.ends_with(" %")) {
            m_errors.push_back({path, kRule});
            return {};
        }
        const auto raw = parseDecimal(std::string_view(value->text).substr(0, value->text.size() - 2));
        if (!raw) {
            m_errors.push_back({path, fmt::format("{} ({})", kRule, raw.error().detail)});
            return {};
        }
        if (*raw % 100 != 0) {
            m_errors.push_back({path, "has more than six decimal places"});
            return {};
        }
        return Ratio::fromRaw(*raw / 100);
    }
    Duration duration(const std::string &path)
    {
        static constexpr const char *kRule = "must be a text with its unit, such as \"3 s\" or \"3000 ms\"";
        const Value *value = m_reader.find(path);
        if (value == nullptr)
            return Duration{0};
        std::string_view text = value->text;
        Duration unit{0};
        if (value->kind == Value::Kind::Text && text.ends_with(" ms")) {
            unit = std::chrono::milliseconds{1};
            text.remove_suffix(3);
        } else if (value->kind == Value::Kind::Text && text.ends_with(" s")) {
            unit = std::chrono::seconds{1};
            text.remove_suffix(2);
        }
        int count = 0;
        const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), count);
        const bool whole = code == std::errc{} && end == text.data() + text.size() && count >= 0 &&
                           count <= 999'999 && text.front() != '-' &&
                           (text.front() != '0' || text.size() == 1);
        if (unit.count() == 0 || !whole) {
            m_errors.push_back({path, kRule});
            return Duration{0};
        }
        return unit * count;
    }

private:
    Reader &m_reader;
    std::vector<FieldError> &m_errors;
};

LossAction readAction(const std::string &text, const std::string &path, std::vector<FieldError> &errors)
{
    for (const LossAction action :
         {LossAction::Alert, LossAction::ReducePosition, LossAction::ClosePosition}) {
        if (text == name(action))
            return action;
    }
    errors.push_back({path, "must be \"alert\", \"reduce\" or \"close\""});
    return LossAction::Alert;
}

std::string joined(const std::vector<FieldError> &errors)
{
    std::string out;
    std::size_t shown = 0;
    for (const FieldError &error : errors) {
        if (++shown > 40) {
            fmt::format_to(std::back_inserter(out), "; and {} more", errors.size() - 40);
            break;
        }
        fmt::format_to(std::back_inserter(out), "{}{}: {}", out.empty() ? "" : "; ", error.field, error.rule);
    }
    return out;
}

std::string percentText(Ratio ratio)
{
    // At most six places are kept by the format, so × 100 stays on the grid of Ratio.
    const auto raw = mulDiv(ratio.raw(), 100, 1, Rounding::HalfEven);
    return raw ? decimalText(*raw) + " %" : "out of range";
}

std::string durationText(Duration duration)
{
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
    return ms % 1000 == 0 ? fmt::format("{} s", ms / 1000) : fmt::format("{} ms", ms);
}
} // namespace

Result<RiskConfig> parseRiskConfig(std::string_view toml)
{
    if (toml.size() > kTextBytesMax)
        return fail(ErrorCode::ParseFailed, "risk settings: longer than 64 KiB");
    std::vector<FieldError> errors;
    Reader reader(errors);
    reader.read(toml);
    Fields fields(reader, errors);

    RiskConfig config;
    config.schema = fields.integer("schema");
    if (errors.empty() && config.schema > 1)
        return fail(
            ErrorCode::NewerVersion,
            fmt::format("schema: {} was written by a newer program; this one knows 1", config.schema));
    config.markStaleAfter = fields.duration("mark_stale_after");
    config.accountStaleAfter = fields.duration("account_stale_after");
    config.closeSlippageFirst = fields.percent("close_slippage_first");
    config.closeSlippageSecond = fields.percent("close_slippage_second");
    if (!reader.hasTable())
        errors.push_back({"position_loss", "is missing"});
    config.positionLoss.enabled = fields.boolean("position_loss.enabled");
    for (std::size_t i = 0; i < reader.tierCount() && i <= 16; ++i) {
        const std::string at = fmt::format("position_loss.tiers[{}]", i);
        LossTier tier;
        tier.id = fields.text(at + ".id");
        tier.trigger = fields.percent(at + ".trigger");
        tier.rearm = fields.percent(at + ".rearm");
        tier.action = readAction(fields.text(at + ".action"), at + ".action", errors);
        if (tier.action == LossAction::ReducePosition || reader.has(at + ".fraction")) {
            tier.fraction = fields.percent(at + ".fraction");
            if (tier.action != LossAction::ReducePosition)
                errors.push_back({at + ".fraction", "belongs to the action reduce only"});
        }
        tier.firesMax = fields.integer(at + ".fires_max");
        config.positionLoss.tiers.push_back(std::move(tier));
    }
    reader.reportUnused();
    if (errors.empty())
        errors = validate(config);
    if (!errors.empty())
        return fail(ErrorCode::InvalidArgument, joined(errors));
    return config;
}

std::string toToml(const RiskConfig &config)
{
    std::string out;
    auto to = std::back_inserter(out);
    fmt::format_to(to, "schema = {}\n", config.schema);
    fmt::format_to(to, "mark_stale_after = \"{}\"\n", durationText(config.markStaleAfter));
    fmt::format_to(to, "account_stale_after = \"{}\"\n", durationText(config.accountStaleAfter));
    fmt::format_to(to, "close_slippage_first = \"{}\"\n", percentText(config.closeSlippageFirst));
    fmt::format_to(to, "close_slippage_second = \"{}\"\n", percentText(config.closeSlippageSecond));
    fmt::format_to(to, "\n[position_loss]\nenabled = {}\n", config.positionLoss.enabled);
    for (const LossTier &tier : config.positionLoss.tiers) {
        fmt::format_to(to, "\n[[position_loss.tiers]]\nid = \"{}\"\n", tier.id);
        fmt::format_to(to, "trigger = \"{}\"\nrearm = \"{}\"\n", percentText(tier.trigger),
                       percentText(tier.rearm));
        fmt::format_to(to, "action = \"{}\"\n", name(tier.action));
        if (tier.action == LossAction::ReducePosition)
            fmt::format_to(to, "fraction = \"{}\"\n", percentText(tier.fraction));
        fmt::format_to(to, "fires_max = {}\n", tier.firesMax);
    }
    return out;
}

} // namespace core::risk
