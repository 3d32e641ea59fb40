#pragma once

#include <functional>
#include <optional>

#include "core/domain/order.h"
#include "core/exchange/hyperliquid/action.h"
#include "core/exchange/hyperliquid/address_budget.h"
#include "core/exchange/hyperliquid/instruments.h"

namespace core::exchange::hyperliquid
{

/// What is known around one contract at the moment of sending; absent: not known.
struct Surroundings {
    std::optional<Price> mark{};
    std::optional<Price> mid{};
    std::optional<Quantity> position{}; ///< its size, without sign
};
using SurroundingsOf = std::function<Surroundings(const Symbol &)>;

/// Our request as the venue wants it, every rounding named, checked by the venue's own rules. There is no market
/// order: it becomes an IOC with the worst price of the request, or mid ± `slippage`. Unsupported for what this
/// venue lacks (trailing, trigger by last, fill-or-kill, good-till-date, hedge legs); InvalidArgument names the
/// rule. Pure. Source: reference/hyperliquid.md sections 3.2, 5.1, 5.2.
[[nodiscard]] Result<WireOrder> wireOrder(const ListedAsset &asset, const OrderRequest &request,
                                          const Surroundings &around, Ratio slippage, const Cloid &cloid);

/// How urgent it is: closing by hand or guard, protecting, or adding risk.
[[nodiscard]] Lane laneOf(const OrderRequest &request);

} // namespace core::exchange::hyperliquid
