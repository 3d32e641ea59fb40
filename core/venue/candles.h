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

/// One-minute candles of what was traded, by venue time; bounded (the oldest go). One thread.
class CandleStore
{
public:
    static constexpr std::size_t kMinutesMax = 20'000;

    void onTrade(const Symbol &symbol, const Trade &trade);
    /// Joined to `interval`, ascending by time; intervals without a trade are left out. At most `countMax` of
    /// [from, to]: the oldest when `from` is given, else the newest. nullopt when the interval is unknown.
    [[nodiscard]] std::optional<std::vector<Candle>> candles(const Symbol &symbol, std::string_view interval,
                                                             std::optional<UtcTime> from,
                                                             std::optional<UtcTime> to,
                                                             std::size_t countMax) const;

private:
    std::map<Symbol, std::deque<Candle>> m_minutes;
};

} // namespace core::venue
