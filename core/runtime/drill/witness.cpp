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
constexpr double kBeyondDoubt = 1.02; // fees and roundings aside
constexpr Duration kTakenBackWithin = 30s;

bool protects(const ClientOrderId &order)
{
    return order.view().starts_with("etr-") || order.view().starts_with("ebs-");
}
double signOf(Direction direction) { return direction == Direction::Long ? 1.0 : -1.0; }
double units(std::int64_t size) { return static_cast<double>(std::llabs(size)) / static_cast<double>(kDecimalOne); }
} // namespace

bool isOurs(const ClientOrderId &order) { return protects(order) || order.view().starts_with("eto-"); }

Witness::Witness(const DrillPlan &plan, std::size_t venue, Timeline &timeline, DrillExchange &exchange,
                 DrillResult &result)
    : m_venue(plan.venues[venue]), m_timeline(timeline), m_exchange(exchange), m_result(result),
      m_limits(limitsOf(plan)), m_sizes(exchange.marketCount(), 0), m_entries(exchange.marketCount(), 0),
      m_lives(exchange.marketCount()), m_closing(exchange.marketCount()),
      m_marks(exchange.marketCount(), 0), m_wasClosed(exchange.marketCount(), false)
{
}

void Witness::begin()
{
    m_equityAtStart = m_exchange.account().snapshot().equity.toDouble();
    if (const auto share = closesAt(m_limits, risk::BreakerKind::DayLoss, risk::Scope::Account))
        m_accountLimit = share->toDouble() * m_equityAtStart;
}

void Witness::violated(std::string rule, std::string text)
{
    m_result.violations.push_back({std::move(rule), m_timeline.now(), std::move(text)});
}

std::string_view Witness::symbolOf(std::size_t market) const
{
    return m_exchange.market(market).contract().key.symbol.view();
}

double Witness::lossLimit(double entryNotional, std::size_t market) const
{
    const auto onMargin = closesAt(m_limits, risk::BreakerKind::LossOnMargin, risk::Scope::Position);
    const auto onEquity = closesAt(m_limits, risk::BreakerKind::LossOnEquity, risk::Scope::Position);
    double limit = entryNotional;
    if (onMargin)
        limit = std::min(limit, onMargin->toDouble() * entryNotional / m_venue.holdings[market].leverage);
    if (onEquity && m_equityAtStart > 0)
        limit = std::min(limit, onEquity->toDouble() * m_equityAtStart);
    return limit;
}

double Witness::openLoss(std::size_t market) const
{
    const double move = m_entries[market] - m_exchange.market(market).mark().toDouble();
    return signOf(m_lives[market]->direction) * move * units(m_sizes[market]);
}

void Witness::onEvent(const venue::PaperEvent &event)
{
    if (const auto *fill = std::get_if<Fill>(&event)) {
        onFill(*fill);
    } else if (const auto *order = std::get_if<OrderUpdate>(&event)) {
        const bool accepted = order->status == OrderStatus::New && order->filled.isZero();
        if (accepted && isOurs(order->clientOrderId) && !isConditional(order->type) &&
            !m_accepted.insert(order->clientOrderId).second) {
            ++m_result.ordersDoubled;
            violated("I3", fmt::format("order {} was accepted twice", order->clientOrderId.view()));
        }
    }
}

void Witness::onFill(const Fill &fill)
{
    const std::size_t market = m_exchange.indexOf(fill.instrument);
    const std::int64_t before = m_sizes[market];
    const std::int64_t after = before + (fill.side == Side::Buy ? fill.quantity.raw() : -fill.quantity.raw());
    m_sizes[market] = after;
    if (protects(fill.clientOrderId) && std::llabs(after) > std::llabs(before))
        violated("I5", fmt::format("{}: the protective order {} opened or increased a position", symbolOf(market),
                                   fill.clientOrderId.view()));
    if (m_lives[market])
        m_lives[market]->realized += fill.realizedPnl.toDouble();
    const bool flips = before != 0 && after != 0 && (before > 0) != (after > 0);
    if (m_lives[market] && (after == 0 || flips))
        endLife(market);
    if (after == 0)
        return;
    if (!m_lives[market]) {
        m_lives[market].emplace();
        m_lives[market]->direction = after > 0 ? Direction::Long : Direction::Short;
        m_entries[market] = fill.price.toDouble();
    } else if (std::llabs(after) > std::llabs(before)) {
        const double added = units(after - before);
        m_entries[market] = (m_entries[market] * units(before) + fill.price.toDouble() * added) / units(after);
    }
    Life &life = *m_lives[market];
    const double notional = m_entries[market] * units(after);
    life.entryNotional = std::max(life.entryNotional, notional);
    life.limit = std::max(life.limit, lossLimit(notional, market));
}

void Witness::endLife(std::size_t market)
{
    const Life life = *m_lives[market];
    m_lives[market].reset();
    m_tradedNotional += life.entryNotional;
    m_gapLoss += life.gapLoss;
    if (m_closing[market])
        m_result.toFlat.push_back(m_timeline.now() - *m_closing[market]);
    m_closing[market].reset();
    m_result.breachesActedOn += life.breached ? 1 : 0;
    const double excess = -life.realized - life.limit - kAllowance * life.entryNotional;
    if (excess <= 0)
        return;
    m_result.worstExcess = std::max(m_result.worstExcess, excess / life.entryNotional);
    m_result.unexplainedByGap = std::max(m_result.unexplainedByGap, excess - life.gapLoss);
    m_result.withinLimit = false;
}

void Witness::breach(Life &life)
{
    if (std::exchange(life.breached, true))
        return;
    life.breachedAt = m_timeline.now();
    ++m_result.breaches;
}

void Witness::onMarket(std::size_t market)
{
    if (market == 0)
        watchAccount();
    const MarketPath &path = m_exchange.market(market);
    const double before = std::exchange(m_marks[market], path.mark().toDouble());
    if (!m_lives[market])
        return;
    Life &life = *m_lives[market];
    if (path.jump() != 0 || m_wasClosed[market])
        life.gapLoss += std::max(0.0, signOf(life.direction) * (before - path.mark().toDouble()) * units(m_sizes[market]));
    m_wasClosed[market] = false;
    if (openLoss(market) >= lossLimit(m_entries[market] * units(m_sizes[market]), market))
        breach(life);
}

void Witness::onClosed() { m_wasClosed.assign(m_wasClosed.size(), true); }

void Witness::watchAccount()
{
    if (!m_accountLimit || m_accountBreached)
        return;
    if (m_equityAtStart - m_exchange.account().snapshot().equity.toDouble() < *m_accountLimit)
        return;
    m_accountBreached = true;
    for (auto &life : m_lives)
        if (life)
            breach(*life);
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
    const std::int64_t after =
        m_sizes[market] + (order.side == Side::Buy ? order.quantity.raw() : -order.quantity.raw());
    const bool adds = order.reduceOnly == ReduceOnly::No && std::llabs(after) > std::llabs(m_sizes[market]);
    if (adds && isLocked(order.instrument)) {
        ++m_result.increasedWhileLocked;
        violated("I5", fmt::format("order {} could add risk while {} is locked", order.clientOrderId.view(),
                                   order.instrument.symbol.view()));
    }
    if (isConditional(order.type) || !m_lives[market] || !m_lives[market]->breached ||
        std::exchange(m_lives[market]->answered, true))
        return;
    m_result.toOrder.push_back(m_timeline.now() - m_lives[market]->breachedAt);
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
    if (age > m_limits.markStaleAfter && verdict.action >= risk::TierAction::Reduce)
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
        m_locks.push_back({lockout, m_timeline.now(), m_sizes});
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
    judgeAccount();
    if (!well)
        return violated("end", "program, line and venue are not well after the calm");
    judgeOrders(run);
    judgePositions();
    judgeLocks();
}

void Witness::judgeAccount()
{
    double notional = m_tradedNotional;
    double gapLoss = m_gapLoss;
    for (const auto &life : m_lives) {
        notional += life ? life->entryNotional : 0;
        gapLoss += life ? life->gapLoss : 0;
    }
    if (!m_accountLimit || notional <= 0)
        return;
    const double loss = m_equityAtStart - m_exchange.account().snapshot().equity.toDouble();
    const double excess = loss - *m_accountLimit - kAllowance * notional;
    if (excess <= 0)
        return;
    m_result.worstExcess = std::max(m_result.worstExcess, excess / notional);
    m_result.unexplainedByGap = std::max(m_result.unexplainedByGap, excess - gapLoss);
    m_result.withinLimit = false;
}

void Witness::judgeOrders(const GuardedRun &run)
{
    std::set<ClientOrderId> seen = m_accepted;
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
    const double loss = m_equityAtStart - m_exchange.account().snapshot().equity.toDouble();
    const bool accountBeyond = m_accountLimit && loss >= *m_accountLimit * kBeyondDoubt;
    for (std::size_t i = 0; i < m_lives.size(); ++i) {
        if (!m_lives[i])
            continue;
        const double limit = lossLimit(m_entries[i] * units(m_sizes[i]), i);
        if (openLoss(i) >= limit * kBeyondDoubt)
            violated("breach", fmt::format("{} is beyond its limit and open", symbolOf(i)));
        else if (accountBeyond)
            violated("breach", fmt::format("the account is beyond its day's limit and {} is open", symbolOf(i)));
    }
}

void Witness::judgeLocks()
{
    for (const Lock &lock : m_locks) {
        if (m_timeline.now() - lock.saidAt < kTakenBackWithin)
            continue;
        for (std::size_t i = 0; i < m_sizes.size(); ++i) {
            const InstrumentKey &key = m_exchange.market(i).contract().key;
            const bool covered = !lock.lockout.instrument || *lock.lockout.instrument == key;
            const bool turned = m_sizes[i] != 0 && (m_sizes[i] > 0) != (lock.sizes[i] > 0);
            if (!covered || (!turned && std::llabs(m_sizes[i]) <= std::llabs(lock.sizes[i])))
                continue;
            ++m_result.increasedWhileLocked;
            violated("I5", fmt::format("{} is larger than when it was locked ({}): {} instead of {}", key.symbol.view(),
                                       lock.lockout.id, units(m_sizes[i]), units(lock.sizes[i])));
        }
    }
}

} // namespace core::runtime::drill
