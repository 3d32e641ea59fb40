#include "core/runtime/drill/reference_exit.h"

#include <algorithm>

namespace core::runtime::drill
{

namespace
{
constexpr std::size_t kLevels = 100;
}

void ReferenceExit::onMarket(const DrillExchange &exchange, std::size_t market)
{
    for (Piece &piece : m_pieces) {
        if (piece.market != market || piece.left <= 0)
            continue;
        const double sign = piece.direction == Direction::Long ? 1.0 : -1.0;
        std::vector<Level> levels;
        exchange.market(market).book().copyLevels(sign > 0 ? Side::Buy : Side::Sell, kLevels, levels);
        for (const Level &level : levels) {
            if (piece.left <= 0)
                break;
            piece.lastPrice = level.price.toDouble();
            const double taken = std::min(piece.left, level.quantity.toDouble());
            piece.left -= taken;
            piece.cash += sign * (piece.lastPrice - piece.entry) * taken;
            m_loss += taken * piece.lastPrice * m_feeRate;
        }
    }
}

double ReferenceExit::loss() const
{
    double loss = m_loss;
    for (const Piece &piece : m_pieces) {
        const double sign = piece.direction == Direction::Long ? 1.0 : -1.0;
        loss -= piece.cash;
        if (piece.lastPrice > 0)
            loss += (piece.entry - piece.lastPrice) * sign * piece.left + piece.left * piece.lastPrice * m_feeRate;
    }
    return loss;
}

} // namespace core::runtime::drill
