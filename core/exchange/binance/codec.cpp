#include "core/exchange/binance/codec.h"

#include "core/exchange/binance/general_decoder.h"
#include "core/exchange/binance/market_events.h"
#include "core/exchange/binance/scanner.h"

namespace core::exchange::binance
{

struct MarketDecoder::Impl {
    DepthUpdate depth;
    GeneralDecoder general;
    std::uint64_t generalFrames{0};

    /// nullopt: the frame is unusual (or wrong), the general decoder has to say.
    [[nodiscard]] std::optional<Result<MarketEvent>> scan(std::string_view frame, UtcTime receivedAt);
};

std::optional<Result<MarketEvent>> MarketDecoder::Impl::scan(std::string_view frame, UtcTime receivedAt)
{
    using Scanned = std::optional<Result<MarketEvent>>;
    if (frame.empty() || frame.back() != '}' || frame.size() > GeneralReader::kDocumentBytesMax)
        return std::nullopt;
    Scanner scanner(frame);
    const bool enveloped = scanner.take(R"({"stream":)");
    if (enveloped) {
        std::string_view stream;
        if (!scanner.text(stream) || !scanner.take(R"(,"data":)"))
            return std::nullopt;
    }
    std::string_view name;
    if (!scanner.take(R"({"e":)") || !scanner.text(name) || !scanner.take(','))
        return std::nullopt;
    const auto decode = [&]<class Schema>() -> Scanned {
        typename Schema::Fields fields;
        fields.seen = 1U << Schema::e;
        if constexpr (std::is_same_v<Schema, schema::DepthSchema>)
            fields.update = &depth;
        if (!scanner.members<Schema>(fields) || (enveloped && !scanner.take('}')) || !scanner.atEnd())
            return std::nullopt;
        auto event = toEvent(fields, Schema::event, receivedAt);
        if (!event)
            return std::nullopt;
        return event;
    };
    return dispatchEvent(name, decode, []() -> Scanned { return std::nullopt; });
}

MarketDecoder::MarketDecoder() : m_impl(std::make_unique<Impl>()) {}
MarketDecoder::~MarketDecoder() = default;
MarketDecoder::MarketDecoder(MarketDecoder &&) noexcept = default;
MarketDecoder &MarketDecoder::operator=(MarketDecoder &&) noexcept = default;

Result<MarketEvent> MarketDecoder::decode(std::string_view frame, UtcTime receivedAt)
{
    if (auto event = m_impl->scan(frame, receivedAt))
        return *std::move(event);
    return decodeGeneral(frame, receivedAt);
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
