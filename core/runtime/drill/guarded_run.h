#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/net/system_clock.h"
#include "core/orders/guard.h"
#include "core/ports/exchange_client.h"
#include "core/runtime/drill/disk.h"
#include "core/runtime/drill/link.h"
#include "core/runtime/journal_clock.h"

namespace core::runtime::drill
{

/// The program of a drill: the real guard with its journal, fed by the links as the engine feeds it, its decisions
/// carried out, killed and started again. Everything that depends on the guard's inputs and outputs is here.
class GuardedRun
{
public:
    GuardedRun(const DrillPlan &plan, Timeline &timeline, const Clock &machine, std::vector<DrillLink *> links,
               DrillDisk &disk);
    ~GuardedRun();
    GuardedRun(const GuardedRun &) = delete;
    GuardedRun &operator=(const GuardedRun &) = delete;

    /// Told before it is carried out, in the order of the decisions; `run` counts the starts.
    std::function<void(const orders::GuardOutput &output)> onDecision;
    /// Wall time of one price's way through the guard to its first order.
    std::function<void(std::chrono::nanoseconds)> onWire;

    void start();
    [[nodiscard]] bool isAlive() const { return m_guard != nullptr; }
    [[nodiscard]] int runs() const { return m_runs; }
    void flatten(const std::optional<InstrumentKey> &instrument);
    /// A person's order, through the guard. False: it had no answer, or more than one.
    [[nodiscard]] bool order(const OrderRequest &request);
    [[nodiscard]] bool cancelAll(Venue venue);
    /// A person's change of the newest order that they gave to the program for this contract.
    [[nodiscard]] bool change(const InstrumentKey &instrument, Quantity quantity, Price limitPrice);
    /// After a start, with the time it took: one account is reconciled; every position of it has a price since.
    std::function<void(Venue account, Duration took, bool guarding)> onReady;
    /// A run ended; what was decided after that time is not on disk.
    std::function<void(UtcTime durableUntil)> onKilled;
    [[nodiscard]] orders::GuardView view() const { return m_guard->view(); }
    /// Newest word on each order that was sent, over all runs.
    enum class Fate { Open, Final, Absent, Refused };
    [[nodiscard]] const std::map<ClientOrderId, Fate> &fates() const { return m_fates; }
    /// Orders that were sent, and the run that sent them last.
    [[nodiscard]] const std::map<ClientOrderId, int> &sent() const { return m_sent; }
    /// The guard of this run was told of this execution.
    [[nodiscard]] bool hasHeard(const Fill &fill) const
    {
        return m_heard.contains({fill.instrument, fill.tradeId});
    }

private:
    class Ear;

    void feed(orders::GuardInput input);
    void carryOut(const orders::GuardOutput &output);
    void send(const orders::SendOrder &order);
    [[nodiscard]] DrillLink &linkOf(Venue venue);
    void kill();
    void killAt(KillPlan::Step step, KillPlan::Of of, int nth);
    void everySecond();
    void commitLater();
    void judgeFreshness();
    void tellEstimates();
    void keepHistory();
    [[nodiscard]] bool wish(const std::string &id, orders::GuardInput intent);
    void later(Duration delay, std::function<void()> what);
    void noteReady(Venue account);

    struct MarkState {
        UtcTime heardAt;
        bool fresh{true};
    };

    const DrillPlan &m_plan;
    Timeline &m_timeline;
    const Clock &m_machine;
    net::SystemClock m_realClock; ///< only for how long a decision takes, which is reported and never decides anything
    std::vector<DrillLink *> m_links;
    DrillDisk &m_disk;
    std::vector<std::unique_ptr<Ear>> m_ears;
    std::unique_ptr<orders::Guard> m_guard;
    std::vector<std::unique_ptr<orders::Guard>> m_dead; ///< killed ones, until nothing of them is on the stack
    std::vector<orders::GuardOutput> m_outputs;
    std::map<InstrumentKey, MarkState> m_marks;
    std::map<ClientOrderId, Fate> m_fates;
    std::map<ClientOrderId, int> m_sent;
    std::set<std::pair<InstrumentKey, std::int64_t>> m_heard;
    std::map<KillPlan::Of, int> m_counts; ///< requests of this run
    int m_answers{0};
    std::optional<int> m_answersToFlatten; ///< since a person has asked for everything out in this run
    std::vector<KillPlan> m_kills; ///< still to come
    Duration m_staleAfter;
    std::optional<KillPlan::Step> m_killAtCommit;
    std::map<Venue, risk::History> m_history; ///< as the storage thread has it, not yet on disk
    std::map<Venue, risk::History> m_durableHistory;
    UtcTime m_committedAt;
    int m_wishes{0};
    std::map<InstrumentKey, ClientOrderId> m_ownOrders; ///< the newest of a person, by contract
    std::string m_awaitedAnswer; ///< id of the wish that is being decided
    int m_answersToWish{0};
    JournalClock m_stamps;
    /// What one account still lacks after a start.
    struct Waiting {
        bool reconciled{false};
        std::set<InstrumentKey> prices;
    };
    UtcTime m_runAt; ///< when this run began
    std::map<Venue, Waiting> m_waiting;
    int m_runs{0};
    std::uint64_t m_life{0};
};

} // namespace core::runtime::drill
