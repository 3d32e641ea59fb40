#include "core/exchange/hyperliquid/info_gateway.h"

#include <algorithm>
#include <charconv>

#include "core/exchange/hyperliquid/rest_codec.h"

namespace core::exchange::hyperliquid
{
namespace
{
using namespace std::chrono_literals;

constexpr std::size_t kWaitingMost = 2'000;
constexpr int kWarmActionConnections = 2;
constexpr std::size_t kShownOfAnswer = 120;
/// An order that could not leave so long is not what its sender decided any more.
constexpr Duration kEntryWaitsMost = 1s;

std::optional<Duration> retryAfterOf(const net::HttpReply &reply)
{
    const auto text = reply.header("retry-after");
    if (!text)
        return std::nullopt;
    int seconds = 0;
    const auto [stop, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
    if (error != std::errc{} || stop != text->data() + text->size() || seconds < 0)
        return std::nullopt;
    return std::chrono::seconds{seconds};
}

/// One line of a foreign body, for the log.
std::string shown(std::string_view body)
{
    std::string line(body.substr(0, kShownOfAnswer));
    std::replace_if(
        line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return line;
}

/// The elements of the outermost array; a rough count that only the budget uses.
int rowsIn(std::string_view body)
{
    return body.size() < 3 ? 0 : static_cast<int>(std::count(body.begin(), body.end(), '{'));
}

} // namespace

InfoGateway::InfoGateway(const ClientOptions &options, const Clock &clock, QObject *parent)
    : QObject(parent), m_options(options), m_clock(clock),
      m_budget(options.weightPerMinute, options.timings.limitedPauseMin, options.timings.limitedPauseMax, options.seed ^ 0x1F0UL),
      m_http(clock), m_actionHttp(clock)
{
    m_status.venue = Venue::Hyperliquid;
    m_status.name = "rest";
    m_wake.setSingleShot(true);
    connect(&m_wake, &QTimer::timeout, this, &InfoGateway::pump);
}

InfoGateway::~InfoGateway() = default;

void InfoGateway::start(bool withActions)
{
    if (withActions)
        m_actionHttp.keepWarm(m_options.endpoints.rest, kWarmActionConnections);
}

void InfoGateway::stop()
{
    ++m_generation;
    m_wake.stop();
    m_http.abortAll();
    m_actionHttp.abortAll();
    m_clockWaiters.clear();
    for (auto &queue : m_queues)
        queue.clear();
}

void InfoGateway::post(std::function<void()> action)
{
    QMetaObject::invokeMethod(
        this,
        [this, born = m_generation, action = std::move(action)] {
            if (born == m_generation)
                action();
        },
        Qt::QueuedConnection);
}

UtcTime InfoGateway::venueNow() const
{
    return m_clockKnown ? UtcTime{m_clockBase + m_clock.monotonic()} : m_clock.now();
}

void InfoGateway::info(InfoCall call, Callback done)
{
    const int rows = call.rowsPerWeight > 0 ? call.rowsMost / call.rowsPerWeight : 0;
    enqueue(call.lane, Waiting{.name = "info " + call.type,
                               .body = std::move(call.body),
                               .writer = {},
                               .weight = call.weight + rows,
                               .rowsPerWeight = call.rowsPerWeight,
                               .rowsBooked = rows,
                               .askedAt = m_clock.monotonic(),
                               .bookedAt = {},
                               .done = std::move(done)});
}

void InfoGateway::exchange(Lane lane, int weight, Writer writer, Callback done)
{
    enqueue(lane, Waiting{.name = "exchange",
                          .body = {},
                          .writer = std::move(writer),
                          .weight = weight,
                          .rowsPerWeight = 0,
                          .rowsBooked = 0,
                          .askedAt = m_clock.monotonic(),
                          .bookedAt = {},
                          .done = std::move(done)});
}

void InfoGateway::enqueue(Lane lane, Waiting waiting)
{
    auto &queue = m_queues[static_cast<std::size_t>(lane)];
    if (m_closed || queue.size() >= kWaitingMost) {
        const Error why = m_closed ? m_closed->in(waiting.name)
                                   : Error{ErrorCode::RateLimited, waiting.name + ": too many requests are waiting already"};
        post([done = std::move(waiting.done), why] {
            done(tl::unexpected(InfoFailure{why, InfoFailure::What::NotSent}));
        });
        return;
    }
    queue.push_back(std::move(waiting));
    pump();
}

/// Most urgent first. What stands behind one that must wait waits too, within its lane; less urgent lanes have
/// the smaller share and wait anyhow.
void InfoGateway::pump()
{
    dropOld();
    std::optional<Duration> wake;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        auto &queue = m_queues[lane];
        while (!queue.empty()) {
            const Duration now = m_clock.monotonic();
            const auto wait = m_budget.take(static_cast<Lane>(lane), queue.front().weight, now);
            if (wait) {
                wake = std::min(wake.value_or(*wait), *wait);
                break;
            }
            Waiting next = std::move(queue.front());
            queue.pop_front();
            next.bookedAt = now;
            dispatch(static_cast<Lane>(lane), std::move(next));
        }
    }
    if (!m_queues[static_cast<std::size_t>(Lane::Entry)].empty())
        wake = std::min<Duration>(wake.value_or(100ms), 100ms);
    if (wake)
        m_wake.start(std::chrono::ceil<std::chrono::milliseconds>(std::min<Duration>(*wake, 5s)));
}

void InfoGateway::dropOld()
{
    auto &entries = m_queues[static_cast<std::size_t>(Lane::Entry)];
    while (!entries.empty() && m_clock.monotonic() - entries.front().askedAt > kEntryWaitsMost) {
        post([done = std::move(entries.front().done)] {
            done(tl::unexpected(InfoFailure{
                Error{ErrorCode::RateLimited, "exchange: the request weight of this minute is reserved"},
                InfoFailure::What::NotSent}));
        });
        entries.pop_front();
    }
}

void InfoGateway::dispatch(Lane, Waiting waiting)
{
    const bool action = static_cast<bool>(waiting.writer);
    if (action) {
        auto body = waiting.writer();
        if (!body)
            return;
        waiting.body = std::move(*body);
        waiting.writer = {};
    }
    net::HttpRequest request;
    request.method = net::HttpMethod::Post;
    request.address = m_options.endpoints.rest;
    request.target = action ? "/exchange" : "/info";
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = std::move(waiting.body);
    request.onlyReads = !action;
    request.timeout = action ? m_options.timings.orderTimeout : m_options.timings.requestTimeout;
    const UtcTime sentAt = venueNow();
    net::HttpClient &http = action ? m_actionHttp : m_http;
    http.send(std::move(request),
              [this, sentAt, asked = std::move(waiting)](net::HttpResult result) {
                  const std::uint64_t born = m_generation;
                  InfoResult answer = judge(asked, sentAt, std::move(result));
                  if (born == m_generation)
                      asked.done(std::move(answer));
              });
    emit budgetChanged({.used = m_budget.used(m_clock.monotonic()), .limit = m_budget.limit()});
}

InfoResult InfoGateway::judge(const Waiting &asked, UtcTime sentAt, net::HttpResult result)
{
    ++m_status.messages;
    // Rows that never came are not paid for.
    if (asked.rowsBooked > 0 && (!result || result->status != 200))
        m_budget.correct(-asked.rowsBooked, asked.bookedAt, m_clock.monotonic());
    if (!result) {
        ++m_status.lost;
        const Error error = result.error().error.in(asked.name);
        m_status.lastError = error.detail;
        m_status.freshness = Freshness::Lost;
        emit statusChanged(m_status);
        return tl::unexpected(InfoFailure{
            error, result.error().maybeSent ? InfoFailure::What::Unknown : InfoFailure::What::NotSent});
    }
    m_status.roundTrip = result->roundTrip;
    if (m_clockKnown)
        m_status.clockOffset = clockSkew();
    m_status.lastMessageAt = m_clock.now();
    if (result->status != 200) {
        InfoFailure failure = judgeStatus(*result);
        failure.error = failure.error.in(asked.name);
        m_status.lastError = failure.error.detail;
        m_status.freshness = failure.what == InfoFailure::What::Unknown ? Freshness::Lost : Freshness::Fresh;
        emit statusChanged(m_status);
        return tl::unexpected(std::move(failure));
    }
    m_status.freshness = Freshness::Fresh;
    m_status.lastError.clear();
    m_budget.onSuccess(m_clock.monotonic());
    if (asked.rowsPerWeight > 0)
        m_budget.correct(std::min(rowsIn(result->body) / asked.rowsPerWeight + 1, asked.rowsBooked) -
                             asked.rowsBooked,
                         asked.bookedAt, m_clock.monotonic());
    emit statusChanged(m_status);
    return InfoAnswer{std::move(result->body), sentAt, m_clock.now()};
}

InfoFailure InfoGateway::judgeStatus(const net::HttpReply &reply)
{
    const std::string status = "HTTP " + std::to_string(reply.status);
    if (reply.status == 429) {
        m_budget.onLimited(retryAfterOf(reply), m_clock.monotonic());
        return {Error{ErrorCode::RateLimited, status}, InfoFailure::What::Limited};
    }
    if (reply.status == 400 || reply.status == 404 || reply.status == 415 || reply.status == 422)
        return {Error{ErrorCode::InvalidArgument, status + ": " + shown(reply.body)}, InfoFailure::What::Wrong};
    return {Error{ErrorCode::Unavailable, status}, InfoFailure::What::Unknown};
}

void InfoGateway::checkClock(std::function<void(bool)> done)
{
    m_clockWaiters.push_back(std::move(done));
    if (m_clockWaiters.size() > 1)
        return;
    const Duration askedAt = m_clock.monotonic();
    info({.body = R"({"type":"exchangeStatus"})", .type = "exchangeStatus", .lane = Lane::Protective, .weight = 2},
         [this, askedAt](const InfoResult &result) {
             bool known = false;
             if (result) {
                 if (const auto status = parseExchangeStatus(result->body)) {
                     const Duration middle = (askedAt + m_clock.monotonic()) / 2;
                     m_clockBase = status->time.time_since_epoch() - middle;
                     m_clockKnown = known = true;
                 } else {
                     m_status.lastError = status.error().detail;
                     emit statusChanged(m_status);
                 }
             }
             for (const auto &waiter : std::exchange(m_clockWaiters, {}))
                 waiter(known);
         });
}

} // namespace core::exchange::hyperliquid
