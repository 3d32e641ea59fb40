#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/ports/exchange_client.h"
#include "core/risk/gate.h"
#include "core/venue/scenario_random.h"
#include "tests/soak/trader.h"

namespace tests::soak
{

/// What was asked of one client.
struct WorkloadFigures {
    std::uint64_t orders{0};
    std::uint64_t changes{0};
    std::uint64_t cancels{0};
    std::uint64_t cancelAlls{0};
    std::uint64_t leverages{0};
    std::uint64_t denied{0};   ///< by the gate
    std::uint64_t answered{0}; ///< cancelAlls and leverages that said how it went
};

/// Trades at random, by a seed: every kind of order, each through the gate. On the engine thread.
class Workload
{
public:
    Workload(core::ports::ExchangeClient &client, Trader &trader, std::vector<core::Symbol> symbols, std::uint64_t seed);

    /// One action.
    void step();
    [[nodiscard]] const WorkloadFigures &figures() const { return m_figures; }

private:
    [[nodiscard]] std::int64_t between(std::int64_t low, std::int64_t high);
    [[nodiscard]] core::risk::GateFacts factsOf(const core::Symbol &symbol) const;
    [[nodiscard]] core::Price moved(const core::Symbol &symbol, core::Price from, std::int64_t perHundredThousand) const;
    [[nodiscard]] core::Quantity sizeFor(const core::Symbol &symbol, core::Price price);
    [[nodiscard]] core::OrderRequest blank(const core::Symbol &symbol);
    /// A live order that can be worked on; nullptr when there is none.
    [[nodiscard]] const core::OrderUpdate *anyLive(bool limitOnly);
    void send(const core::OrderRequest &request);
    void rest(core::OrderRequest request);
    void take(core::OrderRequest request, bool isMarket);
    void reduce();
    void conditional(core::OrderRequest request);
    void change();
    void cancel();
    void cancelAll(const core::Symbol &symbol);
    void setLeverage(const core::Symbol &symbol);

    core::ports::ExchangeClient &m_client;
    Trader &m_trader;
    std::vector<core::Symbol> m_symbols;
    core::venue::ScenarioRandom m_random;
    std::string m_prefix;
    WorkloadFigures m_figures;
};

} // namespace tests::soak
