#include "core/runtime/drill/guarded_run.h"

#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "core/runtime/drill/limits_of.h"

using namespace std::chrono_literals;

namespace core::runtime::drill
{

namespace
{
template <class... Visitors> struct Overloaded : Visitors... {
    using Visitors::operator()...;
};
template <class... Visitors> Overloaded(Visitors...) -> Overloaded<Visitors...>;
} // namespace

/// What one link tells, as inputs of the guard: the part of core/runtime's engine link that the guard depends on.
class GuardedRun::Ear final : public ports::ExchangeListener
{
public:
    Ear(GuardedRun &run, Venue venue) : m_run(run), m_venue(venue) {}

    void onStreamStatus(const ports::StreamStatus &status) override
    {
        if (status.clockOffset)
            m_run.feed(orders::ClockReport{m_venue, *status.clockOffset});
    }
    void onRequestBudget(const ports::RequestBudget &) override {}
    void onInstrument(const Instrument &instrument) override { m_run.feed(orders::InstrumentReport{instrument}); }
    void onBook(const InstrumentKey &, const market::OrderBook &, Freshness, UtcTime, UtcTime) override {}
    void onTrade(const Trade &) override {}
    void onBestQuote(const BestQuote &) override {}
    void onMark(const MarkPrice &mark) override
    {
        m_run.m_marks[mark.instrument].heardAt = mark.receivedAt;
        m_run.judgeFreshness();
        m_run.feed(orders::MarkTick{mark.instrument, mark.mark, mark.venueTime});
        if (const auto waiting = m_run.m_waiting.find(m_venue); waiting != m_run.m_waiting.end()) {
            waiting->second.prices.erase(mark.instrument);
            m_run.noteReady(m_venue);
        }
    }
    void onAccount(const AccountSnapshot &account, Source) override
    {
        m_run.feed(orders::AccountReport{m_venue, account});
    }
    void onPositions(const std::vector<Position> &positions, Source source, bool complete) override
    {
        m_run.feed(orders::PositionsReport{m_venue, positions, source, complete});
        const auto waiting = m_run.m_waiting.find(m_venue);
        for (const Position &position : positions)
            if (waiting != m_run.m_waiting.end() && complete && !waiting->second.reconciled && !position.isFlat() &&
                !m_run.m_marks.contains(position.instrument))
                waiting->second.prices.insert(position.instrument);
    }
    void onOrder(const OrderUpdate &order, Source source) override
    {
        // What has ended stays so: an older word may come later.
        if (isFinal(order.status) && m_run.m_sent.contains(order.clientOrderId))
            m_run.m_fates[order.clientOrderId] = Fate::Final;
        m_run.feed(orders::OrderReport{order, source});
    }
    void onFill(const Fill &fill, Source source) override
    {
        m_run.m_heard.emplace(fill.instrument, fill.tradeId);
        m_run.feed(orders::FillReport{fill, source});
    }
    void onFunding(const FundingPayment &payment, Source) override { m_run.feed(orders::FundingReport{payment}); }
    void onTransfer(const Transfer &transfer, Source) override { m_run.feed(orders::TransferReport{transfer}); }
    void onRequestOutcome(const ClientOrderId &order, RequestOutcome outcome, const Error &error) override
    {
        const auto fate = m_run.m_fates.find(order);
        if (outcome == RequestOutcome::Rejected && fate != m_run.m_fates.end() && fate->second == Fate::Open)
            fate->second = Fate::Refused;
        m_run.feed(orders::OutcomeReport{order, outcome, error.code, error.detail});
    }
    void onOrderAbsent(const ClientOrderId &order) override
    {
        if (m_run.m_sent.contains(order))
            m_run.m_fates[order] = Fate::Absent;
        m_run.feed(orders::OrderAbsentReport{order});
    }
    void onReconciled() override
    {
        m_run.feed(orders::FreshnessReport{m_venue, std::nullopt, Freshness::Fresh});
        m_run.feed(orders::ReconciledReport{m_venue});
        if (const auto waiting = m_run.m_waiting.find(m_venue);
            waiting != m_run.m_waiting.end() && !std::exchange(waiting->second.reconciled, true)) {
            if (m_run.onReady)
                m_run.onReady(m_venue, m_run.m_timeline.now() - m_run.m_runAt, false);
            m_run.noteReady(m_venue);
        }
    }
    void onReconciliationLost(const Error &) override
    {
        m_run.feed(orders::FreshnessReport{m_venue, std::nullopt, Freshness::Lost});
        m_run.feed(orders::ReconciliationLostReport{m_venue});
    }

private:
    GuardedRun &m_run;
    Venue m_venue;
};

GuardedRun::GuardedRun(const DrillPlan &plan, Timeline &timeline, const Clock &machine, std::vector<DrillLink *> links,
                       DrillDisk &disk)
    : m_plan(plan), m_timeline(timeline), m_machine(machine), m_links(std::move(links)), m_disk(disk), m_kills(plan.kills),
      m_staleAfter(limitsOf(plan).markStaleAfter)
{
    for (std::size_t i = 0; i < m_links.size(); ++i) {
        m_ears.push_back(std::make_unique<Ear>(*this, plan.venues[i].venue));
        m_links[i]->onDepth = [this](risk::Depth depth) {
            depth.at = m_stamps.stamp(m_machine);
            feed(orders::DepthReport{std::move(depth)});
        };
        m_links[i]->onAnswer = [this](const ClientOrderId &, bool before) {
            m_answers += before ? 1 : 0;
            const KillPlan::Step step = before ? KillPlan::Step::BeforeAnswer : KillPlan::Step::AfterAnswer;
            killAt(step, KillPlan::Of::Place, m_answers);
            if (m_answersToFlatten)
                killAt(step, KillPlan::Of::Flatten, *m_answersToFlatten += before ? 1 : 0);
        };
    }
    for (std::size_t i = 0; i < m_kills.size(); ++i) {
        // A step that does not come is not waited for beyond the storm.
        const bool atStep = m_kills[i].step != KillPlan::Step::AtTime;
        m_timeline.after(atStep ? plan.length : m_kills[i].at, [this, left = m_kills.size() - i] {
            if (m_kills.size() >= left)
                kill();
        });
    }
    commitLater();
}

GuardedRun::~GuardedRun() = default;

DrillLink &GuardedRun::linkOf(Venue venue)
{
    for (std::size_t i = 0; i < m_links.size(); ++i)
        if (m_plan.venues[i].venue == venue)
            return *m_links[i];
    CORE_ASSERT(false, "Invariant: the guard speaks of a venue of the drill");
    return *m_links.front();
}

void GuardedRun::later(Duration delay, std::function<void()> what)
{
    m_timeline.after(delay, [this, life = m_life, what = std::move(what)]() mutable {
        if (life != m_life)
            return;
        if (const auto until = m_links.front()->stoppedUntil(m_timeline.now()))
            later(*until - m_timeline.now(), std::move(what));
        else
            what();
    });
}

void GuardedRun::noteReady(Venue account)
{
    const auto waiting = m_waiting.find(account);
    if (waiting == m_waiting.end() || !waiting->second.reconciled || !waiting->second.prices.empty())
        return;
    m_waiting.erase(waiting);
    if (onReady)
        onReady(account, m_timeline.now() - m_runAt, true);
}

void GuardedRun::start()
{
    m_runAt = m_timeline.now();
    m_waiting.clear();
    for (const VenuePlan &venue : m_plan.venues)
        m_waiting.try_emplace(venue.venue);
    m_dead.clear();
    ++m_life;
    ++m_runs;
    m_guard = std::make_unique<orders::Guard>();
    m_marks.clear();
    m_heard.clear();
    m_disk.beginSession();
    for (const VenuePlan &venue : m_plan.venues)
        feed(orders::LimitsChange{venue.venue, limitsOf(m_plan)});
    feed(orders::LimitsChange{std::nullopt, groupLimitsOf(m_plan)});
    feed(orders::ArmingChange{std::nullopt, risk::Arming::Armed, m_runs == 1 ? "user" : "restart"});
    for (std::size_t i = 0; i < m_links.size(); ++i) {
        const Venue venue = m_plan.venues[i].venue;
        const ports::Capabilities can = DrillExchange::capabilitiesOf(venue);
        feed(orders::CapabilitiesReport{.account = venue,
                                        .conditionalOrders = can.conditionalOrders,
                                        .deadManTimer = can.deadManTimer,
                                        .deadManPerInstrument = can.deadManPerInstrument,
                                        .deadManKillsStops = can.deadManKillsStops,
                                        .hedgeMode = can.hedgeMode,
                                        .triggerByLast = can.triggerByLast});
        if (const auto kept = m_durableHistory.find(venue); kept != m_durableHistory.end())
            feed(orders::HistoryReport{kept->second});
        else if (m_runs > 1)
            feed(orders::HistoryReport{m_links[i]->venueHistory()});
        m_links[i]->connect(*m_ears[i]);
    }
    later(1s, [this] { everySecond(); });
}

void GuardedRun::kill()
{
    if (!isAlive())
        return;
    ++m_life;
    for (DrillLink *link : m_links)
        link->cut();
    m_dead.push_back(std::move(m_guard));
    m_disk.crash();
    m_history = m_durableHistory;
    if (onKilled)
        onKilled(m_committedAt);
    m_killAtCommit.reset();
    Duration restartAfter = 1s;
    if (!m_kills.empty()) {
        restartAfter = m_kills.front().restartAfter;
        m_kills.erase(m_kills.begin());
    }
    m_counts.clear();
    m_answers = 0;
    m_answersToFlatten.reset();
    m_timeline.after(restartAfter, [this] {
        if (!isAlive())
            start();
    });
}

void GuardedRun::killAt(KillPlan::Step step, KillPlan::Of of, int nth)
{
    if (!isAlive() || m_kills.empty())
        return;
    const KillPlan &next = m_kills.front();
    if (next.step == step && next.of == of && next.nth == nth)
        kill();
}

void GuardedRun::feed(orders::GuardInput input)
{
    if (!isAlive())
        return;
    const std::uint64_t life = m_life;
    const orders::GuardInputRecord record{m_stamps.stamp(m_machine), std::move(input)};
    const bool isPrice = std::holds_alternative<orders::MarkTick>(record.input);
    m_disk.append(storage::JournalKind::Input, record.at, orders::encode(record));
    std::vector<orders::GuardOutput> outputs = std::exchange(m_outputs, {});
    outputs.clear();
    const Duration before = m_realClock.monotonic();
    m_guard->apply(record, outputs);
    const Duration took = m_realClock.monotonic() - before;
    const auto isOrder = [](const orders::GuardOutput &output) {
        return std::holds_alternative<orders::SendOrder>(output);
    };
    if (isPrice && onWire && std::any_of(outputs.begin(), outputs.end(), isOrder))
        onWire(took);
    for (const orders::GuardOutput &output : outputs)
        m_disk.append(storage::JournalKind::Decision, record.at, orders::encode(output));
    for (const orders::GuardOutput &output : outputs) {
        if (life != m_life)
            break; // killed between two of them
        if (onDecision)
            onDecision(output);
        const auto *accepted = std::get_if<orders::IntentAccepted>(&output);
        const auto *refused = std::get_if<orders::IntentRefused>(&output);
        if ((accepted != nullptr && accepted->intent == m_awaitedAnswer) ||
            (refused != nullptr && refused->intent == m_awaitedAnswer))
            ++m_answersToWish;
        if (std::holds_alternative<orders::LockoutRecord>(output))
            keepHistory();
        carryOut(output);
    }
    m_outputs = std::move(outputs);
}

void GuardedRun::carryOut(const orders::GuardOutput &output)
{
    std::visit(Overloaded{
                   [&](const orders::SendOrder &order) { send(order); },
                   [&](const orders::ChangeOrder &change) {
                       const int nth = ++m_counts[KillPlan::Of::Change];
                       killAt(KillPlan::Step::BeforeSend, KillPlan::Of::Change, nth);
                       if (isAlive())
                           linkOf(change.change.request().instrument.venue).modify(change.change.request());
                       killAt(KillPlan::Step::AfterSend, KillPlan::Of::Change, nth);
                   },
                   [&](const orders::CancelOrder &cancel) {
                       const int nth = ++m_counts[KillPlan::Of::Cancel];
                       killAt(KillPlan::Step::BeforeSend, KillPlan::Of::Cancel, nth);
                       if (isAlive())
                           linkOf(cancel.instrument.venue).cancel(cancel.instrument, cancel.order);
                       killAt(KillPlan::Step::AfterSend, KillPlan::Of::Cancel, nth);
                   },
                   [&](const orders::CancelAllOrders &cancel) { linkOf(cancel.account).cancelAll(cancel.instrument); },
                   [&](const orders::SetDeadMan &timer) {
                       linkOf(timer.account)
                           .setDeadMan(timer.instrument.value_or(InstrumentKey{timer.account, {}}), timer.after,
                                       [this, timer](bool done) {
                                           feed(orders::DeadManReport{
                                               .account = timer.account,
                                               .instrument = timer.instrument,
                                               .after = timer.after,
                                               .outcome = done ? RequestOutcome::Accepted : RequestOutcome::Unknown,
                                               .code = ErrorCode::TimedOut,
                                               .detail = {}});
                                       });
                   },
                   [&](const orders::QueryOrder &query) {
                       linkOf(query.instrument.venue).queryOrder(query.instrument, query.order);
                   },
                   [&](const orders::QueryPositions &query) { linkOf(query.account).queryPositions(); },
                   [](const auto &) {}, // for the journal and the screen
               },
               output);
}

void GuardedRun::send(const orders::SendOrder &order)
{
    const OrderRequest &request = order.order.request();
    const int nth = ++m_counts[KillPlan::Of::Place];
    const int nthToFlatten = m_answersToFlatten ? ++m_counts[KillPlan::Of::Flatten] : 0;
    killAt(KillPlan::Step::BeforeSend, KillPlan::Of::Place, nth);
    killAt(KillPlan::Step::BeforeSend, KillPlan::Of::Flatten, nthToFlatten);
    if (!isAlive())
        return;
    m_sent[request.clientOrderId] = m_runs;
    m_fates[request.clientOrderId] = Fate::Open;
    linkOf(request.instrument.venue).submit(request);
    killAt(KillPlan::Step::AfterSend, KillPlan::Of::Place, nth);
    killAt(KillPlan::Step::AfterSend, KillPlan::Of::Flatten, nthToFlatten);
    if (!isAlive() || m_kills.empty() ||
        m_kills.front().nth != (m_kills.front().of == KillPlan::Of::Flatten ? nthToFlatten : nth))
        return;
    if (m_kills.front().step == KillPlan::Step::BeforeCommit || m_kills.front().step == KillPlan::Step::AfterCommit)
        m_killAtCommit = m_kills.front().step;
}

void GuardedRun::commitLater()
{
    const UtcTime started = m_links.front()->startedAt();
    m_timeline.after(m_plan.commitEvery, [this, started] {
        const Duration at = m_timeline.now() - started;
        const bool stalls = std::any_of(m_plan.diskStalls.begin(), m_plan.diskStalls.end(),
                                        [at](const Window &stall) { return stall.holds(at); });
        if (!stalls) {
            if (m_killAtCommit == KillPlan::Step::BeforeCommit)
                kill();
            m_disk.commit();
            m_committedAt = m_timeline.now();
            m_durableHistory = m_history;
            if (std::exchange(m_killAtCommit, std::nullopt) == KillPlan::Step::AfterCommit)
                kill();
        }
        commitLater();
    });
}

void GuardedRun::everySecond()
{
    judgeFreshness();
    tellEstimates();
    feed(orders::TimerTick{});
    keepHistory();
    later(1s, [this] { everySecond(); });
}

void GuardedRun::judgeFreshness()
{
    for (auto &[instrument, state] : m_marks) {
        const bool fresh = m_timeline.now() - state.heardAt <= m_staleAfter;
        if (std::exchange(state.fresh, fresh) != fresh)
            feed(orders::FreshnessReport{instrument.venue, instrument, fresh ? Freshness::Fresh : Freshness::Stale});
    }
}

/// What the analysis thread would say, every five seconds: a market that is wild while the weather is.
void GuardedRun::tellEstimates()
{
    const UtcTime now = m_timeline.now();
    const Duration at = now - m_links.front()->startedAt();
    if ((at / 1s) % 5 != 0)
        return;
    const bool wild = m_plan.weather == Weather::FlashCrash && m_plan.event.holds(at);
    for (const VenuePlan &venue : m_plan.venues) {
        for (const MarketPlan &market : venue.markets) {
            risk::Estimate estimate;
            estimate.instrument = market.contract.key;
            estimate.atr = Ratio::fromRaw(kDecimalOne / 200);
            estimate.sigmaDay = estimate.sigmaUsual = Ratio::fromRaw(kDecimalOne / 33);
            estimate.sigmaShort = Ratio::fromRaw(wild ? kDecimalOne / 5 : kDecimalOne / 33);
            estimate.hourVolume = Money::fromRaw(50'000'000 * kDecimalOne);
            estimate.at = m_stamps.stamp(m_machine);
            feed(orders::EstimateReport{estimate});
        }
    }
}

/// What the storage keeps for the next start: on disk with the next commit.
void GuardedRun::keepHistory()
{
    if (!isAlive())
        return;
    for (const VenuePlan &venue : m_plan.venues)
        m_history[venue.venue] = m_guard->history(venue.venue);
}

bool GuardedRun::wish(const std::string &id, orders::GuardInput intent)
{
    const int run = m_runs;
    m_awaitedAnswer = id;
    m_answersToWish = 0;
    feed(std::move(intent));
    m_awaitedAnswer.clear();
    return m_answersToWish == 1 || !isAlive() || run != m_runs;
}

bool GuardedRun::order(const OrderRequest &request)
{
    if (!isAlive())
        return true;
    const std::string id = "wish-" + std::to_string(++m_wishes);
    m_ownOrders.insert_or_assign(request.instrument, *ClientOrderId::from("eto-" + id));
    return wish(id, orders::OrderIntent{.id = id, .order = request, .by = "order ticket"});
}

bool GuardedRun::change(const InstrumentKey &instrument, Quantity quantity, Price limitPrice)
{
    const auto order = m_ownOrders.find(instrument);
    if (!isAlive() || order == m_ownOrders.end())
        return true;
    const std::string id = "wish-" + std::to_string(++m_wishes);
    OrderChange change;
    change.instrument = instrument;
    change.clientOrderId = order->second;
    change.quantity = quantity;
    change.limitPrice = limitPrice;
    return wish(id, orders::ChangeIntent{.id = id, .change = change, .by = "order ticket"});
}

bool GuardedRun::cancelAll(Venue venue)
{
    if (!isAlive())
        return true;
    const std::string id = "wish-" + std::to_string(++m_wishes);
    return wish(id, orders::CancelAllIntent{.id = id, .account = venue, .instrument = std::nullopt, .by = "order ticket"});
}

void GuardedRun::flatten(const std::optional<InstrumentKey> &instrument)
{
    m_answersToFlatten = m_answersToFlatten.value_or(0);
    feed(orders::FlattenIntent{.account = std::nullopt,
                               .instrument = instrument,
                               .side = std::nullopt,
                               .lock = false,
                               .by = "panic"});
}

} // namespace core::runtime::drill
