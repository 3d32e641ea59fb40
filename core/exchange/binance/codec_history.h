#pragma once

#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/domain/market_data.h"

namespace core::exchange::binance
{

// Answers about the past ⇄ values, by simdjson: pages come to a thousand rows. Pure; ParseFailed or
// OutOfRange naming the row; rows as the venue gives them, oldest first.

/// `GET /fapi/v1/klines`. A candle is closed when its last millisecond lies before `venueNow`, whatever its
/// place in the list. Source: reference/binance-usdm.md section 3.6.
[[nodiscard]] Result<std::vector<Candle>> parseKlines(std::string_view body, const InstrumentKey &instrument,
                                                      UtcTime venueNow);
/// `GET /fapi/v1/aggTrades`.
[[nodiscard]] Result<std::vector<Trade>>
parseAggregateTrades(std::string_view body, const InstrumentKey &instrument, UtcTime receivedAt);
/// `GET /fapi/v1/fundingRate`.
[[nodiscard]] Result<std::vector<FundingRate>> parseFundingRates(std::string_view body);

/// Puts a candle without trades (all prices the close before) into every hole between two rows. REQUIRES:
/// rising open times, each a whole number of `length` after the first.
[[nodiscard]] std::vector<Candle> withoutHoles(const std::vector<Candle> &candles, Duration length);

} // namespace core::exchange::binance
