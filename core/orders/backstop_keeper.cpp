// What the keeper is told: targets, orders, answers, time.
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
constexpr std::size_t kEndedKept = 256; ///< per position: late news of an ended stop must not revive it
constexpr Duration kFirstPause = std::chrono::milliseconds{250};
constexpr int kPausesMost = 4; ///< 4 s

void join(RestingStop &stop, Stage stage)
{
    if (stop.stage != Stage::Done && !(stop.stage == Stage::Triggered && stage == Stage::Resting))
        stop.stage = stage;
}
} // namespace

BackstopKeeper::BackstopKeeper() : m_impl(std::make_unique<Impl>()) {}
BackstopKeeper::~BackstopKeeper() = default;
BackstopKeeper::BackstopKeeper(BackstopKeeper &&) noexcept = default;
BackstopKeeper &BackstopKeeper::operator=(BackstopKeeper &&) noexcept = default;

StopSlot &BackstopKeeper::Impl::slotOf(const risk::PositionKey &key)
{
    const auto [found, isNew] = slots.try_emplace(key);
    if (isNew) {
        found->second.key = key;
        restless.push_back(&found->second);
    }
    return found->second;
}

RestingStop *BackstopKeeper::Impl::find(const ClientOrderId &id, StopSlot **slot)
{
    const auto owner = owners.find(id);
    if (owner == owners.end())
        return nullptr;
    *slot = &slots.at(owner->second);
    auto &live = (*slot)->stops;
    const auto found = live.find(id);
    return found != live.end() ? &found->second : &(*slot)->ended.at(id);
}

/// After a word on one stop: it is kept among the live or the ended ones, and the slot is looked at.
void BackstopKeeper::Impl::settle(StopSlot &slot, const ClientOrderId &id, UtcTime now)
{
    const auto file = [&](auto &from, auto &to, bool live) {
        if (const auto found = from.find(id); found != from.end() && found->second.isLive() == live)
            to.insert(from.extract(found));
    };
    file(slot.stops, slot.ended, false);
    file(slot.ended, slot.stops, true);
    settle(slot, now);
    forgetOld(slot);
}

void BackstopKeeper::Impl::wake(StopSlot &slot)
{
    if (!std::exchange(slot.isRestless, true))
        restless.push_back(&slot);
}

void BackstopKeeper::Impl::settle(StopSlot &slot, UtcTime now)
{
    wake(slot);
    const Quantity uncovered = Quantity::fromRaw(slot.open.raw() - slot.covered().raw());
    const Money before = slot.naked;
    slot.naked = notional(slot.mark, uncovered, Rounding::Ceil).value_or(before);
    naked =
        subtract(naked, before).and_then([&](Money rest) { return add(rest, slot.naked); }).value_or(naked);
    nakedTime.set(naked);
    const bool waits = uncovered.raw() > slot.open.raw() - slot.expected(now).raw();
    if (!waits)
        slot.nakedSince.reset();
    else if (!slot.nakedSince)
        slot.nakedSince = now;
    // Only stops that stand where they belong end a close that was called for.
    const auto fresh = add(slot.kept(true), slot.coveredByOthers());
    const bool isWhole = fresh && *fresh >= slot.open;
    if (slot.open.isZero() || (slot.isPriced() && isWhole))
        slot.closeWhy.clear();
    slot.cancelsFirst = slot.cancelsFirst && !isWhole;
}

void BackstopKeeper::Impl::say(const StopSlot &slot, std::string text)
{
    said.push_back({.what = What::Alarm, .position = slot.key, .text = std::move(text)});
}

/// The stop did not do its work: the position has to be closed now.
void BackstopKeeper::Impl::lose(StopSlot &slot, const std::string &why)
{
    if (slot.closeWhy.empty())
        slot.closeAgainAt = {};
    slot.closeWhy = why;
}

void BackstopKeeper::Impl::forgetOld(StopSlot &slot)
{
    if (slot.ended.size() <= kEndedKept)
        return;
    const auto oldest =
        std::min_element(slot.ended.begin(), slot.ended.end(),
                         [](const auto &a, const auto &b) { return a.second.sentAt < b.second.sentAt; });
    owners.erase(oldest->first);
    slot.ended.erase(oldest);
}

void BackstopKeeper::setLimits(const risk::BackstopLimits &limits)
{
    m_impl->limits = limits;
    for (auto &[key, slot] : m_impl->slots)
        m_impl->wake(slot);
}

void BackstopKeeper::onTarget(UtcTime now, const BackstopPosition &position,
                              std::optional<BackstopPrice> price)
{
    m_impl->nakedTime.advance(now);
    StopSlot &slot = m_impl->slotOf(position.life.position);
    const bool turned = slot.open.isPositive() && slot.life.direction != position.life.direction;
    if (!(slot.life == position.life)) {
        slot.pinned.reset();
        slot.refusals = 0;
        slot.unfollowed = 0;
        slot.closeWhy.clear();
        slot.saysUnbounded = false;
        slot.cancelsFirst = false;
        if (turned)
            slot.nakedSince.reset();
    } else if (position.quantity < slot.open) {
        slot.follow(now, position.quantity.raw() - slot.open.raw());
    }
    slot.life = position.life;
    slot.open = position.quantity;
    slot.mark = position.mark;
    slot.liquidation = position.liquidation;
    if (const Instrument *instrument = position.instrument)
        slot.rules = {.step = instrument->marketStepSize.isPositive() ? instrument->marketStepSize
                                                                      : instrument->stepSize,
                      .least = instrument->marketQuantityMin,
                      .most = instrument->marketQuantityMax,
                      .notionalLeast = instrument->notionalMin};
    slot.price = price;
    if (slot.open.isPositive()) {
        slot.isFlatVerified = false;
    } else {
        slot.closeWhy.clear();
        slot.pinned.reset();
    }
    m_impl->settle(slot, now);
}

void BackstopKeeper::onVerifiedFlat(UtcTime now, const risk::PositionKey &position)
{
    m_impl->nakedTime.advance(now);
    const auto found = m_impl->slots.find(position);
    if (found == m_impl->slots.end())
        return;
    StopSlot &slot = found->second;
    slot.open = {};
    slot.price.reset();
    slot.pinned.reset();
    slot.closeWhy.clear();
    slot.isFlatVerified = true;
    m_impl->settle(slot, now);
}

void BackstopKeeper::onOrder(UtcTime now, const OrderUpdate &order)
{
    m_impl->nakedTime.advance(now);
    StopSlot *slot = nullptr;
    RestingStop *stop = m_impl->find(order.clientOrderId, &slot);
    if (stop == nullptr) {
        const auto number = stopNumber(order.clientOrderId, now);
        const bool rests = order.status == OrderStatus::New || order.status == OrderStatus::PartiallyFilled ||
                           order.status == OrderStatus::Triggered;
        if ((!number && !isConditional(order.type)) || !rests)
            return;
        const risk::PositionKey key{order.instrument, order.positionSide};
        slot = &m_impl->slotOf(key);
        stop = &slot->stops[order.clientOrderId];
        m_impl->owners.emplace(order.clientOrderId, key);
        stop->isOurs = number.has_value();
        stop->sentAt = now;
        m_impl->takeWords(*stop, order);
        m_impl->lastNumber = std::max(m_impl->lastNumber, number.value_or(0));
        stop->isStale = stop->isOurs && slot->pinned && stop->trigger != slot->pinned;
    }
    m_impl->take(*slot, *stop, order, now);
    m_impl->settle(*slot, order.clientOrderId, now);
}

void BackstopKeeper::Impl::takeWords(RestingStop &stop, const OrderUpdate &order)
{
    stop.side = order.side;
    stop.type = isConditional(order.type) ? order.type : stop.type; // its child is a plain order
    stop.reduces = order.reduceOnly == ReduceOnly::Yes || order.positionSide != PositionSide::Both ||
                   order.quantity.isZero();
    stop.quantity = order.quantity;
    if (order.triggerPrice)
        stop.trigger = order.triggerPrice;
}

void BackstopKeeper::Impl::take(StopSlot &slot, RestingStop &stop, const OrderUpdate &order, UtcTime now)
{
    if (order.filled > stop.filled) {
        if (stop.isOurs)
            slot.follow(now, order.filled.raw() - stop.filled.raw());
        stop.filled = order.filled;
    }
    const bool rests = order.status == OrderStatus::New || order.status == OrderStatus::PartiallyFilled;
    if (stop.isOurs && rests && isConditional(order.type) && stop.stage != Stage::Done) {
        const bool differs = order.side != stop.side || order.type != stop.type ||
                             order.quantity != stop.quantity ||
                             (order.triggerPrice && order.triggerPrice != stop.trigger);
        takeWords(stop, order);
        if (differs) {
            stop.isUnderstood = false;
            stop.isStale = stop.isStale || !slot.pinned || stop.trigger != slot.pinned;
            say(slot, fmt::format("The venue holds stop {} as {} {} at {}: not as it was sent",
                                  order.clientOrderId.view(), name(order.type), order.quantity.text(),
                                  order.triggerPrice ? order.triggerPrice->text() : "no price"));
        }
    }
    switch (order.status) {
    case OrderStatus::Pending:
        break;
    case OrderStatus::New:
    case OrderStatus::PartiallyFilled:
        if (stop.stage == Stage::Refused || stop.stage == Stage::Absent) // it was replaced meanwhile
            stop.isStale = stop.isOurs && slot.pinned && stop.trigger != slot.pinned;
        join(stop, Stage::Resting);
        stop.hasRested = true;
        break;
    case OrderStatus::Triggered:
        join(stop, Stage::Triggered);
        if (!stop.triggeredAt)
            stop.triggeredAt = now;
        break;
    case OrderStatus::Unknown:
        join(stop, Stage::Unknown);
        break;
    case OrderStatus::Filled:
    case OrderStatus::Canceled:
    case OrderStatus::Rejected:
    case OrderStatus::Expired:
        if (stop.stage != Stage::Done)
            finish(slot, stop, order, now);
        break;
    }
}

void BackstopKeeper::Impl::finish(StopSlot &slot, RestingStop &stop, const OrderUpdate &order, UtcTime now)
{
    const Stage before = std::exchange(stop.stage, Stage::Done);
    const bool wasLive = before <= Stage::Triggered;
    if (!stop.isOurs || !wasLive || order.status == OrderStatus::Filled || slot.open.isZero())
        return;
    const std::string words = order.reason.empty() ? std::string() : ": " + order.reason;
    if (order.status == OrderStatus::Rejected && !stop.hasRested && before != Stage::Triggered) {
        refuse(slot, stop, order.reason, now);
        return;
    }
    if (stop.cancelAt && before != Stage::Triggered) {
        slot.freed += slot.cancelsFirst ? 1 : 0;
        return;
    }
    const bool reached =
        stop.trigger && (slot.isLong() ? slot.mark <= *stop.trigger : slot.mark >= *stop.trigger);
    const bool wanted =
        stop.left().isPositive() && slot.expected(now).isPositive() && stop.side == slot.closingSide();
    const std::string what = fmt::format("Stop {} ended {} without closing its units{}",
                                         order.clientOrderId.view(), name(order.status), words);
    if (wanted && (before == Stage::Triggered || order.status == OrderStatus::Rejected || reached))
        lose(slot, what);
    say(slot, what);
}

void BackstopKeeper::Impl::refuse(StopSlot &slot, RestingStop &stop, const std::string &detail, UtcTime now)
{
    stop.stage = stop.stage == Stage::Done ? Stage::Done : Stage::Refused;
    if (!stop.isOurs || slot.open.isZero())
        return;
    say(slot, "The venue refused a stop: " + detail);
    switch (stopRefusal(detail)) {
    case StopRefusal::WouldTrigger:
        lose(slot, "the price is beyond its stop already");
        break;
    case StopRefusal::TooMany:
        slot.freed = 0;
        if (!std::exchange(slot.cancelsFirst, true))
            return;
        break;
    case StopRefusal::Other:
        break;
    }
    slot.notBefore = now + kFirstPause * (1 << std::min(slot.refusals, kPausesMost));
    ++slot.refusals;
}

void BackstopKeeper::onOutcome(UtcTime now, const ClientOrderId &order, RequestOutcome outcome,
                               const std::string &detail)
{
    m_impl->nakedTime.advance(now);
    StopSlot *slot = nullptr;
    RestingStop *stop = m_impl->find(order, &slot);
    if (stop == nullptr || !stop->isOurs || stop->stage == Stage::Done)
        return;
    if (stop->cancelAt) { // of the cancel: only a word on the order itself tells its fate
        if (outcome != RequestOutcome::Accepted)
            stop->askedAt.reset();
    } else if (outcome == RequestOutcome::Accepted) {
        if (stop->isPending()) {
            stop->stage = Stage::Resting;
            stop->hasRested = true;
        }
    } else if (outcome == RequestOutcome::Rejected) {
        if (stop->isPending())
            m_impl->refuse(*slot, *stop, detail, now);
    } else if (stop->stage == Stage::Sent) {
        stop->stage = Stage::Unknown;
    }
    m_impl->settle(*slot, order, now);
}

void BackstopKeeper::onAbsent(UtcTime now, const ClientOrderId &order)
{
    m_impl->nakedTime.advance(now);
    StopSlot *slot = nullptr;
    RestingStop *stop = m_impl->find(order, &slot);
    if (stop == nullptr || stop->stage == Stage::Done)
        return;
    if (stop->isOurs && stop->hasRested && !stop->cancelAt && slot->open.isPositive())
        m_impl->say(*slot, fmt::format("Stop {} is gone from the venue", order.view()));
    if (stop->cancelAt && slot->cancelsFirst)
        ++slot->freed;
    stop->stage = Stage::Absent;
    m_impl->settle(*slot, order, now);
}

void BackstopKeeper::onReachable(UtcTime now, Venue venue, bool reachable)
{
    m_impl->nakedTime.advance(now);
    auto &line = m_impl->lines[venue];
    if (line.isReachable != reachable)
        line.since = now;
    line.isReachable = reachable;
}

void BackstopKeeper::onHold(UtcTime now, const InstrumentKey &instrument, bool isHeld)
{
    m_impl->nakedTime.advance(now);
    if (isHeld)
        m_impl->held.insert(instrument);
    else
        m_impl->held.erase(instrument);
}

std::vector<BackstopKeeper::Cover> BackstopKeeper::cover() const
{
    std::vector<Cover> out;
    for (const auto &[key, slot] : m_impl->slots)
        if (slot.open.isPositive())
            out.push_back({.position = key,
                           .open = slot.open,
                           .covered = slot.covered(),
                           .trigger = slot.firstTrigger(),
                           .state = slot.state(m_impl->limits.enabled)});
    return out;
}

std::vector<risk::PositionKey> BackstopKeeper::orphans() const
{
    std::vector<risk::PositionKey> out;
    for (const auto &[key, slot] : m_impl->slots)
        if (slot.open.isZero() && !slot.isFlatVerified && slot.hasLiveOfOurs())
            out.push_back(key);
    return out;
}

Money BackstopKeeper::nakedNotionalSeconds(UtcTime at) const
{
    return m_impl->nakedTime.of(at);
}

} // namespace core::orders
