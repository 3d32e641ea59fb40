#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/market/wide.h"
#include "core/domain/market_data.h"

namespace core::market
{

/// Whether the venue's trade ids of one contract rise (Binance) or are hashes (Hyperliquid). With hashes the
/// caller has removed repeated prints already.
enum class TradeIds { Ascending, Unordered };

/// Candles of one fixed length from the prints of one contract. Bars are half-open, aligned to the UTC epoch
/// and labelled by their open time; empty intervals become flat synthetic bars. Amounts are exact; quote
/// volume is summed in units of 1e-16 and rounded half-even once. A closed candle never changes. One thread.
/// The first candle lacks the prints from before the builder began; continueFrom avoids that.
/// Source: methods.md 0.3.
class CandleBuilder
{
public:
    /// What was not counted into a candle, and why.
    struct Counters {
        std::int64_t late{0};       ///< older than the open candle
        std::int64_t duplicates{0}; ///< id not above the last one
        std::int64_t otherKinds{0}; ///< TradeKind other than Market
        std::int64_t refused{0};    ///< price or quantity not above 0, or a sum beyond the range
        friend bool operator==(const Counters &, const Counters &) = default;
    };
    /// A longer hole is left open: the caller reloads history for it.
    static constexpr std::int64_t kSyntheticRunMax = 10'080;

    /// REQUIRES: length > 0.
    CandleBuilder(const InstrumentKey &instrument, Duration length, TradeIds ids = TradeIds::Ascending);

    /// The candles that this print closes, oldest first; mostly none.
    [[nodiscard]] std::vector<Candle> update(const Trade &trade);
    /// Closes by time what ends at or before `now` and opens the interval that holds `now`. Pass venue time,
    /// or the own time less a grace for prints under way: a print for a closed candle counts as late.
    [[nodiscard]] std::vector<Candle> advanceTo(UtcTime now);
    /// Goes on after a closed candle from history: the next interval opens flat at its close.
    void continueFrom(const Candle &lastClosed);

    /// The forming candle, `closed` false; absent before the first print.
    [[nodiscard]] std::optional<Candle> current() const;
    [[nodiscard]] const Counters &counters() const { return m_counters; }
    [[nodiscard]] Duration length() const { return m_length; }

private:
    [[nodiscard]] UtcTime openTimeOf(UtcTime time) const;
    void closeUpTo(UtcTime openTime, std::vector<Candle> &closed);
    void openFlat(UtcTime openTime, Price price);
    [[nodiscard]] bool add(const Trade &trade);

    InstrumentKey m_instrument;
    Duration m_length;
    TradeIds m_ids;
    std::optional<std::int64_t> m_lastId;
    bool m_open{false};
    Candle m_candle;    ///< quoteVolume is filled from m_quoteSum on the way out
    Wide m_quoteSum{0}; ///< in 1e-16
    Counters m_counters;
};

} // namespace core::market
