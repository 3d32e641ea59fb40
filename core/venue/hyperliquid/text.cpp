#include "core/venue/hyperliquid/text.h"

#include <algorithm>
#include <cstdlib>
#include <map>

#include <fmt/format.h>

namespace core::venue::hyperliquid
{

namespace
{
[[nodiscard]] std::string_view coinOf(const Universe &universe, std::size_t asset)
{
    return universe.coin(asset).name;
}

void writeTiers(JsonText &out, const CoinOptions &coin)
{
    out.array().number(coin.marginTableId).object();
    out.text("description", fmt::format("tiered {}x", coin.maxLeverage)).key("marginTiers").array();
    for (const CoinOptions::Tier &tier : coin.tiers)
        out.object()
            .text("lowerBound", numberText(tier.lowerBound.raw()))
            .number("maxLeverage", tier.maxLeverage)
            .endObject();
    out.endArray().endObject().endArray();
}

void nullOrText(JsonText &out, std::string_view name, const std::optional<std::string> &value)
{
    out.key(name);
    if (value)
        out.text(*value);
    else
        out.raw("null");
}

/// The step that leaves `figures` significant digits of a price.
[[nodiscard]] std::int64_t figureStep(std::int64_t priceRaw, int figures, int mantissa)
{
    std::int64_t limit = 1;
    for (int i = 0; i < figures; ++i)
        limit *= 10;
    std::int64_t step = 1;
    while (priceRaw / step >= limit)
        step *= 10;
    return step * mantissa;
}

void writeRows(JsonText &out, const std::vector<BookRow> &rows)
{
    out.array();
    for (const BookRow &row : rows)
        out.object()
            .text("px", numberText(row.price.raw()))
            .text("sz", numberText(row.quantity.raw()))
            .number("n", row.orders)
            .endObject();
    out.endArray();
}

[[nodiscard]] std::vector<BookRow> joined(const std::vector<BookRow> &rows, Side side, std::int64_t step,
                                          std::size_t most)
{
    std::vector<BookRow> result;
    for (const BookRow &row : rows) {
        const std::int64_t price =
            roundToStep(row.price.raw(), step, side == Side::Buy ? Rounding::Floor : Rounding::Ceil);
        if (result.empty() || result.back().price.raw() != price) {
            if (result.size() == most)
                break;
            result.push_back({Price::fromRaw(price), {}, 0});
        }
        result.back().quantity = Quantity::fromRaw(result.back().quantity.raw() + row.quantity.raw());
        result.back().orders += row.orders;
    }
    return result;
}
} // namespace

std::string numberText(std::int64_t raw)
{
    return JsonText::fixedText(raw, 1);
}

std::string hashText(std::uint64_t number)
{
    return fmt::format("0x{:016x}{:048x}", number * 0x9E3779B97F4A7C15ULL, number);
}

std::string_view sideText(Side side)
{
    return side == Side::Buy ? "B" : "A";
}

std::string metaText(const Universe &universe)
{
    JsonText out;
    std::map<int, const CoinOptions *> tables;
    out.object().key("universe").array();
    for (std::size_t asset = 0; asset < universe.size(); ++asset) {
        const CoinOptions &coin = universe.coin(asset);
        out.object()
            .number("szDecimals", coin.szDecimals)
            .text("name", coin.name)
            .number("maxLeverage", coin.maxLeverage)
            .number("marginTableId", coin.marginTableId);
        if (coin.onlyIsolated)
            out.flag("onlyIsolated", true).text("marginMode", "strictIsolated");
        if (coin.isDelisted)
            out.flag("isDelisted", true);
        out.endObject();
        if (coin.marginTableId >= 50)
            tables[coin.marginTableId] = &coin;
    }
    out.endArray().key("marginTables").array();
    for (const auto &[id, coin] : tables)
        writeTiers(out, *coin);
    out.endArray().number("collateralToken", 0).endObject();
    return out.take();
}

std::string assetCtxText(const Desk &desk, const Tape &tape, std::size_t asset)
{
    const Universe &universe = desk.universe();
    const CoinOptions &coin = universe.coin(asset);
    const MarketState &state = desk.engine().market(universe.symbol(asset));
    const auto bid = desk.levels(asset, Side::Buy, 1);
    const auto ask = desk.levels(asset, Side::Sell, 1);
    const bool hasBook = !bid.empty() && !ask.empty();
    const Price mark = state.mark.value_or(coin.startPrice);
    const Price oracle = state.index.value_or(mark);
    std::optional<std::string> mid;
    std::optional<std::string> premium;
    if (hasBook) {
        const std::int64_t middle = bid.front().price.raw() / 2 + ask.front().price.raw() / 2;
        mid = numberText(middle);
        premium = numberText(
            mulDiv(middle - oracle.raw(), kDecimalOne, oracle.raw(), Rounding::HalfEven).value_or(0));
    }
    const Tape::Day &day = tape.day(asset);
    JsonText out;
    out.object()
        .text("funding", numberText(state.fundingRate.raw()))
        .text("openInterest", "12345.6")
        .text("prevDayPx", numberText(coin.startPrice.raw()))
        .text("dayNtlVlm", numberText(day.notionalVolume));
    nullOrText(out, "premium", premium);
    out.text("oraclePx", numberText(oracle.raw())).text("markPx", numberText(mark.raw()));
    nullOrText(out, "midPx", mid);
    out.key("impactPxs");
    if (hasBook)
        out.array()
            .text(numberText(bid.front().price.raw()))
            .text(numberText(ask.front().price.raw()))
            .endArray();
    else
        out.raw("null");
    out.text("dayBaseVlm", numberText(day.baseVolume)).endObject();
    return out.take();
}

std::string assetCtxsText(const Desk &desk, const Tape &tape)
{
    JsonText out;
    out.array();
    for (std::size_t asset = 0; asset < desk.universe().size(); ++asset)
        out.raw(assetCtxText(desk, tape, asset));
    out.endArray();
    return out.take();
}

std::string midsText(const Desk &desk)
{
    JsonText out;
    out.object();
    for (std::size_t asset = 0; asset < desk.universe().size(); ++asset)
        if (const auto middle = desk.engine().book(desk.universe().symbol(asset)).middle();
            middle && !desk.universe().coin(asset).isDelisted)
            out.text(coinOf(desk.universe(), asset), numberText(middle->raw()));
    out.endObject();
    return out.take();
}

std::string bookText(const Desk &desk, std::size_t asset, const BookView &view, UtcTime at)
{
    JsonText out;
    out.object().text("coin", coinOf(desk.universe(), asset)).number("time", toMilliseconds(at));
    out.key("levels").array();
    std::string spread;
    for (const Side side : {Side::Buy, Side::Sell}) {
        const bool isJoined = view.significantFigures > 0;
        auto rows = desk.levels(asset, side, isJoined ? 2000 : view.levels);
        if (isJoined && !rows.empty())
            rows = joined(rows, side,
                          figureStep(rows.front().price.raw(), view.significantFigures, view.mantissa), view.levels);
        writeRows(out, rows);
        if (isJoined && !rows.empty())
            spread = numberText(figureStep(rows.front().price.raw(), view.significantFigures, view.mantissa));
    }
    out.endArray();
    if (!spread.empty())
        out.text("spread", spread);
    if (view.isFast)
        out.flag("fast", true);
    out.endObject();
    return out.take();
}

std::string bboText(const Desk &desk, std::size_t asset, UtcTime at)
{
    JsonText out;
    out.object().text("coin", coinOf(desk.universe(), asset)).number("time", toMilliseconds(at));
    out.key("bbo").array();
    for (const Side side : {Side::Buy, Side::Sell}) {
        const auto rows = desk.levels(asset, side, 1);
        if (rows.empty()) {
            out.raw("null");
            continue;
        }
        out.object()
            .text("px", numberText(rows.front().price.raw()))
            .text("sz", numberText(rows.front().quantity.raw()))
            .number("n", rows.front().orders)
            .endObject();
    }
    out.endArray().endObject();
    return out.take();
}

void writeTrade(JsonText &out, const Universe &universe, std::size_t asset, const PublicTrade &trade)
{
    out.object()
        .text("coin", coinOf(universe, asset))
        .text("side", sideText(trade.trade.aggressor))
        .text("px", numberText(trade.trade.price.raw()))
        .text("sz", numberText(trade.trade.quantity.raw()))
        .number("time", toMilliseconds(trade.trade.venueTime))
        .text("hash", hashText(static_cast<std::uint64_t>(trade.tid)))
        .number("tid", trade.tid)
        .key("users")
        .array()
        .text(trade.buyer)
        .text(trade.seller)
        .endArray()
        .endObject();
}

void writeCandle(JsonText &out, std::string_view coin, std::string_view interval, const Candle &candle)
{
    out.object()
        .number("t", toMilliseconds(candle.openTime))
        .number("T", toMilliseconds(candle.openTime + candle.length) - 1)
        .text("s", coin)
        .text("i", interval)
        .text("o", numberText(candle.open.raw()))
        .text("c", numberText(candle.close.raw()))
        .text("h", numberText(candle.high.raw()))
        .text("l", numberText(candle.low.raw()))
        .text("v", numberText(candle.volume.raw()))
        .number("n", candle.trades)
        .endObject();
}

} // namespace core::venue::hyperliquid
