// What was traded and what it costs now: reference/binance-usdm.md sections 3.5 to 3.7.
#include <algorithm>

#include "core/venue/api_context.h"
#include "core/venue/binance_text.h"
#include "core/venue/json_text.h"

namespace core::venue
{

template <class Write> VenueResult<std::string> BinanceApi::oneOrAll(Context &context, Write write) const
{
    const auto symbols = symbolsOf(context);
    if (!symbols)
        return tl::unexpected(symbols.error());
    JsonText out;
    if (context.parameters.has("symbol")) {
        write(out, symbols->front());
        return out.take();
    }
    out.array();
    for (const Symbol &symbol : *symbols)
        write(out, symbol);
    return out.endArray().take();
}

VenueResult<std::string> BinanceApi::trades(Context &context)
{
    const auto symbol = symbolOf(context);
    if (!symbol)
        return tl::unexpected(symbol.error());
    const auto range = rangeOf(context.parameters, 500, 1000);
    if (!range)
        return tl::unexpected(range.error());
    const auto first = wholeNumber(context.parameters, "fromId");
    if (!first)
        return tl::unexpected(first.error());
    const VenueInstrument &instrument = *m_engine.instrument(*symbol);
    std::vector<const Trade *> rows;
    for (const Trade &trade : m_candles.trades(*symbol))
        if (!*first || trade.id >= **first)
            rows.push_back(&trade);
    cut(rows, *range, first->has_value());
    JsonText out;
    out.array();
    for (const Trade *trade : rows)
        out.object()
            .number("id", trade->id)
            .fixed("price", trade->price.raw(), instrument.pricePrecision)
            .fixed("qty", trade->quantity.raw(), instrument.quantityPrecision)
            .text("quoteQty", notional(trade->price, trade->quantity, Rounding::HalfEven).value_or(Money{}).text())
            .number("time", toMilliseconds(trade->venueTime))
            .flag("isBuyerMaker", trade->aggressor == Side::Sell)
            .flag("isRPITrade", false)
            .endObject();
    return out.endArray().take();
}

VenueResult<std::string> BinanceApi::aggTrades(Context &context)
{
    const auto symbol = symbolOf(context);
    if (!symbol)
        return tl::unexpected(symbol.error());
    const auto range = rangeOf(context.parameters, 500, 1000);
    if (!range)
        return tl::unexpected(range.error());
    const auto first = wholeNumber(context.parameters, "fromId");
    if (!first)
        return tl::unexpected(first.error());
    if (*first && (range->from || range->to))
        return refuse(-1128, "Combination of optional parameters invalid.");
    const VenueInstrument &instrument = *m_engine.instrument(*symbol);
    std::vector<const Trade *> rows;
    for (const Trade &trade : m_candles.joinedTrades(*symbol))
        if ((!*first || trade.id >= **first) && range->holds(trade.venueTime))
            rows.push_back(&trade);
    cut(rows, *range, first->has_value() || range->from.has_value());
    JsonText out;
    out.array();
    for (const Trade *trade : rows)
        out.object()
            .number("a", trade->id)
            .fixed("p", trade->price.raw(), instrument.pricePrecision)
            .fixed("q", trade->quantity.raw(), instrument.quantityPrecision)
            .fixed("nq", trade->quantity.raw(), instrument.quantityPrecision)
            .number("f", trade->firstId)
            .number("l", trade->lastId)
            .number("T", toMilliseconds(trade->venueTime))
            .flag("m", trade->aggressor == Side::Sell)
            .endObject();
    return out.endArray().take();
}

VenueResult<std::string> BinanceApi::dayTicker(Context &context)
{
    return oneOrAll(context, [this](JsonText &out, const Symbol &symbol) {
        writeDayTicker(out, m_engine, m_candles, symbol);
    });
}

VenueResult<std::string> BinanceApi::priceTicker(Context &context)
{
    return oneOrAll(context, [this](JsonText &out, const Symbol &symbol) {
        const MarketState &state = m_engine.market(symbol);
        const Price last = state.lastPrice.value_or(m_engine.book(symbol).middle().value_or(Price{}));
        out.object()
            .text("symbol", symbol.view())
            .fixed("price", last.raw(), m_engine.instrument(symbol)->pricePrecision)
            .number("time", toMilliseconds(state.bookTime))
            .endObject();
    });
}

VenueResult<std::string> BinanceApi::bookTicker(Context &context)
{
    return oneOrAll(context, [this](JsonText &out, const Symbol &symbol) {
        const VenueInstrument &instrument = *m_engine.instrument(symbol);
        out.object().text("symbol", symbol.view());
        for (const Side side : {Side::Buy, Side::Sell}) {
            std::vector<Level> best;
            m_engine.book(symbol).copyShown(side, 1, best);
            const Level level = best.empty() ? Level{} : best.front();
            out.fixed(side == Side::Buy ? "bidPrice" : "askPrice", level.price.raw(), instrument.pricePrecision)
                .fixed(side == Side::Buy ? "bidQty" : "askQty", level.quantity.raw(), instrument.quantityPrecision);
        }
        out.number("time", toMilliseconds(m_engine.market(symbol).bookTime)).endObject();
    });
}

VenueResult<std::string> BinanceApi::openInterest(Context &context)
{
    const auto symbol = symbolOf(context);
    if (!symbol)
        return tl::unexpected(symbol.error());
    return JsonText()
        .object()
        .fixed("openInterest", m_engine.openInterest(*symbol).raw(), m_engine.instrument(*symbol)->quantityPrecision)
        .text("symbol", symbol->view())
        .number("time", toMilliseconds(m_engine.clock().now()))
        .endObject()
        .take();
}

VenueResult<std::string> BinanceApi::fundingRate(Context &context)
{
    const auto symbols = symbolsOf(context);
    if (!symbols)
        return tl::unexpected(symbols.error());
    const auto range = rangeOf(context.parameters, 100, 1000);
    if (!range)
        return tl::unexpected(range.error());
    std::vector<const FundingSettlement *> rows;
    for (const FundingSettlement &row : m_engine.fundingHistory())
        if (range->holds(row.at) && std::find(symbols->begin(), symbols->end(), row.symbol) != symbols->end())
            rows.push_back(&row);
    cut(rows, *range, range->from.has_value());
    JsonText out;
    out.array();
    for (const FundingSettlement *row : rows)
        out.object()
            .text("symbol", row->symbol.view())
            .fixed("fundingRate", row->rate.raw(), 8)
            .number("fundingTime", toMilliseconds(row->at))
            .fixed("markPrice", row->mark.raw(), 8)
            .text("rateType", "Regular")
            .endObject();
    return out.endArray().take();
}

VenueResult<std::string> BinanceApi::fundingInfo(Context &)
{
    constexpr Duration kUsual = std::chrono::hours{8};
    JsonText out;
    out.array();
    for (const VenueInstrument &instrument : m_engine.options().instruments) {
        if (instrument.fundingInterval == kUsual)
            continue;
        out.object()
            .text("symbol", instrument.contract.key.symbol.view())
            .text("adjustedFundingRateCap", "0.02500000")
            .text("adjustedFundingRateFloor", "-0.02500000")
            .number("fundingIntervalHours",
                    std::chrono::duration_cast<std::chrono::hours>(instrument.fundingInterval).count())
            .flag("disclaimer", false)
            .endObject();
    }
    return out.endArray().take();
}

} // namespace core::venue
