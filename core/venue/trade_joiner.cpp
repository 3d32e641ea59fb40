#include "core/venue/json_text.h"
#include "core/venue/market_feed.h"

namespace core::venue
{

TradeJoiner::TradeJoiner(Symbol symbol, int pricePrecision, int quantityPrecision)
    : m_symbol(symbol), m_pricePrecision(pricePrecision), m_quantityPrecision(quantityPrecision)
{
}

void TradeJoiner::onTrade(const Trade &trade, Duration at, const Emit &deliver)
{
    if (trade.kind != TradeKind::Market)
        return; // insurance fund and liquidation transfers are not in the venue's aggregate
    const bool joins = m_open && m_open->price == trade.price && m_open->aggressor == trade.aggressor &&
                       trade.lastId > m_open->lastId && at - m_openedAt <= kWindow;
    if (joins) {
        m_open->quantity = add(m_open->quantity, trade.quantity).value_or(m_open->quantity);
        m_open->lastId = trade.lastId;
        m_open->venueTime = trade.venueTime;
        return;
    }
    flush(deliver);
    m_open = trade;
    m_openedAt = at;
}

void TradeJoiner::flushDue(Duration at, const Emit &deliver)
{
    if (m_open && at - m_openedAt >= kWindow)
        flush(deliver);
}

std::optional<Duration> TradeJoiner::dueAt() const
{
    return m_open ? std::optional(m_openedAt + kWindow) : std::nullopt;
}

void TradeJoiner::flush(const Emit &deliver)
{
    if (!m_open)
        return;
    Trade joined = *m_open;
    m_open.reset();
    joined.id = m_nextId++;
    const std::int64_t time = toMilliseconds(joined.venueTime);
    JsonText out;
    out.object()
        .text("e", "aggTrade")
        .number("E", time)
        .text("s", m_symbol.view())
        .number("a", joined.id)
        .fixed("p", joined.price.raw(), m_pricePrecision)
        .fixed("q", joined.quantity.raw(), m_quantityPrecision)
        .fixed("nq", joined.quantity.raw(), m_quantityPrecision)
        .number("f", joined.firstId)
        .number("l", joined.lastId)
        .number("T", time)
        .flag("m", joined.aggressor == Side::Sell)
        .number("st", 1)
        .endObject();
    m_data = out.take();
    deliver(joined, m_data);
}

} // namespace core::venue
