#include "core/exchange/hyperliquid/action_value.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include <fmt/format.h>

#include "core/base/assert.h"
#include "core/exchange/wire/general_reader.h"

namespace core::exchange::hyperliquid
{

namespace
{
using wire::GeneralReader;

/// Far more than any action has; keeps the search for repeated members short.
constexpr std::size_t kMembersMax = 64;

class Reader
{
public:
    explicit Reader(GeneralReader &json) : m_json(json) {}

    [[nodiscard]] bool value(ActionValue &out, int depth)
    {
        if (depth > kActionDepthMax)
            return m_json.refuse(ErrorCode::ParseFailed, "is nested too deeply");
        GeneralReader::Kind kind{};
        if (!m_json.kind(kind))
            return false;
        switch (kind) {
        case GeneralReader::Kind::Object: {
            ActionValue::Map map;
            if (!m_json.members([&](std::string_view name) { return member(map, name, depth); }))
                return false;
            out = ActionValue(std::move(map));
            return true;
        }
        case GeneralReader::Kind::Array: {
            ActionValue::Array array;
            if (!m_json.elements([&] { return value(array.emplace_back(), depth + 1); }))
                return false;
            out = ActionValue(std::move(array));
            return true;
        }
        case GeneralReader::Kind::Text:
            return text(out);
        case GeneralReader::Kind::Number:
            return integer(out);
        case GeneralReader::Kind::Boolean:
            return boolean(out);
        case GeneralReader::Kind::Null:
            break;
        }
        out = ActionValue();
        return m_json.ignored();
    }

    [[nodiscard]] bool member(ActionValue::Map &map, std::string_view name, int depth)
    {
        if (map.size() == kMembersMax)
            return m_json.refuse(ErrorCode::ParseFailed, "is one member too many");
        if (std::any_of(map.begin(), map.end(), [&](const ActionMember &m) { return m.key == name; }))
            return m_json.refuse(ErrorCode::ParseFailed, "stands there twice");
        map.push_back({std::string(name), {}});
        return value(map.back().value, depth + 1);
    }

private:
    [[nodiscard]] bool text(ActionValue &out)
    {
        std::string_view text;
        if (!m_json.text(text))
            return false;
        out = ActionValue(text);
        return true;
    }
    [[nodiscard]] bool boolean(ActionValue &out)
    {
        bool flag = false;
        if (!m_json.boolean(flag))
            return false;
        out = ActionValue(flag);
        return true;
    }
    [[nodiscard]] bool integer(ActionValue &out)
    {
        std::string_view token;
        if (!m_json.number(token))
            return false;
        const char *const end = token.data() + token.size();
        std::int64_t negative = 0;
        std::uint64_t positive = 0;
        const bool isNegative = token.front() == '-';
        const auto read = isNegative ? std::from_chars(token.data(), end, negative)
                                     : std::from_chars(token.data(), end, positive);
        if (read.ec == std::errc::result_out_of_range)
            return m_json.refuse(ErrorCode::ParseFailed, "does not fit into 64 bits");
        if (read.ec != std::errc{} || read.ptr != end || (isNegative && negative == 0))
            return m_json.refuse(ErrorCode::ParseFailed, "expects an integer; decimals are written as text");
        out = isNegative ? ActionValue(negative) : ActionValue(positive);
        return true;
    }

    GeneralReader &m_json;
};

void appendQuoted(std::string &out, std::string_view text)
{
    out.push_back('"');
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (static_cast<unsigned char>(c) < ' ') {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
}
} // namespace

ActionValue::ActionValue(bool value) : m_value(value) {}
ActionValue::ActionValue(std::uint64_t value) : m_value(value) {}
ActionValue::ActionValue(std::uint32_t value) : m_value(std::uint64_t{value}) {}
ActionValue::ActionValue(int value) : ActionValue(std::int64_t{value}) {}
ActionValue::ActionValue(std::string value) : m_value(std::move(value)) {}
ActionValue::ActionValue(std::string_view value) : m_value(std::string(value)) {}
ActionValue::ActionValue(const char *value) : m_value(std::string(value)) {}
ActionValue::ActionValue(Array value) : m_value(std::move(value)) {}
ActionValue::ActionValue(Map value) : m_value(std::move(value)) {}

ActionValue::ActionValue(std::int64_t value)
{
    if (value < 0)
        m_value = value;
    else
        m_value = static_cast<std::uint64_t>(value);
}

bool operator==(const ActionValue &a, const ActionValue &b)
{
    return a.m_value == b.m_value;
}

const ActionValue *ActionValue::find(std::string_view key) const
{
    const Map *const members = map();
    if (members == nullptr)
        return nullptr;
    const auto found =
        std::find_if(members->begin(), members->end(), [&](const ActionMember &m) { return m.key == key; });
    return found == members->end() ? nullptr : &found->value;
}

std::string_view ActionValue::textOf(std::string_view key) const
{
    const ActionValue *const member = find(key);
    return member != nullptr && member->text() != nullptr ? std::string_view(*member->text())
                                                          : std::string_view();
}

void ActionValue::add(std::string_view key, ActionValue value)
{
    constexpr std::size_t kMembersUsual = 7; // of an order: the list need not grow
    if (isNull())
        m_value.emplace<Map>().reserve(kMembersUsual);
    Map *const members = std::get_if<Map>(&m_value);
    CORE_ASSERT(members != nullptr && find(key) == nullptr, "Invariant: a member is added once, to a map");
    members->push_back({std::string(key), std::move(value)});
}

Result<ActionValue> parseActionJson(std::string_view json, std::string_view what)
{
    if (json.size() > kActionBytesMax)
        return fail(ErrorCode::ParseFailed, fmt::format("{}: longer than {} bytes", what, kActionBytesMax));
    GeneralReader source;
    Reader reader(source);
    ActionValue::Map map;
    GeneralReader::Kind kind{};
    if (!source.load(json, what) || !source.rootKind(kind))
        return fail(source.error());
    if (kind != GeneralReader::Kind::Object)
        return fail(ErrorCode::ParseFailed, fmt::format("{}: expects an object", what));
    if (!source.rootMembers([&](std::string_view name) { return reader.member(map, name, 0); }) ||
        !source.finish())
        return fail(source.error());
    return ActionValue(std::move(map));
}

void appendJson(std::string &out, const ActionValue &value)
{
    char separator = '\0';
    const auto separate = [&](char opening) {
        out.push_back(separator == '\0' ? opening : ',');
        separator = ',';
    };
    if (const auto *const map = value.map()) {
        for (const ActionMember &member : *map) {
            separate('{');
            appendQuoted(out, member.key);
            out.push_back(':');
            appendJson(out, member.value);
        }
        out.append(map->empty() ? "{}" : "}");
    } else if (const auto *const array = value.array()) {
        for (const ActionValue &element : *array) {
            separate('[');
            appendJson(out, element);
        }
        out.append(array->empty() ? "[]" : "]");
    } else if (const auto *const text = value.text()) {
        appendQuoted(out, *text);
    } else if (const auto *const integer = value.integer()) {
        fmt::format_to(std::back_inserter(out), "{}", *integer);
    } else if (const auto *const negative = value.negative()) {
        fmt::format_to(std::back_inserter(out), "{}", *negative);
    } else if (const auto *const flag = value.boolean()) {
        out.append(*flag ? "true" : "false");
    } else {
        out.append("null");
    }
}

std::string jsonText(const ActionValue &value)
{
    std::string out;
    out.reserve(256);
    appendJson(out, value);
    return out;
}

} // namespace core::exchange::hyperliquid
