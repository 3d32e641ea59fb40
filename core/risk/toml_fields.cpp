#include "core/risk/toml_fields.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace core::risk
{

namespace
{
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
    return !key.empty() && key.size() <= 64 && std::all_of(key.begin(), key.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

bool isPlainText(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20 && byte <= 0x7e && c != '\\' && c != '"';
    });
}

bool isEnd(std::string_view rest)
{
    rest = trimmed(rest);
    return rest.empty() || rest.front() == '#';
}

std::optional<TomlValue> readValue(std::string_view text)
{
    if (text.size() >= 2 && text.front() == '"') {
        const std::size_t close = text.find('"', 1);
        if (close == std::string_view::npos || !isEnd(text.substr(close + 1)))
            return std::nullopt;
        const std::string_view inner = text.substr(1, close - 1);
        if (!isPlainText(inner))
            return std::nullopt;
        return TomlValue{.kind = TomlValue::Kind::Text, .text = std::string(inner)};
    }
    const std::string_view literal = trimmed(text.substr(0, text.find('#')));
    if (literal == "true" || literal == "false")
        return TomlValue{.kind = TomlValue::Kind::Boolean, .text = std::string(literal)};
    const std::string_view digits = literal.starts_with('-') ? literal.substr(1) : literal;
    const bool whole = !digits.empty() && digits.size() <= 9 && (digits.size() == 1 || digits.front() != '0') &&
                       std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!whole)
        return std::nullopt;
    return TomlValue{.kind = TomlValue::Kind::Integer, .text = std::string(literal)};
}

constexpr const char *kValueRule = "must be a text in quotes, a whole number, true or false";
} // namespace

void TomlDocument::read(std::string_view toml)
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

void TomlDocument::set(const std::string &path, std::string_view literal)
{
    auto value = readValue(trimmed(literal));
    if (!value && isPlainText(literal))
        value = TomlValue{.kind = TomlValue::Kind::Text, .text = std::string(trimmed(literal))};
    if (!value)
        m_errors.push_back({path, kValueRule});
    m_values[path] = value.value_or(TomlValue{});
}

const TomlValue *TomlDocument::find(const std::string &path)
{
    const auto it = m_values.find(path);
    if (it == m_values.end()) {
        m_errors.push_back({path, "is missing"});
        return nullptr;
    }
    it->second.used = true;
    return &it->second;
}

std::size_t TomlDocument::count(const std::string &array) const
{
    const auto it = m_counts.find(array);
    return it == m_counts.end() ? 0 : it->second;
}

bool TomlDocument::hasTable(std::string_view table) const
{
    return m_counts.contains(std::string(table));
}

void TomlDocument::reportUnused()
{
    for (const auto &[path, value] : m_values) {
        if (!value.used)
            m_errors.push_back({path, "is not a known field"});
    }
}

void TomlDocument::reject(int line, std::string rule)
{
    m_errors.push_back({fmt::format("line {}", line), std::move(rule)});
}

void TomlDocument::readLine(std::string_view line, int number)
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
        m_errors.push_back({path, kValueRule});
        value = TomlValue{};
    }
    if (!m_values.emplace(path, *value).second)
        m_errors.push_back({path, "is given twice"});
}

void TomlDocument::readHeader(std::string_view line, int number)
{
    const bool isArray = line.starts_with("[[") && line.ends_with("]]") && line.size() > 4;
    const bool isTable = !isArray && line.ends_with(']') && line.size() > 2;
    const bool opened = (isArray && openArray(line.substr(2, line.size() - 4))) ||
                        (isTable && openTable(line.substr(1, line.size() - 2)));
    if (!opened) {
        reject(number, fmt::format("has an unknown table '{}'", line.substr(0, 60)));
        m_prefix = fmt::format("unknown_{}.", number);
    }
}

bool TomlDocument::openTable(std::string_view table)
{
    if (std::find(m_tables.begin(), m_tables.end(), table) == m_tables.end())
        return false;
    const std::string path(table);
    if (++m_counts[path] > 1)
        m_errors.push_back({path, "is given twice"});
    m_prefix = path + '.';
    return true;
}

bool TomlDocument::openArray(std::string_view array)
{
    if (std::find(m_arrays.begin(), m_arrays.end(), array) == m_arrays.end())
        return false;
    std::string path(array);
    const std::size_t dot = array.find('.');
    const std::string_view outer = array.substr(0, dot);
    if (dot != std::string_view::npos && std::find(m_arrays.begin(), m_arrays.end(), outer) != m_arrays.end()) {
        const std::size_t outers = count(std::string(outer));
        if (outers == 0)
            return false; // it would belong to nothing
        path = fmt::format("{}[{}]{}", outer, outers - 1, array.substr(dot));
    }
    const std::size_t index = m_counts[path]++;
    m_prefix = fmt::format("{}[{}].", path, index);
    return true;
}

int TomlFields::integer(const std::string &path)
{
    const TomlValue *value = m_document.find(path);
    int result = 0;
    if (value == nullptr)
        return result;
    if (value->kind != TomlValue::Kind::Integer)
        m_errors.push_back({path, "must be a whole number"});
    else
        std::from_chars(value->text.data(), value->text.data() + value->text.size(), result);
    return result;
}

bool TomlFields::boolean(const std::string &path)
{
    const TomlValue *value = m_document.find(path);
    if (value == nullptr)
        return true;
    if (value->kind != TomlValue::Kind::Boolean)
        m_errors.push_back({path, "must be true or false"});
    return value->text != "false";
}

std::string TomlFields::text(const std::string &path)
{
    const TomlValue *value = m_document.find(path);
    if (value == nullptr)
        return {};
    if (value->kind == TomlValue::Kind::Text)
        return value->text;
    m_errors.push_back({path, "must be a text in quotes"});
    return {};
}

} // namespace core::risk
