#pragma once

#include <vector>

#include "core/runtime/drill/exchange.h"

namespace core::runtime::drill
{

/// What it would have cost to leave with the first prices that could be traded: from its beginning on, at every step of the
/// markets, the whole visible book is taken until nothing is left. Nobody's decisions are in it, only the exchange's books:
/// money, fees included. One thread.
class ReferenceExit
{
public:
    struct Piece {
        std::size_t market{0};
        Direction direction{Direction::Long};
        double entry{0};
        double left{0};      ///< base units, ≥ 0
        double cash{0};      ///< result of what was sold so far, without fees
        double lastPrice{0}; ///< worst one taken so far
    };
    /// `lossBefore`: what had been lost already, money. `feeRate` of the taker.
    ReferenceExit(std::vector<Piece> pieces, double lossBefore, double feeRate)
        : m_pieces(std::move(pieces)), m_loss(lossBefore), m_feeRate(feeRate)
    {
    }

    /// The market has a new book that can be traded.
    void onMarket(const DrillExchange &exchange, std::size_t market);
    /// Loss so far; what is left is worth the last price that was taken. Money, a loss is positive.
    [[nodiscard]] double loss() const;

private:
    std::vector<Piece> m_pieces;
    double m_loss;
    double m_feeRate;
};

} // namespace core::runtime::drill
