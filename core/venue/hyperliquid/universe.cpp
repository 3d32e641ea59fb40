#include "core/venue/hyperliquid/universe.h"

#include <algorithm>

namespace core::venue::hyperliquid
{

namespace
{
constexpr int kPriceDecimals = 6;
constexpr int kSignificantDigits = 5;

[[nodiscard]] std::int64_t powerOfTen(int exponent)
{
    std::int64_t value = 1;
    for (int i = 0; i < exponent; ++i)
        value *= 10;
    return value;
}
[[nodiscard]] std::int64_t stepOf(int decimals)
{
    return kDecimalOne / powerOfTen(decimals);
}

/// Rate 1/(2 × leverage); each deduction keeps maintenance continuous at its lower bound.
[[nodiscard]] std::vector<MarginTier> marginTiers(const CoinOptions &coin)
{
    std::vector<CoinOptions::Tier> tiers = coin.tiers;
    if (tiers.empty())
        tiers.push_back({Money{}, coin.maxLeverage});
    std::vector<MarginTier> made;
    std::int64_t rate = 0;
    std::int64_t deduction = 0;
    for (std::size_t i = 0; i < tiers.size(); ++i) {
        const std::int64_t next = kDecimalOne / (2 * tiers[i].maxLeverage);
        if (i > 0)
            deduction +=
                mulDiv(tiers[i].lowerBound.raw(), next - rate, kDecimalOne, Rounding::HalfEven).value_or(0);
        rate = next;
        const Money cap =
            i + 1 < tiers.size() ? tiers[i + 1].lowerBound : Money::fromRaw(90'000'000'000 * kDecimalOne);
        made.push_back({tiers[i].lowerBound, cap, Ratio::fromRaw(rate), Money::fromRaw(deduction),
                        tiers[i].maxLeverage});
    }
    return made;
}

[[nodiscard]] VenueInstrument instrumentOf(const CoinOptions &coin)
{
    VenueInstrument made;
    Instrument &contract = made.contract;
    contract.key = {Venue::Hyperliquid, Symbol::from(coin.name).value_or(Symbol{})};
    contract.base = Asset::from(coin.name).value_or(Asset{});
    contract.quote = Asset::from("USDC").value_or(Asset{});
    contract.tickSize = Price::fromRaw(stepOf(kPriceDecimals - coin.szDecimals));
    contract.significantDigits = kSignificantDigits;
    contract.stepSize = Quantity::fromRaw(stepOf(coin.szDecimals));
    contract.quantityMin = contract.stepSize;
    contract.marketStepSize = contract.stepSize;
    contract.marketQuantityMin = contract.stepSize;
    contract.trading = true; // delisting is checked before the engine is asked
    contract.isolatedOnly = coin.onlyIsolated;
    contract.marginTiers = marginTiers(coin);
    made.pricePrecision = kPriceDecimals - coin.szDecimals;
    made.quantityPrecision = coin.szDecimals;
    made.liquidationFee = Ratio{};
    made.fundingInterval = std::chrono::hours{1};
    made.fundingRate = coin.fundingRate;
    return made;
}
} // namespace

Universe::Universe(const std::vector<CoinOptions> &coins)
{
    for (const CoinOptions &coin : coins)
        m_entries.push_back({coin, instrumentOf(coin)});
}

std::optional<std::size_t> Universe::assetOf(std::string_view name) const
{
    const auto found = std::find_if(m_entries.begin(), m_entries.end(),
                                    [name](const Entry &entry) { return entry.coin.name == name; });
    if (found == m_entries.end())
        return std::nullopt;
    return static_cast<std::size_t>(found - m_entries.begin());
}

std::vector<VenueInstrument> Universe::instruments() const
{
    std::vector<VenueInstrument> all;
    for (const Entry &entry : m_entries)
        all.push_back(entry.instrument);
    return all;
}

bool Universe::isValidPrice(std::size_t asset, Price price) const
{
    return core::isValidPrice(m_entries[asset].instrument.contract, price);
}

bool Universe::isValidSize(std::size_t asset, Quantity size) const
{
    return size.raw() % m_entries[asset].instrument.contract.stepSize.raw() == 0;
}

Price Universe::marketTick(std::size_t asset) const
{
    const std::int64_t start = m_entries[asset].coin.startPrice.raw();
    std::int64_t tick = m_entries[asset].instrument.contract.tickSize.raw();
    while (start / tick >= powerOfTen(kSignificantDigits) && tick < kDecimalOne)
        tick *= 10;
    return Price::fromRaw(tick);
}

} // namespace core::venue::hyperliquid
