#include "core/runtime/drill/witness.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "core/runtime/drill/limits_of.h"

using namespace std::chrono_literals;

namespace core::runtime::drill
{

namespace
{
constexpr double kDust = 50;               // money; less than the venues' smallest order
constexpr Duration kCoveredWithin = 30s;
constexpr Duration kTakenBackWithin = 30s;

bool protects(const ClientOrderId &order)
{
    return order.view().starts_with("etr-") || order.view().starts_with("ebs-");
}
double units(std::int64_t size) { return static_cast<double>(std::llabs(size)) / static_cast<double>(kDecimalOne); }
} // namespace

bool isOurs(const ClientOrderId &order) { return protects(order) || order.view().starts_with("eto-"); }

Witness::Witness(const DrillPlan &plan, std::size_t venue, Timeline &timeline, DrillExchange &exchange,
                 DrillResult &result)
    : m_venue(plan.venues[venue]), m_timeline(timeline), m_exchange(exchange), m_result(result),
      m_limits(limitsOf(plan)), m_losses(plan, venue, timeline, exchange, result), m_closing(exchange.marketCount()),
      m_nakedSince(exchange.marketCount())
{
}

void Witness::begin() { m_losses.begin(); }

void Witness::violated(std::string rule, std::string text)
{
    m_result.violations.push_back({std::move(rule), m_timeline.now(), std::move(text)});
}

std::string_view Witness::symbolOf(std::size_t market) const
{
    return m_exchange.market(market).contract().key.symbol.view();
}

void Witness::onEvent(const venue::PaperEvent &event)
{
    if (const auto *fill = std::get_if<Fill>(&event))
        onFill(*fill);
}

void Witness::onPlaced(const ClientOrderId &order)
{
    if (!isOurs(order) || m_placed.insert(order).second)
        return;
    ++m_result.ordersDoubled;
    violated("I3", fmt::format("order {} was placed twice", order.view()));
}

void Witness::onFill(const Fill &fill)
{
    const std::size_t market = m_exchange.indexOf(fill.instrument);
    const std::int64_t before = m_losses.size(market);
    m_losses.onFill(fill);
    const std::int64_t after = m_losses.size(market);
    if (protects(fill.clientOrderId) && std::llabs(after) > std::llabs(before))
        violated("I5", fmt::format("{}: the protective order {} opened or increased a position", symbolOf(market),
                                   fill.clientOrderId.view()));
    const bool ended = before != 0 && (after == 0 || (before > 0) != (after > 0));
    if (!ended)
        return;
    if (const auto since = std::exchange(m_closing[market], std::nullopt))
        m_result.toFlat.push_back(m_timeline.now() - *since);
}

void Witness::onMarket(std::size_t market)
{
    m_losses.onMarket(market);
    watchCover(market);
}

void Witness::watchCover(std::size_t market)
{
    const double naked = m_exchange.naked(market).toDouble() * m_exchange.market(market).mark().toDouble();
    auto &since = m_nakedSince[market];
    if (naked < kDust || !m_losses.canAct()) {
        since.reset();
        return;
    }
    const UtcTime now = m_timeline.now();
    since = since.value_or(now);
    if (*since > now)
        return; // it was said
    m_result.nakedLongest = std::max(m_result.nakedLongest, now - *since);
    if (now - *since <= kCoveredWithin)
        return;
    violated("I4", fmt::format("{} has had no stop for {} s: {:.0f} of it", symbolOf(market), (now - *since) / 1s, naked));
    since = UtcTime::max(); // said once
}

void Witness::onDecision(const orders::GuardOutput &output)
{
    if (const auto *send = std::get_if<orders::SendOrder>(&output))
        onSend(send->order.request());
    else if (const auto *verdict = std::get_if<orders::Verdict>(&output))
        onVerdict(*verdict);
    else if (const auto *record = std::get_if<orders::LockoutRecord>(&output))
        onLockout(*record);
}

void Witness::onSend(const OrderRequest &order)
{
    if (order.instrument.venue != m_venue.venue)
        return;
    const std::size_t market = m_exchange.indexOf(order.instrument);
    const std::int64_t size = m_losses.size(market);
    const std::int64_t after = size + (order.side == Side::Buy ? order.quantity.raw() : -order.quantity.raw());
    const bool adds = order.reduceOnly == ReduceOnly::No && std::llabs(after) > std::llabs(size);
    if (adds && isLocked(order.instrument)) {
        ++m_result.increasedWhileLocked;
        violated("I5", fmt::format("order {} could add risk while {} is locked", order.clientOrderId.view(),
                                   order.instrument.symbol.view()));
    }
    if (isConditional(order.type))
        return;
    if (const auto took = m_losses.answered(market))
        m_result.toOrder.push_back(*took);
}

void Witness::onVerdict(const orders::Verdict &verdict)
{
    const UtcTime now = m_timeline.now();
    if (!verdict.acts)
        return;
    for (const orders::Verdict::Target &target : verdict.targets) {
        if (target.instrument.venue != m_venue.venue)
            continue;
        const std::size_t market = m_exchange.indexOf(target.instrument);
        if (target.closing == target.quantity && !target.quantity.isZero() && !m_closing[market])
            m_closing[market] = now;
    }
    if (verdict.subject.account.value_or(m_venue.venue) != m_venue.venue || !verdict.markTime)
        return;
    const Duration age = now - *verdict.markTime;
    // A price is as old as its arrival; how long it was on its way comes on top.
    if (age > m_limits.markStaleAfter + m_venue.link.latencyMost && verdict.action >= risk::TierAction::Reduce)
        violated("R3", fmt::format("acted on a price that was {} ms old: {}", age / 1ms, verdict.text));
}

void Witness::onLockout(const orders::LockoutRecord &record)
{
    const risk::Lockout &lockout = record.lockout;
    if (lockout.account && *lockout.account != m_venue.venue)
        return;
    std::erase_if(m_locks, [&](const Lock &lock) { return lock.lockout.id == lockout.id && record.ended; });
    if (record.ended)
        return;
    const auto known = std::find_if(m_locks.begin(), m_locks.end(),
                                    [&](const Lock &lock) { return lock.lockout.id == lockout.id; });
    if (known != m_locks.end())
        known->lockout = lockout; // with a later end
    else
        m_locks.push_back({lockout, m_timeline.now(), m_losses.sizes()});
}

void Witness::onKilled(UtcTime durableUntil)
{
    std::erase_if(m_locks, [durableUntil](const Lock &lock) { return lock.saidAt >= durableUntil; });
}

bool Witness::isLocked(const InstrumentKey &instrument) const
{
    return std::any_of(m_locks.begin(), m_locks.end(), [&](const Lock &lock) {
        const bool here = !lock.lockout.instrument || *lock.lockout.instrument == instrument;
        return here && (m_timeline.now() < lock.lockout.until || lock.lockout.needsRelease);
    });
}

void Witness::atEnd(const GuardedRun &run, bool well)
{
    m_result.nakedNotionalSeconds += m_exchange.nakedNotionalSeconds();
    m_losses.atEnd();
    if (!well)
        return violated("end", "program, line and venue are not well after the calm");
    judgeOrders(run);
    judgePositions();
    judgeLocks();
}

void Witness::judgeOrders(const GuardedRun &run)
{
    std::set<ClientOrderId> seen = m_placed;
    for (const MarketPlan &market : m_venue.markets) {
        for (const Fill &fill : m_exchange.account().fills(market.contract.key.symbol)) {
            seen.insert(fill.clientOrderId);
            if (!run.hasHeard(fill))
                violated("I1", fmt::format("{}: the program was never told of trade {} of order {}",
                                           fill.instrument.symbol.view(), fill.tradeId, fill.clientOrderId.view()));
        }
    }
    for (const ClientOrderId &order : seen) {
        if (!isOurs(order) || run.sent().contains(order))
            continue;
        ++m_result.ordersUnaccounted;
        violated("I2", fmt::format("the venue has order {} that was never decided", order.view()));
    }
    for (const OrderUpdate &order : m_exchange.account().openOrders()) {
        const bool stop = isConditional(order.type) && order.reduceOnly == ReduceOnly::Yes;
        const bool entry = order.clientOrderId.view().starts_with("eto-");
        const std::size_t market = m_exchange.indexOf(order.instrument);
        if (!isOurs(order.clientOrderId) || entry || (stop && m_exchange.size(market) != 0))
            continue;
        ++m_result.ordersUnaccounted;
        violated("I2", fmt::format("{}: order {} rests although nothing is left of what it was for", symbolOf(market),
                                   order.clientOrderId.view()));
    }
}

void Witness::judgePositions()
{
    for (std::size_t i = 0; i < m_losses.sizes().size(); ++i) {
        if (m_losses.isBeyond(i))
            violated("breach", fmt::format("{} is beyond its limit and open", symbolOf(i)));
        else if (m_losses.size(i) != 0 && m_losses.accountIsBeyond())
            violated("breach", fmt::format("the account is beyond its day's limit and {} is open", symbolOf(i)));
    }
}

void Witness::judgeLocks()
{
    for (const Lock &lock : m_locks) {
        if (m_timeline.now() - lock.saidAt < kTakenBackWithin)
            continue;
        const std::vector<std::int64_t> &sizes = m_losses.sizes();
        for (std::size_t i = 0; i < sizes.size(); ++i) {
            const InstrumentKey &key = m_exchange.market(i).contract().key;
            const bool covered = !lock.lockout.instrument || *lock.lockout.instrument == key;
            const bool turned = sizes[i] != 0 && (sizes[i] > 0) != (lock.sizes[i] > 0);
            if (!covered || (!turned && std::llabs(sizes[i]) <= std::llabs(lock.sizes[i])))
                continue;
            ++m_result.increasedWhileLocked;
            violated("I5", fmt::format("{} is larger than when it was locked ({}): {} instead of {}", key.symbol.view(),
                                       lock.lockout.id, units(sizes[i]), units(lock.sizes[i])));
        }
    }
}

} // namespace core::runtime::drill
