#include "core/exchange/hyperliquid/action_ids.h"

namespace core::exchange::hyperliquid
{

namespace
{
constexpr std::string_view kPrefix = "0x";

/// 16 and more: no digit.
unsigned digitOf(char c)
{
    if (c >= '0' && c <= '9')
        return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f')
        return static_cast<unsigned>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return static_cast<unsigned>(c - 'A') + 10;
    return 16;
}
} // namespace

std::string hexDigits(std::span<const std::uint8_t> bytes)
{
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * bytes.size() + kPrefix.size());
    for (const std::uint8_t byte : bytes) {
        text.push_back(kDigits[byte >> 4U]);
        text.push_back(kDigits[byte & 0x0FU]);
    }
    return text;
}

std::string hexText(std::span<const std::uint8_t> bytes)
{
    return hexDigits(bytes).insert(0, kPrefix);
}

bool readHex(std::string_view text, std::span<std::uint8_t> out)
{
    if (text.starts_with(kPrefix))
        text.remove_prefix(kPrefix.size());
    if (text.size() != 2 * out.size())
        return false;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const unsigned high = digitOf(text[2 * i]);
        const unsigned low = digitOf(text[2 * i + 1]);
        if (high > 15 || low > 15)
            return false;
        out[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return true;
}

Result<Address> Address::parse(std::string_view text)
{
    Address address;
    if (!text.starts_with(kPrefix) || !readHex(text, address.m_bytes))
        return fail(ErrorCode::InvalidArgument, "an address is 0x and 40 hex digits");
    return address;
}

std::string Address::text() const
{
    return hexText(m_bytes);
}

Result<Cloid> Cloid::parse(std::string_view text)
{
    Cloid cloid;
    if (!text.starts_with(kPrefix) || !readHex(text, cloid.m_bytes))
        return fail(ErrorCode::InvalidArgument, "a cloid is 0x and 32 hex digits");
    return cloid;
}

std::string Cloid::text() const
{
    return hexText(m_bytes);
}

} // namespace core::exchange::hyperliquid
