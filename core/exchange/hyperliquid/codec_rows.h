#pragma once

#include "core/exchange/hyperliquid/codec_reader.h"

/// The public rows that stand on the socket and in answers alike. `false`: the reader's error is set.
namespace core::exchange::hyperliquid
{

/// Reuses the buffers of `out`.
[[nodiscard]] bool readBook(Reader &reader, Reader::At at, BookSnapshot &out);
[[nodiscard]] bool readTrade(Reader &reader, Trade &out);
/// `lastMoment` is the venue's `T`: the last millisecond of the interval.
[[nodiscard]] bool readCandle(Reader &reader, Candle &out, UtcTime &lastMoment);
[[nodiscard]] bool readContext(Reader &reader, AssetContext &out);
/// The current value is an array of contexts.
[[nodiscard]] bool readContexts(Reader &reader, std::vector<AssetContext> &out);
/// An object of coin → price; what no Symbol can hold is left out.
[[nodiscard]] bool readMids(Reader &reader, Reader::At at, std::vector<Mids::Row> &out);

} // namespace core::exchange::hyperliquid
