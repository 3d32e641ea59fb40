#include "core/runtime/analysis_worker.h"

#include <cmath>

namespace core::runtime
{

using namespace std::chrono_literals;

namespace
{
constexpr auto kPublishEvery = 250ms; // methods.md 4.5: the value area at UI rate
constexpr auto kCandleLength = std::chrono::minutes{1};

[[nodiscard]] analysis::ProfileConfig profileConfig(const Instrument &instrument)
{
    analysis::ProfileConfig config;
    config.tickSize = instrument.tickSize;
    return config;
}
} // namespace

AnalysisWorker::AnalysisWorker(const Clock &clock, Channels &channels, RecordKeeper &records,
                               std::function<void(EstimateNews)> tell)
    : m_clock(clock), m_channels(channels), m_records(records), m_tell(std::move(tell))
{
    m_publishTimer.setInterval(kPublishEvery);
    connect(&m_publishTimer, &QTimer::timeout, this, &AnalysisWorker::publish);
    m_publishTimer.start();
    m_closeTimer.setInterval(1s);
    connect(&m_closeTimer, &QTimer::timeout, this, &AnalysisWorker::closeByTime);
    m_closeTimer.start();
}

void AnalysisWorker::describe(const Instrument &instrument)
{
    m_candles.try_emplace(instrument.key, instrument.key, kCandleLength);
    m_profiles.try_emplace(instrument.key, profileConfig(instrument));
}

void AnalysisWorker::show(const InstrumentKey &instrument)
{
    m_shown = instrument;
    m_changed = true;
    publish();
}

void AnalysisWorker::work()
{
    for (const Trade &trade : m_channels.analysisTrades.takeAll()) {
        m_clockOffset = trade.venueTime - trade.receivedAt;
        const auto candles = m_candles.find(trade.instrument);
        if (candles != m_candles.end()) {
            for (const Candle &candle : candles->second.update(trade))
                keep(candle);
        }
        if (const auto profile = m_profiles.find(trade.instrument); profile != m_profiles.end()) {
            profile->second.update(trade);
            m_changed = m_changed || trade.instrument == m_shown;
        }
    }
    for (const Candle &hour : m_channels.analysisHours.takeAll()) {
        m_estimates.onCandle(hour);
        m_estimated.insert(hour.instrument);
        m_estimateNews.insert(hour.instrument);
        m_hourClosed = true;
    }
    estimate();
}

namespace
{
/// Absent also where it does not fit; rounded to the nearest, which is far inside what an estimate can mean.
std::optional<std::int64_t> rawOf(std::optional<double> value)
{
    constexpr double kMost = 9e10;
    if (!value || !std::isfinite(*value) || std::abs(*value) > kMost)
        return std::nullopt;
    return std::llround(*value * static_cast<double>(kDecimalOne));
}
std::optional<Ratio> ratioOf(std::optional<double> value)
{
    const auto raw = rawOf(value);
    return raw ? std::optional(Ratio::fromRaw(*raw)) : std::nullopt;
}
} // namespace

void AnalysisWorker::estimate()
{
    if (!m_tell || m_estimateNews.empty())
        return;
    EstimateNews news;
    for (const InstrumentKey &instrument : std::exchange(m_estimateNews, {})) {
        const analysis::RiskEstimate found = m_estimates.of(instrument);
        const auto volume = rawOf(found.hourVolume);
        news.estimates.push_back({.instrument = instrument,
                                  .atr = ratioOf(found.atr),
                                  .sigmaDay = ratioOf(found.sigmaDay),
                                  .sigmaUsual = ratioOf(found.sigmaUsual),
                                  .sigmaShort = ratioOf(found.sigmaShort),
                                  .hourVolume = volume ? std::optional(Money::fromRaw(*volume)) : std::nullopt,
                                  .at = found.at});
    }
    if (std::exchange(m_hourClosed, false)) {
        const std::vector<InstrumentKey> all(m_estimated.begin(), m_estimated.end());
        if (const analysis::Shrunk shrunk = m_estimates.correlation(all); shrunk.size == all.size()) {
            risk::Correlation correlation{.instruments = all, .values = {}, .at = m_clock.now()};
            for (const double value : shrunk.values)
                correlation.values.push_back(ratioOf(value).value_or(Ratio{}));
            news.correlation = std::move(correlation);
        }
    }
    m_tell(std::move(news));
}

void AnalysisWorker::closeByTime()
{
    if (!m_clockOffset)
        return;
    const UtcTime venueNow = m_clock.now() + *m_clockOffset - kLateGrace;
    for (auto &[instrument, candles] : m_candles) {
        if (!candles.current())
            continue; // nothing was traded yet
        for (const Candle &candle : candles.advanceTo(venueNow))
            keep(candle);
    }
    estimate();
}

void AnalysisWorker::keep(const Candle &candle)
{
    static_cast<void>(m_records.candle(candle)); // a refusal shows in the storage state, which the screen draws
    m_estimates.onCandle(candle);
    if (m_estimated.contains(candle.instrument))
        m_estimateNews.insert(candle.instrument);
}

void AnalysisWorker::publish()
{
    const auto profile = m_shown ? m_profiles.find(*m_shown) : m_profiles.end();
    if (!m_changed || profile == m_profiles.end())
        return;
    m_changed = false;
    auto snapshot = std::make_shared<const analysis::ProfileSnapshot>(profile->second.snapshot());
    if (m_channels.profile.put({*m_shown, std::move(snapshot)}) && m_channels.wakeScreen)
        m_channels.wakeScreen();
}

} // namespace core::runtime
