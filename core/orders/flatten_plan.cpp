#include "core/orders/flatten_plan.h"

#include <algorithm>
#include <array>

namespace core::orders
{

Result<PartialClose> partialClose(Quantity position, Ratio fraction, const LotRules &rules, Price price)
{
    if (!position.isPositive() || !rules.step.isPositive() || !fraction.isPositive())
        return fail(ErrorCode::InvalidArgument,
                    "partial close: position, step and fraction must be positive");
    const PartialClose everything{position, PartialClose::Kind::FullBecauseRestTooSmall};
    if (fraction.raw() >= kDecimalOne)
        return PartialClose{position, PartialClose::Kind::Full};
    const auto asked = scaled(position, fraction, Rounding::Ceil);
    if (!asked)
        return fail(asked.error());
    Quantity quantity = std::max(ceilToStep(*asked, rules.step), ceilToStep(rules.least, rules.step));
    if (!rules.reduceOnlyExempt) {
        const auto value = notional(price, quantity, Rounding::Floor);
        if (!value)
            return fail(value.error());
        if (*value < rules.notionalLeast) {
            const auto enough = mulDiv(rules.notionalLeast.raw(), kDecimalOne, price.raw(), Rounding::Ceil);
            if (!enough)
                return fail(enough.error());
            quantity = ceilToStep(Quantity::fromRaw(*enough), rules.step);
        }
    }
    if (quantity >= position)
        return everything;
    const Quantity rest = Quantity::fromRaw(position.raw() - quantity.raw());
    const auto restValue = notional(price, rest, Rounding::Floor);
    if (!restValue)
        return fail(restValue.error());
    if (rest < rules.least || *restValue < rules.notionalLeast)
        return everything;
    return PartialClose{quantity, PartialClose::Kind::Partial};
}

LotRules lotRules(const Instrument &instrument)
{
    return {.step = std::max(instrument.stepSize, instrument.marketStepSize),
            .least = std::max(instrument.quantityMin, instrument.marketQuantityMin),
            .notionalLeast = instrument.notionalMin,
            .reduceOnlyExempt = instrument.key.venue == Venue::Binance};
}

std::vector<Quantity> slices(Quantity total, const Instrument &instrument, OrderType type)
{
    std::vector<Quantity> result;
    const bool isMarket = type == OrderType::Market;
    const Quantity step =
        isMarket && instrument.marketStepSize.isPositive() ? instrument.marketStepSize : instrument.stepSize;
    Quantity most = instrument.marketQuantityMax;
    if (instrument.quantityMax.isPositive() && (!most.isPositive() || instrument.quantityMax < most))
        most = instrument.quantityMax;
    if (step.isPositive() && most.isPositive())
        most = floorToStep(most, step);
    while (total.isPositive() && result.size() < kSlicesMax) {
        Quantity piece = most.isPositive() ? std::min(total, most) : total;
        // Whole steps first; a rest below one step goes alone, and the gate lets it out only if it is the
        // whole position.
        if (step.isPositive() && piece > step)
            piece = floorToStep(piece, step);
        result.push_back(piece);
        total = Quantity::fromRaw(total.raw() - piece.raw());
    }
    return result;
}

std::optional<Price> closeLimit(Price mark, Side side, Ratio slippage, const Instrument &instrument)
{
    if (!mark.isPositive() || !instrument.tickSize.isPositive())
        return std::nullopt;
    const bool isSell = side == Side::Sell;
    const Ratio factor = Ratio::fromRaw(isSell ? kDecimalOne - slippage.raw() : kDecimalOne + slippage.raw());
    const auto bound = scaled(mark, factor, isSell ? Rounding::Ceil : Rounding::Floor);
    if (!bound)
        return std::nullopt;
    // The venue's grid may be coarser than the tick: our own gate refuses a price beside it.
    const auto onGrid = [&instrument](Price near, Rounding rounding) {
        return near.isPositive() ? toValidPrice(instrument, near, rounding).value_or(Price{}) : Price{};
    };
    const Rounding towardsMark = isSell ? Rounding::Ceil : Rounding::Floor;
    Price price = onGrid(*bound, towardsMark);
    if (isSell ? price > mark : price < mark)
        price = onGrid(mark, isSell ? Rounding::Floor : Rounding::Ceil);
    const Ratio band = isSell ? instrument.priceDown : instrument.priceUp;
    if (band.isPositive()) {
        const auto edge = scaled(mark, band, isSell ? Rounding::Ceil : Rounding::Floor);
        if (edge && isSell)
            price = std::max(price, onGrid(*edge, towardsMark));
        else if (edge)
            price = std::min(price, onGrid(*edge, towardsMark));
    }
    if (isSell && instrument.priceMin.isPositive())
        price = std::max(price, onGrid(instrument.priceMin, towardsMark));
    if (!isSell && instrument.priceMax.isPositive())
        price = std::min(price, onGrid(instrument.priceMax, towardsMark));
    const bool marketable = isSell ? price <= mark : price >= mark;
    const bool inside = marketable && price.isPositive() &&
                        (!instrument.priceMin.isPositive() || price >= instrument.priceMin) &&
                        (!instrument.priceMax.isPositive() || price <= instrument.priceMax);
    return inside ? std::optional(price) : std::nullopt;
}

namespace
{
/// 1, 2 or 5 times a power of ten, at most a tenth of slippage × mark; 0: no grid.
std::int64_t referenceGrid(Price mark, Ratio slippage, Venue venue)
{
    constexpr std::int64_t kPartsOfSlippage = 10;
    const auto most = mulDiv(mark.raw(), slippage.raw(), kPartsOfSlippage * kDecimalOne, Rounding::Floor);
    if (venue != Venue::Hyperliquid || !most || *most < 1)
        return 0;
    std::int64_t power = 1;
    while (power <= *most / 10)
        power *= 10;
    return *most >= 5 * power ? 5 * power : (*most >= 2 * power ? 2 * power : power);
}
} // namespace

Price limitReference(Price mark, Side side, Ratio slippage, Venue venue)
{
    const std::int64_t grid = referenceGrid(mark, slippage, venue);
    if (grid == 0)
        return mark;
    const std::int64_t below = mark.raw() / grid * grid;
    const std::int64_t step = side == Side::Sell && below < mark.raw() ? below + grid : below;
    return step > 0 ? Price::fromRaw(step) : mark;
}

std::optional<Price> nextReference(Price reference, Side side, Ratio slippage, Venue venue)
{
    const std::int64_t grid = referenceGrid(reference, slippage, venue);
    const auto next = side == Side::Sell ? checkedSub(reference.raw(), grid) : checkedAdd(reference.raw(), grid);
    return grid > 0 && next && *next > 0 ? std::optional(Price::fromRaw(*next)) : std::nullopt;
}

LifeHash::LifeHash(const risk::Life &life) : m_life(life)
{
    m_hash.add(name(life.position.instrument.venue));
    m_hash.add(life.position.instrument.symbol.view());
    m_hash.add(name(life.position.side));
    m_hash.add(name(life.direction));
    m_hash.add(toNanoseconds(life.openedAt));
}

std::string decisionId(const risk::Life &life, std::string_view breaker, std::string_view tier, std::int64_t number)
{
    return decisionId(LifeHash(life), breaker, tier, number);
}

std::string decisionId(const LifeHash &life, std::string_view breaker, std::string_view tier, std::int64_t number)
{
    Fnv hash = life.hash();
    hash.add(breaker);
    hash.add(tier);
    hash.add(number);
    static constexpr std::string_view kHex = "0123456789abcdef";
    std::string out = "etr-";
    out.reserve(28);
    for (unsigned i = 0; i < 24; ++i)
        out.push_back(kHex[static_cast<std::size_t>((hash.value() >> (124U - 4U * i)) & 15U)]);
    return out;
}

ClientOrderId orderId(std::string_view decision, int attempt, std::size_t piece)
{
    // 28 + 1 + 4 + 1 + 2 characters; attempts beyond 9999 (hours of refusals) wrap and would be refused as
    // duplicates.
    std::string id;
    id.reserve(36);
    id.append(decision).append(1, '-').append(std::to_string(attempt % 10'000));
    if (piece > 0)
        id.append(1, '.').append(std::to_string(piece));
    return ClientOrderId::from(std::string_view(id).substr(0, 36)).value_or(ClientOrderId{});
}

std::optional<Ratio> slippageOf(int level, const risk::Limits &limits)
{
    if (level <= 1)
        return limits.closeSlippageFirst;
    if (level == 2)
        return limits.closeSlippageSecond;
    return std::nullopt;
}

std::optional<Quantity> takenWithin(const risk::Depth &depth, Side side, Price mark, Ratio slippage, UtcTime now)
{
    static constexpr Duration kDepthLasts = std::chrono::seconds{2};
    if (!depth.complete || now - depth.at > kDepthLasts || !depth.mid.isPositive() || !mark.isPositive())
        return std::nullopt;
    const bool isSell = side == Side::Sell;
    // The order's limit as a distance from the mid: mark and mid may lie apart.
    const auto limit = scaled(mark, Ratio::fromRaw(isSell ? kDecimalOne - slippage.raw() : kDecimalOne + slippage.raw()),
                              isSell ? Rounding::Ceil : Rounding::Floor);
    const auto gap = limit ? checkedSub(depth.mid.raw(), limit->raw()) : Result<std::int64_t>(fail(limit.error()));
    if (!gap)
        return std::nullopt;
    const auto distance = mulDiv(isSell ? *gap : -*gap, kDecimalOne, depth.mid.raw(), Rounding::Floor);
    std::optional<Quantity> taken;
    for (const risk::Depth::Step &step : depth.steps) {
        if (distance && step.distance.raw() <= *distance)
            taken = isSell ? step.bids : step.asks;
    }
    return taken;
}

Quantity sliceByDepth(Quantity rest, std::optional<Quantity> taken, const LotRules &rules, Price mark)
{
    if (!taken || *taken >= rest || !rules.step.isPositive())
        return rest;
    const Quantity part = floorToStep(*taken, rules.step);
    const Quantity left = Quantity::fromRaw(rest.raw() - part.raw());
    const auto tooSmall = [&](Quantity quantity) {
        const auto value = notional(mark, quantity, Rounding::Floor);
        return quantity < rules.least || !value || *value < rules.notionalLeast;
    };
    return !part.isPositive() || tooSmall(part) || tooSmall(left) ? rest : part;
}

Duration pauseBefore(int attempt)
{
    if (attempt <= 3)
        return Duration{0};
    return std::chrono::milliseconds{250LL << std::min(attempt - 4, 4)};
}

} // namespace core::orders
