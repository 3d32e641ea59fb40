#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "core/orders/guard.h"

namespace bench
{

inline void demand(bool holds, const char *what)
{
    if (holds)
        return;
    std::fprintf(stderr, "%s\n", what);
    std::exit(1);
}

[[nodiscard]] inline double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

/// One armed position per contract; each can be opened, breached and closed again and again.
class Desk
{
public:
    /// Position size 0.25, entry 60000, 10 ×: a mark of 58128.05 is a loss of 31.2 % on margin.
    explicit Desk(const std::vector<core::Instrument> &instruments)
    {
        // Every breaker of the standard limits. Resting stops want a venue that answers: without one, positions are closed for that.
        core::risk::Limits limits = core::risk::defaultLimits();
        limits.backstop.enabled = false;
        apply(core::orders::LimitsChange{instruments.front().key.venue, limits});
        apply(core::orders::ArmingChange{std::nullopt, core::risk::Arming::Armed, "user"});
        for (const core::Instrument &instrument : instruments) {
            m_keys.push_back(instrument.key);
            apply(core::orders::InstrumentReport{instrument});
        }
        totals();
        apply(core::orders::PositionsReport{m_keys.front().venue, {}, core::Source::Query, true});
        apply(core::orders::ReconciledReport{m_keys.front().venue});
        for (std::size_t i = 0; i < m_keys.size(); ++i)
            open(i);
    }

    void totals()
    {
        core::AccountSnapshot totals;
        totals.walletBalance = totals.equity = totals.available = core::parseMoney("10000000000").value();
        totals.venueTime = totals.receivedAt = m_now;
        apply(core::orders::AccountReport{m_keys.front().venue, totals});
    }
    void open(std::size_t i)
    {
        apply(core::orders::MarkTick{m_keys[i], core::parsePrice("60000").value(), m_now});
        apply(core::orders::PositionsReport{m_keys.front().venue, {held(i, "0.250")}, core::Source::Stream, false});
    }
    /// Filled, flat by stream and by query, and opened anew.
    void closeAndReopen(std::size_t i, const core::OrderRequest &request)
    {
        m_now += std::chrono::milliseconds{5};
        core::OrderUpdate update;
        update.instrument = m_keys[i];
        update.clientOrderId = request.clientOrderId;
        update.status = core::OrderStatus::Filled;
        update.quantity = update.filled = request.quantity;
        update.venueTime = m_now;
        apply(core::orders::PositionsReport{m_keys.front().venue, {held(i, "0")}, core::Source::Stream, false});
        apply(core::orders::OrderReport{update, core::Source::Stream});
        std::vector<core::Position> others;
        for (std::size_t k = 0; k < m_keys.size(); ++k) {
            if (k != i)
                others.push_back(held(k, "0.250"));
        }
        apply(core::orders::PositionsReport{m_keys.front().venue, others, core::Source::Query, true});
        demand(std::any_of(m_outputs.begin(), m_outputs.end(),
                           [](const core::orders::GuardOutput &o) { return std::holds_alternative<core::orders::ActionVerified>(o); }),
               "the close was not verified");
        m_now += std::chrono::milliseconds{5};
        totals(); // they must not grow old
        open(i);
    }
    /// Every other position ticks without reaching anything.
    void quietTicks(std::size_t but)
    {
        for (std::size_t k = 0; k < m_keys.size(); ++k) {
            if (k == but)
                continue;
            apply(core::orders::MarkTick{m_keys[k], core::parsePrice("59990").value(), m_now});
            demand(m_outputs.empty(), "a quiet tick said something");
        }
    }
    void apply(core::orders::GuardInput input)
    {
        m_outputs.clear();
        m_guard.apply({m_now, std::move(input)}, m_outputs);
    }

    core::orders::Guard m_guard;
    std::vector<core::InstrumentKey> m_keys;
    std::vector<core::orders::GuardOutput> m_outputs;
    core::UtcTime m_now = core::utcFromMilliseconds(1'700'000'000'000);

private:
    core::Position held(std::size_t i, std::string_view size) const
    {
        core::Position p;
        p.instrument = m_keys[i];
        p.quantity = core::parseQuantity(size).value();
        p.entryPrice = core::parsePrice("60000").value();
        p.leverage = 10;
        p.venueTime = m_now;
        return p;
    }
};

/// Of the first order among what the guard decided; null: none.
[[nodiscard]] inline const core::orders::SendOrder *firstOrder(const std::vector<core::orders::GuardOutput> &outputs)
{
    for (const core::orders::GuardOutput &output : outputs) {
        if (const auto *send = std::get_if<core::orders::SendOrder>(&output))
            return send;
    }
    return nullptr;
}

/// Every life of the given number: other positions tick, one breaches, `act` makes the bytes of its order inside the
/// time that is taken, `check` looks at them afterwards and times the floor. Microseconds of both. What comes
/// after the order in the engine (limits of the accounts, words) comes after the time that is taken; `prepare`, what the engine
/// does while nothing is urgent, before it.
template <class Act, class Floor, class Prepare>
void breachAll(Desk &desk, int lives, std::vector<double> &own, std::vector<double> &floor, const Act &act,
               const Floor &timedFloor, const Prepare &prepare)
{
    const core::Price near = core::parsePrice("59200").value();
    const core::Price breach = core::parsePrice("58128.05").value();
    for (int n = 0; n < lives; ++n) {
        const std::size_t i = static_cast<std::size_t>(n * 7) % desk.m_keys.size();
        desk.quietTicks(i);
        desk.apply(core::orders::MarkTick{desk.m_keys[i], near, desk.m_now});
        demand(desk.m_outputs.empty(), "a tick before the breach said something");
        prepare();
        const core::orders::GuardInputRecord record{desk.m_now,
                                                    core::orders::MarkTick{desk.m_keys[i], breach, desk.m_now}};
        desk.m_outputs.clear();
        const auto start = std::chrono::steady_clock::now();
        desk.m_guard.decide(record, desk.m_outputs);
        const core::orders::SendOrder *send = firstOrder(desk.m_outputs);
        if (send != nullptr)
            act(send->order.request());
        const auto end = std::chrono::steady_clock::now();
        if (send == nullptr) { // why, in its own words
            for (const core::orders::GuardOutput &output : desk.m_outputs)
                std::fprintf(stderr, "%s\n", core::orders::encode(output).c_str());
        }
        demand(send != nullptr, "the breach sent no order");
        own.push_back(std::chrono::duration<double, std::micro>(end - start).count());
        const core::OrderRequest request = send->order.request();
        desk.m_guard.finish(desk.m_outputs);
        floor.push_back(timedFloor(request));
        desk.closeAndReopen(i, request);
    }
}

} // namespace bench
