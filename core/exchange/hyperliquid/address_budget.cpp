#include "core/exchange/hyperliquid/address_budget.h"

#include <algorithm>

namespace core::exchange::hyperliquid
{
namespace
{
using namespace std::chrono_literals;

constexpr Duration kWindow = 60s;
constexpr Duration kUrgentEvery = 1s;
/// Some room is left when the venue's count is near its end: the refusal was seen at cap − 1.
constexpr std::int64_t kRoomToLeave = 5;
constexpr std::int64_t kMoreForCancels = 100'000;

constexpr int sharePercent(Lane lane)
{
    switch (lane) {
    case Lane::Flatten:
    case Lane::Cancel:
        return 100;
    case Lane::Protective:
        return 85;
    case Lane::Entry:
    case Lane::Read:
        return 75;
    case Lane::History:
        return 50;
    }
    return 50;
}

constexpr bool isUrgent(Lane lane)
{
    return lane == Lane::Flatten || lane == Lane::Cancel;
}

} // namespace

WeightBudget::WeightBudget(int perMinute, Duration pauseMin, Duration pauseMax, std::uint64_t seed)
    : m_perMinute(perMinute), m_pause(pauseMin, pauseMax, seed)
{
}

void WeightBudget::forget(Duration now)
{
    while (!m_booked.empty() && now - m_booked.front().first >= kWindow) {
        m_sum -= m_booked.front().second;
        m_booked.pop_front();
    }
}

std::optional<Duration> WeightBudget::take(Lane lane, int weight, Duration now)
{
    forget(now);
    if (now < m_pausedUntil) {
        if (!isUrgent(lane))
            return m_pausedUntil - now;
        if (now < m_urgentAt)
            return m_urgentAt - now;
        m_urgentAt = now + kUrgentEvery;
    }
    int allowed = m_perMinute / 100 * sharePercent(lane);
    if (!isUrgent(lane) && now < m_halvedUntil)
        allowed /= 2;
    if (m_sum + weight > allowed) {
        // Until so much of the oldest has left the window that it fits; what is larger than all waits for all.
        int left = m_sum;
        for (const auto &[at, booked] : m_booked) {
            left -= booked;
            if (left + weight <= allowed || left <= 0)
                return std::max<Duration>(at + kWindow - now, 1ms);
        }
        if (m_sum > 0)
            return kWindow;
    }
    m_booked.emplace_back(now, weight);
    m_sum += weight;
    return std::nullopt;
}

void WeightBudget::correct(int weight, Duration bookedAt, Duration now)
{
    forget(now);
    // In the booking itself: a correction that leaves the window later than what it corrects lets too much go first
    // and holds back exits afterwards.
    for (auto &[at, booked] : m_booked) {
        if (at != bookedAt || weight == 0)
            continue;
        const int change = std::max(weight, -booked);
        booked += change;
        m_sum += change;
        weight -= change;
    }
}

void WeightBudget::onLimited(std::optional<Duration> retryAfter, Duration now)
{
    // Several answers to what was on its way together are one warning, not a repetition.
    if (now < m_pausedUntil && !retryAfter)
        return;
    const Duration pause = retryAfter ? std::max<Duration>(*retryAfter, 1s) : m_pause.next();
    m_pausedUntil = std::max(m_pausedUntil, now + pause);
    m_halvedUntil = m_pausedUntil + kWindow;
}

void WeightBudget::onSuccess(Duration now)
{
    if (now >= m_halvedUntil)
        m_pause.reset();
}

int WeightBudget::used(Duration now)
{
    forget(now);
    return m_sum;
}

void AddressBudget::onCount(std::int64_t used, std::int64_t cap)
{
    m_used = used;
    m_cap = cap;
    m_exitsOnly = cap - used <= kRoomToLeave;
    m_cancelsRefused = m_cancelsRefused && m_exitsOnly;
}

void AddressBudget::onRefused(Lane lane, Duration now)
{
    m_exitsOnly = true;
    m_cancelsRefused = m_cancelsRefused || lane == Lane::Cancel;
    m_nextExitAt = std::max(m_nextExitAt, now + m_exitsEvery);
}

void AddressBudget::onTraded(Money notional)
{
    if (m_cap && notional.isPositive())
        *m_cap += notional.raw() / kDecimalOne;
    if (m_cap && *m_cap - m_used > kRoomToLeave)
        m_exitsOnly = m_cancelsRefused = false;
}

bool AddressBudget::hasRoomForCancels() const
{
    return m_cap && !m_cancelsRefused &&
           m_used + kRoomToLeave < std::min(*m_cap + kMoreForCancels, 2 * *m_cap);
}

std::optional<Duration> AddressBudget::take(Lane lane, Duration now)
{
    if (!m_exitsOnly && m_cap && *m_cap - m_used <= kRoomToLeave && lane == Lane::Entry)
        m_exitsOnly = true;
    if (!m_exitsOnly)
        return std::nullopt;
    if (lane == Lane::Entry)
        return Duration::max();
    if (lane == Lane::Cancel && hasRoomForCancels())
        return std::nullopt;
    if (now < m_nextExitAt)
        return m_nextExitAt - now;
    m_nextExitAt = now + m_exitsEvery;
    return std::nullopt;
}

std::optional<std::int64_t> AddressBudget::left() const
{
    if (!m_cap)
        return std::nullopt;
    return std::max<std::int64_t>(*m_cap - m_used, 0);
}

} // namespace core::exchange::hyperliquid
