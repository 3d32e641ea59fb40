#pragma once

#include <cstdint>
#include <string_view>

namespace core::orders
{

__extension__ using Hash = unsigned __int128;

/// FNV-1a, 128 bits: offset basis and prime of the reference (Fowler, Noll, Vo).
class Fnv
{
public:
    void add(std::string_view text)
    {
        for (const char c : text)
            byte(static_cast<unsigned char>(c));
        byte(0); // a text cannot run into the next one
    }
    void add(std::int64_t value)
    {
        const auto bits = static_cast<std::uint64_t>(value);
        for (unsigned shift = 0; shift < 64; shift += 8)
            byte(static_cast<unsigned char>(bits >> shift));
    }
    [[nodiscard]] Hash value() const { return m_hash; }

private:
    void byte(unsigned char c)
    {
        m_hash ^= c;
        m_hash *= (Hash{1} << 88U) + 0x13BU;
    }
    Hash m_hash{(Hash{0x6c62272e07bb0142ULL} << 64U) + 0x62b821756295c58dULL};
};

} // namespace core::orders
