#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "core/analysis/exact_volume.h"
#include "core/domain/market_data.h"

namespace core::analysis
{

/// One row: the ticks lowTick … lowTick + ticksPerRow − 1. volume = buy + sell (by aggressor), exactly.
struct ProfileRow {
    std::int64_t lowTick{0};
    ExactVolume volume;
    ExactVolume buy;
    ExactVolume sell;
    [[nodiscard]] ExactVolume delta() const { return buy - sell; }
    friend bool operator==(const ProfileRow &, const ProfileRow &) = default;
};

/// Point of control and value area. The POC price is the middle of its row (floored to 1e-8), VAH the top
/// tick of the highest row inside, VAL the bottom tick of the lowest. Row numbers index
/// ProfileSnapshot::rows.
struct ProfileLevels {
    Price poc;
    Price vah;
    Price val;
    std::size_t pocRow{0};
    std::size_t vahRow{0};
    std::size_t valRow{0};
    ExactVolume valueAreaVolume;
    friend bool operator==(const ProfileLevels &, const ProfileLevels &) = default;
};

/// A profile as it stood at one instant. Rows are contiguous, lowest price first, empty ones included; they
/// sum to `total`, which is the sum of the counted trade quantities, exactly.
struct ProfileSnapshot {
    Price tickSize;
    std::int64_t ticksPerRow{1};
    UtcTime sessionStart; ///< without sessions: time of the first trade
    std::int64_t trades{0};
    ExactVolume total;
    std::vector<ProfileRow> rows;
    std::optional<ProfileLevels> levels; ///< absent before the first trade
    friend bool operator==(const ProfileSnapshot &, const ProfileSnapshot &) = default;
};

struct ProfileConfig {
    Price tickSize;                       ///< > 0
    std::int64_t levels{200};             ///< rows aimed at; the row height follows from the range
    std::optional<std::int64_t> rowTicks; ///< fixed row height instead
    Ratio valueAreaFraction{Ratio::fromRaw(70'000'000)};
    std::optional<Duration> session{std::chrono::hours{24}}; ///< aligned to 00:00 UTC; absent: never reset
};

/// Traded volume by price, growing with each print; O(log ticks) per print, O(rows) when the range grows or a
/// snapshot is taken. Only TradeKind::Market counts. Rows lie on the absolute tick grid (row k covers ticks
/// k·g … (k+1)·g − 1); when the range outgrows them they are rebuilt from volumes kept per tick, so nothing
/// is lost. One thread. Repeated prints must have been removed before. Source: methods.md 4.1–4.5.
class VolumeProfile
{
public:
    /// What was not counted, and why.
    struct Counters {
        std::int64_t late{0};       ///< of a session that is over
        std::int64_t otherKinds{0}; ///< TradeKind other than Market
        std::int64_t refused{0}; ///< price or quantity not above 0; too many ticks (2^31) or rows (kRowsMax)
        friend bool operator==(const Counters &, const Counters &) = default;
    };
    static constexpr std::int64_t kRowsMax = 65'536;

    /// REQUIRES: tickSize > 0, 0 < levels ≤ kRowsMax, rowTicks > 0 when given.
    explicit VolumeProfile(const ProfileConfig &config);

    /// True when the print was counted. The first print of a new session empties the profile first.
    bool update(const Trade &trade);
    void reset();

    /// Developing point of control, O(1).
    [[nodiscard]] std::optional<Price> poc() const;
    [[nodiscard]] ExactVolume total() const { return m_total; }
    [[nodiscard]] ProfileSnapshot snapshot() const;
    [[nodiscard]] const Counters &counters() const { return m_counters; }

private:
    struct Cell {
        ExactVolume buy;
        ExactVolume sell;
        [[nodiscard]] ExactVolume volume() const { return buy + sell; }
        void add(const Cell &other)
        {
            buy += other.buy;
            sell += other.sell;
        }
    };
    static constexpr std::int64_t kPageTicks = 64;
    using Page = std::array<Cell, kPageTicks>;

    [[nodiscard]] bool fitsRows(std::int64_t tick) const;
    [[nodiscard]] bool growTo(std::int64_t tick);
    void rebuildRows();
    void scanForPoc();
    void touched(std::int64_t row);
    [[nodiscard]] std::int64_t firstRow() const { return m_lowTick / m_ticksPerRow; }
    [[nodiscard]] Cell &rowAt(std::int64_t row) { return m_rows[static_cast<std::size_t>(row - firstRow())]; }

    ProfileConfig m_config;
    std::map<std::int64_t, Page> m_pages; ///< per tick, by tick ÷ kPageTicks
    std::vector<Cell> m_rows;             ///< from the row of m_lowTick to the row of m_highTick
    std::int64_t m_lowTick{0};
    std::int64_t m_highTick{0};
    std::int64_t m_ticksPerRow{1};
    std::int64_t m_pocRow{0}; ///< absolute row number
    ExactVolume m_largest;
    ExactVolume m_total;
    std::int64_t m_trades{0};
    std::optional<UtcTime> m_sessionStart;
    Counters m_counters;
};

/// The same over a window of prints at once: of the newest session among them, or of all without sessions.
[[nodiscard]] ProfileSnapshot profileOf(const ProfileConfig &config, std::span<const Trade> trades);

/// i = round(price ÷ tick). REQUIRES: price ≥ 0, tick > 0.
[[nodiscard]] std::int64_t tickIndex(Price price, Price tick);
/// Row height in ticks: max(1, ⌈(high − low + 1) ÷ levels⌉). REQUIRES: low ≤ high, levels > 0.
[[nodiscard]] std::int64_t rowTicksFor(std::int64_t lowTick, std::int64_t highTick, std::int64_t levels);
/// Middle of the ticks of a row, floored to 1e-8; the largest price when it lies beyond the range.
[[nodiscard]] Price rowMiddle(std::int64_t row, std::int64_t ticksPerRow, Price tick);

} // namespace core::analysis
