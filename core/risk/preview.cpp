#include "core/risk/preview.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/risk/position_math.h"

namespace core::risk
{

namespace
{
/// Size-weighted price of two amounts, half-even.
Result<Price> weightedPrice(Quantity a, Price at, Quantity b, Price bt)
{
    __extension__ using Wide = __int128;
    const Wide total = static_cast<Wide>(a.raw()) + b.raw();
    Wide first = 0;
    Wide second = 0;
    Wide sum = 0;
    if (total <= 0 || __builtin_mul_overflow(static_cast<Wide>(a.raw()), static_cast<Wide>(at.raw()), &first) ||
        __builtin_mul_overflow(static_cast<Wide>(b.raw()), static_cast<Wide>(bt.raw()), &second) ||
        __builtin_add_overflow(first, second, &sum))
        return fail(ErrorCode::OutOfRange, "entry price outside the range");
    const Wide quotient = sum / total;
    const Wide twice = 2 * (sum % total);
    const bool up = twice > total || (twice == total && (quotient & 1) != 0);
    return Price::fromRaw(static_cast<std::int64_t>(quotient + (up ? 1 : 0)));
}

/// Further loss of `quantity` on the way from `mark` to its stop, with slippage and fee, ceiled; a stop beyond the mark loses nothing.
Result<Money> lossToStop(Direction direction, Quantity quantity, Price mark, Price stop, Ratio slippage, Ratio fee)
{
    const auto move = unrealizedPnl(direction, quantity, mark, stop, Rounding::Floor);
    const auto value = notional(stop, quantity, Rounding::Ceil);
    if (!move || !value)
        return fail(ErrorCode::OutOfRange, "loss at the stop outside the range");
    const auto costs = checkedAdd(slippage.raw(), std::max<std::int64_t>(fee.raw(), 0)).and_then([&](std::int64_t rate) {
        return scaled(*value, Ratio::fromRaw(rate), Rounding::Ceil);
    });
    return costs.and_then([&](Money money) { return subtract(money, *move); }).map([](Money loss) {
        return std::max(loss, Money{});
    });
}

/// What backs an isolated position: what is there of it, in proportion to what is left, and the initial margin of what is added.
Result<Money> isolatedWallet(const Position &position, const PreviewInput &in, Quantity opened)
{
    const Position &before = in.before;
    const Quantity kept = Quantity::fromRaw(position.quantity.raw() - opened.raw());
    if (!before.isolatedMargin || !before.unrealizedPnl || !before.quantity.isPositive()) {
        const auto initial = initialMargin(position);
        if (!initial)
            return fail(ErrorCode::InvalidArgument, "the leverage of the position is not known");
        return initial->money;
    }
    const auto wallet = subtract(*before.isolatedMargin, *before.unrealizedPnl).and_then([&](Money money) {
        return mulDiv(money.raw(), kept.raw(), before.quantity.raw(), Rounding::Floor);
    });
    if (opened.isZero())
        return wallet.map([](std::int64_t raw) { return Money::fromRaw(raw); });
    if (!position.leverage || *position.leverage <= 0)
        return fail(ErrorCode::InvalidArgument, "the leverage of the position is not known");
    const auto added = notional(in.fillAt, opened, Rounding::Floor);
    if (!added || !wallet)
        return fail(ErrorCode::OutOfRange, "margin outside the range");
    return add(Money::fromRaw(*wallet), Money::fromRaw(added->raw() / *position.leverage));
}

std::optional<Price> liquidationOf(const Position &position, Money wallet, const PreviewInput &in, Quantity opened,
                                   std::string &why)
{
    if (position.isFlat())
        return std::nullopt;
    if (in.instrument->marginTiers.empty()) {
        why = "the venue's margin tiers are not known yet";
        return std::nullopt;
    }
    const Result<Money> margin =
        position.marginMode == MarginMode::Isolated
            ? isolatedWallet(position, in, opened)
            : subtract(wallet, in.maintenanceOthers).and_then([&](Money rest) { return add(rest, in.unrealizedOthers); });
    if (!margin) {
        why = margin.error().detail;
        return std::nullopt;
    }
    const auto found = liquidation(position.direction, position.quantity, position.entryPrice, *margin, in.instrument->marginTiers);
    return found ? std::optional(found->price) : std::nullopt;
}

void addWorstLoss(const PreviewInput &in, Preview &out)
{
    Money sum;
    const auto count = [&](const PositionKey &key, Direction direction, Quantity quantity, Price mark, std::optional<Price> stop,
                           Ratio fee) {
        if (!out.worstLossWhy.empty() || quantity.isZero())
            return;
        if (!stop) {
            out.worstLossWhy = fmt::format("{} has no stop", key.instrument.symbol.view());
            return;
        }
        const auto loss = lossToStop(direction, quantity, mark, *stop, in.slippageAllowance, fee);
        const auto total = loss ? add(sum, *loss) : loss;
        if (total)
            sum = *total;
        else
            out.worstLossWhy = total.error().detail;
    };
    for (const StoppedPosition &other : in.others)
        count(other.key, other.direction, other.quantity, other.mark, other.stop, other.feeRate);
    const Position &after = out.execution.position;
    count({after.instrument, after.positionSide}, after.direction, after.quantity, in.fillAt, in.stop, in.fees.taker);
    if (!out.worstLossWhy.empty())
        return;
    if (const auto withFee = add(sum, std::max(out.fee, Money{})))
        out.worstLoss = *withFee;
}

std::optional<Money> fundingOf(const PreviewInput &in, const Position &after)
{
    if (!in.fundingRate || in.fundingEvery <= Duration::zero())
        return std::nullopt;
    const auto value = notional(in.fillAt, after.quantity, Rounding::HalfEven);
    const auto one = value.and_then([&](Money v) { return scaled(v, *in.fundingRate, Rounding::HalfEven); });
    const auto perEight = one.and_then([&](Money paid) {
        return mulDiv(paid.raw(), std::chrono::nanoseconds{std::chrono::hours{8}}.count(),
                      std::chrono::nanoseconds{in.fundingEvery}.count(), Rounding::HalfEven);
    });
    return perEight ? std::optional(Money::fromRaw(-sign(after.direction) * *perEight)) : std::nullopt;
}
} // namespace

Result<Execution> execute(const Position &before, Side side, Quantity quantity, Price price)
{
    if (!quantity.isPositive() || !price.isPositive())
        return fail(ErrorCode::InvalidArgument, "quantity and price must be above 0");
    const Direction direction = side == Side::Buy ? Direction::Long : Direction::Short;
    Execution result{.position = before, .opened = {}, .closed = {}, .realised = {}};
    Position &after = result.position;
    after.markPrice.reset();
    after.unrealizedPnl.reset();
    after.liquidationPrice.reset();
    after.initialMargin.reset();
    after.maintenanceMargin.reset();
    after.isolatedMargin.reset();
    if (before.isFlat() || before.direction == direction) {
        const auto total = add(before.quantity, quantity);
        if (!total)
            return fail(total.error());
        const auto entry = before.isFlat() ? Result<Price>(price)
                                           : weightedPrice(before.quantity, before.entryPrice, quantity, price);
        if (!entry)
            return fail(entry.error());
        result.opened = quantity;
        after.direction = direction;
        after.quantity = *total;
        after.entryPrice = *entry;
        return result;
    }
    result.closed = std::min(quantity, before.quantity);
    const auto realised = unrealizedPnl(before.direction, result.closed, before.entryPrice, price, Rounding::Floor);
    if (!realised)
        return fail(realised.error());
    result.realised = *realised;
    result.opened = Quantity::fromRaw(quantity.raw() - result.closed.raw());
    after.quantity = Quantity::fromRaw(before.quantity.raw() - result.closed.raw());
    if (result.opened.isPositive()) {
        after.direction = direction;
        after.quantity = result.opened;
        after.entryPrice = price;
    }
    return result;
}

Result<Preview> preview(const PreviewInput &in)
{
    if (in.instrument == nullptr)
        return fail(ErrorCode::InvalidArgument, "symbol: the venue has not described it yet");
    const bool reduceOnly = in.order.reduceOnly == ReduceOnly::Yes;
    const Quantity quantity = reduceOnly ? std::min(in.order.quantity, in.before.quantity) : in.order.quantity;
    Position before = in.before;
    before.instrument = in.order.instrument;
    before.positionSide = in.order.positionSide;
    const auto executed = execute(before, in.order.side, quantity, in.fillAt);
    if (!executed)
        return fail(executed.error());
    Preview out;
    out.execution = *executed;
    const auto value = notional(in.fillAt, quantity, Rounding::Ceil);
    const auto fee = value.and_then([&](Money v) { return scaled(v, in.taker ? in.fees.taker : in.fees.maker, Rounding::Ceil); });
    if (!fee)
        return fail(fee.error());
    out.fee = *fee;
    std::string ignored;
    out.liquidationBefore = liquidationOf(before, in.wallet, in, Quantity{}, ignored);
    const auto wallet = add(in.wallet, executed->realised).and_then([&](Money money) { return subtract(money, out.fee); });
    if (!wallet)
        return fail(wallet.error());
    out.liquidationAfter = liquidationOf(executed->position, *wallet, in, executed->opened, out.liquidationWhy);
    out.fundingPer8h = fundingOf(in, executed->position);
    addWorstLoss(in, out);
    return out;
}

std::vector<HeadroomChange> headroomChanges(const std::vector<Standing> &before, const std::vector<Standing> &after)
{
    std::vector<HeadroomChange> changes;
    for (const Standing &now : after) {
        HeadroomChange change{.subject = now.subject,
                              .readingBefore = {},
                              .readingAfter = now.reading,
                              .before = {},
                              .after = now.headroom,
                              .breaches = false,
                              .sentence = now.sentence};
        const auto was = std::find_if(before.begin(), before.end(),
                                      [&](const Standing &one) { return one.subject == now.subject; });
        if (was != before.end()) {
            change.readingBefore = was->reading;
            change.before = was->headroom;
        }
        // The tier that is next before the fill: reached by the fill.
        const auto trigger = was != before.end() && was->nextTrigger ? was->nextTrigger : now.nextTrigger;
        const bool acts = (was != before.end() ? was->nextAction : now.nextAction) != TierAction::Alert;
        if (trigger && now.reading && acts)
            change.breaches = lowIsBad(now.subject.kind) ? *now.reading <= *trigger : *now.reading >= *trigger;
        changes.push_back(std::move(change));
    }
    return changes;
}

} // namespace core::risk
