#include "core/exchange/binance/rest_gateway.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/decimal.h"
#include "core/exchange/binance/rest_codec.h"

namespace core::exchange::binance
{
namespace
{
using namespace std::chrono_literals;

constexpr int kClockSamples = 3;
constexpr Duration kClockOffMax = 1s;
constexpr Duration kRoundTripMax = 2500ms; ///< half of the receive window
constexpr std::string_view kReceiveWindow = "5000";
constexpr int kWarmOrderConnections = 2;

std::optional<int> headerNumber(const net::HttpReply &reply, std::string_view lowerCaseName)
{
    const auto text = reply.header(lowerCaseName);
    if (!text)
        return std::nullopt;
    int number = 0;
    const auto [stop, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc{} || stop != text->data() + text->size() || number < 0)
        return std::nullopt;
    return number;
}

std::string describe(const RestCall &call)
{
    return std::string(net::name(call.method)) + " " + call.path;
}

bool concernsTheKey(const ApiError &problem)
{
    const int code = problem.code.value_or(-2015); // a bare 401
    return code == -2014 || code == -2015 || code == -2017 || code == -1011;
}

/// Orders, their cancels and their queries have connections of their own: nothing that is downloaded stands
/// before them.
bool belongsToOrders(const RestCall &call)
{
    static constexpr std::array<std::string_view, 5> kPaths{"/fapi/v1/order", "/fapi/v1/algoOrder",
                                                            "/fapi/v1/batchOrders", "/fapi/v1/allOpenOrders",
                                                            "/fapi/v1/algoOpenOrders"};
    return call.lane == net::Lane::Protective || call.cost.orders > 0 ||
           std::find(kPaths.begin(), kPaths.end(), call.path) != kPaths.end();
}

} // namespace

RestGateway::RestGateway(ClientOptions &options, const Clock &clock, QObject *parent)
    : QObject(parent), m_options(options), m_clock(clock), m_venueClock(clock),
      m_budget(net::BudgetLimits{}, options.seed), m_http(clock), m_orderHttp(clock)
{
    if (m_options.credentials) {
        auto signer = Signer::make(m_options.credentials->keyType, m_options.credentials->secret.expose());
        if (signer)
            m_signer.emplace(std::move(*signer));
        else
            m_refusedKey = signer.error(); // told with the first call that needs it
    }
    m_status.name = "rest";
    m_clockStatus.name = "clock";
    m_care.setInterval(std::chrono::milliseconds{250});
    connect(&m_care, &QTimer::timeout, this, &RestGateway::care);
}

RestGateway::~RestGateway() = default;

void RestGateway::start()
{
    m_care.start();
    if (hasCredentials())
        m_orderHttp.keepWarm(m_options.endpoints.rest, kWarmOrderConnections);
}

void RestGateway::stop()
{
    ++m_generation;
    m_care.stop();
    m_http.abortAll();
    m_orderHttp.abortAll();
    m_clockWaiters.clear();
}

void RestGateway::post(std::function<void()> action)
{
    QMetaObject::invokeMethod(
        this,
        [this, born = m_generation, action = std::move(action)] {
            if (born == m_generation)
                action();
        },
        Qt::QueuedConnection);
}

void RestGateway::tellRefusal()
{
    if (!std::exchange(m_refusalTold, true))
        post([this] { emit credentialsRefused(*m_refusedKey); });
}

void RestGateway::call(RestCall call, Callback done)
{
    const auto refuse = [&](RestFailure failure) {
        post([done = std::move(done), failure = std::move(failure)] { done(tl::unexpected(failure)); });
    };
    if (call.security != Security::None && !m_options.credentials)
        return refuse({Error{ErrorCode::Unauthorized, describe(call) + ": no key was given"},
                       Disposition::BadCredentials, std::nullopt});
    if (call.security != Security::None && m_refusedKey) {
        tellRefusal();
        return refuse(
            {m_refusedKey->in("signed traffic is stopped"), Disposition::BadCredentials, std::nullopt});
    }
    const UtcTime now = m_venueClock.now();
    if (const auto refusal = m_budget.take(call.lane, call.cost, now))
        return refuse({refusal->error.in(describe(call)), Disposition::Limited, refusal->retryAt - now});
    sendNow(std::move(call), std::move(done));
}

void RestGateway::sendNow(RestCall call, Callback done)
{
    const UtcTime sentAt = m_venueClock.now();
    net::HttpRequest request;
    request.method = call.method;
    request.address = call.address.empty() ? m_options.endpoints.rest : call.address;
    request.timeout = call.timeout.value_or(m_options.timings.requestTimeout);
    if (call.security != Security::None)
        request.headers.emplace_back("X-MBX-APIKEY", m_options.credentials->apiKey.expose());
    std::string query = std::move(call.query); // nobody asks for it any more
    if (call.security == Security::Signed) {
        appendParameter(query, "recvWindow", kReceiveWindow);
        appendParameter(query, "timestamp", std::to_string(toMilliseconds(sentAt)));
        m_signer->sign(query);
    }
    request.target.reserve(call.path.size() + 1 + query.size());
    request.target = call.path;
    if (!query.empty())
        request.target.append("?").append(query);
    net::HttpClient &http = belongsToOrders(call) ? m_orderHttp : m_http;
    http.send(std::move(request), [this, call = std::move(call), sentAt, done = std::move(done)](net::HttpResult result) {
        done(judge(call, sentAt, std::move(result)));
    });
}

RestResult RestGateway::judge(const RestCall &call, UtcTime sentAt, net::HttpResult result)
{
    ++m_status.messages;
    if (!result) {
        ++m_status.lost;
        const Error error = result.error().error.in(describe(call));
        m_status.lastError = error.detail;
        m_status.freshness = Freshness::Lost;
        emit statusChanged(m_status);
        return tl::unexpected(RestFailure{
            error, result.error().maybeSent ? Disposition::Unknown : Disposition::Retry, std::nullopt});
    }
    if (call.address.empty()) // another address has a budget of its own
        readHeaders(call, sentAt, *result);
    m_status.roundTrip = result->roundTrip;
    if (m_venueClock.isSynchronised())
        m_status.clockOffset = m_venueClock.offset();
    m_status.lastMessageAt = m_clock.now();
    m_status.freshness = Freshness::Fresh;
    if (const auto problem = parseApiError(result->status, result->body)) {
        RestFailure failure = call.address.empty()
                                  ? judgeError(call, *problem, *result)
                                  : RestFailure{problem->error(), problem->disposition, std::nullopt};
        failure.error = failure.error.in(describe(call));
        // Expected answers of a healthy venue are no errors of the connection.
        if (problem->disposition != Disposition::NoSuchOrder &&
            problem->disposition != Disposition::AlreadySo)
            m_status.lastError = failure.error.detail;
        emit statusChanged(m_status);
        return tl::unexpected(std::move(failure));
    }
    if (result->status < 200 || result->status >= 300) {
        const Error error{ErrorCode::ParseFailed,
                          describe(call) + ": unexpected HTTP " + std::to_string(result->status)};
        return tl::unexpected(RestFailure{error, Disposition::Unknown, std::nullopt});
    }
    m_budget.onSuccess(m_venueClock.now());
    m_status.lastError.clear();
    m_signedWorked = m_signedWorked || call.security == Security::Signed;
    emit statusChanged(m_status);
    return RestAnswer{std::move(result->body), sentAt, m_clock.now()};
}

RestFailure RestGateway::judgeError(const RestCall &call, const ApiError &problem,
                                    const net::HttpReply &reply)
{
    RestFailure failure{problem.error(), problem.disposition, std::nullopt};
    const UtcTime now = m_venueClock.now();
    std::optional<Duration> retryAfter;
    if (const auto seconds = headerNumber(reply, "retry-after"))
        retryAfter = std::chrono::seconds{*seconds};
    switch (problem.disposition) {
    case Disposition::Limited:
        m_budget.onLimited(call.cost.funding > 0 ? net::RateBudget::Pool::Funding
                                                 : net::RateBudget::Pool::Weight,
                           retryAfter, now);
        break;
    case Disposition::OrdersLimited:
        m_budget.onLimited(net::RateBudget::Pool::Orders, retryAfter, now);
        break;
    case Disposition::Banned:
        m_budget.onBanned(problem.bannedUntil      ? problem.bannedUntil
                          : retryAfter.has_value() ? std::optional(now + *retryAfter)
                                                   : std::nullopt,
                          now);
        break;
    case Disposition::Forbidden:
        m_budget.onForbidden(now);
        break;
    case Disposition::BadCredentials:
        // A key that has worked is not wrong because of one request: that one is refused, the rest goes on.
        // Only what is said of the key itself stops everything.
        if (m_signedWorked && !concernsTheKey(problem)) {
            failure.disposition = Disposition::Refused;
            break;
        }
        if (!m_refusedKey) {
            m_refusedKey = failure.error;
            tellRefusal();
        }
        break;
    default:
        break;
    }
    return failure;
}

void RestGateway::readHeaders(const RestCall &call, UtcTime sentAt, const net::HttpReply &reply)
{
    // These two report a wrong weight (reference 7.1).
    const bool weightTrusted =
        call.path != "/fapi/v1/ticker/bookTicker" && call.path != "/fapi/v2/ticker/price";
    m_budget.onHeaders(weightTrusted ? headerNumber(reply, "x-mbx-used-weight-1m") : std::nullopt,
                       headerNumber(reply, "x-mbx-order-count-10s"),
                       headerNumber(reply, "x-mbx-order-count-1m"), sentAt, m_venueClock.now());
    emit budgetChanged({.used = m_budget.weightUsed(m_venueClock.now()), .limit = m_budget.weightLimit()});
}

void RestGateway::synchroniseClock(std::function<void(bool)> done)
{
    m_clockWaiters.push_back(std::move(done));
    if (m_clockWaiters.size() == 1)
        askTime(kClockSamples);
}

void RestGateway::askTime(int remaining)
{
    const Duration askedAt = m_clock.monotonic();
    RestCall time{.path = "/fapi/v1/time", .lane = net::Lane::Protective};
    call(time, [this, askedAt, remaining](const RestResult &result) {
        const Duration answeredAt = m_clock.monotonic();
        if (result) {
            if (const auto serverTime = parseServerTime(result->body))
                m_venueClock.addSample(askedAt, answeredAt, *serverTime);
        }
        if (remaining > 1 && result)
            askTime(remaining - 1);
        else
            settleClock();
    });
}

void RestGateway::settleClock()
{
    const bool settled = m_venueClock.settle();
    m_clockSyncedAt = m_clock.monotonic();
    watchClock();
    for (const auto &waiter : std::exchange(m_clockWaiters, {}))
        waiter(settled);
}

/// A wall clock that is off stamps everything wrongly that we receive; signatures are made by the venue's
/// clock.
void RestGateway::watchClock()
{
    if (!m_venueClock.isSynchronised())
        return;
    const Duration offset = m_venueClock.offset();
    const bool off = std::chrono::abs(offset) > kClockOffMax;
    const bool slow = m_venueClock.roundTrip() > kRoundTripMax;
    const Freshness freshness = off ? Freshness::Diverged : slow ? Freshness::Stale : Freshness::Fresh;
    if (m_clockStatus.freshness == freshness)
        return;
    m_clockStatus.freshness = freshness;
    m_clockStatus.roundTrip = m_venueClock.roundTrip();
    m_clockStatus.lastMessageAt = m_clock.now();
    m_clockStatus.lastError =
        off ? "this machine's clock and the venue's are " +
                  decimalText(std::chrono::abs(offset).count() / 1'000'000 * (kDecimalOne / 1'000)) +
                  " s apart"
        : slow ? "answers take so long that signed requests may come too late"
               : "";
    emit statusChanged(m_clockStatus);
}

void RestGateway::care()
{
    watchClock();
    const UtcTime now = m_venueClock.now();
    if (m_budget.probeNeeded(now) && !m_budget.takeProbe(now))
        sendNow(RestCall{.path = "/fapi/v1/ping"}, [](const RestResult &) {});
    if (m_venueClock.isSynchronised() && m_clockWaiters.empty() &&
        m_clock.monotonic() - m_clockSyncedAt > m_options.timings.clockSyncEvery)
        synchroniseClock([](bool) {});
}

} // namespace core::exchange::binance
