#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/domain/order.h"

namespace core::exchange::binance
{

// Orders as query texts, without time and signature. Pure; decimals in their exact text, never with an
// exponent. Source: reference/binance-usdm.md sections 6.2 to 6.7.

/// What the account is set to decides which words an order may have: a leg always and never "reduceOnly" in
/// hedge mode, the other way round in one-way mode.
enum class AccountMode { OneWay, Hedge };

/// Of `POST order` or, for a conditional one, `POST algoOrder`. InvalidArgument when the request and the
/// mode contradict each other (a leg in one-way mode, "reduce" on the side that adds, GoodTilDate without a
/// date): nothing may be sent then.
[[nodiscard]] Result<std::string> orderQuery(const OrderRequest &request, AccountMode mode);
/// Of `POST batchOrders`. REQUIRES: at most kBatchMax, none conditional.
[[nodiscard]] Result<std::string> batchQuery(std::span<const OrderRequest> requests, AccountMode mode);
inline constexpr std::size_t kBatchMax = 5;
/// Of `PUT order`: both fields, always.
[[nodiscard]] std::string changeQuery(const OrderChange &change, Side side);
[[nodiscard]] std::string orderIdQuery(const InstrumentKey &instrument, const ClientOrderId &order);
[[nodiscard]] std::string orderIdQuery(const InstrumentKey &instrument, VenueOrderId order);
[[nodiscard]] std::string algoIdQuery(const ClientOrderId &order);

/// Where a request goes. Conditional ones never go to the first.
[[nodiscard]] std::string_view orderPath(OrderType type);
/// It cannot add risk: such requests go through the protective lane.
[[nodiscard]] bool reducesRisk(const OrderRequest &request);

} // namespace core::exchange::binance
