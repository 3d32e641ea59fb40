#include "core/exchange/hyperliquid/order_channel.h"

#include <algorithm>
#include <utility>

#include "core/exchange/hyperliquid/client_requests.h"
#include "core/exchange/hyperliquid/rest_codec.h"

// Asking for the fate of orders.

namespace core::exchange::hyperliquid
{
namespace
{
using namespace std::chrono_literals;

constexpr Duration kQueryWaitMost = 5s;
/// Of an order from an earlier run nobody here knows when it was sent.
constexpr Duration kFillsLookBack = 24h;
constexpr Duration kFillsOverlap = 1min;

std::string summary(const OrderUpdate &order)
{
    std::string text(name(order.status));
    text += ' ' + order.filled.text() + " of " + order.quantity.text();
    if (order.limitPrice)
        text += " @ " + order.limitPrice->text();
    return text;
}

/// Until the fate of an exit is known the next one cannot leave: it is asked for as urgently as the exit itself.
template <class Entry> Lane laneOf(const Entry &entry)
{
    const bool isExit = entry.request && entry.request->reduceOnly == ReduceOnly::Yes;
    return isExit ? Lane::Cancel : Lane::Protective;
}

} // namespace

void OrderChannel::query(const InstrumentKey &instrument, const ClientOrderId &order)
{
    Entry &entry = entryFor(instrument, order);
    // It may have been sent just now, by a run that has ended.
    if (!entry.last && entry.doubtUntil == UtcTime{})
        entry.doubtUntil = m_rest.venueNow() + m_options.timings.expiresAfter + m_options.timings.absentMargin;
    startQuery(entry);
}

void OrderChannel::startQuery(Entry &entry)
{
    if (entry.querying)
        return;
    entry.querying = true;
    ++entry.round;
    scheduleQuery(entry, Duration::zero());
}

void OrderChannel::scheduleQuery(Entry &entry, Duration delay)
{
    after(std::min(delay, kQueryWaitMost),
          [this, id = entry.id, round = entry.round] { sendQuery(id, round); });
}

void OrderChannel::sendQuery(const ClientOrderId &id, std::uint64_t round)
{
    Entry *entry = find(id);
    if (!entry || !entry->querying || entry->round != round)
        return;
    const auto number = Cloids::orderNumberOf(id);
    const std::string reference = number ? std::to_string(number->value) : Cloids::cloidOf(id).text();
    InfoCall call = orderStatusRequest(m_address, reference);
    call.lane = laneOf(*entry);
    m_rest.info(std::move(call), [this, id, round](const InfoResult &result) { onQueried(id, round, result); });
}

void OrderChannel::onQueried(const ClientOrderId &id, std::uint64_t round, const InfoResult &result)
{
    Entry *entry = find(id);
    if (!m_listener || !entry || !entry->querying || entry->round != round)
        return;
    entry->touchedAt = m_clock.monotonic();
    const auto found = result ? parseOrderStatus(result->body, result->receivedAt)
                              : Result<FoundOrder>(fail(result.error().error));
    if (!found || (*found && (*found)->update.status == OrderStatus::Unknown)) {
        scheduleQuery(*entry, m_options.timings.orderQueryEvery);
        return;
    }
    if (!*found) {
        onNotKnown(*entry);
        return;
    }
    const bool isOver = isFinal((*found)->update.status);
    if (entry->changeUnknown && entry->heldCancel && !isOver && (*found)->update.venueOrderId == entry->order) {
        scheduleQuery(*entry, m_options.timings.orderQueryEvery); // the stream knows more than this answer
        return;
    }
    const bool news = adopt(*entry, **found, Source::Query);
    Entry *again = find(id);
    if (!m_listener || !again)
        return;
    // The question is answered also when the stream has said the same, or more, before.
    if (!news && again->last)
        deliver(*again, *again->last, Source::Query);
    if (again = find(id); again && m_listener)
        endQuery(*again);
    if (m_listener)
        emit activity();
}

/// Not "never placed": it may not be executed yet, or the venue has forgotten it.
void OrderChannel::onNotKnown(Entry &entry)
{
    if (m_rest.venueNow() <= entry.doubtUntil) {
        scheduleQuery(entry, m_options.timings.orderQueryEvery);
        reconcileWithout(entry.id);
        return;
    }
    askFillsOf(entry);
}

void OrderChannel::askFillsOf(Entry &entry)
{
    const UtcTime now = m_rest.venueNow();
    const UtcTime from = entry.sentAt != UtcTime{} ? entry.sentAt - kFillsOverlap : now - kFillsLookBack;
    m_rest.info(userRangeRequest("userFillsByTime", m_address, from, now + kFillsOverlap, laneOf(entry)),
                [this, id = entry.id, round = entry.round](const InfoResult &result) {
                    onFillsOf(id, round, result);
                });
}

void OrderChannel::onFillsOf(const ClientOrderId &id, std::uint64_t round, const InfoResult &result)
{
    Entry *entry = find(id);
    if (!m_listener || !entry || !entry->querying || entry->round != round)
        return;
    const auto rows = result ? parseUserFills(result->body, result->receivedAt)
                             : Result<std::vector<FillRow>>(fail(result.error().error));
    if (!rows) {
        scheduleQuery(*entry, m_options.timings.orderQueryEvery);
        return;
    }
    Quantity executed;
    const FillRow *last = nullptr;
    for (const FillRow &row : *rows) {
        if (m_cloids.nameOf(row.fill.clientOrderId.view(), row.fill.venueOrderId) != id)
            continue;
        executed = add(executed, row.fill.quantity).value_or(executed);
        last = &row;
    }
    if (!last && executed.isZero() && !entry->eventSeen) {
        entry->doubtUntil = {};
        entry->request.reset();
        endQuery(*entry);
        if (m_listener)
            m_listener->onOrderAbsent(id);
        return;
    }
    // The venue has forgotten an order that it did execute: it is over, and its fills say how far it came.
    OrderUpdate update = entry->last.value_or(OrderUpdate{});
    update.instrument = entry->instrument;
    update.clientOrderId = id;
    if (last) {
        update.venueOrderId = last->fill.venueOrderId;
        update.side = last->fill.side;
        update.venueTime = last->fill.venueTime;
    }
    if (entry->request) {
        update.type = entry->request->type;
        update.quantity = entry->request->quantity;
        update.reduceOnly = entry->request->reduceOnly;
    }
    update.filled = std::max(executed, entry->executed);
    update.quantity = std::max(update.quantity, update.filled);
    update.status = update.filled == update.quantity ? OrderStatus::Filled : OrderStatus::Canceled;
    update.receivedAt = result->receivedAt;
    deliver(*entry, update, Source::Query);
    if (Entry *again = find(id); again && m_listener)
        endQuery(*again);
    if (m_listener)
        emit fillsMissing();
}

void OrderChannel::endQuery(Entry &entry)
{
    entry.querying = false;
    ++entry.round;
    if (std::exchange(entry.changeUnknown, false)) {
        entry.changing = false;
        entry.heldCancel.reset();
    }
    checkReconciled();
}

void OrderChannel::reconcile(const std::vector<OrderRow> &open, bool report, std::function<void()> done)
{
    std::set<ClientOrderId> listed;
    for (const OrderRow &row : open) {
        Entry &entry = entryFor(row);
        const ClientOrderId id = entry.id;
        listed.insert(id);
        const std::string before = entry.last ? summary(*entry.last) : "nothing";
        const bool news = adopt(entry, row, Source::Query);
        Entry *again = find(id);
        if (!m_listener || !again)
            return;
        if (news && report && again->last && summary(*again->last) != before)
            m_listener->onDifference({.what = Difference::What::Order,
                                      .instrument = again->instrument,
                                      .id = id.string(),
                                      .ours = before,
                                      .venue = summary(*again->last)});
        if (!m_listener)
            return;
        if (again = find(id); again && again->querying)
            endQuery(*again);
    }
    m_reconciling.clear();
    for (auto &[id, entry] : m_entries) {
        const bool live = entry.last ? !isFinal(entry.last->status) : entry.sentAt != UtcTime{} && entry.request;
        if (!live || listed.contains(id) || entry.sending)
            continue;
        m_reconciling.push_back(id);
        if (report && entry.last)
            m_listener->onDifference({.what = Difference::What::Order,
                                      .instrument = entry.instrument,
                                      .id = id.string(),
                                      .ours = summary(*entry.last),
                                      .venue = "not among the open orders"});
        if (!m_listener)
            return;
    }
    m_reconciled = std::move(done);
    for (const ClientOrderId &id : std::vector(m_reconciling)) {
        if (Entry *entry = find(id))
            startQuery(*entry);
    }
    checkReconciled();
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

} // namespace core::exchange::hyperliquid
