#pragma once

#include <memory>
#include <string_view>

#include "core/base/result.h"
#include "core/exchange/binance/messages.h"

namespace core::exchange::binance
{

/// Bytes of the public streams ⇄ values. Pure; one thread; keeps buffers, so that in steady state decoding a frame
/// allocates nothing. The fast path is a scanner that checks the documented schema (`e` first, the rest in any order, a blank
/// only after a comma); whatever deviates (blanks, unknown fields, escapes) is decoded by simdjson with the same result.
/// Fails with ParseFailed or OutOfRange, naming the field ("depthUpdate.b[3]: …"); never throws.
/// Source: reference/binance-usdm.md sections 3.4, 4.3.
class MarketDecoder
{
public:
    MarketDecoder();
    ~MarketDecoder();

    /// One frame, bare or in the combined envelope {"stream":…,"data":…}.
    [[nodiscard]] Result<MarketEvent> decode(std::string_view frame, UtcTime receivedAt);
    /// Always the general decoder: the oracle of the tests.
    [[nodiscard]] Result<MarketEvent> decodeGeneral(std::string_view frame, UtcTime receivedAt);
    /// How many frames took the general path since construction.
    [[nodiscard]] std::uint64_t generalFrames() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// Answer of `GET /fapi/v1/depth`.
[[nodiscard]] Result<DepthSnapshot> parseDepthSnapshot(std::string_view body);

/// One frame of the private stream, bare or enveloped. Dispatches on data.e, never on the stream name (it may be the listen key).
[[nodiscard]] Result<UserEvent> decodeUserEvent(std::string_view frame, UtcTime receivedAt);

} // namespace core::exchange::binance
