#include "core/exchange/hyperliquid/scanner.h"

namespace core::exchange::hyperliquid
{

bool Scanner::frame(UtcTime receivedAt, MarketScratch &scratch, MarketEvent &event)
{
    if (!m_cursor.take(R"({"channel":")"))
        return false;
    bool read = false;
    if (m_cursor.take(R"(l2Book","data":)")) {
        scratch.book.receivedAt = receivedAt;
        event.emplace<const BookSnapshot *>(&scratch.book);
        read = book(scratch.book);
    } else if (m_cursor.take(R"(bbo","data":)")) {
        Bbo &value = event.emplace<Bbo>();
        value.receivedAt = receivedAt;
        read = bbo(value);
    } else if (m_cursor.take(R"(trades","data":)")) {
        event.emplace<const TradeBatch *>(&scratch.trades);
        read = trades(receivedAt, scratch.trades.trades);
    } else if (m_cursor.take(R"(activeAssetCtx","data":)")) {
        ContextUpdate &update = event.emplace<ContextUpdate>();
        read = activeContext(update);
        update.mark = toMarkPrice(update.mark.instrument, update.context, receivedAt);
    } else if (m_cursor.take(R"(candle","data":)")) {
        event.emplace<const CandleBatch *>(&scratch.candles);
        scratch.candles.candles.clear();
        read = candle(scratch.candles.candles.emplace_back());
    } else if (m_cursor.take(R"(allDexsAssetCtxs","data":)")) {
        scratch.table.receivedAt = receivedAt;
        event.emplace<const ContextTable *>(&scratch.table);
        read = allDexes(scratch.table.dexes);
    }
    return read && m_cursor.take('}') && m_cursor.atEnd();
}

bool Scanner::book(BookSnapshot &out)
{
    out.fast = false;
    std::uint32_t seen = 0;
    const bool read = members([&] {
        if (m_cursor.take(R"("coin":)"))
            return once(seen, 0) && symbol(out.instrument);
        if (m_cursor.take(R"("time":)"))
            return once(seen, 1) && moment(out.venueTime);
        if (m_cursor.take(R"("levels":[)"))
            return once(seen, 2) && side(out.bids, out.bidOrders) && m_cursor.take(',') &&
                   side(out.asks, out.askOrders) && m_cursor.take(']');
        if (m_cursor.take(R"("fast":true)"))
            return once(seen, 3) && (out.fast = true);
        return false;
    });
    return read && (seen & 7U) == 7U;
}

bool Scanner::side(std::vector<Level> &levels, std::vector<std::int32_t> &orders)
{
    levels.clear();
    orders.clear();
    return elements(
        [&] { return level(levels.emplace_back(), orders.emplace_back(BookSnapshot::kOrdersUnknown)); });
}

bool Scanner::level(Level &out, std::int32_t &orders)
{
    std::uint32_t seen = 0;
    const bool read = members([&] {
        if (m_cursor.take(R"("px":)"))
            return once(seen, 0) && positivePrice(out.price);
        if (m_cursor.take(R"("sz":)"))
            return once(seen, 1) && quantity(out.quantity);
        std::int64_t count = 0;
        if (!m_cursor.take(R"("n":)") || !once(seen, 2) || !m_cursor.integer(count) ||
            count > std::numeric_limits<std::int32_t>::max())
            return false;
        orders = static_cast<std::int32_t>(count);
        return true;
    });
    return read && (seen & 3U) == 3U;
}

bool Scanner::bbo(Bbo &out)
{
    std::uint32_t seen = 0;
    const bool read = members([&] {
        if (m_cursor.take(R"("coin":)"))
            return once(seen, 0) && symbol(out.instrument);
        if (m_cursor.take(R"("time":)"))
            return once(seen, 1) && moment(out.venueTime);
        return m_cursor.take(R"("bbo":[)") && once(seen, 2) && bestSide(out.bid) && m_cursor.take(',') &&
               bestSide(out.ask) && m_cursor.take(']');
    });
    return read && seen == 7U;
}

bool Scanner::bestSide(std::optional<Level> &out)
{
    if (m_cursor.take("null"))
        return true;
    std::int32_t orders = 0;
    return level(out.emplace(), orders);
}

bool Scanner::trades(UtcTime receivedAt, std::vector<Trade> &out)
{
    out.clear();
    return elements([&] {
        Trade &one = out.emplace_back();
        one.receivedAt = receivedAt;
        return trade(one);
    });
}

bool Scanner::trade(Trade &out)
{
    constexpr std::uint32_t kNeeded = 0b111111;
    std::uint32_t seen = 0;
    const bool read = members([&] { return tradeMember(out, seen); });
    out.firstId = out.lastId = out.id;
    return read && (seen & kNeeded) == kNeeded;
}

bool Scanner::tradeMember(Trade &out, std::uint32_t &seen)
{
    switch (m_cursor.look(2)) { // the second letters differ most
    case 'o':
        return m_cursor.take(R"("coin":)") && once(seen, 0) && symbol(out.instrument);
    case 'x':
        return m_cursor.take(R"("px":)") && once(seen, 1) && positivePrice(out.price);
    case 'z':
        return m_cursor.take(R"("sz":)") && once(seen, 2) && quantity(out.quantity) &&
               out.quantity.isPositive();
    case 'a':
        return m_cursor.take(R"("hash":)") && skipText();
    case 's':
        return m_cursor.take(R"("users":[)") && skipText() && m_cursor.take(',') && skipText() &&
               m_cursor.take(']');
    default:
        break;
    }
    if (m_cursor.take(R"("side":")")) {
        out.aggressor = m_cursor.look() == 'B' ? Side::Buy : Side::Sell;
        return once(seen, 3) && (m_cursor.take("B\"") || m_cursor.take("A\""));
    }
    if (m_cursor.take(R"("time":)"))
        return once(seen, 4) && moment(out.venueTime);
    return m_cursor.take(R"("tid":)") && once(seen, 5) && m_cursor.integer(out.id);
}

bool Scanner::activeContext(ContextUpdate &out)
{
    std::uint32_t seen = 0;
    const bool read = members([&] {
        if (m_cursor.take(R"("coin":)"))
            return once(seen, 0) && symbol(out.mark.instrument);
        return m_cursor.take(R"("ctx":)") && once(seen, 1) && context(out.context);
    });
    return read && seen == 3U;
}

bool Scanner::context(AssetContext &out)
{
    out = AssetContext{};
    std::uint32_t seen = 0;
    return members([&] { return contextMember(out, seen); }) && (seen & 1U) != 0;
}

bool Scanner::contextMember(AssetContext &out, std::uint32_t &seen)
{
    switch (m_cursor.look(1)) {
    case 'm': {
        if (m_cursor.take(R"("midPx":)"))
            return once(seen, 1) && computed(out.mid);
        std::optional<Price> mark;
        if (!m_cursor.take(R"("markPx":)") || !once(seen, 0) || !computed(mark) || !mark)
            return false;
        out.mark = *mark;
        return true;
    }
    case 'f':
        return m_cursor.take(R"("funding":)") && once(seen, 2) && computed(out.funding);
    case 'o':
        if (m_cursor.take(R"("oraclePx":)"))
            return once(seen, 3) && computed(out.oracle);
        return m_cursor.take(R"("openInterest":)") && once(seen, 4) && analysis(out.openInterest);
    case 'p':
        if (m_cursor.take(R"("premium":)"))
            return once(seen, 5) && computed(out.premium);
        return m_cursor.take(R"("prevDayPx":)") && once(seen, 6) && computed(out.previousDay);
    case 'd':
        if (m_cursor.take(R"("dayNtlVlm":)"))
            return once(seen, 7) && analysis(out.dayNotional);
        return m_cursor.take(R"("dayBaseVlm":)") && once(seen, 8) && analysis(out.dayBaseVolume);
    case 'i':
        if (!m_cursor.take(R"("impactPxs":)") || !once(seen, 9))
            return false;
        if (m_cursor.take("null"))
            return true;
        return m_cursor.take('[') && computed(out.impactBid) && out.impactBid && m_cursor.take(',') &&
               computed(out.impactAsk) && out.impactAsk && m_cursor.take(']');
    default:
        return false;
    }
}

bool Scanner::contexts(std::vector<AssetContext> &out)
{
    out.clear();
    return elements([&] { return context(out.emplace_back()); });
}

bool Scanner::allDexes(std::vector<ContextTable::Dex> &out)
{
    std::size_t count = 0;
    const bool read = m_cursor.take(R"({"ctxs":)") && elements([&] {
                          if (count == out.size())
                              out.emplace_back();
                          ContextTable::Dex &dex = out[count++];
                          std::string_view dexName;
                          if (!m_cursor.take('[') || !m_cursor.text(dexName))
                              return false;
                          dex.name = dexName;
                          return m_cursor.take(',') && contexts(dex.contexts) && m_cursor.take(']');
                      });
    out.resize(count);
    return read && m_cursor.take('}');
}

bool Scanner::candle(Candle &out)
{
    std::uint32_t seen = 0;
    UtcTime lastMoment;
    std::int64_t volume = 0;
    const bool read = members([&] {
        if (m_cursor.take(R"("t":)"))
            return once(seen, 0) && moment(out.openTime);
        if (m_cursor.take(R"("T":)"))
            return once(seen, 1) && moment(lastMoment);
        if (m_cursor.take(R"("s":)"))
            return once(seen, 2) && symbol(out.instrument);
        if (m_cursor.take(R"("i":)"))
            return skipText();
        if (m_cursor.take(R"("o":)"))
            return once(seen, 3) && positivePrice(out.open);
        if (m_cursor.take(R"("c":)"))
            return once(seen, 4) && positivePrice(out.close);
        if (m_cursor.take(R"("h":)"))
            return once(seen, 5) && positivePrice(out.high);
        if (m_cursor.take(R"("l":)"))
            return once(seen, 6) && positivePrice(out.low);
        if (m_cursor.take(R"("v":)"))
            return once(seen, 7) && rounded(volume) && volume >= 0;
        return m_cursor.take(R"("n":)") && once(seen, 8) && m_cursor.integer(out.trades);
    });
    out.volume = Quantity::fromRaw(volume);
    out.length = lastMoment - out.openTime + std::chrono::milliseconds{1};
    return read && seen == 0x1FFU && out.length > std::chrono::milliseconds{1};
}

bool Scanner::symbol(InstrumentKey &out)
{
    std::string_view name;
    if (!m_cursor.text(name) || name.empty() || name.size() > Symbol::kCapacity)
        return false;
    if (m_symbol.view() != name)
        m_symbol = *Symbol::from(name);
    out.venue = Venue::Hyperliquid;
    out.symbol = m_symbol;
    return true;
}

bool Scanner::moment(UtcTime &out)
{
    constexpr std::int64_t kMillisecondsMax = 9'223'372'036'854;
    std::int64_t milliseconds = 0;
    if (!m_cursor.integer(milliseconds) || milliseconds > kMillisecondsMax)
        return false;
    out = utcFromMilliseconds(milliseconds);
    return true;
}

bool Scanner::positivePrice(Price &out)
{
    std::int64_t raw = 0;
    const bool read = m_cursor.quotedDecimal(raw);
    out = Price::fromRaw(raw);
    return read && raw > 0;
}

bool Scanner::quantity(Quantity &out)
{
    std::int64_t raw = 0;
    const bool read = m_cursor.quotedDecimal(raw);
    out = Quantity::fromRaw(raw);
    return read;
}

bool Scanner::rounded(std::int64_t &raw)
{
    if (m_cursor.quotedDecimal(raw))
        return true;
    std::string_view token;
    if (!m_cursor.text(token))
        return false;
    const auto value = wire::parseRounded(token);
    raw = value.value_or(0);
    return value.has_value();
}

bool Scanner::computed(std::optional<Price> &out)
{
    if (m_cursor.take("null"))
        return true;
    std::int64_t raw = 0;
    if (!rounded(raw) || raw < 0)
        return false;
    out = Price::fromRaw(raw);
    return true;
}

bool Scanner::computed(std::optional<Ratio> &out)
{
    if (m_cursor.take("null"))
        return true;
    std::int64_t raw = 0;
    if (!rounded(raw))
        return false;
    out = Ratio::fromRaw(raw);
    return true;
}

bool Scanner::analysis(std::optional<double> &out)
{
    if (m_cursor.take("null"))
        return true;
    std::string_view token;
    if (!m_cursor.text(token))
        return false;
    out = analysisValue(token);
    return out.has_value();
}

bool Scanner::skipText()
{
    std::string_view skipped;
    return m_cursor.text(skipped);
}

} // namespace core::exchange::hyperliquid
