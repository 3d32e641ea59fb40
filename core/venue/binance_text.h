#pragma once

#include <string>
#include <string_view>

#include "core/venue/candles.h"
#include "core/venue/engine.h"
#include "core/venue/json_text.h"

namespace core::venue
{

// The venue's JSON of orders, conditional orders, positions and user events: field sets and types of
// reference/binance-usdm.md sections 5.3, 5.4, 6.2, 6.6, 6.7, 6.10. Pure.

[[nodiscard]] std::string_view venueText(Side side);
[[nodiscard]] std::string_view venueText(TimeInForce timeInForce);
[[nodiscard]] std::string_view venueText(SelfTrade mode);
[[nodiscard]] std::string_view venueText(PositionSide side);
[[nodiscard]] std::string_view venueText(AlgoType type);
[[nodiscard]] std::string_view venueText(AlgoStatus status);
[[nodiscard]] std::string_view venueText(WorkingType type);
/// EXPIRED_IN_MATCH for self-trade prevention.
[[nodiscard]] std::string_view statusText(const VenueOrder &order);

/// Answer to place and cancel: without avgPrice and cumQuote since 2026-06-30. `asAccepted`: the state before
/// matching.
void writeOrderAck(JsonText &out, const VenueEngine &engine, const VenueOrder &order, bool asAccepted);
/// Element of the query endpoints.
void writeOrder(JsonText &out, const VenueEngine &engine, const VenueOrder &order);
void writeFill(JsonText &out, const VenueEngine &engine, const VenueFill &fill);
void writeAlgoAck(JsonText &out, const VenueEngine &engine, const VenueAlgo &algo);
void writeAlgo(JsonText &out, const VenueEngine &engine, const VenueAlgo &algo);
void writePositionRiskV3(JsonText &out, const VenueEngine &engine, std::size_t account, const PositionKey &key);

/// Element of ticker/24hr; without a trade in the last day: the book's middle and zeros.
void writeDayTicker(JsonText &out, const VenueEngine &engine, const CandleStore &candles, const Symbol &symbol);

/// 24hrTicker or 24hrMiniTicker; `universe` 2 makes it a row of the other one (COIN-M).
[[nodiscard]] std::string tickerText(const VenueEngine &engine, const CandleStore &candles, const Symbol &symbol,
                                     bool mini, int universe);
/// kline, or continuous_kline when not `plain`.
[[nodiscard]] std::string klineText(const VenueEngine &engine, const Symbol &symbol, std::string_view interval,
                                    const Candle &candle, bool closed, bool plain);
[[nodiscard]] std::string forceOrder(const VenueEngine &engine, const VenueOrder &order, const VenueFill &fill);
[[nodiscard]] std::string marginCall(const VenueEngine &engine, std::size_t account,
                                     const std::vector<PositionKey> &legs);
[[nodiscard]] std::string orderTradeUpdate(const VenueEngine &engine, const VenueOrder &order,
                                           std::string_view execution, const VenueFill *fill);
[[nodiscard]] std::string tradeLite(const VenueEngine &engine, const VenueOrder &order,
                                    const VenueFill &fill);
[[nodiscard]] std::string accountUpdate(const VenueEngine &engine, const AccountChange &change);
[[nodiscard]] std::string algoUpdate(const VenueEngine &engine, const VenueAlgo &algo);
[[nodiscard]] std::string accountConfigUpdate(const VenueEngine &engine, const Symbol &symbol, int leverage);
[[nodiscard]] std::string listenKeyExpired(const VenueEngine &engine, std::string_view listenKey);

/// Signed decimal text of a position.
[[nodiscard]] std::string positionAmount(const VenueInstrument &instrument, SignedQuantity quantity);
/// Its own wallet and the open result; 0 with cross margin.
[[nodiscard]] Money isolatedMargin(const AccountPosition &position);
/// Entry with the fees paid since the opening spread over the quantity.
[[nodiscard]] Price breakEvenPrice(const AccountPosition &position);

} // namespace core::venue
