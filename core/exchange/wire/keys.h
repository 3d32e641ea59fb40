#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

/// Names of JSON members as numbers, and which of them a schema has seen.
namespace core::exchange::wire
{

using Key = std::uint64_t;

/// The bytes of a key of at most eight characters; 0 for every other key.
[[nodiscard]] constexpr Key keyOf(std::string_view name)
{
    if (name.size() > 8)
        return 0;
    Key key = 0;
    for (std::size_t i = 0; i < name.size(); ++i)
        key |= static_cast<Key>(static_cast<unsigned char>(name[i])) << (8 * i);
    return key;
}

[[nodiscard]] constexpr std::uint32_t bits(std::initializer_list<unsigned> which)
{
    std::uint32_t mask = 0;
    for (const unsigned bit : which)
        mask |= 1U << bit;
    return mask;
}

/// Which keys of `Schema` were read so far; nested objects keep their own mask.
template <class Schema> [[nodiscard]] std::uint32_t seenOf(const typename Schema::Fields &fields)
{
    if constexpr (requires { Schema::seen(fields); })
        return Schema::seen(fields);
    else
        return fields.seen;
}

} // namespace core::exchange::wire
