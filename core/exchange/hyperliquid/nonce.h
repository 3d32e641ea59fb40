#pragma once

#include <atomic>
#include <cstdint>

namespace core::exchange::hyperliquid
{

/// Nonces of one signing key: max(last + 1, now), so strictly increasing and unique, near the venue's time in ms. Any
/// number of threads. `lastUsed` comes from whoever persists it, so that a restart within the same millisecond repeats
/// nothing; `now` is the venue's time as the caller knows it. One key belongs to one process.
class NonceSource
{
public:
    explicit NonceSource(std::uint64_t lastUsed = 0) : m_last(lastUsed) {}

    [[nodiscard]] std::uint64_t next(std::int64_t nowMs);
    /// The newest one handed out (or the one from the constructor).
    [[nodiscard]] std::uint64_t lastUsed() const { return m_last.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> m_last;
};

} // namespace core::exchange::hyperliquid
