#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "core/venue/candles.h"
#include "core/venue/hyperliquid/universe.h"

namespace core::venue::hyperliquid
{

/// One print as the venue publishes it.
struct PublicTrade {
    Trade trade;
    std::int64_t tid{0};
    std::string buyer;
    std::string seller;
};

/// What the market printed and paid: recent trades, candles, day volumes, funding rates. One thread.
class Tape
{
public:
    static constexpr std::size_t kRecentTrades = 100;

    explicit Tape(const Universe &universe);

    /// The stored print, valid until the next one.
    const PublicTrade &onTrade(std::size_t asset, const Trade &trade);
    void onFunding(std::size_t asset, Ratio rate, Ratio premium, UtcTime at);

    struct FundingRow {
        Ratio rate;
        Ratio premium;
        UtcTime at;
    };
    struct Day {
        std::int64_t baseVolume{0}; ///< raw
        std::int64_t notionalVolume{0};
    };
    /// Oldest first.
    [[nodiscard]] const std::deque<PublicTrade> &recent(std::size_t asset) const { return m_rows[asset].recent; }
    [[nodiscard]] const std::vector<FundingRow> &fundings(std::size_t asset) const { return m_rows[asset].fundings; }
    [[nodiscard]] const Day &day(std::size_t asset) const { return m_rows[asset].day; }
    [[nodiscard]] const CandleStore &candles() const { return m_candles; }

private:
    struct Row {
        std::deque<PublicTrade> recent;
        std::vector<FundingRow> fundings;
        Day day;
    };
    const Universe &m_universe;
    CandleStore m_candles;
    std::vector<Row> m_rows;
    std::uint64_t m_count{0};
};

} // namespace core::venue::hyperliquid
