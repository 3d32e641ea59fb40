#pragma once

#include <vector>

#include "core/domain/market_data.h"
#include "core/market/order_book.h"
#include "core/runtime/drill/dice.h"
#include "core/runtime/drill/plan.h"

namespace core::runtime::drill
{

/// The market of one contract, step by step: price, book and funding. Seeded; nobody moves it but itself.
class MarketPath
{
public:
    MarketPath(const DrillPlan &plan, const MarketPlan &market, std::uint64_t stream);

    /// To the price of this time since the start.
    void step(Duration at);

    [[nodiscard]] Price mark() const { return m_mark; }
    [[nodiscard]] const market::OrderBook &book() const { return m_book; }
    [[nodiscard]] const Instrument &contract() const { return m_plan.contract; }
    /// Rate that is settled now; zero: none.
    [[nodiscard]] Ratio fundingNow() const { return m_funding; }
    /// Size of the jump of this step, as a share of the price before; 0 but in a gap.
    [[nodiscard]] double jump() const { return m_jump; }

private:
    void fillBook();

    const DrillPlan &m_drill;
    const MarketPlan &m_plan;
    Dice m_dice;
    market::OrderBook m_book;
    Price m_mark;
    double m_price;
    double m_before{0}; ///< price when the event began
    double m_jump{0};
    Ratio m_funding;
    bool m_fell{false};
    bool m_settled{false};
    double m_depth{1};
    std::vector<Level> m_bids;
    std::vector<Level> m_asks;
};

} // namespace core::runtime::drill
