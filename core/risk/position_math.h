#pragma once

#include <optional>
#include <vector>

#include "core/base/result.h"
#include "core/domain/account.h"
#include "core/domain/instrument.h"

namespace core::risk
{

/// Linear perpetuals, methods.md section 6; quantity is never negative, the direction is the sign. All exact; every rounding
/// is named. A value that does not exist (no margin, no leverage, outside the range) is absent, never zero.

/// +1 long, −1 short.
[[nodiscard]] constexpr int sign(Direction direction) { return direction == Direction::Long ? 1 : -1; }

/// s × q × (mark − entry). `rounding` acts on the ninth place.
[[nodiscard]] Result<Money> unrealizedPnl(Direction direction, Quantity quantity, Price entry, Price mark,
                                          Rounding rounding);

/// Where the initial margin came from; the metric of a verdict says it.
enum class MarginSource { Leverage, Venue };
struct InitialMargin {
    Money money;                              ///< q × entry ÷ leverage, floored; or the venue's figure
    MarginSource source{MarginSource::Leverage};
};
/// methods.md 6.2: q × entry ÷ L when the leverage is known, else the venue's own initial margin (which Binance takes at the
/// mark price); absent when neither is known or the result is not positive.
[[nodiscard]] std::optional<InitialMargin> initialMargin(const Position &position);

/// Loss at `mark` ÷ initial margin, rounded up (a loss is never shown smaller); negative in profit. With known leverage it is
/// s × (entry − mark) × L ÷ entry and does not depend on the quantity; else loss ÷ the venue's initial margin.
[[nodiscard]] std::optional<Ratio> lossOnMargin(const Position &position, Price mark);

/// ROE in percent, 100 × uPnL ÷ (q × entry ÷ L): for display and analysis.
[[nodiscard]] double roePercent(Direction direction, Price entry, Price mark, int leverage);

/// The mark nearest to the entry at which `lossOnMargin` ≥ trigger: floored for a long, ceiled for a short, so that it does
/// fire there. Absent when no positive price reaches it.
[[nodiscard]] std::optional<Price> priceAtLoss(const Position &position, Ratio trigger);

/// Net result of closing at `exit`: uPnL − entry fee − exit fee + funding, each fee ceiled.
[[nodiscard]] Result<Money> netIfClosed(Direction direction, Quantity quantity, Price entry, Price exit, Ratio feeIn,
                                        Ratio feeOut, Money fundingReceived);
/// Exit at which `netIfClosed` is zero; rounded to the side that does not lose. methods.md 6.2.
[[nodiscard]] std::optional<Price> breakEvenExit(Direction direction, Quantity quantity, Price entry, Ratio feeIn,
                                                 Ratio feeOut, Money fundingReceived);

/// Index of the tier with floor < notional ≤ cap.
[[nodiscard]] std::optional<std::size_t> marginTierOf(const std::vector<MarginTier> &tiers, Money notional);
/// N × rate − deduction of its tier, rounded up. methods.md 6.3.
[[nodiscard]] std::optional<Money> maintenanceMargin(const std::vector<MarginTier> &tiers, Money notional);

struct Liquidation {
    Price price;         ///< rounded to the side that is reached first: up for a long, down for a short
    std::size_t tier{0}; ///< the tier that holds at that price, not at entry
};
/// Solves B + s × q × (P − entry) = MM(q × P), methods.md 6.4. `margin` B: the isolated wallet, or in cross wallet −
/// maintenance of the other positions + their uPnL. Absent: no tier holds at its own price, or the price is not positive.
[[nodiscard]] std::optional<Liquidation> liquidation(Direction direction, Quantity quantity, Price entry, Money margin,
                                                     const std::vector<MarginTier> &tiers);

} // namespace core::risk
