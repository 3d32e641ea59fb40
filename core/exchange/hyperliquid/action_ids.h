#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/exchange/hyperliquid/keccak.h"

namespace core::exchange::hyperliquid
{

/// A 20-byte account, agent, vault or builder. Text is always "0x" and 40 lower-case digits: the venue hashes that text.
/// Parsing takes either case and refuses anything else.
class Address
{
public:
    static constexpr std::size_t kBytes = 20;
    constexpr Address() = default; ///< the zero address, which is not the same as no address
    [[nodiscard]] static Result<Address> parse(std::string_view text);
    [[nodiscard]] static constexpr Address fromBytes(const std::array<std::uint8_t, kBytes> &bytes)
    {
        Address address;
        address.m_bytes = bytes;
        return address;
    }
    [[nodiscard]] constexpr const std::array<std::uint8_t, kBytes> &bytes() const { return m_bytes; }
    [[nodiscard]] std::string text() const;
    friend constexpr auto operator<=>(const Address &, const Address &) = default;

private:
    std::array<std::uint8_t, kBytes> m_bytes{};
};

/// The venue's form of a client order id: 128 bits, "0x" and 32 lower-case digits. Parsing takes either case of the
/// digits and refuses anything else.
class Cloid
{
public:
    static constexpr std::size_t kBytes = 16;
    constexpr Cloid() = default;
    [[nodiscard]] static Result<Cloid> parse(std::string_view text);
    [[nodiscard]] static constexpr Cloid fromBytes(const std::array<std::uint8_t, kBytes> &bytes)
    {
        Cloid cloid;
        cloid.m_bytes = bytes;
        return cloid;
    }
    [[nodiscard]] constexpr const std::array<std::uint8_t, kBytes> &bytes() const { return m_bytes; }
    [[nodiscard]] std::string text() const;
    friend constexpr auto operator<=>(const Cloid &, const Cloid &) = default;

private:
    std::array<std::uint8_t, kBytes> m_bytes{};
};

/// Lower-case digits, two for each byte, without "0x".
[[nodiscard]] std::string hexDigits(std::span<const std::uint8_t> bytes);
/// The same after "0x".
[[nodiscard]] std::string hexText(std::span<const std::uint8_t> bytes);
/// Fills `out` from exactly two digits of either case for each byte, with or without "0x"; false on anything else.
[[nodiscard]] bool readHex(std::string_view text, std::span<std::uint8_t> out);

} // namespace core::exchange::hyperliquid
