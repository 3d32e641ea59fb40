// Safeguards against one's own behaviour: what they say to an order before it goes, and what they notice while a position is open.
// Everything derives from journaled inputs: orders asked for, fills, round trips, time.
#include <algorithm>

#include <fmt/format.h>

#include "core/orders/guard_impl.h"
#include "core/domain/number_text.h"

namespace core::orders
{

namespace
{
constexpr std::size_t kPlansKept = 4096;
/// A stop that is replaced may be gone for a moment.
constexpr Duration kStopGrace = std::chrono::seconds{30};

std::string alertOf(std::string_view code) { return fmt::format("behaviour-{}", code); }

bool isTighter(Direction direction, Price a, Price b) { return direction == Direction::Long ? a > b : a < b; }

std::optional<Money> plus(std::optional<Money> sum, std::optional<Price> price, Quantity quantity)
{
    if (!sum || !price)
        return std::nullopt;
    const auto value = notional(*price, quantity, Rounding::Ceil).and_then([&](Money more) { return add(*sum, more); });
    return value ? std::optional(*value) : std::nullopt;
}
} // namespace

/// At which an order may fill: its own price, else the mark.
std::optional<Price> Guard::Impl::priceOf(const InstrumentKey &instrument, std::optional<Price> limit,
                                          std::optional<Price> trigger) const
{
    const auto market = marketIndex.find(instrument);
    return limit ? limit : trigger ? trigger : market == marketIndex.end() ? std::nullopt : markets[market->second].mark;
}

/// Of the account, if this order, and everything else that rests and could open, were filled: Σ|notional| ÷ equity.
std::optional<Ratio> Guard::Impl::exposureWith(const Wish &wish)
{
    const Account &account = accountOf(wish.request.instrument.venue);
    std::optional<Money> sum{Money{}};
    Quantity own = wish.request.quantity;
    for (const Slot &slot : slots) {
        if (slot.instrument.venue != account.venue || !slot.life)
            continue;
        Quantity size = liveSize(slot, slot.life->direction);
        if (slot.key() == risk::PositionKey{wish.request.instrument, wish.request.positionSide} &&
            wish.request.side == closingSide(slot.life->direction)) {
            // Against the position: what goes beyond it opens the other way.
            const Quantity closed = std::min(size, own);
            size = Quantity::fromRaw(size.raw() - closed.raw());
            own = Quantity::fromRaw(own.raw() - closed.raw());
        }
        sum = plus(sum, markets[slot.market].mark, size);
    }
    for (const auto &[key, order] : openOrders.all()) {
        const bool itself = order.clientOrderId == wish.replaces || order.clientOrderId == wish.request.clientOrderId;
        if (key.first == account.venue && !itself && addsRisk(order))
            sum = plus(sum, priceOf(order.instrument, order.limitPrice, order.triggerPrice), unfilled(order));
    }
    sum = plus(sum, priceOf(wish.request.instrument, wish.request.limitPrice, wish.request.triggerPrice), own);
    if (!sum || !account.totals || !account.totals->equity.isPositive())
        return std::nullopt;
    const auto ratio = ratioOf(*sum, account.totals->equity, Rounding::Ceil);
    return ratio ? std::optional(*ratio) : std::nullopt;
}

/// Absent: what it would put at risk cannot be told; other rules refuse it then.
std::optional<risk::Intention> Guard::Impl::intentionOf(const Wish &wish)
{
    const OrderRequest &request = wish.request;
    risk::Intention intention;
    intention.instrument = request.instrument;
    intention.at = now;
    intention.hasSetup = !wish.setup.empty();
    intention.hasReason = wish.hasReason;
    intention.exposure = exposureWith(wish);
    if (const Slot *slot = findSlot({request.instrument, request.positionSide})) {
        intention.opens = !slot->life;
        intention.leverage = slot->ledger.base().leverage;
    }
    if (wish.plannedRisk && wish.plannedRisk->isPositive()) {
        intention.risk = *wish.plannedRisk;
        return intention;
    }
    const std::optional<Price> price = priceOf(request.instrument, request.limitPrice, request.triggerPrice);
    const auto whole = price ? notional(*price, request.quantity, Rounding::Ceil) : Result<Money>(fail(ErrorCode::NotFound, "price"));
    if (!whole)
        return std::nullopt;
    intention.risk = *whole;
    return intention;
}

risk::SafeguardVerdict Guard::Impl::judgeHabits(const Wish &wish)
{
    Account &account = accountOf(wish.request.instrument.venue);
    if (account.arming == risk::Arming::Off)
        return {}; // nothing of this account is watched
    openTrades(account);
    const auto intention = intentionOf(wish);
    return intention ? account.safeguards.judge(*intention, account.limits.sizing.leverageMax) : risk::SafeguardVerdict{};
}

std::vector<IntentReason> Guard::Impl::adviceOf(const risk::SafeguardVerdict &verdict)
{
    std::vector<IntentReason> advice;
    for (const risk::SafeguardNote &note : verdict.notes) {
        if (!note.refuses)
            advice.push_back({note.code, note.got, note.limit, note.until, note.text});
    }
    return advice;
}

void Guard::Impl::remember(Account &account, risk::Finding finding)
{
    out->emplace_back(FindingRecord{account.venue, finding});
    account.safeguards.onFinding(std::move(finding));
    account.habitsChanged = true;
}

void Guard::Impl::rememberHabits(const Wish &wish, const risk::SafeguardVerdict &verdict)
{
    Account &account = accountOf(wish.request.instrument.venue);
    for (const risk::Finding &finding : verdict.findings)
        remember(account, finding);
    for (const risk::SafeguardNote &note : verdict.notes)
        tell(Severity::Warning, alertOf(note.code),
             fmt::format("{}: {}", wish.request.instrument.symbol.view(), note.text), &wish.request.instrument);
    const Slot *slot = findSlot({wish.request.instrument, wish.request.positionSide});
    keepPlan({.position = {wish.request.instrument, wish.request.positionSide},
              .order = wish.request.clientOrderId,
              .risk = wish.plannedRisk,
              .leverage = slot != nullptr ? slot->ledger.base().leverage : std::nullopt,
              .setup = wish.setup,
              .at = now});
}

void Guard::Impl::keepPlan(risk::TradePlan plan)
{
    out->emplace_back(PlanRecord{plan});
    std::erase_if(plans, [&](const risk::TradePlan &old) {
        return old.order == plan.order && old.position.instrument.venue == plan.position.instrument.venue;
    });
    plans.push_back(std::move(plan));
    if (plans.size() > kPlansKept)
        plans.pop_front();
}

const risk::TradePlan *Guard::Impl::planOf(const ClientOrderId &order) const
{
    const auto found = std::find_if(plans.rbegin(), plans.rend(),
                                    [&](const risk::TradePlan &plan) { return plan.order == order; });
    return found == plans.rend() ? nullptr : &*found;
}

/// The plan of the order whose fill opened the position; where the fill does not name its order, the last one on this position.
std::optional<risk::TradePlan> Guard::Impl::planBehind(const Slot &slot, const Fill &fill) const
{
    for (auto plan = plans.rbegin(); plan != plans.rend(); ++plan) {
        if (plan->position == slot.key() && (fill.clientOrderId.empty() || plan->order == fill.clientOrderId))
            return *plan;
    }
    return std::nullopt;
}

/// Of a position that an earlier run saw opened: later plans only added to it.
std::optional<risk::TradePlan> Guard::Impl::firstPlanOf(const Slot &slot) const
{
    const auto found = std::find_if(plans.begin(), plans.end(),
                                    [&](const risk::TradePlan &plan) { return plan.position == slot.key(); });
    return found == plans.end() ? std::nullopt : std::optional(*found);
}

void Guard::Impl::restoreHabits(const risk::History &history)
{
    Account &account = accountOf(history.account);
    for (const risk::Trip &trip : history.trips)
        account.safeguards.onTrip(trip);
    for (const risk::Finding &finding : history.findings)
        account.safeguards.onFinding(finding);
    for (const risk::TradePlan &plan : history.plans) {
        if (plan.position.instrument.venue == account.venue && planOf(plan.order) == nullptr)
            plans.push_back(plan);
    }
    std::stable_sort(plans.begin(), plans.end(),
                     [](const risk::TradePlan &a, const risk::TradePlan &b) { return a.at < b.at; });
    account.habitsChanged = true;
}

void Guard::Impl::tellHabits(Venue venue, risk::History &history) const
{
    history.findings = accounts[static_cast<std::size_t>(venue)].safeguards.findings();
    for (const Slot &slot : slots) {
        if (slot.instrument.venue == venue && slot.life && slot.tradePlan)
            history.plans.push_back(*slot.tradePlan);
    }
    for (const risk::TradePlan &plan : plans) {
        if (plan.position.instrument.venue == venue && openOrders.find(venue, plan.order) != nullptr &&
            std::find(history.plans.begin(), history.plans.end(), plan) == history.plans.end())
            history.plans.push_back(plan);
    }
}

void Guard::Impl::openTrades(Account &account) const
{
    std::map<risk::PositionKey, UtcTime> open;
    for (const Slot &slot : slots) {
        if (slot.instrument.venue == account.venue && slot.life)
            open.emplace(slot.key(), slot.life->openedAt);
    }
    account.safeguards.setOpen(std::move(open));
    account.safeguards.forget(now);
}

void Guard::Impl::watchHabits(Account &account)
{
    if (!account.present || account.arming == risk::Arming::Off)
        return;
    openTrades(account);
    const auto overheld = account.safeguards.overheld(now);
    for (Slot &slot : slots) {
        if (slot.instrument.venue != account.venue || !slot.life)
            continue;
        const auto found = overheld.find(slot.key());
        if (found != overheld.end() && std::exchange(slot.overheldLife, slot.lifeNumber) != slot.lifeNumber)
            tell(Severity::Warning, alertOf(name(found->second.what)),
                 fmt::format("{}: {}.", slot.instrument.symbol.view(), found->second.text), &slot.instrument);
        if (account.limits.behaviour.tilt != risk::Enforcement::Off)
            watchStop(account, slot);
    }
    showHabits(account); // the score fades; a cooling-off needs news
}

/// The tightest stop of the position that a person placed, here or elsewhere.
std::optional<Price> Guard::Impl::ownStopOf(const Slot &slot) const
{
    std::optional<Price> tightest;
    for (const OrderUpdate &order : openOrders.of(slot.instrument)) {
        const bool isStop = order.type == OrderType::StopMarket || order.type == OrderType::StopLimit;
        if (!isStop || !order.triggerPrice || isStopOfOurs(order.clientOrderId) || order.positionSide != slot.side ||
            order.side != closingSide(slot.life->direction))
            continue;
        if (!tightest || isTighter(slot.life->direction, *order.triggerPrice, *tightest))
            tightest = order.triggerPrice;
    }
    return tightest;
}

void Guard::Impl::watchStop(Account &account, Slot &slot)
{
    StopWatch &watch = slot.ownStop;
    const std::optional<Price> present = ownStopOf(slot);
    const Quantity size = liveSize(slot, slot.life->direction);
    // A smaller position was stopped out or reduced in part: what rests now is the new measure.
    const bool loosened = watch.life == slot.lifeNumber && watch.trigger && size >= watch.size &&
                          (!present || isTighter(slot.life->direction, *watch.trigger, *present));
    if (!loosened) {
        watch = {slot.lifeNumber, present, size, std::nullopt};
        return;
    }
    if (!watch.loosenedAt)
        watch.loosenedAt = now;
    if (now - *watch.loosenedAt < kStopGrace)
        return;
    const Instrument *rules = markets[slot.market].rules();
    const std::string text = present ? fmt::format("the stop was moved away from {} to {}", priceText(*watch.trigger, rules),
                                                   priceText(*present, rules))
                                     : fmt::format("the stop at {} was taken away", priceText(*watch.trigger, rules));
    remember(account, {risk::Finding::What::StopWidened, 1, *watch.loosenedAt, slot.instrument.symbol.string() + ": " + text});
    tell(Severity::Warning, alertOf(name(risk::Finding::What::StopWidened)),
         fmt::format("{}: {}. That is more at risk than was planned.", slot.instrument.symbol.view(), text), &slot.instrument);
    watch = {slot.lifeNumber, present, size, std::nullopt};
}

/// What the news mean: coolings-off that are due, and the figures for the screen.
void Guard::Impl::followHabits(Account &account)
{
    account.habits = {};
    if (!account.present || account.arming == risk::Arming::Off)
        return;
    openTrades(account);
    for (risk::CoolingOff &due : account.safeguards.coolingsOff(now))
        fact(risk::CoolingOffSet{account.venue, std::move(due.reason), due.since});
    showHabits(account);
}

void Guard::Impl::showHabits(Account &account)
{
    const risk::BehaviourLimits &limits = account.limits.behaviour;
    account.habits = {};
    if (limits.tilt != risk::Enforcement::Off)
        account.habits.tilt = account.safeguards.tilt(now);
    if (limits.leverageLadder == risk::Enforcement::Off)
        return;
    const risk::LadderState ladder = account.safeguards.ladder(now);
    account.habits.rung = ladder.rung;
    if (ladder.rung > 0)
        account.habits.leverageCap =
            ladder.leverageCap(account.limits.sizing.leverageMax.toDouble(), limits.ladderFactor.toDouble());
}

} // namespace core::orders
