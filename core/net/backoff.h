#pragma once

#include <cstdint>

#include "core/base/clock.h"

namespace core::net
{

/// A small seeded generator (splitmix64) for jitter. Not for keys.
class Jitter
{
public:
    explicit Jitter(std::uint64_t seed) : m_state(seed) {}
    /// Uniform in [0, span]; 0 for an empty span.
    [[nodiscard]] Duration upTo(Duration span);

private:
    std::uint64_t m_state;
};

/// Waiting times that double from `least` to `most`, each lengthened by up to a quarter so that many clients
/// do not come back in step. Never below `least`, never above `most`. Pure; one thread. REQUIRES: 0 < least ≤
/// most.
class Backoff
{
public:
    Backoff(Duration least, Duration most, std::uint64_t seed);
    /// The time to wait before the next attempt.
    [[nodiscard]] Duration next();
    /// It worked: the next failure starts from `least` again.
    void reset() { m_step = m_least; }

private:
    Duration m_least;
    Duration m_most;
    Duration m_step;
    Jitter m_jitter;
};

} // namespace core::net
