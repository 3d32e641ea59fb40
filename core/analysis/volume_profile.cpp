#include "core/analysis/volume_profile.h"

#include <algorithm>
#include <limits>

#include "core/analysis/value_area.h"
#include "core/base/assert.h"

namespace core::analysis
{

namespace
{

[[nodiscard]] Price priceFromWide(Wide raw)
{
    constexpr Wide kMost = std::numeric_limits<std::int64_t>::max();
    return Price::fromRaw(static_cast<std::int64_t>(std::min(raw, kMost)));
}

[[nodiscard]] Price priceOfTick(std::int64_t index, Price tick)
{
    return priceFromWide(Wide{index} * tick.raw());
}

/// As in the book: a price further from zero means that the tick size is wrong.
constexpr std::int64_t kTickIndexMax = std::numeric_limits<std::int32_t>::max();

[[nodiscard]] bool isCountable(const Trade &trade, Price tick)
{
    return trade.price.isPositive() && trade.quantity.isPositive() &&
           tickIndex(trade.price, tick) <= kTickIndexMax;
}

[[nodiscard]] UtcTime sessionOf(UtcTime time, Duration session)
{
    return utcFromNanoseconds(roundToStep(toNanoseconds(time), session.count(), Rounding::Floor));
}

[[nodiscard]] std::int64_t rowTicksOf(const ProfileConfig &config, std::int64_t lowTick,
                                      std::int64_t highTick)
{
    return config.rowTicks ? *config.rowTicks : rowTicksFor(lowTick, highTick, config.levels);
}

void checkConfig(const ProfileConfig &config)
{
    CORE_ASSERT(config.tickSize.isPositive(), "REQUIRES: tickSize > 0");
    CORE_ASSERT(config.levels > 0 && config.levels <= VolumeProfile::kRowsMax,
                "REQUIRES: 0 < levels <= kRowsMax");
    CORE_ASSERT(!config.rowTicks || *config.rowTicks > 0, "REQUIRES: rowTicks > 0");
    CORE_ASSERT(!config.session || *config.session > Duration::zero(), "REQUIRES: session > 0");
}

/// Point of control and value area of finished rows.
[[nodiscard]] std::optional<ProfileLevels> levelsOf(const ProfileSnapshot &profile, Ratio fraction)
{
    std::vector<ExactVolume> volumes;
    volumes.reserve(profile.rows.size());
    for (const ProfileRow &row : profile.rows)
        volumes.push_back(row.volume);
    const auto area = valueArea(volumes, fraction);
    if (!area)
        return std::nullopt;
    const std::int64_t height = profile.ticksPerRow;
    return ProfileLevels{
        .poc = rowMiddle(profile.rows[area->poc].lowTick / height, height, profile.tickSize),
        .vah = priceOfTick(profile.rows[area->high].lowTick + height - 1, profile.tickSize),
        .val = priceOfTick(profile.rows[area->low].lowTick, profile.tickSize),
        .pocRow = area->poc,
        .vahRow = area->high,
        .valRow = area->low,
        .valueAreaVolume = area->volume,
    };
}

} // namespace

std::int64_t tickIndex(Price price, Price tick)
{
    const std::int64_t rest = price.raw() % tick.raw();
    return price.raw() / tick.raw() + (rest >= tick.raw() - rest ? 1 : 0);
}

std::int64_t rowTicksFor(std::int64_t lowTick, std::int64_t highTick, std::int64_t levels)
{
    return (highTick - lowTick) / levels + 1; // = ceil((high − low + 1) ÷ levels) for whole numbers
}

Price rowMiddle(std::int64_t row, std::int64_t ticksPerRow, Price tick)
{
    const Wide lowAndHigh = 2 * Wide{row} * ticksPerRow + ticksPerRow - 1;
    return priceFromWide(lowAndHigh * tick.raw() / 2);
}

VolumeProfile::VolumeProfile(const ProfileConfig &config) : m_config(config)
{
    checkConfig(config);
}

void VolumeProfile::reset()
{
    m_pages.clear();
    m_rows.clear();
    m_total = {};
    m_largest = {};
    m_trades = 0;
    m_sessionStart.reset();
}

bool VolumeProfile::update(const Trade &trade)
{
    if (trade.kind != TradeKind::Market) {
        ++m_counters.otherKinds;
        return false;
    }
    if (!isCountable(trade, m_config.tickSize)) {
        ++m_counters.refused;
        return false;
    }
    const UtcTime session =
        m_config.session ? sessionOf(trade.venueTime, *m_config.session) : trade.venueTime;
    if (m_sessionStart && m_config.session) {
        if (session < *m_sessionStart) {
            ++m_counters.late;
            return false;
        }
        if (session > *m_sessionStart)
            reset();
    }
    const std::int64_t tick = tickIndex(trade.price, m_config.tickSize);
    if (!fitsRows(tick)) {
        ++m_counters.refused;
        return false;
    }
    if (!m_sessionStart)
        m_sessionStart = session;
    const bool grown = growTo(tick);
    Cell amount;
    (trade.aggressor == Side::Buy ? amount.buy : amount.sell) = ExactVolume::from(trade.quantity);
    m_pages[tick / kPageTicks][static_cast<std::size_t>(tick % kPageTicks)].add(amount);
    m_total += amount.volume();
    ++m_trades;
    const std::int64_t row = tick / m_ticksPerRow;
    rowAt(row).add(amount);
    if (grown)
        scanForPoc(); // the middle of the profile moved, and with it the rule for ties
    else
        touched(row);
    return true;
}

bool VolumeProfile::fitsRows(std::int64_t tick) const
{
    if (!m_config.rowTicks)
        return true;
    const std::int64_t low = m_trades == 0 ? tick : std::min(tick, m_lowTick);
    const std::int64_t high = m_trades == 0 ? tick : std::max(tick, m_highTick);
    return high / *m_config.rowTicks - low / *m_config.rowTicks < kRowsMax;
}

bool VolumeProfile::growTo(std::int64_t tick)
{
    if (m_trades > 0 && tick >= m_lowTick && tick <= m_highTick)
        return false;
    const std::int64_t low = m_trades == 0 ? tick : std::min(tick, m_lowTick);
    const std::int64_t high = m_trades == 0 ? tick : std::max(tick, m_highTick);
    const std::int64_t height = rowTicksOf(m_config, low, high);
    if (m_trades == 0 || height != m_ticksPerRow) {
        m_lowTick = low;
        m_highTick = high;
        m_ticksPerRow = height;
        rebuildRows();
        return true;
    }
    const std::int64_t newBelow = m_lowTick / height - low / height;
    m_rows.insert(m_rows.begin(), static_cast<std::size_t>(newBelow), Cell{});
    m_lowTick = low;
    m_highTick = high;
    m_rows.resize(static_cast<std::size_t>(high / height - low / height + 1));
    return true;
}

void VolumeProfile::rebuildRows()
{
    m_rows.assign(static_cast<std::size_t>(m_highTick / m_ticksPerRow - firstRow() + 1), Cell{});
    for (const auto &[page, cells] : m_pages) {
        std::int64_t tick = page * kPageTicks;
        for (const Cell &cell : cells) {
            if (!cell.volume().isZero())
                rowAt(tick / m_ticksPerRow).add(cell);
            ++tick;
        }
    }
}

void VolumeProfile::scanForPoc()
{
    const std::int64_t first = firstRow();
    const std::int64_t last = first + static_cast<std::int64_t>(m_rows.size()) - 1;
    m_largest = {};
    for (const Cell &row : m_rows)
        m_largest = std::max(m_largest, row.volume());
    bool found = false;
    for (std::int64_t row = first; row <= last; ++row) {
        if (!tiesWithLargest(rowAt(row).volume(), m_largest))
            continue;
        m_pocRow = found ? preferredRow(m_pocRow, row, first, last) : row;
        found = true;
    }
}

/// Rows only grow, so the point of control can only stay or move to the row that was touched; except where
/// the new largest row ends a tie (within 1e-12) that the old one had won, which needs a look at all rows.
void VolumeProfile::touched(std::int64_t row)
{
    const ExactVolume volume = rowAt(row).volume();
    if (!tiesWithLargest(volume, m_largest))
        return;
    m_largest = std::max(m_largest, volume);
    if (row == m_pocRow)
        return;
    if (!tiesWithLargest(rowAt(m_pocRow).volume(), m_largest)) {
        scanForPoc();
        return;
    }
    const std::int64_t first = firstRow();
    m_pocRow = preferredRow(m_pocRow, row, first, first + static_cast<std::int64_t>(m_rows.size()) - 1);
}

std::optional<Price> VolumeProfile::poc() const
{
    if (m_trades == 0)
        return std::nullopt;
    return rowMiddle(m_pocRow, m_ticksPerRow, m_config.tickSize);
}

ProfileSnapshot VolumeProfile::snapshot() const
{
    ProfileSnapshot result;
    result.tickSize = m_config.tickSize;
    if (m_trades == 0)
        return result;
    result.ticksPerRow = m_ticksPerRow;
    result.sessionStart = *m_sessionStart;
    result.trades = m_trades;
    result.total = m_total;
    result.rows.reserve(m_rows.size());
    std::int64_t lowTick = firstRow() * m_ticksPerRow;
    for (const Cell &row : m_rows) {
        result.rows.push_back({lowTick, row.volume(), row.buy, row.sell});
        lowTick += m_ticksPerRow;
    }
    result.levels = levelsOf(result, m_config.valueAreaFraction);
    return result;
}

namespace
{

/// The prints that count, in order: of the newest session, and within the rows that a fixed height may have.
struct Window {
    UtcTime sessionStart;
    std::int64_t lowTick{0};
    std::int64_t highTick{0};
    std::vector<const Trade *> trades;
};

[[nodiscard]] Window windowOf(const ProfileConfig &config, std::span<const Trade> trades)
{
    Window window;
    for (const Trade &trade : trades) {
        if (trade.kind != TradeKind::Market || !isCountable(trade, config.tickSize))
            continue;
        const UtcTime session =
            config.session ? sessionOf(trade.venueTime, *config.session) : trade.venueTime;
        if (config.session && !window.trades.empty() && session < window.sessionStart)
            continue;
        const std::int64_t tick = tickIndex(trade.price, config.tickSize);
        if (window.trades.empty() || (config.session && session > window.sessionStart))
            window = {.sessionStart = session, .lowTick = tick, .highTick = tick, .trades = {}};
        const std::int64_t low = std::min(window.lowTick, tick);
        const std::int64_t high = std::max(window.highTick, tick);
        if (config.rowTicks && high / *config.rowTicks - low / *config.rowTicks >= VolumeProfile::kRowsMax)
            continue;
        window.lowTick = low;
        window.highTick = high;
        window.trades.push_back(&trade);
    }
    return window;
}

} // namespace

ProfileSnapshot profileOf(const ProfileConfig &config, std::span<const Trade> trades)
{
    checkConfig(config);
    ProfileSnapshot result;
    result.tickSize = config.tickSize;
    const Window window = windowOf(config, trades);
    if (window.trades.empty())
        return result;
    result.sessionStart = window.sessionStart;
    result.trades = static_cast<std::int64_t>(window.trades.size());
    const std::int64_t height = rowTicksOf(config, window.lowTick, window.highTick);
    const std::int64_t first = window.lowTick / height;
    result.ticksPerRow = height;
    for (std::int64_t row = first; row <= window.highTick / height; ++row)
        result.rows.push_back({.lowTick = row * height, .volume = {}, .buy = {}, .sell = {}});
    for (const Trade *trade : window.trades) {
        const std::int64_t index = tickIndex(trade->price, config.tickSize) / height - first;
        ProfileRow &row = result.rows[static_cast<std::size_t>(index)];
        const ExactVolume amount = ExactVolume::from(trade->quantity);
        (trade->aggressor == Side::Buy ? row.buy : row.sell) += amount;
        row.volume += amount;
        result.total += amount;
    }
    result.levels = levelsOf(result, config.valueAreaFraction);
    return result;
}

} // namespace core::analysis
