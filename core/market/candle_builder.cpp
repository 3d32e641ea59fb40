#include "core/market/candle_builder.h"

#include <algorithm>
#include <limits>

#include "core/base/assert.h"

namespace core::market
{

namespace
{

constexpr std::int64_t kRawMax = std::numeric_limits<std::int64_t>::max();

/// 1e-16 to 1e-8, half to even. REQUIRES: sum ≥ 0 and the result fits.
[[nodiscard]] Money roundedQuote(Wide sum)
{
    Wide quotient = sum / kDecimalOne;
    const Wide rest = sum % kDecimalOne * 2;
    if (rest > kDecimalOne || (rest == kDecimalOne && quotient % 2 != 0))
        ++quotient;
    return Money::fromRaw(static_cast<std::int64_t>(quotient));
}

/// How many single prints a (joined) trade stands for.
[[nodiscard]] std::int64_t printsOf(const Trade &trade)
{
    return trade.firstId > 0 && trade.lastId >= trade.firstId ? trade.lastId - trade.firstId + 1 : 1;
}

} // namespace

CandleBuilder::CandleBuilder(const InstrumentKey &instrument, Duration length, TradeIds ids)
    : m_instrument(instrument), m_length(std::max(length, Duration{1})), m_ids(ids)
{
    CORE_ASSERT(length > Duration::zero(), "REQUIRES: length > 0");
}

UtcTime CandleBuilder::openTimeOf(UtcTime time) const
{
    const std::int64_t count = toNanoseconds(time);
    return utcFromNanoseconds(roundToStep(count, m_length.count(), Rounding::Floor));
}

std::vector<Candle> CandleBuilder::update(const Trade &trade)
{
    CORE_ASSERT(trade.instrument == m_instrument, "REQUIRES: a print of this builder's contract");
    std::vector<Candle> closed;
    if (m_ids == TradeIds::Ascending) {
        if (m_lastId && trade.id <= *m_lastId) {
            ++m_counters.duplicates;
            return closed;
        }
        m_lastId = trade.id;
    }
    if (trade.kind != TradeKind::Market) {
        ++m_counters.otherKinds;
        return closed;
    }
    if (!trade.price.isPositive() || !trade.quantity.isPositive()) {
        ++m_counters.refused;
        return closed;
    }
    if (m_open && trade.venueTime < m_candle.openTime) {
        ++m_counters.late;
        return closed;
    }
    const UtcTime openTime = openTimeOf(trade.venueTime);
    if (!m_open)
        openFlat(openTime, trade.price);
    else if (openTime > m_candle.openTime)
        closeUpTo(openTime, closed);
    if (!add(trade))
        ++m_counters.refused;
    return closed;
}

std::vector<Candle> CandleBuilder::advanceTo(UtcTime now)
{
    std::vector<Candle> closed;
    const UtcTime openTime = openTimeOf(now);
    if (m_open && openTime > m_candle.openTime)
        closeUpTo(openTime, closed);
    return closed;
}

void CandleBuilder::continueFrom(const Candle &lastClosed)
{
    openFlat(openTimeOf(lastClosed.openTime) + m_length, lastClosed.close);
}

std::optional<Candle> CandleBuilder::current() const
{
    if (!m_open)
        return std::nullopt;
    Candle candle = m_candle;
    candle.quoteVolume = roundedQuote(m_quoteSum);
    return candle;
}

void CandleBuilder::closeUpTo(UtcTime openTime, std::vector<Candle> &closed)
{
    m_candle.quoteVolume = roundedQuote(m_quoteSum);
    m_candle.closed = true;
    closed.push_back(m_candle);
    const UtcTime next = m_candle.openTime + m_length;
    const Price price = m_candle.close;
    if ((openTime - next) / m_length <= kSyntheticRunMax) {
        for (UtcTime missing = next; missing < openTime; missing += m_length) {
            openFlat(missing, price);
            m_candle.closed = true;
            closed.push_back(m_candle);
        }
    }
    openFlat(openTime, price);
}

void CandleBuilder::openFlat(UtcTime openTime, Price price)
{
    m_open = true;
    m_quoteSum = 0;
    m_candle = Candle{};
    m_candle.instrument = m_instrument;
    m_candle.openTime = openTime;
    m_candle.length = m_length;
    m_candle.open = m_candle.high = m_candle.low = m_candle.close = price;
    m_candle.synthetic = true;
}

bool CandleBuilder::add(const Trade &trade)
{
    const auto volume = core::add(m_candle.volume, trade.quantity);
    const Wide quoteSum = m_quoteSum + static_cast<Wide>(trade.price.raw()) * trade.quantity.raw();
    const auto trades = checkedAdd(m_candle.trades, printsOf(trade));
    if (!volume || !trades || quoteSum > static_cast<Wide>(kRawMax) * kDecimalOne)
        return false;
    if (m_candle.synthetic) {
        m_candle.synthetic = false;
        m_candle.open = m_candle.high = m_candle.low = trade.price;
    }
    m_candle.high = std::max(m_candle.high, trade.price);
    m_candle.low = std::min(m_candle.low, trade.price);
    m_candle.close = trade.price;
    m_candle.volume = *volume;
    if (trade.aggressor == Side::Buy) // never above the volume, which fits
        m_candle.takerBuyVolume = Quantity::fromRaw(m_candle.takerBuyVolume.raw() + trade.quantity.raw());
    m_candle.trades = *trades;
    m_quoteSum = quoteSum;
    return true;
}

} // namespace core::market
