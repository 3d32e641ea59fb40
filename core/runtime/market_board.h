#pragma once

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/market/depth_history.h"
#include "core/runtime/channels.h"

namespace core::market
{
class OrderBook;
}

namespace core::runtime
{

/// What the engine knows of the watched markets, of every venue, and which one the screen shows. Decides nothing.
/// Engine thread; books are read until `forgetBooks`.
class MarketBoard
{
public:
    /// Expects the market before the venue has described it; ranks follow the calls.
    void expect(const InstrumentKey &instrument);
    void describe(const Instrument &instrument);
    void onBook(const InstrumentKey &instrument, const market::OrderBook &book, Freshness freshness, UtcTime receivedAt);
    void onTrade(const Trade &trade);
    void onMark(const MarkPrice &mark);
    void onTicker(const Ticker &ticker);
    void onLiquidation(const Liquidation &liquidation);
    void onFees(const InstrumentKey &instrument, const FeeRates &fees);
    void onTradesFreshness(const InstrumentKey &instrument, Freshness freshness);

    /// False: not a watched market, nothing changed.
    [[nodiscard]] bool show(const InstrumentKey &instrument);
    /// Absent while no market is expected.
    [[nodiscard]] std::optional<InstrumentKey> shown() const;
    [[nodiscard]] bool isShown(const InstrumentKey &instrument) const { return shown() == instrument; }
    /// The first market, as configured, with a live book.
    [[nodiscard]] std::optional<InstrumentKey> firstLive() const;

    /// Judges the marks' ages; the ones whose state changed.
    [[nodiscard]] std::vector<std::pair<InstrumentKey, Freshness>> judgeMarks(UtcTime now, Duration staleAfter);
    /// Null when the market is not known.
    [[nodiscard]] const MarketSnapshot *find(const InstrumentKey &instrument) const;
    /// Adds to every market's depth history; the shown one's new column goes to `columns`. True when there was one.
    [[nodiscard]] bool sample(UtcTime now, BatchQueue<ShownColumn> &columns) const;
    /// What the shown market's history holds.
    void replay(BatchQueue<ShownColumn> &columns) const;
    /// The shown market first, the others by rank.
    void fill(std::vector<MarketSnapshot> &markets, UtcTime now);
    void forgetBooks();

private:
    struct Market {
        MarketSnapshot view;
        const market::OrderBook *book{nullptr};
        std::unique_ptr<market::DepthHistory> history;
        std::optional<UtcTime> bookChangedAt;
        std::optional<UtcTime> markReceivedAt;
        Freshness reportedMark{Freshness::Connecting};
    };
    [[nodiscard]] Market &at(const InstrumentKey &instrument);

    std::map<InstrumentKey, Market> m_markets;
    std::vector<InstrumentKey> m_order; ///< by rank
    std::optional<InstrumentKey> m_shown;
};

/// Since `then`, never below zero; absent when there was none.
[[nodiscard]] std::optional<Duration> ageAt(UtcTime now, const std::optional<UtcTime> &then);

} // namespace core::runtime
