// Market metadata and data: reference/hyperliquid.md sections 2.1, 2.2.
#include <algorithm>

#include <fmt/format.h>

#include "core/venue/hyperliquid/info_api.h"
#include "core/venue/hyperliquid/text.h"

namespace core::venue::hyperliquid
{

namespace
{
/// Only the validator-operated dex exists here.
[[nodiscard]] bool isOtherDex(const InfoApi::Value &request)
{
    return !request.textOf("dex").empty();
}
} // namespace

WireAnswer InfoApi::meta(const Value &request)
{
    return {200, isOtherDex(request) ? "null" : metaText(m_desk.universe())};
}

WireAnswer InfoApi::metaAndAssetCtxs(const Value &request)
{
    if (isOtherDex(request))
        return {200, "null"};
    return {200, fmt::format("[{},{}]", metaText(m_desk.universe()), assetCtxsText(m_desk, m_tape))};
}

WireAnswer InfoApi::allPerpMetas(const Value &)
{
    return {200, fmt::format("[{}]", metaText(m_desk.universe()))};
}

WireAnswer InfoApi::allMids(const Value &request)
{
    return {200, isOtherDex(request) ? "{}" : midsText(m_desk)};
}

WireAnswer InfoApi::perpDexs(const Value &)
{
    return {200, "[null]"};
}

WireAnswer InfoApi::marginTable(const Value &request)
{
    const Value *id = request.find("id");
    if (id == nullptr || id->integer() == nullptr)
        return cannotDeserialize();
    const Universe &universe = m_desk.universe();
    for (std::size_t asset = 0; asset < universe.size(); ++asset) {
        const CoinOptions &coin = universe.coin(asset);
        if (static_cast<std::uint64_t>(coin.marginTableId) != *id->integer())
            continue;
        JsonText out;
        out.object().text("description", fmt::format("tiered {}x", coin.maxLeverage)).key("marginTiers").array();
        for (const MarginTier &tier : universe.instrument(asset).contract.marginTiers)
            out.object()
                .text("lowerBound", numberText(tier.floor.raw()))
                .number("maxLeverage", tier.leverageMax)
                .endObject();
        out.endArray().endObject();
        return {200, out.take()};
    }
    return {200, "null"};
}

WireAnswer InfoApi::maxMarketOrderNtls(const Value &)
{
    return {200, R"([[25,"30000000.0"],[20,"5000000.0"],[10,"2000000.0"],[1,"500000.0"]])"};
}

WireAnswer InfoApi::perpsAtOpenInterestCap(const Value &)
{
    JsonText out;
    out.array();
    for (const std::string &coin : m_desk.options().faults.openInterestCapped)
        out.text(coin);
    out.endArray();
    return {200, out.take()};
}

WireAnswer InfoApi::exchangeStatus(const Value &)
{
    JsonText out;
    out.object().number("time", toMilliseconds(m_clock.now())).key("specialStatuses");
    if (m_desk.options().faults.postOnlyWindow)
        out.array().text("postOnly").endArray();
    else
        out.raw("null");
    out.endObject();
    return {200, out.take()};
}

WireAnswer InfoApi::predictedFundings(const Value &)
{
    const auto hour = std::chrono::ceil<std::chrono::hours>(m_clock.now() + Duration{1});
    JsonText out;
    out.array();
    for (std::size_t asset = 0; asset < m_desk.universe().size(); ++asset) {
        const Symbol &symbol = m_desk.universe().symbol(asset);
        out.array().text(m_desk.universe().coin(asset).name).array().array().text("HlPerp");
        out.object()
            .text("fundingRate", numberText(m_desk.engine().market(symbol).fundingRate.raw()))
            .number("nextFundingTime", toMilliseconds(hour))
            .number("fundingIntervalHours", 1)
            .endObject();
        out.endArray().endArray().endArray();
    }
    out.endArray();
    return {200, out.take()};
}

WireAnswer InfoApi::spotMeta(const Value &)
{
    return {200,
            R"({"tokens":[{"name":"USDC","szDecimals":8,"weiDecimals":8,"index":0,)"
            R"("tokenId":"0x6d1e7cde53ba9467b783cb7c530ce054","isCanonical":true,"evmContract":null,"fullName":null},)"
            R"({"name":"PURR","szDecimals":0,"weiDecimals":5,"index":1,)"
            R"("tokenId":"0xc1fb593aeffbeb02f85e0308e9956a90","isCanonical":true,"evmContract":null,"fullName":null}],)"
            R"("universe":[{"name":"PURR/USDC","tokens":[1,0],"index":0,"isCanonical":true}]})"};
}

WireAnswer InfoApi::spotMetaAndAssetCtxs(const Value &request)
{
    return {200, fmt::format(R"([{},[{{"dayNtlVlm":"0.0","markPx":"0.2","midPx":null,"prevDayPx":"0.2",)"
                             R"("circulatingSupply":"1.0","coin":"PURR/USDC","totalSupply":"1.0","dayBaseVlm":"0.0"}}]])",
                             spotMeta(request).body)};
}

WireAnswer InfoApi::book(const Value &request)
{
    if (request.find("coin") == nullptr || request.find("coin")->text() == nullptr)
        return cannotDeserialize();
    BookView view;
    const auto read = [&](std::string_view name, int &out) {
        const Value *value = request.find(name);
        if (value == nullptr || value->isNull())
            return true;
        if (value->integer() == nullptr || *value->integer() > 9)
            return false;
        out = static_cast<int>(*value->integer());
        return true;
    };
    int mantissa = 0;
    if (!read("nSigFigs", view.significantFigures) || !read("mantissa", mantissa))
        return {500, "null"};
    const bool isFigureLegal = view.significantFigures == 0 ||
                               (view.significantFigures >= 2 && view.significantFigures <= 5);
    const bool isMantissaLegal =
        mantissa == 0 ||
        (view.significantFigures == 5 && (mantissa == 1 || mantissa == 2 || mantissa == 5));
    if (!isFigureLegal || !isMantissaLegal)
        return {500, "null"};
    view.mantissa = std::max(1, mantissa);
    const auto asset = m_desk.universe().assetOf(request.textOf("coin"));
    if (!asset)
        return {200, "null"};
    return {200, bookText(m_desk, *asset, view, m_clock.now())};
}

WireAnswer InfoApi::candleSnapshot(const Value &request)
{
    constexpr std::size_t kMost = 5000;
    const Value *wanted = request.find("req");
    const auto range = wanted == nullptr ? std::nullopt : rangeOf(*wanted);
    if (!range)
        return cannotDeserialize();
    const auto asset = m_desk.universe().assetOf(wanted->textOf("coin"));
    if (!asset)
        return {500, "null"};
    const std::string_view interval = wanted->textOf("interval");
    const auto candles =
        m_tape.candles().candles(m_desk.universe().symbol(*asset), interval, range->from, range->to, kMost);
    if (!candles)
        return cannotDeserialize();
    JsonText out;
    out.array();
    for (const Candle &candle : *candles)
        writeCandle(out, m_desk.universe().coin(*asset).name, interval, candle);
    out.endArray();
    count(candles->size(), 60);
    return {200, out.take()};
}

WireAnswer InfoApi::recentTrades(const Value &request)
{
    const auto asset = m_desk.universe().assetOf(request.textOf("coin"));
    if (request.textOf("coin").empty())
        return cannotDeserialize();
    JsonText out;
    out.array();
    if (asset) {
        const auto &trades = m_tape.recent(*asset);
        for (auto trade = trades.rbegin(); trade != trades.rend(); ++trade)
            writeTrade(out, m_desk.universe(), *asset, *trade);
        count(trades.size());
    }
    out.endArray();
    return {200, out.take()};
}

WireAnswer InfoApi::fundingHistory(const Value &request)
{
    constexpr std::size_t kMost = 500;
    const auto range = rangeOf(request);
    const auto asset = m_desk.universe().assetOf(request.textOf("coin"));
    if (!range || request.textOf("coin").empty())
        return cannotDeserialize();
    JsonText out;
    out.array();
    std::size_t rows = 0;
    if (asset)
        for (const Tape::FundingRow &row : m_tape.fundings(*asset))
            if (range->has(row.at) && rows < kMost) {
                out.object()
                    .text("coin", m_desk.universe().coin(*asset).name)
                    .text("fundingRate", numberText(row.rate.raw()))
                    .text("premium", numberText(row.premium.raw()))
                    .number("time", toMilliseconds(row.at))
                    .endObject();
                ++rows;
            }
    out.endArray();
    count(rows);
    return {200, out.take()};
}

WireAnswer InfoApi::emptyList(const Value &)
{
    return {200, "[]"};
}

} // namespace core::venue::hyperliquid
