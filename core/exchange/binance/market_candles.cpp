#include "core/exchange/binance/market_candles.h"

#include <algorithm>

namespace core::exchange::binance
{
namespace
{

constexpr std::size_t kHeldMax = 256;

} // namespace

void CandleFeed::stop()
{
    m_series.clear();
    m_deliver = nullptr;
}

bool CandleFeed::watch(const InstrumentKey &instrument, Duration length, std::string stream)
{
    const auto [at, isNew] = m_series.try_emplace({instrument, length});
    if (!isNew)
        return false;
    at->second.stream = std::move(stream);
    at->second.born = ++m_births;
    return true;
}

bool CandleFeed::leave(const InstrumentKey &instrument, Duration length)
{
    return m_series.erase({instrument, length}) > 0;
}

std::vector<std::string> CandleFeed::drop(const Symbol &symbol)
{
    std::vector<std::string> streams;
    for (auto at = m_series.begin(); at != m_series.end();) {
        if (at->first.first.symbol == symbol) {
            streams.push_back(at->second.stream);
            at = m_series.erase(at);
        } else {
            ++at;
        }
    }
    return streams;
}

void CandleFeed::onCandle(const Candle &candle)
{
    const auto found = m_series.find({candle.instrument, candle.length});
    if (found == m_series.end() || !m_deliver)
        return;
    Series &series = found->second;
    if (!series.nextOpen)
        series.nextOpen = candle.openTime;
    if (candle.openTime < *series.nextOpen)
        return; // closed before; the second copy of an overlap
    if (candle.openTime == *series.nextOpen && !series.filling) {
        take(series, candle);
        return;
    }
    auto &held = series.held;
    std::erase_if(held,
                  [&](const Candle &other) { return other.openTime == candle.openTime && !other.closed; });
    const bool known = std::any_of(held.begin(), held.end(),
                                   [&](const Candle &other) { return other.openTime == candle.openTime; });
    if (!known && held.size() < kHeldMax)
        held.push_back(candle);
    if (!series.filling)
        fill(found->first, series, candle.openTime);
}

/// The next one in order.
void CandleFeed::take(Series &series, const Candle &candle)
{
    if (!candle.closed && candle.trades < series.trades)
        return; // the older copy of an overlap
    series.trades = candle.closed ? -1 : candle.trades;
    if (candle.closed)
        series.nextOpen = candle.openTime + candle.length;
    m_deliver(candle);
}

void CandleFeed::fill(const Key &key, Series &series, UtcTime to)
{
    series.filling = true;
    m_history.missedCandles(key.first, key.second, {*series.nextOpen, to},
                            [this, key, born = series.born](const Result<std::vector<Candle>> &missed) {
                                const auto found = m_series.find(key);
                                if (found != m_series.end() && found->second.born == born && m_deliver)
                                    onFilled(key, found->second, missed);
                            });
}

void CandleFeed::onFilled(const Key &key, Series &series, const Result<std::vector<Candle>> &missed)
{
    series.filling = false;
    std::vector<Candle> all = missed.value_or(std::vector<Candle>{});
    // A candle that is closed already by now is closed also when the answer was made a moment too early to
    // say so.
    for (Candle &candle : all)
        candle.closed = true;
    const std::vector<Candle> held = std::exchange(series.held, {});
    all.insert(all.end(), held.begin(), held.end());
    // Where the venue has no row, or did not answer, the series goes on behind the hole: nothing is made up
    // for it.
    std::sort(all.begin(), all.end(),
              [](const Candle &a, const Candle &b) { return a.openTime < b.openTime; });
    const std::uint64_t born = series.born;
    for (const Candle &candle : all) {
        const auto found = m_series.find(key);
        if (found == m_series.end() || found->second.born != born || !m_deliver)
            return; // left by whoever heard of it
        if (candle.openTime < *found->second.nextOpen)
            continue;
        found->second.nextOpen = candle.openTime;
        take(found->second, candle);
    }
}

} // namespace core::exchange::binance
