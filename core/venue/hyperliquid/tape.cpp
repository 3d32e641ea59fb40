#include "core/venue/hyperliquid/tape.h"

#include <fmt/format.h>

namespace core::venue::hyperliquid
{

Tape::Tape(const Universe &universe) : m_universe(universe), m_rows(universe.size()) {}

const PublicTrade &Tape::onTrade(std::size_t asset, const Trade &trade)
{
    Row &row = m_rows[asset];
    PublicTrade made;
    made.trade = trade;
    // Made up, and so that they can be told apart: 50 bits, and two strangers.
    made.tid = static_cast<std::int64_t>((++m_count * 0xD1342543DE82EF95ULL) & ((1ULL << 50U) - 1));
    made.buyer = fmt::format("0x{:040x}", 0xB0B0'0000'0000ULL + m_count % 97);
    made.seller = fmt::format("0x{:040x}", 0x5E11'0000'0000ULL + m_count % 89);
    m_candles.onTrade(m_universe.symbol(asset), trade);
    row.day.baseVolume += trade.quantity.raw();
    row.day.notionalVolume += notional(trade.price, trade.quantity, Rounding::HalfEven).value_or(Money{}).raw();
    row.recent.push_back(std::move(made));
    if (row.recent.size() > kRecentTrades)
        row.recent.pop_front();
    return row.recent.back();
}

void Tape::onFunding(std::size_t asset, Ratio rate, Ratio premium, UtcTime at)
{
    m_rows[asset].fundings.push_back({rate, premium, at});
}

} // namespace core::venue::hyperliquid
