#include "core/venue/listed_markets.h"

#include <array>
#include <string_view>

#include "core/base/assert.h"

namespace core::venue
{

namespace
{
struct Row {
    std::string_view base;
    std::string_view price;
    std::string_view tick;
    std::string_view step;
};
constexpr std::array<Row, kListedMarketsMax> kRows{{
    {"BTC", "60000", "0.1", "0.001"},
    {"ETH", "3000", "0.01", "0.001"},
    {"SOL", "150", "0.01", "0.1"},
    {"XRP", "2.2", "0.0001", "1"},
    {"BNB", "620", "0.01", "0.01"},
    {"DOGE", "0.15", "0.00001", "10"},
    {"ADA", "0.45", "0.0001", "1"},
    {"LINK", "14", "0.001", "0.1"},
    {"AVAX", "18", "0.001", "1"},
    {"LTC", "90", "0.01", "0.01"},
    {"BCH", "480", "0.01", "0.01"},
    {"DOT", "4.1", "0.001", "1"},
    {"TRX", "0.27", "0.00001", "1"},
    {"UNI", "7.2", "0.001", "1"},
    {"ATOM", "4.3", "0.001", "0.1"},
    {"NEAR", "2.4", "0.001", "1"},
    {"APT", "5.2", "0.001", "1"},
    {"ARB", "0.42", "0.0001", "1"},
    {"OP", "0.75", "0.0001", "1"},
    {"SUI", "3.1", "0.0001", "1"},
    {"FIL", "2.6", "0.001", "1"},
    {"ETC", "18", "0.001", "0.1"},
    {"ICP", "5.5", "0.001", "1"},
    {"AAVE", "240", "0.01", "0.1"},
    {"MKR", "1900", "0.1", "0.001"},
    {"INJ", "11", "0.001", "0.1"},
    {"TIA", "2.7", "0.001", "1"},
    {"SEI", "0.22", "0.0001", "1"},
    {"WLD", "1.1", "0.0001", "1"},
    {"RUNE", "1.4", "0.001", "1"},
    {"STX", "0.8", "0.0001", "1"},
    {"IMX", "0.6", "0.0001", "1"},
    {"GALA", "0.017", "0.00001", "1"},
    {"SAND", "0.3", "0.0001", "1"},
    {"MANA", "0.32", "0.0001", "1"},
    {"AXS", "2.5", "0.001", "1"},
    {"CRV", "0.55", "0.0001", "1"},
    {"SNX", "1.2", "0.001", "0.1"},
    {"COMP", "45", "0.01", "0.001"},
    {"YFI", "5200", "1", "0.001"},
    {"SUSHI", "1.1", "0.001", "1"},
    {"ENJ", "0.16", "0.0001", "1"},
    {"ZEC", "45", "0.01", "0.001"},
    {"DASH", "27", "0.01", "0.001"},
    {"XLM", "0.28", "0.00001", "1"},
    {"VET", "0.026", "0.00001", "1"},
    {"ALGO", "0.19", "0.0001", "0.1"},
    {"THETA", "1.3", "0.001", "0.1"},
    {"EGLD", "19", "0.01", "0.1"},
    {"KAVA", "0.45", "0.0001", "0.1"},
    {"GMX", "17", "0.01", "0.01"},
    {"LDO", "1.2", "0.001", "1"},
    {"DYDX", "1.1", "0.001", "0.1"},
    {"ENS", "24", "0.01", "0.1"},
    {"JUP", "0.6", "0.0001", "1"},
    {"PYTH", "0.14", "0.0001", "1"},
    {"ORDI", "12", "0.01", "0.1"},
    {"WIF", "1.1", "0.001", "0.1"},
    {"PENDLE", "4.2", "0.001", "1"},
    {"TAO", "420", "0.1", "0.001"},
    {"HBAR", "0.18", "0.00001", "1"},
    {"QNT", "110", "0.1", "0.1"},
    {"NEO", "6.5", "0.001", "0.01"},
    {"IOTA", "0.2", "0.0001", "0.1"},
}};

template <class Value> [[nodiscard]] Value fixed(std::string_view text)
{
    const auto value = parseFixed<Value>(text);
    CORE_ASSERT(value.has_value(), "REQUIRES: a decimal literal");
    return value.value_or(Value{});
}

/// Small contracts have smaller brackets and less leverage.
void limitLeverage(std::vector<MarginTier> &tiers, int leverageMax)
{
    std::vector<MarginTier> kept;
    for (const MarginTier &tier : tiers)
        if (tier.leverageMax <= leverageMax)
            kept.push_back(tier);
    Money floor;
    Ratio rate;
    std::int64_t deduction = 0;
    for (MarginTier &tier : kept) {
        tier.floor = floor;
        tier.cap = Money::fromRaw(tier.cap.raw() / 20);
        deduction += mulDiv(floor.raw(), tier.maintenanceRate.raw() - rate.raw(), kDecimalOne, Rounding::HalfEven)
                         .value_or(0);
        tier.deduction = Money::fromRaw(deduction);
        rate = tier.maintenanceRate;
        floor = tier.cap;
    }
    tiers = std::move(kept);
}
} // namespace

std::vector<ListedMarket> listedMarkets(std::size_t count)
{
    CORE_ASSERT(count <= kListedMarketsMax, "REQUIRES: no more than the list has");
    std::vector<ListedMarket> result;
    for (std::size_t i = 0; i < count && i < kRows.size(); ++i) {
        const Row &row = kRows[i];
        const auto symbol = Symbol::from(std::string(row.base) + "USDT");
        const auto base = Asset::from(row.base);
        CORE_ASSERT(symbol && base, "REQUIRES: short names");
        ListedMarket market{typicalInstrument(*symbol, *base, fixed<Price>(row.tick), fixed<Quantity>(row.step)),
                            fixed<Price>(row.price)};
        if (i >= 2)
            limitLeverage(market.instrument.contract.marginTiers, i < 10 ? 75 : 50);
        result.push_back(std::move(market));
    }
    return result;
}

void listMarkets(VenueOptions &options, ScenarioOptions scenario, std::size_t count)
{
    options.instruments.clear();
    scenario.more.clear();
    for (ListedMarket &market : listedMarkets(count)) {
        const Symbol symbol = market.instrument.contract.key.symbol;
        if (options.instruments.empty()) {
            scenario.symbol = symbol;
            scenario.startPrice = market.startPrice;
        } else {
            scenario.more.push_back({symbol, market.startPrice});
        }
        options.instruments.push_back(std::move(market.instrument));
    }
    options.market = std::move(scenario);
}

} // namespace core::venue
