#include "core/runtime/drill/market_path.h"

#include <algorithm>

#include "core/base/assert.h"

namespace core::runtime::drill
{

namespace
{
Price toTick(double price, std::int64_t tick, Rounding rounding)
{
    return Price::fromRaw(std::max(roundToStep(static_cast<std::int64_t>(price * 1e8), tick, rounding), tick));
}
} // namespace

MarketPath::MarketPath(const DrillPlan &plan, const MarketPlan &market, std::uint64_t stream)
    : m_drill(plan), m_plan(market), m_dice(plan.seed, 1'000 + stream), m_book(market.contract.tickSize),
      m_price(market.start)
{
    step(Duration::zero());
}

void MarketPath::step(Duration at)
{
    const double before = m_price;
    const bool storm = at < m_drill.length;
    m_jump = 0;
    m_funding = {};
    m_depth = 1;
    if (storm)
        m_price *= 1.0 + m_plan.drift + m_plan.noise * m_dice.bell();
    const Window &event = m_drill.event;
    if (m_drill.weather == Weather::Gap && !m_fell && at >= event.from) {
        m_fell = true;
        m_price *= 1.0 + m_plan.shock;
        m_jump = m_price / before - 1.0;
    } else if (event.holds(at) && (m_drill.weather == Weather::FlashCrash || m_drill.weather == Weather::Vacuum)) {
        if (!m_fell)
            m_before = m_price;
        m_fell = true;
        const auto steps = static_cast<double>((event.to - event.from) / m_drill.step + 1);
        m_price += m_before * m_plan.shock / steps;
        m_depth = depthDuring(m_drill.weather);
    } else if (m_fell && storm && m_before > 0 && at < event.to + (event.to - event.from)) {
        const auto steps = static_cast<double>((event.to - event.from) / m_drill.step + 1);
        m_price -= m_before * m_plan.shock * m_plan.recovery / steps;
    }
    if (m_drill.weather == Weather::FundingSpike && !m_settled && at >= event.from) {
        m_settled = true;
        m_funding = Ratio::fromRaw(m_dice.between(-2'000'000, 2'000'000)); // up to 2 %
    }
    m_price = std::max(m_price, m_plan.start * 0.05);
    m_mark = toTick(m_price, m_plan.contract.tickSize.raw(), Rounding::HalfEven);
    if (m_plan.contract.significantDigits > 0)
        m_mark = toValidPrice(m_plan.contract, m_mark, Rounding::Floor).value_or(m_mark);
    fillBook();
}

void MarketPath::fillBook()
{
    m_bids.clear();
    m_asks.clear();
    const std::int64_t tick = m_plan.contract.tickSize.raw();
    const std::int64_t step = m_plan.contract.stepSize.raw();
    const double middle = m_mark.toDouble();
    for (const Rung &rung : kRungs) {
        const double notional = m_plan.levelNotional * rung.share * m_depth;
        const auto units = static_cast<std::int64_t>(notional / middle * 1e8);
        const Quantity size = Quantity::fromRaw(std::max(roundToStep(units, step, Rounding::Floor), step));
        Price bid = toTick(middle * (1.0 - rung.distance), tick, Rounding::Floor);
        Price ask = toTick(middle * (1.0 + rung.distance), tick, Rounding::Ceil);
        bid = std::min(bid, Price::fromRaw(m_mark.raw() - tick));
        ask = std::max(ask, Price::fromRaw(m_mark.raw() + tick));
        if (!m_bids.empty() && m_bids.back().price <= bid)
            bid = Price::fromRaw(m_bids.back().price.raw() - tick);
        if (!m_asks.empty() && m_asks.back().price >= ask)
            ask = Price::fromRaw(m_asks.back().price.raw() + tick);
        if (bid.isPositive())
            m_bids.push_back({bid, size});
        m_asks.push_back({ask, size});
    }
    CORE_ASSERT(m_book.assign(m_bids, m_asks).has_value(), "Invariant: the book of a drill lies on its ticks");
}

} // namespace core::runtime::drill
