#include "core/analysis/risk_estimates.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace core::analysis
{

namespace
{
using std::chrono::hours;
using std::chrono::minutes;

constexpr double kHoursPerDay = 24;
constexpr double kMinutesPerDay = 24 * 60;
/// A longer hole is a market that was not watched: its estimates begin anew.
constexpr int kHoursFilledMax = 24;

std::optional<double> scaledSigma(std::optional<double> variance, double bars)
{
    return variance ? std::optional(std::sqrt(*variance * bars)) : std::nullopt;
}
} // namespace

void RiskEstimates::keepSigma(Market &market)
{
    const auto sigma = scaledSigma(market.hours.value(), kHoursPerDay);
    if (!sigma)
        return;
    market.sigmas.push_back(*sigma);
    market.sorted.insert(std::upper_bound(market.sorted.begin(), market.sorted.end(), *sigma), *sigma);
    if (market.sigmas.size() <= kUsualKept)
        return;
    market.sorted.erase(std::lower_bound(market.sorted.begin(), market.sorted.end(), market.sigmas.front()));
    market.sigmas.pop_front();
}

void RiskEstimates::onHour(Market &market, const Candle &candle)
{
    const auto step = [&](UtcTime openTime, double high, double low, double close, double volume) {
        if (market.lastHour)
            market.returns.push_back({openTime, std::log(close / market.close)});
        if (market.returns.size() > kHoursCorrelated)
            market.returns.pop_front();
        market.atr.update(high, low, close);
        market.hours.update(close);
        market.close = close;
        market.hourVolume = volume;
        market.lastHour = openTime;
        keepSigma(market);
    };
    if (market.lastHour && candle.openTime - *market.lastHour > hours{kHoursFilledMax}) {
        const auto minutesSeen = market.minutes;
        const auto lastMinute = market.lastMinute;
        market = Market{};
        market.minutes = minutesSeen;
        market.lastMinute = lastMinute;
    }
    while (market.lastHour && candle.openTime - *market.lastHour > hours{1})
        step(*market.lastHour + hours{1}, market.close, market.close, market.close, 0);
    // Hyperliquid's candles bear no quote volume: it is the volume at the close.
    const double volume = candle.quoteVolume.isZero() ? candle.volume.toDouble() * candle.close.toDouble()
                                                      : candle.quoteVolume.toDouble();
    step(candle.openTime, candle.high.toDouble(), candle.low.toDouble(), candle.close.toDouble(), volume);
}

void RiskEstimates::onCandle(const Candle &candle)
{
    if (!candle.closed || !candle.close.isPositive() || candle.high < candle.low)
        return;
    Market &market = m_markets[candle.instrument];
    if (candle.length == hours{1}) {
        if (market.lastHour && candle.openTime <= *market.lastHour)
            return;
        onHour(market, candle);
    } else if (candle.length == minutes{1}) {
        if (market.lastMinute && candle.openTime <= *market.lastMinute)
            return;
        // What moved while nobody watched is not one minute's return.
        if (market.lastMinute && candle.openTime - *market.lastMinute > minutes{5})
            market.minutes = EwmaVariance{EwmaVariance::lambdaFor(10)};
        market.minutes.update(candle.close.toDouble());
        market.lastMinute = candle.openTime;
    } else {
        return;
    }
    market.at = std::max(market.at, candle.openTime + candle.length);
}

RiskEstimate RiskEstimates::of(const InstrumentKey &instrument) const
{
    const auto found = m_markets.find(instrument);
    if (found == m_markets.end())
        return {};
    const Market &market = found->second;
    RiskEstimate result;
    result.at = market.at;
    if (const auto atr = market.atr.value(); atr && market.close > 0)
        result.atr = *atr / market.close;
    result.sigmaDay = scaledSigma(market.hours.value(), kHoursPerDay);
    result.sigmaShort = scaledSigma(market.minutes.value(), kMinutesPerDay);
    result.hourVolume = market.hourVolume;
    if (const std::size_t n = market.sorted.size(); n >= kUsualNeeded)
        result.sigmaUsual = n % 2 != 0 ? market.sorted[n / 2] : 0.5 * (market.sorted[n / 2 - 1] + market.sorted[n / 2]);
    return result;
}

Shrunk RiskEstimates::correlation(const std::vector<InstrumentKey> &instruments) const
{
    std::map<UtcTime, std::vector<double>> rows;
    for (const InstrumentKey &instrument : instruments) {
        const auto found = m_markets.find(instrument);
        if (found == m_markets.end())
            return {};
        for (const Hour &hour : found->second.returns)
            rows[hour.openTime].push_back(hour.logReturn);
    }
    std::vector<std::vector<double>> shared;
    for (auto it = rows.rbegin(); it != rows.rend() && shared.size() < kHoursCorrelated; ++it) {
        if (it->second.size() == instruments.size())
            shared.push_back(it->second);
    }
    return shared.size() < kRowsNeeded ? Shrunk{} : shrunkCorrelation(shared);
}

} // namespace core::analysis
