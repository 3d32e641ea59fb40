// Readings of one position, and the marks at which they reach a level.
#include <algorithm>
#include <cmath>

#include "core/risk/engine_impl.h"
#include "core/risk/position_math.h"

namespace core::risk
{

namespace
{
constexpr double kMinutesPerDay = 1440.0;
constexpr std::int64_t kNanosecondsPerMinute = 60'000'000'000;

/// |slippage| of leaving `quantity` now, as a share of the mid: every unit at the far edge of its step, what the book does not hold
/// at the whole mid. An upper bound.
Ratio slippage(const Depth &depth, Direction direction, Quantity quantity)
{
    Wide cost = 0;
    Wide taken = 0;
    for (const Depth::Step &step : depth.steps) {
        const Wide reach = direction == Direction::Long ? step.bids.raw() : step.asks.raw();
        const Wide upTo = std::min<Wide>(std::max(reach, taken), quantity.raw());
        cost += (upTo - taken) * step.distance.raw();
        taken = upTo;
    }
    cost += (quantity.raw() - taken) * kWideOne;
    return Ratio::fromRaw(saturated(divided(cost, quantity.raw(), Rounding::Ceil)));
}

/// Mark after a further loss of `loss` (1e-16): floored for a long, ceiled for a short, so that the loss is reached there.
std::optional<Price> markAfterLoss(const Slot &slot, Price mark, Wide loss)
{
    const Wide move = divided(loss, slot.position.quantity.raw(), Rounding::Ceil);
    const Wide raw = static_cast<Wide>(mark.raw()) - sign(slot.life.direction) * move;
    if (raw <= 0 || raw > std::numeric_limits<std::int64_t>::max())
        return std::nullopt;
    return Price::fromRaw(static_cast<std::int64_t>(raw));
}

/// best ∓ share × width, rounded so that the level is reached there.
std::optional<Price> backFromBest(const Slot &slot, Price towards, Ratio share)
{
    const int s = sign(slot.life.direction);
    const Wide width = s * (static_cast<Wide>(slot.trail.best.raw()) - towards.raw());
    if (width <= 0)
        return std::nullopt;
    const Wide raw = static_cast<Wide>(slot.trail.best.raw()) - s * mulDivWide(width, share.raw(), kWideOne, Rounding::Ceil);
    return raw > 0 ? std::optional(Price::fromRaw(saturated(raw))) : std::nullopt;
}
} // namespace

Reading RiskEngine::Impl::read(const Where &where, const Breaker &breaker) const
{
    switch (where.scope) {
    case Scope::Position:
        return readPosition(slots[where.slot], breaker);
    case Scope::Symbol:
        return readSymbol(where, breaker);
    case Scope::Account:
    case Scope::AllAccounts:
        break;
    }
    return readTotals(where.account, breaker);
}

Reading RiskEngine::Impl::readPosition(const Slot &slot, const Breaker &breaker) const
{
    const Market &market = markets[slot.market];
    const Position &position = slot.position;
    if (breaker.kind == BreakerKind::TimeInPosition) {
        const std::int64_t age = (now - slot.openedAt).count();
        return Reading::of(Ratio::fromRaw(saturated(divided(static_cast<Wide>(age) * kWideOne, kNanosecondsPerMinute, Rounding::Ceil))));
    }
    if (!market.mark)
        return Reading::undefined("there is no mark price yet");
    if (!markFresh(market))
        return Reading::undefined("the mark price is stale");
    const Price mark = *market.mark;
    if (!slot.priced)
        return Reading::undefined("the numbers are outside the range");
    switch (breaker.kind) {
    case BreakerKind::LossOnMargin: {
        const auto loss = lossOnMargin(position, mark);
        if (!loss)
            return Reading::undefined(initialMargin(position) ? "the numbers are outside the range"
                                                              : "neither leverage nor initial margin is known");
        return Reading::of(*loss);
    }
    case BreakerKind::LossOnEquity:
        return shareOfEquity(-slot.pnl, slot.account, true);
    case BreakerKind::TrailingStop: {
        const auto reading = trailReading(slot.trail, slot.life.direction, mark);
        if (reading)
            return Reading::of(*reading);
        if (!breaker.distance && !market.atr)
            return Reading::undefined("the average true range is not known yet");
        return Reading::clear("the profit has not been large enough yet");
    }
    case BreakerKind::Giveback: {
        const auto share = giveback(slot.trail, slot.life.direction, position.entryPrice, mark);
        if (!share || !slot.watched)
            return Reading::clear("the best profit has not been large enough yet");
        return Reading::of(*share);
    }
    case BreakerKind::LiquidationDistance:
    case BreakerKind::LiquidationSigma:
    case BreakerKind::LiquidationMinutes:
        return readLiquidation(slot, market, breaker.kind);
    case BreakerKind::VolatilityShock: {
        const auto &estimate = market.estimate;
        if (!estimate || !estimate->sigmaShort || !estimate->sigmaUsual || !estimate->sigmaUsual->isPositive())
            return Reading::undefined("the volatility is not known yet");
        if (now - estimate->at > kShortTermStaleAfter)
            return Reading::undefined("the short-term volatility is out of date");
        return Reading::of(ratioOfWide(estimate->sigmaShort->raw(), estimate->sigmaUsual->raw(), Rounding::Ceil));
    }
    case BreakerKind::LiquidityVacuum:
        if (!market.depth || !market.depth->complete || market.depth->steps.empty())
            return Reading::undefined("the order book is not complete");
        if (now - market.depth->at > kDepthStaleAfter)
            return Reading::undefined("the order book is out of date");
        return Reading::of(slippage(*market.depth, slot.life.direction, position.quantity));
    default:
        return Reading::undefined("this limit is not one of a position");
    }
}

/// Before the test of a mark: arm, ratchet (methods.md 7.3), and see whether the profit is worth watching.
void RiskEngine::Impl::followTrail(Slot &slot)
{
    const Market &market = markets[slot.market];
    if (slot.trail.best.isZero() || !accounts[slot.account].limits)
        return;
    for (const Watch &watch : slot.watches) {
        const Breaker &breaker = accounts[slot.account].limits->breakers[watch.rule];
        if (!breaker.enabled)
            continue;
        if (breaker.kind == BreakerKind::TrailingStop) {
            const auto distance = trailDistance(breaker, slot.position.entryPrice, slot.trail.best, market.atr);
            ratchet(slot.trail, slot.life.direction, slot.position.entryPrice, distance);
        } else if (breaker.kind == BreakerKind::Giveback && !slot.watched) {
            const auto best = productWide(sign(slot.life.direction) * (static_cast<Wide>(slot.trail.best.raw()) -
                                                                       slot.position.entryPrice.raw()),
                                          slot.position.quantity.raw());
            const auto equity = equityOf(slot.account);
            slot.watched = best && equity && *best > 0 && *equity > 0 &&
                           ratioOfWide(*best, *equity, Rounding::Ceil) >= breaker.activation.value_or(Ratio{});
        }
    }
}

RiskEngine::Impl::LiquidationAt RiskEngine::Impl::liquidationOf(const Slot &slot) const
{
    const Position &position = slot.position;
    if (position.liquidationPrice && position.liquidationPrice->isPositive())
        return {position.liquidationPrice, false};
    const Market &market = markets[slot.market];
    if (!market.rules || market.rules->marginTiers.empty() || !slot.priced || !position.marginMode)
        return {};
    Wide margin = 0;
    if (*position.marginMode == MarginMode::Isolated) {
        if (!position.isolatedMargin)
            return {};
        margin = slot.isolatedBase;
    } else {
        // With both legs of a hedge in one margin neither has a price of its own: the venue's word, or none.
        const bool hedged = std::ranges::any_of(market.slots, [&](std::size_t i) { return slots[i].open && &slots[i] != &slot; });
        const auto equity = equityOf(slot.account);
        const Sums &sums = accounts[slot.account].sums;
        if (hedged || !equity || sums.unknownMaintenance > 0 || sums.unpriced > 0)
            return {};
        const Wide others = sums.maintenance - sums.isolatedMaintenance - (slot.isolated ? 0 : slot.maintenance);
        margin = *equity - sums.isolatedMargin - slot.pnl - others;
    }
    const auto found = liquidation(slot.life.direction, position.quantity, position.entryPrice,
                                   moneyOfWide(margin, Rounding::Floor), market.rules->marginTiers);
    return found ? LiquidationAt{found->price, false} : LiquidationAt{std::nullopt, true};
}

Reading RiskEngine::Impl::readLiquidation(const Slot &slot, const Market &market, BreakerKind kind) const
{
    if (!market.mark)
        return Reading::undefined("there is no mark price yet");
    const LiquidationAt at = liquidationOf(slot);
    if (at.none)
        return Reading::clear("no mark can liquidate it");
    if (!at.price)
        return Reading::undefined("the liquidation price is not known");
    const Wide mark = market.mark->raw();
    const Ratio distance = ratioOfWide(sign(slot.life.direction) * (mark - at.price->raw()), mark, Rounding::Floor);
    if (kind == BreakerKind::LiquidationDistance)
        return Reading::of(distance);
    const auto &estimate = market.estimate;
    if (!estimate || !estimate->sigmaDay || !estimate->sigmaDay->isPositive())
        return Reading::undefined("the daily volatility is not known yet");
    const double sigmas = distance.toDouble() / estimate->sigmaDay->toDouble();
    if (kind == BreakerKind::LiquidationSigma)
        return Reading::of(ratioOfDouble(sigmas, Rounding::Floor));
    const double minutes = sigmas <= 0 ? 0.0 : sigmas * sigmas * kMinutesPerDay;
    return Reading::of(ratioOfDouble(minutes, Rounding::Floor));
}

std::optional<Price> RiskEngine::Impl::priceAt(const Slot &slot, const Breaker &breaker, Ratio level) const
{
    const Market &market = markets[slot.market];
    if (!market.mark || !slot.priced)
        return std::nullopt;
    const int s = sign(slot.life.direction);
    switch (breaker.kind) {
    case BreakerKind::LossOnMargin:
        return priceAtLoss(slot.position, level);
    case BreakerKind::LossOnEquity: {
        // (L + x) ÷ (E − x) = level
        const auto equity = equityOf(slot.account);
        if (!equity || *equity <= 0)
            return std::nullopt;
        const Wide atLevel = mulDivWide(*equity, level.raw(), kWideOne, Rounding::Ceil) + slot.pnl;
        return markAfterLoss(slot, *market.mark, mulDivWide(atLevel, kWideOne, kWideOne + level.raw(), Rounding::Ceil));
    }
    case BreakerKind::TrailingStop:
        return slot.trail.stop ? backFromBest(slot, *slot.trail.stop, level) : std::nullopt;
    case BreakerKind::Giveback:
        return backFromBest(slot, slot.position.entryPrice, level);
    case BreakerKind::LiquidationDistance:
    case BreakerKind::LiquidationSigma:
    case BreakerKind::LiquidationMinutes: {
        const auto at = liquidationOf(slot).price;
        Ratio distance = level;
        if (breaker.kind != BreakerKind::LiquidationDistance) {
            if (!market.estimate || !market.estimate->sigmaDay)
                return std::nullopt;
            const double sigma = market.estimate->sigmaDay->toDouble();
            const double wanted = breaker.kind == BreakerKind::LiquidationSigma
                                      ? level.toDouble()
                                      : std::sqrt(level.toDouble() / kMinutesPerDay);
            distance = ratioOfDouble(wanted * sigma, Rounding::Ceil);
        }
        const Wide share = kWideOne - s * static_cast<Wide>(distance.raw());
        if (!at || share <= 0)
            return std::nullopt;
        // s × (mark − liq) = distance × mark; rounded towards the mark, where it is reached first.
        const Rounding early = s > 0 ? Rounding::Ceil : Rounding::Floor;
        return Price::fromRaw(saturated(mulDivWide(at->raw(), kWideOne, share, early)));
    }
    default:
        return std::nullopt;
    }
}

} // namespace core::risk
