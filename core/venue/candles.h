#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "core/domain/market_data.h"

namespace core::venue
{

/// What a market was like: one-minute candles of trades, marks and indexes by venue time, and the newest trades; bounded
/// (the oldest go). One thread.
class CandleStore
{
public:
    static constexpr std::size_t kMinutesMax = 20'000;
    static constexpr std::size_t kTradesMax = 2'000;
    enum class Series { Trades, Mark, Index };

    /// Into the candles and the newest trades.
    void onTrade(const Symbol &symbol, const Trade &trade);
    void onJoinedTrade(const Symbol &symbol, const Trade &trade);
    void onMark(const Symbol &symbol, const MarkPrice &mark);
    [[nodiscard]] const std::deque<Trade> &trades(const Symbol &symbol) const;
    [[nodiscard]] const std::deque<Trade> &joinedTrades(const Symbol &symbol) const;
    /// The last 24 hours as one candle, up to the newest trade; nullopt without one.
    [[nodiscard]] std::optional<Candle> day(const Symbol &symbol) const;
    /// Joined to `interval`, ascending by time; intervals without a trade are left out. At most `countMax` of
    /// [from, to]: the oldest when `from` is given, else the newest. nullopt when the interval is unknown.
    [[nodiscard]] std::optional<std::vector<Candle>> candles(const Symbol &symbol, std::string_view interval,
                                                             std::optional<UtcTime> from,
                                                             std::optional<UtcTime> to,
                                                             std::size_t countMax,
                                                             Series series = Series::Trades) const;

private:
    using Minutes = std::map<Symbol, std::deque<Candle>>;
    static void put(Minutes &minutes, const Symbol &symbol, const Trade &trade);

    Minutes m_minutes;
    Minutes m_marks;
    Minutes m_indexes;
    std::map<Symbol, std::deque<Trade>> m_trades;
    std::map<Symbol, std::deque<Trade>> m_joined;
};

} // namespace core::venue
