#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/domain/market_data.h"

namespace core::analysis
{

/// Volume-weighted mean price and its volume-weighted population deviation, one pass, O(1) per term.
/// Undefined until some volume came. Never mix price sources (prints, bars) without reset. One thread.
/// Source: West 1979; methods.md 1.11.
class VwapBands
{
public:
    /// A term without positive volume or with a price that is no number changes nothing.
    void add(double price, double volume);
    void reset() { *this = VwapBands{}; }

    [[nodiscard]] double volume() const { return m_volume; }
    [[nodiscard]] std::optional<double> vwap() const;
    [[nodiscard]] std::optional<double> deviation() const;
    /// vwap + multiple × deviation; bands are drawn at ±1, ±2, ±3.
    [[nodiscard]] std::optional<double> band(double multiple) const;

private:
    double m_volume{0};
    double m_mean{0};
    double m_squares{0};
};

/// VWAP with bands of the running session from prints. Only TradeKind::Market counts; the first print of a
/// new session starts anew; prints of an older session are ignored. Sessions are aligned to 00:00 UTC. One
/// thread.
class SessionVwap
{
public:
    /// REQUIRES: session > 0.
    explicit SessionVwap(Duration session = std::chrono::hours{24});

    /// True when the print was counted.
    bool update(const Trade &trade);

    [[nodiscard]] const VwapBands &bands() const { return m_bands; }
    [[nodiscard]] std::optional<UtcTime> sessionStart() const { return m_sessionStart; }

private:
    Duration m_session;
    std::optional<UtcTime> m_sessionStart;
    VwapBands m_bands;
};

} // namespace core::analysis
