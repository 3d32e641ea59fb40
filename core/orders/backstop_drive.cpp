// What the keeper wants done now: questions, sweeps, sizes, replacements, deadlines.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/orders/backstop_keeper_impl.h"
#include "core/domain/number_text.h"

namespace core::orders
{

namespace
{
using Stage = RestingStop::Stage;
constexpr Duration kAnswerWithin = std::chrono::seconds{2};
constexpr Duration kAskEvery = std::chrono::seconds{1};
constexpr Duration kCancelAgain = std::chrono::seconds{2};
constexpr Duration kCloseAgain = std::chrono::seconds{5};
/// A stop that fired closes its units within this, or the position is closed directly (binance-usdm.md, item
/// 41).
constexpr Duration kTriggeredFillsWithin = std::chrono::milliseconds{500};
/// After the line is back a stop is tried before a missed deadline closes the position.
constexpr Duration kBackFor = std::chrono::seconds{1};
constexpr Duration kMinute = std::chrono::minutes{1};
/// Replacements for a better price; missing and wrong-sized stops are not held up, but count.
constexpr std::size_t kPlacedPerMinute = 60;
constexpr std::size_t kPiecesMost = 50;
} // namespace

void BackstopKeeper::drive(UtcTime now, std::vector<Wish> &out)
{
    Impl &impl = *m_impl;
    impl.nakedTime.advance(now);
    std::sort(impl.restless.begin(), impl.restless.end(),
              [](const StopSlot *a, const StopSlot *b) { return a->key < b->key; });
    for (std::size_t i = 0; i < impl.restless.size(); ++i) {
        StopSlot &slot = *impl.restless[i];
        impl.settle(slot, now);
        if (!impl.lines[slot.key.instrument.venue].isReachable)
            continue;
        impl.ask(slot, now, out);
        if (slot.open.isPositive()) {
            impl.fitSize(slot, now);
            impl.placeMissing(slot, now, out);
            impl.cancelStale(slot, now, out);
            impl.watchDeadlines(slot, now, out);
        } else if (slot.isFlatVerified) {
            impl.sweep(slot, now, out);
        }
    }
    for (auto &[venue, line] : impl.lines)
        if (line.isReachable)
            impl.repin(venue, now, out);
    std::erase_if(impl.restless, [&](StopSlot *slot) {
        slot->isRestless = !impl.isQuiet(*slot, now);
        return !slot->isRestless;
    });
    std::move(impl.said.begin(), impl.said.end(), std::back_inserter(out));
    impl.said.clear();
}

void BackstopKeeper::Impl::ask(StopSlot &slot, UtcTime now, std::vector<Wish> &out)
{
    for (auto &[id, stop] : slot.stops) {
        if (!stop.isOurs)
            continue;
        // A second one does no harm: reduce-only, and what is too much is cancelled. Waiting until the venue is sure would take
        // longer than a position may stand without cover.
        const Duration patience = std::min(kAnswerWithin, limits.coverWithin / 2);
        stop.isDoubted = stop.isDoubted || (stop.isPending() && slot.nakedSince && now - stop.sentAt >= patience);
        const UtcTime since = stop.triggeredAt ? *stop.triggeredAt
                              : stop.cancelAt  ? *stop.cancelAt
                                               : stop.sentAt;
        const bool isSettled = stop.stage == Stage::Resting && !stop.cancelAt;
        if (isSettled || (stop.stage != Stage::Unknown && now - since < kAnswerWithin))
            continue;
        if (stop.askedAt && now - *stop.askedAt < kAskEvery)
            continue;
        stop.askedAt = now;
        out.push_back({.what = What::Query, .position = slot.key, .stop = id});
    }
}

void BackstopKeeper::Impl::sweep(StopSlot &slot, UtcTime now, std::vector<Wish> &out)
{
    for (auto &[id, stop] : slot.stops)
        if (stop.isOurs && stop.stage == Stage::Resting)
            cancel(slot, id, stop, now, out);
}

void BackstopKeeper::Impl::cancel(StopSlot &slot, const ClientOrderId &id, RestingStop &stop, UtcTime now,
                                  std::vector<Wish> &out)
{
    if (stop.cancelAt && now - *stop.cancelAt < kCancelAgain)
        return;
    stop.cancelAt = now;
    stop.askedAt.reset();
    out.push_back({.what = What::Cancel, .position = slot.key, .stop = id});
    settle(slot, now);
}

/// While none of ours stands: the present price, or that of stops found at the venue which is near enough.
void BackstopKeeper::Impl::pin(StopSlot &slot)
{
    if (!slot.isPriced() || (slot.pinned && slot.kept(false).isPositive()))
        return;
    const Price wanted = slot.price->trigger;
    const Price step = scaled(slot.mark, limits.repinStep, Rounding::Floor).value_or(Price{});
    std::map<Price, std::int64_t> found;
    for (const auto &[id, stop] : slot.stops)
        if (stop.isOurs && slot.covers(stop) && std::abs(stop.trigger->raw() - wanted.raw()) <= step.raw())
            found[*stop.trigger] += stop.left().raw();
    slot.pinned = wanted;
    std::int64_t most = 0;
    for (const auto &[trigger, units] : found)
        if (units > most) {
            slot.pinned = trigger;
            most = units;
        }
    for (auto &[id, stop] : slot.stops)
        if (stop.isOurs)
            stop.isStale = stop.cancelAt || stop.trigger != slot.pinned || stop.side != slot.closingSide();
}

/// All of ours give way to new ones at the present price.
void BackstopKeeper::Impl::remake(StopSlot &slot, UtcTime now)
{
    if (slot.isPriced())
        slot.pinned = slot.price->trigger;
    slot.pinnedAt = now;
    for (auto &[id, stop] : slot.stops)
        if (stop.isOurs)
            stop.isStale = true;
}

void BackstopKeeper::Impl::fitSize(StopSlot &slot, UtcTime now)
{
    pin(slot);
    const std::int64_t surplus = slot.kept(false).raw() - slot.open.raw();
    if (surplus <= 0 || slot.hasPending() || slot.hasFired() || !limits.enabled || !slot.isPriced())
        return;
    for (auto &[id, stop] : slot.stops) {
        if (stop.isOurs && !stop.isStale && slot.covers(stop) && stop.left().raw() == surplus) {
            stop.isStale = true; // it alone is too much
            return;
        }
    }
    remake(slot, now);
}

bool BackstopKeeper::Impl::isTooSmall(const StopSlot &slot, Quantity quantity) const
{
    if (quantity < slot.rules.least)
        return true;
    // Binance exempts what is marked reduce-only; a hedge leg's order cannot be.
    const bool exempt = slot.key.instrument.venue == Venue::Binance && slot.key.side == PositionSide::Both;
    const auto money = notional(*slot.pinned, quantity, Rounding::Floor);
    return !exempt && money && *money < slot.rules.notionalLeast;
}

std::size_t BackstopKeeper::Impl::resting(const StopSlot &slot) const
{
    return static_cast<std::size_t>(
        std::count_if(slot.stops.begin(), slot.stops.end(),
                      [&](const auto &entry) { return entry.second.isOurs && slot.covers(entry.second); }));
}

std::size_t BackstopKeeper::Impl::piecesOf(const StopSlot &slot, Quantity quantity) const
{
    const std::int64_t most = slot.rules.most.raw();
    if (most <= 0 || quantity.raw() <= most)
        return 1;
    return std::min<std::size_t>(kPiecesMost, static_cast<std::size_t>((quantity.raw() - 1) / most + 1));
}

std::vector<Quantity> BackstopKeeper::Impl::pieces(const StopSlot &slot, Quantity quantity) const
{
    const std::size_t count = piecesOf(slot, quantity);
    const std::int64_t most = slot.rules.most.raw();
    const Quantity step = slot.rules.step;
    std::vector<Quantity> out;
    std::int64_t left = quantity.raw();
    for (std::size_t i = 0; i < count && left > 0; ++i) {
        // Equal pieces, up to the step: none is left over that is below the venue's least.
        Quantity piece = Quantity::fromRaw((left - 1) / static_cast<std::int64_t>(count - i) + 1);
        if (step.isPositive() && i + 1 < count)
            piece = ceilToStep(piece, step);
        piece = Quantity::fromRaw(std::min(left, most > 0 ? std::min(piece.raw(), most) : piece.raw()));
        out.push_back(piece);
        left -= piece.raw();
    }
    return out;
}

void BackstopKeeper::Impl::placeMissing(StopSlot &slot, UtcTime now, std::vector<Wish> &out)
{
    if (!limits.enabled || !slot.isPriced() || !slot.pinned || now < slot.notBefore || slot.hasFired() ||
        isHeld(slot))
        return;
    const auto missing = [&] {
        return Quantity::fromRaw(slot.expected(now).raw() - slot.coveredByOthers().raw() -
                                 slot.kept(false).raw());
    };
    Quantity quantity = missing();
    if (!quantity.isPositive())
        return;
    if (isTooSmall(slot, quantity)) { // then one stop for the whole, which no minimum refuses
        if (slot.hasPending())
            return;
        remake(slot, now);
        quantity = slot.expected(now);
    } else {
        quantity = missing();
    }
    if (slot.cancelsFirst && !makeRoom(slot, now, out))
        return;
    quantity = std::max(quantity, missing()); // room may have been made by giving up what stood
    for (const Quantity piece : pieces(slot, quantity)) {
        place(slot, piece, now, out);
        if (slot.cancelsFirst && --slot.freed <= 0) {
            slot.cancelsFirst = false; // until it is refused again
            break;
        }
    }
}

/// The venue takes no further stop: one that is to go makes room. True when there is some.
bool BackstopKeeper::Impl::makeRoom(StopSlot &slot, UtcTime now, std::vector<Wish> &out)
{
    if (slot.freed > 0)
        return true;
    if (slot.hasPending())
        return false;
    // What stands is given up only where as many orders as stand can hold the whole.
    if (!slot.hasStale() && slot.kept(true).isPositive() &&
        piecesOf(slot, slot.expected(now)) <= resting(slot))
        remake(slot, now);
    for (auto &[id, stop] : slot.stops) {
        if (stop.isOurs && stop.isStale && stop.stage == Stage::Resting) {
            cancel(slot, id, stop, now, out); // one at a time; again when the first try was lost
            return false;
        }
    }
    if (slot.isCancelling())
        return false;
    slot.freed = 1; // nothing of ours is in the way: ask again after the pause
    return true;
}

void BackstopKeeper::Impl::place(StopSlot &slot, Quantity quantity, UtcTime now, std::vector<Wish> &out)
{
    lastNumber = std::max(lastNumber + 1, static_cast<std::uint64_t>(toMilliseconds(now)));
    OrderRequest order;
    order.instrument = slot.key.instrument;
    order.clientOrderId = stopId(slot.life, lastNumber);
    order.side = slot.closingSide();
    order.positionSide = slot.key.side;
    order.type = OrderType::StopMarket;
    order.quantity = quantity;
    order.reduceOnly = ReduceOnly::Yes;
    order.triggerPrice = slot.pinned;
    order.triggerBy = TriggerSource::Mark;
    RestingStop stop;
    stop.isOurs = true;
    stop.side = order.side;
    stop.quantity = quantity;
    stop.trigger = slot.pinned;
    stop.sentAt = now;
    slot.stops.emplace(order.clientOrderId, stop);
    owners.emplace(order.clientOrderId, slot.key);
    lines[order.instrument.venue].placed.push_back(now);
    out.push_back({.what = What::Place, .position = slot.key, .order = std::move(order)});
}

void BackstopKeeper::Impl::cancelStale(StopSlot &slot, UtcTime now, std::vector<Wish> &out)
{
    const auto fresh = add(slot.kept(true), slot.coveredByOthers());
    if (!fresh || *fresh < slot.open)
        return;
    for (auto &[id, stop] : slot.stops)
        if (stop.isOurs && stop.isStale && stop.stage == Stage::Resting)
            cancel(slot, id, stop, now, out);
}

void BackstopKeeper::Impl::watchDeadlines(StopSlot &slot, UtcTime now, std::vector<Wish> &out)
{
    if (!limits.enabled)
        return;
    for (const auto &[id, stop] : slot.stops)
        if (stop.isOurs && stop.stage == Stage::Triggered &&
            now - *stop.triggeredAt >= kTriggeredFillsWithin && stop.left().isPositive() &&
            slot.expected(now).isPositive())
            lose(slot, fmt::format("stop {} fired and has not closed its units", id.view()));
    if (slot.price && slot.price->atMark && slot.closeWhy.empty())
        lose(slot, "no loss headroom is left: a stop would trigger at once");
    if (!slot.price && !std::exchange(slot.saysUnbounded, true))
        say(slot, "No limit and no liquidation price bounds this position: it gets no resting stop");
    slot.saysUnbounded = !slot.price;
    const Line &line = lines[slot.key.instrument.venue];
    if (slot.price && slot.nakedSince && slot.closeWhy.empty() &&
        now >= std::max(*slot.nakedSince + limits.coverWithin,
                        line.since + std::min(kBackFor, limits.coverWithin)))
        lose(slot, fmt::format("no resting stop for {}", secondsText(now - *slot.nakedSince)));
    if (slot.closeWhy.empty() || now < slot.closeAgainAt)
        return;
    slot.closeAgainAt = now + kCloseAgain;
    out.push_back({.what = What::ClosePosition, .position = slot.key, .text = slot.closeWhy});
}

bool BackstopKeeper::Impl::isFar(const StopSlot &slot) const
{
    const Price step = scaled(slot.mark, limits.repinStep, Rounding::Floor).value_or(Price{});
    return std::abs(slot.price->trigger.raw() - slot.pinned->raw()) > step.raw();
}

/// Nothing to wait for: until somebody tells of it, it can be left alone.
bool BackstopKeeper::Impl::isQuiet(const StopSlot &slot, UtcTime now) const
{
    if (slot.open.isZero())
        return !slot.isFlatVerified || !slot.hasLiveOfOurs();
    return slot.closeWhy.empty() && slot.isPriced() && slot.pinned && slot.covered() == slot.open &&
           slot.expected(now) == slot.open && slot.kept(false) <= slot.open && !slot.hasPending() &&
           !slot.hasFired() && !slot.hasStale() && !slot.isCancelling() && !isFar(slot) &&
           resting(slot) <= piecesOf(slot, slot.open) &&
           slot.kept(true).raw() + slot.coveredByOthers().raw() >= slot.open.raw();
}

bool BackstopKeeper::Impl::mayRepin(const StopSlot &slot, UtcTime now) const
{
    if (!limits.enabled || !slot.open.isPositive() || !slot.isPriced() || !slot.pinned || isHeld(slot) ||
        slot.hasPending() || slot.hasFired() || slot.hasStale() || now < slot.notBefore ||
        now - slot.pinnedAt < limits.repinEvery || slot.kept(true).isZero())
        return false;
    return isFar(slot) || resting(slot) > piecesOf(slot, slot.open);
}

/// The furthest from their place first, as far as the venue's share of requests goes.
void BackstopKeeper::Impl::repin(Venue venue, UtcTime now, std::vector<Wish> &out)
{
    auto &placed = lines[venue].placed;
    while (!placed.empty() && now - placed.front() >= kMinute)
        placed.pop_front();
    struct Candidate {
        std::int64_t away{0};
        StopSlot *slot{nullptr};
    };
    std::vector<Candidate> due;
    for (StopSlot *restlessSlot : restless) {
        StopSlot &slot = *restlessSlot;
        if (slot.key.instrument.venue != venue || !mayRepin(slot, now))
            continue;
        const std::int64_t away = std::abs(slot.price->trigger.raw() - slot.pinned->raw());
        due.push_back(
            {mulDiv(away, kDecimalOne, slot.mark.raw(), Rounding::Floor).value_or(kDecimalOne), &slot});
    }
    std::stable_sort(due.begin(), due.end(),
                     [](const Candidate &a, const Candidate &b) { return a.away > b.away; });
    for (const Candidate &candidate : due) {
        if (placed.size() + piecesOf(*candidate.slot, candidate.slot->open) > kPlacedPerMinute)
            return;
        remake(*candidate.slot, now);
        placeMissing(*candidate.slot, now, out);
    }
}

} // namespace core::orders
