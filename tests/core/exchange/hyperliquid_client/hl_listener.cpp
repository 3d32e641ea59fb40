#include "tests/core/exchange/hyperliquid_client/hl_listener.h"

#include <algorithm>

#include "core/market/order_book.h"

namespace tests::hl
{

using namespace core;

void Listener::entered()
{
    if (insideClient)
        ++callsFromInside;
}

void Listener::onStreamStatus(const ports::StreamStatus &changed)
{
    entered();
    status[changed.name] = changed;
    if (!changed.lastError.empty())
        texts.push_back(changed.lastError);
}

void Listener::onRequestBudget(const ports::RequestBudget &changed)
{
    entered();
    budget = changed;
}

void Listener::onInstrument(const Instrument &instrument)
{
    entered();
    instruments[instrument.key.symbol] = instrument;
}

void Listener::onBook(const InstrumentKey &, const market::OrderBook &book, Freshness now, UtcTime, UtcTime)
{
    entered();
    freshness = now;
    ++books;
    bid = book.best(Side::Buy);
    ask = book.best(Side::Sell);
    if (now == Freshness::Fresh && book.isCrossed())
        ++crossedWhileFresh;
}

void Listener::onTrade(const Trade &trade)
{
    entered();
    trades.push_back(trade);
}

void Listener::onBestQuote(const BestQuote &)
{
    entered();
    ++quotes;
}

void Listener::onMark(const MarkPrice &mark)
{
    entered();
    marks.push_back(mark);
}

void Listener::onTicker(const Ticker &ticker)
{
    entered();
    tickers.push_back(ticker);
}

void Listener::onCandle(const Candle &candle)
{
    entered();
    candles.push_back(candle);
}

void Listener::onAccount(const AccountSnapshot &account, Source)
{
    entered();
    accounts.push_back(account);
}

void Listener::onPositions(const std::vector<Position> &rows, Source, bool)
{
    entered();
    positions = rows;
    ++positionLists;
}

void Listener::onOrder(const OrderUpdate &order, Source)
{
    entered();
    orders.push_back(order);
}

void Listener::onFill(const Fill &fill, Source)
{
    entered();
    fills.push_back(fill);
}

void Listener::onFunding(const FundingPayment &payment, Source)
{
    entered();
    funding.push_back(payment);
}

void Listener::onTransfer(const Transfer &transfer, Source)
{
    entered();
    transfers.push_back(transfer);
}

void Listener::onDifference(const Difference &difference)
{
    entered();
    differences.push_back(difference);
}

void Listener::onRequestOutcome(const ClientOrderId &order, ports::RequestOutcome outcome, const Error &error)
{
    entered();
    outcomes.push_back({order, outcome, error});
    texts.push_back(error.detail);
}

void Listener::onOrderAbsent(const ClientOrderId &order)
{
    entered();
    absent.push_back(order);
}

void Listener::onReconciled()
{
    entered();
    ++reconciled;
}

void Listener::onReconciliationLost(const Error &why)
{
    entered();
    lost.push_back(why);
    texts.push_back(why.detail);
}

std::optional<OrderUpdate> Listener::lastOrder(std::string_view id) const
{
    for (auto it = orders.rbegin(); it != orders.rend(); ++it) {
        if (it->clientOrderId.view() == id)
            return *it;
    }
    return std::nullopt;
}

std::vector<Listener::Outcome> Listener::outcomesOf(std::string_view id) const
{
    std::vector<Outcome> result;
    std::copy_if(outcomes.begin(), outcomes.end(), std::back_inserter(result),
                 [&](const Outcome &outcome) { return outcome.order.view() == id; });
    return result;
}

Quantity Listener::filled(std::string_view id) const
{
    Quantity sum;
    for (const Fill &fill : fills) {
        if (fill.clientOrderId.view() == id)
            sum = add(sum, fill.quantity).value_or(sum);
    }
    return sum;
}

bool Listener::said(std::string_view part) const
{
    return std::any_of(texts.begin(), texts.end(),
                       [&](const std::string &text) { return text.find(part) != std::string::npos; });
}

} // namespace tests::hl
