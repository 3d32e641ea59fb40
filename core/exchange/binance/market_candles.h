#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/exchange/binance/market_history.h"

namespace core::exchange::binance
{

/// Live candles of the lengths that somebody watches. What a broken connection swallowed, be it only the last
/// word on a candle, is asked for by REST before newer candles are handed on: every candle is closed once and
/// in order. Until the stream or an answer says so, none counts as closed. Engine thread. Source:
/// reference/binance-usdm.md sections 3.6 and 4.3.
class CandleFeed
{
public:
    explicit CandleFeed(MarketHistory &history) : m_history(history) {}

    void start(std::function<void(const Candle &)> deliver) { m_deliver = std::move(deliver); }
    void stop();
    /// False when it was watched already.
    [[nodiscard]] bool watch(const InstrumentKey &instrument, Duration length, std::string stream);
    /// False when it was not watched.
    [[nodiscard]] bool leave(const InstrumentKey &instrument, Duration length);
    /// Leaves all lengths of a contract and names their streams.
    [[nodiscard]] std::vector<std::string> drop(const Symbol &symbol);
    void onCandle(const Candle &candle);

private:
    struct Series {
        std::string stream;
        std::optional<UtcTime> nextOpen; ///< of the first candle that is not known to be closed
        std::int64_t trades{-1};         ///< of the running candle
        bool filling{false};
        std::vector<Candle> held; ///< newer ones, while the hole is being filled; at most one running
        std::uint64_t born{0};
    };
    using Key = std::pair<InstrumentKey, Duration>;

    void take(Series &series, const Candle &candle);
    void fill(const Key &key, Series &series, UtcTime to);
    void onFilled(const Key &key, Series &series, const Result<std::vector<Candle>> &missed);

    MarketHistory &m_history;
    std::function<void(const Candle &)> m_deliver;
    std::map<Key, Series> m_series;
    std::uint64_t m_births{0};
};

} // namespace core::exchange::binance
