#pragma once

// Private to core/orders: the state behind Guard. A value; nothing in it points outside.

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/orders/flatten_plan.h"
#include "core/orders/guard.h"
#include "core/orders/order_life.h"
#include "core/orders/position_ledger.h"
#include "core/risk/breaker.h"
#include "core/risk/gate.h"

namespace core::orders
{

inline constexpr std::string_view kPositionLoss = "position-loss";
inline constexpr Duration kAnswerDeadline =
    std::chrono::seconds{2}; ///< then the venue is asked, again and again
inline constexpr Duration kCloseDeadline = std::chrono::seconds{5}; ///< then the user is alarmed
inline constexpr Duration kUndefinedDeadline = std::chrono::seconds{10};
inline constexpr int kFailuresToAlarm = 3;

/// One instrument: its rules and its mark price.
struct Market {
    InstrumentKey key;
    std::optional<Instrument> instrument;
    std::optional<Price> mark;
    UtcTime markTime;                   ///< the venue's
    UtcTime markAt;                     ///< ours
    std::optional<Freshness> freshness; ///< as the client says; absent: it has not said
    std::vector<std::size_t> slots;     ///< its positions (one, or two legs)
    [[nodiscard]] const Instrument *rules() const { return instrument ? &*instrument : nullptr; }
};

struct TrackedOrder {
    OrderLife life;
    VenueOrderId venueId;
    UtcTime sentAt;
    UtcTime askAt; ///< when to ask the venue (again) if it is not settled by then
    bool told{false};
    bool earlier{false}; ///< of an earlier run: what it filled is inside the position that was reported since
};

/// A close or a reduction on its way. One per position at a time.
struct Plan {
    std::string decisionId;
    int lifeNumber{0};
    PositionLife life;
    std::string tier;      ///< id of the tier behind it; empty for a flatten intent
    std::optional<Price> trigger; ///< the mark at which that tier fires
    bool flatten{false};   ///< the user's intent: every arming state, market orders, stale prices allowed
    bool everything{true}; ///< until flat; else `target` is what to close
    Quantity sizeAtStart;
    Quantity target;
    UtcTime startedAt;
    int attempt{0};
    int failures{0};
    bool attemptRunning{false};
    std::vector<TrackedOrder> orders;
    std::vector<TrackedOrder> inherited; ///< unsettled orders of a plan that this one took over
    bool resumed{false};                 ///< from an earlier run: ask for each further id before using it
    std::optional<ClientOrderId> asking; ///< the id that was asked for
    UtcTime askingAt;
    UtcTime nextAttemptAt;
    UtcTime positionsAskAt;
    bool positionsAwaited{false}; ///< look before the next attempt
    UtcTime positionsAwaitedUntil;
    bool looked{false}; ///< since the last attempt, because more was left than our orders explain
    int flatByQueryOnly{0};
    bool stopped{false};
    bool alarmed{false};
    bool pausedTold{false};
    [[nodiscard]] Quantity closed() const;
    [[nodiscard]] std::optional<Price> averagePrice() const;
    [[nodiscard]] bool isSettled() const;
};

/// A question about an order that an earlier run of the program could have sent.
struct EarlierOrder {
    ClientOrderId id;
    std::string decision;
    std::string tier;
    int fire{1};
    UtcTime openedAt;
    UtcTime askAt;
    bool answered{false};
    std::optional<OrderUpdate> found;
};

/// One position: what is known of it, what its breaker remembers, what is being done about it.
struct Slot {
    InstrumentKey instrument;
    PositionSide side{PositionSide::Both};
    std::size_t market{0};
    PositionLedger ledger;
    std::optional<PositionLife> life;
    std::optional<PositionLife> lastLife; ///< the present or the one before; `armedState` belongs to it
    std::optional<UtcTime> flatUntil;     ///< the venue's time; no later life was open before it
    int lifeNumber{0};
    bool predates{false}; ///< the life may be older than this run
    bool asked{false};
    std::vector<EarlierOrder> earlier;
    UtcTime breachWaitsSince;
    bool breachWaits{false};
    bool breachTold{false};
    risk::BreakerState armedState;
    risk::BreakerState
        alertState; ///< of alert-only, so that arming later finds every tier as if nothing had been said
    std::optional<Plan> plan;
    std::optional<Ratio> metric;
    std::optional<UtcTime> undefinedSince;
    bool undefinedTold{false};
    bool blindTold{false};
    std::string trippedText; ///< kept until a new life begins
    std::optional<UtcTime> streamFlatAt;
    std::optional<UtcTime> streamOpenAt;
    int omissions{0};
    bool flatByQueryOnly{false};
    std::optional<UtcTime>
        disagreesSince; ///< answers of the venue contradict what stream and fills add up to
};

/// A breaker has fired; verdict and alert get their words after what has to be done was said.
struct Unexplained {
    Slot *slot{nullptr}; ///< of the same Impl; used up before the next input
    Verdict verdict;
    Quantity closing;
};

struct Guard::Impl {
    // guard.cpp
    void apply(const GuardInputRecord &record, std::vector<GuardOutput> &outputs);
    void explain(std::vector<GuardOutput> &outputs);
    void on(const InstrumentReport &report);
    void on(const ConfigChange &change);
    void on(const ArmingChange &change);
    void on(const MarkTick &tick);
    void on(const FreshnessReport &report);
    void on(const PositionsReport &report);
    void on(const AccountReport &report);
    void on(const OrderReport &report);
    void on(const FillReport &report);
    void on(const OutcomeReport &report);
    void on(const OrderAbsentReport &report);
    void on(const ReconciledReport &report);
    void on(const ReconciliationLostReport &report);
    void on(const DifferenceReport &) {} // kept for the reader of the journal; the facts come as reports of their own
    void on(const FlattenIntent &intent);
    void on(const TimerTick &tick);
    Market &marketOf(const InstrumentKey &key);
    Slot &slotOf(const InstrumentKey &key, PositionSide side);
    void everySlot();
    void tell(Severity severity, std::string_view code, std::string text,
              const InstrumentKey *instrument = nullptr, std::string_view decision = {});
    [[nodiscard]] TrackedOrder *orderOf(const ClientOrderId &id, Slot *&slot);
    void updateBlind();

    // guard_positions.cpp
    void applyPosition(Slot &slot, const Position &position, Source source);
    void applyOmission(Slot &slot, Source source);
    void settleDisagreement(Slot &slot, const Position &listed);
    void refreshLife(Slot &slot);
    /// Size in the direction of `life` that the venue holds by all we know; never negative.
    [[nodiscard]] Quantity liveSize(const Slot &slot, Direction direction) const;
    void verify(Slot &slot, const Position *listed, bool agreed);

    // guard_breaker.cpp
    [[nodiscard]] bool markFresh(const Market &market) const;
    [[nodiscard]] bool accountFresh() const;
    /// Why nothing may be sent for an armed breaker now; empty when it may.
    [[nodiscard]] std::string_view distrust() const;
    [[nodiscard]] std::string_view whyUndefined(const Slot &slot) const;
    void evaluate(Slot &slot);
    void fire(Slot &slot, const risk::Firing &firing, bool armed);
    /// What a tier closes at that mark.
    [[nodiscard]] Quantity closingSize(const Slot &slot, const risk::LossTier &tier, Price mark) const;

    // guard_plan.cpp
    void startPlan(Slot &slot, Plan plan);
    void drive(Slot &slot);
    void countFailure(Plan &plan);
    void lookFirst(Plan &plan);
    /// Why a running plan sends nothing now; empty when it may.
    [[nodiscard]] std::string_view whyPaused(const Slot &slot) const;
    void sendAttempt(Slot &slot);
    /// One order of a close, without id and size: at most `slippage` away from the mark, or a market order.
    [[nodiscard]] OrderRequest closeRequest(const Slot &slot, Direction direction, std::optional<Price> trigger, Price mark,
                                            std::optional<Ratio> slippage) const;
    void askUnsettled(Slot &slot, std::vector<TrackedOrder> &orders);
    void finish(Slot &slot, std::string_view step);
    void stopPlan(Slot &slot, std::string_view why);
    void flattenSlot(Slot &slot, const std::string &by);
    void runFlatten(const FlattenIntent &intent);
    [[nodiscard]] Quantity remaining(const Slot &slot) const;
    void alarmIfSlow(Slot &slot);
    void askPositions() { positionsWanted = true; }

    // guard_restart.cpp
    void askEarlier(Slot &slot);
    void askAgain(Slot &slot);
    bool answerEarlier(const ClientOrderId &id, const OrderUpdate *found);
    void settleEarlier(Slot &slot);
    [[nodiscard]] static bool isWaiting(const Slot &slot);

    // guard_foreseen.cpp
    [[nodiscard]] std::vector<OrderRequest> foreseen() const;

    // guard_view.cpp
    [[nodiscard]] GuardView view() const;
    [[nodiscard]] BreakerView viewOf(const Slot &slot) const;
    [[nodiscard]] ActionView viewOf(const Slot &slot, const Plan &plan) const;

    risk::RiskConfig config{risk::defaultRiskConfig()};
    risk::Arming arming{risk::Arming::AlertOnly};
    UtcTime now;
    bool reconciled{false};
    bool everReconciled{false};
    bool completeSeen{false}; ///< the venue has listed all positions once
    std::optional<Freshness> accountFreshness;
    UtcTime accountHeardAt;
    UtcTime accountAskAt;
    bool blind{false};
    bool positionsWanted{false};
    std::vector<FlattenIntent> waitingIntents;
    std::deque<Market> markets; ///< in order of appearance
    std::unordered_map<InstrumentKey, std::size_t> marketIndex;
    std::deque<Slot> slots; ///< in order of appearance
    std::deque<ActionView> finished;
    std::vector<Unexplained> unexplained;
    std::vector<GuardOutput> *out{nullptr};
};

} // namespace core::orders
