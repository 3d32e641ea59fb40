#include "core/exchange/binance/order_channel.h"

#include <algorithm>

// Sending orders; the other parts stand in order_channel_*.cpp.

namespace core::exchange::binance
{
namespace
{
using namespace std::chrono_literals;

constexpr auto kCareInterval = 250ms;

} // namespace

OrderChannel::OrderChannel(const ClientOptions &options, const Clock &clock, RestGateway &rest,
                           QObject *parent)
    : QObject(parent), m_options(options), m_clock(clock), m_rest(rest)
{
    m_care.setInterval(kCareInterval);
    connect(&m_care, &QTimer::timeout, this, &OrderChannel::care);
}

OrderChannel::~OrderChannel() = default;

void OrderChannel::start(ports::ExchangeListener &listener)
{
    m_listener = &listener;
    m_startedAt = m_clock.monotonic();
    m_care.start();
}

void OrderChannel::stop()
{
    ++m_generation;
    m_care.stop();
    m_listener = nullptr;
    m_reconciled = nullptr;
    m_held.clear();
}

OrderChannel::Entry *OrderChannel::find(const ClientOrderId &id)
{
    const auto it = m_entries.find(id);
    return it == m_entries.end() ? nullptr : &it->second;
}

OrderChannel::Entry *OrderChannel::findByVenueId(const InstrumentKey &instrument, VenueOrderId id)
{
    const auto it = m_byVenueId.find({instrument.symbol, id.value});
    return it == m_byVenueId.end() ? nullptr : find(it->second);
}

OrderChannel::Entry &OrderChannel::entryFor(const InstrumentKey &instrument, const ClientOrderId &id)
{
    Entry &entry = m_entries[id];
    entry.instrument = instrument;
    entry.id = id;
    entry.touchedAt = m_clock.monotonic();
    return entry;
}

void OrderChannel::after(Duration delay, std::function<void()> action)
{
    QTimer::singleShot(std::chrono::ceil<std::chrono::milliseconds>(std::max(delay, Duration::zero())), this,
                       [this, born = m_generation, action = std::move(action)] {
                           if (born == m_generation && m_listener)
                               action();
                       });
}

void OrderChannel::refuse(const ClientOrderId &id, Outcome outcome, Error why)
{
    after(Duration::zero(), [this, id, outcome, why = std::move(why)] {
        m_listener->onRequestOutcome(id, outcome, why);
    });
}

/// The query of an order that may be sent now; absent when it was answered already.
std::optional<std::string> OrderChannel::accept(const OrderRequest &request)
{
    if (m_blocked) {
        refuse(request.clientOrderId, Outcome::Rejected, *m_blocked);
        return std::nullopt;
    }
    auto query = orderQuery(request, mode());
    if (!query) {
        refuse(request.clientOrderId, Outcome::Rejected, query.error());
        return std::nullopt;
    }
    const Entry *known = find(request.clientOrderId);
    if (known && (known->sending || (known->querying && known->request))) {
        refuse(request.clientOrderId, Outcome::Unknown,
               Error{ErrorCode::TimedOut, "the fate of the same order is still being asked for"});
        return std::nullopt;
    }
    return std::move(*query);
}

OrderChannel::Entry &OrderChannel::writeDown(const OrderRequest &request, std::string query)
{
    Entry &entry = entryFor(request.instrument, request.clientOrderId);
    entry.request = request;
    entry.query = std::move(query);
    entry.store = isConditional(request.type) ? Entry::Store::Conditional : Entry::Store::Plain;
    entry.retries = 0;
    entry.clockRepaired = false;
    entry.sending = true;
    return entry;
}

void OrderChannel::submit(const OrderRequest &request)
{
    auto query = accept(request);
    if (!query)
        return;
    const Entry *known = find(request.clientOrderId);
    const std::uint64_t number = known ? known->attempt + 1 : 1;
    // It leaves first and is written down then: answers come from the event loop only.
    send(request, *query, number);
    begin(writeDown(request, std::move(*query)), number);
}

void OrderChannel::attempt(const ClientOrderId &id)
{
    Entry *entry = find(id);
    if (!entry || !entry->request)
        return;
    begin(*entry, entry->attempt + 1);
    send(*entry->request, entry->query, entry->attempt);
}

void OrderChannel::begin(Entry &entry, std::uint64_t attempt)
{
    entry.sending = true;
    entry.eventSeen = false;
    entry.eventDueBy.reset();
    entry.attempt = attempt;
}

void OrderChannel::send(const OrderRequest &request, const std::string &query, std::uint64_t attempt)
{
    m_rest.call(RestCall{.method = net::HttpMethod::Post,
                         .path = std::string(orderPath(request.type)),
                         .query = query,
                         .security = Security::Signed,
                         .lane = reducesRisk(request) ? net::Lane::Protective : net::Lane::Normal,
                         .cost = {.weight = 0, .orders = 1},
                         .timeout = m_options.timings.orderTimeout},
                [this, id = request.clientOrderId, attempt](const RestResult &result) { onSubmitted(id, attempt, result); });
}

void OrderChannel::onSubmitted(const ClientOrderId &id, std::uint64_t attempt, const RestResult &result)
{
    Entry *entry = find(id);
    if (!m_listener || !entry || entry->attempt != attempt)
        return;
    entry->touchedAt = m_clock.monotonic();
    if (result)
        onAcknowledged(*entry, *result);
    else
        onSubmitFailed(*entry, result.error());
}

void OrderChannel::onAcknowledged(Entry &entry, const RestAnswer &answer)
{
    if (!entry.isConditional()) {
        const auto order = parseOrder(answer.body, answer.receivedAt);
        if (order)
            acknowledge(entry, *order);
        else
            becomeUnknown(entry, order.error());
        return;
    }
    const auto algo = parseAlgo(answer.body, answer.receivedAt);
    // An answer that speaks of another order answers another question.
    if (!algo || algo->clientAlgoId != entry.id || algo->instrument != entry.instrument) {
        becomeUnknown(entry, algo ? Error{ErrorCode::ParseFailed, "order: the answer speaks of another order"}
                                  : algo.error());
        return;
    }
    if (!entry.eventSeen)
        entry.eventDueBy = m_clock.monotonic() + m_options.timings.eventAfterAckWithin;
    const ClientOrderId id = entry.id;
    conclude(entry, Outcome::Accepted, {});
    if (Entry *again = find(id); again && m_listener) {
        adoptAlgo(*again, *algo, Source::Query);
        endQuery(*again);
    }
    emit activity();
}

void OrderChannel::acknowledge(Entry &entry, const OrderUpdate &order)
{
    if (order.clientOrderId != entry.id || order.instrument != entry.instrument) {
        becomeUnknown(entry, Error{ErrorCode::ParseFailed, "order: the answer speaks of another order"});
        return;
    }
    if (!entry.eventSeen)
        entry.eventDueBy = m_clock.monotonic() + m_options.timings.eventAfterAckWithin;
    const ClientOrderId id = entry.id;
    const bool news = adopt(entry, order);
    conclude(entry, Outcome::Accepted, {});
    if (news && m_listener)
        deliver(order, Source::Query);
    if (Entry *again = find(id))
        endQuery(*again);
    emit activity();
}

void OrderChannel::onSubmitFailed(Entry &entry, const RestFailure &failure)
{
    if (entry.eventSeen) {
        // Whatever this answer says: the private stream has shown the order.
        conclude(entry, Outcome::Accepted, {});
        return;
    }
    switch (failure.disposition) {
    case Disposition::Unknown:
        becomeUnknown(entry, failure.error);
        return;
    case Disposition::Retry:
        if (static_cast<std::size_t>(entry.retries) < m_options.timings.orderRetries.size()) {
            retryLater(entry, m_options.timings.orderRetries[static_cast<std::size_t>(entry.retries++)]);
            return;
        }
        break;
    case Disposition::ClockOff:
        if (!entry.clockRepaired) {
            entry.clockRepaired = true;
            repairClockAndResend(entry, failure.error);
            return;
        }
        break;
    case Disposition::DuplicateId: {
        // It is there: our own first attempt, whose answer did not reach us.
        const ClientOrderId id = entry.id;
        conclude(entry, Outcome::Accepted, {});
        if (Entry *again = find(id); again && m_listener)
            startQuery(*again);
        return;
    }
    default:
        break;
    }
    conclude(entry, Outcome::Rejected, failure.error);
}

void OrderChannel::conclude(Entry &entry, Outcome outcome, const Error &error)
{
    entry.sending = false;
    m_listener->onRequestOutcome(entry.id, outcome, error);
}

void OrderChannel::becomeUnknown(Entry &entry, const Error &why)
{
    if (entry.eventSeen) {
        conclude(entry, Outcome::Accepted, {});
        return;
    }
    entry.unknownBefore = true;
    const ClientOrderId id = entry.id;
    conclude(entry, Outcome::Unknown, why);
    Entry *again = find(id);
    if (m_listener && again)
        startQuery(*again);
}

void OrderChannel::retryLater(Entry &entry, Duration delay)
{
    after(delay, [this, id = entry.id, number = entry.attempt] {
        Entry *again = find(id);
        if (again && again->attempt == number && again->sending)
            attempt(id);
    });
}

void OrderChannel::repairClockAndResend(Entry &entry, const Error &why)
{
    m_rest.synchroniseClock([this, id = entry.id, number = entry.attempt, why](bool repaired) {
        Entry *again = find(id);
        if (!m_listener || !again || again->attempt != number || !again->sending)
            return;
        if (repaired)
            attempt(id);
        else
            conclude(*again, Outcome::Rejected, why);
    });
}

} // namespace core::exchange::binance
