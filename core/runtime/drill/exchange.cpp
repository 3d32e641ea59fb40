#include "core/runtime/drill/exchange.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "core/base/assert.h"

namespace core::runtime::drill
{

namespace
{
venue::PaperTerms termsOf(const VenuePlan &plan)
{
    venue::PaperTerms terms = venue::paperTerms(plan.venue, *AccountId::from("drill"));
    terms.balance = plan.balance;
    terms.capabilities = DrillExchange::capabilitiesOf(plan.venue);
    return terms;
}

bool within(const std::vector<Window> &windows, Duration at)
{
    return std::any_of(windows.begin(), windows.end(), [at](const Window &window) { return window.holds(at); });
}
} // namespace

ports::Capabilities DrillExchange::capabilitiesOf(Venue venue)
{
    ports::Capabilities can;
    can.conditionalOrders = true;
    can.deadManTimer = true;
    can.deadManPerInstrument = venue == Venue::Binance;
    can.deadManKillsStops = venue == Venue::Hyperliquid;
    can.hedgeMode = venue == Venue::Binance;
    can.nativeTrailing = venue == Venue::Binance;
    can.modifyKeepsOrderId = venue == Venue::Binance;
    can.triggerByLast = venue == Venue::Binance;
    can.batchMax = 5;
    return can;
}

DrillExchange::DrillExchange(const DrillPlan &plan, std::size_t venue, Timeline &timeline)
    : m_drill(plan), m_plan(plan.venues[venue]), m_timeline(timeline), m_account(termsOf(m_plan), timeline.clock())
{
    for (std::size_t i = 0; i < m_plan.markets.size(); ++i) {
        const MarketPlan &market = m_plan.markets[i];
        m_markets.push_back(std::make_unique<MarketPath>(plan, market, venue * 100 + i));
        m_index.emplace(market.contract.key.symbol, i);
        CORE_ASSERT(m_account.describe(market.contract).has_value(), "Invariant: the contracts of a drill are valid");
    }
    m_sizes.assign(m_markets.size(), 0);
    m_naked.assign(m_markets.size(), Quantity{});
    m_accruedAt.assign(m_markets.size(), timeline.now());
}

std::size_t DrillExchange::indexOf(const InstrumentKey &instrument) const
{
    const auto found = m_index.find(instrument.symbol);
    CORE_ASSERT(found != m_index.end(), "Invariant: orders name a market of the drill");
    return found->second;
}

void DrillExchange::open()
{
    step(Duration::zero());
    for (std::size_t i = 0; i < m_plan.holdings.size(); ++i) {
        const HoldingPlan &holding = m_plan.holdings[i];
        const MarketPath &market = *m_markets[holding.market];
        const InstrumentKey &key = market.contract().key;
        static_cast<void>(m_account.setLeverage(key, holding.leverage));
        if (holding.isolated)
            static_cast<void>(m_account.setMarginMode(key, MarginMode::Isolated));
        OrderRequest order;
        order.instrument = key;
        order.clientOrderId = *ClientOrderId::from("phone-open-" + std::to_string(i));
        order.side = holding.direction == Direction::Long ? Side::Buy : Side::Sell;
        order.type = OrderType::Market;
        order.quantity = holding.quantity;
        static_cast<void>(submit(order)); // what the margin does not allow is not held
        if (!holding.personalStop || m_sizes[i] == 0)
            continue;
        OrderRequest stop = order;
        stop.clientOrderId = *ClientOrderId::from("phone-stop-" + std::to_string(i));
        stop.side = opposite(order.side);
        stop.type = OrderType::StopMarket;
        stop.reduceOnly = ReduceOnly::Yes;
        stop.quantity = Quantity::fromRaw(std::llabs(m_sizes[i]));
        const std::int64_t distance = market.mark().raw() / 5; // far away: a last resort
        const Price trigger = Price::fromRaw(market.mark().raw() + (m_sizes[i] > 0 ? -distance : distance));
        stop.triggerPrice =
            toValidPrice(market.contract(), trigger, m_sizes[i] > 0 ? Rounding::Ceil : Rounding::Floor).value_or(trigger);
        static_cast<void>(submit(stop));
    }
}

void DrillExchange::step(Duration at)
{
    m_closed = within(m_plan.maintenance, at);
    m_account.setFaults({.rejectsTriggered = within(m_plan.link.stopFaults, at)});
    const UtcTime now = m_timeline.now();
    for (std::size_t i = 0; i < m_markets.size(); ++i) {
        MarketPath &market = *m_markets[i];
        accrue(i);
        market.step(at); // also while the venue is closed
        if (m_closed)
            continue;
        const InstrumentKey &key = market.contract().key;
        m_account.onBook(key.symbol, market.book(), Freshness::Fresh, now);
        Trade print;
        print.instrument = key;
        print.id = print.firstId = print.lastId = ++m_prints;
        print.price = market.mark();
        print.quantity = market.contract().stepSize;
        print.venueTime = print.receivedAt = now;
        m_account.onTrade(print);
        MarkPrice mark;
        mark.instrument = key;
        mark.mark = market.mark();
        mark.index = market.mark();
        mark.venueTime = mark.receivedAt = now;
        m_account.onMark(mark);
        if (!market.fundingNow().isZero())
            m_account.settleFunding(key.symbol, market.fundingNow());
        drain();
        if (onMarket)
            onMarket(i);
    }
    m_account.onTimer();
    drain();
}

Result<void> DrillExchange::submit(const OrderRequest &order)
{
    auto done = m_account.submit(order);
    if (done && onPlaced)
        onPlaced(order.clientOrderId);
    drain();
    return done;
}

Result<void> DrillExchange::modify(const OrderChange &change)
{
    auto done = m_account.modify(change);
    drain();
    return done;
}

Result<void> DrillExchange::cancel(const InstrumentKey &instrument, const ClientOrderId &order)
{
    auto done = m_account.cancel(instrument, order);
    drain();
    return done;
}

void DrillExchange::cancelAll(const std::optional<InstrumentKey> &instrument)
{
    m_account.cancelAll(instrument);
    drain();
}

void DrillExchange::setDeadMan(const InstrumentKey &instrument, std::optional<Duration> after)
{
    m_account.setDeadMan(instrument, after);
}

void DrillExchange::drain()
{
    const std::vector<venue::PaperEvent> events = m_account.takeEvents();
    if (events.empty())
        return;
    for (std::size_t i = 0; i < m_markets.size(); ++i)
        accrue(i);
    m_coverStale = true;
    for (const venue::PaperEvent &event : events)
        note(event);
    if (!onEvent)
        return;
    for (const venue::PaperEvent &event : events)
        onEvent(event);
}

void DrillExchange::note(const venue::PaperEvent &event)
{
    if (const auto *fill = std::get_if<Fill>(&event)) {
        std::int64_t &size = m_sizes[indexOf(fill->instrument)];
        size += fill->side == Side::Buy ? fill->quantity.raw() : -fill->quantity.raw();
    }
}

Quantity DrillExchange::naked(std::size_t market)
{
    if (std::exchange(m_coverStale, false)) {
        std::vector<std::int64_t> covered(m_markets.size(), 0);
        for (const OrderUpdate &order : m_account.openOrders()) {
            const std::size_t index = indexOf(order.instrument);
            const bool closes = m_sizes[index] > 0 ? order.side == Side::Sell : order.side == Side::Buy;
            const bool stops = order.type == OrderType::StopMarket || order.type == OrderType::StopLimit;
            if (stops && closes && order.reduceOnly == ReduceOnly::Yes)
                covered[index] += order.quantity.raw() - order.filled.raw();
        }
        for (std::size_t i = 0; i < m_markets.size(); ++i)
            m_naked[i] = Quantity::fromRaw(std::max<std::int64_t>(std::llabs(m_sizes[i]) - covered[i], 0));
    }
    return m_naked[market];
}

void DrillExchange::accrue(std::size_t market)
{
    const UtcTime now = m_timeline.now();
    const Duration passed = now - std::exchange(m_accruedAt[market], now);
    if (passed > Duration::zero())
        m_nakedNotionalSeconds += naked(market).toDouble() * m_markets[market]->mark().toDouble() *
                                  static_cast<double>(passed.count()) * 1e-9;
}

} // namespace core::runtime::drill
