// What an order would bring the limits to, with everything that rests: refused before it is sent.
#include <algorithm>

#include <fmt/format.h>

#include "core/orders/guard_impl.h"
#include "core/risk/preview.h"

namespace core::orders
{

namespace
{
/// The level from which a breaker does more than alert; absent: it never does.
std::optional<Ratio> actingLevel(const risk::Breaker &breaker)
{
    std::optional<Ratio> level;
    for (const risk::Tier &tier : breaker.tiers) {
        if (tier.action == risk::TierAction::Alert)
            continue;
        const bool nearer = !level || (risk::lowIsBad(breaker.kind) ? tier.trigger > *level : tier.trigger < *level);
        level = nearer ? tier.trigger : *level;
    }
    return level;
}

std::optional<Price> priceOf(const std::optional<Price> &limit, const std::optional<Price> &trigger, const Market &market)
{
    return limit ? limit : trigger ? trigger : market.mark;
}
} // namespace

/// The position after `quantity` more was filled on `side`; absent: it cannot be reckoned.
std::optional<risk::PositionSet> Guard::Impl::filledAfter(const Slot &slot, Side side, Quantity quantity, Price price) const
{
    Position held = slot.ledger.base();
    held.instrument = slot.instrument;
    held.positionSide = slot.side;
    held.quantity = slot.life ? liveSize(slot, slot.life->direction) : Quantity{};
    const auto filled = risk::execute(held, side, quantity, price);
    if (!filled)
        return std::nullopt;
    Position after = filled->position;
    after.venueTime = now;
    const bool goesOn = slot.life && slot.life->direction == after.direction;
    return risk::PositionSet{goesOn ? *slot.life : risk::Life{slot.key(), after.direction, now}, after};
}

/// Entry orders that rest on other legs, each leg as if its larger side had been filled: what is waiting counts as if it were
/// there. Orders whose price nobody knows are left out; no number is made up for them.
std::vector<risk::PositionSet> Guard::Impl::restingElsewhere(const risk::PositionKey &than)
{
    std::vector<risk::PositionSet> filled;
    std::set<risk::PositionKey> seen{than};
    for (const auto &[key, order] : openOrders.all()) {
        const risk::PositionKey leg{order.instrument, order.positionSide};
        if (isBoundToReduce(order.reduceOnly, order.positionSide, order.side) || !seen.insert(leg).second)
            continue;
        const Slot &slot = slotOf(leg.instrument, leg.side);
        std::optional<risk::PositionSet> worst;
        for (const Side side : {Side::Buy, Side::Sell}) {
            const Quantity quantity = openOrders.entering(leg.instrument, leg.side, side);
            const auto price = priceOf(order.side == side ? order.limitPrice : std::nullopt,
                                       order.side == side ? order.triggerPrice : std::nullopt, marketOf(slot));
            if (!quantity.isPositive() || !price)
                continue;
            const auto after = filledAfter(slot, side, quantity, *price);
            if (after && (!worst || after->position.quantity > worst->position.quantity))
                worst = after;
        }
        if (worst && worst->position.quantity.isPositive())
            filled.push_back(std::move(*worst));
    }
    return filled;
}

/// As if this order and everything that rests on its side of the instrument had been filled; and once more with all that rests
/// elsewhere, which may as well weigh against it as with it.
void Guard::Impl::judgeExposure(const OrderRequest &request, const ClientOrderId &replaces, Reasons &reasons)
{
    const auto price = priceOf(request.limitPrice, request.triggerPrice, marketOf(request.instrument));
    const Slot &slot = slotOf(request.instrument, request.positionSide);
    const auto adding = add(request.quantity, openOrders.entering(request.instrument, request.positionSide, request.side,
                                                                  replaces.empty() ? request.clientOrderId : replaces));
    const auto own = price && adding ? filledAfter(slot, request.side, *adding, *price) : std::nullopt;
    if (!own) {
        reasons.push_back({"exposure-unknown", {}, {}, std::nullopt, "What the order would add cannot be reckoned."});
        return;
    }
    std::vector<risk::PositionSet> all = restingElsewhere(slot.key());
    judgeStandings(engine.standings(), engine.standingsAfter({*own}, Money{}), {}, reasons);
    if (all.empty())
        return;
    const std::vector<risk::Standing> before = engine.standingsAfter(all, Money{});
    all.push_back(*own);
    judgeStandings(before, engine.standingsAfter(all, Money{}), "Filled with every order that rests", reasons);
}

void Guard::Impl::judgeStandings(const std::vector<risk::Standing> &before, const std::vector<risk::Standing> &after,
                                 std::string_view when, Reasons &reasons)
{
    for (const risk::Standing &standing : after) {
        const risk::Limits *limits = standing.subject.account ? &accountOf(*standing.subject.account).limits
                                     : group                  ? &*group
                                                              : nullptr;
        const risk::Breaker *breaker =
            limits != nullptr ? risk::find(*limits, standing.subject.kind, standing.subject.scope) : nullptr;
        const auto level = breaker != nullptr && breaker->enabled ? actingLevel(*breaker) : std::nullopt;
        const bool told = std::any_of(reasons.begin(), reasons.end(), [&](const IntentRefused::Reason &reason) {
            return reason.code == name(standing.subject.kind);
        });
        if (!standing.reading || !level || (told && !when.empty()))
            continue;
        const bool low = risk::lowIsBad(breaker->kind);
        const auto was = std::find_if(before.begin(), before.end(),
                                      [&](const risk::Standing &old) { return old.subject == standing.subject; });
        const bool worse = was == before.end() || !was->reading ||
                           (low ? *standing.reading < *was->reading : *standing.reading > *was->reading);
        if (!worse || (low ? *standing.reading > *level : *standing.reading < *level))
            continue;
        reasons.push_back({std::string(name(breaker->kind)), risk::readingText(breaker->kind, *standing.reading),
                           risk::levelText(breaker->kind, *level), std::nullopt,
                           fmt::format("{}, it would bring {} to {}; the limit is {}.", when.empty() ? "Filled" : when,
                                       risk::text(standing.subject), risk::readingText(breaker->kind, *standing.reading),
                                       risk::levelText(breaker->kind, *level))});
    }
}

} // namespace core::orders
