#include "core/risk/nav.h"

namespace core::risk
{

namespace
{
/// Stands for "all of it is lost": a deposit after a total loss must not look like a recovery.
constexpr Wide kLostAll = kWideMax;
} // namespace

UtcTime periodStart(Period period, UtcTime time, Duration offset)
{
    using namespace std::chrono;
    const auto day = floor<days>(time - offset);
    switch (period) {
    case Period::Day:
        return UtcTime{day} + offset;
    case Period::Week:
        return UtcTime{day - (weekday{day} - Monday)} + offset;
    case Period::Month:
        break;
    }
    const year_month_day date{day};
    return UtcTime{sys_days{date.year() / date.month() / 1}} + offset;
}

void Nav::roll(UtcTime time, Duration dayStartsAt)
{
    // One comparison in the steady state: within a day that is known.
    if (m_rolled && time >= m_at[0] && time - m_at[0] < std::chrono::days{1} &&
        (m_at[0] - dayStartsAt).time_since_epoch() % std::chrono::days{1} == Duration{0})
        return;
    for (std::size_t i = 0; i < kPeriods; ++i) {
        const UtcTime at = periodStart(static_cast<Period>(i), time, dayStartsAt);
        if (m_rolled && at == m_at[i])
            continue;
        m_at[i] = at;
        m_partial[i] = !m_known;
        m_start[i] = m_equity;
        if (i == 0) {
            m_dayBest = m_equity;
            m_dayBestSeen = {at, m_equity};
        }
    }
    m_rolled = true;
}

void Nav::onEquity(Wide equity, UtcTime at)
{
    if (!m_known) {
        m_known = true;
        m_start.fill(equity);
        m_peak = m_dayBest = m_one = equity;
        m_peakSeen = m_dayBestSeen = {at, equity};
    }
    m_equity = equity;
    if (equity > m_peak) {
        m_peak = equity;
        m_peakSeen = {at, equity};
    }
    if (equity > m_dayBest) {
        m_dayBest = equity;
        m_dayBestSeen = {at, equity};
    }
}

void Nav::onFlow(Wide before, Wide flow, bool late)
{
    if (!m_known)
        return;
    const Wide after = before + flow;
    const Wide peak = m_peak;
    const Wide dayBest = m_dayBest;
    if (before > 0 && after > 0) {
        for (Wide *reference : {&m_start[0], &m_start[1], &m_start[2], &m_peak, &m_dayBest, &m_one}) {
            if (*reference < kLostAll)
                *reference = std::min(mulDivWide(*reference, after, before, Rounding::Ceil), kLostAll);
        }
    } else {
        // Everything was lost, or everything is taken out: a new account begins, whose periods remember the loss.
        for (Wide &start : m_start)
            start = before > 0 ? after : (start > 0 ? kLostAll : after);
        m_peak = m_dayBest = m_one = after;
    }
    if (!late) {
        m_equity += flow;
        return;
    }
    if (flow > 0 && peak <= m_equity)
        m_peak = peak;
    if (flow > 0 && dayBest <= m_equity)
        m_dayBest = dayBest;
}

void Nav::join(const Nav &other)
{
    if (!other.m_known)
        return;
    if (!m_known) {
        *this = other;
        return;
    }
    for (std::size_t i = 0; i < kPeriods; ++i) {
        if (m_at[i] != other.m_at[i])
            continue;
        m_start[i] = std::max(m_start[i], other.m_start[i]);
        m_partial[i] = m_partial[i] && other.m_partial[i];
    }
    if (m_at[0] == other.m_at[0])
        m_dayBest = std::max(m_dayBest, other.m_dayBest);
    m_peak = std::max(m_peak, other.m_peak);
    m_one = other.m_one;
}

void Nav::raiseStart(Period period, Wide start)
{
    const auto i = static_cast<std::size_t>(period);
    m_start[i] = std::max(m_start[i], start);
    if (period == Period::Day)
        m_dayBest = std::max(m_dayBest, start);
    m_peak = std::max(m_peak, start);
}

void Nav::setIndex(Ratio nav, Ratio peak)
{
    if (!m_known || !nav.isPositive() || m_equity <= 0)
        return;
    m_one = mulDivWide(m_equity, kWideOne, nav.raw(), Rounding::Ceil);
    m_peak = std::max(m_peak, mulDivWide(m_equity, peak.raw(), nav.raw(), Rounding::Ceil));
}

Ratio Nav::index() const
{
    return m_one > 0 ? ratioOfWide(m_equity, m_one, Rounding::Floor) : Ratio{};
}

Ratio Nav::peakIndex() const
{
    return m_one > 0 ? ratioOfWide(m_peak, m_one, Rounding::Ceil) : Ratio{};
}

std::optional<Ratio> lossFrom(Wide reference, Wide equity)
{
    if (reference <= 0)
        return std::nullopt;
    const Ratio left = ratioOfWide(equity, reference, Rounding::Floor);
    if (left.raw() >= kDecimalOne)
        return Ratio{};
    return Ratio::fromRaw(saturated(kWideOne - left.raw()));
}

} // namespace core::risk
