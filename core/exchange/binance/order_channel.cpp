#include "core/exchange/binance/order_channel.h"

#include <algorithm>

#include "core/exchange/binance/rest_codec.h"
#include "core/exchange/binance/signer.h"

namespace core::exchange::binance
{
namespace
{
using namespace std::chrono_literals;

constexpr auto kCareInterval = 250ms;
constexpr int kAbsentTriesLeast = 3;
constexpr int kCancelTriesMax = 5;
constexpr Duration kForgetAfter = 10min;
constexpr std::size_t kEntriesKept = 2000;

bool reducesRisk(const OrderRequest &request)
{
    if (request.reduceOnly == ReduceOnly::Yes)
        return true;
    return (request.positionSide == PositionSide::Long && request.side == Side::Sell) ||
           (request.positionSide == PositionSide::Short && request.side == Side::Buy);
}

std::string_view venueWord(TimeInForce timeInForce)
{
    switch (timeInForce) {
    case TimeInForce::GoodTilCancel:
        return "GTC";
    case TimeInForce::ImmediateOrCancel:
        return "IOC";
    case TimeInForce::FillOrKill:
        return "FOK";
    case TimeInForce::PostOnly:
        return "GTX";
    case TimeInForce::GoodTilDate:
        return "GTD";
    }
    return "GTC";
}

std::string orderQuery(const OrderRequest &request)
{
    std::string query;
    appendParameter(query, "symbol", request.instrument.symbol.view());
    appendParameter(query, "side", request.side == Side::Buy ? "BUY" : "SELL");
    if (request.positionSide != PositionSide::Both)
        appendParameter(query, "positionSide", request.positionSide == PositionSide::Long ? "LONG" : "SHORT");
    const bool market = request.type == OrderType::Market;
    appendParameter(query, "type", market ? "MARKET" : "LIMIT");
    if (!market)
        appendParameter(query, "timeInForce", venueWord(request.timeInForce));
    appendParameter(query, "quantity", request.quantity.text());
    if (!market && request.limitPrice)
        appendParameter(query, "price", request.limitPrice->text());
    // In hedge mode the venue refuses the word; the leg and the side say it there.
    if (request.positionSide == PositionSide::Both && request.reduceOnly == ReduceOnly::Yes)
        appendParameter(query, "reduceOnly", "true");
    appendParameter(query, "newClientOrderId", request.clientOrderId.view());
    // The final state in the answer: one proof more for a close, should the private stream be silent.
    appendParameter(query, "newOrderRespType", market ? "RESULT" : "ACK");
    // The documented defaults contradict each other, so it is always said.
    appendParameter(query, "selfTradePreventionMode", "EXPIRE_MAKER");
    return query;
}

std::string idQuery(const InstrumentKey &instrument, const ClientOrderId &order)
{
    std::string query;
    appendParameter(query, "symbol", instrument.symbol.view());
    appendParameter(query, "origClientOrderId", order.view());
    return query;
}

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
    m_care.start();
}

void OrderChannel::stop()
{
    ++m_generation;
    m_care.stop();
    m_listener = nullptr;
    m_reconciled = nullptr;
}

OrderChannel::Entry *OrderChannel::find(const ClientOrderId &id)
{
    const auto it = m_entries.find(id);
    return it == m_entries.end() ? nullptr : &it->second;
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

void OrderChannel::submit(const OrderRequest &request)
{
    Entry &entry = entryFor(request.instrument, request.clientOrderId);
    const ClientOrderId id = entry.id;
    if (m_blocked) {
        after(Duration::zero(), [this, id, why = *m_blocked] {
            m_listener->onRequestOutcome(id, ports::RequestOutcome::Rejected, why);
        });
        return;
    }
    if (entry.sending || (entry.querying && entry.request)) {
        after(Duration::zero(), [this, id] {
            m_listener->onRequestOutcome(
                id, ports::RequestOutcome::Unknown,
                Error{ErrorCode::TimedOut, "the fate of the same order is still being asked for"});
        });
        return;
    }
    entry.request = request;
    entry.retries = 0;
    entry.clockRepaired = false;
    attempt(id);
}

void OrderChannel::attempt(const ClientOrderId &id)
{
    Entry *entry = find(id);
    if (!entry || !entry->request)
        return;
    entry->sending = true;
    entry->eventSeen = false;
    entry->eventDueBy.reset();
    const std::uint64_t number = ++entry->attempt;
    m_rest.call(RestCall{.method = net::HttpMethod::Post,
                         .path = "/fapi/v1/order",
                         .query = orderQuery(*entry->request),
                         .security = Security::Signed,
                         .lane = reducesRisk(*entry->request) ? net::Lane::Protective : net::Lane::Normal,
                         .cost = {.weight = 0, .orders = 1},
                         .timeout = m_options.timings.orderTimeout},
                [this, id, number](const RestResult &result) { onSubmitted(id, number, result); });
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
    const auto order = parseOrder(answer.body, answer.receivedAt);
    if (!order) {
        becomeUnknown(entry, order.error());
        return;
    }
    // An answer that speaks of another order answers another question.
    if (order->clientOrderId != entry.id || order->instrument != entry.instrument) {
        becomeUnknown(entry, Error{ErrorCode::ParseFailed, "order: the answer speaks of another order"});
        return;
    }
    if (!entry.eventSeen)
        entry.eventDueBy = m_clock.monotonic() + m_options.timings.eventAfterAckWithin;
    const ClientOrderId id = entry.id;
    const bool news = adopt(entry, *order);
    conclude(entry, ports::RequestOutcome::Accepted, {});
    if (news && m_listener)
        deliver(*order, Source::Query);
    if (Entry *again = find(id))
        endQuery(*again);
    emit activity();
}

void OrderChannel::onSubmitFailed(Entry &entry, const RestFailure &failure)
{
    if (entry.eventSeen) {
        // Whatever this answer says: the private stream has shown the order.
        conclude(entry, ports::RequestOutcome::Accepted, {});
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
        conclude(entry, ports::RequestOutcome::Accepted, {});
        if (Entry *again = find(id); again && m_listener)
            startQuery(*again);
        return;
    }
    default:
        break;
    }
    conclude(entry, ports::RequestOutcome::Rejected, failure.error);
}

void OrderChannel::conclude(Entry &entry, ports::RequestOutcome outcome, const Error &error)
{
    entry.sending = false;
    m_listener->onRequestOutcome(entry.id, outcome, error);
}

void OrderChannel::becomeUnknown(Entry &entry, const Error &why)
{
    if (entry.eventSeen) {
        conclude(entry, ports::RequestOutcome::Accepted, {});
        return;
    }
    entry.unknownBefore = true;
    const ClientOrderId id = entry.id;
    conclude(entry, ports::RequestOutcome::Unknown, why);
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
            conclude(*again, ports::RequestOutcome::Rejected, why);
    });
}

void OrderChannel::cancel(const InstrumentKey &instrument, const ClientOrderId &order)
{
    entryFor(instrument, order).cancelTries = 0;
    sendCancel(order);
}

void OrderChannel::sendCancel(const ClientOrderId &id)
{
    Entry *entry = find(id);
    if (!entry)
        return;
    m_rest.call(RestCall{.method = net::HttpMethod::Delete,
                         .path = "/fapi/v1/order",
                         .query = idQuery(entry->instrument, id),
                         .security = Security::Signed,
                         .lane = net::Lane::Protective,
                         .cost = {.weight = 1, .orders = 0},
                         .timeout = m_options.timings.orderTimeout},
                [this, id](const RestResult &result) { onCancelled(id, result); });
}

void OrderChannel::onCancelled(const ClientOrderId &id, const RestResult &result)
{
    Entry *entry = find(id);
    if (!m_listener || !entry)
        return;
    if (result) {
        const auto order = parseOrder(result->body, result->receivedAt);
        if (order && order->clientOrderId == id && adopt(*entry, *order)) {
            deliver(*order, Source::Query);
            emit activity();
            return;
        }
        startQuery(*entry);
        return;
    }
    const RestFailure &failure = result.error();
    const bool repeat =
        failure.disposition == Disposition::Unknown || failure.disposition == Disposition::Retry ||
        failure.disposition == Disposition::Limited || failure.disposition == Disposition::ClockOff;
    if (repeat && ++entry->cancelTries < kCancelTriesMax) {
        const auto &waits = m_options.timings.orderRetries;
        const auto step = std::min(static_cast<std::size_t>(entry->cancelTries - 1), waits.size() - 1);
        const auto again = [this, id] { sendCancel(id); };
        if (failure.disposition == Disposition::ClockOff)
            m_rest.synchroniseClock([this, again](bool) {
                if (m_listener)
                    again();
            });
        else
            after(std::max(waits[step], failure.retryAfter.value_or(Duration::zero())), again);
        return;
    }
    // Nothing to cancel, or no way to: what it is now is what counts.
    startQuery(*entry);
}

void OrderChannel::query(const InstrumentKey &instrument, const ClientOrderId &order)
{
    Entry &entry = entryFor(instrument, order);
    if (!entry.querying)
        startQuery(entry);
}

void OrderChannel::startQuery(Entry &entry)
{
    if (entry.querying)
        return;
    entry.querying = true;
    entry.queryTries = 0;
    entry.absentTries = 0;
    ++entry.queryRound;
    // Only what we have just sent may not be visible yet; anything else can be asked for at once.
    scheduleQuery(entry, entry.unknownBefore ? nextQueryDelay(entry) : Duration::zero());
}

Duration OrderChannel::nextQueryDelay(const Entry &entry) const
{
    const auto &waits = m_options.timings.orderQueries;
    const Duration wait = waits[std::min(entry.queryTries, waits.size() - 1)];
    if (entry.absentTries == 0)
        return wait;
    // The last try falls just behind the end of the waiting time, not a whole step later.
    const Duration left = entry.firstAbsentAt + m_options.timings.orderAbsentAfter - m_clock.monotonic();
    return left > Duration::zero() ? std::min(wait, left + Duration{10ms}) : wait;
}

void OrderChannel::scheduleQuery(Entry &entry, Duration delay)
{
    after(delay, [this, id = entry.id, round = entry.queryRound] { sendQuery(id, round); });
}

void OrderChannel::sendQuery(const ClientOrderId &id, std::uint64_t round)
{
    Entry *entry = find(id);
    if (!entry || !entry->querying || entry->queryRound != round)
        return;
    ++entry->queryTries;
    m_rest.call(RestCall{.path = "/fapi/v1/order",
                         .query = idQuery(entry->instrument, id),
                         .security = Security::Signed,
                         .lane = net::Lane::Protective,
                         .cost = {.weight = 1, .orders = 0},
                         .timeout = m_options.timings.orderTimeout},
                [this, id, round](const RestResult &result) { onQueried(id, round, result); });
}

void OrderChannel::onQueried(const ClientOrderId &id, std::uint64_t round, const RestResult &result)
{
    Entry *entry = find(id);
    if (!m_listener || !entry || !entry->querying || entry->queryRound != round)
        return;
    entry->touchedAt = m_clock.monotonic();
    if (!result) {
        switch (result.error().disposition) {
        case Disposition::NoSuchOrder:
            onAbsentAnswer(*entry);
            return;
        case Disposition::BadCredentials:
            entry->querying = false; // credentialsRefused says it; asking on would attract the edge
            return;
        case Disposition::ClockOff:
            m_rest.synchroniseClock([](bool) {});
            break;
        default:
            break;
        }
        scheduleQuery(*entry,
                      std::max(nextQueryDelay(*entry), result.error().retryAfter.value_or(Duration::zero())));
        return;
    }
    const auto order = parseOrder(result->body, result->receivedAt);
    if (!order || order->clientOrderId != id || order->instrument != entry->instrument) {
        scheduleQuery(*entry, nextQueryDelay(*entry));
        return;
    }
    // What the stream has said meanwhile is newer than a lagging answer; the question is answered either way.
    adopt(*entry, *order);
    const OrderUpdate known = *entry->last;
    const InstrumentKey instrument = entry->instrument;
    deliver(known, Source::Query);
    if (Entry *again = find(id))
        endQuery(*again);
    if (!known.filled.isZero())
        emit fillsMissing(instrument);
    emit activity();
}

/// "Does not exist" is believed after three tries over the waiting time and no event.
void OrderChannel::onAbsentAnswer(Entry &entry)
{
    const Duration now = m_clock.monotonic();
    if (entry.absentTries++ == 0)
        entry.firstAbsentAt = now;
    if (entry.absentTries < kAbsentTriesLeast ||
        now - entry.firstAbsentAt < m_options.timings.orderAbsentAfter) {
        scheduleQuery(entry, nextQueryDelay(entry));
        return;
    }
    const ClientOrderId id = entry.id;
    entry.unknownBefore = false;
    endQuery(entry);
    if (m_listener)
        m_listener->onOrderAbsent(id);
}

void OrderChannel::endQuery(Entry &entry)
{
    entry.querying = false;
    ++entry.queryRound;
    checkReconciled();
}

bool OrderChannel::adopt(Entry &entry, const OrderUpdate &update)
{
    entry.touchedAt = m_clock.monotonic();
    if (entry.last) {
        const OrderUpdate &last = *entry.last;
        const bool sameOrder = last.venueOrderId == update.venueOrderId;
        if (sameOrder && (update.filled < last.filled || (isFinal(last.status) && !isFinal(update.status)) ||
                          update.venueTime < last.venueTime))
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

void OrderChannel::deliver(const OrderUpdate &update, Source source)
{
    if (m_listener)
        m_listener->onOrder(update, source);
}

void OrderChannel::onStreamOrder(const OrderUpdate &update)
{
    if (update.clientOrderId.empty()) {
        deliver(update, Source::Stream);
        return;
    }
    Entry &entry = entryFor(update.instrument, update.clientOrderId);
    const ClientOrderId id = entry.id;
    entry.eventSeen = true;
    entry.eventDueBy.reset();
    const bool wasQuerying = entry.querying && !entry.sending;
    if (adopt(entry, update))
        deliver(update, Source::Stream);
    if (Entry *again = find(id); again && wasQuerying)
        endQuery(*again);
    emit activity();
}

void OrderChannel::reconcile(const std::vector<OrderUpdate> &open, std::function<void()> done)
{
    std::vector<ClientOrderId> missing;
    for (const auto &[id, entry] : m_entries) {
        const bool ours = entry.request.has_value() || entry.last.has_value();
        const bool listed = std::any_of(open.begin(), open.end(),
                                        [&](const OrderUpdate &order) { return order.clientOrderId == id; });
        if (ours && !listed && !entry.sending && !(entry.last && isFinal(entry.last->status)) &&
            (entry.last || entry.unknownBefore))
            missing.push_back(id);
    }
    for (const OrderUpdate &order : open) {
        Entry &entry = entryFor(order.instrument, order.clientOrderId);
        entry.eventDueBy.reset();
        if (adopt(entry, order))
            deliver(order, Source::Query);
        if (!m_listener)
            return;
        if (entry.querying)
            endQuery(entry);
    }
    m_reconciling = std::move(missing);
    m_reconciled = std::move(done);
    for (const ClientOrderId &id : m_reconciling) {
        if (Entry *entry = find(id))
            startQuery(*entry);
    }
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
        return entry.last && isFinal(entry.last->status) && !entry.querying && !entry.sending &&
               now - entry.touchedAt > kForgetAfter;
    });
    std::erase_if(m_byVenueId, [&](const auto &pair) { return !m_entries.contains(pair.second); });
}

} // namespace core::exchange::binance
