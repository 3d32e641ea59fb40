#pragma once

#include <functional>
#include <map>
#include <set>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "core/analysis/risk_estimates.h"
#include "core/analysis/volume_profile.h"
#include "core/base/clock.h"
#include "core/market/candle_builder.h"
#include "core/runtime/channels.h"
#include "core/risk/facts.h"
#include "core/runtime/record_keeper.h"

namespace core::runtime
{

/// What the risk rules are told of the markets: volatilities and ranges that changed, and the correlations when an hour has closed.
struct EstimateNews {
    std::vector<risk::Estimate> estimates;
    std::optional<risk::Correlation> correlation;
};

/// The analysis thread's object: takes trade batches, keeps candles and the session profile, publishes the profile at
/// most four times a second and hands closed candles to storage. Lives on the analysis thread.
class AnalysisWorker final : public QObject
{
    Q_OBJECT

public:
    /// `tell` is called on the analysis thread; it may be empty.
    AnalysisWorker(const Clock &clock, Channels &channels, RecordKeeper &records, std::function<void(EstimateNews)> tell = {});

    /// Candles and a session profile are kept for every instrument.
    void describe(const Instrument &instrument);
    /// From here on this one's profile is published.
    void show(const InstrumentKey &instrument);
    /// Takes what is waiting.
    void work();

private:
    void closeByTime();
    void keep(const Candle &candle);
    void publish();
    void estimate();

    static constexpr Duration kLateGrace = std::chrono::seconds{2};

    const Clock &m_clock;
    Channels &m_channels;
    RecordKeeper &m_records;
    std::map<InstrumentKey, market::CandleBuilder> m_candles;
    std::map<InstrumentKey, analysis::VolumeProfile> m_profiles;
    std::function<void(EstimateNews)> m_tell;
    analysis::RiskEstimates m_estimates;
    std::set<InstrumentKey> m_estimated;    ///< with hours on record
    std::set<InstrumentKey> m_estimateNews; ///< changed since the last telling
    bool m_hourClosed{false};
    std::optional<InstrumentKey> m_shown;
    std::optional<Duration> m_clockOffset; ///< venue time − ours, of the newest trade
    QTimer m_publishTimer;
    QTimer m_closeTimer;
    bool m_changed{false};
};

} // namespace core::runtime
