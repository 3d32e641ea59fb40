#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/domain/instrument.h"
#include "core/domain/order.h"

namespace core::venue
{

/// +q for a long, −q for a short, 0 flat; raw counts of 1e-8 base units.
using SignedQuantity = std::int64_t;

/// Maintenance of a notional: N × rate − deduction in the tier with floor < N ≤ cap; beyond the last tier its
/// rate goes on. Rounded up. Source: reference/methods.md 6.3.
[[nodiscard]] Result<Money> maintenanceOf(Money notionalAtMark, std::span<const MarginTier> tiers);

/// Price at which backing + unrealised = maintenance, rounded half to even; nullopt when there is none.
/// `cost`: |quantity| × entry. `backing`: wallet − maintenance of the other positions + their unrealised.
/// Source: reference/methods.md 6.4.
[[nodiscard]] std::optional<Price> liquidationPrice(SignedQuantity quantity, Money cost, Money backing,
                                                    std::span<const MarginTier> tiers);

/// One leg: a symbol in one-way mode (Both), or its long or short side in hedge mode.
struct PositionKey {
    Symbol symbol;
    PositionSide side{PositionSide::Both};
    friend auto operator<=>(const PositionKey &, const PositionKey &) = default;
};

/// One leg of an account. The cost is kept exactly; the entry price is what it shows, half to even at 1e-8.
struct AccountPosition {
    SignedQuantity quantity{0};
    Money cost;     ///< sum of price × |quantity| of what is open
    Money realized; ///< accumulated, before fees
    Money fees;     ///< paid since it was opened; for the break-even price
    Money funding;  ///< received (+) or paid (−) since it was opened
    int leverage{20};
    bool isolated{false};
    Money isolatedWallet; ///< what the leg has of its own; 0 with cross margin
    Price mark;           ///< latest; 0 until the first one
    UtcTime updatedAt;
    /// Notionals of the resting orders that would open or increase the leg.
    Money bidNotional;
    Money askNotional;

    [[nodiscard]] bool isFlat() const { return quantity == 0; }
    [[nodiscard]] Price entryPrice() const;
    [[nodiscard]] Money unrealized() const;     ///< at mark, half to even
    [[nodiscard]] Money notionalAtMark() const; ///< ≥ 0, half to even
    [[nodiscard]] Money initialMargin() const;  ///< notional at mark ÷ leverage, up
    /// What resting orders bind on top: the larger of both fill scenarios, up.
    [[nodiscard]] Money orderMargin() const;
    /// The same once an order of this notional rests as well.
    [[nodiscard]] Money orderMarginWith(Side side, Money orderNotional) const;
};

} // namespace core::venue
