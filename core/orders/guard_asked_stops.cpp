// Stops that people ask for together with an entry: sent as soon as the entry has filled, followed until they rest, taken back
// when the position is gone. In every arming state: a person has asked for them, no limit has.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/orders/backstop_slot.h"
#include "core/orders/fnv.h"
#include "core/orders/guard_impl.h"
#include "core/domain/number_text.h"

namespace core::orders
{

namespace
{
constexpr std::string_view kPrefix = "ets-";
constexpr Duration kCancelAgain = std::chrono::seconds{2};
constexpr Duration kFirstPause = std::chrono::milliseconds{250};
constexpr int kPausesMost = 4; ///< 4 s
constexpr Duration kNakedTellAfter = std::chrono::seconds{5};
/// A filled entry whose position has not shown up by then was closed on the way.
constexpr Duration kOpensWithin = std::chrono::minutes{1};

Direction directionOf(Side entry) { return entry == Side::Buy ? Direction::Long : Direction::Short; }

/// Deterministic, so a retry cannot double an order.
ClientOrderId stopIdOf(const AskedStop &wish)
{
    Fnv hash;
    hash.add(wish.intent);
    return ClientOrderId::from(
               fmt::format("{}{:016x}{:04x}", kPrefix, static_cast<std::uint64_t>(hash.value() >> 64U), wish.number))
        .value_or(ClientOrderId{});
}

bool isLive(const std::optional<TrackedOrder> &order) { return order && !order->life.isSettled(); }

bool rests(const std::optional<TrackedOrder> &order)
{
    return order && order->life.status() == OrderStatus::New && order->life.request().type == OrderType::StopMarket;
}
} // namespace

void Guard::Impl::judgeAskedStop(const OrderIntent &intent, const OrderRequest &request, bool adds, Reasons &reasons)
{
    if (!intent.stop)
        return;
    const Account &account = accountOf(request.instrument.venue);
    const Market &market = marketOf(request.instrument);
    const Price stop = *intent.stop;
    if (!adds) {
        reasons.push_back({"stop-without-entry", stop.text(), {}, std::nullopt,
                           "A stop can be asked for only with an order that adds to a position."});
        return;
    }
    if (account.can && !account.can->conditionalOrders) {
        reasons.push_back({"stop-not-supported", stop.text(), {}, std::nullopt, "This venue takes no stop orders."});
        return;
    }
    const bool isBuy = request.side == Side::Buy;
    std::optional<Price> entry = request.triggerPrice ? request.triggerPrice : request.limitPrice;
    if (!request.triggerPrice && market.mark) // it fills at the market where that is the better price
        entry = !entry ? *market.mark : isBuy ? std::min(*entry, *market.mark) : std::max(*entry, *market.mark);
    if (!entry || !stop.isPositive() || (isBuy ? stop >= *entry : stop <= *entry))
        reasons.push_back({"stop-wrong-side", stop.text(), entry ? entry->text() : std::string(), std::nullopt,
                           fmt::format("The stop of a {} must be {} its entry{}.", isBuy ? "buy" : "sell",
                                       isBuy ? "below" : "above", entry ? " at " + entry->text() : "")});
    else if (market.instrument && !isValidPrice(*market.instrument, stop))
        reasons.push_back({"stop-off-tick", stop.text(), market.instrument->tickSize.text(), std::nullopt,
                           fmt::format("The stop must be a price of the venue's steps of {}.",
                                       market.instrument->tickSize.text())});
}

void Guard::Impl::keepAskedStop(const OrderIntent &intent, const OrderRequest &request)
{
    if (intent.stop)
        askedStops.push_back({.intent = intent.id, .entry = OrderLife(request), .trigger = *intent.stop});
}

/// The stop with this id, and who asked for it; null: none of these.
TrackedOrder *Guard::Impl::askedStopOf(const ClientOrderId &id, AskedStop *&owner)
{
    for (AskedStop &wish : askedStops) {
        for (auto *order : {&wish.stop, &wish.older}) {
            if (!id.empty() && *order && (*order)->life.request().clientOrderId == id) {
                owner = &wish;
                return &**order;
            }
        }
    }
    return nullptr;
}

bool Guard::Impl::onAskedStop(const ClientOrderId &id, const std::function<void(OrderLife &)> &news)
{
    for (AskedStop &wish : askedStops) {
        if (!id.empty() && wish.entry.request().clientOrderId == id)
            news(wish.entry);
    }
    AskedStop *owner = nullptr;
    TrackedOrder *stop = askedStopOf(id, owner);
    if (stop == nullptr)
        return false;
    news(stop->life);
    owner->fired = owner->fired || stop->life.status() == OrderStatus::Triggered;
    return true;
}

bool Guard::Impl::onAskedStopOutcome(const OutcomeReport &report)
{
    for (AskedStop &wish : askedStops) {
        if (wish.entry.request().clientOrderId == report.order && !wish.entry.isSettled())
            wish.entry.onOutcome(report.outcome);
    }
    AskedStop *owner = nullptr;
    TrackedOrder *stop = askedStopOf(report.order, owner);
    if (stop == nullptr)
        return false;
    if (stop->told) // of the cancel: only a word on the order itself tells its fate
        return true;
    stop->life.onOutcome(report.outcome);
    if (report.outcome == RequestOutcome::Rejected)
        owner->why = report.detail;
    if (report.outcome == RequestOutcome::Unknown)
        stop->askAt = now; // never sent again: the venue is asked until its fate is known
    return true;
}

void Guard::Impl::driveAskedStops(Account &account)
{
    if (account.lifeEnded)
        dropAskedStops(account);
    if (askedStops.empty() || !account.reconciled)
        return;
    std::erase_if(askedStops, [&](AskedStop &wish) {
        return wish.entry.request().instrument.venue == account.venue && driveAskedStop(wish);
    });
}

/// True: nothing is left to be done for it.
bool Guard::Impl::driveAskedStop(AskedStop &wish)
{
    const OrderRequest &entry = wish.entry.request();
    Slot *slot = findSlot({entry.instrument, entry.positionSide});
    const Direction direction = directionOf(entry.side);
    const bool isOpen = slot != nullptr && slot->life && slot->life->direction == direction;
    const Quantity held = isOpen ? liveSize(*slot, direction) : Quantity{};
    if (wish.entry.isSettled() && !wish.endedAt)
        wish.endedAt = now;
    if (readStopEnd(wish))
        return true;
    if (held.isZero()) {
        for (auto *order : {&wish.stop, &wish.older}) {
            if (isLive(*order))
                cancelAskedStop(**order);
        }
        if (std::exchange(wish.wasOpen, false))
            wish.done = wish.entry.filled();
        const bool cannotOpen = wish.endedAt && (wish.entry.filled() <= wish.done || now - *wish.endedAt >= kOpensWithin);
        return cannotOpen && !isLive(wish.stop) && !isLive(wish.older);
    }
    wish.wasOpen = true;
    if (isLive(wish.older) && rests(wish.stop))
        cancelAskedStop(*wish.older);
    for (auto *order : {&wish.stop, &wish.older}) {
        if (isLive(*order))
            askAboutStop(**order);
    }
    const Quantity wanted = std::min(
        held, Quantity::fromRaw(std::max<std::int64_t>(0, wish.entry.filled().raw() - wish.done.raw())));
    const Quantity sent = isLive(wish.stop) ? wish.stop->life.open() : Quantity{};
    const Quantity resting = std::max(rests(wish.stop) ? sent : Quantity{},
                                      rests(wish.older) ? wish.older->life.open() : Quantity{});
    warnOfNakedEntry(wish, resting < wanted);
    const bool isClosing = slot->plan && slot->plan->everything && !slot->plan->stopped;
    const bool isAwaited = isLive(wish.stop) && (!rests(wish.stop) || isLive(wish.older));
    if (sent < wanted && !isClosing && !isAwaited && now >= wish.notBefore)
        sendAskedStop(wish, wanted);
    return wish.endedAt && wanted.isZero() && !isLive(wish.stop) && !isLive(wish.older);
}

/// What has ended is counted, and what its end means. True: a person took the stop back.
bool Guard::Impl::readStopEnd(AskedStop &wish)
{
    if (wish.older && wish.older->life.isSettled()) {
        wish.done = add(wish.done, wish.older->life.filled()).value_or(wish.done);
        wish.older.reset();
    }
    if (!wish.stop || !wish.stop->life.isSettled())
        return false;
    const TrackedOrder ended = *std::exchange(wish.stop, std::nullopt);
    const InstrumentKey &instrument = ended.life.request().instrument;
    wish.done = add(wish.done, ended.life.filled()).value_or(wish.done);
    const OrderStatus status = ended.life.status();
    if (status == OrderStatus::Filled || ended.told)
        return false;
    if (status == OrderStatus::Canceled && !wish.fired && !wish.closes && ended.life.filled().isZero()) {
        tell(Severity::Warning, "asked-stop-cancelled",
             fmt::format("{}: the stop at {} that was asked for with an order was cancelled at the venue. It is not placed again.",
                         instrument.symbol.view(), wish.trigger.text()),
             &instrument);
        return true;
    }
    const std::string why = wish.why.empty() ? ended.life.reason() : wish.why;
    if (wish.older) { // the smaller one still rests
        wish.stop = std::exchange(wish.older, std::nullopt);
    } else if (wish.fired || ended.life.filled().isPositive() || stopRefusal(why) == StopRefusal::WouldTrigger) {
        wish.closes = true;
    }
    wish.notBefore = now + kFirstPause * (1 << std::min(wish.refusals++, kPausesMost));
    if (!ended.life.isAbsent())
        tell(Severity::Critical, "asked-stop-refused",
             fmt::format("{}: the stop at {} that was asked for with an order ended {}{}. {}", instrument.symbol.view(),
                         wish.trigger.text(), name(status), why.empty() ? std::string() : " (" + why + ")",
                         wish.closes ? "Its units are closed at market." : "It is tried again."),
             &instrument);
    return false;
}

/// A stop; or, where none can rest any more, a market order for the same units.
void Guard::Impl::sendAskedStop(AskedStop &wish, Quantity quantity)
{
    const OrderRequest &entry = wish.entry.request();
    const Market &market = marketOf(entry.instrument);
    const bool isBuy = entry.side == Side::Buy;
    const bool isPast = market.mark && markFresh(market) && (isBuy ? *market.mark <= wish.trigger : *market.mark >= wish.trigger);
    if (isPast && !std::exchange(wish.closes, true))
        tell(Severity::Critical, "asked-stop-passed",
             fmt::format("{}: the mark {} is beyond the stop {} that was asked for with an order. Closing {} at market.",
                         entry.instrument.symbol.view(), priceText(*market.mark, market.rules()),
                         priceText(wish.trigger, market.rules()), quantityText(quantity, market.rules())),
             &entry.instrument);
    ++wish.number;
    wish.why.clear();
    OrderRequest request;
    request.instrument = entry.instrument;
    request.clientOrderId = stopIdOf(wish);
    request.side = opposite(entry.side);
    request.positionSide = entry.positionSide;
    request.type = wish.closes ? OrderType::Market : OrderType::StopMarket;
    request.quantity = quantity;
    request.reduceOnly = ReduceOnly::Yes;
    if (!wish.closes) {
        request.triggerPrice = wish.trigger;
        request.triggerBy = TriggerSource::Mark;
    }
    auto approved = risk::RiskGate::check(request, gateFacts(request));
    if (!approved) {
        wish.notBefore = now + kFirstPause * (1 << std::min(wish.refusals++, kPausesMost));
        tell(Severity::Critical, "gate-refused",
             fmt::format("{}: a stop that was asked for did not pass our own gate: {}.", entry.instrument.symbol.view(),
                         approved.error().text()),
             &entry.instrument);
        return;
    }
    wish.older = std::exchange(wish.stop, TrackedOrder{OrderLife(request), {}, now, now + kAnswerDeadline, false, false});
    openOrders.onSent(request, now);
    out->emplace_back(SendOrder{wish.intent, std::move(*approved)});
}

void Guard::Impl::cancelAskedStop(TrackedOrder &stop)
{
    if (stop.told && now < stop.askAt)
        return;
    stop.told = true; // its end is our wish
    stop.askAt = now + kCancelAgain;
    out->emplace_back(CancelOrder{{}, stop.life.request().instrument, stop.life.request().clientOrderId});
}

/// Until the venue has said that it rests; a market order until it has ended.
void Guard::Impl::askAboutStop(TrackedOrder &stop)
{
    const bool isSure = stop.life.status() == OrderStatus::New && stop.life.request().type == OrderType::StopMarket;
    if (isSure || stop.told || now < stop.askAt)
        return;
    stop.askAt = now + kAnswerDeadline;
    out->emplace_back(QueryOrder{stop.life.request().instrument, stop.life.request().clientOrderId});
}

void Guard::Impl::warnOfNakedEntry(AskedStop &wish, bool isNaked)
{
    if (!isNaked) {
        wish.nakedSince.reset();
        wish.nakedTold = false;
        return;
    }
    if (!wish.nakedSince)
        wish.nakedSince = now;
    if (now - *wish.nakedSince < kNakedTellAfter || std::exchange(wish.nakedTold, true))
        return;
    const InstrumentKey &instrument = wish.entry.request().instrument;
    tell(Severity::Critical, "asked-stop-missing",
         fmt::format("{}: the stop at {} that was asked for with an order does not rest at the venue yet. It is tried on.",
                     instrument.symbol.view(), wish.trigger.text()),
         &instrument);
}

/// Stops of this kind that an earlier run placed, and whose position is gone: the next position would meet them.
void Guard::Impl::dropAskedStops(Account &account)
{
    if (!account.reconciled || !account.completeSeen)
        return;
    bool isLeft = false;
    for (const auto &[key, order] : openOrders.all()) {
        if (key.first != account.venue || !key.second.view().starts_with(kPrefix))
            continue;
        const bool isFollowed = std::any_of(askedStops.begin(), askedStops.end(), [&](const AskedStop &wish) {
            return (wish.stop && wish.stop->life.request().clientOrderId == key.second) ||
                   (wish.older && wish.older->life.request().clientOrderId == key.second);
        });
        const Slot *slot = findSlot({order.instrument, order.positionSide});
        if (isFollowed || (slot != nullptr && slot->life))
            continue;
        isLeft = true;
        const auto [sent, isNew] = taking.try_emplace(key, now);
        if (!isNew && now - sent->second < kCancelAgain)
            continue;
        sent->second = now;
        out->emplace_back(CancelOrder{{}, order.instrument, order.clientOrderId});
    }
    account.lifeEnded = isLeft;
}

} // namespace core::orders
