#pragma once

#include "core/exchange/hyperliquid/codec_reader.h"
#include "core/exchange/hyperliquid/messages_account.h"

/// The private rows that stand on the socket and in answers alike. `false`: the reader's error is set.
namespace core::exchange::hyperliquid
{

/// A row of openOrders or frontendOpenOrders, and the `order` of the two below. Status New or
/// PartiallyFilled.
[[nodiscard]] bool readOrder(Reader &reader, OrderRow &out, UtcTime receivedAt, int depth = 0);
/// {"order":…,"status":…,"statusTimestamp":…}.
[[nodiscard]] bool readOrderWithStatus(Reader &reader, OrderRow &out, UtcTime receivedAt);
[[nodiscard]] bool readFill(Reader &reader, FillRow &out, UtcTime receivedAt);
/// Flat, as on the stream, or inside {"time","hash","delta"}.
[[nodiscard]] bool readFlatFunding(Reader &reader, FundingRow &out);
[[nodiscard]] bool readFunding(Reader &reader, FundingRow &out);
[[nodiscard]] bool readLedger(Reader &reader, LedgerRow &out, std::string_view account);

[[nodiscard]] bool readPerpAccount(Reader &reader, Reader::At at, PerpAccount &out, UtcTime receivedAt);
[[nodiscard]] bool readSpotAccount(Reader &reader, Reader::At at, SpotAccount &out);
[[nodiscard]] bool readAssetSetting(Reader &reader, Reader::At at, AssetSetting &out);

} // namespace core::exchange::hyperliquid
