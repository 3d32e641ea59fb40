#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "core/exchange/binance/api_error.h"
#include "core/exchange/binance/client_options.h"
#include "core/exchange/binance/signer.h"
#include "core/exchange/binance/venue_clock.h"
#include "core/net/http_client.h"
#include "core/net/rate_budget.h"
#include "core/ports/exchange_client.h"

namespace core::exchange::binance
{

enum class Security { None, Key, Signed };

/// One call of the REST interface. `query` is encoded already; timestamp and signature are added when it is
/// sent.
struct RestCall {
    net::HttpMethod method{net::HttpMethod::Get};
    std::string path{};
    std::string query{};
    Security security{Security::None};
    net::Lane lane{net::Lane::Normal};
    net::RequestCost cost{};
    std::optional<Duration> timeout{}; ///< else ClientTimings::requestTimeout
    std::string address{}; ///< else Endpoints::rest; elsewhere errors stop nothing here
};

struct RestAnswer {
    std::string body;
    UtcTime sentAt;     ///< the venue's clock
    UtcTime receivedAt; ///< ours
};

/// `disposition` also judges what did not come back: Unknown when it may have been received, Retry when it
/// was not.
struct RestFailure {
    Error error;
    Disposition disposition{Disposition::Unknown};
    std::optional<Duration> retryAfter; ///< earlier makes no sense
};
using RestResult = tl::expected<RestAnswer, RestFailure>;

/// Everything REST of one account: signing, the venue's clock, the request budget with its pauses, and the
/// stop of signed traffic after a refused key. Two sets of connections, so that no download stands in front
/// of an order. Engine thread; answers come from the event loop, never from inside a call, and not after
/// `stop`.
class RestGateway final : public QObject
{
    Q_OBJECT
public:
    using Callback = std::function<void(RestResult)>;

    RestGateway(ClientOptions &options, const Clock &clock, QObject *parent);
    ~RestGateway() override;

    void start();
    void stop();
    void call(RestCall call, Callback done);
    /// Measures the venue's clock; several wishes at once share one measurement. `done(false)`: no answer,
    /// try later.
    void synchroniseClock(std::function<void(bool)> done);

    [[nodiscard]] const VenueClock &venueClock() const { return m_venueClock; }
    [[nodiscard]] bool hasCredentials() const { return m_options.credentials.has_value(); }
    [[nodiscard]] bool signedTrafficStopped() const { return m_refusedKey.has_value(); }
    void setLimits(const net::BudgetLimits &limits) { m_budget.setLimits(limits); }

signals:
    void budgetChanged(core::ports::RequestBudget budget);
    void statusChanged(core::ports::StreamStatus status);
    /// Once: the venue refused key, signature or permission; nothing signed is sent any more.
    void credentialsRefused(core::Error why);

private:
    void post(std::function<void()> action);
    void tellRefusal();
    void sendNow(RestCall call, Callback done);
    [[nodiscard]] RestResult judge(const RestCall &call, UtcTime sentAt, net::HttpResult result);
    [[nodiscard]] RestFailure judgeError(const RestCall &call, const ApiError &problem,
                                         const net::HttpReply &reply);
    void readHeaders(const RestCall &call, UtcTime sentAt, const net::HttpReply &reply);
    void askTime(int remaining);
    void settleClock();
    void watchClock();
    void care();

    ClientOptions &m_options;
    const Clock &m_clock;
    VenueClock m_venueClock;
    net::RateBudget m_budget;
    std::optional<Signer> m_signer;
    net::HttpClient m_http;
    net::HttpClient m_orderHttp;
    QTimer m_care;
    std::vector<std::function<void(bool)>> m_clockWaiters;
    std::optional<Error> m_refusedKey;
    bool m_refusalTold{false};
    bool m_signedWorked{false};
    ports::StreamStatus m_status;
    ports::StreamStatus m_clockStatus;
    Duration m_clockSyncedAt{0};
    std::uint64_t m_generation{0};
};

} // namespace core::exchange::binance
