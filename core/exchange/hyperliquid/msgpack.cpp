#include "core/exchange/hyperliquid/msgpack.h"

#include <limits>

#include "core/base/assert.h"

namespace core::exchange::hyperliquid
{

namespace
{
using Bytes = std::vector<std::uint8_t>;

/// A tag byte, then the lowest `count` bytes of `value`, highest first.
void appendTagged(Bytes &out, std::uint8_t tag, std::uint64_t value, unsigned count)
{
    out.push_back(tag);
    while (count-- > 0)
        out.push_back(static_cast<std::uint8_t>(value >> (8 * count)));
}

void appendUnsigned(Bytes &out, std::uint64_t value)
{
    if (value <= 0x7F)
        out.push_back(static_cast<std::uint8_t>(value));
    else if (value <= 0xFF)
        appendTagged(out, 0xCC, value, 1);
    else if (value <= 0xFFFF)
        appendTagged(out, 0xCD, value, 2);
    else if (value <= 0xFFFF'FFFF)
        appendTagged(out, 0xCE, value, 4);
    else
        appendTagged(out, 0xCF, value, 8);
}

void appendNegative(Bytes &out, std::int64_t value)
{
    const auto bits = static_cast<std::uint64_t>(value);
    if (value >= -32)
        out.push_back(static_cast<std::uint8_t>(bits));
    else if (value >= std::numeric_limits<std::int8_t>::min())
        appendTagged(out, 0xD0, bits, 1);
    else if (value >= std::numeric_limits<std::int16_t>::min())
        appendTagged(out, 0xD1, bits, 2);
    else if (value >= std::numeric_limits<std::int32_t>::min())
        appendTagged(out, 0xD2, bits, 4);
    else
        appendTagged(out, 0xD3, bits, 8);
}

void appendText(Bytes &out, std::string_view text)
{
    const std::size_t size = text.size();
    CORE_ASSERT(size <= 0xFFFF'FFFF, "Invariant: a text of an action is short");
    if (size <= 31)
        out.push_back(static_cast<std::uint8_t>(0xA0 + size));
    else if (size <= 0xFF)
        appendTagged(out, 0xD9, size, 1);
    else if (size <= 0xFFFF)
        appendTagged(out, 0xDA, size, 2);
    else
        appendTagged(out, 0xDB, size, 4);
    out.insert(out.end(), text.begin(), text.end());
}

/// Arrays and maps: up to 15 in the tag itself, then 16 bits, then 32.
void appendCount(Bytes &out, std::size_t count, std::uint8_t shortTag, std::uint8_t longTag)
{
    CORE_ASSERT(count <= 0xFFFF'FFFF, "Invariant: an action has few members");
    if (count <= 15)
        out.push_back(static_cast<std::uint8_t>(shortTag + count));
    else if (count <= 0xFFFF)
        appendTagged(out, longTag, count, 2);
    else
        appendTagged(out, static_cast<std::uint8_t>(longTag + 1), count, 4);
}
} // namespace

void appendMsgpack(Bytes &out, const ActionValue &value)
{
    if (const auto *const map = value.map()) {
        appendCount(out, map->size(), 0x80, 0xDE);
        for (const ActionMember &member : *map) {
            appendText(out, member.key);
            appendMsgpack(out, member.value);
        }
    } else if (const auto *const array = value.array()) {
        appendCount(out, array->size(), 0x90, 0xDC);
        for (const ActionValue &element : *array)
            appendMsgpack(out, element);
    } else if (const auto *const text = value.text()) {
        appendText(out, *text);
    } else if (const auto *const integer = value.integer()) {
        appendUnsigned(out, *integer);
    } else if (const auto *const negative = value.negative()) {
        appendNegative(out, *negative);
    } else if (const auto *const flag = value.boolean()) {
        out.push_back(*flag ? 0xC3 : 0xC2);
    } else {
        out.push_back(0xC0);
    }
}

Bytes msgpack(const ActionValue &value)
{
    Bytes out;
    out.reserve(256);
    appendMsgpack(out, value);
    return out;
}

} // namespace core::exchange::hyperliquid
