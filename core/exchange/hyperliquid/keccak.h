#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace core::exchange::hyperliquid
{

/// 32 bytes, as they are hashed: a hash, a 256-bit word in big-endian order.
using Digest = std::array<std::uint8_t, 32>;

/// The original Keccak-256 (padding 0x01), which is not NIST's SHA3-256. Takes bytes in pieces of any length;
/// `finish` may be called once. A value; one thread. Source: the Keccak reference, version 3.0.
class Keccak256
{
public:
    Keccak256 &add(std::span<const std::uint8_t> bytes);
    Keccak256 &add(std::string_view text);
    [[nodiscard]] Digest finish();

private:
    void absorb(const std::uint8_t *block);

    static constexpr std::size_t kRateBytes = 136;
    std::array<std::uint64_t, 25> m_state{};
    std::array<std::uint8_t, kRateBytes> m_block{};
    std::size_t m_filled{0};
};

[[nodiscard]] Digest keccak256(std::span<const std::uint8_t> bytes);
[[nodiscard]] Digest keccak256(std::string_view text);

} // namespace core::exchange::hyperliquid
