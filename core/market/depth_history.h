#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/domain/market_data.h"
#include "core/market/order_book.h"

namespace core::market
{

/// One side of a column, best first: price = ticks[i] × tickSize, quantity in base units (for drawing).
struct DepthColumnSide {
    std::vector<std::int32_t> ticks;
    std::vector<float> quantities;
};

/// The book around the mid during [at, at + length), for the heatmap; immutable once published.
/// A gap has no levels and no best prices (both 0): the book was not fresh, had no mid, or was not looked at.
struct DepthColumn {
    UtcTime at;
    Duration length{0};
    bool gap{true};
    Price tickSize;
    std::int32_t bestBidTick{0};
    std::int32_t bestAskTick{0};
    DepthColumnSide bids;
    DepthColumnSide asks;
};

/// Ring of depth columns, oldest first. Intervals are aligned to the UTC epoch; a column shows the book as it
/// stood when its interval was over. One thread; the columns themselves may be read by any.
class DepthHistory
{
public:
    struct Config {
        Duration interval{std::chrono::milliseconds{250}};
        Ratio band{Ratio::fromRaw(750'000)}; ///< levels within this share of the mid on either side: 0.75 %
        std::size_t columnsMax{1'200};
    };
    /// So many intervals between two samples are one longer column; a longer pause is a gap.
    static constexpr std::int64_t kBridgedIntervalsMax = 4;

    /// REQUIRES: interval > 0, 0 < band < 1, columnsMax > 0.
    explicit DepthHistory(const Config &config);

    /// The new column when an interval ended at or before `now`, else null. A long pause also leaves a gap
    /// column in the ring before it. When time goes backwards by more than an interval, the ring starts anew.
    [[nodiscard]] std::shared_ptr<const DepthColumn> sample(const OrderBook &book, Freshness freshness,
                                                            UtcTime now);
    void clear();

    [[nodiscard]] std::size_t size() const { return m_columns.size(); }
    /// 0 is the oldest column held. REQUIRES: index < size().
    [[nodiscard]] const std::shared_ptr<const DepthColumn> &at(std::size_t index) const;
    /// Oldest first; appended to `out`.
    void copyAll(std::vector<std::shared_ptr<const DepthColumn>> &out) const;

private:
    [[nodiscard]] std::shared_ptr<const DepthColumn> columnOf(const OrderBook &book, UtcTime at,
                                                              Duration length);
    void push(std::shared_ptr<const DepthColumn> column);

    Config m_config;
    bool m_started{false};
    UtcTime m_nextBegin; ///< where the running interval began
    std::size_t m_oldest{0};
    std::vector<std::shared_ptr<const DepthColumn>> m_columns;
    std::vector<Level> m_scratch;
};

} // namespace core::market
