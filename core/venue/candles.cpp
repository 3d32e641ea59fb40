#include "core/venue/candles.h"

#include <algorithm>

namespace core::venue
{

namespace
{
using std::chrono::minutes;

constexpr minutes kMonth{43'200}; // stands for the calendar month, whatever its length

/// Length of an interval.
[[nodiscard]] std::optional<minutes> lengthOf(std::string_view interval)
{
    static const std::map<std::string_view, std::int64_t> kLengths{
        {"1m", 1},   {"3m", 3},   {"5m", 5},   {"15m", 15},  {"30m", 30},   {"1h", 60},    {"2h", 120},
        {"4h", 240}, {"6h", 360}, {"8h", 480}, {"12h", 720}, {"1d", 1'440}, {"3d", 4'320}, {"1w", 10'080},
        {"1M", kMonth.count()}};
    const auto found = kLengths.find(interval);
    return found == kLengths.end() ? std::nullopt : std::optional(minutes{found->second});
}

[[nodiscard]] UtcTime openTimeOf(UtcTime time, minutes length)
{
    if (length == kMonth) {
        const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(time)};
        return std::chrono::sys_days{day.year() / day.month() / 1};
    }
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

namespace
{
void keep(std::deque<Trade> &trades, const Trade &trade)
{
    trades.push_back(trade);
    if (trades.size() > CandleStore::kTradesMax)
        trades.pop_front();
}

[[nodiscard]] const std::deque<Trade> &found(const std::map<Symbol, std::deque<Trade>> &trades, const Symbol &symbol)
{
    static const std::deque<Trade> kNone;
    const auto entry = trades.find(symbol);
    return entry == trades.end() ? kNone : entry->second;
}
} // namespace

void CandleStore::onTrade(const Symbol &symbol, const Trade &trade)
{
    if (trade.kind != TradeKind::Market)
        return;
    keep(m_trades[symbol], trade);
    put(m_minutes, symbol, trade);
}

void CandleStore::onJoinedTrade(const Symbol &symbol, const Trade &trade)
{
    keep(m_joined[symbol], trade);
}

void CandleStore::onMark(const Symbol &symbol, const MarkPrice &mark)
{
    Trade sample;
    sample.price = mark.mark;
    sample.venueTime = mark.venueTime;
    put(m_marks, symbol, sample);
    sample.price = mark.index.value_or(mark.mark);
    put(m_indexes, symbol, sample);
}

const std::deque<Trade> &CandleStore::trades(const Symbol &symbol) const
{
    return found(m_trades, symbol);
}

const std::deque<Trade> &CandleStore::joinedTrades(const Symbol &symbol) const
{
    return found(m_joined, symbol);
}

std::optional<Candle> CandleStore::day(const Symbol &symbol) const
{
    const auto entry = m_minutes.find(symbol);
    if (entry == m_minutes.end() || entry->second.empty())
        return std::nullopt;
    const UtcTime since = entry->second.back().openTime - std::chrono::hours{24};
    std::optional<Candle> result;
    for (const Candle &minute : entry->second) {
        if (minute.openTime <= since)
            continue;
        if (result)
            join(*result, minute);
        else
            result = minute;
    }
    return result;
}

void CandleStore::put(Minutes &store, const Symbol &symbol, const Trade &trade)
{
    auto &minutesOf = store[symbol];
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
                                                        std::optional<UtcTime> to, std::size_t countMax,
                                                        Series series) const
{
    const auto length = lengthOf(interval);
    if (!length)
        return std::nullopt;
    std::vector<Candle> result;
    const Minutes &store = series == Series::Trades ? m_minutes : series == Series::Mark ? m_marks : m_indexes;
    const auto entry = store.find(symbol);
    if (entry == store.end())
        return result;
    for (const Candle &minute : entry->second) {
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
