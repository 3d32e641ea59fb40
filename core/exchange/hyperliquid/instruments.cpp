#include "core/exchange/hyperliquid/instruments.h"

#include <algorithm>
#include <limits>
#include <unordered_set>

#include <fmt/format.h>

namespace core::exchange::hyperliquid
{

namespace
{
constexpr int kPriceDecimals = 6; ///< of perps; a size's decimals come off
constexpr int kSignificantDigits = 5;
constexpr Money kNotionalMin = Money::fromRaw(10 * kDecimalOne);
constexpr std::size_t kDexSizeMax = 10'000; ///< beyond it the ids of two dexes would meet

[[nodiscard]] constexpr std::int64_t powerOfTen(int exponent)
{
    std::int64_t value = 1;
    for (int i = 0; i < exponent; ++i)
        value *= 10;
    return value;
}

[[nodiscard]] Error about(std::string_view name, Error error)
{
    return error.in(fmt::format("meta {}", name));
}

[[nodiscard]] Result<ListedAsset> listed(const Meta &meta, std::size_t dexIndex, std::size_t position,
                                         const Asset &collateral)
{
    const MetaAsset &row = meta.universe[position];
    if (row.sizeDecimals < 0 || row.sizeDecimals > kPriceDecimals)
        return fail(ErrorCode::Unsupported,
                    fmt::format("meta {}: szDecimals {} is not between 0 and 6", row.name, row.sizeDecimals));
    const auto symbol = Symbol::from(row.name);
    const auto base = Asset::from(std::string_view(row.name).substr(row.name.find(':') + 1));
    if (row.name.empty() || !symbol || !base)
        return fail(ErrorCode::Unsupported,
                    fmt::format("meta: the name \"{}\" is empty or too long", row.name));
    const auto table =
        std::find_if(meta.marginTables.begin(), meta.marginTables.end(),
                     [&](const MetaMarginTable &entry) { return entry.id == row.marginTable; });
    const auto tiers = marginTiers(
        table == meta.marginTables.end() ? std::vector<MetaMarginTier>{} : table->tiers, row.leverageMax);
    if (!tiers)
        return fail(about(row.name, tiers.error()));

    ListedAsset asset;
    asset.id = assetId(dexIndex, position);
    asset.sizeDecimals = row.sizeDecimals;
    asset.leverageMax = row.leverageMax;
    asset.delisted = row.delisted;
    asset.dex = dexIndex;
    Instrument &instrument = asset.instrument;
    instrument.key = {Venue::Hyperliquid, *symbol};
    instrument.base = *base;
    instrument.quote = collateral;
    instrument.tickSize = Price::fromRaw(powerOfTen(8 - kPriceDecimals + row.sizeDecimals));
    instrument.significantDigits = kSignificantDigits;
    instrument.stepSize = Quantity::fromRaw(powerOfTen(8 - row.sizeDecimals));
    instrument.quantityMin = instrument.stepSize;
    instrument.marketStepSize = instrument.stepSize;
    instrument.marketQuantityMin = instrument.stepSize;
    instrument.notionalMin = kNotionalMin;
    instrument.trading = !row.delisted;
    instrument.isolatedOnly = row.isolatedOnly;
    instrument.marginTiers = *tiers;
    return asset;
}

[[nodiscard]] tl::unexpected<Error> broken(std::string rule)
{
    return fail(ErrorCode::InvalidArgument, std::move(rule));
}

/// A worst or limit price has to lie behind the trigger, seen from where the mark comes from.
[[nodiscard]] Result<void> checkTrigger(const OrderRequest &order, std::optional<Price> mark)
{
    if (order.type == OrderType::TrailingStop)
        return fail(ErrorCode::Unsupported, "this venue has no trailing stops");
    if (!order.triggerPrice)
        return broken("a conditional order needs a trigger price");
    if (order.triggerBy != TriggerSource::Mark)
        return fail(ErrorCode::Unsupported, "this venue triggers by the mark price only");
    const Price trigger = *order.triggerPrice;
    const bool sells = order.side == Side::Sell;
    const bool isStop = order.type == OrderType::StopMarket || order.type == OrderType::StopLimit;
    // A take-profit may rest at a better price than its trigger; a stop and a market order may not.
    if (order.limitPrice && (isStop || !hasLimitPrice(order.type)) &&
        (sells ? *order.limitPrice > trigger : *order.limitPrice < trigger))
        return broken(fmt::format("limit {} is on the wrong side of the trigger {} for a {}",
                                  order.limitPrice->text(), trigger.text(), sells ? "sell" : "buy"));
    const bool firesBelow = sells == isStop; // sell stops and buy take-profits
    if (mark && (firesBelow ? trigger >= *mark : trigger <= *mark))
        return broken(fmt::format("trigger {} must be {} the mark {}", trigger.text(),
                                  firesBelow ? "below" : "above", mark->text()));
    return {};
}

[[nodiscard]] Result<void> checkPrice(const Instrument &instrument, std::optional<Price> price,
                                      std::string_view what)
{
    if (price && !isValidPrice(instrument, *price))
        return broken(fmt::format("{} {} is not on the price grid", what, price->text()));
    return {};
}

[[nodiscard]] Result<void> checkValue(const Instrument &instrument, const OrderRequest &order,
                                      std::optional<Price> mark, std::optional<Quantity> position)
{
    if (position && position->isPositive() &&
        (order.quantity == *position || (order.reduceOnly == ReduceOnly::Yes && order.quantity > *position)))
        return {}; // closes all of it
    for (const std::optional<Price> &price :
         {order.limitPrice, order.triggerPrice ? order.triggerPrice : mark}) {
        if (!price)
            continue;
        const auto value = notional(*price, order.quantity, Rounding::Floor);
        if (!value)
            return fail(value.error());
        if (*value < instrument.notionalMin)
            return broken(fmt::format("value {} is below the minimum of {}", value->text(),
                                      instrument.notionalMin.text()));
    }
    return {};
}
} // namespace

std::string_view dexOf(std::string_view coin)
{
    const auto colon = coin.find(':');
    return colon == std::string_view::npos ? std::string_view{} : coin.substr(0, colon);
}

Result<void> AssetTable::replaceDex(std::size_t dexIndex, const Meta &meta, std::string_view collateral)
{
    const auto asset = Asset::from(collateral);
    if (!asset || asset->empty())
        return broken("the collateral's name is empty or too long");
    if (meta.universe.size() > kDexSizeMax)
        return fail(ErrorCode::Unsupported, "meta: more contracts than asset ids");
    std::vector<ListedAsset> assets;
    std::unordered_set<Symbol> names;
    for (const ListedAsset &other : m_assets) {
        if (other.dex == dexIndex)
            continue;
        assets.push_back(other);
        names.insert(other.instrument.key.symbol);
    }
    for (std::size_t i = 0; i < meta.universe.size(); ++i) {
        auto row = listed(meta, dexIndex, i, *asset);
        if (!row)
            return fail(row.error());
        if (!names.insert(row->instrument.key.symbol).second)
            return broken(fmt::format("meta: {} is listed twice", meta.universe[i].name));
        assets.push_back(std::move(*row));
    }
    m_assets = std::move(assets);
    index();
    return {};
}

void AssetTable::index()
{
    m_bySymbol.clear();
    m_byId.clear();
    for (std::size_t i = 0; i < m_assets.size(); ++i) {
        m_bySymbol.emplace(m_assets[i].instrument.key.symbol, i);
        m_byId.emplace(m_assets[i].id, i);
    }
}

const ListedAsset *AssetTable::find(const Symbol &symbol) const
{
    const auto found = m_bySymbol.find(symbol);
    return found == m_bySymbol.end() ? nullptr : &m_assets[found->second];
}

const ListedAsset *AssetTable::find(std::int64_t id) const
{
    const auto found = m_byId.find(id);
    return found == m_byId.end() ? nullptr : &m_assets[found->second];
}

Result<std::vector<MarginTier>> marginTiers(const std::vector<MetaMarginTier> &tiers, int leverageMax)
{
    const std::vector<MetaMarginTier> single{{.lowerBound = {}, .leverageMax = leverageMax}};
    const std::vector<MetaMarginTier> &rungs = tiers.empty() ? single : tiers;
    constexpr Money kNoCap = Money::fromRaw(std::numeric_limits<std::int64_t>::max());
    std::vector<MarginTier> out;
    for (const MetaMarginTier &rung : rungs) {
        if (rung.leverageMax < 1 || rung.leverageMax > 1000)
            return broken(
                fmt::format("margin table: leverage {} is not between 1 and 1000", rung.leverageMax));
        const bool first = out.empty();
        if (first ? !rung.lowerBound.isZero()
                  : rung.lowerBound <= out.back().floor || rung.leverageMax >= out.back().leverageMax)
            return broken("margin table: bounds must rise from 0 and leverages fall");
        MarginTier tier;
        tier.floor = rung.lowerBound;
        tier.cap = kNoCap;
        tier.leverageMax = rung.leverageMax;
        const auto rate = mulDiv(kDecimalOne, 1, 2 * rung.leverageMax, Rounding::Ceil);
        if (!rate)
            return fail(rate.error());
        tier.maintenanceRate = Ratio::fromRaw(*rate);
        if (!first) {
            // bound × (1 ÷ 2L − 1 ÷ 2L'), one exact fraction; down, so that maintenance is never understated
            const MarginTier &below = out.back();
            const auto step = mulDiv(rung.lowerBound.raw(), below.leverageMax - rung.leverageMax,
                                     std::int64_t{2} * rung.leverageMax * below.leverageMax, Rounding::Floor);
            const auto deduction =
                step.and_then([&](std::int64_t raw) { return checkedAdd(below.deduction.raw(), raw); });
            if (!deduction)
                return fail(deduction.error());
            tier.deduction = Money::fromRaw(*deduction);
            out.back().cap = rung.lowerBound;
        }
        out.push_back(tier);
    }
    return out;
}

Result<void> checkOrder(const ListedAsset &asset, const OrderRequest &order, std::optional<Price> mark,
                        std::optional<Quantity> position)
{
    const Instrument &instrument = asset.instrument;
    if (!order.quantity.isPositive())
        return broken("size must be above 0: this venue takes 0 for the whole position");
    if (order.quantity.raw() % instrument.stepSize.raw() != 0)
        return broken(
            fmt::format("size {} has more than {} decimals", order.quantity.text(), asset.sizeDecimals));
    if (hasLimitPrice(order.type) && !order.limitPrice)
        return broken("a limit order needs a price");
    return checkPrice(instrument, order.limitPrice, "limit")
        .and_then([&] { return checkPrice(instrument, order.triggerPrice, "trigger"); })
        .and_then([&] { return isConditional(order.type) ? checkTrigger(order, mark) : Result<void>{}; })
        .and_then([&] { return checkValue(instrument, order, mark, position); });
}

Result<Quantity> toValidSize(const Instrument &instrument, Quantity quantity)
{
    const Quantity size = floorToStep(quantity, instrument.stepSize);
    if (!size.isPositive())
        return broken(
            fmt::format("size {} is below one lot of {}", quantity.text(), instrument.stepSize.text()));
    return size;
}

} // namespace core::exchange::hyperliquid
