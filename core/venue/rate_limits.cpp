#include "core/venue/rate_limits.h"

#include <fmt/format.h>

namespace core::venue
{

namespace
{
constexpr std::int64_t kTenSeconds = 10'000;
constexpr std::int64_t kMinute = 60'000;
constexpr int kOverrunsUntilBan = 20;
constexpr Duration kBan{std::chrono::minutes{2}};

[[nodiscard]] std::int64_t indexOf(UtcTime now, std::int64_t length)
{
    return toMilliseconds(now) / length;
}
} // namespace

RateLimits::RateLimits(int weightPerMinute, int ordersPerTenSeconds, int ordersPerMinute,
                       std::size_t accounts)
    : m_weightMax(weightPerMinute), m_ordersTenMax(ordersPerTenSeconds), m_ordersMinuteMax(ordersPerMinute),
      m_ten(accounts), m_minute(accounts)
{
}

std::optional<VenueError> RateLimits::countWeight(int weight, UtcTime now)
{
    const auto banned = [this] {
        return VenueError{
            -1003,
            fmt::format("Way too much request weight used; IP banned until {}. Please use WebSocket "
                        "Streams for live updates to avoid bans.",
                        toMilliseconds(m_bannedUntil)),
            418};
    };
    if (now < m_bannedUntil)
        return banned();
    if (m_weight.index != indexOf(now, kMinute)) {
        m_weight = {indexOf(now, kMinute), 0};
        m_overruns = 0;
    }
    m_weight.used += weight;
    if (m_weight.used <= m_weightMax)
        return std::nullopt;
    if (++m_overruns > kOverrunsUntilBan) {
        m_bannedUntil = now + kBan;
        return banned();
    }
    return VenueError{
        -1003,
        fmt::format("Too many requests; current limit of IP is {} requests per minute. Please use the "
                    "websocket for live updates to avoid polling the API.",
                    m_weightMax),
        429};
}

std::optional<VenueError> RateLimits::countOrder(std::size_t account, UtcTime now)
{
    const auto count = [&](Window &window, std::int64_t length) {
        if (window.index != indexOf(now, length))
            window = {indexOf(now, length), 0};
        return ++window.used;
    };
    const int ten = count(m_ten[account], kTenSeconds);
    const int minute = count(m_minute[account], kMinute);
    if (ten > m_ordersTenMax)
        return VenueError{
            -1015,
            fmt::format("Too many new orders; current limit is {} orders per 10 SECOND.", m_ordersTenMax),
            429};
    if (minute > m_ordersMinuteMax)
        return VenueError{
            -1015,
            fmt::format("Too many new orders; current limit is {} orders per 1 MINUTE.", m_ordersMinuteMax),
            429};
    return std::nullopt;
}

int RateLimits::usedWeight(UtcTime now) const
{
    return m_weight.index == indexOf(now, kMinute) ? m_weight.used : 0;
}

int RateLimits::ordersTenSeconds(std::size_t account, UtcTime now) const
{
    return m_ten[account].index == indexOf(now, kTenSeconds) ? m_ten[account].used : 0;
}

int RateLimits::ordersMinute(std::size_t account, UtcTime now) const
{
    return m_minute[account].index == indexOf(now, kMinute) ? m_minute[account].used : 0;
}

} // namespace core::venue
