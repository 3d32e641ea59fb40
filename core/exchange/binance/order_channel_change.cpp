#include "core/exchange/binance/order_channel.h"

#include <algorithm>

// Batches of new orders, and changes of live ones.

namespace core::exchange::binance
{

void OrderChannel::submitBatch(const std::vector<OrderRequest> &requests)
{
    std::vector<ClientOrderId> protective;
    std::vector<ClientOrderId> normal;
    for (const OrderRequest &request : requests) {
        auto query = accept(request);
        if (!query)
            continue;
        const ClientOrderId id = writeDown(request, std::move(*query)).id;
        if (isConditional(request.type)) // these have no batch
            attempt(id);
        else
            (reducesRisk(request) ? protective : normal).push_back(id);
    }
    // A reduction does not stand in line with what the budget may refuse.
    for (const auto &[ids, lane] : {std::pair(&protective, net::Lane::Protective), std::pair(&normal, net::Lane::Normal)}) {
        for (std::size_t from = 0; from < ids->size(); from += kBatchMax) {
            const auto begin = ids->begin() + static_cast<std::ptrdiff_t>(from);
            const auto end = ids->begin() + static_cast<std::ptrdiff_t>(std::min(from + kBatchMax, ids->size()));
            if (end - begin == 1)
                attempt(*begin);
            else
                attemptBatch({begin, end}, lane);
        }
    }
}

void OrderChannel::attemptBatch(const std::vector<ClientOrderId> &ids, net::Lane lane)
{
    std::vector<OrderRequest> requests;
    std::vector<std::pair<ClientOrderId, std::uint64_t>> sent;
    for (const ClientOrderId &id : ids) {
        Entry *entry = find(id);
        entry->eventSeen = false;
        entry->eventDueBy.reset();
        requests.push_back(*entry->request);
        sent.emplace_back(id, ++entry->attempt);
    }
    m_rest.call(RestCall{.method = net::HttpMethod::Post,
                         .path = "/fapi/v1/batchOrders",
                         .query = batchQuery(requests, mode()).value_or(std::string{}),
                         .security = Security::Signed,
                         .lane = lane,
                         .cost = {.weight = 5, .orders = 5},
                         .timeout = m_options.timings.orderTimeout},
                [this, sent = std::move(sent)](const RestResult &result) { onBatch(sent, result); });
}

void OrderChannel::onBatch(const std::vector<std::pair<ClientOrderId, std::uint64_t>> &sent,
                           const RestResult &result)
{
    const auto elements = result ? parseBatch(result->body, result->receivedAt)
                                 : Result<std::vector<BatchElement>>(std::vector<BatchElement>{});
    for (std::size_t i = 0; i < sent.size(); ++i) {
        Entry *entry = find(sent[i].first);
        if (!m_listener)
            return;
        if (!entry || entry->attempt != sent[i].second)
            continue;
        entry->touchedAt = m_clock.monotonic();
        if (!result)
            onSubmitFailed(*entry, result.error());
        else if (!elements)
            becomeUnknown(*entry, elements.error());
        else if (elements->size() != sent.size())
            becomeUnknown(*entry, Error{ErrorCode::ParseFailed, "batchOrders: not one answer for each order"});
        else if (const BatchElement &element = (*elements)[i]; element)
            acknowledge(*entry, *element);
        else
            onSubmitFailed(*entry, RestFailure{element.error().error(), element.error().disposition, std::nullopt});
    }
}

void OrderChannel::modify(const OrderChange &change)
{
    const auto no = [&](ErrorCode code, std::string_view why) {
        refuse(change.clientOrderId, Outcome::Rejected, Error{code, std::string(why)});
    };
    if (m_blocked) {
        refuse(change.clientOrderId, Outcome::Rejected, *m_blocked);
        return;
    }
    Entry *entry = find(change.clientOrderId);
    if (!entry || (!entry->last && !entry->request))
        return no(ErrorCode::NotFound, "change: no such order is known");
    if (entry->isConditional())
        return no(ErrorCode::Unsupported,
                  "change: the venue does not change conditional orders; place the new one, then cancel this one");
    if (entry->change)
        return no(ErrorCode::OutOfSync, "change: an earlier one is still on its way");
    entry->change = Entry::Change{.wanted = change};
    sendChange(entry->id);
}

void OrderChannel::sendChange(const ClientOrderId &id)
{
    Entry *entry = find(id);
    if (!entry || !entry->change)
        return;
    entry->touchedAt = m_clock.monotonic();
    Entry::Change &change = *entry->change;
    change.sending = true;
    const std::uint64_t number = ++change.number;
    const Side side = entry->last ? entry->last->side : entry->request->side;
    const bool reduces = entry->last ? entry->last->reduceOnly == ReduceOnly::Yes : reducesRisk(*entry->request);
    m_rest.call(RestCall{.method = net::HttpMethod::Put,
                         .path = "/fapi/v1/order",
                         .query = changeQuery(change.wanted, side),
                         .security = Security::Signed,
                         .lane = reduces ? net::Lane::Protective : net::Lane::Normal,
                         .cost = {.weight = 0, .orders = 1},
                         .timeout = m_options.timings.orderTimeout},
                [this, id, number](const RestResult &result) { onChanged(id, number, result); });
}

void OrderChannel::onChanged(const ClientOrderId &id, std::uint64_t number, const RestResult &result)
{
    Entry *entry = find(id);
    if (!m_listener || !entry || !entry->change || entry->change->number != number)
        return;
    entry->change->sending = false;
    if (!result) {
        onChangeFailed(*entry, result.error());
        return;
    }
    const auto order = parseOrder(result->body, result->receivedAt);
    if (!order || order->clientOrderId != id || order->instrument != entry->instrument) {
        changeUnknown(*entry, order ? Error{ErrorCode::ParseFailed, "change: the answer speaks of another order"}
                                    : order.error());
        return;
    }
    // The venue cancels instead of changing when the new size is filled already, or when a post-only order
    // would now take: the state says so.
    const bool news = adopt(*entry, *order);
    concludeChange(*entry, Outcome::Accepted, {});
    if (news && m_listener)
        deliver(*order, Source::Query);
    emit activity();
}

void OrderChannel::onChangeFailed(Entry &entry, const RestFailure &failure)
{
    Entry::Change &change = *entry.change;
    const ClientOrderId id = entry.id;
    const auto &waits = m_options.timings.orderRetries;
    const auto again = [this, id, number = change.number] {
        Entry *later = find(id);
        if (later && later->change && later->change->number == number && !later->change->sending)
            sendChange(id);
    };
    switch (failure.disposition) {
    case Disposition::AlreadySo:
        concludeChange(entry, Outcome::Accepted, {});
        return;
    case Disposition::Unknown:
        changeUnknown(entry, failure.error);
        return;
    case Disposition::Retry:
    case Disposition::ChangePending: // the event of the one before it repeats this at once
        if (static_cast<std::size_t>(change.tries) < waits.size()) {
            after(waits[static_cast<std::size_t>(change.tries++)], again);
            return;
        }
        break;
    case Disposition::ClockOff:
        if (!change.clockRepaired) {
            change.clockRepaired = true;
            m_rest.synchroniseClock([this, again](bool) {
                if (m_listener)
                    again();
            });
            return;
        }
        break;
    default:
        break;
    }
    concludeChange(entry, Outcome::Rejected, failure.error);
    // The order stays as it was, or it has ended: that is asked for.
    if (Entry *later = find(id); later && m_listener)
        startQuery(*later);
}

void OrderChannel::changeUnknown(Entry &entry, const Error &why)
{
    const ClientOrderId id = entry.id;
    entry.change->asking = true;
    entry.change->asked = 0;
    m_listener->onRequestOutcome(id, Outcome::Unknown, why);
    if (Entry *again = find(id); again && m_listener && again->change)
        startQuery(*again);
}

void OrderChannel::concludeChange(Entry &entry, Outcome outcome, const Error &error)
{
    entry.change.reset();
    m_listener->onRequestOutcome(entry.id, outcome, error);
}

bool OrderChannel::judgeChange(Entry &entry)
{
    if (!entry.change || !entry.change->asking || !entry.last || !m_listener)
        return false;
    Entry::Change &change = *entry.change;
    const OrderUpdate &now = *entry.last;
    if (now.quantity == change.wanted.quantity && now.limitPrice == change.wanted.limitPrice) {
        concludeChange(entry, Outcome::Accepted, {});
        return false;
    }
    if (isFinal(now.status)) {
        concludeChange(entry, Outcome::Rejected,
                       Error{ErrorCode::Rejected, "change: the order has ended, " + std::string(name(now.status))});
        return false;
    }
    // It may be late, or an answer may lag: only the whole series of questions says "no".
    if (static_cast<std::size_t>(++change.asked) < m_options.timings.orderQueries.size())
        return true;
    concludeChange(entry, Outcome::Rejected, Error{ErrorCode::Rejected, "change: it did not take place"});
    return false;
}

} // namespace core::exchange::binance
