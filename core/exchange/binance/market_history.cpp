#include "core/exchange/binance/market_history.h"

#include <algorithm>

#include <QtCore/QTimer>

#include "core/exchange/binance/signer.h"
#include "core/exchange/binance/stream_names.h"

namespace core::exchange::binance
{
namespace
{
using namespace std::chrono_literals;

constexpr int kFailuresMax = 6;
constexpr Duration kWaitMax = 10min; ///< a longer pause is told instead of waited for
constexpr Duration kRetryFirst = 500ms;
constexpr std::size_t kCandlesPerPage = 1000; ///< weight 5, the cheapest per row
constexpr std::size_t kTradesPerPage = 1000;
constexpr std::size_t kRatesPerPage = 1000;
constexpr Duration kTradesKept = 24h;
constexpr Duration kTradeSpan = 1h - 1ms; ///< a question by time reaches less than an hour

void appendTime(std::string &query, std::string_view name, UtcTime time)
{
    appendParameter(query, name, std::to_string(toMilliseconds(time)));
}

UtcTime lastMillisecond(UtcTime end)
{
    return std::chrono::ceil<std::chrono::milliseconds>(end) - 1ms;
}

} // namespace

MarketHistory::MarketHistory(const ClientOptions &options, const Clock &clock, RestGateway &rest,
                             QObject *parent)
    : QObject(parent), m_options(options), m_clock(clock), m_rest(rest)
{
}

MarketHistory::~MarketHistory() = default;

void MarketHistory::stop()
{
    ++m_generation;
    m_waiting.clear();
    m_running.reset();
}

void MarketHistory::after(Duration delay, std::function<void()> action)
{
    QTimer::singleShot(std::chrono::ceil<std::chrono::milliseconds>(delay), this,
                       [this, born = m_generation, action = std::move(action)] {
                           if (born == m_generation)
                               action();
                       });
}

void MarketHistory::enqueue(std::shared_ptr<Job> job)
{
    if (job->urgent) {
        ask(job);
        return;
    }
    m_waiting.push_back(std::move(job));
    if (m_running)
        return;
    m_running = m_waiting.front();
    m_waiting.pop_front();
    ask(m_running);
}

void MarketHistory::ask(const std::shared_ptr<Job> &job)
{
    m_rest.call(job->next(), [this, job, born = m_generation](const RestResult &result) {
        if (born == m_generation)
            onAnswer(job, result);
    });
}

void MarketHistory::onAnswer(const std::shared_ptr<Job> &job, const RestResult &result)
{
    if (result) {
        job->failures = 0;
        const auto complete = job->read(*result);
        if (!complete)
            end(job, complete.error());
        else if (*complete)
            end(job, std::nullopt);
        else
            ask(job);
        return;
    }
    const RestFailure &failure = result.error();
    const bool pause = failure.disposition == Disposition::Limited ||
                       failure.disposition == Disposition::Banned ||
                       failure.disposition == Disposition::Forbidden;
    // Nothing is changed by these questions, so an unknown outcome is simply asked again.
    const bool again =
        failure.disposition == Disposition::Retry || failure.disposition == Disposition::Unknown;
    job->failures += pause ? 0 : 1;
    const Duration wait =
        failure.retryAfter.value_or(pause ? Duration{1s} : kRetryFirst * (1 << job->failures));
    if ((!pause && !again) || job->failures >= kFailuresMax || wait > kWaitMax) {
        end(job, failure.error);
        return;
    }
    after(wait, [this, job] { ask(job); });
}

void MarketHistory::end(const std::shared_ptr<Job> &job, std::optional<Error> error)
{
    const std::uint64_t born = m_generation;
    const bool wasRunning = job == m_running;
    if (wasRunning)
        m_running.reset();
    if (wasRunning && !m_waiting.empty()) {
        m_running = m_waiting.front();
        m_waiting.pop_front();
        ask(m_running);
    }
    if (born == m_generation)
        job->finish(std::move(error));
}

std::shared_ptr<MarketHistory::Job> MarketHistory::candleJob(const InstrumentKey &instrument, Duration length,
                                                             ports::TimeRange range, net::Lane lane,
                                                             ports::Done<std::vector<Candle>> done)
{
    struct Progress {
        UtcTime from;
        std::vector<Candle> rows;
    };
    auto job = std::make_shared<Job>();
    const auto progress = std::make_shared<Progress>(Progress{range.from, {}});
    job->next = [=] {
        RestCall call{.path = "/fapi/v1/klines", .lane = lane, .cost = {.weight = 5, .orders = 0}};
        appendParameter(call.query, "symbol", instrument.symbol.view());
        appendParameter(call.query, "interval", *intervalName(length));
        appendTime(call.query, "startTime", progress->from);
        appendTime(call.query, "endTime", lastMillisecond(range.to));
        appendParameter(call.query, "limit", std::to_string(kCandlesPerPage));
        return call;
    };
    job->read = [=, this](const RestAnswer &answer) -> Result<bool> {
        auto page = parseKlines(answer.body, instrument, venueNow());
        if (!page)
            return fail(page.error());
        const bool last = page->size() < kCandlesPerPage;
        for (Candle &candle : *page) {
            const bool grows = progress->rows.empty() || candle.openTime > progress->rows.back().openTime;
            if (candle.openTime < range.from || candle.openTime >= range.to || !grows)
                continue; // outside, or given twice
            progress->rows.push_back(std::move(candle));
        }
        if (last || progress->rows.empty())
            return true;
        const UtcTime next = progress->rows.back().openTime + length;
        const bool stands = next <= progress->from;
        progress->from = next;
        return stands || next >= range.to;
    };
    job->finish = [=, done = std::move(done)](std::optional<Error> error) {
        if (error)
            done(fail(*error));
        else
            done(withoutHoles(progress->rows, length));
    };
    return job;
}

void MarketHistory::candles(const InstrumentKey &instrument, Duration length, ports::TimeRange range,
                            ports::Done<std::vector<Candle>> done)
{
    if (!intervalName(length) || range.from >= range.to) {
        after(Duration{0}, [done = std::move(done)] {
            done(fail(ErrorCode::InvalidArgument, "candles: no such length, or an empty range"));
        });
        return;
    }
    enqueue(candleJob(instrument, length, range, net::Lane::History, std::move(done)));
}

void MarketHistory::missedCandles(const InstrumentKey &instrument, Duration length, ports::TimeRange range,
                                  ports::Done<std::vector<Candle>> done)
{
    auto job = candleJob(instrument, length, range, net::Lane::Normal, std::move(done));
    job->urgent = true;
    enqueue(std::move(job));
}

void MarketHistory::trades(const InstrumentKey &instrument, ports::TimeRange range,
                           ports::Done<std::vector<Trade>> done)
{
    struct Progress {
        UtcTime from;
        std::int64_t nextId{0}; ///< 0: nothing found yet, ask by time
        std::vector<Trade> rows;
    };
    auto job = std::make_shared<Job>();
    const auto progress =
        std::make_shared<Progress>(Progress{std::max(range.from, venueNow() - kTradesKept), 0, {}});
    job->next = [=] {
        RestCall call{
            .path = "/fapi/v1/aggTrades", .lane = net::Lane::History, .cost = {.weight = 20, .orders = 0}};
        appendParameter(call.query, "symbol", instrument.symbol.view());
        if (progress->nextId > 0) {
            appendParameter(call.query, "fromId", std::to_string(progress->nextId));
        } else {
            appendTime(call.query, "startTime", progress->from);
            appendTime(call.query, "endTime",
                       std::min(progress->from + kTradeSpan, lastMillisecond(range.to)));
        }
        appendParameter(call.query, "limit", std::to_string(kTradesPerPage));
        return call;
    };
    job->read = [=, this](const RestAnswer &answer) -> Result<bool> {
        const auto page = parseAggregateTrades(answer.body, instrument, m_clock.now());
        if (!page)
            return fail(page.error());
        const bool byId = progress->nextId > 0;
        for (const Trade &trade : *page) {
            if (trade.venueTime >= range.to)
                return true;
            if (trade.venueTime >= range.from && trade.id >= progress->nextId)
                progress->rows.push_back(trade);
            progress->nextId = std::max(progress->nextId, trade.id + 1);
        }
        if (byId) // by id there is no other end than a page that is not full
            return page->size() < kTradesPerPage;
        progress->from += kTradeSpan + 1ms;
        return page->empty() && progress->from >= std::min(range.to, venueNow());
    };
    job->finish = [=, done = std::move(done)](std::optional<Error> error) {
        if (error)
            done(fail(*error));
        else
            done(std::move(progress->rows));
    };
    if (progress->from >= range.to) {
        after(Duration{0}, [job] { job->finish(std::nullopt); });
        return;
    }
    enqueue(std::move(job));
}

void MarketHistory::fundingRates(const InstrumentKey &instrument, ports::TimeRange range,
                                 ports::Done<std::vector<FundingRate>> done)
{
    struct Progress {
        UtcTime from;
        std::vector<FundingRate> rows;
    };
    auto job = std::make_shared<Job>();
    const auto progress = std::make_shared<Progress>(Progress{range.from, {}});
    job->next = [=] {
        RestCall call{.path = "/fapi/v1/fundingRate",
                      .lane = net::Lane::History,
                      .cost = {.weight = 0, .orders = 0, .funding = 1}};
        appendParameter(call.query, "symbol", instrument.symbol.view());
        appendTime(call.query, "startTime", progress->from);
        appendTime(call.query, "endTime", lastMillisecond(range.to));
        appendParameter(call.query, "limit", std::to_string(kRatesPerPage));
        return call;
    };
    job->read = [=](const RestAnswer &answer) -> Result<bool> {
        const auto page = parseFundingRates(answer.body);
        if (!page)
            return fail(page.error());
        for (const FundingRate &rate : *page) {
            const bool grows = progress->rows.empty() || rate.time > progress->rows.back().time;
            if (rate.time >= range.from && rate.time < range.to && rate.instrument == instrument && grows)
                progress->rows.push_back(rate);
        }
        if (page->size() < kRatesPerPage)
            return true;
        const UtcTime next = page->back().time + 1ms;
        const bool stands = next <= progress->from;
        progress->from = next;
        return stands || next >= range.to;
    };
    job->finish = [=, done = std::move(done)](std::optional<Error> error) {
        if (error)
            done(fail(*error));
        else
            done(std::move(progress->rows));
    };
    enqueue(std::move(job));
}

} // namespace core::exchange::binance
