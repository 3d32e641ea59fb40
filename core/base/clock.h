#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace core
{

/// UTC nanoseconds since 1970. Local time exists only in ui/format.
using UtcTime = std::chrono::sys_time<std::chrono::nanoseconds>;
using Duration = std::chrono::nanoseconds;

/// "Now" is injected: `now` for stamps, `monotonic` for ages and deadlines. Replay and tests drive it by hand.
class Clock
{
public:
    Clock() = default;
    Clock(const Clock &) = delete;
    Clock &operator=(const Clock &) = delete;
    virtual ~Clock() = default;
    [[nodiscard]] virtual UtcTime now() const = 0;
    [[nodiscard]] virtual Duration monotonic() const = 0;
};

/// A clock that moves only when told to. One thread.
class ManualClock final : public Clock
{
public:
    explicit ManualClock(UtcTime start = UtcTime{}) : m_now(start) {}
    [[nodiscard]] UtcTime now() const override { return m_now; }
    [[nodiscard]] Duration monotonic() const override { return m_monotonic; }
    /// Both clocks move forward by `step`.
    void advance(Duration step)
    {
        m_now += step;
        m_monotonic += step;
    }
    /// The wall clock jumps (backwards too); the monotonic one does not move.
    void setWall(UtcTime now) { m_now = now; }

private:
    UtcTime m_now;
    Duration m_monotonic{0};
};

[[nodiscard]] constexpr UtcTime utcFromMilliseconds(std::int64_t milliseconds)
{
    return UtcTime{std::chrono::milliseconds{milliseconds}};
}
[[nodiscard]] constexpr UtcTime utcFromNanoseconds(std::int64_t nanoseconds)
{
    return UtcTime{std::chrono::nanoseconds{nanoseconds}};
}
[[nodiscard]] constexpr std::int64_t toMilliseconds(UtcTime time)
{
    return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}
[[nodiscard]] constexpr std::int64_t toNanoseconds(UtcTime time)
{
    return time.time_since_epoch().count();
}

/// "2026-11-22T18:41:05.123Z": ISO 8601, UTC, milliseconds (floored). Years 1678 to 2261.
[[nodiscard]] std::string isoMilliseconds(UtcTime time);
/// Reads what `isoMilliseconds` writes; 0 to 9 fraction digits; the zone must be Z.
[[nodiscard]] Result<UtcTime> parseIso8601(std::string_view text);

} // namespace core
