#include "core/exchange/hyperliquid/nonce.h"

#include <algorithm>

namespace core::exchange::hyperliquid
{

std::uint64_t NonceSource::next(std::int64_t nowMs)
{
    const auto now = static_cast<std::uint64_t>(std::max<std::int64_t>(nowMs, 0));
    std::uint64_t last = m_last.load(std::memory_order_relaxed);
    std::uint64_t nonce = 0;
    do {
        nonce = std::max(last + 1, now);
    } while (!m_last.compare_exchange_weak(last, nonce, std::memory_order_relaxed));
    return nonce;
}

} // namespace core::exchange::hyperliquid
