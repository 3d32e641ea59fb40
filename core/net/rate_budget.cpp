#include "core/net/rate_budget.h"

#include <algorithm>

namespace core::net
{
namespace
{
using namespace std::chrono_literals;

constexpr Duration kForbiddenPause = 5min;
constexpr Duration kBanWithoutTime = 5min;
constexpr Duration kProbeEvery = 30s;
// Whoever waits asks again when the probe may have been answered, not when the next one would go out.
constexpr Duration kProbeAnswer = 500ms;

/// Per cent of a window that a lane may fill.
int weightShare(Lane lane)
{
    switch (lane) {
    case Lane::History:
        return 60;
    case Lane::Normal:
        return 80;
    case Lane::Protective:
        break;
    }
    return 100;
}

int orderShare(Lane lane)
{
    return lane == Lane::Protective ? 100 : 80;
}

bool fits(int used, int cost, int limit, int sharePercent)
{
    return cost == 0 ||
           static_cast<std::int64_t>(used + cost) * 100 <= static_cast<std::int64_t>(limit) * sharePercent;
}

RateBudget::Refusal refusal(UtcTime retryAt, std::string why)
{
    return {retryAt,
            Error{ErrorCode::RateLimited, std::move(why) + ", not before " + isoMilliseconds(retryAt)}};
}

} // namespace

void RateBudget::Window::roll(UtcTime now)
{
    // Aligned to the venue's clock. A slightly older time counts into the running window; one that is far
    // back means that the clock was corrected.
    const UtcTime begin{now.time_since_epoch() / length * length};
    if (begin > start || begin + length < start) {
        start = begin;
        used = 0;
    }
}

RateBudget::RateBudget(BudgetLimits limits, std::uint64_t seed) : m_limits(limits), m_jitter(seed) {}

void RateBudget::roll(UtcTime now)
{
    m_weight.roll(now);
    m_orders10Seconds.roll(now);
    m_ordersMinute.roll(now);
    m_funding.roll(now);
}

std::optional<RateBudget::Refusal> RateBudget::take(Lane lane, RequestCost cost, UtcTime now)
{
    roll(now);
    if (now < m_stoppedUntil)
        return refusal(m_stoppedUntil, "the venue has shut this address out");
    if (m_probeNeeded)
        return refusal(now + kProbeAnswer, "waiting for the probe after a ban");
    if (now < m_weightPausedUntil)
        return refusal(m_weightPausedUntil, "request limit reached");
    if (cost.orders > 0 && now < m_ordersPausedUntil)
        return refusal(m_ordersPausedUntil, "order limit reached");
    if (cost.funding > 0 && now < m_fundingPausedUntil)
        return refusal(m_fundingPausedUntil, "limit of the funding history reached");
    if (!fits(m_funding.used, cost.funding, m_limits.fundingPer5Minutes, 95))
        return refusal(m_funding.end(), "the funding history of these 5 minutes is used up");
    if (!fits(m_weight.used, cost.weight, m_limits.weightPerMinute, weightShare(lane)))
        return refusal(m_weight.end(), "request weight of this minute is reserved");
    if (!fits(m_orders10Seconds.used, cost.orders, m_limits.ordersPer10Seconds, orderShare(lane)))
        return refusal(m_orders10Seconds.end(), "orders of these 10 s are reserved");
    if (!fits(m_ordersMinute.used, cost.orders, m_limits.ordersPerMinute, orderShare(lane)))
        return refusal(m_ordersMinute.end(), "orders of this minute are reserved");
    // From 95 % on only what reduces risk is let through, also when it costs no weight (section 7.3).
    if (lane != Lane::Protective && !fits(m_weight.used, 1, m_limits.weightPerMinute, 95))
        return refusal(m_weight.end(), "request weight of this minute is nearly used up");
    m_weight.used += cost.weight;
    m_orders10Seconds.used += cost.orders;
    m_ordersMinute.used += cost.orders;
    m_funding.used += cost.funding;
    return std::nullopt;
}

void RateBudget::onHeaders(std::optional<int> weight, std::optional<int> orders10Seconds,
                           std::optional<int> ordersMinute, UtcTime sentAt, UtcTime now)
{
    roll(now);
    const auto raise = [&](Window &window, std::optional<int> value) {
        if (value && sentAt >= window.start)
            window.used = std::max(window.used, *value);
    };
    raise(m_weight, weight);
    raise(m_orders10Seconds, orders10Seconds);
    raise(m_ordersMinute, ordersMinute);
}

void RateBudget::onLimited(Pool pool, std::optional<Duration> retryAfter, UtcTime now)
{
    roll(now);
    UtcTime &paused = pool == Pool::Weight   ? m_weightPausedUntil
                      : pool == Pool::Orders ? m_ordersPausedUntil
                                             : m_fundingPausedUntil;
    // Several answers to requests that were on their way together are one warning, not a repetition.
    if (now >= paused)
        ++m_limitedInARow;
    const Window &window = pool == Pool::Weight   ? m_weight
                           : pool == Pool::Orders ? m_orders10Seconds
                                                  : m_funding;
    UtcTime until = window.end() + m_jitter.upTo(2s);
    for (int repeat = 1; repeat < std::min(m_limitedInARow, 6); ++repeat)
        until += window.length * (1 << (repeat - 1));
    if (retryAfter)
        until = now + std::max(*retryAfter, Duration{1s});
    paused = std::max(paused, until);
}

void RateBudget::onBanned(std::optional<UtcTime> until, UtcTime now)
{
    m_stoppedUntil = std::max(m_stoppedUntil, until ? *until + 1s : now + kBanWithoutTime);
    m_probeNeeded = true;
    m_probeAgainAt = m_stoppedUntil;
}

void RateBudget::onForbidden(UtcTime now)
{
    onBanned(now + kForbiddenPause, now);
}

std::optional<RateBudget::Refusal> RateBudget::takeProbe(UtcTime now)
{
    roll(now);
    const UtcTime earliest = std::max(m_stoppedUntil, m_probeAgainAt);
    if (now < earliest)
        return refusal(earliest, "the venue has shut this address out");
    m_probeAgainAt = now + kProbeEvery;
    m_weight.used += 1;
    return std::nullopt;
}

void RateBudget::onSuccess(UtcTime now)
{
    if (now >= m_weightPausedUntil && now >= m_ordersPausedUntil)
        m_limitedInARow = 0;
    if (now >= m_stoppedUntil)
        m_probeNeeded = false;
}

int RateBudget::weightUsed(UtcTime now) const
{
    Window window = m_weight;
    window.roll(now);
    return window.used;
}

} // namespace core::net
