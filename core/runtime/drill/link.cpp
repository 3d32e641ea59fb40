#include "core/runtime/drill/link.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "core/base/assert.h"

using namespace std::chrono_literals;

namespace core::runtime::drill
{

namespace
{
constexpr Duration kOrderTimeout = 5s;    // then the fate is unknown; as the real clients wait
constexpr Duration kRecvWindow = 5s;      // the venue refuses what was longer on its way
constexpr Duration kAbsentAfter = 10s;    // "does not exist" is believed after this and three tries
constexpr int kAbsentTries = 3;           // of Binance
constexpr Duration kExpiresAfter = 8s;    // of a Hyperliquid action; the venue refuses it later
constexpr Duration kAbsentMargin = 5s;
constexpr Duration kPongWithin = 2500ms;  // a dead line is noticed by then
constexpr Duration kStatusWithin = 2s;    // a client says at least so often how its requests are doing
constexpr Duration kClockWithin = 1s;     // a longer round trip says too little
constexpr Duration kRetryEvery = 500ms;   // to connect again
constexpr Duration kSynchronisedWithin = 3s; // targets.md R3: after what broke is whole
constexpr Duration kGuardingWithin = 2s;     // targets.md R2: after a start

bool within(const std::vector<Window> &windows, Duration at)
{
    return std::any_of(windows.begin(), windows.end(), [at](const Window &window) { return window.holds(at); });
}
} // namespace

DrillLink::DrillLink(const DrillPlan &plan, std::size_t venue, Timeline &timeline, const Clock &machine,
                     DrillExchange &exchange)
    : m_drill(plan), m_plan(plan.venues[venue].link), m_venue(plan.venues[venue]), m_timeline(timeline), m_machine(machine),
      m_exchange(exchange), m_dice(plan.seed, 100 + venue), m_startedAt(timeline.now()),
      m_markAt(exchange.marketCount()), m_depthAt(exchange.marketCount())
{
}

std::optional<UtcTime> DrillLink::stoppedUntil(UtcTime now) const
{
    for (const Window &freeze : m_drill.freezes)
        if (freeze.holds(since(now)))
            return m_startedAt + freeze.to;
    return std::nullopt;
}

bool DrillLink::lineDown() const
{
    const Duration at = since(m_timeline.now());
    if (within(m_plan.lines, at))
        return true;
    // Who does not answer pings for ten seconds is disconnected.
    return std::any_of(m_drill.freezes.begin(), m_drill.freezes.end(),
                       [at](const Window &freeze) { return freeze.holds(at) && at - freeze.from >= 10s; });
}

bool DrillLink::accountStreamOpen() const
{
    return m_streaming && !lineDown() && !within(m_plan.silences, since(m_timeline.now()));
}

bool DrillLink::isWell() const
{
    const Duration at = since(m_timeline.now());
    return m_listener != nullptr && m_reconciled && accountStreamOpen() && !m_exchange.isClosed() &&
           !within(m_plan.limits, at) && !within(m_plan.algoFaults, at) && !within(m_drill.freezes, at);
}

bool DrillLink::isUsable() const
{
    const Duration at = since(m_timeline.now());
    const auto blocks = [at](const Window &window) { return at >= window.from && at < window.to + kSynchronisedWithin; };
    const auto any = [&](const std::vector<Window> &windows) { return std::any_of(windows.begin(), windows.end(), blocks); };
    // Of a stream that is dead and does not say so, prices go on; with its end the line is made anew.
    const bool renewed = std::any_of(m_plan.silences.begin(), m_plan.silences.end(), [at](const Window &silence) {
        return at >= silence.to && at < silence.to + kSynchronisedWithin;
    });
    return m_listener != nullptr && m_timeline.now() - m_connectedAt >= kGuardingWithin && !renewed && !any(m_plan.lines) &&
           !any(m_venue.maintenance) && !any(m_drill.freezes);
}

bool DrillLink::wasWhole(UtcTime from) const
{
    const Window asked{since(from), since(m_timeline.now())};
    const auto meets = [&](const std::vector<Window> &windows) {
        return std::any_of(windows.begin(), windows.end(), [&](const Window &window) {
            return window.from <= asked.to && window.to + kPongWithin >= asked.from;
        });
    };
    return !meets(m_plan.lines) && !meets(m_plan.silences) && !meets(m_plan.limits) && !meets(m_venue.maintenance) &&
           !meets(m_drill.freezes);
}

void DrillLink::lost(const Request &request, bool unclear) const
{
    if (request.leaves && onLostOrder)
        onLostOrder(*request.leaves, unclear);
}

Duration DrillLink::latency() { return m_dice.between(m_plan.latencyLeast, m_plan.latencyMost); }

void DrillLink::deliver(UtcTime when, std::function<void(ports::ExchangeListener &)> what)
{
    m_timeline.at(when, [this, life = m_life, what = std::move(what)]() mutable {
        if (life != m_life || m_listener == nullptr)
            return;
        if (const auto until = stoppedUntil(m_timeline.now())) // it waits in the socket's buffer
            deliver(*until, std::move(what));
        else
            what(*m_listener);
    });
}

void DrillLink::stream(std::function<void(ports::ExchangeListener &)> what)
{
    UtcTime when = m_timeline.now() + latency();
    const bool overtakes = strikes(m_plan.swapped);
    if (!overtakes)
        m_streamAt = when = std::max(when, m_streamAt);
    if (strikes(m_plan.repeated))
        deliver(when + latency(), what);
    deliver(when, std::move(what));
}

void DrillLink::connect(ports::ExchangeListener &listener)
{
    CORE_ASSERT(m_listener == nullptr, "REQUIRES: one run at a time");
    if (m_life++ == 0)
        m_firstEquity = m_exchange.account().snapshot().equity;
    m_listener = &listener;
    m_connectedAt = m_timeline.now();
    m_streaming = m_reconciled = m_described = m_clockAsked = false;
    m_orders.clear();
    m_awaited.clear();
    m_fillsTold.clear();
    watchWindows();
    m_timeline.after(latency(), [this, life = m_life] {
        if (life == m_life)
            tryConnect();
    });
}

risk::History DrillLink::venueHistory() const
{
    risk::History history;
    history.account = m_venue.venue;
    history.equity = {{.account = m_venue.venue, .at = m_startedAt, .equity = m_firstEquity}};
    return history;
}

void DrillLink::cut()
{
    ++m_life;
    m_listener = nullptr;
    m_streaming = m_reconciled = false;
}

void DrillLink::watchWindows()
{
    const auto lose = [this](UtcTime when, const char *why) {
        if (when < m_timeline.now())
            return;
        deliver(when, [this, why](ports::ExchangeListener &) { loseLine(why); });
    };
    for (const Window &line : m_plan.lines)
        lose(m_startedAt + line.from + m_dice.between(100ms, kPongWithin), "the line is dead");
    for (const Window &silence : m_plan.silences)
        lose(m_startedAt + silence.to, "the account stream is silent");
    for (const Window &closed : m_venue.maintenance)
        lose(m_startedAt + closed.from + m_dice.between(100ms, kPongWithin), "maintenance");
    for (const ClockJump &jump : m_drill.jumps) {
        const UtcTime when = m_startedAt + jump.at + kStatusWithin;
        if (when >= m_timeline.now())
            deliver(when, [this](ports::ExchangeListener &to) {
                if (m_clockAsked)
                    tellClock(to);
            });
    }
    for (const Window &freeze : m_drill.freezes)
        if (freeze.to - freeze.from >= 10s)
            lose(m_startedAt + freeze.to, "disconnected while the program was stopped");
}

void DrillLink::tryConnect()
{
    if (m_streaming)
        return;
    if (lineDown() || m_exchange.isClosed()) {
        m_timeline.after(kRetryEvery, [this, life = m_life] {
            if (life == m_life)
                tryConnect();
        });
        return;
    }
    m_streaming = true;
    m_toldEverything = false;
    ++m_round;
    deliver(m_timeline.now() + latency(), [this](ports::ExchangeListener &) {
        if (m_clockAsked)
            reconcile();
        else
            askClock();
    });
}

/// First of all the venue's clock, with which requests are signed: once per run, again where the answer took too long.
void DrillLink::askClock()
{
    m_timeline.after(latency(), [this, asked = m_timeline.now(), life = m_life, round = m_round] {
        if (life != m_life || round != m_round)
            return;
        if (lineDown() || m_exchange.isClosed())
            return loseLine("the venue's clock did not answer");
        deliver(m_timeline.now() + latency(), [this, asked, round, venueTime = m_timeline.now()](ports::ExchangeListener &to) {
            if (round != m_round)
                return;
            const Duration roundTrip = m_timeline.now() - asked;
            if (roundTrip > kClockWithin)
                return askClock();
            m_clockAsked = true;
            m_clockError = venueTime - (asked + roundTrip / 2);
            tellClock(to);
            reconcile();
        });
    });
}

/// The client keeps the venue's time by the monotonic clock: its offset tells of each jump of the wall clock.
void DrillLink::tellClock(ports::ExchangeListener &to)
{
    ports::StreamStatus status;
    status.venue = m_venue.venue;
    status.name = "rest";
    status.freshness = Freshness::Fresh;
    status.clockOffset = m_timeline.now() + m_clockError - m_machine.now();
    to.onStreamStatus(status);
}

void DrillLink::loseLine(const std::string &why)
{
    if (!m_streaming)
        return;
    m_streaming = false;
    ++m_round;
    m_awaited.clear();
    if (std::exchange(m_reconciled, false) || !why.empty())
        m_listener->onReconciliationLost(Error{ErrorCode::Unavailable, why});
    m_timeline.after(m_dice.between(100ms, 1s), [this, life = m_life] {
        if (life == m_life)
            tryConnect();
    });
}

void DrillLink::reconcile()
{
    m_timeline.after(latency(), [this, life = m_life, round = m_round] {
        if (life != m_life || round != m_round)
            return;
        if (lineDown() || m_exchange.isClosed()) {
            m_timeline.after(kRetryEvery, [this, life, round] {
                if (life == m_life && round == m_round)
                    reconcile();
            });
            return;
        }
        tellEverything();
    });
}

void DrillLink::tellEverything()
{
    const UtcTime when = m_timeline.now() + latency();
    if (!std::exchange(m_described, true)) {
        for (std::size_t i = 0; i < m_exchange.marketCount(); ++i)
            deliver(when, [contract = m_exchange.market(i).contract()](auto &to) { to.onInstrument(contract); });
    }
    for (std::size_t i = 0; i < m_exchange.marketCount(); ++i)
        tellFills(m_exchange.market(i).contract().key, Source::Query);
    const venue::PaperAccount &account = m_exchange.account();
    std::set<ClientOrderId> open;
    for (OrderUpdate &order : account.openOrders()) {
        open.insert(order.clientOrderId);
        deliver(when, [order = std::move(order)](auto &to) { to.onOrder(order, Source::Query); });
    }
    deliver(when, [this, totals = account.snapshot(), positions = account.positions()](auto &to) {
        to.onAccount(totals, Source::Query);
        to.onPositions(positions, Source::Query, true);
    });
    for (auto &[id, known] : m_orders) {
        if (known.settled || open.contains(id))
            continue;
        m_awaited.insert(id);
        ask(id);
    }
    deliver(when, [this, round = m_round](auto &) {
        if (round != m_round)
            return;
        m_toldEverything = true;
        finishReconciliation();
    });
}

void DrillLink::finishReconciliation()
{
    if (m_reconciled || !m_streaming || !m_toldEverything || !m_awaited.empty())
        return;
    m_reconciled = true;
    m_listener->onReconciled();
}

void DrillLink::answer(const Request &request, Outcome outcome, Error error, Duration delay)
{
    // A cancel that was refused for a while is no news of the order: the client asks what became of it.
    if (request.kind == Kind::Cancel && outcome == Outcome::Rejected)
        outcome = Outcome::Unknown;
    deliver(m_timeline.now() + delay, [this, request, outcome, error = std::move(error), life = m_life](auto &to) {
        const ClientOrderId &order = request.order;
        if (onAnswer)
            onAnswer(order, true);
        if (life != m_life)
            return; // it was killed with the answer in its buffer
        if (outcome == Outcome::Rejected && request.kind == Kind::Place)
            m_orders[order].settled = true;
        to.onRequestOutcome(order, outcome, error);
        if (life == m_life && onAnswer)
            onAnswer(order, false);
        if (life == m_life && outcome == Outcome::Unknown)
            ask(order); // the client looks it up by itself until the fate is known
    });
}

/// Chances belong to the storm; in the calm after it everything arrives.
bool DrillLink::strikes(int perTenThousand)
{
    return since(m_timeline.now()) < m_drill.length && m_dice.hits(perTenThousand);
}

void DrillLink::send(const Request &request, std::function<Result<void>()> act)
{
    const Error timedOut{ErrorCode::TimedOut, "no answer within 5 s"};
    if (!request.protective && within(m_plan.limits, since(m_timeline.now())))
        return answer(request, Outcome::Rejected, {ErrorCode::RateLimited, "no request budget is left"}, 1ms);
    if (lineDown()) {
        if (m_dice.hits(5'000))
            return answer(request, Outcome::Rejected, {ErrorCode::Unavailable, "not sent: no connection"}, 1400ms);
        return answer(request, Outcome::Unknown, timedOut, kOrderTimeout);
    }
    if (strikes(m_plan.requestLost)) {
        lost(request, true);
        return answer(request, Outcome::Unknown, timedOut, kOrderTimeout);
    }
    const bool slow = strikes(m_plan.slow);
    const Duration travels = slow ? m_dice.between(500ms, 8s) : latency();
    const bool silent = strikes(m_plan.answerLost) || travels >= kOrderTimeout;
    if (slow || silent)
        lost(request, true);
    if (silent)
        answer(request, Outcome::Unknown, timedOut, kOrderTimeout);
    // The request is in the socket: it arrives whatever becomes of the program.
    m_timeline.after(travels, [this, request, travels, silent, act = std::move(act), life = m_life] {
        arrive(request, travels, silent, life, act);
    });
}

void DrillLink::arrive(const Request &request, Duration travelled, bool silent, std::uint64_t life,
                       const std::function<Result<void>()> &act)
{
    const auto reply = [&](Outcome outcome, Error error) {
        if (life == m_life && !silent)
            answer(request, outcome, std::move(error), latency());
    };
    if (travelled > (m_venue.venue == Venue::Hyperliquid ? kExpiresAfter : kRecvWindow))
        return reply(Outcome::Rejected, {ErrorCode::Rejected, "-1021 Timestamp is outside of the recvWindow."});
    if (m_exchange.isClosed())
        return reply(Outcome::Rejected, {ErrorCode::Unavailable, "-1001 Internal error; maintenance."});
    if (request.conditional && within(m_plan.algoFaults, since(m_timeline.now())))
        return reply(Outcome::Rejected, {ErrorCode::Rejected, "-4120 Order type not supported for this endpoint."});
    if (strikes(m_plan.overloaded)) {
        lost(request, false);
        return reply(Outcome::Rejected, {ErrorCode::Unavailable, "-1008 Server is currently overloaded."});
    }
    if (strikes(m_plan.unclear)) {
        lost(request, true);
        if (m_dice.hits(5'000))
            static_cast<void>(act());
        return reply(Outcome::Unknown, {ErrorCode::Unavailable, "503 Unknown error, execution status unknown."});
    }
    const Result<void> done = act();
    reply(done ? Outcome::Accepted : Outcome::Rejected, done ? Error{} : done.error());
}

void DrillLink::submit(const OrderRequest &order)
{
    m_orders[order.clientOrderId] = {.instrument = order.instrument, .sentAt = m_timeline.now()};
    send({.order = order.clientOrderId,
          .kind = Kind::Place,
          .protective = order.reduceOnly == ReduceOnly::Yes,
          .conditional = isConditional(order.type),
          .leaves = order.reduceOnly == ReduceOnly::Yes && !isConditional(order.type) ? std::optional(order.instrument)
                                                                                     : std::nullopt},
         [this, order] { return m_exchange.submit(order); });
}

void DrillLink::modify(const OrderChange &change)
{
    send({.order = change.clientOrderId, .kind = Kind::Change},
         [this, change] { return m_exchange.modify(change); });
}

void DrillLink::cancel(const InstrumentKey &instrument, const ClientOrderId &order)
{
    m_orders.try_emplace(order, Known{.instrument = instrument});
    send({.order = order, .kind = Kind::Cancel, .protective = true}, [this, instrument, order]() -> Result<void> {
        static_cast<void>(m_exchange.cancel(instrument, order)); // an order that had ended is as good as canceled
        return {};
    });
}

void DrillLink::cancelAll(const std::optional<InstrumentKey> &instrument)
{
    if (lineDown())
        return;
    m_timeline.after(latency(), [this, instrument] {
        if (!m_exchange.isClosed())
            m_exchange.cancelAll(instrument);
    });
}

void DrillLink::setDeadMan(const InstrumentKey &instrument, std::optional<Duration> after,
                           std::function<void(bool done)> done)
{
    const auto reply = [this, done = std::move(done)](Duration delay, bool good) {
        deliver(m_timeline.now() + delay, [done, good](ports::ExchangeListener &) { done(good); });
    };
    if (lineDown())
        return reply(kOrderTimeout, false);
    m_timeline.after(latency(), [this, instrument, after, reply, life = m_life] {
        const bool open = !m_exchange.isClosed();
        if (open)
            m_exchange.setDeadMan(instrument, after);
        if (life == m_life)
            reply(latency(), open);
    });
}

void DrillLink::queryOrder(const InstrumentKey &instrument, const ClientOrderId &order)
{
    m_orders.try_emplace(order, Known{.instrument = instrument});
    ask(order);
}

void DrillLink::ask(const ClientOrderId &order)
{
    Known &known = m_orders[order];
    if (std::exchange(known.asking, true))
        return;
    known.tries = known.absentTries = 0;
    askLater(order, Duration::zero());
}

void DrillLink::askLater(const ClientOrderId &order, Duration delay)
{
    m_timeline.after(delay + latency(), [this, order, life = m_life] {
        if (life != m_life)
            return;
        Known &known = m_orders[order];
        ++known.tries;
        const Duration pause = std::min<Duration>(500ms * known.tries, 4s);
        if (lineDown() || m_exchange.isClosed() || within(m_plan.limits, since(m_timeline.now()))) {
            askLater(order, pause);
            return;
        }
        std::vector<OrderUpdate> found = m_exchange.account().findOrder(known.instrument, order);
        const bool visible = m_timeline.now() - known.sentAt >= m_plan.visibleAfter;
        if (!visible)
            found.clear();
        deliver(m_timeline.now() + latency(), [this, order, found = std::move(found)](auto &) {
            Known &asked = m_orders[order];
            if (found.empty())
                onAbsent(asked, order);
            else
                onFound(asked, order, found);
        });
    });
}

void DrillLink::onFound(Known &known, const ClientOrderId &order, const std::vector<OrderUpdate> &found)
{
    known.asking = false;
    const InstrumentKey instrument = known.instrument;
    for (const OrderUpdate &update : found)
        known.settled = isFinal(update.status);
    m_awaited.erase(order);
    const std::uint64_t life = m_life;
    for (const OrderUpdate &update : found) {
        if (life == m_life)
            m_listener->onOrder(update, Source::Query);
    }
    if (life != m_life)
        return;
    tellFills(instrument, Source::Query);
    finishReconciliation();
}

void DrillLink::onAbsent(Known &known, const ClientOrderId &order)
{
    const UtcTime now = m_timeline.now();
    const bool hyperliquid = m_venue.venue == Venue::Hyperliquid;
    // An order that this run has not sent was sent before it began, if at all.
    const bool sent = known.sentAt != UtcTime{};
    if (known.absentTries++ == 0)
        known.firstAbsentAt = sent || hyperliquid ? now : m_connectedAt;
    const Duration doubt = hyperliquid ? kExpiresAfter + kAbsentMargin : kAbsentAfter;
    if (known.absentTries < (sent && !hyperliquid ? kAbsentTries : 1) || now - known.firstAbsentAt < doubt) {
        askLater(order, std::min<Duration>(500ms * known.tries, 4s));
        // Its fate stays unknown and is asked for; everything else is known, and need not wait for it.
        if (m_awaited.erase(order) > 0)
            finishReconciliation();
        return;
    }
    known.asking = false;
    known.settled = true;
    m_awaited.erase(order);
    const std::uint64_t life = m_life;
    m_listener->onOrderAbsent(order);
    if (life == m_life)
        finishReconciliation();
}

void DrillLink::tellFills(const InstrumentKey &instrument, Source source)
{
    const std::vector<Fill> all = m_exchange.account().fills(instrument.symbol);
    const std::size_t told = std::exchange(m_fillsTold[instrument.symbol], all.size());
    for (std::size_t i = told; i < all.size(); ++i)
        deliver(m_timeline.now() + m_plan.latencyLeast, [fill = all[i], source](auto &to) { to.onFill(fill, source); });
}

void DrillLink::queryPositions()
{
    m_timeline.after(latency(), [this, life = m_life] {
        if (life != m_life || lineDown() || m_exchange.isClosed())
            return; // the answer does not come; who needs it asks again
        const venue::PaperAccount &account = m_exchange.account();
        deliver(m_timeline.now() + latency(), [totals = account.snapshot(), positions = account.positions()](auto &to) {
            to.onAccount(totals, Source::Query);
            to.onPositions(positions, Source::Query, true);
        });
    });
}

void DrillLink::onEvent(const venue::PaperEvent &event)
{
    if (!accountStreamOpen())
        return;
    stream([this, event](ports::ExchangeListener &to) { tell(to, event); });
}

void DrillLink::tell(ports::ExchangeListener &to, const venue::PaperEvent &event)
{
    if (const auto *order = std::get_if<OrderUpdate>(&event)) {
        const auto known = m_orders.find(order->clientOrderId);
        if (known != m_orders.end() && isFinal(order->status)) {
            known->second.settled = true;
            m_awaited.erase(order->clientOrderId);
        }
        const std::uint64_t life = m_life;
        to.onOrder(*order, Source::Stream);
        if (life == m_life)
            finishReconciliation();
    } else if (const auto *fill = std::get_if<Fill>(&event)) {
        to.onFill(*fill, Source::Stream);
    } else if (const auto *positions = std::get_if<std::vector<Position>>(&event)) {
        to.onPositions(*positions, Source::Stream, false);
    } else if (const auto *totals = std::get_if<AccountSnapshot>(&event)) {
        to.onAccount(*totals, Source::Stream);
    } else if (const auto *payment = std::get_if<FundingPayment>(&event)) {
        to.onFunding(*payment, Source::Stream);
    } else if (const auto *transfer = std::get_if<Transfer>(&event)) {
        to.onTransfer(*transfer, Source::Stream);
    }
}

void DrillLink::onMarket(std::size_t market)
{
    const UtcTime now = m_timeline.now();
    if (!m_streaming || !m_described || lineDown() || now - m_markAt[market] < m_venue.markEvery)
        return;
    m_markAt[market] = now;
    tellDepth(market);
    const MarketPath &path = m_exchange.market(market);
    MarkPrice mark;
    mark.instrument = path.contract().key;
    mark.mark = path.mark();
    mark.index = path.mark();
    mark.venueTime = now;
    deliver(now + latency(), [this, mark](ports::ExchangeListener &to) {
        MarkPrice stamped = mark;
        stamped.receivedAt = m_timeline.now();
        to.onMark(stamped);
    });
}

void DrillLink::tellDepth(std::size_t market)
{
    static constexpr std::int64_t kBasisPoint = kDecimalOne / 10'000;
    const UtcTime now = m_timeline.now();
    if (!onDepth || now - m_depthAt[market] < 1s)
        return;
    m_depthAt[market] = now;
    const MarketPath &path = m_exchange.market(market);
    std::vector<Level> bids;
    std::vector<Level> asks;
    path.book().copyLevels(Side::Buy, 100, bids);
    path.book().copyLevels(Side::Sell, 100, asks);
    risk::Depth depth;
    depth.instrument = path.contract().key;
    depth.mid = path.mark();
    depth.complete = true;
    depth.at = now;
    for (const std::int64_t basisPoints : {5, 10, 25, 50, 100, 200}) {
        risk::Depth::Step step;
        step.distance = Ratio::fromRaw(basisPoints * kBasisPoint);
        const double reach = path.mark().toDouble() * step.distance.toDouble();
        for (const Level &level : bids)
            if (level.price.toDouble() >= path.mark().toDouble() - reach)
                step.bids = add(step.bids, level.quantity).value_or(step.bids);
        for (const Level &level : asks)
            if (level.price.toDouble() <= path.mark().toDouble() + reach)
                step.asks = add(step.asks, level.quantity).value_or(step.asks);
        depth.steps.push_back(step);
    }
    deliver(now + latency(), [this, depth = std::move(depth)](ports::ExchangeListener &) { onDepth(depth); });
}

} // namespace core::runtime::drill
