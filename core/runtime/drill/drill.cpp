#include "core/runtime/drill/drill.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "core/runtime/drill/exchange.h"
#include "core/runtime/drill/guarded_run.h"
#include "core/runtime/drill/link.h"
#include "core/runtime/drill/shifted_clock.h"

using namespace std::chrono_literals;

namespace core::runtime::drill
{

namespace
{
constexpr UtcTime kStart = utcFromMilliseconds(1'788'220'800'000); // a Tuesday, 00:00 UTC
constexpr Duration kCalm = 90s;                                    // after the storm, for everything to settle
constexpr Duration kCalmStep = 1s;
constexpr Duration kNextOrderAfter = 2s; // docs/risk.md: a close without an answer is followed by another one

class Stage
{
public:
    Stage(const DrillPlan &plan, const DrillStory &story)
        : m_plan(plan), m_timeline(kStart), m_machine(plan, m_timeline), m_story(story)
    {
        m_drill.result.seed = m_plan.seed;
        m_drill.result.weather = m_plan.weather;
        m_drill.result.gap = m_plan.hasGap();
        std::vector<DrillLink *> links;
        for (std::size_t i = 0; i < m_plan.venues.size(); ++i) {
            m_exchanges.push_back(std::make_unique<DrillExchange>(m_plan, i, m_timeline));
            m_links.push_back(std::make_unique<DrillLink>(m_plan, i, m_timeline, m_machine, *m_exchanges[i]));
            m_witnesses.push_back(
                std::make_unique<Witness>(m_plan, i, m_timeline, *m_exchanges[i], m_drill.result));
            links.push_back(m_links[i].get());
        }
        m_run = std::make_unique<GuardedRun>(m_plan, m_timeline, m_machine, links, m_disk);
        wire();
    }

    Drill play()
    {
        for (const auto &exchange : m_exchanges)
            exchange->open();
        for (const auto &witness : m_witnesses)
            witness->begin();
        m_run->start();
        stepLater(m_plan.step);
        for (const PersonPlan &act : m_plan.people)
            m_timeline.after(act.at, [this, act] { person(act); });
        m_timeline.runUntil(kStart + m_plan.length + kCalm);
        m_disk.commit();
        finish();
        return std::move(m_drill);
    }

private:
    void wire()
    {
        for (std::size_t i = 0; i < m_exchanges.size(); ++i) {
            m_exchanges[i]->onEvent = [this, i](const venue::PaperEvent &event) {
                tell(event);
                m_witnesses[i]->onEvent(event);
                m_links[i]->onEvent(event);
            };
            m_witnesses[i]->losses().canAct = [this, i] { return m_links[i]->isUsable(); };
            m_links[i]->onLostOrder = [this, i](const InstrumentKey &instrument, bool unclear) {
                m_witnesses[i]->losses().onLostOrder(instrument, unclear ? kNextOrderAfter : Duration::zero());
            };
            m_exchanges[i]->onPlaced = [this, i](const ClientOrderId &order) { m_witnesses[i]->onPlaced(order); };
            m_exchanges[i]->onMarket = [this, i](std::size_t market) {
                m_witnesses[i]->onMarket(market);
                m_links[i]->onMarket(market);
            };
        }
        m_run->onWire = [this](std::chrono::nanoseconds took) { m_drill.result.toWire.push_back(took); };
        m_run->onReady = [this](Venue account, Duration took, bool guarding) {
            if (m_run->runs() == 1 || !wasWhole(account, took))
                return;
            (guarding ? m_drill.result.toGuarding : m_drill.result.toReconciled).push_back(took);
        };
        m_run->onKilled = [this](UtcTime durableUntil) {
            if (m_story)
                m_story(m_timeline.now(), "killed");
            for (const auto &witness : m_witnesses)
                witness->onKilled(durableUntil);
        };
        m_run->onDecision = [this](const orders::GuardOutput &output) {
            if (m_story)
                m_story(m_timeline.now(), "guard " + orders::encode(output));
            for (const auto &witness : m_witnesses)
                witness->onDecision(output);
        };
    }

    /// Nothing was broken between program and account in this time, nor shortly before it.
    [[nodiscard]] bool wasWhole(Venue account, Duration lately) const
    {
        for (std::size_t i = 0; i < m_links.size(); ++i)
            if (m_plan.venues[i].venue == account)
                return m_links[i]->wasWhole(m_timeline.now() - lately);
        return false;
    }

    void tell(const venue::PaperEvent &event)
    {
        if (!m_story)
            return;
        if (const auto *fill = std::get_if<Fill>(&event))
            m_story(m_timeline.now(), fmt::format("venue fill {} {} {} at {} of {}", fill->instrument.symbol.view(),
                                                  core::name(fill->side), fill->quantity.text(), fill->price.text(),
                                                  fill->clientOrderId.view()));
        else if (const auto *order = std::get_if<OrderUpdate>(&event))
            m_story(m_timeline.now(),
                    fmt::format("venue order {} {} {} {} filled {} {}", order->instrument.symbol.view(),
                                order->clientOrderId.view(), core::name(order->status), order->quantity.text(),
                                order->filled.text(), order->reason));
    }

    void stepLater(Duration after)
    {
        m_timeline.after(after, [this] {
            const Duration at = m_timeline.now() - kStart;
            for (const auto &exchange : m_exchanges)
                exchange->step(at);
            stepLater(at < m_plan.length ? m_plan.step : kCalmStep);
        });
    }

    void person(const PersonPlan &act)
    {
        using What = PersonPlan::What;
        DrillExchange &exchange = *m_exchanges[act.venue];
        const MarketPath &market = exchange.market(act.market);
        const InstrumentKey &key = market.contract().key;
        if (act.what == What::Flatten)
            return m_run->flatten(key);
        if (act.what == What::CancelAll)
            return answered(m_run->cancelAll(key.venue));
        const std::int64_t size = exchange.size(act.market);
        OrderRequest order;
        order.instrument = key;
        order.type = OrderType::Market;
        order.quantity = act.quantity;
        order.side = act.side;
        if (act.what == What::PhoneIncrease && size != 0)
            order.side = size > 0 ? Side::Buy : Side::Sell;
        if (act.what == What::PhoneReduce) {
            if (size == 0)
                return;
            order.side = size > 0 ? Side::Sell : Side::Buy;
            order.reduceOnly = ReduceOnly::Yes;
        }
        if (act.what == What::PhoneRestingEntry || act.what == What::RestingEntry || act.what == What::Change) {
            order.type = OrderType::Limit;
            const std::int64_t away = market.mark().raw() / 200; // half a percent
            const bool buys = order.side == Side::Buy;
            order.limitPrice = toValidPrice(market.contract(), Price::fromRaw(market.mark().raw() + (buys ? -away : away)),
                                            buys ? Rounding::Floor : Rounding::Ceil)
                                   .value_or(market.mark());
        }
        if (act.what == What::Change)
            return answered(m_run->change(key, order.quantity, *order.limitPrice));
        if (act.what == What::Entry || act.what == What::RestingEntry)
            return answered(m_run->order(order));
        order.clientOrderId = *ClientOrderId::from("phone-" + std::to_string(++m_phoneOrders));
        if (!exchange.isClosed())
            static_cast<void>(exchange.submit(order)); // the venue may refuse it, as it would on a phone
    }

    void answered(bool once)
    {
        if (!once)
            violated("I2", "a wish had no answer, or more than one");
    }

    void finish()
    {
        DrillResult &result = m_drill.result;
        const bool well = m_run->isAlive() && std::all_of(m_links.begin(), m_links.end(),
                                                          [](const auto &link) { return link->isWell(); });
        for (const auto &witness : m_witnesses)
            witness->atEnd(*m_run, well);
        for (const auto &[order, run] : m_run->sent()) {
            ++result.ordersSent;
            // What an earlier run sent is known by its fills, and by what rests at the venue.
            const bool known = m_run->fates().at(order) != GuardedRun::Fate::Open || run != m_run->runs();
            if (known || isResting(order))
                continue;
            ++result.ordersUnaccounted;
            violated("I2", fmt::format("the fate of order {} is not known", order.view()));
        }
        if (m_run->isAlive()) {
            for (const orders::ActionView &action : m_run->view().actions)
                if (!action.done)
                    violated("I2", fmt::format("action {} on {} has not ended: {}", action.decisionId,
                                               action.instrument.symbol.view(), action.step));
        }
        m_drill.journal = m_disk.rows();
        result.kills = m_run->runs() - 1;
        result.inputs = m_drill.journal.size();
        result.digest = m_disk.digest();
        for (const JournalCheck &check : {checkChain(m_drill.journal), checkReplay(m_drill.journal)})
            if (check.badSeq)
                violated("I6", fmt::format("journal row {}: {}", *check.badSeq, check.what));
    }

    [[nodiscard]] bool isResting(const ClientOrderId &order) const
    {
        for (const auto &exchange : m_exchanges)
            for (const OrderUpdate &open : exchange->account().openOrders())
                if (open.clientOrderId == order)
                    return true;
        return false;
    }

    void violated(std::string rule, std::string text)
    {
        m_drill.result.violations.push_back({std::move(rule), m_timeline.now(), std::move(text)});
    }

    const DrillPlan &m_plan;
    Timeline m_timeline;
    ShiftedClock m_machine;
    const DrillStory &m_story;
    DrillDisk m_disk;
    std::vector<std::unique_ptr<DrillExchange>> m_exchanges;
    std::vector<std::unique_ptr<DrillLink>> m_links;
    std::vector<std::unique_ptr<Witness>> m_witnesses;
    std::unique_ptr<GuardedRun> m_run;
    Drill m_drill;
    int m_phoneOrders{0};
};

/// The smallest value that so many percent are not above.
template <class T> double percentile(std::vector<T> values, double percent, double unit)
{
    if (values.empty())
        return 0;
    const auto index = static_cast<std::size_t>(percent / 100.0 * static_cast<double>(values.size() - 1) + 0.5);
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(index), values.end());
    return static_cast<double>(values[index].count()) / unit;
}

template <class T> std::string spread(const std::vector<T> &values, double unit)
{
    return fmt::format(R"({{"count":{},"p50":{:.3f},"p99":{:.3f},"max":{:.3f}}})", values.size(),
                       percentile(values, 50, unit), percentile(values, 99, unit), percentile(values, 100, unit));
}

double share(std::uint64_t part, std::uint64_t whole)
{
    return whole == 0 ? 1.0 : static_cast<double>(part) / static_cast<double>(whole);
}
} // namespace

Drill runDrill(const DrillPlan &plan, const DrillStory &story) { return Stage(plan, story).play(); }

void DrillTotals::add(const DrillResult &result)
{
    ++seeds;
    killed += result.kills > 0 ? 1U : 0U;
    withoutGap += result.gap ? 0U : 1U;
    withinLimit += result.withinLimit ? 1U : 0U;
    withinLimitNoGap += result.withinLimit && !result.gap ? 1U : 0U;
    withinPlainNoGap += result.withinPlainAllowance && !result.gap ? 1U : 0U;
    const bool exceedsByGap = result.gap && result.beyondLimit;
    gapExcess += exceedsByGap ? 1U : 0U;
    gapExcessExplained += exceedsByGap && result.withinLimit ? 1U : 0U;
    orders += static_cast<std::uint64_t>(result.ordersSent);
    ordersUnaccounted += static_cast<std::uint64_t>(result.ordersUnaccounted);
    ordersDoubled += static_cast<std::uint64_t>(result.ordersDoubled);
    increasedWhileLocked += static_cast<std::uint64_t>(result.increasedWhileLocked);
    breaches += static_cast<std::uint64_t>(result.breaches);
    breachesActedOn += static_cast<std::uint64_t>(result.breachesActedOn);
    violations += result.violations.size();
    inputs += result.inputs;
    nakedLongest = std::max(nakedLongest, result.nakedLongest);
    nakedNotionalSeconds += result.nakedNotionalSeconds;
    worstExcess = std::max(worstExcess, result.worstExcess);
    if (!result.gap)
        worstExcessNoGap = std::max(worstExcessNoGap, result.worstExcess);
    unexplained = std::max(unexplained, result.unexplained);
    toWire.insert(toWire.end(), result.toWire.begin(), result.toWire.end());
    toOrder.insert(toOrder.end(), result.toOrder.begin(), result.toOrder.end());
    toReconciled.insert(toReconciled.end(), result.toReconciled.begin(), result.toReconciled.end());
    toGuarding.insert(toGuarding.end(), result.toGuarding.begin(), result.toGuarding.end());
    toFlat.insert(toFlat.end(), result.toFlat.begin(), result.toFlat.end());
    if (!result.violations.empty())
        failing.push_back(result.seed);
}

std::string toJson(const DrillTotals &totals)
{
    return fmt::format(
        R"({{"seeds":{},"killed":{},"without_gap":{},"orders":{},"orders_unaccounted":{},"orders_doubled":{},)"
        R"("increased_while_locked":{},"breaches":{},"breaches_acted_on":{},"within_limit_share":{:.5f},)"
        R"("within_limit_share_no_gap":{:.5f},"within_one_percent_share_no_gap":{:.5f},"gap_excess":{},)"
        R"("gap_excess_explained_share":{:.5f},"worst_excess_share":{:.5f},"worst_excess_share_no_gap":{:.5f},)"
        R"("excess_unexplained":{:.2f},"time_to_wire_us":{},"breach_to_order_ms":{},"time_to_flat_ms":{},)"
        R"("start_to_reconciled_ms":{},"start_to_guarding_ms":{},)"
        R"("naked_notional_seconds":{:.0f},"naked_longest_ms":{},"journal_rows":{},"violations":{},"failing_seeds":[{}]}})",
        totals.seeds, totals.killed, totals.withoutGap, totals.orders, totals.ordersUnaccounted, totals.ordersDoubled,
        totals.increasedWhileLocked, totals.breaches, totals.breachesActedOn, share(totals.withinLimit, totals.seeds),
        share(totals.withinLimitNoGap, totals.withoutGap), share(totals.withinPlainNoGap, totals.withoutGap),
        totals.gapExcess, share(totals.gapExcessExplained, totals.gapExcess), totals.worstExcess, totals.worstExcessNoGap,
        totals.unexplained, spread(totals.toWire, 1e3), spread(totals.toOrder, 1e6), spread(totals.toFlat, 1e6),
        spread(totals.toReconciled, 1e6), spread(totals.toGuarding, 1e6),
        totals.nakedNotionalSeconds, totals.nakedLongest / 1ms, totals.inputs, totals.violations, fmt::join(totals.failing, ","));
}

} // namespace core::runtime::drill
