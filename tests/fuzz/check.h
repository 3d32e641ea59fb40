#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace fuzz
{

constexpr core::UtcTime kReceived = core::utcFromMilliseconds(1'700'000'000'123);

[[nodiscard]] inline std::string_view text(const std::uint8_t *data, std::size_t size)
{
    return {reinterpret_cast<const char *>(data), size};
}

/// Aborts: that is how a finding is told to libFuzzer.
inline void require(bool condition)
{
    if (!condition)
        std::abort();
}

/// A value or words, never nothing; true for a value.
template <class Value> bool accepted(const core::Result<Value> &result)
{
    require(result.has_value() || !result.error().detail.empty());
    return result.has_value();
}

} // namespace fuzz
