#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.h"

namespace core::exchange::hyperliquid
{

struct ActionMember;

/// A JSON value that keeps the order of its members, since the venue hashes an action in that order. Integers are
/// exact (int64 and uint64), there are no other numbers. One tree renders the msgpack that is signed and the JSON that
/// is posted. A value; any thread.
class ActionValue
{
public:
    using Array = std::vector<ActionValue>;
    using Map = std::vector<ActionMember>;

    ActionValue() = default; ///< null
    // In the .cpp: here a map's member is not yet complete.
    ActionValue(bool value);
    ActionValue(std::uint64_t value);
    ActionValue(std::uint32_t value);
    ActionValue(std::int64_t value); ///< a value ≥ 0 equals the unsigned one
    ActionValue(int value);
    ActionValue(std::string value);
    ActionValue(std::string_view value);
    ActionValue(const char *value);
    ActionValue(Array value);
    ActionValue(Map value);

    [[nodiscard]] bool isNull() const { return std::holds_alternative<std::monostate>(m_value); }
    // Null when the value is of another kind.
    [[nodiscard]] const bool *boolean() const { return std::get_if<bool>(&m_value); }
    [[nodiscard]] const std::uint64_t *integer() const { return std::get_if<std::uint64_t>(&m_value); } ///< ≥ 0
    [[nodiscard]] const std::int64_t *negative() const { return std::get_if<std::int64_t>(&m_value); }  ///< < 0
    [[nodiscard]] const std::string *text() const { return std::get_if<std::string>(&m_value); }
    [[nodiscard]] const Array *array() const { return std::get_if<Array>(&m_value); }
    [[nodiscard]] const Map *map() const { return std::get_if<Map>(&m_value); }

    /// The member of a map; null when there is none or this is no map.
    [[nodiscard]] const ActionValue *find(std::string_view key) const;
    /// The text of member `key`; empty when there is none.
    [[nodiscard]] std::string_view textOf(std::string_view key) const;
    /// Appends a member; a null value becomes a map first. REQUIRES: null or a map without `key`.
    void add(std::string_view key, ActionValue value);

    friend bool operator==(const ActionValue &, const ActionValue &);

private:
    std::variant<std::monostate, bool, std::uint64_t, std::int64_t, std::string, Array, Map> m_value;
};

struct ActionMember {
    std::string key;
    ActionValue value;
    friend bool operator==(const ActionMember &, const ActionMember &) = default;
};

inline constexpr std::size_t kActionBytesMax = 1U << 20U; ///< of JSON text
inline constexpr int kActionDepthMax = 16;

/// Reads one JSON object; the order of members stays. ParseFailed with the place ("request.action.orders[0].a: …") on
/// malformed text, a number that is no integer, a repeated member, too much depth or length. `what` starts the place.
[[nodiscard]] Result<ActionValue> parseActionJson(std::string_view json, std::string_view what);

/// Compact JSON, members in order; reads back to the same value. Non-ASCII text stays UTF-8.
void appendJson(std::string &out, const ActionValue &value);
[[nodiscard]] std::string jsonText(const ActionValue &value);

} // namespace core::exchange::hyperliquid
