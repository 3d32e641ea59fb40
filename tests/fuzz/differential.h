#pragma once

#include <string_view>

#include "core/exchange/binance/codec.h"
#include "tests/core/exchange/binance/event_equality.h"
#include "tests/fuzz/check.h"

namespace fuzz
{

/// Both ways must accept with the same value or refuse with the same words. The decoders live as long as the
/// process, so that nothing of one frame leaks into the next unnoticed.
inline void checkMarketFrame(std::string_view frame)
{
    static core::exchange::binance::MarketDecoder fast;
    static core::exchange::binance::MarketDecoder general;
    const auto a = fast.decode(frame, kReceived);
    const auto b = general.decodeGeneral(frame, kReceived);
    require(tests::same(a, b));
    static_cast<void>(accepted(a));
}

} // namespace fuzz
