#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

namespace core::venue
{

/// Seeded numbers that are the same on every run (std:: distributions may differ between libraries). One
/// thread. Source: xoshiro256** by Blackman and Vigna, seeded by splitmix64.
class ScenarioRandom
{
public:
    explicit ScenarioRandom(std::uint64_t seed)
    {
        for (std::uint64_t &word : m_state) {
            seed += 0x9E3779B97F4A7C15ULL;
            std::uint64_t z = seed;
            z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
            z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
            word = z ^ (z >> 31U);
        }
    }

    [[nodiscard]] std::uint64_t next()
    {
        const std::uint64_t result = rotated(m_state[1] * 5, 7) * 9;
        const std::uint64_t shifted = m_state[1] << 17U;
        m_state[2] ^= m_state[0];
        m_state[3] ^= m_state[1];
        m_state[1] ^= m_state[2];
        m_state[0] ^= m_state[3];
        m_state[2] ^= shifted;
        m_state[3] = rotated(m_state[3], 45);
        return result;
    }
    /// 0 ≤ x < bound; the bias is below 2^-50 for the bounds used.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return next() % bound; }
    /// 0 < x ≤ 1.
    [[nodiscard]] double uniform() { return (static_cast<double>(next() >> 11U) + 1.0) * 0x1.0p-53; }
    [[nodiscard]] double exponential(double mean) { return -mean * std::log(uniform()); }
    [[nodiscard]] double pareto(double shape) { return std::pow(uniform(), -1.0 / shape); }
    [[nodiscard]] double normal()
    {
        const double radius = std::sqrt(-2.0 * std::log(uniform()));
        return radius * std::cos(2.0 * std::numbers::pi * uniform());
    }
    /// For small means.
    [[nodiscard]] int poisson(double mean)
    {
        const double limit = std::exp(-mean);
        double product = uniform();
        int count = 0;
        while (product > limit) {
            ++count;
            product *= uniform();
        }
        return count;
    }

private:
    [[nodiscard]] static std::uint64_t rotated(std::uint64_t value, unsigned by)
    {
        return (value << by) | (value >> (64U - by));
    }
    std::uint64_t m_state[4]{};
};

} // namespace core::venue
