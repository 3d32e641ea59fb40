#pragma once

#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "core/analysis/correlation.h"
#include "core/analysis/volatility.h"
#include "core/domain/market_data.h"

namespace core::analysis
{

/// What risk rules need of one market, from its closed candles. Absent: warm-up or a gap; never zero.
struct RiskEstimate {
    std::optional<double> atr;        ///< ATR(14) of the hours ÷ last close
    std::optional<double> sigmaDay;   ///< EWMA (half-life 46 hours) scaled to a day
    std::optional<double> sigmaUsual; ///< median of the same over 90 days, from 100 values on
    std::optional<double> sigmaShort; ///< EWMA of one-minute returns (half-life 10 minutes) scaled to a day
    std::optional<double> hourVolume; ///< quote volume of the last closed hour
    UtcTime at;                       ///< end of the newest candle
};

/// Keeps the estimates of every market and the correlations between them. Fed with closed candles of one hour and one minute,
/// oldest first per market; a repeated or earlier one changes nothing; missing hours are flat, synthetic ones (methods.md 0.3).
/// Pure; O(1) per candle but for the median (O(log n)); correlations on demand.
class RiskEstimates
{
public:
    void onCandle(const Candle &candle);
    [[nodiscard]] RiskEstimate of(const InstrumentKey &instrument) const;
    /// Over the last 720 hours that all of `instruments` share; empty below 60 of them (methods.md 8.7).
    [[nodiscard]] Shrunk correlation(const std::vector<InstrumentKey> &instruments) const;

private:
    static constexpr std::size_t kHoursCorrelated = 720;
    static constexpr std::size_t kRowsNeeded = 60;
    static constexpr std::size_t kUsualKept = 90 * 24;
    static constexpr std::size_t kUsualNeeded = 100;
    struct Hour {
        UtcTime openTime;
        double logReturn;
    };
    struct Market {
        AverageTrueRange atr{14};
        EwmaVariance hours{EwmaVariance::lambdaFor(46)};
        EwmaVariance minutes{EwmaVariance::lambdaFor(10)};
        std::deque<Hour> returns;   ///< newest last
        std::deque<double> sigmas;  ///< in order of arrival
        std::vector<double> sorted; ///< the same, ascending
        std::optional<UtcTime> lastHour, lastMinute; ///< open times
        double close{0};
        std::optional<double> hourVolume;
        UtcTime at;
    };
    static void onHour(Market &market, const Candle &candle);
    static void keepSigma(Market &market);

    std::map<InstrumentKey, Market> m_markets;
};

} // namespace core::analysis
