#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/domain/order.h"

namespace core::exchange::binance
{

// The venue's words for orders, shared by the stream's and the answers' readers and by the writer. Pure.
// Source: reference/binance-usdm.md sections 5.3, 5.4, 6.2, 6.7.

/// The type of a plain order; Unknown for a word that we do not know.
[[nodiscard]] OrderType orderType(std::string_view word);
/// What an order of that word says as its reason.
[[nodiscard]] std::string unknownType(std::string_view word);
/// What fires the order: the price as the venue states it, where the type has one. The venue states 0 or leftovers
/// for all others, and something else for a trailing stop.
[[nodiscard]] std::optional<Price> triggerOf(OrderType type, std::optional<Price> stated);
/// STOP, STOP_MARKET, TAKE_PROFIT, …; absent for a word that names no conditional order.
[[nodiscard]] std::optional<OrderType> conditionalType(std::string_view word);
/// REQUIRES: any type; conditional ones by their algoOrder names.
[[nodiscard]] std::string_view venueWord(OrderType type);
[[nodiscard]] std::string_view venueWord(TimeInForce timeInForce);
/// Orders that the exchange makes without being asked are told by their client id: "liquidated by the
/// exchange", …; empty for all others.
[[nodiscard]] std::string_view venueMadeOrder(std::string_view clientOrderId);
/// "" and "0" are none yet.
[[nodiscard]] Result<std::optional<VenueOrderId>> childOrderOf(std::string_view text);

} // namespace core::exchange::binance
