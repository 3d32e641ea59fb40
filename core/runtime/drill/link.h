#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/ports/exchange_client.h"
#include "core/risk/facts.h"
#include "core/runtime/drill/dice.h"
#include "core/runtime/drill/exchange.h"

namespace core::runtime::drill
{

/// What stands between the program and one venue: a client as ports::ExchangeClient describes it, on a line that delays,
/// loses, repeats and breaks as the plan says. Unknown fates are asked for until they are known; after a break everything
/// is read again before acting is allowed. It tells a ports::ExchangeListener. One thread, simulated time.
class DrillLink
{
public:
    DrillLink(const DrillPlan &plan, std::size_t venue, Timeline &timeline, const Clock &machine, DrillExchange &exchange);

    /// A new run of the program. REQUIRES: none is connected.
    void connect(ports::ExchangeListener &listener);
    /// It is gone: what is on the wire still arrives at the venue, no answer arrives here.
    void cut();

    void submit(const OrderRequest &order);
    void modify(const OrderChange &change);
    void cancel(const InstrumentKey &instrument, const ClientOrderId &order);
    void cancelAll(const std::optional<InstrumentKey> &instrument);
    void queryOrder(const InstrumentKey &instrument, const ClientOrderId &order);
    void queryPositions();
    void setDeadMan(const InstrumentKey &instrument, std::optional<Duration> after, std::function<void(bool done)> done);

    /// From the exchange.
    void onEvent(const venue::PaperEvent &event);
    void onMarket(std::size_t market);

    /// What the venue's own records say of the account, for a program that has lost its own: the day's first equity.
    [[nodiscard]] risk::History venueHistory() const;

    /// Just before and just after an answer to a request is delivered.
    std::function<void(const ClientOrderId &order, bool before)> onAnswer;
    /// A reduce-only order that is not conditional was lost, slow or left unclear, or the venue was too busy for it.
    std::function<void(const InstrumentKey &instrument, bool unclear)> onLostOrder;
    /// What can be had from the book, about once a second.
    std::function<void(const risk::Depth &depth)> onDepth;
    /// True: the program is stopped (SIGSTOP) until then.
    [[nodiscard]] std::optional<UtcTime> stoppedUntil(UtcTime now) const;
    /// Nothing is broken between program and venue at this moment, and everything is reconciled.
    [[nodiscard]] bool isWell() const;
    [[nodiscard]] UtcTime startedAt() const { return m_startedAt; }
    /// Program running, line up and venue open, and that for at least as long as it may take to be synchronised again.
    [[nodiscard]] bool isUsable() const;
    /// No line was dead, nothing stood still and no request budget was gone between then and now.
    [[nodiscard]] bool wasWhole(UtcTime from) const;

private:
    /// An order of ours, as far as this run of the program knows it.
    struct Known {
        InstrumentKey instrument;
        UtcTime sentAt{};
        bool settled{false};
        bool asking{false};
        int tries{0};
        int absentTries{0};
        UtcTime firstAbsentAt{};
    };
    using Outcome = RequestOutcome;
    enum class Kind { Place, Change, Cancel };

    [[nodiscard]] Duration since(UtcTime when) const { return when - m_startedAt; }
    [[nodiscard]] bool lineDown() const;
    [[nodiscard]] bool accountStreamOpen() const;
    [[nodiscard]] Duration latency();
    void deliver(UtcTime when, std::function<void(ports::ExchangeListener &)> what);
    void stream(std::function<void(ports::ExchangeListener &)> what);
    struct Request {
        ClientOrderId order;
        Kind kind{Kind::Place};
        bool protective{false};
        bool conditional{false};
        std::optional<InstrumentKey> leaves{}; ///< the position that it takes from
    };
    void answer(const Request &request, Outcome outcome, Error error, Duration delay);
    /// The way of one request: faults, then `act` at the venue, then its answer.
    void send(const Request &request, std::function<Result<void>()> act);
    void arrive(const Request &request, Duration travelled, bool silent, std::uint64_t life,
                const std::function<Result<void>()> &act);
    [[nodiscard]] bool strikes(int perTenThousand);
    void lost(const Request &request, bool unclear) const;
    void tryConnect();
    void loseLine(const std::string &why);
    void watchWindows();
    void askClock();
    void tellClock(ports::ExchangeListener &to);
    void reconcile();
    void tellEverything();
    void finishReconciliation();
    void ask(const ClientOrderId &order);
    void askLater(const ClientOrderId &order, Duration delay);
    void onFound(Known &known, const ClientOrderId &order, const std::vector<OrderUpdate> &found);
    void onAbsent(Known &known, const ClientOrderId &order);
    void tellDepth(std::size_t market);
    void tellFills(const InstrumentKey &instrument, Source source);
    void tell(ports::ExchangeListener &listener, const venue::PaperEvent &event);

    const DrillPlan &m_drill;
    const LinkPlan &m_plan;
    const VenuePlan &m_venue;
    Timeline &m_timeline;
    const Clock &m_machine; ///< of the program
    DrillExchange &m_exchange;
    Dice m_dice;
    UtcTime m_startedAt;
    Money m_firstEquity;
    ports::ExchangeListener *m_listener{nullptr};
    std::uint64_t m_life{0};
    UtcTime m_connectedAt;    ///< when this run of the program began
    std::uint64_t m_round{0}; ///< of the connection
    bool m_streaming{false};
    bool m_toldEverything{false}; ///< of this connection's reconciliation
    bool m_reconciled{false};
    bool m_described{false};
    bool m_clockAsked{false};
    Duration m_clockError{0}; ///< of the measurement
    std::map<ClientOrderId, Known> m_orders;
    std::set<ClientOrderId> m_awaited; ///< fates that the reconciliation waits for
    UtcTime m_streamAt;                ///< when the newest event of the stream is delivered
    std::vector<UtcTime> m_markAt;
    std::vector<UtcTime> m_depthAt;
    std::map<Symbol, std::size_t> m_fillsTold;
};

} // namespace core::runtime::drill
