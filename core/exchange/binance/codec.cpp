#include "core/exchange/binance/codec.h"

#include <algorithm>

#include "core/exchange/binance/general_decoder.h"
#include "core/exchange/binance/market_events.h"
#include "core/exchange/binance/scanner.h"

namespace core::exchange::binance
{

namespace
{
constexpr std::size_t kFetchedAhead = 512; ///< most events are shorter than this
}

struct MarketDecoder::Impl {
    DepthUpdate depth;
    Symbol symbol; ///< of the last frame: spares building it anew
    GeneralDecoder general;
    std::uint64_t generalFrames{0};

    /// False: the frame is unusual (or wrong), the general decoder has to say.
    [[nodiscard]] bool scan(std::string_view frame, UtcTime receivedAt, MarketEvent &event);
};

// In one piece, so that the place in the frame stays in a register.
[[gnu::flatten]] bool MarketDecoder::Impl::scan(std::string_view frame, UtcTime receivedAt, MarketEvent &event)
{
    // A frame comes from memory that this core has not seen yet: all its lines are on their way while the first is read.
    for (std::size_t at = 0; at < std::min(frame.size(), kFetchedAhead); at += 64)
        __builtin_prefetch(frame.data() + at);
    if (frame.empty() || frame.size() > wire::GeneralReader::kDocumentBytesMax)
        return false;
    Scanner scanner(frame, symbol);
    const bool enveloped = scanner.take(R"({"stream":)");
    if (enveloped) {
        std::string_view stream;
        if (!scanner.text(stream) || !scanner.take(R"(,"data":)"))
            return false;
    }
    std::string_view name;
    if (!scanner.take(R"({"e":)") || !scanner.text(name) || !scanner.take(',') || frame.back() != '}')
        return false;
    const auto decode = [&]<class Schema>() {
        typename Schema::Fields fields;
        fields.seen = 1U << Schema::e;
        fields.value = destination<Schema>(event, depth);
        return scanner.members<Schema>(fields) && (!enveloped || scanner.take('}')) && scanner.atEnd() &&
               settle(fields, receivedAt) == Verdict::Keep;
    };
    return dispatchEvent(name, decode, [] { return false; });
}

MarketDecoder::MarketDecoder() : m_impl(std::make_unique<Impl>()) {}
MarketDecoder::~MarketDecoder() = default;

Result<MarketEvent> MarketDecoder::decode(std::string_view frame, UtcTime receivedAt)
{
    Result<MarketEvent> event;
    if (!m_impl->scan(frame, receivedAt, *event))
        event = decodeGeneral(frame, receivedAt);
    return event;
}

Result<MarketEvent> MarketDecoder::decodeGeneral(std::string_view frame, UtcTime receivedAt)
{
    ++m_impl->generalFrames;
    return m_impl->general.decode(frame, receivedAt, m_impl->depth);
}

std::uint64_t MarketDecoder::generalFrames() const
{
    return m_impl->generalFrames;
}

} // namespace core::exchange::binance
