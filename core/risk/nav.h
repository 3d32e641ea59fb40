#pragma once

#include <array>
#include <chrono>

#include "core/base/clock.h"
#include "core/risk/wide.h"

namespace core::risk
{

enum class Period { Day, Week, Month };
inline constexpr std::size_t kPeriods = 3;
/// Start of the period that holds `time`; days start `offset` after 00:00 UTC, weeks on Monday, months on the 1st. methods.md 6.12.
[[nodiscard]] UtcTime periodStart(Period period, UtcTime time, Duration offset);

/// NAV of one account, or of all together, as equity would be without flows: methods.md 6.11. Instead of an index it holds, for
/// each reference (period start, peak, best of the day), the equity that it would be had all later flows happened before it; a
/// loss is then 1 − equity ÷ reference and exact as long as nothing flows. Units of 1e-16 of money. A value.
class Nav
{
public:
    /// The periods that `time` lies in; a new one starts at the last equity that was known before.
    void roll(UtcTime time, Duration dayStartsAt);
    /// Equity now. The first one starts every reference, flagged partial.
    void onEquity(Wide equity, UtcTime at);
    /// A flow into (+) or out of (−) the account, of which `before` was the equity. `late`: equity has held it for a while, so a peak
    /// that is not above equity was made with it.
    void onFlow(Wide before, Wide flow, bool late = false);
    /// Takes the tighter of each reference of the same period: the higher start, the higher peak.
    void join(const Nav &other);
    /// A start that lies higher than the one known (a loss that the trade history tells of). REQUIRES: known.
    void raiseStart(Period period, Wide start);
    void setIndex(Ratio nav, Ratio peak);

    [[nodiscard]] bool isKnown() const { return m_known; }
    [[nodiscard]] Wide equity() const { return m_equity; }
    [[nodiscard]] Wide start(Period period) const { return m_start[static_cast<std::size_t>(period)]; }
    [[nodiscard]] bool isPartial(Period period) const { return m_partial[static_cast<std::size_t>(period)]; }
    [[nodiscard]] UtcTime startedAt(Period period) const { return m_at[static_cast<std::size_t>(period)]; }
    [[nodiscard]] Wide peak() const { return m_peak; }
    [[nodiscard]] Wide dayBest() const { return m_dayBest; }
    /// Equity as it was at the best of the day and at the peak, without later flows.
    struct Seen {
        UtcTime at;
        Wide equity{0};
    };
    [[nodiscard]] const Seen &dayBestSeen() const { return m_dayBestSeen; }
    [[nodiscard]] const Seen &peakSeen() const { return m_peakSeen; }
    [[nodiscard]] Ratio index() const;
    [[nodiscard]] Ratio peakIndex() const;

private:
    bool m_known{false};
    bool m_rolled{false};
    Wide m_equity{0};
    std::array<UtcTime, kPeriods> m_at{};
    std::array<Wide, kPeriods> m_start{};
    std::array<bool, kPeriods> m_partial{};
    Wide m_peak{0};
    Wide m_dayBest{0};
    Seen m_dayBestSeen;
    Seen m_peakSeen;
    Wide m_one{0}; ///< equity at which the index is 1
};

/// max(0, 1 − equity ÷ reference), rounded up; 1 and more when nothing is left. Absent: the reference is not positive.
[[nodiscard]] std::optional<Ratio> lossFrom(Wide reference, Wide equity);

} // namespace core::risk
