// Market data endpoints: reference/binance-usdm.md sections 3.1 to 3.8.
#include <algorithm>

#include "core/venue/api_context.h"
#include "core/venue/json_text.h"
#include "core/venue/request_time.h"

namespace core::venue
{

VenueResult<std::string> BinanceApi::ping(Context &)
{
    return "{}";
}

VenueResult<std::string> BinanceApi::time(Context &)
{
    return JsonText()
        .object()
        .number("serverTime", toMilliseconds(m_engine.clock().now()))
        .endObject()
        .take();
}

namespace
{
void writeRateLimit(JsonText &out, std::string_view type, std::string_view interval, int count, int limit)
{
    out.object()
        .text("rateLimitType", type)
        .text("interval", interval)
        .number("intervalNum", count)
        .number("limit", limit)
        .endObject();
}

void writeFilters(JsonText &out, const VenueInstrument &instrument)
{
    const Instrument &contract = instrument.contract;
    const int price = instrument.pricePrecision;
    const int quantity = instrument.quantityPrecision;
    out.key("filters").array();
    out.object()
        .text("filterType", "PRICE_FILTER")
        .fixed("minPrice", contract.priceMin.raw(), price)
        .fixed("maxPrice", contract.priceMax.raw(), price)
        .fixed("tickSize", contract.tickSize.raw(), price)
        .endObject();
    out.object()
        .text("filterType", "LOT_SIZE")
        .fixed("minQty", contract.quantityMin.raw(), quantity)
        .fixed("maxQty", contract.quantityMax.raw(), quantity)
        .fixed("stepSize", contract.stepSize.raw(), quantity)
        .endObject();
    out.object()
        .text("filterType", "MARKET_LOT_SIZE")
        .fixed("minQty", contract.marketQuantityMin.raw(), quantity)
        .fixed("maxQty", contract.marketQuantityMax.raw(), quantity)
        .fixed("stepSize", contract.marketStepSize.raw(), quantity)
        .endObject();
    out.object().text("filterType", "MAX_NUM_ORDERS").number("limit", 200).endObject();
    out.object().text("filterType", "MIN_NOTIONAL").text("notional", contract.notionalMin.text()).endObject();
    out.object()
        .text("filterType", "PERCENT_PRICE")
        .fixed("multiplierUp", contract.priceUp.raw(), 4)
        .fixed("multiplierDown", contract.priceDown.raw(), 4)
        .text("multiplierDecimal", "4")
        .endObject();
    out.object().text("filterType", "POSITION_RISK_CONTROL").text("positionControlSide", "NONE").endObject();
    out.endArray();
}

void writeTexts(JsonText &out, std::string_view name, std::initializer_list<std::string_view> values)
{
    out.key(name).array();
    for (const std::string_view value : values)
        out.text(value);
    out.endArray();
}

void writeSymbol(JsonText &out, const VenueInstrument &instrument)
{
    const Instrument &contract = instrument.contract;
    out.object()
        .text("symbol", contract.key.symbol.view())
        .text("pair", contract.key.symbol.view())
        .text("contractType", "PERPETUAL")
        .number("deliveryDate", 4'133'404'800'000)
        .number("onboardDate", 1'569'398'400'000)
        .text("status", contract.trading ? "TRADING" : "SETTLING")
        .text("maintMarginPercent", "2.5000")
        .text("requiredMarginPercent", "5.0000")
        .text("baseAsset", contract.base.view())
        .text("quoteAsset", contract.quote.view())
        .text("marginAsset", contract.quote.view())
        .number("pricePrecision", instrument.pricePrecision)
        .number("quantityPrecision", instrument.quantityPrecision)
        .number("baseAssetPrecision", 8)
        .number("quotePrecision", 8)
        .text("underlyingType", "COIN");
    writeTexts(out, "underlyingSubType", {});
    out.number("settlePlan", 0)
        .fixed("triggerProtect", instrument.triggerProtect.raw(), 4)
        .fixed("liquidationFee", instrument.liquidationFee.raw(), 6)
        .fixed("marketTakeBound", instrument.marketTakeBound.raw(), 2)
        .number("maxMoveOrderLimit", 10'000);
    writeFilters(out, instrument);
    writeTexts(out, "orderTypes",
               {"LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET",
                "TRAILING_STOP_MARKET"});
    writeTexts(out, "timeInForce", {"GTC", "IOC", "FOK", "GTX", "GTD"});
    writeTexts(out, "permissionSets", {});
    out.endObject();
}
} // namespace

VenueResult<std::string> BinanceApi::exchangeInfo(Context &)
{
    const VenueOptions &options = m_engine.options();
    JsonText out;
    out.object().key("exchangeFilters").array().endArray().key("rateLimits").array();
    writeRateLimit(out, "REQUEST_WEIGHT", "MINUTE", 1, options.weightLimitPerMinute);
    writeRateLimit(out, "ORDERS", "MINUTE", 1, options.orderLimitPerMinute);
    writeRateLimit(out, "ORDERS", "SECOND", 10, options.orderLimitPerTenSeconds);
    out.endArray().number("serverTime", toMilliseconds(m_engine.clock().now())).key("assets").array();
    out.object()
        .text("asset", options.instruments.front().contract.quote.view())
        .flag("marginAvailable", true)
        .text("autoAssetExchange", "0")
        .endObject()
        .endArray();
    out.key("symbols").array();
    for (const VenueInstrument &instrument : options.instruments)
        writeSymbol(out, instrument);
    out.endArray().text("timezone", "UTC").endObject();
    return out.take();
}

VenueResult<std::string> BinanceApi::depth(Context &context)
{
    const auto symbol = symbolOf(context);
    if (!symbol)
        return tl::unexpected(symbol.error());
    const auto limit = wholeNumber(context.parameters, "limit");
    if (!limit)
        return tl::unexpected(limit.error());
    const std::int64_t levels = limit->value_or(500);
    constexpr std::int64_t kAllowed[] = {5, 10, 20, 50, 100, 500, 1000};
    if (std::find(std::begin(kAllowed), std::end(kAllowed), levels) == std::end(kAllowed))
        return refuse(-4021, fmt::format("Invalid depth limit {}.", levels));
    const MarketState &state = m_engine.market(*symbol);
    const VenueInstrument &instrument = *m_engine.instrument(*symbol);
    JsonText out;
    out.object()
        .number("lastUpdateId", state.lastUpdateId)
        .number("E", toMilliseconds(state.bookEventTime))
        .number("T", toMilliseconds(state.bookTime));
    std::vector<Level> rows;
    for (const Side side : {Side::Buy, Side::Sell}) {
        rows.clear();
        m_engine.book(*symbol).copyShown(side, static_cast<std::size_t>(levels), rows);
        out.key(side == Side::Buy ? "bids" : "asks").array();
        for (const Level &level : rows)
            out.array()
                .fixed(level.price.raw(), instrument.pricePrecision)
                .fixed(level.quantity.raw(), instrument.quantityPrecision)
                .endArray();
        out.endArray();
    }
    return out.endObject().take();
}

VenueResult<std::string> BinanceApi::premiumIndex(Context &context)
{
    const auto write = [this](JsonText &out, const Symbol &symbol) {
        const MarketState &state = m_engine.market(symbol);
        const std::int64_t mark = state.mark.value_or(Price{}).raw();
        out.object()
            .text("symbol", symbol.view())
            .fixed("markPrice", mark, 8)
            .fixed("indexPrice", state.index ? state.index->raw() : mark, 8)
            .fixed("estimatedSettlePrice", mark, 8)
            .fixed("lastFundingRate", state.fundingRate.raw(), 8)
            .text("interestRate", "0.00010000")
            .number("nextFundingTime", toMilliseconds(state.nextFundingTime))
            .number("time", toMilliseconds(state.markTime))
            .endObject();
    };
    JsonText out;
    if (context.parameters.has("symbol")) {
        const auto symbol = symbolOf(context);
        if (!symbol)
            return tl::unexpected(symbol.error());
        write(out, *symbol);
        return out.take();
    }
    out.array();
    for (const VenueInstrument &instrument : m_engine.options().instruments)
        write(out, instrument.contract.key.symbol);
    return out.endArray().take();
}

VenueResult<std::string> BinanceApi::klines(Context &context)
{
    return klinesOf(context, "symbol", CandleStore::Series::Trades);
}

VenueResult<std::string> BinanceApi::markKlines(Context &context)
{
    return klinesOf(context, "symbol", CandleStore::Series::Mark);
}

VenueResult<std::string> BinanceApi::indexKlines(Context &context)
{
    return klinesOf(context, "pair", CandleStore::Series::Index);
}

VenueResult<std::string> BinanceApi::continuousKlines(Context &context)
{
    if (context.parameters.get("contractType") != "PERPETUAL")
        return invalidValue("contractType");
    return klinesOf(context, "pair", CandleStore::Series::Trades);
}

VenueResult<std::string> BinanceApi::klinesOf(Context &context, std::string_view symbolName,
                                              CandleStore::Series series)
{
    const auto name = context.parameters.mandatory(symbolName);
    if (!name)
        return tl::unexpected(name.error());
    const auto symbol = Symbol::from(*name);
    if (!symbol || m_engine.instrument(*symbol) == nullptr)
        return refuse(-1121, "Invalid symbol.");
    const auto interval = context.parameters.mandatory("interval");
    const auto from = wholeNumber(context.parameters, "startTime");
    const auto to = wholeNumber(context.parameters, "endTime");
    const auto limit = wholeNumber(context.parameters, "limit");
    if (!interval)
        return tl::unexpected(interval.error());
    for (const auto *number : {&from, &to, &limit})
        if (!*number)
            return tl::unexpected(number->error());
    const std::int64_t count = limit->value_or(500);
    if (count < 1 || count > 1500)
        return invalidValue("limit");
    const auto time = [](std::optional<std::int64_t> milliseconds) {
        return milliseconds ? std::optional(requestTime(*milliseconds)) : std::nullopt;
    };
    const auto candles =
        m_candles.candles(*symbol, *interval, time(*from), time(*to), static_cast<std::size_t>(count), series);
    if (!candles)
        return refuse(-1120, "Invalid interval.");
    const VenueInstrument &instrument = *m_engine.instrument(*symbol);
    JsonText out;
    out.array();
    for (const Candle &candle : *candles) {
        const Money takerQuote =
            candle.volume.isZero()
                ? Money{}
                : Money::fromRaw(mulDiv(candle.quoteVolume.raw(), candle.takerBuyVolume.raw(),
                                        candle.volume.raw(), Rounding::HalfEven)
                                     .value_or(0));
        out.array().number(toMilliseconds(candle.openTime));
        for (const Price price : {candle.open, candle.high, candle.low, candle.close})
            out.fixed(price.raw(), instrument.pricePrecision);
        out.fixed(candle.volume.raw(), instrument.quantityPrecision)
            .number(toMilliseconds(candle.openTime + candle.length) - 1)
            .text(candle.quoteVolume.text())
            .number(candle.trades)
            .fixed(candle.takerBuyVolume.raw(), instrument.quantityPrecision)
            .text(takerQuote.text())
            .text("0")
            .endArray();
    }
    return out.endArray().take();
}

VenueResult<std::string> BinanceApi::leverageBracket(Context &context)
{
    if (context.parameters.has("symbol"))
        if (const auto symbol = symbolOf(context); !symbol)
            return tl::unexpected(symbol.error());
    JsonText out;
    out.array();
    for (const VenueInstrument &instrument : m_engine.options().instruments) {
        const Instrument &contract = instrument.contract;
        if (context.parameters.has("symbol") &&
            contract.key.symbol.view() != context.parameters.get("symbol"))
            continue;
        out.object().text("symbol", contract.key.symbol.view()).key("brackets").array();
        int number = 0;
        for (const MarginTier &tier : contract.marginTiers)
            out.object()
                .number("bracket", ++number)
                .number("initialLeverage", tier.leverageMax)
                .key("notionalCap")
                .raw(tier.cap.text())
                .key("notionalFloor")
                .raw(tier.floor.text())
                .key("maintMarginRatio")
                .raw(tier.maintenanceRate.text())
                .key("cum")
                .raw(tier.deduction.text())
                .endObject();
        out.endArray().endObject();
    }
    return out.endArray().take();
}

} // namespace core::venue
