#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/exchange/binance/codec.h"
#include "tests/core/exchange/binance/event_equality.h"

namespace fuzz
{

constexpr core::UtcTime kReceived = core::utcFromMilliseconds(1'700'000'000'123);

[[nodiscard]] inline std::string_view text(const std::uint8_t *data, std::size_t size)
{
    return {reinterpret_cast<const char *>(data), size};
}

/// Aborts: that is how a finding is told to libFuzzer.
inline void require(bool condition)
{
    if (!condition)
        std::abort();
}

/// Both ways must accept with the same value or refuse with the same words. The decoders live as long as the
/// process, so that nothing of one frame leaks into the next unnoticed.
inline void checkMarketFrame(std::string_view frame)
{
    static core::exchange::binance::MarketDecoder fast;
    static core::exchange::binance::MarketDecoder general;
    const auto a = fast.decode(frame, kReceived);
    const auto b = general.decodeGeneral(frame, kReceived);
    require(tests::same(a, b));
    require(a.has_value() || !a.error().detail.empty());
}

} // namespace fuzz
