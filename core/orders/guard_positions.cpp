// What the venue holds: reports, fills and omissions joined into lives, and the proof that a close has
// worked.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/orders/guard_impl.h"
#include "core/domain/number_text.h"

namespace core::orders
{

namespace
{
/// A list without a position that the stream showed a moment ago is taken for late, once.
constexpr Duration kStreamOutranksQuery = std::chrono::seconds{2};
/// Answers that contradict stream and fills for so long are right: what the venue says wins.
constexpr Duration kQueryWinsAfter = std::chrono::seconds{1};
} // namespace

Quantity Guard::Impl::liveSize(const Slot &slot, Direction direction) const
{
    std::int64_t size = slot.ledger.live();
    if (direction == Direction::Short)
        size = checkedSub(0, size).value_or(0);
    if (size > 0 && slot.plan) {
        // An order's own status may run ahead of its single fills.
        for (const TrackedOrder &order : slot.plan->orders) {
            if (!order.earlier && order.life.lastVenueTime() > slot.ledger.baseTime())
                size = checkedSub(size, order.life.filledWithoutFills().raw()).value_or(0);
        }
    }
    return Quantity::fromRaw(std::max<std::int64_t>(size, 0));
}

void Guard::Impl::applyPosition(Slot &slot, const Position &position, Source source)
{
    const bool flatBefore = slot.plan && liveSize(slot, slot.plan->life.direction).isZero();
    const bool accepted = slot.ledger.onReport(position);
    beginTrips(slot);
    if (source == Source::Stream && accepted) {
        slot.flatByQueryOnly = false;
        slot.streamFlatAt.reset();
        if (position.isFlat())
            slot.streamFlatAt = now;
        else
            slot.streamOpenAt = now;
    }
    if (source == Source::Query) {
        slot.omissions = 0;
        settleDisagreement(slot, position);
        const bool agreed = slot.streamFlatAt.has_value() || (flatBefore && !slot.flatByQueryOnly);
        if (position.isFlat() && !agreed)
            slot.flatByQueryOnly = true;
        if (slot.plan)
            verify(slot, &position, agreed);
    }
    refreshLife(slot);
}

void Guard::Impl::settleDisagreement(Slot &slot, const Position &listed)
{
    const bool inFlux = slot.plan && !slot.plan->isSettled();
    const bool agrees = listed.isFlat() ? liveSize(slot, Direction::Long).isZero() &&
                                              liveSize(slot, Direction::Short).isZero()
                                        : liveSize(slot, listed.direction) == listed.quantity;
    if (inFlux || agrees) {
        slot.disagreesSince.reset();
        return;
    }
    if (!slot.disagreesSince) {
        slot.disagreesSince = now;
        askPositions(slot.instrument.venue); // and every timer tick until it is settled
    }
    if (now - *slot.disagreesSince < kQueryWinsAfter)
        return;
    UtcTime upTo = listed.venueTime;
    if (slot.plan) {
        for (const TrackedOrder &order : slot.plan->orders)
            upTo = std::max(upTo, order.life.lastVenueTime());
    }
    slot.ledger.rebase(listed, upTo);
    slot.disagreesSince.reset();
    if (accountOf(slot).arming != risk::Arming::Off)
        tell(Severity::Warning, "position-corrected",
             fmt::format("{}: the venue insists on a position of {}; stream and fills had it otherwise. The "
                         "venue's figure is used.",
                         slot.instrument.symbol.view(),
                         quantityText(listed.quantity, markets[slot.market].rules())),
             &slot.instrument);
}

void Guard::Impl::applyOmission(Slot &slot, Source source)
{
    if (!slot.ledger.isKnown())
        return;
    const bool wasOpen = !slot.ledger.base().isFlat();
    const bool flatBefore = slot.plan && liveSize(slot, slot.plan->life.direction).isZero();
    const bool agreed = slot.streamFlatAt.has_value() || (flatBefore && !slot.flatByQueryOnly);
    if (wasOpen && !agreed && slot.streamOpenAt && now - *slot.streamOpenAt < kStreamOutranksQuery &&
        ++slot.omissions < 2) {
        askPositions(slot.instrument.venue);
        return;
    }
    slot.omissions = 0;
    slot.disagreesSince.reset(); // the list was believed: nobody contradicts any more
    if (wasOpen) {
        slot.ledger.onOmitted();
        slot.flatByQueryOnly = slot.flatByQueryOnly || (!agreed && source == Source::Query);
    }
    if (source == Source::Query && slot.plan)
        verify(slot, nullptr, agreed);
    refreshLife(slot);
}

void Guard::Impl::refreshLife(Slot &slot)
{
    if (!slot.ledger.isKnown())
        return;
    const Position &base = slot.ledger.base();
    if (slot.life && (base.isFlat() || base.direction != slot.life->direction)) {
        slot.life.reset();
        accountOf(slot).lifeEnded = true;
        slot.flatUntil = slot.ledger.baseTime(); // a flip passes through flat at this moment
        slot.earlier.clear();
        slot.held.clear();
        slot.blindTold = false;
        slot.disagreesSince.reset(); // it was about this life
    }
    if (base.isFlat())
        slot.flatUntil = slot.ledger.baseTime();
    if (slot.life || base.isFlat())
        return;
    // The fill that opened it, where the fills reach back that far and not into a life before; else the time
    // of the report.
    UtcTime openedAt = slot.ledger.openedAt().value_or(base.venueTime);
    if (slot.flatUntil && openedAt < *slot.flatUntil)
        openedAt = base.venueTime;
    const bool sameDirection = slot.lastLife && slot.lastLife->direction == base.direction;
    if (slot.lastLife && !sameDirection && openedAt <= slot.lastLife->openedAt)
        openedAt = slot.lastLife->openedAt + std::chrono::nanoseconds{1};
    slot.life = risk::Life{slot.key(), base.direction, openedAt};
    ++slot.lifeNumber;
    slot.disagreesSince.reset();
    slot.predates = !accountOf(slot).completeSeen;
    slot.openedForIds.reset();
    hashLife(slot, *slot.life); // now, so that a breach finds it made
    slot.cleared.clear();
    // The same opening seen again (it had only looked flat, or closed and opened within one instant): its ids stay used.
    if (slot.lastLife != slot.life)
        slot.decisions.clear();
    slot.lastLife = slot.life;
    slot.sweeps = 0;
    slot.trippedText.clear();
}

/// Round trips are counted from the first word of a position on: flat when the venue's list did not have it, else from what it
/// says is open.
void Guard::Impl::beginTrips(Slot &slot)
{
    if (slot.trips)
        return;
    const Market &market = markets[slot.market];
    const Asset asset = market.instrument ? market.instrument->quote : Asset{};
    std::optional<risk::OpeningPosition> opening;
    if (!accountOf(slot).completeSeen && slot.ledger.isKnown()) {
        const Position &base = slot.ledger.base();
        slot.tripsFrom = slot.ledger.baseTime();
        if (!base.isFlat())
            opening = risk::OpeningPosition{base.direction, base.quantity, base.entryPrice, base.venueTime};
        if (opening)
            slot.tradePlan = firstPlanOf(slot);
    }
    slot.trips.emplace(slot.side, asset, opening);
}

/// REQUIRES: the fill is new.
void Guard::Impl::countTrip(Slot &slot, const Fill &fill)
{
    beginTrips(slot);
    if (fill.venueTime < slot.tripsFrom || (fill.venueTime == slot.tripsFrom && !accountOf(slot).completeSeen))
        return; // told late: it is inside what was open then
    slot.tripsFrom = fill.venueTime;
    const std::optional<int> leverage = slot.ledger.base().leverage;
    const bool wasFlat = slot.trips->isFlat();
    const auto done = slot.trips->apply(fill);
    if (!done) {
        slot.trips.reset(); // numbers beyond the range: begun again with the next word
        return;
    }
    if (wasFlat)
        slot.tradePlan = planBehind(slot, fill);
    if (!*done)
        return;
    // A flip closes one and opens the next.
    const auto plan = std::exchange(slot.tradePlan, slot.trips->isFlat() ? std::nullopt : planBehind(slot, fill));
    const risk::RoundTrip &round = **done;
    risk::Trip trip;
    trip.position = slot.key();
    trip.direction = round.direction;
    trip.openedAt = round.openedAt;
    trip.closedAt = round.closedAt;
    trip.net = add(round.net, std::exchange(slot.tripFunding, Money{})).value_or(round.net);
    trip.fees = round.fees;
    trip.notional = notional(round.entryPrice, round.size, Rounding::HalfEven).value_or(Money{});
    trip.plannedRisk = plan ? plan->risk : std::nullopt;
    trip.leverage = plan && plan->leverage ? plan->leverage : leverage;
    trip.hasSetup = plan && !plan->setup.empty();
    accountOf(slot).safeguards.onTrip(trip);
    accountOf(slot).habitsChanged = true;
    fact(risk::TripSet{std::move(trip)});
}

void Guard::Impl::verify(Slot &slot, const Position *listed, bool agreed)
{
    Plan &plan = *slot.plan;
    if (!plan.isSettled() || plan.asking)
        return;
    const bool flat = listed == nullptr || listed->isFlat() || listed->direction != plan.life.direction;
    const Quantity closed = plan.closed();
    if (flat && !agreed) {
        // Closed by somebody else while the stream is silent: believed when the venue says it twice, but not
        // called verified.
        if (++plan.flatByQueryOnly < 2)
            return;
        tell(Severity::Warning, "close-by-query-only",
             fmt::format(
                 "{} is flat according to two answers of the venue; the account stream has not shown it.",
                 slot.instrument.symbol.view()),
             &slot.instrument, plan.decisionId);
        finish(slot, "flat by query only");
        return;
    }
    const bool reduced = !plan.everything && closed >= plan.target && listed != nullptr &&
                         (listed->quantity.raw() <= plan.sizeAtStart.raw() - plan.target.raw() ||
                          listed->venueTime >= slot.ledger.lastFillTime());
    if (!flat && !reduced)
        return;
    const std::optional<Price> average = plan.averagePrice();
    out->emplace_back(ActionVerified{.decisionId = plan.decisionId,
                                     .instrument = slot.instrument,
                                     .took = now - plan.startedAt,
                                     .closed = closed,
                                     .averagePrice = average,
                                     .attempts = plan.attempt,
                                     .byQueryAt = now,
                                     .byStreamAt = flat ? slot.streamFlatAt : slot.streamOpenAt});
    const Instrument *rules = markets[slot.market].rules();
    tell(Severity::Info, flat ? kAlertCloseVerified : "reduce-verified",
         fmt::format("{} {}: {} closed{} in {}, {} {}. The venue reports it {}{}.",
                     slot.instrument.symbol.view(), name(plan.life.direction), quantityText(closed, rules),
                     average ? " at " + priceText(*average, rules) + " on average" : "",
                     secondsText(now - plan.startedAt), plan.attempt,
                     plan.attempt == 1 ? "attempt" : "attempts", flat ? "flat" : "reduced",
                     slot.streamFlatAt ? ", by query and by stream" : ", by query and by fills"),
         &slot.instrument, plan.decisionId);
    finish(slot, flat ? "flat" : "reduced");
    if (flat)
        startSweep(slot);
}

} // namespace core::orders
