#pragma once

#include <cstdint>
#include <vector>

#include "core/exchange/hyperliquid/action_value.h"

namespace core::exchange::hyperliquid
{

/// The value in msgpack's shortest form, members in their order: the bytes that the venue hashes.
/// Source: reference/hyperliquid.md section 4.3.
void appendMsgpack(std::vector<std::uint8_t> &out, const ActionValue &value);
[[nodiscard]] std::vector<std::uint8_t> msgpack(const ActionValue &value);

} // namespace core::exchange::hyperliquid
