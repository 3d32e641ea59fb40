#pragma once

#include <memory>
#include <set>

#include <QtTest/QTest>

#include "core/net/system_clock.h"
#include "core/runtime/account_client.h"
#include "tests/support/approved.h"

namespace tests
{

/// The same account in another hand: orders that the guard has not sent.
class Phone final : private core::ports::ExchangeListener
{
public:
    Phone(const core::secrets::AccountProfile &profile, const std::string &apiKey, const std::string &secret,
          const QByteArray &addresses, const core::Symbol &symbol)
        : m_instrument{profile.venue, symbol}
    {
        core::runtime::AccountKeys keys;
        keys.apiKey = core::net::Secret(apiKey);
        keys.secret = core::net::Secret(secret);
        const auto places = core::runtime::withLoopback(core::runtime::addressesOf(profile.environment), addresses);
        m_client = core::runtime::makeAccountClient(profile, std::move(keys), *places, m_clock);
        m_client->start(*this, {symbol});
    }
    [[nodiscard]] bool isReady() { return waitFor([this] { return m_reconciled && m_mark; }); }
    [[nodiscard]] core::Price mark() const { return *m_mark; }
    /// True when the venue says that it is filled.
    [[nodiscard]] bool market(core::Side side, std::string_view quantity)
    {
        core::OrderRequest order = request(side, quantity);
        order.type = core::OrderType::Market;
        m_client->submit(approved(order));
        return waitFor([&] { return m_filled.contains(order.clientOrderId); });
    }
    /// Reduce-only; whether there was something left to close is not asked.
    void close(core::Side side, std::string_view quantity)
    {
        core::OrderRequest order = request(side, quantity);
        order.type = core::OrderType::Market;
        order.reduceOnly = core::ReduceOnly::Yes;
        m_client->submit(approved(order));
    }
    /// True when it rests, or did until somebody took it back.
    [[nodiscard]] bool limit(core::Side side, std::string_view quantity, core::Price price)
    {
        core::OrderRequest order = request(side, quantity);
        order.type = core::OrderType::Limit;
        order.limitPrice = price;
        m_client->submit(approved(order));
        return waitFor([&] { return m_rested.contains(order.clientOrderId); });
    }
    /// A reduce-only stop; true when it rests.
    [[nodiscard]] bool stop(core::Side side, std::string_view quantity, core::Price trigger)
    {
        core::OrderRequest order = request(side, quantity);
        order.type = core::OrderType::StopMarket;
        order.triggerPrice = trigger;
        order.reduceOnly = core::ReduceOnly::Yes;
        m_stop = order.clientOrderId;
        m_client->submit(approved(order));
        return waitFor([&] { return m_resting.contains(order.clientOrderId); });
    }
    [[nodiscard]] bool hasStop() const { return m_resting.contains(m_stop); }
    [[nodiscard]] bool rests(std::size_t orders) { return waitFor([this, orders] { return m_resting.size() == orders; }); }
    [[nodiscard]] bool hasNoOrder() { return waitFor([this] { return m_resting.empty(); }); }
    /// 0: flat.
    [[nodiscard]] bool holds(std::string_view quantity)
    {
        const auto wanted = *core::parseFixed<core::Quantity>(quantity);
        return waitFor([&] { return m_held == wanted; });
    }

private:
    template <class Condition> static bool waitFor(Condition condition) { return QTest::qWaitFor(condition, 60'000); }
    core::OrderRequest request(core::Side side, std::string_view quantity)
    {
        core::OrderRequest order;
        order.instrument = m_instrument;
        order.clientOrderId = *core::ClientOrderId::from("phone-" + std::to_string(++m_orders));
        order.side = side;
        order.quantity = *core::parseFixed<core::Quantity>(quantity);
        return order;
    }
    void onStreamStatus(const core::ports::StreamStatus &) override {}
    void onRequestBudget(const core::ports::RequestBudget &) override {}
    void onInstrument(const core::Instrument &) override {}
    void onBook(const core::InstrumentKey &, const core::market::OrderBook &, core::Freshness, core::UtcTime, core::UtcTime) override {}
    void onTrade(const core::Trade &) override {}
    void onBestQuote(const core::BestQuote &) override {}
    void onMark(const core::MarkPrice &mark) override { m_mark = mark.mark; }
    void onAccount(const core::AccountSnapshot &, core::Source) override {}
    void onPositions(const std::vector<core::Position> &positions, core::Source, bool complete) override
    {
        if (complete)
            m_held = core::Quantity{};
        for (const core::Position &position : positions)
            m_held = position.instrument == m_instrument ? position.quantity : m_held;
    }
    void onOrder(const core::OrderUpdate &order, core::Source) override
    {
        if (order.status == core::OrderStatus::Filled)
            m_filled.insert(order.clientOrderId);
        if (isFinal(order.status))
            m_resting.erase(order.clientOrderId);
        else
            m_resting.insert(order.clientOrderId);
        if (order.status == core::OrderStatus::New)
            m_rested.insert(order.clientOrderId);
    }
    void onFill(const core::Fill &, core::Source) override {}
    void onRequestOutcome(const core::ClientOrderId &, core::RequestOutcome, const core::Error &error) override
    {
        if (!error.detail.empty())
            qInfo("phone: %s", error.detail.c_str());
    }
    void onOrderAbsent(const core::ClientOrderId &order) override { m_resting.erase(order); }
    void onReconciled() override { m_reconciled = true; }
    void onReconciliationLost(const core::Error &) override {}

    core::net::SystemClock m_clock;
    core::InstrumentKey m_instrument;
    std::unique_ptr<core::ports::ExchangeClient> m_client;
    std::optional<core::Price> m_mark;
    std::set<core::ClientOrderId> m_filled;
    std::set<core::ClientOrderId> m_resting;
    std::set<core::ClientOrderId> m_rested; ///< ever
    core::ClientOrderId m_stop;
    core::Quantity m_held;
    int m_orders{0};
    bool m_reconciled{false};
};

} // namespace tests
