#pragma once

#include <cstdint>

#include "core/base/clock.h"
#include "core/venue/scenario_random.h"

namespace core::runtime::drill
{

/// Seeded choices of a drill. Only +, −, × on doubles: the same numbers with every compiler and library.
class Dice
{
public:
    Dice(std::uint64_t seed, std::uint64_t stream) : m_random(seed * 0x9E3779B97F4A7C15ULL + stream) {}

    /// least ≤ x ≤ most.
    [[nodiscard]] std::int64_t between(std::int64_t least, std::int64_t most)
    {
        return least + static_cast<std::int64_t>(m_random.below(static_cast<std::uint64_t>(most - least) + 1));
    }
    [[nodiscard]] std::size_t index(std::size_t count) { return static_cast<std::size_t>(m_random.below(count)); }
    [[nodiscard]] Duration between(Duration least, Duration most)
    {
        return Duration{between(least.count(), most.count())};
    }
    /// True in so many of 10,000 throws.
    [[nodiscard]] bool hits(int perTenThousand) { return between(1, 10'000) <= perTenThousand; }
    [[nodiscard]] double real(double least, double most) { return least + (most - least) * m_random.uniform(); }
    /// Mean 0, deviation 1, never beyond ±3.5: the sum of four uniform numbers.
    [[nodiscard]] double bell()
    {
        const double sum = m_random.uniform() + m_random.uniform() + m_random.uniform() + m_random.uniform();
        return (sum - 2.0) * 1.7320508075688772;
    }

private:
    venue::ScenarioRandom m_random;
};

} // namespace core::runtime::drill
