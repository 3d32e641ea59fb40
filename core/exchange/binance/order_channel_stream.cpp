#include "core/exchange/binance/order_channel.h"

#include <algorithm>

#include <fmt/format.h>

// What the venue says of orders: events, held children, the lists of what is open.

namespace core::exchange::binance
{
namespace
{
using namespace std::chrono_literals;

constexpr Duration kHoldChildFor = 2s;
constexpr Duration kForgetAfter = 10min;
constexpr std::size_t kEntriesKept = 2000;
constexpr std::size_t kHeldMax = 1000;

} // namespace

std::string describe(const OrderUpdate &order)
{
    return fmt::format("{} {}/{}{}{}", name(order.status), order.filled.text(), order.quantity.text(),
                       order.limitPrice ? fmt::format(" @ {}", order.limitPrice->text()) : std::string{},
                       order.triggerPrice ? fmt::format(" trigger {}", order.triggerPrice->text()) : std::string{});
}

bool OrderChannel::adopt(Entry &entry, const OrderUpdate &update)
{
    entry.touchedAt = m_clock.monotonic();
    if (entry.last) {
        const OrderUpdate &last = *entry.last;
        const bool sameOrder = last.venueOrderId == update.venueOrderId;
        // An end is always news: the venue's clock may have stepped back since.
        const bool ends = isFinal(update.status) && !isFinal(last.status);
        if (sameOrder && (update.filled < last.filled || (isFinal(last.status) && !isFinal(update.status)) ||
                          (update.venueTime < last.venueTime && !ends)))
            return false;
        // An id that was used again: the higher venue id is the later order.
        if (!sameOrder && update.venueOrderId < last.venueOrderId)
            return false;
    }
    entry.last = update;
    if (update.venueOrderId.value != 0)
        m_byVenueId[{update.instrument.symbol, update.venueOrderId.value}] = entry.id;
    return true;
}

bool OrderChannel::adoptAlgo(Entry &entry, const AlgoEvent &event, Source source)
{
    entry.touchedAt = m_clock.monotonic();
    entry.store = Entry::Store::Conditional;
    entry.algo.onAlgo(event);
    if (const auto child = entry.algo.child())
        m_byVenueId[{entry.instrument.symbol, child->value}] = entry.id;
    return tellNews(entry, source);
}

bool OrderChannel::adoptChild(Entry &entry, const OrderUpdate &child, Source source)
{
    entry.touchedAt = m_clock.monotonic();
    entry.algo.onChild(child);
    m_byVenueId[{entry.instrument.symbol, child.venueOrderId.value}] = entry.id;
    return tellNews(entry, source);
}

bool OrderChannel::tellNews(Entry &entry, Source source)
{
    const std::vector<OrderUpdate> news = entry.algo.takeNews();
    for (const OrderUpdate &update : news) {
        entry.last = update;
        deliver(update, source);
    }
    return !news.empty();
}

void OrderChannel::deliver(const OrderUpdate &update, Source source)
{
    if (m_listener)
        m_listener->onOrder(update, source);
}

/// It may belong to a conditional order that has not named it yet: the venue says what it was, or one of the
/// same contract and side is waiting.
bool OrderChannel::mayBeChild(const OrderEvent &event) const
{
    if (event.fromConditional)
        return true;
    const OrderUpdate &order = event.order;
    if (m_entries.contains(order.clientOrderId))
        return false;
    return std::any_of(m_entries.begin(), m_entries.end(), [&](const auto &pair) {
        const Entry &entry = pair.second;
        return entry.isConditional() && entry.last && !entry.isOver() && !entry.algo.child() &&
               entry.instrument == order.instrument && entry.last->side == order.side;
    });
}

void OrderChannel::onStreamOrder(const OrderEvent &event)
{
    const OrderUpdate &order = event.order;
    if (Entry *parent = findByVenueId(order.instrument, order.venueOrderId); parent && parent->isConditional()) {
        takeOrderEvent(*parent, event, true);
        return;
    }
    Entry *known = order.clientOrderId.empty() ? nullptr : find(order.clientOrderId);
    if (known && known->store == Entry::Store::Plain) {
        takeOrderEvent(*known, event, false);
        return;
    }
    // The second key: the venue gives the child the conditional order's own name, without promising it.
    if (known && known->isConditional() && known->algo.isKnown() && known->instrument == order.instrument &&
        known->last && known->last->side == order.side && !known->algo.child()) {
        takeOrderEvent(*known, event, true);
        return;
    }
    if (mayBeChild(event) && m_held.size() < kHeldMax) {
        m_held.push_back({event, m_clock.monotonic() + kHoldChildFor});
        return;
    }
    takeForeign(event);
}

void OrderChannel::takeForeign(const OrderEvent &event)
{
    const OrderUpdate &order = event.order;
    if (order.clientOrderId.empty()) {
        deliver(order, Source::Stream);
        handFill(event, order.clientOrderId);
        return;
    }
    Entry &entry = entryFor(order.instrument, order.clientOrderId);
    takeOrderEvent(entry, event, entry.isConditional());
}

void OrderChannel::takeOrderEvent(Entry &entry, const OrderEvent &event, bool child)
{
    const ClientOrderId id = entry.id;
    entry.touchedAt = m_clock.monotonic();
    entry.eventSeen = true;
    entry.eventDueBy.reset();
    const bool wasQuerying = entry.querying && !entry.sending;
    if (child) {
        adoptChild(entry, event.order, Source::Stream);
    } else {
        if (entry.store == Entry::Store::Unknown)
            entry.store = Entry::Store::Plain;
        if (adopt(entry, event.order))
            deliver(event.order, Source::Stream);
    }
    handFill(event, id);
    if (Entry *again = find(id); again && m_listener) {
        const bool answered = !(again->change && again->change->asking) && !again->algo.wantsChild();
        if (wasQuerying && answered)
            endQuery(*again);
        if (again->change && again->change->tries > 0 && !again->change->sending && !again->change->asking)
            sendChange(id); // the change before it is through
        if (again->isOver())
            settleCancel(*again);
    }
    emit activity();
}

void OrderChannel::handFill(const OrderEvent &event, const ClientOrderId &id)
{
    if (!m_listener || !event.fill)
        return;
    if (!event.feeKnown) {
        emit fillsMissing(event.order.instrument); // its own history carries the fee
        return;
    }
    Fill fill = *event.fill;
    fill.clientOrderId = id;
    emit filled(fill);
}

void OrderChannel::onStreamAlgo(const AlgoEvent &event)
{
    Entry &entry = entryFor(event.instrument, event.clientAlgoId);
    const ClientOrderId id = entry.id;
    entry.eventSeen = true;
    entry.eventDueBy.reset();
    const bool wasQuerying = entry.querying && !entry.sending;
    adoptAlgo(entry, event, Source::Stream);
    if (m_listener && event.childOrder)
        releaseHeld(event.instrument, *event.childOrder);
    if (Entry *again = find(id); again && m_listener) {
        if (again->algo.wantsChild()) {
            // Its own event is mostly a moment away; else it is asked for.
            after(m_options.timings.orderQueries.front(), [this, id] {
                Entry *later = find(id);
                if (later && later->algo.wantsChild())
                    startQuery(*later);
            });
        } else if (wasQuerying) {
            endQuery(*again);
        }
        if (again->isOver())
            settleCancel(*again);
    }
    emit activity();
}

void OrderChannel::releaseHeld(const InstrumentKey &instrument, VenueOrderId child)
{
    std::vector<OrderEvent> due;
    std::erase_if(m_held, [&](HeldEvent &held) {
        const bool mine = held.event.order.instrument == instrument && held.event.order.venueOrderId == child;
        if (mine)
            due.push_back(std::move(held.event));
        return mine;
    });
    for (const OrderEvent &event : due) {
        if (m_listener)
            onStreamOrder(event);
    }
}

std::vector<ClientOrderId> OrderChannel::missingIn(const OpenOrders &open) const
{
    std::vector<ClientOrderId> missing;
    for (const auto &[id, entry] : m_entries) {
        if (open.only && entry.instrument != *open.only)
            continue;
        const auto child = entry.algo.child();
        const bool listed =
            std::any_of(open.plain.begin(), open.plain.end(),
                        [&](const OrderUpdate &order) {
                            return order.clientOrderId == entry.id || (child && order.venueOrderId == *child);
                        }) ||
            std::any_of(open.conditional.begin(), open.conditional.end(),
                        [&](const AlgoEvent &algo) { return algo.clientAlgoId == entry.id; });
        if (!listed && !entry.sending && !entry.isOver() && (entry.last || entry.unknownBefore))
            missing.push_back(id);
    }
    return missing;
}

void OrderChannel::report(const OrderUpdate &now, const std::optional<OrderUpdate> &before)
{
    const std::string ours = before ? describe(*before) : "nothing";
    if (m_listener && ours != describe(now))
        m_listener->onDifference(
            {Difference::What::Order, now.instrument, now.clientOrderId.string(), ours, describe(now)});
}

/// `before`: rows that the venue changed later are left to their events.
void OrderChannel::takeListed(const OpenOrders &open, bool differences, std::optional<UtcTime> before)
{
    for (const AlgoEvent &algo : open.conditional) {
        Entry &entry = entryFor(algo.instrument, algo.clientAlgoId);
        if (before && algo.venueTime >= *before)
            continue;
        const auto believed = entry.last;
        entry.eventDueBy.reset();
        const bool news = adoptAlgo(entry, algo, Source::Query);
        if (news && differences && entry.last)
            report(*entry.last, believed);
        if (!m_listener)
            return;
        if (entry.querying && !before)
            endQuery(entry);
    }
    for (const OrderUpdate &order : open.plain) {
        if (before && order.venueTime >= *before)
            continue;
        Entry *parent = findByVenueId(order.instrument, order.venueOrderId);
        const bool child = parent && parent->isConditional();
        Entry &entry = child ? *parent : entryFor(order.instrument, order.clientOrderId);
        const auto believed = entry.last;
        entry.eventDueBy.reset();
        const bool same = believed && describe(*believed) == describe(order);
        if (!child && entry.store == Entry::Store::Unknown)
            entry.store = Entry::Store::Plain;
        const bool news = child || entry.isConditional() ? adoptChild(entry, order, Source::Query) : adopt(entry, order);
        if (news && !child && !entry.isConditional() && !(before && same))
            deliver(order, Source::Query);
        if (news && differences && entry.last)
            report(*entry.last, believed);
        if (!m_listener)
            return;
        const bool fateKnown = !entry.isConditional() || (entry.algo.isKnown() && !entry.algo.wantsChild());
        if (entry.querying && !before && fateKnown && !(entry.change && entry.change->asking))
            endQuery(entry);
    }
}

void OrderChannel::reconcile(const OpenOrders &open, bool differences, std::function<void()> done)
{
    m_held.clear(); // of the stream that broke
    std::vector<ClientOrderId> missing = missingIn(open);
    takeListed(open, differences, std::nullopt);
    if (!m_listener)
        return;
    m_reconciling = std::move(missing);
    m_reconciled = std::move(done);
    for (const ClientOrderId &id : m_reconciling) {
        Entry *entry = find(id);
        if (!entry)
            continue;
        if (differences && entry->last)
            entry->differed = describe(*entry->last);
        entry->differedBefore.reset();
        startQuery(*entry);
    }
    checkReconciled();
}

void OrderChannel::audit(const OpenOrders &open, UtcTime before)
{
    for (const ClientOrderId &id : missingIn(open)) {
        Entry *entry = find(id);
        if (!entry || !entry->last || entry->querying || entry->last->venueTime >= before)
            continue;
        entry->differed = describe(*entry->last);
        entry->differedBefore = before;
        startQuery(*entry);
    }
    takeListed(open, true, before);
}

void OrderChannel::askForMissing(const OpenOrders &open)
{
    for (const ClientOrderId &id : missingIn(open)) {
        if (Entry *entry = find(id))
            startQuery(*entry);
    }
}

/// The venue has answered that it does not know the order yet. Its fate stays unknown and is asked for; everything else is
/// known, and protection need not wait for it.
void OrderChannel::reconcileWithout(const ClientOrderId &id)
{
    std::erase(m_reconciling, id);
    checkReconciled();
}

void OrderChannel::checkReconciled()
{
    if (!m_reconciled)
        return;
    std::erase_if(m_reconciling, [this](const ClientOrderId &id) {
        const Entry *entry = find(id);
        return !entry || !entry->querying;
    });
    if (!m_reconciling.empty())
        return;
    // From the event loop: we may stand inside a call of the account side.
    after(Duration::zero(), std::exchange(m_reconciled, nullptr));
}

std::optional<ClientOrderId> OrderChannel::clientIdOf(const InstrumentKey &instrument, VenueOrderId id) const
{
    const auto it = m_byVenueId.find({instrument.symbol, id.value});
    return it == m_byVenueId.end() ? std::nullopt : std::optional(it->second);
}

void OrderChannel::care()
{
    const Duration now = m_clock.monotonic();
    std::vector<OrderEvent> nameless;
    std::erase_if(m_held, [&](HeldEvent &held) {
        const bool over = now >= held.dueBy;
        if (over)
            nameless.push_back(std::move(held.event));
        return over;
    });
    for (const OrderEvent &event : nameless) {
        if (m_listener)
            takeForeign(event); // nobody named it: an order of its own
    }
    for (auto &[id, entry] : m_entries) {
        if (entry.eventDueBy && now > *entry.eventDueBy) {
            entry.eventDueBy.reset();
            emit eventMissing(id);
            break; // one is enough to distrust the stream; the map may have changed
        }
    }
    if (m_entries.size() > kEntriesKept / 2)
        forgetOld();
}

void OrderChannel::forgetOld()
{
    const Duration now = m_clock.monotonic();
    std::erase_if(m_entries, [&](const auto &pair) {
        const Entry &entry = pair.second;
        return entry.isOver() && !entry.querying && !entry.sending && !entry.change &&
               now - entry.touchedAt > kForgetAfter;
    });
    std::erase_if(m_byVenueId, [&](const auto &pair) { return !m_entries.contains(pair.second); });
}

} // namespace core::exchange::binance
