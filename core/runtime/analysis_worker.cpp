#include "core/runtime/analysis_worker.h"

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

AnalysisWorker::AnalysisWorker(const Clock &clock, Channels &channels, RecordKeeper &records)
    : m_clock(clock), m_channels(channels), m_records(records)
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
}

void AnalysisWorker::keep(const Candle &candle)
{
    static_cast<void>(m_records.candle(candle)); // a refusal shows in the storage state, which the screen draws
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
