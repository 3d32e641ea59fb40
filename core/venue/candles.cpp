#include "core/venue/candles.h"

#include <algorithm>

namespace core::venue
{

namespace
{
using std::chrono::minutes;

/// Length of an interval; months are calendar months and not among them.
[[nodiscard]] std::optional<minutes> lengthOf(std::string_view interval)
{
    static const std::map<std::string_view, int> kLengths{
        {"1m", 1},   {"3m", 3},   {"5m", 5},   {"15m", 15},  {"30m", 30},   {"1h", 60},    {"2h", 120},
        {"4h", 240}, {"6h", 360}, {"8h", 480}, {"12h", 720}, {"1d", 1'440}, {"3d", 4'320}, {"1w", 10'080}};
    const auto found = kLengths.find(interval);
    return found == kLengths.end() ? std::nullopt : std::optional(minutes{found->second});
}

[[nodiscard]] UtcTime openTimeOf(UtcTime time, minutes length)
{
    // Weeks begin on Monday; 1970-01-05 was the first one.
    const Duration origin = length == minutes{10'080} ? Duration(std::chrono::days{4}) : Duration{0};
    const Duration since = time.time_since_epoch() - origin;
    Duration rest = since % Duration(length);
    if (rest < Duration{0})
        rest += length;
    return time - rest;
}

template <class Value> void increase(Value &total, Value more)
{
    total = add(total, more).value_or(total);
}

void join(Candle &into, const Candle &from)
{
    into.high = std::max(into.high, from.high);
    into.low = std::min(into.low, from.low);
    into.close = from.close;
    increase(into.volume, from.volume);
    increase(into.takerBuyVolume, from.takerBuyVolume);
    increase(into.quoteVolume, from.quoteVolume);
    into.trades += from.trades;
}
} // namespace

void CandleStore::onTrade(const Symbol &symbol, const Trade &trade)
{
    if (trade.kind != TradeKind::Market)
        return;
    auto &minutesOf = m_minutes[symbol];
    Candle one;
    one.instrument = {Venue::Binance, symbol};
    one.openTime = openTimeOf(trade.venueTime, minutes{1});
    one.open = one.high = one.low = one.close = trade.price;
    one.volume = trade.quantity;
    one.takerBuyVolume = trade.aggressor == Side::Buy ? trade.quantity : Quantity{};
    one.quoteVolume = notional(trade.price, trade.quantity, Rounding::HalfEven).value_or(Money{});
    one.trades = 1;
    if (!minutesOf.empty() && one.openTime <= minutesOf.back().openTime) {
        if (one.openTime == minutesOf.back().openTime)
            join(minutesOf.back(), one);
        return; // a recording that starts again does not rewrite its candles
    }
    minutesOf.push_back(one);
    if (minutesOf.size() > kMinutesMax)
        minutesOf.pop_front();
}

std::optional<std::vector<Candle>> CandleStore::candles(const Symbol &symbol, std::string_view interval,
                                                        std::optional<UtcTime> from,
                                                        std::optional<UtcTime> to, std::size_t countMax) const
{
    const auto length = lengthOf(interval);
    if (!length)
        return std::nullopt;
    std::vector<Candle> result;
    const auto found = m_minutes.find(symbol);
    if (found == m_minutes.end())
        return result;
    for (const Candle &minute : found->second) {
        const UtcTime open = openTimeOf(minute.openTime, *length);
        if ((from && open < *from) || (to && open > *to))
            continue;
        if (!result.empty() && result.back().openTime == open) {
            join(result.back(), minute);
            continue;
        }
        result.push_back(minute);
        result.back().openTime = open;
        result.back().length = *length;
    }
    if (result.size() > countMax) {
        // With a start the oldest ones are asked for, without one the newest.
        if (from)
            result.resize(countMax);
        else
            result.erase(result.begin(), result.end() - static_cast<std::ptrdiff_t>(countMax));
    }
    return result;
}

} // namespace core::venue
