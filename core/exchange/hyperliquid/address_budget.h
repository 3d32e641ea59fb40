#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "core/base/clock.h"
#include "core/domain/fixed8.h"
#include "core/net/backoff.h"

namespace core::exchange::hyperliquid
{

/// What a request is for, most urgent first. Under pressure History stops first, Flatten never waits for others.
enum class Lane { Flatten, Cancel, Protective, Entry, Read, History };
inline constexpr std::size_t kLanes = 6;

/// The request weight of this machine's address in any 60 s (the venue grants 1200), a quarter of it kept for cancels and
/// flattening. Counts any window of 60 s, not the venue's (which is not known). Pure: monotonic time comes in.
/// One thread. Source: reference/hyperliquid.md section 7.
class WeightBudget
{
public:
    WeightBudget(int perMinute, Duration pauseMin, Duration pauseMax, std::uint64_t seed);

    /// Absent: booked, send it. Else: not before so long.
    [[nodiscard]] std::optional<Duration> take(Lane lane, int weight, Duration now);
    /// What an answer turned out to cost beyond (or, negative, below) what `take` booked for it at `bookedAt`.
    void correct(int weight, Duration bookedAt, Duration now);
    /// 429. Without a stated time a pause that doubles; afterwards half the rate for a minute. Cancels and
    /// flattening go on, one each second.
    void onLimited(std::optional<Duration> retryAfter, Duration now);
    void onSuccess(Duration now);

    [[nodiscard]] int used(Duration now);
    [[nodiscard]] int limit() const { return m_perMinute; }

private:
    void forget(Duration now);

    int m_perMinute;
    std::deque<std::pair<Duration, int>> m_booked;
    int m_sum{0};
    Duration m_pausedUntil{Duration::min()};
    Duration m_halvedUntil{Duration::min()};
    Duration m_urgentAt{Duration::min()};
    net::Backoff m_pause;
};

/// The actions that the account's address may still send: 10 000 + 1 per USDC traded. When they are used up,
/// only exits go, one per 10 s through one door, until the venue's count or a trade frees room; cancels go on up to
/// the larger ceiling of their own. Pure. One thread. Source: reference/hyperliquid.md section 7, "per address".
class AddressBudget
{
public:
    explicit AddressBudget(Duration exitsEvery) : m_exitsEvery(exitsEvery) {}

    /// The venue's own count (userRateLimit).
    void onCount(std::int64_t used, std::int64_t cap);
    void onSent(int actions) { m_used += actions; }
    /// "Too many cumulative requests sent": not charged.
    void onRefused(Lane lane, Duration now);
    /// Each traded USDC frees one action at once.
    void onTraded(Money notional);

    [[nodiscard]] bool exitsOnly() const { return m_exitsOnly; }
    /// Absent: may go now (and the door is shut for `exitsEvery` when only exits go). Else: not before so long;
    /// Duration::max(): not at all for now (an entry).
    [[nodiscard]] std::optional<Duration> take(Lane lane, Duration now);
    [[nodiscard]] std::optional<std::int64_t> left() const;

private:
    [[nodiscard]] bool hasRoomForCancels() const;

    Duration m_exitsEvery;
    std::int64_t m_used{0};
    std::optional<std::int64_t> m_cap;
    bool m_exitsOnly{false};
    bool m_cancelsRefused{false}; ///< whatever the ceiling is thought to be
    Duration m_nextExitAt{Duration::min()};
};

} // namespace core::exchange::hyperliquid
