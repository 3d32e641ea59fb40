#pragma once

#include "core/exchange/wire/general_reader.h"
#include "core/exchange/binance/messages.h"

namespace core::exchange::binance
{

/// Decodes any market frame with simdjson: the reference for what is right and the author of every error
/// text.
class GeneralDecoder
{
public:
    /// `scratch` receives a depth update; the event then points to it.
    [[nodiscard]] Result<MarketEvent> decode(std::string_view frame, UtcTime receivedAt,
                                             DepthUpdate &scratch);

private:
    /// What the outermost object turned out to be.
    struct Shape {
        std::uint32_t seen{0};
        wire::GeneralReader::Kind dataKind{wire::GeneralReader::Kind::Null};
        std::string event;  ///< value of `e`
        std::string notice; ///< value of `event.e`
    };
    [[nodiscard]] bool readShape(Shape &shape);
    template <class Schema>
    [[nodiscard]] bool readEvent(const Shape &shape, std::string_view name, typename Schema::Fields &fields);
    [[nodiscard]] Result<MarketEvent> decodeEvent(const Shape &shape, UtcTime receivedAt,
                                                  DepthUpdate &scratch);
    /// The rows of an all-market frame, root or `data`.
    template <class Visit> [[nodiscard]] bool eachRow(const Shape &shape, Visit &&visit);
    [[nodiscard]] Result<MarketEvent> decodeRows(Shape shape, UtcTime receivedAt);
    [[nodiscard]] Result<MarketEvent> decodeControl();
    [[nodiscard]] Result<MarketEvent> ignoreAll(std::string_view what, const std::string &name);

    wire::GeneralReader m_reader;
};

} // namespace core::exchange::binance
