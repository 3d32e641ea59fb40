#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/venue/hyperliquid/options.h"

namespace core::venue::hyperliquid
{

/// The asset table: coins by their id and name, the rules of price and size, and the engine's view of them.
/// Immutable but for delisting. Source: reference/hyperliquid.md 2.1, 3.1, 3.2.
class Universe
{
public:
    explicit Universe(const std::vector<CoinOptions> &coins);

    [[nodiscard]] std::size_t size() const { return m_entries.size(); }
    [[nodiscard]] bool has(std::int64_t asset) const
    {
        return asset >= 0 && asset < static_cast<std::int64_t>(m_entries.size());
    }
    [[nodiscard]] const CoinOptions &coin(std::size_t asset) const { return m_entries[asset].coin; }
    [[nodiscard]] const VenueInstrument &instrument(std::size_t asset) const
    {
        return m_entries[asset].instrument;
    }
    [[nodiscard]] const Symbol &symbol(std::size_t asset) const
    {
        return m_entries[asset].instrument.contract.key.symbol;
    }
    [[nodiscard]] std::optional<std::size_t> assetOf(std::string_view name) const;
    [[nodiscard]] std::vector<VenueInstrument> instruments() const;
    /// The row stays where it is and says so.
    void delist(std::size_t asset) { m_entries[asset].coin.isDelisted = true; }

    [[nodiscard]] bool isValidPrice(std::size_t asset, Price price) const;
    [[nodiscard]] bool isValidSize(std::size_t asset, Quantity size) const;
    /// The grid on which generated prices lie: five significant digits at the start price.
    [[nodiscard]] Price marketTick(std::size_t asset) const;

private:
    struct Entry {
        CoinOptions coin;
        VenueInstrument instrument;
    };
    std::vector<Entry> m_entries;
};

} // namespace core::venue::hyperliquid
