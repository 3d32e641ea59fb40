#include "core/runtime/drill/witness.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "core/runtime/drill/limits_of.h"

namespace core::runtime::drill
{

namespace
{
bool protects(const ClientOrderId &order)
{
    return order.view().starts_with("etr-") || order.view().starts_with("ebs-");
}
} // namespace

bool isOurs(const ClientOrderId &order) { return protects(order) || order.view().starts_with("eto-"); }

Witness::Witness(const DrillPlan &plan, std::size_t venue, Timeline &timeline, DrillExchange &exchange,
                 DrillResult &result)
    : m_plan(plan), m_venue(plan.venues[venue]), m_timeline(timeline), m_exchange(exchange), m_result(result),
      m_sizes(exchange.marketCount(), 0), m_entries(exchange.marketCount(), 0), m_lives(exchange.marketCount()),
      m_closing(exchange.marketCount())
{
}

void Witness::violated(std::string rule, std::string text)
{
    m_result.violations.push_back({std::move(rule), m_timeline.now(), std::move(text)});
}

int Witness::leverageOf(std::size_t market) const
{
    return m_venue.holdings[market].leverage;
}

void Witness::onEvent(const venue::PaperEvent &event)
{
    if (const auto *fill = std::get_if<Fill>(&event)) {
        onFill(*fill);
    } else if (const auto *order = std::get_if<OrderUpdate>(&event)) {
        if (order->status == OrderStatus::New && isOurs(order->clientOrderId) && order->filled.isZero() &&
            !m_accepted.insert(order->clientOrderId).second && !isConditional(order->type)) {
            ++m_result.ordersDoubled;
            violated("I3", fmt::format("order {} was accepted twice", order->clientOrderId.view()));
        }
    }
}

void Witness::onFill(const Fill &fill)
{
    const std::size_t market = m_exchange.indexOf(fill.instrument);
    const std::int64_t before = m_sizes[market];
    const std::int64_t change = fill.side == Side::Buy ? fill.quantity.raw() : -fill.quantity.raw();
    const std::int64_t after = before + change;
    m_sizes[market] = after;
    if (protects(fill.clientOrderId) && std::llabs(after) > std::llabs(before))
        violated("I5", fmt::format("{}: the protective order {} opened or increased a position",
                                   fill.instrument.symbol.view(), fill.clientOrderId.view()));
    if (!m_lives[market] || (before > 0) != (after > 0)) {
        if (m_lives[market])
            m_lives[market]->realized += fill.realizedPnl.toDouble();
        if (before != 0)
            endLife(market);
        if (after == 0)
            return;
        m_lives[market] = Life{.direction = after > 0 ? Direction::Long : Direction::Short};
        m_entries[market] = fill.price.toDouble();
    } else {
        m_lives[market]->realized += fill.realizedPnl.toDouble();
        if (std::llabs(after) > std::llabs(before))
            m_entries[market] = (m_entries[market] * static_cast<double>(std::llabs(before)) +
                                 fill.price.toDouble() * static_cast<double>(std::llabs(change))) /
                                static_cast<double>(std::llabs(after));
    }
    Life &life = *m_lives[market];
    life.ours = life.ours || isOurs(fill.clientOrderId);
    const double notional = m_entries[market] * static_cast<double>(std::llabs(after)) / 1e8;
    life.entryNotional = std::max(life.entryNotional, notional);
    life.margin = std::max(life.margin, notional / leverageOf(market));
    if (after == 0)
        endLife(market);
}

void Witness::endLife(std::size_t market)
{
    const Life life = *m_lives[market];
    m_lives[market].reset();
    const UtcTime now = m_timeline.now();
    if (m_closing[market]) {
        m_result.toFlat.push_back(now - *m_closing[market]);
        m_closing[market].reset();
    }
    if (life.breached)
        ++m_result.breachesActedOn;
    const double limit = life.margin * closesAt(m_plan).toDouble();
    const double excess = -life.realized - limit - kAllowance * life.entryNotional;
    if (excess <= 0)
        return;
    m_result.worstExcess = std::max(m_result.worstExcess, excess / life.entryNotional);
    m_result.unexplainedByGap = std::max(m_result.unexplainedByGap, excess - life.gapLoss);
    m_result.withinLimit = false;
}

void Witness::onMarket(std::size_t market)
{
    if (!m_lives[market])
        return;
    Life &life = *m_lives[market];
    const MarketPath &path = m_exchange.market(market);
    const double sign = life.direction == Direction::Long ? 1.0 : -1.0;
    const double size = static_cast<double>(std::llabs(m_sizes[market])) / 1e8;
    const double mark = path.mark().toDouble();
    if (path.jump() != 0)
        life.gapLoss += std::max(0.0, -sign * path.jump() * mark / (1.0 + path.jump()) * size);
    const double loss = sign * (m_entries[market] - mark) * size;
    const double margin = m_entries[market] * size / leverageOf(market);
    if (!life.breached && loss >= margin * closesAt(m_plan).toDouble()) {
        life.breached = true;
        life.breachedAt = m_timeline.now();
        ++m_result.breaches;
    }
}

void Witness::onSend(const OrderRequest &order)
{
    if (order.instrument.venue != m_venue.venue || isConditional(order.type))
        return;
    const std::size_t market = m_exchange.indexOf(order.instrument);
    if (!m_lives[market] || !m_lives[market]->breached || std::exchange(m_lives[market]->answered, true))
        return;
    m_result.toOrder.push_back(m_timeline.now() - m_lives[market]->breachedAt);
}

void Witness::onDecision(const orders::GuardOutput &output)
{
    const UtcTime now = m_timeline.now();
    if (const auto *send = std::get_if<orders::SendOrder>(&output))
        onSend(send->order.request());
    const auto *verdict = std::get_if<orders::Verdict>(&output);
    if (verdict == nullptr || !verdict->acts)
        return;
    for (const orders::Verdict::Target &target : verdict->targets) {
        if (target.instrument.venue != m_venue.venue)
            continue;
        const std::size_t market = m_exchange.indexOf(target.instrument);
        if (target.closing == target.quantity && !m_closing[market])
            m_closing[market] = now;
    }
    const bool isHere = verdict->subject.account.value_or(m_venue.venue) == m_venue.venue;
    if (isHere && verdict->markTime && now - *verdict->markTime > limitsOf(m_plan).markStaleAfter)
        violated("R3", fmt::format("acted on a price that was {} ms old: {}",
                                   std::chrono::duration_cast<std::chrono::milliseconds>(now - *verdict->markTime).count(),
                                   verdict->text));
}

void Witness::noteFill(const GuardedRun &run, const Fill &fill)
{
    m_seen.insert(fill.clientOrderId);
    if (!run.hasHeard(fill))
        violated("I1", fmt::format("{}: the program was never told of trade {} of order {}",
                                   fill.instrument.symbol.view(), fill.tradeId, fill.clientOrderId.view()));
}

void Witness::atEnd(const GuardedRun &run, bool well)
{
    if (!well)
        return violated("end", "program, line and venue are not well after the calm");
    // Every order that the venue has of us was decided, and its fate is known to the program.
    for (const MarketPlan &market : m_venue.markets) {
        for (const Fill &fill : m_exchange.account().fills(market.contract.key.symbol))
            noteFill(run, fill);
    }
    m_seen.insert(m_accepted.begin(), m_accepted.end());
    for (const ClientOrderId &order : m_seen) {
        if (!isOurs(order) || run.sent().contains(order))
            continue;
        ++m_result.ordersUnaccounted;
        violated("I2", fmt::format("the venue has order {} that was never decided", order.view()));
    }
    for (const OrderUpdate &order : m_exchange.account().openOrders()) {
        const bool stop = isConditional(order.type) && order.reduceOnly == ReduceOnly::Yes;
        if (!isOurs(order.clientOrderId) || (stop && m_exchange.size(m_exchange.indexOf(order.instrument)) != 0))
            continue;
        ++m_result.ordersUnaccounted;
        violated("I2", fmt::format("{}: order {} rests although nothing is left of what it was for",
                                   order.instrument.symbol.view(), order.clientOrderId.view()));
    }
    for (std::size_t i = 0; i < m_lives.size(); ++i) {
        if (!m_lives[i] || !m_lives[i]->breached)
            continue;
        const double sign = m_lives[i]->direction == Direction::Long ? 1.0 : -1.0;
        const double size = static_cast<double>(std::llabs(m_sizes[i])) / 1e8;
        const double loss = sign * (m_entries[i] - m_exchange.market(i).mark().toDouble()) * size;
        const double margin = m_entries[i] * size / leverageOf(i);
        if (loss >= margin * closesAt(m_plan).toDouble())
            violated("breach", fmt::format("{} is beyond its limit and open",
                                           m_exchange.market(i).contract().key.symbol.view()));
    }
    m_result.nakedNotionalSeconds += m_exchange.nakedNotionalSeconds();
}

} // namespace core::runtime::drill
