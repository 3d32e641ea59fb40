#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/venue/hyperliquid/desk_records.h"

namespace core::venue::hyperliquid
{

/// REST weight of one address on the internet: 1200 in each minute, everybody on loopback together. Source:
/// reference/hyperliquid.md section 7.
class WeightMeter
{
public:
    explicit WeightMeter(int perMinute) : m_perMinute(perMinute) {}
    /// False: 429.
    [[nodiscard]] bool take(int weight, UtcTime now);
    /// What an answer cost on top, known only once it is written.
    void add(int weight) { m_used += weight; }
    [[nodiscard]] int used() const { return m_used; }

private:
    int m_perMinute;
    std::int64_t m_minute{-1};
    int m_used{0};
};

/// What an account may still send: a start value and one request for each dollar traded; cancels have more.
/// Exhausted: one action each ten seconds, and refusals cost nothing.
class RequestBudget
{
public:
    RequestBudget(std::int64_t start, std::size_t accounts) : m_start(start), m_rows(accounts) {}
    [[nodiscard]] Refusal take(std::size_t account, std::int64_t count, bool isCancel, Money traded, UtcTime now);
    void charge(std::size_t account, std::int64_t count) { m_rows[account].used += count; }
    [[nodiscard]] std::int64_t used(std::size_t account) const { return m_rows[account].used; }
    [[nodiscard]] std::int64_t cap(Money traded) const { return m_start + traded.raw() / kDecimalOne; }

private:
    struct Row {
        std::int64_t used{0};
        std::optional<UtcTime> lastSpared;
    };
    std::int64_t m_start;
    std::vector<Row> m_rows;
};

} // namespace core::venue::hyperliquid
