#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include <QtCore/QObject>

#include "core/exchange/binance/codec_history.h"
#include "core/exchange/binance/rest_gateway.h"
#include "core/ports/exchange_client.h"

namespace core::exchange::binance
{

/// Candles, trades and funding rates of the past, page by page, one question at a time in lane History; a
/// full budget or a pause ordered by the venue makes it wait, a broken connection makes it ask again. Oldest
/// first, ranges half-open. Engine thread; answers come from the event loop and not after `stop`. Source:
/// reference/binance-usdm.md sections 3.1, 3.5–3.7.
class MarketHistory final : public QObject
{
    Q_OBJECT
public:
    MarketHistory(const ClientOptions &options, const Clock &clock, RestGateway &rest, QObject *parent);
    ~MarketHistory() override;

    /// Holes between two rows are filled with candles without trades; the running candle is last and not
    /// closed. The list ends with the venue's last row: nothing is made up beyond it.
    void candles(const InstrumentKey &instrument, Duration length, ports::TimeRange range,
                 ports::Done<std::vector<Candle>> done);
    /// What a stream has missed: in lane Normal, ahead of what waits.
    void missedCandles(const InstrumentKey &instrument, Duration length, ports::TimeRange range,
                       ports::Done<std::vector<Candle>> done);
    /// The venue keeps 24 hours.
    void trades(const InstrumentKey &instrument, ports::TimeRange range,
                ports::Done<std::vector<Trade>> done);
    void fundingRates(const InstrumentKey &instrument, ports::TimeRange range,
                      ports::Done<std::vector<FundingRate>> done);
    void stop();

private:
    /// One question after the other until `read` says that it was the last.
    struct Job {
        std::function<RestCall()> next;
        std::function<Result<bool>(const RestAnswer &)> read; ///< true: complete
        std::function<void(std::optional<Error>)> finish;
        int failures{0};
        bool urgent{false};
    };

    void enqueue(std::shared_ptr<Job> job);
    void ask(const std::shared_ptr<Job> &job);
    void onAnswer(const std::shared_ptr<Job> &job, const RestResult &result);
    void end(const std::shared_ptr<Job> &job, std::optional<Error> error);
    [[nodiscard]] std::shared_ptr<Job> candleJob(const InstrumentKey &instrument, Duration length,
                                                 ports::TimeRange range, net::Lane lane,
                                                 ports::Done<std::vector<Candle>> done);
    [[nodiscard]] UtcTime venueNow() const { return m_rest.venueClock().now(); }
    void after(Duration delay, std::function<void()> action);

    const ClientOptions &m_options;
    const Clock &m_clock;
    RestGateway &m_rest;
    std::deque<std::shared_ptr<Job>> m_waiting;
    std::shared_ptr<Job> m_running; ///< of those in lane History
    std::uint64_t m_generation{0};
};

} // namespace core::exchange::binance
