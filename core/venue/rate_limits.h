#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/clock.h"
#include "core/venue/engine.h"

namespace core::venue
{

/// Counters of the venue's windows: request weight per wall-clock minute, orders per 10 s and per minute and
/// account. Over the limit: 429; whoever goes on asking is banned (418) for two minutes. Source:
/// reference/binance-usdm.md section 7.
class RateLimits
{
public:
    RateLimits(int weightPerMinute, int ordersPerTenSeconds, int ordersPerMinute, std::size_t accounts);

    /// Counts; an error when the request must not be served.
    [[nodiscard]] std::optional<VenueError> countWeight(int weight, UtcTime now);
    [[nodiscard]] std::optional<VenueError> countOrder(std::size_t account, UtcTime now);
    [[nodiscard]] int usedWeight(UtcTime now) const;
    [[nodiscard]] int ordersTenSeconds(std::size_t account, UtcTime now) const;
    [[nodiscard]] int ordersMinute(std::size_t account, UtcTime now) const;

private:
    struct Window {
        std::int64_t index{-1};
        int used{0};
    };
    int m_weightMax;
    int m_ordersTenMax;
    int m_ordersMinuteMax;
    Window m_weight;
    int m_overruns{0};
    UtcTime m_bannedUntil;
    std::vector<Window> m_ten;
    std::vector<Window> m_minute;
};

} // namespace core::venue
