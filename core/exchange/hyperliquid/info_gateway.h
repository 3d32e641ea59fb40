#pragma once

#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "core/exchange/hyperliquid/address_budget.h"
#include "core/exchange/hyperliquid/client_options.h"
#include "core/net/http_client.h"
#include "core/ports/exchange_client.h"

namespace core::exchange::hyperliquid
{

/// One question. `type` names it in error texts; `weightMax` is booked, and what the rows did not use is given
/// back.
struct InfoCall {
    std::string body{};
    std::string type{};
    Lane lane{Lane::Read};
    int weight{20};
    int rowsPerWeight{0}; ///< the answer costs 1 more per so many rows; 0: not
    int rowsMost{0};
};

struct InfoAnswer {
    std::string body;
    UtcTime sentAt;     ///< the venue's clock
    UtcTime receivedAt; ///< ours
};

/// Why there is no answer.
struct InfoFailure {
    enum class What {
        NotSent, ///< certainly not received
        Unknown, ///< it may have been received and acted on
        Limited, ///< 429: most likely not acted on
        Wrong,   ///< the venue could not read what we sent
    };
    Error error;
    What what{What::Unknown};
};
using InfoResult = tl::expected<InfoAnswer, InfoFailure>;

/// Both REST resources of the venue behind one queue per lane and one weight budget: a read never stands in
/// front of a cancel. Actions have connections of their own and are written when they leave the queue, so that
/// their nonce is young. Also the venue's clock. Engine thread; answers come from the event loop, never from
/// inside a call, and not after `stop`.
class InfoGateway final : public QObject
{
    Q_OBJECT
public:
    using Callback = std::function<void(InfoResult)>;
    /// Written at the moment of sending. Nothing: it is not to be sent any more (no callback then).
    using Writer = std::function<std::optional<std::string>()>;

    InfoGateway(const ClientOptions &options, const Clock &clock, QObject *parent);
    ~InfoGateway() override;

    void start(bool withActions);
    void stop();
    /// Instead of `start`: nothing is ever sent, everything is answered with `why`.
    void close(Error why) { m_closed = std::move(why); }
    void info(InfoCall call, Callback done);
    /// POST /exchange. On its way when this returns, unless the budget holds it up.
    void exchange(Lane lane, int weight, Writer writer, Callback done);
    /// exchangeStatus: where the venue's clock stands. Several wishes share one question.
    void checkClock(std::function<void(bool)> done);

    [[nodiscard]] UtcTime venueNow() const;
    [[nodiscard]] bool clockKnown() const { return m_clockKnown; }
    /// Venue minus our wall clock.
    [[nodiscard]] Duration clockSkew() const { return venueNow() - m_clock.now(); }

signals:
    void budgetChanged(core::ports::RequestBudget budget);
    void statusChanged(core::ports::StreamStatus status);

private:
    struct Waiting {
        std::string name;
        std::string body;
        Writer writer; ///< actions
        int weight{0};
        int rowsPerWeight{0};
        int rowsBooked{0};
        Duration askedAt{0};
        Duration bookedAt{0};
        Callback done;
    };

    void enqueue(Lane lane, Waiting waiting);
    void pump();
    void dispatch(Lane lane, Waiting waiting);
    [[nodiscard]] InfoResult judge(const Waiting &asked, UtcTime sentAt, net::HttpResult result);
    [[nodiscard]] InfoFailure judgeStatus(const net::HttpReply &reply);
    void post(std::function<void()> action);
    void dropOld();

    const ClientOptions &m_options;
    const Clock &m_clock;
    WeightBudget m_budget;
    net::HttpClient m_http;
    net::HttpClient m_actionHttp;
    std::array<std::deque<Waiting>, kLanes> m_queues;
    QTimer m_wake;
    std::vector<std::function<void(bool)>> m_clockWaiters;
    Duration m_clockBase{0}; ///< venue time since 1970 minus monotonic time
    bool m_clockKnown{false};
    std::optional<Error> m_closed;
    ports::StreamStatus m_status;
    std::uint64_t m_generation{0};
};

} // namespace core::exchange::hyperliquid
