#include "core/exchange/hyperliquid/codec.h"

#include "core/exchange/hyperliquid/codec_general.h"
#include "core/exchange/hyperliquid/scanner.h"

namespace core::exchange::hyperliquid
{

struct MarketDecoder::Impl {
    MarketScratch scratch;
    Symbol symbol; ///< of the last frame: spares building it anew
    GeneralDecoder general;
    std::uint64_t generalFrames{0};
};

MarketDecoder::MarketDecoder() : m_impl(std::make_unique<Impl>()) {}
MarketDecoder::~MarketDecoder() = default;

Result<MarketEvent> MarketDecoder::decode(std::string_view frame, UtcTime receivedAt)
{
    Result<MarketEvent> event;
    const bool plausible =
        !frame.empty() && frame.back() == '}' && frame.size() <= wire::GeneralReader::kDocumentBytesMax;
    if (!plausible || !Scanner(frame, m_impl->symbol).frame(receivedAt, m_impl->scratch, *event))
        event = decodeGeneral(frame, receivedAt);
    return event;
}

Result<MarketEvent> MarketDecoder::decodeGeneral(std::string_view frame, UtcTime receivedAt)
{
    ++m_impl->generalFrames;
    return m_impl->general.decode(frame, receivedAt, m_impl->scratch);
}

std::uint64_t MarketDecoder::generalFrames() const
{
    return m_impl->generalFrames;
}

} // namespace core::exchange::hyperliquid
