#include "core/venue/hyperliquid/budgets.h"

#include <algorithm>

#include <fmt/format.h>

namespace core::venue::hyperliquid
{

namespace
{
constexpr Duration kSparedEvery = std::chrono::seconds{10};
}

bool WeightMeter::take(int weight, UtcTime now)
{
    const std::int64_t minute = std::chrono::floor<std::chrono::minutes>(now).time_since_epoch().count();
    if (minute != m_minute) {
        m_minute = minute;
        m_used = 0;
    }
    if (m_used + weight > m_perMinute)
        return false;
    m_used += weight;
    return true;
}

Refusal RequestBudget::take(std::size_t account, std::int64_t count, bool isCancel, Money traded, UtcTime now)
{
    Row &row = m_rows[account];
    const std::int64_t most = cap(traded);
    const std::int64_t limit = isCancel ? std::min(most + 100'000, 2 * most) : most;
    if (row.used + count <= limit - 1) {
        row.used += count;
        return std::nullopt;
    }
    if (!row.lastSpared || now - *row.lastSpared >= kSparedEvery) {
        row.lastSpared = now;
        row.used += count;
        return std::nullopt;
    }
    return fmt::format("Too many cumulative requests sent ({} > {}) for cumulative volume traded ${}. Place taker "
                       "orders to free up 1 request per USDC traded.",
                       row.used, most, traded.text());
}

} // namespace core::venue::hyperliquid
