#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace core
{

/// Short text held in place: copies without allocation, compares as bytes. Not terminated.
template <std::size_t Capacity, class Tag> class ShortText
{
public:
    static constexpr std::size_t kCapacity = Capacity;
    constexpr ShortText() = default;
    /// nullopt when the text is longer than the capacity.
    [[nodiscard]] static constexpr std::optional<ShortText> from(std::string_view text)
    {
        if (text.size() > Capacity)
            return std::nullopt;
        ShortText result;
        for (std::size_t i = 0; i < text.size(); ++i)
            result.m_chars[i] = text[i];
        result.m_size = static_cast<std::uint8_t>(text.size());
        return result;
    }
    [[nodiscard]] constexpr std::string_view view() const { return {m_chars.data(), m_size}; }
    [[nodiscard]] std::string string() const { return std::string(view()); }
    [[nodiscard]] constexpr bool empty() const { return m_size == 0; }
    friend constexpr bool operator==(const ShortText &a, const ShortText &b) { return a.view() == b.view(); }
    friend constexpr auto operator<=>(const ShortText &a, const ShortText &b) { return a.view() <=> b.view(); }

private:
    std::array<char, Capacity> m_chars{};
    std::uint8_t m_size{0};
};

/// The venue's own name of a contract ("BTCUSDT"), UTF-8, at most 40 bytes.
using Symbol = ShortText<40, struct SymbolTag>;
/// Name of a coin ("USDT").
using Asset = ShortText<24, struct AssetTag>;
/// Our id of an order: 1–36 characters of . A-Z : / a-z 0-9 _ -, deterministic (decision id + attempt).
using ClientOrderId = ShortText<36, struct ClientOrderIdTag>;

/// The venue's id of an order; 64-bit, beyond 2^53 in practice.
struct VenueOrderId {
    std::int64_t value{0};
    friend constexpr auto operator<=>(VenueOrderId, VenueOrderId) = default;
};

enum class Venue { Binance, Hyperliquid };
/// "binance", "hyperliquid": stable, for files and wires of ours.
[[nodiscard]] std::string_view name(Venue venue);
[[nodiscard]] Result<Venue> parseVenue(std::string_view text);

/// One contract on one venue.
struct InstrumentKey {
    Venue venue{Venue::Binance};
    Symbol symbol;
    friend constexpr bool operator==(const InstrumentKey &, const InstrumentKey &) = default;
    friend constexpr auto operator<=>(const InstrumentKey &, const InstrumentKey &) = default;
};
/// "binance:BTCUSDT".
[[nodiscard]] std::string text(const InstrumentKey &key);

} // namespace core

template <std::size_t Capacity, class Tag> struct std::hash<core::ShortText<Capacity, Tag>> {
    [[nodiscard]] std::size_t operator()(const core::ShortText<Capacity, Tag> &text) const noexcept
    {
        return std::hash<std::string_view>{}(text.view());
    }
};
template <> struct std::hash<core::InstrumentKey> {
    [[nodiscard]] std::size_t operator()(const core::InstrumentKey &key) const noexcept
    {
        return std::hash<core::Symbol>{}(key.symbol) * 2 + static_cast<std::size_t>(key.venue);
    }
};
template <> struct std::hash<core::VenueOrderId> {
    [[nodiscard]] std::size_t operator()(core::VenueOrderId id) const noexcept
    {
        return std::hash<std::int64_t>{}(id.value);
    }
};
