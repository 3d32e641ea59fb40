#include "core/exchange/binance/order_channel.h"

#include <algorithm>

// Cancels, and the questions that end when a fate is known.

namespace core::exchange::binance
{
namespace
{
using namespace std::chrono_literals;

constexpr int kAbsentTriesLeast = 3;
constexpr int kCancelTriesMax = 5;
/// How often the child of a conditional order, or its name, is asked for before its state is left as it is.
constexpr std::size_t kChildTriesMax = 8;

} // namespace

void OrderChannel::cancel(const InstrumentKey &instrument, const ClientOrderId &order)
{
    Entry &entry = entryFor(instrument, order);
    entry.cancelTries = 0;
    entry.cancelWanted = true;
    sendCancel(order);
}

void OrderChannel::sendCancel(const ClientOrderId &id)
{
    Entry *entry = find(id);
    if (!entry)
        return;
    // A conditional order is cancelled where it is: before its trigger among the algo orders, afterwards as
    // the order that it has become.
    const auto child = entry->algo.child();
    const bool asAlgo = entry->isConditional() && !child;
    std::string query = asAlgo  ? algoIdQuery(id)
                        : child ? orderIdQuery(entry->instrument, *child)
                                : orderIdQuery(entry->instrument, id);
    m_rest.call(RestCall{.method = net::HttpMethod::Delete,
                         .path = asAlgo ? "/fapi/v1/algoOrder" : "/fapi/v1/order",
                         .query = std::move(query),
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
        const bool isPlain = order && order->clientOrderId == id && !entry->isConditional();
        const bool isChild = order && entry->algo.child() && order->venueOrderId == *entry->algo.child();
        if (isChild ? adoptChild(*entry, *order, Source::Query) : isPlain && adopt(*entry, *order)) {
            if (isPlain)
                deliver(*order, Source::Query);
            if (Entry *again = find(id); again && m_listener)
                settleCancel(*again);
            emit activity();
            return;
        }
        startQuery(*entry); // the algo side acknowledges without a state
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
    if (repeat) {
        entry->cancelWanted = false;
        m_listener->onRequestOutcome(id, Outcome::Unknown, failure.error);
    }
    // Nothing to cancel, or no way to: what it is now is what counts.
    if (Entry *later = find(id); later && m_listener)
        startQuery(*later);
}

/// Ended: the wish is fulfilled, whoever ended it. Alive after a "nothing to cancel": it has moved from one
/// store to the other, or the venue lags.
void OrderChannel::settleCancel(Entry &entry)
{
    if (!entry.cancelWanted || !m_listener || !entry.last)
        return;
    const ClientOrderId id = entry.id;
    if (entry.isOver()) {
        entry.cancelWanted = false;
        m_listener->onRequestOutcome(id, Outcome::Accepted, {});
        return;
    }
    if (++entry.cancelTries >= kCancelTriesMax) {
        entry.cancelWanted = false;
        m_listener->onRequestOutcome(id, Outcome::Unknown,
                                     Error{ErrorCode::TimedOut, "cancel: the order is still there"});
        return;
    }
    const auto &waits = m_options.timings.orderRetries;
    const auto step = std::min(static_cast<std::size_t>(entry.cancelTries - 1), waits.size() - 1);
    const bool moved = entry.algo.child().has_value() && entry.cancelTries == 1;
    after(moved ? Duration::zero() : waits[step], [this, id] {
        const Entry *later = find(id);
        if (later && later->cancelWanted && !later->isOver())
            sendCancel(id);
    });
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
    entry.askAlgo = entry.isConditional();
    entry.askChild = false;
    ++entry.queryRound;
    // Only what we have just sent may not be visible yet; anything else can be asked for at once.
    const bool fresh = entry.unknownBefore || (entry.change && entry.change->asking);
    scheduleQuery(entry, fresh ? nextQueryDelay(entry) : Duration::zero());
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
    const Question question = entry->askChild && entry->algo.child() ? Question::Child
                              : entry->askAlgo                       ? Question::Algo
                                                                     : Question::Order;
    std::string query = question == Question::Child  ? orderIdQuery(entry->instrument, *entry->algo.child())
                        : question == Question::Algo ? algoIdQuery(id)
                                                     : orderIdQuery(entry->instrument, id);
    m_rest.call(RestCall{.path = question == Question::Algo ? "/fapi/v1/algoOrder" : "/fapi/v1/order",
                         .query = std::move(query),
                         .security = Security::Signed,
                         .lane = net::Lane::Protective,
                         .cost = {.weight = 1, .orders = 0},
                         .timeout = m_options.timings.orderTimeout},
                [this, id, round, question](const RestResult &result) { onQueried(id, round, question, result); });
}

void OrderChannel::onQueried(const ClientOrderId &id, std::uint64_t round, Question question,
                             const RestResult &result)
{
    Entry *entry = find(id);
    if (!m_listener || !entry || !entry->querying || entry->queryRound != round)
        return;
    entry->touchedAt = m_clock.monotonic();
    if (!result) {
        onQueryFailed(*entry, question, result.error());
        return;
    }
    if (!readAnswer(*entry, question, *result)) {
        scheduleQuery(*entry, nextQueryDelay(*entry));
        return;
    }
    if (!m_listener)
        return;
    if (entry->isConditional()) {
        // What it has become says how it ended.
        const bool named = entry->algo.child().has_value();
        const bool more = question == Question::Child ? entry->algo.wantsChild()
                          : named                     ? !entry->algo.isOver()
                                                      : entry->algo.wantsChild();
        if (more && entry->queryTries < kChildTriesMax) {
            entry->askChild = named;
            scheduleQuery(*entry, question == Question::Algo && named ? Duration::zero() : nextQueryDelay(*entry));
            return;
        }
    }
    finishQuery(*entry);
}

void OrderChannel::onQueryFailed(Entry &entry, Question question, const RestFailure &failure)
{
    switch (failure.disposition) {
    case Disposition::NoSuchOrder:
    case Disposition::NotOpen:
        onAbsentAnswer(entry, question);
        return;
    case Disposition::BadCredentials:
        entry.querying = false; // credentialsRefused says it; asking on would attract the edge
        return;
    case Disposition::ClockOff:
        m_rest.synchroniseClock([](bool) {});
        break;
    default:
        break;
    }
    scheduleQuery(entry, std::max(nextQueryDelay(entry), failure.retryAfter.value_or(Duration::zero())));
}

/// False when the answer cannot be used.
bool OrderChannel::readAnswer(Entry &entry, Question question, const RestAnswer &answer)
{
    if (question == Question::Algo) {
        const auto algo = parseAlgo(answer.body, answer.receivedAt);
        if (!algo || algo->clientAlgoId != entry.id || algo->instrument != entry.instrument)
            return false;
        entry.store = Entry::Store::Conditional;
        adoptAlgo(entry, *algo, Source::Query);
        return true;
    }
    const auto order = parseOrder(answer.body, answer.receivedAt);
    if (!order || order->instrument != entry.instrument)
        return false;
    if (question == Question::Child) {
        if (order->venueOrderId != *entry.algo.child())
            return false;
        adoptChild(entry, *order, Source::Query);
        return true;
    }
    if (order->clientOrderId != entry.id)
        return false;
    if (entry.store == Entry::Store::Unknown)
        entry.store = Entry::Store::Plain;
    // What the stream has said meanwhile is newer than a lagging answer; the question is answered either way.
    adopt(entry, *order);
    return true;
}

/// The answer is there: it is told even when it is no news, for somebody asked.
void OrderChannel::finishQuery(Entry &entry)
{
    const ClientOrderId id = entry.id;
    const InstrumentKey instrument = entry.instrument;
    if (!entry.last && !entry.algo.isKnown()) { // only its child was seen so far
        scheduleQuery(entry, nextQueryDelay(entry));
        return;
    }
    const OrderUpdate known = entry.algo.isKnown() ? entry.algo.state() : *entry.last;
    const auto believed = std::exchange(entry.differed, std::nullopt);
    const bool inFlux = entry.differedBefore && known.venueTime >= *entry.differedBefore;
    entry.unknownBefore = false;
    deliver(known, Source::Query);
    if (believed && !inFlux && m_listener && *believed != describe(known))
        m_listener->onDifference({Difference::What::Order, instrument, id.string(), *believed, describe(known)});
    if (Entry *again = find(id); again && m_listener) {
        if (judgeChange(*again)) {
            scheduleQuery(*again, nextQueryDelay(*again));
            return;
        }
        endQuery(*again);
        settleCancel(*again);
    }
    if (!known.filled.isZero())
        emit fillsMissing(instrument);
    emit activity();
}

/// "Does not exist" is believed after three tries over the waiting time and no event; of an order of an earlier run at
/// once, when this one runs for as long; of an order whose kind is not known, from both stores.
void OrderChannel::onAbsentAnswer(Entry &entry, Question question)
{
    if (question == Question::Child) {
        // The trigger is a fact; its order may not be visible yet.
        if (entry.queryTries < kChildTriesMax)
            scheduleQuery(entry, nextQueryDelay(entry));
        else
            finishQuery(entry);
        return;
    }
    if (entry.store == Entry::Store::Unknown) {
        entry.askAlgo = question == Question::Order;
        if (entry.askAlgo) {
            scheduleQuery(entry, Duration::zero());
            return;
        }
    }
    const Duration now = m_clock.monotonic();
    // What this run has neither sent nor heard of an earlier one has sent, if any: before this run began. It is not on its
    // way any more once we have run for so long, and nobody has to wait for it then.
    const bool isForeignToUs = !entry.request && !entry.last;
    if (entry.absentTries++ == 0)
        entry.firstAbsentAt = isForeignToUs ? m_startedAt : now;
    if (entry.absentTries < (isForeignToUs ? 1 : kAbsentTriesLeast) ||
        now - entry.firstAbsentAt < m_options.timings.orderAbsentAfter) {
        scheduleQuery(entry, nextQueryDelay(entry));
        reconcileWithout(entry.id);
        return;
    }
    const ClientOrderId id = entry.id;
    const auto believed = std::exchange(entry.differed, std::nullopt);
    const InstrumentKey instrument = entry.instrument;
    entry.unknownBefore = false;
    entry.cancelWanted = false;
    if (entry.change)
        concludeChange(entry, Outcome::Rejected, Error{ErrorCode::NotFound, "change: the order does not exist"});
    if (Entry *again = find(id))
        endQuery(*again);
    if (m_listener && believed)
        m_listener->onDifference({Difference::What::Order, instrument, id.string(), *believed, "nothing"});
    if (m_listener)
        m_listener->onOrderAbsent(id);
}

void OrderChannel::endQuery(Entry &entry)
{
    entry.querying = false;
    ++entry.queryRound;
    checkReconciled();
}

} // namespace core::exchange::binance
