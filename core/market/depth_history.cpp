#include "core/market/depth_history.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/base/assert.h"

namespace core::market
{

namespace
{

[[nodiscard]] std::int32_t tickOf(Price price, Price tickSize)
{
    return static_cast<std::int32_t>(price.raw() / tickSize.raw()); // the book keeps indices below 2^31
}

void fillSide(DepthColumnSide &side, const std::vector<Level> &levels, Price tickSize)
{
    side.ticks.reserve(levels.size());
    side.quantities.reserve(levels.size());
    for (const Level &level : levels) {
        side.ticks.push_back(tickOf(level.price, tickSize));
        side.quantities.push_back(static_cast<float>(level.quantity.toDouble()));
    }
}

} // namespace

DepthHistory::DepthHistory(const Config &config) : m_config(config)
{
    CORE_ASSERT(config.interval > Duration::zero(), "REQUIRES: interval > 0");
    CORE_ASSERT(config.band.isPositive() && config.band.raw() < kDecimalOne, "REQUIRES: 0 < band < 1");
    CORE_ASSERT(config.columnsMax > 0, "REQUIRES: columnsMax > 0");
    m_config.interval = std::max(m_config.interval, Duration{1});
    m_config.columnsMax = std::max<std::size_t>(m_config.columnsMax, 1);
    m_columns.reserve(m_config.columnsMax);
}

std::shared_ptr<const DepthColumn> DepthHistory::sample(const OrderBook &book, Freshness freshness,
                                                        UtcTime now)
{
    const Duration interval = m_config.interval;
    const UtcTime begin =
        utcFromNanoseconds(roundToStep(toNanoseconds(now), interval.count(), Rounding::Floor));
    if (m_started && begin < m_nextBegin - interval)
        clear(); // the wall clock was set back: older columns would lie in the future
    if (!m_started) {
        m_started = true;
        m_nextBegin = begin;
        return nullptr;
    }
    if (begin <= m_nextBegin)
        return nullptr;
    UtcTime at = std::exchange(m_nextBegin, begin);
    if ((begin - at) / interval > kBridgedIntervalsMax) {
        auto hole = std::make_shared<DepthColumn>();
        hole->at = at;
        hole->length = begin - interval - at;
        hole->tickSize = book.tickSize();
        push(std::move(hole));
        at = begin - interval;
    }
    const bool usable = freshness == Freshness::Fresh && !book.isCrossed();
    auto column = usable ? columnOf(book, at, begin - at) : nullptr;
    if (!column) {
        auto gap = std::make_shared<DepthColumn>();
        gap->at = at;
        gap->length = begin - at;
        gap->tickSize = book.tickSize();
        column = std::move(gap);
    }
    push(column);
    return column;
}

std::shared_ptr<const DepthColumn> DepthHistory::columnOf(const OrderBook &book, UtcTime at, Duration length)
{
    const auto bid = book.best(Side::Buy);
    const auto ask = book.best(Side::Sell);
    if (!bid || !ask)
        return nullptr; // no mid
    auto column = std::make_shared<DepthColumn>();
    column->at = at;
    column->length = length;
    column->gap = false;
    column->tickSize = book.tickSize();
    column->bestBidTick = tickOf(bid->price, column->tickSize);
    column->bestAskTick = tickOf(ask->price, column->tickSize);

    const std::int64_t mid = bid->price.raw() + (ask->price.raw() - bid->price.raw()) / 2;
    const std::int64_t reach = mulDiv(mid, m_config.band.raw(), kDecimalOne, Rounding::Floor).value_or(mid);
    const std::int64_t highest = checkedAdd(mid, reach).value_or(std::numeric_limits<std::int64_t>::max());
    m_scratch.clear();
    book.copyLevelsWithin(Side::Buy, Price::fromRaw(mid - reach), m_scratch);
    fillSide(column->bids, m_scratch, column->tickSize);
    m_scratch.clear();
    book.copyLevelsWithin(Side::Sell, Price::fromRaw(highest), m_scratch);
    fillSide(column->asks, m_scratch, column->tickSize);
    return column;
}

void DepthHistory::clear()
{
    m_started = false;
    m_oldest = 0;
    m_columns.clear();
}

const std::shared_ptr<const DepthColumn> &DepthHistory::at(std::size_t index) const
{
    CORE_ASSERT(index < size(), "REQUIRES: index < size()");
    return m_columns[(m_oldest + index) % m_columns.size()];
}

void DepthHistory::copyAll(std::vector<std::shared_ptr<const DepthColumn>> &out) const
{
    out.reserve(out.size() + size());
    for (std::size_t i = 0; i < size(); ++i)
        out.push_back(at(i));
}

void DepthHistory::push(std::shared_ptr<const DepthColumn> column)
{
    if (m_columns.size() < m_config.columnsMax) {
        m_columns.push_back(std::move(column));
        return;
    }
    m_columns[m_oldest] = std::move(column);
    m_oldest = (m_oldest + 1) % m_config.columnsMax;
}

} // namespace core::market
