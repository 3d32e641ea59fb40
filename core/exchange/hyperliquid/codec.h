#pragma once

#include <memory>
#include <string_view>

#include "core/base/result.h"
#include "core/exchange/hyperliquid/messages.h"

namespace core::exchange::hyperliquid
{

/// Bytes of the socket → values. Pure; one thread; keeps buffers, so that in steady state a book, a bbo,
/// trades and contexts allocate nothing. The fast path is a scanner of the documented frames; whatever
/// deviates (blanks, unknown fields, numbers for texts) is decoded by simdjson with the same result. Fails
/// with ParseFailed or OutOfRange, naming the field ("l2Book.levels[0][3].px: …"); never throws. Source:
/// reference/hyperliquid.md section 6.
class MarketDecoder
{
public:
    MarketDecoder();
    ~MarketDecoder();

    [[nodiscard]] Result<MarketEvent> decode(std::string_view frame, UtcTime receivedAt);
    /// Always the general decoder: the oracle of the tests.
    [[nodiscard]] Result<MarketEvent> decodeGeneral(std::string_view frame, UtcTime receivedAt);
    /// How many frames took the general path since construction.
    [[nodiscard]] std::uint64_t generalFrames() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// The full hour after `time`: when funding is paid next.
[[nodiscard]] UtcTime nextFullHour(UtcTime time);

} // namespace core::exchange::hyperliquid
