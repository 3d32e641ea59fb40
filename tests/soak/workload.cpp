#include "tests/soak/workload.h"

#include <algorithm>

#include <fmt/format.h>

namespace tests::soak
{

using namespace core;

namespace
{
constexpr std::size_t kLiveMost = 80; ///< more open orders than this: cancel first
constexpr std::int64_t kHundredThousand = 100'000;
} // namespace

Workload::Workload(ports::ExchangeClient &client, Trader &trader, std::vector<Symbol> symbols, std::uint64_t seed)
    : m_client(client), m_trader(trader), m_symbols(std::move(symbols)), m_random(seed),
      m_prefix(fmt::format("soak-{:x}-", seed))
{
}

void Workload::step()
{
    const Symbol symbol = m_symbols[m_random.below(m_symbols.size())];
    const std::int64_t roll = between(0, 1'000);
    if (m_trader.live.size() > kLiveMost && roll < 400)
        return cancel();
    const bool isQuoted = m_trader.tops.contains(symbol) && m_trader.instruments.contains(symbol) &&
                          m_trader.marks.contains(symbol);
    if (!isQuoted)
        return;
    if (roll < 300)
        return rest(blank(symbol));
    if (roll < 430)
        return take(blank(symbol), false);
    if (roll < 560)
        return take(blank(symbol), true);
    if (roll < 680)
        return reduce();
    if (roll < 770)
        return conditional(blank(symbol));
    if (roll < 870)
        return change();
    if (roll < 960)
        return cancel();
    if (roll < 975)
        return cancelAll(symbol);
    setLeverage(symbol);
}

std::int64_t Workload::between(std::int64_t low, std::int64_t high)
{
    return low + static_cast<std::int64_t>(m_random.below(static_cast<std::uint64_t>(high - low)));
}

risk::GateFacts Workload::factsOf(const Symbol &symbol) const
{
    risk::GateFacts facts;
    if (const auto found = m_trader.instruments.find(symbol); found != m_trader.instruments.end())
        facts.instrument = &found->second;
    if (const auto found = m_trader.positions.find(symbol); found != m_trader.positions.end()) {
        facts.direction = found->second.direction;
        facts.live = found->second.quantity;
    }
    std::int64_t closing = 0;
    for (const auto &[unused, order] : m_trader.live)
        if (order.instrument.symbol == symbol && order.reduceOnly == ReduceOnly::Yes)
            closing += order.quantity.raw() - order.filled.raw();
    facts.closing = Quantity::fromRaw(closing);
    if (const auto found = m_trader.marks.find(symbol); found != m_trader.marks.end())
        facts.mark = found->second;
    facts.reconciled = m_trader.isTrusted();
    facts.fresh = m_trader.isFresh(symbol) && m_trader.isSure();
    return facts;
}

Price Workload::moved(const Symbol &symbol, Price from, std::int64_t perHundredThousand) const
{
    const auto raw = mulDiv(from.raw(), kHundredThousand + perHundredThousand, kHundredThousand, Rounding::Floor);
    const auto valid = toValidPrice(m_trader.instruments.at(symbol), Price::fromRaw(raw.value_or(from.raw())),
                                    perHundredThousand < 0 ? Rounding::Floor : Rounding::Ceil);
    return valid.value_or(from);
}

Quantity Workload::sizeFor(const Symbol &symbol, Price price)
{
    const Instrument &instrument = m_trader.instruments.at(symbol);
    const std::int64_t dollars = between(150, 700);
    const auto raw = mulDiv(dollars * kDecimalOne, kDecimalOne, price.raw(), Rounding::Ceil);
    const Quantity step = std::max(instrument.stepSize, instrument.marketStepSize);
    return ceilToStep(Quantity::fromRaw(raw.value_or(step.raw())), step);
}

OrderRequest Workload::blank(const Symbol &symbol)
{
    OrderRequest request;
    request.instrument = {m_client.venue(), symbol};
    request.clientOrderId =
        ClientOrderId::from(fmt::format("{}{}", m_prefix, m_figures.orders + m_figures.denied)).value_or(ClientOrderId{});
    request.side = between(0, 2) == 0 ? Side::Buy : Side::Sell;
    request.quantity = sizeFor(symbol, m_trader.marks.at(symbol));
    return request;
}

const OrderUpdate *Workload::anyLive(bool limitOnly)
{
    std::vector<const OrderUpdate *> candidates;
    for (const auto &[unused, order] : m_trader.live)
        if (!limitOnly || order.type == OrderType::Limit)
            candidates.push_back(&order);
    return candidates.empty() ? nullptr : candidates[m_random.below(candidates.size())];
}

void Workload::send(const OrderRequest &request)
{
    const auto approved = risk::RiskGate::check(request, factsOf(request.instrument.symbol));
    if (!approved) {
        ++m_figures.denied;
        return;
    }
    ++m_figures.orders;
    m_trader.onSent(request);
    m_client.submit(*approved);
}

/// Close behind the best price, so that some of them are hit.
void Workload::rest(OrderRequest request)
{
    const auto [bid, ask] = m_trader.tops.at(request.instrument.symbol);
    const bool isBuy = request.side == Side::Buy;
    request.type = OrderType::Limit;
    request.timeInForce = TimeInForce::PostOnly;
    request.limitPrice = moved(request.instrument.symbol, isBuy ? bid : ask, isBuy ? -between(1, 300) : between(1, 300));
    send(request);
}

void Workload::take(OrderRequest request, bool isMarket)
{
    request.type = isMarket ? OrderType::Market : OrderType::Limit;
    if (!isMarket) {
        const auto [bid, ask] = m_trader.tops.at(request.instrument.symbol);
        const bool isBuy = request.side == Side::Buy;
        request.timeInForce = TimeInForce::ImmediateOrCancel;
        request.limitPrice = moved(request.instrument.symbol, isBuy ? ask : bid, isBuy ? between(1, 50) : -between(1, 50));
    }
    send(request);
}

void Workload::reduce()
{
    if (m_trader.positions.empty())
        return;
    auto chosen = m_trader.positions.begin();
    std::advance(chosen, static_cast<std::ptrdiff_t>(m_random.below(m_trader.positions.size())));
    const Position &position = chosen->second;
    if (!m_trader.marks.contains(chosen->first) || !m_trader.instruments.contains(chosen->first))
        return;
    OrderRequest request = blank(chosen->first);
    request.side = position.direction == Direction::Long ? Side::Sell : Side::Buy;
    request.reduceOnly = ReduceOnly::Yes;
    request.type = OrderType::Market;
    request.quantity = between(0, 2) == 0 ? position.quantity : std::min(position.quantity, request.quantity);
    send(request);
}

/// A stop that protects what is there, else one that opens; near enough that some fire.
void Workload::conditional(OrderRequest request)
{
    const Symbol &symbol = request.instrument.symbol;
    const Price mark = m_trader.marks.at(symbol);
    const risk::GateFacts facts = factsOf(symbol);
    const bool protects = facts.direction.has_value() && facts.closing < facts.live;
    if (protects) {
        request.side = *facts.direction == Direction::Long ? Side::Sell : Side::Buy;
        request.reduceOnly = ReduceOnly::Yes;
        request.quantity = Quantity::fromRaw(facts.live.raw() - facts.closing.raw());
    }
    const bool isStop = between(0, 3) != 0;
    const bool isUp = (request.side == Side::Buy) == isStop;
    request.triggerPrice = moved(symbol, mark, isUp ? between(30, 600) : -between(30, 600));
    request.type = isStop ? OrderType::StopMarket : OrderType::TakeProfitMarket;
    if (between(0, 3) == 0) {
        request.type = isStop ? OrderType::StopLimit : OrderType::TakeProfitLimit;
        request.limitPrice = moved(symbol, *request.triggerPrice, request.side == Side::Buy ? 200 : -200);
    }
    send(request);
}

void Workload::change()
{
    const OrderUpdate *order = anyLive(true);
    if (order == nullptr || !m_trader.tops.contains(order->instrument.symbol))
        return;
    const Symbol symbol = order->instrument.symbol;
    const auto [bid, ask] = m_trader.tops.at(symbol);
    const bool isBuy = order->side == Side::Buy;
    OrderChange wanted{order->instrument, order->clientOrderId, order->quantity,
                       moved(symbol, isBuy ? bid : ask, isBuy ? -between(5, 300) : between(5, 300))};
    const auto approved = risk::RiskGate::checkChange(wanted, *order, factsOf(symbol));
    if (!approved) {
        ++m_figures.denied;
        return;
    }
    ++m_figures.changes;
    ++m_trader.orders[wanted.clientOrderId].changes;
    m_client.modify(*approved);
}

void Workload::cancel()
{
    const OrderUpdate *order = anyLive(false);
    if (order == nullptr)
        return;
    ++m_figures.cancels;
    m_client.cancel(order->instrument, order->clientOrderId);
}

void Workload::cancelAll(const Symbol &symbol)
{
    ++m_figures.cancelAlls;
    const bool everywhere = between(0, 5) == 0;
    m_client.cancelAll(everywhere ? std::nullopt : std::optional(InstrumentKey{m_client.venue(), symbol}),
                       [this](const Result<void> &) { ++m_figures.answered; });
}

void Workload::setLeverage(const Symbol &symbol)
{
    ++m_figures.leverages;
    m_client.setLeverage({m_client.venue(), symbol}, static_cast<int>(between(3, 11)),
                         [this](const Result<void> &) { ++m_figures.answered; });
}

} // namespace tests::soak
