#pragma once

// Private to core/orders: the state behind Guard. A value; nothing in it points outside.

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/orders/arrival_lag.h"
#include "core/orders/backstop.h"
#include "core/orders/dead_man_plan.h"
#include "core/orders/flatten_plan.h"
#include "core/orders/guard.h"
#include "core/orders/open_orders.h"
#include "core/orders/order_life.h"
#include "core/orders/position_ledger.h"
#include "core/risk/gate.h"
#include "core/risk/round_trips.h"

namespace core::orders
{

inline constexpr Duration kAnswerDeadline =
    std::chrono::seconds{2}; ///< then the venue is asked, again and again
inline constexpr Duration kCloseDeadline = std::chrono::seconds{5}; ///< then the user is alarmed
inline constexpr int kFailuresToAlarm = 3;
inline constexpr std::size_t kVenues = 2;

/// One instrument: its rules, its mark price and its book.
struct Market {
    InstrumentKey key;
    std::optional<Instrument> instrument;
    std::optional<Price> mark;
    UtcTime markTime;                   ///< the venue's
    UtcTime markAt;                     ///< ours
    std::optional<Freshness> freshness; ///< as the client says; absent: it has not said
    std::optional<bool> freshTold;      ///< to the risk engine
    std::optional<risk::Depth> depth;
    std::optional<Ratio> sigmaDay;
    std::optional<FeeRates> fees;       ///< the account's own
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
    risk::Life life;
    std::optional<risk::Subject> subject; ///< of the breaker behind it; absent for an intent or a lockout
    std::string tier;
    bool flatten{false};   ///< the user's intent: every arming state, market orders, stale prices and doubt allowed
    bool everything{true}; ///< until flat; else `target` is what to close
    Quantity sizeAtStart;
    Quantity target;
    UtcTime startedAt;
    int attempt{0};
    int level{1}; ///< of slippage: goes up when an attempt was not filled whole
    int failures{0};
    bool attemptRunning{false};
    std::size_t attemptFrom{0}; ///< the running attempt's first order
    bool raise{false};          ///< the venue refused the rest as too small
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

/// What a tier wants done to one position.
struct Deed {
    risk::Subject subject;
    std::string tier;
    risk::TierAction action{risk::TierAction::Alert};
    Ratio fraction{};
    int fire{1};
    friend bool operator==(const Deed &, const Deed &) = default;
};

/// A firing whose orders are on their way; its verdict says why.
struct Unexplained {
    risk::Fired fired;
    std::string decisionId;
    std::vector<Verdict::Target> targets; ///< as they were when it fired
};

/// The id of a deed that may come: what `decisionId` makes of it.
struct KnownId {
    risk::Subject subject;
    std::string tier;
    std::int64_t number{1};
    std::string id;
};

/// A question about an order that an earlier run of the program could have sent for `deed`.
struct EarlierOrder {
    ClientOrderId id;
    std::string decision;
    Deed deed;
    UtcTime openedAt;
    int attempt{1};
    UtcTime askAt;
    bool answered{false};
    std::optional<OrderUpdate> found;
};

/// The tightest stop that a person keeps for a position, to notice when it is widened or taken away.
struct StopWatch {
    int life{0};                       ///< of the slot that this is about
    std::optional<Price> trigger;
    Quantity size;                     ///< of the position when it was last in order
    std::optional<UtcTime> loosenedAt; ///< farther or gone since then, and not yet spoken of
};

/// One position: what is known of it and what is being done about it.
struct Slot {
    InstrumentKey instrument;
    PositionSide side{PositionSide::Both};
    std::size_t market{0};
    PositionLedger ledger;
    std::optional<risk::Life> life;
    std::optional<risk::Life> lastLife; ///< the present or the one before
    std::optional<UtcTime> flatUntil;   ///< the venue's time; no later life was open before it
    std::optional<UtcTime> openedForIds; ///< the opening time that an earlier run's order ids derive from
    std::optional<LifeHash> idHash;      ///< of the life as order ids name it
    std::vector<KnownId> knownIds;       ///< of that life: made while nothing is urgent
    int lifeNumber{0};
    bool predates{false}; ///< the life may be older than this run
    std::vector<EarlierOrder> earlier;
    std::set<std::string> cleared; ///< subject and tier of which the venue knows no earlier order
    std::vector<Deed> held;        ///< fired, and waiting for the venue's word on an earlier run
    UtcTime heldSince;
    bool heldTold{false};
    std::set<std::string> decisions; ///< ids used in this opening: none is used twice
    std::optional<risk::PositionSet> told; ///< to the risk engine
    std::optional<Quantity> lockSize; ///< size when a lockout of it began, or what was left of it since
    int lockSizeLife{0};              ///< the life that it belongs to
    bool lockTold{false};
    std::optional<risk::RoundTripBuilder> trips; ///< from the first word of this position on
    UtcTime tripsFrom;                          ///< fills up to here are inside what it began with
    Money tripFunding;                          ///< of the position that is open
    std::optional<risk::TradePlan> tradePlan;   ///< of the order that opened it, where it was asked for here
    StopWatch ownStop;
    int overheldLife{0}; ///< the life of which it was said
    std::optional<Plan> plan;
    bool stopTold{false}; ///< to the keeper of resting stops, as open
    bool blindTold{false};
    std::string trippedText; ///< kept until a new life begins
    UtcTime sweepAt;
    int sweeps{0}; ///< left: of orders that a flat position must not leave behind
    std::optional<UtcTime> streamFlatAt;
    std::optional<UtcTime> streamOpenAt;
    int omissions{0};
    bool flatByQueryOnly{false};
    std::optional<UtcTime>
        disagreesSince; ///< answers of the venue contradict what stream and fills add up to
    [[nodiscard]] risk::PositionKey key() const { return {instrument, side}; }
};

/// The account at one venue: what it may do, and how far its data can be trusted.
struct Account {
    explicit Account(Venue at) : venue(at) {}
    Venue venue;
    bool present{false}; ///< something was reported of it
    risk::Limits limits{risk::defaultLimits()};
    risk::Arming arming{risk::Arming::AlertOnly};
    bool reconciled{false};
    bool everReconciled{false};
    bool completeSeen{false}; ///< the venue has listed all positions once
    std::optional<Freshness> freshness;
    ArrivalLag markLag;
    std::string historyMissing; ///< why the venue's history is not in; empty: it is
    std::optional<std::pair<bool, bool>> trustTold; ///< fresh and reconciled, to the risk engine
    std::optional<AccountSnapshot> totals;
    std::optional<CapabilitiesReport> can;
    BackstopKeeper keeper;
    DeadManPlan deadMan;
    std::set<InstrumentKey> stood; ///< of which the dead-man plan was told that something is there
    bool deadManTold{false};       ///< that it is not set
    std::optional<UtcTime> threatSince;
    UtcTime solveAt;
    UtcTime heardAt;
    UtcTime totalsAt;
    UtcTime askAt;
    /// A quiet account is asked when its newest word is older: before it counts as stale, and before a limit on stale data.
    [[nodiscard]] Duration askAfter() const;
    bool blind{false};
    bool positionsWanted{false};
    risk::Safeguards safeguards;
    HabitsView habits;          ///< as of the last second or news
    bool habitsChanged{false}; ///< with this input
    bool lifeEnded{false};     ///< since stops that were asked for with an entry were looked through
    std::vector<FlattenIntent> waitingIntents; ///< that came before the first reconciliation or between two
};

/// An order that was asked for, until the venue has said what became of it.
struct AskedOrder {
    std::string intent;
    TrackedOrder order;
};

/// A stop that was asked for together with an entry: sent when the entry fills, for what has filled, and taken back when the
/// position is gone. At the venue it is a person's order: no limit moves it.
struct AskedStop {
    std::string intent;
    OrderLife entry;
    Price trigger;
    Quantity done{};                     ///< of the entry's units: those that are closed again
    int number{0};                       ///< of the orders sent for it
    std::optional<TrackedOrder> stop{};  ///< the newest; `told`: it is being taken back
    std::optional<TrackedOrder> older{}; ///< smaller; goes when the newest rests
    bool wasOpen{false};                 ///< its position has been seen
    bool fired{false};
    bool closes{false};                  ///< no stop can rest any more: its units are closed at market
    std::string why{};                   ///< newest refusal, in the venue's words
    int refusals{0};
    UtcTime notBefore{};
    std::optional<UtcTime> endedAt{};    ///< the entry
    std::optional<UtcTime> nakedSince{};
    bool nakedTold{false};
};

struct Guard::Impl {
    Impl();
    // guard.cpp: what is heard
    void decide(const GuardInputRecord &record, std::vector<GuardOutput> &outputs);
    void on(const InstrumentReport &report);
    void on(const LimitsChange &change);
    void on(const ArmingChange &change);
    void on(const MarkTick &tick);
    void on(const FreshnessReport &report);
    void on(const ClockReport &report) { accountOf(report.account).markLag.expect(report.offset); }
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
    [[nodiscard]] Market &marketOf(const Slot &slot) { return markets[slot.market]; }
    Slot &slotOf(const InstrumentKey &key, PositionSide side);
    [[nodiscard]] Slot *findSlot(const risk::PositionKey &key);
    [[nodiscard]] Account &accountOf(Venue venue) { return accounts[static_cast<std::size_t>(venue)]; }
    [[nodiscard]] Account &accountOf(const Slot &slot) { return accountOf(slot.instrument.venue); }
    [[nodiscard]] const Account &accountOf(const Slot &slot) const
    {
        return accounts[static_cast<std::size_t>(slot.instrument.venue)];
    }
    /// The account has spoken.
    Account &heard(Venue venue);
    void everySlot(Venue venue);
    void tell(Severity severity, std::string_view code, std::string text,
              const InstrumentKey *instrument = nullptr, std::string_view decision = {});
    [[nodiscard]] TrackedOrder *orderOf(const ClientOrderId &id, Slot *&slot);
    void updateBlind(Account &account);
    [[nodiscard]] bool markFresh(const Market &market) const;
    [[nodiscard]] bool isFresh(const Account &account) const;
    /// Why nothing may be sent for an armed breaker of this account now; empty when it may.
    [[nodiscard]] std::string_view distrust(const Account &account) const;
    [[nodiscard]] std::string_view whyUndefined(const Slot &slot) const;

    // guard_risk.cpp: facts to the risk engine, its decisions back
    void on(const TransferReport &report);
    void on(const FundingReport &report);
    void on(const EstimateReport &report);
    void on(const DepthReport &report);
    void on(const CorrelationReport &report);
    void on(const HistoryReport &report);
    void on(const VenueHistoryReport &report);
    void on(const CapabilitiesReport &report);
    void on(const FeesReport &report);
    void on(const LockoutRelease &release);
    void fact(risk::RiskFact fact);
    void tellPosition(Slot &slot);
    void tellTrust(Account &account);
    void tellMarkTrust(Market &market);
    /// Carries out what the engine decided since the last call. Every input ends with it.
    void decide();
    void finish(std::vector<GuardOutput> &outputs);
    void explain(Unexplained &decided);
    void on(risk::Fired &fired);
    void on(const risk::Evaluability &change);
    void on(const risk::LockoutSet &change);
    void warnOfBreach(Slot &slot);
    [[nodiscard]] risk::Arming armingOf(std::optional<Venue> venue) const;
    /// The decision id of a deed on this slot; a number that was used in this opening is skipped.
    [[nodiscard]] std::string decisionOf(Slot &slot, const Deed &deed, bool again);
    [[nodiscard]] std::string sizesText(const std::vector<Verdict::Target> &targets);
    void hashLife(Slot &slot, const risk::Life &life);
    [[nodiscard]] Quantity closingFor(const Slot &slot, const Deed &deed, std::optional<Price> mark) const;
    [[nodiscard]] bool closesAll(Slot &slot, const Deed &deed);
    void act(Slot &slot, const Deed &deed, std::string decision);

    // guard_positions.cpp
    void applyPosition(Slot &slot, const Position &position, Source source);
    void applyOmission(Slot &slot, Source source);
    void settleDisagreement(Slot &slot, const Position &listed);
    void refreshLife(Slot &slot);
    /// Size in the direction of `life` that the venue holds by all we know; never negative.
    [[nodiscard]] Quantity liveSize(const Slot &slot, Direction direction) const;
    void verify(Slot &slot, const Position *listed, bool agreed);
    void beginTrips(Slot &slot);
    void countTrip(Slot &slot, const Fill &fill);

    // guard_plan.cpp
    void startPlan(Slot &slot, Plan plan);
    void drive(Slot &slot);
    void countFailure(Plan &plan);
    void endAttempt(Slot &slot, Quantity rest);
    void lookFirst(Plan &plan);
    /// Why a running plan sends nothing now; empty when it may.
    [[nodiscard]] std::string_view whyPaused(const Slot &slot) const;
    [[nodiscard]] OrderRequest closeRequest(const Slot &slot, Direction direction, Price mark,
                                            std::optional<Ratio> slippage) const;
    void sendAttempt(Slot &slot);
    void askUnsettled(Slot &slot, std::vector<TrackedOrder> &orders);
    void finish(Slot &slot, std::string_view step);
    void stopPlan(Slot &slot, std::string_view why);
    [[nodiscard]] Quantity remaining(const Slot &slot) const;
    [[nodiscard]] bool isGivenUp(const Slot &slot, const TrackedOrder &order) const;
    [[nodiscard]] bool holdsBack(const Slot &slot) const;
    void alarmIfSlow(Slot &slot);
    void askWanted();
    void askPositions(Venue venue) { accountOf(venue).positionsWanted = true; }

    // guard_foreseen.cpp: orders that could be next
    [[nodiscard]] std::vector<OrderRequest> foreseen(Account &account);
    void foresee(const risk::RiskEngine::Coming &coming, Slot &slot, std::vector<OrderRequest> &requests);
    [[nodiscard]] std::optional<OrderRequest> firstOrder(const Slot &slot, const Deed &deed, Price mark, Ratio slippage,
                                                         std::string_view decision) const;

    // guard_flatten.cpp: everything out, and what must not stay behind
    void flattenSlot(Slot &slot, const std::string &by);
    void runFlatten(const FlattenIntent &intent, Account &account);
    void lockByHand(const Account &account, const std::string &by);
    /// Takes back orders that could open or increase; of one instrument, or of the whole account.
    void cancelEntries(Venue venue, const InstrumentKey *instrument, std::string_view decision);
    void startSweep(Slot &slot);
    void sweep(Slot &slot);

    // guard_locks.cpp: lockouts hold for what was placed elsewhere too
    void enforceLocks(Account &account);
    void noteLocks(Slot &slot);
    [[nodiscard]] const risk::Lockout *lockoutOf(const InstrumentKey &instrument) const;
    [[nodiscard]] bool addsRisk(const OrderUpdate &order);

    // guard_cover.cpp: resting stops
    [[nodiscard]] static bool isStopOfOurs(const ClientOrderId &order);
    [[nodiscard]] BackstopPosition backstopOf(const Slot &slot) const;
    void targetStops(Account &account);
    void setStopLimits(Account &account);
    void noteFlat(Slot &slot);
    void driveStops(Account &account);
    void grant(Account &account, BackstopKeeper::Wish &wish);
    void recordCover();

    // guard_dead_man.cpp: the venue's timer over entry orders
    void on(const DeadManReport &report);
    void setDeadManTerms(Account &account);
    void driveDeadMan(Account &account);
    void noteStandings(Account &account);
    void noteThreat(Account &account);

    // guard_intents.cpp: orders that people ask for
    void on(const OrderIntent &intent);
    void on(const ChangeIntent &intent);
    void on(const CancelIntent &intent);
    void on(const CancelAllIntent &intent);
    using Reasons = std::vector<IntentRefused::Reason>;
    void refuse(const std::string &intent, Reasons reasons);
    [[nodiscard]] bool isNewIntent(const std::string &id);
    [[nodiscard]] risk::GateFacts gateFacts(const OrderRequest &request);
    [[nodiscard]] bool addsRisk(const OrderRequest &request);
    void judgeRisk(const OrderRequest &request, const ClientOrderId &replaces, Reasons &reasons);
    struct Wish;
    [[nodiscard]] Wish wishOf(const ChangeIntent &intent, const OrderUpdate &live, const OrderRequest &request) const;
    // guard_exposure.cpp: what the limits would read after it
    [[nodiscard]] std::optional<risk::PositionSet> filledAfter(const Slot &slot, Side side, Quantity quantity,
                                                               Price price) const;
    [[nodiscard]] std::vector<risk::PositionSet> restingElsewhere(const risk::PositionKey &than);
    void judgeExposure(const OrderRequest &request, const ClientOrderId &replaces, Reasons &reasons);
    void judgeStandings(const std::vector<risk::Standing> &before, const std::vector<risk::Standing> &after,
                        std::string_view when, Reasons &reasons);
    bool onAskedOutcome(const OutcomeReport &report);
    bool settleAsked(const ClientOrderId &id, const std::function<void(OrderLife &)> &news);
    void askAboutAsked();

    // guard_behaviour.cpp: safeguards against one's own behaviour
    struct Wish {
        const OrderRequest &request;
        ClientOrderId replaces; ///< empty: a new order
        std::optional<Money> plannedRisk;
        std::string setup;
        bool hasReason{false};
    };
    [[nodiscard]] risk::SafeguardVerdict judgeHabits(const Wish &wish);
    [[nodiscard]] std::optional<risk::Intention> intentionOf(const Wish &wish);
    [[nodiscard]] std::optional<Price> priceOf(const InstrumentKey &instrument, std::optional<Price> limit,
                                               std::optional<Price> trigger) const;
    [[nodiscard]] std::optional<Ratio> exposureWith(const Wish &wish);
    /// The order goes: what it showed and what was planned with it is remembered.
    void rememberHabits(const Wish &wish, const risk::SafeguardVerdict &verdict);
    void remember(Account &account, risk::Finding finding);
    [[nodiscard]] static std::vector<IntentReason> adviceOf(const risk::SafeguardVerdict &verdict);
    [[nodiscard]] const risk::TradePlan *planOf(const ClientOrderId &order) const;
    [[nodiscard]] std::optional<risk::TradePlan> planBehind(const Slot &slot, const Fill &fill) const;
    [[nodiscard]] std::optional<risk::TradePlan> firstPlanOf(const Slot &slot) const;
    void keepPlan(risk::TradePlan plan);
    void restoreHabits(const risk::History &history);
    void tellHabits(Venue venue, risk::History &history) const;
    /// Positions held too long, stops that were widened; once a second.
    void watchHabits(Account &account);
    void watchStop(Account &account, Slot &slot);
    [[nodiscard]] std::optional<Price> ownStopOf(const Slot &slot) const;
    void followHabits(Account &account);
    void showHabits(Account &account);
    /// Tells the safeguards which positions are open now.
    void openTrades(Account &account) const;
    // guard_asked_stops.cpp: stops that were asked for with an entry
    void judgeAskedStop(const OrderIntent &intent, const OrderRequest &request, bool adds, Reasons &reasons);
    void keepAskedStop(const OrderIntent &intent, const OrderRequest &request);
    void driveAskedStops(Account &account);
    [[nodiscard]] bool driveAskedStop(AskedStop &wish);
    void sendAskedStop(AskedStop &wish, Quantity quantity);
    void cancelAskedStop(TrackedOrder &stop);
    void askAboutStop(TrackedOrder &stop);
    [[nodiscard]] bool readStopEnd(AskedStop &wish);
    void warnOfNakedEntry(AskedStop &wish, bool isNaked);
    [[nodiscard]] TrackedOrder *askedStopOf(const ClientOrderId &id, AskedStop *&owner);
    /// News of one order, for the entries and stops among them. True: it was a stop of these.
    bool onAskedStop(const ClientOrderId &id, const std::function<void(OrderLife &)> &news);
    bool onAskedStopOutcome(const OutcomeReport &report);
    void dropAskedStops(Account &account);

    // guard_restart.cpp
    /// The life is older than this run, and the venue has not said what an earlier one did about it.
    [[nodiscard]] static bool mayHaveFired(const Slot &slot, const Deed &deed);
    void askEarlier(Slot &slot, const Deed &deed);
    void askOfFiring(Slot &slot, const Deed &deed, UtcTime openedAt);
    void askNear(Account &account);
    void askAgain(Slot &slot);
    bool answerEarlier(const ClientOrderId &id, const OrderUpdate *found);
    void settleEarlier(Slot &slot, const Deed &deed);

    // guard_view.cpp
    [[nodiscard]] GuardView view() const;
    [[nodiscard]] AccountGuardView viewOf(const Account &account) const;
    [[nodiscard]] BreakerView viewOf(const Slot &slot, const risk::Standing *standing) const;
    [[nodiscard]] ActionView viewOf(const Slot &slot, const Plan &plan) const;

    UtcTime now;
    std::array<Account, kVenues> accounts{Account(Venue::Binance), Account(Venue::Hyperliquid)};
    std::optional<risk::Limits> group;
    risk::RiskEngine engine;
    std::vector<risk::RiskDecision> decisions; ///< not yet carried out
    std::vector<Unexplained> unexplained;      ///< carried out, and not yet put in words
    std::deque<Market> markets; ///< in order of appearance
    std::unordered_map<InstrumentKey, std::size_t> marketIndex;
    std::deque<Slot> slots; ///< in order of appearance
    OpenOrders openOrders;
    std::map<OpenOrders::Key, UtcTime> taking; ///< back: when a cancel was sent last
    std::vector<risk::Lockout> lockouts;       ///< that run
    std::deque<AskedOrder> asked;
    std::deque<AskedStop> askedStops;
    std::set<std::string> intentIds; ///< the last ones
    std::deque<std::string> intents; ///< the same in order
    std::deque<risk::TradePlan> plans; ///< the last ones, oldest first
    std::deque<UtcTime> riskSent;    ///< orders that add risk, of the last minute
    UtcTime coverRecordAt;
    bool firstMark{false}; ///< of an instrument, with this input
    std::deque<ActionView> finished;
    std::vector<GuardOutput> *out{nullptr};
};

} // namespace core::orders
