#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/domain/instrument.h"
#include "core/domain/order.h"
#include "core/exchange/hyperliquid/messages_info.h"

namespace core::exchange::hyperliquid
{

/// One contract with the number that orders are signed with.
struct ListedAsset {
    std::int64_t id{0};
    int sizeDecimals{0};
    int leverageMax{1};
    bool delisted{false};
    std::size_t dex{0};    ///< index of its perp dex; 0 is the venue's own
    Instrument instrument; ///< symbol as on the wire: "BTC", "xyz:TSLA"
    friend bool operator==(const ListedAsset &, const ListedAsset &) = default;
};

/// Asset ids of one network, rebuilt from the venue's lists at every connect. A stale one trades the wrong
/// coin without any error, so `replaceDex` drops what the dex listed before. Pure; one thread. Source:
/// reference/hyperliquid.md 3.1.
class AssetTable
{
public:
    /// `collateral` names what the dex settles in ("USDC"). Fails, changing nothing, with Unsupported for
    /// sizes of more than six decimals, InvalidArgument for a name twice or a margin table that is no ladder.
    [[nodiscard]] Result<void> replaceDex(std::size_t dexIndex, const Meta &meta,
                                          std::string_view collateral);
    [[nodiscard]] const ListedAsset *find(const Symbol &symbol) const;
    [[nodiscard]] const ListedAsset *find(std::int64_t id) const;
    [[nodiscard]] const std::vector<ListedAsset> &all() const { return m_assets; }

private:
    void index();
    std::vector<ListedAsset> m_assets;
    std::unordered_map<Symbol, std::size_t> m_bySymbol;
    std::unordered_map<std::int64_t, std::size_t> m_byId;
};

/// 0, 1, … in the venue's own dex, 110000 and up in the first other one.
[[nodiscard]] constexpr std::int64_t assetId(std::size_t dexIndex, std::size_t position)
{
    const auto at = static_cast<std::int64_t>(position);
    return dexIndex == 0 ? at : 100'000 + static_cast<std::int64_t>(dexIndex) * 10'000 + at;
}
/// Dex of a coin's name: "xyz" of "xyz:TSLA", "" of "BTC".
[[nodiscard]] std::string_view dexOf(std::string_view coin);

/// maintenance(N) = N × rate − deduction with rate 1 ÷ (2 × leverage), exact or rounded so that maintenance
/// is never understated. No tiers given: one at `leverageMax`.
[[nodiscard]] Result<std::vector<MarginTier>> marginTiers(const std::vector<MetaMarginTier> &tiers,
                                                          int leverageMax);

/// The checks of the venue that need no account: price valid, size on the lot and above 0, value at least $10
/// (a close of the whole position, `position` = its size, is exempt), trigger and limit on the right sides of
/// each other and of `mark`. InvalidArgument says which.
[[nodiscard]] Result<void> checkOrder(const ListedAsset &asset, const OrderRequest &order,
                                      std::optional<Price> mark, std::optional<Quantity> position);
/// Down to the lot; InvalidArgument when nothing is left.
[[nodiscard]] Result<Quantity> toValidSize(const Instrument &instrument, Quantity quantity);

} // namespace core::exchange::hyperliquid
