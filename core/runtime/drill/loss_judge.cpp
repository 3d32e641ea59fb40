#include "core/runtime/drill/loss_judge.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "core/runtime/drill/limits_of.h"

namespace core::runtime::drill
{

namespace
{
constexpr double kBeyondDoubt = 1.02; // fees and roundings aside
constexpr double kPlainAllowance = 0.01;

bool isLiquidation(const ClientOrderId &order) { return order.view().starts_with("autoclose-"); }
double signOf(Direction direction) { return direction == Direction::Long ? 1.0 : -1.0; }
double units(std::int64_t size) { return static_cast<double>(std::llabs(size)) / static_cast<double>(kDecimalOne); }
} // namespace

LossJudge::LossJudge(const DrillPlan &plan, std::size_t venue, Timeline &timeline, DrillExchange &exchange,
                     DrillResult &result)
    : m_venue(plan.venues[venue]), m_timeline(timeline), m_exchange(exchange), m_result(result), m_limits(limitsOf(plan)),
      m_reaction(m_venue.markEvery + 2 * m_venue.link.latencyMost + plan.step), m_sizes(exchange.marketCount(), 0),
      m_entries(exchange.marketCount(), 0), m_lives(exchange.marketCount())
{
}

void LossJudge::begin()
{
    m_equityAtStart = m_exchange.account().snapshot().equity.toDouble();
    if (const auto share = closesAt(m_limits, risk::BreakerKind::DayLoss, risk::Scope::Account))
        m_accountLimit = share->toDouble() * m_equityAtStart;
}

std::string_view LossJudge::symbolOf(std::size_t market) const
{
    return m_exchange.market(market).contract().key.symbol.view();
}

double LossJudge::takerFee() const { return m_exchange.account().fees().taker.toDouble(); }

double LossJudge::accountLoss() const { return m_equityAtStart - m_exchange.account().snapshot().equity.toDouble(); }

double LossJudge::lossLimit(double entryNotional, std::size_t market) const
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

double LossJudge::openLoss(std::size_t market) const
{
    const double move = m_entries[market] - m_exchange.market(market).mark().toDouble();
    return signOf(m_lives[market]->direction) * move * units(m_sizes[market]);
}

ReferenceExit::Piece LossJudge::pieceOf(std::size_t market) const
{
    ReferenceExit::Piece piece;
    piece.market = market;
    piece.direction = m_lives[market]->direction;
    piece.entry = m_entries[market];
    piece.left = units(m_sizes[market]);
    return piece;
}

void LossJudge::onFill(const Fill &fill)
{
    const std::size_t market = m_exchange.indexOf(fill.instrument);
    watch(market); // a stop fires at the price that breaches
    const std::int64_t before = m_sizes[market];
    const std::int64_t after = before + (fill.side == Side::Buy ? fill.quantity.raw() : -fill.quantity.raw());
    const bool closes = before != 0 && (before > 0) == (fill.side == Side::Sell);
    if (m_lives[market] && closes) {
        Life &life = *m_lives[market];
        if (!life.breachedAt)
            beginExit(market); // before the limit was reached: the book that it faced may cost more than is left of it
        else if (isLiquidation(fill.clientOrderId) && m_timeline.now() <= life.exitsUntil)
            life.liquidationFee += fill.fee.toDouble(); // the venue was faster than anybody could be
    }
    m_sizes[market] = after;
    if (m_lives[market])
        m_lives[market]->realized += fill.realizedPnl.toDouble() - (closes ? fill.fee.toDouble() : 0.0);
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

void LossJudge::onMarket(std::size_t market)
{
    if (market == 0)
        watchAccount();
    for (ReferenceExit &exit : m_accountExits)
        exit.onMarket(m_exchange, market);
    if (!m_lives[market])
        return;
    for (ReferenceExit &exit : m_lives[market]->exits)
        exit.onMarket(m_exchange, market);
    watch(market);
}

void LossJudge::watch(std::size_t market)
{
    if (!m_lives[market])
        return;
    Life &life = *m_lives[market];
    if (!life.breachedAt && openLoss(market) >= lossLimit(m_entries[market] * units(m_sizes[market]), market))
        breach(life);
    const UtcTime now = m_timeline.now();
    if (!canAct())
        life.exitsUntil = std::max(life.exitsUntil, now + m_reaction);
    if (life.breachedAt && now <= life.exitsUntil)
        beginExit(market);
}

void LossJudge::beginExit(std::size_t market)
{
    Life &life = *m_lives[market];
    const std::pair begun{m_timeline.now(), m_sizes[market]};
    if (std::exchange(life.lastExit, begun) == begun)
        return;
    life.exits.emplace_back(std::vector{pieceOf(market)}, -life.realized, takerFee());
    life.exits.back().onMarket(m_exchange, market);
}

void LossJudge::watchAccount()
{
    if (!m_accountLimit)
        return;
    const UtcTime now = m_timeline.now();
    if (!canAct())
        m_accountExitsUntil = std::max(m_accountExitsUntil, now + m_reaction);
    if (m_accountBreachedAt && now > m_accountExitsUntil)
        return;
    const double loss = accountLoss();
    if (!m_accountBreachedAt) {
        if (loss < *m_accountLimit)
            return;
        m_accountBreachedAt = now;
        m_accountExitsUntil = std::max(m_accountExitsUntil, now + m_reaction);
        for (auto &life : m_lives)
            if (life)
                breach(*life);
    }
    if (std::exchange(m_lastAccountExitAt, now) == now)
        return;
    std::vector<ReferenceExit::Piece> pieces;
    double open = 0;
    for (std::size_t i = 0; i < m_lives.size(); ++i) {
        if (!m_lives[i])
            continue;
        pieces.push_back(pieceOf(i));
        open += openLoss(i);
    }
    m_accountExits.emplace_back(std::move(pieces), loss - open, takerFee());
}

void LossJudge::breach(Life &life)
{
    if (life.breachedAt)
        return;
    life.breachedAt = m_timeline.now();
    life.exitsUntil = std::max(life.exitsUntil, m_timeline.now() + m_reaction);
    ++m_result.breaches;
}

void LossJudge::onLostOrder(const InstrumentKey &instrument, Duration nextAfter)
{
    const UtcTime until = m_timeline.now() + nextAfter + m_reaction;
    m_accountExitsUntil = std::max(m_accountExitsUntil, until);
    if (auto &life = m_lives[m_exchange.indexOf(instrument)])
        life->exitsUntil = std::max(life->exitsUntil, until);
}

std::optional<Duration> LossJudge::answered(std::size_t market)
{
    if (!m_lives[market] || !m_lives[market]->breachedAt || std::exchange(m_lives[market]->answered, true))
        return std::nullopt;
    return m_timeline.now() - *m_lives[market]->breachedAt;
}

void LossJudge::endLife(std::size_t market)
{
    const Life life = std::move(*m_lives[market]);
    m_lives[market].reset();
    m_tradedNotional += life.entryNotional;
    m_result.breachesActedOn += life.breachedAt ? 1 : 0;
    m_liquidationFees += life.liquidationFee;
    judge(symbolOf(market), -life.realized - life.liquidationFee, life.limit, life.entryNotional, life.exits, life.breachedAt);
}

void LossJudge::judge(std::string_view what, double loss, double limit, double notional,
                      const std::vector<ReferenceExit> &exits, std::optional<UtcTime> breachedAt)
{
    const double stated = m_limits.closeSlippageFirst.toDouble() * notional;
    double leaving = limit;
    for (const ReferenceExit &exit : exits)
        leaving = std::max(leaving, exit.loss());
    if (loss > limit + kPlainAllowance * notional)
        m_result.withinPlainAllowance = false;
    if (loss > limit + stated)
        m_result.beyondLimit = true;
    const double excess = loss - leaving - stated;
    if (excess <= 0)
        return;
    m_result.withinLimit = false;
    m_result.worstExcess = std::max(m_result.worstExcess, excess / notional);
    m_result.unexplained = std::max(m_result.unexplained, excess);
    m_result.misses.push_back(fmt::format(
        "{}: loss {:.2f}, limit {:.2f}, leaving with the first prices {:.2f}, stated slippage {:.2f}: {:.2f} ({:.3f} % of the "
        "notional) too much; breached {}, judged {}",
        what, loss, limit, leaving, stated, excess, 100 * excess / notional,
        breachedAt ? isoMilliseconds(*breachedAt) : std::string("never"), isoMilliseconds(m_timeline.now())));
}

void LossJudge::atEnd()
{
    double notional = m_tradedNotional;
    for (const auto &life : m_lives)
        notional += life ? life->entryNotional : 0;
    if (m_accountLimit && notional > 0)
        judge("account", accountLoss() - m_liquidationFees, *m_accountLimit, notional, m_accountExits, m_accountBreachedAt);
}

bool LossJudge::isBeyond(std::size_t market) const
{
    return m_lives[market] &&
           openLoss(market) >= lossLimit(m_entries[market] * units(m_sizes[market]), market) * kBeyondDoubt;
}

bool LossJudge::accountIsBeyond() const { return m_accountLimit && accountLoss() >= *m_accountLimit * kBeyondDoubt; }

} // namespace core::runtime::drill
