#include "core/analysis/vwap.h"

#include <algorithm>
#include <cmath>

#include "core/base/assert.h"

namespace core::analysis
{

void VwapBands::add(double price, double volume)
{
    if (!(volume > 0) || !std::isfinite(volume) || !std::isfinite(price))
        return;
    if (m_volume == 0)
        m_mean = price; // otherwise the first term leaves a residue of 1e-8 relative
    m_volume += volume;
    const double distance = price - m_mean;
    m_mean += distance * volume / m_volume;
    m_squares += volume * distance * (price - m_mean);
}

std::optional<double> VwapBands::vwap() const
{
    return m_volume > 0 ? std::optional(m_mean) : std::nullopt;
}

std::optional<double> VwapBands::deviation() const
{
    return m_volume > 0 ? std::optional(std::sqrt(std::max(m_squares, 0.0) / m_volume)) : std::nullopt;
}

std::optional<double> VwapBands::band(double multiple) const
{
    return m_volume > 0 ? std::optional(m_mean + multiple * *deviation()) : std::nullopt;
}

SessionVwap::SessionVwap(Duration session) : m_session(std::max(session, Duration{1}))
{
    CORE_ASSERT(session > Duration::zero(), "REQUIRES: session > 0");
}

bool SessionVwap::update(const Trade &trade)
{
    if (trade.kind != TradeKind::Market || !trade.price.isPositive() || !trade.quantity.isPositive())
        return false;
    const UtcTime session =
        utcFromNanoseconds(roundToStep(toNanoseconds(trade.venueTime), m_session.count(), Rounding::Floor));
    if (m_sessionStart && session < *m_sessionStart)
        return false;
    if (!m_sessionStart || session > *m_sessionStart) {
        m_bands.reset();
        m_sessionStart = session;
    }
    m_bands.add(trade.price.toDouble(), trade.quantity.toDouble());
    return true;
}

} // namespace core::analysis
