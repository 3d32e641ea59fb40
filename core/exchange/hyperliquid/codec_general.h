#pragma once

#include "core/exchange/hyperliquid/codec_reader.h"

namespace core::exchange::hyperliquid
{

/// Buffers that a decoder's events point into.
struct MarketScratch {
    BookSnapshot book;
    TradeBatch trades;
    CandleBatch candles;
    ContextTable table;
    Mids mids;
};

/// Decodes any frame with simdjson: the reference for what is right and the author of every error text.
class GeneralDecoder
{
public:
    [[nodiscard]] Result<MarketEvent> decode(std::string_view frame, UtcTime receivedAt,
                                             MarketScratch &scratch);

private:
    [[nodiscard]] bool readChannel(std::string &channel);
    template <class Read> [[nodiscard]] bool readData(std::string_view channel, Read &&read);
    [[nodiscard]] Result<MarketEvent> decodeMarket(const std::string &channel, UtcTime receivedAt,
                                                   MarketScratch &scratch);
    [[nodiscard]] Result<MarketEvent> decodeControl(const std::string &channel);

    Reader m_reader;
};

/// Is this text something else than a JSON object? Such frames are greetings, not errors.
[[nodiscard]] bool isNoObject(std::string_view frame);
/// Channels that decodeUserEvent reads.
[[nodiscard]] bool isUserChannel(std::string_view channel);

} // namespace core::exchange::hyperliquid
